"""A table in which every cell is one number or one text, for statistics programs that know no lists.

A multiple choice becomes a 0/1 column for every option, a ranking a column for every place, a list experiment one for
the arm and one for the count, a position one for each of its numbers. A text, day or time that may be missing for a
reason has the reason in a column beside it: where a code for missing stands among days, programs lose the one or the
other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from fieldkit.core.dataset import REASONS, Row, Table, Value, Variable
from fieldkit.core.point import EXACT
from fieldkit.core.text import Text

Cell = tuple[Value, str]
Split = Callable[[Value, str], list[Cell]]
WHY = "__miss"
DEGREES = {"lat": 90.0, "lon": 180.0}  # with their bounds
METRES = ("alt", "acc")  # altitude and accuracy


def wide(table: Table, words: Mapping[str, Text]) -> Table:
    """The table with one cell for every column; names stay unique, and `part_of` keeps what belonged together.

    `words` names the missing reasons.
    """
    taken = {variable.name for variable in table.variables}
    variables: list[Variable] = []
    splits: list[Split | None] = []  # None: stays as it is
    for variable in table.variables:
        parts, split = _parts(variable, taken, words)
        variables += parts
        splits.append(split)

    def rows() -> Iterator[Row]:
        for values, missing in table.rows():
            wider: list[Value] = []
            reasons: list[str] = []
            for value, why, split in zip(values, missing, splits, strict=True):
                if split is None:
                    wider.append(value)
                    reasons.append(why)
                else:
                    for cell, reason in split(value, why):
                        wider.append(cell)
                        reasons.append(reason)
            yield wider, reasons

    return replace(table, variables=tuple(variables), rows=rows)


def _parts(variable: Variable, taken: set[str], words_of: Mapping[str, Text]) -> tuple[list[Variable], Split | None]:
    def part(end: str, **more: object) -> Variable:
        name = f"{variable.name}_{end}"
        while name in taken:
            name += "x"
        taken.add(name)
        return replace(variable, name=name, part_of=variable.name, **more)  # type: ignore[arg-type]

    match variable.kind:
        case "codes":
            codes = [code for code, _ in variable.options]
            return [
                part(str(code).replace("-", "m"), kind="flag", options=(), label=_both(variable.label, words))
                for code, words in variable.options
            ], lambda value, why: [(None if not isinstance(value, list) else int(c in value), why) for c in codes]
        case "order":
            places = range(variable.most)
            return [
                part(f"r{place + 1}", kind="code", label=_numbered(variable.label, place + 1)) for place in places
            ], lambda value, why: [
                (value[p] if isinstance(value, list) and p < len(value) else None, why) for p in places
            ]
        case "pair":
            return [
                part("arm", kind="flag", options=()),
                part("n", kind="whole", options=(), measure="scale"),
            ], lambda value, why: [(value[p] if isinstance(value, list) else None, why) for p in (0, 1)]
        case "point":
            ends = (*DEGREES, *METRES) if variable.decimals >= EXACT else tuple(DEGREES)
            return [
                part(
                    end,
                    kind="number" if end in DEGREES else "whole",
                    decimals=variable.decimals if end in DEGREES else 0,
                    low=-DEGREES[end] if end in DEGREES else None,
                    high=DEGREES.get(end),
                    label=_numbered(variable.label, end),
                    measure="scale",
                )
                for end in ends
            ], lambda value, why: [(number, why) for number in _numbers(value, len(ends))]
        case "text" | "date" | "time" if variable.reasons:
            told = tuple((REASONS.index(reason) + 1, words_of[reason]) for reason in variable.reasons)
            number = {reason: REASONS.index(reason) + 1 for reason in variable.reasons}
            why_part = replace(variable, name=variable.name + WHY, kind="code", options=told, reasons=(), role="why")
            return [
                replace(variable, reasons=()),
                why_part,
            ], lambda value, why: [(value, ""), (number.get(why), "")]
    return [variable], None


def _both(label: Text, words: Text) -> Text:
    """'您参加过哪些：联席会议'."""
    return Text({code: f"{label.say(code)}：{words.say(code)}" for code in dict.fromkeys([*label, *words])})


def _numbers(value: Value, count: int) -> list[Value]:
    """The numbers of a place; what it does not say is None.

    >>> _numbers("30.6382 119.6828 12", 4), _numbers(None, 2)
    ([30.6382, 119.6828, 12.0, None], [None, None])
    """
    said = [float(number) for number in value.split()] if isinstance(value, str) else []
    return [said[place] if place < len(said) else None for place in range(count)]


def _numbered(label: Text, place: int | str) -> Text:
    return Text({code: f"{label.say(code)} [{place}]" for code in label})
