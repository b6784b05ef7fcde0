"""Many counties of a prefecture or province side by side, in the order of their codes; for the research team only.

Nothing is sorted by a result and nothing is counted from the top: every row shows its county's mark, and behind it
the others of the same choice as small unnamed dots. The numbers are those that the counties' own issued reports
print; counties without a report do not appear.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fieldkit.core.place import Place
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.core.wave import Wave
from fieldkit.stats.book import Book
from fieldkit.stats.chapters import PLAIN, Builders, bound, chapters
from fieldkit.stats.county import Plan
from fieldkit.stats.disclose import Disclosed, Thresholds
from fieldkit.stats.frame import Frame
from fieldkit.stats.layout import ItemsTable, Layout, Line, MethodsTable, VersionsTable
from fieldkit.stats.layout_sheets import OverviewCountiesTable, SideBySide
from fieldkit.stats.report import (
    Axis,
    Block,
    Cell,
    Column,
    CountyReport,
    DotChart,
    Figure,
    QuartileChart,
    Rows,
    Table,
)
from fieldkit.stats.tables import cells, items_table, methods_table, statistic_words, versions_table
from fieldkit.stats.wording import Wording, shown

WIDTHS = (4.0, 8.0, 20.0, 40.0, 60.0, 100.0, 200.0, 400.0, 1000.0)
NOWHERE = "000000"
LEAST_COUNTIES = 1


@dataclass(frozen=True, eq=False)
class Told:
    """What one county's issued report says. `within` is the prefecture (or province) that it stands under."""

    place: Place
    within: str
    n_analysed: int
    numbers: Mapping[str, Disclosed]


@dataclass(eq=False)
class OverviewBook(Book):
    """What the builders of an overview draw on."""

    told_by: Sequence[Told] = ()
    without: int = 0
    least: Mapping[str, int] = field(default_factory=dict)


def overview(
    *,
    plan: Plan,
    wording: Wording,
    wave: Wave,
    counties: Sequence[Told],
    without: int,
    empty: Frame,
    dated: datetime.date,
    name: str,
    province: str = "",
) -> CountyReport:
    """The finished overview of these counties, in the order of their codes whatever order they come in.

    `without` is the number of counties of the choice that have no report; `empty` a frame of the questionnaire without
    answers. Problem `report.overview_none` when there is not one county.
    """
    thresholds = Thresholds(wave.n_min, wave.n_min_sensitive)
    name = name or wording.say("cover.everywhere")
    counties = sorted(counties, key=lambda one: one.place.code)
    if len(counties) < LEAST_COUNTIES:
        raise Problem("report.overview_none", where=wave.id, n_min=thresholds.n_min)
    public = {i.id: i for i in plan.indicators if not i.parameters.get("private")}
    somewhere = {one: number for told in counties for one, number in told.numbers.items() if one in public}
    book = OverviewBook(
        layout=plan.layout,
        wording=wording,
        county=Place(NOWHERE, name, "county", ""),
        wave=wave,
        frame=empty,
        questionnaire=plan.questionnaire,
        indicators={one: i for one, i in public.items() if one in somewhere},
        numbers=somewhere,
        dated=dated,
        titles=plan.titles,
        told_by=counties,
        without=without,
        least={one: thresholds.least(i) for one, i in public.items()},
    )
    blocks = chapters(book, plan.layout.sections, BUILDERS)
    say = wording.say
    return bound(
        wording,
        wave,
        plan.questionnaire,
        blocks,
        dated=dated,
        name=name,
        province=province,
        fieldwork=book.fieldwork,
        line=(say("cover.counties"), say("cover.counties_value", count=len(counties))),
        simulated=wave.simulated,
    )


def only(layout: Layout, indicators: Sequence[str]) -> Layout:
    """The layout with these indicators in place of its own: they stand in its first section with figures."""
    rows = tuple(Line(one) for one in indicators)
    sections = []
    for section in layout.sections:
        figures = [block for block in section.blocks if isinstance(block, SideBySide)]
        if figures and rows:
            block = replace(figures[0], rows=rows)
            title = Text(zh=figures[0].title.say("zh"), en=figures[0].title.say("en"))
            sections.append(replace(section, title=title, blocks=(block,), needs=()))
            rows = ()
        elif not figures:
            sections.append(section)
    return replace(layout, sections=tuple(sections))


