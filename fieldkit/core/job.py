"""A job: one long piece of work for the research team that ends in one file to take home.

What must exist stands as a row, as for the reports of a wave (core.batch): whoever works takes the row for a limited
time and tells how far it is; a row whose worker fell silent is free again, so a job goes on after a power cut. The
file lies beside the database for a day and then goes.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = ("responses", "pooled", "overview", "technical", "weighted")
STATES = ("waiting", "working", "done", "failed", "cancelled", "gone")
LEASE_SECONDS = 60  # a worker that says nothing for so long is taken for dead
TRIES = 3  # so often is a job taken; one that kills its worker does not go on for ever
AT_ONCE = 2  # jobs worked on at the same time, all machines together
KEPT = datetime.timedelta(hours=24)  # how long a finished file waits to be taken home
SMALL_ROWS = 3_000  # responses that are read within about a second: no job, the file comes at once
SMALL_COUNTIES = 20  # counties whose reports are issued within a few seconds


@dataclass(frozen=True, slots=True)
class Job:
    """One order: what was asked for, by whom and when, and how far it is.

    `asked` holds the choices (waves, formats, encoding, language). `share` is 0 to 1. `file` is where the finished
    file lies, '' before; `kept_until` is when it goes. A failed job says why in `problem` (a problem's code) and
    `facts`. `gone` means that the file is no longer kept.
    """

    id: str
    wave: str
    kind: str
    asked: Mapping[str, Any]
    state: str
    asked_by: str
    asked_at: datetime.datetime
    share: float = 0.0
    tries: int = 0
    taken_by: str = ""
    taken_until: datetime.datetime | None = None
    kept_until: datetime.datetime | None = None
    file: str = ""
    bytes: int = 0
    sha256: str = ""
    problem: str = ""
    facts: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(self.kind)
        if self.state not in STATES:
            raise ValueError(self.state)

    @property
    def percent(self) -> int:
        """How far it is, in whole percent; a hundred only when the file is there."""
        return 100 if self.state in ("done", "gone") else min(99, int(self.share * 100))

    def stalled(self, now: datetime.datetime) -> bool:
        """Whether its worker has fallen silent."""
        return self.state == "working" and self.taken_until is not None and self.taken_until < now

    def ready(self, now: datetime.datetime) -> bool:
        """Whether there is a file to take home."""
        return self.state == "done" and self.kept_until is not None and now < self.kept_until
