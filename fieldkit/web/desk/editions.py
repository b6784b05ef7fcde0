"""What was issued of a wave, county by county and pooled: every edition with its files, corrections, made again."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fieldkit.core.access import require
from fieldkit.core.problem import Problem
from fieldkit.forms.desk import CorrectionForm
from fieldkit.services import pooled_editions as pooled
from fieldkit.services.again import Again, differences, made_again, pool_made_again
from fieldkit.services.report import correct, issued_edition, issued_english
from fieldkit.store import editions, responses, waves
from fieldkit.store.engine import Session
from fieldkit.translations import explain
from fieldkit.web.desk import jobs
from fieldkit.web.i18n import language, words
from fieldkit.web.login import filled, login_needed, sent_from_here
from fieldkit.web.machine import machine
from fieldkit.web.verify import pool_called

bp = Blueprint("editions", __name__, url_prefix="/waves/<wave>")
MOST_TO_TICK = 400  # counties; more are chosen on the command line

Compared = list[tuple[str, Again, list[str]]]


def compared(made: dict[str, Again]) -> Compared:
    """What came of making an edition again: by language, and why where it differs."""
    return [(spoken, again, differences(again, language())) for spoken, again in made.items()]


def shown(wave: str, county: str, problem: Problem | None = None, note: str = "", **more: object) -> Response:
    """The editions of one county with their checksums, and the form for a corrected one."""
    with Session(machine().engine) as session:
        found = waves.get(session, wave)
        if county not in found.county:
            raise Problem("wave.county_outside", where=county, county=county, wave=wave)
        listed = editions.issued(session, wave, county)
    body = render_template(
        "desk/editions.html",
        wave=found,
        county=county,
        place=machine().places.get(county),
        issues=listed,
        note=note,
        told=explain(problem, language()) if problem else None,
        made=request.args.get("made", type=int),
        **more,
    )
    return make_response(body, problem.status if problem else 200)


@bp.get("/<county>/editions")
@login_needed
def county(wave: str, county: str) -> Response:
    """What was issued for one county."""
    require(g.actor, "report.correct", county=county)
    return shown(wave, county)


@bp.post("/<county>/editions")
@login_needed
def corrected(wave: str, county: str) -> Response:
    """Issue a corrected edition, or say why not; what was written stays in the form."""
    require(g.actor, "report.correct", county=county)
    sent_from_here()
    note = filled(CorrectionForm).note.data or ""
    try:
        with Session(machine().engine) as session:
            made = correct(session, g.actor, wave, county, note, dated=machine().today())
            session.commit()
    except Problem as found:
        return shown(wave, county, found, note)
    return redirect(url_for(".county", wave=wave, county=county, made=made.number), 303)


@bp.get("/<county>/editions/<int:number>.<any(pdf, csv):kind>")
@login_needed
def file(wave: str, county: str, number: int, kind: str) -> Response:
    """One edition as it was handed out."""
    spoken = "en" if request.args.get("language") == "en" and kind == "pdf" else "zh"
    with Session(machine().engine) as session:
        if spoken == "en":
            body = issued_english(session, g.actor, wave, county, number, dated=machine().today()).pdf
        else:
            edition = issued_edition(session, g.actor, wave, county, number, dated=machine().today())
            body = edition.pdf if kind == "pdf" else edition.csv
        session.commit()
    key = "desk.file_table" if kind == "csv" else "desk.file_report_en" if spoken == "en" else "desk.file_report"
    name = words(key, county=machine().places.find(county).name, wave=wave)
    return handed(body, kind, f"{name}-{number}")


@bp.post("/<county>/editions/<int:number>/again")
@login_needed
def again(wave: str, county: str, number: int) -> Response:
    """Make an edition again, in every language in which it was handed out, and compare."""
    require(g.actor, "report.correct", county=county)
    sent_from_here()
    made = {}
    with Session(machine().engine) as session:
        issue = next((one for one in editions.issued(session, wave, county) if one.number == number), None)
        for spoken in ("zh", "en") if issue and issue.sha256_en else ("zh",):
            made[spoken] = made_again(session, g.actor, wave, county, number, spoken)
    return shown(wave, county, again=compared(made), number=number)


def shelves(wave: str, problem: Problem | None = None, pool: str = "", note: str = "", **more: object) -> Response:
    """All pooled reports of a wave; `pool` is the one that a problem or a message is about."""
    with Session(machine().engine) as session:
        found = pooled.shelves(session, g.actor, wave)
        shown_wave = waves.get(session, wave)
        any_answer = bool(responses.count_by_county(session, wave))
    taken = {code for shelf in found for code in shelf.counties}
    free = [machine().places.find(one.code) for one in shown_wave.counties if one.code not in taken]
    body = render_template(
        "desk/pooled.html",
        wave=shown_wave,
        shelves=found,
        free=sorted(free, key=lambda place: place.code),
        tickable=len(free) <= MOST_TO_TICK,
        any_answer=any_answer,
        places=machine().places,
        pool_called=pool_called,
        pool=pool or request.args.get("pool", ""),
        note=note,
        told=explain(problem, language()) if problem else None,
        made=request.args.get("made", type=int),
        same=request.args.get("same", type=int),
        **more,
    )
    return make_response(body, problem.status if problem else 200)


@bp.get("/pooled")
@login_needed
def pools(wave: str) -> Response:
    """The pooled reports of a wave."""
    return shelves(wave)


@bp.post("/pooled")
@login_needed
def pool_issued(wave: str) -> Response:
    """Issue the pooled report of the counties ticked (all where none is), or its next edition where enough is new.

    One of very many counties or answers is a job (jobs).
    """
    require(g.actor, "report.team")
    sent_from_here()
    chosen = request.form.getlist("county")
    asked = request.form.get("pool", "")
    try:
        with Session(machine().engine) as session:
            before = {shelf.pool: shelf for shelf in pooled.shelves(session, g.actor, wave)}
            session.rollback()
            counties = before[asked].counties if asked in before else chosen
            if asked not in before and request.form.get("some") and not chosen:
                raise Problem("edition.none_ticked", where="county")
            if jobs.is_large("pooled", [wave], counties=counties):
                return jobs.begun(wave, "pooled", {"counties": sorted(counties), "language": language()})
            made = pooled.pooled_file(session, g.actor, wave, counties=counties, dated=machine().today())
            session.commit()
    except Problem as found:
        if found.code in ("access.denied", "wave.unknown"):
            raise
        return shelves(wave, found, asked)
    known = before[made.pool].issues[0].number if made.pool in before else 0
    word = "made" if made.number > known else "same"
    return redirect(f"{url_for('.pools', wave=wave, pool=made.pool)}&{word}={made.number}", 303)


@bp.post("/pooled/<pool>/correct")
@login_needed
def pool_corrected(wave: str, pool: str) -> Response:
    """Issue a corrected edition of a pooled report, or say why not."""
    require(g.actor, "report.correct")
    sent_from_here()
    note = filled(CorrectionForm).note.data or ""
    try:
        with Session(machine().engine) as session:
            made = pooled.correct_pooled(session, g.actor, wave, pool, note, dated=machine().today())
            session.commit()
    except Problem as found:
        if found.code in ("wave.unknown", "edition.pool_unknown"):
            raise
        return shelves(wave, found, pool, note, correcting=True)
    return redirect(url_for(".pools", wave=wave, pool=pool, made=made.number), 303)


@bp.get("/pooled/<pool>/<int:number>.<any(pdf, csv):kind>")
@login_needed
def pool_file(wave: str, pool: str, number: int, kind: str) -> Response:
    """One edition of a pooled report as it was handed out."""
    spoken = "en" if request.args.get("language") == "en" else "zh"
    with Session(machine().engine) as session:
        edition = pooled.issued_pool(session, g.actor, wave, pool, number, dated=machine().today())
    body = edition.csv if kind == "csv" else edition.spoken(spoken)
    name = words("desk.file_pooled_en" if kind == "pdf" and spoken == "en" else "desk.file_pooled", wave=wave)
    return handed(body, kind, f"{name}{f'-{edition.name}' if edition.name else ''}-{number}")


@bp.post("/pooled/<pool>/<int:number>/again")
@login_needed
def pool_again(wave: str, pool: str, number: int) -> Response:
    """Make an edition of a pooled report again, in both languages, and compare."""
    require(g.actor, "report.team")
    sent_from_here()
    with Session(machine().engine) as session:
        made = {spoken: pool_made_again(session, g.actor, wave, pool, number, spoken) for spoken in ("zh", "en")}
    return shelves(wave, pool=pool, again=compared(made), number=number)


def handed(body: bytes, kind: str, name: str) -> Response:
    """A file to keep, named after what it is."""
    from fieldkit.web.desk import download

    return download(BytesIO(body), "application/pdf" if kind == "pdf" else "text/csv", f"{name}.{kind}")
