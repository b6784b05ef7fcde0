"""Editions as they are really issued, one after the other and wave after wave, subtracted by an attacker."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.core.submission import Submission
from fieldkit.services.collect import Collector
from fieldkit.services.report import county_files, edition_view
from fieldkit.services.simulated_cadres import Population
from fieldkit.services.waves import open_wave
from fieldkit.stats.disclose import Thresholds
from fieldkit.store import instruments, waves
from fieldkit.store.engine import Session
from tests.attack import attack, between_issues, from_csv, pdf_text, published
from tests.demo_site import TODAY, demo_database, more_answers
from tests.stats.test_county import plan_of

COUNTY = "430224"  # fifteen answers, and no peer of anybody


@pytest.fixture
def engine(tmp_path):
    return demo_database(tmp_path)


def issue(engine, wave="demo", dated=TODAY):
    with Session(engine) as session:
        edition = county_files(session, LOCAL, wave, COUNTY, dated=dated)
        session.commit()
    return edition


def told(engine, edition, dated=TODAY):
    """What the edition prints, and what the team can look at beside it."""
    with Session(engine) as session:
        questionnaire = instruments.get(session, "short", "1.0.0")
        views = [
            edition_view(session, LOCAL, edition.wave, COUNTY, dated=dated, levels=levels)
            for levels in ((), ("upper", "lower"))
        ]
    assert {f.indicator for f in from_csv(edition.csv).facts} <= {f.indicator for f in published(
        *views, questionnaire=questionnaire).facts} | {d.indicator for d in views[0].results}  # fmt: skip
    return published(*views, questionnaire=questionnaire), questionnaire


@pytest.mark.parametrize("more", [10, 12, 31])
def test_the_second_edition_less_the_first_gives_nobody_away(engine, more):
    first, questionnaire = told(engine, issue(engine))
    more_answers(engine, COUNTY, more)
    edition = issue(engine)
    assert edition.number == 2
    second, _ = told(engine, edition)
    indicators = plan_of("short").indicators
    assert between_issues(first, second, indicators, Thresholds()) == []
    assert between_issues(
        replace(first, facts=from_csv(county_first(engine)).facts),
        replace(second, facts=from_csv(edition.csv).facts),
        indicators,
        Thresholds(),
    ) == []
    assert attack(second, questionnaire, indicators, Thresholds()) == []


def county_first(engine):
    from sqlmodel import select

    from fieldkit.store.tables import EditionRow

    with Session(engine) as session:
        here = select(EditionRow).where(EditionRow.county == COUNTY, EditionRow.number == 1)
        return session.exec(here).one().csv


def test_a_view_beside_the_edition_tells_the_editions_own_numbers(engine):
    edition = issue(engine)
    more_answers(engine, COUNTY, 6)  # too few for a new edition: they must not shine through
    seen, _ = told(engine, edition)
    known = {(f.indicator, f.group, f.codes): (f.value, f.n) for f in seen.facts}
    for fact in from_csv(edition.csv).facts:
        if fact.value is not None and not fact.codes:
            assert known[fact.indicator, fact.group, fact.codes] == (fact.value, fact.n)


def test_the_second_wave_stands_beside_what_the_first_printed(engine):
    first = issue(engine)
    later = TODAY + datetime.timedelta(days=200)
    with Session(engine) as session:
        wave = waves.get(session, "demo")
        days = datetime.timedelta(days=200)
        open_wave(
            session,
            LOCAL,
            replace(
                wave, id="demo-2", number=2, state="draft", opens_on=wave.opens_on + days,
                closes_on=wave.closes_on + days, withdraw_until=wave.withdraw_until + days,
                keep_until=wave.keep_until + days,
            ),
        )  # fmt: skip
        questionnaire = instruments.get(session, wave.questionnaire, wave.version)
        session.commit()
    collector = Collector(engine, today=lambda: later)
    for sheet in Population(questionnaire, COUNTY, "second wave").sheets(40):
        collector.submit(
            Submission(
                id=sheet.id, wave="demo-2", county=COUNTY, questionnaire=wave.questionnaire, version=wave.version,
                receipt_code=sheet.receipt_code, language="zh", answers=sheet.answers,
                active_seconds=sheet.active_seconds,
            )
        )  # fmt: skip
    collector.close()
    second = issue(engine, "demo-2", later)
    text = pdf_text(second.pdf)
    assert "与上一轮比较" in text
    assert "两轮的回答者不是同一批人" in re.sub(r"\s", "", text)
    printed = next(f for f in from_csv(first.csv).facts if f.indicator == "perceived_burden" and not f.group)
    assert f"{printed.value:.1f} (" in text  # as it was told then
    assert "与上一轮比较" not in pdf_text(first.pdf)
