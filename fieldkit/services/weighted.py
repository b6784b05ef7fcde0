"""Pooled results weighted to the wave's roster, for the research team: issued once, and then given again."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Callable

from sqlalchemy.exc import IntegrityError

from fieldkit.core.access import Actor, require
from fieldkit.core.edition import WeightedEdition, salted
from fieldkit.core.problem import Problem
from fieldkit.core.roster import Roster
from fieldkit.core.wave import Wave
from fieldkit.services import layouts
from fieldkit.services.issued import issue, issued_county
from fieldkit.services.report import NOTE_MOST, raised
from fieldkit.services.roster import roster_of
from fieldkit.store import audit, instruments, responses, waves
from fieldkit.store import weighted as issued
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

WHY_NOT = {"counties_few": "roster.counties_few", "cells_few": "roster.cells_few"}


def weighted_file(
    session: Session,
    actor: Actor | None,
    wave_id: str,
    *,
    dated: datetime.date,
    note: str | None = None,
    told: Callable[[float], None] = lambda share: None,
) -> bytes:
    """Means, shares and ratios over all counties that may have a report, without and with weights, as CSV.

    They are issued once: from then on the same bytes are given, whatever was taken back or uploaded since, because the
    difference of two files could be one person. A correction (`note` says what was wrong) rests on the same answers
    and on a roster that divides people in the same way: whatever two such files tell together, they tell of groups
    that each have at least the threshold of people.

    It rests on the answers that the counties' issued reports count (they are issued first where that is due), and each
    number on the counties whose tables print it, so that the reports can be subtracted from it. While answers still
    come in there is none: between two files of an open wave may lie the one new person in a cell. Who may take rows
    out may take this, and the audit log notes it. `told` hears how far it is (0 to 1). Problems `access.denied`,
    `wave.unknown`, `wave.test`,
    `roster.unknown`, `roster.wave_open`, `roster.counties_few` (fewer than three counties may have a report),
    `roster.cells_few` (a cell with fewer answers than the threshold); of an issued file `roster.held_back` (thresholds
    were raised since); of a correction `edition.no_note`, `edition.long_note`, `roster.not_issued`, `roster.same`,
    `roster.divided_anew`, `roster.answers_gone`.
    """
    from fieldkit.formats.weighted_csv import weighted_csv
    from fieldkit.stats.county import plan
    from fieldkit.stats.disclose import Thresholds
    from fieldkit.stats.pooled import Pool
    from fieldkit.stats.weights import weighted_results

    who = require(actor, "export.responses")
    with snapshot(session) as reading:
        wave = raised(waves.counted(reading, wave_id))
        last = issued.latest(reading, wave_id)
    if last is not None and note is None:
        return _again(session, who, last, wave)
    with snapshot(session) as reading:
        roster = roster_of(reading, wave_id)
        questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
        modules = [instruments.module(reading, name, version) for name, version in questionnaire.modules.items()]
        there = responses.count_by_county(reading, wave_id)
    if wave.state != "closed" and dated <= wave.closes_on:
        raise Problem("roster.wave_open", where=wave_id, wave=wave_id)
    if note is not None:
        _may_correct(last, roster, wave, note)
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
    salt = last.salt if last else secrets.token_hex(16)
    counted = {code: frozenset(salted(salt, one) for one in frame.ids) for code, frame in frames.items()}
    if last is not None and counted != last.counted:
        raise Problem("roster.answers_gone", where=wave_id)
    found = weighted_results(frames, roster, questionnaire.indicators, thresholds, printing)
    if found.status != "ok":
        raise Problem(WHY_NOT[found.status], where=wave_id, n_min=wave.n_min)
    body = weighted_csv(found)
    made = WeightedEdition(
        wave=wave_id,
        number=last.number + 1 if last else 1,
        issued_on=dated,
        csv=body,
        sha256=hashlib.sha256(body).hexdigest(),
        salt=salt,
        counted=counted,
        division=roster.division,
        roster=roster.name,
        n_min=wave.n_min,
        n_min_sensitive=wave.n_min_sensitive,
        correction=" ".join((note or "").split()),
    )
    writing(session)
    try:
        with session.begin_nested():
            issued.save(session, made)
    except IntegrityError:  # somebody else issued it while we were counting
        theirs = issued.latest(session, wave_id)
        assert theirs is not None
        return _again(session, who, theirs, wave)
    facts = {"wave": wave_id, "counties": len(frames), "number": made.number, "sha256": made.sha256}
    audit.write(session, who, "export.weighted", facts)
    return body


def issues(session: Session, actor: Actor | None, wave_id: str) -> list[WeightedEdition]:
    """What was issued of a wave so far, the first one first."""
    require(actor, "wave.roster")
    return issued.issues(session, wave_id)


def _again(session: Session, who: Actor, last: WeightedEdition, wave: Wave) -> bytes:
    """The issued file, byte for byte; Problem `roster.held_back` when the thresholds of the day are higher."""
    if wave.n_min > last.n_min or wave.n_min_sensitive > last.n_min_sensitive:
        raise Problem("roster.held_back", where=wave.id, n_min=wave.n_min, n_sensitive=wave.n_min_sensitive)
    facts = {"wave": wave.id, "counties": len(last.counted), "number": last.number, "sha256": last.sha256}
    audit.write(writing(session), who, "export.weighted", facts)
    return last.csv


def _may_correct(last: WeightedEdition | None, roster: Roster, wave: Wave, note: str) -> None:
    if last is None:
        raise Problem("roster.not_issued", where=wave.id)
    if not note.strip():
        raise Problem("edition.no_note", where="note")
    if len(note) > NOTE_MOST:
        raise Problem("edition.long_note", where="note", most=NOTE_MOST, length=len(note))
    if roster.name == last.roster:
        raise Problem("roster.same", where=wave.id)
    if roster.division != last.division:
        raise Problem("roster.divided_anew", where=wave.id)
