"""Which photos, recordings and files may leave: a researcher looks at each, as at what people wrote.

Shown is what arrived before today, in random order, and of the county only where enough people answered. A decision is
final: what is kept out loses its content. Every look and every decision goes into the audit log, with numbers only.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from fieldkit.core.access import Actor, require
from fieldkit.core.attachment import announced, extension
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import Item
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.services.review import AT_ONCE, named
from fieldkit.stats.progress import rounded
from fieldkit.store import attachments, audit, instruments, responses, waves
from fieldkit.store.attachments import Held
from fieldkit.store.engine import Session, writing


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file to look at. `county` is '' where too few answered; `key` leads to nobody."""

    key: str
    county: str
    item: Item
    extension: str
    bytes: int

    @property
    def picture(self) -> bool:
        """Whether it can be shown as a picture."""
        return self.extension in ("jpg", "png", "webp")


@dataclass(frozen=True, slots=True)
class Files:
    """What lies on top, how many more wait below, and how many that answers name no phone has sent yet.

    `missing` is 0 for none, None below ten, else in steps of five.
    """

    shown: tuple[FileLine, ...]
    below: int
    missing: int | None


def list_files(
    session: Session, actor: Actor | None, wave_id: str, today: datetime.date
) -> Files | None:
    """The files to look at; None where the questionnaire asks for none. Problems `access.denied`, `wave.unknown`."""
    who = require(actor, "comment.review")
    writing(session)  # a look goes into the log
    wave = waves.get(session, wave_id)
    questionnaire = instruments.get(session, wave.questionnaire, wave.version)
    if not any(item.kind.value == "media" for item in questionnaire):
        return None
    told = named(responses.count_by_county(session, wave_id))
    found = [held for held in _waiting(session, wave_id) if held.received_on < today]
    lines = tuple(
        FileLine(
            held.key,
            held.file.at.county if held.file.at.county in told else "",
            questionnaire.items[held.file.item],
            extension(held.file.at.name),
            held.file.total,
        )
        for held in found[:AT_ONCE]
    )
    if lines:
        audit.write(session, who, "file.read", {"wave": wave_id, "shown": len(lines)})
    return Files(lines, len(found) - len(lines), _missing(session, wave, questionnaire, today))


def _missing(session: Session, wave: Wave, questionnaire: Questionnaire, today: datetime.date) -> int | None:
    """How many files that answers of earlier days name have not arrived whole."""
    here = {(held.file.at.response, held.file.at.name) for held in attachments.listed(session, wave.id)}
    missing = sum(
        (response.id, name) not in here
        for response in responses.iterate(session, wave)
        if response.received_on < today
        for name in announced(response.answers, questionnaire.items)
    )
    return missing and rounded(missing)


def file_content(
    session: Session, actor: Actor | None, wave_id: str, key: str, today: datetime.date
) -> tuple[bytes, str]:
    """One of the files to look at, and its ending. Problems `access.denied`, `review.settled`."""
    require(actor, "comment.review")
    held = _find(session, wave_id, key)
    if held.received_on >= today:
        raise Problem("review.settled", where="key")
    return attachments.content(session, held.file.at), extension(held.file.at.name)


def clear_file(session: Session, actor: Actor | None, wave_id: str, key: str) -> None:
    """Let a file be exported. Problems `access.denied`, `review.settled`."""
    _settle(session, require(actor, "comment.review"), wave_id, key, "cleared")


def keep_out_file(session: Session, actor: Actor | None, wave_id: str, key: str) -> None:
    """Never export a file: its content is deleted. Problems `access.denied`, `review.settled`."""
    _settle(session, require(actor, "comment.review"), wave_id, key, "kept_out")


def _settle(session: Session, who: Actor, wave_id: str, key: str, state: str) -> None:
    writing(session)
    if not attachments.settle(session, _find(session, wave_id, key).file.at, state):
        raise Problem("review.settled", where=wave_id)
    audit.write(session, who, "file.clear" if state == "cleared" else "file.reject", {"wave": wave_id})


def _waiting(session: Session, wave_id: str) -> list[Held]:
    return [held for held in attachments.listed(session, wave_id) if held.file.state == "arrived"]


def _find(session: Session, wave_id: str, key: str) -> Held:
    """The one that a button of the page meant; somebody else may have been faster, or it was withdrawn."""
    for held in _waiting(session, wave_id):
        if held.key == key:
            return held
    raise Problem("review.settled", where="key")
