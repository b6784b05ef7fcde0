"""The desk's area 问卷: what is published, drafts, and the designer with its preview. Parse, call one service, render.

Every change is a form that posts and leads back to the page, so that all of it works without script; the script
(static/designer.js) only sends the same forms without leaving the page. Reading order: lists, drafts, steps, items,
the live check, the preview, files, the text of a draft.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from markupsafe import Markup
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from fieldkit.core import design as steps
from fieldkit.core.access import require
from fieldkit.core.content import sealed
from fieldkit.core.expression import ExpressionError
from fieldkit.core.grouping import may_hold
from fieldkit.core.instrument import Module, Questionnaire, count_questions, planned_seconds, questions_in
from fieldkit.core.item import ID, TYPES, Item, Option, without_companions
from fieldkit.core.lint import Finding
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.core.wave import Study, Wave, WaveCounty
from fieldkit.forms import item as item_form
from fieldkit.services import bank, design
from fieldkit.store.engine import Session
from fieldkit.translations import FOLDERS, catalogue, explain, explain_code, say
from fieldkit.web import delivery
from fieldkit.web.i18n import language, words
from fieldkit.web.login import login_needed, sent_from_here
from fieldkit.web.machine import machine
from fieldkit.web.phone import page as phone_page

bp = Blueprint("designer", __name__)

TEXT_LIMIT = 2 * 1024 * 1024  # the text of a draft; the largest module of the project has about 60 kB
YES_NO = (1, 0)
GRAVITY = ("error", "warning", "advice")
FORMS = ("change_way", "change_section", "change_group", "settings")  # steps in which something is typed


# ---------------------------------------------------------------------------------------- what templates speak


@bp.context_processor
def words_for_designer() -> dict[str, object]:
    """What the designer's templates speak with, beside the desk's own."""
    return {
        "told": told,
        "sentences": sentences,
        "type_name": type_name,
        "phrase": phrase,
        "moment": moment,
        "links": links,
        "minutes_of": minutes_of,
        "sheets": design.SHEETS,
        "may_hold": may_hold,
        "count_questions": count_questions,
        "questions_in": questions_in,
        "without_companions": without_companions,
    }


def told(finding: Finding) -> tuple[str, str]:
    """A finding in the reader's language: what is wrong, what to do."""
    facts = {"where": finding.where, "part": finding.part, **finding.facts}
    if facts["part"] == finding.part:  # a key of the file, called here what the forms call it
        facts["part"] = phrase(f"part_{finding.part}") or phrase(f"bank_{finding.part}") or finding.part
    if "type" in facts:
        facts["type"] = phrase(f"type_{facts['type']}", str(facts["type"]))
    return explain_code(finding.key, language(), **facts)


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """What must be mended, then what is to be looked at, then what is good to know; in the order of the draft."""
    return sorted(findings, key=lambda f: GRAVITY.index(f.severity))


def sentences(what: str, remedy: str) -> str:
    """What is wrong and what to do, one after the other as the language writes it."""
    return words("designer.sentences", what=what, remedy=remedy)


def phrase(key: str, otherwise: str = "") -> str:
    """A word of the designer, or something else where nobody wrote it (a key added to the file since)."""
    entry = catalogue(language()).get(f"designer.{key}", otherwise)
    return entry if isinstance(entry, str) else otherwise


def type_name(item: Item) -> str:
    """How an item is answered, in a word, with its unit."""
    name = phrase(f"type_{item.type}", item.type)
    unit = item.unit.say(language())
    return words("designer.type_with_unit", type=name, unit=unit) if unit else name


def moment(at: datetime.datetime) -> str:
    """A moment where the fieldwork happens."""
    there = at.astimezone(ZoneInfo(machine().settings.timezone))
    return words(
        "designer.moment", year=there.year, month=there.month, day=there.day, time=f"{there.hour}:{there.minute:02d}"
    )


def links(draft: str) -> dict[str, str]:
    """Addresses of a draft that another part of the desk serves."""
    known = current_app.view_functions
    return {"change": url_for("desk_publishing.change", draft=draft)} if "desk_publishing.change" in known else {}


def minutes_of(instrument: Module | Questionnaire) -> float | None:
    """The planned minutes of a questionnaire; None for a module."""
    return planned_seconds(instrument) / 60 if isinstance(instrument, Questionnaire) else None


# ------------------------------------------------------------------------------------------------------- lists


