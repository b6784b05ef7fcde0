"""Questionnaires and modules: `fieldkit instrument …`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fieldkit.cli.root import LANGUAGE, finding_as_json, main, show_finding, show_json, words, work
from fieldkit.core.access import LOCAL
from fieldkit.core.problem import Problem
from fieldkit.settings import Settings, resource
from fieldkit.translations import explain, say

if TYPE_CHECKING:
    from fieldkit.core.change import Change


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
        release = publish.publish(session, LOCAL, found, word=confirm, version=found.version, same=said, note=note)
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
    findings = examine_module(source, known).findings if is_module else examine_questionnaire(source, library).findings
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
    "--format",
    "format_",
    type=click.Choice(["xlsform", "xform", "yaml"]),
    default="xlsform",
    show_default=True,
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
