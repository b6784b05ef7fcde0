"""The figures of the technical annex: prorated scores, reliability, sensitivity to exclusions and cut-points (annex E).

Reliability is that of all counties of the wave together (`Pooled`), frozen before anything is printed from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from fieldkit.core.instrument import Indicator, Questionnaire
from fieldkit.stats.disclose import FEW, USUAL, Disclosed, Thresholds, disclose, share_bound
from fieldkit.stats.estimate import Estimate
from fieldkit.stats.frame import Frame
from fieldkit.stats.indicators import compute
from fieldkit.stats.indicators.column import Computed
from fieldkit.stats.reliability import (
    LEAST_CASES,
    LEAST_JUDGED,
    LOW_ALPHA,
    Ends,
    Sums,
    alpha_of,
    ends,
    item_rest_of,
    omega_of,
)
from fieldkit.stats.results import measured, settled
from fieldkit.stats.wording import rounded

FROM_ITEMS = ("scale", "mean", "index")
CUTS = (56.25, 62.5, 68.75)  # indicators.md 6: the cut-point and one step to either side
HIGH_MOST = 0.5  # a scale on which more than half score 90 or more is skewed (pitfalls 15)


@dataclass(frozen=True, eq=False)
class Pooled:
    """What the scales of a whole wave add up to, county by county; single answers are not in it."""

    n_analysed: int
    counties: int
    sums: Mapping[str, Sums]
    ends: Mapping[str, Ends]

    @classmethod
    def of(cls, frame: Frame) -> Pooled:
        """What one county brings."""
        scales = scales_of(frame.questionnaire)
        done = compute(frame, frame.questionnaire.indicators)
        tables = {i.id: np.column_stack([done.scored(item) for item in i.items]) for i in scales}
        return cls(
            frame.n_analysed,
            1 if frame.n_analysed else 0,
            {name: Sums.of(table) for name, table in tables.items()},
            {i.id: ends(done.columns[i.id].numbers, i.low or 0.0, 100.0 if i.high is None else i.high) for i in scales},
        )

    def __add__(self, other: Pooled) -> Pooled:
        return Pooled(
            self.n_analysed + other.n_analysed,
            self.counties + other.counties,
            {name: one + other.sums[name] for name, one in self.sums.items()},
            {name: one + other.ends[name] for name, one in self.ends.items()},
        )

    def kept(self) -> dict[str, Any]:
        """As plain numbers that can be stored."""
        return {
            "n_analysed": self.n_analysed,
            "counties": self.counties,
            "sums": {name: one.kept() for name, one in self.sums.items()},
            "ends": {name: [one.n, one.floor, one.ceiling, one.high] for name, one in self.ends.items()},
        }

    @classmethod
    def restored(cls, content: Mapping[str, Any]) -> Pooled:
        """The same again."""
        return cls(
            content["n_analysed"],
            content["counties"],
            {name: Sums.restored(one) for name, one in content["sums"].items()},
            {name: Ends(*one) for name, one in content["ends"].items()},
        )


def scales_of(questionnaire: Questionnaire) -> tuple[Indicator, ...]:
    """The reflective scales: several items that one thing causes. Formative sums have no alpha (pitfalls 22)."""
    model = {item.id: c.model for c in questionnaire.constructs for item in c.items}
    return tuple(
        i
        for i in questionnaire.indicators
        if i.kind == "scale" and len(i.items) > 1 and all("reflective" in model.get(item, "") for item in i.items)
    )


@dataclass(frozen=True, slots=True)
class ProratedRow:
    """Of a county's valid scores, how many percent rest on fewer than all items; `bound` where that is masked."""

    indicator: str
    status: str
    percent: float | None = None
    bound: str = ""
    n: int | None = None


@dataclass(frozen=True, slots=True)
class ScaleRow:
    """One scale in all counties together; None where there are too few complete answers or nothing is defined.

    `n` are complete answers, `low` says that alpha is below .60 with at least 100 of them; floor and ceiling are
    percents of scores, None where masked; `skewed` says that more than half of all scores are 90 or more.
    """

    indicator: str
    items: int
    n: int | None = None
    alpha: float | None = None
    omega: float | None = None
    low: bool = False
    floor: float | None = None
    ceiling: float | None = None
    skewed: bool = False
    item_rest: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class WithoutExclusion:
    """A headline number as it would be if no response were left out; withheld where those could be worked out."""

    indicator: str
    number: Disclosed


