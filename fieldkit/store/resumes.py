"""Sealed drafts on their way from one phone to another, known by a hash, a wave and the last day they are kept."""

from __future__ import annotations

import datetime

from sqlalchemy import delete, func, select
from sqlmodel import Session

from fieldkit.store.tables import ResumeRow
from fieldkit.store.traces import erasing

RESUME = ResumeRow.__table__  # type: ignore[attr-defined]


def keep(session: Session, wave_id: str, found_by: str, until: datetime.date, sealed: bytes) -> None:
    """Lay a sealed draft down; raises IntegrityError when one lies there under the same hash."""
    session.add(ResumeRow(wave=wave_id, found_by=found_by, until=until, sealed=sealed))
    session.flush()


def find(session: Session, wave_id: str, found_by: str, today: datetime.date) -> bytes | None:
    """The sealed draft under this hash; None if there is none, or its time is up."""
    chosen = RESUME.c.wave == wave_id, RESUME.c.found_by == found_by, RESUME.c.until >= today
    found = session.connection().execute(select(RESUME.c.sealed).where(*chosen)).scalar_one_or_none()
    return None if found is None else bytes(found)


def erase(session: Session, wave_id: str, found_by: str) -> bool:
    """Delete the sealed draft under this hash, from the log as well; whether there was one."""
    chosen = RESUME.c.wave == wave_id, RESUME.c.found_by == found_by
    gone = session.connection().execute(delete(RESUME).where(*chosen)).rowcount
    if gone:
        erasing(session)
    return gone > 0


def erase_wave(session: Session, wave_id: str) -> None:
    """Delete all of a wave that takes no more answers."""
    if session.connection().execute(delete(RESUME).where(RESUME.c.wave == wave_id)).rowcount:
        erasing(session)


def erase_old(session: Session, today: datetime.date) -> int:
    """Delete those whose last day was before today; how many."""
    gone = session.connection().execute(delete(RESUME).where(RESUME.c.until < today)).rowcount
    if gone:
        erasing(session)
    return int(gone)


def count(session: Session) -> int:
    """How many there are in all waves together."""
    return int(session.connection().execute(select(func.count()).select_from(RESUME)).scalar_one())
