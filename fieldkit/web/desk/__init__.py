"""The desk: what researchers and county readers see. Parse, call one service, render.

Reading order: this file (the pages), daily (the small chart of answers per day), review (what is
decided by hand), rescue (what phones could not send), roster (how many people there are), batches (all reports at
once), editions (what was issued, pooled too), jobs (files that take long to make), printed (PDFs for the team),
designer and publishing (questionnaires), password (one's own), accounts (of others, and the log).
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
from contextlib import ExitStack
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from io import BytesIO

from flask import Blueprint, g, make_response, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from fieldkit.core.access import LOCAL, may
from fieldkit.core.edition import Edition
from fieldkit.core.job import SMALL_ROWS
from fieldkit.core.place import Place
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.formats.microdata_csv import ENCODINGS
from fieldkit.services import batch, job, progress
from fieldkit.services import review as decisions
from fieldkit.services.export_files import FORMATS
from fieldkit.services.waves import waves_of_study
from fieldkit.store.engine import Session
from fieldkit.translations import explain
from fieldkit.web import delivery
from fieldkit.web.desk import (
    accounts,
    batches,
    designer,
    editions,
    jobs,
    password,
    printed,
    reading,
    rescue,
    review,
    roster,
)
from fieldkit.web.desk import bank as bank  # its pages join the designer's
from fieldkit.web.desk.daily import bars
from fieldkit.web.errors import show
from fieldkit.web.i18n import language, words
from fieldkit.web.login import blank, login_needed, sent_from_here
from fieldkit.web.machine import machine

bp = Blueprint("desk", __name__, url_prefix="/desk")
bp.register_blueprint(review.bp)
bp.register_blueprint(rescue.bp)
bp.register_blueprint(designer.bp)
bp.register_blueprint(reading.bp)
bp.register_blueprint(roster.bp)
bp.register_blueprint(batches.bp)
bp.register_blueprint(editions.bp)
bp.register_blueprint(jobs.bp)
bp.register_blueprint(printed.bp)
bp.register_blueprint(password.bp)
bp.register_blueprint(accounts.bp)

PROMISED_MINUTES = 10  # pitfalls 7: a questionnaire for cadres takes no longer


@bp.context_processor
def words_for_pages() -> dict[str, object]:
    """What the desk's templates speak with."""
    return {
        "form": blank(),
        "day": day,
        "count": count,
        "decimal": decimal,
        "size": size,
        "province": province,
        "person": person,
        "may": may,
        "explain": lambda problem: explain(problem, language(), team=True),
    }


def day(date: datetime.date, short: bool = False) -> str:
    """A date as people write it."""
    return words("desk.short_day" if short else "desk.day", year=date.year, month=date.month, day=date.day)


def count(number: int | None, *, exact: bool = False) -> str:
    """A number of answers: about so many, or under ten; or exactly, with a thin space between thousands."""
    if number is None:
        return words("desk.under_ten")
    grouped = f"{number:,}".replace(",", "\u2009")
    return grouped if exact else words("desk.about", count=grouped)


def size(bytes: int) -> str:
    """How large a file is, as people say it.

    >>> size(40_000), size(3_000_000)
    ('39 KB', '2.9 MB')
    """
    return f"{max(1, round(bytes / 1024))} KB" if bytes < 1024 * 1024 else f"{bytes / 1024 / 1024:.1f} MB"


def person(name: str) -> str:
    """Who did something, by account; what was done on the machine itself has none."""
    return words("desk.by_machine") if name == LOCAL.name else name


def province(place: Place) -> str:
    """The province of a county, as people call it."""
    name = machine().places.province_of(place).name
    return next((name.removesuffix(end) for end in words("desk.province_ends").split() if name.endswith(end)), name)


