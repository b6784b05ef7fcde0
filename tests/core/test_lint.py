"""What is wrong with an instrument is found before anybody is asked, and said in both languages."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from fieldkit.core import lint
from fieldkit.core.instrument import INDICATOR_KINDS, Construct, Group, Indicator, Module, Questionnaire, Section
from fieldkit.core.item import Check, Item, Option
from fieldkit.core.likeness import Bank
from fieldkit.core.lint import lint_module, lint_questionnaire
from fieldkit.core.text import NOTHING, Text
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
    given = {"estimate": "mean", "high_means": ZH, **more}
    return Indicator("score", ZH, kind, items=items, parameters=parameters, **given)  # type: ignore[arg-type]


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


def test_a_questionnaire_that_asks_nothing_cannot_be_used():
    nothing = [("nothing_asked", "q1")]
    assert found(form(sections=())) == nothing
    assert found(form(Item("said", ZH, "note"), Item("sum", ZH, "calculate", calculation="1 + 1"))) == nothing


def test_what_is_still_to_be_written_cannot_be_used():
    todo = Text(zh=lint.UNWRITTEN)
    begun = Module("m", "1.0.0", ZH, (Construct("c1", ZH, lint.UNWRITTEN, (Item("a_n", todo, "long_text"),)),))
    assert {(f.where, f.part, f.severity) for f in lint_module(begun)} == {
        ("c1", "definition", "error"), ("a_n", "text", "error")
    }  # fmt: skip
    assert found(begun) == [("unwritten", "c1"), ("unwritten", "a_n")]


def test_a_condition_reads_the_rows_of_a_repeat_only_once_they_begin():
    rows = Group("visits", ZH, ("b_n", "c_n"), repeat=(0, 9), relevance="count(${visits}) > 0")
    ahead, inside = number("a_n", relevance="count(${visits}) > 0"), number("c_n", relevance="count(${visits}) > 1")
    section = Section("s1", ZH, (ahead, number("b_n"), inside), groups=(rows,))
    wrong = found(form(sections=(section,), audience="researcher"))
    assert wrong == [("later_reference", "a_n"), ("later_reference", "visits")]


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
        (number("x_n", reverse=True), "reverse_no_scale"),
        (Item("x_n", ZH, "single", options=(Option(1, ZH), Option(2, ZH))), "double_option_words"),
        (number("x_n", low=0, high=9, constraint=Check(". > 9", ZH)), "constraint_impossible"),
        (number("x_n", relevance="random() < 0.5"), "unsteady"),
        (Item("x_n", ZH, "calculate", calculation="concat('a', uuid())"), "unsteady"),
        (Item("x_n", ZH, "calculate", calculation="${nobody} + 1"), "unknown_reference"),
        (Item("x_n", ZH, "calculate", calculation="${x_n} + 1"), "circular"),
        (agree("x_n", choice_filter="name != ${nobody}"), "unknown_reference"),
    ],
)
def test_one_mistake_in_an_item_is_one_finding_about_that_item(item, code):
    assert found(form(number("first"), item)) == [(code, "x_n")]
    assert [f for f in found(module(item), known=()) if f[0] != "reverse_alone"] == [(code, "x_n")]


def test_a_random_number_that_is_kept_is_sound():
    drawn = Item("arm", ZH, "calculate", calculation="once(int(random() * 2))")
    assert found(form(drawn, number("x_n", relevance="${arm} = 1"))) == []


def test_a_choice_filter_may_name_the_columns_of_the_options():
    def place(condition: str) -> Item:
        return Item("x_n", ZH, "single", (Option(5, ZH, facts=(("province", "33"),)),), choice_filter=condition)

    assert found(form(number("p_n"), place("province = ${p_n} or name = '5'"))) == []
    assert found(form(place("province = ${p_n}"), number("p_n"))) == [("later_reference", "x_n")]


@pytest.mark.parametrize(
    ("first", "relevance"),
    [
        (agree("a_1"), "${a_1} = 6"),
        (agree("a_1"), "${a_1} > 3 and ${a_1} < 3"),
        (number("a_1", low=0, high=20), "${a_1} * ${a_1} = 2"),
        (Item("a_1", ZH, "multi", options=FIVE[:2]), "count-selected(${a_1}) > 2"),
        (Item("a_1", ZH, "multi", options=FIVE, most=1), "selected(${a_1}, '1') and selected(${a_1}, '2')"),
        (number("a_1", low=0, high=9, constraint=Check(". < 5", ZH)), "${a_1} > 5"),
        (Item("a_1", ZH, "acknowledge"), "${a_1} = 2"),
    ],
)
def test_an_item_that_no_answers_lead_to_is_an_error(first, relevance):
    findings = lint_questionnaire(form(first, number("x_n", relevance=relevance)))
    assert [(f.code, f.where, f.severity) for f in findings] == [("never_asked", "x_n", "error")]


def test_a_wide_range_is_tried_at_the_numbers_of_the_condition_and_gives_a_warning():
    wide = number("a_n", low=0, high=100_000)
    findings = lint_questionnaire(form(wide, number("x_n", relevance="${a_n} > 500 and ${a_n} < 300")))
    assert [(f.code, f.severity) for f in findings] == [("never_asked", "warning")]
    assert found(form(wide, number("x_n", relevance="${a_n} > 300 and ${a_n} < 302"))) == []


def test_what_a_search_cannot_know_is_not_judged():
    words = Item("a_t", ZH, "text")
    assert found(form(words, number("x_n", relevance="regex(${a_t}, '^[0-9]{6}$')"))) == []
    assert found(form(number("a_n"), number("x_n", relevance="${a_n} * ${a_n} = 49"))) == []
    assert found(form(number("x_n", constraint=Check(". < today()", ZH)))) == []
    many = [number(f"n_{i}", low=0, high=100) for i in range(9)]
    hard = " + ".join(f"${{{item.id}}} * 7" for item in many) + " = 5"
    assert found(form(*many, number("x_n", relevance=hard))) == []


def test_an_item_behind_one_that_is_never_asked_is_never_asked_either():
    gate = agree("a_1")
    items = (gate, number("b_n", relevance="${a_1} = 9"), number("c_n", relevance="${b_n} > 0"))
    assert found(form(*items)) == [("never_asked", "b_n"), ("never_asked", "c_n")]


def test_a_page_that_nobody_sees_is_said_once():
    pages = (
        Section("s1", ZH, (agree("a_1"),)),
        Section("s2", ZH, (number("b_n"), number("c_n"), number("d_n")), relevance="${a_1} = 9"),
    )
    assert found(form(sections=pages)) == [("never_asked", "b_n")]


def test_the_search_ends_soon_whatever_it_is_given():
    tangle = [number(f"n_{i}", low=0, high=150) for i in range(5)]
    riddle = " + ".join(f"${{{item.id}}} * {i + 3}" for i, item in enumerate(tangle)) + " = -1"
    waiting = [number(f"x_{i}", relevance=riddle) for i in range(200)]
    before = time.process_time()
    assert found(form(*tangle, *waiting, opening=(), audience="researcher")) == []
    assert time.process_time() - before < 20


def test_wording_in_a_language_that_is_fielded_must_be_there():
    both = Text(zh="某题", en="Some item")
    item = Item("a_n", both, "count", hint=ZH, constraint=Check(". > 0", both))
    asked = form(item, languages=("zh", "en"), opening=(), audience="researcher")
    findings = [f for f in lint_questionnaire(asked) if f.where == "a_n"]
    assert [(f.code, f.part, f.severity, f.facts["parts"]) for f in findings] == [
        ("untranslated", "hint", "warning", "hint")
    ]
    assert [f.code for f in lint_module(module(item))] == []


@pytest.mark.parametrize(
    ("items", "minutes", "expected"),
    [
        (50, 8, []),
        (50, 7, [("longer_than_said", "warning")]),
        (80, 12, [("long", "advice")]),
        (120, 20, [("too_long", "warning")]),
    ],
)
def test_a_questionnaire_that_takes_too_long_is_noticed(items, minutes, expected):
    findings = lint_questionnaire(form(*(agree(f"a_{i}") for i in range(items)), minutes=minutes))
    assert [(f.code, f.severity) for f in findings] == expected


def test_researchers_forms_may_be_long():
    items = [agree(f"a_{i}") for i in range(120)]
    assert found(form(*items, audience="researcher", opening=())) == []


def test_a_question_that_the_bank_has_under_another_id_is_found():
    asked = Text(zh="过去一个月，您所在的单位一共迎接了多少次检查？")
    nearly = Text(zh="过去一个月，您所在的单位一共迎接多少次检查？")
    other = Text(zh="您在现在的岗位上工作了多少年？")
    bank = Bank.of([module(Item("visits", asked, "count"))])
    mine = form(Item("mine", asked, "count"), Item("almost", nearly, "count"), Item("years", other, "count"))
    findings = lint_questionnaire(mine, bank)
    assert [(f.code, f.where, f.severity) for f in findings] == [
        ("repeated_wording", "mine", "warning"),
        ("similar_wording", "almost", "advice"),
    ]
    assert found(mine, bank=bank)
    assert found(form(Item("visits", asked, "count"), Item("visits_v2", nearly, "count")), bank=bank) == []


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
RATIO = {"numerator": "a_1", "denominator": "a_1"}


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
        (
            scale("a_1", kind="share", estimate="share", statement=ZH, parameters={"true": (1,), "false": (9,)}),
            "indicator_code",
        ),
        (scale("a_1", kind="categories", estimate="categories", parameters={"leave_out": (9,)}), "indicator_code"),
        (replace(scale("a_1", "a_2"), id="a_1"), "indicator_is_item"),
        (replace(scale("a_1", "a_2"), title=Text(en="Score")), "no_chinese"),
        (scale("a_1", kind="formula", estimate="share", parameters={"expression": "1"}), "no_statement"),
        (scale("a_1", "a_2", estimate="share", statement=ZH), "estimate_unfit"),
        (scale("a_1", kind="share", parameters={"true": (1,), "false": (2,)}), "estimate_unfit"),
        (scale("a_1", "a_2", kind="formula", estimate="categories", parameters={"expression": "1"}), "no_classes"),
        (scale("number_1", kind="categories", estimate="categories", parameters={}), "indicator_item_type"),
        (scale("number_1"), "indicator_item_type"),
        (scale("words_1", kind="formula", parameters={"expression": "${words_1}"}), "indicator_item_type"),
        (scale("a_1", kind="ratio", estimate="ratio", parameters=RATIO), "indicator_item_type"),
        (scale("a_1", "a_2", low=5, high=1), "indicator_range"),
        (scale("a_1", "a_2", high_means=NOTHING), "no_high_means"),
        (scale("a_1", "a_2", n_min=5), "n_min_low"),
        (scale("secret", sensitive=True, n_min=10), "n_min_low"),
        (scale("a_1", "other_words"), "mixed_words"),
    ],
)
def test_one_mistake_in_an_indicator_is_one_finding_about_that_indicator(indicator, code):
    other_words = tuple(Option(option.code, Text(zh=f"第{option.code}档")) for option in FIVE)
    items = (
        *(A, B, replace(agree("a_3"), options=FIVE[:4]), agree("secret", sensitive=True)),
        *(number("number_1"), Item("words_1", ZH, "text")),
        replace(agree("other_words"), options=other_words),
    )
    assert found(module(*items, indicators=(indicator,)), known=()) == [(code, indicator.id)]


def test_an_indicator_may_use_those_before_it():
    first = scale("a_1", "a_2")
    both = Indicator(
        *("both", ZH, "mean_of_scores", "mean", ("a_1", "a_2")),
        high_means=ZH,
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
    files = [*(package / "core").glob("lint*.py"), *(package / "formats" / "instrument_yaml").glob("*.py")]
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
