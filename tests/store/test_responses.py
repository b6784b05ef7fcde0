"""Reading what was handed in."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from fieldkit.services.collect import Collector
from fieldkit.store import responses, waves
from fieldkit.store.engine import Session
from tests.samples import ANJI, CHANGXING, TODAY, begin, item, questionnaire, sent, wave

ASKED = questionnaire(item("level", "single", 1, 2))


@pytest.fixture
def collector(database: Engine) -> Iterator[Collector]:
    begin(database, ASKED)
    collector = Collector(database, today=lambda: TODAY)
    yield collector
    collector.close()


def test_responses_come_by_county_and_random_id_and_never_by_arrival(collector: Collector) -> None:
    ids = [f"{n * 7919 % 1201:032x}" for n in range(1, 1201)]
    people = [sent({"level": 1}, id=one, county=(ANJI, CHANGXING)[n % 2]) for n, one in enumerate(ids)]
    with ThreadPoolExecutor(32) as phones:
        list(phones.map(collector.submit, people))
    with Session(collector.engine) as session:
        found = [(r.county, r.id) for r in responses.iterate(session, waves.get(session, "w"))]
        one_county = [r.id for r in responses.iterate(session, waves.get(session, "w"), ANJI)]
        counts = responses.count_by_county(session, "w")
        more = [responses.more_than(session, "w", most) for most in (0, 1199, 1200, 5000)]
        nobody = responses.more_than(session, "another", 0)
    assert found == sorted(found)
    assert {one for _, one in found} == set(ids)
    assert one_county == sorted(ids[::2])
    assert counts == {ANJI: 600, CHANGXING: 600}
    assert (more, nobody) == ([True, True, False, False], False)


def test_waves_do_not_mix(collector: Collector) -> None:
    begin(collector.engine, ASKED, wave(id="w2", simulated=True))
    collector.submit(sent({"level": 1}))
    collector.submit(sent({"level": 2}, wave="w2"))
    with Session(collector.engine) as session:
        (first,) = responses.iterate(session, waves.get(session, "w"))
        (second,) = responses.iterate(session, waves.get(session, "w2"))
    assert (first.answers["level"].value, first.simulated) == (1, False)
    assert (second.answers["level"].value, second.simulated) == (2, True)
