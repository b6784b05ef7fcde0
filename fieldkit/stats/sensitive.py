"""How many people something sensitive is true of, where chance or a list protects each single answer.

Both designs give up precision for safety: no answer tells about the person who gave it, so no share may be computed
for a small group. These estimates are for a whole wave in research output only; a county report never asks for them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from fieldkit.core.item import Item
from fieldkit.core.response import Response

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
