"""What the team sees of fieldwork: whole days before today, in steps."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import text

from fieldkit.core.access import LOCAL, Actor
from fieldkit.services.progress import shelf, wave_progress
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, demo_database, more_answers

TEAM, OPERATOR = Actor("lin", "researcher"), Actor("op", "operator")
READER = Actor("chaling", "county_reader", frozenset({"430224", "430225"}))
TOMORROW = TODAY + datetime.timedelta(days=1)


@pytest.fixture
def engine(tmp_path):
    return demo_database(tmp_path)


def seen(engine, actor=TEAM, today=TODAY):
    with Session(engine) as session:
        return wave_progress(session, actor, "demo", today)


def state(found, county):
    return next(line.state for line in found.counties if line.code == county)


def test_nothing_on_the_page_moves_while_people_answer(engine):
    before = seen(engine)
    more_answers(engine, "430225", 6, careless=40)
    assert seen(engine) == before
    after = seen(engine, today=TOMORROW)
    assert after.quality != before.quality
    assert state(before, "430225") == "few"
    assert state(after, "430225") != "few"


def test_what_a_county_reader_may_do_is_a_day_old_too(engine):
    def shown(today):
        with Session(engine) as session:
            return {line.code: line.state for line in shelf(session, READER, today)}

    before = shown(TODAY)
    more_answers(engine, "430225", 6)
    assert shown(TODAY) == before
    assert shown(TOMORROW) == {**before, "430225": "partly"}


def test_shares_of_quality_stand_in_steps_of_at_least_two_people(engine):
    quality = seen(engine).quality
    assert quality.step == 1
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM response WHERE county <> '330523'"))
    few = seen(engine)
    assert few.received == 125
    assert few.quality.step == 5
    shares = [few.quality.attention_fail, few.quality.speeder, few.quality.excluded, few.quality.not_independent]
    assert any(shares)
    assert all(isinstance(share, int) and share % 5 == 0 for share in shares)


def test_minutes_are_for_the_research_team_only(engine):
    assert any(line.minutes for line in seen(engine).counties)
    assert seen(engine).minutes
    plain = seen(engine, OPERATOR)
    assert {line.minutes for line in plain.counties} == {None}
    assert plain.minutes is None
    assert plain.quality is None
    assert seen(engine, LOCAL).quality
