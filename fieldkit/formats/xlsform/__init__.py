"""XLSForm workbooks, the form that Kobo, ODK and Ona users draw in a spreadsheet, to questionnaires and back.

`read_xlsform` takes .xlsx, .xls, .csv and Markdown tables; `write_xlsform` writes .xlsx. What XLSForm has no column
for stands in columns of our own (construct, reverse, sensitive, recall, unit, measure …) and in the sheets constructs
and indicators, so that a workbook read again gives an equal questionnaire. docs/xlsform.md lists all of them.

Reading order: finding, package (may it be opened), sheets (cells of text), columns (headings), names (ids and codes),
rows (items, groups, options), read; and the other way, write.
"""

from fieldkit.formats.xlsform.finding import SheetFinding
from fieldkit.formats.xlsform.read import Imported, read_xlsform
from fieldkit.formats.xlsform.write import write_xlsform

__all__ = ["Imported", "SheetFinding", "read_xlsform", "write_xlsform"]
