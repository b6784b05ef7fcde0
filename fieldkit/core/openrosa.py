"""How each kind of question is asked by ODK Collect, Enketo and other programs that read XLSForm and XForm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fieldkit.core.expression import number_text
from fieldkit.core.item import Item


@dataclass(frozen=True, slots=True)
class Question:
    """What stands in the type and appearance columns of an XLSForm; `chooses` types name a list of choices.

    `bind` is the data type in the XForm and `control` the element that asks.
    """

    type: str
    appearance: str = ""
    bind: str = "string"
    control: str = "input"

    @property
    def chooses(self) -> bool:
        """Whether a list of choices follows the type."""
        return self.type in ("select_one", "select_multiple", "rank")


_ONE = Question("select_one", "", "string", "select1")
_LIKERT = Question("select_one", "likert", "string", "select1")
_WHOLE = Question("integer", "", "int")
_DECIMAL = Question("decimal", "", "decimal")
TEXT = Question("text")
MEDIA: Mapping[str, str] = MappingProxyType({"image": "image/*", "audio": "audio/*", "file": "application/*"})

# One row for each type of core.item.TYPES; a test says so.
QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "likert5": _LIKERT,
        "likert": _LIKERT,
        "bipolar7": _LIKERT,
        "single": _ONE,
        "multi": Question("select_multiple", "", "string", "select"),
        "rank": Question("rank", "", "odk:rank", "odk:rank"),
        "count_month": _WHOLE,
        "count": _WHOLE,
        "integer": _WHOLE,
        "hours_week": _DECIMAL,
        "percentage": _DECIMAL,
        "number": _DECIMAL,
        "decimal": _DECIMAL,
        "money": _DECIMAL,
        "slider": Question("range", "", "decimal", "range"),
        "text": TEXT,
        "long_text": Question("text", "multiline"),
        "date": Question("date", "", "date"),
        "time": Question("time", "", "time"),
        "acknowledge": Question("acknowledge", "", "string", "trigger"),
        "geopoint": Question("geopoint", "", "geopoint"),
        "image": Question("image", "", "binary", "upload"),
        "audio": Question("audio", "", "binary", "upload"),
        "file": Question("file", "", "binary", "upload"),
        "note": Question("note"),
        "calculate": Question("calculate", "", "string", ""),
        "hidden": Question("hidden", "", "string", ""),
        "list_experiment": _WHOLE,  # Collect asks for the count; the drawing of the arm is ours
        "randomised_response": _ONE,
    }
)
# What a row of a workbook that says nothing more becomes.
MEANT: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("select_one", ""): "single",
        ("select_one", "likert"): "likert",
        ("select_multiple", ""): "multi",
        ("rank", ""): "rank",
        ("integer", ""): "integer",
        ("decimal", ""): "decimal",
        ("range", ""): "slider",
        ("text", ""): "text",
        ("text", "multiline"): "long_text",
        ("date", ""): "date",
        ("time", ""): "time",
        ("acknowledge", ""): "acknowledge",
        ("geopoint", ""): "geopoint",
        ("image", ""): "image",
        ("audio", ""): "audio",
        ("file", ""): "file",
        ("note", ""): "note",
        ("calculate", ""): "calculate",
        ("hidden", ""): "hidden",
    }
)


def asked_as(item: Item) -> Question:
    """How an item is asked; one whose options are known to the server only (a wave's counties) as text."""
    question = QUESTIONS[item.type]
    return TEXT if question.chooses and not item.options else question


def bounds(item: Item) -> str:
    """The range, length, number of choices and exclusive options of an item as a condition on '.'; '' if unlimited.

    >>> from fieldkit.core.text import Text
    >>> bounds(Item("age", Text(zh="年龄"), "integer", low=18, high=65))
    '. >= 18 and . <= 65'
    """
    value = item.kind.value
    parts: list[str] = []
    if value in ("number", "text", "arm_count") and item.type != "slider":
        own = "string-length(.)" if value == "text" else "."
        parts += [f"{own} >= {number_text(item.low)}"] if item.low is not None else []
        parts += [f"{own} <= {number_text(item.high)}"] if item.high is not None else []
    if value in ("codes", "order"):
        parts += [f"count-selected(.) <= {item.most}"] if item.most is not None else []
    if value == "codes":
        parts += [f"(not(selected(., '{o.code}')) or count-selected(.) = 1)" for o in item.options if o.exclusive]
    return " and ".join(parts)


def accepted(item: Item) -> str:
    """The whole condition under which an answer is accepted: its bounds, then its own constraint."""
    limits = bounds(item)
    own = item.constraint.expression if item.constraint else ""
    return f"{limits} and ({own})" if limits and own else limits or own


def own_constraint(item: Item, whole: str) -> str:
    """What `accepted` added to the bounds of an item, found in the whole condition."""
    limits = bounds(item)
    if limits and whole == limits:
        return ""
    if limits and whole.startswith(f"{limits} and (") and whole.endswith(")"):
        return whole[len(limits) + 6 : -1]
    return whole
