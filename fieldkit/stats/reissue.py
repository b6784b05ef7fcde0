"""Which answers each number of a new issue may rest on, so that no two issues can be subtracted (pitfalls 4).

Ten new answers allow a new issue, but a single question may have been answered by only one of the ten; the difference
between the two issues would then be that person's answer. So every number is renewed by itself, once those who are
new to it could be published alone. Until then it stands as the earlier issue printed it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fieldkit.core.instrument import Indicator
from fieldkit.stats.disclose import FEW, Disclosed, Thresholds
from fieldkit.stats.estimate import Estimate
from fieldkit.stats.frame import Flags, Frame


@dataclass(frozen=True, slots=True)
class Issued:
    """An earlier issue: the responses it counted that are still there, and how many of them were taken back since.

    `other_rules`: it was judged by other thresholds than today's, and what it decided is not known.
    """

    ids: frozenset[str]
    gone: int = 0
    other_rules: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Basis:
    """The respondents one number rests on. `issue` is the earlier issue it is carried from, 0 for the present one.

    `barred`: neither may be printed, because a response of that issue was taken back and too few are new.
    """

    rows: Flags
    issue: int = 0
    barred: bool = False


def counted(frame: Frame, issued: Sequence[Issued]) -> list[Flags]:
    """Who was counted by each earlier issue, as rows of the present frame."""
    return [np.array([i in one.ids for i in frame.ids], dtype=bool) for one in issued]


May = Callable[[Flags, int, Flags], bool]
Printed = Callable[[Flags], bool]


class Renewal:
    """Decides for one county which respondents a number rests on, given the earlier issues, oldest first.

    What an earlier issue decided is worked out again, from those who were there then: only so is it known which
    respondents its number rests on, and who is new to them. Where answers that it counted are gone, or the thresholds
    were others on that day, that cannot be known; then the newcomers must be publishable whatever it was.
    """

    def __init__(self, frame: Frame, issued: Sequence[Issued]) -> None:
        self.frame, self.issued = frame, issued
        self.counted = [*counted(frame, issued), np.ones(frame.n_analysed, dtype=bool)]

    def basis(self, there: Flags, may: May, printed: Printed = lambda _: True) -> Basis:
        """The respondents for a number that those in `there` have a value of.

        `may` judges whether a group of newcomers could be published alone, given how many answers were taken back and
        all respondents of the issue that would count them; `printed` whether the number was printed at all when it
        rested on a group.
        """
        last = len(self.counted) - 1
        resting = {0}  # the issues whose respondents the number may rest on so far
        for later in range(1, last + 1):
            if all(self._follows(at, later, there, may, printed) for at in resting):
                resting = {later} if not self._unsure(later) else {*resting, later}
            elif self._unsure(later):
                resting = {*resting, later}
        if resting == {last}:
            return Basis(self.counted[last])
        at = min(resting)
        return Basis(self.counted[at], at + 1, barred=len(resting) > 1 or bool(self._gone(at)))

    def _follows(self, at: int, later: int, there: Flags, may: May, printed: Printed) -> bool:
        """Whether a number that rests on the respondents of one issue may rest on those of a later one."""
        new, gone = self.counted[later] & ~self.counted[at], self._gone(at)
        told = self._unsure(at) or printed(self.counted[at])
        untold = not gone and not (told and (new & there).any())
        return untold or may(new, gone, self.counted[later])

    def _unsure(self, at: int) -> bool:
        """Whether nobody can tell any more what this issue decided."""
        return at < len(self.issued) and bool(self.issued[at].gone or self.issued[at].other_rules)

    def _gone(self, at: int) -> int:
        return self.issued[at].gone if at < len(self.issued) else 0


def alone(
    estimate: Estimate, number: Disclosed, indicator: Indicator, thresholds: Thresholds, gone: int = 0
) -> bool:
    """Whether the newcomers' `estimate` may be worked out, given how the number stands now.

    They must be as many as the number needs, differ among themselves, and be three in every step or class that is
    printed; of a share three must be inside and three outside. All this besides those who make up for the `gone`, of
    whom nobody knows which answer they took along.
    """
    few = FEW + gone
    if estimate.n - gone < thresholds.least(indicator):
        return False
    if number.status in ("suppressed_n", "suppressed_refused"):
        return True
    if estimate.statistic in ("mean", "median", "ratio"):
        return not estimate.unanimous
    if estimate.statistic == "share":
        k = estimate.k or 0
        return min(k, estimate.n - k) >= few
    for part in number.parts:
        if estimate.statistic == "options":
            k = sum(bool(set(part.codes) & one) for one in estimate.chosen)
            if min(k, estimate.n - k) < few:
                return False
        elif sum(estimate.counts.get(code, 0) for code in part.codes) < few:
            return False
    return True
