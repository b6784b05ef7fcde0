"""How many answered so far, rounded so that nobody can watch single people answer."""

from __future__ import annotations

FEWEST = 10  # below it a number of people is not shown
STEP = 5  # numbers of people are shown in steps of five, so that one more answer cannot be seen


def rounded(count: int) -> int | None:
    """A number of people as it may be shown: in steps of five, None below ten.

    >>> rounded(9), rounded(10), rounded(13), rounded(12)
    (None, 10, 15, 10)
    """
    return None if count < FEWEST else (count + STEP // 2) // STEP * STEP
