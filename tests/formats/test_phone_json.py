"""What the page's script is told of a questionnaire."""

import json
import re

import pytest
import quickjs

from fieldkit.core.instrument import Questionnaire, Section
from fieldkit.core.item import Check, Item, Option
from fieldkit.core.text import Text
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.formats.phone_json import AT_HAND, phone_json
from fieldkit.settings import resource
from fieldkit.web.delivery import STATIC


def words(text):
    return Text(zh=text)


def rules_of(*items, relevance=""):
    section = Section("one", words("一"), items, relevance=relevance)
    questionnaire = Questionnaire("sample", "1.0.0", words("样卷"), (section,), {})
    return json.loads(phone_json(questionnaire, "zh", {"next": "下一页"}, {"required": "要答"}))


def test_what_is_usual_is_left_out():
    item = Item("some", words("几个？"), "single", (Option(1, words("甲")),))
    assert rules_of(item)["items"]["some"] == {"kind": "code"}


def test_conditions_travel_as_trees_and_never_as_text_to_be_read():
    first = Item("some", words("几个？"), "count", low=0, high=9)
    second = Item(
        "more", words("其中？"), "count", relevance="${some} > 0", constraint=Check(". <= ${some}", words("不能更多"))
    )
    found = rules_of(first, second, relevance="${some} != ''")
    assert found["items"]["more"]["if"] == [">", ["$", "some"], 0]
    assert found["items"]["more"]["must"] == [["<=", ["."], ["$", "some"]], "不能更多"]
    assert found["sections"] == [{"id": "one", "items": ["some", "more"], "if": ["!=", ["$", "some"], ""]}]


def test_a_text_that_would_end_the_script_element_cannot():
    item = Item("odd", words("?"), "count", warning=Check(". > 3", words("</script><script>alert(1)//\u2028")))
    section = Section("one", words("一"), (item,))
    text = phone_json(Questionnaire("sample", "1.0.0", words("样"), (section,), {}), "zh", {}, {})
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text)["items"]["odd"]["ask"][1] == "</script><script>alert(1)//\u2028"


def test_numbers_that_a_warning_compares_are_read_back_together():
    library = load_library(resource("instruments"))
    found = json.loads(phone_json(library.questionnaire("short"), "zh", {}, {}))
    assert [pair[0] for pair in found["items"]["neg_accepted"]["echo"]] == [
        "neg_assigned",
        "neg_feasible",
        "neg_accepted",
    ]
    assert "echo" not in found["items"]["neg_feasible"]


def test_the_rest_of_the_evaluator_is_asked_for_only_where_it_is_needed():
    plain = Item("some", words("几个？"), "count")
    assert "more" not in rules_of(plain)
    rare = Item("root", words("几个？"), "count", relevance="sqrt(${some}) > 2")
    assert rules_of(plain, rare)["more"] is True


@pytest.fixture(scope="module")
def evaluator():
    """The evaluator as the page has it before anything else was fetched."""
    context = quickjs.Context()
    context.eval(re.sub(r"^export ", "", (STATIC / "expression.js").read_text("utf-8"), flags=re.M))
    return context


@pytest.mark.parametrize("name", sorted(AT_HAND - {"true", "false"}))
def test_what_counts_as_at_hand_is_at_hand(evaluator, name):
    assert evaluator.eval(f"Object.prototype.hasOwnProperty.call(table, {json.dumps(name)})")


def test_no_published_questionnaire_needs_more_than_is_at_hand():
    for questionnaire in load_library(resource("instruments")).questionnaires.values():
        assert "more" not in json.loads(phone_json(questionnaire, "zh", {}, {})), questionnaire.id
