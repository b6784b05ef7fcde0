"""The way in: many checked submissions in one statement, or one with all its consequences.

What a submission costs is mostly what stands between it and the disk. So what arrives together is stored by one
statement that is its own transaction (`Inlet`), past SQLAlchemy: a quarter of the processor time on SQLite. Only when
something in a group is not plainly new are its members taken one by one (`add_one`, inside the caller's transaction).
"""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
import psycopg
from sqlalchemy import Connection, Engine, func, null, select
from sqlalchemy.dialects import postgresql, sqlite

from fieldkit.core.submission import content_hash, id_hash
from fieldkit.store.engine import is_sqlite
from fieldkit.store.tables import Kept

RESPONSE, COMMENT, VARIANT, WITHDRAWN, TALLY = (
    Kept.metadata.tables[name] for name in ("response", "comment", "variant", "withdrawn", "tally")
)
COLUMNS = tuple(RESPONSE.columns.keys())
BROKEN = (sqlite3.Error, psycopg.Error)  # what an Inlet raises when the database does not answer
VARIANTS_KEPT = 20  # of one response; a phone that has sent more is broken, and the disk is not its toy


@dataclass(frozen=True, slots=True)
class Arrival:
    """A checked submission as it will be kept. `answers`, `paradata` are JSON; `comments` are open texts by item id."""

    wave: str
    county: str
    id: str
    questionnaire: str
    version: str
    language: str
    received_on: datetime.date
    active_seconds: int | None
    receipt_hash: str
    answers: bytes
    comments: Mapping[str, str]
    paradata: bytes | None = None


class Inlet:
    """One connection that is kept for collecting. Used by one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._sqlite = is_sqlite(engine)
        taken = engine.raw_connection()
        connection: Any = taken.driver_connection
        taken.detach()  # ours alone; the pool forgets it
        self._connection = connection
        if not self._sqlite:
            connection.autocommit = True

    def add_all(self, arrivals: Sequence[Arrival]) -> bool:
        """Store all of them and commit, or store nothing and say False because one of them is not plainly new.

        Not new: its id or receipt code is here already, or its id was withdrawn, or it breaks a rule of the tables.
        """
        try:
            if not self._sqlite:
                both = (_as_records(arrivals), _as_comments(arrivals))
                self._connection.execute(POSTGRESQL_INSERT, both, prepare=True)
            elif any(a.comments for a in arrivals):
                self._in_transaction(arrivals)
            else:
                self._connection.execute(_sqlite_insert(len(arrivals)), _as_values(arrivals))
        except (sqlite3.IntegrityError, psycopg.IntegrityError):
            return False
        return True

    def _in_transaction(self, arrivals: Sequence[Arrival]) -> None:
        """SQLite fills one table per statement; comments have a table of their own."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.execute(_sqlite_insert(len(arrivals)), _as_values(arrivals))
            self._connection.executemany(
                "INSERT INTO comment (wave, county, response, item, text, cleared) VALUES (?, ?, ?, ?, ?, FALSE)",
                [(a.wave, a.county, a.id, item, words) for a in arrivals for item, words in a.comments.items()],
            )
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Give the connection back to the database."""
        self._connection.close()


# In both statements the id of what was withdrawn becomes NULL, which no table takes: the whole statement fails and
# nothing of it is stored.
@cache
def _sqlite_insert(count: int) -> str:
    """One INSERT for so many rows: one call into SQLite, during which other threads read and check."""
    row = f"({', '.join('?' * (len(COLUMNS) + 1))})"
    kept = [f"column{n}" for n in range(1, len(COLUMNS) + 1)]
    withdrawn = f"column{len(COLUMNS) + 1} IN (SELECT id_hash FROM withdrawn)"
    kept[COLUMNS.index("id")] = f"CASE WHEN {withdrawn} THEN NULL ELSE {kept[COLUMNS.index('id')]} END"
    return (
        f"INSERT INTO response ({', '.join(COLUMNS)}) SELECT {', '.join(kept)} "
        f"FROM (VALUES {', '.join([row] * count)}) WHERE TRUE"
    )


# The rows travel as one JSON document: the statement is prepared once for any number of them, and PostgreSQL, not
# Python, takes it apart.
POSTGRESQL_INSERT = f"""
WITH stored AS (
  INSERT INTO response ({", ".join(COLUMNS)})
  SELECT {", ".join(f"a.{c}" for c in COLUMNS).replace("a.id,", "CASE WHEN w.id_hash IS NULL THEN a.id END,")}
  FROM jsonb_to_recordset(%s::jsonb) AS a (wave text, county text, id text, questionnaire text, version text,
    language text, received_on date, active_seconds integer, receipt_hash text, answers jsonb,
    paradata jsonb, id_hash text)
  LEFT JOIN withdrawn w ON w.id_hash = a.id_hash)
