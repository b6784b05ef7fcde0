"""Choosing one's own password: everybody with an account may, and nobody for anybody else."""

from __future__ import annotations

from flask import Blueprint, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from fieldkit.core.problem import Problem
from fieldkit.forms.desk import PasswordForm
from fieldkit.services import accounts
from fieldkit.translations import explain
from fieldkit.web.i18n import language
from fieldkit.web.login import filled, login_needed
from fieldkit.web.machine import machine

bp = Blueprint("password", __name__)


@bp.route("/password", methods=["GET", "POST"])
@login_needed
def page() -> Response:
    """The present password and the new one twice. This session goes on; all others of the account end."""
    form = filled(PasswordForm)
    problem: Problem | None = None
    if request.method == "POST":
        if form.validate():
            typed = (str(field.data) for field in (form.old, form.new, form.again))
            try:
                visit = accounts.choose_password(machine().engine, g.actor, *typed)
                session["stamp"] = visit.stamp
                return redirect(url_for(".page", done="yes"), 303)
            except Problem as found:
                problem = found
        else:
            problem = Problem("request.csrf" if form.forged else "account.wrong_password", where=request.path)
    answer = make_response(
        render_template(
            "desk/password.html",
            form=form,
            done=request.args.get("done") == "yes",
            told=explain(problem, language()) if problem else None,
            shortest=accounts.SHORTEST,
        )
    )
    answer.status_code = problem.status if problem else 200
    return answer