@bp.get("/instruments")
@login_needed
def listed() -> Response | str:
    """Questionnaires and modules that are published, and drafts."""
    with Session(machine().engine) as session:
        shelf = design.shelf(session, g.actor)
    return render_template("desk/instruments.html", shelf=shelf, problem=None, name="", title="")


@bp.get("/instruments/<any(questionnaire, module):kind>/<name>/<version>")
@login_needed
def shown(kind: str, name: str, version: str) -> Response | str:
    """One published version: its constructs or sections, with papers, definitions, quotations and items."""
    with Session(machine().engine) as session:
        found, versions, release = design.published_page(session, g.actor, kind, name, version)
    return render_template("desk/instrument.html", kind=kind, found=found, versions=versions, release=release)


@bp.get("/instruments/<any(questionnaire, module):kind>/<name>/<version>/file.<any(yaml, xlsx):ending>")
@login_needed
def published_file(kind: str, name: str, version: str, ending: str) -> Response:
    """A published version as a file."""
    with Session(machine().engine) as session:
        found = design.published(session, g.actor, kind, name, version)
        source = design.yaml_of(session, g.actor, found)
    return _file(found, source, ending)


def _file(instrument: Module | Questionnaire | None, source: str, ending: str, name: str = "") -> Response:
    name = f"{instrument.id}-{instrument.version}" if instrument else name
    if ending == "yaml":
        return _download(source.encode(), "application/yaml", f"{name}.yaml")
    if not isinstance(instrument, Questionnaire):
        raise Problem("page.unknown", where=request.path)
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _download(design.sheet_file(instrument), mime, f"{name}.xlsx")


