"""The small chart of answers per day: where each bar stands, for a template that only draws."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

LEFT, RIGHT, TOP, BASE = 26.0, 324.0, 14.0, 104.0
ROUND = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000)


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: where its bar stands, and whether it is a day of rest."""

    day: datetime.date
    count: int
    x: float
    y: float
    width: float
    height: float
    rest: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """All bars, the lines across with their numbers, and the days named below."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[float, int], ...]
    named: tuple[tuple[float, str, datetime.date], ...]

    @property
    def most(self) -> Bar:
        """The day with most answers."""
        return max(self.bars, key=lambda bar: bar.count)


def bars(days: Sequence[tuple[datetime.date, int]]) -> Chart | None:
    """The chart of these days in order; None when there is no day.

    >>> bars([(datetime.date(2026, 11, 3), 75)]).lines
    ((104.0, 0), (59.0, 50), (14.0, 100))
    """
    if not days:
        return None
    most = max(count for _, count in days)
    top = next((number for number in ROUND if number >= most), most)
    room = (RIGHT - LEFT) / len(days)
    width = min(room * 0.76, 24.0)
    found = []
    for n, (day, count) in enumerate(days):
        height = (BASE - TOP) * count / top
        x, y = LEFT + n * room + (room - width) / 2, BASE - height
        found.append(Bar(day, count, round(x, 1), round(y, 1), round(width, 1), round(height, 1), day.weekday() > 4))
    lines = tuple((round(BASE - (BASE - TOP) * part / 2, 1), top * part // 2) for part in range(3))
    first, last = found[0], found[-1]
    named: list[tuple[float, str, datetime.date]] = [(LEFT, "", first.day)]
    if len(found) > 10:
        middle = found[len(found) // 2]
        named.append((round(middle.x + width / 2, 1), "mid", middle.day))
    if len(found) > 1:
        named.append((RIGHT, "up", last.day))
    return Chart(tuple(found), lines, tuple(named))
