"""What earlier waves told: kept with their editions, and served only as long as those may be."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from fieldkit.core.content import sealed
from fieldkit.core.text import Text
from fieldkit.services.pooled import pooled_scales
from fieldkit.services.report import raised
from fieldkit.services.wave_numbers import comparability, earlier_waves, keep_numbers
from fieldkit.stats.frame import frame
from fieldkit.stats.results import disclosed, measure
from fieldkit.stats.waves import compare_waves, wave_numbers
from fieldkit.store import editions, instruments, responses, waves
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, demo_database, more_answers

ANJI = "330523"


@pytest.fixture
def engine(tmp_path):
    return demo_database(tmp_path)


def told(session, wave):
    asked = instruments.get(session, wave.questionnaire, wave.version)
    own = frame(responses.iterate(session, waves.get(session, "demo"), ANJI), asked)
    estimates = measure(own, asked.indicators)
    numbers = disclosed(estimates, asked.indicators, asked)
    return own, wave_numbers(wave, own, estimates, numbers, dated=TODAY)


def issue_earlier(session, **more):
    """A wave a year before with an edition for Anji; its answers are not kept any more."""
    now = waves.get(session, "demo")
    back = datetime.timedelta(days=365)
    early = replace(
        now, id="early", number=0, opens_on=now.opens_on - back, closes_on=now.closes_on - back,
        withdraw_until=now.closes_on - back, keep_until=now.closes_on - back, **more,
    )  # fmt: skip
    waves.save(session, early)
    own, numbers = told(session, early)
    edition = editions.save(
        session, "early", ANJI, issued_on=early.closes_on, analysed=own.ids, pdf=b"p", html=b"h", csv=b"c"
    )
    keep_numbers(session, edition, numbers)
    return early


def test_the_first_wave_has_none_before_it(engine):
    with Session(engine) as session:
        assert earlier_waves(session, waves.get(session, "demo"), ANJI) == []


def test_an_earlier_edition_comes_back_as_it_was_told_and_can_be_compared(engine):
    with Session(engine) as session:
        issue_earlier(session)
        now = waves.get(session, "demo")
        _, present = told(session, now)
        found = earlier_waves(session, raised(now), ANJI, today=TODAY)
        assert [one.wave.id for one in found] == ["early"]
        comparison = compare_waves([*found, present], present.questionnaire.indicators, comparability(session))
        assert comparison is not None
        burden = next(row for row in comparison.rows if row.indicator == "perceived_burden")
        assert (burden.status, burden.change.diff) == ("comparable", 0)
        assert earlier_waves(session, waves.get(session, "early"), ANJI) == [], "nothing came before that one"


def test_a_raised_threshold_holds_earlier_numbers_back(engine):
    with Session(engine) as session:
        issue_earlier(session)
        now = waves.get(session, "demo")
        (one,) = earlier_waves(session, replace(now, n_min=115), ANJI)
        assert {t.number.status for t in one.numbers.values() if t.number.n is None} <= {"suppressed_n", "ok"}
        assert all(t.number.n is None or t.number.n >= 115 for t in one.numbers.values())
        assert earlier_waves(session, replace(now, n_min=200), ANJI) == []


def test_another_study_and_another_county_are_no_earlier_wave(engine):
    with Session(engine) as session:
        now = waves.get(session, "demo")
        issue_earlier(session, study=replace(now.study, id="other"))
        assert earlier_waves(session, now, ANJI) == []
    with Session(engine) as session:
        issue_earlier(session)
        assert earlier_waves(session, waves.get(session, "demo"), "330122") == []


def test_a_reworded_question_is_comparable_only_as_it_was_recorded(engine):
    with Session(engine) as session:
        now = waves.get(session, "demo")
        first = instruments.get(session, now.questionnaire, now.version)
        asked = comparability(session)
        assert asked("perceived_burden", first, first)
        section = next(s for s in first.sections if any(i.id == "bur_pb1" for i in s.items))
        items = tuple(
            replace(i, text=Text(zh=i.text.say() + "（改）")) if i.id == "bur_pb1" else i
            for i in section.items
        )
        sections = tuple(replace(s, items=items) if s is section else s for s in first.sections)
        later = sealed(replace(first, sections=sections, version="1.1.0", hash=""))
        instruments.save(session, later)
        assert not comparability(session)("perceived_burden", first, later), "nobody said that it is the same question"
        assert comparability(session)("trace_hours", first, later)


def test_the_scales_of_a_wave_are_frozen_and_renewed_only_with_ten_more(engine):
    def now(**more):
        with Session(engine) as session:
            wave = waves.get(session, "demo")
            asked = instruments.get(session, wave.questionnaire, wave.version)
            return pooled_scales(session, wave, asked, **more)

    first = now()
    assert first is not None
    assert first.counties > 3
    more_answers(engine, ANJI, attentive=9)
    assert now(freeze=True).n_analysed == first.n_analysed
    more_answers(engine, ANJI, attentive=1, seed="again")
    assert now().n_analysed == first.n_analysed, "one county's report does not add up a wave for ten answers"
    assert now(freeze=True).n_analysed == first.n_analysed + 10
    assert now().n_analysed == first.n_analysed + 10


def test_a_large_wave_is_never_read_for_one_county(engine, monkeypatch):
    monkeypatch.setattr("fieldkit.services.pooled.ON_DEMAND", 50)
    with Session(engine) as session:
        wave = waves.get(session, "demo")
        asked = instruments.get(session, wave.questionnaire, wave.version)
        monkeypatch.setattr("fieldkit.services.pooled._added_up", lambda *_: pytest.fail("read the whole wave"))
        assert pooled_scales(session, wave, asked) is None