def _axis(book: OverviewBook, line: Line, numbers: Sequence[Disclosed]) -> Axis:
    """The indicator's own fixed axis; for counts the narrowest that holds all quartiles, the same in every row."""
    indicator = book.indicators[line.id]
    kinds = {n.statistic for n in numbers}
    if "median" in kinds:
        furthest = max((n.q3 or n.value or 0.0 for n in numbers), default=0.0)
        high = next((w for w in WIDTHS if furthest <= w), WIDTHS[-1])
        return Axis(0, high, tuple(high * n / 4 for n in range(5)), unit=book.unit(line.id))
    if kinds & {"share", "ratio"}:
        return Axis(0, 100, (0.0, 25.0, 50.0, 75.0, 100.0), unit=book.wording.say("marks.percent_unit"))
    low = 0.0 if indicator.low is None else indicator.low
    high = 100.0 if indicator.high is None else indicator.high
    step = (high - low) / 4
    return Axis(low, high, tuple(low + n * step for n in range(5)), signed=low < 0)


def side_by_side(book: OverviewBook, spec: SideBySide) -> list[Block]:
    """One figure for each indicator: the counties in the order of their codes, under their prefectures."""
    return [figure for line in book.lines(spec.rows) if (figure := _figure(book, line, spec)) is not None]


def _figure(book: OverviewBook, line: Line, spec: SideBySide) -> Figure | None:
    say = book.wording.say
    book.used[line.id] = None
    here = [(told, told.numbers[line.id]) for told in book.told_by if line.id in told.numbers]
    here = [(told, replace(n, n_min=book.least[line.id])) for told, n in here if not n.parts]
    if not any(n.shown for _, n in here):
        return None
    groups: list[Rows] = []
    for told, number in here:
        others = tuple(n.value for t, n in here if t is not told and n.shown and n.value is not None)
        row = replace(book.row(line, number, told.place.name), others=others)
        if groups and groups[-1].head == told.within:
            groups[-1] = Rows((*groups[-1].rows, row), told.within)
        else:
            groups.append(Rows((row,), told.within))
    numbers = [n for _, n in here]
    median = numbers[0].statistic == "median"
    heads = (
        say("marks.median" if median else "marks.mean" if numbers[0].statistic == "mean" else "marks.percent"),
        say("marks.quartiles" if median else "marks.interval"),
        say("marks.people"),
    )
    kind = QuartileChart if median else DotChart
    chart = kind(_axis(book, line, numbers), tuple(groups), heads)
    notes = [
        say("notes.statistic", words=statistic_words(book, line.id)),
        *book.draft_note([line.id]),
        say("notes.others") if len(here) > 1 else "",
        *book.why_missing(numbers),
    ]
    note = book.source([line.id]) + "".join(dict.fromkeys(n for n in notes if n))
    words = [say("described.row_short", label=r.label, value=r.value) for g in groups for r in g.rows]
    described = say("semicolon").join(words) + say("full_stop")
    return Figure(book.label("figure"), book.row_label(line), chart, note, described, f"{spec.key}.{line.id}")


def counties_table(book: OverviewBook, spec: OverviewCountiesTable) -> Table:
    """The counties in the order of their codes, with the number of answers that their reports rest on."""
    say = book.wording.say
    rows = tuple(
        (Cell(told.place.code, code=True), *cells(told.place.name, told.within, shown(told.n_analysed, 0)))
        for told in book.told_by
    )
    columns = (
        Column(say("heads.code"), width=72),
        Column(say("heads.county")),
        Column(say("heads.within"), width=130),
        Column(say("heads.analysed"), "right", 100),
    )
    note = say("notes.in_code_order")
    if book.without:
        note += say("notes.without", count=book.without, n_min=book.wave.n_min)
    title = spec.title.say(book.language)
    return Table(book.label("table"), title, columns, rows, note, long=len(rows) > 12, key=spec.key)


BUILDERS: Builders = {
    **PLAIN,
    ItemsTable: items_table,
    MethodsTable: methods_table,
    VersionsTable: versions_table,
    SideBySide: side_by_side,
    OverviewCountiesTable: counties_table,
}
