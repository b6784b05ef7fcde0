"""A questionnaire on paper, and its codebook, as PDF."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from fieldkit.core.access import Actor, require
from fieldkit.core.instrument import Module, Questionnaire
from fieldkit.core.wave import Wave
from fieldkit.services import layouts
from fieldkit.services.report import raised
from fieldkit.store import instruments, waves
from fieldkit.store.engine import Session
from fieldkit.store.snapshot import snapshot
from fieldkit.translations import say

INSTRUMENT = "report.instrument"


def questionnaire_pdf(
    questionnaire: Questionnaire,
    *,
    dated: datetime.date,
    language: str = "",
    wave: Wave | None = None,
    long_list: bool = False,
    layout: str = "questionnaire",
) -> bytes:
    """A blank questionnaire in one of its languages; with `wave` the consent text is filled in for that study."""
    from fieldkit.render.document import county_pdf
    from fieldkit.stats.paper_form import paper_form

    laid = layouts.find(layout, "questionnaire")
    wording = laid.wording(language or questionnaire.languages[0])
    number = f" · {say('desk.wave_number', wording.language, number=wave.number)}" if wave else ""
    report = paper_form(
        layout=laid.layout,
        wording=wording,
        questionnaire=questionnaire,
        dated=dated,
        consent_facts=_facts(questionnaire, wave, wording.language) if wave else None,
        wave_words=number,
        author=wave.study.team if wave else "",
        long_list=long_list,
    )
    return county_pdf(report, folder=laid.folder)


def _facts(questionnaire: Questionnaire, wave: Wave, language: str) -> Mapping[str, tuple[str, ...]]:
    """What stands in the 【】 of the consent text; the first date is that of deletion, the second of withdrawing."""
    study = wave.study

    def day(date: datetime.date) -> str:
        return say("phone.day", language, year=date.year, month=date.month, day=date.day)

    return {
        say("phone.consent_team", language): (study.team,),
        say("phone.consent_minutes", language): (str(max(1, round(questionnaire.minutes))),),
        say("phone.consent_email", language): (study.email,),
        say("phone.consent_ethics", language): (study.ethics_number,),
        say("phone.consent_date", language): (day(wave.keep_until), day(wave.withdraw_until)),
    }


def codebook_pdf(
    questionnaire: Questionnaire,
    modules: list[Module],
    *,
    dated: datetime.date,
    language: str = "zh",
    layout: str = "codebook",
) -> bytes:
    """The codebook of a questionnaire version."""
    from fieldkit.render.document import county_pdf
    from fieldkit.stats.codebook import codebook

    laid = layouts.find(layout, "codebook")
    wording = laid.wording(language)
    report = codebook(layout=laid.layout, wording=wording, questionnaire=questionnaire, modules=modules, dated=dated)
    return county_pdf(report, folder=laid.folder)


def published_pdf(
    session: Session,
    actor: Actor | None,
    kind: str,
    name: str,
    version: str,
    *,
    dated: datetime.date,
    language: str = "",
    long_list: bool = False,
) -> bytes:
    """The blank questionnaire (`kind` questionnaire) or codebook of a published version.

    Problems `access.denied`, `instrument.unknown`.
    """
    require(actor, INSTRUMENT)
    with snapshot(session) as reading:
        found = instruments.get(reading, name, version)
        modules = [instruments.module(reading, one, pinned) for one, pinned in found.modules.items()]
    if kind == "codebook":
        return codebook_pdf(found, modules, dated=dated, language=language or "zh")
    return questionnaire_pdf(found, dated=dated, language=language, long_list=long_list)


def wave_questionnaire_pdf(
    session: Session,
    actor: Actor | None,
    wave_id: str,
    *,
    dated: datetime.date,
    language: str = "",
    long_list: bool = False,
) -> bytes:
    """The blank questionnaire of a wave with its consent text filled in. Problems `access.denied`, `wave.unknown`."""
    require(actor, INSTRUMENT)
    with snapshot(session) as reading:
        wave = raised(waves.get(reading, wave_id))
        found = instruments.get(reading, wave.questionnaire, wave.version)
    return questionnaire_pdf(found, dated=dated, language=language, wave=wave, long_list=long_list)
