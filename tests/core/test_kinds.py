"""Kinds of answers beyond the codebook's: what may be sent, what is computed, and how rows are checked."""

from __future__ import annotations

import pytest

from fieldkit.core.answer import NOT_SHOWN, SKIPPED, Answer
from fieldkit.core.flow import repeats_of, written
from fieldkit.core.item import Option, companion, with_companions
from fieldkit.core.order import shuffled
from fieldkit.core.problem import Problem
from fieldkit.core.response import checker
from fieldkit.core.text import Text
from tests.samples import item, questionnaire
from tests.tiny import library, tiny

CHECK = checker(tiny("repeats", library()))
ITEMS = {
    "rank": item("rank", "rank", 1, 2, 3),
    "first": item("first", "rank", 1, 2, 3, most=1),
    "clock": item("clock", "time"),
    "tick": item("tick", "acknowledge"),
    "slider": item("slider", "slider", low=1, high=10, step=0.5),
    "fives": item("fives", "integer", low=0, high=100, step=5),
    "listed": item(
        "listed", "list_experiment", options=(Option(1, Text(zh="甲")), Option(2, Text(zh="乙"), sensitive=True))
    ),
    "told": item("told", "note"),
    "spot": item("spot", "geopoint"),
    "exact": item("exact", "geopoint", decimals=5),
    "photo": item("photo", "image"),
    "voice": item("voice", "audio"),
}


def answer(name, value):
    return checker(questionnaire(ITEMS[name])).check({"core_consent": 1, name: value}).get(name)


def wrong(name, value):
    with pytest.raises(Problem) as raised:
        answer(name, value)
    (found,) = raised.value.findings
    return found.code


@pytest.mark.parametrize(
    ("name", "sent", "stored"),
    [
        ("rank", [3, 1, 2], [3, 1, 2]),
        ("rank", ["3", "１", "2"], [3, 1, 2]),
        ("first", "2", [2]),
        ("clock", "8:05", "08:05"),
        ("clock", "２３：５９", "23:59"),
        ("clock", "08:05:30", "08:05"),
        ("tick", True, 1),
        ("tick", "1", 1),
        ("slider", "2.5", 2.5),
        ("slider", 10, 10),
        ("fives", 35, 35),
        ("listed", [1, 2], [1, 2]),
        ("listed", [0, 0], [0, 0]),
        ("spot", "30.638219 119.682841", "30.64 119.68"),
        ("spot", "30.638219 119.682841 12.5 4", "30.64 119.68"),
        ("spot", "-0.001 ０", "0 0"),
        ("exact", "30.638219 119.682841 12.5 3.6", "30.63822 119.68284 13 4"),
        ("exact", "30.638219 119.682841", "30.63822 119.68284"),
        ("photo", "0" * 64 + ".jpg", "0" * 64 + ".jpg"),
        ("voice", "a" * 64 + ".webm", "a" * 64 + ".webm"),
    ],
)
def test_an_answer_of_a_seldom_kind_is_stored(name, sent, stored):
    assert answer(name, sent) == Answer(stored)


@pytest.mark.parametrize(
    ("name", "sent"), [("rank", []), ("rank", ""), ("clock", " "), ("tick", ""), ("tick", False), ("slider", "")]
)
def test_an_empty_one_is_skipped(name, sent):
    assert answer(name, sent) == SKIPPED


@pytest.mark.parametrize(
    ("name", "sent", "code"),
    [
        ("spot", "30.6", "answer.wrong_point"),
        ("spot", "91 119", "answer.wrong_point"),
        ("spot", "30 181", "answer.wrong_point"),
        ("spot", "30 119 1 -5", "answer.wrong_point"),
        ("spot", "1e1 119", "answer.wrong_point"),
        ("spot", "nan inf", "answer.wrong_point"),
        ("spot", "30 119 1 2 3", "answer.wrong_point"),
        ("spot", [30, 119], "answer.wrong_type"),
        ("photo", "../../secret.jpg", "answer.wrong_file"),
        ("photo", "0" * 64 + ".html", "answer.wrong_file"),
        ("photo", "0" * 64 + ".webm", "answer.wrong_file"),
        ("photo", "0" * 63 + ".jpg", "answer.wrong_file"),
        ("photo", 7, "answer.wrong_file"),
        ("rank", [1, 1, 2], "answer.twice"),
        ("rank", [1, 2], "answer.too_few_ranked"),
        ("first", [1, 2], "answer.too_many"),
        ("rank", [1, 2, 7], "answer.unknown_option"),
        ("rank", 3, "answer.wrong_type"),
        ("rank", [[1], 2, 3], "answer.unknown_option"),
        ("clock", "24:00", "answer.wrong_type"),
        ("clock", "0830", "answer.wrong_type"),
        ("tick", 2, "answer.unknown_option"),
        ("tick", [1], "answer.unknown_option"),
        ("slider", 2.3, "answer.too_precise"),
        ("slider", 0.5, "answer.out_of_range"),
        ("fives", 33, "answer.too_precise"),
        ("fives", 2.5, "answer.not_whole"),
        ("listed", [0, 2], "answer.out_of_range"),
        ("listed", [1, 3], "answer.out_of_range"),
        ("listed", [2, 1], "answer.unknown_option"),
        ("listed", [True, 1], "answer.wrong_type"),
        ("listed", 1, "answer.wrong_type"),
    ],
)
def test_what_cannot_be_an_answer_is_refused(name, sent, code):
    assert wrong(name, sent) == code


def test_a_note_has_no_answer_even_if_one_is_sent():
    assert answer("told", "x") is None


