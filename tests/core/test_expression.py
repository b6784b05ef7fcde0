"""The expression language on the server: an ODK engine's answers, our own cases, and what is refused."""

from __future__ import annotations

import doctest
import importlib
import json
import math
import pkgutil
import re
import time
from datetime import datetime
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldkit.core import expression as package
from fieldkit.core.expression import (
    FUNCTIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    ExpressionError,
    Function,
    compiled,
    evaluate,
    number,
    number_text,
    parse,
    references_of,
    string,
    truth,
    walk,
)
from fieldkit.core.expression.functions import NODE_SET_FUNCTIONS

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
REPEATS = {"rep": ["r1", "r2", "age", "name"]}
KINDS = {"boolean": truth, "number": number, "string": string}


def cases(file: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((CASES / file).read_text("utf-8"))["cases"]
    return loaded


def refusal(source: str) -> ExpressionError | None:
    try:
        parse(source)
    except ExpressionError as error:
        return error
    return None


def value_of(case: dict[str, Any]) -> Any:
    answers = dict(case["answers"])
    rows = answers.pop("rep")
    context: dict[str, Any] = {"repeats": {"rep": rows}}
    if "row" in case:
        context |= {"row": rows[case["row"]], "position": case["row"] + 1}
    if "now" in case:
        context["now"] = datetime.fromisoformat(case["now"])
    if "random" in case:
        context["random"] = lambda: case["random"]
    context |= {name: case[name] for name in ("current", "zone", "choice_names") if name in case}
    expression = parse(case["expression"], repeats=REPEATS, inside="rep" if "row" in case else None)
    return KINDS[case["kind"]](expression, answers, **context)


def is_as_expected(case: dict[str, Any], found: Any) -> bool:
    if case["kind"] != "number":
        return type(found) is type(case["expected"]) and found == case["expected"]
    expected = float(case["expected"])
    return repr(float(found)) == repr(expected)  # tells -0.0 from 0.0 and holds for nan


@pytest.mark.parametrize("file", ["openrosa_expressions.json", "expressions.json"])
def test_every_case_holds(file: str) -> None:
    differences = json.loads((CASES / "openrosa_differences.json").read_text("utf-8"))["vectors"]
    accepted = {difference["expression"] for difference in differences}
    wrong = [
        (case["expression"], case["answers"], case["expected"], found)
        for case in cases(file)
        if case["expression"] not in accepted and not is_as_expected(case, found := value_of(case))
    ]
    assert wrong == []


def test_every_function_has_a_case_of_ours_that_says_why() -> None:
    used: set[str] = set()
    for case in cases("expressions.json"):
        assert case["why"]
        used |= parse(case["expression"], repeats=REPEATS).functions
    assert used == set(FUNCTIONS)


def test_every_difference_from_the_engine_has_a_reason_and_a_case_of_ours() -> None:
    differences = json.loads((CASES / "openrosa_differences.json").read_text("utf-8"))
    ours = {case["expression"] for case in cases("expressions.json")}
    for difference in differences["vectors"] + differences["outside"]:
        assert difference["reason"]
        assert difference["expression"] in ours


def test_no_two_cases_of_ours_are_the_same() -> None:
    written = [json.dumps({**case, "why": ""}, sort_keys=True) for case in cases("expressions.json")]
    assert len(written) == len(set(written))


@pytest.mark.parametrize(
    ("source", "code", "position", "facts"),
    [
        ("", "empty", 1, {}),
        ("   ", "empty", 1, {}),
        ("selectd(${a}, '1')", "unknown_function", 1, {"name": "selectd", "suggestion": "selected"}),
        ("1 + len('a')", "unknown_function", 5, {"name": "len", "suggestion": "string-length"}),
        ("count_selected(${a})", "unknown_function", 1, {"suggestion": "count-selected"}),
        ("IF(1, 2, 3)", "unknown_function", 1, {"suggestion": "if"}),
        ("xyzzy()", "unknown_function", 1, {"suggestion": "—"}),
        ("pulldata('a', 'b', 'c', 'd')", "not_offered", 1, {"name": "pulldata"}),
        ("${a} = 1 and if(1, 2)", "too_few", 14, {"name": "if", "least": 3, "given": 2}),
        ("not()", "too_few", 1, {"least": 1, "given": 0}),
        ("not(1, 2)", "too_many", 1, {"most": 1, "given": 2}),
        ("today(1)", "too_many", 1, {"most": 0}),
        ("weighted-checklist(1, 2, ${a}, 1, ${b})", "pairs", 1, {}),
        ("${a} = = 1", "operator", 6, {"found": "= =", "suggestion": "="}),
        ("${a} == 1", "operator", 6, {"suggestion": "="}),
        ("${a} <> 1", "operator", 6, {"suggestion": "!="}),
        ("${a} => 1", "operator", 6, {"suggestion": ">="}),
        ("${a} && ${b}", "operator", 6, {"suggestion": "and"}),
        ("${a} || ${b}", "operator", 6, {"suggestion": "or"}),
        ("${a} AND ${b}", "operator", 6, {"suggestion": "and"}),
        ("!${a}", "operator", 1, {"suggestion": "not(…)"}),
        ("${a} / 2", "operator", 6, {"suggestion": "div"}),
        ("${a} ≥ 2", "operator", 6, {"suggestion": ">="}),
        ("${a} % 2", "operator", 6, {"suggestion": "mod"}),
        ("${a}＝1", "full_width", 5, {"found": "＝", "suggestion": "="}),
        ("selected（${a}, '1'）", "full_width", 9, {"suggestion": "("}),
        ("selected(${a}，'1')", "full_width", 14, {"suggestion": ","}),
        ("${a} = ‘1’", "full_width", 8, {"suggestion": "'"}),
        ("${a} = '1", "unclosed_text", 8, {}),
        ("${a = 1", "unclosed_reference", 1, {}),
        ("$a = 1", "unclosed_reference", 1, {}),
        ("${} = 1", "reference_name", 1, {"name": ""}),
        ("${1a} = 1", "reference_name", 1, {"name": "1a"}),
        ("${last-saved#a}", "reference_name", 1, {}),
        ("age > 18", "bare_name", 1, {"name": "age"}),
        ("年龄 > 18", "bare_name", 1, {"name": "年龄"}),
        ("not ${a}", "missing_brackets", 1, {"name": "not"}),
        ("today > 1", "missing_brackets", 1, {"name": "today"}),
        ("1e999", "number", 1, {"found": "1e999"}),
        ("1 +", "unexpected_end", 4, {}),
        ("(1 + 2", "unclosed_bracket", 1, {}),
        ("not(1", "unclosed_bracket", 4, {}),
        ("1 + 2)", "unopened_bracket", 6, {}),
        ("1 2", "unexpected", 3, {"found": "2"}),
        ("${a} ${b}", "unexpected", 6, {"found": "b"}),
        ("* 2", "unexpected", 1, {"found": "*"}),
        ("concat('a',, 'b')", "unexpected", 12, {"found": ","}),
        ("${a} and or ${b}", "bare_name", 10, {"name": "or"}),
        ("/data/a = 1", "path", 1, {"found": "/"}),
        ("../a = 1", "path", 1, {"found": "../"}),
        (".. = 1", "path", 1, {"found": ".."}),
        ("${a}[1]", "path", 5, {"found": "["}),
        ("${a} | ${b}", "path", 6, {"found": "|"}),
        ("${a} # 1", "character", 6, {"found": "#"}),
        ("sum(${a} + 1)", "needs_reference", 5, {"name": "sum"}),
        ("count('a')", "needs_reference", 7, {"name": "count"}),
        ("indexed-repeat('a', ${rep}, 1)", "needs_reference", 16, {}),
        ("indexed-repeat(${r1}, ${n}, 1)", "not_a_repeat", 23, {"name": "n"}),
        ("regex(${a}, ${b})", "pattern_literal", 13, {}),
        ("regex(${a}, '[a-')", "pattern", 13, {}),
        ("regex(${a}, '(?<=a)b')", "pattern", 13, {"part": "(?<=a)b"}),
        ("regex(${a}, '(?i)b')", "pattern", 13, {}),
        ("regex(${a}, '(a)\\1')", "pattern", 13, {"part": "\\1"}),
        ("regex(${a}, '\\p{Han}')", "pattern", 13, {}),
        ("regex(${a}, 'a**')", "pattern", 13, {}),
        ("regex(${a}, 'a{3,2}')", "pattern", 13, {}),
        ("regex(${a}, '[z-a]')", "pattern", 13, {}),
        ("regex(${a}, 'a)')", "pattern", 13, {}),
        ("regex(${a}, '[]')", "pattern", 13, {}),
        ("regex(${a}, '[\\S]')", "pattern", 13, {}),
        ("format-date(${a}, '%Y-%Q')", "date_format", 19, {"found": "%Q"}),
        ("format-date(${a}, 'x%')", "date_format", 19, {"found": "%"}),
        ("jr:choice-name(${a}, ${a})", "choice_name", 22, {}),
        ("jr:choice-name(${a}, 'a')", "choice_name", 22, {}),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    source: str, code: str, position: int, facts: dict[str, object]
) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(source, repeats={"rep": ["r1"]})
    error = raised.value
    assert (error.code, error.position) == (f"expression.{code}", position)
    assert error.facts["column"] == position
    assert facts.items() <= error.facts.items()


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("(a+)+", "(a+)+"),
        ("^(a+)+$", "(a+)+"),
        ("(a|a)*", "(a|a)*"),
        ("(.*)*", "(.*)*"),
        ("(?:.*)+x", "(?:.*)+"),
        ("(a*)*", "(a*)*"),
        ("(a?b?)*c", "(a?b?)*"),
        ("x(y(\\w+\\s?)*z)?", "(\\w+\\s?)*"),
        ("^(\\d+,?)+$", "(\\d+,?)+"),
        ("(\\w|\\d)+x", "(\\w|\\d)+"),
        ("(a|b|ab)*c", "(a|b|ab)*"),
        ("([一-龥]|村)+$", "([一-龥]|村)+"),
        ("([^a]|b)*$", "([^a]|b)*"),
        ("(\\u6751|村)+$", "(村|村)+"),
        ("((a|b)+c?)+$", "((a|b)+c?)+"),
        ("((a?|b?)c)*$", "((a?|b?)c)*"),
        ("(a+){2,}$", "(a+){2,}"),
        ("^(b(a?)?)+$", "(b(a?)?)+"),
        ("^((a?){6}b)+$", "((a?){6}b)+"),
        ("^(b(a?)+)+$", "(b(a?)+)+"),
        ("(a{1,20}){20}$", "(a{1,20}){20}"),
        ("(a?){30}a{30}", "(a?){30}"),
        ("(?=(a+)+b)a", "(a+)+"),
        ("((?=(a+)+b)a)*", "(a+)+"),
        ("(a+?)+?b", "(a+?)+?"),
    ],
)
def test_a_pattern_that_some_answer_would_keep_searching_for_ever_is_refused(pattern: str, part: str) -> None:
    error = refusal(f"${{a}} = '1' or regex(${{a}}, '{pattern}')")
    assert error is not None
    assert (error.code, error.position, error.facts["part"]) == ("expression.pattern_endless", 27, part)


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("^[A-Za-z0-9]{2,20}$", "ab12"),
        ("^1[3-9]\\d{9}$", "13800000000"),
        ("^\\d{17}[\\dXx]$", "11010519491231002X"),
        ("^\\d+(,\\d+)*$", "1,22,333"),
        ("^(\\d+,)*\\d+$", "1,22,333"),
        ("^(\\d{18},?)+$", "110105194912310021,110105194912310021"),
        ("^(\\d{4} ?){4}$", "6222 0000 1111 2222"),
        ("^(\\d{1,3}\\.){3}\\d{1,3}$", "10.0.0.1"),
        ("^[\\w.+-]+@(\\w+\\.)+[a-z]{2,}$", "a.b@mail.gov.cn"),
        ("^([一-龥]{2,4}[、，])*[一-龥]{2,4}$", "张三、李四、欧阳修文"),
        ("^(ab|ac|b)*$", "abacb"),
        ("^(?=.*\\d)(?=.*[a-z]).+$", "a1"),
        ("^\\s*(.*?)\\s*$", " x "),
        ("^(a?)*$", "aaa"),
        ("^(\\S+(\\s|$))+$", "one two three"),
        ("^(a+b+)*$", "aabbab"),
        ("^((a|b)c?)*$", "acbab"),
        ("^(武汉市|武昌区|长沙市)+$", "武汉市武昌区"),
    ],
)
def test_a_pattern_that_reads_every_answer_in_one_way_is_kept_and_ends_soon(pattern: str, answer: str) -> None:
    holds = compiled(parse(f"regex(${{a}}, '{pattern}')"))
    begun = time.process_time()
    assert holds({"a": answer})
    holds({"a": answer * 50 + "!"})
    assert time.process_time() - begun < 5


