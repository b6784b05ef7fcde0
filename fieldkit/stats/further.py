"""Chapters for indicators that no block of the layout names: a researcher's own module gets its pages without code.

A section of the layout with `generic: true` is a pattern: for every module with such indicators a chapter is made of
it, in which each `further` block becomes sentences and figures, grouped by how a county's value comes about, by range
and by unit. What is private never comes in here; what is sensitive stands in figures of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from fieldkit.core.instrument import Indicator, Module, Questionnaire
from fieldkit.core.text import Text
from fieldkit.stats.layout import (
    AxisSpec,
    Bars,
    Block,
    Classes,
    Dots,
    Findings,
    Further,
    HeadlineTable,
    Layout,
    Line,
    Lines,
    MedianTable,
    Quartiles,
    Say,
    Section,
    Sentences,
    Shares,
)

FEW_CLASSES = 6  # so many classes fit into one bar
FEW_COMPARED = 3
HEADLINES, FINDINGS = 7, 5  # as many as the summary of our own questionnaires has
NARROW = 200  # a count that cannot be above this has one axis; others take the narrowest that holds them
WIDE = 1e9


def ranged(indicator: Indicator, questionnaire: Questionnaire, others: Mapping[str, Indicator]) -> Indicator:
    """The indicator with the range that follows from its kind where the file does not say it."""
    if indicator.estimate != "mean" or (indicator.low is not None and indicator.high is not None):
        return indicator
    found = _range(indicator, questionnaire, others)
    return replace(indicator, low=found[0], high=found[1]) if found else indicator


def _range(
    indicator: Indicator, questionnaire: Questionnaire, others: Mapping[str, Indicator]
) -> tuple[float, float] | None:
    codes = [
        float(o.code) for name in indicator.items for o in questionnaire.items[name].options if not o.missing
    ]
    parameters = indicator.parameters
    if indicator.kind == "scale":
        return 0.0, 100.0
    if indicator.kind == "mean" and codes:
        return min(codes), max(codes)
    if indicator.kind == "index" and codes:
        factor, centre = float(str(parameters["factor"])), float(str(parameters["centre"]))
        ends = [factor * (code - centre) for code in (min(codes), max(codes))]
        return min(ends), max(ends)
    if indicator.kind == "mean_of_scores":
        listed = parameters.get("indicators", ())
        parts = [others[str(n)] for n in listed if str(n) in others]  # type: ignore[attr-defined]
        if parts and all(p.low is not None and p.high is not None for p in parts):
            return min(p.low or 0.0 for p in parts), max(p.high or 0.0 for p in parts)
    if indicator.kind in ("value", "sum"):
        items = [questionnaire.items[name] for name in indicator.items]
        if all(i.low is not None and i.high is not None for i in items):
            return sum(i.low or 0.0 for i in items), sum(i.high or 0.0 for i in items)
    return None


def with_further(
    layout: Layout, questionnaire: Questionnaire, modules: Sequence[Module], named: Collection[str]
) -> Layout:
    """The layout with a chapter in place of its pattern for every module that has indicators nobody names.

    `named` are the ids that the layout's own blocks print. Without `modules` all of them stand in one chapter under
    the questionnaire's title.
    """
    named = {name.partition("/")[0] for name in named}
    sections: list[Section] = []
    main: list[Indicator] = []
    for section in layout.sections:
        if not section.generic:
            sections.append(section)
            continue
        for key, title, indicators in _by_module(section, questionnaire, modules, named):
            main += [i for i in indicators if not i.sensitive and i.estimate != "categories"]
            blocks = tuple(_expanded(section, key, indicators))
            if not blocks:
                continue
            head = Text({code: words.format(module=title.say(code)) for code, words in section.title.items()})
            needs = tuple(i.id for i in indicators)
            own = replace(section, key=f"{section.key}_{key}", title=head, blocks=blocks, needs=needs, generic=False)
            sections.append(own)
    asked = frozenset({i.id for i in questionnaire.indicators} | set(questionnaire.items))
    return replace(layout, sections=tuple(_summed_up(section, main, asked) for section in sections))


def _summed_up(section: Section, main: Sequence[Indicator], asked: frozenset[str]) -> Section:
    """A summary that would be empty names what the layout gives instead, or the first of the further indicators."""
    blocks: list[Block] = []
    for block in section.blocks:
        if isinstance(block, HeadlineTable) and not any(line.id in asked for line in block.rows):
            there = tuple(line for line in block.instead if line.id in asked)
            block = replace(block, rows=there or tuple(Line(i.id) for i in main[:HEADLINES]))
        elif isinstance(block, Findings) and not any(asked.issuperset(say.of) for say in block.say):
            can = tuple(say for say in block.instead if asked.issuperset(say.of))
            own = tuple(Say("number", (i.id,)) for i in main[:FINDINGS])
            block = replace(block, say=can) if can else replace(block, say=own, careful=True)
        blocks.append(block)
    return replace(section, blocks=tuple(blocks))


def _by_module(
    section: Section, questionnaire: Questionnaire, modules: Sequence[Module], named: Collection[str]
) -> Iterator[tuple[str, Text, list[Indicator]]]:
    """Key and title of each chapter with the indicators that stand in it."""
    rest = {
        i.id: i
        for i in questionnaire.indicators
        if i.id not in named and i.id not in section.leave_out and not i.parameters.get("private")
    }
    for module in modules:
        own = [rest.pop(i.id) for i in module.indicators if i.id in rest]
        if own:
            yield module.id, module.title, own
    if rest:
        yield questionnaire.id, questionnaire.title, list(rest.values())


def _expanded(section: Section, key: str, indicators: Sequence[Indicator]) -> Iterator[Block]:
    """The blocks of a chapter; a title stays only if something follows it."""
    waiting: list[Block] = []
    for spec in section.blocks:
        if not isinstance(spec, Further):
            waiting.append(spec)
            continue
        made = list(FURTHER[spec.of](replace(spec, key=f"{spec.key}_{key}"), indicators))
        if made:
            yield from waiting
            yield from made
        waiting = []


def _sentences(indicators: Sequence[Indicator]) -> Sentences:
    """A sentence for each, and how it stands beside the peers where that does not make the paragraph too long."""
    if indicators[0].print_name and indicators[0].sensitive:  # views of units in general: said once, for all of them
        return Sentences((Say("fixed", ("sensitive_general", indicators[0].id)),))
    each = ("number", "compare") if len(indicators) <= FEW_COMPARED else ("number",)
    return Sentences(tuple(Say(what, (i.id,)) for i in indicators for what in each), careful=True)


def _title(spec: Further, indicators: Sequence[Indicator]) -> Text:
    """One indicator's own name, or that of the block."""
    first = indicators[0]
    return first.print_name or first.title if len(indicators) == 1 else spec.title


