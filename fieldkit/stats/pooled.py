"""Several counties of a wave as one (合并县域报告), so that nobody can take one of them out again by subtraction.

Whoever holds the reports of the counties can subtract them from the pooled numbers. What is left over must again be
a group that could have a report: so a number rests on the counties that print it, exactly and with its n, and on the
small ones only if they are at least two, and together pass every test that a county must pass. Counties that print a
number only in part (a bound, a hidden n, a joined step) are left out of that number. A distribution has only those
steps that every county in it prints. So a pooled number minus its counties is nothing, or a group above the threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fieldkit.core.instrument import Indicator, Questionnaire
from fieldkit.core.place import Place
from fieldkit.stats.disclose import Base, Disclosed, Part, Thresholds, disclose
from fieldkit.stats.frame import Frame
from fieldkit.stats.indicators import compute
from fieldkit.stats.results import OTHER_CODE, also, codes_of, disclosed, is_ordered, measured, settled
from fieldkit.stats.wording import rounded

LEAST_SMALL = 2  # counties: one alone would be what is left over
CLOSE = 1e-9  # numbers that were rounded alike
LEAST_STEPS = 3  # a distribution of fewer steps rather leaves out the county that joins the most


@dataclass(frozen=True, eq=False)
class County:
    """One county of the pool. `reported` says that it has a report of its own, resting on exactly these answers.

    `printed` are the numbers of its issued table. `renewed` says that there was an issue before: a number may then
    still be that of the earlier one, and counts only where the table shows that it is not.
    """

    place: Place
    frame: Frame
    reported: bool
    printed: Mapping[str, Disclosed] = field(default_factory=dict)
    renewed: bool = False


@dataclass(frozen=True)
class Pooled:
    """The numbers of the pool. `counties` says on how many counties each rests; `left_out` are in none of them."""

    frame: Frame
    numbers: Mapping[str, Disclosed]
    counties: Mapping[str, int]
    members: tuple[County, ...]
    small: tuple[County, ...]  # those of the members that have no report of their own
    left_out: tuple[County, ...]


def together(frames: Sequence[Frame]) -> Frame:
    """The answers of several counties as one frame."""
    first = frames[0]
    return Frame(
        first.questionnaire,
        tuple(i for f in frames for i in f.ids),
        {k: np.concatenate([f.numbers[k] for f in frames]) for k in first.numbers},
        {k: [one for f in frames for one in f.sets[k]] for k in first.sets},
        {k: np.concatenate([f.reasons[k] for f in frames]) for k in first.reasons},
        np.concatenate([f.seconds for f in frames]),
        [day for f in frames for day in f.received_on],
        n_submitted=sum(f.n_submitted for f in frames),
        simulated=any(f.simulated for f in frames),
    )


def exact(number: Disclosed) -> bool:
    """Whether the reader knows this number fully: printed, with its n, and not rounded to multiples of five."""
    return number.shown and number.n is not None and not number.coarse


def _same(printed: Disclosed, told: Disclosed) -> bool:
    """Whether an issued table holds this number: the same n, value and bounds, or the same steps."""
    if printed.status != "ok" or printed.n != told.n:
        return False
    if told.parts:
        steps = [{(p.codes, rounded(p.percent, 0)) for p in number.parts} for number in (printed, told)]
        return steps[0] == steps[1]
    pair = ("q1", "q3") if told.statistic == "median" else ("lo", "hi")
    return all(_near(getattr(printed, name), getattr(told, name)) for name in ("value", *pair))


def _near(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) < CLOSE)


def joined_in(counties: Sequence[County], n_min: int) -> list[County]:
    """The counties without a report of their own, if there are several and together they are enough; else none."""
    small = [c for c in counties if not c.reported and c.frame.n_analysed]
    return small if len(small) >= LEAST_SMALL and sum(c.frame.n_analysed for c in small) >= n_min else []


class Pool:
    """Works out the numbers of one pool; every group of counties is measured once."""

    def __init__(
        self,
        counties: Sequence[County],
        indicators: Sequence[Indicator],
        questionnaire: Questionnaire,
        thresholds: Thresholds,
        bases: Mapping[str, Sequence[Base]],
        merge_small: bool,
    ) -> None:
        self.indicators = tuple(i for i in indicators if not i.parameters.get("private"))
        self.all_indicators = tuple(indicators)
        self.questionnaire, self.thresholds, self.bases = questionnaire, thresholds, bases
        self.merge_small = merge_small
        self.reported = [c for c in counties if c.reported and c.frame.n_analysed]
        self.small = joined_in(counties, thresholds.n_min) if merge_small else []
        self.left_out = tuple(c for c in counties if c not in self.small and c not in self.reported)
        self._estimates: dict[tuple[str, ...], dict[str, object]] = {}
        self._told: dict[tuple[str, ...], dict[str, Disclosed]] = {}

    @property
    def members(self) -> list[County]:
        """Whose answers are in the pool, in the order of their codes."""
        return sorted([*self.reported, *self.small], key=lambda c: c.place.code)

    def measure(self, group: Sequence[County]) -> dict[str, object]:
        """The estimates of these counties as one."""
        key = tuple(sorted(c.place.code for c in group))
        if key not in self._estimates:
            whole = together([c.frame for c in group])
            done = compute(whole, self.all_indicators)
            self._estimates[key] = dict(measured(done, self.all_indicators))
        return self._estimates[key]

    def told(self, group: Sequence[County]) -> dict[str, Disclosed]:
        """What a report of these counties alone would print."""
        key = tuple(sorted(c.place.code for c in group))
        if key not in self._told:
            self._told[key] = disclosed(
                self.measure(group),  # type: ignore[arg-type]
                self.all_indicators,
                self.questionnaire,
                self.thresholds,
                bases=self.bases,
                n_analysed=sum(c.frame.n_analysed for c in group),
            )
        return self._told[key]

    def prints(self, county: County, name: str) -> bool:
        """Whether the county's report prints this number exactly, as it follows from the answers in the pool."""
        told = self.told([county])[name]
        if not exact(told):
            return False
        printed = county.printed.get(name)
        if printed is None or printed.statistic != told.statistic:
            return not county.renewed
        return _same(printed, told)

    def resting(self, name: str) -> tuple[list[County], list[County]]:
        """The counties that print this number exactly, and the small ones that may join them."""
        printing = [c for c in self.reported if self.prints(c, name)]
        few = [c for c in self.reported if c not in printing and self.told([c])[name].status == "suppressed_n"]
        few = [c for c in (*few, *self.small) if self.measure([c])[name].n]  # type: ignore[attr-defined]
        if not self.merge_small or len(few) < LEAST_SMALL or not exact(self.told(few)[name]):
            few = []
        return printing, few

    def number(self, name: str, indicator: Indicator, statistic: str) -> tuple[Disclosed, int]:
        """One pooled number and the number of counties it rests on."""
        printing, few = self.resting(name)
        least = self.thresholds.least(indicator)
        if not printing and not few:
            return Disclosed(indicator.id, statistic, "suppressed_n", n_min=least), 0
        if statistic in ("categories", "options"):
            return self._distribution(name, indicator, statistic, printing, few)
        group = [*printing, *few]
        estimate = self.measure(group)[name]
        number = disclose(estimate, indicator, self.thresholds)  # type: ignore[arg-type]
        return number, len(group)

    def _distribution(
        self, name: str, indicator: Indicator, statistic: str, printing: list[County], few: list[County]
    ) -> tuple[Disclosed, int]:
        """A distribution of those steps that are printed by every county in it; its people are sums of theirs."""
        found = [(1, self.told([c])[name]) for c in printing]
        if few:
            found.append((len(few), self.told(few)[name]))
        codes = codes_of(indicator, self.questionnaire)
        least = self.thresholds.least(indicator)
        if statistic == "options":
            parts = _common_options([n for _, n in found])
        else:
            wanted = min(LEAST_STEPS, len(codes))
            found.sort(key=lambda one: (-len(one[1].parts), -(one[1].n or 0)))
            kept: list[tuple[int, Disclosed]] = []
            for one in found:
                if not kept or len(_joined([n for _, n in (*kept, one)])) >= wanted:
                    kept.append(one)
            if 2 * sum(n.n or 0 for _, n in kept) >= sum(n.n or 0 for _, n in found):
                found = kept  # else too few are left to speak for the pool
            ordered = is_ordered(indicator, self.questionnaire)
            parts = _common_steps([n for _, n in found], ordered=ordered)
        if len(parts) < 2:
            return Disclosed(indicator.id, statistic, "masked_extreme", n_min=least), 0
        n = sum(number.n or 0 for _, number in found)
        plain = Disclosed(indicator.id, statistic, "ok", n=n, n_min=least)
        last: tuple[int, ...] = tuple(indicator.parameters.get("last", ()))  # type: ignore[arg-type]
        shares = [replace(p, percent=100 * (p.k or 0) / n) for p in parts]
        shares.sort(key=lambda p: (p.other, any(c in last for c in p.codes)))
        return replace(plain, parts=tuple(shares)), sum(count for count, _ in found)


