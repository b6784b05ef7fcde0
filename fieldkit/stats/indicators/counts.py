"""Numbers as entered, their sums, and rates from two counts."""

from __future__ import annotations

import numpy as np

from fieldkit.core.instrument import Indicator
from fieldkit.stats.indicators.column import Column, Computed


def value(done: Computed, indicator: Indicator) -> Column:
    """The number of one item as entered. Zero is a real value, an empty field is missing."""
    return done.column(done.raw(indicator.items[0]), indicator)


def total(done: Computed, indicator: Indicator) -> Column:
    """Sum of the items; all of them are needed."""
    return done.column(np.sum([done.raw(i) for i in indicator.items], axis=0), indicator)


def count_codes(done: Computed, indicator: Indicator) -> Column:
    """How many of the listed codes were chosen in a question with several answers."""
    codes = frozenset(indicator.parameters["codes"])  # type: ignore[call-overload]
    sets = done.frame.sets[indicator.items[0]]
    return done.column(np.array([np.nan if s is None else len(s & codes) for s in sets], float), indicator)


def ratio(done: Computed, indicator: Indicator) -> Column:
    """100 * numerator / denominator where the denominator is above zero; the county takes the ratio of sums."""
    y = done.raw(str(indicator.parameters["numerator"]))
    x = done.raw(str(indicator.parameters["denominator"]))
    usable = ~np.isnan(x) & ~np.isnan(y) & (x > 0)
    numbers = np.full(len(x), np.nan)
    numbers[usable] = 100 * y[usable] / x[usable]
    column = done.column(numbers, indicator)
    column.status[x == 0] = "no_denominator"
    return Column(numbers, column.status, y=np.where(usable, y, np.nan), x=np.where(usable, x, np.nan))
