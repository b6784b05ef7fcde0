"""Whether the items of a scale hang together, for the technical annex (indicators.md 0.6): alpha, omega, item-total.

All of it rests on complete rows (listwise), items already turned round. What is for print has a gate: at least 30
complete cases in the pooled data of all counties. Numbers of R stand in tests/reference/annex.json.

`Sums` keeps what is needed of any number of rows: counts, sums, products. Counties can be read one after another and
added up, so that a million answers cost no more memory than one county's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

LEAST_CASES = 30
LEAST_JUDGED = 100  # below it a low alpha is not called low (pitfalls 24)
LOW_ALPHA = 0.60
ROUNDS, STEADY = 1_000, 1e-9  # of the search for loadings
CLOSE = 1e-12
Numbers = npt.NDArray[np.float64]


def complete(rows: npt.ArrayLike) -> Numbers:
    """The rows without a missing answer (NaN)."""
    table = np.asarray(rows, dtype=np.float64)
    return np.asarray(table[~np.isnan(table).any(axis=1)])


@dataclass(frozen=True, eq=False)
class Sums:
    """How many complete rows there are of k items, the sum of each item, and of the products of each two."""

    n: int
    sums: Numbers
    products: Numbers

    @classmethod
    def of(cls, rows: npt.ArrayLike) -> Sums:
        """What the complete ones of these rows add up to."""
        table = complete(rows)
        return cls(len(table), table.sum(axis=0), table.T @ table)

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.n + other.n, self.sums + other.sums, self.products + other.products)

    @property
    def covariances(self) -> Numbers:
        """Sample variances and covariances of the items; all NaN below two rows."""
        if self.n < 2:
            return np.full_like(self.products, np.nan)
        centred = self.products - np.outer(self.sums, self.sums) / self.n
        return np.asarray(centred / (self.n - 1))

    def kept(self) -> dict[str, Any]:
        """As plain numbers that can be stored."""
        return {"n": self.n, "sums": self.sums.tolist(), "products": self.products.tolist()}

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> Sums:
        """The same again."""
        return cls(int(kept["n"]), np.array(kept["sums"], float), np.array(kept["products"], float))


def alpha(rows: npt.ArrayLike) -> float | None:
    """Cronbach's alpha of complete rows, items already reversed; None when it is not defined.

    `rows` has one row per respondent and one column per item; rows with a missing answer (NaN) are left out.
    alpha = k / (k - 1) (1 - Σ var(item) / var(sum)), sample variances. Source: Cronbach (1951), Psychometrika 16.

    >>> round(alpha([[5, 4, 5], [4, 4, 4], [3, 3, 4], [2, 2, 3], [4, 5, 5], [1, 2, 2], [3, 4, 3], [2, 3, 2]]), 3)
    0.932
    """
    return alpha_of(Sums.of(rows))


def alpha_of(sums: Sums) -> float | None:
    """Cronbach's alpha from what the rows add up to; None below two rows or items, or where nobody differs."""
    covariances = sums.covariances
    k = len(covariances)
    if sums.n < 2 or k < 2:
        return None
    whole = float(covariances.sum())
    if whole <= CLOSE * max(1.0, float(np.trace(covariances))):
        return None
    return float(k / (k - 1) * (1 - float(np.trace(covariances)) / whole))


def printable_alpha(rows: npt.ArrayLike) -> float | None:
    """Alpha where it may be printed: at least 30 complete cases in the pooled data of all counties."""
    sums = Sums.of(rows)
    return alpha_of(sums) if sums.n >= LEAST_CASES else None


def one_factor(correlations: Numbers) -> Numbers | None:
    """The loadings of one common factor by least residuals (minres); None without a proper solution.

    Minimises the squared off-diagonal residuals of R - λλ', item by item in turn, from the first principal axis. A
    communality of 1 or more (Heywood case) or fewer than three items is no proper solution. Source: Harman and Jones
    (1966), Psychometrika 31, 351-368; the criterion of psych::fa(fm = "minres").
    """
    k = len(correlations)
    if k < 3 or not np.isfinite(correlations).all():
        return None
    if k == 3:  # three correlations, three loadings: solved exactly or not at all
        a, b, c = float(correlations[0, 1]), float(correlations[0, 2]), float(correlations[1, 2])
        if a * b * c <= 0:
            return None
        squares = [a * b / c, a * c / b, b * c / a]
        signs = [1.0, math.copysign(1, a), math.copysign(1, b)]
        found: list[float] | None = [sign * math.sqrt(x) for sign, x in zip(signs, squares, strict=True)]
    else:
        found = _least_residuals(correlations)
    if found is None or any(x * x >= 1 for x in found):
        return None
    return np.array(found) * (1.0 if sum(found) >= 0 else -1.0)


