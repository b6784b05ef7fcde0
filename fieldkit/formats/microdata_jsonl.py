"""Rows for researchers as JSON Lines: one response a line, numbers as numbers, several codes as a list.

An answer that is missing is {"missing": reason}, so that nobody takes a reason for a value. A column that is empty
without a reason is null.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from fieldkit.core.dataset import Table

AT_ONCE = 200  # lines in one piece


def json_lines(table: Table) -> Iterator[bytes]:
    """The table in UTF-8, in pieces; memory does not grow with the rows."""
    names = [variable.name for variable in table.variables]
    piece: list[bytes] = []
    for values, missing in table.rows():
        row = {
            name: {"missing": why} if why else value for name, value, why in zip(names, values, missing, strict=True)
        }
        piece.append(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        if len(piece) == AT_ONCE:
            yield b"".join(piece)
            piece.clear()
    yield b"".join(piece)
