"""The technical report of a wave, for researchers: response flow, quality flags, items, scales, comparability.

Everything is of all counties together. Numbers of people stand in steps of five, fewer than three are never counted
out ('不足3'), percentages stand in steps of at least two people: so neither two reports of successive days nor a report
less those of the counties tell of single people. Means and distributions need the threshold of the wave.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fieldkit.core.change import Comparable
from fieldkit.core.item import MISSING_REASONS, Item
from fieldkit.core.place import Place
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.stats.book import Book
from fieldkit.stats.chapters import PLAIN, Builders, bound, chapters
from fieldkit.stats.county import Plan
from fieldkit.stats.disclose import FEW, Thresholds
from fieldkit.stats.frame import ANSWERED, Frame
from fieldkit.stats.layout import ItemsTable, VersionsTable
from fieldkit.stats.layout_sheets import (
    ComparabilityTable,
    FlagTable,
    FlowTable,
    ItemDistributions,
    ItemStatistics,
    ProtectedTable,
    ReliabilityTable,
)
from fieldkit.stats.pooled_report import PooledBook, protected_table
from fieldkit.stats.progress import STEP, percent_step
from fieldkit.stats.reliability import LEAST_CASES
from fieldkit.stats.report import Cell, Column, CountyReport, Table
from fieldkit.stats.sensitive import SensitiveLine
from fieldkit.stats.tables import cells, items_table, versions_table
from fieldkit.stats.technical import Pooled, ScaleRow, scale_rows
from fieldkit.stats.wording import Wording, shown

FLAGS = ("attention_fail", "speeder", "straightline", "not_independent", "duplicate", "excluded")
REASONS = tuple(MISSING_REASONS)
END_MOST = 15.0  # percent of scores at one end: a floor or ceiling effect (Terwee et al. 2007, J Clin Epidemiol 60)
NOWHERE = "000000"


@dataclass(frozen=True, slots=True)
class Flow:
    """How a wave's answers came about, all counties together. None where nobody counted."""

    counties: int
    answered_counties: int
    invited: int | None
    refused: int
    withdrawn: int
    submitted: int
    variants: int
    analysed: int
    minutes: float | None


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """An earlier version of the questionnaire, and which indicators can be compared with it."""

    version: str
    comparable: Mapping[str, Comparable]


@dataclass(eq=False)
class TechnicalBook(PooledBook):
    """What the builders of a technical report draw on."""

    flow: Flow | None = None
    flags: Mapping[str, int] = field(default_factory=dict)
    scales: Sequence[ScaleRow] = ()
    earlier: Sequence[EarlierVersion] = ()

    def has(self, name: str) -> bool:
        """Whether this questionnaire has the indicator or item."""
        return name in self.indicators or self.is_item(name)


def technical_report(
    *,
    plan: Plan,
    wording: Wording,
    wave: Wave,
    whole: Frame,
    flow: Flow,
    flags: Mapping[str, int],
    protected: Sequence[SensitiveLine] = (),
    earlier: Sequence[EarlierVersion] = (),
    dated: datetime.date,
) -> CountyReport:
    """The finished report; `whole` holds the analysed answers of all counties.

    Problems `report.no_answers` when nothing was handed in, `report.few_answers` below the threshold of one county.
    """
    thresholds = Thresholds(wave.n_min, wave.n_min_sensitive)
    if not flow.submitted:
        raise Problem("report.no_answers", where=wave.id, wave=wave.id)
    if whole.n_analysed < thresholds.n_min:
        raise Problem("report.few_answers", where=wave.id, wave=wave.id, n_min=thresholds.n_min)
    indicators = {i.id: i for i in plan.questionnaire.indicators if not i.parameters.get("private")}
    book = TechnicalBook(
        layout=plan.layout,
        wording=wording,
        county=Place(NOWHERE, wave.study.title, "county", ""),
        wave=wave,
        frame=whole,
        questionnaire=plan.questionnaire,
        indicators=indicators,
        numbers={},
        dated=dated,
        titles=plan.titles,
        protected=protected,
        flow=flow,
        flags=flags,
        scales=scale_rows(Pooled.of(whole), plan.questionnaire),
        earlier=earlier,
    )
    blocks = chapters(book, plan.layout.sections, BUILDERS)
    say = wording.say
    return bound(
        wording,
        wave,
        plan.questionnaire,
        blocks,
        dated=dated,
        name=say("cover.name"),
        fieldwork=book.fieldwork,
        line=(say("cover.analysed"), say("cover.analysed_value", n=counted(book, whole.n_analysed))),
        simulated=whole.simulated or wave.simulated,
        study=wave.study.title,
    )


