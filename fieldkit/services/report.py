"""A county's report: the same files again, or a new edition once enough new answers have come in.

The heavy libraries (pandas, reportlab) are loaded by the first report, so that the process which takes in answers
never carries them.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from fieldkit.core.access import LOCAL, Actor, require
from fieldkit.core.edition import NEW_RESPONSES, Counted, Edition, EnglishEdition, PeerSnapshot
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.services import layouts
from fieldkit.services.again import drawn, drawn_again, drawn_by, made_with, screen_files
from fieldkit.services.earlier_issues import issued, thresholds_of
from fieldkit.services.gazetteer import places
from fieldkit.services.peers import renew_peers
from fieldkit.services.pooled import pooled_scales
from fieldkit.services.wave_numbers import comparability, earlier_waves, keep_numbers, submitted_of
from fieldkit.settings import Settings
from fieldkit.store import audit, editions, instruments, peers, responses, waves
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

if TYPE_CHECKING:
    from fieldkit.core.response import Response
    from fieldkit.stats.county import Plan
    from fieldkit.stats.frame import Frame
    from fieldkit.stats.report import CountyReport
    from fieldkit.stats.waves import WaveNumbers
    from fieldkit.stats.wording import Wording

    Writer = Callable[[Wording], CountyReport]

NOTE_MOST = 500  # characters of a correction


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
    number = last.number + 1 if last else 1
    write = _writer(
        laid,
        wave,
        county,
        own,
        frozen,
        dated,
        number,
        before,
        earlier=earlier,
        comparable=comparability(session),
        everyone=frame(answers, questionnaire, excluded=True) if whole else None,
        pooled=pooled_scales(session, wave, questionnaire),
        tell=told.append,
    )
    try:
        return _keep(session, who, write, wave, county, number, questionnaire, own.ids, dated, told[0])
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
    the first edition, `edition.expired` once raw records were deleted on their day, `edition.answers_gone` when an
    answer it counted was taken back since (the next regular edition then carries the correction), `edition.no_note`,
    `edition.long_note` (over 500 characters), `report.forbidden_words`, and those of `county_files`.
    """
    from fieldkit.stats.frame import frame

    who = require(actor, "report.correct", county=county)
    note = noted(note, _laid())
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
        if dated > wave.keep_until and not answers:
            raise Problem("edition.expired", where=f"{wave_id}/{county}", until=wave.keep_until.isoformat())
        everyone = frame(answers, questionnaire)
        issues = editions.counted(reading, wave_id, county, everyone.ids)
        rests_on, gone, _ = issues[-1]
        if gone:
            raise Problem("edition.answers_gone", where=f"{wave_id}/{county}", county=county, edition=last.number)
        frozen = peers.kept(reading, wave_id) if county in wave.peers else {}
        earlier = earlier_waves(reading, wave, county, today=dated)
    own = everyone.counted(rests_on, int(last.versions.get("n_submitted", everyone.n_submitted)))
    everybody = frame(answers, questionnaire, excluded=True) if _same_answers(answers, own, last) else None
    told: list[WaveNumbers] = []
    number = last.number + 1
    write = _writer(
        laid,
        wave,
        county,
        own,
        frozen,
        dated,
        number,
        issues[:-1],
        earlier=earlier,
        comparable=comparability(session),
        everyone=everybody,
        pooled=pooled_scales(session, wave, questionnaire),
        tell=told.append,
    )
    try:
        return _keep(session, who, write, wave, county, number, questionnaire, own.ids, dated, told[0], note=note)
    except (IntegrityError, _Overtaken):
        raise Problem("edition.overtaken", where=f"{wave_id}/{county}", county=county) from None


def _same_answers(answers: Sequence[Response], own: Frame, last: Edition) -> bool:
    """Whether it is certain that a county has the very answers, also those left out, that this edition was made from.

    As many as then, all that it counted among them, and every one from a day before.
    """
    if "n_submitted" not in last.versions or len(answers) != own.n_submitted:
        return False
    return own.n_analysed == last.n_analysed and all(one.received_on < last.issued_on for one in answers)


