"""The demonstration wave: simulated answers from invented cadres, handed in through the same door as everybody's.

What is in it is planned in demonstration.yaml beside this file. It stays open, so that a visitor can answer too; the
whole wave is marked as simulated, and every page, report and file says so.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from fieldkit.core.access import LOCAL
from fieldkit.core.instrument import Questionnaire, version_key
from fieldkit.core.problem import Problem
from fieldkit.core.submission import Submission
from fieldkit.core.wave import Wave, WaveCounty
from fieldkit.formats.demonstration_yaml import Demonstration, load_demonstration
from fieldkit.services.collect import Collector
from fieldkit.services.gazetteer import places
from fieldkit.services.simulated_cadres import Population, Sheet
from fieldkit.services.waves import open_wave
from fieldkit.store import instruments, responses, waves
from fieldkit.store.engine import Session

PLAN = Path(__file__).with_name("demonstration.yaml")
AT_ONCE = 32  # submissions on their way together, so that they share commits
WEEKEND = 0.25  # of a working day's answers
REMINDER = 8  # the day on which invitations were sent again


@dataclass(frozen=True, slots=True)
class Link:
    """Where a visitor can answer."""

    wave: str
    county: str
    county_name: str


def make_demo(engine: Engine, *, today: datetime.date, timezone: str = "Asia/Shanghai") -> Link:
    """Open the demonstration wave and hand in its simulated answers, unless they are there already.

    The first call fixes the dates: answers lie on the days before `today`. Later calls, and calls after an
    interruption, add only what is missing; what was withdrawn stays withdrawn. Needs a migrated database with the
    instruments published.
    """
    plan = load_demonstration(PLAN)
    with Session(engine) as session:
        wave = _opened(session, plan, today)
        session.commit()
        questionnaire = instruments.get(session, wave.questionnaire, wave.version)
        there = responses.count_by_county(session, wave.id)
        gone = responses.tally(session, wave.id, "withdrawn")
    short = [
        county.code
        for county in plan.counties
        if there.get(county.code, 0) + gone.get(county.code, 0) < county.analysed + county.careless
    ]
    if short and wave.state == "open":
        _hand_in(engine, wave, questionnaire, plan, frozenset(short), min(today, wave.closes_on))
    return Link(wave.id, plan.link, places().find(plan.link).name)


def _opened(session: Session, plan: Demonstration, today: datetime.date) -> Wave:
    """The wave as it is kept, or a new one around today."""
    try:
        return waves.get(session, plan.wave)
    except Problem as problem:
        if problem.code != "wave.unknown":
            raise
    versions = [version for name, version in instruments.listed(session) if name == plan.questionnaire]
    if not versions:
        raise Problem("instrument.unknown", where=plan.questionnaire, instrument=plan.questionnaire, version="")
    closes = today + datetime.timedelta(days=plan.days_left)
    return open_wave(
        session,
        LOCAL,
        Wave(
            id=plan.wave,
            study=plan.study,
            number=1,
            questionnaire=plan.questionnaire,
            version=max(versions, key=version_key),
            counties=tuple(WaveCounty(county.code, county.invited) for county in plan.counties),
            opens_on=today - datetime.timedelta(days=plan.days_open),
            closes_on=closes,
            withdraw_until=closes + datetime.timedelta(days=30),
            keep_until=closes + datetime.timedelta(days=365),
            peers=plan.peers,
            peer_rule=plan.peer_rule,
            simulated=True,
        ),
    )


def _hand_in(
    engine: Engine,
    wave: Wave,
    questionnaire: Questionnaire,
    plan: Demonstration,
    counties: frozenset[str],
    before: datetime.date,
) -> None:
    """Day by day, everything that the invented people of these counties send."""
    day = wave.opens_on
    collector = Collector(engine, today=lambda: day)
    by_day: dict[datetime.date, list[Submission]] = {}
    days = random.Random(f"{plan.seed} days")
    for county, sheet in _sheets(questionnaire, plan):
        received = _day(days, wave.opens_on, before)
        if county in counties:
            by_day.setdefault(received, []).append(_submission(wave, county, sheet))
    try:
        with ThreadPoolExecutor(AT_ONCE) as phones:
            for day in sorted(by_day):
                list(phones.map(collector.submit, by_day[day]))
    finally:
        collector.close()


def _sheets(questionnaire: Questionnaire, plan: Demonstration) -> Iterator[tuple[str, Sheet]]:
    for county in plan.counties:
        people = Population(questionnaire, county.code, plan.seed, county.burden, county.member, plan.comments)
        for sheet in people.sheets(county.analysed, county.careless):
            yield county.code, sheet


def _day(chance: random.Random, first: datetime.date, before: datetime.date) -> datetime.date:
    """A day of fieldwork before `before`: many at first and after the reminder, few on weekends."""
    days = [first + datetime.timedelta(days=n) for n in range(max(1, (before - first).days))]
    weights = [
        (2.2 - 1.7 * min(1, n / 6) + 1.6 * (REMINDER <= n <= REMINDER + 2)) * (WEEKEND if day.weekday() > 4 else 1)
        for n, day in enumerate(days)
    ]
    return chance.choices(days, weights)[0]


def _submission(wave: Wave, county: str, sheet: Sheet) -> Submission:
    return Submission(
        id=sheet.id,
        wave=wave.id,
        county=county,
        questionnaire=wave.questionnaire,
        version=wave.version,
        receipt_code=sheet.receipt_code,
        language="zh",
        answers=sheet.answers,
        active_seconds=sheet.active_seconds,
    )
