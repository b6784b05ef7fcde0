"""A batch: the reports of all counties of one wave, made one after the other, to be handed out as one file.

What must exist stands as one line per county. Whoever works takes a line for a limited time; a line whose worker
fell silent is free again, so a batch goes on after a power cut, and any number of workers can share it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEASE_SECONDS = 120  # a worker that has not finished one report after this is taken for dead
TRIES = 3  # so often is a line taken; a report that kills its worker does not kill the batch
BATCH_STATES = ("running", "cancelled", "done")
PIECE_STATES = ("waiting", "working", "done", "held", "failed")
ENDED = ("done", "held", "failed")


@dataclass(frozen=True, slots=True)
class Batch:
    """One order for the reports of a wave, by whom and when."""

    id: str
    wave: str
    state: str
    asked_by: str
    asked_at: datetime.datetime
    dated: datetime.date  # the day that new editions carry


@dataclass(frozen=True, slots=True)
class Piece:
    """One county of a batch.

    'done' names the edition and its hash; 'held' means that this county may have no report (too few people), which
    is no failure; 'failed' says why in `problem` (a problem's code) and `facts`.
    """

    batch: str
    county: str
    position: int
    state: str
    tries: int = 0
    edition: int | None = None
    sha256: str = ""
    problem: str = ""
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is, county by county."""

    batch: Batch
    pieces: tuple[Piece, ...]

    def count(self, *states: str) -> int:
        """How many counties are in one of these states."""
        return sum(piece.state in states for piece in self.pieces)

    @property
    def ended(self) -> int:
        """How many counties need no more work."""
        return self.count(*ENDED)
