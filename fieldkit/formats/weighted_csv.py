"""Weighted results as a table: how the weights came out, then every number without and with them."""

from __future__ import annotations

from fieldkit.formats.cases_csv import table
from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.weights import Weighted

HEAD = (
    "name",
    "statistic",
    "counties",
    "n",
    "value",
    "lo",
    "hi",
    "status",
    "bound",
    "weighted_value",
    "weighted_lo",
    "weighted_hi",
    "weighted_status",
)


def weighted_csv(found: Weighted) -> bytes:
    """One line for each figure of the weights (statistic 'weights'), then one for each indicator."""
    about: dict[str, object] = {
        "respondents": found.n,
        "design_effect": found.design_effect,
        "effective_n": None if found.effective_n is None else int(found.effective_n),
        "converged": int(found.converged),
        "rounds": found.rounds,
        "largest_margin_error_percent": found.off,
        "trimmed_weights": found.trimmed,
        "cells_without_respondents": found.empty_cells,
        "county_as_cluster": int(found.clustered),
    }
    lines: list[list[object]] = [[name, "weights", None, None, value] for name, value in about.items()]
    for row in found.rows:
        plain, heavy = row.plain, row.weighted
        lines.append(
            [
                row.indicator,
                plain.statistic,
                row.counties or None,
                plain.n,
                *_span(plain),
                plain.status,
                plain.bound,
                *_span(heavy),
                heavy.status,
            ]
        )
    return table(HEAD, ([*line, *[None] * (len(HEAD) - len(line))] for line in lines))


def _span(number: Disclosed) -> tuple[float | None, float | None, float | None]:
    return number.value, number.lo, number.hi
