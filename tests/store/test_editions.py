"""Issues of county reports."""

from __future__ import annotations

import datetime
import hashlib

import pytest
from sqlalchemy import Engine, text

from fieldkit.store import editions
from fieldkit.store.engine import Session
from tests.samples import ANJI, CHANGXING, TODAY, begin, item, questionnaire

IDS = [f"{n:032x}" for n in range(30)]


@pytest.fixture
def session(database: Engine) -> object:
    begin(database, questionnaire(item("level", "single", 1, 2)))
    with Session(database) as session:
        yield session


def issue(session: Session, ids: list[str], pdf: bytes = b"%PDF", day: datetime.date = TODAY) -> object:
    return editions.save(session, "w", ANJI, issued_on=day, analysed=ids, pdf=pdf, html=b"<p>", csv=b"a,b")


def test_an_issue_is_kept_as_it_was_handed_out(session: Session) -> None:
    first = issue(session, IDS[:12])
    second = issue(session, IDS[:25], b"%PDF2", TODAY + datetime.timedelta(days=3))
    assert (first.number, second.number) == (1, 2)  # type: ignore[attr-defined]
    session.expire_all()
    latest = editions.latest(session, "w", ANJI)
    assert latest == second
    assert latest is not None
    assert (latest.n_analysed, latest.pdf, latest.html, latest.csv) == (25, b"%PDF2", b"<p>", b"a,b")
    assert latest.sha256 == hashlib.sha256(b"%PDF2").hexdigest()
    assert editions.latest(session, "w", CHANGXING) is None


def test_only_responses_that_the_last_issue_did_not_count_are_new(session: Session) -> None:
    assert editions.new_since(session, "w", ANJI, IDS[:12]) == 12
    issue(session, IDS[:12])
    assert editions.new_since(session, "w", ANJI, IDS[:12]) == 0
    assert editions.new_since(session, "w", ANJI, IDS[:21]) == 9
    assert editions.new_since(session, "w", ANJI, IDS[3:22]) == 10, "three withdrawn, ten new"


def test_an_issue_names_nobodys_response(session: Session, database: Engine) -> None:
    issue(session, IDS[:12])
    session.commit()
    with database.connect() as connection:
        row = str(connection.execute(text("SELECT * FROM edition")).one())
    assert not [one for one in IDS[:12] if one in row]


def test_an_edition_rests_on_all_of_its_answers_or_on_nothing(session: Session) -> None:
    issue(session, IDS[:12])
    assert editions.resting_on(session, "w", ANJI, IDS[:21]) == frozenset(IDS[:12])
    assert editions.resting_on(session, "w", ANJI, IDS[1:21]) is None, "one was taken back"
    assert editions.resting_on(session, "w", CHANGXING, IDS) is None
