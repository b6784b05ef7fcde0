"""Case timelines: how long each stage took, what pressed at the restart, and how well two coders agree.

One response of the instrument `case_timeline` is one coding of one case, its events the rows of a repeat
(codebook 7, indicators.md 5). The unit of analysis is the case, never the quality of a county; all of this is for
research output. Reading order: Case and its events, CASE_KINDS (one function per indicator), several cases, two coders.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType

from fieldkit.core.response import Response

EVENTS, MATERIAL = "event", "ct_consent"
TRANSMISSION, SHELVING, RESTART, LANDING = 1, 2, 3, 4
STAGES = (TRANSMISSION, SHELVING, RESTART, LANDING)
ASK_UPWARDS = 5
STRATEGIES = (10, 11, 12)  # information, relationships, society: judgements of the coder
PRESSURES = (1, 2, 3, 4, 5)
EVIDENT = 2  # ev_strength from which on something counts as shown
OPEN, CONSENTED = 2, 1
LEAST_EVENTS = 4
RESTART_DAYS = 30
LEAST_CASES, LEAST_SHARED = 3, 5  # cases for a list, and for a median or a share


@dataclass(frozen=True, slots=True)
class Event:
    """One row of a case. Dates are days; an answer that is missing is None, or nothing chosen."""

    seq: int
    date: datetime.date
    stage: int | None
    action: int | None
    strength: int | None
    pressure: frozenset[int] = frozenset()
    responded: datetime.date | None = None


@dataclass(frozen=True)
class Case:
    """One coding of one case; `events` stand by date, then number. `code` and `coder` may be unknown ('')."""

    id: str
    county: str
    end: datetime.date
    closed: bool
    consent: bool
    events: tuple[Event, ...] = ()
    code: str = ""
    coder: str = ""

    @property
    def complete(self) -> bool:
        """At least four events, one of them transmission, and one shelving or landing (codebook 7)."""
        stages = {e.stage for e in self.events}
        return len(self.events) >= LEAST_EVENTS and TRANSMISSION in stages and bool(stages & {SHELVING, LANDING})


def case_of(response: Response, *, code: str = "", coder: str = "") -> Case | None:
    """The case that a fieldworker coded; None when the end of observation or all dated events are missing.

    Events without a date are left out. `code` and `coder` are the texts of ct_case_code and ct_coder, which are kept
    apart from the answers.
    """
    answers = response.answers

    def value(name: str) -> object:
        return answers[name].value if name in answers else None

    end = _day(value("ct_end"))
    rows = value(EVENTS)
    if end is None or not isinstance(rows, list):
        return None
    events = sorted((e for e in map(_event, rows, range(1, len(rows) + 1)) if e), key=lambda e: (e.date, e.seq))
    if not events:
        return None
    return Case(
        response.id,
        response.county,
        end,
        closed=value("ct_closed") != OPEN,
        consent=consented(response),
        events=tuple(events),
        code=code,
        coder=coder,
    )


def consented(response: Response) -> bool:
    """Whether those whom a case is about agreed that its material is used; without that it leaves for nobody."""
    answer = response.answers.get(MATERIAL)
    return answer is not None and answer.value == CONSENTED


def _event(row: Mapping[str, object], number: int) -> Event | None:
    date = _day(row.get("ev_date"))
    if date is None:
        return None
    pressure = row.get("ev_pressure")
    return Event(
        _code(row.get("ev_seq")) or number,
        date,
        _code(row.get("ev_stage")),
        _code(row.get("ev_action")),
        _code(row.get("ev_strength")),
        frozenset(pressure) & frozenset(PRESSURES) if isinstance(pressure, list) else frozenset(),
        _day(row.get("ev_response_date")),
    )


def _day(value: object) -> datetime.date | None:
    return datetime.date.fromisoformat(value) if isinstance(value, str) and value else None


def _code(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None


# ---------------------------------------------------------------------------------------- one number for one case


@dataclass(frozen=True, slots=True)
class StageDays:
    """Days spent in each stage that the case has; `censored` is the last stage of a case that was still open."""

    days: Mapping[int, int]
    censored: int | None = None


def stage_days(case: Case) -> StageDays:
    """Days per stage: a spell runs from the first event of a run of equal stages to the first of the next run.

    The last spell ends at the end of observation. Stages that come back are added up. Events without a stage are
    left out.
    """
    staged = [e for e in case.events if e.stage is not None]
    starts = [e for at, e in enumerate(staged) if at == 0 or e.stage != staged[at - 1].stage]
    days: dict[int, int] = {}
    for at, first in enumerate(starts):
        until = starts[at + 1].date if at + 1 < len(starts) else case.end
        assert first.stage is not None
        days[first.stage] = days.get(first.stage, 0) + (until - first.date).days
    return StageDays(MappingProxyType(days), starts[-1].stage if starts and not case.closed else None)


def restart_pressures(case: Case) -> frozenset[int] | None:
    """The pressures coded from 30 days before to the day of the first restart; None where nothing was restarted."""
    restart = next((e.date for e in case.events if e.stage == RESTART), None)
    if restart is None:
        return None
    since = restart - datetime.timedelta(days=RESTART_DAYS)
    return frozenset(code for e in case.events if since <= e.date <= restart for code in e.pressure)


def restart_pressure_n(case: Case) -> int | None:
    """How many different pressures were at work at the restart, 0 to 5."""
    found = restart_pressures(case)
    return None if found is None else len(found)


def response_lag_days(case: Case) -> float | None:
    """The median days until somebody above answered a request for help; None where no answer is dated."""
    lags = [(e.responded - e.date).days for e in case.events if e.action == ASK_UPWARDS and e.responded]
    return float(median(lags)) if lags else None


def strategy_evidenced(case: Case) -> frozenset[int]:
    """Those of the three strategies that two independent sources show."""
    return frozenset(e.action for e in case.events if e.action in STRATEGIES and (e.strength or 0) >= EVIDENT)


def triangulation_share(case: Case) -> float | None:
    """The percentage of events that two independent sources show; None without events."""
    if not case.events:
        return None
    return 100 * sum((e.strength or 0) >= EVIDENT for e in case.events) / len(case.events)


@dataclass(frozen=True, slots=True)
class CaseIndicator:
    """How one indicator of a case is declared: its range, unit, how cases come together, least cases, chart."""

    compute: Callable[[Case], object]
    low: float
    high: float | None
    unit: str  # days, sources, percent, '' for a set
    together: str  # list, median, share: what several cases give
    least: int  # cases below which nothing of several cases is told; 0: a number of the case alone
    chart: str  # timeline, dots, table


CASE_INDICATORS: Mapping[str, CaseIndicator] = MappingProxyType(
    {
        "stage_days": CaseIndicator(stage_days, 0, None, "days", "median", LEAST_CASES, "timeline"),
        "restart_pressure_n": CaseIndicator(restart_pressure_n, 0, 5, "sources", "list", LEAST_CASES, "dots"),
        "response_lag_days": CaseIndicator(response_lag_days, 0, None, "days", "list", LEAST_CASES, "table"),
        "strategy_evidenced": CaseIndicator(strategy_evidenced, 0, 3, "", "share", LEAST_SHARED, "table"),
        "triangulation_share": CaseIndicator(triangulation_share, 0, 100, "percent", "list", 0, "table"),
    }
)


# ----------------------------------------------------------------------------------------------- several cases


@dataclass(frozen=True)
class CasesTogether:
    """What several cases say together. None where there are too few of them; every case counts once.

    `stage_medians` are days, over closed cases that have the stage; `strategy_percent` is the share of cases in which
    each strategy is shown.
    """

    n: int
    n_closed: int
    stage_medians: Mapping[int, float] | None
    strategy_percent: Mapping[int, float] | None


def together(cases: Iterable[Case]) -> CasesTogether:
    """Medians of stages from five closed cases on, strategies from five cases on.

    Only complete cases whose material may be used count. Of two codings of a case the first by coder's code counts, as
    both originals are kept and neither is the truth.
    """
    usable = _once(c for c in cases if c.complete and c.consent)
    closed = [c for c in usable if c.closed]
    medians: dict[int, float] = {}
    spent = [stage_days(c).days for c in closed]
    for stage in STAGES:
        days = [d[stage] for d in spent if stage in d]
        if len(days) >= LEAST_SHARED:
            medians[stage] = float(median(days))
    shown = [strategy_evidenced(c) for c in usable]
    shares = {s: 100 * sum(s in one for one in shown) / len(shown) for s in STRATEGIES} if shown else {}
    return CasesTogether(
        len(usable),
        len(closed),
        MappingProxyType(medians) if len(closed) >= LEAST_SHARED else None,
        MappingProxyType(shares) if len(usable) >= LEAST_SHARED else None,
    )


def _once(cases: Iterable[Case]) -> list[Case]:
    found: dict[str, Case] = {}
    for case in sorted(cases, key=lambda c: (c.code or c.id, c.coder, c.id)):
        found.setdefault(f"{case.county}/{case.code}" if case.code else case.id, case)
    return list(found.values())


# -------------------------------------------------------------------------------------------------- two coders


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two codings of the same events agree: percent, and Cohen's kappa (None where chance explains all)."""

    variable: str  # ev_stage, ev_action, ev_pressure_1 … ev_pressure_5
    n: int
    percent: float
    kappa: float | None


