"""What a report contains and in which order, as data that `reports/layouts/` and `reports/chapters/` hold.

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
    """A numbered list of the first `most` sentences that can be said; `careful` as for Sentences.

    A questionnaire that has nothing of `say` gets the sentences of `instead`.
    """

    say: tuple[Say, ...]
    most: int = 5
    careful: bool = False
    instead: tuple[Say, ...] = ()


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
class Captioned:
    """A figure or table: its key, and the title that stands above it."""

    key: str
    title: Text


@dataclass(frozen=True, slots=True)
class Listed(Captioned):
    """One with a row for each line."""

    rows: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Noted(Listed):
    """One with words of its own underneath."""

    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class RowFigure(Captioned):
    """A figure that draws each number on a row of its own, under group heads."""

    groups: tuple[Lines, ...]
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class HeadlineTable(Listed):
    """The main results: value, interval or quartiles, peers, n; `instead` where a questionnaire has none of `rows`."""

    instead: tuple[Line, ...] = ()


class ResponseTable(Captioned):
    """How many were invited, answered, analysed; how long it took; when."""


class LevelTable(Captioned):
    """Who answered, by the two levels only."""


@dataclass(frozen=True, slots=True)
class ProfileTable(Captioned):
    """Who answered, by one variable at a time; only from `least` analysed responses on."""

    items: tuple[str, ...]
    least: int = 50


class SplitTable(Listed):
    """Results of the two levels side by side."""


class MedianTable(Noted):
    """Medians with quartiles and n."""


class ResultTable(Noted):
    """Results of any kind side by side: value, interval or quartiles, and n; what each is stands under its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots(RowFigure):
    """Means with intervals on a fixed axis; with `peers: false` none of them is set beside the peers."""

    axis: AxisSpec
    peers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Quartiles(RowFigure):
    """Medians with quartiles on an axis from 0."""

    axis: AxisSpec


class Shares(RowFigure):
    """Shares and ratios with intervals."""


class Likert(Noted):
    """Items on one ordered scale as 100 % bars."""


class Classes(Noted):
    """Unordered classes as 100 % bars."""


@dataclass(frozen=True, slots=True)
class Bars(Captioned):
    """The answers to one question as bars, from most to least."""

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


class KeyFigure(Captioned):
    """What dots, bars and rings mean, drawn once; it drops out where no figure has them."""


@dataclass(frozen=True, slots=True)
class ItemsTable(Captioned):
    """The items word for word with their ids."""

    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MethodsTable(Captioned):
    """How each indicator is computed. `valid` holds words for conditions that do not follow from its kind."""

    valid: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))


class VersionsTable(Captioned):
    """The versions of questionnaire and modules, and what changed."""


class WithheldTable(Captioned):
    """Which results are not printed and why."""


class WaveTable(Listed):
    """The last two waves side by side; nothing at the first wave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveFigure(Noted):
    """A small picture for each row: a dot per wave, joined where the waves can be compared."""

    axis: AxisSpec


class ProratedTable(Captioned):
    """Which part of the scores rests on fewer than all items."""


class ScalesTable(Captioned):
    """Reliability, floor and ceiling of the scales in all counties together."""


class WithoutTable(Captioned):
    """The main results without any response left out."""


class CutsTable(Captioned):
    """The classes of paths at other cut-points."""


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
    | ResultTable
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
    | WaveTable
    | WaveFigure
    | ProratedTable
    | ScalesTable
    | WithoutTable
    | CutsTable
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
        "result_table": ResultTable,
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
        "wave_table": WaveTable,
        "wave_figure": WaveFigure,
        "prorated_table": ProratedTable,
        "scales_table": ScalesTable,
        "without_table": WithoutTable,
        "cuts_table": CutsTable,
    }
)


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter. It drops out when the questionnaire has none of `needs` (empty: it always stays).

    Without a title it goes on under the head of the chapter before it.
    A `generic` section is the pattern of a chapter for each module with indicators that no other block names, those in
    `leave_out` excepted; {module} in its title is the module's.
    """

    key: str
    blocks: tuple[Block, ...]
    title: Text = NOTHING
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