def test_a_pattern_of_the_greatest_length_is_judged_in_a_moment() -> None:
    begun = time.process_time()
    for body in ("a" * 3900, "|".join(chr(0x4E00 + n) + "x" for n in range(1200)), "[a-z]x|" * 480 + "y"):
        refusal(f"regex(., '({body})*')")
    assert time.process_time() - begun < 40


@pytest.mark.parametrize(
    "source",
    [
        "(" * 65 + "1" + ")" * 65 + " + 1" * 3,
        "(" * 1900 + "1" + ")" * 1900,
        "-" * 3000 + "1",
        "not(" * 300 + "1" + ")" * 300,
        "1" + " - 1" * 900,
        "1" + " = 1" * 900,
        "1 or (2 and (" * 120 + "1" + "))" * 120,
        "regex('', '" + "(" * 300 + ")" * 300 + "')",
    ],
)
def test_deep_nesting_ends_in_an_error_or_a_value_and_never_in_a_crash(source: str) -> None:
    error = refusal(source)
    if error is None:
        evaluate(parse(source), {})
    else:
        assert error.code in ("expression.too_deep", "expression.pattern")


def test_long_lists_of_conditions_are_not_deep() -> None:
    source = " or ".join(f"${{a}} = {code}" for code in range(250))
    assert len(source) < MAX_LENGTH
    assert truth(parse(source), {"a": 249})
    assert not truth(parse(source), {"a": 250})
    assert number(parse("1" + " + 1" * 900), {}) == 901


