"""Chapters for indicators that no layout names: which figures come, on which axes, and what stays out."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from fieldkit.core.instrument import Construct, Indicator, Module, Questionnaire, Section
from fieldkit.core.item import Item, Option
from fieldkit.core.text import Text
from fieldkit.stats.further import FURTHER, ranged, ticks, widths, with_further
from fieldkit.stats.layout import (
    Bars,
    Block,
    Classes,
    Dots,
    Findings,
    Further,
    HeadlineTable,
    Layout,
    Line,
    MedianTable,
    Quartiles,
    Say,
    Sentences,
    Shares,
    Title,
)
from fieldkit.stats.layout import Section as Chapter

ZH = Text(zh="某项")
FIVE = tuple(Option(code, Text(zh=f"第{code}档")) for code in range(1, 6))


def chapter(key, title, blocks, **more):
    return Chapter(key, blocks, title, **more)


PATTERN = chapter(
    "further",
    Text(zh="其他：{module}", en="More: {module}"),
    (
        Title(Text(zh="平均")),
        Further("means", "means", Text(zh="平均分")),
        Title(Text(zh="数量")),
        Further("medians", "medians", Text(zh="中位数")),
        Title(Text(zh="比例")),
        Further("shares", "shares", Text(zh="百分比")),
        Title(Text(zh="构成")),
        Further("classes", "classes"),
    ),
    generic=True,
)


def of(name: str, estimate: str, **more: object) -> Indicator:
    given = {"title": Text(zh=name), "kind": "value", "items": ("a_n",), "high_means": ZH, **more}
    return Indicator(id=name, estimate=estimate, **given)  # type: ignore[arg-type]


def asked(*indicators: Indicator) -> Questionnaire:
    items = (Item("a_n", ZH, "count"), Item("b_1", ZH, "likert5", FIVE), Item("c_1", ZH, "single", FIVE))
    return Questionnaire("q1", "1.0.0", Text(zh="问卷"), (Section("s1", ZH, items),), {"m1": "1.0.0"}, indicators)


def blocks(*indicators: Indicator, **more: object) -> list[Block]:
    """The blocks of the one chapter that comes about."""
    layout = Layout("l", "1.0.0", (PATTERN,))
    sections = with_further(layout, asked(*indicators), (), more.get("named", ())).sections  # type: ignore[arg-type]
    return [block for section in sections for block in section.blocks]


def figures(*indicators: Indicator) -> list[Block]:
    return [b for b in blocks(*indicators) if not isinstance(b, Title | Sentences)]


def test_every_sort_of_number_gets_its_figure_under_its_head():
    found = blocks(
        of("m", "mean", low=0, high=100),
        of("d", "median", low=0, high=40),
        of("s", "share"),
        of("r", "ratio", low=0, high=100),
        of("c", "categories", options=FIVE),
        of("o", "categories", kind="options"),
    )
    sorts = [Title, Sentences, Dots, Title, Sentences, Quartiles, Title, Sentences, Shares, Title, Classes, Bars]
    assert [type(b) for b in found] == sorts


def test_a_head_with_nothing_under_it_does_not_stand():
    found = blocks(of("d", "median", low=0, high=40))
    assert [b.title.say() for b in found if isinstance(b, Title)] == ["数量"]


def test_indicators_share_a_figure_only_if_they_share_range_and_unit():
    times, hours = Text(zh="次"), Text(zh="小时")
    found = figures(
        *(of(name, "mean", low=0, high=100) for name in ("m1", "m2")),
        of("m3", "mean", low=-3, high=3),
        of("d1", "median", low=0, high=40, unit=times),
        of("d2", "median", low=0, high=40, unit=hours),
    )
    lines = [[line.id for group in b.groups for line in group.lines] for b in found]  # type: ignore[union-attr]
    assert lines == [["m1", "m2"], ["m3"], ["d1"], ["d2"]]
    assert [b.title.say() for b in found] == ["平均分", "m3", "d1", "d2"]  # type: ignore[union-attr]
    assert len({b.key for b in found}) == 4  # type: ignore[union-attr]
    assert found[1].axis.signed  # type: ignore[union-attr]


def test_sensitive_indicators_stand_in_a_figure_of_their_own():
    found = figures(of("open", "mean", low=0, high=100), of("shy", "mean", low=0, high=100, sensitive=True))
    assert len(found) == 2


def test_scales_with_a_neutral_name_are_introduced_once():
    names = [of(n, "mean", low=0, high=100, sensitive=True, print_name=ZH) for n in ("x1", "x2")]
    (said,) = [b for b in blocks(*names) if isinstance(b, Sentences)]
    assert said.say == (Say("fixed", ("sensitive_general", "x1")),)


def test_numbers_without_a_known_range_stand_in_a_table():
    found = figures(of("m", "mean", kind="formula"), of("d", "median", low=-5, high=5), of("r", "ratio"))
    assert [type(b) for b in found] == [HeadlineTable, MedianTable, HeadlineTable]


def test_what_is_private_named_or_left_out_does_not_come_again():
    private = of("p", "mean", low=0, high=100, parameters=MappingProxyType({"private": True}))
    named = of("n", "mean", low=0, high=100)
    assert blocks(private, named, named=("n",)) == []


def test_each_module_has_its_chapter_and_what_is_left_one_of_the_questionnaire():
    own, other = of("m", "mean", low=0, high=100), of("x", "mean", low=0, high=100)
    bank = Module("m1", "1.0.0", Text(zh="模块", en="Module"), (Construct("c1", ZH, "", ()),), (own,))
    layout = with_further(Layout("l", "1.0.0", (PATTERN,)), asked(own, other), (bank,), ())
    assert [(s.key, s.title.say("zh"), s.title.say("en")) for s in layout.sections] == [
        ("further_m1", "其他：模块", "More: Module"),
        ("further_q1", "其他：问卷", "More: 问卷"),
    ]


def test_an_empty_summary_names_the_first_of_them_but_no_sensitive_one():
    head = chapter(
        "summary", ZH, (HeadlineTable("h", ZH, (Line("nobody"),)), Findings((Say("number", ("nobody",)),)))
    )
    shy = of("shy", "mean", low=0, high=100, sensitive=True)
    layout = with_further(Layout("l", "1.0.0", (head, PATTERN)), asked(shy, of("m", "mean", low=0, high=1)), (), ())
    table, findings = layout.sections[0].blocks
    assert table == HeadlineTable("h", ZH, (Line("m"),))
    assert findings == Findings((Say("number", ("m",)),), careful=True)


def test_a_summary_that_has_lines_stays_as_it_is():
    head = chapter("summary", ZH, (HeadlineTable("h", ZH, (Line("m"), Line("nobody"))),))
    layout = with_further(Layout("l", "1.0.0", (head, PATTERN)), asked(of("m", "mean")), (), ("m",))
    assert layout.sections == (head,)


@pytest.mark.parametrize(
    ("indicator", "low", "high"),
    [
        (of("i", "mean", kind="scale", items=("b_1",)), 0, 100),
        (of("i", "mean", kind="mean", items=("b_1",)), 1, 5),
        (
            of("i", "mean", kind="index", items=("b_1",), parameters=MappingProxyType({"factor": -50, "centre": 3})),
            -100, 100,
        ),
        (of("i", "mean", kind="mean_of_scores", parameters=MappingProxyType({"indicators": ("part",)})), 0, 10),
        (of("i", "mean"), None, None),
        (of("i", "mean", kind="scale", items=("b_1",), low=0, high=50), 0, 50),
    ],
)  # fmt: skip
def test_the_range_follows_from_the_kind_where_it_is_not_said(indicator, low, high):
    known = {"part": of("part", "mean", low=0, high=10)}
    found = ranged(indicator, asked(), known)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 7), (1, 7), (-1, 1), (0, 6300), (10, 20), (0.5, 3.5)])
def test_an_axis_holds_its_range_and_has_few_round_ticks(low, high):
    axis = ticks(low, high)
    assert axis[0] <= low
    assert axis[-1] >= high
    assert 3 <= len(axis) <= 9


def test_the_axes_of_a_count_grow_until_they_hold_it():
    tops = [axis[-1] for axis in widths(6300)]
    assert tops == sorted(tops)
    assert tops[-1] >= 6300
    assert widths(None)[-1][-1] >= 1e9


def test_every_word_under_of_is_known():
    assert set(FURTHER) == {"means", "medians", "shares", "classes"}
