"""What editions told as numbers, and the frozen sums over all counties of a wave."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from fieldkit.store.tables import EditionNumbersRow, EditionRow, PooledFiguresRow


def keep_of_edition(session: Session, wave_id: str, county: str, number: int, content: dict[str, Any]) -> None:
    """Keep what an edition told, beside it."""
    session.merge(EditionNumbersRow(wave=wave_id, county=county, number=number, content=content))
    session.flush()


def of_last_edition(session: Session, wave_id: str, county: str) -> tuple[int, dict[str, Any]] | None:
    """How many responses the last edition counted, and what it told; None where either is not kept."""
    here = select(EditionRow.number, EditionRow.n_analysed).where(
        EditionRow.wave == wave_id, EditionRow.county == county
    )
    last = session.exec(here.order_by(col(EditionRow.number).desc()).limit(1)).first()
    if last is None:
        return None
    row = session.get(EditionNumbersRow, (wave_id, county, last[0]))
    return None if row is None else (last[1], row.content)


def pooled_content(session: Session, wave_id: str) -> tuple[int, int, int, dict[str, Any]] | None:
    """Number, arrivals, analysed responses and sums as last frozen; None before the first time."""
    row = session.get(PooledFiguresRow, wave_id)
    return None if row is None else (row.number, row.arrived, row.n_analysed, row.content)


def freeze_pooled(
    session: Session, wave_id: str, number: int, arrived: int, n_analysed: int, content: dict[str, Any]
) -> None:
    """Put these sums in the place of their predecessor; without effect when somebody else did so in the meantime.

    Raises IntegrityError when somebody else froze this wave for the first time in the meantime.
    """
    plain: dict[str, Any] = {"number": number, "arrived": arrived, "n_analysed": n_analysed, "content": content}
    if number == 1:
        session.add(PooledFiguresRow(wave=wave_id, **plain))
        session.flush()
        return
    table = PooledFiguresRow.__table__  # type: ignore[attr-defined]
    this = (table.c.wave == wave_id, table.c.number == number - 1)
    session.connection().execute(update(table).where(*this).values(plain))
