"""When and where answers are taken."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from fieldkit.core.problem import Problem
from tests.samples import ANJI, TODAY, wave

DAY = datetime.timedelta(days=1)
OPEN = replace(wave(), state="open")


@pytest.mark.parametrize("today", [OPEN.opens_on, TODAY, OPEN.closes_on])
def test_answers_are_taken_from_the_first_day_to_the_last(today: datetime.date) -> None:
    OPEN.takes_answers(ANJI, today)


@pytest.mark.parametrize(
    ("fieldwork", "county", "today", "code"),
    [
        (OPEN, ANJI, OPEN.opens_on - DAY, "wave.not_open"),
        (OPEN, ANJI, OPEN.closes_on + DAY, "wave.closed"),
        (OPEN, "110101", TODAY, "wave.county_outside"),
        (replace(OPEN, state="draft"), ANJI, TODAY, "wave.not_open"),
        (replace(OPEN, state="closed"), ANJI, TODAY, "wave.closed_early"),
        (replace(OPEN, state="closed"), ANJI, OPEN.closes_on + DAY, "wave.closed"),
    ],
)
def test_otherwise_it_is_said_why_not(fieldwork: object, county: str, today: datetime.date, code: str) -> None:
    with pytest.raises(Problem) as raised:
        fieldwork.takes_answers(county, today)  # type: ignore[attr-defined]
    assert raised.value.code == code


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "Wave 1"},
        {"state": "paused"},
        {"n_min": 9},
        {"n_min_sensitive": 19},
        {"withdraw_until": OPEN.closes_on - DAY},
        {"keep_until": OPEN.withdraw_until - DAY},
        {"closes_on": OPEN.opens_on - DAY},
    ],
)
def test_a_wave_that_breaks_its_promises_cannot_be_written_down(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(OPEN, **wrong)  # type: ignore[arg-type]


def test_only_trials_of_a_draft_have_ids_that_begin_with_test() -> None:
    for trouble in ({"id": "test-1"}, {"id": "w", "test": True}):
        with pytest.raises(ValueError, match="trials of a draft"):
            wave(**trouble)
