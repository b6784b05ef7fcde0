"""What may be printed and what not, at every threshold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.core.instrument import Indicator
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.stats import estimate
from fieldkit.stats.disclose import (
    Base,
    Disclosed,
    Part,
    Thresholds,
    coarse_shares,
    disclose,
    gate,
    guard,
    merge_named,
    merge_ordered,
    share_bound,
    split,
    without_base,
)


def indicator(name: str = "a", how: str = "mean", *, sensitive: bool = False, n_min: int = 10) -> Indicator:
    """An indicator with nothing special about it."""
    return Indicator(
        name, Text(zh=name), "scale", how, ("i1",), 0, 100, sensitive=sensitive, n_min=20 if sensitive else n_min
    )


def mean_of(n: int, *, sensitive: bool = False, values: list[float] | None = None) -> Disclosed:
    """What is printed of n different scores."""
    return disclose(
        estimate.mean(values or [10.0 + 60 * i / n for i in range(n)], low=0, high=100), indicator(sensitive=sensitive)
    )


@pytest.mark.parametrize(
    ("n", "status"), [(0, "suppressed_n"), (9, "suppressed_n"), (10, "ok"), (19, "ok"), (20, "ok")]
)
def test_a_score_needs_ten_people(n: int, status: str) -> None:
    got = mean_of(n)
    assert got.status == status
    assert (got.value is None) == (got.n is None) == (status != "ok")


@pytest.mark.parametrize(("n", "status"), [(9, "suppressed_n"), (10, "suppressed_n"), (19, "suppressed_n"), (20, "ok")])
def test_a_sensitive_score_needs_twenty_people(n: int, status: str) -> None:
    got = mean_of(n, sensitive=True)
    assert got.status == status
    assert got.n_min == 20


def test_thresholds_can_be_raised_but_never_lowered() -> None:
    scores = estimate.mean(range(12))
    assert disclose(scores, indicator(), Thresholds(n_min=15)).status == "suppressed_n"
    assert disclose(scores, indicator(n_min=5)).n_min == 10
    with pytest.raises(ValueError, match="never lowered"):
        Thresholds(n_min=9)
    with pytest.raises(ValueError, match="never lowered"):
        Thresholds(n_min_sensitive=19)


def test_a_county_below_ten_answers_or_below_thirty_invited_gets_no_report() -> None:
    gate(10, None)
    gate(10, 30)
    for n, invited in ((9, None), (9, 100), (10, 29)):
        with pytest.raises(Problem) as caught:
            gate(n, invited, county="330523", name="安吉县")
        assert caught.value.code == "report.suppressed"
        assert caught.value.facts == {"county": "安吉县", "n_min": 10}


@pytest.mark.parametrize(
    ("k", "n", "bound"),
    [
        (1, 40, "<8"),
        (39, 40, ">92"),
        (0, 12, "<25"),
        (12, 12, ">75"),
        (2, 30, "<10"),
        (3, 30, ""),
        (27, 30, ""),
        (28, 30, ">90"),
    ],
)
def test_shares_within_three_people_of_nobody_or_everybody_are_only_bounded(k: int, n: int, bound: str) -> None:
    got = disclose(estimate.share([1] * k + [0] * (n - k)), indicator(how="share"))
    assert got.bound == bound
    assert got.status == ("masked_extreme" if bound else "ok")
    assert (got.value is None) == (got.lo is None) == bool(bound)


def test_the_same_score_from_everybody_is_not_printed() -> None:
    got = mean_of(12, values=[75.0] * 12)
    assert (got.status, got.value, got.lo, got.sd) == ("suppressed_unanimous", None, None, None)
    medians = disclose(estimate.median([4] * 15), indicator(how="median"))
    assert (medians.status, medians.value, medians.q1) == ("suppressed_unanimous", None, None)


def test_one_different_score_is_enough_to_print_the_mean() -> None:
    assert mean_of(12, values=[75.0] * 11 + [50.0]).shown


def test_too_few_comes_before_unanimous() -> None:
    assert mean_of(9, values=[75.0] * 9).status == "suppressed_n"


@pytest.mark.parametrize(("low", "bound"), [(3.0, "<5"), (97.0, ">95"), (50.0, "")])
def test_sensitive_means_near_the_ends_are_only_bounded(low: float, bound: str) -> None:
    values = [low + (i % 2) for i in range(24)]
    assert mean_of(24, sensitive=True, values=values).bound == bound
    assert mean_of(24, values=values).bound == ""


def test_a_sensitive_scale_that_many_refused_is_not_printed() -> None:
    from dataclasses import replace

    scores = estimate.mean([10.0 + i for i in range(30)], low=0, high=100)
    assert disclose(replace(scores, refused=0.2), indicator(sensitive=True)).status == "ok"
    assert disclose(replace(scores, refused=0.21), indicator(sensitive=True)).status == "suppressed_refused"
    assert disclose(replace(scores, refused=0.5), indicator()).status == "ok"


def test_a_ratio_needs_ten_people_and_ten_in_its_denominator() -> None:
    assert disclose(estimate.ratio([0, 1] * 5, [1] * 10), indicator(how="ratio")).shown
    assert disclose(estimate.ratio([0, 1] * 4, [5] * 8), indicator(how="ratio")).status == "suppressed_n"
    few = estimate.ratio([0.2, 0.5] * 5, [0.9] * 10)
    assert disclose(few, indicator(how="ratio")).status == "suppressed_n"


def test_small_steps_of_a_scale_join_the_smaller_neighbour() -> None:
    def codes(counts: dict[int, int]) -> list[tuple[int, ...]]:
        return [s.codes for s in merge_ordered(counts)]

    assert codes({1: 0, 2: 3, 3: 5, 4: 9, 5: 4}) == [(1, 2), (3,), (4,), (5,)]
    assert codes({1: 9, 2: 1, 3: 4, 4: 9, 5: 4}) == [(1,), (2, 3), (4,), (5,)]
    assert codes({1: 5, 2: 1, 3: 5, 4: 9, 5: 4}) == [(1,), (2, 3), (4,), (5,)], "of two equal ones the upper"
    assert codes({1: 12, 2: 0, 3: 0, 4: 0, 5: 0}) == [(1, 2, 3, 4, 5)]


def test_classes_that_too_few_chose_are_one_other_of_at_least_three_people() -> None:
    def other(counts: dict[int, int], **more: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
        [step] = [s for s in merge_named(counts, **more) if s.other]
        return step.codes, step.k

    assert other({1: 20, 2: 2, 3: 1, 4: 9}) == ((2, 3), 3)
    assert other({1: 20, 2: 1, 3: 0, 4: 9}) == ((2, 3, 4), 10), "one person alone would be known"
    assert other({1: 20, 2: 0, 3: 7, 4: 9}) == ((2, 3), 7), "nobody is a fact about everybody"
    assert other({0: 4, 1: 20, 2: 1, 3: 9}, apart=(0,)) == ((2, 3), 10)
    assert other({1: 20, 2: 1, 98: 5}, other=(98,)) == ((2, 98), 6)
    assert not [s for s in merge_named({1: 20, 2: 3}) if s.other]


def test_a_distribution_in_which_all_agree_is_not_printed() -> None:
    for ordered in (True, False):
        got = disclose(estimate.categories([5] * 12, (1, 2, 3, 4, 5)), indicator(how="categories"), ordered=ordered)
        assert (got.status, got.parts) == ("masked_extreme", ())


@given(st.lists(st.integers(0, 30), min_size=2, max_size=9), st.booleans())
def test_no_printed_step_ever_holds_one_or_two_people(counts: list[int], ordered: bool) -> None:
    given_counts = dict(enumerate(counts))
    steps = merge_ordered(given_counts) if ordered else merge_named(given_counts)
    assert sum(s.k for s in steps) == sum(counts)
    assert sorted(c for s in steps for c in s.codes) == list(given_counts)
    if len(steps) > 1:
        assert all(s.k >= 3 for s in steps)


@given(st.integers(10, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_printed_share_always_counts_three_people_on_both_sides(kn: tuple[int, int]) -> None:
    k, n = kn
    got = disclose(estimate.share([1] * k + [0] * (n - k)), indicator(how="share"))
    assert got.shown == (k >= 3 and n - k >= 3)
    if got.bound:
        edge = float(got.bound[1:])
        assert (100 * k / n < edge) if got.bound[0] == "<" else (100 * k / n > edge)


def test_levels_are_printed_together_or_not_at_all() -> None:
    whole, upper, lower = mean_of(24), mean_of(12), mean_of(12)
    assert split(whole, upper, lower)
    assert split(whole, upper, mean_of(9)) is None
    assert split(whole, mean_of(12, values=[50.0] * 12), lower) is None, "the other level follows from the whole"
    assert split(mean_of(24, values=[50.0] * 24), upper, lower) is None
    assert split(without_base(whole), upper, lower) is None


SHARE = Disclosed("member", "share", "ok", 70.0, 60.0, 80.0, n=40)
MASKED = Disclosed("member", "share", "masked_extreme", n=40, bound=">92")
ROLES = Disclosed(
    "role", "categories", "ok", n=38, parts=(Part((1,), 21.05, k=8), Part((2,), 34.2, k=13), Part((3,), 44.7, k=17))
)


def test_a_follow_up_prints_no_n_where_the_share_of_those_asked_is_masked() -> None:
    bases = {"role": (Base("member"),)}
    assert guard({"member": SHARE, "role": ROLES}, bases)["role"] == ROLES
    bare = guard({"member": MASKED, "role": ROLES}, bases)["role"]
    assert bare.n is None
    assert bare.coarse
    assert bare.shown
    assert [p.percent for p in bare.parts] == [20.0, 35.0, 45.0]
    assert all(p.k is None for p in bare.parts)


@pytest.mark.parametrize(("analysed", "printed"), [(10, False), (11, False), (12, True), (40, True)])
def test_a_follow_up_is_not_printed_where_its_hidden_base_is_known_all_the_same(analysed: int, printed: bool) -> None:
    """With 10 or 11 analysed responses a part that may be printed has exactly 10; with 12 it has 10 or 11."""
    bases = {"role": (Base("member"),), "lead": (Base("member"),), "few": (Base("member"),)}
    numbers = {
        "member": replace(MASKED, n=analysed),
        "role": replace(ROLES, n=10),
        "lead": Disclosed("lead", "mean", "ok", 50.0, 40.0, 60.0, n=10, sd=5.0),
        "few": Disclosed("few", "mean", "suppressed_n"),
        "all": Disclosed("all", "mean", "ok", 50.0, n=analysed),
    }
    found = guard(numbers, bases, n_analysed=analysed)
    assert found["role"].shown == found["lead"].shown == printed
    assert found["all"] == numbers["all"]
    assert found["few"] == numbers["few"]
    if not printed:
        assert found["role"] == Disclosed("role", "categories", "suppressed_complement")
        assert (found["lead"].status, found["lead"].value, found["lead"].n) == ("suppressed_complement", None, None)


def test_the_room_that_a_hidden_base_needs_grows_with_its_threshold() -> None:
    sensitive = Disclosed("x", "mean", "ok", 50.0, n=20, n_min=20)
    for analysed, printed in ((21, False), (22, True)):
        found = guard({"member": MASKED, "x": sensitive}, {"x": (Base("member"),)}, n_analysed=analysed)
        assert found["x"].shown == printed


def test_what_rests_on_a_hidden_base_hides_its_own() -> None:
    bases = {"role": (Base("member"),), "lead": (Base("role", frozenset({1})),)}
    lead = Disclosed("lead", "mean", "ok", 50.0, 40.0, 60.0, n=12, sd=5.0)
    found = guard({"member": MASKED, "role": ROLES, "lead": lead}, bases)
    assert found["lead"].n is None
    assert found["lead"].sd is None
    assert found["lead"].value == 50.0


def test_a_merged_step_hides_the_base_only_when_it_holds_people_in_and_out_of_it() -> None:
    tasks = Disclosed(
        "task",
        "categories",
        "ok",
        n=40,
        parts=(Part((1,), 50.0, k=20), Part((2, 3), 37.5, True, True, 15), Part((0,), 12.5, k=5)),
    )
    status = Disclosed("status", "mean", "ok", 50.0, n=35)
    bases = {"status": (Base("task", frozenset({1, 2, 3})),)}
    assert guard({"task": tasks, "status": status}, bases)["status"].n == 35
    straddling = Disclosed(
        "task", "categories", "ok", n=40, parts=(Part((1,), 50.0, k=20), Part((0, 2, 3), 50.0, True, True, 20))
    )
    assert guard({"task": straddling, "status": status}, bases)["status"].n is None


def test_a_share_without_its_base_loses_its_interval_and_its_exact_value() -> None:
    bare = without_base(Disclosed("x", "share", "ok", 37.2, 24.0, 52.0, n=43))
    assert (bare.value, bare.lo, bare.hi, bare.n) == (35.0, None, None, None)
    assert without_base(Disclosed("x", "share", "masked_extreme", n=43, bound=">93")).bound == ">90"
    assert without_base(Disclosed("x", "share", "masked_extreme", n=43, bound="<7")).bound == "<10"


@given(st.lists(st.integers(3, 60), min_size=2, max_size=8))
def test_coarse_shares_still_sum_to_a_hundred(counts: list[int]) -> None:
    got = coarse_shares([100 * k / sum(counts) for k in counts])
    assert sum(got) == 100
    assert all(p >= 5 and p % 5 == 0 for p in got)


def test_exact_bounds_of_shares() -> None:
    assert [share_bound(k, 10) for k in range(11)] == ["<30"] * 3 + [""] * 5 + [">70"] * 3
