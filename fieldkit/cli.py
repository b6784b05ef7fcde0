"""The command line: everything an operator or a researcher does without a browser.

Every command opens its own session, calls one service and prints. Heavy libraries are imported inside the command
that needs them, so that `fieldkit --help` answers at once.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fieldkit.core.access import LOCAL
from fieldkit.core.problem import Problem
from fieldkit.settings import Settings, data_folder, resource
from fieldkit.translations import explain, explain_code, say

if TYPE_CHECKING:
    from fieldkit.core.change import Change
    from fieldkit.store.engine import Session

LANGUAGE = "en" if os.environ.get("FIELDKIT_LANGUAGE", "zh").lower().startswith("en") else "zh"


def words(key: str, **facts: object) -> str:
    """A sentence of the command line in the operator's language."""
    return say(f"cli.{key}", LANGUAGE, **facts)


class Commands(click.Group):
    """A group whose commands show a Problem as two lines and exit code 1, never as a trace."""

    group_class = type  # groups inside are of this class too

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List each command with the first sentence of its help, never cut in the middle."""
        rows = [(name, first_sentence(command.help or "")) for name, command in sorted(self.commands.items())]
        with formatter.section(words("commands")):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            report(problem)
            raise SystemExit(1) from None
        except Exception as error:
            if not (said := from_the_database(error)):
                raise
            report(Problem("store.unavailable"))
            click.echo(said, err=True)
            raise SystemExit(1) from None


def from_the_database(error: Exception) -> str:
    """What the database's driver said when it could not be reached or written to; '' for any other failure."""
    if "sqlalchemy" not in sys.modules:
        return ""
    from sqlalchemy.exc import OperationalError

    return str(error.orig).splitlines()[0] if isinstance(error, OperationalError) else ""


def first_sentence(text: str) -> str:
    """What a command does, without how.

    >>> first_sentence("检查问卷文件：逐条指出。有错误时退出码为 1。"), first_sentence("Serve. It must be there.")
    ('检查问卷文件：逐条指出。', 'Serve.')
    """
    found = re.match(r".*?(。|\.(?=\s|$))", text)
    return found[0] if found else text


def report(problem: Problem) -> None:
    """Print what happened and what to do, and each finding on a line of its own."""
    message, remedy = explain(problem, LANGUAGE, team=True)
    click.echo(f"{message}\n{remedy}", err=True)
    for finding in problem.findings:
        if isinstance(finding, Problem):
            report(finding)
        else:
            show_finding(finding)


def show_finding(finding: Any) -> None:
    """One lint finding as file:line: what, what to do."""
    message, remedy = explain_code(finding.key, LANGUAGE, **dict(finding.facts))
    kind = getattr(finding, "severity", "error")
    weight = "" if kind == "error" else words(f"severity_{kind}")
    sheet, column = getattr(finding, "sheet", ""), getattr(finding, "column", "")
    place = f"{sheet}!{finding.line} {column}".rstrip() if sheet else finding.line
    click.echo(f"{finding.file}:{place}: {weight}{message} {remedy}", err=True)


def finding_as_json(finding: Any) -> dict[str, object]:
    """One lint finding for programs, with its words in both languages."""
    said = {language: explain_code(finding.key, language, **dict(finding.facts)) for language in ("zh", "en")}
    return {
        **{name: getattr(finding, name) for name in ("severity", "code", "file", "line", "block", "where", "part")},
        **{name: getattr(finding, name) for name in ("sheet", "column") if hasattr(finding, name)},
        "message": {language: message for language, (message, _) in said.items()},
        "remedy": {language: remedy for language, (_, remedy) in said.items()},
    }


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


@main.group(help=words("instrument_help"))
def instrument() -> None:
    pass


in_folder = click.option(
    "--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=None, help=words("folder_help")
)


@instrument.command("load", help=words("instrument_load_help"))
@in_folder
def instrument_load(folder: Path | None) -> None:
    from fieldkit.formats.instrument_yaml import load_library
    from fieldkit.services.publish import publish_library

    with work() as session:
        new = publish_library(session, LOCAL, load_library(folder or resource("instruments")))
    click.echo(words("instruments_new", count=len(new)))


