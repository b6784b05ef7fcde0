"""One process that makes the files that were ordered at the desk, one after the other."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable
from contextlib import suppress

from fieldkit.core.job import LEASE_SECONDS
from fieldkit.core.problem import Problem
from fieldkit.jobs.pool import NICE, WAIT_SECONDS
from fieldkit.services import job as service
from fieldkit.settings import Settings, resource
from fieldkit.store.engine import Session, is_current, open_engine


def make_files(settings: Settings, today: Callable[[], datetime.date], *, once: bool) -> None:
    """Make what is ordered; with `once`, end when nothing is left that this process could still have to take.

    What another process is at is left to it, unless it falls silent. Problem `store.not_migrated`.
    """
    with suppress(OSError, AttributeError):
        os.nice(NICE)  # phones that hand in answers go first
    engine = open_engine(settings.database)
    try:
        if not is_current(engine, resource("migrations")):
            raise Problem("store.not_migrated")
        idle = 0.0
        service.sweep(engine, settings.files)
        while True:
            for _ in service.work_off(engine, settings.files, today):
                idle = 0.0
            with Session(engine) as session:
                left = service.unfinished(session)
            if once and (not left or idle > LEASE_SECONDS + WAIT_SECONDS):
                return
            time.sleep(WAIT_SECONDS)
            idle += WAIT_SECONDS
            if not once and idle >= LEASE_SECONDS:
                service.sweep(engine, settings.files)
                idle = 0.0
    finally:
        engine.dispose()
