"""Issues of pooled reports, kept as they were handed out."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from fieldkit.core.edition import PooledEdition
from fieldkit.store.tables import PooledEditionRow


def latest(session: Session, wave_id: str, pool: str) -> PooledEdition | None:
    """The last issue for this pool of counties, or None before the first."""
    here = select(PooledEditionRow).where(PooledEditionRow.wave == wave_id, PooledEditionRow.pool == pool)
    row = session.exec(here.order_by(col(PooledEditionRow.number).desc()).limit(1)).first()
    return None if row is None else _edition(row)


def by_hash(session: Session, sha256: str) -> tuple[PooledEdition, int] | None:
    """The issue whose Chinese PDF has this SHA-256, with the number of the newest of its pool; None without one."""
    row = session.exec(select(PooledEditionRow).where(PooledEditionRow.sha256 == sha256).limit(1)).first()
    if row is None:
        return None
    newest = latest(session, row.wave, row.pool)
    return _edition(row), newest.number if newest else row.number


def others(session: Session, wave_id: str, pool: str) -> list[tuple[str, ...]]:
    """The counties of every other pool of this wave of which there is an issue."""
    columns: Any = (PooledEditionRow.pool, PooledEditionRow.counties)
    rows = session.exec(select(*columns).where(PooledEditionRow.wave == wave_id)).all()
    return [tuple(counties) for counties in {one: tuple(c) for one, c in rows if one != pool}.values()]


def save(session: Session, edition: PooledEdition) -> None:
    """Keep the next issue. Raises IntegrityError when somebody else issued it in the meantime."""
    plain = {name: getattr(edition, name) for name in PooledEdition.__dataclass_fields__}
    counted = {county: sorted(ids) for county, ids in edition.counted.items()}
    session.add(PooledEditionRow(**{**plain, "counties": list(edition.counties), "counted": counted}))
    session.flush()


def _edition(row: PooledEditionRow) -> PooledEdition:
    plain = {name: getattr(row, name) for name in PooledEdition.__dataclass_fields__}
    counted = {county: frozenset(ids) for county, ids in row.counted.items()}
    return PooledEdition(**{**plain, "counties": tuple(row.counties), "counted": counted})