def known_instruments(folder: Path | None) -> Any:
    """The instruments of a folder; without one, those that come along and those published in this database, if any."""
    from fieldkit.core.instrument import Library
    from fieldkit.formats.instrument_yaml import load_library
    from fieldkit.store import instruments
    from fieldkit.store.engine import Session, is_current, is_made, open_engine

    library = load_library(folder or resource("instruments"))
    database = Settings.read().database
    if folder or not is_made(database):
        return library
    engine = open_engine(database)
    if is_current(engine, resource("migrations")):
        with Session(engine) as session:
            published = instruments.library(session)
        library = Library(
            {**published.modules, **library.modules}, {**published.questionnaires, **library.questionnaires}
        )
    engine.dispose()
    return library


@instrument.command("list", help=words("instrument_list_help"))
@in_folder
@click.option("--json", "as_json", is_flag=True, help=words("json_help"))
def instrument_list(folder: Path | None, as_json: bool) -> None:
    from fieldkit.core.instrument import questions_in

    library = known_instruments(folder)
    shelves: tuple[tuple[str, Mapping[tuple[str, str], Any]], ...] = (
        ("module", library.modules),
        ("questionnaire", library.questionnaires),
    )
    found = [(kind, thing) for kind, shelf in shelves for _, thing in sorted(shelf.items())]
    if as_json:
        show_json([about(kind, thing) for kind, thing in found])
        return
    for kind, thing in found:
        click.echo(f"{kind:14}{thing.id:20}{thing.version:8}{questions_in(thing):4}  {thing.title.say(LANGUAGE)}")


def about(kind: str, thing: Any) -> dict[str, object]:
    """An instrument in a few facts, for programs."""
    from fieldkit.core.instrument import questions_in

    return {
        "kind": kind,
        "id": thing.id,
        "version": thing.version,
        "status": thing.status,
        "title": dict(thing.title),
        "questions": questions_in(thing),
        "items": len(thing.items),
        "hash": thing.hash,
    }


def show_json(thing: object) -> None:
    """Print for programs."""
    click.echo(json.dumps(thing, ensure_ascii=False, indent=1))


def find_instrument(name: str, folder: Path | None) -> Any:
    """The instrument that ID, ID@VERSION or a YAML file names; what is neither here nor there is a usage error."""
    from fieldkit.formats.instrument_yaml import load_module, load_questionnaire

    path = Path(name)
    library = known_instruments(folder)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        if not path.is_file():
            raise click.BadParameter(words("no_such_file", path=path))
        is_module = any(line.startswith("constructs:") for line in path.read_text("utf-8", "replace").splitlines())
        return load_module(path) if is_module else load_questionnaire(path, library)
    wanted, _, version = name.partition("@")
    pick = library.questionnaire if any(i == wanted for i, _ in library.questionnaires) else library.module
    try:
        return pick(wanted, version or None)
    except Problem as problem:
        raise click.BadParameter(explain(problem, LANGUAGE)[0]) from None


@instrument.command("show", help=words("instrument_show_help"))
@click.argument("name")
@in_folder
@click.option("--json", "as_json", is_flag=True, help=words("json_help"))
def instrument_show(name: str, folder: Path | None, as_json: bool) -> None:
    from fieldkit.core.instrument import Module

    found = find_instrument(name, folder)
    kind = "module" if isinstance(found, Module) else "questionnaire"
    if as_json:
        items = [
            {"id": i.id, "type": i.type, "text": dict(i.text), "options": {o.code: dict(o.text) for o in i.options},
             "relevance": i.relevance, "required": i.required, "sensitive": i.sensitive, "reverse": i.reverse}
            for i in found.items.values()
        ]  # fmt: skip
        pins = {} if isinstance(found, Module) else {"modules": dict(found.modules)}
        show_json({**about(kind, found), **pins, "items": items})
        return
    click.echo(f"{found.id} {found.version}  {found.title.say(LANGUAGE)}  ({kind}, {found.hash[:12]})")
    for item in found.items.values():
        click.echo(f"  {item.id:24}{item.type:14}{item.text.say(LANGUAGE)}")


@instrument.command("diff", help=words("instrument_diff_help"))
@click.argument("old")
@click.argument("new")
@in_folder
@click.option("--json", "as_json", is_flag=True, help=words("json_help"))
def instrument_diff(old: str, new: str, folder: Path | None, as_json: bool) -> None:
    from fieldkit.core.change import compare

    before, after = find_instrument(old, folder), find_instrument(new, folder)
    if type(before) is not type(after):
        raise click.UsageError(words("diff_kinds"))
    change = compare(before, after)
    show_change(change, before, after, as_json)
    if change.verdict == "breaking":
        raise SystemExit(1)


