"""Reliability and cluster-robust intervals against R (psych, sandwich, survey) and what must hold for any data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldkit.stats import cluster, estimate, reliability
from fieldkit.stats.reliability import Sums

R = json.loads((Path(__file__).resolve().parent.parent / "reference" / "annex.json").read_text("utf-8"))
tables = st.integers(3, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(1, 5), min_size=k, max_size=k), min_size=3, max_size=40)
)


@pytest.mark.parametrize("scale", R["scales"], ids=lambda s: f"{len(s['rows'][0])} items")
def test_r_agrees_on_alpha_omega_and_item_total(scale: dict) -> None:  # type: ignore[type-arg]
    assert reliability.alpha(scale["rows"]) == pytest.approx(scale["alpha"], abs=1e-9)
    assert reliability.item_rest(scale["rows"]) == pytest.approx(scale["item_rest"], abs=1e-9)
    assert reliability.omega(scale["rows"]) == pytest.approx(scale["omega"], abs=2e-4)


def test_counties_can_be_added_up_one_after_another() -> None:
    rows = R["scales"][2]["rows"]
    added = Sums.of(rows[:30]) + Sums.of(rows[30:55]) + Sums.of([*rows[55:], [1, 2, np.nan, 4, 5, 1]])
    assert added.n == len(rows)
    assert reliability.alpha_of(added) == pytest.approx(reliability.alpha(rows))
    assert reliability.omega_of(Sums.restored(added.kept())) == pytest.approx(reliability.omega(rows))


def test_without_variation_or_with_two_items_there_is_no_omega() -> None:
    assert reliability.omega([[3, 3, 3]] * 40) is None
    assert reliability.alpha([[3, 3, 3]] * 40) is None
    assert reliability.item_rest([[3, 3, 3]] * 40) == ()
    assert reliability.omega([[1, 2], [2, 1], [3, 4]] * 10) is None


def test_a_heywood_case_has_no_omega() -> None:
    improper = np.array([[1.0, 0.9, 0.9], [0.9, 1.0, 0.3], [0.9, 0.3, 1.0]])
    assert reliability.one_factor(improper) is None


@settings(deadline=None)
@given(tables)
def test_alpha_and_omega_never_exceed_one_and_do_not_depend_on_order(rows: list[list[int]]) -> None:
    for coefficient in (reliability.alpha, reliability.omega):
        found, turned = coefficient(rows), coefficient(rows[::-1])
        if found is not None:
            assert found <= 1 + 1e-9
        if found is not None and turned is not None:
            assert turned == pytest.approx(found, abs=1e-4)
    assert all(-1 - 1e-9 <= r <= 1 + 1e-9 for r in reliability.item_rest(rows))


@given(tables)
def test_an_incomplete_row_changes_no_reliability(rows: list[list[int]]) -> None:
    more = [*rows, [float("nan"), *rows[0][1:]]]
    assert reliability.alpha(more) == reliability.alpha(rows)


@pytest.mark.parametrize("case", R["clusters"], ids=lambda c: f"{len(set(c['id']))} clusters")
def test_r_agrees_on_the_interval_of_a_mean_with_clusters(case: dict) -> None:  # type: ignore[type-arg]
    got = cluster.mean(case["y"], case["id"])
    assert got.value == pytest.approx(case["mean"], abs=1e-9)
    assert got.se == pytest.approx(case["se"], abs=1e-9)
    near = 0.02 * case["se"] if len(set(case["id"])) < 10 else 0.0004 * case["se"]  # the t quantile is an expansion
    assert got.lo == pytest.approx(case["lo"], abs=near)
    assert got.hi == pytest.approx(case["hi"], abs=near)


@pytest.mark.parametrize("case", R["ratios"])
def test_r_agrees_on_a_ratio_with_clusters(case: dict) -> None:  # type: ignore[type-arg]
    got = cluster.ratio(case["y"], case["x"], case["id"])
    assert got.value == pytest.approx(case["ratio"], abs=1e-9)
    assert got.se == pytest.approx(case["se"], abs=1e-9)


def test_four_clusters_are_too_few_for_an_interval() -> None:
    got = cluster.mean([1.0, 2, 3, 4] * 5, [1, 2, 3, 4] * 5)
    assert got.value == 2.5
    assert (got.se, got.lo, got.hi) == (None, None, None)
    assert cluster.share([1.0, 0, 1, 0] * 5, [1, 2, 3, 4] * 5).lo is None


@given(st.lists(st.integers(0, 8), min_size=6, max_size=60))
def test_everyone_a_cluster_of_their_own_is_the_plain_interval(values: list[int]) -> None:
    scores = [12.5 * v for v in values]
    plain, robust = estimate.mean(scores, low=0, high=100), cluster.mean(scores, range(len(scores)), low=0, high=100)
    assert robust.value == plain.value
    assert robust.se == pytest.approx(plain.se, abs=1e-9)
    assert robust.lo == pytest.approx(plain.lo, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 6)), min_size=8, max_size=60), st.randoms())
def test_the_order_of_people_does_not_move_a_clustered_interval(people, chance) -> None:  # type: ignore[no-untyped-def]
    mixed = people.copy()
    chance.shuffle(mixed)
    one, other = (cluster.mean([12.5 * v for v, _ in p], [c for _, c in p]) for p in (people, mixed))
    assert (one.se is None) == (other.se is None)
    if one.se is not None:
        assert one.se == pytest.approx(other.se, abs=1e-9)


def test_clusters_that_are_alike_widen_the_interval() -> None:
    values = [20.0] * 10 + [40.0] * 10 + [50.0] * 10 + [60.0] * 10 + [80.0] * 10
    plain, robust = estimate.mean(values), cluster.mean(values, [i // 10 for i in range(50)])
    assert robust.se is not None
    assert plain.se is not None
    assert robust.se > 2.5 * plain.se


@given(st.lists(st.integers(0, 8), min_size=1, max_size=60))
def test_floor_and_ceiling_count_people_at_the_ends(values: list[int]) -> None:
    got = reliability.ends([12.5 * v for v in values])
    assert (got.n, got.floor, got.ceiling) == (len(values), values.count(0), values.count(8))
