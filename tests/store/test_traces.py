"""Deleted answers and the order of arrival are in no file of the database."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from fieldkit.core.access import LOCAL
from fieldkit.services.collect import Collector
from fieldkit.services.waves import close_wave, delete_expired
from fieldkit.services.withdraw import withdraw
from fieldkit.store import traces
from fieldkit.store.engine import Session
from tests.samples import TODAY, begin, item, questionnaire, sent, wave

ASKED = questionnaire(item("level", "single", 1, 2), item("words", "text"))
MARK = b"ONLY-IN-ONE-PLACE"
only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def collector(database: Engine):
    begin(database, ASKED)
    collector = Collector(database, today=lambda: TODAY)
    yield collector
    collector.close()


def files_with(engine: Engine, *marks: bytes) -> list[str]:
    """The files of the data folder in which any of this can be read, while everything is open."""
    folder = Path(str(engine.url.database)).parent
    return [f.name for f in folder.iterdir() if f.is_file() and any(mark in f.read_bytes() for mark in marks)]


def take_back(collector: Collector, code: str) -> None:
    with Session(collector.engine) as session:
        withdraw(session, "w", code, TODAY)
        session.commit()


@only_sqlite
def test_withdrawn_answers_are_in_no_file_while_the_server_runs(collector: Collector) -> None:
    mine, other = sent({"level": 2, "words": MARK.decode()}), sent({"level": 1})
    collector.submit(mine)
    collector.submit(other)
    assert files_with(collector.engine, MARK)
    take_back(collector, mine.receipt_code)
    assert files_with(collector.engine, MARK, mine.id.encode()) == []
    collector.submit(sent({"level": 1}))
    assert files_with(collector.engine, MARK, mine.id.encode()) == []


@only_sqlite
def test_expired_answers_are_in_no_file_while_the_server_runs(collector: Collector) -> None:
    mine = sent({"level": 2, "words": MARK.decode()})
    collector.submit(mine)
    with Session(collector.engine) as session:
        delete_expired(session, LOCAL, wave().keep_until + datetime.timedelta(days=1))
        session.commit()
    assert files_with(collector.engine, MARK, mine.id.encode()) == []


@only_sqlite
def test_a_long_reading_delays_it_but_does_not_break_the_withdrawal(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(traces, "TRIES", 2)
    monkeypatch.setattr(traces, "TRY_MS", 10)
    mine = sent({"level": 2, "words": MARK.decode()})
    collector.submit(mine)
    with Session(collector.engine) as reading:
        reading.connection().execute(text("SELECT count(*) FROM response")).scalar_one()
        take_back(collector, mine.receipt_code)
        assert files_with(collector.engine, MARK)
        assert "could not be emptied" in caplog.text
        collector.submit(sent({"level": 1}))  # nobody is kept from handing in
    assert traces.empty_log(collector.engine)
    assert files_with(collector.engine, MARK, mine.id.encode()) == []


@only_sqlite
def test_a_connection_that_emptied_the_log_waits_for_others_as_before(collector: Collector) -> None:
    traces.empty_log(collector.engine)
    for _ in range(3):
        with collector.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 30_000


@only_postgresql
def test_on_postgresql_closing_a_wave_lays_the_rows_by_their_random_id(collector: Collector) -> None:
    came = [f"{n:032x}" for n in (7, 3, 9, 1, 8, 2)]
    for one in came:
        collector.submit(sent({"level": 1, "words": "话"}, id=one))
    engine = collector.engine

    def lying(table: str, column: str) -> list[str]:
        with engine.connect() as connection:
            return list(connection.execute(text(f"SELECT {column} FROM {table} ORDER BY ctid")).scalars())

    assert lying("response", "id") == came
    with Session(engine) as session:
        close_wave(session, LOCAL, "w")
        session.commit()
    assert lying("response", "id") == sorted(came)
    assert lying("comment", "response") == sorted(came)
    with engine.connect() as connection:
        for table in ("response", "comment"):
            writers = connection.execute(text(f"SELECT count(DISTINCT xmin::text) FROM {table}")).scalar_one()
            assert writers == 1, table


@only_postgresql
def test_on_postgresql_a_table_in_use_is_left_as_it_is_and_the_wave_still_closes(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(traces, "LOCK_SECONDS", 1)
    collector.submit(sent({"level": 1}))
    with Session(collector.engine) as reading, Session(collector.engine) as session:
        reading.connection().execute(text("SELECT count(*) FROM response")).scalar_one()
        close_wave(session, LOCAL, "w")
        session.commit()
    assert "could not be laid" in caplog.text
    with collector.engine.connect() as connection:
        assert connection.execute(text("SELECT state FROM wave")).scalar_one() == "closed"
