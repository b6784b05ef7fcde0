"""A researcher's file becomes objects, or a list of everything that is wrong with it, line by line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldkit.core.expression import compiled, parse
from fieldkit.core.instrument import Library, Module, planned_seconds
from fieldkit.core.instrument_file import BLOCKS
from fieldkit.core.item import Item
from fieldkit.core.lint import Finding
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.formats.instrument_yaml import (
    dump_module,
    dump_questionnaire,
    lint_folder,
    load_library,
    load_module,
    load_questionnaire,
)
from fieldkit.formats.instrument_yaml.blocks import READ
from fieldkit.settings import resource
from fieldkit.translations import explain_code

FOLDER = resource("instruments")
LIBRARY = load_library(FOLDER)
CORE = ["core_post", "core_years", "core_bianzhi", "core_age", "core_gender", "core_voluntary", "core_comment"]

MODULE = """\
id: village
version: 1.0.0
title: {zh: 村务, en: Village affairs}
options:
  OFTEN:
    1: {zh: 很少, en: Rarely}
    2: {zh: 有时, en: Sometimes}
    3: {zh: 经常, en: Often}
constructs:
  - id: notices
    title: {zh: 公告, en: Notices}
    definition: How often the village posts notices.
    items:
      - id: vi_any
        text: {zh: 有没有公告栏？, en: Is there a board?}
        type: single
        options:
          1: {zh: 有, en: yes}
          0: {zh: 没有, en: no}
        required: yes
      - id: vi_often
        text: {zh: 多久更新一次？, en: How often is it renewed?}
        type: likert5
        options: OFTEN
        relevance: ${vi_any} = 1
        required: no
indicators:
  - id: board
    title: {zh: 公告栏, en: Board}
    kind: share
    items: [vi_any]
    parameters: {true: [1], false: [0]}
    estimate: share
    statement: {zh: 村里有公告栏, en: there is a board}
"""

QUESTIONNAIRE = """\
id: village_form
version: 1.0.0
title: {zh: 村务调查, en: Village survey}
modules: {core: 1.0.0, alliance: 1.0.0}
opening: [core_consent, core_county]
sections:
  - id: work
    title: {zh: 工作, en: Work}
    items:
      - core_level
      - id: own_n
        text: {zh: 多少次？, en: How often?}
        type: count
        range: [0, null]
