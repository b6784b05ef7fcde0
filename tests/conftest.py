"""Every test that touches the database runs on SQLite and on PostgreSQL, on a fresh copy of a migrated database."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fieldkit.settings import resource
from fieldkit.store.engine import migrate, open_engine
from tests.databases import Server, postgresql

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """One PostgreSQL server for all tests of this process."""
    with postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgresql_server: Server) -> Server:
    """The server, with a migrated database that others are copied from."""
    postgresql_server.command("CREATE DATABASE migrated_template")
    migrate(postgresql_server.url("migrated_template"), resource("migrations"))
    return postgresql_server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that others are copied from."""
    path = tmp_path_factory.mktemp("template") / "migrated.sqlite"
    migrate(f"sqlite:///{path}", resource("migrations"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"empty_{next(_numbers)}"
    server.command(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.command(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database of this test's own, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "fieldkit.sqlite"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        engine = open_engine(f"sqlite:///{path}")
        yield engine
        engine.dispose()
        return
    server = request.getfixturevalue("migrated_template")
    name = f"test_{next(_numbers)}"
    server.command(f"CREATE DATABASE {name} TEMPLATE migrated_template")
    engine = open_engine(server.url(name))
    yield engine
    engine.dispose()
    server.command(f"DROP DATABASE {name} WITH (FORCE)")
