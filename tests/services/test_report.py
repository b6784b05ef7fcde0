"""A county's report: who may have it, when there is one, and when there is a new one."""

from __future__ import annotations

import csv
import datetime
import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.problem import Problem
from fieldkit.services.demonstration import make_demo
from fieldkit.services.earlier_issues import issued
from fieldkit.services.report import county_files, raised
from fieldkit.services.waves import delete_expired
from fieldkit.services.withdraw import withdraw
from fieldkit.stats.county import Plan
from fieldkit.store import audit, editions, waves
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, demo_database, more_answers, published

READER = Actor("anji", "county_reader", frozenset({"330523"}))


@pytest.fixture
def engine(tmp_path):
    return demo_database(tmp_path)


def issue(engine, county, actor=LOCAL, dated=TODAY):
    with Session(engine) as session:
        edition = county_files(session, actor, "demo", county, dated=dated)
        session.commit()
    return edition


def refused(engine, county, actor=LOCAL, wave="demo"):
    with Session(engine) as session, pytest.raises(Problem) as caught:
        county_files(session, actor, wave, county, dated=TODAY)
    return caught.value.code


def make_demo_in(database):
    make_demo(published(database), today=TODAY)
    return database


def table(edition):
    return list(csv.DictReader(io.StringIO(edition.csv.decode("utf-8-sig"))))


def test_one_edition_is_a_pdf_a_page_and_a_table_of_the_same_county(engine):
    edition = issue(engine, "330523")
    assert edition.pdf.startswith(b"%PDF-")
    assert edition.number == 1
    assert edition.n_analysed == 120
    assert "安吉县" in edition.html.decode()
    assert "模拟数据" in edition.html.decode()
    assert {row["county_code"] for row in table(edition)} == {"330523"}


def test_the_page_needs_no_other_file(engine):
    page = issue(engine, "330521").html.decode()
    assert "<style>" in page
    assert "<link" not in page
    assert "<script" not in page
    assert " style=" not in page


def test_asking_again_gives_the_same_bytes_and_no_new_line_in_the_log(engine):
    first, again = issue(engine, "330521"), issue(engine, "330521", dated=TODAY + datetime.timedelta(days=3))
    assert again == first
    with Session(engine) as session:
        assert [line.action for line in audit.listed(session)].count("report.issue") == 1


def test_nine_new_answers_change_nothing_and_the_tenth_makes_an_edition(engine):
    first = issue(engine, "330521")
    more_answers(engine, "330521", 9)
    assert issue(engine, "330521") == first
    more_answers(engine, "330521", 1, seed="the tenth")
    second = issue(engine, "330521")
    assert (second.number, second.n_analysed) == (2, 20)
    assert second.sha256 != first.sha256


def test_both_databases_issue_the_same_edition(engine, database):
    make_demo_in(database)
    one, other = issue(engine, "330523"), issue(database, "330523")
    assert (one.sha256, one.html, one.csv) == (other.sha256, other.html, other.csv)


def test_those_who_ask_at_the_same_moment_get_the_same_edition(database):
    engine = make_demo_in(database)
    with ThreadPoolExecutor(4) as people:
        editions = list(people.map(lambda _: issue(engine, "330824"), range(4)))
    assert {edition.sha256 for edition in editions} == {issue(engine, "330824").sha256}
    assert issue(engine, "330824").number == 1


def test_answers_that_do_not_count_bring_no_edition(engine):
    first = issue(engine, "330521")
    more_answers(engine, "330521", 9, careless=20)
    assert issue(engine, "330521") == first


def test_withdrawals_do_not_hide_how_many_are_new(engine):
    codes = more_answers(engine, "330521", 10)
    first = issue(engine, "330521")
    with Session(engine) as session:
        for code in codes:
            withdraw(session, "demo", code, TODAY)
        session.commit()
    assert issue(engine, "330521") == first
    more_answers(engine, "330521", 10, seed="others")
    assert issue(engine, "330521").number == 2  # ten analysed answers that the first did not count