def show_change(change: Change, before: Any, after: Any, as_json: bool) -> None:
    """A comparison, line by line or for programs."""
    from fieldkit.services.change_lines import change_lines, told

    lines = change_lines(change, before, after, LANGUAGE)
    if as_json:
        show_json(
            {
                "kind": change.kind,
                "instrument": change.instrument,
                "old": change.old_version,
                "new": change.new_version,
                "verdict": change.verdict,
                "proposed_version": change.proposed_version,
                "refused": [i.item for i in change.refused],
                "changes": [
                    {"items": list(n.items), "verdict": n.verdict, "reason": n.reason, "part": n.part,
                     "title": n.title, "old": n.old_words, "new": n.new_words, "means": n.lost + n.means,
                     "asks_identity": n.asks, "needs_new_id": n.needs_new_id}
                    for n in lines
                ],
            }
        )  # fmt: skip
        return
    click.echo(told(lines, LANGUAGE), nl=False)
    verdict = say(f"change.verdict_{change.verdict}", LANGUAGE)
    click.echo(words("diff_done", count=len(lines), verdict=verdict, version=change.proposed_version))


@instrument.command("publish", help=words("instrument_publish_help"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--same", multiple=True, metavar="ITEM", help=words("publish_same_help"))
@click.option("--not-same", multiple=True, metavar="ITEM", help=words("publish_not_same_help"))
@click.option("--note", default="", help=words("publish_note_help"))
@click.option("--confirm", default="", metavar="ID", help=words("publish_confirm_help"))
@click.option("--json", "as_json", is_flag=True, help=words("json_help"))
def instrument_publish(
    file: Path, same: tuple[str, ...], not_same: tuple[str, ...], note: str, confirm: str, as_json: bool
) -> None:
    from dataclasses import asdict

    from fieldkit.services import publish

    text = file.read_text("utf-8-sig")
    kind = "module" if any(line.startswith("constructs:") for line in text.splitlines()) else "questionnaire"
    with work() as session:
        found = publish.read_source(session, kind, text)
        before, change = publish.against_published(session, found)
        if change and not as_json:
            show_change(change, before, found, as_json)
        said = {**dict.fromkeys(same, True), **dict.fromkeys(not_same, False)}
        release = publish.publish(
            session, LOCAL, found, word=confirm, version=found.version, same=said, note=note
        )
    if as_json:
        show_json({**asdict(release), "at": release.at.isoformat()})
    else:
        click.echo(words("published", instrument=release.instrument, version=release.version))


@instrument.command("lint", help=words("instrument_lint_help"))
@click.argument("files", nargs=-1, metavar="[FILE...]")
@in_folder
@click.option("--json", "as_json", is_flag=True, help=words("lint_json_help"))
def instrument_lint(files: tuple[str, ...], folder: Path | None, as_json: bool) -> None:
    from fieldkit.formats.instrument_yaml import lint_folder

    home = folder or resource("instruments")
    findings: list[Any] = [*lint_folder(home)] if not files else [f for name in files for f in lint_file(name, home)]
    if as_json:
        click.echo(json.dumps([finding_as_json(f) for f in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            show_finding(finding)
        click.echo(words("lint_done", count=len(findings)))
    if any(f.severity == "error" for f in findings):
        raise SystemExit(1)


def lint_file(name: str, folder: Path) -> list[Any]:
    """All findings about one file: YAML, XLSForm, or YAML from standard input (-); pins are looked up in `folder`.

    What is not there, or of no kind that we read, is a usage error.
    """
    from dataclasses import replace

    from fieldkit.core.lint import Finding
    from fieldkit.formats.instrument_yaml import examine_module, examine_questionnaire, load_library
    from fieldkit.formats.xlsform import read_xlsform

    path = Path(name)
    if name != "-" and not path.is_file():
        raise click.BadParameter(words("no_such_file", path=name))
    if path.suffix.lower() in (".xlsx", ".xls", ".csv", ".md"):
        try:
            found = [*read_xlsform(path).findings]
        except Problem as problem:
            found = [f for f in problem.findings if isinstance(f, Finding)]
        return [replace(f, file=f.file or name) for f in found]
    if name != "-" and path.suffix.lower() not in (".yaml", ".yml"):
        raise click.BadParameter(words("lint_kinds", path=name))
    body = sys.stdin.buffer.read() if name == "-" else path.read_bytes()
    try:
        source = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [Finding("not_utf8", file=name, line=1, facts={"position": error.start})]
    library = load_library(folder)
    known = frozenset(item for module in library.modules.values() for item in module.items)
    is_module = any(line.startswith("constructs:") for line in source.splitlines())
    findings = (
        examine_module(source, known).findings if is_module else examine_questionnaire(source, library).findings
    )
    return [replace(f, file=f.file or name) for f in findings]


@instrument.command("import", help=words("instrument_import_help"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=words("import_o_help"))
@click.option("--json", "as_json", is_flag=True, help=words("lint_json_help"))
def instrument_import(file: Path, output: Path | None, as_json: bool) -> None:
    from dataclasses import replace

    from fieldkit.core.instrument import Library
    from fieldkit.formats.instrument_yaml import dump_module, dump_questionnaire, load_library
    from fieldkit.formats.xlsform import read_xlsform

    try:
        imported = read_xlsform(file)
    except Problem as problem:
        if not as_json:
            raise
        show_json([finding_as_json(finding) for finding in problem.findings])
        raise SystemExit(1) from None
    if as_json:
        show_json([finding_as_json(finding) for finding in imported.findings])
    else:
        for finding in imported.findings:
            show_finding(finding)
    library = load_library(resource("instruments"))
    questionnaire, module = imported.questionnaire, imported.module
    files: dict[Path | None, str] = {}
    if module and output:  # its scores need the module; on the screen the questionnaire stands for itself
        files[output.with_suffix(f".module{output.suffix}")] = dump_module(module)
        questionnaire = replace(questionnaire, modules={module.id: module.version}, indicators=())
        library = Library({**library.modules, (module.id, module.version): module}, {})
    else:
        known = {pin: version for pin, version in questionnaire.modules.items() if (pin, version) in library.modules}
        questionnaire = replace(questionnaire, modules=known)
    files[output] = dump_questionnaire(questionnaire, library)
    for path, text in files.items():
        if path:
            path.write_text(text, "utf-8")
            click.echo(words("written", path=path, size=f"{path.stat().st_size / 1024:.0f}"), err=as_json)
        elif not as_json:
            click.echo(text, nl=False)


@instrument.command("export", help=words("instrument_export_help"))
@click.argument("name")
@click.option(
    "--format", "format_", type=click.Choice(["xlsform", "xform", "yaml"]), default="xlsform", show_default=True,
    help=words("instrument_format_help"),
)
@in_folder
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help=words("export_o_help")
)
@click.option("--json", "as_json", is_flag=True, help=words("json_help"))
def instrument_export(name: str, format_: str, folder: Path | None, output: Path, as_json: bool) -> None:
    from fieldkit.core.instrument import Questionnaire
    from fieldkit.formats.instrument_yaml import dump_questionnaire
    from fieldkit.formats.xform import write_xform
    from fieldkit.formats.xlsform import write_xlsform

    found = find_instrument(name, folder)
    if not isinstance(found, Questionnaire):
        raise click.BadParameter(words("export_questionnaires"))
    if format_ == "xlsform":
        output.write_bytes(write_xlsform(found))
    else:
        library = known_instruments(folder)
        output.write_text(write_xform(found) if format_ == "xform" else dump_questionnaire(found, library), "utf-8")
    if as_json:
        written = {"file": str(output), "format": format_, "bytes": output.stat().st_size}
        show_json({**about("questionnaire", found), **written})
        return
    click.echo(words("written", path=output, size=f"{output.stat().st_size / 1024:.0f}"))


@instrument.command("schema", help=words("instrument_schema_help"))
@click.option("--folder", type=click.Path(path_type=Path), default=None, help=words("schema_folder_help"))
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


@wave.command("roster", help=words("wave_roster_help"))
@click.argument("wave_id")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def wave_roster(wave_id: str, file: Path) -> None:
    from fieldkit.formats.roster_csv import MOST_BYTES
    from fieldkit.services.roster import save_roster

    with file.open("rb") as opened:
        data = opened.read(MOST_BYTES + 1)  # one byte more says that there is more
    with work() as session:
        kept = save_roster(session, LOCAL, wave_id, data)
    click.echo(words("roster_saved", wave=wave_id, cells=kept.cells, total=kept.total))


@wave.command("list", help=words("wave_list_help"))
def wave_list() -> None:
    from fieldkit.services.progress import list_waves

    with work() as session:
        for line in list_waves(session, LOCAL, today()):
            wave = line.wave
            facts = {"state": say(f"desk.state_{wave.state}", LANGUAGE), "number": wave.number}
            dates = f"{wave.opens_on} – {wave.closes_on}"
            click.echo(f"{wave.id:20}{dates}  {words('wave_line', title=wave.study.title, **facts)}")


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
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help=words("report_o_help")
)
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help=words("report_language_help"))
def report_county(wave_id: str, county: str, output: Path, language: str) -> None:
    from fieldkit.services.report import county_files, edition_in_english

    kind = output.suffix.lower()
    if kind not in (".pdf", ".html", ".csv"):
        raise click.BadParameter(words("report_kinds"), param_hint="-o")
    if not output.resolve().parent.is_dir():
        raise Problem("file.no_folder", where=str(output), folder=str(output.parent))
    if language != "zh":
        if kind != ".pdf":
            raise click.BadParameter(words("report_language_pdf"), param_hint="--language")
        with work() as session:
            output.write_bytes(edition_in_english(session, LOCAL, wave_id, county, dated=today()).pdf)
        click.echo(words("written", path=output, size=f"{output.stat().st_size / 1024:.0f}"))
        return
    with work() as session:
        edition = county_files(session, LOCAL, wave_id, county, dated=today())
    output.write_bytes({".pdf": edition.pdf, ".html": edition.html, ".csv": edition.csv}[kind])
    click.echo(words("written", path=output, size=f"{output.stat().st_size / 1024:.0f}"))


@reports.command("batch", help=words("report_batch_help"))
@click.argument("wave_id")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=words("report_zip_help"))
@click.option("--workers", type=click.IntRange(1, 64), default=None, help=words("report_workers_help"))
@click.option("--cancel", is_flag=True, help=words("report_cancel_help"))
@click.option("--json", "as_json", is_flag=True, help=words("json_help"))
def report_batch(wave_id: str, output: Path | None, workers: int | None, cancel: bool, as_json: bool) -> None:
    from fieldkit.jobs.pool import run
    from fieldkit.services import batch

    if output and not output.resolve().parent.is_dir():
        raise Problem("file.no_folder", where=str(output), folder=str(output.parent))
    with work() as session:
        before = next((b for b in batch.orders(session, LOCAL, wave_id) if b.state != "done"), None)
        if cancel:
            if before:
                batch.cancel(session, LOCAL, before.id)
            click.echo(words("batch_cancelled" if before else "batch_none"))
            return
        if before:
            batch.resume(session, LOCAL, before.id)
        order = before or batch.order(session, LOCAL, wave_id, dated=today())
    try:
        done = run(Settings.read().database, order.id, workers or 0, lambda now: show_progress(now, as_json))
    except KeyboardInterrupt:
        click.echo("\n" + words("batch_stopped"), err=True)
        raise SystemExit(130) from None
    lines = None
    with work() as session:
        if output and done.count("done"):
            with output.open("wb") as file:
                lines = batch.write_zip(session, LOCAL, order.id, file, LANGUAGE)
        lines = lines or batch.manifest(session, LOCAL, order.id, LANGUAGE)
    if as_json:
        show_json({"batch": order.id, "wave": wave_id, "reports": [line.told() for line in lines]})
    else:
        click.echo()
        for line in lines:
            if line.problem:
                click.echo(words("batch_why", county=line.county, name=line.name, problem=line.problem))
    if output and output.is_file():
        click.echo(words("written", path=output, size=f"{output.stat().st_size / 1024:.0f}"), err=as_json)
    if done.count("failed"):
        raise SystemExit(1)


def show_progress(now: Any, quiet: bool) -> None:
    """One line that is written over as a batch goes on."""
    if not quiet and sys.stdout.isatty():
        counts = {state: now.count(state) for state in ("done", "held", "failed")}
        click.echo("\r" + words("batch_line", ended=now.ended, all=len(now.pieces), **counts), nl=False)


POOLED = "pooled"


def pool_meant(session: Any, wave_id: str, county: str) -> str:
    """The pool that `pooled` or `pooled:CODE` in the place of a county means; '' for a county."""
    from fieldkit.services.pooled_editions import pool_named

    word, _, code = county.partition(":")
    return pool_named(session, wave_id, code) if word == POOLED else ""


@reports.command("correct", help=words("report_correct_help"))
@click.argument("wave_id")
@click.argument("county")
@click.option("--note", required=True, help=words("report_note_help"))
def report_correct(wave_id: str, county: str, note: str) -> None:
    from fieldkit.services.pooled_editions import correct_pooled
    from fieldkit.services.report import correct

    with work() as session:
        pool = pool_meant(session, wave_id, county)
        session.rollback()
        if pool:
            made = correct_pooled(session, LOCAL, wave_id, pool, note, dated=today())
            number, sha256 = made.number, made.sha256
        else:
            edition = correct(session, LOCAL, wave_id, county, note, dated=today())
            number, sha256 = edition.number, edition.sha256
    click.echo(words("corrected", number=number, sha256=sha256))


@reports.command("again", help=words("report_again_help"))
@click.argument("wave_id")
@click.argument("county")
@click.argument("number", type=click.IntRange(1))
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help=words("report_language_other_help"))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=words("report_again_o_help"))
def report_again(wave_id: str, county: str, number: int, language: str, output: Path | None) -> None:
    from fieldkit.services.again import differences, made_again, pool_made_again

    with work() as session:
        pool = pool_meant(session, wave_id, county)
        if pool:
            again = pool_made_again(session, LOCAL, wave_id, pool, number, language)
        else:
            again = made_again(session, LOCAL, wave_id, county, number, language)
    if output:
        output.write_bytes(again.pdf)
    if again.same:
        click.echo(words("made_same", number=number, sha256=again.now))
        return
    click.echo(words("made_other", number=number, then=again.then, now=again.now))
    for line in differences(again, LANGUAGE):
        click.echo(line)
    raise SystemExit(1)


