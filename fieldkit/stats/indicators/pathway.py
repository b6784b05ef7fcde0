"""Which path a respondent sees at work: from two strengths, never from the direction scale (pitfalls 23)."""

from __future__ import annotations

import numpy as np

from fieldkit.core.instrument import Indicator
from fieldkit.stats.indicators.column import Column, Computed

PROBLEM, PLATFORM, COMPOSITE, NEITHER = 1, 2, 3, 4


def pathway_class(done: Computed, indicator: Indicator) -> Column:
    """1 problem-driven, 2 platform-driven, 3 both, 4 neither, by an inclusive cut; no value if one is missing."""
    problem, platform = (done.columns[name].numbers for name in indicator.parameters["indicators"])  # type: ignore[attr-defined]
    cut = float(indicator.parameters["cut"]) - 1e-9  # type: ignore[arg-type]
    p, t = problem >= cut, platform >= cut
    code = np.select([p & t, p, t], [COMPOSITE, PROBLEM, PLATFORM], default=NEITHER).astype(float)
    code[np.isnan(problem) | np.isnan(platform)] = np.nan
    return done.column(code, indicator, "unclassified")
