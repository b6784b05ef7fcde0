"""What a cadre sees: the questionnaire, sending it, the receipt, and deleting answers with the receipt code.

Reading order: page (rendered once per version), consent (its first words), stem (how an item is put), assets (style
and script), wire (what a phone sends), files (photos and the like, after the answers), offline (the service worker and
what belongs to it), resume (a draft on its way to another phone), and here the routes. No cookie is set and no token
asked: these pages carry nobody's authority. Nothing about the request but the answers is handed on.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from flask import Blueprint, Response, g, make_response, render_template, request

from fieldkit.core.expression import compiled, parse
from fieldkit.core.flow import asked
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.response import CONSENT, values_of
from fieldkit.core.signed_receipt import signed
from fieldkit.core.submission import Receipt, normal_code, shown_code
from fieldkit.core.wave import Wave
from fieldkit.forms.build import QuestionnaireForm
from fieldkit.services.withdraw import withdraw
from fieldkit.store import waves
from fieldkit.store.engine import Session
from fieldkit.translations import explain, say
from fieldkit.web.delivery import takes_gzip
from fieldkit.web.i18n import language, language_name
from fieldkit.web.machine import machine
from fieldkit.web.phone import files, offline, resume, wire
from fieldkit.web.phone.consent import day
from fieldkit.web.phone.page import Version, facts, pages, question, render
from fieldkit.web.phone.stem import questions

bp = Blueprint("phone", __name__)
bp.register_blueprint(files.bp)
bp.add_app_template_filter(question, "question")
bp.add_app_template_global(questions, "questions")
bp.add_app_template_global(language_name, "language_name")
bp.add_app_template_global(offline.words_address, "later_words")
bp.register_blueprint(offline.bp)
bp.register_blueprint(resume.bp)


def open_questionnaire(wave_id: str, county: str) -> tuple[Wave, Version]:
    """The wave and its questionnaire in the language asked for, if it is fielded in it; else a Problem."""
    wave, questionnaire = machine().collector.questionnaire(wave_id, county)
    return wave, pages().version(questionnaire, spoken(questionnaire))


def spoken(questionnaire: Questionnaire) -> str:
    """A questionnaire is shown only in the languages it is fielded in; the page's own words then may be Chinese."""
    asked = request.args.get("lang", "")
    g.language = asked if asked in questionnaire.languages else language()
    if g.language not in questionnaire.languages:
        g.language = questionnaire.languages[0]
    return str(g.language)


@bp.get("/w/<wave_id>")
def counties(wave_id: str) -> str:
    """A link without a county: the study's list of counties to choose from."""
    with Session(machine().engine) as session:
        wave = waves.get(session, wave_id)
    wave.takes_answers(wave.counties[0].code, machine().today())
    places = machine().places
    named = [(c.code, places.full_name(places[c.code]) if c.code in places else c.code) for c in wave.counties]
    return render_template("phone/counties.html", wave=wave, counties=named)


@bp.get("/w/<wave_id>/<county>")
def questionnaire(wave_id: str, county: str) -> Response:
    """The questionnaire of one county's link, the same bytes for everyone."""
    wave, version = open_questionnaire(wave_id, county)
    page = pages().page(wave, county, version.questionnaire, version.language)
    zipped = takes_gzip()
    response = Response(page.zipped if zipped else page.body, content_type="text/html; charset=utf-8")
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(page.etag, weak=True)
    return response.make_conditional(request)  # type: ignore[return-value]


@bp.post("/w/<wave_id>/<county>")
def posted(wave_id: str, county: str) -> Response:
    """The same page as a plain form: check, show once more before sending, then store and show the receipt."""
    wave, version = open_questionnaire(wave_id, county)
    if request.form.get("_version") != version.questionnaire.version:
        raise wire.wrong_version(version.questionnaire, request.form.get("_version", ""))
    form = version.form(request.form)
    answers = form.to_answers()
    if CONSENT in form and answers[CONSENT] == "2":
        machine().collector.refuse(wave_id, county)
        return make_response(render_template("phone/exit.html"))
    if "_back" in request.form:
        return make_response(render(version, wave, county, form, script=False))
    try:
        version.checker.check(answers)
    except Problem as problem:
        if problem.code not in ("submission.invalid", "submission.no_consent"):
            raise
        findings = [f for f in problem.findings if isinstance(f, Problem)] or [problem]
        return make_response(render(version, wave, county, form, script=False, findings=findings), problem.status)
    if "_id" not in request.form:
        return make_response(last_look(version, wave, county, form))
    sent = {
        "id": request.form["_id"],
        "receipt_code": request.form.get("_code", ""),
        "questionnaire": version.questionnaire.id,
        "version": version.questionnaire.version,
        "language": version.language,
        "answers": answers,
    }
    receipt = submit_with_any_code(sent, version.questionnaire, wave_id, county)
    return make_response(
        render_template(
            "phone/received.html",
            **facts(wave, county, version),
            code=shown_code(normal_code(receipt.code)),
            signed=signed(machine().receipt_key, wave_id, machine().today(), str(sent["id"])),
            today=day(machine().today(), version.language),
        )
    )


