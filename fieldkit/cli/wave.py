"""Fieldwork: `fieldkit wave …`."""

from __future__ import annotations

from pathlib import Path

import click

from fieldkit.cli.root import LANGUAGE, main, today, words, work
from fieldkit.core.access import LOCAL
from fieldkit.settings import Settings
from fieldkit.translations import say


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
