"""What a researcher looks at by hand: what people wrote, and other content that came under a known id.

Open words are never read together with the answers they came with; a variant says only that words were written.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Text, and_, cast, delete, func, null, select, update
from sqlmodel import Session

from fieldkit.core.answer import Answer
from fieldkit.core.submission import content_hash
from fieldkit.store.intake import COMMENT, RESPONSE, VARIANT, insert
from fieldkit.store.responses import as_answers
from fieldkit.store.traces import erasing

# A variant that was dealt with keeps nothing of its content. Its receipt code goes on to delete the answers, and its
# hash keeps a phone's late repeat from being shown again.
EMPTY: dict[str, Any] = {"answers": {}, "comments": {}, "language": "", "active_seconds": None, "paradata": null()}
WAITS = cast(VARIANT.c.answers, Text) != "{}"


@dataclass(frozen=True, slots=True)
class Variant:
    """Other content that came under the id of a stored response, which is `kept`.

    `other_words` are the items whose texts differ from those that are kept.
    """

    response: str
    county: str
    content_hash: str
    received_on: datetime.date
    kept: Mapping[str, Answer]
    answers: Mapping[str, Answer]
    other_words: frozenset[str]

    @property
    def key(self) -> str:
        """A name that leads to nobody, for the buttons of a page."""
        return _key(self.response, self.content_hash)


@dataclass(frozen=True, slots=True)
class Comment:
    """What one person wrote to one item. `cleared` says that a researcher has dealt with it; without text it stays."""

    response: str
    county: str
    item: str
    text: str
    cleared: bool
    received_on: datetime.date

    @property
    def key(self) -> str:
        """A name that leads neither to the person nor to a row of the export; it changes with the text."""
        return _key(self.response, self.item, self.text)


def _key(*parts: str) -> str:
    return sha256("\0".join(("fieldkit review", *parts)).encode()).hexdigest()[:32]


def variants(session: Session, wave_id: str) -> list[Variant]:
    """All variants of a wave that nobody has dealt with, in random order."""
    same = _same_response(VARIANT)
    query = (
        select(VARIANT, RESPONSE.c.answers.label("kept")).join(RESPONSE, same).where(VARIANT.c.wave == wave_id, WAITS)
    )
    texts: dict[str, dict[str, str]] = {}
    for comment in comments(session, wave_id):
        texts.setdefault(comment.response, {})[comment.item] = comment.text
    found = []
    for row in session.connection().execute(query):
        here, there = texts.get(row.response, {}), row.comments
        other = frozenset(item for item in {*here, *there} if here.get(item) != there.get(item))
        kept, answers = as_answers(row.kept), as_answers(row.answers)
        found.append(Variant(row.response, row.county, row.content_hash, row.received_on, kept, answers, other))
    return sorted(found, key=lambda one: one.key)


def comments(session: Session, wave_id: str) -> list[Comment]:
    """All open comments of a wave, in random order."""
    query = (
        select(COMMENT, RESPONSE.c.received_on)
        .join(RESPONSE, _same_response(COMMENT))
        .where(COMMENT.c.wave == wave_id)
    )
    rows = session.connection().execute(query)
    found = [Comment(r.response, r.county, r.item, r.text, r.cleared, r.received_on) for r in rows]
    return sorted(found, key=lambda one: one.key)


def _same_response(table: Any) -> Any:
    both = table.c.wave == RESPONSE.c.wave, table.c.county == RESPONSE.c.county, table.c.response == RESPONSE.c.id
    return and_(*both)


def count_waiting(session: Session, wave_id: str, before: datetime.date) -> tuple[int, int]:
    """How many variants and how many comments of earlier days nobody has dealt with."""
    number = select(func.count())
    variant = number.select_from(VARIANT).where(VARIANT.c.wave == wave_id, WAITS, VARIANT.c.received_on < before)
    comment = number.select_from(COMMENT.join(RESPONSE, _same_response(COMMENT))).where(
        COMMENT.c.wave == wave_id, ~COMMENT.c.cleared, RESPONSE.c.received_on < before
    )
    connection = session.connection()
    return connection.execute(variant).scalar_one(), connection.execute(comment).scalar_one()


def count_settled(session: Session, wave_id: str) -> Counter[str]:
    """How many variants of each county were dealt with; grows whenever the answers of a response are replaced."""
    query = select(VARIANT.c.county, func.count()).where(VARIANT.c.wave == wave_id, ~WAITS).group_by(VARIANT.c.county)
    return Counter({row[0]: row[1] for row in session.connection().execute(query)})


def clear(session: Session, wave_id: str, comment: Comment, words: str) -> bool:
    """Put these words in place of the original for good, '' for none; False if it is no longer as it was read."""
    erasing(session)
    this = and_(_of(COMMENT, wave_id, comment), COMMENT.c.item == comment.item)
    still = COMMENT.c.text == comment.text, ~COMMENT.c.cleared
    changed = session.connection().execute(update(COMMENT).where(this, *still).values(text=words, cleared=True))
    return changed.rowcount == 1


def discard(session: Session, wave_id: str, variant: Variant) -> bool:
    """Keep the stored answers and nothing of the variant but its receipt; False if somebody was faster."""
    erasing(session)
    this = and_(_of(VARIANT, wave_id, variant), VARIANT.c.content_hash == variant.content_hash)
    changed = session.connection().execute(update(VARIANT).where(this, WAITS).values(EMPTY))
    return changed.rowcount == 1


def adopt(session: Session, wave_id: str, variant: Variant) -> bool:
    """Put the variant's answers and words in place of the stored ones; False if somebody was faster.

    Both receipt codes go on to delete the answers, so the response keeps its own. It keeps its day as well, or a
    count of earlier days would shrink. The words wait to be read again.
    """
    erasing(session)
    connection = session.connection()
    here = and_(RESPONSE.c.wave == wave_id, RESPONSE.c.county == variant.county, RESPONSE.c.id == variant.response)
    first = connection.execute(select(RESPONSE).where(here).with_for_update()).first()
    this = and_(_of(VARIANT, wave_id, variant), VARIANT.c.content_hash == variant.content_hash)
    new = connection.execute(select(VARIANT).where(this, WAITS)).first()
    if first is None or new is None:
        return False
    words = connection.execute(select(COMMENT.c.item, COMMENT.c.text).where(_of(COMMENT, wave_id, variant))).all()
    content = {"answers": first.answers, "comments": {w.item: w.text for w in words}, "receipt": first.receipt_hash}
    settled = {
        "wave": wave_id, "county": variant.county, "response": variant.response, "content_hash": content_hash(content),
        "receipt_hash": first.receipt_hash, "received_on": first.received_on, **EMPTY,
    }  # fmt: skip
    connection.execute(insert(connection)(VARIANT).values(settled).on_conflict_do_nothing())
    values = {"answers": new.answers, "language": new.language, "active_seconds": new.active_seconds}
    values["paradata"] = null() if new.paradata is None else new.paradata
    connection.execute(update(RESPONSE).where(here).values(values))
    connection.execute(delete(COMMENT).where(_of(COMMENT, wave_id, variant)))
    of_response = {"wave": wave_id, "county": variant.county, "response": variant.response, "cleared": False}
    if new.comments:
        rows = [{**of_response, "item": item, "text": text} for item, text in new.comments.items()]
        connection.execute(COMMENT.insert(), rows)
    return discard(session, wave_id, variant)


def _of(table: Any, wave_id: str, thing: Variant | Comment) -> Any:
    return and_(table.c.wave == wave_id, table.c.county == thing.county, table.c.response == thing.response)