def noted(note: str, laid: layouts.Laid) -> str:
    """A correction note as it is printed, in editions of both languages.

    Problems `edition.no_note`, `edition.long_note` (over 500 characters), `report.forbidden_words`.
    """
    note = " ".join(note.split())
    if not note:
        raise Problem("edition.no_note", where="note")
    if len(note) > NOTE_MOST:
        raise Problem("edition.long_note", where="note", most=NOTE_MOST, length=len(note))
    for language in ("zh", "en"):
        laid.wording(language).lint(note)
    return note


def _keep(
    session: Session,
    who: Actor,
    write: Writer,
    wave: Wave,
    county: str,
    number: int,
    questionnaire: Questionnaire,
    analysed: Sequence[str],
    dated: datetime.date,
    told: WaveNumbers,
    *,
    note: str = "",
) -> Edition:
    """Write the report in both languages, draw the Chinese files, keep all that, and note it in the log.

    The English PDF is drawn when somebody first asks for it (`edition_in_english`): few do, and it takes as long.
    """
    from fieldkit.formats.report_json import dump_report, snapshot_id

    laid = _laid()
    report, english = _spoken(write, laid.wording("zh"), note, number), _english(write, note, number)
    kept = dump_report(report)
    pdf, (html, csv) = drawn(report, laid), screen_files(report, laid)
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
            versions={
                **made_with(questionnaire, laid),
                "n_submitted": str(told.n_submitted),
                "thresholds": thresholds_of(wave),
            },
            correction=note,
        )
        if made.number != number:
            raise _Overtaken
        keep_numbers(session, made, told)
        if english is not None:
            editions.keep_english(session, _frozen_english(made, english, questionnaire))
    action = "report.correct" if note else "report.issue"
    audit.write(session, who, action, {"wave": wave.id, "county": county, "edition": number, "sha256": made.sha256})
    return made


def _spoken(write: Writer, wording: Wording, note: str, number: int) -> CountyReport:
    """The report in one language, with its correction note if it has one."""
    from fieldkit.stats.correction import corrected

    report = write(wording)
    return corrected(report, wording, note, number - 1) if note else report


def _english(write: Writer, note: str, number: int) -> CountyReport | None:
    """The report in English; None where a layout of one's own lacks English words, which must not keep back the other.

    Whoever then asks for it is told what is missing.
    """
    try:
        return _spoken(write, _laid().wording("en"), note, number)
    except (Problem, KeyError):
        return None


def _frozen_english(edition: Edition, report: CountyReport, questionnaire: Questionnaire) -> EnglishEdition:
    from fieldkit.formats.report_json import dump_report, snapshot_id

    kept = dump_report(report)
    versions = made_with(questionnaire, _laid(), "en")
    return EnglishEdition(edition.wave, edition.county, edition.number, kept, snapshot_id(kept), versions=versions)


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
    """The figures of the county's present edition by working level, or all of it once more; for the research team.

    It rests on exactly the responses that the edition counted, so that it cannot be subtracted from it. The edition is
    issued first where there is none. Problem `report.taken_back` when one of those responses was taken back since.
    """
    from fieldkit.stats.frame import frame

    require(actor, "report.filter", county=county)
    edition = county_files(session, actor, wave_id, county, dated=dated)
    with snapshot(session) as reading:
        wave = raised(waves.counted(reading, wave_id))
        questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
        answers = list(responses.iterate(reading, wave, county))
        now = frame(answers, questionnaire)
        frozen = peers.kept(reading, wave_id) if county in wave.peers else {}
        earlier = earlier_waves(reading, wave, county, today=dated)
    issues = editions.counted(session, wave_id, county, now.ids)[: edition.number]  # the newest may not be committed
    submitted = submitted_of(session, edition)
    ids, gone, _ = issues[-1]
    if gone:
        name = places().find(county).name
        raise Problem("report.taken_back", where=county, county=name, edition=edition.number)
    own = now.counted(ids, submitted)
    whole = not levels and _same_answers(answers, own, edition)
    write = _writer(
        _plan(session, questionnaire),
        wave,
        county,
        own,
        frozen,
        edition.issued_on,
        edition.number,
        issues[:-1],
        levels=levels,
        earlier=earlier,
        comparable=comparability(session),
        everyone=frame(answers, questionnaire, excluded=True) if whole else None,
        pooled=pooled_scales(session, wave, questionnaire),
    )
    return _spoken(write, _laid().wording(language), "" if levels else edition.correction, edition.number)


