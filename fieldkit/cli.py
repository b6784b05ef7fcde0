"""The command line: everything an operator or a researcher does without a browser.

Every command opens its own session, calls one service and prints. Heavy libraries are imported inside the command
that needs them, so that `fieldkit --help` answers at once.
"""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fieldkit.core.access import LOCAL
from fieldkit.core.problem import Problem
from fieldkit.settings import Settings, data_folder, resource
from fieldkit.translations import explain, explain_code, say

if TYPE_CHECKING:
    from fieldkit.store.engine import Session

LANGUAGE = "en" if os.environ.get("FIELDKIT_LANGUAGE", "zh").lower().startswith("en") else "zh"


def words(key: str, **facts: object) -> str:
    """A sentence of the command line in the operator's language."""
    return say(f"cli.{key}", LANGUAGE, **facts)


class Commands(click.Group):
    """A group whose commands show a Problem as two lines and exit code 1, never as a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            report(problem)
            raise SystemExit(1) from None


def report(problem: Problem) -> None:
    """Print what happened and what to do, and each finding on a line of its own."""
    message, remedy = explain(problem, LANGUAGE)
    click.echo(f"{message}\n{remedy}", err=True)
    for finding in problem.findings:
        if isinstance(finding, Problem):
            report(finding)
        else:
            show_finding(finding)


def show_finding(finding: Any) -> None:
    """One lint finding as file:line: what, what to do."""
    message, remedy = explain_code(finding.key, LANGUAGE, **dict(finding.facts))
    click.echo(f"{finding.file}:{finding.line}: {message} {remedy}", err=True)


@contextmanager
def work(settings: Settings | None = None) -> Iterator[Session]:
    """A session on a migrated database; commits when the command succeeds."""
    from fieldkit.store.engine import Session, is_current, open_engine

    settings = settings or Settings.read()
    engine = open_engine(settings.database)
    if not is_current(engine, resource("migrations")):
        raise Problem("store.not_migrated")
    with Session(engine) as session:
        yield session
        session.commit()
    engine.dispose()


def today() -> datetime.date:
    """The day it is where the fieldwork happens."""
    from zoneinfo import ZoneInfo

    return datetime.datetime.now(ZoneInfo(Settings.read().timezone)).date()


@click.group(cls=Commands, help=words("help"), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fieldkit")
def main() -> None:
    pass


@main.command(help=words("start_help"))
def start() -> None:
    settings = Settings.read()
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


@main.group(help=words("instrument_help"))
def instrument() -> None:
    pass


@instrument.command("load", help=words("instrument_load_help"))
@click.option("--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=None)
def instrument_load(folder: Path | None) -> None:
    from fieldkit.formats.instrument_yaml import load_library
    from fieldkit.services.publish import publish_library

    with work() as session:
        new = publish_library(session, LOCAL, load_library(folder or resource("instruments")))
    click.echo(words("instruments_new", count=len(new)))


@instrument.command("list", help=words("instrument_list_help"))
@click.option("--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=None)
def instrument_list(folder: Path | None) -> None:
    from fieldkit.formats.instrument_yaml import load_library

    library = load_library(folder or resource("instruments"))
    for kind, found in (("module", library.modules), ("questionnaire", library.questionnaires)):
        for (name, version), thing in sorted(found.items()):
            click.echo(f"{kind:14}{name:20}{version:8}{len(thing.items):4}  {thing.title.say(LANGUAGE)}")


@instrument.command("lint", help=words("instrument_lint_help"))
@click.option("--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=None)
def instrument_lint(folder: Path | None) -> None:
    from fieldkit.formats.instrument_yaml import lint_folder

    findings = lint_folder(folder or resource("instruments"))
    for finding in findings:
        show_finding(finding)
    click.echo(words("lint_done", count=len(findings)))
    if any(f.severity == "error" for f in findings):
        raise SystemExit(1)


@instrument.command("schema", help=words("instrument_schema_help"))
@click.option("--folder", type=click.Path(path_type=Path), default=None)
def instrument_schema(folder: Path | None) -> None:
    from fieldkit.formats.instrument_schema import write_schemas

    for path in write_schemas(folder or resource("instruments") / "schema"):
        click.echo(path)


@main.group(help=words("wave_help"))
def wave() -> None:
    pass


@wave.command("open", help=words("wave_open_help"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def wave_open(file: Path) -> None:
    from fieldkit.formats.wave_yaml import load_wave
    from fieldkit.services.waves import open_wave

    planned = load_wave(file)
    with work() as session:
        open_wave(session, LOCAL, planned)
    base = Settings.read().base_url or f"http://localhost:{Settings.read().port}"
    click.echo(words("wave_opened", wave=planned.id, count=len(planned.counties)))
    for county in planned.counties:
        click.echo(f"  {base}/w/{planned.id}/{county.code}")


@wave.command("close", help=words("wave_close_help"))
@click.argument("wave_id")
def wave_close(wave_id: str) -> None:
    from fieldkit.services.waves import close_wave

    with work() as session:
        close_wave(session, LOCAL, wave_id)
    click.echo(words("wave_closed", wave=wave_id))


@wave.command("list", help=words("wave_list_help"))
def wave_list() -> None:
    from fieldkit.services.progress import list_waves

    with work() as session:
        for line in list_waves(session, LOCAL, today()):
            click.echo(f"{line.wave.id:20}{line.wave.state:8}{line.wave.opens_on}  {line.wave.study.title}")


@wave.command("expire", help=words("wave_expire_help"))
def wave_expire() -> None:
    from fieldkit.services.waves import delete_expired

    with work() as session:
        done = delete_expired(session, LOCAL, today())
    click.echo(words("waves_expired", count=len(done), waves="、".join(done)))


@main.group("report", help=words("report_help"))
def reports() -> None:
    pass


@reports.command("county", help=words("report_county_help"))
@click.argument("wave_id")
@click.argument("county")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
def report_county(wave_id: str, county: str, output: Path) -> None:
    from fieldkit.services.report import county_files

    kind = output.suffix.lower()
    if kind not in (".pdf", ".html", ".csv"):
        raise click.BadParameter(words("report_kinds"), param_hint="-o")
    if not output.resolve().parent.is_dir():
        raise Problem("file.no_folder", where=str(output), folder=str(output.parent))
    with work() as session:
        edition = county_files(session, LOCAL, wave_id, county, dated=today())
    output.write_bytes({".pdf": edition.pdf, ".html": edition.html, ".csv": edition.csv}[kind])
    click.echo(words("written", path=output, size=f"{output.stat().st_size / 1024:.0f}"))


@main.group(help=words("export_help"))
def export() -> None:
    pass


@export.command("responses", help=words("export_responses_help"))
@click.argument("wave_id")
@click.option("--format", "format_", type=click.Choice(["csv"]), default="csv")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None)
def export_responses(wave_id: str, format_: str, output: Path | None) -> None:
    from fieldkit.services.export import write_responses

    folder = output or Path(f"{wave_id}-{format_}")
    with work() as session:
        manifest = write_responses(session, LOCAL, wave_id, folder)
    click.echo(words("exported", folder=folder, rows=manifest["rows"]))
    click.echo(json.dumps(manifest, ensure_ascii=False, indent=1))


@main.group(help=words("account_help"))
def account() -> None:
    pass


@account.command("add", help=words("account_add_help"))
@click.argument("name")
@click.option("--role", type=click.Choice(["researcher", "county_reader", "operator"]), default="researcher")
@click.option("--county", multiple=True, help=words("account_county_help"))
def account_add(name: str, role: str, county: tuple[str, ...]) -> None:
    from fieldkit.services.accounts import create_account

    with work() as session:
        password = create_account(session, LOCAL, name, role, frozenset(county))
    click.echo(words("account_added", name=name, password=password))


if __name__ == "__main__":
    main()
