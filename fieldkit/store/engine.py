"""Opening the database, and bringing it to the present shape."""

from __future__ import annotations

import datetime
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlmodel import Session

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["Session", "is_current", "is_made", "is_sqlite", "migrate", "open_engine", "utc_now", "writing"]

BUSY_SECONDS = 30  # how long one writer waits for another before it gives up
MIGRATION_LOCK = 7_305_071  # PostgreSQL advisory lock: processes that start together migrate one after the other


def open_engine(url: str) -> Engine:
    """The database at this address, SQLite or PostgreSQL, with every safety switched on.

    SQLite: foreign keys enforced; write-ahead log, flushed at every commit, so that what was answered with a receipt
    survives a power cut; deleted content overwritten with zeros in the file, and in the log once that is emptied
    (`store.traces.erasing`); files that only their owner can read. A session that will write says so first (`writing`).
    """
    pool: dict[str, Any] = {}
    if make_url(url).get_backend_name() != "sqlite":
        pool = {"pool_size": 16, "max_overflow": 32, "pool_pre_ping": True}
    engine = create_engine(
        url,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        hide_parameters=True,  # answers never stand in an error message, and so never in a log
        **pool,
    )
    if is_sqlite(engine):
        _close_to_others(engine.url.database)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def is_made(url: str) -> bool:
    """Whether there is a database at this address to look into; a server's is taken to be there."""
    address = make_url(url)
    return address.get_backend_name() != "sqlite" or Path(address.database or "").is_file()


def is_sqlite(bind: Engine | Connection) -> bool:
    """Whether this is SQLite: one file, one writer at a time."""
    return bind.dialect.name == "sqlite"


def _close_to_others(database: str | None) -> None:
    """Make the file of a database before SQLite does, for its owner only; what SQLite puts beside it is like it."""
    if not database or database == ":memory:" or database.startswith("file:"):
        return
    path = Path(database)
    if path.parent.is_dir():
        with suppress(OSError):  # it belongs to somebody else, or cannot be written: SQLite says what it thinks of it
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        with suppress(OSError):
            file.chmod(0o600)


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # the module's own transactions begin too late; _begin_sqlite begins ours
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "wal_autocheckpoint = 4000",  # pages: under load the log is written back once for many groups
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get("sqlite_begin", "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)


def writing(session: Session) -> Session:
    """Say at the beginning of a piece of work that it will write.

    On SQLite the session then waits for its turn before it reads, instead of failing when somebody wrote in between.
    Without effect on PostgreSQL, or once the session has begun to read.

    >>> with Session(open_engine("sqlite://")) as session:
    ...     writing(session).in_transaction()
    True
    """
    if not session.in_transaction():
        session.connection(execution_options={"sqlite_begin": "BEGIN IMMEDIATE"})
    return session


def _configuration(folder: Path) -> Config:
    """Alembic's settings, made here so that no alembic.ini has to lie beside the program.

    Alembic is imported only where it is used: collecting answers does not need it.
    """
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(database: str | Engine, folder: Path, revision: str = "head") -> None:
    """Bring the database to a revision (the newest, unless another is named), all steps in one transaction.

    `folder` is that of the migrations. Going back to 'base' removes every table with all that is in it. Safe to
    repeat, and safe when several processes start together.
    """
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    engine = open_engine(database) if isinstance(database, str) else database
    try:
        with _alone(engine) as connection:
            config = _configuration(folder)
            config.attributes["connection"] = connection
            script = ScriptDirectory.from_config(config)
            present = MigrationContext.configure(connection).get_current_revision()
            wanted = script.as_revision_number(revision)
            passed = [step.revision for step in script.walk_revisions("base", present)] if present else []
            if wanted == present:
                return
            if wanted is None or wanted in passed:
                command.downgrade(config, revision)
            else:
                command.upgrade(config, revision)
    finally:
        if isinstance(database, str):
            engine.dispose()


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """One transaction in which nobody else migrates; foreign keys rest while SQLite rebuilds tables."""
    with engine.connect() as connection:
        if not is_sqlite(engine):
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            yield connection
            connection.commit()
            return
        connection = connection.execution_options(sqlite_begin=None)
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"a migration left {len(broken)} rows that refer to nothing, first: {broken[0]}")
            connection.commit()
        finally:
            connection.invalidate()  # a connection without foreign keys never goes back to the pool


def is_current(engine: Engine, folder: Path) -> bool:
    """Whether the database has the shape that this program expects."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    newest = ScriptDirectory.from_config(_configuration(folder)).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def utc_now() -> datetime.datetime:
    """This moment, for what is done at the desk; nothing about a respondent is ever timed."""
    return datetime.datetime.now(datetime.UTC)
