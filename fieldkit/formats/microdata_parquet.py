"""Rows for researchers as Parquet: the columns of the CSV with their types, and the labels in the file's metadata.

Codes and whole numbers are integers that may be null, other numbers doubles, days dates; times and several codes are
texts as in the CSV. Under the key `fieldkit` the metadata hold every column's label, question, codes and missing
reasons as JSON. Written in groups of rows: memory does not grow with them.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from fieldkit.core.dataset import Dataset, Table, Variable

MISSING = "__miss"
ROWS = 20_000  # in one group, and in memory
DAY_ZERO = datetime.date(1970, 1, 1).toordinal()
WHOLE = ("code", "whole", "flag")


def write_parquet(dataset: Dataset, table: Table, path: Path, *, at_once: int = ROWS) -> None:
    """Write one table, also if it has no rows."""
    from arro3.core import DataType, Field, RecordBatchReader, Schema
    from arro3.io import write_parquet as write

    types = {"number": DataType.float64(), "date": DataType.date32()} | dict.fromkeys(WHOLE, DataType.int64())
    fields = []
    for variable in table.variables:
        fields.append(Field(variable.name, types.get(variable.kind, DataType.utf8())))
        if variable.reasons:
            fields.append(Field(variable.name + MISSING, DataType.utf8()))
    about = {"fieldkit": json.dumps(_about(dataset, table), ensure_ascii=False)}
    schema = Schema(fields, metadata=about)  # where Arrow looks for it; behind the rows, where others do
    write(
        RecordBatchReader.from_batches(schema, _batches(table, schema, at_once)),
        path,
        compression="snappy",
        max_row_group_size=at_once,
        key_value_metadata=about,
    )


def _batches(table: Table, schema: Any, at_once: int) -> Iterator[Any]:
    from arro3.core import Array, DataType, RecordBatch

    rows = iter(table.rows())
    while piece := list(islice(rows, at_once)):
        arrays = []
        for place, variable in enumerate(table.variables):
            arrays.append(_array(variable, [values[place] for values, _ in piece]))
            if variable.reasons:
                arrays.append(Array([missing[place] or None for _, missing in piece], type=DataType.utf8()))
        yield RecordBatch.from_arrays(arrays, schema=schema)


def _array(variable: Variable, cells: list[Any]) -> Any:
    from arro3.core import Array, DataType

    if variable.kind == "number":
        return Array([None if cell is None else float(cell) for cell in cells], type=DataType.float64())
    if variable.kind in WHOLE:
        return Array([None if cell is None else int(cell) for cell in cells], type=DataType.int64())
    if variable.kind == "date":
        days = [None if cell is None else datetime.date.fromisoformat(cell).toordinal() - DAY_ZERO for cell in cells]
        return Array(days, type=DataType.int32()).cast(DataType.date32())
    return Array([" ".join(map(str, c)) if isinstance(c, list) else c for c in cells], type=DataType.utf8())


def _about(dataset: Dataset, table: Table) -> dict[str, object]:
    """What the columns are, for programs."""
    return {
        "title": dict(dataset.title),
        "missing": {reason: dict(words) for reason, words in dataset.reasons.items()},
        "columns": {v.name: _of(v) for v in table.variables},
        "notes": [dict(note) for note in dataset.notes],
    }


def _of(variable: Variable) -> dict[str, object]:
    found: dict[str, object] = {
        "kind": variable.kind,
        "measure": variable.measure,
        "label": dict(variable.label),
        "question": dict(variable.question),
        "codes": {str(code): dict(words) for code, words in variable.options},
        "missing": list(variable.reasons),
    }
    return {name: value for name, value in found.items() if value}
