"""SPSS: variable and value labels, measurement levels, missing reasons as user-missing values, dates and times."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fieldkit.core.dataset import REASONS, Dataset, Table, Value, Variable
from fieldkit.core.wide import wide
from fieldkit.formats.statistical.chunk import ROWS, frame, joined, number_of, pieces
from fieldkit.formats.statistical.names import SPSS, Told, cut, label, names

DAY_ZERO = datetime.date(1582, 10, 14)
NEAR, FAR = -90, -9_999_999_999_990  # below them stand the codes of the missing reasons: -91 not_shown, -92 skipped, …
COUNT_AT, DATE_AT = 80, 92  # in the head of the file: the number of rows, the day and time it was made
FILE_LABEL = 64


def reason_codes(variable: Variable) -> dict[str, int]:
    """The number that stands for each missing reason: -91 to -97, far lower where answers may be that low."""
    lowest = min([code for code, _ in variable.options], default=0)
    open_below = variable.kind in ("number", "whole") and (variable.low is None or variable.low <= NEAR - len(REASONS))
    start = FAR if open_below or lowest <= NEAR else NEAR
    return {reason: start - 1 - REASONS.index(reason) for reason in variable.reasons}


def write_sav(dataset: Dataset, table: Table, path: Path, language: str = "zh", *, at_once: int = ROWS) -> Told:
    """Write one table and tell what did not fit. Multiple choices are 0/1 columns; memory does not grow with rows."""
    import pyreadstat

    told = Told()
    flat = wide(table, dataset.reasons)
    named = names([v.name for v in flat.variables], SPSS, told)
    columns = [named[v.name] for v in flat.variables]
    codes = [reason_codes(v) for v in flat.variables]
    texts = [v.kind == "text" for v in flat.variables]
    value_labels: dict[str, dict[float, str]] = {}
    for variable, column, reasons in zip(flat.variables, columns, codes, strict=True):
        found = {float(code): words for code, words in variable.options}
        found |= {float(code): dataset.reasons[reason] for reason, code in reasons.items()}
        if found:
            value_labels[column] = {
                code: label(found[code].say(language), SPSS, told, SPSS.value_label) for code in sorted(found)
            }
    words: dict[str, Any] = {
        "file_label": label(dataset.title.say(language), SPSS, told, FILE_LABEL),
        "column_labels": {named[v.name]: label(v.label.say(language), SPSS, told) for v in flat.variables},
        "variable_value_labels": value_labels,
        "missing_ranges": {
            column: [{"lo": float(min(_range(reasons))), "hi": float(max(_range(reasons)))}]
            for column, reasons in zip(columns, codes, strict=True)
            if reasons
        },
        "variable_measure": {named[v.name]: v.measure for v in flat.variables},
        "variable_format": {named[v.name]: _format(v) for v in flat.variables if v.kind != "text"},
    }

    def write(piece: Any, file: Path) -> None:
        pyreadstat.write_sav(piece, file, **words)

    def frames() -> Iterator[Any]:
        numbers = [number_of(v, DAY_ZERO, 86_400, 1) for v in flat.variables]
        for piece in pieces(flat, at_once):
            filled: list[list[Any]] = []
            for place, number in enumerate(numbers):
                if texts[place]:
                    filled.append([_written(values[place], told) for values, _ in piece])
                else:
                    why = codes[place]
                    filled.append(
                        [
                            number(values[place]) if values[place] is not None else why.get(missing[place], None)
                            for values, missing in piece
                        ]
                    )
            yield frame(columns, filled, texts)

    widths = [min(flat.widths.get(v.name, 1), SPSS.text) for v in flat.variables]
    front = frame(columns, [["x" * w] if t else [0.0] for t, w in zip(texts, widths, strict=True)], texts)
    joined(frames(), front, flat.count, write, lambda shape, width: _parts(shape, width, flat.count, dataset), path)
    return told


def _range(codes: dict[str, int]) -> list[int]:
    """All codes of the range that these reasons lie in."""
    start = max(code + REASONS.index(reason) for reason, code in codes.items())
    return [start - place for place in range(len(REASONS))]


def _written(value: Value, told: Told) -> str | None:
    return None if value is None else cut(str(value), SPSS, told)


def _format(variable: Variable) -> str:
    match variable.kind:
        case "date":
            return "SDATE10"
        case "time":
            return "TIME5"
        case "number":
            decimals = min(variable.decimals, 2) if variable.role == "score" else variable.decimals
            return f"F{10 + decimals}.{decimals}"
    return "F8.0"


def _parts(shape: bytes, width: int, count: int, dataset: Dataset) -> tuple[bytes, bytes]:
    """The head of a file with `count` rows, of the day when the data were made; nothing stands behind the rows."""
    head = bytearray(shape[: len(shape) - width])
    head[COUNT_AT : COUNT_AT + 4] = struct.pack("<i", count)
    made = datetime.date.fromisoformat(dataset.made_on)
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    head[DATE_AT : DATE_AT + 17] = f"{made.day:02d} {months[made.month - 1]} {made.year % 100:02d}00:00:00".encode()
    return bytes(head), b""
