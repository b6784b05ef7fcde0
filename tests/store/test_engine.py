"""Opening the database."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from fieldkit.settings import data_folder, resource
from fieldkit.store.engine import Session, is_current, is_sqlite, migrate, open_engine, writing
from fieldkit.store.tables import TallyRow


def test_sqlite_is_opened_with_every_safety_on(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("foreign_keys", "journal_mode", "synchronous", "secure_delete", "busy_timeout")
        }
    engine.dispose()
    assert found == {
        "foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "busy_timeout": 30_000,
    }  # fmt: skip


def test_what_refers_to_nothing_is_refused(database: Engine) -> None:
    with Session(database) as session:
        session.add(TallyRow(wave="none", county="330523", kind="refused", count=1))
        with pytest.raises(IntegrityError):
            session.commit()


def test_an_error_does_not_tell_what_was_to_be_stored(database: Engine) -> None:
    with Session(database) as session:
        session.add(TallyRow(wave="绝密", county="330523", kind="refused", count=1))
        with pytest.raises(IntegrityError) as raised:
            session.commit()
    assert "parameters: (" not in str(raised.value)


def test_sessions_that_read_and_then_write_wait_for_each_other(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("INSERT INTO account VALUES ('a', 'operator', '[]', 'x', 0, NULL)"))

    def one_more(_: int) -> None:
        with Session(database) as session:
            writing(session)
            lock = "" if is_sqlite(database) else " FOR UPDATE"
            seen = session.connection().execute(text(f"SELECT failures FROM account{lock}")).scalar_one()
            session.connection().execute(text("UPDATE account SET failures = :n"), {"n": seen + 1})
            session.commit()

    with ThreadPoolExecutor(8) as desks:
        list(desks.map(one_more, range(40)))
    with database.connect() as connection:
        assert connection.execute(text("SELECT failures FROM account")).scalar_one() == 40


def test_a_database_is_current_only_after_it_was_migrated(empty_url: str) -> None:
    engine = open_engine(empty_url)
    assert not is_current(engine, resource("migrations"))
    migrate(empty_url, resource("migrations"))
    assert is_current(engine, resource("migrations"))
    engine.dispose()


def test_processes_that_start_together_migrate_one_after_the_other(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as processes:
        for done in [processes.submit(migrate, empty_url, resource("migrations")) for _ in range(4)]:
            done.result(timeout=240)
    engine = open_engine(empty_url)
    assert is_current(engine, resource("migrations"))
    engine.dispose()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_their_owner_can_read_the_files_of_a_database(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    before = os.umask(0)
    try:
        engine = open_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (a)")
        files = sorted(tmp_path.iterdir())
        assert [f.name for f in files] == ["x.sqlite", "x.sqlite-shm", "x.sqlite-wal"]
        assert [mode(f) for f in files] == [0o600] * 3
        for file in files:
            file.chmod(0o644)  # as an older version left them
        open_engine(f"sqlite:///{path}").dispose()
        assert [mode(f) for f in files] == [0o600] * 3
        engine.dispose()
    finally:
        os.umask(before)


def test_a_new_data_folder_and_one_of_ours_are_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "instance"
    assert mode(data_folder(folder)) == 0o700
    (folder / "secret.key").touch()
    folder.chmod(0o755)
    assert mode(data_folder(folder)) == 0o700


def test_a_folder_that_holds_other_things_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "thesis.docx").touch()
    assert mode(data_folder(tmp_path)) == 0o755
