"""What an expression may look at: the answers, and with them the row, the clock and the labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

Answers: TypeAlias = Mapping[str, Any]  # item id -> int, float, str, codes, or None for blank
BEIJING_MINUTES = 480  # Asia/Shanghai; China has had no summer time since 1991


class Scope(dict[str, Any]):
    """The answers together with what else an expression may ask for: the row, the clock, the labels."""

    __slots__ = ("choice_names", "current", "now", "position", "random", "repeats", "zone")

    def __init__(
        self,
        answers: Answers,
        *,
        current: object = None,
        row: Answers | None = None,
        position: int = 1,
        repeats: Mapping[str, Sequence[Answers]] | None = None,
        now: datetime | None = None,
        zone: int = BEIJING_MINUTES,
        choice_names: Mapping[str, Mapping[str, str]] | None = None,
        random: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(answers)
        if row:
            self.update(row)
        self.current = current
        self.position = position
        self.repeats = repeats or {}
        self.now = now
        self.zone = zone
        self.choice_names = choice_names or {}
        self.random = random