def _joined(numbers: Iterable[Disclosed]) -> list[frozenset[int]]:
    """The finest steps of which every county's printed steps are parts: what overlaps is one step."""
    steps: list[frozenset[int]] = []
    for number in numbers:
        for part in number.parts:
            mine = frozenset(part.codes)
            touching = [s for s in steps if s & mine]
            steps = [*(s for s in steps if not s & mine), mine.union(*touching)]
    return steps


def _common_steps(numbers: Sequence[Disclosed], *, ordered: bool) -> list[Part]:
    steps = _joined(numbers)
    if not ordered:  # all that is joined is one 其他
        loose = [s for s in steps if len(s) > 1]
        steps = [s for s in steps if len(s) == 1] + ([frozenset().union(*loose)] if loose else [])
    parts = []
    for step in sorted(steps, key=min):
        k = sum(part.k or 0 for number in numbers for part in number.parts if set(part.codes) <= step)
        other = not ordered and (len(step) > 1 or step == {OTHER_CODE})
        parts.append(Part(tuple(sorted(step)), 0.0, len(step) > 1, other, k))
    return parts


def _common_options(numbers: Sequence[Disclosed]) -> list[Part]:
    """The options that every county prints by themselves; people who chose several cannot be added up otherwise."""
    counts: list[dict[int, int]] = []
    for number in numbers:
        counts.append({p.codes[0]: p.k for p in number.parts if len(p.codes) == 1 and p.k is not None and not p.other})
    common = set.intersection(*(set(c) for c in counts)) if counts else set()
    parts = [Part((code,), 0.0, k=sum(c[code] for c in counts)) for code in sorted(common)]
    return sorted(parts, key=lambda p: -(p.k or 0))


def pooled_numbers(
    counties: Sequence[County],
    indicators: Sequence[Indicator],
    questionnaire: Questionnaire,
    thresholds: Thresholds,
    bases: Mapping[str, Sequence[Base]],
    *,
    merge_small: bool = True,
) -> Pooled | None:
    """All numbers of the pool, rounded as printed; None where no county can be told of.

    `counties` are all of the pool, those without a report of their own included: they are merged in where
    `merge_small` allows it (fieldwork is over) and together they pass the tests of one county.
    """
    pool = Pool(counties, indicators, questionnaire, thresholds, bases, merge_small)
    members = pool.members
    if not members:
        return None
    numbers: dict[str, Disclosed] = {}
    resting: dict[str, int] = {}
    for indicator in pool.indicators:
        for statistic in (indicator.estimate, *also(indicator)):
            name = indicator.id if statistic == indicator.estimate else f"{indicator.id}/{statistic}"
            kind = "options" if statistic == "categories" and indicator.kind == "options" else statistic
            number, resting[name] = pool.number(name, indicator, kind)
            numbers[name] = settled(number, indicator)
    return Pooled(
        together([c.frame for c in members]), numbers, resting, tuple(members), tuple(pool.small), pool.left_out
    )