"""


def wrong(text: str, *, questionnaire: bool = False) -> list[tuple[int, str]]:
    with pytest.raises(Problem) as caught:
        load_questionnaire(text, LIBRARY) if questionnaire else load_module(text)
    assert caught.value.code == "instrument.broken"
    assert caught.value.facts["count"] == len(caught.value.findings)
    for found in caught.value.findings:
        assert isinstance(found, Finding)
        for language in ("zh", "en"):
            assert all(explain_code(found.key, language, **found.facts))
    return [(f.line, f.code) for f in caught.value.findings]  # type: ignore[attr-defined]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_small_module_is_read_as_it_is_written():
    module = load_module(MODULE)
    board, often = module.items.values()
    assert board.text.say("zh") == "有没有公告栏？"
    assert [(o.code, o.text["zh"]) for o in board.options] == [(1, "有"), (0, "没有")]
    assert (board.required, often.required) == ("yes", "no")  # words, though YAML 1.1 would read them as truth values
    assert (often.list_name, often.relevance) == ("OFTEN", "${vi_any} = 1")
    assert module.indicators[0].parameters == {"true": (1,), "false": (0,)}
    assert len(module.hash) == 64


def test_a_questionnaire_may_write_its_own_items_beside_those_of_modules():
    questionnaire = load_questionnaire(QUESTIONNAIRE, LIBRARY)
    assert list(questionnaire.items) == ["core_consent", "core_county", "core_level", "own_n"]
    assert (questionnaire.items["own_n"].low, questionnaire.items["own_n"].high) == (0, None)
    assert questionnaire.consent == LIBRARY.module("core").consent
    assert questionnaire.introduction.say("zh").startswith("本问卷中，“本单位”指")


def test_the_short_form_asks_exactly_the_items_of_the_codebook_in_its_order():
    short = LIBRARY.questionnaire("short")
    assert list(short.items) == [
        *("core_consent", "core_county", "core_level", "bur_af1", "bur_af2", "bur_af4", "bur_tr_hours", "bur_meet_n"),
        *("bur_pb1", "bur_pb2", "bur_pb3", "bur_pb4", "bur_pb5", "bur_pb6"),
        *("neg_task", "neg_dir", "neg_assigned", "neg_feasible", "neg_accepted"),
        *("neg_pr1", "neg_pr2", "core_attention", "neg_pr3", "neg_pr4"),
        *("al_member", "al_role", "al_req_n", "al_opt_n"),
        *CORE,
    ]
    assert [s.title["zh"] for s in short.sections] == [
        *("考核、会议与留痕", "任务压力", "一项有数字指标的任务", "沟通的余地", "党建联盟", "您的基本情况", "最后两题")
    ]
    assert short.sections[0].definitions
    assert short.sections[0].introduction["zh"] == "没有发生过的填 0；记不准的填大概数。"


def test_the_short_form_takes_less_than_ten_minutes():
    assert planned_seconds(LIBRARY.questionnaire("short")) == 591
    assert LIBRARY.questionnaire("short").minutes == 9.8


FULL = ["burden", "negotiation", "coordination", "pathway", "alliance"]


@pytest.mark.parametrize("module", FULL)
def test_a_full_form_asks_every_item_of_core_and_its_module_once(module):
    form = LIBRARY.questionnaire(f"full_{module}")
    asked = [item.id for item in form]
    everything = {**LIBRARY.module("core").items, **LIBRARY.module(module).items}
    assert sorted(asked) == sorted(everything)
    assert asked[:3] == ["core_consent", "core_county", "core_level"]
    assert asked[-7:] == CORE
    assert form.sections[0].definitions
    assert not any(s.definitions for s in form.sections[1:])
    assert {c.id for c in form.constructs} == {c.id for m in ("core", module) for c in LIBRARY.module(m).constructs}
    assert form.indicators == LIBRARY.module(module).indicators


@pytest.mark.parametrize("module", FULL)
def test_the_attention_item_stands_on_the_last_page_of_agreement_items_that_are_not_sensitive(module):
    form = LIBRARY.questionnaire(f"full_{module}")
    pages = [s for s in form.sections if any(i.list_name == "AGREE5" and not i.sensitive for i in s.items)]
    assert "core_attention" in [i.id for i in pages[-1].items]


@pytest.mark.parametrize(
    ("form", "first", "then"), [("burden", "bur_rd_why", "bur_el1"), ("alliance", "al_ef3", "al_se1")]
)
def test_sensitive_blocks_come_after_the_others(form, first, then):
    asked = [item.id for item in LIBRARY.questionnaire(f"full_{form}")]
    assert asked.index(first) < asked.index(then)


@pytest.mark.parametrize("form", [q for q, _ in LIBRARY.questionnaires if q != "case_timeline"])
def test_minutes_follow_from_the_planning_constants(form):
    questionnaire = LIBRARY.questionnaire(form)
    assert questionnaire.minutes == pytest.approx(planned_seconds(questionnaire) / 60, abs=0.051)


def test_limits_that_look_at_another_answer_accept_a_blank_one():
    for item in (i for m in LIBRARY.modules.values() for i in m.items.values() if i.constraint):
        condition = parse(item.constraint.expression)
        (other,) = condition.references
        holds = compiled(condition)
        assert holds({other: None}, current=5), item.id
        assert holds({other: 5}, current=5), item.id
        assert holds({other: 6}, current=5) != holds({other: 4}, current=5), item.id


@pytest.mark.parametrize(
    ("assigned", "feasible", "accepted", "asks"),
    [
        (1000, 800, 900, False),
        (1000, 800, 40, True),
        (1000, 50, 50, False),  # exactly 20 times
        (1000, 49, 49, True),
        (0, 12, 6, False),  # a target of nothing at all is a real target
        (None, 800, 40, False),
        (None, 800, 39, True),
        (10, 800, None, False),
    ],
)
def test_three_numbers_of_one_task_that_differ_by_more_than_twenty_are_asked_about(assigned, feasible, accepted, asks):
    item = LIBRARY.module("negotiation").items["neg_accepted"]
    holds = compiled(parse(item.warning.expression))
    assert holds({"neg_assigned": assigned, "neg_feasible": feasible}, current=accepted) is asks


def test_the_refusal_option_of_the_profile_is_a_missing_reason_and_never_a_number():
    core = LIBRARY.module("core")
    nines = {i.id for i in core.items.values() if i.option(9)}
    assert nines == {"core_post", "core_years", "core_bianzhi", "core_age", "core_gender", "core_voluntary"}
    for name in nines:
        assert core.items[name].option(9).missing == "refused"
        assert core.items[name].missing == ("refused",)
    for name in ("core_consent", "core_county", "core_level"):
        assert core.items[name].missing == ()


def test_not_applicable_is_offered_only_where_the_codebook_says_so():
    offered = [i.id for m in LIBRARY.modules.values() for i in m.items.values() if "not_applicable" in i.missing]
    assert offered == ["pw_st_firm"]


def test_options_that_exclude_all_others_are_marked():
    marked = {
        i.id: [o.code for o in i.options if o.exclusive]
        for m in LIBRARY.modules.values()
        for i in m.items.values()
        if any(o.exclusive for o in i.options)
    }
    assert marked == {"bur_rd_why": [8], "co_trig": [7, 8], "pw_mech": [0]}
    assert LIBRARY.module("burden").items["bur_rd_why"].most == 3
    assert LIBRARY.module("pathway").items["pw_need"].most == 2


def test_bipolar_items_carry_their_poles_without_left_right_and_dash():
    item = LIBRARY.module("pathway").items["pw_bi1"]
    assert item.left["zh"] == "主要由群众诉求和一线问题推动"
    assert item.right["zh"] == "主要由上级规划和政策推动"


def test_a_stem_that_the_codebook_abbreviates_is_written_out():
    coordination = LIBRARY.module("coordination")
    stems = {c.id: c.stem for c in coordination.constructs if c.id in ("information_dressing", "social_integration")}
    assert stems["information_dressing"] == stems["social_integration"] != Text()


def test_every_item_of_the_short_form_has_a_short_name_for_charts():
    assert [i.id for i in LIBRARY.questionnaire("short") if not i.label.get("zh")] == []


def test_the_case_timeline_is_for_researchers_and_repeats_its_events():
    cases = LIBRARY.questionnaire("case_timeline")
    assert cases.audience == "researcher"
    assert [s.repeat for s in cases.sections] == [None, (1, 200)]
    assert [o.code for o in cases.items["ev_target"].options] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    assert cases.items["ct_policy_type"].options == LIBRARY.module("coordination").items["co_type"].options
    assert [o.code for o in cases.items["ev_pressure"].options if o.exclusive] == [0]
    assert len(cases.items["ev_action"].options) == 18
    assert all(not i.missing for i in cases)


# ------------------------------------------------------------------------------------------------- indicators


def test_a_questionnaire_has_only_the_indicators_whose_items_it_asks():
    ids = [i.id for i in LIBRARY.questionnaire("short").indicators]
    assert ids == [
        *("assessment_frequency", "trace_hours", "meetings_per_month", "perceived_burden"),
        *("negotiating_room", "room_status_shares", "standard_gap_pct", "concession_pct", "negotiating_room_raw"),
        *("no_task_share", "perceived_negotiating_room"),
        *("alliance_participation", "lead_role_share", "action_tilt", "balance_index"),
    ]


def test_the_items_of_a_composite_are_those_of_what_it_is_made_of():
    indicators = {i.id: i for m in LIBRARY.modules.values() for i in m.indicators}
    assert indicators["balance_index"].items == ("al_opt_n", "al_req_n")
    assert indicators["coordination_limits"].items == tuple(
        f"co_{scale}{n}" for scale in ("te", "pi", "le") for n in (1, 2, 3)
    )
    assert indicators["dual_strength"].items == ("al_ct1", "al_ct2", "al_ct3", "al_au1", "al_au2", "al_au3", "al_au4")
    assert indicators["bargaining_success_rate"].items == ("neg_suc_n", "neg_att_n")


def test_the_forty_scales_have_the_least_valid_answers_of_the_codebook():
    scales = [
        i
        for m in LIBRARY.modules.values()
        for i in m.indicators
        if i.kind == "scale" and not i.id.startswith("pressure_")
    ]
    assert len(scales) == 40
    for scale in scales:
        size = len(scale.items)
        assert scale.parameters["min_valid"] == (3 * size + 4) // 5, scale.id
        assert (scale.low, scale.high, scale.estimate) == (0, 100, "mean")
        assert scale.high_means.get("zh")


def test_sensitive_indicators_need_twenty_and_print_a_neutral_name():
    names = {
        i.id: i.print_name.get("zh")
        for m in LIBRARY.modules.values()
        for i in m.indicators
        if i.sensitive and i.kind == "scale"
    }
    assert names == {
        "elimination_response": "优先保证考核事项",
        "patchwork_coping": "临时集中迎检",
        "selective_dissolution": "选择性落实",
        "cross_dept_collusion": "跨部门统一应对",
        "strategic_adaptation": "灵活变通",
        "responsibility_shifting": "责任下移与自我保护",
        "information_dressing": "信息整合与呈现",
        "relationship_channeling": "领导沟通渠道",
        "selective_action": "选择性参与",
        "problem_path_difficulty": None,
    }
    for module in LIBRARY.modules.values():
        for indicator in module.indicators:
            assert indicator.n_min == (20 if indicator.sensitive else 10), indicator.id


# ------------------------------------------------------------------------------------------ there and back again


@pytest.mark.parametrize("key", list(LIBRARY.modules))
def test_a_module_written_and_read_again_is_the_same(key):
    module = LIBRARY.modules[key]
    assert load_module(dump_module(module)) == module


@pytest.mark.parametrize("key", list(LIBRARY.questionnaires))
def test_a_questionnaire_written_and_read_again_is_the_same(key):
    questionnaire = LIBRARY.questionnaires[key]
    assert load_questionnaire(dump_questionnaire(questionnaire, LIBRARY), LIBRARY) == questionnaire


def test_a_questionnaire_of_its_own_items_and_indicators_survives_too():
    text = QUESTIONNAIRE.replace(
        "      - core_level\n", "      - core_level\n      - al_member\n      - al_req_n\n      - al_opt_n\n"
    )
    text = text.replace("core_county]", "core_county]\nintroduction: {zh: 请按实际情况填。}") + OWN_INDICATORS
    questionnaire = load_questionnaire(text, LIBRARY)
    ids = [i.id for i in questionnaire.indicators]
    assert ids == ["alliance_participation", "action_tilt", "balance_index", "own", "own_and_balance"]
    assert questionnaire.indicators[-1].items == ("own_n", "al_opt_n", "al_req_n")
    assert load_questionnaire(dump_questionnaire(questionnaire, LIBRARY), LIBRARY) == questionnaire


OWN_INDICATORS = """\
indicators:
  - id: own
    title: {zh: 次数}
    kind: value
    items: [own_n]
    estimate: median
  - id: own_and_balance
    title: {zh: 合计}
    kind: formula
    parameters: {expression: "${own} + ${balance_index}"}
    estimate: mean
