"""Respondents' values against every worked example of the domain (indicators.md, test_vectors.json)."""

from __future__ import annotations

import datetime
import json
import math
from functools import cache
from pathlib import Path

import pytest

from fieldkit.core.answer import NOT_SHOWN, Answer
from fieldkit.core.instrument import INDICATOR_KINDS, Indicator, Questionnaire
from fieldkit.core.response import Response
from fieldkit.stats.disclose import disclose
from fieldkit.stats.frame import frame
from fieldkit.stats.indicators import KINDS, compute, respondent_values
from fieldkit.stats.indicators.column import Column, Computed
from fieldkit.stats.results import codes_of, is_ordered, measure
from tests.stats.people import questionnaire

VECTORS = json.loads((Path(__file__).resolve().parent.parent / "cases" / "test_vectors.json").read_text("utf-8"))
FORMS = ("full_burden", "full_negotiation", "full_coordination", "full_pathway", "full_alliance")
TIMELINE = {"stage_days", "restart_pressure_n", "response_lag_days", "strategy_evidenced", "triangulation_share"}


@cache
def home(indicator: str) -> tuple[Questionnaire, Indicator]:
    """The full questionnaire that asks what an indicator needs."""
    for name in FORMS:
        found = next((i for i in questionnaire(name).indicators if i.id == indicator), None)
        if found:
            return questionnaire(name), found
    raise KeyError(indicator)


def answered(asked: Questionnaire, *people: dict[str, object]):  # type: ignore[no-untyped-def]
    """A frame of people who gave these answers; None is a skipped item, everything else was not asked."""
    responses = []
    for at, given in enumerate(people):
        answers = {i.id: NOT_SHOWN for i in asked if not i.id.startswith("core_con")}
        for item, value in given.items():
            answers[item] = Answer(missing="skipped") if value is None else Answer(value)  # type: ignore[arg-type]
        responses.append(
            Response(
                f"{at:032x}", "w", "330523", asked.id, asked.version, "zh", datetime.date(2026, 11, 2), 900, answers
            )
        )
    return frame(responses, asked)


def value_of(indicator: str, given: dict[str, object]) -> tuple[float | None, str]:
    """One respondent's value (None for NULL) and status."""
    asked, _ = home(indicator)
    table = respondent_values(answered(asked, given), asked.indicators)
    value = float(table[indicator].iloc[0])
    return (None if math.isnan(value) else value), str(table[f"{indicator}__status"].iloc[0])


@pytest.mark.parametrize("scale", VECTORS["scales"], ids=lambda s: s["id"])
def test_every_scale_has_the_scores_of_its_examples(scale: dict) -> None:  # type: ignore[type-arg]
    _, indicator = home(scale["id"])
    assert list(indicator.items) == scale["items"]
    assert indicator.parameters["min_valid"] == scale["min_valid"]
    assert indicator.n_min == scale["n_min"]
    for example in scale["examples"]:
        value, status = value_of(scale["id"], dict(zip(scale["items"], example["answers"], strict=True)))
        if example["score"] is None:
            assert value is None
            assert status == "too_few"
        else:
            assert value == pytest.approx(example["score"])
            assert status == "ok"


@pytest.mark.parametrize("case", VECTORS["negotiating_room"])
def test_the_negotiating_room_has_status_and_values_of_its_examples(case: dict) -> None:  # type: ignore[type-arg]
    asked, _ = home("negotiating_room")
    given = {
        "neg_task": 1,
        "neg_dir": case["dir"],
        "neg_assigned": case["A"],
        "neg_feasible": case["F"],
        "neg_accepted": case["C"],
    }
    table = respondent_values(answered(asked, given), asked.indicators).iloc[0]
    statuses = {o.code: o.text for o in next(i for i in asked.indicators if i.id == "room_status_shares").options}
    assert list(statuses) == [1, 2, 3, 4, 5]
    assert table["room_status_shares"] == ["ok", "no_gap", "slack", "missing"].index(case["status"]) + 1
    for name, wanted in (
        ("negotiating_room", case["room"]),
        ("negotiating_room_raw", case["raw"]),
        ("standard_gap_pct", case["gap_pct"]),
        ("concession_pct", case["conc_pct"]),
    ):
        if wanted is None:
            assert math.isnan(table[name])
            assert table[f"{name}__status"] == case["status"]
        else:
            assert table[name] == pytest.approx(wanted)


def test_without_a_numeric_task_there_is_no_room_and_no_status_in_the_figure() -> None:
    for name in ("negotiating_room", "room_status_shares", "standard_gap_pct", "concession_pct"):
        assert value_of(name, {"neg_task": 0}) == (None, "no_task")


