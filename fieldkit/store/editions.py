"""Issues of county reports, kept as they were handed out."""

from __future__ import annotations

import datetime
import hashlib
import secrets
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from fieldkit.core.edition import Edition, Issue, salted
from fieldkit.core.problem import Problem
from fieldkit.store.tables import EditionRow

_ABOUT: tuple[Any, ...] = tuple(col(getattr(EditionRow, name)) for name in Issue.__dataclass_fields__)


def latest(session: Session, wave_id: str, county: str) -> Edition | None:
    """The last issue for this county, or None before the first."""
    row = _last(session, wave_id, county)
    return _edition(row) if row else None


def numbered(session: Session, wave_id: str, county: str, number: int) -> Edition:
    """One issue; Problem `edition.unknown` where there is none of this number."""
    row = session.get(EditionRow, (wave_id, county, number))
    if row is None:
        raise Problem("edition.unknown", where=f"{wave_id}/{county}", wave=wave_id, county=county, edition=number)
    return _edition(row)


def issued(session: Session, wave_id: str, county: str) -> list[Issue]:
    """All issues for this county without their files, the newest first."""
    here = col(EditionRow.wave) == wave_id, col(EditionRow.county) == county
    rows = session.execute(select(*_ABOUT).where(*here).order_by(col(EditionRow.number).desc()))
    return [Issue(*row) for row in rows]


def by_hash(session: Session, sha256: str) -> Issue | None:
    """The issue whose PDF has this SHA-256 (64 hexadecimal digits), or None."""
    row = session.execute(select(*_ABOUT).where(col(EditionRow.sha256) == sha256).limit(1)).first()
    return Issue(*row) if row else None


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


def resting_on(session: Session, wave_id: str, county: str, analysed: Iterable[str]) -> frozenset[str] | None:
    """Those of these response ids that the last issue counted; None where one of its answers is missing among them.

    Numbers that rest on all of an issue's answers tell nothing that the issue does not tell.
    """
    row = _last(session, wave_id, county)
    if row is None:
        return None
    was = set(row.counted)
    found = frozenset(one for one in analysed if salted(row.salt, one) in was)
    return found if len(found) == len(was) else None


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
    snapshot: bytes = b"",
    snapshot_id: str = "",
    versions: Mapping[str, str] | None = None,
    correction: str = "",
) -> Edition:
    """Keep the next issue and give it back with its number. `analysed` are the ids of the responses it rests on.

    Only salted hashes of the ids are kept, sorted, so that an issue names nobody's response. The snapshot is kept
    compressed.
    """
    before = _last(session, wave_id, county)
    salt = secrets.token_hex(16)
    hashes = sorted(salted(salt, one) for one in analysed)
    edition = Edition(
        wave=wave_id,
        county=county,
        number=before.number + 1 if before else 1,
        issued_on=issued_on,
        n_analysed=len(hashes),
        pdf=pdf,
        html=html,
        csv=csv,
        sha256=hashlib.sha256(pdf).hexdigest(),
        snapshot=snapshot,
        snapshot_id=snapshot_id,
        versions=dict(versions or {}),
        correction=correction,
    )
    plain = {name: getattr(edition, name) for name in Edition.__dataclass_fields__}
    plain["snapshot"] = zlib.compress(snapshot, 6) if snapshot else b""
    session.add(EditionRow(**plain, salt=salt, counted=hashes))
    session.flush()
    return edition


def _edition(row: EditionRow) -> Edition:
    plain = {name: getattr(row, name) for name in Edition.__dataclass_fields__}
    plain["snapshot"] = zlib.decompress(row.snapshot) if row.snapshot else b""
    return Edition(**plain)


def _last(session: Session, wave_id: str, county: str) -> EditionRow | None:
    here = select(EditionRow).where(EditionRow.wave == wave_id, EditionRow.county == county)
    return session.exec(here.order_by(col(EditionRow.number).desc()).limit(1)).first()
