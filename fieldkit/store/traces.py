"""What deletion and arrival leave behind in the database's files, and how it goes.

SQLite: what was deleted stands in the write-ahead log until that is written back and emptied. PostgreSQL: rows lie in
order of arrival, and deleted ones stay, until the table is written anew. Both can be done only after the commit.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from fieldkit.store.engine import is_sqlite

log = logging.getLogger("fieldkit")
TRIES = 20  # a long reading holds the log for some seconds at most
TRY_MS = 100  # writers wait meanwhile, so each try is short
LOCK_SECONDS = 10
# Table -> a column that is set to itself, so that all rows of a wave were last written by one transaction: its number
# (xmin), too, would tell the order of arrival.
OF_RESPONDENTS = {
    "response": "language",
    "comment": "cleared",
    "variant": "language",
    "attachment": "item",
    "attachment_part": "file",
    "withdrawn": "wave",
    "tally": "count",
}


def erasing(session: Session) -> None:
    """Say that this piece of work deletes what somebody handed in: after its commit the log is emptied."""
    session.info.setdefault("afterwards", {})["erase"] = empty_log


def reordering(session: Session, wave_id: str) -> None:
    """Say that no more answers of this wave will come: on PostgreSQL its rows are laid down by their random key.

    Without effect on SQLite, whose tables always lie in that order.
    """
    connection = session.connection()
    if is_sqlite(connection):
        return
    for table, column in OF_RESPONDENTS.items():
        connection.exec_driver_sql(f"UPDATE {table} SET {column} = {column} WHERE wave = %s", (wave_id,))
    session.info.setdefault("afterwards", {})["reorder"] = lay_by_key


@event.listens_for(Session, "after_transaction_end")
def _afterwards(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    todo: dict[str, Callable[[Engine], object]] = session.info.pop("afterwards", {})
    for act in todo.values():
        bind = session.get_bind()
        try:
            act(bind.engine if isinstance(bind, Connection) else bind)
        except (DBAPIError, sqlite3.Error) as failure:  # the commit stands, and whoever asked for it is told so
            log.warning("what was deleted could not be cleared from the files yet (%s)", type(failure).__name__)


def empty_log(engine: Engine) -> bool:
    """Write SQLite's write-ahead log back into the file and cut it to nothing; whether that is done.

    Waits some seconds for those who are reading. Without effect on PostgreSQL.
    """
    if not is_sqlite(engine):
        return True
    connection: Any = engine.raw_connection()
    try:
        ((before,),) = connection.execute("PRAGMA busy_timeout").fetchall()
        connection.execute(f"PRAGMA busy_timeout = {TRY_MS}")
        try:
            for _ in range(TRIES):
                if _cut(connection):
                    return True
                time.sleep(TRY_MS / 1000)
        finally:
            connection.execute(f"PRAGMA busy_timeout = {before}")
    finally:
        connection.close()
    log.warning("the log of the database could not be emptied after a deletion; this is tried again once a day")
    return False


def _cut(connection: Any) -> bool:
    """One try. The answer is (busy, pages in the log, pages written back)."""
    try:
        ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.OperationalError:  # somebody else is emptying it
        return False
    return not busy


def lay_by_key(engine: Engine) -> bool:
    """Write PostgreSQL's tables of respondents anew in the order of their keys, without deleted rows; whether done.

    Nobody can hand in meanwhile; a table that is in use for longer than LOCK_SECONDS is left as it is.
    """
    if is_sqlite(engine):
        return True
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_SECONDS}s'")
            try:
                for table in OF_RESPONDENTS:
                    connection.exec_driver_sql(f"CLUSTER {table} USING pk_{table}")
            finally:
                connection.exec_driver_sql("RESET lock_timeout")
    except DBAPIError as failure:
        log.warning("rows could not be laid in the order of their keys (%s)", type(failure.orig).__name__)
        return False
    return True
