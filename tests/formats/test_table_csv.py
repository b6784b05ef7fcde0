"""The county's aggregate CSV: the columns a spreadsheet gets, and nothing that the report hides."""

from __future__ import annotations

import csv
import io

import pytest

from fieldkit.formats.table_csv import COLUMNS, county_csv
from fieldkit.stats.disclose import STATUSES, Disclosed, Part, Peer
from tests.render.sample_report import sample


def rows(report=None):
    text = county_csv(report or sample()).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def only(number):
    (row,) = rows(sample(results=(number,)))
    return row


def test_a_spreadsheet_program_reads_it_as_utf8():
    assert county_csv(sample()).startswith(b"\xef\xbb\xbfcounty_code,wave,form_version,indicator_id,")


def test_the_columns_stand_in_the_order_of_the_report_rules():
    header = county_csv(sample()).decode("utf-8-sig").split("\r\n")[0].split(",")
    assert header == list(COLUMNS)
    assert header[:17] == [
        "county_code",
        "wave",
        "form_version",
        "indicator_id",
        "statistic",
        "value",
        "lo",
        "hi",
        "q1",
        "q3",
        "n_valid",
        "status",
        "peer_value",
        "diff",
        "diff_lo",
        "diff_hi",
        "wording_class",
    ]
    assert "bound" in header


def test_every_row_says_which_county_wave_and_version_and_that_data_are_simulated():
    for row in rows():
        assert (row["county_code"], row["wave"], row["form_version"]) == ("330523", "2", "1.0.0")
        assert "模拟数据" in row["data_note"]
    assert all(row["data_note"] == "" for row in rows(sample(simulated="")))


def test_a_mean_has_one_decimal_and_its_comparison():
    number = Disclosed(
        "i", "mean", "ok", 63.2501, 58.349, 68.15, n=44, sd=3.3, peer=Peer(57.25, 1, 2, 5, 6.0001, 0.7, 11.5, "higher")
    )
    row = only(number)
    assert (row["value"], row["lo"], row["hi"], row["n_valid"]) == ("63.3", "58.3", "68.2", "44")
    assert (row["peer_value"], row["diff"], row["wording_class"]) == ("57.3", "6.0", "higher")


def test_a_share_is_whole_percent():
    row = only(Disclosed("i", "share", "ok", 42.857142, 29.5, 56.2, n=41))
    assert (row["value"], row["lo"], row["hi"]) == ("43", "30", "56")


def test_a_median_has_its_quartiles_and_no_single_answers_as_interval():
    row = only(Disclosed("i", "median", "ok", 9.5, lo=8.0, hi=11.0, q1=8.0, q3=12.25, n=44))
    assert (row["value"], row["q1"], row["q3"]) == ("9.5", "8.0", "12.3")
    assert row["lo"] == row["hi"] == ""


def test_no_digit_more_than_printed_reaches_the_file():
    for row in rows():
        for column in ("value", "lo", "hi", "q1", "q3", "peer_value", "diff", "diff_lo", "diff_hi"):
            whole, _, decimals = row[column].partition(".")
            assert len(decimals) == (1 if row["statistic"] in ("mean", "median") and whole else 0)


@pytest.mark.parametrize("status", [s for s in STATUSES if s != "ok"])
def test_a_number_that_may_not_be_shown_is_empty_whatever_it_holds(status):
    peer = Peer(50.0, None, None, 5, 1.0, 0.5, 1.5, "higher")
    row = only(
        Disclosed("i", "mean", status, 50.0, 40.0, 60.0, 45.0, 55.0, 3.0, 7, parts=(Part((1,), 50.0),), peer=peer)
    )
    assert row["status"] == status
    for column in ("value", "lo", "hi", "q1", "q3", "peer_value", "diff", "diff_lo", "diff_hi", "wording_class"):
        assert row[column] == ""
    assert row["n_valid"] == ("7" if status.startswith("masked") else "")


def test_a_masked_share_has_only_its_bound():
    row = only(Disclosed("i", "share", "masked_extreme", bound=">93", n=43))
    assert (row["value"], row["bound"], row["n_valid"]) == ("", ">93", "43")


def test_a_distribution_takes_one_row_for_each_printed_step():
    parts = (Part((1,), 20.4), Part((2, 3), 79.6, merged=True))
    found = rows(sample(results=(Disclosed("al_role", "categories", "ok", n=44, parts=parts),)))
    assert [(r["codes"], r["value"], r["statistic"]) for r in found] == [
        ("1", "20", "categories"),
        ("2+3", "80", "categories"),
    ]


def test_a_masked_option_has_its_bound_and_no_value():
    parts = (Part((1,), 20.0), Part((2,), 8.0, bound="<8"))
    found = rows(sample(results=(Disclosed("o", "options", "ok", n=44, parts=parts),)))
    assert [(r["value"], r["bound"], r["status"]) for r in found] == [("20", "", "ok"), ("", "<8", "masked_extreme")]


@pytest.mark.parametrize(
    ("value", "text"), [(2.25, "2.3"), (-2.25, "-2.3"), (0.05, "0.1"), (-0.04, "0.0"), (float("nan"), "")]
)
def test_numbers_are_rounded_half_up_on_their_decimal_form(value, text):
    assert only(Disclosed("i", "mean", "ok", value, n=44))["value"] == text


def test_levels_of_a_split_are_told_apart():
    assert [r["group"] for r in rows() if r["indicator_id"] == "perceived_burden"] == ["", "upper"]
