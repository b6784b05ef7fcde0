"""Opening, closing and watching waves of fieldwork; deleting raw records when their time is up."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from fieldkit.core.access import Actor, require
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.store import audit, instruments, responses, waves
from fieldkit.store.engine import Session, writing

FEWEST = 10  # below it a number of people is not shown
STEP = 5  # numbers of people are shown in steps of five, so that one more answer cannot be seen


def open_wave(session: Session, actor: Actor, wave: Wave) -> Wave:
    """Take a planned wave into the database and open it; answers come in from `opens_on` on.

    Problem `wave.not_approved` without ethics number and approval note, `instrument.unknown` when the questionnaire
    version is not published, `wave.exists` when the id is in use, `wave.broken_value` when a peer is no county of
    the wave or a county stands in it twice.
    """
    require(actor, "wave.open")
    for field in ("ethics_number", "approval_note"):
        if not getattr(wave.study, field).strip():
            raise Problem("wave.not_approved", where=f"study.{field}", wave=wave.id, field=f"study.{field}")
    if len(wave.county) != len(wave.counties) or not set(wave.peers) <= set(wave.county):
        raise Problem("wave.broken_value", where=f"{wave.id} counties, peers", file=wave.id, field="counties, peers")
    writing(session)
    instruments.get(session, wave.questionnaire, wave.version)
    wave = replace(wave, state="open")
    waves.save(session, wave)
    audit.write(session, actor, "wave.open", {"wave": wave.id, "counties": len(wave.counties)})
    return wave


def close_wave(session: Session, actor: Actor, wave_id: str) -> None:
    """Take no more answers in this wave, whatever its dates say; Problem `wave.unknown`."""
    require(actor, "wave.close")
    writing(session)
    waves.set_state(session, wave_id, "closed")
    audit.write(session, actor, "wave.close", {"wave": wave_id})


def delete_expired(session: Session, actor: Actor, today: datetime.date) -> list[str]:
    """Delete the raw records of all waves whose `keep_until` has passed, as the consent text promises.

    Reports that were issued stay. Safe to repeat. Gives the ids of the waves that had records to delete.
    """
    require(actor, "wave.expire")
    writing(session)
    done: list[str] = []
    for wave in waves.listed(session, tests=True):
        if wave.keep_until < today and responses.delete_wave(session, wave.id):
            audit.write(session, actor, "wave.expire", {"wave": wave.id})
            done.append(wave.id)
    return done


@dataclass(frozen=True, slots=True)
class WaveLine:
    """A wave in a list, with its number of responses in steps of five; None when there are fewer than ten."""

    wave: Wave
    responses: int | None


@dataclass(frozen=True, slots=True)
class CountyLine:
    """A county of a wave with its number of responses in steps of five; None when there are fewer than ten."""

    code: str
    invited: int | None
    responses: int | None


@dataclass(frozen=True, slots=True)
class WavePage:
    """What the team may know while a wave runs: rounded numbers, never who, which unit, or when.

    `refused` and `withdrawn` are of the whole wave. `median_minutes` is the median active time; the questionnaire
    is too long for cadres when it exceeds ten.
    """

    wave: Wave
    counties: tuple[CountyLine, ...]
    responses: int | None
    refused: int | None
    withdrawn: int | None
    median_minutes: float | None


def rounded(count: int) -> int | None:
    """A number of people as it may be shown: in steps of five, None below ten.

    >>> rounded(9), rounded(10), rounded(13), rounded(12)
    (None, 10, 15, 10)
    """
    return None if count < FEWEST else (count + STEP // 2) // STEP * STEP


def list_waves(session: Session, actor: Actor) -> list[WaveLine]:
    """All waves, the latest first."""
    require(actor, "wave.list")
    lines = []
    for wave in waves.listed(session):
        total = sum(responses.count_by_county(session, wave.id).values())
        lines.append(WaveLine(wave, rounded(total)))
    return lines


def wave_page(session: Session, actor: Actor, wave_id: str) -> WavePage:
    """One wave with its counties in the order of the wave file; Problem `wave.unknown`."""
    require(actor, "wave.list")
    wave = waves.counted(session, wave_id)
    counts = responses.count_by_county(session, wave_id)
    total = rounded(sum(counts.values()))
    seconds = responses.median_seconds(session, wave_id) if total else None
    return WavePage(
        wave=wave,
        counties=tuple(CountyLine(c.code, c.invited, rounded(counts.get(c.code, 0))) for c in wave.counties),
        responses=total,
        refused=rounded(sum(responses.tally(session, wave_id, "refused").values())),
        withdrawn=rounded(sum(responses.tally(session, wave_id, "withdrawn").values())),
        median_minutes=None if seconds is None else round(seconds / 60, 1),
    )
