"""Those who come together are written together, and nobody is told before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest

from fieldkit.core.problem import Problem
from fieldkit.services.group_commit import GroupCommit


class Disk:
    """Something slow to write to: it waits until it is let go, and remembers its groups."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def write(self, things: Sequence[int]) -> list[str | Exception]:
        self.groups.append(list(things))
        self.begun.release()
        assert self.go.acquire(timeout=120)
        return [f"wrote {thing}" if thing >= 0 else ValueError(thing) for thing in things]


def at_once(calls: Sequence[Callable[[], object]]) -> tuple[list[threading.Thread], list[object]]:
    """Start every call in a thread of its own, one after the other; what they give, in order."""
    results: list[object] = [None] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        try:
            results[place] = call()
        except Exception as failure:
            results[place] = failure

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    return threads, results


def finish(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(12_000):
        if holds():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to that")


def test_those_who_come_during_a_write_are_written_together() -> None:
    disk = Disk()
    door: GroupCommit[int, str] = GroupCommit(disk.write)
    first, one = at_once([lambda: door.hand_in(0)])
    assert disk.begun.acquire(timeout=120)
    others, many = at_once([lambda n=n: door.hand_in(n) for n in range(1, 9)])  # type: ignore[misc]
    wait_until(lambda: len(door._queue) == 8)
    assert one == [None], "told before it was written"
    disk.go.release()
    finish(first)
    assert disk.begun.acquire(timeout=120)
    assert many == [None] * 8
    disk.go.release()
    finish(others)
    assert one + many == [f"wrote {n}" for n in range(9)]
    assert [len(group) for group in disk.groups] == [1, 8]


def test_a_group_has_a_greatest_size() -> None:
    disk = Disk()
    door: GroupCommit[int, str] = GroupCommit(disk.write, together=3)
    threads, results = at_once([lambda: door.hand_in(0)])
    assert disk.begun.acquire(timeout=120)
    more, rest = at_once([lambda n=n: door.hand_in(n) for n in range(1, 8)])  # type: ignore[misc]
    wait_until(lambda: len(door._queue) == 7)
    disk.go.release(10)
    finish(threads + more)
    assert [len(group) for group in disk.groups] == [1, 3, 3, 1]
    assert sorted(results + rest, key=str) == [f"wrote {n}" for n in range(8)]


def test_one_that_cannot_be_written_fails_alone() -> None:
    disk = Disk()
    door: GroupCommit[int, str] = GroupCommit(disk.write)
    first, _ = at_once([lambda: door.hand_in(0)])
    assert disk.begun.acquire(timeout=120)
    threads, results = at_once([lambda n=n: door.hand_in(n) for n in (1, -2, 3)])  # type: ignore[misc]
    wait_until(lambda: len(door._queue) == 3)
    disk.go.release(2)
    finish(first + threads)
    assert (results[0], results[2]) == ("wrote 1", "wrote 3")
    assert isinstance(results[1], ValueError)


def test_when_the_write_fails_everybody_hears_it_and_the_next_group_is_tried() -> None:
    broken = [True]

    def write(things: Sequence[int]) -> list[str | Exception]:
        if broken[0]:
            raise OSError("disk full")
        return ["wrote" for _ in things]

    door: GroupCommit[int, str] = GroupCommit(write)
    with pytest.raises(OSError, match="disk full"):
        door.hand_in(1)
    broken[0] = False
    assert door.hand_in(2) == "wrote"


def test_when_too_many_wait_more_are_turned_away_at_once() -> None:
    disk = Disk()
    door: GroupCommit[int, str] = GroupCommit(disk.write, waiting=2)
    threads, results = at_once([lambda: door.hand_in(0)])
    assert disk.begun.acquire(timeout=120)
    more, rest = at_once([lambda n=n: door.hand_in(n) for n in (1, 2)])  # type: ignore[misc]
    wait_until(lambda: len(door._queue) == 2)
    with pytest.raises(Problem) as raised:
        door.hand_in(3)
    assert raised.value.code == "store.unavailable"
    disk.go.release(5)
    finish(threads + more)
    assert sorted(results + rest, key=str) == ["wrote 0", "wrote 1", "wrote 2"]


def test_closing_waits_for_what_was_handed_in_and_takes_no_more() -> None:
    disk = Disk()
    door: GroupCommit[int, str] = GroupCommit(disk.write)
    threads, results = at_once([lambda: door.hand_in(0)])
    assert disk.begun.acquire(timeout=120)
    more, rest = at_once([lambda: door.hand_in(1)])
    wait_until(lambda: len(door._queue) == 1)
    closing, _ = at_once([door.close])
    wait_until(lambda: door._closed)
    assert closing[0].is_alive()
    disk.go.release(5)
    finish(closing)
    finish(threads + more)
    assert results + rest == ["wrote 0", "wrote 1"]
    with pytest.raises(Problem):
        door.hand_in(2)
