"""Modules (banks of constructs from one paper) and questionnaires (what a person fills), versioned.

A questionnaire pins the version of every module it draws from and keeps its own copy of the items, so that what
was asked can be read from one object. Both are frozen; a published one is known by the hash of its content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from fieldkit.core.expression import ExpressionError, parse
from fieldkit.core.item import Item, Option, without_companions
from fieldkit.core.problem import Problem
from fieldkit.core.text import NOTHING, Text

Kind = TypeVar("Kind")
VERSION = re.compile(r"(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})\Z")


def version_key(version: str) -> tuple[int, int, int]:
    """'1.10.0' as numbers, so that versions sort as people read them."""
    match = VERSION.match(version)
    if not match:
        raise ValueError(f"version {version!r} is not MAJOR.MINOR.PATCH")
    major, minor, patch = match.groups()
    return int(major), int(minor), int(patch)


@dataclass(frozen=True, slots=True)
class Construct:
    """A concept measured by items: definition, where it comes from, and how its items are read."""

    id: str
    title: Text
    definition: str
    items: tuple[Item, ...]
    level: str = ""
    measurement: str = ""
    model: str = ""  # reflective, formative, index, descriptor, gate, flag, text ...
    stem: Text = NOTHING
    quotation: str = ""
    section: str = ""
    scoring: str = ""
    note: str = ""
    skip: str = ""


@dataclass(frozen=True, slots=True)
class IndicatorKind:
    """How one kind of indicator is declared: which parameters it must and may have, and what it computes.

    `items` says what the author lists: 'one' item, 'many', or '' where they follow from the parameters.
    """

    about: str
    items: str = "many"
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


ESTIMATES = ("mean", "median", "share", "ratio", "categories")

# One row for each way a respondent's value comes about; `stats.indicators` has one function for each.
INDICATOR_KINDS: Mapping[str, IndicatorKind] = MappingProxyType(
    {
        "scale": IndicatorKind(
            "Mean of the items after reversing, stretched so that the lowest option is 0 and the highest 100.",
            must=("min_valid",),
        ),
        "mean": IndicatorKind("Mean of the option codes after reversing.", must=("min_valid",)),
        "index": IndicatorKind(
            "factor * (mean of the option codes after reversing - centre).", must=("min_valid", "factor", "centre")
        ),
        "value": IndicatorKind("The number of one item as entered.", items="one"),
        "sum": IndicatorKind("Sum of the items; all of them are needed."),
        "mean_of_scores": IndicatorKind("Mean of other indicators.", items="", must=("indicators", "min_valid")),
        "count_at_least": IndicatorKind(
            "How many of the other indicators reach at_least; all of them are needed.",
            items="",
            must=("indicators", "at_least"),
        ),
        "count_codes": IndicatorKind("How many of the codes were chosen in one multi item.", "one", must=("codes",)),
        "formula": IndicatorKind(
            "An expression over ${items} and ${indicators}. There is a value only if all of them (or those listed in "
            "needs) have one, `when` holds and the result is a finite number; true counts as 1, false as 0.",
            items="",
            must=("expression",),
            may=("when", "needs"),
        ),
        "share": IndicatorKind(
            "1 for the codes in true, 0 for those in false; no value for any other code.", "one", must=("true", "false")
        ),
        "ratio": IndicatorKind(
            "100 * numerator / denominator where the denominator is above 0; a county's value is the ratio of sums.",
            items="",
            must=("numerator", "denominator"),
        ),
        "categories": IndicatorKind("The code that was chosen.", "one", may=("leave_out",)),
        "options": IndicatorKind(
            "The codes that were chosen in one multi item; shares among those who chose any. `last` are printed last.",
            "one",
            may=("last",),
        ),
        "negotiating_room": IndicatorKind(
            "Named rule over task, direction, assigned, feasible, accepted (in this order). part: room, raw, "
            "standard_gap, concession, or status (1 ok, 2 no gap, 3 slack, 4 missing, 5 no task).",
            must=("part", "tolerance"),
            may=("leave_out",),
        ),
        "pathway_class": IndicatorKind(
            "Named rule over two strengths (problem, platform) with an inclusive cut: 1 problem-driven, "
            "2 platform-driven, 3 composite, 4 neither.",
            items="",
            must=("indicators", "cut"),
        ),
    }
)
ANY_KIND_MAY = ("also", "private")  # further statistics of the same indicator; research export only


@dataclass(frozen=True, slots=True)
class Indicator:
    """A number derived from answers, declared as data.

    `kind` says how a respondent's value comes about (INDICATOR_KINDS); `parameters` are that kind's own settings.
    `estimate` says how a county's value comes about (ESTIMATES). `items` are all items that the value depends on,
    also through other indicators. `options` names the codes of a category where no item's options do.
    """

    id: str
    title: Text
    kind: str
    estimate: str
    items: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    unit: Text = NOTHING
    high_means: Text = NOTHING
    print_name: Text = NOTHING  # the neutral name of sensitive scales
    statement: Text = NOTHING  # shares: what the counted respondents say
    n_min: int = 10
    sensitive: bool = False
    decimals: int = 1
    parameters: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    options: tuple[Option, ...] = ()


def indicator_of(item: Item) -> Indicator | None:
    """One item as an indicator under its own id, so that a report can print any question; None for text and dates.

    Numbers give the median, choices the share of each code.
    """
    kinds = {
        "number": ("value", "median", 1),
        "code": ("categories", "categories", 0),
        "codes": ("options", "categories", 0),
    }
    if item.kind.value not in kinds:
        return None
    kind, estimate, decimals = kinds[item.kind.value]
    return Indicator(
        id=item.id,
        title=item.label or item.text,
        kind=kind,
        estimate=estimate,
        items=(item.id,),
        low=item.low,
        high=item.high,
        unit=item.unit,
        n_min=20 if item.sensitive else 10,
        sensitive=item.sensitive,
        decimals=decimals,
    )


def items_behind(parameters: Mapping[str, object], found: Mapping[str, Indicator]) -> tuple[str, ...]:
    """The items behind parameters that name items, indicators, or an expression over both, each once.

    `found` are the indicators declared before. An expression that cannot be read names nothing: lint says why.
    """
    names: list[str] = []
    for part in ("numerator", "denominator", "expression", "when"):
        given = parameters.get(part)
        if isinstance(given, str) and part in ("expression", "when"):
            try:
                names += parse(given).references
            except ExpressionError:
                continue
        elif isinstance(given, str):
            names.append(given)
    listed = parameters.get("indicators")
    names += [str(n) for n in listed] if isinstance(listed, tuple) else []
    items = (item for name in names for item in (found[name].items if name in found else (name,)))
    return tuple(dict.fromkeys(items))


@dataclass(frozen=True)
class Module:
    """A bank of constructs from one paper, with the indicators that can be computed from them."""

    id: str
    version: str
    title: Text
    constructs: tuple[Construct, ...]
    indicators: tuple[Indicator, ...] = ()
    status: str = "draft"  # draft, piloted, validated
    paper: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    introduction: Text = NOTHING
    consent: Text = NOTHING  # core only: the text with 【】 to be filled by the study
    hash: str = ""

    def __post_init__(self) -> None:
        version_key(self.version)

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """All items by id, in the order of the file."""
        return MappingProxyType({i.id: i for c in self.constructs for i in c.items})

    def construct_of(self, item_id: str) -> Construct | None:
        """The construct that an item measures."""
        return next((c for c in self.constructs if any(i.id == item_id for i in c.items)), None)


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one section that belong together: under one title, one condition, as rows, or as a matrix.

    `items` are the ids of all items it spans, those of groups inside it too; they stand next to one another in the
    section. `inside` is the group it lies in. `repeat` makes it a list of rows, one answer each for every item and row.
    `matrix` items share one set of options and are shown as cards under the title.
    """

    id: str
    title: Text
    items: tuple[str, ...]
    inside: str = ""
    introduction: Text = NOTHING
    recall: Text = NOTHING
    relevance: str = ""
    repeat: tuple[int, int] | None = None  # least and most rows
    matrix: bool = False
    random_order: bool = False  # its items in an order drawn for each person


