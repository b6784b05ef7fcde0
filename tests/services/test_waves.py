"""Opening, closing, watching and expiring waves."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.problem import Problem
from fieldkit.core.wave import WaveCounty
from fieldkit.services.collect import Collector
from fieldkit.services.waves import close_wave, delete_expired, open_wave
from fieldkit.services.withdraw import withdraw
from fieldkit.store import audit, waves
from fieldkit.store.engine import Session
from tests.samples import ANJI, CHANGXING, TODAY, begin, item, questionnaire, sent, wave

ASKED = questionnaire(item("level", "single", 1, 2), item("words", "text"))
RESEARCHER = Actor("lin", "researcher")


@pytest.fixture
def collector(database: Engine) -> Iterator[Collector]:
    begin(database, ASKED)
    collector = Collector(database, today=lambda: TODAY)
    yield collector
    collector.close()


def hand_in(collector: Collector, count: int, county: str = ANJI, seconds: int = 300) -> list[str]:
    people = [sent({"level": 1}, county=county, active_seconds=seconds) for _ in range(count)]
    for one in people:
        collector.submit(one)
    return [one.receipt_code for one in people]


def test_an_opened_wave_is_kept_with_its_study_and_counties(database: Engine) -> None:
    planned = wave(peers=(CHANGXING, ANJI), peer_rule="人均财政收入相近", n_min=12)
    begin(database, ASKED, planned)
    with Session(database) as session:
        assert waves.get(session, "w") == replace(planned, state="open")
        assert [line.action for line in audit.listed(session)] == ["wave.open", "instrument.load"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"study": replace(wave().study, ethics_number=" ")}, "wave.not_approved"),
        ({"study": replace(wave().study, approval_note="")}, "wave.not_approved"),
        ({"version": "9.0.0"}, "instrument.unknown"),
        ({"id": "w"}, "wave.exists"),
        ({"peers": ("110101",)}, "wave.broken_value"),
        ({"counties": (WaveCounty(ANJI), WaveCounty(ANJI))}, "wave.broken_value"),
    ],
)
def test_a_wave_that_is_not_ready_does_not_open(database: Engine, change: dict[str, object], code: str) -> None:
    begin(database, ASKED)
    with Session(database) as session, pytest.raises(Problem) as raised:
        open_wave(session, RESEARCHER, wave(**{"id": "w2", **change}))
    assert raised.value.code == code


@pytest.mark.parametrize("actor", [Actor("op", "operator"), Actor("anji", "county_reader", frozenset({ANJI}))])
def test_only_researchers_open_and_close_waves(collector: Collector, actor: Actor) -> None:
    with Session(collector.engine) as session:
        for attempt in (lambda: open_wave(session, actor, wave(id="w2")), lambda: close_wave(session, actor, "w")):
            with pytest.raises(Problem) as raised:
                attempt()
            assert raised.value.code == "access.denied"


def test_raw_records_go_when_their_time_is_up_and_not_before(collector: Collector) -> None:
    codes = hand_in(collector, 3)
    collector.submit(sent({"level": 1, "words": "话"}))
    with Session(collector.engine) as session:
        withdraw(session, "w", codes[0], TODAY)
        session.commit()
    last = wave().keep_until
    with Session(collector.engine) as session:
        assert delete_expired(session, LOCAL, last) == []
        assert delete_expired(session, LOCAL, last + datetime.timedelta(days=1)) == ["w"]
        assert delete_expired(session, LOCAL, last + datetime.timedelta(days=1)) == []
        session.commit()
    with collector.engine.connect() as connection:
        for table in ("response", "comment", "variant", "withdrawn"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


def test_closing_a_wave_twice_is_noted_once(database: Engine) -> None:
    begin(database, ASKED)
    for _ in range(2):
        with Session(database) as session:
            close_wave(session, RESEARCHER, "w")
            session.commit()
    with Session(database) as session:
        assert waves.get(session, "w").state == "closed"
        assert [line.action for line in audit.listed(session)].count("wave.close") == 1


def test_closing_an_unknown_wave_is_said(database: Engine) -> None:
    with Session(database) as session, pytest.raises(Problem) as raised:
        close_wave(session, RESEARCHER, "nope")
    assert raised.value.code == "wave.unknown"
