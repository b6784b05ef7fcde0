"""The way out of what was handed in: reading, counting, clearing comments, withdrawal, deletion.

Everything is read in the order of wave, county and random id, never of arrival.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlmodel import Session

from fieldkit.core.answer import Answer
from fieldkit.core.item import MISSING_REASONS
from fieldkit.core.response import Response
from fieldkit.core.wave import Wave
from fieldkit.store.intake import COMMENT, RESPONSE, TALLY, VARIANT, WITHDRAWN, add_to_tally, remember

AT_ONCE = 500  # rows in memory while reading
KEPT_APART = ""  # what stands for an open comment in the answers: something was written, and it lies elsewhere
MISSING = {reason: Answer(missing=reason) for reason in MISSING_REASONS}


def as_kept(answers: Mapping[str, Answer], comments: frozenset[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers as they are stored: value, or {"missing": reason}; and the texts of the items in `comments`, apart."""
    kept: dict[str, Any] = {}
    apart: dict[str, str] = {}
    for item, answer in answers.items():
        if answer.missing is not None:
            kept[item] = _MISSING_AS_KEPT[answer.missing]
        elif item in comments:
            kept[item], apart[item] = KEPT_APART, str(answer.value)
        elif isinstance(answer.value, list) and answer.value and isinstance(answer.value[0], dict):
            kept[item] = _rows_as_kept(answer.value, comments, apart)
        else:
            kept[item] = answer.value
    return kept, apart


def _rows_as_kept(rows: list[Any], comments: frozenset[str], apart: dict[str, str]) -> list[dict[str, Any]]:
    """The rows of a repeat without what was written in them; that goes apart, all rows of one item together."""
    kept: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 1):
        mine: dict[str, Any] = {}
        for item, value in row.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                mine[item] = _rows_as_kept(value, comments, apart)
            elif item in comments and not isinstance(value, dict):
                mine[item] = KEPT_APART
                apart[item] = "\n".join(filter(None, (apart.get(item, ""), f"{number}. {value}")))
            else:
                mine[item] = value
        kept.append(mine)
    return kept


_MISSING_AS_KEPT = {reason: {"missing": reason} for reason in MISSING_REASONS}


def _as_answers(kept: Mapping[str, Any]) -> dict[str, Answer]:
    return {
        item: MISSING[value["missing"]] if isinstance(value, dict) else Answer(value) for item, value in kept.items()
    }


def iterate(session: Session, wave: Wave, county: str | None = None, *, comments: bool = False) -> Iterator[Response]:
    """All responses of a wave, or of one county of it, a few hundred in memory at a time.

    An open comment has the value '' (something was written), unless `comments` asks for those that a researcher has
    cleared of names. Each response has an answer for every item of the questionnaire but consent and county.
    """
    here = RESPONSE.c.wave == wave.id if county is None else _of(RESPONSE, wave.id, county)
    cleared = _cleared(session, wave, county) if comments else {}
    query = select(RESPONSE).where(here).order_by(RESPONSE.c.wave, RESPONSE.c.county, RESPONSE.c.id)
    with session.connection().execute(query, execution_options={"yield_per": AT_ONCE}) as rows:
        for row in rows:
            answers = _as_answers(row.answers)
            for item, words in cleared.get(row.id, ()):
                answers[item] = Answer(words)
            yield Response(
                id=row.id,
                wave=row.wave,
                county=row.county,
                questionnaire=row.questionnaire,
                version=row.version,
                language=row.language,
                received_on=row.received_on,
                active_seconds=row.active_seconds,
                answers=answers,
                simulated=wave.simulated,
            )


def _of(table: Any, wave: str, county: str) -> Any:
    return and_(table.c.wave == wave, table.c.county == county)


def _cleared(session: Session, wave: Wave, county: str | None) -> dict[str, list[tuple[str, str]]]:
    query = select(COMMENT).where(COMMENT.c.wave == wave.id, COMMENT.c.cleared)
    if county is not None:
        query = query.where(COMMENT.c.county == county)
    found: dict[str, list[tuple[str, str]]] = {}
    for row in session.connection().execute(query):
        found.setdefault(row.response, []).append((row.item, row.text))
    return found


