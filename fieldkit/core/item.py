"""One question with a stable id: its wording, its type, what may be answered and when it is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fieldkit.core.text import NOTHING, Text

ID = re.compile(r"[a-z][a-z0-9_]{1,62}\Z")
REQUIRED = ("hard", "yes", "no")
MISSING_REASONS = ("not_shown", "skipped", "dont_know", "refused", "not_applicable")
CHOSEN_REASONS = ("dont_know", "refused", "not_applicable")  # those with a button of their own


@dataclass(frozen=True, slots=True)
class ItemType:
    """What a kind of item stores, and who says it.

    `value` is one of code, codes (sorted), order (codes in the order given), number, text, date, time ('HH:MM'), mark
    (1 once ticked), arm_count ([arm, count]), computed (number or text), point ('lat lon', with altitude and accuracy
    where it is exact), media (the name of a file, see core.attachment), none. `options` says whether a list of
    options must, may or does not (`no`) belong. What is not `shown` has no place on the page; what is not `answered`
    is said by nobody: notes, calculations and hidden values.
    """

    value: str
    whole: bool = False  # numbers: only whole ones
    places: int = 0  # numbers and degrees: decimal places kept
    step: float | None = None  # numbers: the smallest difference that can be entered
    options: str = "no"
    shown: bool = True
    answered: bool = True


# Measurement types of codebook 0.1, what the case timeline adds, and what researchers' own instruments need. One row
# each; every other dict from type to builder (forms.build, the phone's widgets, the export) has the same keys, and a
# test says so.
TYPES: Mapping[str, ItemType] = MappingProxyType(
    {
        "likert5": ItemType("code", options="must"),
        "likert": ItemType("code", options="must"),
        "bipolar7": ItemType("code", options="must"),
        "single": ItemType("code", options="must"),
        "multi": ItemType("codes", options="must"),
        "rank": ItemType("order", options="must"),
        "count_month": ItemType("number", whole=True, step=1),
        "count": ItemType("number", whole=True, step=1),
        "integer": ItemType("number", whole=True, step=1),
        "hours_week": ItemType("number", places=1, step=0.5),
        "percentage": ItemType("number", places=1),
        "number": ItemType("number", places=2),
        "decimal": ItemType("number", places=6),
        "money": ItemType("number", places=2),
        "slider": ItemType("number", places=6, options="may"),
        "text": ItemType("text"),
        "long_text": ItemType("text"),
        "date": ItemType("date"),
        "time": ItemType("time"),
        "acknowledge": ItemType("mark", options="may"),
        "geopoint": ItemType("point", places=2),  # about a kilometre: coarse unless a researcher asks for more
        "image": ItemType("media"),
        "audio": ItemType("media"),
        "file": ItemType("media"),
        "note": ItemType("none", answered=False),
        "calculate": ItemType("computed", shown=False, answered=False),
        "hidden": ItemType("computed", shown=False, answered=False),
        "list_experiment": ItemType("arm_count", options="must"),
        "randomised_response": ItemType("code", options="must"),
    }
)
DESIGNS = ("warner", "forced")


@dataclass(frozen=True, slots=True)
class Randomised:
    """How chance protects the answer to a sensitive question (type randomised_response).

    warner: with probability `truth` the person answers whether the statement holds for them, otherwise whether its
    opposite does. forced: with probability `truth` they answer truthfully, with probability `yes` they say yes
    whatever is true, otherwise no. Warner (1965), JASA 60: 63-69; Fox and Tracy (1986), Randomized Response.
    """

    design: str
    truth: float
    yes: float = 0.0

    def __post_init__(self) -> None:
        if self.design not in DESIGNS:
            raise ValueError(f"design {self.design!r} is not one of {DESIGNS}")
        if not 0 < self.truth < 1 or not 0 <= self.yes <= 1 - self.truth + 1e-9:
            raise ValueError("truth lies between 0 and 1, and yes between 0 and 1 - truth")
        if self.design == "warner" and (self.truth == 0.5 or self.yes):
            raise ValueError("with Warner's design truth is not 0.5 and there is no forced yes")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen. `exclusive` clears all others; `missing` turns it into a missing reason.

    `other` labels the text field that opens when it is chosen (see `companion`). `facts` are columns that a choice
    filter looks at, such as the province of a county. `sensitive` marks the one statement of a list experiment that
    only half of the respondents see.
    """

    code: int
    text: Text
    exclusive: bool = False
    missing: str = ""  # e.g. 'refused' for code 9 of the profile: a button, never the number 9
    other: Text = NOTHING
    facts: tuple[tuple[str, str], ...] = ()
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A condition in the expression language with the words shown when it fails (constraint) or holds (warning)."""

    expression: str
    message: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Item:
    """One question.

    `low` and `high` bound numbers (inclusive) and the length of texts; `decimals` overrides the type's decimal
    places (of a geopoint: those of its degrees). `relevance` is the expression under which the item is asked
    ('' = always). `constraint` must hold for an answer to be accepted, `warnings` only ask the respondent to look
    again. `missing` lists the missing
    reasons offered as buttons. `list_name` names the option set that the options come from, if any. `default` is an
    answer as a person would type it ('3', '1 3', '2026-01-01'), standing there until changed. `calculation` is the
    expression of a calculated item; `choice_filter` leaves only the options for which it holds, over ${items} and the
    options' own columns (province = ${prov}; `name` is the code).
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
    default: str = ""
    calculation: str = ""
    choice_filter: str = ""
    random_order: bool = False  # options in an order drawn for each person; exclusive, other and missing stay last
    step: float | None = None  # numbers: the smallest difference that can be entered, where it differs from the type's
    randomised: Randomised | None = None
    keep_location: bool = False  # image: ask whether the place where it was taken may stay in it; else it is removed

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

    @property
    def smallest(self) -> float | None:
        """The smallest difference that can be entered, counted from the lowest answer; None where any will do."""
        return self.kind.step if self.step is None else self.step

    def option(self, code: object) -> Option | None:
        """The option with this code, if the item has it."""
        return next((o for o in self.options if o.code == code), None)


OTHER = "_other"
OTHER_LENGTH = 100  # characters for 其他（请说明）


def companion(item: Item) -> Item | None:
    """The text item that asks 'please specify' once an option with `other` is chosen; None where there is none.

    >>> other = Option(98, Text(zh="其他"), other=Text(zh="请说明"))
    >>> found = companion(Item("way", Text(zh="怎么去？"), "single", (other,)))
    >>> found.id, found.relevance
    ('way_other', "selected(${way}, '98')")
    """
    for option in item.options:
        if option.other:
            relevance = f"selected(${{{item.id}}}, '{option.code}')"
            return Item(
                item.id + OTHER,
                option.other,
                "text",
                high=OTHER_LENGTH,
                relevance=relevance,
                sensitive=item.sensitive,
                missing=(),
            )
    return None


def without_companions(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items without those that ask 'please specify': these follow their choice wherever it goes."""
    listed = list(items)
    follow = {follower.id: follower for item in listed if (follower := companion(item))}
    return tuple(item for item in listed if follow.get(item.id) != item)


def with_companions(items: Iterable[Item]) -> Iterator[Item]:
    """The items, each followed by its companion unless a companion of that name stands among them already."""
    listed = list(items)
    named = {item.id for item in listed}
    for item in listed:
        yield item
        follower = companion(item)
        if follower and follower.id not in named:
            yield follower
