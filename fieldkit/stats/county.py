"""One county's report, from its answers to a finished CountyReport; the last step before drawing."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fieldkit.core.instrument import Indicator, Module, Questionnaire, indicator_of
from fieldkit.core.place import Place
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.core.wave import Wave
from fieldkit.stats.annex import ANNEX
from fieldkit.stats.book import Book, VersionLine
from fieldkit.stats.chapters import PLAIN, Builders, bound, chapters
from fieldkit.stats.compare import LEAST_PEERS
from fieldkit.stats.contribution import compared, contributed, contribution
from fieldkit.stats.disclose import FEW, INVITED_MIN, USUAL, Base, Disclosed, Thresholds, gate
from fieldkit.stats.figures import FIGURES
from fieldkit.stats.frame import Flags, Frame
from fieldkit.stats.further import ranged, with_further
from fieldkit.stats.indicators import compute
from fieldkit.stats.indicators.column import Computed
from fieldkit.stats.layout import (
    Bars,
    Dots,
    Findings,
    HeadlineTable,
    Layout,
    Listed,
    ProfileTable,
    RowFigure,
    Say,
    Sentences,
    SplitTable,
    WaveFigure,
    WaveTable,
)
from fieldkit.stats.layout import Block as Spec
from fieldkit.stats.levels import GROUPS, with_levels
from fieldkit.stats.over_waves import WAVES
from fieldkit.stats.reissue import Basis, Issued, Renewal
from fieldkit.stats.report import Block, CountyReport, Numbered, Paragraph
from fieldkit.stats.results import Measured, also, bases_of, by_level, disclosed, gates_of, measure, measured, renewed
from fieldkit.stats.sentences import said
from fieldkit.stats.tables import TABLES
from fieldkit.stats.technical import Pooled, Technical, technical
from fieldkit.stats.waves import Asked, WaveNumbers, compare_waves, wave_numbers
from fieldkit.stats.wording import Wording


def ids_of(layout: Layout) -> tuple[str, ...]:
    """Every indicator and item that the layout names in a row or a sentence, in order."""
    found: dict[str, None] = {}
    for section in layout.sections:
        for block in section.blocks:
            found.update(dict.fromkeys(_ids_of(block)))
    return tuple(found)


def _ids_of(block: Spec) -> Iterator[str]:
    if isinstance(block, RowFigure):
        yield from (line.id for group in block.groups for line in group.lines)
    elif isinstance(block, Listed):
        yield from (line.id for line in block.rows)
        if isinstance(block, HeadlineTable):
            yield from (line.id for line in block.instead)
    elif isinstance(block, Bars):
        yield block.of
    elif isinstance(block, ProfileTable):
        yield from block.items
    elif isinstance(block, Sentences | Findings):
        said = (*block.say, *block.instead) if isinstance(block, Findings) else block.say
        yield from (name for say in said for name in (say.of[1:] if say.what == "fixed" else say.of))


def _level_ids(layout: Layout) -> set[str]:
    """The indicators of which the layout asks for both levels."""
    found: set[str] = set()
    for section in layout.sections:
        for block in section.blocks:
            if isinstance(block, SplitTable):
                found.update(line.id for line in block.rows)
            elif isinstance(block, Dots):
                found.update(line.id for group in block.groups for line in group.lines if line.levels)
    return found


@dataclass(frozen=True, eq=False)
class Plan:
    """A layout made ready for one questionnaire version: what is measured, and who is asked what.

    Make it once with `plan` and use it for every county of a wave.
    """

    layout: Layout
    questionnaire: Questionnaire
    indicators: tuple[Indicator, ...]
    bases: Mapping[str, tuple[Base, ...]]
    titles: Mapping[str, Text]  # of the modules

    def measure(self, frame: Frame) -> Measured:
        """The estimates of one county, to be handed to the reports of its peers."""
        return measure(frame, self.indicators)

    def contribution(
        self, frame: Frame, thresholds: Thresholds = USUAL, issued: Sequence[Issued] = ()
    ) -> dict[str, dict[str, Any]]:
        """The same as plain numbers that can be kept: those that are compared and that the county's own report prints.

        What is hidden there must not come back as the mean of all peers less the others. After earlier issues
        (`issued`) a number rests on those on whom it rests in the county's next one.
        """
        estimates: Measured = self.measure(frame)
        barred: list[str] = []
        if issued:
            estimates, barred, _ = self.resting(compute(frame, self.indicators), thresholds, issued)
        numbers = disclosed(
            estimates,
            self.indicators,
            self.questionnaire,
            thresholds,
            bases=self.bases,
            n_analysed=frame.n_analysed,
            barred=barred,
        )
        return contribution(
            estimates,
            [
                i
                for i in compared(self.indicators, self.questionnaire)
                if numbers[i.id].shown and not numbers[i.id].coarse
            ],
        )

    def resting(
        self, done: Computed, thresholds: Thresholds, issued: Sequence[Issued]
    ) -> tuple[Measured, list[str], dict[str, Basis]]:
        """The estimates of a county after its earlier issues, which of them are barred, and on whom each rests."""
        if not issued:
            return measured(done, self.indicators), [], {}
        estimates, rests = renewed(done, self.indicators, thresholds, Renewal(done.frame, issued))
        return estimates, [name for name, one in rests.items() if one.barred], rests


def plan(layout: Layout, questionnaire: Questionnaire, modules: Sequence[Module] = ()) -> Plan:
    """The questionnaire's indicators and the single items that the layout prints.

    `modules` are those that the questionnaire draws from; they give the generic chapters their titles.
    """
    indicators: dict[str, Indicator] = {}
    for indicator in questionnaire.indicators:
        indicators[indicator.id] = ranged(indicator, questionnaire, indicators)
    whole = replace(questionnaire, indicators=tuple(indicators.values()))
    layout = with_further(layout, whole, modules, ids_of(layout))
    for name in ids_of(layout):
        item = questionnaire.items.get(name)
        own = indicator_of(item) if item else None
        if own and name not in indicators:
            indicators[name] = own
    listed = tuple(indicators.values())
    titles = {module.id: module.title for module in modules}
    return Plan(layout, questionnaire, listed, bases_of(questionnaire, listed), titles)


def county_report(*, wording: Wording, **of: Any) -> CountyReport:
    """The finished report of one county and one wave in one language; takes what `county_writer` takes."""
    return county_writer(**of)(wording)


def county_writer(
    *,
    plan: Plan,
    county: Place,
    wave: Wave,
    frame: Frame,
    peers: Mapping[str, Frame | Measured] | None = None,
    dated: datetime.date,
    edition: int = 1,
    province: str = "",
    changes: Sequence[VersionLine] = (),
    issued: Sequence[Issued] = (),
    levels: Sequence[str] = (),
    earlier: Sequence[WaveNumbers] = (),
    comparable: Asked = lambda *_: True,
    everyone: Frame | None = None,
    pooled: Pooled | None = None,
    tell: Callable[[WaveNumbers], None] | None = None,
) -> Callable[[Wording], CountyReport]:
    """Work out the numbers of one county and one wave; what is given back writes the report in any language.

    `frame` holds the county's analysed answers. `peers` holds the frames, or the measured numbers (`Plan.measure`), of
    the peer counties by code; the own county is left out if it is among them. `dated` is the day the file carries.
    `issued` are the earlier issues of this report, oldest first: a number is renewed only where they do not give away
    who is new. With `levels` ('upper', 'lower' or both) the report holds only what has both levels, in the figures of
    its chapters (`stats.levels`). `earlier` are the numbers that the editions of earlier waves told, oldest first, and
    `comparable` says which of them mean the same; `tell` is given those of this report, to be kept. `everyone` holds
    the answers that quality rules leave out as well, `pooled` what the scales of the wave add up to: both for annex E.
    Raises Problem `report.suppressed` below the thresholds; writing raises `report.forbidden_words` when a generated
    sentence says what must not be said. Costs about 30 ms for 120 respondents, a second language 5.
    """
    thresholds = Thresholds(wave.n_min, wave.n_min_sensitive)
    invited = wave.county[county.code].invited if county.code in wave.county else None
    gate(frame.n_analysed, invited, thresholds, county=county.code, name=county.name)

    done = compute(frame, plan.indicators)
    others = {
        code: contributed(plan.contribution(one, thresholds)) if isinstance(one, Frame) else one
        for code, one in (peers or {}).items()
        if code != county.code and not _too_few_invited(wave, code)
    }
    has_peers = len(others) >= LEAST_PEERS
    renewal = Renewal(frame, issued) if issued else None
    estimates, barred, rests = plan.resting(done, thresholds, issued)
    numbers = disclosed(
        estimates,
        plan.indicators,
        plan.questionnaire,
        thresholds,
        peers=others if has_peers else None,
        bases=plan.bases,
        n_analysed=frame.n_analysed,
        barred=barred,
    )
    wanted = {i.id for i in plan.indicators} if levels else _level_ids(plan.layout)
    wished = [i for i in plan.indicators if i.id in wanted and not (i.id in rests and rests[i.id].issue)]
    present = wave_numbers(wave, frame, estimates, numbers, dated=dated)
    if tell is not None:
        tell(present)
    compared_ids = dict.fromkeys(name for b in _blocks(plan.layout, WaveTable, WaveFigure) for name in _ids_of(b))
    by_id = {i.id: i for i in plan.indicators}
    over = compare_waves([*earlier, present], [by_id[n] for n in compared_ids if n in by_id], comparable)
    told = _technical(plan, frame, everyone, numbers, thresholds, pooled, renewal is not None)
    pairs = by_level(done, numbers, wished, thresholds, renewal=renewal)

    def written(wording: Wording) -> CountyReport:
        book = Book(
            layout=with_levels(plan.layout, pairs) if levels else plan.layout,
            wording=wording,
            county=county,
            wave=wave,
            frame=frame,
            questionnaire=plan.questionnaire,
            indicators=by_name(plan, numbers),
            numbers=numbers,
            levels=pairs,
            groups_shown=tuple(levels) or GROUPS,
            gates={
                i.id: gates_of(plan.bases, plan.questionnaire, i) for i in plan.indicators if i.estimate == "categories"
            },
            dated=dated,
            edition=edition,
            has_peers=any(n.peer for n in numbers.values()),
            province=province,
            changes=changes,
            titles=plan.titles,
            carried={name: one.issue for name, one in rests.items() if one.issue and not one.barred},
            workplaces=_workplaces(frame, renewal),
            waves=over,
            technical=told,
        )
        blocks = chapters(book, book.layout.sections, BUILDERS)
        analysed = wording.say("cover.analysed"), wording.say("cover.analysed_value", n=frame.n_analysed)
        return bound_edition(book, blocks, analysed, (("county", county.code), ("county_name", county.name)))

    return written


def by_name(plan: Plan, numbers: Mapping[str, Disclosed]) -> dict[str, Indicator]:
    """The indicator behind every number; a further statistic of one stands under its own name."""
    found: dict[str, Indicator] = {}
    for i in plan.indicators:
        for statistic in (i.estimate, *also(i)):
            name = i.id if statistic == i.estimate else f"{i.id}/{statistic}"
            if name in numbers:
                found[name] = replace(i, estimate=statistic)
    return found


def _blocks(layout: Layout, *kinds: type) -> Iterator[Spec]:
    yield from (b for section in layout.sections for b in section.blocks if isinstance(b, kinds))


def _technical(
    plan: Plan,
    frame: Frame,
    everyone: Frame | None,
    numbers: Mapping[str, Disclosed],
    thresholds: Thresholds,
    pooled: Pooled | None,
    later: bool,
) -> Technical:
    """Annex E. From the second issue on, nothing is told here a second way.

    A table without exclusions in two issues, less what the issues print, would be whoever was left out in between; a
    count of scores from part of the items, or another cut-point, whoever is new. Only reliability stays, which is
    pooled and frozen.
    """
    headline = [name for b in _blocks(plan.layout, HeadlineTable) for name in _ids_of(b)]
    names = {i.id for i in plan.indicators}
    asked = list(dict.fromkeys(n for n in headline if n in names)) if everyone is not None and not later else []
    told = technical(frame, everyone or frame, plan.indicators, asked, numbers, thresholds, pooled)
    return replace(told, prorated=(), cuts=()) if later else told


def _workplaces(frame: Frame, renewal: Renewal | None) -> tuple[int, int] | None:
    """How many work at the upper and at the lower level; None where that would tell too much of who is new."""
    upper, lower = frame.upper, frame.lower
    if renewal is not None:
        basis = renewal.basis(upper | lower, lambda new, gone, _: _in_both(new, upper, lower) - gone >= FEW)
        if basis.barred:
            return None
        upper, lower = upper & basis.rows, lower & basis.rows
    return int(upper.sum()), int(lower.sum())


def _in_both(new: Flags, upper: Flags, lower: Flags) -> int:
    return int(min((new & upper).sum(), (new & lower).sum()))


def _too_few_invited(wave: Wave, code: str) -> bool:
    """Whether a county may have no report of its own, and so is no peer either."""
    place = wave.county.get(code)
    return place is not None and place.invited is not None and place.invited < INVITED_MIN


def results(book: Book) -> tuple[Disclosed, ...]:
    """All numbers of the county for its aggregate file: indicators, and the levels that were printed."""
    found: list[Disclosed] = []
    for name in book.filed:
        found.append(book.numbers[name])
        if name in book.split_asked:
            found += book.levels.get(name, ())
    return tuple(found)


def _paragraph(book: Book, spec: Sentences) -> Paragraph | None:
    text = "".join(_said(book, say, spec.careful) for say in spec.say)
    return Paragraph(text, spec.note) if text else None


def _said(book: Book, say: Say, careful: bool) -> str:
    try:
        return said(book, say)
    except Problem as problem:
        if careful and problem.code == "report.forbidden_words":
            return ""  # the researcher's own name for it; the figure stands all the same
        raise


def _findings(book: Book, spec: Findings) -> Numbered | None:
    found: list[str] = []
    for say in spec.say:
        named = [book.numbers[name] for name in say.of if name in book.numbers]
        if len(found) < spec.most and all(n.shown or n.bound for n in named):
            text = _said(book, say, spec.careful)
            found += [text] if text else []
    return Numbered(tuple(found)) if found else None


BUILDERS: Builders = {
    **PLAIN,
    **FIGURES,
    **TABLES,
    **WAVES,
    **ANNEX,
    Sentences: _paragraph,
    Findings: _findings,
}


def bound_edition(
    book: Book, blocks: Sequence[Block], line: tuple[str, str], of: Sequence[tuple[str, str]]
) -> CountyReport:
    """Bind what a reader outside the team is handed: with its edition, the numbers of its file and their places.

    `line` is what the cover says of how many were analysed, `of` what the file says of the county or counties.
    """
    wave, questionnaire, name = book.wave, book.questionnaire, book.county.name
    return bound(
        book.wording,
        wave,
        questionnaire,
        blocks,
        dated=book.dated,
        name=name,
        line=line,
        fieldwork=book.fieldwork,
        simulated=book.frame.simulated or wave.simulated,
        province=book.province,
        edition=book.edition,
        results=results(book),
        told=(
            *of,
            ("wave", wave.id),
            ("wave_number", str(wave.number)),
            ("questionnaire", questionnaire.id),
            ("version", questionnaire.version),
            ("edition", str(book.edition)),
            ("n_analysed", str(book.frame.n_analysed)),
        ),
        decimals=tuple((one, i.decimals) for one, i in book.indicators.items() if i.decimals > 1),
    )
