"""What the function of a kind gets (answers and what was computed before) and gives (a column with reasons)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fieldkit.core.instrument import Indicator
from fieldkit.core.item import Item
from fieldkit.stats.frame import Frame

Numbers = npt.NDArray[np.float64]
Words = npt.NDArray[np.str_]
Sets = Sequence[frozenset[int] | None]


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """One value per respondent, NaN where there is none, and why: 'ok' or the reason.

    `x` and `y` are the two numbers of a ratio, `sets` the chosen codes of a question with several answers.
    """

    numbers: Numbers
    status: Words
    sets: Sets | None = None
    y: Numbers | None = None
    x: Numbers | None = None


@dataclass(frozen=True, eq=False)
class Computed:
    """The answers of a county together with the indicators computed so far."""

    frame: Frame
    columns: dict[str, Column] = field(default_factory=dict)

    def item(self, item_id: str) -> Item:
        """The item as it was asked."""
        return self.frame.questionnaire.items[item_id]

    def raw(self, item_id: str) -> Numbers:
        """Codes or numbers as answered, NaN where missing."""
        return self.frame.numbers[item_id]

    def scored(self, item_id: str) -> Numbers:
        """Codes with reversed items turned round: least + greatest option code - x."""
        item, raw = self.item(item_id), self.raw(item_id)
        if not item.reverse:
            return raw
        codes = [o.code for o in item.options if not o.missing]
        return min(codes) + max(codes) - raw

    def none_shown(self, items: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Who was asked none of these items."""
        shown = np.zeros(self.frame.n_analysed, dtype=bool)
        for item_id in items:
            shown |= self.frame.reasons[item_id] != 0  # 0 is not_shown
        return ~shown

    def column(self, numbers: Numbers, indicator: Indicator, reason: str = "missing") -> Column:
        """A column whose empty places were not asked, or empty for `reason`."""
        missing = np.isnan(numbers)
        status = np.full(len(numbers), "ok", dtype="<U16")
        if missing.any():
            status[missing] = reason
            status[missing & self.none_shown(indicator.items)] = "not_shown"
        return Column(numbers, status)
