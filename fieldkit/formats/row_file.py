"""Rows kept in a file while an export is made, so that every format reads the same rows and none of them is in memory.

The file holds single answers: it lies in a folder that only the process can read, and goes with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import orjson

from fieldkit.core.dataset import Row, Table, Value, Variable


class RowFile:
    """One table's rows on disk. Add them in order inside a `with`; then `table` reads them, as often as wanted."""

    def __init__(self, path: Path, name: str, variables: Sequence[Variable]) -> None:
        self.path, self.name, self.variables = path, name, tuple(variables)
        self.count = 0
        self._digest = hashlib.sha256()
        self._texts = [place for place, variable in enumerate(variables) if variable.kind == "text"]
        self._widths = dict.fromkeys(self._texts, 0)
        self._found: dict[int, set[type]] = {place: set() for place in self._texts}

    def __enter__(self) -> RowFile:
        self._file = self.path.open("wb")
        self.path.chmod(0o600)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, row: Row) -> None:
        """Write one row down."""
        values = row[0]
        for place in self._texts:
            value = values[place]
            if value is not None:
                self._found[place].add(value.__class__)
                if value.__class__ is str and len(value) * 4 > self._widths[place]:
                    self._widths[place] = max(self._widths[place], len(str(value).encode()))
        line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        self._digest.update(line)
        self._file.write(line)
        self.count += 1

    @property
    def sha256(self) -> str:
        """What these rows are known by, whatever file they were written into."""
        return self._digest.hexdigest()

    def table(self) -> Table:
        """The rows as a table. A calculated column is one of numbers unless there was a text in it."""
        variables = list(self.variables)
        words: list[int] = []
        for place, found in self._found.items():
            variable = variables[place]
            if found and str not in found:
                kind = "whole" if float not in found else "number"
                more = {"kind": kind, "measure": "scale", "decimals": 6 if kind == "number" else 0}
                variables[place] = replace(variable, **more)  # type: ignore[arg-type]
            elif found - {str}:
                words.append(place)
        widths = {variables[p].name: max(1, w) for p, w in self._widths.items() if variables[p].kind == "text"}
        widths |= {variables[p].name: max(widths[variables[p].name], 32) for p in words}

        def rows() -> Iterator[Row]:
            with self.path.open("rb") as file:
                for line in file:
                    values, missing = orjson.loads(line)
                    for place in words:
                        values[place] = _spelled(values[place])
                    yield values, missing

        return Table(self.name, tuple(variables), rows, self.count, widths)


def _spelled(value: Value) -> Value:
    return str(value) if isinstance(value, int | float) else value
