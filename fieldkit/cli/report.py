"""Reports as PDF, their editions and batches: `fieldkit report …`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from fieldkit.cli.instrument import find_instrument
from fieldkit.cli.root import LANGUAGE, main, show_json, today, words, work
from fieldkit.core.access import LOCAL
from fieldkit.core.problem import Problem
from fieldkit.settings import Settings, resource
from fieldkit.translations import say


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

IN = click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help=words("report_language_other_help"))


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
def report_questionnaire(name: str, wave_id: str, long_list: bool, layout: str, language: str, output: Path) -> None:
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
    body = questionnaire_pdf(found, dated=today(), language=language, wave=planned, long_list=long_list, layout=layout)
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
