"""Issues of weighted results, kept as they were handed out."""

from __future__ import annotations

from sqlmodel import Session, col, select

from fieldkit.core.edition import WeightedEdition
from fieldkit.store.tables import WeightedEditionRow


def issues(session: Session, wave_id: str) -> list[WeightedEdition]:
    """All issues of a wave, the first one first."""
    here = select(WeightedEditionRow).where(WeightedEditionRow.wave == wave_id)
    return [_edition(row) for row in session.exec(here.order_by(col(WeightedEditionRow.number)))]


def latest(session: Session, wave_id: str) -> WeightedEdition | None:
    """The last issue of a wave, or None before the first."""
    return next(iter(issues(session, wave_id)[::-1]), None)


def save(session: Session, edition: WeightedEdition) -> None:
    """Keep the next issue. Raises IntegrityError when somebody else issued it in the meantime."""
    plain = {name: getattr(edition, name) for name in WeightedEdition.__dataclass_fields__}
    counted = {county: sorted(ids) for county, ids in edition.counted.items()}
    session.add(WeightedEditionRow(**{**plain, "counted": counted}))
    session.flush()


def _edition(row: WeightedEditionRow) -> WeightedEdition:
    plain = {name: getattr(row, name) for name in WeightedEdition.__dataclass_fields__}
    return WeightedEdition(**{**plain, "counted": {county: frozenset(ids) for county, ids in row.counted.items()}})