def edition_in_english(
    session: Session, actor: Actor | None, wave_id: str, county: str, *, dated: datetime.date, pdf: bool = True
) -> EnglishEdition:
    """The present edition in English, as frozen with it, for the research team.

    With `pdf` its PDF is drawn the first time it is asked for, and kept, so that whoever holds it can check it too. An
    edition that was frozen in Chinese only is written in English from the answers it counted, while all of them are
    there. Problem `report.taken_back` when they are not, and those of `county_files`.
    """
    who = require(actor, "report.filter", county=county)
    edition = county_files(session, actor, wave_id, county, dated=dated)
    with nullcontext(session) if session.in_transaction() else snapshot(session) as reading:
        kept = editions.english(reading, wave_id, county, edition.number)
    there = True
    if kept is None:
        report = edition_view(session, actor, wave_id, county, dated=dated, language="en")
        with snapshot(session) as reading:
            wave = waves.counted(reading, wave_id)
            questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
        kept = _frozen_english(edition, report, questionnaire)
        there = False
    if pdf and not kept.sha256:
        return _handed_out(session, who, kept)
    return kept if there else _kept_first(session, kept)


def issued_edition(
    session: Session, actor: Actor | None, wave_id: str, county: str, number: int, *, dated: datetime.date
) -> Edition:
    """One edition as it was handed out, if it may still be; for the research team.

    Problems `edition.unknown`, `report.suppressed` below the thresholds of the day (`county_files`).
    """
    require(actor, "report.correct", county=county)
    with snapshot(session) as reading:
        kept = editions.numbered(reading, wave_id, county, number)
        wave = raised(waves.counted(reading, wave_id))
        still_served(kept, wave, present_analysed(reading, wave, county) if dated <= wave.keep_until else None)
    return kept


def issued_english(
    session: Session, actor: Actor | None, wave_id: str, county: str, number: int, *, dated: datetime.date
) -> EnglishEdition:
    """The same in English; Problem `edition.no_english` where it was frozen in Chinese only."""
    who = require(actor, "report.correct", county=county)
    issued_edition(session, actor, wave_id, county, number, dated=dated)
    with snapshot(session) as reading:
        kept = editions.english(reading, wave_id, county, number)
    if kept is None:
        raise Problem("edition.no_english", where=f"{wave_id}/{county}", edition=number)
    return kept if kept.sha256 else _handed_out(session, who, kept)


def present_analysed(reading: Session, wave: Wave, county: str) -> int:
    """How many analysed answers a county has today."""
    from fieldkit.stats.frame import frame

    questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
    return frame(responses.iterate(reading, wave, county), questionnaire).n_analysed


def _handed_out(session: Session, who: Actor, kept: EnglishEdition) -> EnglishEdition:
    """An English edition with its PDF, drawn now and kept, so that whoever gets it can check it."""
    laid = _laid()
    body, _ = drawn_again(kept.snapshot, laid)
    sha256 = hashlib.sha256(body).hexdigest()
    made = replace(kept, pdf=body, sha256=sha256, versions={**kept.versions, **drawn_by(laid)})
    stands = _kept_first(session, made)
    facts = {"wave": kept.wave, "county": kept.county, "edition": kept.number, "sha256": stands.sha256}
    audit.write(session, who, "report.english", facts)
    return stands


def _kept_first(session: Session, made: EnglishEdition) -> EnglishEdition:
    """What is kept of an English edition; where somebody else was first, what they handed out stands."""
    writing(session)
    try:
        with session.begin_nested():
            return editions.keep_english(session, made)
    except IntegrityError:
        return editions.keep_english(session, made)


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


def _writer(
    laid: Plan,
    wave: Wave,
    county: str,
    own: Frame,
    frozen: Mapping[str, PeerSnapshot],
    dated: datetime.date,
    number: int,
    before: Sequence[Counted] = (),
    **more: Any,
) -> Writer:
    from fieldkit.stats.contribution import contributed
    from fieldkit.stats.county import county_writer

    place = places().find(county)
    return county_writer(
        plan=laid,
        county=place,
        wave=wave,
        frame=own,
        peers={code: contributed(one.measured) for code, one in frozen.items() if code != county} or None,
        dated=dated,
        edition=number,
        province=places().province_of(place).name,
        issued=issued(before, wave),
        **more,
    )


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