@dataclass(frozen=True, slots=True)
class Section:
    """One page on the phone: a title, an introduction, and items in order.

    `repeat` makes the section a list of rows (researchers only). `groups` bind some of its items together, an outer
    group before those inside it.
    """

    id: str
    title: Text
    items: tuple[Item, ...]
    introduction: Text = NOTHING
    definitions: bool = False  # print the definitions of codebook 0.6 here
    recall: Text = NOTHING
    relevance: str = ""
    repeat: tuple[int, int] | None = None  # least and most rows
    groups: tuple[Group, ...] = ()
    random_order: bool = False  # its items in an order drawn for each person

    def around(self, item_id: str) -> tuple[Group, ...]:
        """The groups that an item lies in, the outermost first."""
        return tuple(group for group in self.groups if item_id in group.items)


@dataclass(frozen=True)
class Questionnaire:
    """What a person fills: ordered sections of items with pinned module versions.

    `audience` is 'cadre' or 'researcher'. `minutes` is the estimate printed in the consent text.
    """

    id: str
    version: str
    title: Text
    sections: tuple[Section, ...]
    modules: Mapping[str, str]
    indicators: tuple[Indicator, ...] = ()
    constructs: tuple[Construct, ...] = ()  # those with at least one item asked
    consent: Text = NOTHING
    introduction: Text = NOTHING
    opening: tuple[Item, ...] = ()  # asked before the first section: consent and county
    audience: str = "cadre"
    languages: tuple[str, ...] = ("zh",)
    minutes: float = 0
    status: str = "draft"
    hash: str = ""

    def __post_init__(self) -> None:
        version_key(self.version)

    def __iter__(self) -> Iterator[Item]:
        """All items in the order they are asked, consent and county first."""
        yield from self.opening
        for section in self.sections:
            yield from section.items

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """All items by id, in the order they are asked."""
        return MappingProxyType({item.id: item for item in self})

    @cached_property
    def section_of(self) -> Mapping[str, Section]:
        """Item id to the section it stands in (opening items are not in it)."""
        return MappingProxyType({item.id: section for section in self.sections for item in section.items})


