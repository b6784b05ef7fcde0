"""Rows for researchers as a workbook: the data as in the CSV, a sheet of labels, a sheet about the data.

Codes of places, identifiers and versions are texts, so that no zero in front is lost; answers are numbers. No cell is
ever a formula or a link. Written row by row: memory does not grow with the rows. A sheet that is full goes on in the
next one, data_2, data_3, …, under the same header.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from fieldkit.core.dataset import Dataset, Row, Table
from fieldkit.core.problem import Problem
from fieldkit.core.spreadsheet import guarded

ROWS, COLUMNS, CELL = 1_048_576, 16_384, 32_767  # what a sheet and a cell can hold (a cell in UTF-16 units)
MISSING = "__miss"
MADE = "2000-01-01"
LIKE_AN_ESCAPE = re.compile("(_x[0-9a-fA-F]{4}_)")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
KNOWN_TEXTS = 10_000  # counties, versions, days and the like come again and again


@dataclass
class Told:
    """What did not fit: how many texts were cut."""

    texts_cut: int = 0


def write_xlsx(dataset: Dataset, path: Path, *, rows_in_sheet: int = ROWS) -> Told:
    """All tables in one workbook, and what did not fit.

    Problem `export.too_wide` if a table has more columns than a sheet can hold.
    """
    import xlsxwriter

    told = Told()
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    try:
        book.use_zip64()
        # The same data, the same bytes.
        book.set_properties({"title": dataset.title.say(), "created": datetime.datetime.fromisoformat(MADE)})
        bold, quoted = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
        for table in dataset.tables:
            name = "data" if table is dataset.tables[0] else table.name
            _write_table(book, table, name, rows_in_sheet, bold, quoted, told)
        labels = book.add_worksheet("labels")
        _write_lines(labels, _labels(dataset), bold, quoted)
        about = book.add_worksheet("about")
        _write_lines(about, _about(dataset), bold, quoted)
    finally:
        book.close()
    return told


def _write_table(book: Any, table: Table, name: str, rows_in_sheet: int, bold: Any, quoted: Any, told: Told) -> None:
    header = [n for v in table.variables for n in ((v.name, v.name + MISSING) if v.reasons else (v.name,))]
    if len(header) > COLUMNS:
        raise Problem("export.too_wide", where=table.name, columns=len(header), limit=COLUMNS)
    spell = _speller([bool(v.reasons) for v in table.variables], quoted._get_xf_index(), told)
    sheet, line, number = None, rows_in_sheet, 0
    for row in table.rows():
        if line == rows_in_sheet:
            number += 1
            sheet, line = _sheet(book, name, number, header, bold), 1
        assert sheet is not None
        line += 1
        sheet.row_data_fh.write(spell(row, line))
        sheet.dim_rowmax = line - 1
    if sheet is None:
        _sheet(book, name, 1, header, bold)


def _speller(beside: Iterable[bool], quoted: int, told: Told) -> Callable[[Row, int], str]:
    """How a row becomes its line of the sheet's XML.

    xlsxwriter keeps, checks and formats each cell as if it might be anything, which takes four times as long; here
    a cell is a number or a text. The lines go into the file in which xlsxwriter gathers its own.
    """
    places: list[tuple[str, str]] = []
    at = 0
    for has_reason in beside:
        places.append((f'<c r="{_letters(at)}', f'<c r="{_letters(at + 1)}' if has_reason else ""))
        at += 2 if has_reason else 1

    @lru_cache(KNOWN_TEXTS)
    def cell(text: str) -> tuple[str, bool]:
        """What stands behind the cell's place, and whether the text was cut."""
        raw = text.encode("utf-16-le", "surrogatepass")
        long = len(raw) > 2 * CELL
        if long:
            text = raw[: 2 * CELL].decode("utf-16-le", "ignore")
        style = f' s="{quoted}"' if guarded(text) != text else ""
        keep = ' xml:space="preserve"' if text != text.strip() else ""
        return f'"{style} t="inlineStr"><is><t{keep}>{_escaped(text)}</t></is></c>', long

    def spell(row: Row, line: int) -> str:
        out = [f'<row r="{line}">']
        for (place, reason_place), value, why in zip(places, *row, strict=True):
            if value is not None:
                if value.__class__ is int:
                    out.append(f'{place}{line}"><v>{value}</v></c>')
                elif value.__class__ is float:
                    out.append(f'{place}{line}"><v>{value:.16G}</v></c>')
                elif text := " ".join(map(str, value)) if isinstance(value, list) else str(value):
                    body, long = cell(text)
                    told.texts_cut += long
                    out.append(f"{place}{line}{body}")
            if why and reason_place:
                out.append(f'{reason_place}{line}" t="inlineStr"><is><t>{why}</t></is></c>')
        out.append("</row>")
        return "".join(out)

    return spell


def _letters(column: int) -> str:
    """The name of a column, counted from 0.

    >>> [_letters(n) for n in (0, 25, 26, 701, 702, 16_383)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA', 'XFD']
    """
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def _escaped(text: str) -> str:
    r"""A text as it stands in the XML of a sheet, where control characters are written as _xHHHH_.

    >>> _escaped("a<b&c"), _escaped("a\x01b"), _escaped("_x0041_")
    ('a&lt;b&amp;c', 'a_x0001_b', '_x005F_x0041_')
    """
    text = LIKE_AN_ESCAPE.sub(r"_x005F\1", text)
    return escape(CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text), quote=False)


def _sheet(book: Any, name: str, number: int, header: list[str], bold: Any) -> Any:
    end = "" if number == 1 else f"_{number}"
    sheet = book.add_worksheet(name[: 31 - len(end)] + end)
    sheet.freeze_panes(1, 1)
    for column, title in enumerate(header):
        sheet.write_string(0, column, title, bold)
    sheet._write_single_row(1)  # the header goes into the file of the lines, before them
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
