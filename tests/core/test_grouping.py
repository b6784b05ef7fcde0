"""Groups made by hand: around an item, into and out of, one in another; the file says it the same way afterwards."""

from __future__ import annotations

import pytest

from fieldkit.core import grouping
from fieldkit.core.instrument import Library, Questionnaire, Section
from fieldkit.core.problem import Problem
from fieldkit.core.text import NOTHING, Text
from fieldkit.formats.instrument_yaml import dump_questionnaire, examine_questionnaire
from tests.samples import item, questionnaire

TITLE = Text(zh="一组")
PLAIN = {
    "title": TITLE, "introduction": NOTHING, "recall": NOTHING, "relevance": "", "repeat": None, "matrix": False,
    "random_order": False,
}  # fmt: skip


def form() -> Questionnaire:
    """Two sections: a b c d, and x y."""
    first = Section("one", Text(zh="一"), tuple(item(n * 2, "count") for n in "abcd"))
    second = Section("two", Text(zh="二"), tuple(item(n, "count") for n in ("xx", "yy")))
    return questionnaire(sections=(first, second))


def shape(found: Questionnaire) -> str:
    """The first section's items in order, groups in brackets; checked against its own file."""
    again = examine_questionnaire(dump_questionnaire(found, Library({}, {})), Library({}, {})).instrument
    assert again is not None
    assert [(s.items, s.groups) for s in again.sections] == [(s.items, s.groups) for s in found.sections]
    section, said, opened = found.sections[0], "", []
    for each in section.items:
        around = [g.id for g in section.around(each.id)]
        while opened and opened[-1] not in around:
            opened.pop()
            said += ")"
        for name in around:
            if name not in opened:
                opened.append(name)
                said += "("
        said += each.id[0]
    return said + ")" * len(opened)


def grouped(*members: str) -> tuple[Questionnaire, str]:
    made, name = grouping.make(form(), members[0], TITLE)
    return grouping.change(made, name, **PLAIN, members=members), name


def test_a_group_is_made_around_an_item_and_takes_others_of_the_section_in():
    made, name = grouping.make(form(), "bb", TITLE)
    assert shape(made) == "a(b)cd"
    assert shape(grouping.change(made, name, **PLAIN, members=("aa", "bb", "dd"))) == "(abd)c"
    assert shape(grouping.change(made, name, **PLAIN, members=("bb", "dd"))) == "a(bd)c"


def test_what_is_ticked_off_leaves_the_group_and_a_group_never_becomes_empty():
    made, name = grouped("bb", "cc")
    assert shape(grouping.change(made, name, **PLAIN, members=("cc",))) == "a(c)bd"
    assert shape(grouping.change(made, name, **PLAIN, members=())) == "a(bc)d"


def test_an_item_joins_from_elsewhere_and_leaves_again():
    made, name = grouped("bb", "cc")
    assert shape(grouping.join(made, "aa", name)) == "(bca)d"
    joined = grouping.join(made, "xx", name)
    assert shape(joined) == "a(bcx)d"
    assert [i.id for i in joined.sections[1].items] == ["yy"]
    assert shape(grouping.leave(joined, "bb")) == "a(cx)bd"
    assert grouping.leave(joined, "aa") == joined
    alone, _ = grouped("bb")
    assert shape(grouping.leave(alone, "bb")) == "abcd"


def test_a_group_lies_in_another_and_comes_out_again():
    made, outer = grouped("aa", "bb", "cc")
    made, inner = grouping.make(made, "bb", TITLE)
    assert shape(made) == "(a(b)c)d"
    assert [g.inside for g in made.sections[0].groups] == ["", outer]
    out = grouping.change(made, inner, **PLAIN, members=("bb",), inside="")
    assert shape(out) == "(ac)(b)d"
    assert shape(grouping.change(out, inner, **PLAIN, members=("bb",), inside=outer)) == "(ac(b))d"
    assert shape(grouping.change(made, outer, **PLAIN, members=("aa", "bb", "cc"), inside=inner)) == "(a(b)c)d"
    assert [g.id for g in grouping.may_hold(made.sections[0], outer)] == []
    assert [g.id for g in grouping.may_hold(made.sections[0], inner)] == [outer]
    assert shape(grouping.dissolve(made, outer)) == "a(b)cd"


def test_a_group_becomes_a_list_of_rows_with_a_condition():
    made, name = grouped("bb", "cc")
    changed = grouping.change(
        made, name, **PLAIN | {"repeat": (0, 5), "relevance": "${aa} > 1"}, members=("bb", "cc")
    )
    (group,) = changed.sections[0].groups
    assert (group.repeat, group.relevance) == ((0, 5), "${aa} > 1")
    assert shape(changed) == "a(bc)d"


def test_a_whole_group_moves_among_its_neighbours():
    made, name = grouped("bb", "cc")
    assert shape(grouping.shift(made, name, -1)) == "(bc)ad"
    assert shape(grouping.shift(made, name, 1)) == "ad(bc)"
    assert shape(grouping.shift(grouping.shift(made, name, -1), name, -1)) == "(bc)ad"


@pytest.mark.parametrize(
    "step",
    [
        lambda q: grouping.make(q, "zz", TITLE),
        lambda q: grouping.dissolve(q, "zz"),
        lambda q: grouping.join(q, "aa", "zz"),
        lambda q: grouping.leave(q, "zz"),
        lambda q: grouping.shift(q, "zz", 1),
        lambda q: grouping.change(q, "zz", **PLAIN, members=()),
    ],
)
def test_what_is_gone_is_said_so(step):
    with pytest.raises(Problem) as caught:
        step(form())
    assert caught.value.code == "design.gone"
