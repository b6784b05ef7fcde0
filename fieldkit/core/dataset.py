"""What an export hands over, whatever file it becomes: tables of variables with their labels, and rows of typed values.

Every writer in `formats` reads this and nothing else, so that CSV, SPSS, Stata and all the others hold the same thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from fieldkit.core.item import MISSING_REASONS
from fieldkit.core.text import NOTHING, Text

COARSENED = "coarsened"
NOT_IN_VERSION = "not_in_version"  # this version of the questionnaire does not have the question
REASONS = (*MISSING_REASONS, COARSENED, NOT_IN_VERSION)  # in the order in which programs number them: append only

Value = str | int | float | list[int] | None
Row = tuple[list[Value], list[str]]  # a value for every variable, and why there is none ('' where there is one)

# What stands in a variable: text, code (one of the options), codes (several, sorted), order (codes as ranked), number,
# whole (a number without decimals), flag (0 or 1), date ('2026-11-03'), time ('09:30'), pair ([arm, count]), point
# ('30.64 119.68': degrees north and east to `decimals` places, then metres of altitude and accuracy where exact).
KINDS = ("text", "code", "codes", "order", "number", "whole", "flag", "date", "time", "pair", "point")
NUMBERS = ("code", "number", "whole", "flag")
MEASURES = ("nominal", "ordinal", "scale")


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of a table, and what a reader must know to use it.

    `label` is short, `question` the words that people were asked. `options` are the codes with their words. `reasons`
    are the missing reasons that may stand beside it; without any, an empty cell has no reason. `item`, `construct`,
    `module` and `indicator` say where it comes from, `versions` which questionnaire versions have it.
    """

    name: str
    kind: str
    label: Text
    role: str = "about"  # about, flag, item, score, row
    question: Text = NOTHING
    options: tuple[tuple[int, Text], ...] = ()
    reasons: tuple[str, ...] = ()
    measure: str = "nominal"
    decimals: int = 0
    low: float | None = None
    high: float | None = None
    unit: Text = NOTHING
    most: int = 0  # order: how many places are filled
    asked_if: str = ""
    item: str = ""
    indicator: str = ""
    construct: str = ""
    construct_title: Text = NOTHING
    module: str = ""
    versions: tuple[str, ...] = ()
    part_of: str = ""  # the multiple choice that this 0/1 column is one option of

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.measure not in MEASURES:
            raise ValueError(f"variable {self.name}: kind {self.kind!r}, measure {self.measure!r}")


@dataclass(frozen=True)
class Table:
    """One rectangle of data: `rows()` gives its `count` rows from the start, as often as asked, a few in memory.

    `widths` is the longest text of every text variable in UTF-8 bytes.
    """

    name: str
    variables: tuple[Variable, ...]
    rows: Callable[[], Iterator[Row]]
    count: int
    widths: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Dataset:
    """All tables of an export with the words around them.

    `reasons` gives the words of every missing reason, `facts` what the data are, each with its name, `notes` what a
    reader must know.
    """

    name: str
    title: Text
    tables: tuple[Table, ...]
    reasons: Mapping[str, Text]
    facts: tuple[tuple[Text, str], ...] = ()
    notes: tuple[Text, ...] = ()
    made_on: str = ""  # the day, '2026-11-21'
    producer: str = ""  # the research team
    collected: tuple[str, str] = ("", "")  # first and last day of the fieldwork
    versions: tuple[str, ...] = ()
    simulated: bool = False
