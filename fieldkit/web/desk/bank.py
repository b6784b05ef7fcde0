"""The desk's pages for a draft of a module: constructs, items and indicators, each with a form. Joins the designer's.

Reading order: the page of a module, its steps, the form of a construct, of an item, of an indicator, the live checks.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from flask import g, jsonify, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from fieldkit.core.design import free_item_id, gone
from fieldkit.core.expression import FUNCTIONS
from fieldkit.core.instrument import ESTIMATES, INDICATOR_KINDS, Module
from fieldkit.core.item import ID, TYPES
from fieldkit.core.lint import Finding
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.forms import bank as forms
from fieldkit.forms import item as item_form
from fieldkit.services import bank
from fieldkit.services.design import Compared
from fieldkit.store.engine import Session
from fieldkit.translations import explain
from fieldkit.web.desk import designer
from fieldkit.web.desk.designer import bp, gravest_first, meanwhile_of, revision_sent, sentences, told
from fieldkit.web.i18n import language
from fieldkit.web.login import login_needed, sent_from_here
from fieldkit.web.machine import machine

FIRST_KINDS = ("scale", "share", "count_codes", "ratio", "formula", "sum", "value", "categories", "options")
KINDS = (*FIRST_KINDS, *(kind for kind in INDICATOR_KINDS if kind not in FIRST_KINDS))


def _languages(module: Module) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*module.title, "zh", "en")))


@bp.get("/drafts/<draft>/module")
@login_needed
def module(draft: str) -> Response | str:
    """A draft of a module; one whose text cannot be read is shown as text."""
    with Session(machine().engine) as session:
        found = bank.sheet(session, g.actor, draft)
    if found.draft.kind != "module":
        return redirect(url_for(".sheet", draft=draft), 303)
    if found.module is None:
        return redirect(url_for(".source", draft=draft), 303)
    return _page(found)


def _page(found: bank.ModuleSheet, problem: Problem | None = None, meanwhile: Compared | None = None) -> str:
    return render_template(
        "desk/designer_module.html",
        sheet=found,
        draft=found.draft,
        module=found.written,
        opened=request.values.get("open", "")[:100],
        typed=request.form if problem else {},
        findings=gravest_first(found.findings),
        problem=explain(problem, language()) if problem else None,
        meanwhile=meanwhile,
        languages=_languages(found.written),
    )


@bp.post("/drafts/<draft>/module/steps")
@login_needed
def module_stepped(draft: str) -> Response:
    """One step; back to the page, where the draft is as it is then."""
    sent_from_here()
    form = request.form
    try:
        with Session(machine().engine) as session:
            bank.step(session, g.actor, draft, revision_sent(), form.get("step", ""), dict(form.items()))
            session.commit()
    except Problem as problem:
        if problem.code not in ("draft.stale", "design.gone"):
            raise
        with Session(machine().engine) as session:
            found = bank.sheet(session, g.actor, draft)
            meanwhile = meanwhile_of(session, draft, problem)
        if found.module is None:
            raise
        return make_response(_page(found, problem, meanwhile), problem.status)
    about = form.get("step", "").partition(" ")[2]
    return redirect(url_for(".module", draft=draft, _anchor=f"x-{about}" if ID.match(about) else None), 303)


# ------------------------------------------------------------------------------------------------- constructs


@bp.route("/drafts/<draft>/module/construct", methods=["GET", "POST"])
@login_needed
def construct(draft: str) -> Response | str:
    """The form of a construct: a new one with its first question, or an earlier one (`construct`)."""
    instead_of = request.values.get("construct", "")[:100]
    problem: Problem | None = None
    meanwhile: Compared | None = None
    findings: tuple[Finding, ...] = ()
    with Session(machine().engine) as session:
        found = bank.sheet(session, g.actor, draft)
        earlier = next((c for c in found.written.constructs if c.id == instead_of), None)
        if instead_of and earlier is None:
            raise gone(instead_of)
        values: dict[str, Any] = forms.construct_values(earlier) if earlier else {}
        if request.method == "POST":
            sent_from_here()
            values = forms.sent_values(request.form, list(request.form))
            languages = _languages(found.written)
            block = forms.construct_block(request.form, languages)
            first = Text(item_form.words_in("first", request.form, languages))
            try:
                written = bank.write_construct(session, g.actor, draft, revision_sent(), block, first, instead_of)
                session.commit()
            except Problem as refused:
                if refused.code != "draft.stale":
                    raise
                session.rollback()
                problem, meanwhile = refused, meanwhile_of(session, draft, refused)
                found = bank.sheet(session, g.actor, draft)
            else:
                if written.sheet:
                    return redirect(url_for(".module", draft=draft, _anchor=f"x-{block['id']}"), 303)
                findings = written.findings
    first_parts, more = forms.construct_parts()
    page = render_template(
        "desk/designer_construct.html",
        **_form_facts(found, values, (*first_parts, *more), findings, problem, meanwhile, also=("first",)),
        first=first_parts,
        more=more,
        instead_of=instead_of,
    )
    return make_response(page, problem.status if problem else 422 if findings else 200)


def _form_facts(
    found: bank.ModuleSheet,
    values: dict[str, Any],
    parts: tuple[item_form.Part, ...],
    findings: tuple[Finding, ...],
    problem: Problem | None,
    meanwhile: Compared | None,
    also: tuple[str, ...] = (),
) -> dict[str, Any]:
    known = {part.key for part in parts} | set(also)
    wrong: dict[str, list[str]] = {}
    for finding in findings:
        wrong.setdefault(finding.part if finding.part in known else "", []).append(sentences(*told(finding)))
    return {
        "sheet": found,
        "draft": found.draft,
        "module": found.written,
        "values": values,
        "wrong": wrong,
        "problem": explain(problem, language()) if problem else None,
        "meanwhile": meanwhile,
        "languages": _languages(found.written),
    }


# ------------------------------------------------------------------------------------------------------- items


@bp.route("/drafts/<draft>/module/item", methods=["GET", "POST"])
@login_needed
def module_item(draft: str) -> Response | str:
    """The form of an item of the module: a new one of a construct (`section`), or an earlier one (`item`)."""
    instead_of, construct_id = request.values.get("item", "")[:100], request.values.get("section", "")[:100]
    values: dict[str, Any] | None
    draw = partial(
        designer.item_page, action=url_for(".module_item", draft=draft), check_at=url_for(".module_check", draft=draft)
    )
    with Session(machine().engine) as session:
        found = bank.sheet(session, g.actor, draft)
        shown = found.as_questionnaire
        earlier = shown.asked.items.get(instead_of)
        if instead_of and earlier is None:
            raise gone(instead_of)
        type_ = request.values.get("type", earlier.type if earlier else "single")
        type_ = type_ if type_ in TYPES else "single"
        if request.method == "GET":
            values = item_form.values_of(earlier) if earlier else designer.first_values(shown, type_)
            if not earlier:
                values["id"] = free_item_id(shown.asked, shown.banked)
            return draw(shown, type_, values, construct_id, instead_of)
        sent_from_here()
        values = designer.retyped(shown, type_)
        if values is not None:
            return draw(shown, type_, values, construct_id, instead_of)
        values = item_form.sent_values(request.form, list(request.form))
        block = item_form.block_of(request.form, type_, _languages(found.written))
        try:
            written = bank.write_item(
                session, g.actor, draft, revision_sent(), block, construct=construct_id, instead_of=instead_of
            )
            session.commit()
        except Problem as problem:
            if problem.code not in ("draft.stale", "design.gone"):
                raise
            session.rollback()
            now = bank.sheet(session, g.actor, draft).as_questionnaire
            meanwhile = meanwhile_of(session, draft, problem)
            page = draw(now, type_, values, construct_id, instead_of, problem=problem, meanwhile=meanwhile)
            return make_response(page, problem.status)
    if written.sheet is None:
        page = draw(shown, type_, values, construct_id, instead_of, written.findings)
        return make_response(page, 422)
    return redirect(url_for(".module", draft=draft, _anchor=f"x-{block.get('id')}"), 303)


# -------------------------------------------------------------------------------------------------- indicators


@bp.route("/drafts/<draft>/module/indicator", methods=["GET", "POST"])
@login_needed
def indicator(draft: str) -> Response | str:
    """The form of an indicator: a new one, or an earlier one (`indicator`)."""
    instead_of = request.values.get("indicator", "")[:100]
    problem: Problem | None = None
    meanwhile: Compared | None = None
    findings: tuple[Finding, ...] = ()
    with Session(machine().engine) as session:
        found = bank.sheet(session, g.actor, draft)
        earlier = next((i for i in found.written.indicators if i.id == instead_of), None)
        if instead_of and earlier is None:
            raise gone(instead_of)
        kind = request.values.get("kind", earlier.kind if earlier else "scale")
        kind = kind if kind in INDICATOR_KINDS else "scale"
        values: dict[str, Any] = {"estimate": forms.USUAL.get(kind, "mean")}
        values |= forms.indicator_values(earlier) if earlier else {}
        if request.method == "POST":
            sent_from_here()
            values = forms.sent_values(request.form, list(request.form))
            if "retype" in request.form:
                values["estimate"] = forms.USUAL.get(kind, "mean")
            else:
                block = forms.indicator_block(request.form, kind, _languages(found.written), earlier)
                try:
                    written = bank.write_indicator(session, g.actor, draft, revision_sent(), block, instead_of)
                    session.commit()
                except Problem as refused:
                    if refused.code != "draft.stale":
                        raise
                    session.rollback()
                    problem, meanwhile = refused, meanwhile_of(session, draft, refused)
                    found = bank.sheet(session, g.actor, draft)
                else:
                    if written.sheet:
                        return redirect(url_for(".module", draft=draft, _anchor=f"x-{block['id']}"), 303)
                    findings = written.findings
    first_parts, more = forms.indicator_parts()
    earlier_ones = [i for i in found.written.indicators if i.id != instead_of]
    page = render_template(
        "desk/designer_indicator.html",
        **_form_facts(
            found, values, (*first_parts, *more), findings, problem, meanwhile, also=("items", "parameters", "kind")
        ),
        first=first_parts,
        more=more,
        instead_of=instead_of,
        kind=kind,
        kinds=KINDS,
        shape=INDICATOR_KINDS[kind],
        estimates=ESTIMATES,
        settings=forms.settings_of(kind),
        earlier_ones=earlier_ones,
        names=Markup(_names(found.written, earlier_ones)),  # made safe there
    )
    return make_response(page, problem.status if problem else 422 if findings else 200)


def _names(written: Module, indicators: list[Any]) -> str:
    """What can be completed in a formula: items and indicators with their words, and functions."""
    items = [(i.id, i.label.say(language()) or i.text.say(language()), "") for i in written.items.values()]
    items += [(i.id, i.title.say(language()), "") for i in indicators]
    known = {"items": items, "functions": [(name,) for name in sorted(FUNCTIONS)]}
    return json.dumps(known, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


# --------------------------------------------------------------------------------------------- the live checks


@bp.post("/drafts/<draft>/module/check")
@login_needed
def module_check(draft: str) -> Response:
    """What would be wrong with a condition of an item, or with a whole indicator, while it is being typed."""
    sent_from_here()
    form = request.form
    with Session(machine().engine) as session:
        found = bank.sheet(session, g.actor, draft)
    if form.get("block") == "indicator":
        kind, instead_of = form.get("kind", ""), form.get("indicator", "")[:100]
        kind = kind if kind in INDICATOR_KINDS else "scale"
        earlier = next((i for i in found.written.indicators if i.id == instead_of), None)
        block = forms.indicator_block(form, kind, _languages(found.written), earlier)
        findings = bank.read_indicator(found, block, instead_of if earlier else "")[1]
    else:
        where = form.get("where", "")
        where = where if ID.match(where) else "new_item"
        findings = bank.check(found, where, form.get("part", ""), form.get("source", ""), form.get("section", ""))
    return jsonify(findings=[{"said": sentences(*told(f)), "part": f.part, "severity": f.severity} for f in findings])
