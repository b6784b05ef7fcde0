"""Files that take long to make: made by a worker, watched, cancelled, begun again, kept for a day, and audited."""

from __future__ import annotations

import datetime
import io
import json
import os
import zipfile

import pytest

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.job import AT_ONCE, LEASE_SECONDS, TRIES
from fieldkit.core.problem import Problem
from fieldkit.services import job as service
from fieldkit.services.export import gathered, write_responses_zip
from fieldkit.services.withdraw import withdraw
from fieldkit.store import audit, jobs
from fieldkit.store.engine import Session, utc_now, writing
from tests.demo_site import TODAY, demo_database, more_answers

LIN = Actor("lin", "researcher")


@pytest.fixture
def engine(tmp_path):
    return demo_database(tmp_path)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "files"


def order(engine, kind="responses", **asked):
    with Session(engine) as session:
        made = service.order(session, LIN, kind, "demo", asked)
        session.commit()
    return made.id


def far(engine, key):
    with Session(engine) as session:
        return service.watch(session, LIN, "demo", key)


def work(engine, folder):
    return list(service.work_off(engine, folder, lambda: TODAY))


def done(engine, folder, **asked):
    key = order(engine, **asked)
    work(engine, folder)
    assert far(engine, key).state == "done"
    return key


def step(engine, how, *rest):
    with Session(engine) as session:
        found = how(session, LIN, "demo", *rest)
        session.commit()
    return found


def left_in(folder):
    return list(folder.iterdir()) if folder.is_dir() else []


def log(engine, action):
    with Session(engine) as session:
        return [line for line in audit.listed(session) if line.action == action]


def test_the_prepared_file_is_the_file_that_the_command_line_makes(engine, folder):
    key = done(engine, folder, formats=["csv", "jsonl"])
    path = step(engine, service.take_home, key)
    beside = io.BytesIO()
    with Session(engine) as session:
        write_responses_zip(session, LIN, "demo", beside, ("csv", "jsonl"))
    with zipfile.ZipFile(path) as one, zipfile.ZipFile(beside) as other:
        assert one.namelist() == other.namelist()
        for name in one.namelist():
            if name != "manifest.json":
                assert one.read(name) == other.read(name), name
        assert json.loads(one.read("manifest.json"))["rows"] == json.loads(other.read("manifest.json"))["rows"]
    assert path.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
    assert far(engine, key).percent == 100


def test_order_making_and_every_download_are_in_the_log(engine, folder):
    key = done(engine, folder)
    for _ in range(2):
        step(engine, service.take_home, key)
    assert [line.actor for line in log(engine, "export.responses")] == ["lin"]
    assert len(log(engine, "job.order")) == 1
    assert [line.facts["sha256"] for line in log(engine, "job.download")] == [far(engine, key).sha256] * 2


def test_reports_on_all_counties_are_prepared_in_the_same_way(engine, folder):
    key = done(engine, folder, kind="overview", language="en")
    assert step(engine, service.take_home, key).read_bytes().startswith(b"%PDF")


def test_how_far_it_is_grows_to_the_end(engine):
    shares = []
    with (
        Session(engine) as session,
        gathered(session, LOCAL, "demo", ("csv", "xlsx", "sav"), told=shares.append) as found,
    ):
        read = len(shares)
        for _ in found.zipped():
            pass
    assert read >= 1
    assert len(shares) > read + 2
    assert shares == sorted(shares)
    assert 0.8 < shares[-1] <= 1


def test_a_cancelled_job_stops_and_leaves_nothing_behind(engine, folder, monkeypatch):
    monkeypatch.setattr(service, "BEAT_SECONDS", 0.01)
    key = order(engine)

    def endless(engine, job, own, dated, told):
        (own / "rows").write_bytes(b"answers")
        yield b"first"
        step(engine, service.cancel, key)
        while True:
            told(0.5)

    monkeypatch.setattr(service, "MAKERS", {"responses": endless})
    work(engine, folder)
    assert far(engine, key).state == "cancelled"
    assert left_in(folder) == []
    with pytest.raises(Problem) as caught:
        step(engine, service.take_home, key)
    assert caught.value.code == "job.not_ready"
    monkeypatch.undo()
    step(engine, service.again, key)
    work(engine, folder)
    assert far(engine, key).state == "done"


def test_what_a_killed_worker_had_is_made_anew_and_its_rows_are_removed(engine, folder):
    key = order(engine)
    with Session(engine) as session:
        lost = jobs.take(writing(session))
        session.commit()
    (folder / key / "fieldkit-export-x").mkdir(parents=True)
    (folder / key / "fieldkit-export-x" / "rows").write_bytes(b"answers")
    assert work(engine, folder) == []  # it may still be at work
    assert not far(engine, key).stalled(utc_now())
    later = utc_now() + datetime.timedelta(seconds=LEASE_SECONDS + 1)
    assert far(engine, key).stalled(later)
    with Session(engine) as session:
        again = jobs.take(writing(session), later)
        session.commit()
    assert again.tries == 2
    service._make(engine, again, folder, TODAY)
    assert [path.name for path in (folder / key).iterdir()] == ["file.zip"]
    with Session(engine) as session:  # should the first one wake up, its file is not wanted any more
        assert not jobs.finish(writing(session), lost, file="x", bytes=1, sha256="x")


def test_a_job_that_kills_its_worker_ends_as_failed(engine):
    key, now = order(engine), utc_now()
    for _ in range(TRIES + 1):
        with Session(engine) as session:
            jobs.take(writing(session), now)
            session.commit()
        now += datetime.timedelta(seconds=LEASE_SECONDS + 1)
    found = far(engine, key)
    assert (found.state, found.problem) == ("failed", "job.worker_lost")


