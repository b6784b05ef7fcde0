"""The frozen numbers that counties bring to the peer reference, one set per county of a wave."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlmodel import Session

from fieldkit.core.edition import PeerSnapshot
from fieldkit.store.tables import PeerSnapshotRow

NAMES = tuple(PeerSnapshot.__dataclass_fields__)


def kept(session: Session, wave_id: str) -> dict[str, PeerSnapshot]:
    """What is frozen at present, by county; counties of which nothing was frozen yet are absent."""
    table = PeerSnapshotRow.__table__  # type: ignore[attr-defined]
    rows = session.connection().execute(select(table).where(table.c.wave == wave_id).order_by(table.c.county))
    found = [{name: getattr(row, name) for name in NAMES} for row in rows]
    return {one["county"]: PeerSnapshot(**{**one, "counted": frozenset(one["counted"])}) for one in found}


def keep(session: Session, one: PeerSnapshot) -> None:
    """Put this in the place of its predecessor; without effect when somebody else renewed it in the meantime.

    Raises IntegrityError when somebody else froze this county for the first time in the meantime.
    """
    plain = {name: getattr(one, name) for name in NAMES} | {"counted": sorted(one.counted)}
    if one.number == 1:
        session.add(PeerSnapshotRow(**plain))
        session.flush()
        return
    table = PeerSnapshotRow.__table__  # type: ignore[attr-defined]
    this = (table.c.wave == one.wave, table.c.county == one.county, table.c.number == one.number - 1)
    session.connection().execute(update(table).where(*this).values(plain))
