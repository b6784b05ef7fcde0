"""How many people something sensitive is true of, where chance or a list protects each single answer.

Both designs give up precision for safety: no answer tells about the person who gave it, so no share may be computed
for a small group. These estimates are for a whole wave in research output only; a county report never asks for them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import Item
from fieldkit.core.response import Response
from fieldkit.stats.frame import frame
from fieldkit.stats.wording import rounded

LEAST = 100  # respondents in each arm, or behind a randomised response: below it the interval says nothing
Z = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class SensitiveShare:
    """An estimated share, 0 to 1, with its standard error and 95 % interval; `n` respondents, of them `n_long` with the
    longer list (list experiment).

    The share is the plain estimate and may lie outside 0 to 1 by chance; the interval is cut off there.
    """

    item: str
    share: float
    standard_error: float
    low: float
    high: float
    n: int
    n_long: int = 0


def _share(item: Item, share: float, error: float, n: int, n_long: int = 0) -> SensitiveShare:
    low, high = (min(1.0, max(0.0, share + sign * Z * error)) for sign in (-1, 1))
    return SensitiveShare(item.id, share, error, low, high, n, n_long)


def list_experiment(item: Item, answers: Iterable[Sequence[int]]) -> SensitiveShare | None:
    """The share for whom the sensitive statement holds: mean of the long list minus mean of the short one.

    `answers` are [arm, count] with arm 1 for the long list. None with fewer than LEAST in either arm. The standard
    error is that of two independent means (Miller 1984; Blair and Imai 2012, Political Analysis 20: 47-77, eq. 1).

    >>> from fieldkit.core.text import Text
    >>> item = Item("listed", Text(zh="几条？"), "list_experiment")
    >>> found = list_experiment(item, [[0, 1], [0, 2]] * 100 + [[1, 2], [1, 2], [1, 1], [1, 2]] * 50)
    >>> round(found.share, 3), round(found.standard_error, 4)
    (0.25, 0.0469)
    """
    short: list[int] = []
    long: list[int] = []
    for arm, count in answers:
        (long if arm else short).append(count)
    if min(len(short), len(long)) < LEAST:
        return None
    error = math.sqrt(variance(short) / len(short) + variance(long) / len(long))
    return _share(item, fmean(long) - fmean(short), error, len(short) + len(long), len(long))


def randomised_response(item: Item, answers: Iterable[int], yes: int = 1) -> SensitiveShare | None:
    """The share for whom the sensitive statement holds, from answers that chance has blurred.

    `answers` are codes, `yes` the one that says yes. With lambda the share of yes among n answers: Warner's design
    gives (lambda - (1 - p)) / (2p - 1), the forced one (lambda - p_yes) / p, where p is `truth` and p_yes `yes` of the
    item's design; the standard error divides sqrt(lambda (1 - lambda) / (n - 1)) by the same. None with fewer than
    LEAST answers. Warner (1965), JASA 60: 63-69; Fox and Tracy (1986); Blair, Imai and Zhou (2015), JASA 110:
    1304-1319, eq. 2.
    """
    if item.randomised is None:
        raise ValueError(f"item {item.id} says no design")
    given = list(answers)
    n = len(given)
    if n < LEAST:
        return None
    seen = sum(1 for code in given if code == yes) / n
    design = item.randomised
    if design.design == "warner":
        base, slope = 1 - design.truth, 2 * design.truth - 1
    else:
        base, slope = design.yes, design.truth
    error = math.sqrt(seen * (1 - seen) / (n - 1)) / abs(slope)
    return _share(item, (seen - base) / slope, error, n)


def sensitive_shares(items: Iterable[Item], responses: Iterable[Response]) -> list[SensitiveShare]:
    """The estimates for every protected item of a whole wave; items with too few answers are left out."""
    protected = [i for i in items if i.type in ("list_experiment", "randomised_response")]
    values: dict[str, list[object]] = {i.id: [] for i in protected}
    for response in responses:
        for item in protected:
            answer = response.answers.get(item.id)
            if answer is not None and answer.value is not None:
                values[item.id].append(answer.value)
    found = [
        list_experiment(i, values[i.id]) if i.type == "list_experiment" else randomised_response(i, values[i.id])  # type: ignore[arg-type]
        for i in protected
    ]
    return [share for share in found if share is not None]


LEAST_COUNTIES = 3  # as many as a peer reference needs: no county's share can be worked out from the rest
DESIGNS = ("list_experiment", "randomised_response")


@dataclass(frozen=True, slots=True)
class SensitiveLine:
    """One protected question over all counties together, ready for print in research output, never for one county.

    Percents are rounded to whole numbers, the standard error to one decimal (percentage points). `percent` is the plain
    estimate and may by chance lie below 0 or above 100; low and high end there. `n` are respondents, `n_long` those
    with the longer list (None for randomised response). Everything is None where `status` is suppressed_n: fewer than
    `n_min` in an arm, or fewer than three counties.
    """

    item: str
    design: str
    status: str
    percent: float | None = None
    low: float | None = None
    high: float | None = None
    standard_error: float | None = None
    n: int | None = None
    n_long: int | None = None
    n_min: int = LEAST


def pooled_sensitive(
    questionnaire: Questionnaire, responses: Iterable[Response], *, counties_min: int = LEAST_COUNTIES
) -> tuple[SensitiveLine, ...]:
    """The protected questions of a wave, all counties together; () where the questionnaire has none.

    `responses` are all submitted ones of the wave; those that quality rules leave out are left out here too, county by
    county. Three counties are the least and can only be raised.
    """
    protected = [i for i in questionnaire if i.type in DESIGNS]
    if not protected:
        return ()
    by_county: dict[str, list[Response]] = defaultdict(list)
    for response in responses:
        by_county[response.county].append(response)
    analysed: list[Response] = []
    counties = 0
    for rows in by_county.values():
        inside = frozenset(frame(rows, questionnaire).ids)
        analysed += [r for r in rows if r.id in inside]
        counties += bool(inside)
    enough = counties >= max(counties_min, LEAST_COUNTIES)
    found = {s.item: s for s in sensitive_shares(protected, analysed)} if enough else {}
    return tuple(_line(i, found.get(i.id)) for i in protected)


def _line(item: Item, share: SensitiveShare | None) -> SensitiveLine:
    if share is None:
        return SensitiveLine(item.id, item.type, "suppressed_n")

    def percent(value: float, places: int = 0) -> float:
        return float(rounded(100 * value, places))

    return SensitiveLine(
        item.id,
        item.type,
        "ok",
        percent(share.share),
        percent(share.low),
        percent(share.high),
        percent(share.standard_error, 1),
        share.n,
        share.n_long if item.type == "list_experiment" else None,
    )
