"""Stata 14 and later: variable and value labels, missing reasons as .a to .g, dates and times.

Stata knows no measurement levels, no sets of multiple choices and no question texts: those stand in the codebook.
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fieldkit.core.dataset import REASONS, Dataset, Table, Value, Variable
from fieldkit.core.wide import wide
from fieldkit.formats.statistical.chunk import ROWS, frame, joined, number_of, pieces
from fieldkit.formats.statistical.names import STATA, Told, cut, label, names

DAY_ZERO = datetime.date(1960, 1, 1)
LETTERS = dict(zip(REASONS, "abcdefgh", strict=False))  # .a not_shown, .b skipped, …
DATA, STRLS = 9, 10  # places in the file's map: where the rows begin, and the first thing behind them
FORMATS = {"date": "%tdCCYY-NN-DD", "time": "%tcHH:MM"}


def write_dta(dataset: Dataset, table: Table, path: Path, language: str = "zh", *, at_once: int = ROWS) -> Told:
    """Write one table and tell what did not fit. Multiple choices are 0/1 columns; memory does not grow with rows."""
    import pyreadstat

    told = Told()
    flat = wide(table, dataset.reasons)
    named = names([v.name for v in flat.variables], STATA, told)
    columns = [named[v.name] for v in flat.variables]
    texts = [v.kind == "text" for v in flat.variables]
    value_labels: dict[str, dict[int | str, str]] = {}
    for variable, column in zip(flat.variables, columns, strict=True):
        found: dict[int | str, str] = {
            code: label(words.say(language), STATA, told, STATA.value_label) for code, words in variable.options
        }
        found |= {LETTERS[reason]: dataset.reasons[reason].say(language) for reason in variable.reasons}
        if found:
            value_labels[column] = found
    words: dict[str, Any] = {
        "version": 14,  # 15 is a file that only Stata/MP opens
        "file_label": label(dataset.title.say(language), STATA, told),
        "column_labels": {named[v.name]: label(v.label.say(language), STATA, told) for v in flat.variables},
        "variable_value_labels": value_labels,
        "missing_user_values": {
            named[v.name]: [LETTERS[reason] for reason in v.reasons] for v in flat.variables if v.reasons
        },
        "variable_format": {named[v.name]: _format(v) for v in flat.variables if v.kind != "text"},
    }

    def write(piece: Any, file: Path) -> None:
        pyreadstat.write_dta(piece, file, **words)

    def frames() -> Iterator[Any]:
        numbers = [number_of(v, DAY_ZERO, 1, 1000) for v in flat.variables]
        for piece in pieces(flat, at_once):
            filled: list[list[Any]] = []
            letters: list[bool] = []
            for place, number in enumerate(numbers):
                if texts[place]:
                    filled.append([_written(values[place], told) for values, _ in piece])
                    letters.append(True)
                else:
                    filled.append(
                        [
                            number(values[place]) if values[place] is not None else LETTERS.get(missing[place])
                            for values, missing in piece
                        ]
                    )
                    letters.append(any(missing[place] for _, missing in piece))
            yield frame(columns, filled, letters)

    widths = [min(flat.widths.get(v.name, 1), STATA.text) for v in flat.variables]
    front = frame(columns, [["x" * w] if t else [0.0] for t, w in zip(texts, widths, strict=True)], texts)
    joined(frames(), front, flat.count, write, lambda shape, width: _parts(shape, width, flat.count, dataset), path)
    return told


def _written(value: Value, told: Told) -> str | None:
    return None if value is None else cut(str(value), STATA, told)


def _format(variable: Variable) -> str:
    if variable.kind in FORMATS:
        return FORMATS[variable.kind]
    return f"%{10 + variable.decimals}.0g"


def _parts(shape: bytes, width: int, count: int, dataset: Dataset) -> tuple[bytes, bytes]:
    """What stands before and behind the rows in a file with `count` rows, of the day when the data were made."""
    whole = bytearray(shape)
    rows = shape.index(b"<N>") + len(b"<N>")
    whole[rows : rows + 8] = struct.pack("<q", count)
    stamp = shape.index(b"<timestamp>") + len(b"<timestamp>") + 1
    made = datetime.date.fromisoformat(dataset.made_on)
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    whole[stamp : stamp + 17] = f"{made.day:02d} {months[made.month - 1]} {made.year:04d} 00:00".encode()
    start = shape.index(b"<map>") + len(b"<map>")
    places = list(struct.unpack("<14q", shape[start : start + 14 * 8]))
    first = places[DATA] + len(b"<data>")
    behind = bytes(whole[first + width :])
    places[STRLS:] = [place + (count - 1) * width for place in places[STRLS:]]
    whole[start : start + 14 * 8] = struct.pack("<14q", *places)
    return bytes(whole[:first]), behind
