"""A team's own report layouts: `fieldkit report layout …`."""

from __future__ import annotations

from pathlib import Path

import click

from fieldkit.cli.instrument import in_folder
from fieldkit.cli.report import reports
from fieldkit.cli.root import show_finding, show_json, words
from fieldkit.translations import explain_code


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
