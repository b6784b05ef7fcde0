"""The form of one item of a researcher's own, made from the table of a file's keys (`core.instrument_file`).

What a file can say about an item, the form can ask: each key becomes a field of its kind, and the item type decides
which keys are of use. A key added to the table later appears by itself. The form gives the block of a file, which
`services.design.read_item` reads like any file, so that form and file are judged by one rule.

Names on the wire: `hint` for a plain value, `text.zh` for words, `range.low`, `options.3.code` for the third option,
`constraint.message.zh` for what lies in a block within.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from types import MappingProxyType
from typing import Any, Protocol

from fieldkit.core.instrument_file import BLOCKS, Key
from fieldkit.core.item import TYPES, Item, ItemType, Option
from fieldkit.core.text import Text

FEWEST_ROWS = 5
MOST_ROWS = 200
EXPRESSIONS = ("relevance", "expression", "calculation", "choice_filter")


class Sent(Protocol):
    """What a browser sends: werkzeug's MultiDict and its like."""

    def get(self, name: str, default: str, /) -> str: ...
    def getlist(self, name: str, /) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One key of the block as the form shows it.

    `kind` says how it is asked: line, long, expression, words, one, flag, range, reasons, options, block. `name` is
    where it stands on the wire, `key` its name in a file. `parts` are those of a block within.
    """

    key: str
    name: str
    kind: str
    must: bool
    about: str
    among: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


def _always(name: str, kind: ItemType) -> bool:
    return True


def _answered(name: str, kind: ItemType) -> bool:
    return kind.answered


def _with_options(name: str, kind: ItemType) -> bool:
    return kind.options != "no"


def _number(name: str, kind: ItemType) -> bool:
    return kind.value == "number"


# Which types a key is of use for; a key that is not listed is asked for every type.
FITS: Mapping[str, Callable[[str, ItemType], bool]] = MappingProxyType(
    {
        "type": lambda name, kind: False,  # chosen at the head of the form
        "source": lambda name, kind: False,  # the county of the link only
        "options": _with_options,
        "choice_filter": _with_options,
        "random_order": _with_options,
        "range": lambda name, kind: kind.value in ("number", "text"),
        "decimals": lambda name, kind: kind.value in ("number", "point"),
        "keep_location": lambda name, kind: name == "image",
        "step": _number,
        "unit": _number,
        "warn_above": _number,
        "most": lambda name, kind: kind.value in ("codes", "order"),
        "left": lambda name, kind: name == "bipolar7",
        "right": lambda name, kind: name == "bipolar7",
        "reverse": lambda name, kind: kind.value == "code" and name != "randomised_response",
        "randomised": lambda name, kind: name == "randomised_response",
        "calculation": lambda name, kind: name == "calculate",
        "default": lambda name, kind: (kind.answered and kind.value != "media") or name == "hidden",
        "required": _answered,
        "sensitive": _answered,
        "constraint": _answered,
        "warning": _answered,
        "missing": _answered,
        "recall": _answered,
        "hint": _answered,
        "label": lambda name, kind: name != "note",
    }
)
# What is asked first; the rest stands under 更多, in the order of the table.
FIRST = tuple("id text options left right randomised calculation range unit relevance required".split())

KIND_OF: Mapping[str, str] = MappingProxyType(
    {
        "id": "line",
        "line": "line",
        "number": "line",
        "whole": "line",
        "words": "words",
        "one": "one",
        "flag": "flag",
        "range": "range",
        "rows": "range",
        "reasons": "reasons",
        "options": "options",
    }
)


def parts_of(type: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """What the form of this item type asks: first what every author needs, then the rest."""
    kind = TYPES[type]
    every = [
        part_of(key, entry)
        for key, entry in BLOCKS["item"].items()
        if FITS.get(key, _always)(type, kind) and entry.value.partition(":")[0] in (*KIND_OF, "block")
    ]
    usual = [key for key in FIRST if key != "options" or kind.options == "must"]
    first = sorted((p for p in every if p.key in usual), key=lambda p: usual.index(p.key))
    return tuple(first), tuple(p for p in every if p.key not in usual)


def part_of(key: str, entry: Key, prefix: str = "") -> Part:
    """One key of a block as a form shows it."""
    kind, _, block = entry.value.partition(":")
    inner: tuple[Part, ...] = ()
    if block:
        inner = tuple(part_of(k, e, f"{prefix}{key}.") for k, e in BLOCKS[block].items())
        shown = "block"
    elif key in EXPRESSIONS:
        shown = "expression"
    else:
        shown = KIND_OF[kind]
    return Part(key, prefix + key, shown, entry.must, entry.about, entry.among, inner)


# ------------------------------------------------------------------------------------------ an item to a form


def values_of(item: Item) -> dict[str, str | list[str]]:
    """What the form shows for an item as it is."""
    values: dict[str, str | list[str]] = {"type": item.type}
    for key, entry in BLOCKS["item"].items():
        if key == "options":
            values.update(option_values(item.options))
        elif key == "range":
            values["range.low"], values["range.high"] = plain(item.low), plain(item.high)
        else:
            _put(values, key, entry, getattr(item, key, None))
    return values


def _put(values: dict[str, str | list[str]], name: str, entry: Key, value: Any) -> None:
    block = entry.value.partition(":")[2]
    if isinstance(value, Text):
        values.update({f"{name}.{language}": words for language, words in value.items()})
    elif block:
        if is_dataclass(value):
            for field in fields(value):
                if field.name in BLOCKS[block]:
                    _put(values, f"{name}.{field.name}", BLOCKS[block][field.name], getattr(value, field.name))
    elif isinstance(value, tuple):
        values[name] = [str(v) for v in value]
    elif isinstance(value, bool):
        values[name] = "1" if value else ""
    else:
        values[name] = plain(value)


def plain(value: object) -> str:
    """A value as a person would write it; '' for none."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def option_values(options: Sequence[Option]) -> dict[str, str | list[str]]:
    """The options as the form's rows."""
    values: dict[str, str | list[str]] = {"rows": str(max(len(options) + 1, FEWEST_ROWS))}
    for n, option in enumerate(options):
        values[f"options.{n}.code"] = str(option.code)
        values.update({f"options.{n}.{language}": words for language, words in option.text.items()})
        for key, entry in BLOCKS["option"].items():
            value = getattr(option, key, None)
            if key == "facts" and value:
                values[f"options.{n}.facts"] = "; ".join(f"{k}={v}" for k, v in value)
            else:
                _put(values, f"options.{n}.{key}", entry, value)
    return values