def test_ten_analysed_answers_are_enough_and_nine_are_not(engine):
    assert issue(engine, "330521").n_analysed == 10
    assert refused(engine, "430225") == "report.suppressed"


def test_too_few_invited_means_no_report_however_many_answered(engine):
    assert refused(engine, "430223") == "report.suppressed"


def test_a_county_outside_the_wave_and_an_unknown_wave_are_said_so(engine):
    assert refused(engine, "110101") == "wave.county_outside"
    assert refused(engine, "330523", wave="nope") == "wave.unknown"


def test_a_county_reader_gets_the_own_county_only(engine):
    assert issue(engine, "330523", READER).number == 1
    assert refused(engine, "330122", READER) == "access.denied"
    assert refused(engine, "330523", Actor("op", "operator")) == "access.denied"
    assert refused(engine, "330523", None) == "login.needed"


def test_counties_among_the_peers_are_compared_and_others_are_not(engine):
    compared = {row["indicator_id"] for row in table(issue(engine, "330523")) if row["peer_value"]}
    assert {"perceived_burden", "alliance_participation"} <= compared
    assert not [row for row in table(issue(engine, "430224")) if row["peer_value"]]


def test_a_unanimous_county_shows_no_share(engine):
    (share,) = [row for row in table(issue(engine, "330127")) if row["indicator_id"] == "alliance_participation"]
    assert (share["status"], share["value"]) == ("masked_extreme", "")
    assert share["bound"] == ">85"


def test_the_numbers_of_a_peer_are_computed_once_for_all_reports(engine, monkeypatch):
    measured = []
    real = Plan.measure
    monkeypatch.setattr(Plan, "measure", lambda self, frame: measured.append(frame.n_analysed) or real(self, frame))
    for county in ("330122", "330127", "330523", "330824", "430121"):
        issue(engine, county)
    assert sorted(measured) == [19, 20, 45, 120, 400]
    more_answers(engine, "330122", 10)
    issue(engine, "330122")
    assert sorted(measured[5:]) == [55]  # only the one that has changed
    more_answers(engine, "330523", 9)
    issue(engine, "330523")
    assert len(measured) == 6


def test_the_operator_can_raise_the_threshold(engine, monkeypatch):
    monkeypatch.setenv("FIELDKIT_N_MIN", "16")
    assert refused(engine, "430224") == "report.suppressed"
    assert issue(engine, "330824").n_analysed == 19


def test_an_issue_keeps_its_thresholds_so_that_the_next_one_knows_when_they_were_others(engine, monkeypatch):
    issue(engine, "330521")
    monkeypatch.setenv("FIELDKIT_N_MIN", "15")
    with Session(engine) as session:
        before = editions.counted(session, "demo", "330521", [])
        wave = waves.get(session, "demo")
    assert before[0].thresholds == "10/20"
    assert not issued(before, wave)[0].other_rules
    assert issued(before, raised(wave))[0].other_rules


def test_an_issued_report_is_held_back_when_the_threshold_was_raised(engine, monkeypatch):
    assert issue(engine, "430224").n_analysed == 15
    monkeypatch.setenv("FIELDKIT_N_MIN", "16")
    assert refused(engine, "430224") == "report.suppressed"
    monkeypatch.delenv("FIELDKIT_N_MIN")
    assert issue(engine, "430224").number == 1


def test_an_issued_report_is_held_back_when_fewer_than_ten_answers_are_left(engine):
    codes = more_answers(engine, "430225", 6)
    first = issue(engine, "430225")
    with Session(engine) as session:
        for code in codes:
            withdraw(session, "demo", code, TODAY)
        session.commit()
    assert refused(engine, "430225") == "report.suppressed"
    more_answers(engine, "430225", 6, seed="others")
    assert issue(engine, "430225") == first


def test_issued_reports_stay_when_the_raw_records_are_gone(engine):
    first = issue(engine, "330523")
    with Session(engine) as session:
        after = waves.get(session, "demo").keep_until + datetime.timedelta(days=1)
        delete_expired(session, LOCAL, after)
        session.commit()
    assert issue(engine, "330523", dated=after) == first
