"""What a change between two versions means, one small questionnaire per case."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from fieldkit.core import change as changes
from fieldkit.core.change import comparable, compare, decided, identity_over, next_version, with_history
from fieldkit.core.differences import PARTS
from fieldkit.core.instrument import Construct, Group, Indicator, Module, Questionnaire, Section
from fieldkit.core.item import Check, Item, Option
from fieldkit.core.marks import marked
from fieldkit.core.text import NOTHING, Text

AGREE = {1: "非常不同意", 2: "比较不同意", 3: "一般", 4: "比较同意", 5: "非常同意"}
PLACE = {1: "乡镇", 2: "街道", 98: "其他"}


def options(words: dict[int, str]) -> tuple[Option, ...]:
    return tuple(Option(code, Text(zh=text)) for code, text in words.items())


def item(text: str = "我有足够的时间做好自己的本职工作。", type: str = "likert5", **more: Any) -> Item:
    if type == "likert5":
        more.setdefault("options", options(AGREE))
    return Item(more.pop("id", "a1"), Text(zh=text), type, **more)


def asked(*items: Item, version: str = "1.0.0", **more: Any) -> Questionnaire:
    page = more.pop("page", {})
    section = Section("p", Text(zh="页"), items, **page)
    return Questionnaire("q", version, Text(zh="问卷"), (section,), more.pop("modules", {}), **more)


def scale(*items: str, **more: Any) -> Indicator:
    parameters = MappingProxyType({"min_valid": 2})
    return Indicator("score", Text(zh="得分"), "scale", "mean", items, parameters=parameters, **more)


CASES = [
    # what changed, old, new, verdict, reason, must a researcher say if it is the same question
    ("nothing", {}, {}, "same", None, False),
    ("a typing error", {"text": "整理台帐多少小时？"}, {"text": "整理台账多少小时？"}, "wording_fix", "wording", True),
    (
        "the period inside the words",
        {"text": "过去三个月的情况如何？"},
        {"text": "过去一个月的情况如何？"},
        "breaking",
        "recall",
        False,
    ),
    ("the recall period", {"recall": Text(zh="近三个月")}, {"recall": Text(zh="近一年")}, "breaking", "recall", False),
    ("reverse coding", {"reverse": True}, {"reverse": False}, "breaking", "reverse", False),
    ("the type", {}, {"type": "single", "options": options(AGREE)}, "breaking", "type", False),
    (
        "likert5 written as likert",
        {},
        {"type": "likert", "options": options(AGREE)},
        "same",
        None,
        False,
    ),
    (
        "a scale turned round",
        {},
        {"options": options(dict(zip(AGREE, reversed(AGREE.values()), strict=True)))},
        "breaking",
        "scale_reversed",
        False,
    ),
    (
        "codes in the opposite order",
        {},
        {"options": options(dict(reversed(AGREE.items())))},
        "breaking",
        "scale_reversed",
        False,
    ),
    ("points added to a scale", {}, {"options": options({**AGREE, 6: "说不清"})}, "breaking", "points_added", False),
    (
        "an option reworded",
        {},
        {"options": options({**AGREE, 3: "一般般"})},
        "wording_fix",
        "option_wording",
        True,
    ),
    (
        "a code with another meaning",
        {"type": "single", "options": options(PLACE)},
        {"type": "single", "options": options({**PLACE, 2: "社区"})},
        "breaking",
        "code_meaning",
        False,
    ),
    (
        "two codes exchanged",
        {"type": "single", "options": options({1: "镇政府", 2: "镇党委"})},
        {"type": "single", "options": options({1: "镇党委", 2: "镇政府"})},
        "breaking",
        "code_meaning",
        False,
    ),
    (
        "an option at the end",
        {"type": "single", "options": options(PLACE)},
        {"type": "single", "options": options({**PLACE, 3: "社区"})},
        "compatible",
        "option_added",
        False,
    ),
    (
        "an option before 98 其他",
        {"type": "single", "options": options(PLACE)},
        {"type": "single", "options": options({1: "乡镇", 2: "街道", 3: "社区", 98: "其他"})},
        "compatible",
        "option_added",
        False,
    ),
    (
        "an option in the middle",
        {"type": "single", "options": options(PLACE)},
        {"type": "single", "options": options({1: "乡镇", 3: "社区", 2: "街道", 98: "其他"})},
        "breaking",
        "option_inserted",
        False,
    ),
    (
        "an option removed",
        {"type": "single", "options": options(PLACE)},
        {"type": "single", "options": options({1: "乡镇", 98: "其他"})},
        "breaking",
        "option_removed",
        False,
    ),
    (
        "options in another order",
        {"type": "single", "options": options(PLACE)},
        {"type": "single", "options": options({2: "街道", 1: "乡镇", 98: "其他"})},
        "compatible",
        "option_order",
        False,
    ),
    (
        "an option that became a button",
        {"type": "single", "options": options({1: "有", 9: "不便回答"})},
        {"type": "single", "options": (Option(1, Text(zh="有")), Option(9, Text(zh="不便回答"), missing="refused"))},
        "breaking",
        "option_missing",
        False,
    ),
    (
        "the poles exchanged",
        {"type": "bipolar7", "left": Text(zh="统一标准"), "right": Text(zh="基层共识")},
        {"type": "bipolar7", "left": Text(zh="基层共识"), "right": Text(zh="统一标准")},
        "breaking",
        "scale_reversed",
        False,
    ),
    ("a wider range", {"type": "count", "low": 0, "high": 99}, {"type": "count", "low": 0, "high": 200}, "compatible",
     "range_wider", False),
    ("a narrower range", {"type": "count", "low": 0, "high": 99}, {"type": "count", "low": 1, "high": 99}, "breaking",
     "range_narrower", False),
    ("a limit taken away", {"type": "count", "high": 99}, {"type": "count"}, "compatible", "range_wider", False),
    ("a shorter text", {"type": "text", "high": 500}, {"type": "text", "high": 200}, "compatible",
     "range_length", False),
    ("the unit", {"type": "number", "unit": Text(zh="小时")}, {"type": "number", "unit": Text(zh="分钟")}, "breaking",
     "unit", False),
    ("a skip taken away", {"relevance": "${x} = 1"}, {}, "compatible", "skip_wider", False),
    ("a wider skip", {"relevance": "${x} = 1"}, {"relevance": "${x}=1 or ${x} = 2"}, "compatible", "skip_wider", False),
    ("a narrower skip", {}, {"relevance": "${x} = 1"}, "compatible", "skip", True),
    ("a skip written with other blanks", {"relevance": "${x}=1"}, {"relevance": "${x} = 1"}, "same", None, False),
    (
        "the words of a constraint",
        {"constraint": Check(". < 5", Text(zh="太大"))},
        {"constraint": Check(". < 5", Text(zh="填得太大"))},
        "wording_fix",
        "message",
        False,
    ),
    (
        "a constraint",
        {"constraint": Check(". < 5", Text(zh="太大"))},
        {"constraint": Check(". < 9", Text(zh="太大"))},
        "compatible",
        "constraint",
        False,
    ),
    ("required", {}, {"required": "yes"}, "compatible", "required", False),
    ("sensitive", {}, {"sensitive": True}, "compatible", "sensitive", False),
    ("a note for researchers", {}, {"note": "试测后删"}, "wording_fix", "remark", False),
]  # fmt: skip


@pytest.mark.parametrize(("what", "old", "new", "verdict", "reason", "asks"), CASES, ids=[c[0] for c in CASES])
def test_every_kind_of_change_has_its_verdict(
    what: str, old: dict[str, Any], new: dict[str, Any], verdict: str, reason: str | None, asks: bool
) -> None:
    found = compare(asked(item(**old)), asked(item(**new), version="1.0.1"))
    assert found.verdict == verdict
    assert found.reasons == ((reason,) if reason else ())
    if reason:
        (one,) = found.items
        assert one.asks_identity is asks
        assert one.needs_new_id is (verdict == "breaking"), "what is breaking needs a new id"


def test_every_part_of_an_instrument_has_a_row_so_that_nothing_changes_unnoticed() -> None:
    def fields(kind: type) -> set[str]:
        return {f.name for f in dataclasses.fields(kind)}

    assert fields(Item) == set(PARTS)
    told = {"id", "version", "hash", "constructs", "indicators", "sections", "opening"}
    assert fields(Module) | fields(Questionnaire) == set(changes.INSTRUMENT) | told
    with_items = {"id", "items", "groups", "recall", "relevance", "repeat"}
    assert fields(Section) | fields(Group) == set(changes.PAGE) | with_items
    assert fields(Construct) == set(changes.CONSTRUCT) | {"id", "items", "stem"}
    assert fields(Indicator) == set(changes.INDICATOR) | {"id"}


def test_added_and_removed_items_and_the_order_are_told() -> None:
    a, b, c, d = (item(id=name) for name in ("a1", "b1", "c1", "d1"))
    found = compare(asked(a, b, c), asked(d, b, a))
    told = {i.item: i.reasons for i in found.items}
    assert told["d1"] == ("added",)
    assert told["c1"] == ("removed",)
    assert sorted(i for i, reasons in told.items() if reasons == ("order",)) in (["a1"], ["b1"]), "one moved, not two"
    assert found.verdict == "breaking"
    assert found.proposed_version == "2.0.0"
    assert found.refused == (), "a question may go; no other takes its id"
    assert compare(asked(a), asked(a, b)).proposed_version == "1.1.0"


def test_moving_an_item_to_another_page_is_compatible() -> None:
    a, b = item(id="a1"), item(id="b1")
    before = asked(a, b)
    pages = (Section("p", Text(zh="页"), (a,)), Section("q", Text(zh="页二"), (b,)))
    (one, *_) = compare(before, replace(before, sections=pages)).items
    assert (one.item, one.reasons) == ("b1", ("page",))


def test_what_stands_above_an_item_counts_as_its_own() -> None:
    a = item(id="a1")
    stem = Construct("c", Text(zh="感知负担"), "定义", (a,), stem=Text(zh="请根据过去三个月的情况选择。"))
    later = replace(stem, stem=Text(zh="请根据过去一个月的情况选择。"))
    (one,) = compare(asked(a, constructs=(stem,)), asked(a, constructs=(later,))).items
    assert (one.reasons, one.verdict) == (("recall",), "breaking")
    (one,) = compare(
        asked(a, page={"recall": Text(zh="过去三个月")}), asked(a, page={"recall": Text(zh="过去一个月")})
    ).items
    assert one.reasons == ("recall",)
    (one,) = compare(asked(a), asked(a, page={"relevance": "${x} = 1"})).items
    assert one.reasons == ("skip",)
    (one,) = compare(asked(a), asked(a, page={"repeat": (1, 5)})).items
    assert one.reasons == ("rows",)


def test_a_translation_is_judged_by_the_leading_language() -> None:
    old = replace(item(), text=Text(zh="多少小时？", en="How many hours?"))
    new = replace(item(), text=Text(zh="多少小时？", en="How many hours did you spend?"))
    (one,) = compare(asked(old), asked(new)).items
    assert (one.reasons, one.verdict, one.asks_identity) == (("translation",), "wording_fix", False)
    (one,) = compare(asked(replace(old, text=Text(zh="多少小时？"))), asked(old)).items
    assert (one.reasons, one.verdict) == (("translation_added",), "compatible")


def test_options_of_items_that_are_averaged_are_points_of_a_scale() -> None:
    a = item(id="a1", type="single", options=options(PLACE))
    b = replace(a, options=options({**PLACE, 3: "社区"}))
    found = compare(asked(a, indicators=(scale("a1"),)), asked(b, indicators=(scale("a1"),)))
    assert found.items[0].reasons == ("points_added",)


def test_the_scoring_of_an_indicator_is_part_of_the_instrument() -> None:
    a = item(id="a1")
    stricter = replace(scale("a1"), parameters=MappingProxyType({"min_valid": 3}))
    found = compare(asked(a, indicators=(scale("a1"),)), asked(a, indicators=(stricter,)))
    assert (found.verdict, found.reasons, found.refused) == ("breaking", ("scoring",), ())
    assert compare(asked(a, indicators=(scale("a1"),)), asked(a)).reasons == ("indicator_removed",)
    assert compare(asked(a), asked(a, indicators=(scale("a1"),))).verdict == "compatible"


def test_a_researcher_says_whether_it_is_the_same_question() -> None:
    found = compare(asked(item("整理台帐")), asked(item("整理台账")))
    assert [i.item for i in found.open_questions] == ["a1"]
    yes, no = decided(found, {"a1": True}), decided(found, {"a1": False})
    assert (yes.verdict, yes.open_questions, yes.refused) == ("wording_fix", (), ())
    assert (no.verdict, [i.item for i in no.refused]) == ("breaking", ["a1"])


def test_nobody_can_say_that_a_reversed_item_is_the_same_question() -> None:
    found = decided(compare(asked(item(reverse=True)), asked(item("另一句话", reverse=False))), {"a1": True})
    assert [i.item for i in found.refused] == ["a1"]


def test_an_id_is_never_used_again_for_another_question() -> None:
    first, second, third = asked(item("甲", id="a1")), asked(item(id="b1")), asked(item("乙", id="a1"), item(id="b1"))
    found = with_history(compare(second, third), third, [first])
    assert [i.reasons for i in found.refused] == [("reused",)]
    back = asked(item("甲", id="a1"), item(id="b1"))
    assert with_history(compare(second, back), back, [first]).refused == ()


def test_versions_follow_the_verdict() -> None:
    assert [next_version("1.2.3", v) for v in ("same", "wording_fix", "compatible", "breaking")] == [
        "1.2.3", "1.2.4", "1.3.0", "2.0.0",
    ]  # fmt: skip


def test_old_and_new_wording_are_marked_where_they_differ() -> None:
    old, new = marked("共 12 个 App 和群", "共 15 个 App 和群")
    assert [text for text, differs in old if differs] == ["12"], "a number is marked as a whole"
    assert "".join(text for text, _ in old) == "共 12 个 App 和群"
    assert [text for text, differs in new if differs] == ["15"]


def q(version: str = "1.0.0", *items: Item, **more: Any) -> Questionnaire:
    more.setdefault("indicators", (scale("a1", "b1"),))
    return asked(*(items or (item(id="a1"), item(id="b1"))), version=version, **more)


def test_scores_are_comparable_while_questions_and_scoring_are_the_same() -> None:
    assert comparable("score", q(), q("1.4.0", item(id="a1"), item(id="b1"), item(id="c1")))
    assert comparable("a1", q(), q("1.0.1")), "a single item by its id"
    assert comparable("other", q(), q()).reason == "indicator"
    gone = q("1.1.0", item(id="a1"), item(id="c1"))
    assert (comparable("score", q(), gone).reason, comparable("score", q(), gone).items) == ("item", ("b1",))
    scored = q("1.1.0", indicators=(scale("a1"),))
    assert comparable("score", q(), scored).reason == "scoring"


def test_scores_of_different_major_versions_are_not_comparable() -> None:
    found = comparable("score", q(), q("2.0.0"))
    assert (bool(found), found.reason, found.items) == (False, "major", ("a1", "b1"))
    home = {"a1": "burden", "b1": "burden"}
    pins = [q(v, modules={"burden": pin}) for v, pin in (("1.0.0", "1.0.0"), ("2.0.0", "1.3.0"), ("1.1.0", "2.0.0"))]
    assert comparable("score", pins[0], pins[1], home=home), "the questionnaire changed, the scale did not"
    assert comparable("score", pins[0], pins[2], home=home).reason == "major"


def test_a_changed_wording_is_comparable_only_if_a_researcher_said_so() -> None:
    old, new = q(), q("1.0.1", item("我有足够时间做好本职工作。", id="a1"), item(id="b1"))
    assert comparable("score", old, new).reason == "identity"
    assert comparable("score", old, new, identity={"a1": True})
    assert comparable("score", new, old, identity={"a1": True}), "in either order"
    assert comparable("score", old, new, identity={"a1": False}).reason == "item"
    assert identity_over([{"a1": True}, {"a1": False}]) == {"a1": False}


def test_built_in_instruments_are_the_same_as_themselves() -> None:
    from fieldkit.formats.instrument_yaml import load_library
    from fieldkit.settings import resource

    library = load_library(resource("instruments"))
    for shelf in (library.modules, library.questionnaires):
        for each in shelf.values():
            assert compare(each, each).verdict == "same", each.id


def test_taking_up_a_translation_of_nothing_is_no_change() -> None:
    assert compare(asked(item(hint=NOTHING)), asked(item(hint=Text()))).verdict == "same"
