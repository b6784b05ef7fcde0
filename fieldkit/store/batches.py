"""Orders for all reports of a wave, and which county is whose turn."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from fieldkit.core.batch import LEASE_SECONDS, TRIES, Batch, Piece, Progress
from fieldkit.core.problem import Problem
from fieldkit.store.engine import is_sqlite, utc_now
from fieldkit.store.moment import utc
from fieldkit.store.tables import BatchPieceRow, BatchRow


def add(session: Session, batch: Batch, counties: Iterable[str]) -> None:
    """Keep an order with one line per county, in this order."""
    session.add(BatchRow(**{name: getattr(batch, name) for name in Batch.__dataclass_fields__}))
    session.flush()
    session.add_all(BatchPieceRow(batch=batch.id, county=code, position=at) for at, code in enumerate(counties))
    session.flush()


def get(session: Session, batch_id: str) -> Batch:
    """One order; Problem `batch.unknown`."""
    row = session.get(BatchRow, batch_id)
    if row is None:
        raise Problem("batch.unknown", where=batch_id, batch=batch_id)
    return _batch(row)


def of_wave(session: Session, wave_id: str, limit: int = 10) -> list[Batch]:
    """The last orders of a wave, the newest first."""
    query = select(BatchRow).where(BatchRow.wave == wave_id).order_by(col(BatchRow.asked_at).desc()).limit(limit)
    return [_batch(row) for row in session.exec(query)]


def running(session: Session) -> list[Batch]:
    """All orders with work left, the oldest first."""
    query = select(BatchRow).where(BatchRow.state == "running").order_by(col(BatchRow.asked_at))
    return [_batch(row) for row in session.exec(query)]


def progress(session: Session, batch_id: str) -> Progress:
    """An order with all its lines."""
    query = select(BatchPieceRow).where(BatchPieceRow.batch == batch_id).order_by(col(BatchPieceRow.position))
    return Progress(get(session, batch_id), tuple(_piece(row) for row in session.exec(query)))


def take(session: Session, batch_id: str, now: datetime.datetime | None = None) -> Piece | None:
    """Take the next line that nobody works on; None when there is none or the order was cancelled.

    The session must have said that it writes (`engine.writing`) and be committed at once, so that others see the
    line as taken. A line that was taken too often counts as failed.
    """
    now = now or utc_now()
    batch = session.get(BatchRow, batch_id)
    if batch is None or batch.state != "running":
        return None
    free = or_(
        col(BatchPieceRow.state) == "waiting",
        (col(BatchPieceRow.state) == "working") & (col(BatchPieceRow.taken_until) < now),
    )
    query = select(BatchPieceRow).where(BatchPieceRow.batch == batch_id, free).order_by(col(BatchPieceRow.position))
    if not is_sqlite(session.get_bind()):
        query = query.with_for_update(skip_locked=True)
    while row := session.exec(query.limit(1)).first():
        if row.tries >= TRIES:
            row.state, row.problem, row.facts = "failed", "batch.worker_lost", {"tries": TRIES}
            session.flush()
            continue
        row.state, row.tries = "working", row.tries + 1
        row.taken_until = now + datetime.timedelta(seconds=LEASE_SECONDS)
        session.flush()
        return _piece(row)
    return None


def finish(
    session: Session,
    piece: Piece,
    state: str,
    *,
    edition: int | None = None,
    sha256: str = "",
    problem: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Note how a line ended."""
    row = session.get(BatchPieceRow, (piece.batch, piece.county))
    if row is not None:
        row.state, row.taken_until, row.edition, row.sha256 = state, None, edition, sha256
        row.problem, row.facts = problem, dict(facts or {})
        session.flush()


def free(session: Session, batch_id: str, *states: str) -> None:
    """Lines in these states wait again, as if nobody had taken them."""
    session.execute(
        update(BatchPieceRow)
        .where(col(BatchPieceRow.batch) == batch_id, col(BatchPieceRow.state).in_(states))
        .values(state="waiting", tries=0, taken_until=None, problem="", facts={})
    )


def release(session: Session, batch_id: str) -> None:
    """Lines that a dead worker had taken are free at once; how often they were tried is kept."""
    session.execute(
        update(BatchPieceRow)
        .where(col(BatchPieceRow.batch) == batch_id, col(BatchPieceRow.state) == "working")
        .values(state="waiting", taken_until=None)
    )


def set_state(session: Session, batch_id: str, state: str) -> None:
    """Running, cancelled or done."""
    row = session.get(BatchRow, batch_id)
    if row is not None:
        row.state = state
        session.flush()


def _batch(row: BatchRow) -> Batch:
    plain = {name: getattr(row, name) for name in Batch.__dataclass_fields__}
    return Batch(**{**plain, "asked_at": utc(row.asked_at)})


def _piece(row: BatchPieceRow) -> Piece:
    return Piece(**{name: getattr(row, name) for name in Piece.__dataclass_fields__})
