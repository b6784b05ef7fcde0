"""Estimates against the worked examples of the domain, against R, and against what must hold for any data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.stats import cluster, estimate, reliability, weights

HERE = Path(__file__).resolve().parent.parent
VECTORS = json.loads((HERE / "cases" / "test_vectors.json").read_text("utf-8"))
R = json.loads((HERE / "reference" / "estimates.json").read_text("utf-8"))

scores = st.lists(st.sampled_from([x * 12.5 for x in range(9)]), min_size=1, max_size=60)
counts = st.lists(st.integers(0, 99), min_size=1, max_size=60)


def near(value: float | None, wanted: float, tolerance: float = 1e-9) -> bool:
    """Equal but for the last digits."""
    return value is not None and abs(value - wanted) <= tolerance


def test_the_mean_of_the_worked_example_has_its_interval() -> None:
    case = VECTORS["mean_ci"]
    got = estimate.mean(case["x"], low=0, high=100)
    assert near(got.value, case["mean"])
    assert near(got.sd, case["sd"])
    assert near(got.se, case["se"])
    assert near(got.lo, case["lo"], 1e-6)
    assert near(got.hi, case["hi"], 1e-6)


def test_the_interval_of_a_score_never_leaves_its_range() -> None:
    case = VECTORS["mean_ci_clip"]
    got = estimate.mean(case["x"], low=0, high=100)
    assert near(got.lo, case["lo"], 1e-6)
    assert got.hi == case["hi"] == 100


@pytest.mark.parametrize("name", ["median_ci", "median_ci2"])
def test_the_median_of_the_worked_examples_has_its_order_statistic_interval(name: str) -> None:
    case = VECTORS[name]
    got = estimate.median(case["x"])
    assert (got.value, got.q1, got.q3, got.lo, got.hi) == (
        case["median"],
        case["q1"],
        case["q3"],
        case["lo"],
        case["hi"],
    )
    assert estimate.median_rank(len(case["x"])) == case["i"]


def test_five_values_are_too_few_for_the_interval_of_a_median() -> None:
    assert estimate.median([1, 2, 3, 4, 5]).lo is None
    assert estimate.median([1, 2, 3, 4, 5, 6]).lo == 1


@pytest.mark.parametrize("case", VECTORS["wilson"])
def test_the_wilson_interval_of_the_worked_examples(case: dict[str, float]) -> None:
    k, n = int(case["k"]), int(case["n"])
    got = estimate.share([1] * k + [0] * (n - k))
    assert near(got.value, 100 * case["p"])
    assert near(got.lo, 100 * case["lo"])
    assert near(got.hi, 100 * case["hi"])


def test_a_rate_is_the_ratio_of_the_sums_and_not_the_mean_of_the_ratios() -> None:
    case = VECTORS["ratio"]
    got = estimate.ratio(case["y"], case["x"])
    assert near(got.value, 100 * case["R"])
    assert near(got.se, 100 * case["se"])
    assert near(got.lo, 100 * case["lo"], 1e-6)
    assert near(got.hi, 100 * case["hi"], 1e-6)


def test_a_respondent_without_denominator_does_not_enter_a_rate() -> None:
    got = estimate.ratio([2, 0, np.nan, 1], [6, 0, 3, 4])
    assert (got.n, got.total) == (2, 10)
    assert near(got.value, 30.0)


@pytest.mark.parametrize(
    ("v", "wanted"), [(9, 2.2619), (11, 2.2009), (19, 2.0930), (29, 2.0452), (59, 2.0010), (99, 1.9842)]
)
def test_t_quantiles_have_the_check_values_of_the_domain(v: int, wanted: float) -> None:
    assert round(estimate.t_quantile(v), 4) == wanted


def test_alpha_has_the_value_of_the_worked_example_and_is_printed_from_thirty_cases_on() -> None:
    case = VECTORS["alpha"]
    assert near(reliability.alpha(case["rows"]), case["alpha"])
    assert reliability.printable_alpha(case["rows"]) is None
    assert near(reliability.printable_alpha(case["rows"] * 4), reliability.alpha(case["rows"] * 4) or 0)
    assert reliability.printable_alpha([*case["rows"] * 3, *[[1, 2, np.nan]] * 20]) is None


def test_r_agrees_on_means_and_their_intervals() -> None:
    for case in R["means"]:
        got = estimate.mean(case["x"])
        assert near(got.value, case["mean"], 1e-9)
        assert near(got.sd, case["sd"], 1e-9)
        assert near(got.lo, case["lo"], 0.0004 * case["sd"])
        assert near(got.hi, case["hi"], 0.0004 * case["sd"])


def test_r_agrees_on_medians_quartiles_and_their_interval() -> None:
    for case in R["medians"]:
        got = estimate.median(case["x"])
        for name in ("q1", "q3", "lo", "hi"):
            assert near(getattr(got, name), case[name], 1e-9), name
        assert near(got.value, case["median"], 1e-9)


def test_r_agrees_on_which_sorted_values_bound_the_median() -> None:
    assert [estimate.median_rank(case["n"]) for case in R["ranks"]] == [case["i"] for case in R["ranks"]]


def test_r_agrees_on_wilson_intervals() -> None:
    for case in R["shares"]:
        lo, hi = estimate.wilson(case["k"], case["n"])
        assert near(lo, case["lo"], 1e-9)
        assert near(hi, case["hi"], 1e-9)


def test_r_agrees_on_t_quantiles_within_what_the_formula_promises() -> None:
    for case in R["t_quantiles"]:
        assert near(estimate.t_quantile(case["v"]), case["t"], 0.0004)


def test_r_agrees_on_ratios() -> None:
    for case in R["ratios"]:
        got = estimate.ratio(case["y"], case["x"])
        assert near(got.value, case["ratio"], 1e-9)
        assert near(got.se, case["se"], 1e-9)
        assert near(got.lo, case["lo"], 0.0004 * case["se"])
        assert near(got.hi, case["hi"], 0.0004 * case["se"])


def test_r_agrees_on_alpha() -> None:
    for case in R["alphas"]:
        rows = np.array(case["rows"]).reshape(-1, case["k"])
        assert near(reliability.alpha(rows), case["alpha"], 1e-9)


@given(scores, st.randoms())
def test_the_order_of_respondents_changes_nothing(values: list[float], chance) -> None:  # type: ignore[no-untyped-def]
    mixed = values.copy()
    chance.shuffle(mixed)
    for statistic in (lambda x: estimate.mean(x, low=0, high=100), estimate.median):
        one, other = statistic(values), statistic(mixed)
        for name in ("n", "value", "lo", "hi", "q1", "q3"):
            assert getattr(one, name) == pytest.approx(getattr(other, name)), name


@given(scores, st.integers(1, 20))
def test_missing_answers_change_no_mean_and_no_median(values: list[float], missing: int) -> None:
    with_missing = [*values, *[np.nan] * missing]
    assert estimate.mean(values).value == pytest.approx(estimate.mean(with_missing).value)
    assert estimate.median(values).value == estimate.median(with_missing).value
    assert estimate.mean(with_missing).n == len(values)


@given(scores)
def test_a_mean_and_its_interval_lie_in_the_range_of_the_score(values: list[float]) -> None:
    got = estimate.mean(values, low=0, high=100)
    assert got.value is not None
    assert 0 <= got.value <= 100
    if len(values) > 1:
        assert got.lo is not None
        assert got.hi is not None
        assert 0 <= got.lo <= got.value + 1e-9
        assert got.value - 1e-9 <= got.hi <= 100


@given(counts)
def test_quartiles_and_interval_enclose_the_median(values: list[int]) -> None:
    got = estimate.median(values)
    assert got.q1 is not None
    assert got.q3 is not None
    assert got.value is not None
    assert min(values) <= got.q1 <= got.value <= got.q3 <= max(values)
    if got.lo is not None and got.hi is not None:
        assert got.lo <= got.value <= got.hi
    assert [got.q1, got.value, got.q3] == pytest.approx(list(np.quantile(values, [0.25, 0.5, 0.75])))


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_wilson_interval_encloses_the_share(kn: tuple[int, int]) -> None:
    k, n = kn
    lo, hi = estimate.wilson(k, n)
    assert 0 <= lo <= k / n + 1e-12
    assert k / n - 1e-12 <= hi <= 1


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=40).flatmap(
        lambda xs: st.tuples(st.just(xs), st.tuples(*[st.integers(0, x) for x in xs]))
    )
)
def test_a_ratio_lies_between_0_and_100_percent(pair: tuple[list[int], tuple[int, ...]]) -> None:
    x, y = pair
    got = estimate.ratio(y, x)
    assert got.value is not None
    assert 0 <= got.value <= 100
    assert got.lo is not None
    assert got.hi is not None
    assert 0 <= got.lo <= got.hi <= 100


SOURCED = [
    *(estimate.t_quantile, estimate.mean, estimate.median_rank, estimate.median, estimate.wilson, estimate.ratio),
    *(cluster.mean, cluster.ratio, reliability.alpha, reliability.omega_of, reliability.item_rest_of),
    *(reliability.one_factor, reliability.ends, weights.rake, weights.weighted, weights.Raked.design_effect.fget),
]


@pytest.mark.parametrize("one", SOURCED, ids=lambda one: f"{one.__module__.rpartition('.')[2]}.{one.__name__}")
def test_every_estimate_says_from_which_publication_it_is(one) -> None:  # type: ignore[no-untyped-def]
    assert re.search(r"Sources?: .+(\(\d{4}\)|see `)", one.__doc__ or "", re.S)