SOURCES = ("bur", "soc", "acc", "pol", "tim")


@pytest.mark.parametrize("case", VECTORS["pressure"])
def test_pressures_are_aggregated_as_in_the_examples(case: dict) -> None:  # type: ignore[type-arg]
    given = {f"co_p_{s}{k + 1}": pair[k] for s, pair in zip(SOURCES, case["items"], strict=True) for k in (0, 1)}
    value, _ = value_of("pressure_aggregation", given)
    assert value == (None if case["aggregation"] is None else pytest.approx(case["aggregation"]))
    assert value_of("pressure_sources_n", given)[0] == case["n"]


@pytest.mark.parametrize("case", VECTORS["balance"])
def test_tilt_and_balance_have_the_values_of_the_examples(case: dict) -> None:  # type: ignore[type-arg]
    given = {"al_req_n": case["R"], "al_opt_n": case["S"]}
    assert value_of("action_tilt", given)[0] == case["tilt"]
    assert value_of("balance_index", given)[0] == case["balance"]


@pytest.mark.parametrize("name", VECTORS["composites"])
def test_composites_of_scores_have_the_values_of_the_examples(name: str) -> None:
    asked, indicator = home(name)
    for case in VECTORS["composites"][name]:
        parts: tuple[str, ...] = indicator.parameters["indicators"]  # type: ignore[assignment]
        done = Computed(answered(asked, {}))
        for part, score in zip(parts, case["input"], strict=True):
            numbers = done.frame.seconds * 0 + (math.nan if score is None else score)
            done.columns[part] = Column(numbers, numbers.astype(str))
        got = float(KINDS[indicator.kind](done, indicator).numbers[0])
        if case["output"] is None:
            assert math.isnan(got)
        else:
            assert got == pytest.approx(case["output"], abs=1e-4)


