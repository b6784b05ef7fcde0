"""A FieldKit filled with the demonstration wave, for tests of reports, exports and the desk."""

from __future__ import annotations

import atexit
import datetime
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from fieldkit.app import create_app
from fieldkit.core.access import LOCAL
from fieldkit.core.submission import Submission
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.services.accounts import create_account
from fieldkit.services.collect import Collector
from fieldkit.services.demonstration import make_demo
from fieldkit.services.publish import publish_library
from fieldkit.services.simulated_cadres import Population
from fieldkit.settings import Settings, resource
from fieldkit.store import instruments, waves
from fieldkit.store.engine import Session, migrate, open_engine

TODAY = datetime.datetime.now(ZoneInfo("Asia/Shanghai")).date()


def empty_database(folder: Path) -> Engine:
    """A migrated database in this folder with the published instruments and nothing else."""
    url = Settings(data_dir=folder).database
    migrate(url, resource("migrations"))
    return published(open_engine(url))


def published(engine: Engine) -> Engine:
    """The same database, with the instruments in it."""
    with Session(engine) as session:
        publish_library(session, LOCAL, load_library(resource("instruments")))
        session.commit()
    return engine


@cache
def _filled() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fieldkit-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    engine = empty_database(folder)
    make_demo(engine, today=TODAY)
    engine.dispose()
    return folder / "fieldkit.sqlite"


def demo_database(folder: Path) -> Engine:
    """A copy of its own of the database with the demonstration wave."""
    shutil.copy(_filled(), folder / "fieldkit.sqlite")
    return open_engine(Settings(data_dir=folder).database)


def more_answers(engine: Engine, county: str, attentive: int, careless: int = 0, seed: str = "more") -> list[str]:
    """Hand in further simulated answers of this county; their receipt codes."""
    with Session(engine) as session:
        wave = waves.get(session, "demo")
        questionnaire = instruments.get(session, wave.questionnaire, wave.version)
    collector = Collector(engine)
    sheets = Population(questionnaire, county, seed).sheets(attentive, careless)
    for sheet in sheets:
        collector.submit(
            Submission(
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
        )
    collector.close()
    return [sheet.receipt_code for sheet in sheets]


@dataclass
class Desk:
    """The application over the demonstration, with one account of each role."""

    app: Flask
    engine: Engine
    passwords: dict[str, str]

    def client(self, name: str = "") -> FlaskClient:
        """A browser, signed in under this name (nobody when there is none)."""
        client = self.app.test_client()
        if name:
            answer = self.sign_in(client, name, self.passwords[name])
            assert answer.status_code == 303, answer.get_data(as_text=True)
        return client

    def sign_in(self, client: FlaskClient, name: str, password: str, onward: str = "") -> object:
        """Send the form of the login page as a person does."""
        token = csrf(client.get("/login").get_data(as_text=True))
        return client.post(
            "/login", data={"csrf_token": token, "name": name, "password": password, "next": onward}
        )


def csrf(page: str) -> str:
    """The token in a page's first form."""
    return page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]


def make_desk(folder: Path, *, empty: bool = False) -> Desk:
    """The desk with accounts researcher, anji (county reader of 330523 and 430225) and operator."""
    engine = empty_database(folder) if empty else demo_database(folder)
    passwords = {}
    with Session(engine) as session:
        for name, role, counties in (
            ("researcher", "researcher", ()),
            ("anji", "county_reader", ("330523", "430225")),
            ("operator", "operator", ()),
        ):
            passwords[name] = create_account(session, LOCAL, name, role, frozenset(counties))
        session.commit()
    return Desk(create_app(Settings(data_dir=folder)), engine, passwords)
