"""Indicators that a researcher wrote as an expression over items and other indicators."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from fieldkit.core.expression import Expression, parse
from fieldkit.core.instrument import Indicator
from fieldkit.stats.indicators.column import Column, Computed


@lru_cache(maxsize=512)
def read(source: str) -> Expression:
    """The expression, read once."""
    return parse(source)


def _inputs(done: Computed, name: str) -> list[object]:
    """One plain value per respondent, None where there is none."""
    if name in done.columns:
        return [None if math.isnan(v) else v for v in done.columns[name].numbers.tolist()]
    if name in done.frame.sets:
        return [None if s is None else tuple(sorted(s)) for s in done.frame.sets[name]]
    return [None if math.isnan(v) else v for v in done.raw(name).tolist()]


def formula(done: Computed, indicator: Indicator) -> Column:
    """The expression's number where everything it needs has a value, its condition holds and the result is finite.

    Respondents with the same inputs are computed once. The reason no_denominator says that all inputs were there.
    """
    expression = read(str(indicator.parameters["expression"]))
    when = read(str(indicator.parameters["when"])) if indicator.parameters.get("when") else None
    names = tuple(dict.fromkeys((*expression.references, *(when.references if when else ()))))
    needs: tuple[str, ...] = indicator.parameters.get("needs", names)  # type: ignore[assignment]
    needed = [at for at, name in enumerate(names) if name in needs]
    known: dict[tuple[object, ...], tuple[float, str]] = {}

    def result(row: tuple[object, ...]) -> tuple[float, str]:
        if any(row[at] is None for at in needed):
            return math.nan, "missing"
        answers = dict(zip(names, row, strict=True))
        if when is not None and not when.as_truth(answers):
            return math.nan, "no_denominator"
        number = expression.as_number(answers)
        return (number, "ok") if math.isfinite(number) else (math.nan, "no_denominator")

    results = []
    for row in zip(*(_inputs(done, name) for name in names), strict=True):
        if row not in known:
            known[row] = result(row)
        results.append(known[row])
    numbers = np.array([number for number, _ in results], float)
    column = done.column(numbers, indicator)
    undefined = np.array([status == "no_denominator" for _, status in results], dtype=bool)
    column.status[undefined & (column.status != "not_shown")] = "no_denominator"
    return column
