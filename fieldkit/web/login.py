"""Signing in and out of the desk. The session is a signed cookie: the account's name, and when it was last used."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from fieldkit.core.access import Actor
from fieldkit.core.problem import Problem
from fieldkit.forms.desk import DeskForm, Filled, LoginForm, desk_form
from fieldkit.services import accounts
from fieldkit.store.engine import Session
from fieldkit.translations import explain
from fieldkit.web.i18n import language
from fieldkit.web.machine import machine

IDLE_SECONDS = 60 * 60  # a desk left alone is closed after an hour
REFRESH_SECONDS = 60  # the cookie is written anew at most this often

bp = Blueprint("login", __name__)
P = ParamSpec("P")


def filled(kind: type[Filled]) -> Filled:
    """This request's form, tied to this session."""
    secret = current_app.secret_key
    assert isinstance(secret, bytes)
    return desk_form(kind, request.form if request.method == "POST" else None, secret=secret, session=session)


def blank() -> DeskForm:
    """A form with nothing but the token: for pages, also such as answer a request too large to be read."""
    secret = current_app.secret_key
    assert isinstance(secret, bytes)
    return desk_form(DeskForm, None, secret=secret, session=session)


def sent_from_here() -> None:
    """Return if a page of this session sent the request; else Problem `request.csrf`."""
    if not filled(DeskForm).validate():
        raise Problem("request.csrf", where=request.path)


def signed_in() -> Actor | None:
    """Who is at the desk; None when nobody is, the session was left alone too long, or the account has changed."""
    name, seen, stamp = session.get("name"), session.get("seen", 0), session.get("stamp")
    now = int(time.time())
    if not name or not 0 <= now - seen <= IDLE_SECONDS:
        return None
    if now - seen > REFRESH_SECONDS:
        session["seen"] = now
    with Session(machine().engine) as database:
        return accounts.still_valid(database, str(name), str(stamp))


def login_needed(view: Callable[P, Response | str]) -> Callable[P, Response | str]:
    """Let only people with an account in; `g.actor` is who it is. Others are asked to sign in and come back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response | str:
        g.actor = signed_in()
        if g.actor is None:
            if request.method != "GET":
                raise Problem("login.needed", where=request.path)
            return redirect(url_for("login.sign_in", next=request.full_path.rstrip("?")))
        return view(*args, **kwargs)

    return guarded


def local_address(text: str) -> str:
    """Where to go after signing in: an address of this desk, whatever the link says."""
    parts = urlsplit(text)
    home = url_for("desk.overview")
    safe = not parts.scheme and not parts.netloc and parts.path.startswith(home) and "\\" not in text
    return text if safe else home


@bp.route("/login", methods=["GET", "POST"])
def sign_in() -> Response:
    """The page with name and password."""
    form = filled(LoginForm)
    onward = local_address(request.values.get("next", ""))
    problem: Problem | None = None
    if request.method == "GET" and signed_in():
        return redirect(onward)
    if request.method == "POST":
        if form.validate():
            try:
                return enter(form.name.data, form.password.data, onward)
            except Problem as found:
                problem = found
        else:
            problem = Problem("request.csrf" if form.forged else "login.failed", where="/login")
    told = explain(problem, language()) if problem else None
    page = make_response(render_template("desk/login.html", form=form, onward=onward, problem=problem, told=told))
    page.status_code = problem.status if problem else 200
    return page


def enter(name: str, password: str, onward: str) -> Response:
    """Begin a fresh session for this account."""
    visit = accounts.sign_in(machine().engine, name, password)
    spoken = session.get("language")
    session.clear()
    session.update(name=visit.actor.name, stamp=visit.stamp, seen=int(time.time()))
    if spoken:
        session["language"] = spoken
    return redirect(onward, 303)


@bp.post("/logout")
def sign_out() -> Response:
    """End the session."""
    sent_from_here()
    spoken = session.get("language")
    session.clear()
    if spoken:
        session["language"] = spoken
    return redirect(url_for("login.sign_in"), 303)
