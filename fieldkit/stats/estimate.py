"""From one number per respondent to one number per county: value, n and interval, before anything is suppressed.

An Estimate never leaves `stats`: it holds counts that could disclose. `stats.disclose` turns it into a Disclosed.
Rounding happens only where numbers are printed (`stats.wording`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

Z = 1.959963984540054  # the 97.5 % quantile of the normal distribution
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Estimate:
    """One indicator of one group of respondents, with n and interval.

    `value`, `lo`, `hi` are in the indicator's own unit; shares and ratios in percent 0..100. `k` is the number of
    respondents that a share counts; `counts` the number per code of a distribution; `unanimous` says that everybody
    gave the same; `undefined` how many respondents answered everything and still have no value (no denominator);
    `refused` the share 0..1 of refusals among the answers asked for; `unasked` how many were not asked because of an
    earlier answer, None where everybody is asked, and `by_choice` says that this answer was one of several words, not a
    number. `values` are the valid respondents' numbers.
    """

    indicator: str
    statistic: str  # mean, median, share, ratio, categories, options
    n: int
    value: float | None = None
    se: float | None = None
    sd: float | None = None
    lo: float | None = None
    hi: float | None = None
    q1: float | None = None
    q3: float | None = None
    k: int | None = None
    total: float | None = None  # ratio: the sum of the denominators
    counts: Mapping[int, int] = field(default_factory=dict)
    chosen: tuple[frozenset[int], ...] = ()  # options: what each respondent chose
    unanimous: bool = False
    undefined: int = 0
    refused: float = 0.0
    unasked: int | None = None
    by_choice: bool = False
    values: Numbers = field(default_factory=lambda: np.empty(0))
    group: str = ""


def valid(values: Iterable[float]) -> Numbers:
    """The numbers without the missing ones (NaN)."""
    x = np.asarray(values, dtype=np.float64)
    return x[~np.isnan(x)]


@cache
def t_quantile(v: int) -> float:
    """The 97.5 % quantile of Student's t with `v` degrees of freedom, by the Cornish-Fisher expansion.

    Error below 0.0004 for v >= 9. Source: Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 26.7.5.

    >>> round(t_quantile(9), 4)
    2.2619
    """
    z = Z
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


def mean(
    values: Iterable[float], *, indicator: str = "", low: float | None = None, high: float | None = None
) -> Estimate:
    """The mean with its 95 % t interval, clipped to the range that the score can take.

    Missing values (NaN) are left out. SD with n - 1. Source: Student's t interval, e.g. Cochran (1977), Sampling
    Techniques, 2.8. With fewer than two values there is no interval.

    >>> e = mean([40, 45, 50, 50, 55, 60, 60, 65, 70, 75, 80, 85], low=0, high=100)
    >>> e.n, e.value, round(e.lo, 1), round(e.hi, 1)
    (12, 61.25, 52.3, 70.2)
    """
    x = valid(values)
    n = len(x)
    if n == 0:
        return Estimate(indicator, "mean", 0)
    m = float(x.mean())
    same = bool(x.max() == x.min())
    if n == 1:
        return Estimate(indicator, "mean", 1, m, unanimous=True, values=x)
    sd = 0.0 if same else float(x.std(ddof=1))
    se = sd / math.sqrt(n)
    reach = t_quantile(n - 1) * se
    lo = m - reach if low is None else max(low, m - reach)
    hi = m + reach if high is None else min(high, m + reach)
    return Estimate(indicator, "mean", n, m, se, sd, lo, hi, unanimous=same, values=x)


@cache
def median_rank(n: int) -> int:
    """Which sorted value, counted from both ends, bounds the 95 % interval of the median; 0 when there is none.

    The largest i with 2 P(Bin(n, 1/2) <= i - 1) <= 0.05, in whole numbers so that no rounding can shift it.
    Source: order-statistic interval, e.g. Conover (1999), Practical Nonparametric Statistics, 3.2.

    >>> median_rank(12), median_rank(5)
    (3, 0)
    """
    tail, term, i = 0, 1, 0
    while 40 * (tail + term) <= 1 << n:
        tail += term
        term = term * (n - i) // (i + 1)
        i += 1
    return i


def quantile(ordered: Numbers, share: float) -> float:
    """A quantile by linear interpolation (pandas' default, R's type 7) of numbers that are already sorted."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


