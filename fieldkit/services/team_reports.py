"""Reports on many counties at once: side by side, and the technical report of a wave (pooled: `pooled_editions`).

They rest on what the counties' own reports rest on. A county that may have a report gets its edition first, and a
side-by-side number never counts an answer that the edition does not, so that subtracting one from the
other leaves nobody.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldkit.core.access import Actor, require
from fieldkit.core.change import comparable
from fieldkit.core.instrument import Module, Questionnaire, version_key
from fieldkit.core.place import Place
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.services import layouts
from fieldkit.services.gazetteer import places
from fieldkit.services.issued import issue
from fieldkit.services.publish import same_questions
from fieldkit.services.report import raised
from fieldkit.store import audit, editions, instruments, responses, review, waves
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

if TYPE_CHECKING:
    from fieldkit.stats.frame import Frame
    from fieldkit.stats.report import CountyReport
    from fieldkit.stats.technical_report import EarlierVersion

TEAM = "report.team"


@dataclass(frozen=True)
class Printed:
    """A finished file and the name under which it is handed over."""

    name: str
    pdf: bytes


def _drawn(report: CountyReport, laid: layouts.Laid) -> bytes:
    from fieldkit.render.document import county_pdf

    return county_pdf(report, folder=laid.folder)


def _asked(reading: Session, wave_id: str) -> tuple[Wave, Questionnaire, list[Module]]:
    wave = raised(waves.counted(reading, wave_id))
    questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
    modules = [instruments.module(reading, name, version) for name, version in questionnaire.modules.items()]
    return wave, questionnaire, modules


def overview_file(
    session: Session,
    actor: Actor | None,
    wave_id: str,
    *,
    place: str = "",
    indicators: Collection[str] = (),
    dated: datetime.date,
    language: str = "zh",
    layout: str = "overview",
    told: Callable[[float], None] = lambda share: None,
) -> Printed:
    """The counties of a prefecture, a province or the whole wave side by side, for the research team.

    Its numbers are read from the counties' issued tables. `indicators` replaces those of the layout. Problems
    `access.denied`, `wave.unknown`, `place.unknown`, `report.other_version` (an indicator that this questionnaire does
    not have), `report.no_answers`, `report.overview_none`, `report.layout_unknown`.
    """
    from fieldkit.formats.table_csv_read import read_county_csv
    from fieldkit.stats.county import plan as make_plan
    from fieldkit.stats.frame import frame
    from fieldkit.stats.overview import Told, only, overview

    who = require(actor, TEAM)
    laid = layouts.find(layout, "overview")
    above = places().find(place) if place else None
    with snapshot(session) as reading:
        wave, questionnaire, modules = _asked(reading, wave_id)
        there = responses.count_by_county(reading, wave_id)
    names = {one.id for one in questionnaire.indicators}
    for name in (one for one in indicators if one not in names):
        asked, version = questionnaire.id, questionnaire.version
        raise Problem("report.other_version", where=name, name=name, questionnaire=asked, version=version)
    if not there:
        raise Problem("report.no_answers", where=wave_id, wave=wave_id)
    codes = [c for c in sorted(wave.county) if above is None or places().lies_in(places().find(c), above)]
    reported = sorted(issue(session, actor, wave_id, [c for c in codes if there.get(c)], dated, told))
    with snapshot(session) as reading:
        shown = []
        for code in reported:
            edition = editions.latest(reading, wave_id, code)
            assert edition is not None
            county = places().find(code)
            shown.append(Told(county, _above(county, above), edition.n_analysed, read_county_csv(edition.csv)))
    layout_now = only(laid.layout, tuple(indicators)) if indicators else laid.layout
    plan = make_plan(layout_now, questionnaire, modules)
    report = overview(
        plan=plan,
        wording=laid.wording(language),
        wave=wave,
        counties=shown,
        without=len(codes) - len(shown),
        empty=frame((), questionnaire),
        dated=dated,
        name=above.name if above else "",
        province=places().province_of(above).name if above and above.kind == "prefecture" else "",
    )
    pdf = _drawn(report, laid)
    audit.write(writing(session), who, "report.overview", {"wave": wave_id, "place": place, "counties": len(shown)})
    return Printed(report.title, pdf)


def _above(county: Place, above: Place | None) -> str:
    """The head a county stands under: its prefecture, with the province where several are shown."""
    parent = places().get(county.parent)
    province = places().province_of(county)
    if parent is None or parent.code == province.code:
        return province.name
    return parent.name if above is not None else f"{province.name}{parent.name}"


def technical_file(
    session: Session,
    actor: Actor | None,
    wave_id: str,
    *,
    dated: datetime.date,
    language: str = "zh",
    layout: str = "technical",
) -> Printed:
    """Response flow, quality flags, items, scales and comparability of a wave, for researchers.

    Counted are the answers of the days before `dated`, so that nobody can watch somebody write. Problems
    `access.denied`, `wave.unknown`, `report.no_answers`, `report.few_answers`, `report.layout_unknown`.
    """
    from fieldkit.stats.county import plan as make_plan
    from fieldkit.stats.frame import frames
    from fieldkit.stats.pooled import together
    from fieldkit.stats.sensitive import pooled_sensitive
    from fieldkit.stats.technical_report import Flow, technical_report

    who = require(actor, TEAM)
    laid = layouts.find(layout, "technical")
    with snapshot(session) as reading:
        wave, questionnaire, modules = _asked(reading, wave_id)
        answers = [one for one in responses.iterate(reading, wave) if one.received_on < dated]
        if not answers:
            raise Problem("report.no_answers", where=wave_id, wave=wave_id)
        by_county = frames(answers, questionnaire)
        refused = sum(responses.tally(reading, wave_id, "refused").values())
        withdrawn = sum(responses.tally(reading, wave_id, "withdrawn").values())
        variants, _ = review.count_waiting(reading, wave_id, dated)
        earlier = _earlier(reading, questionnaire)
    whole = together(list(by_county.values()))
    invited = [county.invited for county in wave.counties]
    known = [one for one in invited if one is not None]
    flow = Flow(
        counties=len(wave.counties),
        answered_counties=len(by_county),
        invited=sum(known) if len(known) == len(invited) else None,
        refused=refused,
        withdrawn=withdrawn,
        submitted=len(answers),
        variants=variants,
        analysed=whole.n_analysed,
        minutes=whole.median_minutes,
    )
    report = technical_report(
        plan=make_plan(laid.layout, questionnaire, modules),
        wording=laid.wording(language),
        wave=wave,
        whole=whole,
        flow=flow,
        flags=_flags(by_county),
        protected=pooled_sensitive(questionnaire, answers),
        earlier=earlier,
        dated=dated,
    )
    pdf = _drawn(report, laid)
    audit.write(writing(session), who, "report.technical", {"wave": wave_id})
    return Printed(report.title, pdf)


def _flags(by_county: Mapping[str, Frame]) -> dict[str, int]:
    names = ("attention_fail", "speeder", "straightline", "not_independent", "duplicate", "excluded")
    qualities = [one.quality for one in by_county.values() if one.quality is not None]
    return {name: sum(int(getattr(quality, name).sum()) for quality in qualities) for name in names}


def _earlier(reading: Session, questionnaire: Questionnaire) -> list[EarlierVersion]:
    """What can be compared with each earlier version of this questionnaire, the newest first."""
    from fieldkit.stats.technical_report import EarlierVersion

    now = version_key(questionnaire.version)
    listed = [v for v in instruments.versions(reading, "questionnaire", questionnaire.id) if version_key(v) < now]
    found = []
    for version in sorted(listed, key=version_key, reverse=True):
        before = instruments.get(reading, questionnaire.id, version)
        identity = same_questions(reading, "questionnaire", questionnaire.id, version, questionnaire.version)
        home: dict[str, str] = {}
        for module, own in questionnaire.modules.items():
            old = before.modules.get(module, own)
            if old != own:
                identity |= same_questions(reading, "module", module, old, own)
            home |= dict.fromkeys(instruments.module(reading, module, own).items, module)
        each = {
            one.id: comparable(one.id, before, questionnaire, identity=identity, home=home)
            for one in questionnaire.indicators
        }
        found.append(EarlierVersion(version, each))
    return found
