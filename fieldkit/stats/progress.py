"""How many answered so far, rounded so that nobody can watch single people answer."""

from __future__ import annotations

from dataclasses import dataclass

FEW = 10
STEP = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """The number of submitted responses of one county as it may be shown: about so many, or below ten."""

    few: bool
    about: int


def progress(n_submitted: int) -> Progress:
    """A count for the desk: below ten only that it is below ten, otherwise rounded to the nearest five.

    >>> progress(9), progress(10), progress(43)
    (Progress(few=True, about=0), Progress(few=False, about=10), Progress(few=False, about=45))
    """
    if n_submitted < FEW:
        return Progress(True, 0)
    return Progress(False, STEP * ((2 * n_submitted + STEP) // (2 * STEP)))
