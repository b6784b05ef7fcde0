"""The pooled report: several counties of a wave as one, in the words and figures of the county report."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fieldkit.core.instrument import Module, Questionnaire
from fieldkit.core.place import Place
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.stats.book import Book
from fieldkit.stats.chapters import Builders, chapters
from fieldkit.stats.county import BUILDERS as COUNTY_BUILDERS
from fieldkit.stats.county import Plan, bound_edition, by_name
from fieldkit.stats.county import plan as county_plan
from fieldkit.stats.disclose import Disclosed, Thresholds
from fieldkit.stats.layout import (
    CutsTable,
    Layout,
    LevelTable,
    ProfileTable,
    ProratedTable,
    ResponseTable,
    SplitTable,
    WaveFigure,
    WaveTable,
    WithoutTable,
)
from fieldkit.stats.layout_sheets import PooledCountiesTable, ProtectedTable
from fieldkit.stats.pooled import County, Pooled, pooled_numbers
from fieldkit.stats.report import Cell, Column, CountyReport, Table
from fieldkit.stats.results import bases_of
from fieldkit.stats.sensitive import SensitiveLine
from fieldkit.stats.tables import cells
from fieldkit.stats.technical import Pooled as Scales
from fieldkit.stats.technical import Technical, scale_rows
from fieldkit.stats.wording import Wording, shown

NO_PLACE = "000000"  # several counties together have no code


@dataclass(eq=False)
class PooledBook(Book):
    """What the builders of a pooled report draw on beside a county's."""

    pooled: Pooled | None = None
    protected: Sequence[SensitiveLine] = ()
    small_later: bool = False

    BESIDE = "heads.counties"
    SPLITS = False

    def beside(self, number: Disclosed) -> str:
        """The column beside a main result: on how many counties it rests."""
        if self.pooled is None or not (number.shown or number.bound):
            return self.wording.say("dash")
        return str(self.pooled.counties.get(number.indicator, 0))

    def beside_notes(self, numbers: Sequence[Disclosed]) -> list[str]:
        """Why a number can rest on fewer counties than the report names."""
        counted = [self.pooled.counties.get(n.indicator, 0) for n in numbers] if self.pooled else []
        fewer = any(0 < count < len(self.pooled.members) for count in counted) if self.pooled else False
        return [self.wording.say("notes.pooled_fewer")] if fewer else []

    def left_out(self, number: Disclosed) -> int | None:
        """Nobody can say: the number may rest on fewer counties than the report names."""
        return None


def pooled_plan(layout: Layout, county: Layout, questionnaire: Questionnaire, modules: Sequence[Module] = ()) -> Plan:
    """The pooled layout made ready, with everything that the counties' own reports print.

    What may be pooled depends on what a reader of those reports knows, so their numbers are part of it.
    """
    own = county_plan(layout, questionnaire, modules)
    theirs = county_plan(county, questionnaire, modules)
    have = {i.id for i in own.indicators}
    indicators = (*own.indicators, *(i for i in theirs.indicators if i.id not in have))
    return replace(own, indicators=indicators, bases=bases_of(questionnaire, indicators))


def pooled_report(
    *,
    plan: Plan,
    wording: Wording,
    wave: Wave,
    counties: Sequence[County],
    dated: datetime.date,
    edition: int = 1,
    name: str = "",
    province: str = "",
    merge_small: bool = True,
    protected: Sequence[SensitiveLine] = (),
    scales: Scales | None = None,
) -> CountyReport:
    """The finished report of these counties as one.

    `merge_small` says whether counties without a report of their own are counted in (only when fieldwork is over).
    `protected` are the estimates of list experiments and randomised responses of the whole pool, `scales` what the
    scales of the wave add up to. Raises Problem `report.pooled_none` when not one county can be told of.
    """
    thresholds = Thresholds(wave.n_min, wave.n_min_sensitive)
    pooled = pooled_numbers(
        counties, plan.indicators, plan.questionnaire, thresholds, plan.bases, merge_small=merge_small
    )
    if pooled is None or pooled.frame.n_analysed < thresholds.n_min:
        raise Problem("report.pooled_none", where=wave.id, wave=wave.id, n_min=thresholds.n_min)
    count = len(pooled.members)
    book = PooledBook(
        layout=plan.layout,
        wording=wording,
        county=Place(NO_PLACE, name or wording.say("pooled.name", count=count), "county", ""),
        wave=wave,
        frame=pooled.frame,
        questionnaire=plan.questionnaire,
        indicators=by_name(plan, pooled.numbers),
        numbers=pooled.numbers,
        dated=dated,
        edition=edition,
        province=province,
        titles=plan.titles,
        pooled=pooled,
        protected=protected,
        small_later=not merge_small and bool(pooled.left_out),
        technical=_reliability(scales, plan.questionnaire) if scales else None,
    )
    blocks = chapters(book, plan.layout.sections, BUILDERS)
    analysed = wording.say("pooled.analysed", n=pooled.frame.n_analysed, count=count)
    of = ("county", ""), ("county_name", book.county.name), ("members", str(count))
    return bound_edition(book, blocks, (wording.say("cover.analysed"), analysed), of)


