"""A county's report: the same files again, or a new edition once enough new answers have come in.

The heavy libraries (pandas, reportlab) are loaded by the first report, so that the process which takes in answers
never carries them.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from fieldkit import __version__
from fieldkit.core.access import LOCAL, Actor, require
from fieldkit.core.edition import NEW_RESPONSES, Edition, PeerSnapshot
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.services import layouts
from fieldkit.services.gazetteer import places
from fieldkit.services.peers import renew_peers
from fieldkit.services.pooled import pooled_scales
from fieldkit.services.wave_numbers import comparability, earlier_waves, keep_numbers, submitted_of
from fieldkit.settings import PACKAGE, Settings
from fieldkit.store import audit, editions, instruments, peers, responses, waves
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

if TYPE_CHECKING:
    from fieldkit.core.response import Response
    from fieldkit.stats.county import Plan
    from fieldkit.stats.frame import Frame
    from fieldkit.stats.report import CountyReport
    from fieldkit.stats.waves import WaveNumbers

NOTE_MOST = 500  # characters of a correction
STYLES = ("report.css", "figures.css")  # go into the page, so that an edition looks the same for ever


def county_files(session: Session, actor: Actor | None, wave_id: str, county: str, *, dated: datetime.date) -> Edition:
    """The county's report as PDF, page and aggregate table, all of one edition.

    An issued edition is served unchanged until NEW_RESPONSES analysed answers have come in that it did not count;
    then the next one is made, kept, and noted in the audit log. A county among the peers is counted as it is frozen
    for the reports of the others, so that the two cannot be subtracted either. An issued edition is served only while
    the county may have a report by the thresholds and answers of that day. `dated` is the day a new edition carries.
    Problems `access.denied`, `wave.unknown`, `wave.county_outside`, `report.suppressed` (too few analysed or invited),
    `report.missing_glyph`, `report.forbidden_words`.
    """
    return _county_files(session, require(actor, "report.county", county=county), wave_id, county, dated)


def _county_files(
    session: Session, who: Actor, wave_id: str, county: str, dated: datetime.date, *, renew: bool = True
) -> Edition:
    """The same for whoever may; without `renew` on what is frozen of the peers at present."""
    from fieldkit.stats.frame import frame

    with snapshot(session) as reading:
        wave = raised(waves.counted(reading, wave_id))
        if county not in wave.county:
            raise Problem("wave.county_outside", where=county, county=county, wave=wave_id)
        questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
        laid = _plan(reading, questionnaire)
    if renew and county in wave.peers:
        renew_peers(session, wave, questionnaire, laid, partial(_issue_frozen, session, wave_id, dated))
    with snapshot(session) as reading:
        answers = list(responses.iterate(reading, wave, county))
        own = everyone = frame(answers, questionnaire)
        last = editions.latest(reading, wave_id, county)
        present = own.n_analysed if dated <= wave.keep_until else None
        frozen = peers.kept(reading, wave_id) if county in wave.peers else {}
        if county in wave.peers:
            own = _as_frozen(own, frozen.get(county))
        if last and editions.new_since(reading, wave_id, county, own.ids) < NEW_RESPONSES:
            return _served(last, wave, present)
        before = editions.counted(reading, wave_id, county, own.ids)
        earlier = earlier_waves(reading, wave, county, today=dated)
    whole = own.n_analysed == everyone.n_analysed  # else some wait for the next freeze, and are told nowhere
    told: list[WaveNumbers] = []
    report = _report(
        laid,
        wave,
        county,
        own,
        frozen,
        dated,
        last.number + 1 if last else 1,
        before,
        earlier=earlier,
        comparable=comparability(session),
        everyone=frame(answers, questionnaire, excluded=True) if whole else None,
        pooled=pooled_scales(session, wave, questionnaire),
        tell=told.append,
    )
    try:
        return _keep(session, who, report, wave, questionnaire, own.ids, dated, told[0])
    except (IntegrityError, _Overtaken):  # somebody else issued this edition while we were drawing it
        theirs = editions.latest(session, wave_id, county)
        assert theirs is not None
        return theirs


def _issue_frozen(session: Session, wave_id: str, dated: datetime.date, county: str) -> None:
    """Issue a peer county's report on what is frozen of it, committed by itself; nothing where it may have none."""
    with Session(session.get_bind()) as own, suppress(Problem):
        _county_files(own, LOCAL, wave_id, county, dated, renew=False)
        own.commit()


