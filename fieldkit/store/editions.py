"""Issues of county reports, kept as they were handed out."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Iterable

from sqlmodel import Session, col, select

from fieldkit.core.edition import Edition, salted
from fieldkit.store.tables import EditionRow


def latest(session: Session, wave_id: str, county: str) -> Edition | None:
    """The last issue for this county, or None before the first."""
    row = _last(session, wave_id, county)
    if row is None:
        return None
    return Edition(**{name: getattr(row, name) for name in Edition.__dataclass_fields__})


def new_since(session: Session, wave_id: str, county: str, analysed: Iterable[str]) -> int:
    """How many of these response ids the last issue did not count; all of them before the first issue."""
    row = _last(session, wave_id, county)
    ids = list(analysed)
    if row is None:
        return len(ids)
    counted = set(row.counted)
    return sum(salted(row.salt, one) not in counted for one in ids)


def counted(session: Session, wave_id: str, county: str, analysed: Iterable[str]) -> list[tuple[frozenset[str], int]]:
    """For every issue, oldest first: which of these response ids it counted, and how many it counted besides."""
    here = select(EditionRow).where(EditionRow.wave == wave_id, EditionRow.county == county)
    ids = list(analysed)
    found = []
    for row in session.exec(here.order_by(col(EditionRow.number))):
        then = set(row.counted)
        there = frozenset(one for one in ids if salted(row.salt, one) in then)
        found.append((there, len(then) - len(there)))
    return found


def save(
    session: Session,
    wave_id: str,
    county: str,
    *,
    issued_on: datetime.date,
    analysed: Iterable[str],
    pdf: bytes,
    html: bytes,
    csv: bytes,
) -> Edition:
    """Keep the next issue and give it back with its number. `analysed` are the ids of the responses it rests on.

    Only salted hashes of the ids are kept, sorted, so that an issue names nobody's response.
    """
    before = _last(session, wave_id, county)
    salt = secrets.token_hex(16)
    counted = sorted(salted(salt, one) for one in analysed)
    edition = Edition(
        wave=wave_id,
        county=county,
        number=before.number + 1 if before else 1,
        issued_on=issued_on,
        n_analysed=len(counted),
        pdf=pdf,
        html=html,
        csv=csv,
        sha256=hashlib.sha256(pdf).hexdigest(),
    )
    plain = {name: getattr(edition, name) for name in Edition.__dataclass_fields__}
    session.add(EditionRow(**plain, salt=salt, counted=counted))
    session.flush()
    return edition


def _last(session: Session, wave_id: str, county: str) -> EditionRow | None:
    here = select(EditionRow).where(EditionRow.wave == wave_id, EditionRow.county == county)
    return session.exec(here.order_by(col(EditionRow.number).desc()).limit(1)).first()
