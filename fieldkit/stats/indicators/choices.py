"""What respondents chose: shares of some codes, categories, and questions with several answers."""

from __future__ import annotations

import numpy as np

from fieldkit.core.instrument import Indicator
from fieldkit.stats.indicators.column import Column, Computed


def share(done: Computed, indicator: Indicator) -> Column:
    """1 for the codes that count, 0 for those that do not; any other code is left out."""
    raw = done.raw(indicator.items[0])
    numbers = np.full(len(raw), np.nan)
    numbers[np.isin(raw, indicator.parameters["false"])] = 0.0  # type: ignore[arg-type]
    numbers[np.isin(raw, indicator.parameters["true"])] = 1.0  # type: ignore[arg-type]
    column = done.column(numbers, indicator)
    column.status[np.isnan(numbers) & ~np.isnan(raw)] = "left_out"
    return column


def categories(done: Computed, indicator: Indicator) -> Column:
    """The code that was chosen; codes that say nothing about the question are left out."""
    raw = done.raw(indicator.items[0])
    out = np.isin(raw, indicator.parameters.get("leave_out", ()))  # type: ignore[arg-type]
    column = done.column(np.where(out, np.nan, raw), indicator)
    column.status[out] = "left_out"
    return column


def options(done: Computed, indicator: Indicator) -> Column:
    """The codes that were chosen; the number is how many."""
    sets = done.frame.sets[indicator.items[0]]
    column = done.column(np.array([np.nan if not s else len(s) for s in sets], float), indicator)
    return Column(column.numbers, column.status, sets=sets)
