"""Jobs: which file was ordered, who works on it, and when it goes."""

from __future__ import annotations

import datetime
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, and_, or_, update
from sqlmodel import Session, col, select

from fieldkit.core.job import AT_ONCE, KEPT, LEASE_SECONDS, TRIES, Job
from fieldkit.core.problem import Problem
from fieldkit.store.engine import is_sqlite, utc_now
from fieldkit.store.moment import utc
from fieldkit.store.tables import JobRow

TIMES = ("asked_at", "taken_until", "kept_until")
TAKING = 7_305_072  # PostgreSQL advisory lock: workers take a job one after the other


def add(session: Session, job: Job) -> None:
    """Keep an order."""
    plain = {name: getattr(job, name) for name in Job.__dataclass_fields__}
    session.add(JobRow(**{**plain, "asked": dict(job.asked), "facts": dict(job.facts or {})}))
    session.flush()


def get(session: Session, job_id: str) -> Job:
    """One order; Problem `job.unknown`."""
    row = session.get(JobRow, job_id)
    if row is None:
        raise Problem("job.unknown", where=job_id, job=job_id)
    return _job(row)


def of_wave(session: Session, wave_id: str, limit: int = 5) -> list[Job]:
    """The last orders of a wave, the newest first."""
    query = select(JobRow).where(JobRow.wave == wave_id).order_by(col(JobRow.asked_at).desc()).limit(limit)
    return [_job(row) for row in session.exec(query)]


def unfinished(session: Session) -> list[Job]:
    """All orders with work left, the oldest first."""
    query = select(JobRow).where(col(JobRow.state).in_(("waiting", "working"))).order_by(col(JobRow.asked_at))
    return [_job(row) for row in session.exec(query)]


def take(session: Session, now: datetime.datetime | None = None) -> Job | None:
    """Take the oldest job that nobody works on; None when there is none, or enough are being worked on.

    The session must have said that it writes (`engine.writing`) and be committed at once. A job that was taken too
    often counts as failed.
    """
    now = now or utc_now()
    if not is_sqlite(session.get_bind()):
        session.connection().exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (TAKING,))
    working, over = col(JobRow.state) == "working", col(JobRow.taken_until) < now
    if len(session.exec(select(JobRow.id).where(working, ~over)).all()) >= AT_ONCE:
        return None
    free = or_(col(JobRow.state) == "waiting", and_(working, over))
    for row in session.exec(select(JobRow).where(free).order_by(col(JobRow.asked_at))).all():
        if row.tries >= TRIES:
            row.state, row.problem, row.facts = "failed", "job.worker_lost", {"tries": TRIES}
            session.flush()
            continue
        row.state, row.tries, row.share, row.taken_by = "working", row.tries + 1, 0.0, secrets.token_hex(8)
        row.taken_until = now + datetime.timedelta(seconds=LEASE_SECONDS)
        session.flush()
        return _job(row)
    return None


def heard(session: Session, job: Job, share: float) -> bool:
    """Note how far its worker is; False when the job is no longer this worker's: cancelled, or begun anew."""
    until = utc_now() + datetime.timedelta(seconds=LEASE_SECONDS)
    return _mine(session, job, share=share, taken_until=until)


def finish(session: Session, job: Job, *, file: str, bytes: int, sha256: str) -> bool:
    """The file is there; False when the job is no longer this worker's, and the file must go."""
    until = utc_now() + KEPT
    return _mine(
        session, job, state="done", share=1.0, taken_until=None, kept_until=until, file=file, bytes=bytes, sha256=sha256
    )


def fail(session: Session, job: Job, problem: str, facts: Mapping[str, Any]) -> bool:
    """There will be no file, and why; False when the job is no longer this worker's."""
    return _mine(session, job, state="failed", taken_until=None, problem=problem, facts=dict(facts))


def _mine(session: Session, job: Job, **values: Any) -> bool:
    here = (col(JobRow.id) == job.id) & (col(JobRow.state) == "working") & (col(JobRow.taken_by) == job.taken_by)
    found: Any = session.execute(update(JobRow).where(here).values(**values))
    return bool(found.rowcount)


def cancel(session: Session, job_id: str) -> bool:
    """Stop a job that waits or is being worked on; whether there was anything to stop."""
    here = (col(JobRow.id) == job_id) & col(JobRow.state).in_(("waiting", "working"))
    found: Any = session.execute(update(JobRow).where(here).values(state="cancelled", taken_by="", taken_until=None))
    return bool(found.rowcount)


def again(session: Session, job_id: str, now: datetime.datetime) -> None:
    """Let a job wait from the beginning that has no file and that nobody works on."""
    ended = col(JobRow.state).in_(("cancelled", "failed", "gone"))
    silent = and_(col(JobRow.state) == "working", col(JobRow.taken_until) < now)
    session.execute(update(JobRow).where(col(JobRow.id) == job_id, or_(ended, silent)).values(**BEGINNING, tries=0))


BEGINNING: dict[str, Any] = {
    "state": "waiting", "share": 0.0, "taken_by": "", "taken_until": None, "kept_until": None, "file": "", "bytes": 0,
    "sha256": "", "problem": "", "facts": {},
}  # fmt: skip


def overtaken(session: Session, wave_id: str) -> None:
    """Somebody took answers of this wave back: files that hold them go, and what is being made begins anew."""
    rows = session.exec(select(JobRow).where(col(JobRow.state).in_(("working", "done")))).all()
    gone = []
    for row in rows:
        if wave_id not in row.asked.get("waves", (row.wave,)):
            continue
        if row.state == "done":
            gone.append(row.file)
            row.state, row.file = "gone", ""
        else:
            row.state, row.taken_by, row.taken_until = "waiting", "", None
    session.flush()
    removing(session, gone)


def expire(session: Session, now: datetime.datetime) -> int:
    """Files whose time has passed go; how many."""
    rows = session.exec(select(JobRow).where(JobRow.state == "done", col(JobRow.kept_until) <= now)).all()
    files = [row.file for row in rows]
    for row in rows:
        row.state, row.file = "gone", ""
    session.flush()
    removing(session, files)
    return len(rows)


def removing(session: Session, files: Iterable[str]) -> None:
    """Say that these files, each in a folder of its own, are removed from the disk after the commit."""
    folders = [Path(file).parent for file in files if file]

    def remove(engine: Engine) -> None:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    if folders:
        session.info.setdefault("afterwards", {})["files"] = remove


def _job(row: JobRow) -> Job:
    plain = {name: getattr(row, name) for name in Job.__dataclass_fields__}
    times = {name: utc(plain[name]) if plain[name] is not None else None for name in TIMES}
    return Job(**{**plain, **times})
