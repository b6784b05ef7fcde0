"""What operators do at the desk: accounts of all others, and the log of what was done."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from flask import Blueprint, g, make_response, render_template, request
from werkzeug.wrappers import Response

from fieldkit.core.access import ROLES, require
from fieldkit.core.problem import Problem
from fieldkit.forms.desk import AccountForm
from fieldkit.services import accounts
from fieldkit.services.read_log import last_deeds
from fieldkit.store.engine import Session
from fieldkit.translations import explain
from fieldkit.web.i18n import language
from fieldkit.web.login import filled, login_needed, sent_from_here
from fieldkit.web.machine import machine

bp = Blueprint("accounts", __name__)
DEEDS = 200  # lines of the log on one page; the command line shows more


def shown(said: tuple[str, dict[str, str]] | None = None, problem: Problem | None = None) -> Response:
    """The accounts, what was just done (a new password is shown here and nowhere else), or why it was not."""
    with Session(machine().engine) as session:
        listed = accounts.listed_accounts(session, g.actor)
    page = render_template(
        "desk/accounts.html",
        accounts=listed,
        roles=ROLES,
        places=machine().places,
        said=said,
        sent=request.form,
        told=explain(problem, language(), team=True) if problem else None,
    )
    return make_response(page, problem.status if problem else 200)


@bp.get("/accounts")
@login_needed
def page() -> Response:
    """Who has an account, and a form for another one."""
    return shown()


@bp.post("/accounts")
@login_needed
def add() -> Response:
    """Make an account and show its password once."""
    require(g.actor, "account.manage")
    sent_from_here()
    form = filled(AccountForm)
    if not form.validate():
        return shown(problem=Problem("account.broken_name", where="name", name=(form.name.data or "")[:40]))
    name, counties = accounts.normal_name(form.name.data), frozenset(re.findall(r"\d+", form.counties.data or ""))
    try:
        with Session(machine().engine) as session:
            password = accounts.create_account(session, g.actor, name, form.role.data, counties)
            session.commit()
    except Problem as problem:
        return shown(problem=problem)
    return shown(("account_added", {"name": name, "password": password}))


@bp.post("/accounts/<name>/<any(password, remove):deed>")
@login_needed
def changed(name: str, deed: str) -> Response:
    """Give an account a new password, shown once, or end it."""
    require(g.actor, "account.manage")
    sent_from_here()
    password = ""
    try:
        with Session(machine().engine) as session:
            if deed == "remove":
                accounts.remove_account(session, g.actor, name)
            else:
                password = accounts.renew_password(session, g.actor, name)
            session.commit()
    except Problem as problem:
        return shown(problem=problem)
    if deed == "remove":
        return shown(("account_removed", {"name": name}))
    return shown(("account_renewed", {"name": name, "password": password}))


@bp.get("/log")
@login_needed
def log() -> str:
    """Who did what at the desk and at the command line, newest first."""
    with Session(machine().engine) as session:
        deeds = last_deeds(session, g.actor, DEEDS)[::-1]
    return render_template("desk/log.html", deeds=deeds, most=DEEDS, zone=ZoneInfo(machine().settings.timezone))
