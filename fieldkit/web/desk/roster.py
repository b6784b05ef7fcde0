"""The page on which the research team uploads how many people each cell of a wave has."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, g, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.roster import COUNTY, Margin, Roster
from fieldkit.formats.roster_csv import MOST_BYTES, MOST_ROWS
from fieldkit.services import roster as rosters
from fieldkit.services.weighted import issues, weighted_file
from fieldkit.store import instruments, waves
from fieldkit.store.engine import Session
from fieldkit.translations import explain
from fieldkit.web.desk import jobs
from fieldkit.web.i18n import language, words
from fieldkit.web.login import login_needed, sent_from_here
from fieldkit.web.machine import machine

bp = Blueprint("roster", __name__, url_prefix="/waves/<wave>/roster")
FORM_BYTES = 64 * 1024  # what stands around the file in the body of a request


def shown(wave: str, problem: Problem | None = None, note: str = "") -> str:
    """The page: what is kept now, how a file looks, and what was wrong with the one just sent."""
    with Session(machine().engine) as session:
        kept: Roster | None = rosters.kept_roster(session, g.actor, wave)
        found = waves.get(session, wave)
        asked = instruments.get(session, found.questionnaire, found.version)
        issued = issues(session, g.actor, wave)
    return render_template(
        "desk/roster.html",
        wave=found,
        roster=kept,
        issues=issued,
        mended=bool(issued and kept and kept.name != issued[-1].roster),
        note=note,
        problem=explain(problem, language()) if problem else None,
        saved="saved" in request.args and kept is not None,
        divided=lambda margin: divided(margin, asked),
        limit_kb=MOST_BYTES // 1024,
        limit_rows=MOST_ROWS,
    )


def divided(margin: Margin, questionnaire: Questionnaire) -> str:
    """How a margin divides people, in words."""
    items = questionnaire.items
    county = words("desk.roster_by_county")
    return " × ".join(county if n == COUNTY else (items[n].label or items[n].text).say(language()) for n in margin.by)


@bp.get("")
@login_needed
def page(wave: str) -> str:
    """What is kept and how to change it."""
    large = Problem("roster.too_large", rows=MOST_ROWS, kilobytes=MOST_BYTES // 1024)
    return shown(wave, large if "large" in request.args else None)


@bp.post("")
@login_needed
def upload(wave: str) -> Response:
    """Keep a file in place of the one before, or say what is wrong with it."""
    request.max_content_length = MOST_BYTES + FORM_BYTES
    try:
        sent_from_here()
        file = request.files.get("file")
        body = file.read() if file else b""
        if file:
            file.close()
        with Session(machine().engine) as session:
            rosters.save_roster(session, g.actor, wave, body)
            session.commit()
    except RequestEntityTooLarge:  # the body cannot be read, not even for the frame of this page
        return redirect(url_for(".page", wave=wave, large=1), 303)
    except Problem as found:
        if not found.code.startswith("roster."):
            raise
        answer = make_response(shown(wave, found))
        answer.status_code = found.status
        return answer
    return redirect(url_for(".page", wave=wave, saved=1), 303)


@bp.post("/weighted.csv")
@login_needed
def weighted(wave: str) -> Response:
    """Pooled results without and with weights; noted in the audit log, so it is asked for by a button.

    They are issued the first time; with a note, a corrected issue is made.
    """
    sent_from_here()
    note = request.form.get("note")
    if jobs.is_large("weighted", [wave]):
        return jobs.begun(wave, "weighted", {} if note is None else {"note": note})
    try:
        with Session(machine().engine) as session:
            body = weighted_file(session, g.actor, wave, dated=machine().today(), note=note)
            session.commit()
    except Problem as found:
        if not found.code.startswith(("roster.", "edition.")):
            raise
        answer = make_response(shown(wave, found, note or ""))
        answer.status_code = found.status
        return answer
    return sheet(body, f"{wave}-weighted.csv")


@bp.get("/file.csv")
@login_needed
def file(wave: str) -> Response:
    """The file that is kept, or one to fill in."""
    with Session(machine().engine) as session:
        body = rosters.roster_file(session, g.actor, wave)
    return sheet(body, f"{wave}-roster.csv")


def sheet(body: bytes, name: str) -> Response:
    """A table to download, which nobody's browser keeps."""
    answer = send_file(BytesIO(body), mimetype="text/csv", as_attachment=True, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    return answer
