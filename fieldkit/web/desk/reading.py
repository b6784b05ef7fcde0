"""A county's report within the frame of the desk, with the research team's filters."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from fieldkit.services.reading import LEVELS, read_report
from fieldkit.store.engine import Session
from fieldkit.web.login import login_needed
from fieldkit.web.machine import machine

bp = Blueprint("reading", __name__)


@bp.get("/waves/<wave>/<county>/report")
@login_needed
def page(wave: str, county: str) -> Response | str:
    """The chapters of the present edition: the same tables and drawings, suppressed in the same way."""
    with Session(machine().engine) as session:
        found = read_report(
            session,
            g.actor,
            wave,
            county,
            dated=machine().today(),
            module=request.args.get("module", ""),
            level=request.args.get("level", ""),
            language=request.args.get("language", "zh"),
        )
        session.commit()
    return render_template(
        "desk/reading.html",
        found=found,
        wave=found.wave,
        place=machine().places.find(county),
        body=Markup("".join(chapter.html for chapter in found.chapters)),  # its own words, escaped
        levels=LEVELS,
    )
