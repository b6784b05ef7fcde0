"""The pooled report: several counties of a wave as one, in the words and figures of the county report."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fieldkit.core.instrument import Module, Questionnaire
from fieldkit.core.place import Place
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.stats.book import Book
from fieldkit.stats.chapters import Builders, chapter
from fieldkit.stats.county import BUILDERS as COUNTY_BUILDERS
from fieldkit.stats.county import Plan, results
from fieldkit.stats.county import plan as county_plan
from fieldkit.stats.disclose import Thresholds
from fieldkit.stats.layout import Layout
from fieldkit.stats.layout_sheets import PooledCountiesTable, PooledTable, ProtectedTable
from fieldkit.stats.pooled import County, Pooled, pooled_numbers
from fieldkit.stats.report import Block, Cell, Column, CountyReport, Cover, Table
from fieldkit.stats.results import bases_of
from fieldkit.stats.sensitive import SensitiveLine
from fieldkit.stats.tables import cells, statistic_words
from fieldkit.stats.wording import Wording, shown

NO_PLACE = "000000"  # several counties together have no code


@dataclass(eq=False)
class PooledBook(Book):
    """What the builders of a pooled report draw on beside a county's."""

    pooled: Pooled | None = None
    protected: Sequence[SensitiveLine] = ()
    small_later: bool = False
    resting: Mapping[str, int] = field(default_factory=dict)


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
) -> CountyReport:
    """The finished report of these counties as one.

    `merge_small` says whether counties without a report of their own are counted in (only when fieldwork is over).
    `protected` are the estimates of list experiments and randomised responses of the whole pool. Raises Problem
    `report.pooled_none` when not one county can be told of.
    """
    thresholds = Thresholds(wave.n_min, wave.n_min_sensitive)
    pooled = pooled_numbers(
        counties, plan.indicators, plan.questionnaire, thresholds, plan.bases, merge_small=merge_small
    )
    if pooled is None or pooled.frame.n_analysed < thresholds.n_min:
        raise Problem("report.pooled_none", where=wave.id, wave=wave.id, n_min=thresholds.n_min)
    count = len(pooled.members)
    name = name or wording.say("pooled.name", count=count)
    book = PooledBook(
        layout=plan.layout,
        wording=wording,
        county=Place(NO_PLACE, name, "county", ""),
        wave=wave,
        frame=pooled.frame,
        questionnaire=plan.questionnaire,
        indicators={i.id: i for i in plan.indicators if i.id in pooled.numbers},
        numbers=pooled.numbers,
        levels={},
        gates={},
        dated=dated,
        edition=edition,
        titles=plan.titles,
        pooled=pooled,
        protected=protected,
        small_later=not merge_small and bool(pooled.left_out),
        resting=pooled.counties,
    )
    blocks: list[Block] = []
    for section in plan.layout.sections:
        if not section.needs or any(book.has(one) for one in section.needs):
            blocks += chapter(book, section, BUILDERS)
    return _finished(book, tuple(blocks), name, province, count)


def _finished(book: PooledBook, blocks: tuple[Block, ...], name: str, province: str, count: int) -> CountyReport:
    say, wave, questionnaire = book.wording.say, book.wave, book.questionnaire
    day = book.wording.day(book.dated)
    simulated = say("cover.simulated") if book.frame.simulated or wave.simulated else ""
    facts = {"county": name, "wave": wave.number, "version": questionnaire.version, "date": day}
    title = questionnaire.title.say(book.language)
    asked = sum(1 for _ in questionnaire)
    cover = Cover(
        county=name,
        province=province,
        title=say("cover.heading", **facts),
        lines=(
            (say("cover.fieldwork"), book.fieldwork),
            (say("cover.team"), wave.study.team),
            (
                say("cover.version"),
                say("cover.version_value", version=questionnaire.version, questionnaire=title, items=asked),
            ),
            (say("cover.analysed"), say("pooled.analysed", n=book.frame.n_analysed, count=count)),
            (say("cover.dated"), say("cover.dated_value", date=day, edition=book.edition)),
        ),
        box=say("cover.box"),
        simulated=simulated,
    )
    return CountyReport(
        language=book.language,
        cover=cover,
        blocks=blocks,
        results=results(book),
        footer=say("page.footer", **facts),
        page_words=say("page.numbers", page="{page}", pages="{pages}"),
        contents_words=say("page.contents"),
        title=say("cover.title", **facts),
        subject=say("page.subject", **facts),
        author=wave.study.team,
        keywords=say("page.keywords"),
        dated=book.dated.isoformat(),
        simulated=simulated,
        facts=(
            ("county", ""),
            ("county_name", name),
            ("members", str(count)),
            ("wave", wave.id),
            ("wave_number", str(wave.number)),
            ("questionnaire", questionnaire.id),
            ("version", questionnaire.version),
            ("edition", str(book.edition)),
            ("n_analysed", str(book.frame.n_analysed)),
        ),
        decimals=tuple((one, i.decimals) for one, i in book.indicators.items() if i.decimals > 1),
    )


def pooled_table(book: PooledBook, spec: PooledTable) -> Table | None:
    """The results with what each number means, and on how many counties each rests."""
    lines = book.lines(spec.rows)
    if not lines:
        return None
    say = book.wording.say
    rows, numbers = [], []
    for line in lines:
        number = book.number(line.id)
        numbers.append(number)
        sub = line.sub.say(book.language) or statistic_words(book, line.id)
        counted = str(book.resting.get(line.id, 0)) if number.shown or number.bound else say("dash")
        rows.append(
            (
                Cell(book.row_label(line), sub),
                *cells(book.value(number), book.interval(number), counted, book.count(number)),
            )
        )
    columns = (
        Column(say("heads.indicator")),
        Column(say("heads.pooled"), "right", 66, strong=True),
        Column(say("heads.interval_or_quartiles"), "right", 80),
        Column(say("heads.counties"), "right", 48),
        Column(say("heads.n"), "right", 52),
    )
    fewer = any(0 < book.resting.get(line.id, 0) < len(book.pooled.members) for line in lines) if book.pooled else False
    notes = [
        say("notes.headline_draft") if book.questionnaire.status == "draft" else "",
        say("notes.headline"),
        say("notes.pooled_fewer") if fewer else "",
        *book.why_missing(numbers),
    ]
    title = spec.title.say(book.language)
    return Table(book.label("table"), title, columns, tuple(rows), "".join(notes), key=spec.key)


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
        Column(say("marks.interval"), "right", 80),
        Column(say("heads.n"), "right", 60),
    )
    title = spec.title.say(book.language)
    return Table(book.label("table"), title, columns, tuple(rows), say("protected.note"), key=spec.key)


BUILDERS: Builders = {
    **COUNTY_BUILDERS,
    PooledTable: pooled_table,
    PooledCountiesTable: counties_table,
    ProtectedTable: protected_table,
}
