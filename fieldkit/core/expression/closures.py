"""A tree made into a function of the answers.

Every node is compiled for the kind its surroundings want (n number, s text, b truth, v as it is), so that
`${a} > 0` never makes a text of the answer 3 to read it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import nan
from types import MappingProxyType
from typing import Any, TypeAlias

from fieldkit.core.expression.arithmetic import divide, remainder
from fieldkit.core.expression.functions import FUNCTIONS, OPERATORS
from fieldkit.core.expression.tree import Tree
from fieldkit.core.expression.values import (
    Rows,
    Value,
    answer_text,
    equal,
    number_text,
    ordered,
    same_text,
    text_number,
    to_number,
    to_text,
    to_truth,
)

Closure: TypeAlias = Callable[[Any], Any]
_NUMERIC = frozenset({"+", "-", "*", "div", "mod", "neg"})


def _gives(tree: Tree) -> str:
    """The kind of a node's value, where that is known before evaluating: n, s, b, r (rows) or v (unknown)."""
    if isinstance(tree, bool):
        return "b"
    if isinstance(tree, int | float):
        return "n"
    if not isinstance(tree, list):
        return "s"
    name = tree[0]
    if name == "$":
        return "s" if len(tree) == 2 else "r"
    if name == ".":
        return "s"
    if name == "if":
        first, second = _gives(tree[2]), _gives(tree[3])
        return first if first == second else "v"
    if name in OPERATORS:
        return "n" if name in _NUMERIC else "b"
    return FUNCTIONS[str(name)].gives


def _converted(inner: Closure, have: str, want: str) -> Closure:
    if have == want or want == "v":
        return inner
    if want == "n":
        if have == "s":
            return lambda a: text_number(inner(a), a)
        return lambda a: to_number(inner(a), a)
    if want == "s":
        if have == "n":
            return lambda a: number_text(inner(a))
        return lambda a: to_text(inner(a))
    if have == "s":
        return lambda a: inner(a) != ""
    return lambda a: to_truth(inner(a))


def closure_of(tree: Tree, want: str) -> Closure:
    """A function from answers to the value of a tree, of the wanted kind: n, s, b or v."""
    if not isinstance(tree, list):
        return _constant(tree, want)
    name = str(tree[0])
    if name == "$":
        return _reference(tree, want)
    if name == ".":
        return _converted(lambda a: answer_text(getattr(a, "current", None)), "s", want)
    if name == "if":
        test, yes, no = closure_of(tree[1], "b"), closure_of(tree[2], want), closure_of(tree[3], want)
        return lambda a: yes(a) if test(a) else no(a)
    if name in OPERATORS:
        return _operation(name, tree[1:], want)
    return _call(name, tree[1:], want)


def _constant(tree: Tree, want: str) -> Closure:
    assert not isinstance(tree, list)
    value: Value = tree if isinstance(tree, bool | str) else float(tree or 0)
    fixed: Value = value
    if want == "n":
        if isinstance(value, str) and "T" in value:  # its days depend on the time zone of the study
            return lambda a: text_number(value, a)
        fixed = to_number(value, {})
    elif want == "s":
        fixed = to_text(value)
    elif want == "b":
        fixed = to_truth(value)
    return lambda a: fixed


def _reference(tree: list[Tree], want: str) -> Closure:
    if len(tree) == 3:
        item, repeat = tree[1], str(tree[2])

        def rows(a: Any) -> Rows:
            every = getattr(a, "repeats", {}).get(repeat, ())
            return tuple(answer_text(row.get(item)) if item is not None else "" for row in every)

        return _converted(rows, "r", want)
    name = str(tree[1])
    if want == "n":

        def as_number(a: Any) -> float:
            value = a.get(name)
            kind = type(value)
            if kind is int or kind is float:
                return float(value) + 0.0  # an answer is a text, and -0.0 is written 0
            if value is None:
                return nan
            return text_number(value if kind is str else answer_text(value), a)

        return as_number
    if want == "b":
        return lambda a: answer_text(a.get(name)) != ""

    def as_text(a: Any) -> str:
        value = a.get(name)
        return value if type(value) is str else answer_text(value)

    return as_text


def _operation(name: str, parts: list[Tree], want: str) -> Closure:
    if name in ("and", "or"):
        return _converted(_all_or_any(name, [closure_of(part, "b") for part in parts]), "b", want)
    if name in _NUMERIC:
        return _converted(_arithmetic(name, [closure_of(part, "n") for part in parts]), "n", want)
    return _converted(_comparison(name, parts[0], parts[1]), "b", want)