def kappa(one: Sequence[object], other: Sequence[object]) -> float | None:
    """Cohen's kappa of two codings of the same events; None when there are none or both gave one and the same code.

    kappa = (p_o - p_e) / (1 - p_e). Source: Cohen (1960), Educational and Psychological Measurement 20, 37-46.

    >>> round(kappa([1, 1, 2, 2, 3, 3], [1, 1, 2, 3, 3, 3]), 3)
    0.75
    """
    n = len(one)
    if n != len(other):
        raise ValueError("two codings of the same events have the same length")
    if n == 0:
        return None
    seen = sum(a == b for a, b in zip(one, other, strict=True)) / n
    codes = {*one, *other}
    chance = sum((one.count(c) / n) * (other.count(c) / n) for c in codes)
    return None if chance >= 1 else (seen - chance) / (1 - chance)


def agreement(one: Case, other: Case) -> tuple[Agreement, ...]:
    """Percent agreement and kappa of two coders on stage, action and each pressure.

    Events are matched by their number; those that only one of the two coded are left out, and `n` says how many were
    matched. Nothing when there are none.
    """
    theirs = {e.seq: e for e in other.events}
    pairs = [(e, theirs[e.seq]) for e in one.events if e.seq in theirs]
    if not pairs:
        return ()
    reads: dict[str, Callable[[Event], object]] = {"ev_stage": lambda e: e.stage, "ev_action": lambda e: e.action}
    for code in PRESSURES:
        reads[f"ev_pressure_{code}"] = lambda e, code=code: code in e.pressure  # type: ignore[misc]
    found = []
    for name, read in reads.items():
        a, b = [read(x) for x, _ in pairs], [read(y) for _, y in pairs]
        same = 100 * sum(x == y for x, y in zip(a, b, strict=True)) / len(pairs)
        found.append(Agreement(name, len(pairs), same, kappa(a, b)))
    return tuple(found)
