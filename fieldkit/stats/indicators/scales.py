"""Scores from several items, and numbers from several scores (indicators.md 1)."""

from __future__ import annotations

import numpy as np

from fieldkit.core.instrument import Indicator
from fieldkit.stats.indicators.column import Column, Computed, Numbers


def mean_of(table: Numbers, least: int) -> Numbers:
    """The mean of each row's valid numbers; NaN where fewer than `least` are valid."""
    known = ~np.isnan(table)
    count = known.sum(axis=1)
    sums = np.where(known, table, 0.0).sum(axis=1)
    return np.where(count >= least, sums / np.maximum(count, 1), np.nan)


def _items_mean(done: Computed, indicator: Indicator) -> Numbers:
    table = np.column_stack([done.scored(i) for i in indicator.items])
    return mean_of(table, int(indicator.parameters["min_valid"]))  # type: ignore[call-overload]


def scale(done: Computed, indicator: Indicator) -> Column:
    """Mean of the items after reversing, stretched to 0..100: for codes 1..5 that is (m - 1) * 25."""
    codes = [o.code for o in done.item(indicator.items[0]).options if not o.missing]
    low, high = min(codes), max(codes)
    score = (_items_mean(done, indicator) - low) * (100 / (high - low))
    return done.column(score, indicator, "too_few")


def mean(done: Computed, indicator: Indicator) -> Column:
    """Mean of the codes after reversing."""
    return done.column(_items_mean(done, indicator), indicator, "too_few")


def index(done: Computed, indicator: Indicator) -> Column:
    """factor * (mean of the codes after reversing - centre)."""
    factor, centre = float(indicator.parameters["factor"]), float(indicator.parameters["centre"])  # type: ignore[arg-type]
    return done.column(factor * (_items_mean(done, indicator) - centre) + 0.0, indicator, "too_few")


def _scores(done: Computed, indicator: Indicator) -> Numbers:
    names: tuple[str, ...] = indicator.parameters["indicators"]  # type: ignore[assignment]
    return np.column_stack([done.columns[name].numbers for name in names])


def mean_of_scores(done: Computed, indicator: Indicator) -> Column:
    """Mean of other indicators' values; enough of them must be there."""
    least = int(indicator.parameters["min_valid"])  # type: ignore[call-overload]
    return done.column(mean_of(_scores(done, indicator), least), indicator, "too_few")


def count_at_least(done: Computed, indicator: Indicator) -> Column:
    """How many of the other indicators reach a cut-point; all of them are needed.

    Scores are sums of thirds and quarters, so the cut is lowered by a hair: a score of exactly the cut must count.
    """
    scores = _scores(done, indicator)
    cut = float(indicator.parameters["at_least"])  # type: ignore[arg-type]
    count = (scores >= cut - 1e-9).sum(axis=1).astype(float)
    return done.column(np.where(np.isnan(scores).any(axis=1), np.nan, count), indicator, "too_few")