@reports.command("editions", help=words("report_editions_help"))
@click.argument("wave_id")
@click.argument("county")
def report_editions(wave_id: str, county: str) -> None:
    from fieldkit.store import editions, pools, waves

    with work() as session:
        waves.counted(session, wave_id)
        pool = pool_meant(session, wave_id, county)
        found = pools.issued(session, wave_id, pool) if pool else editions.issued(session, wave_id, county)
    for one in found:
        click.echo(words("edition_line", number=one.number, day=one.issued_on, n=one.n_analysed, sha256=one.sha256))
        if one.sha256_en:
            click.echo(words("edition_english", sha256=one.sha256_en))
        if one.correction:
            click.echo(words("edition_note", note=one.correction))
    if not found:
        click.echo(words("editions_none"))


@reports.command("verify", help=words("report_verify_help"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def report_verify(file: Path) -> None:
    from fieldkit.services.gazetteer import places
    from fieldkit.services.verify import fingerprint, verify

    with work() as session:
        found = verify(session, fingerprint(file.read_bytes()))
    issue = found.issue
    if issue.pool:
        key = "verify.pooled_named" if issue.name else "verify.pooled"
        name = say(key, LANGUAGE, name=issue.name, count=issue.members)
    else:
        name = places().full_name(places().find(issue.county))
    facts = {"county": name, "wave": issue.wave, "number": issue.number, "day": issue.issued_on}
    click.echo(words("verified", **facts, n=issue.n_analysed, tongue=say(f"verify.in_{found.language}", LANGUAGE)))
    if found.simulated:
        click.echo(words("verified_simulated"))
    if issue.correction:
        click.echo(words("verified_correction", note=issue.correction))
    click.echo(words("verified_newest" if found.current else "verified_old", newest=found.newest.number))
    for one in found.corrections:
        click.echo(words("verified_corrected", number=one.number, before=one.number - 1, note=one.correction))


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


def checked_pdf(output: Path) -> Path:
    """The file to write, if it is a PDF in a folder that is there."""
    if output.suffix.lower() != ".pdf":
        raise click.BadParameter(words("report_pdf"), param_hint="-o")
    if not output.resolve().parent.is_dir():
        raise Problem("file.no_folder", where=str(output), folder=str(output.parent))
    return output


def put_pdf(output: Path, body: bytes) -> None:
    """Write a PDF and say so."""
    output.write_bytes(body)
    click.echo(words("written", path=output, size=f"{len(body) / 1024:.0f}"))


PDF = click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help=words("report_pdf_help")
)
IN = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", help=words("report_language_other_help")
)


