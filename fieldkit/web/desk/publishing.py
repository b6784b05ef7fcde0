"""The publish gate at the desk: what a draft changes, item by item, trying it out, and publishing it.

Reading order: the page, its answers (mend, try, publish), what the page is made of.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from fieldkit.core.change import decided
from fieldkit.core.instrument import questions_in
from fieldkit.core.lint import Finding
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.forms.desk import PublishForm
from fieldkit.services import publish
from fieldkit.services.change_lines import ChangeLine, change_lines, told
from fieldkit.store.engine import Session
from fieldkit.translations import explain
from fieldkit.web import desk
from fieldkit.web.desk.designer import told as explained
from fieldkit.web.i18n import language, words
from fieldkit.web.login import filled, login_needed, sent_from_here
from fieldkit.web.machine import machine

bp = Blueprint("desk_publishing", __name__, url_prefix="/desk/drafts/<draft>")
bp.context_processor(desk.words_for_pages)
bp.register_error_handler(Problem, desk.wrong)

SIGNS = {"breaking": "stop", "compatible": "warn", "wording_fix": "fine"}
MENDS = {"back": publish.take_back, "new_id": publish.give_new_id}


@bp.get("/change")
@login_needed
def change(draft: str) -> Response | str:
    """The draft beside the last published version, and the form that publishes it."""
    return page(draft)


@bp.get("/change.txt")
@login_needed
def change_text(draft: str) -> Response:
    """The same as plain text."""
    with Session(machine().engine) as session:
        found = publish.review(session, g.actor, draft)
    answer = make_response(told(_lines(found), language()))
    answer.mimetype = "text/plain"
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.instrument.id}-changes.txt"'
    return answer


@bp.post("/mend")
@login_needed
def mend(draft: str) -> Response | str:
    """Take changes back, or give the items that changed new ids.

    `step` is back or new_id, then the part that changed (* for all that is refused), then the items.
    """
    sent_from_here()
    step, part, *items = [*request.form.get("step", "").split(), "", ""]
    if step not in MENDS:
        raise Problem("request.csrf", where=request.path)
    try:
        with Session(machine().engine) as session:
            shown = _number(request.form.get("revision", ""))
            MENDS[step](session, g.actor, draft, items, shown, part="" if part == "*" else part)
            session.commit()
    except Problem as problem:
        return page(draft, problem)
    return redirect(url_for(".change", draft=draft), 303)


@bp.post("/test")
@login_needed
def test(draft: str) -> Response | str:
    """Open a link under which the draft can be filled in, without counting."""
    sent_from_here()
    try:
        with Session(machine().engine) as session:
            publish.open_trial(session, g.actor, draft, machine().today())
            session.commit()
    except Problem as problem:
        return page(draft, problem)
    return redirect(url_for(".change", draft=draft, _anchor="trial"), 303)


@bp.post("/publish")
@login_needed
def publish_now(draft: str) -> Response | str:
    """Publish the draft as it was shown, or say on the same page what stands against it."""
    form = filled(PublishForm)
    if not form.validate():
        if form.forged:
            raise Problem("request.csrf", where=request.path)
        return page(draft, Problem("publish.not_confirmed", where=draft, instrument=draft))
    try:
        with Session(machine().engine) as session:
            found = publish.review(session, g.actor, draft)
            release = publish.publish_draft(
                session,
                g.actor,
                draft,
                revision=_number(form.revision.data),
                word=form.word.data,
                version=form.version.data.strip(),
                same=_said(_lines(found), request.form),
                note=form.note.data or "",
            )
            session.commit()
    except Problem as problem:
        return page(draft, problem)
    return redirect(
        url_for("desk.designer.shown", kind=release.kind, name=release.instrument, version=release.version), 303
    )


# ------------------------------------------------------------------------------------------------- the page


def page(draft: str, problem: Problem | None = None) -> Response:
    """The comparison with what was sent still in its form; `problem` is what stood against the last step."""
    if problem and problem.code in ("draft.unknown", "access.denied"):
        raise problem
    with Session(machine().engine) as session:
        trial = publish.trial_of(session, g.actor, draft)
        try:
            found = publish.review(session, g.actor, draft)
        except Problem as broken:
            if broken.code != "instrument.broken":
                raise
            return _answer("desk/change_broken.html", broken, draft=draft, findings=_findings(broken))
    lines = _lines(found)
    said = _said(lines, request.form)
    judged = decided(found.change, said) if found.change else None
    refused = tuple(i.item for i in judged.refused) if judged else ()
    form = filled(PublishForm)
    return _answer(
        "desk/change.html",
        problem,
        draft=draft,
        found=found,
        lines=lines,
        counts=[(verdict, sum(line.verdict == verdict for line in lines)) for verdict in SIGNS],
        signs=SIGNS,
        refused=refused,
        mendable=frozenset(found.own & set(found.before.items if found.before else ())),
        least=judged.proposed_version if judged else found.instrument.version,
        answered=request.form,
        asked_as=asked_as,
        code_of=code_of,
        questions_in=questions_in,
        known={i.item: i.same for i in found.change.items if i.same is not None} if found.change else {},
        publish_form=form,
        trial=trial,
        link=_link(trial.wave) if trial else "",
        published_day=_day(found.published.at) if found.published else "",
        day_of=_day,
    )


def _link(wave: Wave) -> str:
    return url_for("phone.questionnaire", wave_id=wave.id, county=wave.counties[0].code, _external=True)


def code_of(link: str) -> Markup | None:
    """The link as a square code for a phone's camera; None for an address that only this computer can open."""
    from fieldkit.render.qr import qr_svg

    if urlsplit(link).hostname in ("localhost", "127.0.0.1", "::1"):
        return None
    return Markup(qr_svg(link, words("change.try_code")))  # drawn from the link alone


def _answer(template: str, problem: Problem | None, **facts: object) -> Response:
    answer = make_response(
        render_template(template, problem=problem, told=explain(problem, language()) if problem else None, **facts)
    )
    answer.status_code = problem.status if problem else 200
    return answer


def asked_as(line: ChangeLine) -> str:
    """The name of the field in which a researcher says whether it is the same question."""
    return f"same-{line.items[0]}-{line.part}"


def _said(lines: list[ChangeLine], sent: Mapping[str, str]) -> dict[str, bool]:
    """What was answered, by item: the same question only if every one of its changes was called that."""
    said: dict[str, bool] = {}
    unsaid: set[str] = set()
    for line in lines:
        if line.asks:
            answer = sent.get(asked_as(line), "")
            for item in line.items:
                if answer in ("yes", "no"):
                    said[item] = said.get(item, True) and answer == "yes"
                else:
                    unsaid.add(item)
    return {item: same for item, same in said.items() if not same or item not in unsaid}


def _lines(found: publish.Review) -> list[ChangeLine]:
    if found.change is None or found.before is None:
        return []
    return change_lines(found.change, found.before, found.instrument, language())


def _findings(problem: Problem) -> list[tuple[int, str, str]]:
    listed = []
    for finding in problem.findings:
        if isinstance(finding, Finding):
            listed.append((finding.line, *explained(finding)))
    return listed


def _day(at: datetime.datetime) -> str:
    local = at.astimezone(ZoneInfo(machine().settings.timezone))
    return desk.day(local.date())


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