def test_nesting_up_to_the_limit_is_read() -> None:
    depth = MAX_DEPTH - 1
    assert truth(parse("not(" * depth + "1" + ")" * depth), {}) is False
    with pytest.raises(ExpressionError, match="too_deep"):
        parse("not(" * (depth + 1) + "1" + ")" * (depth + 1))


def test_an_expression_may_not_be_longer_than_the_limit() -> None:
    assert string(parse("'" + "a" * (MAX_LENGTH - 2) + "'"), {}) == "a" * (MAX_LENGTH - 2)
    with pytest.raises(ExpressionError) as raised:
        parse("'" + "a" * (MAX_LENGTH - 1) + "'")
    assert raised.value.code == "expression.too_long"
    assert raised.value.facts["length"] == MAX_LENGTH + 1


def test_references_and_their_columns_are_known_for_lint() -> None:
    expression = parse("${a} > 0 and selected(${b}, ${a}) or jr:choice-name(${b}, '${c}') != ''")
    assert expression.references == ("a", "b", "c")
    assert expression.columns == {"a": 1, "b": 23, "c": 59}
    assert expression.functions == {"selected", "jr:choice-name"}
    assert set(references_of(expression.tree)) == {"a", "b", "c"}
    assert ["$", "b"] in list(walk(expression.tree))


