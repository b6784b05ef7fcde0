"""Every cell of a wide table is one number or one text, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.core.wide import wide
from tests.formats.small_dataset import VARIABLES, WORDS, dataset, item


def cells(count: int = 4) -> list[dict[str, tuple[object, str]]]:
    found = dataset(count)
    flat = wide(found.tables[0], found.reasons)
    names = [v.name for v in flat.variables]
    return [dict(zip(names, zip(*row, strict=True), strict=True)) for row in flat.rows()]


def test_a_multiple_choice_has_a_column_for_every_option():
    first, second, third, none = cells()
    assert [first[f"ways_{code}"] for code in (1, 2, 98)] == [(1, ""), (0, ""), (1, "")]
    assert [second[f"ways_{code}"][0] for code in (1, 2, 98)] == [0, 1, 0]
    assert [third[f"ways_{code}"][0] for code in (1, 2, 98)] == [0, 0, 0]
    assert [none[f"ways_{code}"] for code in (1, 2, 98)] == [(None, "not_shown")] * 3


def test_a_ranking_has_a_column_for_every_place_and_a_list_experiment_one_for_arm_and_count():
    first = cells()[0]
    assert (first["ranks_r1"], first["ranks_r2"]) == ((98, ""), (1, ""))
    assert (first["list_arm"], first["list_n"]) == ((1, ""), (3, ""))


def test_a_place_has_a_column_for_each_of_its_numbers():
    first, second, third, none = cells()
    assert [first[f"spot_{end}"][0] for end in ("lat", "lon", "alt", "acc")] == [30.6382, 119.6828, 12, 5]
    assert [second[f"spot_{end}"] for end in ("lat", "alt")] == [(-89.5, ""), (None, "")]
    assert (third["spot_alt"][0], none["spot_lon"]) == (-3, (None, "not_shown"))
    coarse = replace(dataset(1).tables[0], variables=(item("spot", "point", "在哪里", decimals=2),))
    assert [v.name for v in wide(coarse, dataset(1).reasons).variables] == ["spot_lat", "spot_lon"]


def test_a_text_or_a_day_keeps_its_reason_in_a_column_with_words():
    first, _, _, none = cells()
    assert (first["words"], first["words__miss"]) == (("甲", ""), (None, ""))
    assert none["words__miss"] == none["day__miss"] == none["hour__miss"] == (1, "")
    assert (first["day"], none["day"]) == (("2024-02-29", ""), (None, ""))
    found = dataset()
    why = next(v for v in wide(found.tables[0], found.reasons).variables if v.name == "words__miss")
    assert [text.say() for _, text in why.options] == list(WORDS.values())


def test_names_stay_apart_where_another_question_is_called_like_an_option():
    found = dataset(1)
    both = (VARIABLES[7], item("ways_1", "whole", "别的题"))
    table = replace(found.tables[0], variables=both, rows=lambda: iter([([[1], 5], ["", ""])]))
    flat = wide(table, found.reasons)
    assert [v.name for v in flat.variables] == ["ways_1x", "ways_2", "ways_98", "ways_1"]
    assert next(iter(flat.rows()))[0] == [1, 0, 0, 5]
