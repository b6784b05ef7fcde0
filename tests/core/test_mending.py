"""Taking a change back, and asking under a new id, in whatever an instrument mentions."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from fieldkit.core.change import compare
from fieldkit.core.instrument import Construct, Indicator, Module, Questionnaire, Section
from fieldkit.core.item import Check, Item, Option
from fieldkit.core.mending import renumbered, taken_back
from fieldkit.core.text import Text

FIRST = Item("hours", Text(zh="多少小时？"), "count", low=0, high=99, reverse=True)
LIMIT = Check("${hours} < 50 and . != ''", Text(zh="太长"))
SECOND = Item("why", Text(zh="为什么？"), "text", relevance="${hours} > 5", constraint=LIMIT)


def asked(*items: Item, **page: object) -> Questionnaire:
    section = Section("p", Text(zh="页"), items, **page)  # type: ignore[arg-type]
    parameters = MappingProxyType({"expression": "${hours} * 60", "numerator": "hours"})
    indicator = Indicator("minutes", Text(zh="分钟"), "formula", "mean", ("hours",), parameters=parameters)
    return Questionnaire("q", "1.0.0", Text(zh="问卷"), (section,), {}, indicators=(indicator,))


def test_one_part_goes_back_and_the_rest_stays_changed() -> None:
    old = asked(FIRST, SECOND)
    new = asked(replace(FIRST, reverse=False, text=Text(zh="多少个小时？"), high=50), SECOND)
    back = taken_back(old, new, "hours", "reverse")
    assert back.items["hours"].reverse is True
    assert back.items["hours"].text == Text(zh="多少个小时？")
    assert taken_back(old, back, "hours", "range").items["hours"].high == 99
    everything = taken_back(old, taken_back(old, back, "hours", "range"), "hours", "text")
    assert compare(old, everything).verdict == "same"


def test_what_stands_above_an_item_goes_back_with_it() -> None:
    old, new = asked(FIRST, recall=Text(zh="过去三个月")), asked(FIRST, recall=Text(zh="过去一个月"))
    assert taken_back(old, new, "hours", "recall").sections[0].recall == Text(zh="过去三个月")
    construct = Construct("c", Text(zh="构念"), "定义", (FIRST,), stem=Text(zh="过去三个月"))
    module = Module("m", "1.0.0", Text(zh="模块"), (construct,))
    later = replace(module, constructs=(replace(construct, stem=Text(zh="过去一个月")),))
    assert compare(module, taken_back(module, later, "hours", "stem")).verdict == "same"


def test_a_new_id_reaches_every_mention_and_nothing_else() -> None:
    new, name = renumbered(asked(FIRST, SECOND), "hours")
    assert name == "hours_v2"
    assert list(new.items) == ["hours_v2", "why"]
    assert new.items["why"].relevance == "${hours_v2} > 5"
    assert new.items["why"].constraint == Check("${hours_v2} < 50 and . != ''", Text(zh="太长"))
    assert new.indicators[0].items == ("hours_v2",)
    assert dict(new.indicators[0].parameters) == {"expression": "${hours_v2} * 60", "numerator": "hours_v2"}
    assert renumbered(new, "hours_v2", used={"hours_v3"})[1] == "hours_v4", "ids are never used again"


def test_the_text_field_of_other_goes_with_its_item() -> None:
    elsewhere = Option(98, Text(zh="其他"), other=Text(zh="请说明"))
    place = Item("place", Text(zh="在哪里？"), "single", options=(elsewhere,))
    text = Item("place_other", Text(zh="请说明"), "text", relevance="${place} = 98")
    new, _ = renumbered(asked(FIRST, place, text), "place")
    assert list(new.items) == ["hours", "place_v2", "place_v2_other"]
    assert new.items["place_v2_other"].relevance == "${place_v2} = 98"


def test_after_a_new_id_nothing_is_refused() -> None:
    old = asked(FIRST, SECOND)
    new, _ = renumbered(asked(replace(FIRST, reverse=False), SECOND), "hours")
    found = compare(old, new)
    assert (found.refused, found.proposed_version) == ((), "2.0.0")