def _lines(indicators: Iterable[Indicator]) -> tuple[Lines, ...]:
    return (Lines(tuple(Line(i.id) for i in indicators)),)


Grouped = Iterator[tuple[int, list[Indicator]]]


def _grouped(indicators: Iterable[Indicator], by: Callable[[Indicator], object]) -> Grouped:
    """Indicators that share an axis, the sensitive ones apart, numbered for their figures' keys."""
    groups: dict[object, list[Indicator]] = {}
    for indicator in indicators:
        kind = bool(indicator.print_name) if indicator.sensitive else None
        groups.setdefault((by(indicator), kind), []).append(indicator)
    yield from enumerate(groups.values())


def _means(spec: Further, indicators: Sequence[Indicator]) -> Iterator[Block]:
    means = [i for i in indicators if i.estimate == "mean"]
    for at, group in _grouped(means, lambda i: (i.low, i.high)):
        yield _sentences(group)
        low, high, key = group[0].low, group[0].high, f"{spec.key}_{at}"
        if low is not None and high is not None and low < high:
            axis = AxisSpec(ticks=ticks(low, high), signed=low < 0)
            yield Dots(key, _title(spec, group), _lines(group), spec.note, axis=axis)
        else:  # nobody knows where an axis would end
            yield HeadlineTable(key, _title(spec, group), tuple(Line(i.id) for i in group))


