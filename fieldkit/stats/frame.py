"""Answers of one county as columns, and which responses enter the results (indicators.md 0.1)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from fieldkit.core.answer import Answer
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import MISSING_REASONS, Item
from fieldkit.core.response import Response

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LEVEL = "core_level"
UPPER_LEVELS = (1, 2)  # township, street; 3 and 4 are village and community
ATTENTION, ATTENTION_RIGHT = "core_attention", 2
VOLUNTARY, NOT_INDEPENDENT, BY_OTHERS = "core_voluntary", (3, 4), 4
SECONDS_PER_ITEM = 2
STRAIGHT_SCALES, STRAIGHT_ANSWERS = 2, 3
DUPLICATE_ANSWERS = 20
UNCOUNTED = ("text", "none", "computed", "point", "media")  # kinds of answers that no quality flag looks at
ANSWERED = -1  # in `reasons`: there is a value


@dataclass(frozen=True, eq=False)
class Quality:
    """The flags of every submitted response, in the order of `ids`; for the research team only."""

    ids: tuple[str, ...]
    attention_fail: Flags
    speeder: Flags
    straightline: Flags
    not_independent: Flags
    quality_exclude: Flags
    duplicate: Flags

    @property
    def excluded(self) -> Flags:
        """Who does not enter the results."""
        return np.asarray(self.quality_exclude | self.duplicate)

    def table(self) -> pd.DataFrame:
        """The flags as 0 and 1, one row per response."""
        names = ("attention_fail", "speeder", "straightline", "not_independent", "quality_exclude", "duplicate")
        return pd.DataFrame(
            {name: getattr(self, name).astype(int) for name in names}, index=pd.Index(self.ids, name="id")
        )


@dataclass(frozen=True, eq=False)
class Frame:
    """The analysed answers, one row per respondent.

    `numbers` has an array per item: codes and numbers as floats, NaN where missing. `sets` has the chosen codes of
    questions with several answers, None where missing. `reasons` has an array per item: the place of the missing
    reason in core.item.MISSING_REASONS, -1 where there is a value. Texts are never in here, only whether there is one.
    """

    questionnaire: Questionnaire
    ids: tuple[str, ...]
    numbers: Mapping[str, Numbers]
    sets: Mapping[str, Sequence[frozenset[int] | None]]
    reasons: Mapping[str, npt.NDArray[np.int8]]
    seconds: Numbers
    received_on: Sequence[datetime.date] = ()
    n_submitted: int = 0
    simulated: bool = False
    quality: Quality | None = field(default=None, repr=False)

    @property
    def n_analysed(self) -> int:
        """Responses that enter the results."""
        return len(self.ids)

    @property
    def n_excluded(self) -> int:
        """Responses that were handed in and do not enter the results."""
        return self.n_submitted - self.n_analysed

    @cached_property
    def median_minutes(self) -> float | None:
        """The median time of filling in, in minutes; None when fewer than ten times are known."""
        known = self.seconds[~np.isnan(self.seconds)]
        return float(np.median(known)) / 60 if len(known) >= 10 else None

    @cached_property
    def upper(self) -> Flags:
        """Who works in a township or street."""
        return np.isin(self.numbers.get(LEVEL, np.zeros(self.n_analysed)), UPPER_LEVELS)

    @cached_property
    def lower(self) -> Flags:
        """Who works in a village or community."""
        level = self.numbers.get(LEVEL, np.full(self.n_analysed, np.nan))
        return ~np.isnan(level) & ~self.upper

    def where(self, keep: Flags) -> Frame:
        """Only these respondents."""
        rows = np.flatnonzero(keep).tolist()
        return Frame(
            self.questionnaire,
            tuple(self.ids[i] for i in rows),
            {k: v[rows] for k, v in self.numbers.items()},
            {k: [v[i] for i in rows] for k, v in self.sets.items()},
            {k: v[rows] for k, v in self.reasons.items()},
            self.seconds[rows],
            [self.received_on[i] for i in rows],
            n_submitted=len(rows),
            simulated=self.simulated,
        )

    def counted(self, ids: Container[str], n_submitted: int) -> Frame:
        """Only the respondents with these ids, as of the day when `n_submitted` had been handed in."""
        return replace(self.where(np.array([i in ids for i in self.ids], dtype=bool)), n_submitted=n_submitted)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per respondent: a column per item and a column item__miss with the missing reason ('' = answered)."""
        names = np.array([*MISSING_REASONS, ""], dtype=object)
        columns: dict[str, object] = {}
        for item_id, reasons in self.reasons.items():
            if item_id in self.numbers:
                columns[item_id] = self.numbers[item_id]
            elif item_id in self.sets:
                columns[item_id] = [None if s is None else sorted(s) for s in self.sets[item_id]]
            columns[f"{item_id}__miss"] = names[reasons]
        return pd.DataFrame(columns, index=pd.Index(self.ids, name="id"))


