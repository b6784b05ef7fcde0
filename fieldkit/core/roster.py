"""How many people there are in each cell of a wave, so that pooled results can be weighted to them (应调查人数表)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

COUNTY = "county"


def _named(margins: list[list[Any]]) -> str:
    """The same for margins in another order."""
    return hashlib.sha256(json.dumps(sorted(margins), sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: for every dimension of its margin the codes it holds, and how many people that is."""

    codes: tuple[tuple[str, ...], ...]
    count: int

    def combinations(self) -> Iterator[tuple[str, ...]]:
        """Every single combination of codes in the cell."""
        return product(*self.codes)


@dataclass(frozen=True, slots=True)
class Margin:
    """One way to divide all people: by county, by a single-choice item, or by several of these at once."""

    by: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def total(self) -> int:
        """How many people the cells hold together."""
        return sum(cell.count for cell in self.cells)

    def place(self) -> dict[tuple[str, ...], int]:
        """The number of the cell that each combination of codes lies in."""
        return {one: at for at, cell in enumerate(self.cells) for one in cell.combinations()}


@dataclass(frozen=True, slots=True)
class Roster:
    """All margins of one wave. Several margins describe the same people, each in its own way."""

    margins: tuple[Margin, ...]

    @property
    def cells(self) -> int:
        """How many cells all margins have."""
        return sum(len(margin.cells) for margin in self.margins)

    @property
    def total(self) -> int:
        """How many people there are, by the first margin."""
        return self.margins[0].total

    @property
    def division(self) -> str:
        """A name for how people are divided, the same whatever the numbers in the cells.

        >>> few, many = (Roster((Margin(("county",), (Cell((("330523",),), n),)),)) for n in (40, 400))
        >>> few.division == many.division, few.name == many.name
        (True, False)
        """
        return _named([[m.by, sorted(cell.codes for cell in m.cells)] for m in self.margins])

    @property
    def name(self) -> str:
        """A name for this very roster, cells and numbers."""
        return _named([[m.by, sorted((cell.codes, cell.count) for cell in m.cells)] for m in self.margins])

    def kept(self) -> dict[str, Any]:
        """As plain values that can be stored."""
        return {
            "margins": [
                {"by": list(m.by), "cells": [[[list(c) for c in cell.codes], cell.count] for cell in m.cells]}
                for m in self.margins
            ]
        }

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> Roster:
        """The same again.

        >>> roster = Roster((Margin(("core_level",), (Cell((("1", "2"),), 40), Cell((("3",),), 60))),))
        >>> Roster.restored(roster.kept()) == roster
        True
        """
        return cls(
            tuple(
                Margin(
                    tuple(m["by"]),
                    tuple(Cell(tuple(tuple(c) for c in codes), int(count)) for codes, count in m["cells"]),
                )
                for m in kept["margins"]
            )
        )
