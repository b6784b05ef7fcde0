"""An answer: a value or a missing reason, exactly one of the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fieldkit.core.item import MISSING_REASONS


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person said to one item.

    `value` is a code (int), codes (list of int: sorted, or in the order of a ranking), a number, or a text, as the
    item's type stores it; a date is an ISO string; a list experiment is [arm, count]. The answer to a repeat is its
    rows, each a mapping of item id to value or {"missing": reason}. `missing` is one of MISSING_REASONS. Zero is a
    real value; an empty field is missing.

    >>> Answer(missing="refused").value is None
    True
    """

    value: Any = None
    missing: str | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.missing is None):
            raise ValueError("an answer has a value or a missing reason, exactly one")
        if self.missing is not None and self.missing not in MISSING_REASONS:
            raise ValueError(f"missing reason {self.missing!r} is not one of {MISSING_REASONS}")


NOT_SHOWN = Answer(missing="not_shown")
SKIPPED = Answer(missing="skipped")
