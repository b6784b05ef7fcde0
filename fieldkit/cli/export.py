"""Data for research: `fieldkit export …`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from fieldkit.cli.root import main, today, words, work
from fieldkit.core.access import LOCAL
from fieldkit.core.problem import Problem


@main.group(help=words("export_help"))
def export() -> None:
    pass


@export.command("responses", help=words("export_responses_help"))
@click.argument("wave_ids", metavar="WAVE...", nargs=-1)
@click.option("--study", default="", help=words("export_study_help"))
@click.option("--format", "formats", default="csv", metavar="FORMATS", help=words("export_format_help"))
@click.option("--encoding", default="utf-8", metavar="utf-8|gb18030", help=words("export_encoding_help"))
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, help=words("export_folder_help"))
def export_responses(wave_ids: tuple[str, ...], study: str, formats: str, encoding: str, output: Path | None) -> None:
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
