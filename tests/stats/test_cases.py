"""Case timelines against the worked examples of the domain (indicators.md 5) and against R."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.core.answer import Answer
from fieldkit.core.response import Response, checker
from fieldkit.stats import cases
from fieldkit.stats.cases import CASE_INDICATORS, Case, Event, case_of
from tests.stats.people import questionnaire

HERE = Path(__file__).resolve().parent.parent
VECTORS = json.loads((HERE / "cases" / "test_vectors.json").read_text("utf-8"))
R = json.loads((HERE / "reference" / "annex.json").read_text("utf-8"))
day = datetime.date.fromisoformat


def event(date: str, stage: int = 1, at: int = 1, **more: object) -> Event:
    plain = {"action": 1, "strength": 1, **more}
    return Event(at, day(date), stage, **plain)  # type: ignore[arg-type]


def case(*events: Event, end: str = "2024-12-15", closed: bool = True, **more: object) -> Case:
    return Case("0" * 32, "330523", day(end), closed, True, events, **more)  # type: ignore[arg-type]


FOUR = (("2024-01-10", 1), ("2024-04-01", 2), ("2024-06-20", 3), ("2024-09-25", 4))


def test_the_stages_of_the_worked_example_last_82_80_97_and_81_days() -> None:
    found = cases.stage_days(case(*(event(d, s) for d, s in FOUR)))
    assert dict(found.days) == {1: 82, 2: 80, 3: 97, 4: 81}
    assert found.censored is None


def test_the_last_stage_of_an_open_case_is_censored() -> None:
    found = cases.stage_days(case(*(event(d, s) for d, s in FOUR), closed=False))
    assert (found.days[4], found.censored) == (81, 4)


def test_a_stage_that_comes_back_is_added_up() -> None:
    spells = [("2025-01-10", 1), ("2025-02-09", 2), ("2025-03-11", 3), ("2025-04-10", 2), ("2025-05-10", 3)]
    found = cases.stage_days(case(*(event(d, s) for d, s in [*spells, ("2025-06-09", 4)]), end="2025-07-09"))
    assert dict(found.days) == {1: 30, 2: 60, 3: 60, 4: 30}


def test_pressures_at_the_restart_are_those_of_the_thirty_days_before_it() -> None:
    one = case(
        event("2024-05-25", 2, pressure=frozenset({2})),
        event("2024-06-10", 2, pressure=frozenset({3, 5})),
        event("2024-06-20", 3, pressure=frozenset({4})),
        event("2024-07-01", 3, pressure=frozenset({1})),
    )
    assert cases.restart_pressures(one) == {2, 3, 4, 5}
    assert cases.restart_pressure_n(one) == 4
    early = case(event("2024-05-10", 2, pressure=frozenset({2})), event("2024-06-20", 3))
    assert cases.restart_pressure_n(early) == 0
    edge = case(event("2024-05-21", 2, pressure=frozenset({2})), event("2024-06-20", 3))
    assert cases.restart_pressure_n(edge) == 1
    assert cases.restart_pressure_n(case(event("2024-05-10", 2))) is None


def test_the_lag_of_a_response_is_the_median_over_requests_for_help() -> None:
    def asked(*lags: int) -> Case:
        start = day("2024-03-01")
        rows = [Event(i, start, 1, 5, 1, responded=start + datetime.timedelta(days=lag)) for i, lag in enumerate(lags)]
        return case(*rows, Event(99, start, 1, 6, 1, responded=start + datetime.timedelta(days=300)))

    assert cases.response_lag_days(asked(5, 12, 40)) == 12
    assert cases.response_lag_days(asked(0)) == 0
    assert cases.response_lag_days(asked()) is None


def test_a_strategy_counts_only_with_two_independent_sources() -> None:
    rows = [event("2024-03-01", action=a, strength=s) for a, s in ((10, 2), (11, 1), (12, 3), (9, 3))]
    assert cases.strategy_evidenced(case(*rows)) == {10, 12}
    assert cases.strategy_evidenced(case(rows[1])) == frozenset()
    assert cases.strategy_evidenced(case()) == frozenset()


def test_evidence_is_a_share_of_all_events() -> None:
    rows = [event("2024-03-01", strength=s) for s in (2, 2, 3, 3, 2, 2, 1, 1)]
    assert cases.triangulation_share(case(*rows)) == 75
    assert cases.triangulation_share(case(*[event("2024-03-01")] * 4)) == 0
    assert cases.triangulation_share(case()) is None


def test_every_case_indicator_of_the_domain_is_declared() -> None:
    assert set(CASE_INDICATORS) == {
        "stage_days", "restart_pressure_n", "response_lag_days", "strategy_evidenced", "triangulation_share"
    }  # fmt: skip
    assert set(CASE_INDICATORS) <= set(VECTORS["indicators"])
    assert {name: i.least for name, i in CASE_INDICATORS.items()} == {
        "stage_days": 3,
        "restart_pressure_n": 3,
        "response_lag_days": 3,
        "strategy_evidenced": 5,
        "triangulation_share": 0,
    }


ROW = {
    "ev_precision": 1, "ev_actor": 1, "ev_pressure": [2], "ev_action": 5, "ev_response": 1, "ev_outcome": 1,
    "ev_desc": "街道向县里请求协调审批手续", "ev_evid_type": [1], "ev_evid_ref": "D03", "ev_strength": 2,
}  # fmt: skip


def sheet(*events: dict[str, object], **head: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "ct_case_code": "A01", "ct_policy_type": 1, "ct_routine": 2, "ct_start": "2024-01-01", "ct_end": "2024-12-15",
        "ct_closed": 1, "ct_consent": 1, "ct_coder": "C1",
    }  # fmt: skip
    return {**plain, **head, "event": [{**ROW, "ev_seq": i, **e} for i, e in enumerate(events, 1)]}


def handed_in(sent: dict[str, object]) -> Response:
    asked = questionnaire("case_timeline")
    answers = checker(asked).check(sent)
    return Response("f" * 32, "w", "330523", asked.id, asked.version, "zh", day("2026-11-02"), None, answers)


def test_a_fieldworkers_sheet_is_taken_with_the_county_of_its_link_and_becomes_a_case() -> None:
    sent = sheet(*({"ev_date": d, "ev_stage": s} for d, s in reversed(FOUR)))
    response = handed_in(sent)
    assert "ct_county" not in response.answers
    found = case_of(response, code="A01", coder="C1")
    assert found is not None
    assert found.complete
    assert found.consent
    assert [e.stage for e in found.events] == [1, 2, 3, 4], "events stand by date, not as they were typed"
    assert dict(cases.stage_days(found).days) == {1: 82, 2: 80, 3: 97, 4: 81}


def test_a_case_without_dated_events_is_none() -> None:
    response = handed_in(sheet({"ev_date": "2024-02-01", "ev_stage": 1}))
    empty = {**response.answers, "event": Answer([{"ev_date": {"missing": "skipped"}}])}
    assert case_of(replace(response, answers=empty)) is None


def complete(code: str, *, closed: bool = True, strategy: int = 1) -> Case:
    rows = [event(d, s, at) for at, (d, s) in enumerate(FOUR, 1)]
    rows.append(event("2024-10-01", 4, 5, action=strategy, strength=2))
    return case(*rows, closed=closed, code=code, coder="C1")


def test_several_cases_give_medians_from_five_closed_ones_and_shares_from_five() -> None:
    four = [complete(f"A{i}", strategy=10) for i in range(4)]
    assert cases.together(four).stage_medians is None
    assert cases.together(four).strategy_percent is None
    five = cases.together([*four, complete("A4", strategy=12)])
    assert dict(five.stage_medians or {}) == {1: 82, 2: 80, 3: 97, 4: 81}
    assert dict(five.strategy_percent or {}) == {10: 80, 11: 0, 12: 20}
    open_ones = cases.together([*four, complete("A5", closed=False)])
    assert open_ones.stage_medians is None
    assert open_ones.n == 5


def test_two_codings_of_one_case_count_once_and_cases_without_consent_not_at_all() -> None:
    one = complete("A1")
    second, refused = replace(one, coder="C2", id="2" * 32), replace(complete("A2"), consent=False)
    assert cases.together([one, second, refused]).n == 1


def test_r_agrees_on_kappa() -> None:
    for one in R["kappas"]:
        assert cases.kappa(one["a"], one["b"]) == pytest.approx(one["kappa"], abs=1e-9)


def test_two_coders_are_compared_event_by_event() -> None:
    mine = [event(d, s, at, pressure=frozenset({2})) for at, (d, s) in enumerate(FOUR, 1)]
    theirs = [*mine[:3], event("2024-09-25", 3, 4, pressure=frozenset()), event("2024-11-01", 4, 9)]
    found = {a.variable: a for a in cases.agreement(case(*mine), case(*theirs))}
    assert found["ev_stage"].n == 4
    assert found["ev_stage"].percent == 75
    assert found["ev_stage"].kappa == pytest.approx((0.75 - 0.25) / (1 - 0.25))
    assert found["ev_action"].kappa is None, "where both always say the same, chance explains it"
    assert found["ev_pressure_2"].percent == 75
    assert cases.agreement(case(*mine), case()) == ()


spells = st.lists(st.tuples(st.integers(0, 300), st.sampled_from([1, 2, 3, 4])), min_size=1, max_size=20)


@given(spells)
def test_the_stages_of_a_case_last_as_long_as_the_case(rows: list[tuple[int, int]]) -> None:
    start = day("2024-01-01")
    events = [Event(i, start + datetime.timedelta(days=d), s, 1, 1) for i, (d, s) in enumerate(sorted(rows))]
    one = Case("x", "330523", start + datetime.timedelta(days=300), True, True, tuple(events))
    found = cases.stage_days(one).days
    assert sum(found.values()) == (one.end - events[0].date).days
    assert all(days >= 0 for days in found.values())
    share = cases.triangulation_share(one)
    assert share is not None
    assert 0 <= share <= 100
