"""Issues of county reports, kept as they were handed out."""

from __future__ import annotations

import datetime
import hashlib
import secrets
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import and_, func, update
from sqlmodel import Session, col, select

from fieldkit.core.edition import Counted, Edition, EnglishEdition, Issue, salted
from fieldkit.core.problem import Problem
from fieldkit.store.tables import EditionRow, EnglishEditionRow

_PLAIN = ("wave", "county", "number", "issued_on", "n_analysed", "sha256", "snapshot_id", "versions", "correction")
_ABOUT: tuple[Any, ...] = (
    *(col(getattr(EditionRow, name)) for name in _PLAIN),
    func.coalesce(col(EnglishEditionRow.sha256), ""),
    col(EnglishEditionRow.wave).is_not(None),
)


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
    return [Issue(*row) for row in session.execute(_about().where(*here).order_by(col(EditionRow.number).desc()))]


def by_hash(session: Session, sha256: str) -> Issue | None:
    """The issue whose PDF, Chinese or English, has this SHA-256 (64 hexadecimal digits), or None."""
    for column in (col(EditionRow.sha256), col(EnglishEditionRow.sha256)):
        row = session.execute(_about().where(column == sha256).limit(1)).first()
        if row:
            return Issue(*row)
    return None


def _about() -> Any:
    keys = ("wave", "county", "number")
    same = and_(*(col(getattr(EditionRow, key)) == col(getattr(EnglishEditionRow, key)) for key in keys))
    return select(*_ABOUT).select_from(EditionRow).join(EnglishEditionRow, same, isouter=True)


def english(session: Session, wave_id: str, county: str, number: int) -> EnglishEdition | None:
    """An issue in English, or None where it was frozen in Chinese only."""
    row = session.get(EnglishEditionRow, (wave_id, county, number))
    if row is None:
        return None
    plain = {name: getattr(row, name) for name in EnglishEdition.__dataclass_fields__}
    return EnglishEdition(**{**plain, "snapshot": zlib.decompress(row.snapshot)})


def keep_english(session: Session, edition: EnglishEdition) -> EnglishEdition:
    """Keep an issue in English, or its PDF; what was handed out before stands. The snapshot is kept compressed.

    Raises IntegrityError when somebody else kept it first in the meantime.
    """
    key = edition.wave, edition.county, edition.number
    before = english(session, *key)
    if before is None:
        plain = {name: getattr(edition, name) for name in EnglishEdition.__dataclass_fields__}
        row = EnglishEditionRow(**{**plain, "snapshot": zlib.compress(edition.snapshot, 6)})
        session.add(row)
        session.flush()
        return edition
    if not before.sha256 and edition.sha256:
        table = EnglishEditionRow.__table__  # type: ignore[attr-defined]
        this = (table.c.wave == key[0], table.c.county == key[1], table.c.number == key[2], table.c.sha256 == "")
        drawn = {"pdf": edition.pdf, "sha256": edition.sha256, "versions": dict(edition.versions)}
        session.connection().execute(update(table).where(*this).values(**drawn))
        session.expire_all()
    kept = english(session, *key)
    assert kept is not None
    return kept


def new_since(session: Session, wave_id: str, county: str, analysed: Iterable[str]) -> int:
    """How many of these response ids the last issue did not count; all of them before the first issue."""
    row = _last(session, wave_id, county)
    ids = list(analysed)
    if row is None:
        return len(ids)
    counted = set(row.counted)
    return sum(salted(row.salt, one) not in counted for one in ids)


def counted(session: Session, wave_id: str, county: str, analysed: Iterable[str]) -> list[Counted]:
    """For every issue, oldest first: which of these response ids it counted, and how many it counted besides."""
    here = select(EditionRow).where(EditionRow.wave == wave_id, EditionRow.county == county)
    ids = list(analysed)
    found = []
    for row in session.exec(here.order_by(col(EditionRow.number))):
        then = set(row.counted)
        there = frozenset(one for one in ids if salted(row.salt, one) in then)
        found.append(Counted(there, len(then) - len(there), row.versions.get("thresholds", "")))
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
