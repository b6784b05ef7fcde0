"""How fieldwork goes, as the team may see it: rounded, a day old, never who, which unit, or by what hour.

Everything that is counted of answers is counted of whole days before today, in steps and only from ten on, so that
nobody can watch a number move while somebody answers. Refusals and withdrawals have no day; they stand in steps of
five only. Counties stand in the order of their codes; there is no rate and no rank.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from typing import Any

from fieldkit.core.access import Actor, may, require
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.wave import Wave
from fieldkit.services.remembered import Remembered, name_of, states
from fieldkit.services.report import raised
from fieldkit.stats.disclose import INVITED_MIN
from fieldkit.stats.progress import FEWEST, STEP, percent_step, rounded
from fieldkit.store import instruments, responses, waves
from fieldkit.store.engine import Session
from fieldkit.store.received import count_by_day

DAYS_SHOWN = 62
READY, PARTLY, FEW, FEW_INVITED = "ready", "partly", "few", "few_invited"


@dataclass(frozen=True, slots=True)
class Line:
    """A wave in the list; `received` is None below ten."""

    wave: Wave
    received: int | None


@dataclass(frozen=True, slots=True)
class CountyLine:
    """A county of a wave. `state` says what can be done now.

    `ready`; `partly` (sensitive results wait); `few` (too few answers count); `few_invited`. `minutes` are for the
    research team only.
    """

    code: str
    invited: int | None
    received: int | None
    minutes: float | None
    state: str

    @property
    def reportable(self) -> bool:
        """Whether the county can have a report."""
        return self.state in (READY, PARTLY)


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares in percent of all answers of a wave, in multiples of `step`; for the research team only."""

    step: int
    attention_fail: int
    speeder: int
    straightline: int
    not_independent: int
    duplicate: int
    excluded: int


@dataclass(frozen=True, slots=True)
class Progress:
    """One wave as its page shows it. `days` are the answers of each day in steps of five."""

    wave: Wave
    counties: tuple[CountyLine, ...]
    invited: int | None
    received: int | None
    refused: int | None
    withdrawn: int | None
    minutes: float | None
    days: tuple[tuple[datetime.date, int], ...]
    quality: Quality | None


@dataclass(frozen=True, slots=True)
class ShelfLine:
    """One county of one wave for somebody who may read that county's report."""

    wave: Wave
    code: str
    state: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted of one county's answers; sums over counties are sums of these."""

    submitted: int = 0
    analysed: int = 0
    attention_fail: int = 0
    speeder: int = 0
    straightline: int = 0
    not_independent: int = 0
    duplicate: int = 0
    seconds: tuple[float, ...] = ()

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, name) + getattr(other, name) for name in Tally.__slots__))

    @property
    def minutes(self) -> float | None:
        """The median time of filling in; None when fewer than ten times are known."""
        known = sorted(self.seconds)
        if len(known) < FEWEST:
            return None
        middle = len(known) // 2
        return (known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2) / 60

    def state(self, wave: Wave, invited: int | None) -> str:
        """What can be done with a county of this wave."""
        if invited is not None and invited < INVITED_MIN:
            return FEW_INVITED
        if self.analysed < wave.n_min:
            return FEW
        return READY if self.analysed >= wave.n_min_sensitive else PARTLY


_tallies: Remembered[Tally] = Remembered()


def list_waves(session: Session, actor: Actor | None, today: datetime.date) -> list[Line]:
    """All waves, the latest first, with the answers of the days before today."""
    require(actor, "wave.list")
    return [Line(wave, rounded(_before(session, wave, today).total())) for wave in waves.listed(session)]