"""


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
TRAPS = "yes|no|true|null|~|1.0|1_000|12:30|2026-11-20|- a|a: b|a #b|'|{x}|[|&a|*a|!|%|@|`|?|a:|  两端 |<<|=|.5|0x1f"
HARD = st.sampled_from(
    [*TRAPS.split("|"), '"', "换\n行", "\n", "a\n\nb", "a\n  b", "a\n", "\u2028", "\x85", "\ufeff", "a\tb", "\r"]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(WORDS, HARD), st.one_of(WORDS, HARD))
def test_any_wording_survives_being_written_and_read(zh, en):
    module = load_module(MODULE)
    first = module.constructs[0]
    item = replace(first.items[0], text=Text(zh=f"问{zh}", en=en), note=en)
    changed = replace(module, constructs=(replace(first, definition=f"x{zh}", items=(item, *first.items[1:])),))
    assert_same_after_writing(changed)


LONG = st.lists(st.one_of(WORDS, HARD, st.text("ab 中文,，:#", max_size=80)), min_size=3, max_size=12).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(LONG, st.floats(-1e9, 1e9).map(lambda n: round(n, 9)))
def test_long_wording_and_odd_numbers_survive_too(words, number):
    module = load_module(MODULE)
    first = module.constructs[0]
    item = replace(first.items[0], warn_above=number)
    changed = replace(module, constructs=(replace(first, definition=words, items=(item, *first.items[1:])),))
    assert_same_after_writing(changed)


def assert_same_after_writing(changed: Module) -> None:
    back = load_module(dump_module(changed))
    assert (back.constructs, back.indicators) == (changed.constructs, changed.indicators)


def test_what_is_written_reads_the_same_in_an_ordinary_yaml_reader():
    text = dump_module(LIBRARY.module("burden"))
    ordinary = yaml.safe_load(text)
    first = ordinary["constructs"][0]["items"][0]
    assert first["text"]["zh"] == "过去一个月，本单位接受上级的常规考核、打分、排名或通报，共多少次？"
    assert ordinary["version"] == "1.0.0"


# ---------------------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("        type: single\n", "        type: singel\n", "not_among"),
        ("        required: yes\n", "        requird: yes\n", "unknown_key"),
        ("        required: yes\n", "        required: true\n", "not_among"),
        ("        options: OFTEN\n", "        options: OFEN\n", "unknown_list"),
        ("    definition: How often the village posts notices.\n", "", "missing_key"),
        ("  - id: board\n", "  - id: Board\n", "not_an_id"),
        ("version: 1.0.0\n", "version: 1.0\n", "not_a_version"),
        ("    2: {zh: 有时, en: Sometimes}\n", "    two: {zh: 有时, en: Sometimes}\n", "option_code"),
        (
            "        text: {zh: 有没有公告栏？, en: Is there a board?}\n",
            "        text: 有没有公告栏？\n",
            "not_in_languages",
        ),
        ("        text: {zh: 有没有公告栏？, en: Is there a board?}\n", "        text: {zh: 2024}\n", "not_words"),
        ("        text: {zh: 有没有公告栏？, en: Is there a board?}\n", "        text: {zho_: 有}\n", "not_a_language"),
        (
            "        text: {zh: 有没有公告栏？, en: Is there a board?}\n",
            "        text: {en: Is there a board?}\n",
            "no_chinese",
        ),
        ("        required: no\n", "        range: [1]\n", "not_a_range"),
        ("        required: no\n", "        most: 1.5\n", "not_whole"),
        ("        required: no\n", "        warn_above: many\n", "not_a_number"),
        ("        required: no\n", "        sensitive: yes\n", "not_a_flag"),
        ("        required: no\n", "        missing: dont_know\n", "not_a_list"),
        ("        required: no\n", "        required: *a\n", "alias"),
        ("        required: no\n", "        note: !!python/name:os.system x\n", "tag"),
        ("        required: no\n", "        note: !!set {a, b}\n", "tag"),
        ("        required: no\n", "       required: no\n", "syntax"),
        ("        required: no\n", "\trequired: no\n", "syntax"),
        ("        required: no\n", "        required: no\n        required: yes\n", "double_key"),
        ("        relevance: ${vi_any} = 1\n", "        relevance: ${vi_any} == 1\n", "expression.operator"),
        ("        relevance: ${vi_any} = 1\n", "        relevance: ${vi_ever} = 1\n", "unknown_reference"),
        (
            "        relevance: ${vi_any} = 1\n",
            "        relevance: selectd(${vi_any}, '1')\n",
            "expression.unknown_function",
        ),
        ("    parameters: {true: [1], false: [0]}\n", "    parameters: {true: [1], false: [7]}\n", "indicator_code"),
        ("    parameters: {true: [1], false: [0]}\n", "    parameters: [1]\n", "not_parameters"),
        ("    kind: share\n", "    kind: shares\n", "not_among"),
        ("id: village\n", "id: village\n---\nid: other\n", "documents"),
        ("    definition: How often the village posts notices.\n", "    definition:\n", "not_words"),
    ],
)
def test_each_mistake_is_named_with_its_line(old, new, code):
    assert MODULE.count(old) == 1
    text = MODULE.replace(old, new)
    with pytest.raises(Problem) as caught:
        load_module(text, known=())
    found = {f.code: f for f in caught.value.findings}  # type: ignore[attr-defined]
    assert code in found
    explained = [explain_code(found[code].key, language, **found[code].facts) for language in ("zh", "en")]
    assert all(message and remedy for message, remedy in explained)
    line = line_of(MODULE, old)
    near = (
        {line - 2, line - 1, line, line + 1, line + 2}
        if code in ("syntax", "missing_key", "documents")
        else {line, line + new.count("\n") - 1}
    )
    assert found[code].line in near


def test_all_mistakes_of_a_file_are_reported_at_once():
    text = MODULE.replace("type: single", "type: singel").replace("    kind: share", "    kind: shares")
    assert wrong(text) == [
        (line_of(MODULE, "type: single"), "not_among"),
        (line_of(MODULE, "kind: share"), "not_among"),
    ]


def test_a_mistake_in_an_indicator_is_not_placed_at_the_construct_of_the_same_name():
    text = MODULE.replace("  - id: board\n", "  - id: notices\n").replace("{zh: 公告栏, en: Board}", "{en: Board}")
    assert wrong(text) == [(line_of(text, "title: {en: Board}"), "no_chinese")]


@pytest.mark.parametrize(
    ("old", "new", "code", "part"),
    [
        ("core: 1.0.0,", "core: 9.0.0,", "unknown_module", "modules:"),
        ("      - core_level\n", "      - core_levle\n", "unknown_item", "      - core_levle"),
        ("      - core_level\n", "      - al_role\n", "unknown_reference", "      - al_role"),
        ("opening: [core_consent, core_county]", "opening: [core_county]", "consent_not_first", "opening:"),
        ("        range: [0, null]", "        relevance: ${later_n} > 0", "unknown_reference", "        relevance"),
        ("      - core_level\n", "      - core_level\n      - core_level\n", "double_item", "- core_level\n      - id"),
        (
            "    title: {zh: 工作, en: Work}",
            "    title: {zh: 工作}\n    repeat: [1, 5]",
            "repeat_for_cadres",
            "    repeat",
        ),
        ("    title: {zh: 工作, en: Work}", "    title: {zh: 工作}\n    repeat: [5, 1]", "not_rows", "    repeat"),
    ],
)
def test_each_mistake_in_a_questionnaire_is_named_with_its_line(old, new, code, part):
    text = QUESTIONNAIRE.replace(old, new)
    assert text != QUESTIONNAIRE
    found = wrong(text, questionnaire=True)
    assert (line_of(text, part), code) in found


def test_a_bomb_of_aliases_is_refused_without_being_unfolded():
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert {code for _, code in wrong("\n".join(rows))} >= {"alias"}


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 50_000 + "a", "{a: " * 100_000, "? " * 10_000])
def test_a_file_that_nests_without_end_is_refused(text):
    assert [code for _, code in wrong(text)] == ["too_deep"]


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "1.0.0.yaml"
    path.write_text("# " + "x" * 3_000_000, "utf-8")
    with pytest.raises(Problem) as caught:
        load_module(path)
    assert [f.code for f in caught.value.findings] == ["too_large"]  # type: ignore[attr-defined]
    assert caught.value.where == f"{path}:1"


def test_a_file_in_another_encoding_is_named(tmp_path):
    path = tmp_path / "1.0.0.yaml"
    path.write_bytes(MODULE.encode("gb18030"))
    with pytest.raises(Problem) as caught:
        load_module(path)
    assert [f.code for f in caught.value.findings] == ["not_utf8"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "null", "- a\n- b", "42", "just words", "%YAML 9", "\x00", "'"])
def test_what_is_not_a_module_is_refused_kindly(text):
    assert wrong(text)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "1.0.0.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + MODULE.encode())
    assert load_module(path) == load_module(MODULE)


# ------------------------------------------------------------------------------------------------------ a folder


def folder_with(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def test_a_folder_is_read_with_several_versions_side_by_side(tmp_path):
    files = {
        f"modules/village/{v}.yaml": MODULE.replace("version: 1.0.0", f"version: {v}")
        for v in ("1.0.0", "1.10.0", "1.9.0")
    }
    library = load_library(folder_with(tmp_path, files))
    assert library.module("village").version == "1.10.0"
    assert library.module("village", "1.0.0").version == "1.0.0"


@pytest.mark.parametrize("wanted", [("village", "2.0.0"), ("town", None)])
def test_an_instrument_that_does_not_exist_is_a_problem(tmp_path, wanted):
    library = load_library(folder_with(tmp_path, {"modules/village/1.0.0.yaml": MODULE}))
    with pytest.raises(Problem) as caught:
        library.module(*wanted)
    assert caught.value.code == "instrument.unknown"


def test_a_file_must_lie_where_its_id_and_version_say(tmp_path):
    folder = folder_with(tmp_path, {"modules/town/1.0.0.yaml": MODULE})
    assert [(f.file, f.code) for f in lint_folder(folder)] == [("modules/town/1.0.0.yaml", "file_name")]
    with pytest.raises(Problem) as caught:
        load_library(folder)
    assert caught.value.where == "modules/town/1.0.0.yaml:1"


def test_mistakes_of_all_files_are_reported_together(tmp_path):
    folder = folder_with(
        tmp_path,
        {
            "modules/village/1.0.0.yaml": MODULE.replace("kind: share", "kind: shares"),
            "questionnaires/village_form/1.0.0.yaml": QUESTIONNAIRE.replace(", alliance: 1.0.0", ""),
        },
    )
    found = [(f.file, f.code) for f in lint_folder(folder)]
    assert found == [
        ("modules/village/1.0.0.yaml", "not_among"),
        ("questionnaires/village_form/1.0.0.yaml", "unknown_module"),
    ]


def test_a_module_may_refer_to_items_of_core_but_not_to_items_that_nobody_has(tmp_path):
    text = MODULE.replace("${vi_any} = 1", "${core_level} = 1")
    core = (FOLDER / "modules/core/1.0.0.yaml").read_text("utf-8")
    both = folder_with(tmp_path / "both", {"modules/village/1.0.0.yaml": text, "modules/core/1.0.0.yaml": core})
    alone = folder_with(tmp_path / "alone", {"modules/village/1.0.0.yaml": text})
    assert lint_folder(both) == ()
    assert [(f.line, f.code) for f in lint_folder(alone)] == [(line_of(text, "relevance:"), "unknown_reference")]


def test_every_kind_of_value_in_the_tables_of_keys_has_a_reader():
    kinds = {key.value for block in BLOCKS.values() for key in block.values() if not key.value.startswith("block")}
    assert kinds == set(READ)


def test_every_field_of_an_item_can_be_said_in_a_file():
    said = {"low", "high", "list_name"} | set(BLOCKS["item"]) - {"range"}
    assert set(Item.__dataclass_fields__) == said


def test_an_empty_library_has_nothing():
    with pytest.raises(Problem):
        Library({}, {}).questionnaire("short")


@pytest.mark.parametrize(
    ("item", "value", "answers", "holds"),
    [
        ("ct_end", "2024-05-01", {"ct_start": "2024-05-02"}, False),
        ("ct_end", "2024-05-02", {"ct_start": "2024-05-02"}, True),
        ("ct_end", "2024-05-02", {"ct_start": None}, True),
        ("ev_date", "2024-05-02", {"ct_start": "2024-01-01", "ct_end": "2024-05-01"}, False),
        ("ev_date", "2024-05-02", {"ct_start": "2024-01-01", "ct_end": None}, True),
        ("ev_response_date", "2024-05-01", {"ev_date": "2024-05-02"}, False),
        ("ct_case_code", "HA01", {}, True),
        ("ct_case_code", "安吉县", {}, False),
    ],
)
def test_dates_of_a_case_stay_in_order_and_its_code_names_no_place(item, value, answers, holds):
    condition = compiled(parse(LIBRARY.questionnaire("case_timeline").items[item].constraint.expression))
    assert condition(answers, current=value) is holds
