"""What each respondent's answers say: one value per respondent and indicator, or the reason why there is none.

`KINDS` maps an indicator's kind, as the instrument files declare it, to the function that computes it. Reading order:
column (what a function gets and gives), scales, counts, choices, formulas, negotiation, pathway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from fieldkit.core.instrument import Indicator
from fieldkit.stats.frame import Frame
from fieldkit.stats.indicators.choices import categories, options, share
from fieldkit.stats.indicators.column import Column, Computed
from fieldkit.stats.indicators.counts import count_codes, ratio, total, value
from fieldkit.stats.indicators.formulas import formula
from fieldkit.stats.indicators.negotiation import negotiating_room
from fieldkit.stats.indicators.pathway import pathway_class
from fieldkit.stats.indicators.scales import count_at_least, index, mean, mean_of_scores, scale

KINDS: Mapping[str, Callable[[Computed, Indicator], Column]] = {
    "scale": scale,
    "mean": mean,
    "index": index,
    "value": value,
    "sum": total,
    "mean_of_scores": mean_of_scores,
    "count_at_least": count_at_least,
    "count_codes": count_codes,
    "formula": formula,
    "share": share,
    "ratio": ratio,
    "categories": categories,
    "options": options,
    "negotiating_room": negotiating_room,
    "pathway_class": pathway_class,
}


def compute(frame: Frame, indicators: Iterable[Indicator]) -> Computed:
    """Every indicator for every respondent; an indicator stands after those that it uses."""
    done = Computed(frame)
    for indicator in indicators:
        done.columns[indicator.id] = KINDS[indicator.kind](done, indicator)
    return done


def respondent_values(frame: Frame, indicators: Iterable[Indicator]) -> pd.DataFrame:
    """A column per indicator and a column `<id>__status` that says why there is no value ('ok' where there is one).

    One row per analysed respondent. Reasons: missing, too_few, no_denominator, left_out, not_shown, and those of
    negotiating_room (no_gap, slack, no_task). Codes of several answers are sorted lists.
    """
    done = compute(frame, indicators)
    table: dict[str, object] = {}
    for name, column in done.columns.items():
        table[name] = column.numbers if column.sets is None else [None if s is None else sorted(s) for s in column.sets]
        table[f"{name}__status"] = column.status
    return pd.DataFrame(table, index=pd.Index(frame.ids, name="id"))
