"""Files that take long to make: order one, watch it, cancel it, begin again, take it home.

What is small is made while one waits for the page; what is large becomes a job (core.job). Any number of processes
work jobs off; each job is taken by one of them, tells how far it is, and ends in one file in a folder of its own.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from fieldkit.core.access import Actor, may, require
from fieldkit.core.job import SMALL_COUNTIES, SMALL_ROWS, Job
from fieldkit.core.problem import Problem
from fieldkit.services.gazetteer import places
from fieldkit.store import audit, jobs, responses, waves
from fieldkit.store.engine import Session, utc_now, writing

log = logging.getLogger("fieldkit")
RIGHT = {
    "responses": "export.responses",
    "weighted": "export.responses",
    "pooled": "report.team",
    "overview": "report.team",
    "technical": "report.team",
}  # kind -> what whoever orders, watches or takes it must be allowed to do
REPORTS = ("pooled", "overview", "technical", "weighted")
ISSUING = ("pooled", "overview", "weighted")  # the counties' own reports are issued first
ENDS = {"responses": "zip", "weighted": "csv", "pooled": "pdf", "overview": "pdf", "technical": "pdf"}
BEAT_SECONDS = 2.0  # how often a worker says that it is alive, and hears whether to stop


def is_large(
    session: Session,
    actor: Actor | None,
    kind: str,
    wave_ids: list[str],
    place: str = "",
    counties: Collection[str] = (),
) -> bool:
    """Whether this would keep a page waiting, and so is a job.

    `place` narrows it to a province or prefecture, `counties` to some counties. Problems `access.denied`,
    `place.unknown`.
    """
    require(actor, RIGHT[kind])
    counts = [responses.count_by_county(session, wave_id, counties or None) for wave_id in wave_ids]
    if place:
        all_places = places()
        above = all_places.find(place)
        counts = [{c: n for c, n in count.items() if all_places.lies_in(all_places.find(c), above)} for count in counts]
    return _too_much(kind, counts)


def large_reports(session: Session, actor: Actor | None, wave_id: str) -> set[str]:
    """Which reports on all counties of a wave are jobs; none for who may not have them."""
    count = responses.count_by_county(session, wave_id)
    return {kind for kind in REPORTS if may_see(actor, kind) and _too_much(kind, [count])}


def _too_much(kind: str, counts: list[dict[str, int]]) -> bool:
    if sum(sum(count.values()) for count in counts) > SMALL_ROWS:
        return True
    return kind in ISSUING and max(map(len, counts)) > SMALL_COUNTIES


def order(session: Session, actor: Actor | None, kind: str, wave_id: str, asked: Mapping[str, Any]) -> Job:
    """Order a file; the order that is running already, if the same was asked for by the same person.

    `asked` are the keyword arguments of whatever makes it: `waves`, `formats` and `encoding` of research data,
    `language`, `place` and `counties` of a report. Problems `access.denied`, `wave.unknown`, `wave.test`,
    `place.unknown`, `export.format`, `export.encoding`.
    """
    from fieldkit.services.export_files import chosen

    who = require(actor, RIGHT[kind])
    writing(session)
    asked = {"waves": [wave_id], **asked}
    for each in asked["waves"]:
        waves.counted(session, each)
    if asked.get("place"):
        places().find(asked["place"])
    if kind == "responses":
        asked["formats"] = list(chosen(asked.get("formats", ()), asked.get("encoding", "utf-8")))
    for job in jobs.unfinished(session):
        if (job.kind, job.wave, dict(job.asked), job.asked_by) == (kind, wave_id, asked, who.name):
            return job
    job = Job(secrets.token_hex(8), wave_id, kind, asked, "waiting", who.name, utc_now())
    jobs.add(session, job)
    audit.write(session, who, "job.order", {"wave": wave_id, "job": job.id, "kind": kind})
    return job


def watch(session: Session, actor: Actor | None, wave_id: str, job_id: str) -> Job:
    """How far a job of this wave is; Problems `access.denied`, `job.unknown`."""
    require(actor, "wave.quality")  # the research team; which of its files, is asked below
    job = jobs.get(session, job_id)
    require(actor, RIGHT[job.kind])
    if job.wave != wave_id:
        raise Problem("job.unknown", where=job_id, job=job_id)
    return job


def may_see(actor: Actor | None, kind: str) -> bool:
    """Whether this actor may see jobs of this kind."""
    return may(actor, RIGHT[kind])


def listed(session: Session, actor: Actor | None, wave_id: str) -> list[Job]:
    """The last jobs of a wave that this actor may see, the newest first."""
    return [job for job in jobs.of_wave(session, wave_id) if may_see(actor, job.kind)]


def cancel(session: Session, actor: Actor | None, wave_id: str, job_id: str) -> None:
    """Stop a job; its worker hears of it within seconds and removes what it has made. Problem `job.unknown`."""
    writing(session)
    job = watch(session, actor, wave_id, job_id)
    who = require(actor, RIGHT[job.kind])
    if jobs.cancel(session, job_id):
        audit.write(session, who, "job.cancel", {"wave": job.wave, "job": job_id})


def again(session: Session, actor: Actor | None, wave_id: str, job_id: str) -> None:
    """Make a file from the beginning that was cancelled, failed, interrupted or is gone. Problem `job.unknown`."""
    writing(session)
    job = watch(session, actor, wave_id, job_id)
    who = require(actor, RIGHT[job.kind])
    jobs.again(session, job_id, utc_now())
    audit.write(session, who, "job.again", {"wave": job.wave, "job": job_id})


def take_home(session: Session, actor: Actor | None, wave_id: str, job_id: str) -> Path:
    """Where the finished file lies; that it was taken is noted. Problems `job.unknown`, `job.not_ready`, `job.gone`."""
    writing(session)
    job = watch(session, actor, wave_id, job_id)
    who = require(actor, RIGHT[job.kind])
    if job.state in ("waiting", "working", "failed", "cancelled"):
        raise Problem("job.not_ready", where=job_id)
    path = Path(job.file)
    if not job.ready(utc_now()) or not path.is_file():
        raise Problem("job.gone", where=job_id)
    audit.write(session, who, "job.download", {"wave": job.wave, "job": job_id, "kind": job.kind, "sha256": job.sha256})
    return path


def unfinished(session: Session) -> list[Job]:
    """All jobs with work left, the oldest first."""
    return jobs.unfinished(session)


def sweep(engine: Engine, folder: Path) -> None:
    """Remove files whose time has passed, and what lies in the folder and belongs to no job that is alive."""
    with Session(engine) as session:
        jobs.expire(writing(session), utc_now())
        session.commit()
    if not folder.is_dir():
        return
    present = [path for path in folder.iterdir() if path.is_dir()]  # before the rows: a job begun meanwhile stays
    now = utc_now()
    with Session(engine) as session:
        for path in present:
            try:
                job: Job | None = jobs.get(session, path.name)
            except Problem:
                job = None
            alive = job is not None and (job.state == "done" or (job.state == "working" and not job.stalled(now)))
            if job is None or (not alive and _is_old(path)):
                shutil.rmtree(path, ignore_errors=True)


def _is_old(path: Path) -> bool:
    """Whether nobody can be at work in this folder any more: a worker that was stopped clears it within seconds."""
    try:
        age = utc_now().timestamp() - path.stat().st_mtime
    except OSError:
        return False
    return age > 600


def work_off(engine: Engine, folder: Path, today: Callable[[], datetime.date]) -> Iterator[Job]:
    """Make files into this folder until no job can be taken, telling each job as it was taken.

    Several workers may do this at the same time. A job that fails is noted and the next one begins.
    """
    while True:
        with Session(engine) as session:
            job = jobs.take(writing(session))
            session.commit()
        if job is None:
            return
        _make(engine, job, folder, today())
        yield job


class _Beat:
    """A quiet thread that says every few seconds that the job is worked on and how far it is.

    Calling it with a share notes how far the work is, and raises Problem `job.stopped` once the job is no longer
    ours: somebody cancelled it, or took answers back that the file would hold.
    """

    def __init__(self, engine: Engine, job: Job) -> None:
        self._engine, self._job = engine, job
        self._share = 0.0
        self._over = threading.Event()
        self._lost = False
        self._thread = threading.Thread(target=self._go_on, name="fieldkit-job", daemon=True)

    def __enter__(self) -> _Beat:
        self._thread.start()
        return self

    def __exit__(self, *why: object) -> None:
        self._over.set()
        self._thread.join()

    def __call__(self, share: float) -> None:
        self._share = max(self._share, min(1.0, share))
        if self._lost:
            raise Problem("job.stopped", where=self._job.id)

    def say(self) -> None:
        """Tell the database once."""
        try:
            with Session(self._engine) as session:
                self._lost = not jobs.heard(writing(session), self._job, self._share)
                session.commit()
        except DBAPIError as failure:  # the next beat tries again, long before the job counts as abandoned
            log.warning("job %s could not say how far it is (%s)", self._job.id, type(failure.orig).__name__)

    def _go_on(self) -> None:
        while not self._over.wait(BEAT_SECONDS) and not self._lost:
            self.say()


def _make(engine: Engine, job: Job, folder: Path, dated: datetime.date) -> None:
    """One job's file, or why there is none."""
    own = folder / job.id
    shutil.rmtree(own, ignore_errors=True)  # what a worker left that was killed
    kept = False
    try:
        own.mkdir(parents=True, mode=0o700)
        folder.chmod(0o700)
        file = own / f"file.{ENDS[job.kind]}"
        with _Beat(engine, job) as beat:
            digest, size = hashlib.sha256(), 0
            with open(file, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
                for piece in MAKERS[job.kind](engine, job, own, dated, beat):
                    out.write(piece)
                    digest.update(piece)
                    size += len(piece)
        with Session(engine) as session:
            kept = jobs.finish(
                writing(session), job, file=str(file.resolve()), bytes=size, sha256=digest.hexdigest()
            )
            session.commit()
    except Problem as problem:
        facts = {name: value for name, value in problem.facts.items() if isinstance(value, str | int | float)}
        _failed(engine, job, problem.code, facts | ({"where": problem.where} if problem.where else {}))
    except Exception as error:  # only the kind is told, its words could hold answers
        log.error("job %s failed: %s", job.id, type(error).__name__)
        _failed(engine, job, "server.failed", {})
    finally:
        if not kept:
            shutil.rmtree(own, ignore_errors=True)


def _failed(engine: Engine, job: Job, problem: str, facts: Mapping[str, Any]) -> None:
    if problem == "job.stopped":  # the row says already what became of it
        return
    with Session(engine) as session:
        jobs.fail(writing(session), job, problem, facts)
        session.commit()


Told = Callable[[float], None]


def _responses(engine: Engine, job: Job, own: Path, dated: datetime.date, told: Told) -> Iterator[bytes]:
    from fieldkit.services.export import gathered

    asked = job.asked
    with Session(engine) as session:
        who, chosen = Actor(job.asked_by, "researcher"), list(asked["waves"])
        formats, encoding = list(asked["formats"]), str(asked.get("encoding", "utf-8"))
        with gathered(session, who, chosen, formats, encoding, inside=own, told=told) as found:
            session.commit()  # the line in the log stands before the file does
            yield from found.zipped()


def _report(engine: Engine, job: Job, own: Path, dated: datetime.date, told: Told) -> Iterator[bytes]:
    from fieldkit.services import pooled_editions, team_reports

    who, language = Actor(job.asked_by, "researcher"), str(job.asked.get("language", "zh"))
    drawn = 0.55  # issuing the counties' reports takes about so much of it, then comes the drawing

    def issued(share: float) -> None:
        told(share * drawn)

    with Session(engine) as session:
        if job.kind == "pooled":
            chosen = list(job.asked.get("counties", ()))
            made = pooled_editions.pooled_file(session, who, job.wave, counties=chosen, dated=dated, told=issued)
            body = made.spoken(language)
        elif job.kind == "overview":
            place = str(job.asked.get("place", ""))
            body = team_reports.overview_file(
                session, who, job.wave, place=place, dated=dated, language=language, told=issued
            ).pdf
        else:
            body = team_reports.technical_file(session, who, job.wave, dated=dated, language=language).pdf
        told(1.0)
        session.commit()
    yield body


def _weighted(engine: Engine, job: Job, own: Path, dated: datetime.date, told: Told) -> Iterator[bytes]:
    from fieldkit.services.weighted import weighted_file

    with Session(engine) as session:
        who = Actor(job.asked_by, "researcher")
        note = job.asked.get("note")
        body = weighted_file(session, who, job.wave, dated=dated, note=note, told=told)
        session.commit()
    yield body


MAKERS: Mapping[str, Callable[[Engine, Job, Path, datetime.date, Told], Iterator[bytes]]] = {
    "responses": _responses,
    "weighted": _weighted,
    "pooled": _report,
    "overview": _report,
    "technical": _report,
}
