"""What all commands share: the words, how a Problem and a finding are shown, a session, and the group they join."""

from __future__ import annotations

import datetime
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from fieldkit.core.problem import Problem
from fieldkit.settings import Settings, resource
from fieldkit.translations import explain, explain_code, say

if TYPE_CHECKING:
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
            show_problem(problem)
            raise SystemExit(1) from None
        except Exception as error:
            if not (said := from_the_database(error)):
                raise
            show_problem(Problem("store.unavailable"))
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


def show_problem(problem: Problem) -> None:
    """Print what happened and what to do, and each finding on a line of its own."""
    message, remedy = explain(problem, LANGUAGE, team=True)
    click.echo(f"{message}\n{remedy}", err=True)
    for finding in problem.findings:
        if isinstance(finding, Problem):
            show_problem(finding)
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


def show_json(thing: object) -> None:
    """Print for programs."""
    click.echo(json.dumps(thing, ensure_ascii=False, indent=1))