ROOM = ("neg_dir", "neg_assigned", "neg_feasible", "neg_accepted")
# indicator, answers, value (None is NULL), status where the domain names one
EXAMPLES: list[tuple[str, dict[str, object], float | None, str]] = [
    ("assessment_frequency", {"bur_af1": 4, "bur_af2": 6, "bur_af4": 2}, 12, ""),
    ("assessment_frequency", {"bur_af1": 0, "bur_af2": 0, "bur_af4": 0}, 0, ""),
    ("assessment_frequency", {"bur_af1": 4, "bur_af2": None, "bur_af4": 2}, None, "missing"),
    ("unannounced_share", {"bur_af2": 6, "bur_af3": 2}, 33.3, ""),
    ("unannounced_share", {"bur_af2": 0}, None, "no_denominator"),
    ("veto_items", {"bur_veto_n": 3}, 3, ""),
    ("veto_items", {"bur_veto_n": 0}, 0, ""),
    ("veto_items", {"bur_veto_n": None}, None, "missing"),
    ("trace_hours", {"bur_tr_hours": 12.5}, 12.5, ""),
    ("trace_hours", {"bur_tr_hours": 0}, 0, ""),
    ("trace_hours", {"bur_tr_hours": None}, None, "missing"),
    ("trace_time_share", {"bur_tr_hours": 12.5, "bur_work_hours": 50}, 25.0, ""),
    ("trace_time_share", {"bur_tr_hours": 0, "bur_work_hours": 44}, 0.0, ""),
    ("trace_time_share", {"bur_tr_hours": 10, "bur_work_hours": 0}, None, "no_denominator"),
    ("meetings_per_month", {"bur_meet_n": 18}, 18, ""),
    ("meetings_per_month", {"bur_meet_n": 0}, 0, ""),
    ("meetings_per_month", {"bur_meet_n": None}, None, "missing"),
    ("documents_per_month", {"bur_doc_n": 45}, 45, ""),
    ("forms_per_month", {"bur_form_n": 0}, 0, ""),
    ("duplicate_share", {"bur_form_n": 0}, None, "not_shown"),
    ("duplicate_share", {"bur_form_n": 9, "bur_dup_pct": 30}, 30, ""),
    ("digital_channels", {"bur_app_n": 6, "bur_group_n": 25}, 31, ""),
    ("digital_channels", {"bur_app_n": 0, "bur_group_n": 0}, 0, ""),
    ("digital_channels", {"bur_app_n": 6, "bur_group_n": None}, None, "missing"),
    ("awareness_2019", {"bur_rd_know": 1}, 1, ""),
    ("awareness_2019", {"bur_rd_know": 3}, 0, ""),
    ("awareness_2019", {"bur_rd_know": None}, None, "missing"),
    ("addon_cumulative_pct", {"core_level": 3, "neg_add_cc": 10, "neg_add_ct": 20, "neg_add_tv": 10}, 45.2, ""),
    ("addon_cumulative_pct", {"core_level": 1, "neg_add_cc": 10, "neg_add_ct": 20}, 32.0, ""),
    (
        "addon_cumulative_pct",
        {"core_level": 3, "neg_add_cc": 10, "neg_add_ct": None, "neg_add_tv": 10},
        None,
        "missing",
    ),
    ("addon_cumulative_pct", {"core_level": 3, "neg_add_cc": 10, "neg_add_ct": 20, "neg_add_tv": None}, None, ""),
    ("addon_cumulative_pct", {"core_level": 4, "neg_add_cc": 0, "neg_add_ct": 0, "neg_add_tv": 0}, 0.0, ""),
    (
        "base_goal_kept",
        {"core_level": 1, "neg_dir": 1, "neg_assigned": 1100, "neg_add_ct": 10, "neg_accepted": 1000},
        1,
        "",
    ),
    (
        "base_goal_kept",
        {"core_level": 1, "neg_dir": 1, "neg_assigned": 1100, "neg_add_ct": 10, "neg_accepted": 950},
        0,
        "",
    ),
    (
        "base_goal_kept",
        {"core_level": 1, "neg_dir": 2, "neg_assigned": 1100, "neg_add_ct": 10, "neg_accepted": 950},
        None,
        "",
    ),
    ("bargaining_success_rate", {"neg_att_n": 4, "neg_suc_n": 1}, 25.0, ""),
    ("bargaining_success_rate", {"neg_att_n": 0}, None, "no_denominator"),
    ("limited_response", {"co_resp": 3}, 1, ""),
    ("limited_response", {"co_resp": 1}, 0, ""),
    ("limited_response", {"co_resp": 7}, None, "left_out"),
    ("stall_weeks", {"co_stall_weeks": 9}, 9, ""),
    ("stall_weeks", {"co_stall_weeks": 0}, 0, ""),
    ("stall_weeks", {"co_stall_weeks": None}, None, "missing"),
    ("trigger_n", {"co_trig": [1, 2, 3]}, 3, ""),
    ("trigger_n", {"co_trig": [7]}, 0, ""),
    ("task_landed", {"co_status": 1}, 1, ""),
    ("task_landed", {"co_status": 4}, 0, ""),
    ("task_landed", {"co_status": None}, None, "missing"),
    ("pathway_direction", {"pw_bi1": -2, "pw_bi2": -1, "pw_bi3": 0, "pw_bi4": -3}, -1.5, ""),
    ("pathway_direction", {"pw_bi1": 2, "pw_bi2": 3, "pw_bi3": None, "pw_bi4": 1}, 2.0, ""),
    ("pathway_direction", {"pw_bi1": 1, "pw_bi2": None, "pw_bi3": None, "pw_bi4": 2}, None, "too_few"),
    ("whistle_showup_rate", {"pw_wh_n": 10, "pw_wh_show": 8}, 80.0, ""),
    ("whistle_showup_rate", {"pw_wh_n": 0}, None, "no_denominator"),
    ("whistle_solve_rate", {"pw_wh_n": 10, "pw_wh_solved": 6}, 60.0, ""),
    ("reported_response_rate", {"pw_r_resp": 98.5}, 98.5, ""),
    ("reported_ontime_rate", {"pw_r_ontime": 0}, 0, ""),
    ("stance_base", {"pw_st_base": 4}, 1, ""),
    ("stance_base", {"pw_st_base": 3}, 0, ""),
    ("stance_base", {"pw_st_base": None}, None, ""),
    ("alliance_participation", {"al_member": 1}, 1, ""),
    ("alliance_participation", {"al_member": 3}, 0, ""),
    ("alliance_participation", {"al_member": 4}, None, "left_out"),
    ("lead_role_share", {"al_role": 1}, 1, ""),
    ("lead_role_share", {"al_role": 3}, 0, ""),
    ("lead_role_share", {"al_role": 4}, None, "left_out"),
    ("cross_boundary_index", {"al_types": [1, 4, 7], "al_area": 2, "al_sector": 3}, 2, ""),
    ("cross_boundary_index", {"al_types": [7], "al_area": 1, "al_sector": 1}, 0, ""),
    ("cross_boundary_index", {"al_types": [7], "al_area": 1, "al_sector": 4}, None, ""),
    ("joint_activity_monthly", {"al_xue": 3, "al_ban": 2, "al_jian": 1, "al_dong": 3}, 3.0, ""),
    ("joint_activity_monthly", {"al_xue": 0, "al_ban": 0, "al_jian": 0, "al_dong": 0}, 0.0, ""),
    ("joint_activity_monthly", {"al_xue": 3, "al_ban": None, "al_jian": 1, "al_dong": 3}, None, "missing"),
    ("action_share", {"al_xue": 3, "al_ban": 2, "al_jian": 1, "al_dong": 3}, 33.3, ""),
    ("action_share", {"al_xue": 0, "al_ban": 0, "al_jian": 0, "al_dong": 0}, None, "no_denominator"),
    ("balance_index", {"al_req_n": 0, "al_opt_n": 0}, None, ""),
    ("required_completion", {"al_req_n": 5, "al_req_done": 90}, 90, ""),
    ("required_completion", {"al_req_n": 0}, None, "not_shown"),
    ("required_completion", {"al_req_n": 5, "al_req_done": 0}, 0, ""),
    ("innovation_shares", {"al_innov": 7}, None, "left_out"),
    ("problems_solved_12m", {"al_solved_n": 5}, 5, ""),
    ("problems_solved_12m", {"al_solved_n": 0}, 0, ""),
    ("problems_solved_12m", {"al_solved_n": None}, None, "missing"),
]
RELIEF = ("bur_rd_meet", "bur_rd_doc", "bur_rd_insp", "bur_rd_trace", "bur_rd_digi")
EXAMPLES += [
    ("relief_index", dict(zip(RELIEF, answers, strict=True)), wanted, "")
    for answers, wanted in (
        ((1, 1, 1, 1, 1), 100.0),
        ((2, 3, 4, 3, 2), 10.0),
        ((5, 4, 5, None, None), -83.3),
        ((2, None, None, None, 3), None),
    )
]


