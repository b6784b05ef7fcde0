"""Taking in the photos, recordings and files that answers name, piece by piece, after the answers themselves.

Nothing is taken that no stored response of the wave names as an answer to an item of that kind, that is not what its
name says, or that does not hash to its name. A piece that came before is not stored again, so that a phone may repeat
whatever it is not sure of.
"""

from __future__ import annotations

import datetime
from hashlib import sha256

from fieldkit.core.attachment import (
    CHUNK_LIMIT,
    LIMITS,
    MB,
    NAME,
    RESPONSE_LIMIT,
    Address,
    Attachment,
    announced,
    extension,
)
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import Item
from fieldkit.core.problem import Problem
from fieldkit.core.submission import RESPONSE_ID
from fieldkit.core.wave import Wave
from fieldkit.formats.media import begins_like, is_kind, without_metadata
from fieldkit.store import attachments
from fieldkit.store.engine import Session, writing


def progress(
    session: Session, wave: Wave, questionnaire: Questionnaire, at: Address, today: datetime.date
) -> Attachment:
    """How much of a file has come; Problem `attachment.not_named`, `attachment.too_late`."""
    item = _named(session, wave, questionnaire, at, today)
    return attachments.find(session, at) or Attachment(at, item.id, 0, 0, "arriving")


def receive(
    session: Session,
    wave: Wave,
    questionnaire: Questionnaire,
    at: Address,
    piece: bytes,
    *,
    offset: int,
    total: int,
    today: datetime.date,
) -> Attachment:
    """Keep the piece of a file that begins at `offset`; with the last one the whole is checked. Gives what has come.

    Problems `attachment.*`; after `wrong_kind` and `wrong_hash` nothing of the file is left, and the caller commits
    that. Photos lose their metadata here too, unless the item lets the respondent keep it.
    """
    writing(session)
    item = _named(session, wave, questionnaire, at, today)
    if total <= 0 or not piece:
        raise Problem("attachment.empty", where=at.name)
    limit = LIMITS[item.type]
    if total > limit:
        raise Problem("attachment.too_large", where=at.name, limit_mb=limit // MB)
    if len(piece) > CHUNK_LIMIT:
        raise Problem("attachment.wrong_shape", where=at.name, field="Content-Length")
    kind = extension(at.name)
    held = attachments.find(session, at)
    if held is None:
        if attachments.total_of(session, at) + total > RESPONSE_LIMIT:
            raise Problem("attachment.too_many", where=at.name, limit_mb=RESPONSE_LIMIT // MB)
        if offset == 0 and not begins_like(piece, kind):
            raise Problem("attachment.wrong_kind", where=at.name, extension=kind)
        if offset:
            raise Problem("attachment.out_of_order", where=at.name, received=0, offset=offset)
        attachments.begin(session, at, item.id, total, today)
        held = attachments.find(session, at)
        assert held is not None
    if held.arrived or offset + len(piece) <= held.received:
        return held  # it came before
    if offset != held.received or total != held.total or offset + len(piece) > total:
        raise Problem("attachment.out_of_order", where=at.name, received=held.received, offset=offset)
    attachments.add(session, at, offset, piece)
    if offset + len(piece) == total:
        _complete(session, at, item, today)
    found = attachments.find(session, at)
    assert found is not None
    return found


def _complete(session: Session, at: Address, item: Item, today: datetime.date) -> None:
    """Check the whole file and keep it; what is not right is deleted at once."""
    came, kind = attachments.content(session, at), extension(at.name)
    if sha256(came).hexdigest() != at.name.partition(".")[0]:
        attachments.forget(session, at)
        raise Problem("attachment.wrong_hash", where=at.name)
    kept = (came if item.keep_location else without_metadata(came, kind)) if is_kind(came, kind) else None
    if kept is None:
        attachments.forget(session, at)
        raise Problem("attachment.wrong_kind", where=at.name, extension=kind)
    attachments.finish(session, at, None if kept == came else kept, sha256(kept).hexdigest(), today)


def _named(
    session: Session, wave: Wave, questionnaire: Questionnaire, at: Address, today: datetime.date
) -> Item:
    """The item whose answer, in a stored response, is this file."""
    if today > wave.withdraw_until:
        raise Problem("attachment.too_late", where=at.name, until=wave.withdraw_until.isoformat())
    if not RESPONSE_ID.match(at.response) or not NAME.match(at.name):
        raise Problem("attachment.not_named", where=at.name[:80])
    for answers in attachments.answers_of(session, at.wave, at.county, at.response):
        item = announced(answers, questionnaire.items).get(at.name)
        if item:
            return questionnaire.items[item]
    raise Problem("attachment.not_named", where=at.name)
