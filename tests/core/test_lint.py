"""What is wrong with an instrument is found before anybody is asked, and said in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from fieldkit.core import lint
from fieldkit.core.instrument import INDICATOR_KINDS, Construct, Indicator, Module, Questionnaire, Section
from fieldkit.core.item import Check, Item, Option
from fieldkit.core.lint import lint_module, lint_questionnaire
from fieldkit.core.text import Text
from fieldkit.translations import catalogue, explain_code

ZH = Text(zh="某题")
FIVE = tuple(Option(code, Text(zh=str(code))) for code in range(1, 6))


def agree(name: str, **more: object) -> Item:
    return Item(name, ZH, "likert5", options=FIVE, **more)  # type: ignore[arg-type]


def number(name: str, **more: object) -> Item:
    return Item(name, ZH, "count", **more)  # type: ignore[arg-type]


def module(*items: Item, indicators: tuple[Indicator, ...] = (), **construct: object) -> Module:
    return Module("m", "1.0.0", ZH, (Construct("c1", ZH, "", items, **construct),), indicators)  # type: ignore[arg-type]


def form(*items: Item, **more: object) -> Questionnaire:
    consent = Item("core_consent", ZH, "single", options=FIVE)
    given = {"opening": (consent,), "sections": (Section("s1", ZH, items),), "modules": {}, **more}
    return Questionnaire("q1", "1.0.0", ZH, **given)  # type: ignore[arg-type]


def scale(*items: str, kind: str = "scale", **more: object) -> Indicator:
    parameters = MappingProxyType(more.pop("parameters", {"min_valid": 1}))  # type: ignore[call-overload]
    return Indicator("score", ZH, kind, "mean", items, parameters=parameters, **more)  # type: ignore[arg-type]


def found(instrument: Module | Questionnaire, **more: object) -> list[tuple[str, str]]:
    look = lint_module if isinstance(instrument, Module) else lint_questionnaire
    findings = look(instrument, **more)  # type: ignore[arg-type]
    for each in findings:
        for language in ("zh", "en"):
            message, remedy = explain_code(each.key, language, **each.facts)
            assert message
            assert remedy
    return [(each.code, each.where) for each in findings]


def test_a_sound_instrument_has_no_findings():
    items = (number("a_n"), number("b_n", relevance="${a_n} > 0"), agree("c_1"), agree("c_2", reverse=True))
    assert found(module(*items, indicators=(scale("c_1", "c_2"),))) == []
    assert found(form(*items)) == []


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (number("x_n", relevance="${nobody} > 0"), "unknown_reference"),
        (number("x_n", constraint=Check(". <= ${nobody}", ZH)), "unknown_reference"),
        (number("x_n", warning=Check(". > ${nobody}", ZH)), "unknown_reference"),
        (number("x_n", constraint=Check(". <= 5")), "no_chinese"),
        (number("x_n", relevance="${x_n} > 0"), "circular"),
        (number("x_n", relevance="foo(1)"), "expression.unknown_function"),
        (number("x_n", relevance="(1 > 0"), "expression.unclosed_bracket"),
        (number("x_n", low=5, high=1), "range_backwards"),
        (number("x_n", options=FIVE), "options_unused"),
        (Item("x_n", Text(en="Only English"), "count"), "no_chinese"),
        (Item("x_n", ZH, "single"), "no_options"),
        (Item("x_n", ZH, "single", options=(*FIVE, FIVE[0])), "double_option"),
        (Item("x_n", ZH, "single", options=(Option(1, Text(en="Yes")),)), "no_chinese_option"),
        (Item("x_n", ZH, "multi", options=FIVE, most=6), "most_impossible"),
        (Item("x_n", ZH, "multi", options=FIVE, most=0), "most_impossible"),
        (Item("x_n", ZH, "bipolar7", options=FIVE), "no_poles"),
        (agree("x_n", sensitive=True, required="yes"), "sensitive_required"),
    ],
)
def test_one_mistake_in_an_item_is_one_finding_about_that_item(item, code):
    assert found(form(item)) == [(code, "x_n")]
    assert found(module(item), known=()) == [(code, "x_n")]


def test_a_choice_may_take_its_options_from_the_wave():
    assert found(form(Item("x_n", ZH, "single", source="wave.counties"))) == []


def test_references_to_other_modules_are_judged_only_when_their_items_are_known():
    bank = module(number("x_n", relevance="${core_level} = 1"))
    assert found(bank) == []
    assert found(bank, known={"core_level"}) == []
    assert found(bank, known=set()) == [("unknown_reference", "x_n")]


def test_a_condition_that_looks_ahead_is_found_but_a_limit_may():
    assert found(form(number("a_n", relevance="${b_n} > 0"), number("b_n"))) == [("later_reference", "a_n")]
    assert found(form(number("a_n", constraint=Check(". <= ${b_n}", ZH)), number("b_n"))) == []


def test_items_that_wait_for_one_another_are_named_as_a_ring():
    items = (
        number("a_n", relevance="${c_n} > 0"),
        number("b_n", relevance="${a_n} > 0"),
        number("c_n", relevance="${b_n} > 0"),
        number("d_n", relevance="${e_n} > 0"),
        number("e_n"),
    )
    findings = lint_questionnaire(form(*items))
    assert [(f.code, f.where) for f in findings] == [("circular", "a_n"), ("later_reference", "d_n")]
    assert findings[0].facts["items"] == "a_n → c_n → b_n → a_n"


def test_an_item_that_depends_on_a_ring_is_not_taken_for_part_of_it():
    items = (
        number("z_n", relevance="${a_n} > 0"),
        number("a_n", relevance="${b_n} > 0"),
        number("b_n", relevance="${a_n} > 0"),
    )
    assert found(form(*items)) == [("circular", "a_n"), ("later_reference", "z_n")]


def test_a_page_may_not_depend_on_what_stands_on_it():
    pages = (Section("s1", ZH, (number("a_n"),), relevance="${a_n} > 0"), Section("s2", ZH, ()))
    assert found(form(sections=pages)) == [("section_empty", "s2"), ("later_reference", "s1")]


def test_an_item_is_asked_once():
    assert ("double_item", "a_n") in found(form(number("a_n"), number("a_n")))


def test_consent_comes_first_for_cadres_and_pages_do_not_repeat():
    assert found(form(number("a_n"), opening=())) == [("consent_not_first", "q1")]
    pages = (Section("s1", ZH, (number("a_n"),), repeat=(1, 9)), Section("s1", ZH, (number("b_n"),)))
    assert found(form(sections=pages)) == [("repeat_for_cadres", "s1"), ("double_section", "s1")]
    assert found(form(sections=pages[:1], audience="researcher", opening=())) == []


def test_sums_over_a_repeat_and_references_inside_it_are_understood():
    rows = Section("rows", ZH, (number("r_n"), number("s_n", relevance="${r_n} > 0")), repeat=(1, 9))
    after = Section("after", ZH, (number("t_n", relevance="sum(${r_n}) > 10 and count(${rows}) > 1"),))
    assert found(form(sections=(rows, after), audience="researcher", opening=())) == []


def test_two_option_lists_of_one_name_must_be_the_same():
    first = replace(agree("a_1"), list_name="AGREE5")
    other = replace(agree("a_2"), list_name="AGREE5", options=FIVE[:3])
    assert found(form(first, other)) == [("lists_differ", "a_2")]


def test_a_quotation_of_more_than_25_characters_is_too_long():
    assert found(module(number("a_n"), quotation="字" * 25)) == []
    assert found(module(number("a_n"), quotation="字" * 26)) == [("quotation_long", "c1")]


def test_constructs_and_their_stems_need_chinese():
    assert found(module(number("a_n"), stem=Text(en="Think of last month."))) == [("no_chinese", "c1")]


def test_two_constructs_or_indicators_of_one_name_are_found():
    both = Construct("c1", ZH, "", (number("a_n"),)), Construct("c1", ZH, "", (number("b_n"),))
    value = Indicator("v1", ZH, "value", "median", ("a_n",))
    bank = Module("m", "1.0.0", ZH, both, (value, value))
    assert found(bank) == [("double_construct", "c1"), ("double_indicator", "v1")]


A, B = agree("a_1"), agree("a_2")


@pytest.mark.parametrize(
    ("indicator", "code"),
    [
        (scale("a_1", "nobody"), "indicator_item"),
        (scale(), "no_items"),
        (scale("a_1", "a_2", parameters={}), "parameter_missing"),
        (scale("a_1", "a_2", parameters={"min_valid": 1, "most": 2}), "parameter_unknown"),
        (scale("a_1", "a_2", parameters={"min_valid": 3}), "min_valid_impossible"),
        (scale("a_1", "a_2", parameters={"min_valid": 0}), "min_valid_impossible"),
        (scale("a_1", "a_3"), "mixed_options"),
        (scale("a_1", "secret"), "indicator_not_sensitive"),
        (scale("a_1", "a_2", kind="value", parameters={}), "one_item"),
        (
            scale("a_1", kind="mean_of_scores", parameters={"indicators": ("nobody",), "min_valid": 1}),
            "indicator_reference",
        ),
        (scale("a_1", kind="formula", parameters={"expression": "1 +"}), "expression.unexpected_end"),
        (scale("a_1", kind="formula", parameters={"expression": "1", "when": "("}), "expression.unexpected_end"),
        (scale("a_1", kind="share", parameters={"true": (1,), "false": (9,)}), "indicator_code"),
        (scale("a_1", kind="categories", parameters={"leave_out": (9,)}), "indicator_code"),
        (replace(scale("a_1", "a_2"), id="a_1"), "indicator_is_item"),
        (replace(scale("a_1", "a_2"), title=Text(en="Score")), "no_chinese"),
        (replace(scale("a_1", "a_2"), estimate="share"), "no_statement"),
    ],
)
def test_one_mistake_in_an_indicator_is_one_finding_about_that_indicator(indicator, code):
    items = (A, B, replace(agree("a_3"), options=FIVE[:4]), agree("secret", sensitive=True))
    assert found(module(*items, indicators=(indicator,)), known=()) == [(code, indicator.id)]


def test_an_indicator_may_use_those_before_it():
    first = scale("a_1", "a_2")
    both = Indicator(
        *("both", ZH, "mean_of_scores", "mean", ("a_1", "a_2")),
        parameters=MappingProxyType({"indicators": ("score",), "min_valid": 1}),
    )
    assert found(module(A, B, indicators=(first, both))) == []
    assert found(module(A, B, indicators=(both, first))) == [("indicator_reference", "both")]


def test_a_reversed_item_that_no_score_turns_round_is_worth_a_look():
    findings = lint_module(module(A, agree("a_2", reverse=True)))
    assert [(f.code, f.where, f.severity) for f in findings] == [("reverse_alone", "a_2", "warning")]
    assert explain_code(findings[0].key, "zh", **findings[0].facts)[0]


def test_every_finding_has_its_words_and_no_words_are_left_over():
    package = Path(lint.__file__).parents[1]
    files = [package / "core" / "lint.py", *(package / "formats" / "instrument_yaml").glob("*.py")]
    source = "\n".join(path.read_text("utf-8") for path in files)
    for language in ("zh", "en"):
        named = {key.removeprefix("lint.") for key in catalogue(language) if key.startswith("lint.")}
        assert {code for code in named if f'"{code}"' not in source} == set()
        raised = set(re.findall(r'(?:finding|_doubles)\(\s*"(\w+)"', source)) | set(
            re.findall(r'\bat\([\w +.]+, "(\w+)"', source)
        )
        assert raised - named == set()


def test_every_kind_of_indicator_is_described_in_one_sentence_or_two():
    for kind in INDICATOR_KINDS.values():
        assert kind.about.endswith(".")
        assert kind.items in ("", "one", "many")