def correct(
    session: Session, actor: Actor | None, wave_id: str, county: str, note: str, *, dated: datetime.date
) -> Edition:
    """Issue the county's report anew, with a note that says what was wrong in the edition before (更正说明).

    It rests on the very responses of that edition, so that the two cannot be subtracted; what has changed since are
    words, layout, thresholds or formulas. The table of annex E that leaves nobody out stands only where it is certain
    that nobody came or went since, for an edition does not note whom it left out. Problems `edition.unknown` before
    the first edition, `edition.answers_gone` when an answer it counted was taken back since (the next regular edition
    then carries the correction), `edition.no_note`, `edition.long_note` (over 500 characters),
    `report.forbidden_words`, and those of `county_files`.
    """
    from fieldkit.stats.correction import corrected
    from fieldkit.stats.frame import frame

    who = require(actor, "report.correct", county=county)
    note = " ".join(note.split())
    if not note:
        raise Problem("edition.no_note", where="note")
    if len(note) > NOTE_MOST:
        raise Problem("edition.long_note", where="note", most=NOTE_MOST, length=len(note))
    with snapshot(session) as reading:
        wave = raised(waves.counted(reading, wave_id))
        if county not in wave.county:
            raise Problem("wave.county_outside", where=county, county=county, wave=wave_id)
        last = editions.latest(reading, wave_id, county)
        if last is None:
            raise Problem("edition.unknown", where=f"{wave_id}/{county}", wave=wave_id, county=county, edition=1)
        questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
        laid = _plan(reading, questionnaire)
        answers = list(responses.iterate(reading, wave, county))
        everyone = frame(answers, questionnaire)
        issues = editions.counted(reading, wave_id, county, everyone.ids)
        rests_on, gone = issues[-1]
        if gone:
            raise Problem("edition.answers_gone", where=f"{wave_id}/{county}", county=county, edition=last.number)
        frozen = peers.kept(reading, wave_id) if county in wave.peers else {}
        earlier = earlier_waves(reading, wave, county, today=dated)
    own = everyone.counted(rests_on, int(last.versions.get("n_submitted", everyone.n_submitted)))
    everybody = frame(answers, questionnaire, excluded=True) if _same_answers(answers, own, last) else None
    told: list[WaveNumbers] = []
    report = _report(
        laid,
        wave,
        county,
        own,
        frozen,
        dated,
        last.number + 1,
        issues[:-1],
        earlier=earlier,
        comparable=comparability(session),
        everyone=everybody,
        pooled=pooled_scales(session, wave, questionnaire),
        tell=told.append,
    )
    report = corrected(report, _laid().wording("zh"), note, last.number)
    try:
        return _keep(session, who, report, wave, questionnaire, own.ids, dated, told[0], note=note)
    except (IntegrityError, _Overtaken):
        raise Problem("edition.overtaken", where=f"{wave_id}/{county}", county=county) from None


def _same_answers(answers: Sequence[Response], own: Frame, last: Edition) -> bool:
    """Whether it is certain that a county has the very answers, also those left out, that this edition was made from.

    As many as then, all that it counted among them, and every one from a day before.
    """
    if "n_submitted" not in last.versions or len(answers) != own.n_submitted:
        return False
    return own.n_analysed == last.n_analysed and all(one.received_on < last.issued_on for one in answers)


