"""What may stand in one column when several versions of a questionnaire are exported together."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from fieldkit.core.instrument import Indicator, Questionnaire, Section
from fieldkit.core.item import Item, Option
from fieldkit.core.lineage import behind, item_columns, score_columns
from fieldkit.core.text import Text

FIVE = tuple(Option(code, Text(zh=f"第{code}档")) for code in range(1, 6))
HARD = Item("hard", Text(zh="过去一个月工作很累。"), "likert5", FIVE)
TIRED = Item("tired", Text(zh="过去一个月我很疲惫。"), "likert5", FIVE)
LOAD = Indicator(
    "load", Text(zh="负担"), "scale", "mean", ("hard", "tired"), parameters=MappingProxyType({"min_valid": 1})
)


def asked(version: str, *items: Item, load: Indicator = LOAD) -> Questionnaire:
    return Questionnaire("q1", version, Text(zh="问卷"), (Section("s1", Text(zh="页"), items),), {}, (load,))


def names(columns: object) -> list[tuple[str, list[str]]]:
    return [(c.name, sorted(version for _, version in c.versions)) for c in columns]  # type: ignore[attr-defined]


def nothing_said(one: Questionnaire, other: Questionnaire) -> dict[str, bool]:
    return {}


def test_one_version_gives_one_column_each():
    versions = [asked("1.0.0", HARD, TIRED)]
    assert names(item_columns(versions, nothing_said)) == [("hard", ["1.0.0"]), ("tired", ["1.0.0"])]
    assert names(score_columns(versions, nothing_said)) == [("score_load", ["1.0.0"])]


def test_an_item_that_was_added_later_stands_after_the_others():
    more = Item("more", Text(zh="还有什么？"), "count")
    versions = [asked("1.0.0", HARD, TIRED), asked("1.1.0", more, HARD, TIRED)]
    assert names(item_columns(versions, nothing_said)) == [
        ("hard", ["1.0.0", "1.1.0"]),
        ("tired", ["1.0.0", "1.1.0"]),
        ("more", ["1.1.0"]),
    ]
    assert names(score_columns(versions, nothing_said)) == [("score_load", ["1.0.0", "1.1.0"])]


def test_an_item_whose_codes_mean_something_else_is_another_column_and_so_is_its_score():
    turned = replace(HARD, options=tuple(Option(o.code, FIVE[5 - o.code].text) for o in FIVE))
    versions = [asked("1.0.0", HARD, TIRED), asked("2.0.0", turned, TIRED)]
    assert [name for name, _ in names(item_columns(versions, nothing_said))] == ["hard__v1", "hard__v2", "tired"]
    scores = names(score_columns(versions, nothing_said))
    assert scores == [("score_load__v1", ["1.0.0"]), ("score_load__v2", ["2.0.0"])]


def test_a_new_major_version_keeps_the_questions_and_parts_the_scores():
    versions = [asked("1.0.0", HARD, TIRED), asked("1.4.0", HARD, TIRED), asked("2.0.0", HARD, TIRED)]
    assert [name for name, _ in names(item_columns(versions, nothing_said))] == ["hard", "tired"]
    assert names(score_columns(versions, nothing_said)) == [
        ("score_load__v1", ["1.0.0", "1.4.0"]),
        ("score_load__v2", ["2.0.0"]),
    ]


def test_a_researcher_decides_whether_a_reworded_item_is_the_same_question():
    reworded = replace(HARD, text=Text(zh="过去一个月手头的事情压得人喘不过气来，难以应对。"))
    versions = [asked("1.0.0", HARD, TIRED), asked("1.1.0", reworded, TIRED)]
    for said, expected in (({"hard": True}, ["hard", "tired"]), ({"hard": False}, ["hard__v1", "hard__v2", "tired"])):
        columns = item_columns(versions, lambda one, other, said=said: said)
        assert [c.name for c in columns] == expected
        scores = score_columns(versions, lambda one, other, said=said: said)
        assert len(scores) == (1 if said["hard"] else 2)


def test_a_score_that_is_computed_otherwise_is_another_score():
    stricter = replace(LOAD, parameters=MappingProxyType({"min_valid": 2}))
    versions = [asked("1.0.0", HARD, TIRED), asked("1.1.0", HARD, TIRED, load=stricter)]
    assert [c.name for c in score_columns(versions, nothing_said)] == ["score_load__v1", "score_load__v2"]


def test_what_a_calculated_item_looks_at_stands_behind_it():
    double = Item("double", Text(zh="两倍"), "calculate", calculation="${hard} * 2")
    fourfold = Item("fourfold", Text(zh="四倍"), "calculate", calculation="${double} * 2 + ${tired}")
    questionnaire = asked("1.0.0", HARD, TIRED, double, fourfold)
    assert behind(["fourfold"], questionnaire) == {"hard", "tired", "double", "fourfold"}
    assert behind(["tired"], questionnaire) == {"tired"}
