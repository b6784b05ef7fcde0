"""A long reading of which every part is of one moment, whatever is handed in meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fieldkit.store.engine import Session, is_sqlite


@contextmanager
def snapshot(beside: Session) -> Iterator[Session]:
    """A session of its own on the same database, for reading only; nobody is kept from writing.

    Every transaction of SQLite sees one moment; PostgreSQL is asked to.
    """
    bind = beside.get_bind()
    with Session(bind) as session:
        if not is_sqlite(bind):
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session
