"""One step of composing changes one thing, and leaves a questionnaire that can be written and read again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldkit.core import design
from fieldkit.core.instrument import Construct, Group, Library, Module, Questionnaire, Section
from fieldkit.core.item import Item, Option
from fieldkit.core.lint import lint_questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text


def asked(name: str, **more: object) -> Item:
    return Item(name, Text(zh=name), "integer", **more)  # type: ignore[arg-type]


LOADS = tuple(asked(name, recall=Text(zh="上月")) for name in ("a1", "a2", "a3"))
LOAD = Construct("load", Text(zh="负荷"), "how much", LOADS)
ROOM = Construct("room", Text(zh="余地"), "how free", (asked("b1"),))
BANK = Module("bank", "1.0.0", Text(zh="库"), (LOAD, ROOM))
LIBRARY = Library({("bank", "1.0.0"): BANK}, {})


def sheet(*sections: tuple[str, str], groups: tuple[Group, ...] = ()) -> Questionnaire:
    """Sections by id with their items, such as ('one', 'qx qy')."""
    made = tuple(Section(s, Text(zh=s), tuple(asked(i) for i in items.split()), groups=groups) for s, items in sections)
    return Questionnaire("q", "1.0.0", Text(zh="问卷"), made, {})


def order(questionnaire: Questionnaire) -> str:
    return " | ".join(" ".join(i.id for i in s.items) for s in questionnaire.sections)


def test_a_construct_gets_a_section_of_its_name_and_its_module_is_pinned() -> None:
    found = design.add(sheet(), BANK, LOAD, ["a1", "a2", "a3"])
    assert order(found) == "a1 a2 a3"
    assert found.sections[0].title == LOAD.title
    assert found.sections[0].recall == Text(zh="上月")
    assert found.modules == {"bank": "1.0.0"}


def test_an_item_joins_those_of_its_construct_in_the_order_of_the_bank() -> None:
    start = design.add(sheet(("one", "qx")), BANK, LOAD, ["a3"], "one")
    assert order(design.add(start, BANK, LOAD, ["a1"])) == "qx a1 a3"
    assert order(design.add(start, BANK, LOAD, ["a1", "a2", "a3"])) == "qx a1 a2 a3"


def test_what_is_asked_already_is_not_asked_twice() -> None:
    start = design.add(sheet(), BANK, LOAD, ["a1"])
    assert design.add(start, BANK, LOAD, ["a1"]) == start


def test_a_module_of_which_nothing_is_asked_is_pinned_no_more() -> None:
    start = design.add(sheet(), BANK, LOAD, ["a1"])
    assert design.unpinned(start, LIBRARY).modules == {"bank": "1.0.0"}
    assert design.unpinned(design.drop(start, ["a1"]), LIBRARY).modules == {}


@pytest.mark.parametrize(
    ("item", "by", "then"),
    [
        ("qy", -1, "qy qx | qz"),
        ("qx", -1, "qx qy | qz"),
        ("qy", 1, "qx | qy qz"),
        ("qz", -1, "qx qy qz | "),
        ("qz", 1, "qx qy | qz"),
    ],
)
def test_an_item_moves_one_place_and_on_into_the_next_section(item: str, by: int, then: str) -> None:
    assert order(design.move(sheet(("one", "qx qy"), ("two", "qz")), item, by)) == then


def test_an_item_can_be_put_anywhere() -> None:
    assert order(design.put_at(sheet(("one", "qw qx qy"), ("two", "qz")), "qw", "two", 1)) == "qx qy | qz qw"
    assert order(design.put_at(sheet(("one", "qw qx qy"), ("two", "qz")), "qw", "one", 9)) == "qx qy qw | qz"


def test_what_moves_between_the_items_of_a_group_joins_it_and_what_leaves_it_is_out() -> None:
    group = Group("gg", Text(zh="组"), ("qx", "qy"))
    start = sheet(("one", "qw qx qy qz"), groups=(group,))
    inside = design.move(start, "qw", 1)
    assert inside.sections[0].groups[0].items == ("qx", "qw", "qy")
    out = design.move(design.move(inside, "qw", 1), "qw", 1)
    assert order(out) == "qx qy qz qw"
    assert out.sections[0].groups[0].items == ("qx", "qy")
    assert design.drop(start, ["qx", "qy"]).sections[0].groups == ()


def test_please_specify_goes_with_its_choice() -> None:
    other = Option(98, Text(zh="其他"), other=Text(zh="请说明"))
    from fieldkit.core.item import companion

    way = Item("way", Text(zh="怎么去？"), "single", (other,))
    follower = companion(way)
    assert follower is not None
    start = replace(sheet(("one", "qx")), sections=(Section("one", Text(zh="一"), (asked("qx"), way, follower)),))
    assert order(design.own_words(start, LIBRARY)) == "qx way"


def test_a_condition_that_cannot_be_read_does_not_stop_the_preview() -> None:
    start = sheet(("one", "qx qy"))
    broken = design.change_way(start, "qy", relevance="${qx} >", required="yes")
    found = design.showable(broken, lint_questionnaire(broken))
    assert found.items["qy"].relevance == ""
    assert found.items["qy"].required == "yes"
    good = design.change_way(start, "qy", relevance="${qx} > 1", required="no")
    assert design.showable(good, lint_questionnaire(good)).items["qy"].relevance == "${qx} > 1"


@pytest.mark.parametrize(
    "step",
    [
        lambda q: design.move(q, "nothing", 1),
        lambda q: design.put_at(q, "qx", "nowhere", 0),
        lambda q: design.drop_section(q, "nowhere"),
        lambda q: design.change_way(q, "nothing", relevance="", required="no"),
    ],
)
def test_a_step_about_what_is_gone_says_so(step) -> None:
    with pytest.raises(Problem) as found:
        step(sheet(("one", "qx")))
    assert found.value.code == "design.gone"


def test_new_sections_and_own_items_get_names_that_are_free() -> None:
    start = design.add_section(design.add_section(sheet(), Text(zh="一")), Text(zh="二"))
    assert [s.id for s in start.sections] == ["section_1", "section_2"]
    with_own = design.put_item(start, asked("own_1"), "section_1")
    assert design.free_item_id(with_own, ()) == "own_2"
    assert order(design.put_item(with_own, asked("better"), "", "own_1")) == "better | "