INSERT INTO comment (wave, county, response, item, text, cleared)
SELECT c.wave, c.county, c.response, c.item, c.text, FALSE
FROM jsonb_to_recordset(%s::jsonb) AS c (wave text, county text, response text, item text, text text)
"""


def _as_values(arrivals: Sequence[Arrival]) -> list[Any]:
    values: list[Any] = []
    for a in arrivals:
        values += (
            a.wave, a.county, a.id, a.questionnaire, a.version, a.language, a.received_on.isoformat(),
            a.active_seconds, a.receipt_hash, a.answers.decode(), None if a.paradata is None else a.paradata.decode(),
            id_hash(a.id),
        )  # fmt: skip
    return values


def _as_records(arrivals: Sequence[Arrival]) -> str:
    records = [
        {
            "wave": a.wave, "county": a.county, "id": a.id, "questionnaire": a.questionnaire, "version": a.version,
            "language": a.language, "received_on": a.received_on, "active_seconds": a.active_seconds,
            "receipt_hash": a.receipt_hash, "answers": orjson.Fragment(a.answers),
            "paradata": None if a.paradata is None else orjson.Fragment(a.paradata), "id_hash": id_hash(a.id),
        }
        for a in arrivals
    ]  # fmt: skip
    return orjson.dumps(records).decode()


def _as_comments(arrivals: Sequence[Arrival]) -> str:
    if not any(a.comments for a in arrivals):
        return "[]"
    return orjson.dumps([_comment(a, item, words) for a in arrivals for item, words in a.comments.items()]).decode()


def add_one(connection: Connection, arrival: Arrival) -> str:
    """Store one and say what became of it.

    `stored`; `again` (the same was here before, or was withdrawn: nothing is kept); `variant` (other content under
    the same id: kept for review); `taken` (another response has this receipt code: nothing is kept).
    """
    gone = select(WITHDRAWN.c.id_hash).where(WITHDRAWN.c.id_hash == id_hash(arrival.id))
    if connection.execute(gone).first():
        return "again"
    row = {name: getattr(arrival, name) for name in COLUMNS}
    row |= {"answers": orjson.loads(arrival.answers), "paradata": _paradata(arrival)}
    new = insert(connection)(RESPONSE).values(row).on_conflict_do_nothing().returning(RESPONSE.c.id)
    if connection.execute(new).first():
        if arrival.comments:
            comments = [_comment(arrival, item, words) for item, words in arrival.comments.items()]
            connection.execute(COMMENT.insert(), comments)
        return "stored"
    this = [RESPONSE.c[name] == getattr(arrival, name) for name in ("wave", "county", "id")]
    kept = connection.execute(select(RESPONSE.c.receipt_hash, RESPONSE.c.answers).where(*this)).first()
    if kept is None:
        return "taken"
    same = kept.receipt_hash == arrival.receipt_hash and kept.answers == row["answers"]
    if same and _same_words(connection, arrival):
        return "again"
    _add_variant(connection, arrival, row["answers"])
    return "variant"


def _same_words(connection: Connection, arrival: Arrival) -> bool:
    """Whether the comments are those that are kept; one that a researcher has cleared of names counts as the same."""
    here = [COMMENT.c.wave == arrival.wave, COMMENT.c.county == arrival.county, COMMENT.c.response == arrival.id]
    kept = connection.execute(select(COMMENT.c.item, COMMENT.c.text, COMMENT.c.cleared).where(*here)).all()
    return {row.item for row in kept} == set(arrival.comments) and all(
        row.cleared or row.text == arrival.comments[row.item] for row in kept
    )


def _add_variant(connection: Connection, arrival: Arrival, answers: dict[str, Any]) -> None:
    of_this = [VARIANT.c[name] == getattr(arrival, name) for name in ("wave", "county")]
    kept = select(func.count()).select_from(VARIANT).where(*of_this, VARIANT.c.response == arrival.id)
    if connection.execute(kept).scalar_one() >= VARIANTS_KEPT:
        return
    comments = dict(arrival.comments)
    variant = insert(connection)(VARIANT).values(
        wave=arrival.wave,
        county=arrival.county,
        response=arrival.id,
        content_hash=content_hash({"answers": answers, "comments": comments, "receipt": arrival.receipt_hash}),
        receipt_hash=arrival.receipt_hash,
        language=arrival.language,
        received_on=arrival.received_on,
        active_seconds=arrival.active_seconds,
        answers=answers,
        comments=comments,
        paradata=_paradata(arrival),
    )
    connection.execute(variant.on_conflict_do_nothing())


def _paradata(arrival: Arrival) -> Any:
    """None is written as NULL, not as the JSON word."""
    return null() if arrival.paradata is None else orjson.loads(arrival.paradata)


def add_to_tally(connection: Connection, wave: str, county: str, kind: str) -> None:
    """Count one more refusal (`refused`) or withdrawal (`withdrawn`) of a county."""
    one = insert(connection)(TALLY).values(wave=wave, county=county, kind=kind, count=1)
    connection.execute(
        one.on_conflict_do_update(index_elements=["wave", "county", "kind"], set_={"count": TALLY.c.count + 1})
    )


def remember(connection: Connection, wave: str, response_id: str) -> None:
    """Keep a hash of the id of a response that was taken back."""
    row = insert(connection)(WITHDRAWN).values(id_hash=id_hash(response_id), wave=wave)
    connection.execute(row.on_conflict_do_nothing())


def insert(connection: Connection) -> Any:
    """INSERT in the dialect of this database, which knows what to do when the row is there already."""
    return sqlite.insert if is_sqlite(connection) else postgresql.insert


def _comment(arrival: Arrival, item: str, words: str) -> dict[str, object]:
    return {
        "wave": arrival.wave,
        "county": arrival.county,
        "response": arrival.id,
        "item": item,
        "text": words,
        "cleared": False,
    }
