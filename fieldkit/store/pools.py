"""Issues of pooled reports, kept as they were handed out."""

from __future__ import annotations

import zlib
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from fieldkit.core.edition import Issue, PooledEdition
from fieldkit.core.problem import Problem
from fieldkit.store.tables import PooledEditionRow

_PLAIN = (
    *("wave", "number", "issued_on", "n_analysed", "sha256", "snapshot_id", "versions", "correction"),
    *("sha256_en", "pool", "name", "members"),
)
_ABOUT: Any = tuple(col(getattr(PooledEditionRow, name)) for name in _PLAIN)


def latest(session: Session, wave_id: str, pool: str) -> PooledEdition | None:
    """The last issue for this pool of counties, or None before the first."""
    here = select(PooledEditionRow).where(PooledEditionRow.wave == wave_id, PooledEditionRow.pool == pool)
    row = session.exec(here.order_by(col(PooledEditionRow.number).desc()).limit(1)).first()
    return None if row is None else _edition(row)


def numbered(session: Session, wave_id: str, pool: str, number: int) -> PooledEdition:
    """One issue; Problem `edition.pool_unknown` where there is none of this number."""
    row = session.get(PooledEditionRow, (wave_id, pool, number))
    if row is None:
        raise Problem("edition.pool_unknown", where=f"{wave_id}/{pool}", edition=number)
    return _edition(row)


def issued(session: Session, wave_id: str, pool: str) -> list[Issue]:
    """All issues for this pool without their files, the newest first."""
    here = col(PooledEditionRow.wave) == wave_id, col(PooledEditionRow.pool) == pool
    found = session.execute(_about().where(*here).order_by(col(PooledEditionRow.number).desc()))
    return [_issue(row) for row in found]


def by_hash(session: Session, sha256: str) -> Issue | None:
    """The issue whose PDF, Chinese or English, has this SHA-256 (64 hexadecimal digits), or None."""
    this = or_(col(PooledEditionRow.sha256) == sha256, col(PooledEditionRow.sha256_en) == sha256)
    row = session.execute(_about().where(this).limit(1)).first()
    return _issue(row) if row else None


def of_wave(session: Session, wave_id: str) -> dict[str, tuple[str, ...]]:
    """Every pool of this wave of which there is an issue, with the codes of its counties, the largest first."""
    columns: Any = (PooledEditionRow.pool, PooledEditionRow.counties)
    rows = session.exec(select(*columns).where(PooledEditionRow.wave == wave_id)).all()
    found = {pool: tuple(counties) for pool, counties in rows}
    return dict(sorted(found.items(), key=lambda one: (-len(one[1]), one[1])))


def save(session: Session, edition: PooledEdition) -> None:
    """Keep the next issue; snapshots are compressed. Raises IntegrityError when somebody else issued it first."""
    plain = {name: getattr(edition, name) for name in PooledEdition.__dataclass_fields__}
    for name in ("snapshot", "snapshot_en"):
        plain[name] = zlib.compress(plain[name], 6) if plain[name] else b""
    plain["counties"], plain["versions"] = list(edition.counties), dict(edition.versions)
    plain["counted"] = {county: sorted(ids) for county, ids in edition.counted.items()}
    session.add(PooledEditionRow(**plain))
    session.flush()


def _about() -> Any:
    return select(*_ABOUT)


def _issue(row: Any) -> Issue:
    return Issue(county="", english=True, **dict(zip(_PLAIN, row, strict=True)))


def _edition(row: PooledEditionRow) -> PooledEdition:
    plain = {name: getattr(row, name) for name in PooledEdition.__dataclass_fields__}
    for name in ("snapshot", "snapshot_en"):
        plain[name] = zlib.decompress(plain[name]) if plain[name] else b""
    plain["counted"] = {county: frozenset(ids) for county, ids in row.counted.items()}
    return PooledEdition(**{**plain, "counties": tuple(row.counties)})
