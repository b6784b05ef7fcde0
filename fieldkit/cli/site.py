"""Running the site: `fieldkit start|serve|migrate|worker|log`."""

from __future__ import annotations

import json
import os
import sys

import click

from fieldkit.cli.root import main, show_json, today, words, work
from fieldkit.core.access import LOCAL
from fieldkit.core.problem import Problem
from fieldkit.settings import Settings, data_folder, resource


@main.command(help=words("start_help"))
def start() -> None:
    settings = Settings.read()
    port_is_free(settings)  # before links are printed that would lead to another program
    prepare(settings)
    serve_now(settings)


def prepare(settings: Settings) -> None:
    """Everything that `start` does before it serves; safe to repeat."""
    from fieldkit.formats.instrument_yaml import load_library
    from fieldkit.services import accounts, demonstration, publish, waves
    from fieldkit.store.engine import Session, migrate, open_engine

    data_folder(settings.data_dir)
    migrate(settings.database, resource("migrations"))
    engine = open_engine(settings.database)
    with Session(engine) as session:
        publish.publish_library(session, LOCAL, load_library(resource("instruments")))
        waves.delete_expired(session, LOCAL, today())
        password = accounts.first_account(session, LOCAL, settings.data_dir)
        session.commit()
    link = demonstration.make_demo(engine, today=today(), timezone=settings.timezone)
    base = settings.base_url or f"http://localhost:{settings.port}"
    click.echo()
    click.echo(words("respondent_link", url=f"{base}/w/{link.wave}/{link.county}", county=link.county_name))
    key = "desk_link" if password else "desk_link_known"
    click.echo(words(key, url=f"{base}/desk", name=accounts.FIRST_NAME, password=password))
    click.echo(words("data_lies", folder=settings.data_dir.resolve(), database=shown_database(settings)))
    click.echo(words("stop_with"))
    click.echo()
    engine.dispose()


def shown_database(settings: Settings) -> str:
    """The database's address without its password."""
    from sqlalchemy import make_url

    return make_url(settings.database).render_as_string(hide_password=True)


def serve_now(settings: Settings) -> None:
    """Hand the process over to granian; no access log, because it would hold addresses of respondents."""
    port_is_free(settings)
    go_on_with_orders(settings)
    workers = "1" if settings.database.startswith("sqlite") else str(max(1, (os.cpu_count() or 2) // 2 * 2))
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", settings.host, "--port", str(settings.port),
        "--workers", workers, "--blocking-threads", str(settings.threads), "--backpressure", "256",
        "--no-ws", "--log-level", "error", "--no-access-log", "fieldkit.app:create_app", "--factory",
    ]  # fmt: skip
    sys.stdout.flush()
    if os.name == "nt":
        import subprocess

        raise SystemExit(subprocess.call(command))
    os.execv(command[0], command)


def go_on_with_orders(settings: Settings) -> None:
    """What was ordered and not finished when the server stopped is made now, in processes beside it."""
    import subprocess

    from fieldkit.services import batch, job

    with work(settings) as session:
        left = {"--workers=1": batch.unfinished(session), "--files": job.unfinished(session)}
    for option in (option for option, unfinished in left.items() if unfinished):
        command = [sys.executable, "-m", "fieldkit.cli", "worker", "--once", option]
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)


def port_is_free(settings: Settings) -> None:
    """Problem `server.port_taken` instead of a trace from the server when something else listens there."""
    import socket

    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise Problem("server.port_taken", where=f"{settings.host}:{settings.port}", port=settings.port) from None


@main.command(help=words("serve_help"))
def serve() -> None:
    from fieldkit.services.waves import delete_expired

    settings = Settings.read()
    with work(settings) as session:
        delete_expired(session, LOCAL, today())
    serve_now(settings)


@main.command(help=words("migrate_help"))
def migrate() -> None:
    from fieldkit.store.engine import migrate as upgrade

    settings = Settings.read()
    data_folder(settings.data_dir)
    upgrade(settings.database, resource("migrations"))
    click.echo(words("migrated", database=shown_database(settings)))


@main.command(help=words("worker_help"))
@click.option("--once", is_flag=True, help=words("worker_once_help"))
@click.option("--workers", type=click.IntRange(1, 64), default=None, help=words("report_workers_help"))
@click.option("--files", is_flag=True, help=words("worker_files_help"))
def worker(once: bool, workers: int | None, files: bool) -> None:
    import time

    from fieldkit.jobs.pool import run
    from fieldkit.services.batch import unfinished

    if files:
        from fieldkit.jobs.files import make_files

        make_files(Settings.read(), today, once=once)
        return
    if not once:
        click.echo(words("worker_waits"))
    while True:
        with work() as session:
            waiting = unfinished(session)
        for order in waiting:
            run(Settings.read().database, order.id, workers or 0)
        if once and not waiting:
            return
        if not waiting:
            time.sleep(5)


@main.command("log", help=words("log_help"))
@click.option("-n", "most", type=click.IntRange(1, 100_000), default=50, show_default=True, help=words("log_most_help"))
@click.option("--json", "as_json", is_flag=True, help=words("json_help"))
def show_log(most: int, as_json: bool) -> None:
    from zoneinfo import ZoneInfo

    from fieldkit.services.read_log import last_deeds

    here = ZoneInfo(Settings.read().timezone)
    with work() as session:
        deeds = last_deeds(session, LOCAL, most)
    if as_json:
        show_json([{"at": d.at.isoformat(), "who": d.actor, "action": d.action, **d.facts} for d in deeds])
        return
    for deed in deeds:
        facts = " ".join(f"{name}={json.dumps(fact, ensure_ascii=False)}" for name, fact in deed.facts.items())
        moment = f"{deed.at.astimezone(here):%Y-%m-%d %H:%M}"
        click.echo(f"{moment}  {deed.actor:16}{deed.action:24}{facts}".rstrip())
