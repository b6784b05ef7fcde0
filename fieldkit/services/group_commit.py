"""One commit for everybody who waits: the first in line writes for all who have come meanwhile.

A commit costs a flush of the disk, whatever is in it, and SQLite takes one writer at a time. So whoever finds nobody
writing takes what is waiting, writes it in one transaction, tells the others, and lets the next in line do the same
with those who came during the flush. There is no thread of its own: nothing to start after a fork, nothing that can
die unnoticed.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from fieldkit.core.problem import Problem

Thing = TypeVar("Thing")
Outcome = TypeVar("Outcome")


class _Turn(Generic[Thing, Outcome]):
    """One who waits: what is to be written, and what became of it."""

    __slots__ = ("called", "done", "outcome", "problem", "thing")

    def __init__(self, thing: Thing) -> None:
        self.thing = thing
        self.done = False
        self.outcome: Outcome | None = None
        self.problem: BaseException | None = None
        self.called = threading.Lock()
        self.called.acquire()


class GroupCommit(Generic[Thing, Outcome]):
    """A queue in front of `write`, which takes some things and gives their outcomes, in order, after its commit.

    An outcome that is an exception is raised to the one whose thing it was. If `write` itself fails, everybody in
    that group gets the failure. At most `together` things go into one group; when `waiting` are in the queue, more
    are turned away with Problem `store.unavailable`, so that a stuck disk does not take the whole site with it.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Thing]], Sequence[Outcome | Exception]],
        *,
        together: int = 64,
        waiting: int = 512,
    ) -> None:
        self._write = write
        self._together = together
        self._waiting = waiting
        self._queue: deque[_Turn[Thing, Outcome]] = deque()
        self._guard = threading.Lock()
        self._idle = threading.Condition(self._guard)
        self._writing = False
        self._closed = False

    def hand_in(self, thing: Thing) -> Outcome:
        """Wait until this is committed, and give its outcome."""
        turn: _Turn[Thing, Outcome] = _Turn(thing)
        with self._guard:
            if self._closed or len(self._queue) >= self._waiting:
                raise Problem("store.unavailable")
            self._queue.append(turn)
            first, self._writing = not self._writing, True
        if not first:
            turn.called.acquire()
        if not turn.done:
            self._write_group()
        if turn.problem is not None:
            raise turn.problem
        return turn.outcome  # type: ignore[return-value]

    def _write_group(self) -> None:
        """Write for all who wait (the caller is the first of them), and call the next in line."""
        with self._guard:
            group = [self._queue.popleft() for _ in range(min(self._together, len(self._queue)))]
        try:
            for turn, outcome in zip(group, self._write([turn.thing for turn in group]), strict=True):
                if isinstance(outcome, Exception):
                    turn.problem = outcome
                else:
                    turn.outcome = outcome
        except BaseException as failure:
            for turn in group:
                turn.problem = failure
        with self._guard:
            if self._queue:
                self._queue[0].called.release()
            else:
                self._writing = False
                self._idle.notify_all()
        for turn in group:
            turn.done = True
            turn.called.release()

    def close(self) -> None:
        """Take nothing more, and return when everything that waits is written."""
        with self._guard:
            self._closed = True
            self._idle.wait_for(lambda: not self._writing)
