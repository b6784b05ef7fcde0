"""Pooled results weighted to the wave's roster, for the research team."""

from __future__ import annotations

from fieldkit.core.access import Actor, require
from fieldkit.core.problem import Problem
from fieldkit.services.report import raised
from fieldkit.services.roster import roster_of
from fieldkit.store import audit, instruments, responses, waves
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

WHY_NOT = {"counties_few": "roster.counties_few", "cells_few": "roster.cells_few"}


def weighted_file(session: Session, actor: Actor | None, wave_id: str) -> bytes:
    """Means, shares and ratios over all counties that may have a report, without and with weights, as CSV.

    Who may take rows out may take this, and the audit log notes it: between two files of an open wave may lie one
    person's answers. Problems `access.denied`, `wave.unknown`, `wave.test`, `roster.unknown`, `roster.counties_few`
    (fewer than three counties may have a report), `roster.cells_few` (a cell with fewer answers than the threshold).
    """
    from fieldkit.formats.weighted_csv import weighted_csv
    from fieldkit.stats.disclose import Thresholds, gate
    from fieldkit.stats.frame import Frame, frame
    from fieldkit.stats.weights import weighted_results

    who = require(actor, "export.responses")
    with snapshot(session) as reading:
        wave = raised(waves.counted(reading, wave_id))
        roster = roster_of(reading, wave_id)
        questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
        thresholds = Thresholds(wave.n_min, wave.n_min_sensitive)
        frames: dict[str, Frame] = {}
        for county in wave.counties:
            one = frame(responses.iterate(reading, wave, county.code), questionnaire)
            try:
                gate(one.n_analysed, county.invited, thresholds)
            except Problem:
                continue
            frames[county.code] = one
    found = weighted_results(frames, roster, questionnaire.indicators, thresholds)
    if found.status != "ok":
        raise Problem(WHY_NOT[found.status], where=wave_id, n_min=wave.n_min)
    audit.write(writing(session), who, "export.weighted", {"wave": wave_id, "counties": len(frames)})
    return weighted_csv(found)
