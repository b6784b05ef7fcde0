"""What the peers bring to a county's report is frozen, so that no two reports differ by one person."""

from __future__ import annotations

import csv
import io
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.core.problem import Problem
from fieldkit.services.demonstration import make_demo
from fieldkit.services.report import county_files
from fieldkit.services.waves import delete_expired
from fieldkit.services.withdraw import withdraw
from fieldkit.store import peers, waves
from fieldkit.store.engine import Session, open_engine
from tests.demo_site import TODAY, demo_database, more_answers, published

TONGLU, JIANDE, ANJI, KAIHUA, CHANGSHA = "330122", "330127", "330523", "330824", "430121"


def issue(engine, county):
    with Session(engine) as session:
        edition = county_files(session, LOCAL, "demo", county, dated=TODAY)
        session.commit()
    return edition


def beside(edition):
    """What a report prints of its peers, number by number."""
    rows = csv.DictReader(io.StringIO(edition.csv.decode("utf-8-sig")))
    names = ("indicator_id", "group", "peer_value", "peer_lo", "peer_hi")
    return [tuple(row.get(name) for name in names) for row in rows if row["peer_value"]]


def frozen(engine):
    with Session(engine) as session:
        return {code: (one.number, len(one.counted)) for code, one in peers.kept(session, "demo").items()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What the second county's report prints of its peers when nobody answers between the two issues."""
    engine = demo_database(tmp_path_factory.mktemp("undisturbed"))
    issue(engine, TONGLU)
    found = beside(issue(engine, ANJI))
    assert len(found) > 3
    return found


@pytest.mark.parametrize("new", [1, 9])
def test_fewer_than_ten_new_answers_of_a_peer_move_nothing_between_two_issues(tmp_path, undisturbed, new):
    engine = demo_database(tmp_path)
    issue(engine, TONGLU)
    more_answers(engine, KAIHUA, new)
    assert beside(issue(engine, ANJI)) == undisturbed


def test_ten_new_answers_of_a_peer_do(tmp_path, undisturbed):
    engine = demo_database(tmp_path)
    issue(engine, TONGLU)
    more_answers(engine, KAIHUA, 10)
    assert beside(issue(engine, ANJI)) != undisturbed
    assert frozen(engine)[KAIHUA] == (2, 29)
    assert frozen(engine)[CHANGSHA][0] == 1


def test_an_answer_taken_back_moves_nothing_between_two_issues(tmp_path):
    engine = demo_database(tmp_path)
    codes = more_answers(engine, KAIHUA, 2)
    (tmp_path / "twin").mkdir()
    engine.dispose()
    shutil.copy(tmp_path / "fieldkit.sqlite", tmp_path / "twin" / "fieldkit.sqlite")
    twin = open_engine(f"sqlite:///{tmp_path / 'twin' / 'fieldkit.sqlite'}")
    for one in (engine, twin):
        issue(one, TONGLU)
    with Session(engine) as session:
        withdraw(session, "demo", codes[0], TODAY)
        session.commit()
    assert beside(issue(engine, ANJI)) == beside(issue(twin, ANJI))


def test_a_county_is_counted_in_its_own_report_as_in_those_of_its_peers(tmp_path):
    engine = demo_database(tmp_path)
    issue(engine, TONGLU)
    more_answers(engine, KAIHUA, 3, careless=1)
    own = issue(engine, KAIHUA)
    assert own.n_analysed == frozen(engine)[KAIHUA][1] == 19
    more_answers(engine, KAIHUA, 7, seed="others")
    again = issue(engine, KAIHUA)
    assert (again.number, again.n_analysed) == (2, 29)
    assert frozen(engine)[KAIHUA] == (2, 29)


def test_careless_answers_renew_nothing(tmp_path):
    engine = demo_database(tmp_path)
    issue(engine, TONGLU)
    more_answers(engine, KAIHUA, 9, careless=9)
    issue(engine, ANJI)
    assert frozen(engine)[KAIHUA][0] == 1


def test_reports_issued_at_the_same_moment_rest_on_the_same_numbers(database):
    make_demo(published(database), today=TODAY)
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda county: issue(database, county), (TONGLU, ANJI, KAIHUA, JIANDE)))
    assert {number for number, _ in frozen(database).values()} == {1}
    assert frozen(database)[KAIHUA] == (1, 19)
    before = frozen(database)
    more_answers(database, KAIHUA, 10)
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda county: issue(database, county), (TONGLU, ANJI, KAIHUA, CHANGSHA)))
    assert frozen(database) == {**before, KAIHUA: (2, 29)}


def test_a_peer_that_cannot_be_counted_yet_has_no_report_either(tmp_path, monkeypatch):
    engine = demo_database(tmp_path)
    monkeypatch.setenv("FIELDKIT_N_MIN", "25")
    issue(engine, ANJI)
    assert KAIHUA not in frozen(engine)
    with pytest.raises(Problem) as caught:
        issue(engine, KAIHUA)
    assert caught.value.code == "report.suppressed"


def test_frozen_numbers_name_nobody_and_go_with_the_raw_records(tmp_path):
    engine = demo_database(tmp_path)
    issue(engine, TONGLU)
    with Session(engine) as session:
        kept = peers.kept(session, "demo")[ANJI]
        ids = {row[0] for row in session.connection().exec_driver_sql("SELECT id FROM response")}
        assert not ids & kept.counted
        assert len(kept.of(ids)) == len(kept.counted) == 120
        assert {one["statistic"] for one in kept.measured.values()} <= {"mean", "share", "median"}
        wave = waves.get(session, "demo")
    with Session(engine) as session:
        assert delete_expired(session, LOCAL, wave.keep_until + TODAY.resolution) == ["demo"]
        session.commit()
    assert frozen(engine) == {}
