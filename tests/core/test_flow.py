"""Which items a person was asked."""

from __future__ import annotations

from fieldkit.core.flow import asked, plan
from fieldkit.core.instrument import Section
from fieldkit.core.text import Text
from tests.samples import item, questionnaire


def test_items_without_a_condition_are_always_asked_in_order() -> None:
    steps = plan(questionnaire(item("a1", "count"), item("b1", "count")))
    assert [step.item.id for step in steps] == ["core_consent", "core_county", "a1", "b1"]
    assert asked(steps, {}) == {"core_consent", "core_county", "a1", "b1"}


def test_a_section_that_is_not_asked_takes_its_items_with_it() -> None:
    whole = (
        Section("first", Text(zh="一"), (item("member", "single", 0, 1),)),
        Section(
            "second",
            Text(zh="二"),
            (item("role", "single", 1, 2), item("tone", "count", relevance="${role} = 1")),
            relevance="${member} = 1",
        ),
    )
    steps = plan(questionnaire(sections=whole))
    assert {"role", "tone"} & asked(steps, {"member": 0, "role": 1}) == set()
    assert {"role", "tone"} & asked(steps, {"member": 1, "role": 2}) == {"role"}
    assert {"role", "tone"} <= asked(steps, {"member": 1, "role": 1})


def test_a_hidden_answer_does_not_open_what_follows_it() -> None:
    steps = plan(
        questionnaire(
            item("a1", "single", 0, 1),
            item("b1", "single", 0, 1, relevance="${a1} = 1"),
            item("c1", "single", 0, 1, relevance="${b1} = 1"),
        )
    )
    assert "c1" in asked(steps, {"a1": 1, "b1": 1})
    assert "c1" not in asked(steps, {"a1": 0, "b1": 1})


def test_a_choice_among_several_opens_what_follows_it() -> None:
    steps = plan(
        questionnaire(item("tasks", "multi", 0, 1, 2), item("size", "count", relevance="selected(${tasks}, '2')"))
    )
    assert "size" in asked(steps, {"tasks": [1, 2]})
    assert "size" not in asked(steps, {"tasks": [1]})
    assert "size" not in asked(steps, {})


def test_zero_is_not_blank() -> None:
    steps = plan(questionnaire(item("n1", "count"), item("why", "text", relevance="${n1} = 0")))
    assert "why" in asked(steps, {"n1": 0})
    assert "why" not in asked(steps, {"n1": None})
    assert "why" not in asked(steps, {})