def count_questions(items: Iterable[Item]) -> int:
    """How many of these items a person answers; notes, calculations and 'please specify' fields are no questions."""
    return sum(item.kind.answered for item in without_companions(items))


def questions_in(instrument: Module | Questionnaire) -> int:
    """How many questions an instrument has, as every list and page counts them: without consent and county."""
    if isinstance(instrument, Questionnaire):
        return sum(count_questions(section.items) for section in instrument.sections)
    return count_questions(instrument.items.values())


# Seconds on a phone (codebook 0.10), until a pilot gives the study's own.
SECONDS = MappingProxyType(
    {
        "code": 8,
        "codes": 16,
        "order": 30,
        "number": 27,
        "text": 45,
        "date": 27,
        "time": 27,
        "mark": 5,
        "arm_count": 30,
        "point": 15,
        "media": 40,
        "computed": 0,
        "none": 5,
    }
)
BIPOLAR_SECONDS, CONSENT_SECONDS, MODULE_SECONDS = 10, 60, 8


def planned_seconds(questionnaire: Questionnaire) -> int:
    """How long a person needs who is asked everything: an upper estimate from the planning constants."""
    items = sum(BIPOLAR_SECONDS if i.type == "bipolar7" else SECONDS[i.kind.value] for i in questionnaire)
    return items + CONSENT_SECONDS + MODULE_SECONDS * len(set(questionnaire.modules) - {"core"})


def stated_minutes(questionnaire: Questionnaire) -> int:
    """The minutes that respondents are told: what the questionnaire says, or the estimate where it says nothing."""
    return max(1, round(questionnaire.minutes or planned_seconds(questionnaire) / 60))


@dataclass(frozen=True)
class Library:
    """All modules and questionnaires of a folder, each known by its id and version."""

    modules: Mapping[tuple[str, str], Module]
    questionnaires: Mapping[tuple[str, str], Questionnaire]

    def module(self, module_id: str, version: str | None = None) -> Module:
        """One version of a module, or its newest; Problem `instrument.unknown`."""
        return _pick(self.modules, module_id, version)

    def questionnaire(self, questionnaire_id: str, version: str | None = None) -> Questionnaire:
        """One version of a questionnaire, or its newest; Problem `instrument.unknown`."""
        return _pick(self.questionnaires, questionnaire_id, version)


def _pick(shelf: Mapping[tuple[str, str], Kind], wanted: str, version: str | None) -> Kind:
    versions = [v for i, v in shelf if i == wanted]
    if not versions or (version is not None and version not in versions):
        raise Problem("instrument.unknown", where=wanted, instrument=wanted, version=version or "")
    return shelf[wanted, version or max(versions, key=version_key)]
