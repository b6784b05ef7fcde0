"""Put the parts together: settings, database, collector, pages."""

from __future__ import annotations

import atexit
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Request, redirect, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.wrappers import Response

from fieldkit.services.collect import Collector
from fieldkit.services.daily import Daily
from fieldkit.services.gazetteer import places
from fieldkit.settings import Settings, data_folder
from fieldkit.store.engine import open_engine
from fieldkit.web import delivery, desk, errors, i18n, login, phone, verify
from fieldkit.web.desk import publishing
from fieldkit.web.i18n import DESK_PATHS
from fieldkit.web.machine import Machine
from fieldkit.web.phone.assets import all_joined

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class DeskSessions(SecureCookieSessionInterface):
    """Sessions for the desk only: a respondent never gets a cookie, whatever a page might try to keep."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a desk page; elsewhere one that is empty and cannot be written to."""
        if request.path.startswith(DESK_PATHS):
            return super().open_session(app, request)
        return self.make_null_session(app)


def secret_key(folder: Path, name: str = "secret.key") -> bytes:
    """The key that signs desk sessions, or another one: made once, readable by the owner only."""
    path = data_folder(folder) / name
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    return path.read_bytes()


def reached_at(application: WSGIApplication, base_url: str) -> WSGIApplication:
    """The application as if every request came to `base_url`, whose whole links then lead there.

    Behind a proxy the request itself names another host and says http. Nothing that a proxy adds is believed.
    """
    address = urlsplit(base_url)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.url_scheme"], environ["HTTP_HOST"] = address.scheme, address.netloc
        return application(environ, start_response)

    return answer


def create_app(settings: Settings | None = None) -> Flask:
    """A FieldKit application. Opens the database but does not migrate it (`fieldkit migrate` does)."""
    settings = settings or Settings.read()
    app = Flask("fieldkit.web", static_folder=None, template_folder="templates")
    app.config.update(
        SECRET_KEY=secret_key(settings.data_dir),
        MAX_CONTENT_LENGTH=settings.body_limit,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_NAME="fieldkit",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
    )
    if settings.base_url:
        app.wsgi_app = reached_at(app.wsgi_app, settings.base_url)  # type: ignore[assignment, method-assign]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    engine = open_engine(settings.database)
    receipt_key = secret_key(settings.data_dir, "receipt.key")
    machine = Machine(settings, engine, Collector(engine, timezone=settings.timezone), places(), receipt_key)
    app.session_interface = DeskSessions()
    app.extensions["fieldkit"] = machine
    atexit.register(machine.collector.close)
    daily = app.extensions["fieldkit.daily"] = Daily(engine, machine.today, files=settings.files)
    daily.start()
    atexit.register(daily.close)

    delivery.init_app(app, all_joined())
    i18n.init_app(app)
    errors.init_app(app)
    app.register_blueprint(phone.bp)
    app.register_blueprint(login.bp)
    app.register_blueprint(desk.bp)
    app.register_blueprint(publishing.bp)
    app.register_blueprint(verify.bp)

    @app.get("/")
    def home() -> Response:
        """The bare address is for the research team; respondents have a link of their own."""
        return redirect(url_for("desk.overview"))

    return app