def test_a_calculated_value_is_the_servers_whatever_the_phone_says():
    asked = questionnaire(
        item("num", "count"),
        item("twice", "calculate", calculation="${num} * 2"),
        item("more", "count", relevance="${twice} > 5"),
        item("way", "hidden", default="qr"),
    )
    found = checker(asked).check({"core_consent": 1, "num": 3, "twice": 99, "more": 1, "way": "mail"})
    assert (found["twice"].value, found["more"].value, found["way"].value) == (6, 1, "qr")
    found = checker(asked).check({"core_consent": 1, "num": 2, "twice": 99, "more": 1})
    assert (found["twice"].value, found["more"]) == (4, NOT_SHOWN)
    assert checker(asked).check({"core_consent": 1})["twice"] == SKIPPED


def test_an_option_that_the_earlier_answer_rules_out_is_refused():
    cities = tuple(Option(c, Text(zh=f"市{c}"), facts=(("province", str(c // 100)),)) for c in (3301, 3305, 4301))
    asked = questionnaire(
        item("prov", "single", 33, 43), item("city", options=cities, choice_filter="province = ${prov}")
    )
    assert checker(asked).check({"core_consent": 1, "prov": 33, "city": 3305})["city"].value == 3305
    for sent in ({"prov": 43, "city": 3305}, {"city": 3305}):
        with pytest.raises(Problem) as raised:
            checker(asked).check({"core_consent": 1, **sent})
        assert [(f.code, f.where) for f in raised.value.findings] == [("answer.unknown_option", "city")]


def test_other_is_followed_by_an_item_that_asks_what():
    way = item("way", options=(Option(1, Text(zh="走")), Option(98, Text(zh="其他"), other=Text(zh="请写明"))))
    follower = companion(way)
    assert [i.id for i in with_companions([way])] == ["way", "way_other"]
    assert [i.id for i in with_companions([way, follower])] == ["way", "way_other"]
    check = checker(questionnaire(*with_companions([way])))
    assert check.check({"core_consent": 1, "way": 98, "way_other": "骑马"})["way_other"].value == "骑马"
    assert check.check({"core_consent": 1, "way": 1, "way_other": "骑马"})["way_other"] == NOT_SHOWN


def test_a_drawn_order_has_every_place_once_and_depends_on_seed_and_name():
    seeds = [f"{n:032x}" for n in range(200)]
    orders = {tuple(shuffled(seed, "q", 4)) for seed in seeds}
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
    assert len(orders) == 24
    assert shuffled(seeds[0], "q", 30) != shuffled(seeds[0], "r", 30)
    assert shuffled(seeds[0], "q", 30) == shuffled(seeds[0], "q", 30)


# ------------------------------------------------------------------------------------------------- repeats


def rows(**more):
    return {"core_consent": 1, "unit": 3, **more}


def test_rows_are_checked_and_calculated_each_by_itself_and_added_up_outside():
    found = CHECK.check(
        rows(visits=[{"hours": "9", "long": "路远", "homes": [{"talked": 30}]}, {"hours": 2, "long": "x"}])
    )
    assert found["visits"].value == [
        {"hours": 9, "long": "路远", "number": 1, "homes": [{"talked": 30}]},
        {"hours": 2, "long": {"missing": "not_shown"}, "number": 2, "homes": {"missing": "skipped"}},
    ]
    assert found["all_hours"].value == 11
    assert found["tired"] == SKIPPED


def test_a_condition_after_the_rows_looks_at_all_of_them():
    assert CHECK.check(rows(visits=[{"hours": 2}], tired=1))["tired"] == NOT_SHOWN
    assert CHECK.check(rows(visits=[{"hours": 5}, {"hours": 4}], tired=1))["tired"] == Answer(1)


def test_what_is_wrong_in_a_row_is_found_there():
    with pytest.raises(Problem) as raised:
        CHECK.check(rows(visits=[{"hours": 1}, {"hours": 30}, {"hours": 1, "homes": [{"talked": 5}, {"talked": 90}]}]))
    found = {f.where: f.code for f in raised.value.findings}
    assert found == {"visits[2].hours": "answer.out_of_range", "visits[3].homes[2].talked": "answer.constraint"}


@pytest.mark.parametrize("sent", [[], None, [{}] * 4, [1], "x", {"hours": 1}])
def test_too_many_or_too_few_rows_or_none_at_all_are_refused(sent):
    with pytest.raises(Problem) as raised:
        CHECK.check(rows(visits=sent))
    (found,) = raised.value.findings
    assert (found.where, found.code) in {("visits", "answer.rows"), ("visits", "answer.wrong_type")}


def test_an_item_of_a_row_is_not_known_outside_it():
    with pytest.raises(Problem) as raised:
        CHECK.check(rows(visits=[{"hours": 1, "unit": 2}], hours=2))
    assert {f.where for f in raised.value.findings} == {"hours", "visits[1].unit"}


def test_each_repeat_knows_its_own_items():
    asked = tiny("repeats")
    assert repeats_of(asked) == {"visits": ("hours", "long", "number"), "homes": ("talked",)}
    assert written(asked) == {"long"}


def test_what_the_phone_drew_by_chance_is_not_drawn_again():
    asked = questionnaire(
        item("arm", "calculate", calculation="once(int(random() * 1000000) + 2)"),
        item("more", "count", relevance="${arm} = 1"),
    )
    found = checker(asked).check({"core_consent": 1, "arm": 1, "more": 4})
    assert (found["arm"].value, found["more"].value) == (1, 4)
    assert checker(asked).check({"core_consent": 1})["arm"].value >= 2