def _reliability(scales: Scales, questionnaire: Questionnaire) -> Technical:
    """Of annex E what is of all counties of the wave in every report."""
    return Technical((), scale_rows(scales, questionnaire), (), (), scales.n_analysed, scales.counties)


def counties_table(book: PooledBook, spec: PooledCountiesTable) -> Table | None:
    """Which counties were put together, in the order of their codes; small ones without a number."""
    if book.pooled is None:
        return None
    say, pooled = book.wording.say, book.pooled
    rows = []
    for county in pooled.members:
        small = county in pooled.small
        n = say("dash") if small else str(county.frame.n_analysed)
        how = say("pooled.small" if small else "pooled.reported")
        rows.append((Cell(county.place.code, code=True), *cells(county.place.name, n, how)))
    total = (Cell(""), *cells(say("pooled.total"), str(pooled.frame.n_analysed), ""))
    columns = (
        Column(say("heads.code"), width=64),
        Column(say("heads.county")),
        Column(say("heads.analysed"), "right", 90),
        Column(say("heads.how"), width=150),
    )
    notes = []
    if pooled.left_out:
        notes.append(
            say("pooled.left_out_later" if book.small_later else "pooled.left_out", count=len(pooled.left_out))
        )
    title = spec.title.say(book.language)
    note = "".join(notes)
    return Table(book.label("table"), title, columns, (*rows, total), note, long=len(rows) > 12, key=spec.key)


def protected_table(book: PooledBook, spec: ProtectedTable) -> Table | None:
    """Shares estimated from questions in which nobody can tell what a person answered."""
    items = [i for i in book.questionnaire if i.type in ("list_experiment", "randomised_response")]
    if not items:
        return None
    say = book.wording.say
    found = {one.item: one for one in book.protected}
    rows = []
    for item in items:
        one = found.get(item.id)
        label = Cell((item.label or item.text).say(book.language), say(f"protected.{item.type}"))
        if one is None or one.percent is None or one.low is None or one.high is None:
            rows.append((label, *cells(say("dash"), say("dash"), say("protected.few"))))
            continue
        span = book.wording.span(one.low, one.high, 0)
        rows.append((label, *cells(say("marks.percent_value", x=shown(one.percent, 0)), span, str(one.n))))
    columns = (
        Column(say("heads.item")),
        Column(say("protected.share"), "right", 70),
        Column(say("heads.interval"), "right", 80),
        Column(say("heads.n"), "right", 60),
    )
    title = spec.title.say(book.language)
    return Table(book.label("table"), title, columns, tuple(rows), say("protected.note"), key=spec.key)


# What a county report has and a pooled one cannot: less the counties' own reports it would tell of a few people.
NOT_POOLED = (
    ResponseTable,
    LevelTable,
    ProfileTable,
    SplitTable,
    WaveTable,
    WaveFigure,
    ProratedTable,
    WithoutTable,
    CutsTable,
)
NOT_SAID = ("responses", "peers", "waves", "change")
BUILDERS: Builders = {
    **{kind: build for kind, build in COUNTY_BUILDERS.items() if kind not in NOT_POOLED},
    PooledCountiesTable: counties_table,
    ProtectedTable: protected_table,
}
