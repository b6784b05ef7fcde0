"""The roster of a wave: uploaded by the research team, used to weight pooled results."""

from __future__ import annotations

from fieldkit.core.access import Actor, require
from fieldkit.core.problem import Problem
from fieldkit.core.roster import Roster
from fieldkit.formats.roster_csv import blank_roster, read_roster, write_roster
from fieldkit.store import audit, instruments, rosters, waves
from fieldkit.store.engine import Session, writing


def save_roster(session: Session, actor: Actor | None, wave_id: str, data: bytes) -> Roster:
    """Check and keep a roster, in place of the one before; the audit log notes its size.

    Problems `access.denied`, `wave.unknown`, `wave.test`, and those of `formats.roster_csv.read_roster`.
    """
    who = require(actor, "wave.roster")
    wave = waves.counted(session, wave_id)
    questionnaire = instruments.get(session, wave.questionnaire, wave.version)
    roster = read_roster(data, wave.county, questionnaire)
    rosters.save(writing(session), wave_id, roster)
    audit.write(session, who, "wave.roster", {"wave": wave_id, "cells": roster.cells, "people": roster.total})
    return roster


def roster_of(session: Session, wave_id: str) -> Roster:
    """The wave's roster; Problem `roster.unknown` before one was uploaded."""
    found = rosters.get(session, wave_id)
    if found is None:
        raise Problem("roster.unknown", where=wave_id, wave=wave_id)
    return found


def kept_roster(session: Session, actor: Actor | None, wave_id: str) -> Roster | None:
    """The wave's roster for the desk, None before one was uploaded; Problems `access.denied`, `wave.unknown`."""
    require(actor, "wave.roster")
    waves.get(session, wave_id)
    return rosters.get(session, wave_id)


def roster_file(session: Session, actor: Actor | None, wave_id: str) -> bytes:
    """The roster as CSV; before one was uploaded, one with every cell to be filled in."""
    kept = kept_roster(session, actor, wave_id)
    if kept is not None:
        return write_roster(kept)
    wave = waves.get(session, wave_id)
    questionnaire = instruments.get(session, wave.questionnaire, wave.version)
    return blank_roster([county.code for county in wave.counties], questionnaire)
