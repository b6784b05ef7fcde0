"""The search for answers behind a condition: what it proves, what it doubts, and what it leaves open."""

from __future__ import annotations

import pytest

from fieldkit.core.expression import parse
from fieldkit.core.item import Item, Option
from fieldkit.core.reach import NEVER, POSSIBLE, TRIES, UNKNOWN, UNLIKELY, Asked, Search
from fieldkit.core.text import Text

ZH = Text(zh="某题")


def options(*codes: int, **more: object) -> tuple[Option, ...]:
    return tuple(Option(code, Text(zh=f"第{code}项"), **more) for code in codes)  # type: ignore[arg-type]


ONE = Item("one", ZH, "single", options(1, 2, 3))
MANY = Item("many", ZH, "multi", (*options(*range(1, 13)), *options(99, exclusive=True)), most=3)
SMALL = Item("small", ZH, "count", low=0, high=10)
WIDE = Item("wide", ZH, "count", low=0, high=100_000)
OPEN = Item("open", ZH, "decimal")
WORDS = Item("words", ZH, "text")
DAY = Item("day", ZH, "date")


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ("${one} = 3", POSSIBLE),
        ("${one} = 4", NEVER),
        ("${one} = ''", POSSIBLE),
        ("${one} != '' and ${one} < 1", NEVER),
        ("selected(${many}, '99') and selected(${many}, '1')", UNLIKELY),
        ("selected(${many}, '3') and selected(${many}, '11') and selected(${many}, '12')", POSSIBLE),
        ("count-selected(${many}) = 3", POSSIBLE),
        ("count-selected(${many}) > 3", UNLIKELY),
        ("${small} > 10", NEVER),
        ("${small} mod 7 = 3", POSSIBLE),
        ("${small} = ${one} * 4 - 1", POSSIBLE),
        ("${small} = ${one} * 4 + 9", NEVER),
        ("${wide} > 99999", POSSIBLE),
        ("${wide} > 100000", UNLIKELY),
        ("${wide} = ${small} and ${wide} > 10", UNLIKELY),
        ("${wide} * 3 mod 77777 = 1234", UNKNOWN),
        ("${open} > 2.5 and ${open} < 2.6", POSSIBLE),
        ("${open} < -5", POSSIBLE),
        ("${words} = 'yes'", POSSIBLE),
        ("regex(${words}, '^q+$')", UNKNOWN),
        ("${day} > '2026-01-01' and ${day} < '2025-01-01'", UNKNOWN),
        ("today() > '2020-01-01'", UNKNOWN),
        ("random() > 2", UNKNOWN),
    ],
)
def test_conditions_are_tried(condition, verdict):
    search = Search(Asked(item) for item in (ONE, MANY, SMALL, WIDE, OPEN, WORDS, DAY))
    assert search.holds([parse(condition)]) == verdict


def test_a_calculated_item_has_the_value_of_its_formula():
    double = Asked(Item("double", ZH, "calculate", calculation="${small} * 2"), formula=parse("${small} * 2"))
    search = Search([Asked(SMALL), double])
    assert search.holds([parse("${double} = 20")]) == POSSIBLE
    assert search.holds([parse("${double} = 21")]) == NEVER


def test_an_answer_to_a_question_that_was_not_asked_does_not_count():
    gated = Asked(SMALL, (parse("${one} = 1"),))
    search = Search([Asked(ONE), gated])
    assert search.holds([parse("${small} > 3 and ${one} = 2")]) == NEVER
    assert search.holds([parse("${small} > 3 and ${one} = 1")]) == POSSIBLE


def test_a_limit_may_look_at_other_items():
    limited = Asked(SMALL, (), parse(". > ${one} * 5"))
    assert Search([Asked(ONE), limited]).keeps("small") == POSSIBLE
    too_much = Asked(SMALL, (), parse("${one} != '' and . > ${one} + 10"))
    assert Search([Asked(ONE), too_much]).keeps("small") == NEVER


def test_the_search_gives_up_after_its_tries():
    items = [Item(f"n_{at}", ZH, "count", low=0, high=150) for at in range(4)]
    search = Search((Asked(item) for item in items), effort=10 * TRIES)
    riddle = parse(" + ".join(f"${{{item.id}}}" for item in items) + " = -1")
    assert search.holds([riddle]) == UNKNOWN
    assert search.effort == pytest.approx(9 * TRIES, abs=2)


def test_a_long_chain_of_conditions_is_given_up_early_and_not_walked_for_each_of_its_items():
    chain = [Asked(Item("step_0", ZH, "count"))]
    chain += [Asked(Item(f"step_{n}", ZH, "count"), (parse(f"${{step_{n - 1}}} > 1"),)) for n in range(1, 400)]
    search = Search(chain)
    looked: list[str] = []

    class Counted(dict[str, Asked]):
        def get(self, name: str, otherwise: Asked | None = None) -> Asked | None:  # type: ignore[override]
            looked.append(name)
            return super().get(name, otherwise)

    search.asked = Counted(search.asked)
    assert search.asks("step_10") == POSSIBLE, "ten items decide"
    assert search.asks("step_11") == UNKNOWN
    looked.clear()
    assert search.asks("step_399") == UNKNOWN
    assert len(looked) < 20
