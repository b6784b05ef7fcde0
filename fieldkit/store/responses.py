"""The way out of what was handed in: reading, counting, withdrawal, deletion.

Everything is read in the order of wave, county and random id, never of arrival.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import and_, delete, func, select
from sqlmodel import Session

from fieldkit.core.answer import Answer
from fieldkit.core.item import MISSING_REASONS
from fieldkit.core.paradata import from_kept
from fieldkit.core.response import Response
from fieldkit.core.wave import Wave
from fieldkit.store.intake import RESPONSE, TALLY, VARIANT, WITHDRAWN, add_to_tally, remember
from fieldkit.store.jobs import overtaken
from fieldkit.store.tables import Kept
from fieldkit.store.traces import erasing, reordering

PEER_SNAPSHOT = Kept.metadata.tables["peer_snapshot"]
POOLED = Kept.metadata.tables["pooled_figures"]
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


def as_answers(kept: Mapping[str, Any]) -> dict[str, Answer]:
    """Stored answers as they are used everywhere else."""
    return {
        item: MISSING[value["missing"]] if isinstance(value, dict) else Answer(value) for item, value in kept.items()
    }


def iterate(session: Session, wave: Wave, county: str | None = None) -> Iterator[Response]:
    """All responses of a wave, or of one county of it, a few hundred in memory at a time.

    An open comment has the value '' (something was written); its words are never read together with the answers.
    Each response has an answer for every item of the questionnaire but consent and county.
    """
    here = RESPONSE.c.wave == wave.id if county is None else _of(RESPONSE, wave.id, county)
    query = select(RESPONSE).where(here).order_by(RESPONSE.c.wave, RESPONSE.c.county, RESPONSE.c.id)
    with session.connection().execute(query, execution_options={"yield_per": AT_ONCE}) as rows:
        for row in rows:
            yield Response(
                id=row.id,
                wave=row.wave,
                county=row.county,
                questionnaire=row.questionnaire,
                version=row.version,
                language=row.language,
                received_on=row.received_on,
                active_seconds=row.active_seconds,
                answers=as_answers(row.answers),
                simulated=wave.simulated,
                paradata=from_kept(row.paradata),
            )


def _of(table: Any, wave: str, county: str) -> Any:
    return and_(table.c.wave == wave, table.c.county == county)


def count_by_county(session: Session, wave_id: str, counties: Collection[str] | None = None) -> dict[str, int]:
    """How many responses each county has, or each of these; counties without any are absent."""
    here = RESPONSE.c.wave == wave_id
    if counties is not None:  # only their part of the table is read
        here &= RESPONSE.c.county.in_(counties)
    query = select(RESPONSE.c.county, func.count()).where(here).group_by(RESPONSE.c.county)
    return {row[0]: row[1] for row in session.connection().execute(query)}


def more_than(session: Session, wave_id: str, most: int) -> bool:
    """Whether a wave has more than `most` responses; no more than these are counted, however many there are."""
    some = select(RESPONSE.c.wave).where(RESPONSE.c.wave == wave_id).limit(most + 1).subquery()
    return session.connection().execute(select(func.count()).select_from(some)).scalar_one() > most


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
    erasing(session)
    overtaken(session, wave_id)
    remember(connection, wave_id, response)
    add_to_tally(connection, wave_id, county, "withdrawn")
    return True


def delete_wave(session: Session, wave_id: str) -> int:
    """Delete every raw record of a wave, as promised for the day after `keep_until`; how many responses went.

    The frozen numbers of peers and of all counties together go too: nothing will be issued any more.
    """
    erasing(session)
    overtaken(session, wave_id)
    gone = session.connection().execute(delete(RESPONSE).where(RESPONSE.c.wave == wave_id))
    for table in (WITHDRAWN, PEER_SNAPSHOT, POOLED):
        session.connection().execute(delete(table).where(table.c.wave == wave_id))
    reordering(session, wave_id)  # deleted rows go from PostgreSQL's files as well
    return gone.rowcount
