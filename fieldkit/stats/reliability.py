"""Whether the items of a scale hang together: Cronbach's alpha for the technical annex (indicators.md 0.6).

No report prints it yet: the layout has no annex E. The numbers are held by tests/reference and the domain's examples.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LEAST_CASES = 30


def alpha(rows: npt.ArrayLike) -> float | None:
    """Cronbach's alpha of complete rows, items already reversed; None when it is not defined.

    `rows` has one row per respondent and one column per item; rows with a missing answer (NaN) are left out.
    alpha = k / (k - 1) (1 - Σ var(item) / var(sum)), sample variances. Source: Cronbach (1951), Psychometrika 16.

    >>> round(alpha([[5, 4, 5], [4, 4, 4], [3, 3, 4], [2, 2, 3], [4, 5, 5], [1, 2, 2], [3, 4, 3], [2, 3, 2]]), 3)
    0.932
    """
    table = np.asarray(rows, dtype=np.float64)
    table = table[~np.isnan(table).any(axis=1)]
    n, k = table.shape
    if n < 2 or k < 2:
        return None
    whole = float(table.sum(axis=1).var(ddof=1))
    if whole == 0:
        return None
    return float(k / (k - 1) * (1 - float(table.var(axis=0, ddof=1).sum()) / whole))


def printable_alpha(rows: npt.ArrayLike) -> float | None:
    """Alpha where it may be printed: at least 30 complete cases in the pooled data of all counties."""
    table = np.asarray(rows, dtype=np.float64)
    complete = int((~np.isnan(table).any(axis=1)).sum())
    return alpha(table) if complete >= LEAST_CASES else None
