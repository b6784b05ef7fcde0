"""What the running process does once a day by itself."""

from __future__ import annotations

import datetime
import time

import pytest
from sqlalchemy import text

from fieldkit.app import create_app
from fieldkit.services.collect import Collector
from fieldkit.services.daily import Daily
from fieldkit.settings import Settings, resource
from fieldkit.store import audit
from fieldkit.store.engine import Session, migrate
from tests.samples import TODAY, begin, item, questionnaire, sent, wave

ASKED = questionnaire(item("level", "single", 1, 2))
DAY = datetime.timedelta(days=1)
LAST = wave().keep_until


@pytest.fixture
def collector(database):
    begin(database, ASKED)
    collector = Collector(database, today=lambda: TODAY)
    collector.submit(sent({"level": 1}))
    yield collector
    collector.close()


def rows(engine):
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM response")).scalar_one()


def test_raw_records_go_while_the_server_runs_on_the_day_after_the_last(collector):
    days = [LAST, LAST, LAST + DAY, LAST + DAY]
    daily = Daily(collector.engine, lambda: days[0])
    left = []
    while days:
        daily.look()
        left.append(rows(collector.engine))
        days.pop(0)
    assert left == [1, 1, 0, 0]
    with Session(collector.engine) as session:
        assert [line.action for line in audit.listed(session)].count("wave.expire") == 1


def test_the_thread_does_it_without_being_asked(collector):
    daily = Daily(collector.engine, lambda: LAST + DAY, look_seconds=0.01)
    daily.start()
    deadline = time.monotonic() + 120
    while rows(collector.engine) and time.monotonic() < deadline:
        time.sleep(0.02)
    daily.close()
    assert rows(collector.engine) == 0


def test_every_running_application_has_it(tmp_path):
    settings = Settings(data_dir=tmp_path)
    migrate(settings.database, resource("migrations"))
    app = create_app(settings)
    machine, daily = app.extensions["fieldkit"], app.extensions["fieldkit.daily"]
    begin(machine.engine, ASKED, wave(**{name: machine.today() for name in ("opens_on", "closes_on", "withdraw_until")}
                                      | {"keep_until": machine.today()}))  # fmt: skip
    machine.collector.submit(sent({"level": 1}))
    daily.look()
    assert rows(machine.engine) == 1
    with machine.engine.begin() as connection:
        yesterday = (machine.today() - DAY).isoformat()
        for name in ("opens_on", "closes_on", "withdraw_until", "keep_until"):
            connection.execute(text(f"UPDATE wave SET {name} = :day"), {"day": yesterday})
    again = Daily(machine.engine, machine.today)
    again.look()
    assert rows(machine.engine) == 0


def test_a_database_that_does_not_answer_is_asked_again_and_not_told_about(tmp_path, caplog):
    settings = Settings(data_dir=tmp_path)
    app = create_app(settings)
    daily = app.extensions["fieldkit.daily"]
    daily.look()
    assert "OperationalError" in caplog.text
    assert "SELECT" not in caplog.text
    migrate(settings.database, resource("migrations"))
    begin(app.extensions["fieldkit"].engine, ASKED)
    daily.look()