def wave_progress(session: Session, actor: Actor | None, wave_id: str, today: datetime.date) -> Progress:
    """One wave with its counties; quality and minutes are for researchers. Problems `access.denied`, `wave.unknown`."""
    who = require(actor, "wave.list")
    wave = raised(waves.counted(session, wave_id))
    received = _before(session, wave, today)
    team = may(who, "wave.quality")
    tallies = _of_counties(session, wave, [county.code for county in wave.counties], today)
    lines = [
        CountyLine(
            code=county.code,
            invited=county.invited,
            received=rounded(received[county.code]),
            minutes=tallies[county.code].minutes if team else None,
            state=tallies[county.code].state(wave, county.invited),
        )
        for county in sorted(wave.counties, key=lambda county: county.code)
    ]
    whole = reduce(add, tallies.values(), Tally())
    known = [line.invited for line in lines if line.invited is not None]
    return Progress(
        wave=wave,
        counties=tuple(lines),
        invited=sum(known) if len(known) == len(lines) else None,
        received=rounded(received.total()),
        refused=rounded(sum(responses.tally(session, wave_id, "refused").values())),
        withdrawn=rounded(sum(responses.tally(session, wave_id, "withdrawn").values())),
        minutes=whole.minutes if team else None,
        days=tuple(_days(session, wave, today)),
        quality=_quality(whole) if team and whole.submitted >= FEWEST else None,
    )


def shelf(session: Session, actor: Actor, today: datetime.date) -> list[ShelfLine]:
    """The waves and counties whose reports this actor may read, for those who may not see the waves themselves."""
    found = []
    for wave in map(raised, waves.listed(session)):
        codes = sorted(c for c in wave.county if c in actor.counties and may(actor, "report.county", county=c))
        for code, tally in _of_counties(session, wave, codes, today).items():
            found.append(ShelfLine(wave, code, tally.state(wave, wave.county[code].invited)))
    return found


def _before(session: Session, wave: Wave, today: datetime.date) -> Counter[str]:
    """The answers of each county that came on a day before today."""
    found: Counter[str] = Counter()
    for (county, day), count in count_by_day(session, wave.id).items():
        if day < today:
            found[county] += count
    return found


def _days(session: Session, wave: Wave, today: datetime.date) -> Iterator[tuple[datetime.date, int]]:
    """Every day of fieldwork before today with its answers in steps of five; fewer than ten, but any, count as five."""
    by_day: Counter[datetime.date] = Counter()
    for (_, day), count in count_by_day(session, wave.id).items():
        by_day[day] += count
    last = min(today - datetime.timedelta(days=1), wave.closes_on)
    first = max(wave.opens_on, last - datetime.timedelta(days=DAYS_SHOWN - 1))
    for n in range((last - first).days + 1):
        day = first + datetime.timedelta(days=n)
        yield day, rounded(by_day[day]) or (STEP if by_day[day] else 0)


def _of_counties(session: Session, wave: Wave, codes: Iterable[str], today: datetime.date) -> dict[str, Tally]:
    questionnaire: Questionnaire | None = None
    received = _before(session, wave, today)
    changes = states(session, wave)
    found: dict[str, Tally] = {}
    for code in codes:
        if not received[code]:
            found[code] = Tally()
            continue
        questionnaire = questionnaire or instruments.get(session, wave.questionnaire, wave.version)
        asked = questionnaire
        found[code] = _tallies.get(
            (*name_of(session, wave), code),
            (received[code], *changes[code][1:]),  # what came in today changes nothing
            partial(_count, session, wave, asked, code, today),
        )
    return found


def _count(session: Session, wave: Wave, questionnaire: Questionnaire, county: str, today: datetime.date) -> Tally:
    from fieldkit.stats.frame import frame

    answers = [one for one in responses.iterate(session, wave, county) if one.received_on < today]
    found = frame(answers, questionnaire)
    quality: Any = found.quality
    return Tally(
        submitted=found.n_submitted,
        analysed=found.n_analysed,
        attention_fail=int(quality.attention_fail.sum()),
        speeder=int(quality.speeder.sum()),
        straightline=int(quality.straightline.sum()),
        not_independent=int(quality.not_independent.sum()),
        duplicate=int(quality.duplicate.sum()),
        seconds=tuple(sorted(a.active_seconds for a in answers if a.active_seconds is not None)),
    )


def _quality(whole: Tally) -> Quality:
    step = percent_step(whole.submitted)

    def percent(count: int) -> int:
        return int(100 * count / whole.submitted / step + 0.5) * step

    return Quality(
        step=step,
        attention_fail=percent(whole.attention_fail),
        speeder=percent(whole.speeder),
        straightline=percent(whole.straightline),
        not_independent=percent(whole.not_independent),
        duplicate=percent(whole.duplicate),
        excluded=percent(whole.submitted - whole.analysed),
    )