@dataclass(frozen=True, slots=True)
class CutRow:
    """The classes of paths at one cut-point."""

    cut: float
    number: Disclosed


@dataclass(frozen=True)
class Technical:
    """Annex E of one county's report."""

    prorated: tuple[ProratedRow, ...]
    scales: tuple[ScaleRow, ...]
    without_exclusion: tuple[WithoutExclusion, ...]
    cuts: tuple[CutRow, ...]
    n_pooled: int = 0
    counties_pooled: int = 0


def technical(
    frame: Frame,
    everyone: Frame,
    plan_indicators: Sequence[Indicator],
    headline: Sequence[str],
    numbers: Mapping[str, Disclosed],
    thresholds: Thresholds = USUAL,
    pooled: Pooled | None = None,
) -> Technical:
    """Everything that annex E tells, ready for print.

    `frame` holds the analysed answers and `everyone` those that quality rules leave out as well (`frame(...,
    excluded=True)`). `numbers` are the county's disclosed numbers, `headline` the ids of its summary, `pooled` the
    frozen sums of the wave or None where there are none yet.
    """
    done, whole = compute(frame, plan_indicators), compute(everyone, plan_indicators)
    by_id = {i.id: i for i in plan_indicators}
    return Technical(
        tuple(_prorated(done, plan_indicators, numbers)),
        scale_rows(pooled, frame.questionnaire) if pooled else (),
        tuple(
            WithoutExclusion(name, _without(done, whole, by_id[name], numbers[name], thresholds))
            for name in headline
            if name in by_id and name in numbers
        ),
        tuple(_cuts(done, plan_indicators, numbers, thresholds)),
        pooled.n_analysed if pooled else 0,
        pooled.counties if pooled else 0,
    )


def _prorated(
    done: Computed, indicators: Iterable[Indicator], numbers: Mapping[str, Disclosed]
) -> Iterable[ProratedRow]:
    for i in indicators:
        if i.kind not in FROM_ITEMS or i.id not in numbers or len(i.items) < 2:
            continue
        number = numbers[i.id]
        if not (number.shown or number.bound) or number.n is None:
            yield ProratedRow(i.id, "suppressed_complement" if number.shown else number.status)
            continue
        valid = ~np.isnan(done.columns[i.id].numbers)
        known = (~np.isnan(np.column_stack([done.raw(item) for item in i.items]))).sum(axis=1)
        part, n = int((valid & (known < len(i.items))).sum()), int(valid.sum())
        bound = share_bound(part, n)
        if bound:
            yield ProratedRow(i.id, "masked_extreme", None, bound, n)
        else:
            yield ProratedRow(i.id, "ok", float(rounded(100 * part / n, 0)), "", n)


def scale_rows(pooled: Pooled, questionnaire: Questionnaire) -> tuple[ScaleRow, ...]:
    """Reliability, floor and ceiling of every reflective scale, as printed: two decimals, whole percents."""
    found = []
    for i in scales_of(questionnaire):
        if i.id not in pooled.sums:
            continue
        sums, reach = pooled.sums[i.id], pooled.ends[i.id]
        row = ScaleRow(i.id, len(i.items))
        if sums.n >= LEAST_CASES:
            alpha, omega = alpha_of(sums), omega_of(sums)
            rest = item_rest_of(sums)
            row = replace(
                row,
                n=sums.n,
                alpha=_two(alpha),
                omega=_two(omega),
                low=alpha is not None and alpha < LOW_ALPHA and sums.n >= LEAST_JUDGED,
                item_rest=tuple((item, float(rounded(r, 2))) for item, r in zip(i.items, rest, strict=False)),
            )
        if reach.n >= max(LEAST_CASES, i.n_min):
            row = replace(
                row,
                floor=_end(reach.floor, reach.n),
                ceiling=_end(reach.ceiling, reach.n),
                skewed=reach.high > HIGH_MOST * reach.n,
            )
        found.append(row)
    return tuple(found)