def test_a_job_that_fails_says_why_and_the_next_one_is_made(engine, folder, monkeypatch):
    def broken(engine, job, own, dated, told):
        yield b"first"
        raise Problem("export.too_wide", where="responses", columns=20_000, limit=16_384)

    monkeypatch.setattr(service, "MAKERS", {**service.MAKERS, "responses": broken})
    key, other = order(engine), order(engine, "technical")
    work(engine, folder)
    found = far(engine, key)
    assert (found.state, found.problem, found.facts["columns"]) == ("failed", "export.too_wide", 20_000)
    assert far(engine, other).state == "done"
    assert [path.name for path in left_in(folder)] == [other]


def test_an_error_is_told_by_its_kind_only(engine, folder, monkeypatch, caplog):
    def broken(engine, job, own, dated, told):
        yield b"first"
        raise RuntimeError("an answer in plain words")

    monkeypatch.setattr(service, "MAKERS", {"responses": broken})
    key = order(engine)
    work(engine, folder)
    assert far(engine, key).problem == "server.failed"
    assert "plain words" not in caplog.text


def test_taking_answers_back_removes_the_file_that_holds_them(engine, folder):
    [code] = more_answers(engine, "330523", 1)
    key = done(engine, folder)
    path = step(engine, service.take_home, key)
    with Session(engine) as session:
        withdraw(session, "demo", code, TODAY)
        session.commit()
    assert not path.exists()
    assert left_in(folder) == []
    with pytest.raises(Problem) as caught:
        step(engine, service.take_home, key)
    assert caught.value.code == "job.gone"


def test_answers_taken_back_while_a_file_is_made_do_not_get_into_it(engine, folder, monkeypatch):
    [code] = more_answers(engine, "330523", 1)
    key, makes = order(engine), []

    def slow(engine, job, own, dated, told):
        yield from real(engine, job, own, dated, told)
        makes.append(job)
        if len(makes) == 1:
            with Session(engine) as session:
                withdraw(session, "demo", code, TODAY)
                session.commit()

    real = service.MAKERS["responses"]
    monkeypatch.setattr(service, "MAKERS", {"responses": slow})
    work(engine, folder)
    assert len(makes) == 2
    assert far(engine, key).state == "done"
    with zipfile.ZipFile(step(engine, service.take_home, key)) as archive:
        told = json.loads(archive.read("manifest.json"))
    with Session(engine) as session, gathered(session, LIN, "demo") as found:
        assert told["rows"] == found.facts["rows"]


def test_a_file_goes_after_a_day(engine, folder):
    key = done(engine, folder)
    with Session(engine) as session:
        assert jobs.expire(writing(session), utc_now() + datetime.timedelta(hours=23)) == 0
        session.commit()
    assert step(engine, service.take_home, key).is_file()
    with Session(engine) as session:
        assert jobs.expire(writing(session), utc_now() + datetime.timedelta(hours=25)) == 1
        session.commit()
    assert left_in(folder) == []
    assert far(engine, key).state == "gone"


def test_what_a_killed_worker_left_goes_even_if_nobody_begins_again(engine, folder):
    key = order(engine)
    with Session(engine) as session:
        jobs.take(writing(session), utc_now() - datetime.timedelta(hours=1))
        session.commit()
    (folder / key).mkdir(parents=True)
    service.sweep(engine, folder)
    assert left_in(folder), "it may be young enough that somebody is about to take it"
    long_ago = utc_now().timestamp() - 3600
    os.utime(folder / key, (long_ago, long_ago))
    service.sweep(engine, folder)
    assert left_in(folder) == []


def test_the_sweep_removes_what_belongs_to_no_job_and_leaves_the_rest(engine, folder):
    key = done(engine, folder)
    (folder / "stranger").mkdir()
    (folder / "stranger" / "rows").write_bytes(b"answers")
    service.sweep(engine, folder)
    assert [path.name for path in left_in(folder)] == [key]


def test_the_same_order_twice_is_one_and_only_so_many_are_made_at_once(engine):
    assert order(engine) == order(engine)
    for number in range(AT_ONCE + 1):
        order(engine, formats=["csv", "jsonl", "sav"][: number + 1], encoding="gb18030")
    with Session(engine) as session:
        taken = [jobs.take(writing(session)) for _ in range(AT_ONCE + 1)]
        session.commit()
    assert [job is not None for job in taken] == [True] * AT_ONCE + [False]


def test_only_the_research_team_may_and_only_under_the_right_wave(engine):
    key = order(engine)
    for actor in (Actor("anji", "county_reader", frozenset({"330523"})), Actor("op", "operator"), None):
        for tried in (
            lambda session, actor=actor: service.order(session, actor, "responses", "demo", {}),
            lambda session, actor=actor: service.watch(session, actor, "demo", key),
            lambda session, actor=actor: service.cancel(session, actor, "demo", key),
            lambda session, actor=actor: service.again(session, actor, "demo", key),
            lambda session, actor=actor: service.take_home(session, actor, "demo", key),
        ):
            with Session(engine) as session, pytest.raises(Problem) as caught:
                tried(session)
            assert caught.value.code in ("access.denied", "login.needed")
        with Session(engine) as session:
            assert service.listed(session, actor, "demo") == []
    with Session(engine) as session, pytest.raises(Problem) as caught:
        service.watch(session, LIN, "other", key)
    assert caught.value.code == "job.unknown"


def test_a_wrong_order_is_refused_at_once(engine):
    for asked, code in (({"formats": ["docx"]}, "export.format"), ({"waves": ["nowhere"]}, "wave.unknown")):
        with Session(engine) as session, pytest.raises(Problem) as caught:
            service.order(session, LIN, "responses", "demo", asked)
        assert caught.value.code == code
