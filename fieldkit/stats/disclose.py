"""The one place where numbers are suppressed: between estimate and everything that shows numbers.

Order of tests (indicators.md 0.3): county gate, number of respondents, unanimity, extreme share, print. What passes
is a Disclosed; nothing else may reach a report, a page or a county's file. `guard` then looks at all numbers of one
county together, because a number that is safe alone can undo a mask that stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fieldkit.core.instrument import Indicator
from fieldkit.core.problem import Problem

if TYPE_CHECKING:
    from fieldkit.stats.estimate import Estimate

STATUSES = (
    "ok",
    "suppressed_n",  # fewer valid respondents than the threshold
    "suppressed_unanimous",  # everyone gave the same score
    "suppressed_refused",  # a sensitive scale that more than a fifth refused to answer
    "suppressed_complement",  # could be worked out from what is printed beside it
    "masked_extreme",  # a share within three people of 0 or 100 %
    "masked_tail",  # a sensitive mean below 5 or above 95
    "no_data",  # nothing in this questionnaire or no denominator
    "not_comparable",
)
N_MIN = 10
N_MIN_SENSITIVE = 20
INVITED_MIN = 30  # a county with fewer invited cadres gets no report of its own
FEW = 3  # a share or a step of fewer people is never printed
LEAST_TOTAL = 10  # a ratio of sums needs this much in its denominator
TAIL = 5.0  # sensitive means this close to the end of their range are only bounded
REFUSED_MOST = 0.2
COARSE = 5  # percentages whose base is not printed are rounded to multiples of this


@dataclass(frozen=True, slots=True)
class Peer:
    """The reference from the peer counties beside one number (indicators.md 0.4)."""

    value: float
    lo: float | None
    hi: float | None
    counties: int
    diff: float | None = None
    diff_lo: float | None = None
    diff_hi: float | None = None
    wording: str = ""  # higher, lower, similar_small, no_clear_difference, median_higher, median_lower


@dataclass(frozen=True, slots=True)
class Part:
    """One printed step of a distribution: the codes it holds (merged steps hold several) and its share 0..100.

    `k` is the number of people, None where it may not be printed; `bound` ('<8', '>92') stands for a masked share of
    a question with several answers, and `percent` is then only that bound.
    """

    codes: tuple[int, ...]
    percent: float
    merged: bool = False
    other: bool = False  # 其他（含人数过少的选项）
    k: int | None = None
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One number after suppression; the only kind of number that a report, a page or a county's CSV may show.

    Scores are 0..100 (or the indicator's range), shares and ratios in percent 0..100, counts in their unit. They
    are rounded as printed before they leave `stats.results`. Whatever may not be shown is None. `bound` is the text
    bound of a masked share or mean, such as '<8' or '>92'. `n` is the number of valid respondents, None where even
    that would disclose. `parts` holds a distribution. `n_min` is the threshold that applied. `coarse` says that
    percentages are rounded to multiples of five, because exact ones would give away a base that is not printed.
    """

    indicator: str
    statistic: str  # mean, median, share, ratio, categories, options
    status: str
    value: float | None = None
    lo: float | None = None
    hi: float | None = None
    q1: float | None = None
    q3: float | None = None
    sd: float | None = None
    n: int | None = None
    n_min: int = N_MIN
    bound: str = ""
    parts: tuple[Part, ...] = ()
    peer: Peer | None = None
    group: str = ""  # '' for the county; 'upper' township and street, 'lower' village and community
    coarse: bool = False

    @property
    def shown(self) -> bool:
        """Whether a value may be printed."""
        return self.status == "ok"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many valid respondents a number needs; both can be raised, never lowered."""

    n_min: int = N_MIN
    n_min_sensitive: int = N_MIN_SENSITIVE

    def __post_init__(self) -> None:
        if self.n_min < N_MIN or self.n_min_sensitive < N_MIN_SENSITIVE:
            raise ValueError(f"thresholds can be raised, never lowered below {N_MIN} and {N_MIN_SENSITIVE}")

    def least(self, indicator: Indicator) -> int:
        """The number of valid respondents that this indicator needs."""
        usual = max(self.n_min, self.n_min_sensitive) if indicator.sensitive else self.n_min
        return max(usual, indicator.n_min)


USUAL = Thresholds()


def gate(
    n_analysed: int, invited: int | None, thresholds: Thresholds = USUAL, *, county: str = "", name: str = ""
) -> None:
    """Return if a county may have a report of its own; else Problem `report.suppressed`.

    A county needs `n_min` analysed answers, and at least 30 invited cadres where that number is known.
    """
    if n_analysed < thresholds.n_min or (invited is not None and invited < INVITED_MIN):
        raise Problem("report.suppressed", where=county, county=name or county, n_min=thresholds.n_min)


def disclose(
    estimate: Estimate,
    indicator: Indicator,
    thresholds: Thresholds = USUAL,
    *,
    ordered: bool = False,
    apart: Sequence[int] = (),
    other: Sequence[int] = (),
    last: Sequence[int] = (),
) -> Disclosed:
    """What may be printed of one estimate.

    For distributions, `ordered` says that the codes form a scale (small steps join a neighbour; otherwise they join
    其他); `apart` are codes that join 其他 only when they are too few themselves, `other` codes that are 其他 anyway,
    `last` codes printed at the end.
    """
    n_min = thresholds.least(indicator)
    plain = Disclosed(indicator.id, estimate.statistic, "ok", n=estimate.n, n_min=n_min, group=estimate.group)
    few_sum = estimate.statistic == "ratio" and (estimate.total or 0) < LEAST_TOTAL
    if estimate.n < n_min or few_sum:
        return replace(plain, status="suppressed_n", n=None)
    if indicator.sensitive and estimate.refused > REFUSED_MOST:
        return replace(plain, status="suppressed_refused", n=None)
    if estimate.unanimous and estimate.statistic in ("mean", "median", "ratio"):
        return replace(plain, status="suppressed_unanimous")
    if estimate.statistic == "categories":
        merged = merge_ordered(estimate.counts) if ordered else merge_named(estimate.counts, apart, other)
        if len(merged) < 2:
            return replace(plain, status="masked_extreme")
        return replace(plain, parts=_parts(merged, estimate.n, last))
    if estimate.statistic == "options":
        parts = _option_parts(estimate, other, last)
        return replace(plain, parts=parts) if parts else replace(plain, status="masked_extreme")
    if estimate.statistic == "share":
        bound = share_bound(estimate.k or 0, estimate.n)
        if bound:
            return replace(plain, status="masked_extreme", bound=bound)
    if estimate.statistic == "mean" and indicator.sensitive and estimate.value is not None:
        low, high = indicator.low or 0.0, 100.0 if indicator.high is None else indicator.high
        if estimate.value < low + TAIL or estimate.value > high - TAIL:
            bound = f"<{low + TAIL:g}" if estimate.value < low + TAIL else f">{high - TAIL:g}"
            return replace(plain, status="masked_tail", bound=bound)
    return replace(
        plain,
        value=estimate.value,
        lo=estimate.lo,
        hi=estimate.hi,
        q1=estimate.q1,
        q3=estimate.q3,
        sd=estimate.sd,
    )


def share_bound(k: int, n: int) -> str:
    """The bound printed instead of a share within three people of nobody or everybody; '' when it may be printed.

    >>> share_bound(1, 40), share_bound(39, 40), share_bound(12, 12), share_bound(20, 40)
    ('<8', '>92', '>75', '')
    """
    edge = math.ceil(100 * FEW / n)
    if k < FEW:
        return f"<{edge}"
    if n - k < FEW:
        return f">{100 - edge}"
    return ""


@dataclass(frozen=True, slots=True)
class Step:
    """Codes that are counted together."""

    codes: tuple[int, ...]
    k: int
    other: bool = False


def merge_ordered(counts: Mapping[int, int]) -> list[Step]:
    """Steps of a scale, each of at least three people: a smaller one, zero included, joins its smaller neighbour.

    The smallest step goes first (the lower one if equal); of two equal neighbours it joins the upper one.

    >>> [(s.codes, s.k) for s in merge_ordered({1: 1, 2: 2, 3: 14, 4: 14, 5: 13})]
    [((1, 2), 3), ((3,), 14), ((4,), 14), ((5,), 13)]
    """
    steps = [Step((code,), counts[code]) for code in sorted(counts)]
    while len(steps) > 1:
        i = min(range(len(steps)), key=lambda at: (steps[at].k, at))
        if steps[i].k >= FEW:
            break
        beside = [at for at in (i - 1, i + 1) if 0 <= at < len(steps)]
        j = min(beside, key=lambda at: (steps[at].k, -at))
        a, b = min(i, j), max(i, j)
        steps[a : b + 1] = [Step(steps[a].codes + steps[b].codes, steps[a].k + steps[b].k)]
    return steps


def merge_named(counts: Mapping[int, int], apart: Sequence[int] = (), other: Sequence[int] = ()) -> list[Step]:
    """Classes without order, each of at least three people: smaller ones, zero included, are counted as 其他.

    When those together are still fewer than three, the next smallest class joins them, so that 其他 says nothing
    about anybody; classes in `apart` join last.

    >>> [(s.codes, s.k) for s in merge_named({1: 18, 2: 6, 3: 2, 4: 9})]
    [((1,), 18), ((4,), 9), ((2, 3), 8)]
    """
    few = [code for code in counts if counts[code] < FEW]
    if not few:
        return [Step((code,), counts[code], code in other) for code in counts]
    few += [code for code in other if code in counts and code not in few]
    rest = sorted((c for c in counts if c not in few), key=lambda c: (c in apart, counts[c]))
    while rest and sum(counts[c] for c in few) < FEW:
        few.append(rest.pop(0))
    kept = [Step((code,), counts[code]) for code in counts if code in rest]
    return [*kept, Step(tuple(sorted(few)), sum(counts[c] for c in few), other=True)]


def _parts(steps: Iterable[Step], n: int, last: Sequence[int] = ()) -> tuple[Part, ...]:
    parts = [Part(s.codes, 100 * s.k / n, len(s.codes) > 1, s.other, s.k) for s in steps]
    return tuple(sorted(parts, key=lambda p: any(c in last for c in p.codes) and not p.other))


def _option_parts(estimate: Estimate, other: Sequence[int], last: Sequence[int]) -> tuple[Part, ...]:
    """Shares of a question with several answers, from most to least; what fewer than three chose is one 其他."""
    few = {code for code, k in estimate.counts.items() if k < FEW}
    by_size = sorted((c for c in estimate.counts if c not in few), key=lambda c: estimate.counts[c])
    few |= {code for code in other if few and code in by_size}

    def together() -> int:
        return sum(bool(few & one) for one in estimate.chosen)

    rest = [code for code in by_size if code not in few]
    while few and rest and together() < FEW:
        few.add(rest.pop(0))
    steps = [Step((code,), estimate.counts[code]) for code in sorted(rest, key=lambda c: -estimate.counts[c])]
    if few:
        steps.append(Step(tuple(sorted(few)), together(), other=True))
    parts = []
    for part in _parts(steps, estimate.n, last):
        bound = share_bound(part.k or 0, estimate.n)
        parts.append(replace(part, percent=float(bound[1:]), k=None, bound=bound) if bound else part)
    return tuple(parts) if len(parts) > 1 else ()


def split(whole: Disclosed, upper: Disclosed, lower: Disclosed) -> tuple[Disclosed, Disclosed] | None:
    """The two levels beside the county's number, or None when the split is dropped (indicators.md 0.3 d).

    Both levels must be printable, and so must the whole: from two of the three the other can be worked out. So can the
    number of those whose level is not known; where there are any, they must be as many as the threshold asks.
    """
    if all(d.shown for d in (whole, upper, lower)) and whole.n is not None and not whole.coarse:
        rest = whole.n - (upper.n or 0) - (lower.n or 0)
        if 0 < rest < whole.n_min:
            return None
        return replace(upper, group="upper"), replace(lower, group="lower")
    return None


@dataclass(frozen=True, slots=True)
class Base:
    """A number asked only of some: those whose answer counted in `parent` was one of `codes` (None = not known)."""

    parent: str
    codes: frozenset[int] | None = None


def guard(
    numbers: Mapping[str, Disclosed],
    bases: Mapping[str, Sequence[Base]],
    parts_of: Mapping[str, Sequence[str]] | None = None,
    n_analysed: int | None = None,
) -> dict[str, Disclosed]:
    """All numbers of one county, without those bases from which a masked share could be worked out (0.3 g2).

    `bases` names for a number the distributions that its respondents are a part of. Where such a distribution is
    masked, or merges people inside with people outside that part, the number's n is not printed; and so on for
    numbers that rest on it. `parts_of` names numbers whose n, set beside that of another one, would count fewer than
    three people without a denominator; they lose their n as well. `n_analysed` is the number of analysed responses of
    the county, which is printed: a number whose n has hardly any room between the threshold and it is not printed.
    """
    hidden = {name for names in (parts_of or {}).values() for name in names if name in numbers}
    while True:
        more = {
            name
            for name in numbers
            if name not in hidden
            and any(b.parent in hidden or _veils(numbers.get(b.parent), b.codes) for b in bases.get(name, ()))
        }
        if not more:
            break
        hidden |= more
    return {name: _bare(number, n_analysed) if name in hidden else number for name, number in numbers.items()}


def _bare(number: Disclosed, n_analysed: int | None) -> Disclosed:
    """Without its n; without its value too where the reader knows that n all the same.

    Whatever is printed has at least `n_min` respondents, and a part of the county has fewer than the county: with 10
    or 11 analysed responses, a part that may be printed has exactly 10.
    """
    known = n_analysed is not None and n_analysed - number.n_min < FEW - 1
    if known and (number.shown or number.bound):
        return Disclosed(
            number.indicator, number.statistic, "suppressed_complement", n_min=number.n_min, group=number.group
        )
    return without_base(number)


def _veils(parent: Disclosed | None, codes: frozenset[int] | None) -> bool:
    """Whether the size of a part of this distribution is kept from the reader."""
    if parent is None or parent.status == "no_data":
        return False
    if parent.status != "ok":
        return True
    merged = [set(p.codes) for p in parent.parts if len(p.codes) > 1 or p.bound]
    return any(codes is None or (m & codes and m - codes) for m in merged)


def without_base(number: Disclosed) -> Disclosed:
    """A number that stands without its n, and without what n could be worked out from.

    The Wilson interval of a share and exact percentages both give n away; so the interval goes and percentages are
    rounded to multiples of five.
    """
    if number.n is None:
        return number
    bare = replace(number, n=None, sd=None)
    if number.statistic in ("categories", "options"):
        whole = number.statistic == "categories"
        percents = coarse_shares([p.percent for p in number.parts], whole=whole)
        parts = tuple(replace(p, percent=c, k=None) for p, c in zip(number.parts, percents, strict=True))
        return replace(bare, parts=parts, coarse=True)
    if number.statistic in ("share", "ratio"):
        value = None if number.value is None else float(_nearest(number.value))
        return replace(bare, value=value, lo=None, hi=None, bound=_coarse_bound(number.bound), coarse=True)
    return bare


def _nearest(percent: float) -> int:
    return COARSE * math.floor(percent / COARSE + 0.5)


def _coarse_bound(bound: str) -> str:
    if not bound:
        return ""
    outward: Callable[[float], int] = math.ceil if bound[0] == "<" else math.floor
    return f"{bound[0]}{COARSE * outward(float(bound[1:]) / COARSE)}"


def coarse_shares(percents: Sequence[float], *, whole: bool = True) -> list[float]:
    """Percentages as multiples of five; those of a whole still sum to 100 and none becomes 0.

    >>> coarse_shares([21.95, 34.15, 36.59, 7.32])
    [20.0, 35.0, 35.0, 10.0]
    """
    if not whole:
        return [float(_nearest(p)) for p in percents]
    steps = [max(1, int(p // COARSE)) for p in percents]
    while percents and sum(steps) != 100 // COARSE:
        up = sum(steps) < 100 // COARSE
        gap = [p / COARSE - s for p, s in zip(percents, steps, strict=True)]
        able = [i for i in range(len(steps)) if up or steps[i] > 1]
        i = max(able, key=lambda at: gap[at] if up else -gap[at])
        steps[i] += 1 if up else -1
    return [float(COARSE * s) for s in steps]


def of_part(number: Disclosed, part: Part) -> Disclosed:
    """One step of a distribution that is already disclosed, as a share of its own for a bar."""
    return Disclosed(
        number.indicator,
        "share",
        "masked_extreme" if part.bound else "ok",
        None if part.bound else part.percent,
        n=number.n,
        n_min=number.n_min,
        bound=part.bound,
        coarse=number.coarse,
    )
