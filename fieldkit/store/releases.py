"""What was published when and by whom, and which reworded items a researcher called the same question."""

from __future__ import annotations

from sqlmodel import Session, select

from fieldkit.core.draft import Identity, Release
from fieldkit.core.instrument import version_key
from fieldkit.store.moment import utc
from fieldkit.store.tables import IdentityRow, ReleaseRow


def add(session: Session, release: Release) -> None:
    """Keep a publication."""
    session.add(ReleaseRow(**{name: getattr(release, name) for name in Release.__dataclass_fields__}))
    session.flush()


def listed(session: Session, kind: str, instrument: str) -> list[Release]:
    """The publications of an instrument, newest version first."""
    rows = session.exec(
        select(ReleaseRow).where(ReleaseRow.kind == kind, ReleaseRow.instrument == instrument)
    ).all()
    plain = [name for name in Release.__dataclass_fields__ if name != "at"]
    found = [Release(**{name: getattr(row, name) for name in plain}, at=utc(row.at)) for row in rows]
    return sorted(found, key=lambda release: version_key(release.version), reverse=True)


def add_identity(session: Session, identity: Identity) -> None:
    """Keep what a researcher said about one item."""
    session.add(IdentityRow(**{name: getattr(identity, name) for name in Identity.__dataclass_fields__}))
    session.flush()


def identities(session: Session, kind: str, instrument: str) -> list[Identity]:
    """Everything that was said about the items of an instrument, from the oldest version on."""
    rows = session.exec(
        select(IdentityRow).where(IdentityRow.kind == kind, IdentityRow.instrument == instrument)
    ).all()
    plain = [name for name in Identity.__dataclass_fields__ if name != "at"]
    found = [Identity(**{name: getattr(row, name) for name in plain}, at=utc(row.at)) for row in rows]
    return sorted(found, key=lambda each: (version_key(each.to_version), each.item))
