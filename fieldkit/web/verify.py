"""Is this report genuine? Anyone who holds a PDF can ask; the file is hashed in memory and not kept."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from fieldkit.core.edition import Issue
from fieldkit.core.problem import Problem
from fieldkit.services.verify import Verified, fingerprint, verify
from fieldkit.store.engine import Session
from fieldkit.translations import explain
from fieldkit.web.i18n import language, words
from fieldkit.web.machine import machine

bp = Blueprint("verify", __name__)
LARGEST = 8 * 1024 * 1024  # bytes; a report has well under one megabyte


def pool_called(issue: Issue) -> str:
    """What a pooled report is about: its prefecture or province, and how many counties are in it."""
    return words("verify.pooled_named" if issue.name else "verify.pooled", name=issue.name, count=issue.members)


@bp.route("/verify", methods=["GET", "POST"])
def page() -> Response:
    """Choose the PDF or type its checksum; what was found stands above the form. A link may carry ?sha256=."""
    found: Verified | None = None
    problem: Problem | None = None
    typed = request.args.get("sha256", "")
    if request.method == "POST":
        if (request.content_length or 0) > LARGEST:  # before a byte of it is read
            raise RequestEntityTooLarge
        request.max_content_length = LARGEST
        typed = request.form.get("sha256", "").strip()
        file = request.files.get("file")
        if file and file.filename:
            typed = fingerprint(file.read())
            file.close()
    if typed:
        try:
            with Session(machine().engine) as session:
                found = verify(session, typed)
        except Problem as caught:
            problem = caught
    elif request.method == "POST":
        problem = Problem("edition.wrong_hash", where="sha256")
    told = explain(problem, language()) if problem else None
    body = render_template(
        "verify.html",
        found=found,
        told=told,
        typed=typed[:100],
        places=machine().places,
        pool_called=pool_called,
        largest=LARGEST // 1024**2,
    )
    return make_response(body, problem.status if problem else 200)
