"""Why an expression cannot be read, and where."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class ExpressionError(ValueError):
    """Say why an expression cannot be read, and at which character.

    `code` is a key of translations/*/expression.yaml, `position` the 1-based column in the source, `facts`
    the values that the message of that code mentions (always with `column`).

    >>> try: parse("selectd(${a}, '1')")
    ... except ExpressionError as error: print(error.code, error.position, error.facts["suggestion"])
    expression.unknown_function 1 selected
    """

    def __init__(self, code: str, position: int, /, **facts: object) -> None:
        self.code = code
        self.position = position
        self.facts: Mapping[str, object] = MappingProxyType({"column": position, **facts})
        super().__init__(f"{code} at column {position} {facts or ''}".rstrip())
