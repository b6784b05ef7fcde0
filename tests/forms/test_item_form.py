"""The form of an item is made from the table of a file's keys, and gives what a file would say."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from fieldkit.core.instrument_file import BLOCKS
from fieldkit.core.item import TYPES, Check, Item, Option
from fieldkit.core.text import Text
from fieldkit.forms import item as form
from fieldkit.services.design import read_item
from fieldkit.translations import FOLDERS, catalogue


def sent(values: dict[str, str | list[str]]) -> MultiDict[str, str]:
    """What a browser sends of a form with these values."""
    pairs = [(k, each) for k, v in values.items() for each in (v if isinstance(v, list) else [v])]
    return MultiDict([*pairs, ("missing_asked", "1")])


EXAMPLES = [
    Item("own_1", Text(zh="多少？", en="How many?"), "integer", low=0, high=99, unit=Text(zh="次"), warn_above=30.0),
    Item(
        "own_2",
        Text(zh="哪些？"),
        "multi",
        (
            Option(1, Text(zh="甲")),
            Option(9, Text(zh="都没有"), exclusive=True),
            Option(98, Text(zh="其他"), other=Text(zh="请说明")),
        ),
        most=2,
        required="yes",
        relevance="${own_1} > 0 and ${own_1} != 5",
        random_order=True,
        missing=(),
    ),
    Item("own_3", Text(zh="“看法”: 好/坏"), "text", high=300, constraint=Check(". != 'x'", Text(zh="太短"))),
    Item("own_4", Text(zh="和"), "calculate", calculation="${own_1} * 2", missing=()),
    Item("own_5", Text(zh="左右"), "single", (Option(-1, Text(zh="左")), Option(1, Text(zh="右"))), sensitive=True),
]


@pytest.mark.parametrize("item", EXAMPLES, ids=lambda item: item.id)
def test_an_item_shown_in_the_form_and_sent_again_is_the_same_item(item: Item) -> None:
    block = form.block_of(sent(form.values_of(item)), item.type, ("zh", "en"))
    found, findings = read_item(block)
    assert findings == ()
    assert found == item


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_has_a_form_in_which_its_words_can_be_written(type_: str) -> None:
    first, more = form.parts_of(type_)
    keys = [part.key for part in (*first, *more)]
    assert {"id", "text", "relevance"} <= set(keys)
    assert ("options" in keys) == (TYPES[type_].options != "no")
    assert len(keys) == len(set(keys))


def test_every_key_of_an_item_in_a_file_can_be_asked_for_some_type() -> None:
    asked = {part.key for type_ in TYPES for parts in form.parts_of(type_) for part in parts}
    assert set(BLOCKS["item"]) - asked == {"type", "source"}


@pytest.mark.parametrize("language", FOLDERS)
def test_every_part_and_every_type_has_its_words(language: str) -> None:
    parts = [part for type_ in TYPES for group in form.parts_of(type_) for part in group]
    names = {f"designer.part_{p.key}" for part in parts for p in (part, *part.parts)}
    names |= {f"designer.type_{type_}" for type_ in TYPES}
    assert names - set(catalogue(language)) == set()


def test_an_option_without_a_code_gets_the_next_one() -> None:
    rows = {"options.0.zh": "甲", "options.1.code": "4", "options.1.zh": "乙", "options.2.zh": "丙"}
    given = sent({"id": "x1", "text.zh": "题", "rows": "3", **rows})
    assert list(form.block_of(given, "single", ("zh",))["options"]) == [1, 4, 5]


@pytest.mark.parametrize(
    ("wrong", "part"),
    [
        ({"id": "1st"}, "id"),
        ({"text.zh": ""}, "text"),
        ({"range.low": "few"}, "range"),
        ({"decimals": "1.5"}, "decimals"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_part(wrong: dict[str, str], part: str) -> None:
    values = {"id": "own_1", "text.zh": "多少？", **wrong}
    item, findings = read_item(form.block_of(sent(values), "number", ("zh",)))
    assert item is None
    assert part in {finding.part for finding in findings}


def test_a_code_given_twice_is_seen() -> None:
    rows = {"options.0.code": "1", "options.0.zh": "甲", "options.1.code": "1", "options.1.zh": "乙"}
    given = sent({"id": "x1", "text.zh": "题", "rows": "2", **rows})
    item, findings = read_item(form.block_of(given, "single", ("zh",)))
    assert item is None
    assert {f.part for f in findings} == {"options"}


def test_a_nought_is_a_setting_like_any_other() -> None:
    sent = MultiDict({"id": "own", "text.zh": "几？", "decimals": "0", "warn_above": "0"})
    block = form.block_of(sent, "number", ("zh",))
    assert (block["decimals"], block["warn_above"]) == (0, 0)
