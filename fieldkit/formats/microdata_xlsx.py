"""Rows for researchers as a workbook: the data as in the CSV, a sheet of labels, a sheet about the data.

Codes of places, identifiers and versions are texts, so that no zero in front is lost; answers are numbers. No cell is
ever a formula or a link. Written row by row: memory does not grow with the rows. A sheet that is full goes on in the
next one, data_2, data_3, …, under the same header.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fieldkit.core.dataset import Dataset, Table, Value
from fieldkit.core.problem import Problem
from fieldkit.core.spreadsheet import guarded

ROWS, COLUMNS, CELL = 1_048_576, 16_384, 32_767  # what a sheet and a cell can hold
MISSING = "__miss"
MADE = "2000-01-01"


def write_xlsx(dataset: Dataset, path: Path, *, rows_in_sheet: int = ROWS) -> None:
    """All tables in one workbook. Problem `export.too_wide` if a table has more columns than a sheet can hold."""
    import datetime

    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    try:
        book.use_zip64()
        # The same data, the same bytes.
        book.set_properties({"title": dataset.title.say(), "created": datetime.datetime.fromisoformat(MADE)})
        bold, quoted = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
        for table in dataset.tables:
            name = "data" if table is dataset.tables[0] else table.name
            _write_table(book, table, name, rows_in_sheet, bold, quoted)
        labels = book.add_worksheet("labels")
        _write_lines(labels, _labels(dataset), bold, quoted)
        about = book.add_worksheet("about")
        _write_lines(about, _about(dataset), bold, quoted)
    finally:
        book.close()


def _write_table(book: Any, table: Table, name: str, rows_in_sheet: int, bold: Any, quoted: Any) -> None:
    header = [n for v in table.variables for n in ((v.name, v.name + MISSING) if v.reasons else (v.name,))]
    if len(header) > COLUMNS:
        raise Problem("export.too_wide", where=table.name, columns=len(header), limit=COLUMNS)
    beside = [bool(variable.reasons) for variable in table.variables]
    sheet, line, number = None, rows_in_sheet, 0
    for values, missing in table.rows():
        if line == rows_in_sheet:
            number += 1
            sheet, line = _sheet(book, name, number, header, bold), 1
        _write_row(sheet, line, values, missing, beside, quoted)
        line += 1
    if sheet is None:
        _sheet(book, name, 1, header, bold)


def _write_row(sheet: Any, line: int, values: list[Value], missing: list[str], beside: list[bool], quoted: Any) -> None:
    column = 0
    for value, why, has_reason in zip(values, missing, beside, strict=True):
        if value is not None:
            if value.__class__ is int or value.__class__ is float:
                sheet.write_number(line, column, value)
            else:
                _write_text(sheet, line, column, value, quoted)
        column += 1
        if has_reason:
            if why:
                sheet.write_string(line, column, why)
            column += 1


def _write_text(sheet: Any, line: int, column: int, value: Value, quoted: Any) -> None:
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    if text.startswith("<r>"):
        text = " " + text  # xlsxwriter would take it for its own markup
    if text:
        sheet.write_string(line, column, text[:CELL], quoted if guarded(text) != text else None)


def _sheet(book: Any, name: str, number: int, header: list[str], bold: Any) -> Any:
    end = "" if number == 1 else f"_{number}"
    sheet = book.add_worksheet(name[: 31 - len(end)] + end)
    sheet.freeze_panes(1, 1)
    for column, title in enumerate(header):
        sheet.write_string(0, column, title, bold)
    return sheet


def _write_lines(sheet: Any, lines: list[list[str]], bold: Any, quoted: Any) -> None:
    for line, cells in enumerate(lines):
        for column, text in enumerate(cells):
            sheet.write_string(line, column, text[:CELL], quoted if guarded(text) != text else (None if line else bold))


def _labels(dataset: Dataset) -> list[list[str]]:
    """One line for each column, and one for each of its codes and missing reasons below it."""
    found = [["table", "column", "code", "label_zh", "label_en"]]
    for table in dataset.tables:
        for v in table.variables:
            found.append([table.name, v.name, "", v.label.say("zh"), v.label.say("en")])
            found += [[table.name, v.name, str(code), w.say("zh"), w.say("en")] for code, w in v.options]
            for reason in v.reasons:
                words = dataset.reasons[reason]
                found.append([table.name, v.name + MISSING, reason, words.say("zh"), words.say("en")])
    return found


def _about(dataset: Dataset) -> list[list[str]]:
    found = [[dataset.title.say("zh"), dataset.title.say("en"), ""]]
    found += [[name.say("zh"), name.say("en"), value] for name, value in dataset.facts]
    found += [[note.say("zh"), note.say("en"), ""] for note in dataset.notes]
    return found