def median(values: Iterable[float], *, indicator: str = "") -> Estimate:
    """Median, Q1 and Q3 with the exact order-statistic 95 % interval of the median.

    Missing values (NaN) are left out; with five or fewer values there is no interval. Source: see `median_rank`;
    quartiles after Hyndman and Fan (1996), type 7.

    >>> e = median([0, 1, 2, 2, 3, 4, 4, 5, 6, 8, 10, 30])
    >>> e.value, e.q1, e.q3, e.lo, e.hi
    (4.0, 2.0, 6.5, 2.0, 8.0)
    """
    x = np.sort(valid(values))
    n = len(x)
    if n == 0:
        return Estimate(indicator, "median", 0)
    i = median_rank(n)
    return Estimate(
        indicator,
        "median",
        n,
        quantile(x, 0.5),
        lo=float(x[i - 1]) if i else None,
        hi=float(x[n - i]) if i else None,
        q1=quantile(x, 0.25),
        q3=quantile(x, 0.75),
        unanimous=bool(x[0] == x[-1]),
        values=x,
    )


def wilson(k: int, n: int) -> tuple[float, float]:
    """The Wilson 95 % interval of a share, without continuity correction, as shares 0..1.

    Source: Wilson (1927), JASA 22, 209-212.

    >>> [round(100 * x, 1) for x in wilson(7, 20)]
    [18.1, 56.7]
    """
    p, zz = k / n, Z * Z
    centre = (p + zz / (2 * n)) / (1 + zz / n)
    reach = Z * math.sqrt(p * (1 - p) / n + zz / (4 * n * n)) / (1 + zz / n)
    return max(0.0, centre - reach), min(1.0, centre + reach)


def share(values: Iterable[float], *, indicator: str = "") -> Estimate:
    """The percentage of ones among zeros and ones, with its Wilson interval; missing values are left out.

    The standard error is that of the plain share, as the comparison with peers needs it (indicators.md 0.4).

    >>> e = share([1] * 7 + [0] * 13)
    >>> e.value, round(e.lo, 1), round(e.hi, 1)
    (35.0, 18.1, 56.7)
    """
    x = valid(values)
    n, k = len(x), int(x.sum())
    if n == 0:
        return Estimate(indicator, "share", 0, k=0)
    p = k / n
    lo, hi = wilson(k, n)
    se = 100 * math.sqrt(p * (1 - p) / n)
    return Estimate(indicator, "share", n, 100 * p, se, lo=100 * lo, hi=100 * hi, k=k, values=x)


def ratio(numerators: Iterable[float], denominators: Iterable[float], *, indicator: str = "") -> Estimate:
    """The ratio of two sums in percent, 100 Σy / Σx, with a linearised t interval clipped to 0..100.

    Only respondents with x > 0 and y present count. v = n / (n - 1) Σ(y - R x)² / (Σx)². Source: Taylor
    linearisation of a ratio, Cochran (1977), Sampling Techniques, 6.3.

    >>> e = ratio([2, 0, 1, 3, 0, 1, 2, 1, 0, 2], [4, 2, 2, 5, 1, 3, 4, 1, 1, 5])
    >>> round(e.value, 1), round(e.lo, 1), round(e.hi, 1)
    (42.9, 29.5, 56.2)
    """
    y, x = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    keep = ~np.isnan(y) & ~np.isnan(x) & (x > 0)
    y, x = y[keep], x[keep]
    n, total = len(x), float(x.sum())
    if n == 0:
        return Estimate(indicator, "ratio", 0, total=0.0)
    r = float(y.sum()) / total
    each = y / x
    same = bool(each.max() == each.min())
    if n == 1:
        return Estimate(indicator, "ratio", 1, 100 * r, total=total, unanimous=True)
    se = 100 * math.sqrt(n / (n - 1) * float(((y - r * x) ** 2).sum())) / total
    reach = t_quantile(n - 1) * se
    lo, hi = max(0.0, 100 * r - reach), min(100.0, 100 * r + reach)
    return Estimate(indicator, "ratio", n, 100 * r, se, lo=lo, hi=hi, total=total, unanimous=same, values=100 * each)


def categories(values: Iterable[float], codes: Sequence[int], *, indicator: str = "") -> Estimate:
    """How many respondents gave each code; every code of the list is counted, also those nobody chose."""
    x = valid(values)
    counts = {code: int((x == code).sum()) for code in codes}
    return Estimate(indicator, "categories", sum(counts.values()), counts=counts, values=x)


def options(chosen: Iterable[frozenset[int] | None], codes: Sequence[int], *, indicator: str = "") -> Estimate:
    """How many respondents chose each code of a question with several answers; n are those with at least one."""
    sets = tuple(frozenset(c) for c in chosen if c)
    counts = {code: sum(code in one for one in sets) for code in codes}
    return Estimate(indicator, "options", len(sets), counts=counts, chosen=sets)
