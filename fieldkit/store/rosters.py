"""The roster of a wave: how many people each of its cells has."""

from __future__ import annotations

from sqlmodel import Session

from fieldkit.core.roster import Roster
from fieldkit.store.tables import RosterRow


def get(session: Session, wave_id: str) -> Roster | None:
    """The wave's roster; None before one was uploaded."""
    row = session.get(RosterRow, wave_id)
    return Roster.restored(row.content) if row else None


def save(session: Session, wave_id: str, roster: Roster) -> None:
    """Keep a roster in place of the one before."""
    session.merge(RosterRow(wave=wave_id, content=roster.kept()))
    session.flush()
