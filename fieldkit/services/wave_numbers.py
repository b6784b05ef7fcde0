"""What the editions of earlier waves told about a county, for the chapter that compares waves."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from fieldkit.core.change import Comparable, comparable
from fieldkit.core.edition import Edition
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.services.publish import same_questions
from fieldkit.store import instruments, numbers, responses, waves
from fieldkit.store.engine import Session

if TYPE_CHECKING:
    from fieldkit.stats.waves import WaveNumbers


def keep_numbers(session: Session, edition: Edition, told: WaveNumbers) -> None:
    """Keep what an edition told, in the same transaction as the edition itself."""
    from fieldkit.stats.waves import kept

    numbers.keep_of_edition(session, edition.wave, edition.county, edition.number, kept(told))


def submitted_of(session: Session, edition: Edition) -> int:
    """How many responses had been handed in when this edition was made."""
    kept = numbers.of_last_edition(session, edition.wave, edition.county)
    return int(kept[1].get("n_submitted") or edition.n_analysed) if kept else edition.n_analysed


def earlier_waves(
    session: Session, wave: Wave, county: str, *, today: datetime.date | None = None
) -> list[WaveNumbers]:
    """What the last edition of each earlier wave of this study told about the county, oldest first.

    A wave counts as earlier when its fieldwork began before. Left out are waves without an edition, and those whose
    edition may not be served any more: thresholds raised, or answers taken back below them. With `today` the answers
    that are still there are counted; raw records that were deleted on time take nothing away.
    """
    from fieldkit.stats.disclose import Thresholds, gate
    from fieldkit.stats.waves import restored

    found = []
    for other in waves.others_of_study(session, wave, county):
        if (other.opens_on, other.number) >= (wave.opens_on, wave.number):
            continue
        last = numbers.of_last_edition(session, other.id, county)
        if last is None:
            continue
        n, content = last
        if today is not None and today <= other.keep_until:
            n = min(n, responses.count_by_county(session, other.id, [county]).get(county, 0))
        thresholds = Thresholds(max(wave.n_min, other.n_min), max(wave.n_min_sensitive, other.n_min_sensitive))
        try:
            gate(n, other.county[county].invited, thresholds)
        except Problem:
            continue
        questionnaire = instruments.get(session, other.questionnaire, other.version)
        found.append(_raised(restored(content, other, questionnaire), thresholds.n_min))
    return sorted(found, key=lambda one: (one.wave.opens_on, one.wave.number))


def _raised(told: WaveNumbers, n_min: int) -> WaveNumbers:
    """Without the numbers that a threshold raised since then no longer lets out."""
    kept = {}
    for name, one in told.numbers.items():
        number = one.number
        if number.n_min < n_min and (number.n is None or number.n < n_min):
            bare = replace(number, status="suppressed_n", value=None, lo=None, hi=None, q1=None, q3=None, n=None)
            one = replace(one, number=replace(bare, bound="", n_min=n_min), exact=None, se=None)
        kept[name] = one
    return replace(told, numbers=MappingProxyType(kept))


def comparability(session: Session) -> Callable[[str, Questionnaire, Questionnaire], Comparable]:
    """Whether an indicator means the same in two versions, by what researchers recorded when they published."""
    said: dict[tuple[str, str, str, str], dict[str, bool]] = {}
    homes: dict[tuple[str, str], dict[str, str]] = {}

    def recorded(one: Questionnaire, other: Questionnaire) -> dict[str, bool]:
        pair = one.id, one.version, other.id, other.version
        if pair not in said:
            found: dict[str, bool] = {}
            for module, version in one.modules.items():
                if other.modules.get(module, version) != version:
                    found |= same_questions(session, "module", module, version, other.modules[module])
            if one.id == other.id and one.version != other.version:
                found |= same_questions(session, "questionnaire", one.id, one.version, other.version)
            said[pair] = found
        return said[pair]

    def home(questionnaire: Questionnaire) -> dict[str, str]:
        key = questionnaire.id, questionnaire.version
        if key not in homes:
            homes[key] = {
                item: module
                for module, version in questionnaire.modules.items()
                for item in instruments.module(session, module, version).items
            }
        return homes[key]

    def asked(indicator: str, one: Questionnaire, other: Questionnaire) -> Comparable:
        if one.hash and one.hash == other.hash:
            return Comparable()
        return comparable(indicator, one, other, identity=recorded(one, other), home={**home(one), **home(other)})

    return asked