def submit_with_any_code(
    sent: Mapping[str, object], questionnaire: Questionnaire, wave_id: str, county: str
) -> Receipt:
    """Store; should somebody have the very same code already, make another one, as a phone with script would."""
    try:
        return machine().collector.submit(wire.submission(sent, questionnaire, wave_id, county))
    except Problem as problem:
        if problem.code != "receipt.taken":
            raise
    again = {**sent, "receipt_code": wire.new_identity()[1]}
    return machine().collector.submit(wire.submission(again, questionnaire, wave_id, county))


def last_look(version: Version, wave: Wave, county: str, form: QuestionnaireForm) -> str:
    """Without the script: how much is filled in, section by section, and an id and code for what will be sent."""
    spoken_in = version.language
    answers = form.to_answers()
    values = values_of(version.checker.check(answers))
    shown = asked(version.checker.steps, values)
    rows, missing = [], 0
    for section in version.questionnaire.sections:
        items = [item for item in section.items if item.id in shown and item.id in form]
        if not items:
            continue
        unanswered = [item for item in items if answers[item.id] is None]
        needed = [item for item in unanswered if item.required != "no"]
        missing += len(needed)
        free = all(item.required == "no" for item in items)
        key = "row_free" if free and unanswered else "row_open" if unanswered else "row_done"
        words = say(f"phone.{key}", spoken_in, count=len(items), open=len(needed) or len(unanswered))
        rows.append({"title": section.title.say(spoken_in), "words": words, "open": bool(needed)})
    headline = (
        say("phone.review_open", spoken_in, count=missing) if missing else say("phone.review_none_open", spoken_in)
    )
    response_id, code = wire.new_identity()
    return render_template(
        "phone/confirm.html",
        **facts(wave, county, version),
        kept=[(name, value) for name, value in request.form.items(multi=True) if not name.startswith("_")],
        rows=rows,
        headline=headline,
        doubts=[d for item_id in shown & version.checker.items.keys() if (d := doubtful(version, item_id, values))],
        response_id=response_id,
        code=code,
    )


def doubtful(version: Version, item_id: str, values: Mapping[str, object]) -> str:
    """What the script would ask to look at again; '' where there is nothing."""
    item, value = version.questionnaire.items[item_id], values.get(item_id)
    if value is None:
        return ""
    if item.warning and compiled(parse(item.warning.expression))(values, current=value):
        return item.warning.message.say(version.language)
    if item.warn_above is not None and isinstance(value, int | float) and value > item.warn_above:
        unit = item.unit.say(version.language)
        name = item.label.say(version.language) or item.text.say(version.language)
        return say("phone.doubt", version.language, item=name, value=value, unit=unit)
    return ""


@bp.post("/w/<wave_id>/<county>/responses")
def hand_in(wave_id: str, county: str) -> Response:
    """Take one submission as JSON; the answer comes after it is stored for good. No page is looked up here."""
    try:
        sent = orjson.loads(request.get_data(cache=False))
    except orjson.JSONDecodeError:
        raise Problem("submission.not_json", where=request.path) from None
    _, questionnaire = machine().collector.questionnaire(wave_id, county)
    receipt = machine().collector.submit(wire.submission(sent, questionnaire, wave_id, county))
    answer = {
        "receipt_code": receipt.code,
        "outcome": receipt.outcome,
        "withdraw_until": receipt.withdraw_until,
        "signed": signed(machine().receipt_key, wave_id, machine().today(), str(sent["id"])),
    }
    return Response(orjson.dumps(answer), content_type="application/json")


@bp.post("/w/<wave_id>/<county>/refusal")
def refusal(wave_id: str, county: str) -> Response:
    """Count that somebody did not take part; nothing else is kept."""
    machine().collector.questionnaire(wave_id, county)
    machine().collector.refuse(wave_id, county)
    return Response(status=204)


@bp.get("/area")
def area() -> str:
    """The table of units that 快速隐藏 shows, for a browser that reloads it."""
    return render_template("phone/area_page.html")


@bp.route("/w/<wave_id>/withdraw", methods=["GET", "POST"])
def withdraw_page(wave_id: str) -> Response:
    """Delete one's answers: type the receipt code, say yes, done. Open for as long as the consent text promises."""
    with Session(machine().engine) as session:
        wave = waves.get(session, wave_id)
        step, code, problem = "type", request.form.get("code", ""), None
        if request.method == "POST":
            try:
                code = shown_code(normal_code(code))
                step = "sure"
                if "sure" in request.form:
                    withdraw(session, wave_id, code, machine().today())
                    session.commit()
                    step = "done"
            except Problem as found:
                if not found.code.startswith("receipt."):
                    raise
                step, problem = "type", found
    message, remedy = explain(problem, language()) if problem else ("", "")
    page = render_template(
        "phone/withdraw.html",
        step=step,
        code=code,
        message=message,
        remedy=remedy,
        until=day(wave.withdraw_until, language()),
        path=request.full_path if request.query_string else request.path,
    )
    return make_response(page, problem.status if problem else 200)
