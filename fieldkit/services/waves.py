"""Opening and closing waves of fieldwork; deleting raw records when their time is up."""

from __future__ import annotations

import datetime
from dataclasses import replace

from fieldkit.core.access import Actor, require
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.store import audit, instruments, responses, resumes, waves
from fieldkit.store.engine import Session, writing
from fieldkit.store.traces import reordering


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


def waves_of_study(session: Session, actor: Actor | None, study: str) -> list[Wave]:
    """The waves of a study that have been in the field, the first one first."""
    require(actor, "wave.list")
    found = [w for w in waves.listed(session) if w.study.id == study and w.state != "draft"]
    return sorted(found, key=lambda w: (w.opens_on, w.id))


def close_wave(session: Session, actor: Actor, wave_id: str) -> None:
    """Take no more answers in this wave, whatever its dates say; Problem `wave.unknown`.

    Closing once more changes nothing and is not noted again.
    """
    require(actor, "wave.close")
    writing(session)
    closed = waves.get(session, wave_id).state == "closed"
    reordering(session, wave_id)
    resumes.erase_wave(session, wave_id)
    if closed:
        return
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
