"""PDFs for the research team: side by side and technical reports of a wave, questionnaires and codebooks."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from fieldkit.core.problem import Problem
from fieldkit.store.engine import Session
from fieldkit.web import desk
from fieldkit.web.desk import jobs
from fieldkit.web.i18n import language as spoken
from fieldkit.web.i18n import words
from fieldkit.web.login import login_needed
from fieldkit.web.machine import machine

bp = Blueprint("printed", __name__)


def _language() -> str:
    return "en" if request.args.get("language", "") == "en" else "zh"


@bp.get("/waves/<wave>/<any(overview, technical, questionnaire):what>.pdf")
@login_needed
def of_wave(wave: str, what: str) -> Response:
    """One of the reports on all counties of a wave, or its blank questionnaire with the consent text filled in.

    A report on very many is a job (jobs): Problem `job.needed`.
    """
    from fieldkit.services import printed, team_reports

    today, language = machine().today(), _language()
    place = request.args.get("place", "") if what == "overview" else ""
    if what != "questionnaire" and jobs.is_large(what, [wave], place):
        raise Problem("job.needed", where=what)
    with Session(machine().engine) as session:
        if what == "overview":
            body = team_reports.overview_file(session, g.actor, wave, place=place, dated=today, language=language).pdf
        elif what == "technical":
            body = team_reports.technical_file(session, g.actor, wave, dated=today, language=language).pdf
        else:
            given = request.args.get("language", "")
            body = printed.wave_questionnaire_pdf(
                session, g.actor, wave, dated=today, language=given, long_list="long" in request.args
            )
        session.commit()
    return desk.download(BytesIO(body), "application/pdf", f"{words(f'desk.file_{what}', wave=wave)}.pdf")


@bp.get("/instruments/questionnaire/<name>/<version>/<any(questionnaire, codebook):what>.pdf")
@login_needed
def of_instrument(name: str, version: str, what: str) -> Response:
    """The blank questionnaire or the codebook of one published version."""
    from fieldkit.services.printed import published_pdf

    with Session(machine().engine) as session:
        body = published_pdf(
            session,
            g.actor,
            what,
            name,
            version,
            dated=machine().today(),
            language=request.args.get("language", "") or (spoken() if what == "codebook" else ""),
            long_list="long" in request.args,
        )
    file = words(
        "desk.file_questionnaire" if what == "questionnaire" else "desk.file_codebook", wave=f"{name}-{version}"
    )
    return desk.download(BytesIO(body), "application/pdf", f"{file}.pdf")