@reports.command("pooled", help=words("report_pooled_help"))
@click.argument("wave_id")
@click.option("--county", "counties", multiple=True, metavar="CODE", help=words("report_pooled_county_help"))
@click.option("--layout", default="", help=words("report_layout_option_help"))
@IN
@PDF
def report_pooled(wave_id: str, counties: tuple[str, ...], layout: str, language: str, output: Path) -> None:
    from fieldkit.services.pooled_editions import pooled_file

    kind = output.suffix.lower()
    if kind != ".csv":
        checked_pdf(output)
    with work() as session:
        made = pooled_file(session, LOCAL, wave_id, counties=counties, dated=today(), layout=layout)
    put_pdf(output, made.csv if kind == ".csv" else made.spoken(language))


@reports.command("overview", help=words("report_overview_help"))
@click.argument("wave_id")
@click.option("--place", default="", metavar="CODE", help=words("report_overview_place_help"))
@click.option("--indicator", "indicators", multiple=True, metavar="ID", help=words("report_overview_indicator_help"))
@click.option("--layout", default="overview", help=words("report_layout_option_help"))
@IN
@PDF
def report_overview(
    wave_id: str, place: str, indicators: tuple[str, ...], layout: str, language: str, output: Path
) -> None:
    from fieldkit.services.team_reports import overview_file

    checked_pdf(output)
    with work() as session:
        made = overview_file(
            session,
            LOCAL,
            wave_id,
            place=place,
            indicators=indicators,
            dated=today(),
            language=language,
            layout=layout,
        )
    put_pdf(output, made.pdf)


