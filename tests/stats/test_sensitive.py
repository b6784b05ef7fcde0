"""Shares of what nobody has to admit: the same numbers as R, and none for few people."""

import json
import random
from pathlib import Path

import pytest

from fieldkit.core.answer import Answer
from fieldkit.core.item import Option, Randomised
from fieldkit.core.response import Response
from fieldkit.core.text import Text
from fieldkit.stats.sensitive import LEAST, list_experiment, pooled_sensitive, randomised_response
from tests.samples import TODAY, item, questionnaire

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


ASKED = questionnaire(LISTED, blurred("warner", 0.7))


def wave_of(counties, each, seed=7):
    chance = random.Random(seed)
    rows = []
    for county in counties:
        for _ in range(each):
            arm = chance.randrange(2)
            answers = {"listed": Answer([arm, chance.randrange(2 + arm)]), "forced": Answer(chance.randrange(2))}
            rows.append(Response(f"{len(rows):032x}", "w", county, ASKED.id, ASKED.version, "zh", TODAY, 600, answers))
    return rows


def test_the_pooled_lines_are_rounded_and_say_how_many_answered():
    lines = {line.item: line for line in pooled_sensitive(ASKED, wave_of(("330523", "330522", "330521"), 120))}
    listed, warner = lines["listed"], lines["forced"]
    assert (listed.status, listed.n, warner.n) == ("ok", 360, 360)
    assert listed.n_long is not None
    assert 100 <= listed.n_long <= 260
    assert warner.n_long is None
    for line in (listed, warner):
        assert line.percent == int(line.percent)
        assert line.low <= max(0, line.percent)
        assert line.high >= min(100, line.percent)
        assert line.standard_error == round(line.standard_error, 1)


def test_two_counties_give_no_pooled_line_however_many_answered():
    for line in pooled_sensitive(ASKED, wave_of(("330523", "330522"), 300), counties_min=1):
        assert (line.status, line.percent, line.n, line.standard_error) == ("suppressed_n", None, None, None)


def test_too_few_answers_give_a_line_that_says_so():
    lines = pooled_sensitive(ASKED, wave_of(("330523", "330522", "330521"), 30))
    assert {line.status for line in lines} == {"suppressed_n"}
    assert {line.n_min for line in lines} == {100}


def test_a_questionnaire_without_protected_questions_has_no_lines():
    assert pooled_sensitive(questionnaire(item("level", "single", 1, 2)), []) == ()
