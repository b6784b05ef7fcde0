"""Corrected editions, editions made again, and checking a PDF."""

from __future__ import annotations

import datetime
import re

import pytest

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.problem import Problem
from fieldkit.services import layouts
from fieldkit.services.again import differences, made_again
from fieldkit.services.report import correct, county_files, issued_edition
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
        then, now = (one.ids for one in editions.counted(session, "demo", COUNTY, ids))
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


def test_whoever_holds_the_first_of_three_corrected_editions_is_told_of_each_and_of_a_regular_one_in_between(engine):
    first, _ = issue(engine), corrected(engine, "图3的标题写错了。")
    more_answers(engine, COUNTY, 25)
    assert (issue(engine).number, corrected(engine, "附录B漏了一行。").number) == (3, 4)
    last = corrected(engine, "附录B多了一行。")
    with Session(engine) as session:
        found = verify(session, first.sha256)
        assert [one.number for one in found.later] == [2, 3, 4, 5]
        assert [one.number for one in found.corrections] == [2, 4, 5]
        assert found.team == "演示研究团队（模拟数据）"
        for number in range(1, 6):
            assert made_again(session, LOCAL, "demo", COUNTY, number).same
        answers = [r.id for r in responses.iterate(session, _wave(session), COUNTY)]
        issues = editions.counted(session, "demo", COUNTY, answers)
    assert issues[0] == issues[1]
    assert issues[2] == issues[3] == issues[4]
    assert last.number == 5


def test_an_edition_made_before_the_team_worded_its_reports_anew_is_made_again_as_it_was(engine, tmp_path, monkeypatch):
    first = issue(engine)
    monkeypatch.setenv("FIELDKIT_REPORTS", str(tmp_path / "own"))
    folder = layouts.copy("county", "county")
    for name in ("layout.yaml", "wording.zh.yaml"):
        file = folder / name
        file.write_text(file.read_text("utf-8").replace("局限", "不足"), "utf-8")
    second = corrected(engine)
    assert "不足" in second.html.decode()
    with Session(engine) as session:
        again = made_again(session, LOCAL, "demo", COUNTY, 1)
        assert (again.same, again.pdf, dict(again.changed)) == (True, first.pdf, {})
        assert made_again(session, LOCAL, "demo", COUNTY, 2).same


def test_where_nothing_that_was_noted_has_changed_and_the_bytes_differ_it_says_that_too(engine, monkeypatch):
    issue(engine)
    monkeypatch.setattr("fieldkit.services.again.drawn", lambda report, laid: b"%PDF-another")
    with Session(engine) as session:
        again = made_again(session, LOCAL, "demo", COUNTY, 1)
    assert (again.same, dict(again.changed)) == (False, {})
    [line] = differences(again)
    assert "字体" in line


def test_below_the_thresholds_of_the_day_no_old_edition_is_handed_out(engine):
    first = issue(engine, "430224")
    with Session(engine) as session:
        assert issued_edition(session, LOCAL, "demo", "430224", 1, dated=TODAY) == first
        wave = _wave(session)
        responses.delete_wave(session, "demo")
        session.commit()
    more_answers(engine, "430224", 9, seed="left")
    with Session(engine) as session:
        with pytest.raises(Problem) as caught:
            issued_edition(session, LOCAL, "demo", "430224", 1, dated=TODAY)
        assert caught.value.code == "report.suppressed"
        later = wave.keep_until + datetime.timedelta(days=1)
        assert issued_edition(session, LOCAL, "demo", "430224", 1, dated=later) == first


def test_nothing_is_corrected_once_raw_records_are_gone(engine):
    issue(engine)
    with Session(engine) as session:
        wave = _wave(session)
        responses.delete_wave(session, "demo")
        session.commit()
        with pytest.raises(Problem) as caught:
            correct(session, LOCAL, "demo", COUNTY, NOTE, dated=wave.keep_until + datetime.timedelta(days=1))
    assert caught.value.code == "edition.expired"


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