def _all_or_any(name: str, parts: list[Closure]) -> Closure:
    if len(parts) == 2:
        first, second = parts
        if name == "and":
            return lambda a: first(a) and second(a)
        return lambda a: first(a) or second(a)
    stop = name == "or"

    def every(a: Any) -> bool:
        return any(part(a) is stop for part in parts) is stop

    return every


def _arithmetic(name: str, parts: list[Closure]) -> Closure:
    first = parts[0]
    if name == "neg":
        return lambda a: -first(a)
    second = parts[1]
    if len(parts) > 2:
        rest = parts[1:]

        def chain(a: Any) -> Any:
            total = first(a)
            for part in rest:
                total = total + part(a) if name == "+" else total * part(a)
            return total

        return chain
    if name == "+":
        return lambda a: first(a) + second(a)
    if name == "-":
        return lambda a: first(a) - second(a)
    if name == "*":
        return lambda a: first(a) * second(a)
    if name == "div":
        return lambda a: divide(first(a), second(a))
    return lambda a: remainder(first(a), second(a))


_ORDER: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {
        "<": lambda x, y: x < y,
        "<=": lambda x, y: x <= y,
        ">": lambda x, y: x > y,
        ">=": lambda x, y: x >= y,
    }
)


def _comparison(name: str, left: Tree, right: Tree) -> Closure:
    kinds = {_gives(left), _gives(right)}
    if name in _ORDER:
        if kinds & {"r", "v"}:
            first, second, test = closure_of(left, "v"), closure_of(right, "v"), _ORDER[name]
            return lambda a: ordered(first(a), second(a), test, a)
        first, second = closure_of(left, "n"), closure_of(right, "n")
        if name == "<":
            return lambda a: first(a) < second(a)
        if name == "<=":
            return lambda a: first(a) <= second(a)
        if name == ">":
            return lambda a: first(a) > second(a)
        return lambda a: first(a) >= second(a)
    wanted = name == "="
    if "b" in kinds:
        first, second = closure_of(left, "b"), closure_of(right, "b")
        return lambda a: (first(a) is second(a)) is wanted
    if kinds & {"r", "v"}:
        first, second = closure_of(left, "v"), closure_of(right, "v")
        return lambda a: equal(first(a), second(a), wanted, a)
    if "n" in kinds:
        first, second = closure_of(left, "n"), closure_of(right, "n")
        if wanted:
            return lambda a: first(a) == second(a)
        return lambda a: first(a) != second(a)
    first, second = closure_of(left, "s"), closure_of(right, "s")
    return lambda a: same_text(first(a), second(a), a) is wanted


def _call(name: str, arguments: list[Tree], want: str) -> Closure:
    function = FUNCTIONS[name]
    call, reads = function.call, function.reads
    letters = [reads[min(place, len(reads) - 1)] for place in range(len(arguments))]
    if any(letter.isupper() for letter in letters):
        return _converted(_spread(call, letters, arguments), function.gives, want)
    parts = [closure_of(argument, letter) for argument, letter in zip(arguments, letters, strict=True)]
    run: Closure
    if function.scoped:

        def run(a: Any) -> Any:
            return call(a, *[part(a) for part in parts])

    elif len(parts) == 1:
        only = parts[0]

        def run(a: Any) -> Any:
            return call(only(a))

    elif len(parts) == 2:
        first, second = parts

        def run(a: Any) -> Any:
            return call(first(a), second(a))

    else:

        def run(a: Any) -> Any:
            return call(*[part(a) for part in parts])

    return _converted(run, function.gives, want)


def _spread(call: Callable[..., Any], letters: list[str], arguments: list[Tree]) -> Closure:
    """A function that takes the rows of a node-set as so many arguments (concat, min, ...)."""
    to: dict[str, Callable[[Value, Any], Any]] = {
        "s": lambda value, a: to_text(value),
        "n": to_number,
        "b": lambda value, a: to_truth(value),
    }
    parts = [
        (closure_of(argument, "v"), to[letter.lower()], letter.isupper())
        for argument, letter in zip(arguments, letters, strict=True)
    ]

    def run(a: Any) -> Any:
        values: list[Any] = []
        for part, convert, opens in parts:
            value = part(a)
            if opens and isinstance(value, tuple):
                values += [convert(text, a) for text in value]
            else:
                values.append(convert(value, a))
        return call(*values)

    return run
