"""The one place where a Problem becomes something a person reads: a page, or JSON for a page's script."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException

from fieldkit.core.problem import Problem
from fieldkit.translations import explain
from fieldkit.web.i18n import language

log = logging.getLogger("fieldkit")
NOT_THERE = ("42P01", "42703")  # PostgreSQL: no such table, no such column
HTTP = {404: "page.unknown", 405: "method.not_allowed", 413: "submission.too_large"}


def as_json(problem: Problem, spoken: str) -> dict[str, object]:
    """A Problem as the page's script reads it."""
    message, remedy = explain(problem, spoken)
    found: dict[str, object] = {"code": problem.code, "where": problem.where, "message": message, "remedy": remedy}
    if problem.findings:
        found["findings"] = [as_json(f, spoken) for f in problem.findings if isinstance(f, Problem)]
    return found


def wants_json() -> bool:
    """Whether the one who asks is a script."""
    return request.is_json or request.accept_mimetypes.best == "application/json"


def show(problem: Problem) -> Response:
    """Answer a request with a Problem."""
    spoken = language()
    if wants_json():
        response = jsonify(as_json(problem, spoken))
    else:
        at_desk = request.path.startswith("/desk")
        message, remedy = explain(problem, spoken, team=at_desk)
        response = make_response(
            render_template("error.html", problem=problem, message=message, remedy=remedy, at_desk=at_desk)
        )
    response.status_code = problem.status
    if problem.status in (429, 503):
        response.headers["Retry-After"] = "20"
    return response


def traced(error: BaseException) -> str:
    """The kind of a failure and the places it came through, but none of its words: those could hold an answer."""
    told = []
    cause: BaseException | None = error
    while cause is not None:
        places = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(cause.__traceback__)]
        told.append("\n  ".join([f"{type(cause).__module__}.{type(cause).__qualname__}", *places]))
        cause = cause.__cause__ or cause.__context__
    return "\nafter ".join(told)


def init_app(app: Flask) -> None:
    """Turn every failure into a Problem and show it; only its kind is logged, never who asked."""

    def log_exception(info: tuple[Any, BaseException, Any] | tuple[None, None, None]) -> None:
        """What Flask would write, words and all, when showing a failure fails too."""
        if info[1] is not None:
            log.error("a failure could not be shown\n%s", traced(info[1]))

    app.log_exception = log_exception  # type: ignore[method-assign, assignment]

    @app.before_request
    def _() -> None:
        """An address with a character that is none leads nowhere; PostgreSQL would not even look for it."""
        if "\0" in request.path:
            raise Problem("page.unknown", where="/")

    @app.errorhandler(Problem)
    def _(problem: Problem) -> Response:
        if problem.status >= 500:
            log.error("%s\n%s", problem.code, traced(problem))
        return show(problem)

    @app.errorhandler(HTTPException)
    def _(error: HTTPException) -> Response:
        code = HTTP.get(error.code or 500, "submission.wrong_shape" if error.code == 400 else "server.failed")
        return show(Problem(code, where=request.path, limit_kb=(app.config["MAX_CONTENT_LENGTH"] or 0) // 1024))

    @app.errorhandler(OperationalError)
    def _(error: OperationalError) -> Response:
        log.error("the database did not answer\n%s", traced(error))
        missing = any(words in str(error.orig) for words in ("no such table", "no such column"))
        return show(Problem("store.not_migrated" if missing else "store.unavailable"))

    @app.errorhandler(ProgrammingError)
    def _(error: ProgrammingError) -> Response:
        log.error("the database did not understand\n%s", traced(error))
        missing = getattr(error.orig, "sqlstate", "") in NOT_THERE
        return show(Problem("store.not_migrated" if missing else "server.failed"))

    @app.errorhandler(Exception)
    def _(error: Exception) -> Response:
        log.error("a request failed\n%s", traced(error))
        return show(Problem("server.failed"))
