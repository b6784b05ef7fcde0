"""A roster as CSV: the columns of a cell, and `count` last; an empty column belongs to another margin.

    county,core_level,core_gender,count
    330523,1|2,,120
    330523,3|4,,300
    ,,1,210
    ,,2,210

Rows that fill the same columns are one margin. Here people are divided by county and level, and by gender.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from itertools import product

from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.response import half_width, with_link
from fieldkit.core.roster import COUNTY, Cell, Margin, Roster

COUNT, LEVEL = "count", "core_level"
MOST_BYTES, MOST_ROWS, MOST_MARGINS, MOST_PEOPLE = 256 * 1024, 5_000, 3, 10_000_000
MOST_CELLS = 100_000  # combinations of codes that one margin may have
UNEVEN = 0.01  # how far the totals of two margins may differ


def read_roster(data: bytes, counties: Collection[str], questionnaire: Questionnaire) -> Roster:
    """The roster of a wave with these counties and this questionnaire, complete and without contradiction.

    Problems `roster.too_large`, `roster.unreadable`, `roster.columns`, `roster.county`, `roster.code`,
    `roster.number`, `roster.twice`, `roster.zero`, `roster.missing`, `roster.uneven`.
    """
    if len(data) > MOST_BYTES:
        raise Problem("roster.too_large", rows=MOST_ROWS, kilobytes=MOST_BYTES // 1024)
    head, rows = _rows(data)
    allowed = {name: _codes(name, counties, questionnaire) for name in head[:-1]}
    found: dict[tuple[str, ...], list[Cell]] = {}
    taken: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for line, row in rows:
        by = tuple(name for name, text in zip(head[:-1], row, strict=False) if text)
        if not by:
            raise Problem("roster.columns", where=str(line), column=f"{line}")
        codes = tuple(
            _chosen(name, text, allowed[name], line) for name, text in zip(head[:-1], row, strict=False) if text
        )
        cell = Cell(codes, _count(row[-1], line))
        seen = taken.setdefault(by, set())
        every = set(cell.combinations())
        if every & seen:
            raise Problem("roster.twice", where=str(line), line=line, cell=_named(by, min(every & seen)))
        seen |= every
        found.setdefault(by, []).append(cell)
    margins = tuple(Margin(by, tuple(cells)) for by, cells in found.items())
    _checked(margins, allowed, taken)
    return Roster(margins)


def _rows(data: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The head and the rows with their numbers, all cells of a row trimmed and half-width."""
    text = _text(data)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise Problem("roster.unreadable", where=str(error)[:80]) from None
    rows = [(at, [half_width(c) for c in line]) for at, line in enumerate(lines, 1) if any(c.strip() for c in line)]
    if len(rows) < 2:
        raise Problem("roster.unreadable", where="1")
    if len(rows) > MOST_ROWS + 1:
        raise Problem("roster.too_large", rows=MOST_ROWS, kilobytes=MOST_BYTES // 1024)
    head = rows[0][1]
    if len(head) < 2 or head[-1] != COUNT or len(set(head)) != len(head):
        raise Problem("roster.columns", where="1", column=", ".join(head)[:80])
    for line, row in rows[1:]:
        if len(row) != len(head):
            raise Problem("roster.columns", where=str(line), column=f"{line}")
    return head, rows[1:]


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Problem("roster.unreadable", where="UTF-8, GB18030")


def _codes(name: str, counties: Collection[str], questionnaire: Questionnaire) -> tuple[str, ...]:
    """Every code that a column may hold."""
    item = questionnaire.items.get(name)
    if name == COUNTY:
        return tuple(sorted(counties))
    plain = item is not None and item.kind.value == "code" and not item.sensitive and not with_link(item)
    codes = tuple(str(o.code) for o in item.options if not o.missing) if item is not None and plain else ()
    if not codes:
        raise Problem("roster.columns", where=name, column=name[:80])
    return codes


def _chosen(name: str, text: str, allowed: Sequence[str], line: int) -> tuple[str, ...]:
    codes = tuple(part.strip() for part in text.split("|"))
    for code in codes:
        if code not in allowed and name == COUNTY:
            raise Problem("roster.county", where=str(line), line=line, county=code[:20])
        if code not in allowed:
            raise Problem("roster.code", where=str(line), line=line, item=name, value=code[:20])
    return tuple(dict.fromkeys(codes))


def _count(text: str, line: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 8 and int(text) <= MOST_PEOPLE):
        raise Problem("roster.number", where=str(line), line=line, value=text[:20])
    return int(text)


def _checked(
    margins: Sequence[Margin],
    allowed: dict[str, tuple[str, ...]],
    taken: dict[tuple[str, ...], set[tuple[str, ...]]],
) -> None:
    if len(margins) > MOST_MARGINS:
        raise Problem("roster.columns", where="margins", column="; ".join("+".join(m.by) for m in margins)[:120])
    for margin in margins:
        size = 1
        for name in margin.by:
            size *= len(allowed[name])
        if size > MOST_CELLS:
            raise Problem("roster.too_large", rows=MOST_ROWS, kilobytes=MOST_BYTES // 1024)
        missing = [c for c in product(*(allowed[name] for name in margin.by)) if c not in taken[margin.by]]
        if missing:
            raise Problem("roster.missing", count=len(missing), cell=_named(margin.by, missing[0]))
        if margin.total == 0:
            raise Problem("roster.zero", where="+".join(margin.by), margin="+".join(margin.by))
    first = margins[0]
    for other in margins[1:]:
        if abs(other.total - first.total) > UNEVEN * first.total:
            raise Problem("roster.uneven", one=first.total, other=other.total)


def _named(by: Sequence[str], codes: Sequence[str]) -> str:
    return ", ".join(f"{name}={code}" for name, code in zip(by, codes, strict=True))


def write_roster(roster: Roster) -> bytes:
    """A roster as the file it could have come from."""
    names = list(dict.fromkeys(name for margin in roster.margins for name in margin.by))
    lines = [
        [*("|".join(cell.codes[margin.by.index(n)]) if n in margin.by else "" for n in names), str(cell.count)]
        for margin in roster.margins
        for cell in margin.cells
    ]
    return _written([*names, COUNT], lines)


def blank_roster(counties: Sequence[str], questionnaire: Questionnaire) -> bytes:
    """A file to fill in: every county by level, or every county where the questionnaire does not ask for the level."""
    try:
        levels = _codes(LEVEL, counties, questionnaire)
    except Problem:
        return _written([COUNTY, COUNT], [[code, ""] for code in counties])
    return _written([COUNTY, LEVEL, COUNT], [[code, level, ""] for code in counties for level in levels])


def _written(head: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([head, *lines])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
