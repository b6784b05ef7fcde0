"""All reports of a wave in one go: order, watch, cancel, go on, take home."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack

from flask import Blueprint, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from fieldkit.core.problem import Problem
from fieldkit.services import batch
from fieldkit.store import waves
from fieldkit.store.engine import Session
from fieldkit.web.i18n import language
from fieldkit.web.login import login_needed, sent_from_here
from fieldkit.web.machine import machine, start_worker

bp = Blueprint("batches", __name__, url_prefix="/waves/<wave>")
IN_MEMORY = 16 * 1024 * 1024  # a ZIP larger than this goes through a temporary file


def begin_work() -> None:
    """Start a process beside the server that makes the reports that are ordered and then ends."""
    start_worker("--workers", str(max(1, (os.cpu_count() or 2) - 1)))


@bp.post("/reports")
@login_needed
def ordered(wave: str) -> Response:
    """Order all reports of the wave and watch."""
    sent_from_here()
    with Session(machine().engine) as session:
        made = batch.order(session, g.actor, wave, dated=machine().today())
        session.commit()
    begin_work()
    return redirect(url_for("desk.batches.watched", wave=wave, key=made.id), 303)


@bp.get("/reports/<key>")
@login_needed
def watched(wave: str, key: str) -> str:
    """How far a batch is; the page asks again by itself while work goes on."""
    with Session(machine().engine) as session:
        found = batch.progress(session, g.actor, key)
        _same_wave(found.batch.wave, wave, key)
        shown = waves.get(session, wave)
        lines = batch.manifest(session, g.actor, key, language())
    return render_template("desk/batch.html", wave=shown, found=found, lines=lines)


@bp.post("/reports/<key>/<any(cancel, resume):step>")
@login_needed
def stepped(wave: str, key: str, step: str) -> Response:
    """Cancel a batch, or go on with it."""
    sent_from_here()
    with Session(machine().engine) as session:
        _same_wave(batch.progress(session, g.actor, key).batch.wave, wave, key)
        session.rollback()
        (batch.cancel if step == "cancel" else batch.resume)(session, g.actor, key)
        session.commit()
    if step == "resume":
        begin_work()
    return redirect(url_for("desk.batches.watched", wave=wave, key=key), 303)


@bp.post("/reports/<key>/reports.zip")
@login_needed
def taken(wave: str, key: str) -> Response:
    """All reports that were made, their tables and the manifest."""
    from fieldkit.web.desk import download

    sent_from_here()
    with ExitStack() as open_files:
        file = open_files.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
        with Session(machine().engine) as session:
            _same_wave(batch.progress(session, g.actor, key).batch.wave, wave, key)
            batch.write_zip(session, g.actor, key, file, language())
            session.commit()
        file.seek(0)
        answer = download(file, "application/zip", f"fieldkit-{wave}-reports.zip")
        answer.call_on_close(open_files.pop_all().close)
    return answer


def _same_wave(of: str, asked: str, key: str) -> None:
    if of != asked:
        raise Problem("batch.unknown", where=key, batch=key)
