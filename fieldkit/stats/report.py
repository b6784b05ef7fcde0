"""A finished report: every word and number in place before anything is drawn.

Renderers (PDF, page, CSV) only lay this out: they never query, compute, round or choose words. All text is ready in
the report's language; all numbers that are printed are strings, beside the Disclosed they came from, which gives
charts their positions.
"""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.stats.disclose import Disclosed


@dataclass(frozen=True, slots=True)
class Axis:
    """A fixed axis: from `low` to `high` with ticks, a unit after the last tick, words under the two ends."""

    low: float
    high: float
    ticks: tuple[float, ...]
    unit: str = ""
    low_words: str = ""
    high_words: str = ""
    signed: bool = False  # print + before positive ticks


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a chart: its label, its number (positions) and the same number as printed.

    `value`, `interval`, `count` are ready to print ('63.3', '58.3–68.2', '44'; '—' where suppressed and then
    `count` says why, e.g. '不足20人'). `code` is the item or indicator id, which the figure's note
    names once; drawings leave it out. `sub` is a second line in small type.
    """

    label: str
    number: Disclosed
    value: str
    interval: str = ""
    count: str = ""
    code: str = ""
    sub: str = ""
    strong: bool = False  # a total: bold, with a hairline above
    left: str = ""  # bipolar rows: the pole at the low end of the axis
    right: str = ""  # and at the high end
    others: tuple[float, ...] = ()  # small dots behind the mark: the same number of other counties, unnamed


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows under an optional group head."""

    rows: tuple[Row, ...]
    head: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of a stacked bar: the words of its code(s), its share as a position, the share as printed.

    `step` is its place on the scale of colours, 0..(steps-1); a merged step takes the colour of its code nearest the
    middle, so that joining steps never makes an answer look more extreme than it was.
    """

    label: str
    percent: float
    printed: str
    step: int
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """One 100 % bar."""

    label: str
    segments: tuple[Segment, ...]
    count: str = ""
    code: str = ""
    sub: str = ""
    suppressed: str = ""  # the words that stand in place of the bar


@dataclass(frozen=True, slots=True)
class RowChart:
    """Rows on one fixed axis, each with its numbers in three columns."""

    axis: Axis
    groups: tuple[Rows, ...]
    heads: tuple[str, str, str]  # over value, interval, count
    own: str = ""  # the key's words for the county's mark
    peers: str = ""  # and for the ring; '' when no row has a peer


class DotChart(RowChart):
    """Dots with interval lines; a ring for the peers."""


class QuartileChart(RowChart):
    """Q1 to Q3 as a bar, the median as a tick; a ring for the peers' median."""


class ShareChart(RowChart):
    """Shares as bars from 0 on a fixed 0..100 axis with intervals; a masked share is an outlined range."""


@dataclass(frozen=True, slots=True)
class LikertChart:
    """Several items on one ordered scale as 100 % bars; `scale` is the legend in order."""

    scale: tuple[str, ...]
    stacks: tuple[Stack, ...]
    count_head: str = "n"


@dataclass(frozen=True, slots=True)
class ClassChart:
    """Unordered classes as one or more 100 % bars, each segment named under it."""

    stacks: tuple[Stack, ...]
    count_head: str = "n"


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave of one indicator. `when` and `count` stand under its name ('2026年4月', 'n=38').

    `joined` draws a thin line from the wave before it (only where the two are comparable); `broken` are the words
    over a dashed line before it ('问卷改版，前后不可比').
    """

    label: str
    number: Disclosed
    value: str
    when: str = ""
    count: str = ""
    joined: bool = False
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Waves:
    """One indicator over its waves."""

    title: str
    waves: tuple[Wave, ...]


@dataclass(frozen=True, slots=True)
class WaveChart:
    """Small pictures side by side on one axis: a dot with its interval for each wave."""

    axis: Axis
    panels: tuple[Waves, ...]


@dataclass(frozen=True, slots=True)
class KeyChart:
    """What the marks of the other figures mean, drawn once. All fields are the words beside the marks."""

    axis: Axis
    own: str
    peers: str
    interval: str
    lower: str
    median: str
    upper: str
    hidden: str


Chart = DotChart | QuartileChart | ShareChart | LikertChart | ClassChart | WaveChart | KeyChart


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. `width` is in points, 0 = takes what is left."""

    head: str
    align: str = "left"  # left, right
    width: float = 0
    strong: bool = False  # the headline value


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a line, and under it a smaller one; `code` is set in small type."""

    text: str
    sub: str = ""
    code: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """A numbered chapter head (H1). `number` may be '' (一页摘要, annexes carry their letter in the title)."""

    key: str
    title: str
    number: str = ""
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A head inside a chapter: level 2 or 3."""

    key: str
    title: str
    level: int = 2
    number: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str
    note: bool = False  # set in the small note style


@dataclass(frozen=True, slots=True)
class Numbered:
    """A numbered list."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Text set apart on a tinted ground."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with three rules. `label` is '表1', `note` stands under it. `long` ones may break across pages.

    A row of one cell is the head of the rows that follow it.
    """

    label: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    long: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its title above and its note below. `described` is the chart in words, for those who cannot see."""

    label: str
    title: str
    chart: Chart
    note: str = ""
    described: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """A line to write on: words before it, its width in pt (0: what is left), words after it."""

    before: str = ""
    width: float = 0
    after: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question on paper. `when` says in words who answers it, `hints` how.

    `mark` is what stands before a choice: circle (one of them), square (several) or place (a number is written in).
    `blanks` stand on one line, `lines` are empty lines under it, `reasons` small squares for 'do not know'. `poles` are
    the words at the two ends of the choices, which then stand in one row.
    """

    number: str
    text: str
    when: str = ""
    hints: tuple[str, ...] = ()
    mark: str = "circle"
    choices: tuple[str, ...] = ()
    blanks: tuple[Blank, ...] = ()
    lines: int = 0
    reasons: tuple[str, ...] = ()
    poles: tuple[str, str] = ("", "")
    code: str = ""


@dataclass(frozen=True, slots=True)
class QuestionGrid:
    """Questions with the same choices: one row each with a circle under every head, then a square for each reason.

    `rows` are (number, words).
    """

    heads: tuple[str, ...]
    reasons: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    when: str = ""
    hints: tuple[str, ...] = ()


Block = Chapter | Heading | Paragraph | Numbered | Panel | Table | Figure | Question | QuestionGrid


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page."""

    county: str
    province: str
    title: str
    lines: tuple[tuple[str, str], ...]  # (研究团队, …), (调查日期, …), (问卷版本, …)
    box: str
    simulated: str = ""
    box_title: str = ""


@dataclass(frozen=True)
class CountyReport:
    """One county, one wave, one questionnaire version: everything that will be printed, in order.

    `footer` is printed on every page before the page numbers; `page_words` is '第{page}页/共{pages}页'. `dated` is
    the ISO date that the file carries. `results` are all disclosed numbers of the county, for the aggregate CSV;
    `facts` names wave, county, version for files and metadata.
    """

    language: str
    cover: Cover | None  # None: no first page of its own, such as a questionnaire on paper
    blocks: tuple[Block, ...]
    results: tuple[Disclosed, ...]
    footer: str
    page_words: str
    contents_words: str
    title: str
    subject: str
    author: str
    keywords: str
    dated: str
    simulated: str = ""  # '模拟数据' on every page
    facts: tuple[tuple[str, str], ...] = ()
    decimals: tuple[tuple[str, int], ...] = ()  # indicators whose means and medians have more than one
