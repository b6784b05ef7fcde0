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
    """An earlier issue: the responses it counted that are still there, and how many of them were taken back since."""

    ids: frozenset[str]
    gone: int = 0


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


class Renewal:
    """Decides for one county which respondents a number rests on, given the earlier issues, oldest first."""

    def __init__(self, frame: Frame, issued: Sequence[Issued]) -> None:
        self.frame, self.issued = frame, issued
        self.counted = [*counted(frame, issued), np.ones(frame.n_analysed, dtype=bool)]

    def basis(
        self, there: Flags, may: Callable[[Flags, int], bool], printed: Callable[[Flags], bool] = lambda _: True
    ) -> Basis:
        """The respondents for a number that those in `there` have a value of.

        `may` judges whether a group of newcomers could be published alone, given how many answers were taken back;
        `printed` whether the number was printed at all when it rested on a group.
        """
        return self.at(self.latest(there, may, printed))

    def latest(
        self, there: Flags, may: Callable[[Flags, int], bool], printed: Callable[[Flags], bool] = lambda _: True
    ) -> int:
        """The place of the latest issue whose respondents the number may rest on; the last place is the present."""
        at = 0
        for later in range(1, len(self.counted)):
            new = self.counted[later] & ~self.counted[at]
            whole = not self._gone(at)
            untold = whole and (not (new & there).any() or not printed(self.counted[at]))
            if untold or may(new, self._gone(at)):
                at = later
        return at

    def at(self, at: int) -> Basis:
        """The respondents of one issue."""
        last = len(self.counted) - 1
        if at == last:
            return Basis(self.counted[last])
        return Basis(self.counted[at], at + 1, barred=bool(self._gone(at)))

    def _gone(self, at: int) -> int:
        return self.issued[at].gone if at < len(self.issued) else 0


def alone(
    estimate: Estimate, number: Disclosed, indicator: Indicator, thresholds: Thresholds, gone: int = 0
) -> bool:
    """Whether the newcomers' `estimate` may be worked out, given how the number stands now.

    They must be as many as the number needs, besides those who make up for the `gone`, differ among themselves, and be
    three in every step or class that is printed; of a share three must be inside and three outside.
    """
    if estimate.n - gone < thresholds.least(indicator):
        return False
    if number.status in ("suppressed_n", "suppressed_refused"):
        return True
    if estimate.statistic in ("mean", "median", "ratio"):
        return not estimate.unanimous
    if estimate.statistic == "share":
        k = estimate.k or 0
        return min(k, estimate.n - k) >= FEW
    for part in number.parts:
        if estimate.statistic == "options":
            k = sum(bool(set(part.codes) & one) for one in estimate.chosen)
            if min(k, estimate.n - k) < FEW:
                return False
        elif sum(estimate.counts.get(code, 0) for code in part.codes) < FEW:
            return False
    return True