@pytest.mark.parametrize(("name", "given", "wanted", "status"), EXAMPLES)
def test_the_worked_example_of_each_indicator(
    name: str, given: dict[str, object], wanted: float | None, status: str
) -> None:
    value, why = value_of(name, given)
    assert value == (None if wanted is None else pytest.approx(wanted, abs=0.05))
    assert (why == "ok") == (wanted is not None)
    if status:
        assert why == status


@pytest.mark.parametrize(
    ("problem", "platform", "wanted"),
    [(75.0, 50.0, 1), (43.75, 68.75, 2), (62.5, 62.5, 3), (50.0, 56.25, 4), (75.0, None, None)],
)
def test_the_class_of_a_pathway_follows_from_the_two_strengths(
    problem: float, platform: float | None, wanted: int | None
) -> None:
    asked, indicator = home("pathway_class")
    done = Computed(answered(asked, {}))
    for name, score in (("problem_strength", problem), ("platform_strength", platform)):
        numbers = done.frame.seconds * 0 + (math.nan if score is None else score)
        done.columns[name] = Column(numbers, numbers.astype(str))
    got = float(KINDS[indicator.kind](done, indicator).numbers[0])
    assert math.isnan(got) if wanted is None else got == wanted


@pytest.mark.parametrize(
    ("constraint", "autonomy", "wanted"), [(75.0, 50.0, 61.2), (100.0, 0.0, 0.0), (None, 50.0, None)]
)
def test_dual_strength_is_high_only_when_both_are(
    constraint: float | None, autonomy: float, wanted: float | None
) -> None:
    asked, indicator = home("dual_strength")
    done = Computed(answered(asked, {}))
    for name, score in (("constraint", constraint), ("autonomy", autonomy)):
        numbers = done.frame.seconds * 0 + (math.nan if score is None else score)
        done.columns[name] = Column(numbers, numbers.astype(str))
    got = float(KINDS[indicator.kind](done, indicator).numbers[0])
    assert math.isnan(got) if wanted is None else got == pytest.approx(wanted, abs=0.05)


def county(name: str, rows: list[dict[str, object]]):  # type: ignore[no-untyped-def]
    """What may be printed of one indicator of these people."""
    asked, indicator = home(name)
    found = measure(answered(asked, *rows), asked.indicators)[name]
    return found, disclose(
        found,
        indicator,
        ordered=is_ordered(indicator, asked),
        other=(98,),
        last=tuple(indicator.parameters.get("last", ())),
    )


def test_county_rates_are_ratios_of_sums() -> None:
    estimate, _ = county("unannounced_share", [{"bur_af2": a, "bur_af3": b} for a, b in ((6, 2), (4, 0), (10, 5))])
    assert estimate.value == pytest.approx(35.0)
    estimate, _ = county(
        "bargaining_success_rate", [{"neg_att_n": 8, "neg_suc_n": 4}] * 2 + [{"neg_att_n": 8, "neg_suc_n": 4}]
    )
    assert estimate.value == pytest.approx(50.0)
    estimate, _ = county("whistle_showup_rate", [{"pw_wh_n": 20, "pw_wh_show": 16}, {"pw_wh_n": 20, "pw_wh_show": 15}])
    assert estimate.value == pytest.approx(77.5)


