"""A county's report: the same files again, or a new edition once enough new answers have come in.

The heavy libraries (pandas, reportlab) are loaded by the first report, so that the process which takes in answers
never carries them.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from fieldkit.core.access import Actor, require
from fieldkit.core.edition import NEW_RESPONSES, Edition, PeerSnapshot
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.services.gazetteer import places
from fieldkit.services.peers import renew_peers
from fieldkit.services.pooled import pooled_scales
from fieldkit.services.wave_numbers import comparability, earlier_waves, keep_numbers, submitted_of
from fieldkit.settings import PACKAGE, Settings, resource
from fieldkit.store import audit, editions, instruments, peers, responses, waves
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

if TYPE_CHECKING:
    from fieldkit.stats.county import Plan
    from fieldkit.stats.frame import Frame
    from fieldkit.stats.report import CountyReport
    from fieldkit.stats.waves import WaveNumbers
    from fieldkit.stats.wording import Wording

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
    from fieldkit.stats.frame import frame

    who = require(actor, "report.county", county=county)
    with snapshot(session) as reading:
        wave = raised(waves.counted(reading, wave_id))
        if county not in wave.county:
            raise Problem("wave.county_outside", where=county, county=county, wave=wave_id)
        questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
        laid = _plan(reading, questionnaire)
    if county in wave.peers:
        renew_peers(session, wave, questionnaire, laid)
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
    number = last.number + 1 if last else 1
    told: list[WaveNumbers] = []
    report = _report(
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
    pdf, html, csv = _files(report)
    writing(session)
    try:
        with session.begin_nested():
            made = editions.save(
                session, wave_id, county, issued_on=dated, analysed=own.ids, pdf=pdf, html=html, csv=csv
            )
            if made.number != number:
                raise _Overtaken
            keep_numbers(session, made, told[0])
    except (IntegrityError, _Overtaken):  # somebody else issued this edition while we were drawing it
        theirs = editions.latest(session, wave_id, county)
        assert theirs is not None
        return theirs
    facts = {"wave": wave_id, "county": county, "edition": made.number, "sha256": made.sha256}
    audit.write(session, who, "report.issue", facts)
    return made


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
    return county_pdf(view, folder=resource("reports"))


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
    from fieldkit.stats.disclose import Thresholds, gate

    n = last.n_analysed if present is None else min(last.n_analysed, present)
    thresholds = Thresholds(wave.n_min, wave.n_min_sensitive)
    gate(n, wave.county[last.county].invited, thresholds, county=last.county, name=places().find(last.county).name)
    return last


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
        wording=_wording(language),
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

    folder = resource("reports")
    look = "\n".join((PACKAGE / "web" / "static" / name).read_text("utf-8") for name in STYLES)
    page = county_page(report, folder=folder, stylesheet_href=STYLES[0])
    page = page.replace(f'<link rel="stylesheet" href="{STYLES[0]}">', f"<style>{look}</style>")
    return county_pdf(report, folder=folder), page.encode(), county_csv(report)


_plans: dict[str, Plan] = {}


def _plan(reading: Session, questionnaire: Questionnaire) -> Plan:
    """The county layout made ready for this questionnaire version, once per process."""
    from fieldkit.formats.report_spec import read_layout
    from fieldkit.stats.county import plan

    if questionnaire.hash not in _plans:
        layout = read_layout(resource("reports") / "layouts" / "county.yaml")
        modules = [instruments.module(reading, name, version) for name, version in questionnaire.modules.items()]
        _plans[questionnaire.hash] = plan(layout, questionnaire, modules)
    return _plans[questionnaire.hash]


@lru_cache(maxsize=4)
def _wording(language: str) -> Wording:
    from fieldkit.formats.report_spec import read_wording

    return read_wording(resource("reports") / "wording" / f"county.{language}.yaml")
