"""One county over the waves of its study: what each edition told, set side by side (report.md 3).

The numbers of an earlier wave are those that its edition printed. They are never computed again: after one person took
the answers back, the two would differ by that person.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from fieldkit.core.change import Comparable
from fieldkit.core.instrument import Indicator, Questionnaire
from fieldkit.core.wave import Wave
from fieldkit.stats.compare import THRESHOLD, Change, between_waves
from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.estimate import Estimate
from fieldkit.stats.frame import Frame
from fieldkit.stats.results import Measured, decimals_of
from fieldkit.stats.wording import rounded

COMPARED = ("mean", "median", "share", "ratio")
LEVEL_POINTS = 15  # percentage points by which the composition by level may differ without a note
SEASON_MONTHS = 1  # months in the year by which two waves may lie apart without a note
PLAIN = ("indicator", "statistic", "status", "value", "lo", "hi", "q1", "q3", "n", "n_min", "bound", "coarse")
Asked = Callable[[str, Questionnaire, Questionnaire], Comparable | bool]


@dataclass(frozen=True, slots=True)
class Told:
    """One indicator as an edition told it; `exact` and `se` are for comparing only and are never printed."""

    number: Disclosed
    exact: float | None = None
    se: float | None = None


@dataclass(frozen=True, eq=False)
class WaveNumbers:
    """One wave of one county, as its edition told it.

    `upper` is the share 0..1 of township and street among those whose level is known, None where it is not asked.
    """

    wave: Wave
    questionnaire: Questionnaire
    n_analysed: int
    upper: float | None
    numbers: Mapping[str, Told]
    last_day: datetime.date
    n_submitted: int | None = None


def wave_numbers(
    wave: Wave, frame: Frame, estimates: Measured, numbers: Mapping[str, Disclosed], *, dated: datetime.date
) -> WaveNumbers:
    """What the present report tells, to be compared and kept.

    Sensitive indicators and distributions are not among it: neither is compared between waves.
    """
    upper, lower = int(frame.upper.sum()), int(frame.lower.sum())
    found = {}
    for i in frame.questionnaire.indicators:
        number = numbers.get(i.id)
        if number is None or i.sensitive or number.statistic not in COMPARED:
            continue
        told = replace(number, peer=None, sd=None, parts=())
        usable = number.shown and not number.coarse
        one = estimates[i.id]
        found[i.id] = Told(told, one.value if usable else None, one.se if usable else None)
    return WaveNumbers(
        wave,
        frame.questionnaire,
        frame.n_analysed,
        upper / (upper + lower) if upper + lower else None,
        MappingProxyType(found),
        max(wave.opens_on, min(wave.closes_on, dated)),
        frame.n_submitted,
    )


def kept(numbers: WaveNumbers) -> dict[str, Any]:
    """As plain values that can be stored beside the edition."""
    return {
        "n_analysed": numbers.n_analysed,
        "n_submitted": numbers.n_submitted,
        "upper": numbers.upper,
        "last_day": numbers.last_day.isoformat(),
        "numbers": {
            name: {**{p: getattr(told.number, p) for p in PLAIN}, "exact": told.exact, "se": told.se}
            for name, told in numbers.numbers.items()
        },
    }


def restored(content: Mapping[str, Any], wave: Wave, questionnaire: Questionnaire) -> WaveNumbers:
    """The same again."""
    numbers = {
        name: Told(Disclosed(**{p: one[p] for p in PLAIN}), one["exact"], one["se"])
        for name, one in content["numbers"].items()
    }
    last_day = datetime.date.fromisoformat(content["last_day"])
    return WaveNumbers(
        wave,
        questionnaire,
        content["n_analysed"],
        content["upper"],
        MappingProxyType(numbers),
        last_day,
        content.get("n_submitted"),
    )


@dataclass(frozen=True, slots=True)
class WaveRow:
    """One indicator over the waves, oldest first.

    `points` has a number per wave, None where that questionnaire did not ask for it. `joined` says of each wave whether
    a line leads to it from the one before, `broken` whether a break stands between the two. `change` is that of the
    last two waves; its diff, lo and hi are rounded as printed, its wording is '' where nothing is compared.
    `status` says why: comparable, not_comparable, too_few, withheld (masked, or printed without its base).
    `added_items` says that the later questionnaire asks more, and this indicator's items are the same.
    """

    indicator: str
    points: tuple[Disclosed | None, ...]
    joined: tuple[bool, ...]
    broken: tuple[bool, ...]
    change: Change
    status: str
    added_items: bool = False


@dataclass(frozen=True)
class WaveComparison:
    """Everything that the chapter on waves tells: the waves, a row per indicator, and which notes stand under it.

    `notes` are of: added_items, season, level (report.md 3); they are about the last two waves.
    """

    waves: tuple[WaveNumbers, ...]
    rows: tuple[WaveRow, ...]
    notes: tuple[str, ...]


def compare_waves(
    waves: Sequence[WaveNumbers], indicators: Sequence[Indicator], comparable: Asked
) -> WaveComparison | None:
    """The waves of one county side by side; None with fewer than two waves, or without any row.

    `waves` come oldest first, the present one last; `indicators` are the rows in order, and those that the present
    wave does not tell are left out. `comparable` says whether an indicator means the same in two questionnaire
    versions.
    """
    if len(waves) < 2:
        return None
    rows = tuple(_row(i, waves, comparable) for i in indicators if i.id in waves[-1].numbers)
    if not rows:
        return None
    before, after = waves[-2], waves[-1]
    notes = []
    if any(row.added_items for row in rows):
        notes.append("added_items")
    if _months_apart(before.wave, after.wave) > SEASON_MONTHS:
        notes.append("season")
    known = before.upper is not None and after.upper is not None
    if known and abs((after.upper or 0.0) - (before.upper or 0.0)) * 100 > LEVEL_POINTS:
        notes.append("level")
    return WaveComparison(tuple(waves), rows, tuple(notes))


def _row(indicator: Indicator, waves: Sequence[WaveNumbers], comparable: Asked) -> WaveRow:
    told = [wave.numbers.get(indicator.id) for wave in waves]
    joined, broken, same = [False], [False], False
    for at in range(1, len(waves)):
        one, other = told[at - 1], told[at]
        same = bool(comparable(indicator.id, waves[at - 1].questionnaire, waves[at].questionnaire))
        joined.append(same and _usable(one) and _usable(other))
        broken.append(not same and one is not None and other is not None)
    before, after = told[-2], told[-1]
    status, change = "not_comparable", Change("not_comparable")
    if same and before is not None and after is not None:
        status = "comparable" if joined[-1] else _why(before, after)
        change = _change(indicator, before, after) if joined[-1] else Change("")
    asked = [set(w.questionnaire.items) for w in waves[-2:]]
    return WaveRow(
        indicator.id,
        tuple(t.number if t else None for t in told),
        tuple(joined),
        tuple(broken),
        change,
        status,
        status == "comparable" and bool(asked[1] - asked[0]),
    )


def _usable(told: Told | None) -> bool:
    return told is not None and told.number.shown and told.exact is not None


def _why(*both: Told) -> str:
    return "too_few" if any(t.number.status == "suppressed_n" for t in both) else "withheld"


def _change(indicator: Indicator, before: Told, after: Told) -> Change:
    span = 100.0
    if indicator.estimate == "mean" and indicator.low is not None and indicator.high is not None:
        span = indicator.high - indicator.low  # 5 points on a 0..100 score; the same part of any other range
    change = between_waves(_estimate(before), _estimate(after), comparable=True, threshold=THRESHOLD * span / 100)
    places = max(1, decimals_of(indicator, after.number.statistic))  # whole percents could not be subtracted

    def plain(value: float | None) -> float | None:
        return None if value is None else float(rounded(value, places))

    return replace(change, diff=plain(change.diff), lo=plain(change.lo), hi=plain(change.hi))


def _estimate(told: Told) -> Estimate:
    one = told.number
    return Estimate(one.indicator, one.statistic, one.n or 0, told.exact, told.se, lo=one.lo, hi=one.hi)


def _months_apart(one: Wave, other: Wave) -> int:
    """How many months of the year lie between the middles of two waves, whatever the years."""
    months = [(w.opens_on + (w.closes_on - w.opens_on) / 2).month for w in (one, other)]
    apart = abs(months[0] - months[1])
    return min(apart, 12 - apart)
