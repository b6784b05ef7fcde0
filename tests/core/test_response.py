"""What a phone may send, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from fieldkit.core.answer import NOT_SHOWN, SKIPPED, Answer
from fieldkit.core.item import Check, Option
from fieldkit.core.problem import Problem
from fieldkit.core.response import FINDINGS_LIMIT, NUMBER_LIMIT, checker
from fieldkit.core.text import Text
from tests.samples import item, questionnaire

REFUSE = Option(9, Text(zh="不便回答"), missing="refused")
ITEMS = {
    "level": item("level", "single", 1, 2, 98),
    "age": item("age", "single", options=(Option(1, Text(zh="35岁以下")), REFUSE)),
    "pole": item("pole", "bipolar7", -3, -2, -1, 0, 1, 2, 3),
    "tasks": item(
        "tasks",
        "multi",
        options=(
            *(Option(c, Text(zh=f"任务{c}")) for c in (1, 2, 3)),
            Option(0, Text(zh="都没有"), exclusive=True),
            REFUSE,
        ),
        most=2,
    ),
    "count": item("count", "count", low=0, high=99),
    "hours": item("hours", "hours_week", low=0, high=100),
    "share": item("share", "percentage", low=0, high=100),
    "money": item("money", "money", low=0),
    "free": item("free", "number"),
    "text": item("text", "text", high=5),
    "code": item("code", "text", low=2, high=20),
    "start": item("start", "date"),
}


def answer(name: str, value: object) -> Answer:
    """What is stored when one item gets this value."""
    return checker(questionnaire(ITEMS[name])).check({"core_consent": 1, name: value})[name]


def finding(name: str, value: object) -> tuple[str, dict[str, Any]]:
    """The code and facts of the one finding when one item gets this value."""
    with pytest.raises(Problem) as raised:
        answer(name, value)
    assert raised.value.code == "submission.invalid"
    (found,) = raised.value.findings
    assert isinstance(found, Problem)
    assert found.where == name
    return found.code, found.facts


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("level", 1, 1),
        ("level", "98", 98),
        ("level", " １ ", 1),
        ("level", 2.0, 2),
        ("pole", -3, -3),
        ("pole", "-3", -3),
        ("pole", "－２", -2),
        ("pole", 0, 0),
        ("tasks", [3, 1], [1, 3]),
        ("tasks", ["3", "1", "3", "1"], [1, 3]),
        ("tasks", [0], [0]),
        ("count", 0, 0),
        ("count", "0", 0),
        ("count", "12", 12),
        ("count", "１２", 12),
        ("count", "12.0", 12),
        ("hours", 0.5, 0.5),
        ("hours", "１２。５", 12.5),
        ("hours", "40", 40),
        ("share", "33.3", 33.3),
        ("money", "1,200.55", 1200.55),
        ("money", "１，２００", 1200),
        ("money", ".5", 0.5),
        ("free", "-12.25", -12.25),
        ("free", "−3", -3),
        ("free", "+3", 3),
        ("text", "  很好  ", "很好"),
        ("text", "a\x00b\ud800c", "abc"),
        ("text", "a\r\nb", "a\nb"),
        ("start", "2026-02-28", "2026-02-28"),
        ("start", "２０２６－０２－２８", "2026-02-28"),
    ],
)
def test_an_answer_is_stored_as_its_type_says(name: str, value: object, stored: object) -> None:
    kept = answer(name, value)
    assert kept == Answer(stored)  # type: ignore[arg-type]
    assert type(kept.value) is type(stored)


@pytest.mark.parametrize(
    ("name", "value"),
    [("level", ""), ("level", None), ("tasks", []), ("count", ""), ("count", "　 "), ("text", "  "), ("start", "")],
)
def test_an_empty_field_is_skipped_and_never_zero(name: str, value: object) -> None:
    assert answer(name, value) == SKIPPED


def test_the_refusal_option_is_a_button_and_never_the_number_nine() -> None:
    assert answer("age", 9) == Answer(missing="refused")
    assert answer("age", "9") == Answer(missing="refused")
    assert answer("tasks", [9]) == Answer(missing="refused")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("level", 3, "answer.unknown_option"),
        ("level", 1.5, "answer.unknown_option"),
        ("level", True, "answer.unknown_option"),
        ("level", [1], "answer.unknown_option"),
        ("level", "一", "answer.unknown_option"),
        ("level", "--1", "answer.unknown_option"),
        ("level", "9" * 5000, "answer.unknown_option"),
        ("level", 10**400, "answer.unknown_option"),
        ("tasks", [1, 7], "answer.unknown_option"),
        ("tasks", [True], "answer.unknown_option"),
        ("tasks", [{"a": 1}], "answer.unknown_option"),
        ("tasks", 1, "answer.wrong_type"),
        ("tasks", [0, 1], "answer.exclusive_option"),
        ("tasks", [9, 1], "answer.exclusive_option"),
        ("tasks", [1, 2, 3], "answer.too_many"),
        ("tasks", [1] * 50 + [2, 3], "answer.too_many"),
        ("count", "十二", "answer.wrong_type"),
        ("count", "1,2", "answer.not_whole"),
        ("count", "5²", "answer.wrong_type"),
        ("count", "1_000", "answer.wrong_type"),
        ("count", "1e1", "answer.wrong_type"),
        ("count", "nan", "answer.wrong_type"),
        ("count", "٣", "answer.wrong_type"),
        ("count", "-", "answer.wrong_type"),
        ("count", float("nan"), "answer.wrong_type"),
        ("count", False, "answer.wrong_type"),
        ("count", [1], "answer.wrong_type"),
        ("count", 1.5, "answer.not_whole"),
        ("count", 100, "answer.out_of_range"),
        ("count", -1, "answer.out_of_range"),
        ("count", 10**400, "answer.out_of_range"),
        ("count", float("inf"), "answer.out_of_range"),
        ("free", 10 * NUMBER_LIMIT, "answer.out_of_range"),
        ("free", 1e307, "answer.out_of_range"),
        ("free", "9" * 30, "answer.wrong_type"),
        ("hours", 1.3, "answer.too_precise"),
        ("share", 33.33, "answer.too_precise"),
        ("money", "1.005", "answer.too_precise"),
        ("text", "一二三四五六", "answer.too_long"),
        ("text", 5, "answer.wrong_type"),
        ("code", "A", "answer.too_short"),
        ("start", "2026-02-30", "answer.wrong_type"),
        ("start", 20260228, "answer.wrong_type"),
        ("level", {"missing": "tired"}, "answer.unknown_missing_reason"),
        ("level", {"missing": "not_applicable"}, "answer.unknown_missing_reason"),
        ("level", {"missing": ["refused"]}, "answer.unknown_missing_reason"),
        ("level", {"missing": "refused", "value": 1}, "answer.value_and_missing"),
        ("level", {}, "answer.value_and_missing"),
    ],
)
def test_what_cannot_be_an_answer_is_named(name: str, value: object, code: str) -> None:
    assert finding(name, value)[0] == code


def test_a_finding_carries_what_its_message_needs() -> None:
    _, facts = finding("count", 120)
    assert facts == {"item": "题目count", "value": "120", "low": 0, "high": 99}
    _, facts = finding("tasks", [0, 1])
    assert facts["options"] == "都没有"
    _, facts = finding("level", "\ud800" + "x" * 100)
    assert facts["value"] == "x" * 39


def test_deeply_nested_rubbish_is_a_finding_and_not_a_crash() -> None:
    nested: object = 1
    for _ in range(900):
        nested = [nested]
    assert finding("level", nested)[1]["value"] == "[…]"
    assert finding("tasks", [nested])[0] == "answer.unknown_option"


def test_the_buttons_for_missing_answers_store_their_reason() -> None:
    for reason in ("dont_know", "refused"):
        assert answer("count", {"missing": reason}) == Answer(missing=reason)
    offered = questionnaire(item("meetings", "count", low=0, high=9, missing=("not_applicable",)))
    assert checker(offered).check({"core_consent": 1, "meetings": {"missing": "not_applicable"}}) == {
        "meetings": Answer(missing="not_applicable")
    }


@pytest.mark.parametrize("reason", ["skipped", "not_shown"])
def test_the_server_and_not_the_phone_decides_what_was_skipped_or_not_shown(reason: str) -> None:
    assert answer("count", {"missing": reason}) == SKIPPED


@pytest.mark.parametrize("consent", [None, 2, "2", "", True, {"missing": "refused"}, [1], "yes"])
def test_without_consent_nothing_else_is_looked_at(consent: object) -> None:
    asked = checker(questionnaire(ITEMS["count"]))
    with pytest.raises(Problem) as raised:
        asked.check({"core_consent": consent, "count": "rubbish"})
    assert (raised.value.code, raised.value.where) == ("submission.no_consent", "core_consent")


def test_consent_and_county_are_not_among_the_answers() -> None:
    asked = checker(questionnaire(ITEMS["count"]))
    assert list(asked.check({"core_consent": 1, "core_county": "anything at all", "count": 3})) == ["count"]


def test_every_item_has_an_answer_in_the_order_it_was_asked() -> None:
    asked = checker(questionnaire(*ITEMS.values()))
    kept = asked.check({"text": "x", "core_consent": 1, "level": 1})
    assert list(kept) == list(ITEMS)
    assert all(a == SKIPPED for name, a in kept.items() if name not in ("text", "level"))


SKIPS = questionnaire(
    item("task", "single", 0, 1),
    item("size", "count", low=0, high=9, relevance="${task} = 1"),
    item("late", "single", 0, 1, relevance="${size} > 5", required="hard", missing=()),
    item("calm", "single", 0, 1, relevance="${task} != '' and ${task} != 1"),
)


def test_answers_to_items_that_were_not_asked_are_cleared() -> None:
    kept = checker(SKIPS).check({"core_consent": 1, "task": 0, "size": 7, "late": 1, "calm": 1})
    assert kept == {"task": Answer(0), "size": NOT_SHOWN, "late": NOT_SHOWN, "calm": Answer(1)}


def test_a_missing_controlling_answer_hides_what_depends_on_it() -> None:
    for nothing in (None, {"missing": "refused"}, {"missing": "dont_know"}):
        kept = checker(SKIPS).check({"core_consent": 1, "task": nothing, "size": 7, "calm": 1})
        assert [kept[name] for name in ("size", "late", "calm")] == [NOT_SHOWN] * 3


def test_a_wrong_answer_to_an_item_that_was_not_asked_is_no_finding() -> None:
    kept = checker(SKIPS).check({"core_consent": 1, "task": 0, "size": 700})
    assert kept["size"] == NOT_SHOWN


def test_a_chosen_reason_on_an_item_that_was_not_asked_becomes_not_shown() -> None:
    kept = checker(SKIPS).check({"core_consent": 1, "task": 0, "size": {"missing": "refused"}})
    assert kept["size"] == NOT_SHOWN


def test_a_hard_item_needs_an_answer_only_when_it_was_asked() -> None:
    assert checker(SKIPS).check({"core_consent": 1, "task": 1, "size": 5})["late"] == NOT_SHOWN
    with pytest.raises(Problem) as raised:
        checker(SKIPS).check({"core_consent": 1, "task": 1, "size": 6})
    assert [(f.code, f.where) for f in raised.value.findings] == [("answer.required", "late")]  # type: ignore[attr-defined]


def test_zero_is_an_answer_to_a_hard_item() -> None:
    asked = checker(questionnaire(item("n1", "count", low=0, high=9, required="hard")))
    assert asked.check({"core_consent": 1, "n1": 0}) == {"n1": Answer(0)}


CHECKED = questionnaire(
    item("called", "count", low=0, high=200),
    item("came", "count", low=0, high=200, constraint=Check(". <= ${called}", Text(zh="不能多于召集次数"))),
)


def test_a_constraint_refuses_the_answer_with_its_own_words() -> None:
    with pytest.raises(Problem) as raised:
        checker(CHECKED).check({"core_consent": 1, "called": 2, "came": 3})
    (found,) = raised.value.findings
    assert isinstance(found, Problem)
    assert (found.code, found.where, found.facts["message"]) == ("answer.constraint", "came", "不能多于召集次数")
    assert checker(CHECKED).check({"core_consent": 1, "called": 3, "came": 3})["came"] == Answer(3)


def test_a_constraint_does_not_judge_an_item_without_an_answer() -> None:
    assert checker(CHECKED).check({"core_consent": 1, "called": 2})["came"] == SKIPPED


def test_all_findings_come_together() -> None:
    asked = checker(questionnaire(*ITEMS.values()))
    with pytest.raises(Problem) as raised:
        asked.check({"core_consent": 1, "count": 100, "level": 7, "stranger": 1})
    assert {f.where for f in raised.value.findings} == {"count", "level", "stranger"}  # type: ignore[attr-defined]
    assert raised.value.facts["count"] == 3


def test_an_item_of_no_questionnaire_is_a_finding() -> None:
    with pytest.raises(Problem) as raised:
        checker(questionnaire(ITEMS["count"])).check({"core_consent": 1, "bur_af1": 3})
    (found,) = raised.value.findings
    assert isinstance(found, Problem)
    assert (found.code, found.where) == ("answer.unknown_item", "bur_af1")


def test_a_client_that_sends_rubbish_without_end_gets_a_short_answer() -> None:
    rubbish = {f"x{n}": n for n in range(5000)}
    with pytest.raises(Problem) as raised:
        checker(questionnaire(ITEMS["count"])).check({"core_consent": 1, **rubbish})
    assert len(raised.value.findings) == FINDINGS_LIMIT
    assert raised.value.facts["count"] == 5000
