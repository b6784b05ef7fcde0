"""A workbook, a CSV file or Markdown tables to named sheets of text cells, within limits.

A CSV or Markdown file writes the name of a sheet in the first column of a row of its own, the headings and rows below
it from the second column on, as pyxform reads them; a CSV that begins with `type,name,label` is the survey sheet.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fieldkit.formats.xlsform.finding import Broken, SheetFinding, cell, shortened
from fieldkit.formats.xlsform.package import FILE_LIMIT, OLE, examined, letters

ROWS_LIMIT = 20_000
COLUMNS_LIMIT = 250
CELL_LIMIT = 20_000  # characters; a consent text has about 1,500
SHEETS = ("survey", "choices", "settings", "constructs", "indicators")
NOT_TAKEN = ("entities", "external_choices", "osm")  # sheets of XLSForm that a page of ours cannot use
WORKBOOKS = (".xlsx", ".xlsm", ".xls")
NAMED = ", ".join((*WORKBOOKS, ".csv", ".md"))


@dataclass
class Sheet:
    """The rows of one sheet as the program that made it numbers them; `title` is its name as written."""

    title: str
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def sheets_of(content: bytes, filename: str, findings: list[SheetFinding]) -> dict[str, Sheet]:
    """The sheets of a file by lower-case name. Raises Broken when the file cannot be read or is too large."""
    if len(content) > FILE_LIMIT:
        raise Broken([cell("xlsform.too_large", limit_mb=FILE_LIMIT >> 20)])
    name = filename.lower()
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", OLE)):
        found = _workbook(content, findings)
    elif name.endswith(WORKBOOKS):
        raise Broken([cell("xlsform.unreadable")])
    elif name.endswith((".csv", ".md", ".markdown", ".txt")):
        text = _text(content, findings)
        found = _titled(_csv(text) if name.endswith(".csv") else _markdown(text))
    else:
        raise Broken([cell("xlsform.unknown_format", formats=NAMED)])
    for sheet in found.values():
        _measure(sheet)
    return found


def _measure(sheet: Sheet) -> None:
    if len(sheet.rows) > ROWS_LIMIT + 1:
        raise Broken([cell("xlsform.too_many_rows", sheet.title, ROWS_LIMIT, limit=ROWS_LIMIT)])
    for number, row in sheet.rows:
        if len(row) > COLUMNS_LIMIT and any(row[COLUMNS_LIMIT:]):
            raise Broken([cell("xlsform.too_many_columns", sheet.title, number, limit=COLUMNS_LIMIT)])
        for place, text in enumerate(row, 1):
            if len(text) > CELL_LIMIT:
                raise Broken([cell("xlsform.cell_too_long", sheet.title, number, letters(place), limit=CELL_LIMIT)])


# ------------------------------------------------------------------------------------------------ workbooks


def _workbook(content: bytes, findings: list[SheetFinding]) -> dict[str, Sheet]:
    formulas: dict[str, list[str]] = {}
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Broken([cell("xlsform.encrypted")])
        if "_VBA_PROJECT".encode("utf-16-le") in content:
            findings.append(cell("xlsform.macros", "", 0, "", "warning"))
    else:
        notes, formulas = examined(content)
        findings += notes
    import python_calamine  # here, because most commands never open a workbook

    try:
        book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(content))
        found: dict[str, Sheet] = {}
        others = []
        for place, about in enumerate(book.sheets_metadata):
            title, visible = str(about.name), about.visible == python_calamine.SheetVisibleEnum.Visible
            name = title.strip().lower()
            if name in NOT_TAKEN:
                findings.append(cell("xlsform.sheet_not_taken", title, 0, "", "warning"))
            elif name not in SHEETS:
                others.append(title)
            if name not in SHEETS:
                continue
            if not visible:
                findings.append(cell("xlsform.sheet_hidden", title, 0, "", "warning"))
            if name in found:
                raise Broken([cell("xlsform.double_sheet", title)])
            page = book.get_sheet_by_index(place)
            rows = page.to_python(skip_empty_area=False)
            found[name] = Sheet(title, _filled((n, list(map(_shown, row))) for n, row in enumerate(rows, 1)))
            for first, last in page.merged_cell_ranges or ():
                area = f"{letters(first[1] + 1)}{first[0] + 1}:{letters(last[1] + 1)}{last[0] + 1}"
                findings.append(
                    cell("xlsform.merged", title, first[0] + 1, letters(first[1] + 1), "warning", area=area)
                )
    except Broken:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # a parser in another language may end in its own kind of panic
        raise Broken([cell("xlsform.unreadable")]) from None
    if others and "survey" in found:  # a workbook without one has another finding
        listed = "、".join(shortened(title) for title in others[:5]) + (" …" if len(others) > 5 else "")
        findings.append(cell("xlsform.sheet_unread", "", 0, "", "advice", names=listed, among=", ".join(SHEETS)))
    for title, cells in _by_title(content, formulas):
        if title.strip().lower() in SHEETS:
            shown = ", ".join(cells[:5]) + (" …" if len(cells) > 5 else "")
            findings.append(
                cell("xlsform.formula", title, _row(cells[0]), "", "warning", cells=shown, count=len(cells))
            )
    return found


def _row(address: str) -> int:
    return int(re.sub(r"\D", "", address))


def _by_title(content: bytes, formulas: dict[str, list[str]]) -> Iterable[tuple[str, list[str]]]:
    """The formula cells under the title of their sheet, as xl/workbook.xml pairs them."""
    if not any(formulas.values()):
        return
    import zipfile
    from xml.etree import ElementTree

    archive = zipfile.ZipFile(io.BytesIO(content))
    try:
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    except (KeyError, ElementTree.ParseError):
        return
    target = {link.get("Id"): str(link.get("Target")).removeprefix("/xl/") for link in links}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet"):
            link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
            cells = formulas.get(f"xl/{target.get(link)}")
            if cells:
                yield str(sheet.get("name")), cells


def _shown(value: object) -> str:
    """A cell as the text a person sees: 3.0 is 3, a date 2026-01-31, true TRUE."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value).strip()


