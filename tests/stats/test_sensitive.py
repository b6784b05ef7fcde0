"""Shares of what nobody has to admit: the same numbers as R, and none for few people."""

import json
from pathlib import Path

import pytest

from fieldkit.core.item import Option, Randomised
from fieldkit.core.text import Text
from fieldkit.stats.sensitive import LEAST, list_experiment, randomised_response
from tests.samples import item

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "sensitive.json").read_text("utf-8"))
LISTED = item("listed", "list_experiment", options=(Option(1, Text(zh="甲")), Option(2, Text(zh="乙"), sensitive=True)))


def many(counts):
    return [value for value, times in counts.items() for _ in range(times)]


def blurred(design, truth, yes=0.0):
    return item("forced", "randomised_response", 1, 0, randomised=Randomised(design, truth, yes))


def check(found, name):
    assert found.share == pytest.approx(REFERENCE[name]["share"], abs=1e-10)
    assert found.standard_error == pytest.approx(REFERENCE[name]["standard_error"], rel=1e-9)


def test_a_list_experiment_is_the_difference_of_two_means_as_r_computes_it():
    short = many({0: 40, 1: 120, 2: 90, 3: 30})
    long = many({0: 25, 1: 90, 2: 95, 3: 50, 4: 20})
    found = list_experiment(LISTED, [[0, count] for count in short] + [[1, count] for count in long])
    check(found, "list")
    assert (found.n, found.n_long) == (560, 280)


def test_warners_design_is_undone_as_r_computes_it():
    check(randomised_response(blurred("warner", 0.7), many({1: 138, 0: 262})), "warner")


def test_forced_answers_are_undone_as_r_computes_it():
    check(randomised_response(blurred("forced", 2 / 3, 1 / 6), many({1: 171, 0: 329})), "forced")


def test_an_estimate_below_nothing_is_told_as_it_is_with_an_interval_that_begins_at_nothing():
    found = randomised_response(blurred("forced", 0.5, 0.4), many({1: 30, 0: 170}))
    assert found.share == pytest.approx(-0.5)
    assert (found.low, found.high) == (0, 0)


@pytest.mark.parametrize("arm", [0, 1])
def test_too_few_in_one_arm_give_no_estimate(arm):
    answers = [[arm, 1]] * (LEAST - 1) + [[1 - arm, 1]] * 500
    assert list_experiment(LISTED, answers) is None
    assert list_experiment(LISTED, [*answers, [arm, 1]]) is not None


def test_too_few_randomised_answers_give_no_estimate():
    assert randomised_response(blurred("warner", 0.7), [1] * (LEAST - 1)) is None


@pytest.mark.parametrize(("design", "truth", "yes"), [("warner", 0.5, 0), ("forced", 0.8, 0.3), ("dice", 0.7, 0)])
def test_a_design_that_cannot_be_undone_is_refused(design, truth, yes):
    with pytest.raises(ValueError):
        Randomised(design, truth, yes)