def counted(book: Book, k: int) -> str:
    """A number of people in steps of five; fewer than three, nobody among them, are not counted out."""
    return book.wording.say("technical.few", few=FEW) if k < FEW else str((k + STEP // 2) // STEP * STEP)


def _share(book: Book, percent: float, n: int) -> str:
    """A percentage of `n` people in steps of at least two of them."""
    step = percent_step(n)
    return book.wording.percent(float(int(percent / step + 0.5) * step))


def flow_table(book: TechnicalBook, spec: FlowTable) -> Table | None:
    """From invitation to analysis, one line for each step."""
    flow, say = book.flow, book.wording.say
    if flow is None:
        return None
    minutes = say("dash") if flow.minutes is None else say("heads.minutes_value", minutes=shown(flow.minutes))
    lines = [
        ("counties", f"{flow.answered_counties} / {flow.counties}"),
        ("invited", say("dash") if flow.invited is None else str(flow.invited)),
        ("submitted", counted(book, flow.submitted)),
        ("rate", _percent(book, flow.submitted, flow.invited)),
        ("refused", counted(book, flow.refused)),
        ("withdrawn", counted(book, flow.withdrawn)),
        ("variants", counted(book, flow.variants)),
        ("excluded", counted(book, flow.submitted - flow.analysed)),
        ("analysed", counted(book, flow.analysed)),
        ("minutes", minutes),
    ]
    rows = tuple((Cell(say(f"flow.{name}"), say(f"flow_means.{name}")), Cell(value)) for name, value in lines)
    columns = (Column(say("heads.step")), Column(say("heads.count"), "right", 96))
    return Table(book.label("table"), spec.title.say(book.language), columns, rows, key=spec.key)


def _percent(book: Book, k: int, n: int | None) -> str:
    if not n or k < FEW:
        return book.wording.say("dash")
    return _share(book, 100 * k / n, n)


def flag_table(book: TechnicalBook, spec: FlagTable) -> Table | None:
    """How many of the submitted answers carry each flag."""
    if book.flow is None or not book.flags:
        return None
    say = book.wording.say
    rows = tuple(
        (
            Cell(say(f"flags.{name}"), say(f"flags_mean.{name}")),
            Cell(counted(book, book.flags[name])),
            Cell(_percent(book, book.flags[name], book.flow.submitted)),
        )
        for name in FLAGS
        if name in book.flags
    )
    columns = (
        Column(say("heads.flag")),
        Column(say("heads.count"), "right", 70),
        Column(say("heads.percent"), "right", 70),
    )
    return Table(book.label("table"), spec.title.say(book.language), columns, rows, key=spec.key)


def item_statistics(book: TechnicalBook, spec: ItemStatistics) -> Table:
    """Every item: how many answered, how many did not and why, mean and deviation where it is a number or a scale."""
    say, frame = book.wording.say, book.frame
    rows = []
    for item in book.questionnaire:
        if item.id in spec.leave_out or item.id not in frame.reasons or not item.kind.answered:
            continue
        reasons = frame.reasons[item.id]
        n = int((reasons == ANSWERED).sum())
        without = [int((reasons == at).sum()) for at in range(len(REASONS))]
        missing = [say("dash") if k < FEW else counted(book, k) for k in without]
        mean, deviation = _moments(book, item, n)
        label = (item.label or item.text).say(book.language)
        rows.append((Cell(item.id, code=True), *cells(label, counted(book, n), *missing, mean, deviation)))
    columns = (
        Column(say("heads.id"), width=66),
        Column(say("heads.item")),
        Column("n", "right", 30),
        *(Column(say(f"reasons_short.{reason}"), "right", 35) for reason in REASONS),
        Column(say("heads.mean"), "right", 38),
        Column(say("heads.sd"), "right", 38),
    )
    note = say("technical.items_note", few=FEW, n_min=book.wave.n_min)
    title = spec.title.say(book.language)
    return Table(book.label("table"), title, columns, tuple(rows), note, long=True, key=spec.key)


def _moments(book: Book, item: Item, n: int) -> tuple[str, str]:
    """Mean and standard deviation of numbers and ordered codes, raw; a dash for classes and below the threshold.

    Numbers without an end have one decimal: with more, the largest among the new ones could be told.
    """
    dash = book.wording.say("dash")
    ordered = item.type in ("likert5", "likert", "bipolar7") or item.kind.value == "number"
    least = book.wave.n_min_sensitive if item.sensitive else book.wave.n_min
    if not ordered or n < least or item.id not in book.frame.numbers:
        return dash, dash
    values = book.frame.numbers[item.id]
    values = values[~np.isnan(values)]
    places = 1 if item.kind.value == "number" else 2
    return shown(float(values.mean()), places), shown(float(values.std(ddof=1)), places)


def item_distributions(book: TechnicalBook, spec: ItemDistributions) -> Table | None:
    """The share of each code; those of fewer than three people or nobody are not counted out, nor the next smallest."""
    say = book.wording.say
    rows: list[tuple[Cell, ...]] = []
    for item in book.questionnaire:
        codes = [o for o in item.options if not o.missing]
        if item.id in spec.leave_out or not codes or item.kind.value not in ("code", "codes"):
            continue
        if item.type in ("randomised_response", "list_experiment"):
            continue
        counts, n = _counts(book.frame, item)
        least = book.wave.n_min_sensitive if item.sensitive else book.wave.n_min
        if n < least:
            continue
        hidden = hidden_codes(counts) if item.kind.value == "code" else {c for c, k in counts.items() if k < FEW}
        label = (item.label or item.text).say(book.language)
        rows.append((Cell(f"{item.id}  {label}"),))
        for option in codes:
            k = counts[option.code]
            percent = say("dash") if option.code in hidden else _share(book, 100 * k / n, n)
            number = say("dash") if option.code in hidden else counted(book, k)
            rows.append(cells(str(option.code), option.text.say(book.language), number, percent))
    if not rows:
        return None
    columns = (
        Column(say("heads.code"), width=60),
        Column(say("heads.option")),
        Column(say("heads.count"), "right", 48),
        Column(say("heads.percent"), "right", 54),
    )
    note = say("technical.distribution_note", few=FEW)
    title = spec.title.say(book.language)
    return Table(book.label("table"), title, columns, tuple(rows), note, long=True, key=spec.key)


def _counts(frame: Frame, item: Item) -> tuple[dict[int, int], int]:
    codes = [o.code for o in item.options if not o.missing]
    if item.kind.value == "codes":
        sets = [one for one in frame.sets[item.id] if one is not None]
        return {code: sum(code in one for one in sets) for code in codes}, len(sets)
    values = frame.numbers[item.id]
    return {code: int((values == code).sum()) for code in codes}, int((~np.isnan(values)).sum())


def hidden_codes(counts: Mapping[int, int]) -> set[int]:
    """Codes whose numbers are not printed: those of less than three people, and one more where that alone would tell.

    >>> sorted(hidden_codes({1: 2, 2: 9, 3: 5})), sorted(hidden_codes({1: 1, 2: 2, 3: 9})), hidden_codes({1: 3, 2: 9})
    ([1, 3], [1, 2], set())
    """
    hidden = {code for code, k in counts.items() if k < FEW}
    rest = sorted((k, code) for code, k in counts.items() if code not in hidden)
    while hidden and rest and sum(counts[c] for c in hidden) < FEW:
        hidden.add(rest.pop(0)[1])
    return hidden


def reliability_table(book: TechnicalBook, spec: ReliabilityTable) -> Table | None:
    """Alpha, item-rest correlations, floor and ceiling of every scale, of all counties together."""
    if not book.scales:
        return None
    say, dash = book.wording.say, book.wording.say("dash")
    rows = []
    for one in book.scales:
        if one.indicator not in book.indicators:
            continue
        rests = [r for _, r in one.item_rest]
        span = book.wording.span(min(rests), max(rests), 2) if rests else dash
        ends = [dash if e is None else _share(book, e, one.n or 0) for e in (one.floor, one.ceiling)]
        marked = [e is not None and e > END_MOST for e in (one.floor, one.ceiling)]
        remark = [say("technical.low_alpha")] if one.low else []
        remark += [say(f"technical.{name}") for name, on in zip(("floor", "ceiling"), marked, strict=True) if on]
        rows.append(
            (
                Cell(book.name(one.indicator), one.indicator),
                *cells(
                    str(one.items),
                    dash if one.n is None else counted(book, one.n),
                    dash if one.alpha is None else shown(one.alpha, 2),
                    dash if one.omega is None else shown(one.omega, 2),
                    span,
                    *ends,
                    book.wording.say("semicolon").join(remark),
                ),
            )
        )
    columns = (
        Column(say("heads.scale")),
        Column(say("heads.items"), "right", 36),
        Column("n", "right", 44),
        Column("α", "right", 36),
        Column("ω", "right", 36),
        Column(say("heads.item_rest"), "right", 66),
        Column(say("heads.floor"), "right", 42),
        Column(say("heads.ceiling"), "right", 42),
        Column(say("heads.remark"), width=76),
    )
    note = say("technical.scales_note", least=LEAST_CASES, most=shown(END_MOST, 0))
    title = spec.title.say(book.language)
    return Table(book.label("table"), title, columns, tuple(rows), note, long=True, key=spec.key)


def comparability_table(book: TechnicalBook, spec: ComparabilityTable) -> Table | None:
    """Which indicators can be compared with which earlier version, and why not."""
    if not book.earlier:
        return None
    say = book.wording.say
    rows = []
    for one in book.indicators.values():
        words = []
        for version in book.earlier:
            found = version.comparable[one.id]
            words.append(say("comparable.yes") if found else say(f"comparable.{found.reason}"))
        rows.append((Cell(book.name(one.id), one.id), *cells(*words)))
    columns = (
        Column(say("heads.indicator"), width=150),
        *(Column(say("heads.against", version=version.version)) for version in book.earlier),
    )
    title = spec.title.say(book.language)
    return Table(book.label("table"), title, columns, tuple(rows), long=True, key=spec.key)


BUILDERS: Builders = {
    **PLAIN,
    ItemsTable: items_table,
    VersionsTable: versions_table,
    FlowTable: flow_table,
    FlagTable: flag_table,
    ItemStatistics: item_statistics,
    ItemDistributions: item_distributions,
    ReliabilityTable: reliability_table,
    ComparabilityTable: comparability_table,
    ProtectedTable: protected_table,
}