def made_again(session: Session, actor: Actor | None, wave_id: str, county: str, number: int) -> tuple[Edition, bool]:
    """An edition drawn once more from what it was made from, and whether its PDF came out the same, byte for byte.

    It does when this is the program that made it (`Edition.versions`). Problems `edition.unknown`,
    `edition.no_snapshot` (issued before snapshots were kept), `edition.unreadable`.
    """
    from fieldkit.formats.report_json import load_report

    require(actor, "report.county", county=county)
    kept = editions.numbered(session, wave_id, county, number)
    if not kept.snapshot:
        raise Problem("edition.no_snapshot", where=f"{wave_id}/{county}", county=county, edition=number)
    pdf, html, csv = _files(load_report(kept.snapshot))
    again = replace(kept, pdf=pdf, html=html, csv=csv, sha256=hashlib.sha256(pdf).hexdigest())
    return again, again.sha256 == kept.sha256


def _keep(
    session: Session,
    who: Actor,
    report: CountyReport,
    wave: Wave,
    questionnaire: Questionnaire,
    analysed: Sequence[str],
    dated: datetime.date,
    told: WaveNumbers,
    *,
    note: str = "",
) -> Edition:
    """Draw the files, keep them as the next edition with all they were made from, and note it in the log."""
    from fieldkit.formats.report_json import dump_report, snapshot_id

    facts = dict(report.facts)
    county, number = facts["county"], int(facts["edition"])
    pdf, html, csv = _files(report)
    kept = dump_report(report)
    writing(session)
    with session.begin_nested():
        made = editions.save(
            session,
            wave.id,
            county,
            issued_on=dated,
            analysed=analysed,
            pdf=pdf,
            html=html,
            csv=csv,
            snapshot=kept,
            snapshot_id=snapshot_id(kept),
            versions={**_made_with(questionnaire), "n_submitted": str(told.n_submitted)},
            correction=note,
        )
        if made.number != number:
            raise _Overtaken
        keep_numbers(session, made, told)
    action = "report.correct" if note else "report.issue"
    audit.write(session, who, action, {"wave": wave.id, "county": county, "edition": number, "sha256": made.sha256})
    return made


def _made_with(questionnaire: Questionnaire) -> dict[str, str]:
    """The program, questionnaire, layout, wording and style that a report is made with."""
    return {
        "program": __version__,
        "questionnaire": f"{questionnaire.id} {questionnaire.version}",
        "questionnaire_hash": questionnaire.hash,
        **_laid().made_with(),
    }


def edition_view(
    session: Session,
    actor: Actor | None,
    wave_id: str,
    county: str,
    *,
    dated: datetime.date,
    language: str = "zh",
    levels: Sequence[str] = (),
) -> CountyReport:
    """The county's present edition in another language, or its figures by working level; for the research team.

    It rests on exactly the responses that the edition counted, so that it cannot be subtracted from it. The edition is
    issued first where there is none. Problem `report.taken_back` when one of those responses was taken back since.
    """
    from fieldkit.stats.frame import frame

    require(actor, "report.filter", county=county)
    edition = county_files(session, actor, wave_id, county, dated=dated)
    with snapshot(session) as reading:
        wave = raised(waves.counted(reading, wave_id))
        questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
        now = frame(responses.iterate(reading, wave, county), questionnaire)
        frozen = peers.kept(reading, wave_id) if county in wave.peers else {}
        earlier = earlier_waves(reading, wave, county, today=dated)
    issues = editions.counted(session, wave_id, county, now.ids)[: edition.number]  # the newest may not be committed
    submitted = submitted_of(session, edition)
    ids, gone = issues[-1]
    if gone:
        name = places().find(county).name
        raise Problem("report.taken_back", where=county, county=name, edition=edition.number)
    return _report(
        _plan(session, questionnaire),
        wave,
        county,
        now.counted(ids, submitted),
        frozen,
        edition.issued_on,
        edition.number,
        issues[:-1],
        language,
        levels=levels,
        earlier=earlier,
        comparable=comparability(session),
        pooled=pooled_scales(session, wave, questionnaire),
    )


def edition_pdf(
    session: Session, actor: Actor | None, wave_id: str, county: str, *, dated: datetime.date, language: str
) -> bytes:
    """The present edition as a PDF in another language (`edition_view`)."""
    from fieldkit.render.document import county_pdf

    view = edition_view(session, actor, wave_id, county, dated=dated, language=language)
    return county_pdf(view, folder=_laid().folder)


