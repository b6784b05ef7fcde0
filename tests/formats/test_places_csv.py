"""The table of places is complete, its parents are right, and mistakes in it are named."""

from __future__ import annotations

from collections import Counter

import pytest

from fieldkit.core.problem import Problem
from fieldkit.formats.places_csv import load_places
from fieldkit.settings import resource

PLACES = load_places(resource("instruments") / "places.csv")


# Counts of county-level units as provinces publish them; 广东 has 122 and two cities without counties.
@pytest.mark.parametrize(
    ("province", "counties"),
    [
        *[("110000", 16), ("120000", 16), ("130000", 167), ("310000", 16), ("320000", 95), ("330000", 90)],
        *[("370000", 136), ("410000", 157), ("440000", 124), ("500000", 38), ("510000", 183), ("530000", 129)],
    ],
)
def test_well_known_provinces_have_the_number_of_counties_they_should(province, counties):
    found = Counter(PLACES.province_of(place).code for place in PLACES.counties())
    assert found[province] == counties


def test_the_whole_table_has_all_provinces_and_about_2850_counties():
    kinds = Counter(place.kind for place in PLACES.values())
    assert kinds == {"province": 31, "prefecture": 330, "county": 2850, "zone": 129}
    assert len(PLACES.counties(zones=True)) == 2850 + 129


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("330523", "浙江省湖州市安吉县"),
        ("110101", "北京市东城区"),
        ("500229", "重庆市城口县"),
        ("419001", "河南省济源市"),
        ("659001", "新疆维吾尔自治区石河子市"),
        ("441900", "广东省东莞市"),
        ("442000", "广东省中山市"),
        ("460400", "海南省儋州市"),
        ("620201", "甘肃省嘉峪关市"),
        ("460302", "海南省三沙市西沙区"),
    ],
)
def test_a_place_is_called_by_its_full_name(code, name):
    place = PLACES.find(code)
    assert place.kind == "county"
    assert PLACES.full_name(place) == name


def test_every_place_lies_in_one_above_it_with_the_same_leading_digits():
    above = {"prefecture": {"province"}, "county": {"province", "prefecture"}, "zone": {"prefecture", "province"}}
    for place in PLACES.values():
        if place.kind == "province":
            assert place.parent == ""
        else:
            parent = PLACES[place.parent]
            assert parent.kind in above[place.kind], place
            assert place.code.startswith(parent.code.rstrip("0")[:4]), place


def test_development_zones_are_listed_but_are_not_counties():
    zone = PLACES["130171"]
    assert zone.kind == "zone"
    assert zone not in PLACES.counties()
    assert zone in PLACES.counties(zones=True)


def test_codes_keep_their_six_digits_and_the_edition_is_known():
    assert all(len(code) == 6 for code in PLACES)
    assert PLACES.as_of == "2023-06-30"
    assert PLACES.source


def test_an_unknown_code_is_a_problem_that_names_it():
    with pytest.raises(Problem) as caught:
        PLACES.find("999999")
    assert (caught.value.code, caught.value.facts["place"]) == ("place.unknown", "999999")


HEAD = "code,name,kind,parent,source,as_of\n110000,北京市,province,,x,2023-06-30\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,name\n", ":1: the columns must be"),
        (HEAD + "1101,东城区,county,110000,x,2023-06-30\n", ":3: 1101"),
        (HEAD + "110101,东城区,district,110000,x,2023-06-30\n", "district"),
        (HEAD + "110101,东城区,county,110000\n", ":3:"),
        (HEAD + "110101,东城区,county,120000,x,y\n", "its parent 120000 is not in the table"),
        (HEAD + "110000,北京市,province,,x,2023-06-30\n", "stands twice"),
    ],
)
def test_a_broken_table_is_refused_with_the_line(tmp_path, text, message):
    path = tmp_path / "places.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=message):
        load_places(path)
