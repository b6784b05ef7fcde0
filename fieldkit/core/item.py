"""One question with a stable id: its wording, its type, what may be answered and when it is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fieldkit.core.text import NOTHING, Text

ID = re.compile(r"[a-z][a-z0-9_]{1,62}\Z")
REQUIRED = ("hard", "yes", "no")
MISSING_REASONS = ("not_shown", "skipped", "dont_know", "refused", "not_applicable")
CHOSEN_REASONS = ("dont_know", "refused", "not_applicable")  # those with a button of their own


@dataclass(frozen=True, slots=True)
class ItemType:
    """What a kind of item stores. `value` is one of code, codes, number, text, date, none."""

    value: str
    whole: bool = False  # numbers: only whole ones
    places: int = 0  # numbers: decimal places kept
    step: float | None = None  # numbers: the smallest difference that can be entered


# Measurement types of codebook 0.1, and what the case timeline adds. One row each; every other dict from type to
# builder (forms.build, the phone's widgets, the export) has the same keys, and a test says so.
TYPES: Mapping[str, ItemType] = MappingProxyType(
    {
        "likert5": ItemType("code"),
        "bipolar7": ItemType("code"),
        "single": ItemType("code"),
        "multi": ItemType("codes"),
        "count_month": ItemType("number", whole=True, step=1),
        "count": ItemType("number", whole=True, step=1),
        "integer": ItemType("number", whole=True, step=1),
        "hours_week": ItemType("number", places=1, step=0.5),
        "percentage": ItemType("number", places=1),
        "number": ItemType("number", places=2),
        "money": ItemType("number", places=2),
        "text": ItemType("text"),
        "date": ItemType("date"),
    }
)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen. `exclusive` clears all others; `missing` turns it into a missing reason."""

    code: int
    text: Text
    exclusive: bool = False
    missing: str = ""  # e.g. 'refused' for code 9 of the profile: a button, never the number 9


@dataclass(frozen=True, slots=True)
class Check:
    """A condition in the expression language with the words shown when it fails (constraint) or holds (warning)."""

    expression: str
    message: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Item:
    """One question.

    `low` and `high` bound numbers (inclusive) and the length of texts; `decimals` overrides the type's decimal
    places. `relevance` is the expression under which the item is asked ('' = always). `constraint` must hold for
    an answer to be accepted, `warnings` only ask the respondent to look again. `missing` lists the missing
    reasons offered as buttons. `list_name` names the option set that the options come from, if any.
    """

    id: str
    text: Text
    type: str
    options: tuple[Option, ...] = ()
    list_name: str = ""
    low: float | None = None
    high: float | None = None
    decimals: int | None = None
    most: int | None = None  # multi: how many may be chosen
    unit: Text = NOTHING
    hint: Text = NOTHING
    recall: Text = NOTHING
    left: Text = NOTHING  # bipolar: the pole at -3
    right: Text = NOTHING  # bipolar: the pole at +3
    required: str = "no"
    sensitive: bool = False
    reverse: bool = False
    relevance: str = ""
    constraint: Check | None = None
    warn_above: float | None = None
    warning: Check | None = None
    missing: tuple[str, ...] = ("dont_know", "refused")
    source: str = ""  # where the options come from when they are not listed here: 'wave.counties'
    note: str = ""
    label: Text = NOTHING  # a short name for charts and tables

    def __post_init__(self) -> None:
        if not ID.match(self.id):
            raise ValueError(f"item id {self.id!r}: small letters, digits and _ only, beginning with a letter")
        if self.type not in TYPES:
            raise ValueError(f"item {self.id}: type {self.type!r} is not one of {', '.join(TYPES)}")
        if self.required not in REQUIRED:
            raise ValueError(f"item {self.id}: required {self.required!r} is not one of {REQUIRED}")
        for reason in self.missing:
            if reason not in CHOSEN_REASONS:
                raise ValueError(f"item {self.id}: missing reason {reason!r} is not one of {CHOSEN_REASONS}")

    @property
    def kind(self) -> ItemType:
        """What this item's type stores."""
        return TYPES[self.type]

    @property
    def places(self) -> int:
        """Decimal places that an answer may have."""
        return self.kind.places if self.decimals is None else self.decimals

    def option(self, code: object) -> Option | None:
        """The option with this code, if the item has it."""
        return next((o for o in self.options if o.code == code), None)