def sent_values(sent: Sent, names: Sequence[str]) -> dict[str, str | list[str]]:
    """What was sent, to be shown again."""
    return {name: sent.getlist(name) if name == "missing" else sent.get(name, "") for name in names}


def rows_of(values: Mapping[str, str | list[str]]) -> int:
    """How many rows of options the form shows."""
    given = str(values.get("rows", ""))
    return min(MOST_ROWS, max(FEWEST_ROWS, int(given) if given.isdigit() else 0))


# ------------------------------------------------------------------------------------------ a form to a block


def block_of(sent: Sent, type: str, languages: Sequence[str]) -> dict[str, object]:
    """The item's block as a file would have it; what was left empty is left out."""
    first, more = parts_of(type)
    block: dict[str, object] = {"type": type}
    for part in (*first, *more):
        value = _value(part, sent, languages)
        if given(value):
            block[part.key] = value
    if "missing" not in block and sent.get("missing_asked", ""):
        block["missing"] = []
    if block.get("missing") == ["dont_know", "refused"]:
        del block["missing"]
    return block


def given(value: object) -> bool:
    """Whether something was said; a 0 was.

    >>> given(0), given(""), given(False), given({})
    (True, False, False, False)
    """
    return value is not False and (isinstance(value, int | float) or value not in ("", None, {}, []))


def _value(part: Part, sent: Sent, languages: Sequence[str]) -> object:
    if part.kind == "words":
        return words_in(part.name, sent, languages)
    if part.kind == "flag":
        return sent.get(part.name, "") == "1"
    if part.kind == "range":
        low, high = (typed(sent.get(f"{part.name}.{end}", "")) for end in ("low", "high"))
        return None if (low, high) == ("", "") else [None if end == "" else end for end in (low, high)]
    if part.kind == "reasons":
        return [r for r in part.among if r in sent.getlist(part.name)]
    if part.kind == "options":
        return _options(sent, languages)
    if part.kind == "block":
        inner = {p.key: _value(p, sent, languages) for p in part.parts}
        return {key: value for key, value in inner.items() if given(value)}
    line = sent.get(part.name, "").strip().replace("\r\n", "\n")
    numeric = BLOCKS["item"].get(part.name)
    if numeric and numeric.value in ("number", "whole"):
        return typed(line)
    if part.key in ("truth", "yes"):
        return typed(line)
    return line


def words_in(name: str, sent: Sent, languages: Sequence[str]) -> dict[str, str]:
    """What was said in each language; languages in which nothing was said are left out."""
    said = {language: sent.get(f"{name}.{language}", "").strip().replace("\r\n", "\n") for language in languages}
    return {language: words for language, words in said.items() if words}


def typed(text: str) -> object:
    """A number where it is one; else the words as typed, so that they can be refused where they stand."""
    text = text.strip()
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,15}\.\d{1,10}", text) else text


def _options(sent: Sent, languages: Sequence[str]) -> dict[object, object]:
    options: dict[object, object] = {}
    rows = sent.get("rows", "0")
    for n in range(min(MOST_ROWS, int(rows) if rows.isdigit() else 0)):
        start = f"options.{n}"
        code, words = sent.get(f"{start}.code", "").strip(), words_in(start, sent, languages)
        if not code and not words:
            continue
        marks = dict(_marks(sent, start, languages))
        number = typed(code) if code else _next_code(options)
        while number in options:  # a code given twice must be seen as such, not overwrite the first
            number = f"{number} "
        options[number] = {**words, **marks}
    return options


def _next_code(options: Mapping[object, object]) -> int:
    return max((code for code in options if isinstance(code, int) and code < 90), default=0) + 1


def _marks(sent: Sent, start: str, languages: Sequence[str]) -> Iterator[tuple[str, object]]:
    for key, entry in BLOCKS["option"].items():
        name = f"{start}.{key}"
        if entry.value == "words":
            value: object = words_in(name, sent, languages)
        elif entry.value == "flag":
            value = sent.get(name, "") == "1"
        elif key == "facts":
            pairs = (pair.partition("=") for pair in re.split(r"[;；]", sent.get(name, "")) if "=" in pair)
            value = {k.strip(): v.strip() for k, _, v in pairs}
        else:
            value = sent.get(name, "").strip()
        if value:
            yield key, value