def _least_residuals(correlations: Numbers) -> list[float] | None:
    """Each loading in turn as the others have it, until none moves; None where they go on moving."""
    values, vectors = np.linalg.eigh(correlations)
    loadings = (0.9 * vectors[:, -1] * np.sqrt(max(values[-1], 0.0))).tolist()
    table = correlations.tolist()  # so few numbers go faster without arrays
    for _ in range(ROUNDS):
        moved = 0.0
        for i, row in enumerate(table):
            own = loadings[i]
            above = sum(r * x for r, x in zip(row, loadings, strict=True)) - row[i] * own
            below = sum(x * x for x in loadings) - own * own
            if below <= CLOSE:
                return None
            loadings[i] = above / below
            moved = max(moved, abs(loadings[i] - own))
        if moved < STEADY:
            return list(loadings)
    return None


def omega(rows: npt.ArrayLike) -> float | None:
    """McDonald's omega (total) of complete rows under one common factor; None where it is not defined."""
    return omega_of(Sums.of(rows))


def omega_of(sums: Sums) -> float | None:
    """McDonald's omega (total): the share of the sum's variance that one common factor explains.

    omega = (Σ λ)² / ((Σ λ)² + Σ θ), loadings λ from the correlations (`one_factor`) put back on the scale of the items
    and θ their residual variances. Needs three items that all vary and a proper solution. Source: McDonald (1999),
    Test Theory, chapter 6.
    """
    covariances = sums.covariances
    variances = np.diag(covariances)
    if sums.n < 3 or len(covariances) < 3 or not (variances > CLOSE).all():
        return None
    spread = np.sqrt(variances)
    loadings = one_factor(covariances / np.outer(spread, spread))
    if loadings is None:
        return None
    own = loadings * spread
    common, rest = float(own.sum()) ** 2, float((variances - own**2).sum())
    return common / (common + rest)


def item_rest(rows: npt.ArrayLike) -> tuple[float, ...]:
    """For every item its correlation with the sum of the others; () where one of them is not defined."""
    return item_rest_of(Sums.of(rows))


def item_rest_of(sums: Sums) -> tuple[float, ...]:
    """The corrected item-total correlations: each item with the sum of the other items.

    () below three rows, below two items, or where an item or the rest does not vary. Source: Nunnally and Bernstein
    (1994), Psychometric Theory, 8; psych::alpha calls it r.drop.
    """
    covariances = sums.covariances
    k = len(covariances)
    if sums.n < 3 or k < 2:
        return ()
    found = []
    whole = float(covariances.sum())
    for i in range(k):
        own, with_all = float(covariances[i, i]), float(covariances[i].sum())
        rest = whole - 2 * with_all + own
        if own <= CLOSE or rest <= CLOSE:
            return ()
        found.append((with_all - own) / float(np.sqrt(own * rest)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Ends:
    """How many scores there are, how many stand at the lowest and highest possible value, and at 90 or above."""

    n: int = 0
    floor: int = 0
    ceiling: int = 0
    high: int = 0

    def __add__(self, other: Ends) -> Ends:
        return Ends(self.n + other.n, self.floor + other.floor, self.ceiling + other.ceiling, self.high + other.high)


def ends(scores: npt.ArrayLike, low: float = 0.0, high: float = 100.0) -> Ends:
    """Floor and ceiling of a scale: scores at either end of its range; missing ones (NaN) are left out.

    More than 15 % at one end is usually called a floor or ceiling effect. Source: McHorney and Tarlov (1995), Quality
    of Life Research 4, 293-307. `high` counts scores at or above nine tenths of the range (pitfalls 15).

    >>> ends([0, 50, 100, 100, float("nan")])
    Ends(n=4, floor=1, ceiling=2, high=2)
    """
    x = np.asarray(scores, dtype=np.float64)
    x = x[~np.isnan(x)]
    near = 1e-9 * (high - low)
    top = low + 0.9 * (high - low)
    return Ends(len(x), int((x <= low + near).sum()), int((x >= high - near).sum()), int((x >= top - near).sum()))