def decimal(number: float | None, places: int = 1) -> str:
    """A number rounded half up for display; a dash where there is none."""
    if number is None:
        return words("desk.unknown")
    return str(Decimal(repr(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def state_of(wave: Wave) -> str:
    """In which state a wave is today, as a word of the interface."""
    today = machine().today()
    if wave.state == "open" and today < wave.opens_on:
        return "waiting"
    if wave.state == "open" and today > wave.closes_on:
        return "ended"
    return wave.state


@bp.errorhandler(Problem)
def wrong(problem: Problem) -> Response:
    """A Problem within the frame of the desk, so that the way back is always there."""
    if g.get("actor") is None or problem.status >= 500:
        return show(problem)
    told = explain(problem, language(), team=True)
    page = make_response(render_template("desk/problem.html", problem=problem, told=told))
    page.status_code = problem.status
    return page


@bp.get("", strict_slashes=False)
@login_needed
def overview() -> Response | str:
    """The waves; for county readers their reports."""
    with Session(machine().engine) as session:
        if may(g.actor, "wave.list"):
            lines = progress.list_waves(session, g.actor, machine().today())
            return render_template("desk/overview.html", lines=lines, state_of=state_of)
        shelf = progress.shelf(session, g.actor, machine().today())
        return render_template("desk/shelf.html", lines=shelf, places=machine().places)


@bp.get("/waves/<wave>")
@login_needed
def wave_page(wave: str) -> Response | str:
    """One wave: its counties, what can be done now, how the answers come in."""
    with Session(machine().engine) as session:
        found = progress.wave_progress(session, g.actor, wave, machine().today())
        team = may(g.actor, "variant.review")
        waiting = decisions.waiting(session, g.actor, wave, machine().today()) if team else None
        study = waves_of_study(session, g.actor, found.wave.study.id) if may(g.actor, "export.responses") else []
        orders = batch.orders(session, g.actor, wave) if may(g.actor, "report.batch") else []
        prepared = job.listed(session, g.actor, wave)
        large = job.large_reports(session, g.actor, wave)
    return render_template(
        "desk/wave.html",
        found=found,
        waiting=waiting,
        sisters=[each for each in study if each.id != wave],
        orders=orders,
        prepared=prepared,
        large=large,
        parts=machine().places.above(county.code for county in found.wave.counties),
        small=SMALL_ROWS,
        wave=found.wave,
        state=state_of(found.wave),
        places=machine().places,
        chart=bars(found.days),
        promised=PROMISED_MINUTES,
        formats=FORMATS,
        encodings=ENCODINGS,
    )


@bp.post("/waves/<wave>/responses.zip")
@login_needed
def responses(wave: str) -> Response:
    """Rows, codebook and manifest for research, of this wave and of those ticked beside it, in the formats ticked.

    Many answers become a job with a page of its own (jobs). Few come at once: everything is read and counted before
    the first byte, so that what goes wrong is told on a page; then the ZIP is made while it is downloaded, and whoever
    cancels the download ends the work.
    """
    from fieldkit.services.export import gathered

    sent_from_here()
    chosen = list(dict.fromkeys([wave, *request.form.getlist("with")]))
    formats = request.form.getlist("format") or ["csv"]
    encoding = request.form.get("encoding", "utf-8")
    if jobs.is_large("responses", chosen):
        return jobs.begun(wave, "responses", {"waves": chosen, "formats": formats, "encoding": encoding})
    with ExitStack() as held:
        with Session(machine().engine) as session:
            found = held.enter_context(gathered(session, g.actor, chosen, formats, encoding))
            session.commit()
        answer = make_response(found.zipped())
        answer.call_on_close(held.pop_all().close)
    answer.mimetype = "application/zip"
    name = f"fieldkit-{'-'.join(chosen[:3])}-responses.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/waves/<wave>/<county>/report.<any(html, pdf, csv):kind>")
@login_needed
def report(wave: str, county: str, kind: str) -> Response:
    """A county's report: the page, the PDF or the aggregate table, always of one edition.

    With ?lang=en the research team gets the same edition's PDF in English.
    """
    from fieldkit.services.report import county_files, edition_in_english

    place = machine().places.get(county)
    if kind == "pdf" and request.args.get("lang") == "en":
        with Session(machine().engine) as session:
            body = edition_in_english(session, g.actor, wave, county, dated=machine().today()).pdf
            session.commit()
        name = words("desk.file_report_en", county=place.name if place else county, wave=wave)
        return download(BytesIO(body), "application/pdf", f"{name}.pdf")
    with Session(machine().engine) as session:
        edition = county_files(session, g.actor, wave, county, dated=machine().today())
        session.commit()
    if kind == "html":
        return report_page(edition)
    key = "desk.file_report" if kind == "pdf" else "desk.file_table"
    name = words(key, county=machine().places.find(county).name, wave=wave)
    body, mime = (edition.pdf, "application/pdf") if kind == "pdf" else (edition.csv, "text/csv")
    return download(BytesIO(body), mime, f"{name}.{kind}")


def download(file: object, mime: str, name: str) -> Response:
    """A file that nobody's browser keeps."""
    answer = send_file(file, mimetype=mime, as_attachment=True, download_name=name, max_age=0)  # type: ignore[arg-type]
    answer.headers["Cache-Control"] = "no-store"
    return answer


def report_page(edition: Edition) -> Response:
    """The edition's own page, unchanged but for a line with the way back and the other two files.

    Its style is part of it, so that an old edition keeps its look; the policy allows this one style by its hash.
    """
    links = [
        (url_for("desk.report", wave=edition.wave, county=edition.county, kind=kind), f"desk.report_{kind}")
        for kind in ("pdf", "csv")
    ]
    team = may(g.actor, "wave.list")
    links.append((url_for("desk.wave_page", wave=edition.wave) if team else url_for("desk.overview"), "desk.back"))
    acts = "".join(f'<a class="act" href="{escape(address)}">{escape(words(key))}</a>' for address, key in links)
    page = edition.html.decode().replace("</dl></header>", f'</dl><p class="acts">{acts}</p></header>', 1)
    style = re.search(r"<style>(.*?)</style>", page, re.S)
    answer = make_response(page)
    if style:
        allowed = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        policy = delivery.POLICY.replace("style-src 'self'", f"style-src 'self' 'sha256-{allowed}'")
        answer.headers["Content-Security-Policy"] = policy
    return answer
