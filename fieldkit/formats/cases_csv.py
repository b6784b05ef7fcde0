"""Case timelines as tables for research: one line a coding, one line a pair of codings, and all cases together."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from fieldkit.core.spreadsheet import guarded
from fieldkit.formats.microdata_csv import BOM
from fieldkit.stats.cases import (
    STAGES,
    STRATEGIES,
    Case,
    CasesTogether,
    agreement,
    response_lag_days,
    restart_pressures,
    stage_days,
    strategy_evidenced,
    triangulation_share,
)

CASES = (
    "case",
    "coder",
    "county",
    "complete",
    "closed",
    "events",
    *(f"stage_days_{stage}" for stage in STAGES),
    "stage_censored",
    "restart_pressure_n",
    "restart_pressures",
    "response_lag_days",
    "strategy_evidenced",
    "triangulation_share",
)
AGREEMENT = ("case", "coder", "other_coder", "variable", "events", "percent", "kappa")
TOGETHER = ("indicator", "code", "value", "cases", "status")


def table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV with a byte order mark; None is an empty cell, and no text can run as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for line in lines:
        writer.writerow(["" if v is None else guarded(v) if isinstance(v, str) else v for v in line])
    return BOM + out.getvalue().encode()


def _codes(codes: Iterable[int]) -> str:
    return " ".join(str(code) for code in sorted(codes))


def _line(case: Case) -> list[object]:
    spent, pressed = stage_days(case), restart_pressures(case)
    evident = triangulation_share(case)
    return [
        case.code or case.id,
        case.coder,
        case.county,
        int(case.complete),
        int(case.closed),
        len(case.events),
        *(spent.days.get(stage) for stage in STAGES),
        spent.censored,
        None if pressed is None else len(pressed),
        None if pressed is None else _codes(pressed),
        response_lag_days(case),
        _codes(strategy_evidenced(case)),
        None if evident is None else round(evident, 1),
    ]


def cases_csv(cases: Iterable[Case]) -> bytes:
    """One line for each coding of a case. Several codes in a cell are parted by spaces; an empty cell has no value."""
    return table(CASES, map(_line, cases))


def agreement_csv(cases: Sequence[Case]) -> bytes:
    """One line for each variable that two coders coded of the same case."""
    lines: list[list[object]] = []
    for at, one in enumerate(cases):
        for other in cases[at + 1 :]:
            if one.code and (one.county, one.code) == (other.county, other.code):
                for found in agreement(one, other):
                    told = None if found.kappa is None else round(found.kappa, 3)
                    lines.append(
                        [one.code, one.coder, other.coder, found.variable, found.n, round(found.percent, 1), told]
                    )
    return table(AGREEMENT, lines)


def together_csv(found: CasesTogether) -> bytes:
    """Medians of stages and shares of strategies over all cases; where there are too few, the line says so."""
    lines: list[list[object]] = []
    for stage in STAGES:
        value = (found.stage_medians or {}).get(stage)
        lines.append(["stage_days", stage, value, found.n_closed, "ok" if value is not None else "suppressed_n"])
    for code in STRATEGIES:
        value = (found.strategy_percent or {}).get(code)
        told = None if value is None else round(value, 1)
        lines.append(["strategy_evidenced", code, told, found.n, "ok" if value is not None else "suppressed_n"])
    return table(TOGETHER, lines)