def _filled(rows: Iterable[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    found = []
    for number, row in rows:
        if any(row):
            found.append((number, row))
            if len(found) > ROWS_LIMIT + 1:
                break
    return found


# ---------------------------------------------------------------------------------------------- text files


def _text(content: bytes, findings: list[SheetFinding]) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or GB 18030 (what Excel in Chinese writes)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0\0\0" not in content[:8]:  # that would be UTF-32
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise Broken([cell("xlsform.encoding")]) from None
    if b"\0" in content:
        raise Broken([cell("xlsform.encoding")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        raise Broken([cell("xlsform.encoding")]) from None
    findings.append(cell("xlsform.gb18030", "", 0, "", "warning"))
    return text


def _csv(text: str) -> list[tuple[int, list[str]]]:
    before = csv.field_size_limit(CELL_LIMIT * 4)
    rows = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        start = 1
        for row in reader:
            rows.append((start, [text.strip() for text in row]))
            start = reader.line_num + 1
            if len(rows) > len(SHEETS) * ROWS_LIMIT:
                raise Broken([cell("xlsform.too_many_rows", "", ROWS_LIMIT, limit=ROWS_LIMIT)])
    except csv.Error:
        raise Broken([cell("xlsform.broken_csv", row=len(rows) + 1)]) from None
    finally:
        csv.field_size_limit(before)
    return rows


_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[\s|:-]*-[\s|:-]*\Z")


def _markdown(text: str) -> list[tuple[int, list[str]]]:
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line.startswith("|") and not _RULE.match(line):
            cells = _BAR.split(line.removeprefix("|").removesuffix("|"))
            rows.append((number, [each.replace("\\|", "|").replace("<br>", "\n").strip() for each in cells]))
            if len(rows) > len(SHEETS) * ROWS_LIMIT:
                raise Broken([cell("xlsform.too_many_rows", "", ROWS_LIMIT, limit=ROWS_LIMIT)])
    return rows


def _titled(rows: Sequence[tuple[int, list[str]]]) -> dict[str, Sheet]:
    """Rows under the sheet names in their first column; without any name all rows are the survey sheet."""
    filled = [(number, row) for number, row in rows if any(row)]
    if filled and "type" in [text.lower() for text in filled[0][1]]:
        return {"survey": Sheet("survey", filled)}
    found: dict[str, Sheet] = {}
    sheet: Sheet | None = None
    for number, row in filled:
        if row[0]:
            name = row[0].lower()
            if name in found:
                raise Broken([cell("xlsform.double_sheet", row[0], number)])
            sheet = found[name] = Sheet(row[0])
        if sheet and any(row[1:]):
            sheet.rows.append((number, row[1:]))
    return {name: sheet for name, sheet in found.items() if name in SHEETS}
