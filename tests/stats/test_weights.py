"""Raking and weighted estimates against R's survey package, and what weights may never give away."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldkit.core.roster import Cell, Margin, Roster
from fieldkit.stats import cluster
from fieldkit.stats.disclose import Thresholds
from fieldkit.stats.frame import frame
from fieldkit.stats.indicators import compute
from fieldkit.stats.weights import CAP, pool, rake, weighted, weighted_results
from tests.stats.people import people, questionnaire

R = json.loads((Path(__file__).resolve().parent.parent / "reference" / "annex.json").read_text("utf-8"))


@pytest.mark.parametrize("case", R["rakes"], ids=lambda c: f"n={len(c['y'])}")
def test_r_agrees_on_raking_design_effect_and_weighted_estimates(case: dict) -> None:  # type: ignore[type-arg]
    cells = [np.array(case[name], dtype=np.int64) - 1 for name in ("a", "b")]
    raked = rake(cells, [np.array(case["pa"], float), np.array(case["pb"], float)])
    assert raked.converged
    assert raked.weights == pytest.approx(case["w"], abs=1e-4)
    assert raked.design_effect == pytest.approx(case["deff"], abs=1e-4)
    assert raked.effective_n == pytest.approx(case["n_eff"], abs=1e-2)
    w = np.array(case["w"])
    y, k, x, z = (np.array(case[name], float) for name in ("y", "k", "x", "z"))
    for got, value, se, times in (
        (weighted(y, w), case["mean"], case["mean_se"], 1),
        (weighted(k, w), case["share"], case["share_se"], 100),
        (weighted(z, w, x=x), case["ratio"], case["ratio_se"], 100),
    ):
        assert got is not None
        assert times * got.value == pytest.approx(value, abs=1e-8)
        assert got.se is not None
        assert times * got.se == pytest.approx(se, abs=1e-8)


def test_one_margin_gives_each_cell_its_share_of_the_people() -> None:
    at = np.array([0] * 30 + [1] * 10)
    raked = rake([at], [np.array([100.0, 300.0])])
    assert raked.weights[at == 1].sum() / raked.weights.sum() == pytest.approx(0.75)
    assert raked.converged
    assert raked.trimmed == 0


def test_a_weight_is_never_larger_than_five_times_the_mean_and_the_rest_error_is_told() -> None:
    at = np.array([0] * 98 + [1] * 2)
    raked = rake([at], [np.array([50.0, 50.0])])
    assert raked.weights.max() == pytest.approx(CAP)
    assert raked.weights.mean() == pytest.approx(1)
    assert not raked.converged
    assert raked.off == pytest.approx(0.4)
    assert raked.trimmed == 2


def test_people_whom_nobody_stands_for_are_counted_and_unknown_cells_keep_their_weight() -> None:
    raked = rake([np.array([0, 0, 1, 1, -1])], [np.array([10.0, 30.0, 20.0])])
    assert raked.empty == 1
    assert raked.weights[4] == pytest.approx(1)
    assert raked.weights[2] / raked.weights[0] == pytest.approx(3)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=12, max_size=80),
    st.lists(st.integers(1, 500), min_size=5, max_size=5),
)
def test_weights_are_positive_with_mean_one_and_widen_never_narrow(people_, counts) -> None:  # type: ignore[no-untyped-def]
    cells = [np.array([p[m] for p in people_]) for m in (0, 1)]
    raked = rake(cells, [np.array(counts[:3], float), np.array(counts[3:], float)])
    assert (raked.weights > 0).all()
    assert raked.weights.max() <= CAP * (1 + 1e-6)
    assert raked.design_effect >= 1 - 1e-9
    assert raked.effective_n <= len(people_) + 1e-6
    y = np.array([float(a) for a, _ in people_])
    got = weighted(y, raked.weights, low=0, high=2)
    assert got is not None
    assert -1e-9 <= got.value <= 2 + 1e-9


def by_county(**n: int):  # type: ignore[no-untyped-def]
    asked = questionnaire("short")
    found = {}
    for seed, (name, count) in enumerate(n.items(), 1):
        rows = [
            replace(
                r, county=name[1:], answers={**r.answers, "core_level": type(r.answers["core_level"])(1 + i % 2 * 2)}
            )
            for i, r in enumerate(people(count, seed=seed, missing=0))
        ]
        found[name[1:]] = frame(rows, asked)
    return found


LEVELS = (("1", "2"), ("3", "4"))


def roster(*counties: str) -> Roster:
    cells = tuple(Cell(((c,), level), 100 * (1 + at)) for c in counties for at, level in enumerate(LEVELS))
    return Roster((Margin(("county", "core_level"), cells),))


def test_weighted_numbers_stand_beside_unweighted_ones_with_their_design_effect() -> None:
    frames = by_county(c330523=60, c330122=50, c330182=50)
    found = weighted_results(frames, roster(*frames), questionnaire("short").indicators)
    assert found.status == "ok"
    assert found.converged
    assert found.design_effect is not None
    assert found.effective_n is not None
    assert found.design_effect > 1
    assert found.effective_n < (found.n or 0)
    row = next(r for r in found.rows if r.indicator == "perceived_burden")
    assert row.plain.shown
    assert row.weighted.shown
    assert row.weighted.value != row.plain.value
    assert (row.weighted.lo or 0) < (row.weighted.value or 0) < (row.weighted.hi or 0)
    assert all(r.plain.statistic in ("mean", "share", "ratio") for r in found.rows)


def test_a_small_group_with_a_weight_of_its_own_lets_nothing_out() -> None:
    frames = by_county(c330523=60, c330122=50, c330182=18)
    found = weighted_results(frames, roster(*frames), questionnaire("short").indicators)
    assert found.status == "cells_few"
    assert found.rows == ()
    assert found.design_effect is None
    assert found.n is None


def test_from_five_counties_on_the_county_is_a_cluster_of_both_intervals() -> None:
    codes = ("c330523", "c330122", "c330182", "c330521", "c330522")
    frames = by_county(**dict.fromkeys(codes, 40))
    asked = questionnaire("short")
    found = weighted_results(frames, roster(*frames), asked.indicators)
    assert found.clustered
    assert not weighted_results(
        {c: frames[c] for c in list(frames)[:4]}, roster(*list(frames)[:4]), asked.indicators
    ).clustered
    row = next(r for r in found.rows if r.indicator == "perceived_burden")
    scale = next(i for i in asked.indicators if i.id == "perceived_burden")
    whole, counties = pool(frames)
    wanted = cluster.mean(compute(whole, [scale]).columns[scale.id].numbers, counties, low=0, high=100)
    assert row.plain.lo == pytest.approx(wanted.lo, abs=0.051)
    assert row.plain.hi == pytest.approx(wanted.hi, abs=0.051)


def test_a_number_rests_only_on_the_counties_that_print_it_exactly() -> None:
    frames = by_county(c330523=60, c330122=50, c330182=50, c330521=50)
    asked = questionnaire("short")
    member = next(i for i in asked.indicators if i.id == "alliance_participation")
    alike = frames["330521"]
    alike.numbers["al_member"][:] = 1  # everybody: that county's share is masked
    found = weighted_results(frames, roster(*frames), asked.indicators)
    rows = {r.indicator: r for r in found.rows}
    assert (rows[member.id].counties, rows["perceived_burden"].counties) == (3, 4)
    three = weighted_results({c: frames[c] for c in ("330523", "330122", "330182")}, roster(*frames), [member])
    assert rows[member.id].plain == three.rows[0].plain


def test_two_counties_are_too_few() -> None:
    frames = by_county(c330523=60, c330122=50)
    assert weighted_results(frames, roster(*frames), questionnaire("short").indicators).status == "counties_few"


def test_what_is_not_printed_without_weights_is_not_printed_with_them() -> None:
    frames = by_county(c330523=44, c330122=44, c330182=44)
    raised = Thresholds(n_min=20, n_min_sensitive=60)
    found = weighted_results(frames, roster(*frames), questionnaire("short").indicators, raised)
    for row in found.rows:
        if not row.plain.shown:
            assert row.weighted.value is None
            assert row.weighted.status == row.plain.status
