"""All reports of a wave at once: made county by county, through interruptions, into one ZIP."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import zipfile

import pytest

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.batch import LEASE_SECONDS, TRIES
from fieldkit.core.problem import Problem
from fieldkit.services import batch
from fieldkit.services.demonstration import make_demo
from fieldkit.services.report import county_files
from fieldkit.store import batches
from fieldkit.store.engine import Session, utc_now, writing
from tests.demo_site import TODAY, demo_database, published

BOSS = Actor("lin", "researcher")


@pytest.fixture
def engine(tmp_path):
    return demo_database(tmp_path)


def order(engine):
    with Session(engine) as session:
        made = batch.order(session, BOSS, "demo", dated=TODAY)
        session.commit()
    return made.id


def far(engine, key):
    with Session(engine) as session:
        return batch.progress(session, BOSS, key)


def states(engine, key):
    return {piece.county: piece.state for piece in far(engine, key).pieces}


def take(engine, key, now=None):
    with Session(engine) as session:
        piece = batches.take(writing(session), key, now)
        session.commit()
    return piece


def test_every_county_gets_its_report_or_the_reason_why_not(engine):
    key = order(engine)
    ended = list(batch.work_off(engine, key))
    assert len(ended) == len(far(engine, key).pieces)
    found = states(engine, key)
    assert found["330523"] == "done"
    assert "held" in found.values()  # a county with too few answers is no failure
    assert set(found.values()) == {"done", "held"}
    assert far(engine, key).batch.state == "done"


def test_a_batch_hands_out_the_editions_that_are_there(engine):
    with Session(engine) as session:
        before = county_files(session, LOCAL, "demo", "330523", dated=TODAY)
        session.commit()
    key = order(engine)
    list(batch.work_off(engine, key))
    [piece] = [p for p in far(engine, key).pieces if p.county == "330523"]
    assert (piece.edition, piece.sha256) == (1, before.sha256)


def test_the_zip_holds_each_pdf_its_table_and_a_manifest_with_their_hashes(engine):
    key = order(engine)
    list(batch.work_off(engine, key))
    file = io.BytesIO()
    with Session(engine) as session:
        lines = batch.write_zip(session, BOSS, key, file)
    with zipfile.ZipFile(file) as archive:
        about = json.loads(archive.read("manifest.json"))
        rows = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
        pdfs = [name for name in archive.namelist() if name.endswith(".pdf")]
        for report in about["reports"]:
            if report["file"]:
                assert hashlib.sha256(archive.read(report["file"])).hexdigest() == report["sha256"]
    assert about["simulated"] is True
    assert len(pdfs) == sum(line.state == "done" for line in lines)
    assert [row["county"] for row in rows] == sorted(row["county"] for row in rows)
    assert all(row["problem"] for row in rows if row["state"] == "held")


def test_the_same_zip_comes_out_twice(engine):
    key = order(engine)
    list(batch.work_off(engine, key))
    with Session(engine) as session:
        one, other = io.BytesIO(), io.BytesIO()
        batch.write_zip(session, BOSS, key, one)
        batch.write_zip(session, BOSS, key, other)
    assert one.getvalue() == other.getvalue()


def test_an_edition_that_may_no_longer_go_out_stays_out_of_the_zip(engine, monkeypatch):
    key = order(engine)
    list(batch.work_off(engine, key))
    monkeypatch.setenv("FIELDKIT_N_MIN", "100")
    with Session(engine) as session:
        lines = {line.county: line for line in batch.write_zip(session, BOSS, key, io.BytesIO())}
    assert lines["330523"].state == "done"  # 120 analysed
    assert lines["330521"].state == "held"
    assert not lines["330521"].file


def test_work_goes_on_where_it_stopped(engine):
    key = order(engine)
    work = batch.work_off(engine, key)
    first = next(work)
    work.close()  # the machine goes down
    assert far(engine, key).ended == 1
    rest = [piece.county for piece in batch.work_off(engine, key)]
    assert first.county not in rest
    assert far(engine, key).batch.state == "done"


def test_one_county_that_fails_does_not_stop_the_others(engine, monkeypatch):
    def broken(session, actor, wave, county, *, dated):
        if county == "330521":
            raise RuntimeError("disk on fire")
        return county_files(session, actor, wave, county, dated=dated)

    key = order(engine)
    monkeypatch.setattr(batch, "county_files", broken)
    list(batch.work_off(engine, key))
    found = states(engine, key)
    assert found["330521"] == "failed"
    assert found["330523"] == "done"
    monkeypatch.undo()
    with Session(engine) as session:
        batch.resume(session, BOSS, key)
        session.commit()
    assert [piece.county for piece in batch.work_off(engine, key)] == ["330521"]
    assert states(engine, key)["330521"] == "done"


def test_cancelling_begins_nothing_more_and_keeps_what_is_made(engine):
    key = order(engine)
    work = batch.work_off(engine, key)
    next(work)
    with Session(engine) as session:
        batch.cancel(session, BOSS, key)
        session.commit()
    assert list(work) == []
    assert far(engine, key).batch.state == "cancelled"
    assert far(engine, key).ended == 1
    with Session(engine) as session:
        batch.resume(session, BOSS, key)
        session.commit()
    list(batch.work_off(engine, key))
    assert far(engine, key).batch.state == "done"


def test_ordering_twice_is_one_order(engine):
    assert order(engine) == order(engine)


def test_two_workers_never_have_the_same_county(database):
    make_demo(published(database), today=TODAY)
    key = order(database)
    taken = [take(database, key) for _ in range(4)]
    assert len({piece.county for piece in taken}) == 4


def test_what_a_dead_worker_had_is_taken_again_after_a_while_but_not_for_ever(database):
    make_demo(published(database), today=TODAY)
    key = order(database)
    now = utc_now()
    first = take(database, key, now)
    assert take(database, key, now).county != first.county
    for turn in range(1, TRIES):
        now += datetime.timedelta(seconds=LEASE_SECONDS + 1)
        again = take(database, key, now)
        assert (again.county, again.tries) == (first.county, turn + 1)
    now += datetime.timedelta(seconds=LEASE_SECONDS + 1)
    take(database, key, now)
    [piece] = [p for p in far(database, key).pieces if p.county == first.county]
    assert (piece.state, piece.problem) == ("failed", "batch.worker_lost")


def test_only_the_research_team_may(engine):
    reader = Actor("anji", "county_reader", frozenset({"330523"}))
    with Session(engine) as session:
        for tried in (
            lambda: batch.order(session, reader, "demo", dated=TODAY),
            lambda: batch.progress(session, reader, "x"),
            lambda: batch.cancel(session, reader, "x"),
            lambda: batch.resume(session, reader, "x"),
            lambda: batch.write_zip(session, reader, "x", io.BytesIO()),
        ):
            with pytest.raises(Problem) as caught:
                tried()
            assert caught.value.code == "access.denied"


def test_an_unknown_batch_and_an_empty_one_are_told(engine):
    with Session(engine) as session:
        with pytest.raises(Problem) as caught:
            batch.progress(session, BOSS, "nothing")
        assert caught.value.code == "batch.unknown"
    key = order(engine)
    with Session(engine) as session, pytest.raises(Problem) as caught:
        batch.write_zip(session, BOSS, key, io.BytesIO())
    assert caught.value.code == "batch.nothing_made"
