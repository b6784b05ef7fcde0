"""The demonstration wave: invented people, real places, everything that a first visitor should be able to see."""

from __future__ import annotations

import time
from collections import Counter

import numpy as np
import pytest
from sqlalchemy import text as sql

from fieldkit.formats.demonstration_yaml import load_demonstration
from fieldkit.formats.places_csv import load_places
from fieldkit.services.demonstration import PLAN, make_demo
from fieldkit.settings import resource
from fieldkit.stats.frame import frames
from fieldkit.stats.indicators import compute
from fieldkit.store import instruments, responses, waves
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, demo_database, published

PLANNED = load_demonstration(PLAN)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return demo_database(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def everyone(engine):
    with Session(engine) as session:
        return list(responses.iterate(session, waves.get(session, "demo")))


@pytest.fixture(scope="module")
def counties(engine, everyone):
    with Session(engine) as session:
        return frames(everyone, instruments.get(session, "short", "1.0.0"))


def test_the_counties_stand_on_both_sides_of_every_threshold(counties):
    analysed = sorted(frame.n_analysed for frame in counties.values())
    assert {9, 10, 15, 19, 20, 45, 120, 400} <= set(analysed)
    for county in PLANNED.counties:
        found = counties[county.code]
        assert (found.n_analysed, found.n_excluded) == (county.analysed, county.careless), county.code


def test_all_counties_are_real_and_of_two_provinces():
    places = load_places(resource("instruments") / "places.csv")
    provinces = {places.province_of(places.find(county.code)).name for county in PLANNED.counties}
    assert len(PLANNED.counties) >= 8
    assert len(provinces) == 2


def test_everything_says_that_it_is_simulated(engine, everyone):
    with Session(engine) as session:
        wave = waves.get(session, "demo")
    assert wave.simulated
    assert "模拟" in wave.study.title
    assert "模拟" in wave.study.team
    assert all(response.simulated for response in everyone)


def test_answers_lie_on_days_before_today_and_the_wave_is_still_open(engine, everyone):
    with Session(engine) as session:
        wave = waves.get(session, "demo")
    wave.takes_answers(PLANNED.link, TODAY)
    days = {response.received_on for response in everyone}
    assert wave.opens_on <= min(days) <= max(days) < TODAY
    assert len(days) > 10


def test_every_kind_of_missing_answer_occurs(everyone):
    seen = Counter(answer.missing for response in everyone for answer in response.answers.values())
    assert min(seen[reason] for reason in ("not_shown", "skipped", "dont_know", "refused")) > 50
    assert sum(response.active_seconds is None for response in everyone) > 5


def test_tasks_go_in_both_directions_and_reach_every_status(counties):
    numbers = [county.numbers["neg_dir"] for county in counties.values()]
    directions = Counter(np.concatenate(numbers)[~np.isnan(np.concatenate(numbers))])
    assert min(directions[1.0], directions[2.0]) > 50
    statuses: Counter[float] = Counter()
    for county in counties.values():
        statuses.update(compute(county, county.questionnaire.indicators).columns["room_status_shares"].numbers)
    assert min(statuses[float(code)] for code in (1, 2, 3, 4)) > 20  # ok, no gap, slack, missing
    asked = np.concatenate([county.numbers["neg_task"] for county in counties.values()])
    assert (asked == 0).sum() > 10  # people without such a task


def test_one_county_is_unanimous_about_alliances(counties):
    shares = {code: np.isin(f.numbers["al_member"], (1, 2)).sum() for code, f in counties.items()}
    answered = {code: np.isin(f.numbers["al_member"], (1, 2, 3)).sum() for code, f in counties.items()}
    assert [code for code in shares if answered[code] - shares[code] < 3 and answered[code] >= 10] == ["330127"]


def test_reversed_items_run_against_the_others(counties):
    large = counties["430121"].numbers
    both = ~np.isnan(large["bur_pb1"]) & ~np.isnan(large["bur_pb6"]) & ~np.isnan(large["bur_pb2"])
    assert np.corrcoef(large["bur_pb1"][both], large["bur_pb2"][both])[0, 1] > 0.3
    assert np.corrcoef(large["bur_pb1"][both], large["bur_pb6"][both])[0, 1] < -0.3


def test_careless_people_show_every_sign(counties):
    quality = [county.quality for county in counties.values() if county.n_submitted >= 45]
    for sign in ("attention_fail", "speeder", "straightline", "not_independent", "quality_exclude"):
        assert sum(int(getattr(one, sign).sum()) for one in quality) >= 5, sign


def test_the_same_people_come_out_every_time_and_soon(everyone, database):
    published(database)
    started = time.process_time()
    make_demo(database, today=TODAY)
    assert time.process_time() - started < 10
    with Session(database) as session:
        assert list(responses.iterate(session, waves.get(session, "demo"))) == everyone


def test_a_second_start_adds_nothing_and_moves_no_date(tmp_path):
    engine = demo_database(tmp_path)
    with Session(engine) as session:
        wave, count = waves.get(session, "demo"), responses.count_by_county(session, "demo")
    link = make_demo(engine, today=TODAY + (wave.closes_on - TODAY) / 2)
    assert (link.wave, link.county, link.county_name) == ("demo", "330523", "安吉县")
    with Session(engine) as session:
        assert waves.get(session, "demo") == wave
        assert responses.count_by_county(session, "demo") == count


def test_an_interrupted_start_is_completed_by_the_next(tmp_path):
    engine = demo_database(tmp_path)
    with Session(engine) as session:
        whole = responses.count_by_county(session, "demo")
    with engine.begin() as connection:
        connection.execute(sql("DELETE FROM response WHERE county IN ('330122', '430225') AND id > '7'"))
    make_demo(engine, today=TODAY)
    with Session(engine) as session:
        assert responses.count_by_county(session, "demo") == whole
