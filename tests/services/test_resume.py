"""A draft on its way to another phone: found by its code only, bounded, and gone in time."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.problem import Problem
from fieldkit.services import resume
from fieldkit.services.daily import Daily
from fieldkit.services.waves import close_wave, open_wave
from fieldkit.store import resumes
from fieldkit.store.engine import Session
from tests.samples import TODAY, begin, item, questionnaire, wave

FIND, OTHER = "a1" * 32, "b2" * 32
DAY = datetime.timedelta(days=1)


@pytest.fixture
def engine(database: Engine) -> Engine:
    begin(database, questionnaire(item("level", "single", 1, 2)))
    return database


def refused(code: str, ask, *given) -> Problem:
    with pytest.raises(Problem) as caught:
        ask(*given)
    assert caught.value.code == code
    return caught.value


def rows(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT wave, found_by, until, sealed FROM resume"))]


def test_what_was_laid_down_is_found_under_the_same_code_and_no_other(engine):
    resume.keep(engine, "w", FIND, b"sealed", TODAY)
    assert resume.fetch(engine, "w", FIND, TODAY) == b"sealed"
    assert resume.fetch(engine, "w", FIND, TODAY) == b"sealed", "it stays until the phone says that it has it"
    refused("resume.unknown", resume.fetch, engine, "w", OTHER, TODAY)
    for wrong in ("", "a1", FIND.upper(), FIND + "0", None, 7, FIND + "\n"):
        refused("resume.malformed", resume.fetch, engine, "w", wrong, TODAY)


def test_whoever_reads_the_table_cannot_ask_for_a_draft_and_learns_no_county_and_no_hour(engine):
    resume.keep(engine, "w", FIND, b"sealed", TODAY)
    ((kept_wave, found_by, until, sealed),) = rows(engine)
    assert (kept_wave, bytes(sealed)) == ("w", b"sealed")
    assert found_by != FIND
    assert str(until)[:10] == str(TODAY + 7 * DAY)
    refused("resume.unknown", resume.fetch, engine, "w", found_by, TODAY)


def test_it_goes_after_seven_days_or_with_the_wave_whichever_is_first(engine):
    assert resume.keep(engine, "w", FIND, b"sealed", TODAY) == TODAY + 7 * DAY
    assert resume.fetch(engine, "w", FIND, TODAY + 7 * DAY) == b"sealed"
    refused("resume.unknown", resume.fetch, engine, "w", FIND, TODAY + 8 * DAY)
    closes_on = wave().closes_on
    assert resume.keep(engine, "w", OTHER, b"sealed", closes_on - DAY) == closes_on
    refused("wave.closed", resume.fetch, engine, "w", OTHER, closes_on + DAY)
    refused("wave.closed", resume.keep, engine, "w", FIND, b"sealed", closes_on + DAY)


def test_the_running_service_deletes_what_nobody_fetched(engine):
    resume.keep(engine, "w", FIND, b"sealed", TODAY)
    days = [TODAY + 7 * DAY, TODAY + 8 * DAY]
    daily = Daily(engine, lambda: days[0])
    daily.look()
    assert len(rows(engine)) == 1
    days.pop(0)
    daily.look()
    assert rows(engine) == []


def test_closing_a_wave_deletes_what_is_on_its_way_in_it_alone(engine):
    with Session(engine) as session:
        open_wave(session, LOCAL, wave(id="other"))
        session.commit()
    resume.keep(engine, "w", FIND, b"sealed", TODAY)
    resume.keep(engine, "other", FIND, b"sealed", TODAY)
    with Session(engine) as session:
        close_wave(session, Actor("lin", "researcher"), "w")
        session.commit()
    assert [row[0] for row in rows(engine)] == ["other"]


def test_it_can_be_deleted_and_saying_so_twice_is_no_mistake(engine):
    resume.keep(engine, "w", FIND, b"sealed", TODAY)
    assert resume.erase(engine, "w", FIND)
    assert not resume.erase(engine, "w", FIND)
    assert rows(engine) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_sqlite_a_deleted_draft_is_gone_from_the_file_itself(engine):
    resume.keep(engine, "w", FIND, b"ONLY-IN-ONE-PLACE" * 100, TODAY)
    resume.erase(engine, "w", FIND)
    path = Path(str(engine.url.database))
    for file in path.parent.iterdir():
        assert b"ONLY-IN-ONE-PLACE" not in file.read_bytes(), file


def test_it_is_bounded_in_size_and_in_number(engine, monkeypatch):
    resume.keep(engine, "w", FIND, b"x" * resume.LARGEST, TODAY)
    refused("resume.too_large", resume.keep, engine, "w", OTHER, b"x" * (resume.LARGEST + 1), TODAY)
    refused("resume.malformed", resume.keep, engine, "w", OTHER, b"", TODAY)
    refused("resume.taken", resume.keep, engine, "w", FIND, b"other", TODAY)
    assert resume.fetch(engine, "w", FIND, TODAY) == b"x" * resume.LARGEST
    monkeypatch.setattr(resume, "MOST", 1)
    refused("resume.full", resume.keep, engine, "w", OTHER, b"sealed", TODAY)
    resume.keep(engine, "w", OTHER, b"sealed", TODAY + 8 * DAY)
    with Session(engine) as session:
        assert resumes.count(session) == 1, "what is old makes room"


def test_all_phones_together_may_ask_so_often_in_a_minute():
    now = [0.0]
    pace = resume.Pace(3, clock=lambda: now[0])
    for _ in range(3):
        pace.step()
    refused("resume.often", pace.step)
    now[0] = 59.0
    refused("resume.often", pace.step)
    now[0] = 60.0
    pace.step()
