"""Weights that make those who answered look like those who could have been asked, for pooled research output.

A roster says how many people there are in each cell; raking turns that into one weight per respondent. Weighted
numbers always stand beside the unweighted ones, with the design effect and the effective number of respondents, and
never in a county's report. What a weight could give away is written in docs/decisions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fieldkit.core.instrument import Indicator
from fieldkit.core.roster import COUNTY, Margin, Roster
from fieldkit.stats import cluster
from fieldkit.stats.cluster import LEAST_CLUSTERS
from fieldkit.stats.compare import LEAST_PEERS
from fieldkit.stats.disclose import USUAL, Disclosed, Thresholds
from fieldkit.stats.estimate import Estimate, t_quantile
from fieldkit.stats.frame import Frame
from fieldkit.stats.indicators import compute
from fieldkit.stats.indicators.column import Column, Computed
from fieldkit.stats.results import disclosed, measured, settled

ROUNDS = 200
CLOSE = 1e-6  # the largest relative error of a margin at which raking has converged
CAP = 5.0  # no weight is larger than this many times the mean weight
WEIGHTED = ("mean", "share", "ratio")
Numbers = npt.NDArray[np.float64]
Cells = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Raked:
    """One weight per respondent (mean 1) and how it was found.

    `off` is the largest error that is left in a margin, as a share 0..1 of all people; `trimmed` how many weights stand
    at the cap; `empty` the cells with people but without any respondent, whom nobody can stand for.
    """

    weights: Numbers
    rounds: int
    converged: bool
    off: float
    trimmed: int
    empty: int

    @property
    def design_effect(self) -> float:
        """How much the unequal weights widen the variance of a mean: n Σw² / (Σw)².

        Source: Kish (1965), Survey Sampling, 11.2.
        """
        w = self.weights
        return float(len(w) * (w**2).sum() / w.sum() ** 2) if len(w) else math.nan

    @property
    def effective_n(self) -> float:
        """How many equally weighted respondents would give the same precision: n divided by the design effect."""
        return len(self.weights) / self.design_effect if len(self.weights) else 0.0


def rake(cells: Sequence[Cells], targets: Sequence[Numbers], *, cap: float = CAP) -> Raked:
    """Weights with which the respondents have the margins of the targets.

    `cells` has an array per margin: the number of each respondent's cell, -1 where it is not known. `targets` has the
    people of each cell. Iterative proportional fitting; after each round weights above `cap` times the mean are cut
    and the rest goes on. Cells without people or without respondents are left out, and so are respondents whose cell
    is not known, in that margin only. Sources: Deming and Stephan (1940), Annals of Mathematical Statistics 11,
    427-444; trimming within raking as in Izrael, Battaglia and Frankel (2009), SAS Global Forum 247.
    """
    n = len(cells[0]) if cells else 0
    weights = np.ones(n)
    empty = 0
    wanted: list[tuple[Cells, Numbers]] = []
    for at, people in zip(cells, targets, strict=True):
        there = np.bincount(at[at >= 0], minlength=len(people)) > 0
        empty += int((~there & (people > 0)).sum())
        usable = there & (people > 0)
        if usable.any():
            wanted.append((at, np.where(usable, people, 0.0)))
    rounds, off = 0, 0.0
    for rounds in range(1, ROUNDS + 1):  # noqa: B007
        before = weights.copy()
        for at, people in wanted:
            weights = _fitted(weights, at, people)
        weights = _capped(weights, cap)
        off = max((_off(weights, at, people) for at, people in wanted), default=0.0)
        if off < CLOSE or np.abs(weights - before).max(initial=0.0) < CLOSE / 100:
            break
    trimmed = int((weights >= cap * (1 - 1e-9)).sum()) if n else 0
    return Raked(weights, rounds, off < CLOSE, off, trimmed, empty)


def _fitted(weights: Numbers, at: Cells, people: Numbers) -> Numbers:
    known = at >= 0
    inside = known & (people[np.maximum(at, 0)] > 0)
    now = np.bincount(at[inside], weights=weights[inside], minlength=len(people))
    factor = np.divide(people * (weights[inside].sum() / people.sum()), now, out=np.ones_like(now), where=now > 0)
    fitted = weights.copy()
    fitted[inside] *= factor[at[inside]]
    return fitted


def _capped(weights: Numbers, cap: float) -> Numbers:
    if not len(weights):
        return weights
    weights = weights / weights.mean()
    for _ in range(ROUNDS):
        if weights.max() <= cap * (1 + 1e-9):
            break
        weights = np.minimum(weights, cap)
        weights = weights / weights.mean()
    return np.minimum(weights, cap)


def _off(weights: Numbers, at: Cells, people: Numbers) -> float:
    inside = (at >= 0) & (people[np.maximum(at, 0)] > 0)
    now = np.bincount(at[inside], weights=weights[inside], minlength=len(people))
    return float(np.abs(now / now.sum() - people / people.sum()).max())


# --------------------------------------------------------------------------------- respondents, numbers


def cells_of(frame: Frame, counties: Sequence[str], margin: Margin) -> Cells:
    """The number of each respondent's cell in this margin, -1 where an answer is missing."""
    place = margin.place()
    columns: list[Sequence[str]] = []
    for name in margin.by:
        if name == COUNTY:
            columns.append(counties)
        else:
            raw = frame.numbers.get(name, np.full(frame.n_analysed, np.nan))
            columns.append(["" if math.isnan(v) else str(int(v)) for v in raw.tolist()])
    return np.array([place.get(one, -1) for one in zip(*columns, strict=True)], dtype=np.int64)


