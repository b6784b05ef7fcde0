"""What a county report contains and in which order, as data that `reports/layouts/county.yaml` holds.

A layout names indicators and items; what a questionnaire does not have drops out, and with it the blocks and sections
that have nothing left. `BLOCKS` maps the word in the file to the class; `stats.county` has one builder for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from fieldkit.core.text import NOTHING, Text


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a figure or table: the id of an indicator or item, and words that replace its own."""

    id: str
    label: Text = NOTHING
    sub: Text = NOTHING
    strong: bool = False
    levels: bool = False  # also print the two levels where both may be printed


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows under an optional group head."""

    lines: tuple[Line, ...]
    head: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Say:
    """One sentence: what is said (a key of stats.sentences.SENTENCES) and of which indicators or items."""

    what: str
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AxisSpec:
    """A fixed axis. A count may give several widths: the narrowest that holds all quartiles is taken."""

    ticks: tuple[float, ...] = ()
    widths: tuple[tuple[float, ...], ...] = ()
    unit: Text = NOTHING
    low_words: Text = NOTHING
    high_words: Text = NOTHING
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Title:
    """A head inside a section."""

    title: Text
    level: int = 2
    number: str = ""  # annexes carry a letter; '' counts within the section
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class Sentences:
    """A paragraph made of sentences. `careful` leaves out a sentence that an indicator's own name makes unprintable."""

    say: tuple[Say, ...]
    note: bool = False
    careful: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """A numbered list of the first `most` sentences that can be said; `careful` as for Sentences."""

    say: tuple[Say, ...]
    most: int = 5
    careful: bool = False


@dataclass(frozen=True, slots=True)
class FixedList:
    """A numbered list whose words stand under `fixed` in the wording."""

    text: str


@dataclass(frozen=True, slots=True)
class FixedPanel:
    """Fixed words set apart."""

    text: str
    title: Text = NOTHING


@dataclass(frozen=True, slots=True)
class HeadlineTable:
    """The main results: value, interval or quartiles, peers, n."""

    key: str
    title: Text
    rows: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ResponseTable:
    """How many were invited, answered, analysed; how long it took; when."""

    key: str
    title: Text


@dataclass(frozen=True, slots=True)
class LevelTable:
    """Who answered, by the two levels only."""

    key: str
    title: Text


@dataclass(frozen=True, slots=True)
class ProfileTable:
    """Who answered, by one variable at a time; only from `least` analysed responses on."""

    key: str
    title: Text
    items: tuple[str, ...]
    least: int = 50


@dataclass(frozen=True, slots=True)
class SplitTable:
    """Results of the two levels side by side."""

    key: str
    title: Text
    rows: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class MedianTable:
    """Medians with quartiles and n."""

    key: str
    title: Text
    rows: tuple[Line, ...]
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Dots:
    """Means with intervals on a fixed axis."""

    key: str
    title: Text
    axis: AxisSpec
    groups: tuple[Lines, ...]
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Medians with quartiles on an axis from 0."""

    key: str
    title: Text
    axis: AxisSpec
    groups: tuple[Lines, ...]
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares and ratios with intervals."""

    key: str
    title: Text
    groups: tuple[Lines, ...]
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Likert:
    """Items on one ordered scale as 100 % bars."""

    key: str
    title: Text
    rows: tuple[Line, ...]
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Classes:
    """Unordered classes as 100 % bars."""

    key: str
    title: Text
    rows: tuple[Line, ...]
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Bars:
    """The answers to one question as bars, from most to least."""

    key: str
    title: Text
    of: str
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Further:
    """In a generic section: sentences and figures of all indicators of one sort.

    `of` is means, medians, shares or classes. `stats.further` puts ordinary blocks in its place before anything is
    measured.
    """

    key: str
    of: str
    title: Text = NOTHING
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """What dots, bars and rings mean, drawn once."""

    key: str
    title: Text


@dataclass(frozen=True, slots=True)
class ItemsTable:
    """The items word for word with their ids."""

    key: str
    title: Text
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MethodsTable:
    """How each printed indicator is computed. `valid` holds words for conditions that do not follow from its kind."""

    key: str
    title: Text
    valid: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class VersionsTable:
    """The versions of questionnaire and modules, and what changed."""

    key: str
    title: Text


@dataclass(frozen=True, slots=True)
class WithheldTable:
    """Which results are not printed and why."""

    key: str
    title: Text


Block = (
    Title
    | Sentences
    | Findings
    | FixedList
    | FixedPanel
    | HeadlineTable
    | ResponseTable
    | LevelTable
    | ProfileTable
    | SplitTable
    | MedianTable
    | Dots
    | Quartiles
    | Shares
    | Likert
    | Classes
    | Bars
    | Further
    | KeyFigure
    | ItemsTable
    | MethodsTable
    | VersionsTable
    | WithheldTable
)

BLOCKS: Mapping[str, type] = MappingProxyType(
    {
        "title": Title,
        "sentences": Sentences,
        "findings": Findings,
        "list": FixedList,
        "panel": FixedPanel,
        "headline_table": HeadlineTable,
        "response_table": ResponseTable,
        "level_table": LevelTable,
        "profile_table": ProfileTable,
        "split_table": SplitTable,
        "median_table": MedianTable,
        "dots": Dots,
        "quartiles": Quartiles,
        "shares": Shares,
        "likert": Likert,
        "classes": Classes,
        "bars": Bars,
        "further": Further,
        "key": KeyFigure,
        "items_table": ItemsTable,
        "methods_table": MethodsTable,
        "versions_table": VersionsTable,
        "withheld_table": WithheldTable,
    }
)


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter. It drops out when the questionnaire has none of `needs` (empty: it always stays).

    A `generic` section is the pattern of a chapter for each module with indicators that no other block names, those in
    `leave_out` excepted; {module} in its title is the module's.
    """

    key: str
    title: Text
    blocks: tuple[Block, ...]
    numbered: bool = True
    new_page: bool = False
    needs: tuple[str, ...] = ()
    generic: bool = False
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """A report: its sections in order."""

    id: str
    version: str
    sections: tuple[Section, ...]