@reports.command("technical", help=words("report_technical_help"))
@click.argument("wave_id")
@click.option("--layout", default="technical", help=words("report_layout_option_help"))
@IN
@PDF
def report_technical(wave_id: str, layout: str, language: str, output: Path) -> None:
    from fieldkit.services.team_reports import technical_file

    checked_pdf(output)
    with work() as session:
        made = technical_file(session, LOCAL, wave_id, dated=today(), language=language, layout=layout)
    put_pdf(output, made.pdf)


@reports.command("questionnaire", help=words("report_questionnaire_help"))
@click.argument("name")
@click.option("--wave", "wave_id", default="", metavar="WAVE", help=words("report_questionnaire_wave_help"))
@click.option("--long-list", is_flag=True, help=words("report_long_list_help"))
@click.option("--layout", default="questionnaire", help=words("report_layout_option_help"))
@click.option("--language", default="", help=words("report_questionnaire_language_help"))
@PDF
def report_questionnaire(
    name: str, wave_id: str, long_list: bool, layout: str, language: str, output: Path
) -> None:
    from fieldkit.core.instrument import Questionnaire
    from fieldkit.services.printed import questionnaire_pdf
    from fieldkit.store import waves

    checked_pdf(output)
    found = find_instrument(name, None)
    if not isinstance(found, Questionnaire):
        raise click.BadParameter(words("export_questionnaires"))
    planned = None
    if wave_id:
        with work() as session:
            planned = waves.get(session, wave_id)
    body = questionnaire_pdf(
        found, dated=today(), language=language, wave=planned, long_list=long_list, layout=layout
    )
    put_pdf(output, body)


