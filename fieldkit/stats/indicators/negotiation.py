"""The negotiating room: how much of the gap between the assigned and the feasible target was adjusted.

indicators.md 3 and the codebook's `external_internal_standard`. A is the assigned target, F the feasible level, C the
accepted one; s = +1 for "reach at least", -1 for "keep within"; D = max(A, F); gap = s (A - F); conc = s (A - C).
"""

from __future__ import annotations

import numpy as np

from fieldkit.core.instrument import Indicator
from fieldkit.stats.indicators.column import Column, Computed

OK, NO_GAP, SLACK, MISSING, NO_TASK = 1, 2, 3, 4, 5
STATUS = {OK: "ok", NO_GAP: "no_gap", SLACK: "slack", MISSING: "missing", NO_TASK: "no_task"}


def negotiating_room(done: Computed, indicator: Indicator) -> Column:
    """One part of the rule: room, raw, standard_gap, concession, or the status of the respondent's task.

    Room is clip(100 conc / gap, 0, 100) where gap > tolerance * D; the standard gap and the concession are in percent
    of D, the concession clipped to -100..100.
    """
    task, direction, assigned, feasible, accepted = (done.raw(i) for i in indicator.items)
    tolerance = float(indicator.parameters["tolerance"])  # type: ignore[arg-type]
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.where(direction == 1, 1.0, np.where(direction == 2, -1.0, np.nan))
        largest = np.maximum(assigned, feasible)
        gap, concession = s * (assigned - feasible), s * (assigned - accepted)
        code = np.select(
            [
                np.isnan(task),
                task == 0,
                np.isnan(gap) | np.isnan(concession),
                gap > tolerance * largest,
                gap < -tolerance * largest,
            ],
            [np.nan, NO_TASK, MISSING, OK, SLACK],
            default=NO_GAP,
        )
        complete = np.isin(code, (OK, NO_GAP, SLACK))
        measurable = complete & (largest > 0)
        parts = {
            "raw": lambda: np.where(code == OK, 100 * concession / gap, np.nan),
            "room": lambda: np.where(code == OK, np.clip(100 * concession / gap, 0, 100), np.nan),
            "standard_gap": lambda: np.where(measurable, 100 * gap / largest, np.nan),
            "concession": lambda: np.where(measurable, np.clip(100 * concession / largest, -100, 100), np.nan),
            "status": lambda: np.where(np.isin(code, indicator.parameters.get("leave_out", ())), np.nan, code),  # type: ignore[arg-type]
        }
        numbers = parts[str(indicator.parameters["part"])]() + 0.0
    status = np.array(["missing" if np.isnan(c) else STATUS[int(c)] for c in code], dtype="<U16")
    status[~np.isnan(numbers)] = "ok"
    return Column(numbers, status)
