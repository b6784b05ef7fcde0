"""Instruments that are being written, with every state that was saved. Nobody overwrites what they have not seen."""

from __future__ import annotations

import datetime

from sqlalchemy import delete as sql_delete
from sqlalchemy import update
from sqlmodel import Session, col, select

from fieldkit.core.draft import Draft, Revision
from fieldkit.core.problem import Problem
from fieldkit.store.moment import utc
from fieldkit.store.tables import DraftRow, RevisionRow

KEPT = 200  # saved states of one draft; older ones go
PLAIN = tuple(name for name in Draft.__dataclass_fields__ if name not in ("made_at", "changed_at"))


def add(session: Session, draft: Draft) -> None:
    """Keep a new draft and its first state."""
    session.add(DraftRow(**{name: getattr(draft, name) for name in Draft.__dataclass_fields__}))
    session.flush()
    _remember(session, draft.id, draft.revision, draft.changed_by, draft.changed_at, draft.source)


def get(session: Session, draft_id: str) -> Draft:
    """One draft; Problem `draft.unknown`."""
    row = session.get(DraftRow, draft_id, populate_existing=True)
    if row is None:
        raise Problem("draft.unknown", where=draft_id, draft=draft_id)
    return _draft(row)


def locked(session: Session, draft_id: str) -> Draft:
    """One draft that nobody else changes until the session ends; Problem `draft.unknown`."""
    row = session.get(DraftRow, draft_id, populate_existing=True, with_for_update=True)
    if row is None:
        raise Problem("draft.unknown", where=draft_id, draft=draft_id)
    return _draft(row)


def save(session: Session, draft_id: str, source: str, revision: int, by: str, at: datetime.datetime) -> bool:
    """Put a new text in place of the one with this revision; False, and nothing changed, if it is another by now."""
    changed = session.connection().execute(
        update(DraftRow)
        .where(col(DraftRow.id) == draft_id, col(DraftRow.revision) == revision)
        .values(source=source, revision=revision + 1, changed_by=by, changed_at=at)
    )
    if changed.rowcount != 1:
        return False
    _remember(session, draft_id, revision + 1, by, at, source)
    old = (col(RevisionRow.draft) == draft_id, col(RevisionRow.revision) <= revision + 1 - KEPT)
    session.connection().execute(sql_delete(RevisionRow).where(*old))
    return True


def set_test_wave(session: Session, draft_id: str, wave_id: str) -> None:
    """Note in which wave the draft is tried out; '' when in none."""
    session.connection().execute(update(DraftRow).where(col(DraftRow.id) == draft_id).values(test_wave=wave_id))


def delete(session: Session, draft_id: str, revision: int | None = None) -> bool:
    """Remove a draft with its history; False if it is gone, or its revision is another than this."""
    chosen = sql_delete(DraftRow).where(col(DraftRow.id) == draft_id)
    if revision is not None:
        chosen = chosen.where(col(DraftRow.revision) == revision)
    return session.connection().execute(chosen).rowcount == 1


def listed(session: Session) -> list[Draft]:
    """All drafts, the one changed last first."""
    rows = session.exec(select(DraftRow).order_by(col(DraftRow.changed_at).desc(), col(DraftRow.id)))
    return [_draft(row) for row in rows.all()]


def history(session: Session, draft_id: str) -> list[Revision]:
    """The saved states of a draft, newest first."""
    rows = session.exec(
        select(RevisionRow).where(RevisionRow.draft == draft_id).order_by(col(RevisionRow.revision).desc())
    )
    return [Revision(row.draft, row.revision, row.by, utc(row.at), row.source) for row in rows.all()]


def _remember(
    session: Session, draft_id: str, revision: int, by: str, at: datetime.datetime, source: str
) -> None:
    session.add(RevisionRow(draft=draft_id, revision=revision, by=by, at=at, source=source))
    session.flush()


def _draft(row: DraftRow) -> Draft:
    plain = {name: getattr(row, name) for name in PLAIN}
    return Draft(**plain, made_at=utc(row.made_at), changed_at=utc(row.changed_at))
