"""Published versions are kept for ever, as they were."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.content import sealed
from fieldkit.core.instrument import Library
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.services.publish import publish_library
from fieldkit.settings import resource
from fieldkit.store import audit, instruments
from fieldkit.store.engine import Session
from tests.samples import item, questionnaire

SMALL = questionnaire(item("level", "single", 1, 2))


def library(asked: object) -> Library:
    return Library({}, {(asked.id, asked.version): asked})  # type: ignore[attr-defined,dict-item]


def test_the_library_is_published_once(database: Engine) -> None:
    whole = load_library(resource("instruments"))
    with Session(database) as session:
        new = publish_library(session, LOCAL, whole)
        session.commit()
    assert len(new) == len(whole.modules) + len(whole.questionnaires)
    with Session(database) as session:
        assert publish_library(session, LOCAL, whole) == []
        assert instruments.get(session, "short", "1.0.0") == whole.questionnaires["short", "1.0.0"]
        assert instruments.module(session, "burden", "1.0.0") == whole.modules["burden", "1.0.0"]
        assert ("short", "1.0.0") in instruments.listed(session)
        assert [line.action for line in audit.listed(session)] == ["instrument.load"]


def test_a_published_version_cannot_be_changed(database: Engine) -> None:
    with Session(database) as session:
        publish_library(session, LOCAL, library(SMALL))
        changed = sealed(replace(SMALL, title=Text(zh="改过的问卷")))
        with pytest.raises(Problem) as raised:
            publish_library(session, LOCAL, library(changed))
    assert raised.value.code == "instrument.published_changed"
    assert raised.value.facts == {"instrument": "small", "version": "1.0.0"}


def test_versions_are_listed_as_people_read_them(database: Engine) -> None:
    with Session(database) as session:
        for version in ("1.10.0", "1.9.0", "1.0.0"):
            publish_library(session, LOCAL, library(sealed(replace(SMALL, version=version))))
        assert instruments.listed(session) == [("small", "1.0.0"), ("small", "1.9.0"), ("small", "1.10.0")]


def test_what_was_never_published_is_unknown(database: Engine) -> None:
    with Session(database) as session:
        for look_up in (instruments.get, instruments.module):
            with pytest.raises(Problem) as raised:
                look_up(session, "small", "9.0.0")
            assert raised.value.code == "instrument.unknown"


def test_a_county_reader_publishes_nothing(database: Engine) -> None:
    with Session(database) as session, pytest.raises(Problem) as raised:
        publish_library(session, Actor("anji", "county_reader", frozenset({"330523"})), library(SMALL))
    assert raised.value.code == "access.denied"
