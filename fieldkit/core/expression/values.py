"""The four kinds of value, how each is read as another, and when two are equal."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import inf
from typing import TypeAlias

from fieldkit.core.expression.dates import days_of
from fieldkit.core.expression.scope import Answers

Rows: TypeAlias = tuple[str, ...]
Value: TypeAlias = float | str | bool | Rows
# what JavaScript's trim() takes off, spelt out because Python's strip() takes off something else
WHITE = "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
_decimal = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII).fullmatch


def number_text(number: float) -> str:
    """Write a number the way the phone writes it.

    Source: ECMAScript, Number::toString. No errors.

    >>> number_text(3.0), number_text(0.1 + 0.2), number_text(1e21), number_text(1e-7)
    ('3', '0.30000000000000004', '1e+21', '1e-7')
    """
    if number != number:
        return "NaN"
    if number in (inf, -inf):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction.rstrip("0")
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    digits = stripped.rstrip("0")
    if len(digits) <= point <= 21:
        body = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        body = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        body = "0." + "0" * -point + digits
    else:
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        body = f"{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return body if number > 0 else "-" + body


def answer_text(answer: object) -> str:
    """Write an answer as the text that the language sees: blank as '', codes separated by spaces."""
    if type(answer) is str:
        return answer
    if answer is None:
        return ""
    if type(answer) is int and -1_000_000_000 < answer < 1_000_000_000:  # codes, by far the most frequent
        return str(answer)
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, int | float):
        return number_text(float(answer))
    if isinstance(answer, list | tuple):
        return " ".join(map(answer_text, answer))
    return str(answer)


def text_number(text: str, answers: Answers) -> float:
    """The number that a text stands for: decimal, or the day of a date; NaN where it is neither."""
    if _decimal(text):
        return float(text)
    text = text.strip(WHITE)
    if _decimal(text):
        return float(text)
    if text in ("Infinity", "+Infinity"):
        return inf
    if text == "-Infinity":
        return -inf
    return days_of(text, answers)


def to_number(value: Value, answers: Answers) -> float:
    """A value as a number; of a node-set the first row."""
    if type(value) is float:
        return value
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    return text_number(to_text(value), answers)


def to_text(value: Value) -> str:
    """A value as text; of a node-set the first row."""
    if type(value) is str:
        return value
    if isinstance(value, tuple):
        return value[0] if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)  # type: ignore[arg-type]


def to_truth(value: Value) -> bool:
    """Whether a value counts as true: not blank, not 0, not NaN, at least one row."""
    # NaN is the one float that is truthy in Python and false in XPath
    return bool(value) and value == value


def _like_a_date(text: str) -> bool:
    return text[4:5] == "-"


def same_text(left: str, right: str, answers: Answers) -> bool:
    """Whether two texts are equal, or the same day written differently."""
    if not (_like_a_date(left) or _like_a_date(right)):
        return left == right
    first, second = days_of(left, answers), days_of(right, answers)
    if first != first and second != second:
        return left == right
    return text_number(left, answers) == text_number(right, answers)


def _same(left: Value, right: Value, answers: Answers) -> bool:
    if type(left) is str and type(right) is str:
        return same_text(left, right, answers)
    return to_number(left, answers) == to_number(right, answers)


def equal(left: Value, right: Value, wanted: bool, answers: Answers) -> bool:
    """XPath 1.0, section 3.4: a truth value compares as truth, a node-set when any of its rows does."""
    if isinstance(left, bool) or isinstance(right, bool):
        return (to_truth(left) == to_truth(right)) is wanted
    lefts = left if isinstance(left, tuple) else (left,)
    rights = right if isinstance(right, tuple) else (right,)
    return any(_same(a, b, answers) is wanted for a in lefts for b in rights)


def ordered(left: Value, right: Value, test: Callable[[float, float], bool], answers: Answers) -> bool:
    """Whether `test` holds for two values as numbers; of a node-set, for any row."""
    lefts = left if isinstance(left, tuple) else (left,)
    rights = right if isinstance(right, tuple) else (right,)
    return any(test(to_number(a, answers), to_number(b, answers)) for a in lefts for b in rights)
