"""Corrected editions, editions made again, and checking a PDF."""

from __future__ import annotations

import re

import pytest

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.problem import Problem
from fieldkit.services.again import made_again
from fieldkit.services.report import correct, county_files
from fieldkit.services.verify import fingerprint, verify
from fieldkit.services.withdraw import withdraw
from fieldkit.store import audit, editions, responses
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, demo_database, more_answers

COUNTY = "330521"
NOTE = "图3的标题写错了，已改正。"


@pytest.fixture
def engine(tmp_path):
    return demo_database(tmp_path)


def issue(engine, county=COUNTY):
    with Session(engine) as session:
        edition = county_files(session, LOCAL, "demo", county, dated=TODAY)
        session.commit()
    return edition


def corrected(engine, note=NOTE, actor=LOCAL):
    with Session(engine) as session:
        edition = correct(session, actor, "demo", COUNTY, note, dated=TODAY)
        session.commit()
    return edition


def refused(engine, note=NOTE, actor=LOCAL):
    with pytest.raises(Problem) as caught:
        corrected(engine, note, actor)
    return caught.value.code


def test_a_correction_is_the_next_edition_and_says_on_paper_what_was_wrong(engine):
    first, second = issue(engine), corrected(engine)
    assert (second.number, second.correction) == (2, NOTE)
    assert second.sha256 != first.sha256
    page = second.html.decode()
    assert "更正说明" in page
    assert NOTE in page
    assert "更正说明" not in first.html.decode()


def test_a_note_without_a_full_stop_does_not_run_into_the_next_sentence(engine):
    issue(engine)
    page = re.sub(r"\s", "", corrected(engine, "图3的标题写错了").html.decode())
    assert "图3的标题写错了。本版与第1版依据相同的答卷" in page


def test_a_correction_rests_on_the_very_responses_of_the_edition_before(engine):
    first = issue(engine)
    more_answers(engine, COUNTY, 7)
    second = corrected(engine)
    assert second.n_analysed == first.n_analysed
    with Session(engine) as session:
        ids = [r.id for r in responses.iterate(session, _wave(session), COUNTY)]
        (then, _), (now, _) = editions.counted(session, "demo", COUNTY, ids)
    assert then == now
    # and the table says the same, number by number
    assert second.csv == first.csv


def test_no_correction_while_somebody_of_the_last_edition_has_left(engine):
    codes = more_answers(engine, COUNTY, 3)
    issue(engine)
    with Session(engine) as session:
        withdraw(session, "demo", codes[0], TODAY)
        session.commit()
    assert refused(engine) == "edition.answers_gone"


def test_a_correction_needs_an_edition_a_note_and_a_researcher(engine):
    assert refused(engine) == "edition.unknown"
    issue(engine)
    assert refused(engine, "  \n ") == "edition.no_note"
    assert refused(engine, "长" * 501) == "edition.long_note"
    assert refused(engine, "本县排名第3名。") == "report.forbidden_words"
    assert refused(engine, actor=Actor("anji", "county_reader", frozenset({COUNTY}))) == "access.denied"


def test_a_correction_is_in_the_log(engine):
    issue(engine)
    second = corrected(engine)
    with Session(engine) as session:
        line = audit.listed(session)[0]
    assert (line.action, line.facts["edition"], line.facts["sha256"]) == ("report.correct", 2, second.sha256)


def test_an_edition_made_again_is_the_same_to_the_byte_whatever_came_in_since(engine):
    first = issue(engine)
    more_answers(engine, COUNTY, 25)
    second = issue(engine)
    with Session(engine) as session:
        for edition in (first, second):
            again = made_again(session, LOCAL, "demo", COUNTY, edition.number)
            assert again.same
            assert (again.pdf, again.html, again.csv) == (edition.pdf, edition.html, edition.csv)


def test_an_edition_says_what_it_was_made_with(engine):
    edition = issue(engine)
    assert edition.versions["questionnaire"] == "short 1.0.0"
    assert set(edition.versions) >= {"program", "questionnaire_hash", "layout", "wording", "style"}
    assert len(edition.snapshot_id) == 16


def test_an_edition_from_before_the_upgrade_cannot_be_made_again(engine):
    with Session(engine) as session:
        editions.save(session, "demo", COUNTY, issued_on=TODAY, analysed=[], pdf=b"p", html=b"h", csv=b"c")
        with pytest.raises(Problem) as caught:
            made_again(session, LOCAL, "demo", COUNTY, 1)
    assert caught.value.code == "edition.no_snapshot"


def test_whoever_holds_a_pdf_can_check_it(engine):
    first, second = issue(engine), corrected(engine)
    with Session(engine) as session:
        found = verify(session, fingerprint(first.pdf))
        assert (found.issue.number, found.newest.number, found.current) == (1, 2, False)
        typed = ":".join(second.sha256.upper()[i : i + 4] for i in range(0, 64, 4))
        assert verify(session, typed).current


def test_a_changed_pdf_is_not_ours(engine):
    edition = issue(engine)
    with Session(engine) as session:
        for body, code in ((edition.pdf + b" ", "edition.not_ours"), (b"", "edition.not_ours")):
            with pytest.raises(Problem) as caught:
                verify(session, fingerprint(body))
            assert caught.value.code == code
        with pytest.raises(Problem) as caught:
            verify(session, edition.sha256[:-1])
        assert caught.value.code == "edition.wrong_hash"


def _wave(session):
    from fieldkit.store import waves

    return waves.get(session, "demo")