def test_a_reference_means_all_rows_outside_its_repeat_and_one_row_inside() -> None:
    repeats = {"children": ["age"]}
    assert parse("sum(${age})", repeats=repeats).tree == ["sum", ["$", "age", "children"]]
    assert parse("sum(${age})", repeats=repeats, inside="children").tree == ["sum", ["$", "age"]]
    assert parse("count(${children})", repeats=repeats).tree == ["count", ["$", None, "children"]]


def test_the_tree_survives_json() -> None:
    for case in cases("expressions.json"):
        tree = parse(case["expression"], repeats=REPEATS).tree
        assert json.loads(json.dumps(tree)) == tree


def test_the_phone_is_told_when_it_needs_the_second_script() -> None:
    assert not parse("${a} > 0 and selected(${b}, '1') and today() > ${c}").needs_more
    assert parse("format-date(${a}, '%Y')").needs_more


def test_a_compiled_condition_takes_the_context_as_evaluate_does() -> None:
    holds = compiled(parse(". <= ${total} and position() = 2"))
    assert holds({"total": 5}, current=4, position=2)
    assert not holds({"total": 5}, current=6, position=2)
    assert not holds({"total": 5})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e16, "10000000000000000"),
        (1e21, "1e+21"),
        (999999999999999900000.0, "999999999999999900000"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (-0.0, "0"),
        (123.456, "123.456"),
        (2251799813685249.5, "2251799813685249.5"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
    ],
)
def test_a_number_is_written_as_the_phone_writes_it(value: float, text: str) -> None:
    assert number_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_read_back_from_its_text_is_the_same_number(value: float) -> None:
    assert float(number_text(value)) == value