def _two(value: float | None) -> float | None:
    return None if value is None else float(rounded(value, 2))


def _end(count: int, n: int) -> float | None:
    return None if share_bound(count, n) else float(rounded(100 * count / n, 0))


def _without(
    done: Computed, whole: Computed, indicator: Indicator, number: Disclosed, thresholds: Thresholds
) -> Disclosed:
    """The number over everyone who handed in, unless those left out could be worked out from the two.

    They could be where they are fewer than the threshold, where all of them said the same, or where a share of them is
    within three people of none or all.
    """
    name = indicator.id
    bare = Disclosed(name, number.statistic, "suppressed_complement", n_min=number.n_min)
    if not number.shown or number.n is None:
        return replace(bare, status=bare.status if number.shown else number.status)
    mine = measured(done, [indicator])[name]
    theirs = measured(whole, [indicator])[name]
    out = _others(done, whole, indicator)
    if out.n == 0 and theirs.n == mine.n:
        return replace(number, peer=None)
    if out.n < thresholds.least(indicator) or out.unanimous:
        return bare
    if out.statistic == "share" and share_bound(out.k or 0, out.n):
        return bare
    told = disclose(theirs, indicator, thresholds)
    return settled(told, indicator)


def _others(done: Computed, whole: Computed, indicator: Indicator) -> Estimate:
    """The number of those who were left out, which is never printed."""
    inside = frozenset(done.frame.ids)
    rows = np.array([one not in inside for one in whole.frame.ids], dtype=bool)
    return measured(whole, [indicator], rows)[indicator.id]


Classes = npt.NDArray[np.float64]


def _cuts(
    done: Computed, indicators: Sequence[Indicator], numbers: Mapping[str, Disclosed], thresholds: Thresholds
) -> Iterable[CutRow]:
    """The classes at three cut-points; a cut that would move one or two people is withheld.

    From two distributions a reader sees how many changed class. So every group that changes from one class to another
    has at least three people, or nobody, between any two cuts that are printed.
    """
    found = next((i for i in indicators if i.kind == "pathway_class" and i.id in numbers), None)
    if found is None:
        return
    own = float(found.parameters["cut"])  # type: ignore[arg-type]
    printed: dict[float, Classes] = {own: done.columns[found.id].numbers}
    rows: dict[float, Disclosed] = {}
    for cut in CUTS:
        if cut == own:
            rows[cut] = numbers[found.id]
            continue
        changed = replace(found, parameters=MappingProxyType({**found.parameters, "cut": cut}))
        columns = {n: done.columns[n] for n in found.parameters["indicators"]}  # type: ignore[attr-defined]
        again = compute_one(done.frame, columns, changed)
        classes = again.columns[found.id].numbers
        if not numbers[found.id].shown or numbers[found.id].coarse or not _few_moves(classes, printed.values()):
            rows[cut] = Disclosed(found.id, "categories", "suppressed_complement", n_min=numbers[found.id].n_min)
            continue
        estimate = measured(again, [changed])[found.id]
        rows[cut] = settled(disclose(estimate, changed, thresholds), changed)
        printed[cut] = classes
    yield from (CutRow(cut, rows[cut]) for cut in CUTS)


def compute_one(frame: Frame, columns: Mapping[str, Any], indicator: Indicator) -> Computed:
    """One indicator over others that are computed already."""
    from fieldkit.stats.indicators import KINDS

    done = Computed(frame, dict(columns))
    done.columns[indicator.id] = KINDS[indicator.kind](done, indicator)
    return done


def _few_moves(classes: Classes, others: Iterable[Classes]) -> bool:
    """Whether between these classes and each of the others nobody changes, or at least three together."""
    for other in others:
        known = ~np.isnan(classes) & ~np.isnan(other)
        for a, b in combinations(sorted({*classes[known].tolist(), *other[known].tolist()}), 2):
            for one, two in ((a, b), (b, a)):
                moved = int(((other == one) & (classes == two)).sum())
                if 0 < moved < FEW:
                    return False
    return True
