"""Photos, recordings and files that answers name: they arrive in pieces, and go when their response goes.

They lie in the database, like all else that respondents send, so that deletion, backup and several machines need no
second way (docs/decisions/0010).
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlmodel import Session

from fieldkit.core.attachment import Address, Attachment
from fieldkit.store.intake import RESPONSE, VARIANT, insert
from fieldkit.store.responses import as_answers
from fieldkit.store.tables import Kept
from fieldkit.store.traces import erasing

ATTACHMENT, PART = (Kept.metadata.tables[name] for name in ("attachment", "attachment_part"))


@dataclass(frozen=True, slots=True)
class Held:
    """A file that has arrived whole, for the desk. `key` leads neither to the person nor to a row of the export."""

    file: Attachment
    received_on: datetime.date

    @property
    def key(self) -> str:
        at = self.file.at
        return sha256(f"fieldkit attachment\0{at.response}\0{at.name}".encode()).hexdigest()[:32]


def answers_of(session: Session, wave: str, county: str, response: str) -> list[dict[str, Any]]:
    """All contents of a response: what is stored, and what came later under its id and waits for review. [] if none."""
    here = RESPONSE.c.wave == wave, RESPONSE.c.county == county, RESPONSE.c.id == response
    connection = session.connection()
    # FOR SHARE: on PostgreSQL the response is not withdrawn while a piece of its file is being stored
    stored = connection.execute(select(RESPONSE.c.answers).where(*here).with_for_update(read=True)).first()
    if stored is None:
        return []
    of_this = VARIANT.c.wave == wave, VARIANT.c.county == county, VARIANT.c.response == response
    others = connection.execute(select(VARIANT.c.answers).where(*of_this)).all()
    return [dict(as_answers(row.answers)) for row in (stored, *others)]


def find(session: Session, at: Address) -> Attachment | None:
    """The file as far as it has come; whoever asks may add to it, others wait."""
    row = session.connection().execute(select(ATTACHMENT).where(_at(ATTACHMENT, at)).with_for_update()).first()
    return None if row is None else _file(row)


def begin(session: Session, at: Address, item: str, total: int, today: datetime.date) -> None:
    """Make room for a file, unless somebody was faster."""
    connection = session.connection()
    row = _key(at) | {
        "item": item, "total": total, "received": 0, "state": "arriving", "sha256": "", "received_on": today,
    }  # fmt: skip
    connection.execute(insert(connection)(ATTACHMENT).values(row).on_conflict_do_nothing())


def add(session: Session, at: Address, begins: int, body: bytes) -> None:
    """Keep one more piece; the caller has seen that it fits."""
    row = _key(at) | {"begins": begins, "body": body}
    connection = session.connection()
    connection.execute(PART.insert(), [row])
    connection.execute(update(ATTACHMENT).where(_at(ATTACHMENT, at)).values(received=begins + len(body)))


def finish(session: Session, at: Address, content: bytes | None, digest: str, today: datetime.date) -> None:
    """All is here; `content` takes the place of what came, where it had to be changed."""
    connection = session.connection()
    if content is not None:
        connection.execute(delete(PART).where(_at(PART, at)))
        row = _key(at) | {"begins": 0, "body": content}
        connection.execute(PART.insert(), [row])
        erasing(session)
    done = {"state": "arrived", "sha256": digest, "received_on": today}
    connection.execute(update(ATTACHMENT).where(_at(ATTACHMENT, at)).values(done))


def forget(session: Session, at: Address) -> None:
    """Delete a file with all its pieces."""
    session.connection().execute(delete(ATTACHMENT).where(_at(ATTACHMENT, at)))
    erasing(session)


def forget_others(session: Session, wave: str, county: str, response: str, named: Collection[str]) -> None:
    """Delete the files of a response that none of its answers names any more."""
    here = ATTACHMENT.c.wave == wave, ATTACHMENT.c.county == county, ATTACHMENT.c.response == response
    session.connection().execute(delete(ATTACHMENT).where(*here, ATTACHMENT.c.file.not_in(list(named))))


def content(session: Session, at: Address) -> bytes:
    """The whole file, as far as it has come; b'' where there is nothing."""
    query = select(PART.c.body).where(_at(PART, at)).order_by(PART.c.begins)
    return b"".join(bytes(row.body) for row in session.connection().execute(query))


def total_of(session: Session, at: Address) -> int:
    """The bytes of all other files of the same response."""
    here = ATTACHMENT.c.wave == at.wave, ATTACHMENT.c.county == at.county, ATTACHMENT.c.response == at.response
    query = select(func.coalesce(func.sum(ATTACHMENT.c.total), 0)).where(*here, ATTACHMENT.c.file != at.name)
    return int(session.connection().execute(query).scalar_one())


def listed(session: Session, wave: str) -> list[Held]:
    """All files of a wave that have arrived whole, in random order."""
    query = select(ATTACHMENT).where(ATTACHMENT.c.wave == wave, ATTACHMENT.c.state != "arriving")
    found = [Held(_file(row), row.received_on) for row in session.connection().execute(query)]
    return sorted(found, key=lambda held: held.key)


def settle(session: Session, at: Address, state: str) -> bool:
    """Let a file leave (`cleared`) or delete what is in it for good (`kept_out`); False if somebody was faster."""
    connection = session.connection()
    this = _at(ATTACHMENT, at), ATTACHMENT.c.state == "arrived"
    if connection.execute(update(ATTACHMENT).where(*this).values(state=state)).rowcount != 1:
        return False
    if state == "kept_out":
        connection.execute(delete(PART).where(_at(PART, at)))
        erasing(session)
    return True


def count_waiting(session: Session, wave: str, before: datetime.date) -> int:
    """How many files that arrived on earlier days nobody has looked at."""
    waits = ATTACHMENT.c.wave == wave, ATTACHMENT.c.state == "arrived", ATTACHMENT.c.received_on < before
    return int(session.connection().execute(select(func.count()).select_from(ATTACHMENT).where(*waits)).scalar_one())


def _at(table: Any, at: Address) -> Any:
    return and_(*(table.c[name] == value for name, value in _key(at).items()))


def _key(at: Address) -> dict[str, Any]:
    return {"wave": at.wave, "county": at.county, "response": at.response, "file": at.name}


def _file(row: Any) -> Attachment:
    at = Address(row.wave, row.county, row.response, row.file)
    return Attachment(at, row.item, row.total, row.received, row.state, row.sha256)