@reports.command("codebook", help=words("report_codebook_help"))
@click.argument("name")
@click.option("--layout", default="codebook", help=words("report_layout_option_help"))
@IN
@PDF
def report_codebook(name: str, layout: str, language: str, output: Path) -> None:
    from fieldkit.core.instrument import Questionnaire
    from fieldkit.formats.instrument_yaml import load_library
    from fieldkit.services.printed import codebook_pdf

    checked_pdf(output)
    found = find_instrument(name, None)
    if not isinstance(found, Questionnaire):
        raise click.BadParameter(words("export_questionnaires"))
    library = load_library(resource("instruments"))
    modules = [library.module(one, version) for one, version in found.modules.items()]
    put_pdf(output, codebook_pdf(found, modules, dated=today(), language=language, layout=layout))


@reports.group("layout", help=words("report_layout_help"))
def report_layout() -> None:
    pass


@report_layout.command("list", help=words("report_layout_list_help"))
def report_layout_list() -> None:
    from fieldkit.services import layouts

    for name in layouts.known():
        click.echo(name)


@report_layout.command("copy", help=words("report_layout_copy_help"))
@click.argument("name")
@click.argument("new")
def report_layout_copy(name: str, new: str) -> None:
    from fieldkit.services import layouts

    folder = layouts.copy(name, new)
    click.echo(words("report_layout_copied", folder=folder))


@report_layout.command("lint", help=words("report_layout_lint_help"))
@click.argument("path", metavar="NAME|PATH")
@in_folder
@click.option("--json", "as_json", is_flag=True, help=words("lint_json_help"))
def report_layout_lint(path: str, folder: Path | None, as_json: bool) -> None:
    from fieldkit.services import layouts

    found = layouts.lint(layouts.located(path), folder)
    if as_json:
        said = [
            {"code": one.code, "file": one.file, "line": one.line}
            | {
                part: {language: explain_code(one.key, language, **dict(one.facts))[at] for language in ("zh", "en")}
                for at, part in enumerate(("message", "remedy"))
            }
            for one in found
        ]
        show_json(said)
    else:
        for one in found:
            show_finding(one)
        click.echo(words("lint_done", count=len(found)))
    if found:
        raise SystemExit(1)


