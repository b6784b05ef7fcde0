"""Pooled results weighted to the wave's roster, for the research team."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from fieldkit.core.access import Actor, require
from fieldkit.core.problem import Problem
from fieldkit.services import layouts
from fieldkit.services.issued import issue, issued_county
from fieldkit.services.report import raised
from fieldkit.services.roster import roster_of
from fieldkit.store import audit, instruments, responses, waves
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

WHY_NOT = {"counties_few": "roster.counties_few", "cells_few": "roster.cells_few"}


def weighted_file(
    session: Session,
    actor: Actor | None,
    wave_id: str,
    *,
    dated: datetime.date,
    told: Callable[[float], None] = lambda share: None,
) -> bytes:
    """Means, shares and ratios over all counties that may have a report, without and with weights, as CSV.

    It rests on the answers that the counties' issued reports count (they are issued first where that is due), and each
    number on the counties whose tables print it, so that the reports can be subtracted from it. While answers still
    come in there is none: between two files of an open wave may lie the one new person in a cell. Who may take rows
    out may take this, and the audit log notes it. Problems `access.denied`, `wave.unknown`, `wave.test`,
    `roster.unknown`, `roster.wave_open`, `roster.counties_few` (fewer than three counties may have a report),
    `roster.cells_few` (a cell with fewer answers than the threshold).
    """
    from fieldkit.formats.weighted_csv import weighted_csv
    from fieldkit.stats.county import plan
    from fieldkit.stats.disclose import Thresholds
    from fieldkit.stats.pooled import Pool
    from fieldkit.stats.weights import weighted_results

    who = require(actor, "export.responses")
    with snapshot(session) as reading:
        wave = raised(waves.counted(reading, wave_id))
        roster = roster_of(reading, wave_id)
        questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
        modules = [instruments.module(reading, name, version) for name, version in questionnaire.modules.items()]
        there = responses.count_by_county(reading, wave_id)
    if wave.state != "closed" and dated <= wave.closes_on:
        raise Problem("roster.wave_open", where=wave_id, wave=wave_id)
    thresholds = Thresholds(wave.n_min, wave.n_min_sensitive)
    codes = [code for code in sorted(wave.county) if there.get(code)]
    reported = issue(session, who, wave_id, codes, dated, told)
    with snapshot(session) as reading:
        counties = [issued_county(reading, wave, questionnaire, code, reported) for code in sorted(reported)]
    whole = plan(layouts.find("county", "county").layout, questionnaire, modules)
    pool = Pool(counties, whole.indicators, questionnaire, thresholds, whole.bases, merge_small=False)
    printing = {
        i.id: [county.place.code for county in pool.reported if pool.prints(county, i.id)]
        for i in questionnaire.indicators
        if not i.parameters.get("private")
    }
    frames = {county.place.code: county.frame for county in pool.reported}
    found = weighted_results(frames, roster, questionnaire.indicators, thresholds, printing)
    if found.status != "ok":
        raise Problem(WHY_NOT[found.status], where=wave_id, n_min=wave.n_min)
    audit.write(writing(session), who, "export.weighted", {"wave": wave_id, "counties": len(frames)})
    return weighted_csv(found)
