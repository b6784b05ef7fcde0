"""A roster file: what is read, and every way in which it can be wrong."""

from __future__ import annotations

import pytest

from fieldkit.core.problem import Problem
from fieldkit.core.roster import Roster
from fieldkit.formats.roster_csv import MOST_BYTES, blank_roster, read_roster, write_roster
from tests.stats.people import questionnaire

COUNTIES = ("330523", "330522")
GOOD = "county,core_level,count\n330523,1|2,120\n330523,3|4,300\n330522,1|2,0\n330522,3|4,200\n"


def read(text: str | bytes) -> Roster:
    return read_roster(text if isinstance(text, bytes) else text.encode(), COUNTIES, questionnaire("short"))


def refused(text: str | bytes) -> Problem:
    with pytest.raises(Problem) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_roster_of_counties_by_level_is_read_in_the_encodings_of_spreadsheets(encoding: str) -> None:
    found = read(GOOD.encode(encoding))
    assert (len(found.margins), found.cells, found.total) == (1, 4, 620)
    assert found.margins[0].by == ("county", "core_level")
    assert found.margins[0].place()[("330523", "4")] == 1


def test_full_width_digits_and_spaces_of_an_input_method_are_understood() -> None:
    assert read(GOOD.replace("120", "１２０ ")).total == 620


def test_rows_that_fill_other_columns_are_another_margin() -> None:
    found = read("county,core_level,count\n330523,,120\n330522,,80\n,1,20\n,2,30\n,3,100\n,4,50\n")
    assert [m.by for m in found.margins] == [("county",), ("core_level",)]


def test_what_was_read_can_be_written_and_read_again() -> None:
    found = read(GOOD)
    assert read(write_roster(found)) == found


def test_the_blank_roster_lacks_only_the_counts() -> None:
    blank = blank_roster(COUNTIES, questionnaire("short")).decode("utf-8-sig").replace(",\r\n", ",7\r\n")
    assert read(blank).cells == 8


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"\xff\xfe\x00\x00", "roster.unreadable"),
        ("", "roster.unreadable"),
        ("county,count\n", "roster.unreadable"),
        ('county,count\n"330523,1\n', "roster.unreadable"),
        ("county\n330523\n", "roster.columns"),
        ("county,people\n330523,3\n", "roster.columns"),
        ("county,county,count\n330523,330523,3\n", "roster.columns"),
        ("name,count\n张三,1\n", "roster.columns"),
        ("bur_af1,count\n3,1\n", "roster.columns"),
        ("county,count\n330523\n", "roster.columns"),
        ("county,count\n,5\n", "roster.columns"),
        (GOOD + "330100,1,5\n", "roster.county"),
        (GOOD + "330523,7,5\n", "roster.code"),
        (GOOD.replace("120", "-1"), "roster.number"),
        (GOOD.replace("120", "12.5"), "roster.number"),
        (GOOD.replace("120", ""), "roster.number"),
        (GOOD.replace("120", "99999999"), "roster.number"),
        (GOOD + "330523,2,5\n", "roster.twice"),
        ("county,count\n330523,0\n330522,0\n", "roster.zero"),
        ("county,count\n330523,5\n", "roster.missing"),
        (GOOD.replace("330522,3|4,200\n", ""), "roster.missing"),
        ("county,core_level,count\n330523,,120\n330522,,80\n,1|2,20\n,3|4,100\n", "roster.uneven"),
        (b"x" * (MOST_BYTES + 1), "roster.too_large"),
        ("county,count\n" + "330523,1\n" * 5001, "roster.too_large"),
    ],
)
def test_a_wrong_roster_is_refused_with_its_reason(text: str | bytes, code: str) -> None:
    assert refused(text).code == code


def test_a_reader_is_told_which_cell_is_missing_and_in_which_row_a_mistake_stands() -> None:
    missing = refused("county,count\n330523,5\n")
    assert missing.facts["cell"] == "county=330522"
    assert refused(GOOD.replace("120", "x")).facts["line"] == 2
