"""What a running FieldKit does by itself: deleting raw records and carried drafts whose time is up, once a day, and
files whose time is up, every ten minutes.
"""

from __future__ import annotations

import datetime
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from fieldkit.core.access import LOCAL
from fieldkit.services import job, resume
from fieldkit.services.waves import delete_expired
from fieldkit.store.engine import Session
from fieldkit.store.traces import empty_log

log = logging.getLogger("fieldkit")
LOOK_SECONDS = 600.0  # how long after midnight, or after its start, a process does its work of the day
CLOSE_SECONDS = 5.0


class Daily:
    """A quiet thread that notices when the day changes. Several processes may do the same work; one finds it done.

    `files` is the folder of prepared files.

    >>> # daily = Daily(engine, machine.today); daily.start(); ...; daily.close()
    """

    def __init__(
        self,
        engine: Engine,
        today: Callable[[], datetime.date],
        *,
        look_seconds: float = LOOK_SECONDS,
        files: Path | None = None,
    ) -> None:
        self._files = files
        self._engine = engine
        self._today = today
        self._look_seconds = look_seconds
        self._done: datetime.date | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look; the first time after `look_seconds`, because a start deletes what is due by itself."""
        self._thread = threading.Thread(target=self._go_on, name="fieldkit-daily", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more, and return when a look that has begun is done."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=CLOSE_SECONDS)

    def look(self) -> None:
        """Remove old files, and do the work of the day unless it was done.

        When the database does not answer, the next look tries again.
        """
        today = self._today()
        try:
            if self._files is not None:
                job.sweep(self._engine, self._files)
            if self._done == today:
                return
            with Session(self._engine) as session:
                delete_expired(session, LOCAL, today)
                resume.delete_old(session, LOCAL, today)
                session.commit()
            if empty_log(self._engine):  # also what a withdrawal could not empty because somebody was reading
                self._done = today
        except DBAPIError as failure:
            log.error("raw records could not be looked through (%s)", type(failure.orig).__name__)

    def _go_on(self) -> None:
        while not self._over.wait(self._look_seconds):
            self.look()
