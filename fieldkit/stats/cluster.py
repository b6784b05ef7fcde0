"""Intervals for people who resemble one another: those of one county, or of one invitation batch.

Answers from one place are more alike than answers from anywhere, so that the plain interval is too narrow (pitfalls
21). No invitation batch is kept with a response: it would tie people of one office together. Research output that pools
several counties therefore uses the county as the cluster; a county's own report has none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fieldkit.stats import estimate as by
from fieldkit.stats.estimate import Estimate, t_quantile

LEAST_CLUSTERS = 5
Numbers = npt.NDArray[np.float64]


def _sums(residuals: Numbers, clusters: npt.NDArray[np.int64]) -> Numbers:
    return np.asarray(np.bincount(clusters, weights=residuals), dtype=np.float64)


def _numbered(clusters: Sequence[object], keep: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    names = [name for name, kept in zip(clusters, keep, strict=True) if kept]
    place = {name: at for at, name in enumerate(dict.fromkeys(names))}
    return np.array([place[name] for name in names], dtype=np.int64)


def _reach(groups: int, squares: float, total: float) -> tuple[float, float]:
    """Standard error and half the interval: squares of the clusters' summed residuals, t with clusters - 1."""
    se = math.sqrt(groups / (groups - 1) * squares) / total
    return se, t_quantile(groups - 1) * se


def mean(
    values: Iterable[float],
    clusters: Sequence[object],
    *,
    indicator: str = "",
    low: float | None = None,
    high: float | None = None,
) -> Estimate:
    """The mean with a cluster-robust 95 % t interval, clipped to the range of the score.

    `clusters` names each value's cluster. Missing values (NaN) are left out. v = G / (G - 1) Σ_g (Σ_i (y - ȳ))² / n²,
    t with G - 1 degrees of freedom. Below five clusters there is no interval. Source: Liang and Zeger (1986),
    Biometrika 73, 13-22; Cameron and Miller (2015), Journal of Human Resources 50, 317-372.

    >>> e = mean([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    >>> e.value, round(e.se, 3)
    (5.5, 1.414)
    """
    y = np.asarray(values if isinstance(values, np.ndarray) else list(values), dtype=np.float64)
    keep = ~np.isnan(y)
    plain = by.mean(y, indicator=indicator, low=low, high=high)
    if plain.value is None:
        return plain
    at = _numbered(clusters, keep)
    groups = int(at.max()) + 1
    bare = replace(plain, se=None, lo=None, hi=None)
    if groups < LEAST_CLUSTERS:
        return bare
    se, reach = _reach(groups, float((_sums(y[keep] - plain.value, at) ** 2).sum()), plain.n)
    lo, hi = plain.value - reach, plain.value + reach
    return replace(bare, se=se, lo=lo if low is None else max(low, lo), hi=hi if high is None else min(high, hi))


def share(values: Iterable[float], clusters: Sequence[object], *, indicator: str = "") -> Estimate:
    """The percentage of ones with a cluster-robust 95 % t interval, clipped to 0..100; otherwise as `mean`."""
    y = np.asarray(values if isinstance(values, np.ndarray) else list(values), dtype=np.float64)
    plain = by.share(y, indicator=indicator)
    robust = mean(100 * y, clusters, low=0, high=100)
    return replace(plain, se=robust.se, lo=robust.lo, hi=robust.hi)


def ratio(
    numerators: Iterable[float], denominators: Iterable[float], clusters: Sequence[object], *, indicator: str = ""
) -> Estimate:
    """The ratio of two sums in percent with a cluster-robust 95 % t interval, clipped to 0..100.

    v = G / (G - 1) Σ_g (Σ_i (y - R x))² / (Σ x)²; below five clusters there is no interval. Source: Cochran (1977),
    Sampling Techniques, 9A.
    """
    y, x = np.asarray(list(numerators), dtype=np.float64), np.asarray(list(denominators), dtype=np.float64)
    plain = by.ratio(y, x, indicator=indicator)
    if plain.value is None or plain.total is None:
        return plain
    keep = ~np.isnan(y) & ~np.isnan(x) & (x > 0)
    at = _numbered(clusters, keep)
    groups = int(at.max()) + 1
    bare = replace(plain, se=None, lo=None, hi=None)
    if groups < LEAST_CLUSTERS:
        return bare
    residuals = y[keep] - plain.value / 100 * x[keep]
    se, reach = _reach(groups, float((_sums(residuals, at) ** 2).sum()), plain.total)
    return replace(bare, se=100 * se, lo=max(0.0, plain.value - 100 * reach), hi=min(100.0, plain.value + 100 * reach))
