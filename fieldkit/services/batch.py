"""All county reports of a wave, in one go: order them, work them off, watch, cancel, go on, take them home as one ZIP.

Work is done by `work_off`, in as many processes and on as many machines as one likes: every county is taken by one
worker at a time, and what was begun and not finished is taken again. A report made twice is the same edition.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import logging
import re
import secrets
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from sqlalchemy import Engine

from fieldkit.core.access import Actor, require
from fieldkit.core.batch import Batch, Piece, Progress
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.services.gazetteer import places
from fieldkit.services.pooled import pooled_scales
from fieldkit.services.report import county_files, present_analysed, raised, still_served
from fieldkit.store import audit, batches, editions, instruments, responses, waves
from fieldkit.store.engine import Session, is_sqlite, utc_now, writing
from fieldkit.translations import explain_code

log = logging.getLogger("fieldkit")
HELD = frozenset({"report.suppressed"})  # no failure: this county may have no report
MANIFEST = ("county", "name", "state", "edition", "issued_on", "n_analysed", "file", "sha256", "problem")


def order(session: Session, actor: Actor | None, wave_id: str, *, dated: datetime.date) -> Batch:
    """Order the reports of all counties of a wave; the order that is running already, if there is one.

    `dated` is the day that new editions carry. Problems `access.denied`, `wave.unknown`, `wave.test`,
    `batch.no_counties`.
    """
    who = require(actor, "report.batch")
    writing(session)
    wave = waves.counted(session, wave_id)
    if not wave.counties:
        raise Problem("batch.no_counties", where=wave_id, wave=wave_id)
    for batch in batches.of_wave(session, wave_id):
        if batch.state == "running":
            return batch
    batch = Batch(secrets.token_hex(8), wave_id, "running", who.name, utc_now(), dated)
    batches.add(session, batch, sorted(county.code for county in wave.counties))
    audit.write(session, who, "report.batch", {"wave": wave_id, "batch": batch.id, "counties": len(wave.counties)})
    return batch


def progress(session: Session, actor: Actor | None, batch_id: str) -> Progress:
    """How far an order is; Problems `access.denied`, `batch.unknown`."""
    require(actor, "report.batch")
    return batches.progress(session, batch_id)


def orders(session: Session, actor: Actor | None, wave_id: str) -> list[Batch]:
    """The last orders of a wave, the newest first."""
    require(actor, "report.batch")
    return batches.of_wave(session, wave_id)


def cancel(session: Session, actor: Actor | None, batch_id: str) -> None:
    """Begin no further report of this order; those that were made stay. Problem `batch.unknown`."""
    who = require(actor, "report.batch")
    writing(session)
    batch = batches.get(session, batch_id)
    if batch.state == "running":
        batches.set_state(session, batch_id, "cancelled")
        audit.write(session, who, "report.batch_cancel", {"wave": batch.wave, "batch": batch_id})


def resume(session: Session, actor: Actor | None, batch_id: str) -> None:
    """Go on with an order that was cancelled or interrupted; what failed is tried again. Problem `batch.unknown`."""
    who = require(actor, "report.batch")
    writing(session)
    batch = batches.get(session, batch_id)
    again = ["failed"]
    if is_sqlite(session.get_bind()):  # one machine, so nobody else is at work on a line that is still taken
        again.append("working")
    batches.free(session, batch_id, *again)
    batches.set_state(session, batch_id, "running")
    audit.write(session, who, "report.batch_resume", {"wave": batch.wave, "batch": batch_id})


def unfinished(session: Session) -> list[Batch]:
    """All orders with work left, the oldest first."""
    return batches.running(session)


def prepare(engine: Engine, batch_id: str) -> None:
    """Add up the scales of the wave once before the reports are made, so that all of them tell the same reliability."""
    with Session(engine) as session:
        found = batches.progress(session, batch_id)
        wave = raised(waves.get(session, found.batch.wave))
        questionnaire = instruments.get(session, wave.questionnaire, wave.version)
        session.rollback()
        if found.batch.state == "running" and not found.ended:
            pooled_scales(session, wave, questionnaire, freeze=True)


def work_off(engine: Engine, batch_id: str) -> Iterator[Piece]:
    """Make reports of this order until none is left, telling each one when it has ended.

    Several workers may do this at the same time. A report that fails is noted and the next one begins.
    """
    while True:
        with Session(engine) as session:
            piece = batches.take(writing(session), batch_id)
            session.commit()
        if piece is None:
            _close(engine, batch_id)
            return
        yield _make(engine, piece)


def _make(engine: Engine, piece: Piece) -> Piece:
    """One county's report, or why there is none."""
    try:
        with Session(engine) as session:
            batch = batches.get(session, piece.batch)
            session.rollback()
            who = Actor(batch.asked_by, "researcher")
            edition = county_files(session, who, batch.wave, piece.county, dated=batch.dated)
            session.commit()
        return _ended(engine, piece, "done", edition=edition.number, sha256=edition.sha256)
    except Problem as problem:
        facts = {name: value for name, value in problem.facts.items() if isinstance(value, str | int | float)}
        return _ended(engine, piece, "held" if problem.code in HELD else "failed", problem=problem.code, facts=facts)
    except Exception as error:  # the others go on; only the kind is told, its words could hold answers
        log.error("a report of batch %s failed: %s", piece.batch, type(error).__name__)
        return _ended(engine, piece, "failed", problem="server.failed")


