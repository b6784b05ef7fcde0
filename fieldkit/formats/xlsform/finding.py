"""What is wrong with a workbook, or was left out of it, with sheet, row and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fieldkit.core.lint import Finding

SHOWN = 40  # characters of a name from a workbook that a message repeats


@dataclass(frozen=True, slots=True)
class SheetFinding(Finding):
    """A finding in one cell: `sheet`, `line` (the row as the spreadsheet program counts it, 0 unknown), `column`.

    Errors refuse the whole workbook; a warning says what was left out or changed, and why.
    """

    sheet: str = ""
    column: str = ""

    @property
    def key(self) -> str:
        """Where its message and remedy stand: xlsform.yaml, or where core.lint's own findings have theirs."""
        if self.code.startswith("xlsform."):
            return self.code
        return f"expression.{self.code}" if self.code.startswith("expression.") else f"lint.{self.code}"


def cell(
    code: str,
    sheet: str = "",
    row: int = 0,
    column: str = "",
    severity: str = "error",
    where: str = "",
    /,
    **facts: object,
) -> SheetFinding:
    """A finding about one cell."""
    if isinstance(facts.get("name"), str):
        facts["name"] = shortened(str(facts["name"]))
    named = MappingProxyType({"where": where, "part": column, "sheet": sheet, "row": row, "column": column, **facts})
    return SheetFinding(code, where, column, severity, "item", line=row, facts=named, sheet=sheet, column=column)


def shortened(name: str) -> str:
    """A name from a workbook as a message shows it: it may be as long as a cell.

    >>> shortened("a" * 300) == "a" * 40 + "…", shortened("age")
    (True, 'age')
    """
    return name if len(name) <= SHOWN else f"{name[:SHOWN]}…"


class Broken(Exception):
    """Findings about a file that cannot be read at all, on their way to becoming a Problem."""

    def __init__(self, findings: Sequence[SheetFinding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = tuple(findings)