def _as_frozen(own: Frame, frozen: PeerSnapshot | None) -> Frame:
    """Of a county's answers those that the reports of its peers rest on; those taken back since are missing."""
    if frozen is None:
        return own.counted((), 0)
    ids = frozen.of(own.ids)
    return own.counted(ids, frozen.n_submitted - len(frozen.counted) + len(ids))


def _served(last: Edition, wave: Wave, present: int | None) -> Edition:
    """The issued edition, if the county may still have one.

    Thresholds may have been raised and answers taken back since it was issued. `present` is the number of analysed
    answers today, None when the raw records are gone: issued reports stay then.
    """
    still_served(last, wave, present)
    return last


def still_served(last: Edition, wave: Wave, present: int | None = None) -> None:
    """Return if an issued edition may still be handed out; else Problem `report.suppressed`."""
    from fieldkit.stats.disclose import Thresholds, gate

    n = last.n_analysed if present is None else min(last.n_analysed, present)
    thresholds = Thresholds(wave.n_min, wave.n_min_sensitive)
    gate(n, wave.county[last.county].invited, thresholds, county=last.county, name=places().find(last.county).name)


class _Overtaken(Exception):
    """The edition was issued by somebody else in the meantime."""


def raised(wave: Wave) -> Wave:
    """The wave with the operator's thresholds where they are higher than its own."""
    settings = Settings.read()
    return replace(
        wave,
        n_min=max(wave.n_min, settings.n_min),
        n_min_sensitive=max(wave.n_min_sensitive, settings.n_min_sensitive),
    )


def _report(
    laid: Plan,
    wave: Wave,
    county: str,
    own: Frame,
    frozen: Mapping[str, PeerSnapshot],
    dated: datetime.date,
    number: int,
    before: Sequence[tuple[frozenset[str], int]] = (),
    language: str = "zh",
    **more: Any,
) -> CountyReport:
    from fieldkit.stats.contribution import contributed
    from fieldkit.stats.county import county_report
    from fieldkit.stats.reissue import Issued

    place = places().find(county)
    return county_report(
        plan=laid,
        wording=_laid().wording(language),
        county=place,
        wave=wave,
        frame=own,
        peers={code: contributed(one.measured) for code, one in frozen.items() if code != county} or None,
        dated=dated,
        edition=number,
        province=places().province_of(place).name,
        issued=[Issued(ids, gone) for ids, gone in before],
        **more,
    )


def _files(report: CountyReport) -> tuple[bytes, bytes, bytes]:
    """One finished report as PDF, as a page for the screen that needs no other file, and as a table."""
    from fieldkit.formats.table_csv import county_csv
    from fieldkit.render.document import county_pdf
    from fieldkit.render.page import county_page

    folder = _laid().folder
    look = "\n".join((PACKAGE / "web" / "static" / name).read_text("utf-8") for name in STYLES)
    page = county_page(report, folder=folder, stylesheet_href=STYLES[0])
    page = page.replace(f'<link rel="stylesheet" href="{STYLES[0]}">', f"<style>{look}</style>")
    return county_pdf(report, folder=folder), page.encode(), county_csv(report)


MOST_PLANS = 32
_plans: dict[tuple[str, str, int], Plan] = {}


def _laid() -> layouts.Laid:
    """The county layout: the team's own named so, else ours."""
    return layouts.find("county", "county")


def _plan(reading: Session, questionnaire: Questionnaire) -> Plan:
    """The county layout made ready for this questionnaire version, once per process and state of the layout."""
    from fieldkit.stats.county import plan

    laid = _laid()
    key = (questionnaire.hash, *laid.read_from)
    if key not in _plans:
        modules = [instruments.module(reading, name, version) for name, version in questionnaire.modules.items()]
        if len(_plans) >= MOST_PLANS:
            _plans.clear()
        _plans[key] = plan(laid.layout, questionnaire, modules)
    return _plans[key]