def test_thirty_of_thirty_three_is_91_percent() -> None:
    _, shown = county("alliance_participation", [{"al_member": 1}] * 30 + [{"al_member": 3}] * 3)
    assert (round(shown.value or 0), round(shown.lo or 0), round(shown.hi or 0)) == (91, 76, 97)


def test_obstacles_are_shares_of_those_who_named_any_and_two_people_are_merged() -> None:
    rows = (
        [{"bur_rd_why": [2]}] * 7 + [{"bur_rd_why": [2, 6]}] * 2 + [{"bur_rd_why": [1]}] * 5 + [{"bur_rd_why": [3]}] * 6
    )
    estimate, shown = county("relief_obstacles", rows)
    assert estimate.n == 20
    shares = {p.codes: p.percent for p in shown.parts}
    assert shares[(2,)] == pytest.approx(45.0)
    assert (6,) not in shares
    other = next(p for p in shown.parts if p.other)
    assert 6 in other.codes
    assert other.k is not None
    assert other.k >= 3


def test_room_statuses_are_shares_of_those_with_a_numeric_task() -> None:
    def task(assigned: float, feasible: float | None) -> dict[str, object]:
        return {
            "neg_task": 1,
            "neg_dir": 1,
            "neg_assigned": assigned,
            "neg_feasible": feasible,
            "neg_accepted": assigned,
        }

    rows = (
        [task(100, 80)] * 18
        + [task(100, 100)] * 6
        + [task(100, 120)] * 4
        + [task(100, None)] * 5
        + [{"neg_task": 0}] * 7
    )
    estimate, shown = county("room_status_shares", rows)
    assert estimate.n == 33
    assert [math.floor(p.percent + 0.5) for p in shown.parts] == [55, 18, 12, 15]
    outside, _ = county("no_task_share", rows)
    assert (outside.n, outside.k) == (40, 7)
    _, few = county("room_status_shares", rows[:9])
    assert few.status == "suppressed_n"
    assert few.n is None
    _, merged = county("room_status_shares", [task(100, 80)] * 12 + [task(100, 100)] * 6 + [task(100, 120)] * 2)
    assert any(p.other and 3 in p.codes for p in merged.parts)


def test_innovation_types_are_shares_and_diffusion_is_a_share_of_its_own() -> None:
    rows = [{"al_innov": code} for code, k in ((1, 6), (2, 8), (3, 7), (4, 4), (5, 5)) for _ in range(k)]
    estimate, _ = county("innovation_shares", rows)
    assert [math.floor(100 * estimate.counts[c] / estimate.n + 0.5) for c in range(1, 6)] == [20, 27, 23, 13, 17]
    diffusion, _ = county("innovation_diffusion", rows)
    assert math.floor((diffusion.value or 0) + 0.5) == 63
    _, merged = county(
        "innovation_shares",
        [{"al_innov": c} for c, k in ((1, 10), (2, 8), (4, 2), (6, 3), (5, 4), (3, 3)) for _ in range(k)],
    )
    assert any(p.other and 4 in p.codes for p in merged.parts)


def test_every_kind_of_indicator_has_its_function() -> None:
    assert set(KINDS) == set(INDICATOR_KINDS)


def test_every_indicator_of_the_domain_but_the_case_timeline_has_an_example_here() -> None:
    here = {name for name, *_ in EXAMPLES} | {
        "reported_rates",  # reported_response_rate and its four sisters
        "stance_active",  # stance_base and its four sisters
        "relief_obstacles",
        "negotiating_room",
        "room_status_shares",
        "pressure_aggregation",
        "pressure_sources_n",
        "pathway_class",
        "dual_strength",
    }
    assert set(VECTORS["indicators"]) - here == TIMELINE


def test_all_full_questionnaires_can_be_measured_without_anybody() -> None:
    for name in FORMS:
        asked = questionnaire(name)
        found = measure(answered(asked, {}), asked.indicators)
        assert all(found[i.id].n == 0 for i in asked.indicators if i.id != "core_level")
        assert all(codes_of(i, asked) for i in asked.indicators if i.estimate == "categories")


def test_an_indicator_is_computed_after_those_it_uses() -> None:
    asked = questionnaire("full_coordination")
    done = compute(answered(asked, {}), asked.indicators)
    assert list(done.columns) == [i.id for i in asked.indicators]
