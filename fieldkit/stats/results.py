"""All numbers of one county: measured, then disclosed together, then set beside the peers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from fieldkit.core.expression import Expression, compiled, parse
from fieldkit.core.instrument import Indicator, Questionnaire
from fieldkit.core.item import MISSING_REASONS, Item
from fieldkit.stats import estimate as by
from fieldkit.stats.compare import THRESHOLD, against_peers
from fieldkit.stats.contribution import compared
from fieldkit.stats.disclose import FEW, USUAL, Base, Disclosed, Peer, Thresholds, disclose, guard, split
from fieldkit.stats.estimate import Estimate
from fieldkit.stats.frame import Flags, Frame
from fieldkit.stats.indicators import compute
from fieldkit.stats.indicators.column import Column, Computed
from fieldkit.stats.indicators.negotiation import NO_GAP, OK, SLACK
from fieldkit.stats.reissue import Basis, Renewal, alone
from fieldkit.stats.wording import rounded

Rows = npt.NDArray[np.bool_] | slice
EVERYONE = slice(None)
ORDERED_TYPES = ("likert5", "bipolar7")
OTHER_CODE = 98  # codebook 0.2: 其他
REFUSED = MISSING_REASONS.index("refused")
NOT_SHOWN = MISSING_REASONS.index("not_shown")


def codes_of(indicator: Indicator, questionnaire: Questionnaire) -> tuple[int, ...]:
    """Every code that a distribution of this indicator counts, in order; whole values where there are no options."""
    out = indicator.parameters.get("leave_out", ())
    options = indicator.options
    if not options and len(indicator.items) == 1:
        options = questionnaire.items[indicator.items[0]].options
    if options:
        return tuple(o.code for o in options if not o.missing and o.code not in out)  # type: ignore[operator]
    return tuple(range(int(indicator.low or 0), int(indicator.high or 0) + 1))


def is_ordered(indicator: Indicator, questionnaire: Questionnaire) -> bool:
    """Whether the codes form a scale, so that a small step may only join its neighbour."""
    if indicator.options:
        return False
    if indicator.kind == "categories":
        return questionnaire.items[indicator.items[0]].type in ORDERED_TYPES
    return indicator.kind != "options"


def _mean(column: Column, rows: Rows, indicator: Indicator, _: Questionnaire) -> Estimate:
    return by.mean(column.numbers[rows], indicator=indicator.id, low=indicator.low, high=indicator.high)


def _median(column: Column, rows: Rows, indicator: Indicator, _: Questionnaire) -> Estimate:
    return by.median(column.numbers[rows], indicator=indicator.id)


def _share(column: Column, rows: Rows, indicator: Indicator, _: Questionnaire) -> Estimate:
    return by.share(column.numbers[rows], indicator=indicator.id)


def _ratio(column: Column, rows: Rows, indicator: Indicator, _: Questionnaire) -> Estimate:
    assert column.y is not None
    assert column.x is not None
    return by.ratio(column.y[rows], column.x[rows], indicator=indicator.id)


def _categories(column: Column, rows: Rows, indicator: Indicator, questionnaire: Questionnaire) -> Estimate:
    codes = codes_of(indicator, questionnaire)
    if column.sets is None:
        return by.categories(column.numbers[rows], codes, indicator=indicator.id)
    keep = range(len(column.sets)) if isinstance(rows, slice) else np.flatnonzero(rows).tolist()
    return by.options([column.sets[i] for i in keep], codes, indicator=indicator.id)


ESTIMATORS: Mapping[str, Callable[[Column, Rows, Indicator, Questionnaire], Estimate]] = {
    "mean": _mean,
    "median": _median,
    "share": _share,
    "ratio": _ratio,
    "categories": _categories,
}

Measured = Mapping[str, Estimate]


def also(indicator: Indicator) -> tuple[str, ...]:
    """Further statistics of the same indicator; they stand under '<id>/<statistic>'."""
    return tuple(indicator.parameters.get("also", ()))  # type: ignore[arg-type]


def measure(frame: Frame, indicators: Iterable[Indicator]) -> dict[str, Estimate]:
    """The estimates of one county by indicator id; what stands in here may disclose and must not be shown.

    Compute it once per county of a wave and hand it to every report as a peer.
    """
    indicators = tuple(indicators)
    done = compute(frame, indicators)
    return measured(done, indicators)


def measured(
    done: Computed, indicators: Iterable[Indicator], rows: Rows = EVERYONE, group: str = ""
) -> dict[str, Estimate]:
    """The estimates of a group of respondents from columns that are already computed."""
    found: dict[str, Estimate] = {}
    questionnaire = done.frame.questionnaire
    for indicator in indicators:
        column = done.columns[indicator.id]
        undefined = int((column.status[rows] == "no_denominator").sum())
        refused = _refused(done, indicator) if indicator.sensitive else 0.0
        unasked, by_choice = _unasked(done, indicator, rows)
        for statistic in (indicator.estimate, *also(indicator)):
            name = indicator.id if statistic == indicator.estimate else f"{indicator.id}/{statistic}"
            one = ESTIMATORS[statistic](column, rows, indicator, questionnaire)
            found[name] = replace(
                one, undefined=undefined, refused=refused, unasked=unasked, by_choice=by_choice, group=group
            )
    return found


def renewed(
    done: Computed, indicators: Sequence[Indicator], thresholds: Thresholds, renewal: Renewal
) -> tuple[dict[str, Estimate], dict[str, Basis]]:
    """The estimates of a new issue, each of the respondents that it may rest on, and who those are.

    Numbers that could be set against each other are renewed together: those of the same items, and a mean of scores
    with its parts.
    """
    questionnaire = done.frame.questionnaire
    bases = bases_of(questionnaire, indicators)

    def numbers(i: Indicator, estimates: Measured) -> dict[str, Disclosed]:
        return {name: _alone(one, i, questionnaire, thresholds, bases) for name, one in estimates.items()}

    def publishable(i: Indicator, new: Flags, gone: int, rows: Flags) -> bool:
        part = measured(done, [i], new)
        if any(_few_unasked(one) or 0 < one.undefined < FEW for one in part.values()):
            return False  # beside how many are new, n would count one or two of them by an answer
        whole = numbers(i, measured(done, [i], rows))
        return all(alone(part[name], one, i, thresholds, gone) for name, one in whole.items())

    found: dict[str, Basis] = {}
    for family in families(indicators):

        def may(new: Flags, gone: int, rows: Flags, family: Sequence[Indicator] = family) -> bool:
            return all(publishable(i, new, gone, rows) for i in family)

        def printed(rows: Flags, family: Sequence[Indicator] = family) -> bool:
            return any(n.shown or n.bound for i in family for n in numbers(i, measured(done, [i], rows)).values())

        there = np.any([done.columns[i.id].status == "ok" for i in family], axis=0)
        basis = renewal.basis(there, may, printed)
        found |= {i.id: basis for i in family}
    estimates: dict[str, Estimate] = {}
    for i in indicators:
        estimates |= measured(done, [i], found[i.id].rows)
    return estimates, found


def families(indicators: Sequence[Indicator]) -> list[list[Indicator]]:
    """The indicators in groups of which each could be worked out from the others, or is about the same items."""
    home: dict[str, int] = {}
    for at, i in enumerate(indicators):
        parts = i.parameters.get("indicators", ()) if i.kind == "mean_of_scores" else ()
        same = {home[o.id] for o in indicators[:at] if o.items == i.items or o.id in parts}  # type: ignore[operator]
        home = {name: at if group in same else group for name, group in home.items()} | {i.id: at}
    groups: dict[int, list[Indicator]] = {}
    for i in indicators:
        groups.setdefault(home[i.id], []).append(i)
    return list(groups.values())


def _unasked(done: Computed, indicator: Indicator, rows: Rows) -> tuple[int | None, bool]:
    """How many were not asked what this indicator needs (None: everybody was), and whether words decided about it."""
    questionnaire = done.frame.questionnaire
    needed = [str(n) for n in indicator.parameters.get("needs", indicator.items)]  # type: ignore[attr-defined]
    items = [questionnaire.items[n] for n in needed if n in questionnaire.items]
    gates = {name for item in items for name in _controllers(item, questionnaire)}
    if not gates:
        return None, False
    left = sum((done.frame.reasons[i.id] == NOT_SHOWN for i in items), start=np.zeros(done.frame.n_analysed, int)) > 0
    return int(left[rows].sum()), any(questionnaire.items[n].kind.value in ("code", "codes") for n in gates)


def _refused(done: Computed, indicator: Indicator) -> float:
    """The share of refusals among the answers that were asked for (pitfalls 25)."""
    reasons = np.column_stack([done.frame.reasons[i] for i in indicator.items])
    asked = int((reasons != NOT_SHOWN).sum())
    return float((reasons == REFUSED).sum()) / asked if asked else 0.0


@lru_cache(maxsize=1024)
def _expression(source: str) -> Expression:
    return parse(source)


def _controllers(item: Item, questionnaire: Questionnaire) -> dict[str, frozenset[int] | None]:
    """The items that decide whether this one is asked, and the codes with which it is (None = not so simple)."""
    found: dict[str, frozenset[int] | None] = {}
    section = questionnaire.section_of.get(item.id)
    for source in (item.relevance, section.relevance if section else ""):
        if not source:
            continue
        expression = _expression(source)
        for name in expression.references:
            other = questionnaire.items.get(name)
            if other is None:
                continue
            codes = None
            if len(expression.references) == 1 and other.kind.value == "code":
                holds = compiled(expression)
                codes = frozenset(o.code for o in other.options if holds({name: o.code}))
            found[name] = codes
            found = {**_controllers(other, questionnaire), **found}
    return found


ROOM_PARTS = {
    "room": frozenset({OK}),
    "raw": frozenset({OK}),
    "standard_gap": frozenset({OK, NO_GAP, SLACK}),
    "concession": frozenset({OK, NO_GAP, SLACK}),
}


def bases_of(questionnaire: Questionnaire, indicators: Sequence[Indicator]) -> dict[str, tuple[Base, ...]]:
    """For every indicator the distributions of which its respondents are only a part (indicators.md 0.3 g2)."""
    by_item: dict[str, list[str]] = {}
    for i in indicators:
        if i.estimate in ("share", "categories") and len(i.items) == 1:
            by_item.setdefault(i.items[0], []).append(i.id)
    statuses = [i.id for i in indicators if i.parameters.get("part") == "status"]
    bases: dict[str, tuple[Base, ...]] = {}
    for i in indicators:
        found: list[Base] = []
        for item_id in i.items:
            for name, codes in _controllers(questionnaire.items[item_id], questionnaire).items():
                found += [Base(parent, codes) for parent in by_item.get(name, ()) if parent != i.id]
        if i.kind == "negotiating_room" and i.parameters["part"] in ROOM_PARTS:
            found += [Base(parent, ROOM_PARTS[str(i.parameters["part"])]) for parent in statuses]
        bases[i.id] = tuple(dict.fromkeys(found))
        bases.update({f"{i.id}/{statistic}": bases[i.id] for statistic in also(i)})
    return bases


def gates_of(
    bases: Mapping[str, Sequence[Base]], questionnaire: Questionnaire, indicator: Indicator
) -> tuple[int, ...]:
    """The codes of a category with which nothing further is asked, such as 'no such task'."""
    asked = [b.codes for found in bases.values() for b in found if b.parent == indicator.id and b.codes]
    if indicator.options or not asked:
        return ()
    return tuple(c for c in codes_of(indicator, questionnaire) if not any(c in codes for codes in asked))


def _few_unasked(one: Estimate) -> bool:
    """Whether n, beside how many were analysed, counts one or two people by an answer that they gave.

    Where words decided who is asked ("we had no such task"), nobody left out says that all gave the same answer.
    """
    return one.unasked is not None and (0 if one.by_choice else 1) <= one.unasked < FEW


def _small_gaps(estimates: Measured, indicators: Sequence[Indicator]) -> dict[str, tuple[str, ...]]:
    """Numbers whose n would, beside that of another or of the county, count one or two people."""
    found: dict[str, tuple[str, ...]] = {}
    for i in indicators:
        if _few_unasked(estimates[i.id]):
            found[f"{i.id} asked"] = (i.id, *(f"{i.id}/{statistic}" for statistic in also(i)))
        if 0 < estimates[i.id].undefined < FEW:
            inside = tuple(o.id for o in indicators if o.kind == "value" and set(o.items) < set(i.items))
            if inside:
                found[i.id] = inside
    return found


def _undoing(
    numbers: Mapping[str, Disclosed], indicators: Sequence[Indicator], questionnaire: Questionnaire
) -> dict[str, Disclosed]:
    """Shares that would take apart a merged step of a distribution of the same question, without their values.

    A share counts some codes, does not count others, and leaves the rest out of its n: beside the distribution, that
    is the size of three groups of codes.
    """
    found: dict[str, Disclosed] = {}
    for one in indicators:
        if one.kind != "share" or not (numbers[one.id].shown or numbers[one.id].bound):
            continue
        counted = frozenset(one.parameters["true"]), frozenset(one.parameters["false"])  # type: ignore[call-overload]
        for other in indicators:
            if other.kind != "categories" or other.items != one.items:
                continue
            codes, whole = frozenset(codes_of(other, questionnaire)), numbers[other.id]
            steps = [frozenset(p.codes) for p in whole.parts] if whole.shown else [codes]
            groups = (*counted, codes - counted[0] - counted[1])
            if whole.status in ("ok", "masked_extreme") and any(sum(bool(s & g) for g in groups) > 1 for s in steps):
                bare = Disclosed(one.id, "share", "suppressed_complement", n_min=numbers[one.id].n_min)
                found[one.id] = bare
    return found


def _alone(
    estimate: Estimate,
    i: Indicator,
    questionnaire: Questionnaire,
    thresholds: Thresholds,
    bases: Mapping[str, Sequence[Base]],
) -> Disclosed:
    """One number disclosed by itself, before all of them are looked at together."""
    return disclose(
        estimate,
        i,
        thresholds,
        ordered=is_ordered(i, questionnaire),
        apart=gates_of(bases, questionnaire, i),
        other=(OTHER_CODE,),
        last=tuple(i.parameters.get("last", ())),  # type: ignore[arg-type]
    )


TELLING = ("suppressed_unanimous", "suppressed_refused", "masked_tail")  # a value is known, and must not be told


def _complements(numbers: Mapping[str, Disclosed], indicators: Sequence[Indicator]) -> dict[str, Disclosed]:
    """Numbers that would give away a hidden one together with those beside them (indicators.md 0.3 d).

    A mean of scores and its parts: from all but one the last can be worked out, so where one is hidden a second one
    is, the mean itself or else the part of the fewest people. A score that everybody shares could be worked out from
    the distributions of its items; these go with it.
    """
    found: dict[str, Disclosed] = {}
    by_items = {i.items: i.id for i in indicators if i.kind == "categories" and len(i.items) == 1}
    for i in indicators:
        own = numbers[i.id]
        if i.kind == "scale" and own.status in TELLING:
            found |= {n: _complement(numbers[n]) for n in (by_items.get((item,)) for item in i.items) if n}
        if i.kind != "mean_of_scores":
            continue
        parts = [numbers[str(n)] for n in i.parameters["indicators"] if str(n) in numbers]  # type: ignore[attr-defined]
        hidden = [d for d in (own, *parts) if not d.shown]
        if len(hidden) == 1:
            second = own if own.shown else min(parts, key=lambda d: d.n or 0)
            found[second.indicator] = _complement(second)
    return found


def _complement(number: Disclosed) -> Disclosed:
    return Disclosed(number.indicator, number.statistic, "suppressed_complement", n_min=number.n_min)


def disclosed(
    estimates: Measured,
    indicators: Sequence[Indicator],
    questionnaire: Questionnaire,
    thresholds: Thresholds = USUAL,
    *,
    peers: Mapping[str, Measured] | None = None,
    bases: Mapping[str, Sequence[Base]] | None = None,
    n_analysed: int | None = None,
    barred: Collection[str] = (),
) -> dict[str, Disclosed]:
    """Every number of one county after suppression, rounded as printed, by the names that `measure` gives them.

    `peers` holds the estimates of the peer counties by code, the own county left out. `n_analysed` is the number of
    the county's analysed responses, where it is printed beside. `barred` are indicators that an earlier issue would
    give away. Indicators marked private never come out.
    """
    bases = bases_of(questionnaire, indicators) if bases is None else bases
    numbers: dict[str, Disclosed] = {}
    public = [i for i in indicators if not i.parameters.get("private")]
    for i in public:
        for statistic in (i.estimate, *also(i)):
            name = i.id if statistic == i.estimate else f"{i.id}/{statistic}"
            numbers[name] = _alone(estimates[name], i, questionnaire, thresholds, bases)
            if i.id in barred:
                numbers[name] = _complement(numbers[name])
    numbers |= _undoing(numbers, public, questionnaire)
    numbers |= _complements(numbers, public)
    numbers = guard(numbers, bases, _small_gaps(estimates, public), n_analysed)
    if peers:
        for i in compared(public, questionnaire):
            number = numbers[i.id]
            if number.shown and not number.coarse:
                numbers[i.id] = replace(number, peer=_peer(estimates[i.id], i, thresholds, peers))
    by_id = {i.id: i for i in public}
    return {name: settled(number, by_id[number.indicator]) for name, number in numbers.items()}


def _peer(own: Estimate, indicator: Indicator, thresholds: Thresholds, peers: Mapping[str, Measured]) -> Peer | None:
    others = [m[indicator.id] for m in peers.values() if indicator.id in m]
    usable = [e for e in others if disclose(e, indicator, thresholds).status == "ok"]
    span = 100.0
    if indicator.estimate == "mean" and indicator.low is not None and indicator.high is not None:
        span = indicator.high - indicator.low  # 5 points on a 0..100 score; the same part of any other range
    return against_peers(own, usable, threshold=THRESHOLD * span / 100)


def decimals_of(indicator: Indicator, statistic: str) -> int:
    """How many decimal places of a statistic are printed."""
    return 0 if statistic in ("share", "ratio", "categories", "options") else max(1, indicator.decimals)


def settled(number: Disclosed, indicator: Indicator) -> Disclosed:
    """The number rounded as it is printed, so that neither a drawing nor a file tells more than the text.

    From many decimals the number of respondents could be worked out. Comparisons are made before.
    """
    places = decimals_of(indicator, number.statistic)

    def plain(value: float | None) -> float | None:
        return None if value is None else float(rounded(value, places))

    peer = number.peer
    if peer is not None:
        shown = {name: plain(getattr(peer, name)) for name in ("value", "lo", "hi", "diff", "diff_lo", "diff_hi")}
        peer = replace(peer, **shown)  # type: ignore[arg-type]
    numbers = {name: plain(getattr(number, name)) for name in ("value", "lo", "hi", "q1", "q3", "sd")}
    return replace(number, peer=peer, **numbers)  # type: ignore[arg-type]


def by_level(
    done: Computed,
    whole: Mapping[str, Disclosed],
    indicators: Iterable[Indicator],
    thresholds: Thresholds = USUAL,
    *,
    renewal: Renewal | None = None,
) -> dict[str, tuple[Disclosed, Disclosed]]:
    """Township and street beside village and community, where both may be printed; sensitive ones never are.

    With earlier issues (`renewal`) a pair stands only where it rests on everybody and the newcomers of each level
    could be published by themselves.
    """
    plain = [i for i in indicators if not i.sensitive and i.id in whole and i.estimate in ("mean", "median", "share")]
    upper = measured(done, plain, done.frame.upper, "upper")
    lower = measured(done, plain, done.frame.lower, "lower")
    found = {}
    for i in plain:
        if renewal is not None and not _levels_renewed(done, i, whole[i.id], thresholds, renewal):
            continue
        if _few_unasked(upper[i.id]) or _few_unasked(lower[i.id]):
            continue  # beside how many work at a level, n would count one or two people
        pair = split(whole[i.id], disclose(upper[i.id], i, thresholds), disclose(lower[i.id], i, thresholds))
        if pair:
            found[i.id] = settled(pair[0], i), settled(pair[1], i)
    for i in plain:
        if i.kind == "mean_of_scores" and i.id in found:
            parts = [str(n) for n in i.parameters["indicators"] if str(n) in whole]  # type: ignore[attr-defined]
            if sum(name not in found for name in parts) == 1:
                del found[i.id]
    return found


def _levels_renewed(
    done: Computed, i: Indicator, whole: Disclosed, thresholds: Thresholds, renewal: Renewal
) -> bool:
    """Whether both levels of this number may rest on everybody who is there now.

    Where anybody is new, the newcomers of each level must be publishable: all of them at one level would be told by
    the other one, which stands as before.
    """
    levels = (done.frame.upper, done.frame.lower)

    def may(new: Flags, gone: int, _: Flags) -> bool:
        parts = (measured(done, [i], new & level)[i.id] for level in levels)
        return all(not _few_unasked(part) and alone(part, whole, i, thresholds, gone) for part in parts)

    there = (done.columns[i.id].status == "ok") & (levels[0] | levels[1])
    return not renewal.basis(there, may).issue
