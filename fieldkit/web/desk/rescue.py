"""The page on which the research team takes in a response that a phone could not send."""

from __future__ import annotations

import re

import orjson
from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fieldkit.core.problem import Problem
from fieldkit.services import rescue
from fieldkit.store import waves
from fieldkit.store.engine import Session
from fieldkit.translations import explain
from fieldkit.web.i18n import language
from fieldkit.web.login import login_needed, sent_from_here
from fieldkit.web.machine import machine
from fieldkit.web.phone import wire

bp = Blueprint("rescue", __name__, url_prefix="/waves/<wave>/rescue")

PATH = re.compile(r"/w/([a-z0-9-]{1,40})/(\w{1,20})\Z")
DONE = ("stored", "again", "variant")


def handed_in() -> bytes:
    """The file, or the text that was pasted."""
    file = request.files.get("file")
    body = file.read() if file else b""
    return body or request.form.get("text", "").strip().encode()


def opened(body: bytes, wave: str) -> tuple[str, object]:
    """The county and the submission in a rescue file; Problem `rescue.not_ours` or `rescue.other_wave`."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem("rescue.not_ours", where="file") from None
    path = PATH.match(str(found.get("path", ""))) if isinstance(found, dict) and found.get("rescue") == 1 else None
    if path is None:
        raise Problem("rescue.not_ours", where="file")
    if path[1] != wave:
        raise Problem("rescue.other_wave", where="file", wave=path[1])
    return path[2], found.get("submission")


@bp.route("", methods=["GET", "POST"])
@login_needed
def page(wave: str) -> Response:
    """Choose a file or paste the text; what came of it."""
    rescue.allowed(g.actor)
    with Session(machine().engine) as session:
        shown = waves.get(session, wave)
    problem: Problem | None = None
    if request.method == "POST":
        sent_from_here()
        try:
            county, sent = opened(handed_in(), wave)
            receipt = rescue.take_in(
                machine().engine,
                machine().collector,
                g.actor,
                wave,
                county,
                lambda questionnaire: wire.submission(sent, questionnaire, wave, county),
            )
            return redirect(url_for("desk.rescue.page", wave=wave, done=receipt.outcome), 303)
        except Problem as found:
            if found.status >= 500:
                raise
            problem = found
    done = request.args.get("done")
    answer = make_response(
        render_template(
            "desk/rescue.html",
            wave=shown,
            told=explain(problem, language()) if problem else None,
            done=done if done in DONE else None,
        )
    )
    answer.status_code = problem.status if problem else 200
    return answer