def pool(frames: Mapping[str, Frame]) -> tuple[Frame, list[str]]:
    """The respondents of several counties in one frame, and the county of each; one questionnaire version for all."""
    parts = [one for _, one in sorted(frames.items())]
    first = parts[0]
    if len({p.questionnaire.hash for p in parts}) > 1:
        raise ValueError("one questionnaire version at a time")
    counties = [code for code, one in sorted(frames.items()) for _ in one.ids]
    whole = Frame(
        first.questionnaire,
        tuple(i for p in parts for i in p.ids),
        {k: np.concatenate([p.numbers[k] for p in parts]) for k in first.numbers},
        {k: [s for p in parts for s in p.sets[k]] for k in first.sets},
        {k: np.concatenate([p.reasons[k] for p in parts]) for k in first.reasons},
        np.concatenate([p.seconds for p in parts]),
        [day for p in parts for day in p.received_on],
        n_submitted=sum(p.n_submitted for p in parts),
        simulated=any(p.simulated for p in parts),
    )
    return whole, counties


@dataclass(frozen=True, slots=True)
class Estimated:
    """A weighted mean, share or ratio with its 95 % interval."""

    value: float
    se: float | None = None
    lo: float | None = None
    hi: float | None = None


def weighted(
    y: Numbers,
    weights: Numbers,
    *,
    x: Numbers | None = None,
    clusters: Cells | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Estimated | None:
    """A weighted mean Σwy / Σw, or with `x` a weighted ratio Σwy / Σwx, with a linearised t interval.

    Missing values (NaN) are left out. v = G / (G - 1) Σ_g (Σ_i w (y - R x))² / (Σ w x)², where a group is a cluster, or
    a person if there are none; t with G - 1. The weights count as fixed. Source: Särndal, Swensson and Wretman (1992),
    Model Assisted Survey Sampling, 5.7.
    """
    keep = ~np.isnan(y) if x is None else ~np.isnan(y) & ~np.isnan(x) & (x > 0)
    y, w = y[keep], weights[keep]
    base = np.ones(len(y)) if x is None else x[keep]
    total = float((w * base).sum())
    if not len(y) or total <= 0:
        return None
    value = float((w * y).sum()) / total
    residuals = w * (y - value * base)
    if clusters is not None:
        numbered = np.unique(clusters[keep], return_inverse=True)[1]
        residuals = np.asarray(np.bincount(numbered, weights=residuals), dtype=np.float64)
    groups = len(residuals)
    if groups < 2:
        return Estimated(value)
    se = math.sqrt(groups / (groups - 1) * float((residuals**2).sum())) / total
    reach = t_quantile(groups - 1) * se
    lo, hi = value - reach, value + reach
    return Estimated(value, se, lo if low is None else max(low, lo), hi if high is None else min(high, hi))


@dataclass(frozen=True, slots=True)
class WeightedRow:
    """One number without and with weights, side by side, both fit for print, over so many counties."""

    indicator: str
    plain: Disclosed
    weighted: Disclosed
    counties: int = 0


@dataclass(frozen=True)
class Weighted:
    """Pooled results beside their weighted ones. `status`: ok, or why nothing is weighted.

    cells_few: a group with a weight of its own has fewer respondents than the threshold; counties_few: fewer than
    three counties. Then there are no rows. `off` is in percent of all people, `clustered` says that the intervals
    count the county as a cluster.
    """

    status: str
    n: int | None = None
    rows: tuple[WeightedRow, ...] = ()
    design_effect: float | None = None
    effective_n: float | None = None
    rounds: int = 0
    converged: bool = False
    trimmed: int | None = None
    off: float = 0.0
    empty_cells: int = 0
    clustered: bool = False


@dataclass(frozen=True, eq=False)
class _Part:
    """Some of the counties together, with their weights and numbers."""

    done: Computed
    numbers: Mapping[str, Disclosed]
    groups: list[tuple[int, ...]]
    raked: Raked
    clusters: Cells | None


def weighted_results(
    frames: Mapping[str, Frame],
    roster: Roster,
    indicators: Sequence[Indicator],
    thresholds: Thresholds = USUAL,
    printing: Mapping[str, Sequence[str]] | None = None,
) -> Weighted:
    """Means, shares and ratios of all counties together, unweighted and weighted to the roster.

    `frames` are the analysed answers of those counties that have a report of their own, resting on exactly these
    answers. A number rests on the counties that print it, exactly and with its n: what is left when they are
    subtracted is nobody. `printing` names these counties by indicator, as their issued tables show; it is worked out
    from the answers where it is not given. Medians and distributions are not weighted. An indicator whose valid
    respondents leave fewer than its threshold in a group with a weight of its own keeps only its unweighted number.
    """
    frames = {code: one for code, one in sorted(frames.items()) if one.n_analysed >= thresholds.n_min}
    if len(frames) < LEAST_PEERS:
        return Weighted("counties_few")
    whole = _part(frames, roster, indicators, thresholds)
    if min(Counter(whole.groups).values()) < thresholds.n_min:
        return Weighted("cells_few")
    printing = _printing(frames, indicators, thresholds) if printing is None else printing
    parts = {tuple(frames): whole}
    rows = []
    for i in indicators:
        if i.estimate not in WEIGHTED or i.parameters.get("private"):
            continue
        codes = tuple(code for code in frames if code in printing.get(i.id, ()))
        if len(codes) < LEAST_PEERS:
            bare = Disclosed(i.id, i.estimate, "suppressed_n", n_min=thresholds.least(i))
            rows.append(WeightedRow(i.id, bare, bare))
            continue
        if codes not in parts:
            parts[codes] = _part({c: frames[c] for c in codes}, roster, indicators, thresholds)
        one = parts[codes]
        rows.append(WeightedRow(i.id, one.numbers[i.id], _weighted(one, i, thresholds.least(i)), len(codes)))
    raked = whole.raked
    return Weighted(
        "ok",
        len(raked.weights),
        tuple(rows),
        round(raked.design_effect, 2),
        float(round(raked.effective_n)),
        raked.rounds,
        raked.converged,
        raked.trimmed if raked.trimmed == 0 or raked.trimmed >= thresholds.n_min else None,
        round(100 * raked.off, 1),
        raked.empty,
        whole.clusters is not None,
    )


def _printing(
    frames: Mapping[str, Frame], indicators: Sequence[Indicator], thresholds: Thresholds
) -> dict[str, list[str]]:
    """By indicator the counties whose own report prints it, exactly and with its n."""
    found: dict[str, list[str]] = {i.id: [] for i in indicators}
    for code, one in frames.items():
        estimates = measured(compute(one, indicators), indicators)
        numbers = disclosed(estimates, indicators, one.questionnaire, thresholds, n_analysed=one.n_analysed)
        for name in found:
            number = numbers.get(name)
            if number is not None and number.shown and number.n is not None and not number.coarse:
                found[name].append(code)
    return found


def _part(
    frames: Mapping[str, Frame], roster: Roster, indicators: Sequence[Indicator], thresholds: Thresholds
) -> _Part:
    whole, counties = pool(frames)
    cells = [cells_of(whole, counties, margin) for margin in roster.margins]
    raked = rake(cells, [np.array([c.count for c in m.cells], float) for m in roster.margins])
    named = {code: at for at, code in enumerate(frames)}
    clusters = np.array([named[c] for c in counties], dtype=np.int64) if len(frames) >= LEAST_CLUSTERS else None
    done = compute(whole, indicators)
    estimates = measured(done, indicators)
    if clusters is not None:
        estimates |= {
            i.id: _clustered(estimates[i.id], done.columns[i.id], i, counties)
            for i in indicators
            if i.estimate in WEIGHTED
        }
    numbers = disclosed(estimates, indicators, whole.questionnaire, thresholds, n_analysed=whole.n_analysed)
    groups = list(zip(*(c.tolist() for c in cells), strict=True))
    return _Part(done, numbers, groups, raked, clusters)


def _clustered(plain: Estimate, column: Column, indicator: Indicator, counties: Sequence[str]) -> Estimate:
    """The same number with an interval that counts the county as a cluster."""
    if indicator.estimate == "ratio" and column.y is not None and column.x is not None:
        robust = cluster.ratio(column.y, column.x, counties)
    elif indicator.estimate == "share":
        robust = cluster.share(column.numbers, counties)
    else:
        robust = cluster.mean(column.numbers, counties, low=indicator.low, high=indicator.high)
    return replace(plain, se=robust.se, lo=robust.lo, hi=robust.hi)


def _weighted(part: _Part, indicator: Indicator, least: int) -> Disclosed:
    """The weighted number where the unweighted one is printed and no small group stands behind it."""
    plain, column = part.numbers[indicator.id], part.done.columns[indicator.id]
    bare = replace(plain, value=None, lo=None, hi=None, sd=None, peer=None)
    if not plain.shown or plain.coarse:
        return bare
    y, x = column.numbers, None
    if indicator.estimate == "ratio" and column.y is not None and column.x is not None:
        y, x = column.y, column.x
    valid = ~np.isnan(y) if x is None else ~np.isnan(y) & (np.nan_to_num(x) > 0)
    there = Counter(group for group, known in zip(part.groups, valid.tolist(), strict=True) if known)
    if not there or min(there.values()) < least:
        return replace(bare, status="suppressed_complement", n=None)
    whole = indicator.estimate in ("share", "ratio")  # counted from 0 to 1 here, told in percent
    low, high = (0.0, 1.0) if whole else (indicator.low, indicator.high)
    found = weighted(y, part.raked.weights, x=x, clusters=part.clusters, low=low, high=high)
    if found is None:
        return replace(bare, status="no_data", n=None)
    times = 100.0 if whole else 1.0
    lo, hi = (None if v is None else times * v for v in (found.lo, found.hi))
    return settled(replace(bare, value=times * found.value, lo=lo, hi=hi), indicator)