def _download(body: bytes, mime: str, name: str) -> Response:
    answer = send_file(BytesIO(body), mimetype=mime, as_attachment=True, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    return answer


# ------------------------------------------------------------------------------------------------------ drafts


@bp.post("/drafts")
@login_needed
def begun() -> Response:
    """A new draft: empty, or from a published version."""
    sent_from_here()
    form = request.form
    with Session(machine().engine) as session:
        if form.get("version"):
            kind = "module" if form.get("kind") == "module" else "questionnaire"
            draft = design.begin_from(session, g.actor, kind, form.get("name", ""), form["version"])
        else:
            name, title = form.get("name", "").strip(), form.get("title", "").strip()[:200]
            problem = _unfit(name, title)
            if problem is None:
                try:
                    if form.get("kind") == "module":
                        draft = bank.begin(session, g.actor, name, Text({"zh": title}))
                    else:
                        draft = design.begin(session, g.actor, name, Text({"zh": title}))
                except Problem as found:
                    if found.code != "design.taken":
                        raise
                    problem = sentences(*explain(found, language()))
            if problem:
                shelf = design.shelf(session, g.actor)
                return make_response(
                    render_template("desk/instruments.html", shelf=shelf, problem=problem, name=name, title=title,
                                    begun_kind=form.get("kind", "")), 422
                )
        session.commit()
    return redirect(url_for(".sheet", draft=draft.id), 303)


def _unfit(name: str, title: str) -> str | None:
    if not title:
        return words("designer.title_missing")
    return None if ID.match(name) else words("designer.name_unfit")


@bp.route("/instruments/import", methods=["GET", "POST"])
@login_needed
def imported() -> Response | str:
    """Bring in a file; with mistakes in it, all of them are listed and nothing is kept."""
    if request.method == "GET":
        require(g.actor, design.DESIGN)
        return _import_page()
    request.max_content_length = design.LIMIT_MB * 1024 * 1024 + 64 * 1024
    brought: design.Brought | None = None
    refused: Problem | None = None
    name = ""
    try:
        sent_from_here()
        file = request.files.get("file")
        name = (file.filename or "") if file else ""
        body = b""
        if file:
            body = file.read()
            file.close()
        with Session(machine().engine) as session:
            brought = design.bring_in(session, g.actor, name, body)
            session.commit()
    except RequestEntityTooLarge:  # what was sent is not read at all: for this page it was nothing
        request.form, request.files = ImmutableMultiDict(), ImmutableMultiDict()
        refused = Problem("design.too_large", limit_mb=design.LIMIT_MB)
    except Problem as found:
        if found.code not in ("design.wrong_file", "design.too_large"):
            raise
        refused = found
    if brought and brought.draft and not brought.findings and not brought.module:
        return redirect(url_for(".sheet", draft=brought.draft.id), 303)
    page = _import_page(brought, refused, name)
    return make_response(page, refused.status if refused else 200 if brought and brought.draft else 422)


def _import_page(brought: design.Brought | None = None, refused: Problem | None = None, name: str = "") -> str:
    return render_template(
        "desk/designer_import.html",
        brought=brought,
        problem=explain(refused, language()) if refused else None,
        limit_mb=design.LIMIT_MB,
        name=name,
    )


@bp.get("/drafts/<draft>")
@login_needed
def sheet(draft: str) -> Response | str:
    """The designer; a draft whose text cannot be read is shown as text."""
    with Session(machine().engine) as session:
        found = design.sheet(session, g.actor, draft)
    if found.draft.kind == "module":
        return redirect(url_for(".module", draft=draft), 303)
    if found.questionnaire is None:
        return redirect(url_for(".source", draft=draft), 303)
    return drawn(found)


def drawn(found: design.Sheet, problem: Problem | None = None, meanwhile: design.Compared | None = None) -> str:
    """The designer's page; after a refusal with what stood against it, what was typed, what the others changed."""
    opened, worked_at = (request.values.get(name, "")[:100] for name in ("open", "at"))
    plain = steps.own_words(found.asked, found.library)
    sections = plain.sections
    typed = request.form if problem else MultiDict[str, str]()
    verb, _, about = typed.get("step", "").partition(" ")
    if verb in FORMS:
        there = {*plain.items, *(s.id for s in sections), *(g.id for s in sections for g in s.groups)}
        opened = verb if verb == "settings" else about if about in there else opened
    inside = next(
        (s.id for s in sections if opened in (s.id, *(i.id for i in s.items), *(g.id for g in s.groups))), ""
    )
    findings = gravest_first(found.findings)
    return render_template(
        "desk/designer.html",
        sheet=found,
        draft=found.draft,
        asked=plain,
        opened=opened,
        into=request.values.get("into", ""),
        looking=request.args.get("q", "")[:80].strip().lower(),
        at=inside or next((s.id for s in sections if s.id == worked_at), sections[0].id if sections else "opening"),
        findings=findings,
        wrong_parts={f"{f.where}.{f.part}" for f in findings if f.severity == "error"},
        names=Markup(_names(plain)),  # made safe there
        problem=explain(problem, language()) if problem else None,
        meanwhile=meanwhile,
        typed=typed,
        unplaced=_unplaced(typed) if verb in FORMS and opened not in ("settings", about) else [],
        languages=spoken_in(plain),
    )


def _unplaced(typed: MultiDict[str, str]) -> list[tuple[str, str]]:
    """What was typed about something that is gone: it can only be shown."""
    hidden = ("csrf_token", "revision", "step", "open", "into")
    return [(name, value) for name, value in typed.items() if name not in hidden and value.strip()]


def _names(questionnaire: Questionnaire) -> str:
    text = json.dumps(design.completions(questionnaire, language()), ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def spoken_in(questionnaire: Questionnaire) -> tuple[str, ...]:
    """The languages in which wording is asked for: those of the questionnaire, and always Chinese and English."""
    return tuple(dict.fromkeys((*questionnaire.languages, "zh", "en")))


@bp.post("/drafts/<draft>/steps")
@login_needed
def stepped(draft: str) -> Response:
    """One step; back to the page, where the draft is as it is then."""
    sent_from_here()
    form = request.form
    given = {name: " ".join(values) for name, values in form.lists() if name != "step"}
    try:
        with Session(machine().engine) as session:
            after = design.step(session, g.actor, draft, revision_sent(), form.getlist("step") or "", given)
            session.commit()
    except Problem as problem:
        return _refused(draft, problem)
    opened, into = form.get("open", ""), form.get("into", "")
    words_of_step = form.get("step", "").split(" ")
    mark = ""
    if words_of_step[0] in ("up", "down", "change_way"):
        mark = f"i-{words_of_step[1]}" if len(words_of_step) > 1 else ""
    elif words_of_step[0].startswith(("section", "change_section")) and len(words_of_step) > 1:
        mark = f"s-{words_of_step[1]}"
    elif words_of_step[0] in ("change_group", "group_up", "group_down") and len(words_of_step) > 1:
        mark = f"g-{words_of_step[1]}"
    if words_of_step[0] == "group":
        mark, opened = f"i-{words_of_step[-1]}", words_of_step[-1]
        if form.get("group") == "new":  # what it is called and which items lie in it is asked at once
            opened = next((g.id for g in after.asked.section_of[words_of_step[-1]].around(opened)[-1:]), opened)
            mark = f"g-{opened}"
    if words_of_step[0] in FORMS:
        opened = ""
    at = _section_with(after.asked, words_of_step[1] if len(words_of_step) > 1 else "") or form.get("at", "")
    kept: dict[str, Any] = {k: v for k, v in (("open", opened), ("into", into), ("at", at)) if v}
    return redirect(url_for(".sheet", draft=draft, _anchor=mark or None, **kept), 303)


def _section_with(asked: Questionnaire, about: str) -> str:
    """The section that is called so, or in which this item or group stands; '' where there is none."""
    for section in asked.sections:
        if about in (section.id, *(i.id for i in section.items), *(g.id for g in section.groups)):
            return section.id
    return ""


def revision_sent() -> int:
    """The revision that the page was of which sent this form; -1 for none."""
    given = request.form.get("revision", "")
    return int(given) if given.isdecimal() and len(given) < 10 else -1


def _refused(draft: str, problem: Problem) -> Response:
    """Somebody else saved, or what was to be changed is gone: say so over the draft as it is now."""
    if problem.code not in ("draft.stale", "design.gone"):
        raise problem
    with Session(machine().engine) as session:
        found = design.sheet(session, g.actor, draft)
        meanwhile = meanwhile_of(session, draft, problem)
    if found.questionnaire is None:  # what the others saved cannot be read: what was typed is shown beside it
        return make_response(_source_page(found, None, problem, meanwhile, _unplaced(request.form)), problem.status)
    return make_response(drawn(found, problem, meanwhile), problem.status)


def meanwhile_of(session: Session, draft: str, problem: Problem) -> design.Compared | None:
    """What the others changed since the page that was sent was opened; None where that cannot be told."""
    if problem.code != "draft.stale":
        return None
    try:
        return design.compared(session, g.actor, draft, revision_sent(), language=language())
    except Problem:
        return None


@bp.post("/drafts/<draft>/delete")
@login_needed
def deleted(draft: str) -> Response:
    """Throw a draft away, as it was when its history was looked at."""
    sent_from_here()
    try:
        with Session(machine().engine) as session:
            design.delete(session, g.actor, draft, revision_sent())
            session.commit()
    except Problem as problem:
        if problem.code != "draft.stale":
            raise
        return make_response(_past(draft, problem), problem.status)
    return redirect(url_for(".listed"), 303)


@bp.get("/drafts/<draft>/history")
@login_needed
def history(draft: str) -> Response | str:
    """Who saved the draft and when; any state can be looked at and brought back."""
    return _past(draft)


def _past(draft: str, problem: Problem | None = None) -> str:
    with Session(machine().engine) as session:
        found = design.sheet(session, g.actor, draft)
        revisions = design.history(session, g.actor, draft)
        meanwhile = meanwhile_of(session, draft, problem) if problem else None
    return render_template(
        "desk/designer_history.html",
        sheet=found,
        draft=found.draft,
        revisions=revisions,
        problem=explain(problem, language()) if problem else None,
        meanwhile=meanwhile,
    )


@bp.get("/drafts/<draft>/history/<int:first>-<int:second>")
@login_needed
def difference(draft: str, first: int, second: int) -> Response | str:
    """What changed from one saved state to another, item by item and in the file."""
    with Session(machine().engine) as session:
        found = design.sheet(session, g.actor, draft)
        compared = design.compared(session, g.actor, draft, first, second, language())
    return render_template("desk/designer_difference.html", sheet=found, draft=found.draft, compared=compared)


@bp.post("/drafts/<draft>/restore")
@login_needed
def restored(draft: str) -> Response:
    """Save an earlier state again as the newest; nothing in between is lost."""
    sent_from_here()
    wanted = request.form.get("state", "")
    try:
        with Session(machine().engine) as session:
            earlier = next((r for r in design.history(session, g.actor, draft) if str(r.revision) == wanted), None)
            if earlier is None:
                raise steps.gone(wanted)
            design.save_source(session, g.actor, draft, earlier.source, revision_sent())
            session.commit()
    except Problem as problem:
        if problem.code not in ("draft.stale", "design.gone"):
            raise
        return make_response(_past(draft, problem), problem.status)
    return redirect(url_for(".sheet", draft=draft), 303)


# ------------------------------------------------------------------------------------------------------- items


@bp.route("/drafts/<draft>/item", methods=["GET", "POST"])
@login_needed
def item(draft: str) -> Response | str:
    """The form of an item of one's own: a new one in `section`, or an earlier one (`item`)."""
    instead_of, section = request.values.get("item", "")[:100], request.values.get("section", "")[:100]
    with Session(machine().engine) as session:
        found = design.sheet(session, g.actor, draft)
        earlier = found.asked.items.get(instead_of)
        if instead_of and (earlier is None or not found.own(earlier)):
            raise steps.gone(instead_of)
        type_ = request.values.get("type", earlier.type if earlier else "single")
        type_ = type_ if type_ in TYPES else "single"
        if request.method == "GET":
            values = item_form.values_of(earlier) if earlier else first_values(found, type_)
            return item_page(found, type_, values, section, instead_of)
        sent_from_here()
        again = retyped(found, type_)
        if again is not None:
            return item_page(found, type_, again, section, instead_of)
        values = item_form.sent_values(request.form, list(request.form))
        block = item_form.block_of(request.form, type_, spoken_in(found.asked))
        try:
            written = design.write_item(
                session, g.actor, draft, revision_sent(), block, section=section, instead_of=instead_of
            )
            session.commit()
        except Problem as problem:
            if problem.code != "draft.stale":
                raise
            session.rollback()
            now = design.sheet(session, g.actor, draft)
            meanwhile = meanwhile_of(session, draft, problem)
            shown = item_page(now, type_, values, section, instead_of, problem=problem, meanwhile=meanwhile)
            return make_response(shown, problem.status)
    if written.sheet is None:
        return make_response(item_page(found, type_, values, section, instead_of, written.findings), 422)
    return redirect(url_for(".sheet", draft=draft, open=block.get("id"), _anchor=f"i-{block.get('id')}"), 303)


def item_page(
    found: design.Sheet,
    type_: str,
    values: dict[str, Any],
    section: str,
    instead_of: str,
    findings: tuple[Finding, ...] = (),
    problem: Problem | None = None,
    meanwhile: design.Compared | None = None,
    action: str = "",
    check_at: str = "",
) -> str:
    """The form of an item with these values; `action` and `check_at` say where it is sent and checked."""
    first, more = item_form.parts_of(type_)
    parts = {part.key for part in (*first, *more)}
    wrong: dict[str, list[str]] = {}
    for finding in findings:
        if "name" in finding.facts:  # a part is called on its form what the form calls it
            name = str(finding.facts["name"])
            finding = replace(finding, facts={**finding.facts, "name": phrase(f"part_{name}", name)})
        wrong.setdefault(finding.part if finding.part in parts else "", []).append(sentences(*told(finding)))
    return render_template(
        "desk/designer_item.html",
        sheet=found,
        draft=found.draft,
        type=type_,
        types=list(TYPES),
        first=first,
        more=more,
        values=values,
        rows=item_form.rows_of(values),
        section=section,
        instead_of=instead_of,
        action=action or url_for(".item", draft=found.draft.id),
        check_at=check_at or url_for(".check", draft=found.draft.id),
        wrong=wrong,
        problem=explain(problem, language()) if problem else None,
        meanwhile=meanwhile,
        languages=spoken_in(found.asked),
        names=Markup(_names(steps.own_words(found.asked, found.library))),  # made safe there
    )


def retyped(found: design.Sheet, type_: str) -> dict[str, Any] | None:
    """What the form shows when another type or more options were asked for; None when it was sent to be saved."""
    if "retype" not in request.form and "more" not in request.form:
        return None
    values: dict[str, Any] = item_form.sent_values(request.form, list(request.form))
    if "more" in request.form:
        values["rows"] = str(item_form.rows_of(values) + 5)
    elif not any(re.fullmatch(r"options\.\d+\.zh", k) and v for k, v in values.items()):
        values.update(_first_options(found, type_))
    return values


def first_values(found: design.Sheet, type_: str) -> dict[str, Any]:
    """A new item: an id that is free, the usual missing reasons, and the options that its type usually has."""
    values: dict[str, Any] = {
        "id": steps.free_item_id(found.asked, found.banked),
        "missing": ["dont_know", "refused"],
        "required": "no",
    }
    return values | _first_options(found, type_)


def _first_options(found: design.Sheet, type_: str) -> dict[str, Any]:
    alike = next((i for _, i in found.banked.values() if i.type == type_ and type_ in ("likert5", "bipolar7")), None)
    if alike:
        return item_form.option_values(alike.options)
    if type_ == "randomised_response":
        said = {code: Text({each: say(f"designer.option_{code}", each) for each in FOLDERS}) for code in YES_NO}
        return item_form.option_values([Option(code, text) for code, text in said.items()])
    return item_form.option_values(())


# ---------------------------------------------------------------------------------------------- the live check


@bp.post("/drafts/<draft>/check")
@login_needed
def check(draft: str) -> Response:
    """What would be wrong with a condition that is being typed, for the page's script."""
    sent_from_here()
    form = request.form
    with Session(machine().engine) as session:
        found = design.sheet(session, g.actor, draft)
    where = form.get("where", "")
    findings = design.check(
        found,
        form["block"] if form.get("block") in ("section", "group") else "item",
        where if ID.match(where) else "new_item",
        form.get("part", ""),
        form.get("source", ""),
        form.get("section", ""),
    )
    listed = []
    for finding in findings:
        message, remedy = told(finding)
        said = sentences(message, remedy)
        listed.append({"message": message, "remedy": remedy, "said": said, "column": finding.facts.get("column")})
    return jsonify(findings=listed)


# ------------------------------------------------------------------------------------------------- the preview


@bp.get("/drafts/<draft>/preview")
@login_needed
def preview(draft: str) -> Response:
    """The respondent's page of the draft, the real one, but nothing is kept and nothing can be sent."""
    with Session(machine().engine) as session:
        found = design.sheet(session, g.actor, draft)
    asked = sealed(steps.showable(found.asked, found.findings))
    spoken = request.args.get("in", "")
    spoken = spoken if spoken in asked.languages else asked.languages[0]
    title, team = asked.title.say(spoken), words("designer.preview_team")
    county, email = words("designer.preview_county"), words("designer.preview_email")
    approval = words("designer.preview_approval")
    today = machine().today()
    wave = Wave(
        id="preview",
        study=Study("preview", title, team, email, approval, approval),
        number=1,
        questionnaire=asked.id,
        version=asked.version,
        counties=(WaveCounty(county),),
        opens_on=today,
        closes_on=today + datetime.timedelta(days=30),
        withdraw_until=today + datetime.timedelta(days=60),
        keep_until=today + datetime.timedelta(days=365),
        state="open",
        simulated=True,
    )
    try:
        version = phone_page.make_version(asked, spoken)
        body = phone_page.render(version, wave, county, version.form(), script=True, sheet="desk/designer_preview.html")
    except (ExpressionError, ValueError, KeyError, RecursionError) as error:
        raise Problem("design.not_shown", where=draft) from error
    answer = make_response(body)
    policy = delivery.POLICY.replace("connect-src 'self'", "connect-src 'none'")
    answer.headers["Content-Security-Policy"] = policy.replace("form-action 'self'", "form-action 'none'")
    return answer


# --------------------------------------------------------------------------------------- files, and the text


@bp.get("/drafts/<draft>/file.<any(yaml, xlsx):ending>")
@login_needed
def draft_file(draft: str, ending: str) -> Response:
    """A draft as a file."""
    with Session(machine().engine) as session:
        found = design.sheet(session, g.actor, draft)
    instrument = found.asked if ending == "xlsx" else None
    return _file(instrument, found.draft.source, ending, f"{found.draft.instrument}-draft")


@bp.route("/drafts/<draft>/source", methods=["GET", "POST"])
@login_needed
def source(draft: str) -> Response | str:
    """The draft's own text, to be written by hand; what is wrong with it is listed with its line."""
    problem, text, meanwhile = None, None, None
    status = 200
    if request.method == "POST":
        request.max_content_length = request.max_form_memory_size = TEXT_LIMIT + 64 * 1024
        sent_from_here()
        text = request.form.get("source", "")
        try:
            with Session(machine().engine) as session:
                design.save_source(session, g.actor, draft, text, revision_sent())
                session.commit()
            return redirect(url_for(".source", draft=draft), 303)
        except Problem as found_problem:
            if found_problem.code != "draft.stale":
                raise
            problem, status = found_problem, found_problem.status
    with Session(machine().engine) as session:
        found = design.sheet(session, g.actor, draft)
        meanwhile = meanwhile_of(session, draft, problem) if problem else None
    return make_response(_source_page(found, text, problem, meanwhile), status)


def _source_page(
    found: design.Sheet,
    text: str | None = None,
    problem: Problem | None = None,
    meanwhile: design.Compared | None = None,
    unplaced: Sequence[tuple[str, str]] = (),
) -> str:
    return render_template(
        "desk/designer_source.html",
        sheet=found,
        draft=found.draft,
        findings=gravest_first(found.findings),
        source_text=text if text is not None else found.draft.source,
        kept=text is not None,
        problem=explain(problem, language()) if problem else None,
        meanwhile=meanwhile,
        unplaced=unplaced,
    )
