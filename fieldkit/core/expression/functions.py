"""Every function that an expression can use, in one table."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Any

from fieldkit.core.expression.arithmetic import (
    greatest,
    guarded,
    half_up,
    logarithm,
    power_of,
    root,
    round_down,
    round_to,
    round_up,
    smallest,
    whole,
)
from fieldkit.core.expression.dates import (
    DAY_MS,
    format_date,
    iso_date,
    iso_moment,
    local_ms,
    ms_of,
    time_of_day,
)
from fieldkit.core.expression.pattern import matcher
from fieldkit.core.expression.scope import Answers
from fieldkit.core.expression.values import WHITE, Value, answer_text, text_number, to_number, to_text, to_truth


@dataclass(frozen=True, slots=True)
class Function:
    """One thing that an expression can do, with how many arguments it takes and how they are read.

    `reads` has a letter per argument: n number, s text, b truth, v as it is; a capital opens a node-set into
    its rows. The last letter holds for all further arguments. `gives` is the kind of the result. `scoped`
    functions also get the answers, for the clock, the row or the labels. `core` functions are in the small
    script that every phone loads; the others are in expression-more.js.
    """

    least: int
    most: int | None
    reads: str
    gives: str
    call: Callable[..., Any]
    scoped: bool = False
    core: bool = False


def _core(
    least: int, most: int | None, reads: str, gives: str, call: Callable[..., Any], scoped: bool = False
) -> Function:
    return Function(least, most, reads, gives, call, scoped, True)


def _lazy(*_: object) -> object:
    raise AssertionError("closures.py compiles these by hand")


def _slice(text: str, start: float, end: float | None = None) -> str:
    return text[_index(start) : None if end is None else _index(end)]


def _index(number: float) -> int:
    if number != number:
        return 0
    return int(max(-1e9, min(1e9, number)))


def _substring(text: str, start: float, length: float = inf) -> str:
    first = half_up(start)
    after = inf if length == inf and first == -inf else first + half_up(length)
    return "".join(c for place, c in enumerate(text, 1) if first <= place < after)


def _translate(text: str, letters: str, into: str) -> str:
    table: dict[str, str] = {}
    for place, letter in enumerate(letters):
        table.setdefault(letter, into[place : place + 1])
    return "".join(table.get(letter, letter) for letter in text)


_blanks = re.compile(f"[{WHITE}]+")


def _normal_space(text: str) -> str:
    return _blanks.sub(" ", text).strip(" ")


def _selected_at(text: str, place: float) -> str:
    parts = text.split(" ")
    index = whole(place)
    return parts[int(index)] if 0 <= index < len(parts) else ""


def _sum(value: Value, answers: Answers) -> float:
    if not isinstance(value, tuple):
        return 0.0 + to_number(value, answers)
    total = 0.0
    for text in reversed(value):  # the order of the reference engine; it decides the last digit
        total += text_number(text, answers)
    return total


def _count_filled(value: Value) -> float:
    return float(sum(1 for text in value if text)) if isinstance(value, tuple) else float(to_text(value) != "")


def _within(low: float, high: float, total: float) -> bool:
    return (low < 0 or total >= low) and (high < 0 or total <= high)


def _weighted(answers: Answers, low: Value, high: Value, *pairs: Value) -> bool:
    truths: list[bool] = []
    weights: list[float] = []
    for value, weight in zip(pairs[::2], pairs[1::2], strict=True):
        truths += [bool(text) for text in value] if isinstance(value, tuple) else [to_truth(value)]
        every = weight if isinstance(weight, tuple) else (weight,)
        weights += [to_number(one, answers) for one in every]
    total = 0.0
    for truth_, weight in zip(truths, weights, strict=False):
        if truth_ and weight == weight:
            total += weight
    return _within(to_number(low, answers), to_number(high, answers), total)


def _chance(answers: Answers) -> float:
    source: Callable[[], float] = getattr(answers, "random", None) or random.random
    return source()


def _uuid(answers: Answers) -> str:
    def letter(found: re.Match[str]) -> str:
        nibble = int(_chance(answers) * 16)
        return f"{nibble if found[0] == 'x' else nibble & 3 | 8:x}"

    return re.sub("[xy]", letter, "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx")


def _choice_name(answers: Answers, code: str, item: str) -> str:
    names: Mapping[str, Mapping[str, str]] = getattr(answers, "choice_names", {})
    return names.get(item, {}).get(code, "")


def _from_row(answers: Answers, column: Value, rows: Value, place: Value) -> str:
    index = whole(to_number(place, answers))
    return column[int(index) - 1] if isinstance(column, tuple) and 1 <= index <= len(column) else ""


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        # choice and truth
        "if": _core(3, 3, "bvv", "v", _lazy),
        "not": _core(1, 1, "b", "b", lambda a: not a),
        "true": _core(0, 0, "", "b", _lazy),
        "false": _core(0, 0, "", "b", _lazy),
        "boolean": _core(1, 1, "b", "b", lambda a: a),
        "boolean-from-string": Function(1, 1, "s", "b", lambda a: a in ("1", "true")),
        "coalesce": _core(2, 2, "s", "s", lambda a, b: a or b),
        "once": _core(1, 1, "s", "s", lambda answers, a: answer_text(getattr(answers, "current", None)) or a, True),
        "checklist": Function(3, None, "nnB", "b", lambda low, high, *t: _within(low, high, sum(t))),
        "weighted-checklist": Function(4, None, "v", "b", _weighted, True),
        # choices
        "selected": _core(2, 2, "s", "b", lambda a, b: b.strip(WHITE) in a.split(" ")),
        "selected-at": Function(2, 2, "sn", "s", _selected_at),
        "count-selected": _core(1, 1, "s", "n", lambda a: float(sum(1 for code in a.split(" ") if code))),
        "jr:choice-name": Function(2, 2, "s", "s", _choice_name, True),
        # text
        "string": _core(1, 1, "s", "s", lambda a: a),
        "string-length": _core(1, 1, "s", "n", lambda a: float(len(a))),
        "concat": _core(1, None, "S", "s", lambda *texts: "".join(texts)),
        "join": Function(2, None, "sS", "s", lambda between, *texts: between.join(texts)),
        "contains": _core(2, 2, "s", "b", lambda a, b: b in a),
        "starts-with": _core(2, 2, "s", "b", lambda a, b: a.startswith(b)),
        "ends-with": Function(2, 2, "s", "b", lambda a, b: a.endswith(b)),
        "substr": Function(2, 3, "sn", "s", _slice),
        "substring": Function(2, 3, "sn", "s", _substring),
        "substring-before": Function(2, 2, "s", "s", lambda a, b: a.partition(b)[0] if b and b in a else ""),
        "substring-after": Function(2, 2, "s", "s", lambda a, b: (a.partition(b)[2] if b in a else "") if b else a),
        "translate": Function(3, 3, "s", "s", _translate),
        "normalize-space": Function(1, 1, "s", "s", _normal_space),
        "regex": _core(2, 2, "s", "b", lambda a, pattern: matcher(pattern)(a) is not None),
        # numbers
        "number": _core(1, 1, "n", "n", lambda a: a),
        "int": _core(1, 1, "n", "n", whole),
        "round": _core(1, 2, "n", "n", round_to),
        "floor": Function(1, 1, "n", "n", round_down),
        "ceiling": Function(1, 1, "n", "n", round_up),
        "abs": Function(1, 1, "n", "n", abs),
        "pow": Function(2, 2, "n", "n", power_of),
        "sqrt": Function(1, 1, "n", "n", root),
        "exp": Function(1, 1, "n", "n", guarded(math.exp)),
        "exp10": Function(1, 1, "n", "n", lambda a: power_of(10.0, a)),
        "log": Function(1, 1, "n", "n", logarithm(math.log)),
        "log10": Function(1, 1, "n", "n", logarithm(math.log10)),
        "pi": Function(0, 0, "", "n", lambda: math.pi),
        "sin": Function(1, 1, "n", "n", guarded(math.sin)),
        "cos": Function(1, 1, "n", "n", guarded(math.cos)),
        "tan": Function(1, 1, "n", "n", guarded(math.tan)),
        "asin": Function(1, 1, "n", "n", guarded(math.asin)),
        "acos": Function(1, 1, "n", "n", guarded(math.acos)),
        "atan": Function(1, 1, "n", "n", guarded(math.atan)),
        "atan2": Function(2, 2, "n", "n", guarded(math.atan2)),
        "random": Function(0, 0, "", "n", _chance, True),
        # rows of a repeat
        "sum": _core(1, 1, "v", "n", lambda answers, value: _sum(value, answers), True),
        "count": _core(1, 1, "v", "n", lambda value: float(len(value)) if isinstance(value, tuple) else 1.0),
        "count-non-empty": Function(1, 1, "v", "n", _count_filled),
        "min": _core(1, None, "N", "n", smallest),
        "max": _core(1, None, "N", "n", greatest),
        "position": _core(0, 1, "v", "n", lambda answers, *_: float(getattr(answers, "position", 1)), True),
        "indexed-repeat": Function(3, 3, "v", "s", _from_row, True),
        # dates
        "today": _core(0, 0, "", "s", lambda answers: iso_date(local_ms(answers) // DAY_MS), True),
        "now": Function(0, 0, "", "s", lambda answers: iso_moment(local_ms(answers), answers), True),
        "date": Function(1, 1, "n", "s", iso_date),
        "date-time": Function(1, 1, "n", "s", lambda answers, days: iso_moment(ms_of(days), answers), True),
        "decimal-date-time": Function(1, 1, "n", "n", lambda days: days),
        "decimal-time": Function(1, 1, "s", "n", lambda answers, text: time_of_day(text, answers), True),
        "format-date": Function(2, 2, "ns", "s", format_date),
        "format-date-time": Function(2, 2, "ns", "s", format_date),
        "uuid": Function(0, 0, "", "s", _uuid, True),
    }
)
OPERATORS = frozenset({"or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "neg"})
# XLSForm functions that this house does not offer, because they need files, a position on the map, entity
# lists or cryptography that an old phone cannot do while drawing a page
NOT_OFFERED = frozenset(
    {
        "area",
        "distance",
        "geofence",
        "intersects",
        "digest",
        "base64-decode",
        "pulldata",
        "instance",
        "current",
        "randomize",
        "extract-signed",
        "id",
        "lang",
        "last",
        "local-name",
        "name",
        "namespace-uri",
        "property",
        "device-id",
    }
)
NODE_SET_FUNCTIONS = frozenset({"sum", "count", "count-non-empty", "position", "indexed-repeat"})
OWN_VALUE_FUNCTIONS = frozenset({"number", "string", "string-length", "normalize-space"})  # without argument: of `.`
HABITS = MappingProxyType(  # what a spreadsheet user types
    {
        "len": "string-length",
        "length": "string-length",
        "iif": "if",
        "ifelse": "if",
        "ifs": "if",
        "average": "sum",
        "mean": "sum",
        "mid": "substr",
        "left": "substr",
        "right": "substr",
        "find": "contains",
        "search": "contains",
        "includes": "contains",
        "in": "selected",
        "isblank": "coalesce",
        "trim": "normalize-space",
        "concatenate": "concat",
        "power": "pow",
        "text": "string",
        "value": "number",
        "rand": "random",
        "counta": "count-non-empty",
        "match": "regex",
    }
)
