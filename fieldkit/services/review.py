"""What the research team decides by hand: which of two contents of one response counts, and which words may leave.

Shown is what came in before today, so that nobody can watch somebody write. Every look and every decision goes into
the audit log, with numbers only. A decision is final: what was not kept is deleted.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from fieldkit.core.access import Actor, require
from fieldkit.core.answer import Answer
from fieldkit.core.attachment import announced
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import Item
from fieldkit.core.problem import Problem
from fieldkit.core.response import Response, read_text
from fieldkit.core.wave import Wave
from fieldkit.stats.coarsen import coarsen
from fieldkit.stats.progress import FEWEST, rounded
from fieldkit.store import attachments, audit, instruments, responses, review, waves
from fieldkit.store.engine import Session, writing

AT_ONCE = 20  # on one page

Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Pile(Generic[Line]):
    """What lies on top, and how many more wait below."""

    shown: tuple[Line, ...]
    below: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that was answered in two ways. `withheld`: a profile so rare that it is blank in the export too, and
    any place.

    Of written words it is only said whether there are any.
    """

    item: Item
    kept: Answer
    other: Answer
    withheld: bool


@dataclass(frozen=True, slots=True)
class VariantLine:
    """Two contents of one response. Without differences only the receipt code was another."""

    key: str
    county: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class CommentLine:
    """What one person wrote. `county` is '' where too few answered."""

    key: str
    county: str
    item: Item
    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for review, as it may be shown: 0 for none, None below ten, else in steps of five."""

    variants: int | None
    comments: int | None
    files: int | None = 0


def named(counts: Mapping[str, int]) -> frozenset[str]:
    """The counties that may stand beside a single comment: those with at least ten.

    If just one is left without its name, the smallest other one loses it too, or the blank would be a name.

    >>> sorted(named({"330522": 9, "330523": 12, "330122": 40})), sorted(named({"330523": 12, "330122": 40}))
    (['330122'], ['330122', '330523'])
    """
    told = {county for county, count in counts.items() if count >= FEWEST}
    if len([county for county, count in counts.items() if 0 < count < FEWEST]) == 1 and told:
        told.remove(min(told, key=lambda county: (counts[county], county)))
    return frozenset(told)


def waiting(session: Session, actor: Actor | None, wave_id: str, today: datetime.date) -> Waiting:
    """How much of earlier days waits for review. Problem `access.denied`."""
    require(actor, "variant.review")
    require(actor, "comment.review")
    variants, comments = review.count_waiting(session, wave_id, today)
    files = attachments.count_waiting(session, wave_id, today)
    return Waiting(variants and rounded(variants), comments and rounded(comments), files and rounded(files))


def list_variants(session: Session, actor: Actor | None, wave_id: str, today: datetime.date) -> Pile[VariantLine]:
    """The variants to decide on, each with the items that were answered in two ways, sensitive ones included.

    Problems `access.denied`, `wave.unknown`.
    """
    who = require(actor, "variant.review")
    wave, questionnaire = _asked(session, wave_id)
    found = [one for one in review.variants(session, wave_id) if one.received_on < today]
    counties = {one.county for one in found[:AT_ONCE]}
    people = {county: list(responses.iterate(session, wave, county)) for county in counties}
    lines = tuple(_variant_line(one, questionnaire, people[one.county]) for one in found[:AT_ONCE])
    _note(session, who, "variant.read", wave_id, len(lines))
    return Pile(lines, len(found) - len(lines))


def _variant_line(variant: review.Variant, questionnaire: Questionnaire, people: list[Response]) -> VariantLine:
    place = next(n for n, response in enumerate(people) if response.id == variant.response)
    changed = [*people[:place], replace(people[place], answers=variant.answers), *people[place + 1 :]]
    blank = coarsen(people)[place] | coarsen(changed)[place]
    nothing = Answer(missing="not_shown")
    pairs = [
        (item, variant.kept.get(item.id, nothing), variant.answers.get(item.id, nothing)) for item in questionnaire
    ]
    return VariantLine(
        variant.key,
        variant.county,
        tuple(
            Difference(item, kept, other, item.id in blank or item.kind.value == "point")
            for item, kept, other in pairs
            if kept != other or item.id in variant.other_words
        ),
    )


def adopt_variant(session: Session, actor: Actor | None, wave_id: str, key: str) -> None:
    """Put the later answers in place of those that were kept. Problems `access.denied`, `review.settled`."""
    who = require(actor, "variant.review")
    writing(session)
    variant = _find(review.variants(session, wave_id), key)
    if not review.adopt(session, wave_id, variant):
        raise Problem("review.settled", where=wave_id)
    _forget_unnamed(session, wave_id, variant)
    audit.write(session, who, "variant.adopt", {"wave": wave_id})


def discard_variant(session: Session, actor: Actor | None, wave_id: str, key: str) -> None:
    """Leave the answers as they are and drop the later ones. Problems `access.denied`, `review.settled`."""
    who = require(actor, "variant.review")
    writing(session)
    variant = _find(review.variants(session, wave_id), key)
    if not review.discard(session, wave_id, variant):
        raise Problem("review.settled", where=wave_id)
    _forget_unnamed(session, wave_id, variant)
    audit.write(session, who, "variant.discard", {"wave": wave_id})


def _forget_unnamed(session: Session, wave_id: str, variant: review.Variant) -> None:
    """Delete the files that only the content named which was not kept."""
    wave = waves.get(session, wave_id)
    items = instruments.get(session, wave.questionnaire, wave.version).items
    contents = attachments.answers_of(session, wave_id, variant.county, variant.response)
    named_still = {name for answers in contents for name in announced(answers, items)}
    attachments.forget_others(session, wave_id, variant.county, variant.response, named_still)


def list_comments(session: Session, actor: Actor | None, wave_id: str, today: datetime.date) -> Pile[CommentLine]:
    """Written words that nobody has cleared of names, in random order and without any other answer.

    The county stands beside them only if ten people of it have answered. Problems `access.denied`, `wave.unknown`.
    """
    who = require(actor, "comment.review")
    _, questionnaire = _asked(session, wave_id)
    told = named(responses.count_by_county(session, wave_id))
    found = [one for one in review.comments(session, wave_id) if not one.cleared and one.received_on < today]
    lines = tuple(
        CommentLine(one.key, one.county if one.county in told else "", questionnaire.items[one.item], one.text)
        for one in found[:AT_ONCE]
    )
    _note(session, who, "comment.read", wave_id, len(lines))
    return Pile(lines, len(found) - len(lines))


def clear_comment(session: Session, actor: Actor | None, wave_id: str, key: str, text: str) -> None:
    """Put the text that a researcher has freed of names in place of the original, and let it be exported.

    Problems `access.denied`, `review.settled`, `review.no_words` when nothing is left of the text.
    """
    who = require(actor, "comment.review")
    words = read_text(text)
    if not words:
        raise Problem("review.no_words", where=wave_id)
    _settle_comment(session, wave_id, key, words)
    audit.write(session, who, "comment.clear", {"wave": wave_id})


def reject_comment(session: Session, actor: Actor | None, wave_id: str, key: str) -> None:
    """Never export this comment: its text is deleted. Problems `access.denied`, `review.settled`."""
    who = require(actor, "comment.review")
    _settle_comment(session, wave_id, key, "")
    audit.write(session, who, "comment.reject", {"wave": wave_id})


def _settle_comment(session: Session, wave_id: str, key: str, words: str) -> None:
    writing(session)
    comments = [one for one in review.comments(session, wave_id) if not one.cleared]
    if not review.clear(session, wave_id, _find(comments, key), words):
        raise Problem("review.settled", where=wave_id)


Kept = TypeVar("Kept", review.Variant, review.Comment)


def _find(things: list[Kept], key: str) -> Kept:
    """The one that a button of the page meant; somebody else may have been faster, or it was withdrawn."""
    for thing in things:
        if thing.key == key:
            return thing
    raise Problem("review.settled", where="key")


def _asked(session: Session, wave_id: str) -> tuple[Wave, Questionnaire]:
    writing(session)  # a look goes into the log
    wave = waves.get(session, wave_id)
    return wave, instruments.get(session, wave.questionnaire, wave.version)


def _note(session: Session, who: Actor, action: str, wave_id: str, count: int) -> None:
    if count:
        audit.write(session, who, action, {"wave": wave_id, "shown": count})
