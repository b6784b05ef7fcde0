"""How many answered so far, rounded so that nobody can watch single people answer."""

from __future__ import annotations

FEWEST = 10  # below it a number of people is not shown
PERCENT_STEPS = (1, 5, 20)
STEP = 5  # numbers of people are shown in steps of five, so that one more answer cannot be seen


def rounded(count: int) -> int | None:
    """A number of people as it may be shown: in steps of five, None below ten.

    >>> rounded(9), rounded(10), rounded(13), rounded(12)
    (None, 10, 15, 10)
    """
    return None if count < FEWEST else (count + STEP // 2) // STEP * STEP


def percent_step(base: int) -> int:
    """The step in which percentages of so many people are shown: the smallest that is at least two people.

    >>> percent_step(199), percent_step(200), percent_step(39)
    (5, 1, 20)
    """
    return next((step for step in PERCENT_STEPS if step * base >= 200), PERCENT_STEPS[-1])
