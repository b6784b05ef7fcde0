"""A question that the bank has already is recognised, and others are left alone."""

from __future__ import annotations

import time

import pytest

from fieldkit.core.item import Item, Option
from fieldkit.core.likeness import Bank
from fieldkit.core.text import Text

FIRST = "过去一个月，您所在的单位一共迎接了多少次检查？"


def item(name: str, words: str, type: str = "count", options: tuple[str, ...] = ()) -> Item:
    return Item(name, Text(zh=words), type, tuple(Option(at, Text(zh=o)) for at, o in enumerate(options, 1)))


BANK = Bank([("m1", item("visits", FIRST)), ("m1", item("sex", "性别？", "single", ("男", "女")))])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (FIRST, 1.0),
        ("过去一个月 您所在的单位，一共迎接了多少次检查", 1.0),
        ("过去一个月，您所在的单位一共迎接了多少次检查呢？", 0.9),
        ("过去一个月，您所在的单位一共召开了多少次会议？", None),
        ("您在现在的岗位上工作了多少年？", None),
        ("", None),
    ],
)
def test_the_wording_decides(words, expected):
    like = BANK.like(item("mine", words))
    if expected is None:
        assert like is None
    else:
        assert like is not None
        assert (like.item, like.module) == ("visits", "m1")
        assert like.likeness >= expected
        assert (like.likeness == 1) == (expected == 1)


def test_the_same_item_and_its_next_version_are_no_repetition():
    assert BANK.like(item("visits", FIRST)) is None
    assert BANK.like(item("visits_v2", FIRST)) is None


def test_a_short_question_is_the_same_only_with_the_same_options():
    assert BANK.like(item("mine", "性别", "single", ("男", "女"))) is not None
    assert BANK.like(item("mine", "性别", "single", ("男", "女", "不说"))) is None


def test_a_thousand_items_are_looked_up_in_no_time():
    words = [f"第{n}件事情在过去的{n % 12 + 1}个月里一共发生过多少次（{chr(0x4E00 + n)}）？" for n in range(1000)]
    items = [item(f"i_{n}", text) for n, text in enumerate(words)]
    before = time.process_time()
    bank = Bank(("m", one) for one in items)
    assert all(bank.like(one) is None or bank.like(one).likeness < 1 for one in items)  # type: ignore[union-attr]
    assert time.process_time() - before < 20