def count_by_county(session: Session, wave_id: str) -> dict[str, int]:
    """How many responses each county has; counties without any are absent."""
    query = select(RESPONSE.c.county, func.count()).where(RESPONSE.c.wave == wave_id).group_by(RESPONSE.c.county)
    return {row[0]: row[1] for row in session.connection().execute(query)}


def median_seconds(session: Session, wave_id: str) -> float | None:
    """The median active time of a wave, over those whose page could measure it; None when nobody's could."""
    times = select(RESPONSE.c.active_seconds).where(
        RESPONSE.c.wave == wave_id, RESPONSE.c.active_seconds.is_not(None)
    )
    found = sorted(session.connection().execute(times).scalars())
    middle = len(found) // 2
    if not found:
        return None
    return float(found[middle]) if len(found) % 2 else (found[middle - 1] + found[middle]) / 2


def tally(session: Session, wave_id: str, kind: str) -> dict[str, int]:
    """How many `refused`, or took back (`withdrawn`), by county."""
    query = select(TALLY.c.county, TALLY.c.count).where(TALLY.c.wave == wave_id, TALLY.c.kind == kind)
    return {row[0]: row[1] for row in session.connection().execute(query)}


def withdraw(session: Session, wave_id: str, receipt_hash: str) -> bool:
    """Delete the response that this receipt belongs to, its comments and all its variants; False if there is none.

    What remains is a number in the tally and a hash of the response's id, so that a late repeat from a phone's queue
    does not bring it back.
    """
    connection = session.connection()
    by_variant = select(VARIANT.c.county, VARIANT.c.response).where(
        VARIANT.c.wave == wave_id, VARIANT.c.receipt_hash == receipt_hash
    )
    by_response = select(RESPONSE.c.county, RESPONSE.c.id).where(
        RESPONSE.c.receipt_hash == receipt_hash, RESPONSE.c.wave == wave_id
    )
    found = connection.execute(by_response).first() or connection.execute(by_variant).first()
    if found is None:
        return False
    county, response = found
    gone = connection.execute(delete(RESPONSE).where(_of(RESPONSE, wave_id, county), RESPONSE.c.id == response))
    if gone.rowcount == 0:  # two withdrawals at the same moment: the other one did it
        return False
    remember(connection, wave_id, response)
    add_to_tally(connection, wave_id, county, "withdrawn")
    return True


@dataclass(frozen=True, slots=True)
class Variant:
    """Other content that came under the id of a stored response."""

    response: str
    county: str
    received_on: datetime.date
    answers: Mapping[str, Answer]


def variants(session: Session, wave_id: str) -> list[Variant]:
    """All variants of a wave, for review by a researcher; open texts stay apart here too."""
    query = select(VARIANT).where(VARIANT.c.wave == wave_id).order_by(VARIANT.c.response, VARIANT.c.content_hash)
    rows = session.connection().execute(query)
    return [Variant(r.response, r.county, r.received_on, _as_answers(r.answers)) for r in rows]


@dataclass(frozen=True, slots=True)
class Comment:
    """What one person wrote to one item; `cleared` says that a researcher has removed names and places."""

    response: str
    county: str
    item: str
    text: str
    cleared: bool


def comments(session: Session, wave_id: str) -> list[Comment]:
    """All open comments of a wave, for a researcher to clear of names before export."""
    query = select(COMMENT).where(COMMENT.c.wave == wave_id).order_by(COMMENT.c.response, COMMENT.c.item)
    rows = session.connection().execute(query)
    return [Comment(r.response, r.county, r.item, r.text, r.cleared) for r in rows]


def clear_comment(session: Session, wave_id: str, response: str, item: str, words: str) -> bool:
    """Put the words that a researcher has cleared of names in place of the original; False if there is no such one."""
    this = (COMMENT.c.wave == wave_id, COMMENT.c.response == response, COMMENT.c.item == item)
    changed = session.connection().execute(update(COMMENT).where(*this).values(text=words, cleared=True))
    return changed.rowcount == 1


def delete_wave(session: Session, wave_id: str) -> int:
    """Delete every raw record of a wave, as promised for the day after `keep_until`; how many responses went."""
    gone = session.connection().execute(delete(RESPONSE).where(RESPONSE.c.wave == wave_id))
    session.connection().execute(delete(WITHDRAWN).where(WITHDRAWN.c.wave == wave_id))
    return gone.rowcount