@main.group(help=words("export_help"))
def export() -> None:
    pass


@export.command("responses", help=words("export_responses_help"))
@click.argument("wave_ids", metavar="WAVE...", nargs=-1)
@click.option("--study", default="", help=words("export_study_help"))
@click.option("--format", "formats", default="csv", metavar="FORMATS", help=words("export_format_help"))
@click.option("--encoding", default="utf-8", metavar="utf-8|gb18030", help=words("export_encoding_help"))
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, help=words("export_folder_help"))
def export_responses(
    wave_ids: tuple[str, ...], study: str, formats: str, encoding: str, output: Path | None
) -> None:
    from fieldkit.services.export import write_responses
    from fieldkit.services.waves import waves_of_study

    if bool(wave_ids) == bool(study):
        raise click.UsageError(words("export_which"))
    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    with work() as session:
        chosen = [wave.id for wave in waves_of_study(session, LOCAL, study)] if study else wave_ids
        if not chosen:
            raise Problem("wave.unknown", where=study, wave=study)
        folder = output or Path(f"{study or '-'.join(chosen[:3])}-{'-'.join(wanted)}")
        manifest = write_responses(session, LOCAL, chosen, folder, wanted, encoding.lower())
    click.echo(words("exported", folder=folder, rows=manifest["rows"]))
    click.echo(json.dumps(manifest, ensure_ascii=False, indent=1))


@export.command("cases", help=words("export_cases_help"))
@click.argument("wave_id")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), default=None, help=words("export_cases_o_help")
)
def export_cases(wave_id: str, output: Path | None) -> None:
    from fieldkit.services.cases import case_files

    folder = output or Path(f"{wave_id}-cases")
    if not folder.resolve().parent.is_dir():
        raise Problem("file.no_folder", where=str(folder), folder=str(folder.parent))
    with work() as session:
        files = case_files(session, LOCAL, wave_id)
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
        click.echo(words("written", path=folder / name, size=f"{len(data) / 1024:.0f}"))


@export.command("weighted", help=words("export_weighted_help"))
@click.argument("wave_id")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=words("export_weighted_o_help"),
)
@click.option("--correct", "note", default=None, metavar="NOTE", help=words("export_weighted_correct_help"))
def export_weighted(wave_id: str, output: Path, note: str | None) -> None:
    from fieldkit.services.weighted import weighted_file

    if not output.resolve().parent.is_dir():
        raise Problem("file.no_folder", where=str(output), folder=str(output.parent))
    with work() as session:
        data = weighted_file(session, LOCAL, wave_id, dated=today(), note=note)
    output.write_bytes(data)
    click.echo(words("written", path=output, size=f"{len(data) / 1024:.0f}"))


@main.group(help=words("account_help"))
def account() -> None:
    pass


@account.command("add", help=words("account_add_help"))
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["researcher", "county_reader", "operator"]), default="researcher",
    show_default=True, help=words("account_role_help"),
)
@click.option("--county", multiple=True, help=words("account_county_help"))
def account_add(name: str, role: str, county: tuple[str, ...]) -> None:
    from fieldkit.services.accounts import create_account

    with work() as session:
        password = create_account(session, LOCAL, name, role, frozenset(county))
    click.echo(words("account_added", name=name, password=password))


@account.command("list", help=words("account_list_help"))
def account_list() -> None:
    from fieldkit.services.accounts import listed_accounts

    with work() as session:
        for one in listed_accounts(session, LOCAL):
            click.echo(f"{one.name:24}{one.role:15}{' '.join(sorted(one.counties))}".rstrip())


@account.command("password", help=words("account_password_help"))
@click.argument("name")
def account_password(name: str) -> None:
    from fieldkit.services.accounts import renew_password

    with work() as session:
        password = renew_password(session, LOCAL, name)
    click.echo(words("account_renewed", name=name, password=password))


@account.command("remove", help=words("account_remove_help"))
@click.argument("name")
def account_remove(name: str) -> None:
    from fieldkit.services.accounts import remove_account

    with work() as session:
        remove_account(session, LOCAL, name)
    click.echo(words("account_removed", name=name))


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


if __name__ == "__main__":
    main()