def _ended(engine: Engine, piece: Piece, state: str, **how: object) -> Piece:
    with Session(engine) as session:
        batches.finish(writing(session), piece, state, **how)  # type: ignore[arg-type]
        session.commit()
    return Piece(piece.batch, piece.county, piece.position, state, piece.tries, **how)  # type: ignore[arg-type]


def _close(engine: Engine, batch_id: str) -> None:
    """An order whose every line has ended is done."""
    with Session(engine) as session:
        found = batches.progress(writing(session), batch_id)
        if found.batch.state == "running" and found.ended == len(found.pieces):
            batches.set_state(session, batch_id, "done")
        session.commit()


@dataclass(frozen=True, slots=True)
class Line:
    """One county in the manifest of a batch."""

    county: str
    name: str
    state: str
    edition: int | None = None
    issued_on: str = ""
    n_analysed: int | None = None
    file: str = ""
    sha256: str = ""
    problem: str = ""

    def told(self) -> dict[str, object]:
        """The line for programs."""
        return {key: getattr(self, key) for key in MANIFEST}


def manifest(session: Session, actor: Actor | None, batch_id: str, language: str = "zh") -> list[Line]:
    """What became of each county, with the hashes of the reports that were made."""
    require(actor, "report.batch")
    found = batches.progress(session, batch_id)
    wave = raised(waves.get(session, found.batch.wave))
    return [_line(session, found.batch, piece, wave, language)[0] for piece in found.pieces]


def write_zip(
    session: Session, actor: Actor | None, batch_id: str, file: IO[bytes], language: str = "zh"
) -> list[Line]:
    """Write all reports of an order and their manifest (CSV and JSON) as one ZIP into an open file.

    One report at a time is in memory. An edition that may no longer be handed out (thresholds raised, answers taken
    back) stays out and is told. Gives the lines of the manifest. Problems `access.denied`, `batch.unknown`,
    `batch.nothing_made`.
    """
    who = require(actor, "report.batch")
    found = batches.progress(session, batch_id)
    if not found.count("done"):
        raise Problem("batch.nothing_made", where=batch_id, batch=batch_id)
    wave = raised(waves.get(session, found.batch.wave))
    day = found.batch.dated
    stamp = (day.year, day.month, day.day, 0, 0, 0)
    lines: list[Line] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # a PDF is compressed already
        for piece in found.pieces:
            line, files = _line(session, found.batch, piece, wave, language)
            lines.append(line)
            for path, body in files:
                archive.writestr(zipfile.ZipInfo(path, stamp), body)
        about = {
            "wave": wave.id,
            "batch": batch_id,
            "dated": day.isoformat(),
            "simulated": wave.simulated,
            "reports": [line.told() for line in lines],
        }
        text = json.dumps(about, ensure_ascii=False, indent=1).encode()
        archive.writestr(zipfile.ZipInfo("manifest.json", stamp), text)
        archive.writestr(zipfile.ZipInfo("manifest.csv", stamp), _as_csv(lines))
    audit.write(session, who, "report.batch_download", {"wave": wave.id, "batch": batch_id})
    return lines


def _line(
    session: Session, batch: Batch, piece: Piece, wave: Wave, language: str
) -> tuple[Line, list[tuple[str, bytes]]]:
    name = places()[piece.county].name if piece.county in places() else piece.county
    problem, facts = piece.problem, dict(piece.facts or {})
    if piece.state == "done" and piece.edition is not None:
        edition = editions.numbered(session, batch.wave, piece.county, piece.edition)
        try:
            still_served(edition, wave, _near_the_threshold(session, wave, piece.county))
        except Problem as found:
            problem, facts = found.code, dict(found.facts)
        else:
            plain = re.sub(r"[^\w-]", "", name)
            stem = f"{piece.county}_{plain}_{edition.number}"
            told = Line(
                piece.county, name, "done", edition.number, edition.issued_on.isoformat(), edition.n_analysed,
                f"{stem}.pdf", edition.sha256,
            )  # fmt: skip
            return told, [(f"{stem}.pdf", edition.pdf), (f"{stem}.csv", edition.csv)]
    state = "held" if problem in HELD else piece.state
    words = explain_code(f"problem.{problem}", language, where=piece.county, **facts)[0] if problem else ""
    return Line(piece.county, name, state, problem=words), []


def _near_the_threshold(session: Session, wave: Wave, county: str) -> int | None:
    """The analysed answers of a small county today; None where there are plenty, or the raw records are gone."""
    count = responses.count_by_county(session, wave.id, [county]).get(county, 0)
    return present_analysed(session, wave, county) if 0 < count < 2 * wave.n_min else None


def _as_csv(lines: list[Line]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(MANIFEST)
    for line in lines:
        row = [getattr(line, key) for key in MANIFEST]
        writer.writerow(["" if cell is None else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")
