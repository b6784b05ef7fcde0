"""Numbers of a county that stay true until its answers change, kept in memory so that nobody computes them twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from sqlalchemy import Engine

from fieldkit.core.wave import Wave
from fieldkit.store import responses, review
from fieldkit.store.engine import Session

Number = TypeVar("Number")
State = tuple[int, int, int]


def states(session: Session, wave: Wave) -> dict[str, State]:
    """For each county of a wave, what changes whenever its answers do.

    How many there are, how many were taken back, and how many variants were dealt with, which may replace answers.
    """
    there = responses.count_by_county(session, wave.id)
    gone = responses.tally(session, wave.id, "withdrawn")
    settled = review.count_settled(session, wave.id)
    codes = [county.code for county in wave.counties]
    return {code: (there.get(code, 0), gone.get(code, 0), settled[code]) for code in codes}


def name_of(session: Session, wave: Wave) -> tuple[str, str, str]:
    """What tells this wave from every other, also from one of another database in the same process."""
    bind = session.get_bind()
    engine = bind if isinstance(bind, Engine) else bind.engine
    return str(engine.url), wave.id, wave.version


class Remembered(Generic[Number]):
    """The last `most` results by name, each with the state it was computed in.

    >>> seen = Remembered[str](most=2)
    >>> seen.get("a", 1, lambda: "first"), seen.get("a", 1, lambda: "again"), seen.get("a", 2, lambda: "changed")
    ('first', 'first', 'changed')
    """

    def __init__(self, most: int = 4096) -> None:
        self._kept: OrderedDict[Hashable, tuple[Hashable, Number]] = OrderedDict()
        self._guard = threading.Lock()
        self._most = most

    def get(self, name: Hashable, state: Hashable, make: Callable[[], Number]) -> Number:
        """The result under this name, made anew if there is none or the state is another."""
        with self._guard:
            known = self._kept.get(name)
        if known is None or known[0] != state:
            known = state, make()
            with self._guard:
                self._kept[name] = known
                self._kept.move_to_end(name)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return known[1]