def _medians(spec: Further, indicators: Sequence[Indicator]) -> Iterator[Block]:
    medians = [i for i in indicators if i.estimate == "median"]
    for at, group in _grouped(medians, lambda i: (i.unit, widths(i.high) if (i.low or 0) >= 0 else None)):
        yield _sentences(group)
        key, first = f"{spec.key}_{at}", group[0]
        if (first.low or 0) < 0:
            yield MedianTable(key, _title(spec, group), tuple(Line(i.id) for i in group), spec.note)
        else:
            axis = AxisSpec(widths=widths(first.high), unit=first.unit)
            yield Quartiles(key, _title(spec, group), _lines(group), spec.note, axis=axis)


def _shares(spec: Further, indicators: Sequence[Indicator]) -> Iterator[Block]:
    shares = [i for i in indicators if i.estimate in ("share", "ratio")]
    for at, group in _grouped(shares, lambda i: i.estimate == "ratio" and not (i.high is not None and i.high <= 100)):
        yield _sentences(group)
        key = f"{spec.key}_{at}"
        if group[0].estimate == "share" or (group[0].high is not None and group[0].high <= 100):
            yield Shares(key, _title(spec, group), _lines(group), spec.note)
        else:  # a ratio that may be above 100 % has no place on an axis that ends there
            yield HeadlineTable(key, _title(spec, group), tuple(Line(i.id) for i in group))


def _classes(spec: Further, indicators: Sequence[Indicator]) -> Iterator[Block]:
    for at, i in enumerate(i for i in indicators if i.estimate == "categories"):
        key, title = f"{spec.key}_{at}", i.print_name or i.title
        few = 0 < len(i.options) <= FEW_CLASSES
        yield Classes(key, title, (Line(i.id),), spec.note) if few else Bars(key, title, i.id, spec.note)


# One row for each word that a `further` block may give under `of`.
FURTHER: Mapping[str, Callable[[Further, Sequence[Indicator]], Iterator[Block]]] = MappingProxyType(
    {"means": _means, "medians": _medians, "shares": _shares, "classes": _classes}
)


def ticks(low: float, high: float) -> tuple[float, ...]:
    """Round numbers from low to high, or a little beyond, for a fixed axis.

    >>> ticks(0, 100), ticks(1, 5), ticks(-3, 3)
    ((0.0, 25.0, 50.0, 75.0, 100.0), (1.0, 2.0, 3.0, 4.0, 5.0), (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0))
    >>> ticks(0, 132)
    (0.0, 50.0, 100.0, 150.0)
    """
    span = high - low
    for parts in (4, 5, 6, 3, 2, 7, 8):
        step = span / parts
        if math.isclose(step, _round_step(step)) and math.isclose(low / step, round(low / step), abs_tol=1e-9):
            return tuple(round(low + step * n, 9) for n in range(parts + 1))
    step = _round_step(span / 4)
    first, last = math.floor(low / step), math.ceil(high / step)
    return tuple(round(step * n, 9) for n in range(first, last + 1))


def _round_step(step: float) -> float:
    """1, 2, 2.5 or 5 times a power of ten, not below `step` by more than rounding; whole numbers are never split."""
    size = 10.0 ** math.floor(math.log10(step) + 1e-9)
    return next((size * n for n in (1, 2, 2.5, 5, 10) if size * n >= step * (1 - 1e-9)), size * 10)


def widths(high: float | None) -> tuple[tuple[float, ...], ...]:
    """The axes that a count can have, from narrow to wide: one if it cannot be large.

    >>> widths(50), widths(400)
    (((0.0, 10.0, 20.0, 30.0, 40.0, 50.0),), ((0.0, 10.0, 20.0, 30.0, 40.0), (0.0, 25.0, 50.0, 75.0, 100.0), \
(0.0, 50.0, 100.0, 150.0, 200.0), (0.0, 100.0, 200.0, 300.0, 400.0)))
    """
    if high is not None and 0 < high <= NARROW:
        return (ticks(0, high),)
    most = WIDE if high is None or high <= 0 else high
    found: list[tuple[float, ...]] = []
    top = 40.0
    while not found or found[-1][-1] < most:
        found.append(tuple(top / 4 * n for n in range(5)))
        top *= 2.5 if str(top)[0] == "4" else 2
    return tuple(found)
