"""Rows as columns, a few thousand at a time, and files put together from the pieces.

pyreadstat writes a whole table or nothing. It is given a few thousand rows at a time, each time with one row in front
that is as wide as the widest; the rows behind it are the same bytes in every such file, so they are moved into one
file behind the head of the first, and only the number of rows is set right. Memory is that of one piece.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from fieldkit.core.dataset import Row, Table, Value, Variable
from fieldkit.core.problem import Problem

ROWS = 5_000  # in memory at a time

Columns = list[list[Any]]


def pieces(table: Table, at_once: int) -> Iterator[list[Row]]:
    """The rows of a table, some at a time."""
    rows = iter(table.rows())
    while piece := list(islice(rows, at_once)):
        yield piece


def number_of(variable: Variable, day_zero: datetime.date, day: int, second: int) -> Callable[[Value], float]:
    """How a value becomes the number that is written: a day since `day_zero` counts `day`, a second counts `second`."""
    zero = day_zero.toordinal()
    if variable.kind == "date":
        return lambda value: float((datetime.date.fromisoformat(str(value)).toordinal() - zero) * day)
    if variable.kind == "time":
        return lambda value: float((int(str(value)[:2]) * 60 + int(str(value)[3:5])) * 60 * second)
    return lambda value: float(value)  # type: ignore[arg-type]


def frame(names: Sequence[str], columns: Columns, objects: Sequence[bool]) -> Any:
    """A pandas table: numbers as doubles; texts, and numbers among which there are letters, as objects."""
    import pandas as pd

    kinds = ["object" if each else "float64" for each in objects]
    return pd.DataFrame(
        {name: pd.Series(column, dtype=kind) for name, column, kind in zip(names, columns, kinds, strict=True)}
    )


def joined(
    frames: Iterator[Any],
    front: Any,
    count: int,
    write: Callable[[Any, Path], None],
    parts: Callable[[bytes, int], tuple[bytes, bytes]],
    target: Path,
) -> None:
    """Write the frames, `count` rows in all, into one file. `front` is the widest row, `write` writes one file.

    `parts` is given a file that holds the front row alone, and how many bytes a row takes; it gives what stands before
    and behind the rows in a file of `count` rows.
    """
    import pandas as pd

    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        one = Path(folder) / "one"
        write(pd.concat([front, front], ignore_index=True), one)
        two_rows = one.stat().st_size
        write(front, one)
        shape = one.read_bytes()
        width = two_rows - len(shape)
        before, behind = parts(shape, width)
        written = 0
        with target.open("wb") as file:
            file.write(before)
            for piece in frames:
                write(pd.concat([front, piece], ignore_index=True), one)
                body = one.read_bytes()
                start, rows = len(before) + width, len(piece) * width
                if len(body) != start + rows + len(behind):
                    raise RuntimeError("the pieces of a statistics file do not have the same shape")
                file.write(memoryview(body)[start : start + rows])
                written += len(piece)
            file.write(behind)
        if written != count:
            raise Problem("export.mismatch", where=target.name, written=written, stored=count)
