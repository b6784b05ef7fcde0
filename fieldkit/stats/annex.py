"""Annex E in tables: prorated scores, reliability in all counties together, results without exclusions, cut-points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fieldkit.stats.book import Book
from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.layout import CutsTable, ProratedTable, ScalesTable, WithoutTable
from fieldkit.stats.report import Cell, Column, Table
from fieldkit.stats.technical import ScaleRow

LONG = 12  # rows; a table of no more stays in one piece


def _table(
    book: Book,
    block: ProratedTable | ScalesTable | WithoutTable | CutsTable,
    columns: tuple[Column, ...],
    rows: Sequence[tuple[Cell, ...]],
    note: str,
) -> Table:
    title = block.title.say(book.language)
    return Table(book.label("table"), title, columns, tuple(rows), note, long=len(rows) > LONG, key=block.key)


def prorated_table(book: Book, block: ProratedTable) -> Table | None:
    """How many percent of a county's scores rest on fewer than all items."""
    found = [row for row in book.technical.prorated if row.indicator in book.used] if book.technical else []
    if not found:
        return None
    say, dash = book.wording.say, book.wording.say("dash")
    rows = []
    for row in found:
        value = dash
        if row.bound:
            value = book.wording.bound(row.bound, percent=True)
        elif row.percent is not None:
            value = book.wording.percent(row.percent)
        count = dash if row.n is None else str(row.n)
        rows.append((Cell(book.name(row.indicator)), Cell(value), Cell(count)))
    columns = (
        Column(say("heads.indicator")),
        Column(say("technical.prorated"), "right", 110),
        Column(say("heads.valid_n"), "right", 80),
    )
    return _table(book, block, columns, rows, say("technical.prorated_note"))


def scales_table(book: Book, block: ScalesTable) -> Table | None:
    """Reliability, floor and ceiling of the reflective scales, from the answers of all counties together."""
    if not book.technical or not book.technical.scales:
        return None
    say, technical = book.wording.say, book.technical
    rows = [_scale(book, row) for row in technical.scales if row.indicator in book.indicators]
    if not rows:
        return None
    columns = (
        Column(say("heads.indicator")),
        Column(say("technical.complete"), "right", 54),
        Column(say("technical.alpha"), "right", 40),
        Column(say("technical.omega"), "right", 40),
        Column(say("technical.item_rest"), "right", 76),
        Column(say("technical.ends"), "right", 80),
        Column(say("technical.remark"), "left", 84),
    )
    note = say("technical.scales_note", n=technical.n_pooled, counties=technical.counties_pooled)
    return _table(book, block, columns, rows, note)


def _scale(book: Book, row: ScaleRow) -> tuple[Cell, ...]:
    say, dash = book.wording.say, book.wording.say("dash")

    def two(value: float | None) -> str:
        return dash if value is None else book.wording.number(value, 2)

    rest = [value for _, value in row.item_rest]
    span = book.wording.span(min(rest), max(rest), 2) if rest else dash
    ends = [dash if value is None else book.wording.percent(value) for value in (row.floor, row.ceiling)]
    remarks = [say("technical.few")] if row.n is None else []
    remarks += [say("technical.low")] if row.low else []
    remarks += [say("technical.skewed")] if row.skewed else []
    return (
        Cell(book.name(row.indicator)),
        Cell(dash if row.n is None else str(row.n)),
        Cell(two(row.alpha)),
        Cell(two(row.omega)),
        Cell(span),
        Cell(" / ".join(ends)),
        Cell(book.wording.listed(remarks) or dash),
    )


def without_table(book: Book, block: WithoutTable) -> Table | None:
    """The main results as they are printed, and as they would be if no response were left out."""
    found = [row for row in book.technical.without_exclusion if row.indicator in book.used] if book.technical else []
    if not found:
        return None
    say = book.wording.say
    rows = []
    for row in found:
        own = book.numbers[row.indicator]
        rows.append((Cell(book.name(row.indicator)), *_two(book, own), *_two(book, row.number)))
    columns = (
        Column(say("heads.indicator")),
        Column(say("technical.analysed"), "right", 92),
        Column(say("heads.people"), "right", 54),
        Column(say("technical.everyone"), "right", 104),
        Column(say("heads.people"), "right", 54),
    )
    note = say("technical.without_note")
    note += say("technical.without_hidden") if any(not row.number.shown for row in found) else ""
    return _table(book, block, columns, rows, note)


def _two(book: Book, number: Disclosed) -> tuple[Cell, Cell]:
    return Cell(book.value(number)), Cell(book.count(number))


def cuts_table(book: Book, block: CutsTable) -> Table | None:
    """The classes of paths at the cut-point and at one step to either side."""
    if not book.technical or not book.technical.cuts:
        return None
    say = book.wording.say
    name = book.technical.cuts[0].number.indicator
    codes = [o.code for o in book.indicators[name].options]
    rows = []
    for cut in book.technical.cuts:
        told = {code: (part.percent, part) for part in cut.number.parts for code in part.codes}
        cells = []
        for code in codes:
            percent, part = told.get(code, (None, None))
            text = say("dash") if percent is None else book.wording.percent(percent)
            cells.append(Cell(text + ("*" if part is not None and part.merged else "")))
        rows.append((Cell(book.wording.number(cut.cut, 2)), *cells))
    columns = (
        Column(say("technical.cut"), width=90),
        *(Column(book.option(name, code), "right", 88) for code in codes),
    )
    note = say("technical.cuts_note")
    note += say("technical.cuts_merged") if any(p.merged for c in book.technical.cuts for p in c.number.parts) else ""
    note += say("technical.cuts_hidden") if any(not c.number.shown for c in book.technical.cuts) else ""
    return _table(book, block, columns, rows, note)


ANNEX: Mapping[type, Callable[..., Table | None]] = {
    ProratedTable: prorated_table,
    ScalesTable: scales_table,
    WithoutTable: without_table,
    CutsTable: cuts_table,
}