def frame(responses: Iterable[Response], questionnaire: Questionnaire, *, excluded: bool = False) -> Frame:
    """The answers of one county as columns, without the responses that quality rules leave out.

    With `excluded` those are kept: the research export gives every row its flags and its scores.

    `responses` are all submitted responses of one county and one wave, in any order; withdrawn ones are not among
    them. The result does not depend on their order: rows stand by day and id. Costs about 20 µs per response.
    """
    whole = sorted(responses, key=lambda r: (r.received_on, r.id))
    cells = [r.answers for r in whole]
    numbers: dict[str, Numbers] = {}
    sets: dict[str, list[frozenset[int] | None]] = {}
    reasons: dict[str, npt.NDArray[np.int8]] = {}
    for item_id, item in questionnaire.items.items():
        column = [row.get(item_id) for row in cells]
        reasons[item_id] = np.array([_reason(a) for a in column], dtype=np.int8)
        kind = item.kind.value
        if kind in ("code", "number"):
            numbers[item_id] = np.array([np.nan if a is None or a.value is None else a.value for a in column], float)
        elif kind == "computed":
            told = [a.value if a is not None and isinstance(a.value, int | float) else np.nan for a in column]
            numbers[item_id] = np.array(told, float)
        elif kind == "codes":
            sets[item_id] = [None if a is None or a.value is None else frozenset(a.value) for a in column]
    seconds = np.array([np.nan if r.active_seconds is None else r.active_seconds for r in whole], float)
    everyone = Frame(
        questionnaire,
        tuple(r.id for r in whole),
        numbers,
        sets,
        reasons,
        seconds,
        [r.received_on for r in whole],
        n_submitted=len(whole),
        simulated=any(r.simulated for r in whole),
    )
    quality = _quality(everyone)
    kept = everyone if excluded or not quality.excluded.any() else everyone.where(~quality.excluded)
    return Frame(
        kept.questionnaire,
        kept.ids,
        kept.numbers,
        kept.sets,
        kept.reasons,
        kept.seconds,
        kept.received_on,
        n_submitted=len(whole),
        simulated=everyone.simulated,
        quality=quality,
    )


def frames(responses: Iterable[Response], questionnaire: Questionnaire) -> dict[str, Frame]:
    """One frame per county, by county code."""
    by_county: dict[str, list[Response]] = defaultdict(list)
    for response in responses:
        by_county[response.county].append(response)
    return {county: frame(rows, questionnaire) for county, rows in sorted(by_county.items())}


_PLACE = {reason: at for at, reason in enumerate(MISSING_REASONS)}
_NOT_SHOWN = _PLACE["not_shown"]


def _reason(answer: Answer | None) -> int:
    if answer is None:
        return _NOT_SHOWN
    return ANSWERED if answer.missing is None else _PLACE[answer.missing]


def _quality(everyone: Frame) -> Quality:
    """The flags of indicators.md 0.1 for every submitted response."""
    n = everyone.n_analysed
    nothing = np.full(n, np.nan)
    attention = everyone.numbers.get(ATTENTION, nothing)
    voluntary = everyone.numbers.get(VOLUNTARY, nothing)
    answered = sum((r == ANSWERED for r in everyone.reasons.values()), start=np.zeros(n, int))
    attention_fail = ~np.isnan(attention) & (attention != ATTENTION_RIGHT)
    with np.errstate(invalid="ignore"):
        speeder = everyone.seconds < SECONDS_PER_ITEM * answered
    straightline = _straightline(everyone)
    signs = attention_fail.astype(int) + speeder + straightline
    return Quality(
        everyone.ids,
        attention_fail,
        speeder,
        straightline,
        np.isin(voluntary, NOT_INDEPENDENT),
        (voluntary == BY_OTHERS) | (signs >= 2),
        _duplicates(everyone),
    )


def _straightline(everyone: Frame) -> Flags:
    """The same answer throughout every scale with a reversed item, where at least two such scales were answered."""
    items = everyone.questionnaire.items
    used, same = np.zeros(everyone.n_analysed, int), np.zeros(everyone.n_analysed, int)
    for indicator in everyone.questionnaire.indicators:
        if indicator.kind != "scale" or not any(items[i].reverse for i in indicator.items):
            continue
        raw = np.column_stack([everyone.numbers[i] for i in indicator.items])
        enough = (~np.isnan(raw)).sum(axis=1) >= STRAIGHT_ANSWERS
        low = np.where(np.isnan(raw), np.inf, raw).min(axis=1)
        high = np.where(np.isnan(raw), -np.inf, raw).max(axis=1)
        used += enough
        same += enough & (low == high)
    return np.asarray((used >= STRAIGHT_SCALES) & (same == used))


def substantive(item: Item) -> bool:
    """Whether an item asks about the subject, not about the respondent or the way of filling in."""
    return not item.id.startswith("core_") and item.kind.value not in UNCOUNTED


def _duplicates(everyone: Frame) -> Flags:
    """Second and later responses with exactly the same substantive answers, at least twenty of them."""
    ids = [i.id for i in everyone.questionnaire if substantive(i) and i.id in everyone.reasons]
    plain = [i for i in ids if i in everyone.numbers]
    several = [i for i in ids if i in everyone.sets]
    answered = sum((everyone.reasons[i] == ANSWERED for i in ids), start=np.zeros(everyone.n_analysed, int))
    table = np.column_stack([everyone.numbers[i] for i in plain]) if plain else np.empty((everyone.n_analysed, 0))
    found = np.zeros(everyone.n_analysed, dtype=bool)
    seen: set[object] = set()
    for row in range(everyone.n_analysed):
        if answered[row] < DUPLICATE_ANSWERS:
            continue
        key = (table[row].tobytes(), tuple(everyone.sets[i][row] for i in several))
        found[row] = key in seen
        seen.add(key)
    return found
