"""A small running FieldKit for tests of the respondent's pages: one database, the published instruments, one wave."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy import text as sql

from fieldkit.app import create_app
from fieldkit.core.access import LOCAL
from fieldkit.core.wave import Study, Wave, WaveCounty
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.services.publish import publish_library
from fieldkit.services.waves import open_wave
from fieldkit.settings import Settings, resource
from fieldkit.store import responses
from fieldkit.store.engine import Session, migrate, open_engine

COUNTY = "330523"
STUDY = Study(
    id="sample",
    title="基层工作负担与治理协作调查",
    team="基层治理研究课题组（示例）",
    email="team@example.org",
    ethics_number="示例-2026-018",
    approval_note="示例",
)


def a_wave(wave_id: str, questionnaire: str, today: datetime.date, **changes: object) -> Wave:
    """A wave that takes answers today."""
    day = datetime.timedelta(days=1)
    given: dict[str, object] = {
        "id": wave_id,
        "study": STUDY,
        "number": 1,
        "questionnaire": questionnaire,
        "version": "1.0.0",
        "counties": (WaveCounty(COUNTY), WaveCounty("330522")),
        "opens_on": today - day,
        "closes_on": today + 30 * day,
        "withdraw_until": today + 60 * day,
        "keep_until": today + 200 * day,
        **changes,
    }
    return Wave(**given)  # type: ignore[arg-type]


@dataclass
class Site:
    """The application, its database, and what is in it."""

    app: Flask
    engine: Engine
    today: datetime.date

    def open(self, wave: Wave) -> None:
        """Open one more wave."""
        with Session(self.engine) as session:
            open_wave(session, LOCAL, wave)
            session.commit()

    def unused(self, wave_id: str) -> str:
        """This id, or one made from it, that no wave has yet: a story told twice finds its own place again."""
        taken = self.count("wave", f"id = '{wave_id}' OR id LIKE '{wave_id}-again%'")
        return f"{wave_id}-again{taken}" if taken else wave_id

    def count(self, table: str, where: str = "1 = 1") -> int:
        """How many rows a table has."""
        with self.engine.connect() as connection:
            return int(connection.execute(sql(f"SELECT count(*) FROM {table} WHERE {where}")).scalar_one())

    def tally(self, kind: str, wave: str = "short") -> int:
        """How many refusals or withdrawals were counted."""
        with Session(self.engine) as session:
            return responses.tally(session, wave, kind).get(COUNTY, 0)


def make_site(folder: Path) -> Site:
    """A migrated and filled database with the wave `short` (the short form), and the application on top of it."""
    settings = Settings(data_dir=folder)
    engine = open_engine(settings.database)
    migrate(settings.database, resource("migrations"))
    with Session(engine) as session:
        publish_library(session, LOCAL, load_library(resource("instruments")))
        session.commit()
    app = create_app(settings)
    app.testing = False
    site = Site(app, engine, app.extensions["fieldkit"].today())
    site.open(a_wave("short", "short", site.today))
    return site