leaf = st.one_of(
    st.integers(0, 10**6).map(str),
    st.sampled_from(["1.5", "${a}", "${b}", ".", "${r1}", "true()", "today()", "''"]),
    st.text(st.characters(exclude_characters="'", exclude_categories=["Cs"]), max_size=6).map(
        lambda text: f"'{text}'"
    ),
)


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    functions = [
        (name, function)
        for name, function in FUNCTIONS.items()
        if name not in NODE_SET_FUNCTIONS | {"regex", "jr:choice-name", "weighted-checklist", "uuid"}
        and not name.startswith("format-date")
    ]

    def call(pair: tuple[str, Function]) -> st.SearchStrategy[str]:
        name, function = pair
        most = function.least + 2 if function.most is None else function.most
        return st.lists(inner, min_size=function.least, max_size=most).map(
            lambda parts: f"{name}({', '.join(parts)})"
        )

    infix = st.sampled_from(
        [" + ", " - ", " * ", " div ", " mod ", " = ", " != ", " < ", " >= ", " and ", " or "]
    )
    return st.one_of(
        st.tuples(inner, infix, inner).map(lambda parts: f"({''.join(parts)})"),
        st.sampled_from(functions).flatmap(call),
    )


answer = st.one_of(
    st.none(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.lists(st.integers(0, 99), max_size=4),
    st.sampled_from(
        ["2026-11-20", "2026-02-30", "2026-11-20T08:30:00.000+08:00", "9999-12-31", "1e400", "　"]
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.recursive(leaf, grow, max_leaves=8), answer, answer, answer)
def test_no_answer_makes_a_sound_expression_fail(source: str, a: Any, b: Any, current: Any) -> None:
    expression = parse(source, repeats={"rep": ["r1"]})
    context: dict[str, Any] = {"current": current, "repeats": {"rep": [{"r1": a}, {"r1": b}]}}
    answers = {"a": a, "b": b}
    value = evaluate(expression, answers, **context)
    assert isinstance(value, float | str | bool | tuple)
    assert type(truth(expression, answers, **context)) is bool
    assert type(number(expression, answers, **context)) is float
    assert type(string(expression, answers, **context)) is str


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("(),='\"${}.ab1 +-*<>!/orand selected（"), max_size=40))
def test_any_text_is_read_or_refused_politely(source: str) -> None:
    error = refusal(source)
    if error is not None:
        assert 1 <= error.position <= len(source) + 1


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_error_has_words_that_use_only_its_facts(language: str) -> None:
    code = "".join(path.read_text("utf-8") for path in Path(package.__file__).parent.glob("*.py"))
    path = ROOT / "fieldkit" / "translations" / language / "expression.yaml"
    words = yaml.safe_load(path.read_text("utf-8"))
    raised = dict.fromkeys(re.findall(r'"(expression\.\w+)"', code))
    assert set(words) == set(raised)
    facts: dict[str, set[str]] = {key: {"column"} for key in raised}
    for key, named in re.findall(
        r'ExpressionError\(\s*"(expression\.\w+)",(.*?)\)\s*(?:from|\n)', code, re.DOTALL
    ):
        facts[key] |= set(re.findall(r"(\w+)=", named))
    facts["expression.bare_name"].add("name")  # its code is chosen a line earlier
    facts["expression.missing_brackets"].add("name")
    for key, entry in words.items():
        assert set(entry) == {"message", "remedy"}
        for sentence in entry.values():
            fields = {field for _, field, _, _ in Formatter().parse(sentence) if field is not None}
            assert fields <= facts[key], (key, fields)


def test_the_examples_in_the_documentation_are_true() -> None:
    tried = 0
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        outcome = doctest.testmod(importlib.import_module(found.name), extraglobs=vars(package))
        assert outcome.failed == 0, found.name
        tried += outcome.attempted
    assert tried > 10
