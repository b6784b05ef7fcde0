"""A county beside its peers, and one wave beside another, on the worked examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fieldkit.core.change import comparable
from fieldkit.core.instrument import Questionnaire, Section
from fieldkit.core.item import Item
from fieldkit.core.text import Text
from fieldkit.stats.compare import against_peers, between_waves
from fieldkit.stats.estimate import Estimate, median, share

VECTORS = json.loads((Path(__file__).resolve().parent.parent / "cases" / "test_vectors.json").read_text("utf-8"))


def mean(value: float, se: float) -> Estimate:
    """A mean with its standard error."""
    return Estimate("a", "mean", 30, value, se)


@pytest.mark.parametrize("case", VECTORS["peer"])
def test_a_mean_beside_its_peers_has_difference_interval_and_class_of_the_examples(case: dict) -> None:  # type: ignore[type-arg]
    got = against_peers(mean(case["county"], case["se"]), [mean(*p) for p in case["peers"]])
    assert got is not None
    assert got.counties == 3
    assert got.value == pytest.approx(case["M"])
    assert got.diff == pytest.approx(case["d"])
    assert (got.diff_lo, got.diff_hi) == pytest.approx((case["lo"], case["hi"]))
    assert got.wording == case["cls"]


def test_a_lower_mean_is_lower() -> None:
    got = against_peers(mean(40, 2.0), [mean(60, 2.5), mean(58, 3.0), mean(62, 2.0)])
    assert got is not None
    assert got.wording == "lower"
    assert got.diff == pytest.approx(-20)


def test_two_peers_are_no_reference() -> None:
    assert against_peers(mean(60, 2), [mean(60, 2), mean(61, 2)]) is None


def test_medians_differ_only_where_their_intervals_do_not_overlap() -> None:
    peers = [median(range(10, 22)) for _ in range(3)]
    for shift, wanted in (
        (0, "no_clear_difference"),
        (3, "no_clear_difference"),
        (30, "median_higher"),
        (-30, "median_lower"),
    ):
        got = against_peers(median([x + shift for x in range(10, 22)]), peers)
        assert got is not None
        assert got.wording == wanted
        assert got.diff is None
        assert got.value == 15.5, "the reference is the median of the peers' answers pooled"


def test_shares_are_compared_in_percentage_points() -> None:
    peers = [share([1] * k + [0] * (100 - k)) for k in (50, 52, 48)]
    got = against_peers(share([1] * 80 + [0] * 20), peers)
    assert got is not None
    assert got.value == pytest.approx(50)
    assert got.diff == pytest.approx(30)
    assert got.wording == "higher"


@pytest.mark.parametrize("case", VECTORS["wave"])
def test_change_between_waves_has_the_values_of_the_examples(case: dict) -> None:  # type: ignore[type-arg]
    got = between_waves(mean(case["m1"], case["se1"]), mean(case["m2"], case["se2"]), comparable=True)
    assert (got.diff, got.lo, got.hi) == pytest.approx((case["d"], case["lo"], case["hi"]))
    assert got.wording == case["cls"]


def test_waves_with_other_questions_have_no_difference_at_all() -> None:
    got = between_waves(mean(60, 1), mean(80, 1), comparable=False)
    assert (got.wording, got.diff, got.lo) == ("not_comparable", None, None)


def test_whether_waves_can_be_compared_follows_from_the_versions_that_were_fielded() -> None:
    wording = {version: Text(zh=words) for version, words in (("1.0.0", "整理台帐"), ("1.0.1", "整理台账"))}
    first, later = (
        Questionnaire("q", v, Text(zh="问卷"), (Section("p", Text(zh="页"), (Item("hours", t, "count"),)),), {})
        for v, t in wording.items()
    )
    for said, wanted in (({}, "not_comparable"), ({"hours": True}, "rose"), ({"hours": False}, "not_comparable")):
        verdict = comparable("hours", first, later, identity=said)
        assert between_waves(mean(60, 1), mean(80, 1), comparable=verdict).wording == wanted, said


def test_medians_of_two_waves_are_compared_by_overlap() -> None:
    first, later = median(range(12)), median(range(40, 52))
    assert between_waves(first, later, comparable=True).wording == "rose"
    assert between_waves(later, first, comparable=True).wording == "fell"
    assert between_waves(first, first, comparable=True).wording == "no_clear_change"
