"""Accounts and the log of the desk."""

from __future__ import annotations

import datetime
from dataclasses import replace

from sqlalchemy import Engine

from fieldkit.core.access import Actor
from fieldkit.core.account import Account
from fieldkit.store import accounts, audit
from fieldkit.store.engine import Session, utc_now

READER = Account("anji", "county_reader", "$argon2id$x", frozenset({"330523", "330522"}))


def test_an_account_comes_back_as_it_was_kept(database: Engine) -> None:
    with Session(database) as session:
        assert accounts.add(session, READER)
        assert not accounts.add(session, replace(READER, role="researcher", counties=frozenset()))
        session.commit()
    with Session(database) as session:
        assert accounts.by_name(session, "anji") == READER
        assert accounts.by_name(session, "nobody") is None
        assert accounts.listed(session) == [READER]
        assert READER.actor == Actor("anji", "county_reader", frozenset({"330523", "330522"}))


def test_wrong_passwords_are_counted_until_the_right_one_or_a_new_one(database: Engine) -> None:
    until = datetime.datetime(2026, 11, 20, 8, 30, tzinfo=datetime.UTC)
    with Session(database) as session:
        accounts.add(session, READER)
        accounts.set_failures(session, "anji", 5, until)
        session.commit()
    with Session(database) as session:
        assert accounts.by_name(session, "anji") == replace(READER, failures=5, throttled_until=until)
        accounts.set_password(session, "anji", "$argon2id$y")
        assert accounts.by_name(session, "anji") == replace(READER, password_hash="$argon2id$y")
        assert accounts.remove(session, "anji")
        assert not accounts.remove(session, "anji")


def test_the_log_gives_the_latest_first(database: Engine) -> None:
    actor = Actor("lin", "researcher")
    with Session(database) as session:
        audit.write(session, actor, "wave.open", {"wave": "w", "counties": 2})
        audit.write(session, actor, "export.responses")
        session.commit()
    with Session(database) as session:
        last, first = audit.listed(session)
    assert (last.action, last.facts) == ("export.responses", {})
    assert (first.actor, first.action, first.facts) == ("lin", "wave.open", {"wave": "w", "counties": 2})
    assert abs(last.at - utc_now()) < datetime.timedelta(minutes=5)
