"""Several processes on this machine that make reports until a batch is done."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fieldkit.core.access import LOCAL
from fieldkit.core.batch import TRIES, Progress
from fieldkit.services import batch as service
from fieldkit.store import batches
from fieldkit.store.engine import Session, is_sqlite, open_engine

LOOK_SECONDS = 0.5
WAIT_SECONDS = 2  # a line that somebody else has taken may become free
NICE = 10  # phones that hand in answers go first


def run(
    database: str, batch_id: str, workers: int = 0, told: Callable[[Progress], None] = lambda progress: None
) -> Progress:
    """Work a batch off with this many processes (0: one per core) and give how it ended; `told` hears how it goes.

    A process that dies is replaced, and the report it was at is taken again, at most core.batch.TRIES times.
    Interrupting it (Ctrl+C) ends the processes; the batch stays as it is and can go on later.
    """
    context = multiprocessing.get_context("spawn")
    engine = open_engine(database)
    count = workers or os.cpu_count() or 1
    alive: list[Any] = []
    lost = 0
    service.prepare(engine, batch_id)
    try:
        while True:
            with Session(engine) as session:
                now = service.progress(session, LOCAL, batch_id)
            told(now)
            crashed = [one for one in alive if not one.is_alive() and one.exitcode]
            alive = [one for one in alive if one.is_alive()]
            lost += len(crashed)
            left = len(now.pieces) - now.ended
            if crashed and not alive and is_sqlite(engine):  # nobody else can be at work: their lines are free again
                with Session(engine) as session:
                    batches.release(session, batch_id)
                    session.commit()
            running = now.batch.state == "running" and left and lost <= TRIES * (len(now.pieces) + 1)
            if not running and not alive:
                return now
            for _ in range(min(count, left) - len(alive) if running else 0):
                process = context.Process(target=_work, args=(database, batch_id), daemon=True)
                process.start()
                alive.append(process)
            time.sleep(LOOK_SECONDS)
    finally:
        for process in alive:
            process.terminate()
        for process in alive:
            process.join(10)
        engine.dispose()


def _work(database: str, batch_id: str) -> None:
    """One process: make reports until none is left, waiting for those that somebody else is at."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError, AttributeError):
        os.nice(NICE)
    engine = open_engine(database)
    while True:
        for _ in service.work_off(engine, batch_id):
            pass
        with Session(engine) as session:
            if batches.get(session, batch_id).state != "running":
                break
        time.sleep(WAIT_SECONDS)
    engine.dispose()
