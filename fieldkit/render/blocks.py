"""What stands on a page: headings, paragraphs, lists, panels, tables and figures, each of which knows its height.

A block is asked for its height, may be asked to split at a page end, and draws itself. `least` is the least of it
that may stand at the foot of a page; `keep` ties it to the block after it (a heading never ends a page).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from fieldkit.render.charts import draw, group_ends, parted, rows_in
from fieldkit.render.ink import Ink
from fieldkit.render.style import MM, Style, TextStyle
from fieldkit.render.text import Setting, set_text, width_of
from fieldkit.stats.report import Cell, Column, Figure, Table

RULE, HEAD_RULE = 1.0, 0.5
COLUMN_GAP = 9.0


def titled(label: str, title: str) -> str:
    """A number or label and its title, with a clear space between them."""
    return "  ".join(filter(None, (label, title)))


class Block:
    """The least a block must answer. Heights and distances in pt; `before` and `after` collapse to the larger."""

    before = 0.0
    after = 0.0
    keep = False

    def height(self) -> float:
        """Its height at the width of the text."""
        raise NotImplementedError

    def least(self, room: float = 0.0) -> float:
        """The least height that may stand at the foot of a page where so much room is left."""
        return self.height()

    def split(self, room: float) -> tuple[Block, Block] | None:
        """Two blocks, the first no higher than `room`; None where it must not be divided there."""
        return None

    def draw(self, ink: Ink, left: float, top: float) -> None:
        """Draw itself with its top left corner there."""
        raise NotImplementedError


class Words(Block):
    """A paragraph, or one entry of a numbered list (`number` then stands at the margin)."""

    def __init__(
        self, text: str, style: TextStyle, width: float, *, number: str = "", setting: Setting | None = None
    ) -> None:
        self.style = style
        self.width = width
        self.number = number
        self.setting = setting or set_text(text, style, width)
        self.before, self.after = style.before, style.after

    def height(self) -> float:
        return self.setting.height

    def least(self, room: float = 0.0) -> float:
        count = len(self.setting.lines)
        return self.style.leading * (count if count <= 3 else 2)

    def split(self, room: float) -> tuple[Block, Block] | None:
        count = len(self.setting.lines)
        first = min(int((room + 0.01) / self.style.leading), count - 2)
        if first < 2:
            return None
        a = Words("", self.style, self.width, number=self.number, setting=self.setting.cut(0, first))
        b = Words("", self.style, self.width, setting=self.setting.cut(first))
        a.before, a.after, b.before, b.after = self.before, 0.0, 0.0, self.after
        return a, b

    def draw(self, ink: Ink, left: float, top: float) -> None:
        if self.number:
            ink.words(self.number, self.style, left, top + self.style.leading / 2)
        ink.setting(self.setting, left, top)


class Title(Words):
    """The head of a chapter (level 1) or within one (2, 3): never split, never last on a page, and a bookmark."""

    keep = True

    def __init__(self, number: str, title: str, level: int, key: str, style: Style, *, new_page: bool = False) -> None:
        self.words = f"{number} {title}" if number else title
        super().__init__(titled(number, title), style.texts[f"h{level}"], style.page.measure)
        self.level = level
        self.key = key
        self.new_page = new_page

    def least(self, room: float = 0.0) -> float:
        return self.height()

    def split(self, room: float) -> None:
        return None


class Aside(Block):
    """Text set apart on a tinted ground, with a title."""

    PADDING = 4 * MM

    def __init__(self, title: str, text: str, style: Style, *, settings: tuple[Setting, ...] = ()) -> None:
        self.style = style
        width = style.page.measure - 2 * self.PADDING
        look = style.texts
        self.settings = settings or tuple(
            set_text(words, kind, width)
            for words, kind in ((title, look["panel_title"]), (text, look["panel"]))
            if words
        )
        self.before, self.after = 5 * MM, 4 * MM

    def height(self) -> float:
        return self.style.page.on_grid(sum(s.height for s in self.settings) + 2 * self.PADDING)

    def split(self, room: float) -> tuple[Block, Block] | None:
        *heads, body = self.settings
        if self.height() <= self.style.page.room:
            return None  # only what no page can hold is divided
        inside = room - 2 * self.PADDING - sum(s.height for s in heads)
        lines = int(inside / body.style.leading)
        if lines < 2 or lines >= len(body.lines):
            return None
        first = Aside("", "", self.style, settings=(*heads, body.cut(0, lines)))
        return first, Aside("", "", self.style, settings=(body.cut(lines),))

    def draw(self, ink: Ink, left: float, top: float) -> None:
        ink.box(left, top, self.style.page.measure, self.height(), self.style.colours["panel"])
        y = top + (self.height() - sum(s.height for s in self.settings)) / 2
        for setting in self.settings:
            ink.setting(setting, left + self.PADDING, y)
            y += setting.height


@dataclass(frozen=True)
class Box:
    """A cell set in lines: one text over another."""

    parts: tuple[Setting, ...]

    @cached_property
    def height(self) -> float:
        """Height in pt."""
        return sum(part.height for part in self.parts)

    def cut(self, room: float) -> tuple[Box, Box]:
        """What fits in `room` and what does not."""
        first: list[Setting] = []
        rest: list[Setting] = []
        for part in self.parts:
            lines = 0 if rest else min(len(part.lines), int((room + 0.01) / part.style.leading))
            if lines:
                first.append(part.cut(0, lines))
            if lines < len(part.lines):
                rest.append(part.cut(lines))
            room -= lines * part.style.leading
        return Box(tuple(first)), Box(tuple(rest))


class Grid(Block):
    """A table: title, head, rows, note; three rules and no other lines.

    `long` ones may go on over the page: the second part repeats title (with 续) and head. Others stay together with
    their note, as long as a page can hold them.
    """

    WHOLE = 7  # rows of a group

    def __init__(self, table: Table, style: Style, language: str) -> None:
        self.style = style
        self.long = table.long
        self.widths = column_widths([_for_head(c, style) for c in table.columns], style.page.measure)
        self.aligns = [column.align for column in table.columns]
        self.centred = any(column.strong for column in table.columns)
        self.padding = 3.4 if self.centred else 2.0
        self.size = sum(self.widths)
        say = style.say(language)
        title = titled(table.label, table.title)
        look = style.texts
        width = style.page.measure
        self.caption = set_text(title, look["caption"], width)
        self.again = set_text(title + say["continued"], look["caption"], width)
        self.head = [
            Box((set_text(column.head, replace(look["head"], align=column.align), self._inner(n)),))
            for n, column in enumerate(table.columns)
        ]
        rows = [
            [self._cell(cell, column, n) for n, (cell, column) in enumerate(zip(row, table.columns, strict=True))]
            if len(row) > 1
            else [Box((set_text(row[0].text, look["cell_strong"], self.size),))]
            for row in table.rows
        ]
        self.rows = [self._measured(row) for row in rows]
        self.note = set_text(table.note, look["note"], width) if table.note else None
        self.continued = False
        self.closed = True  # ends with the last rule and the note
        self.before = self.after = 4 * MM

    def _measured(self, row: list[Box]) -> tuple[list[Box], float]:
        return row, max((box.height for box in row), default=0.0) + 2 * self.padding

    def _inner(self, n: int) -> float:
        return self.widths[n] - (COLUMN_GAP if n < len(self.widths) - 1 else 0)

    def _cell(self, cell: Cell, column: Column, n: int) -> Box:
        look = self.style.texts
        if column.strong:
            kind = look["headline"]
        elif cell.code:
            kind = look["code"]
        else:
            kind = look["cell_strong"] if cell.sub else look["cell"]
        width = self._inner(n)
        parts = [set_text(cell.text, replace(kind, align=column.align), width)]
        if cell.sub:
            parts.append(set_text(cell.sub, replace(look["sub"], align=column.align), width))
        return Box(tuple(parts))

    def _top(self) -> float:
        title = self.again if self.continued else self.caption
        head = max((box.height for box in self.head), default=0.0) + 4 if any(b.height for b in self.head) else 0.0
        return title.height + head

    def _note_height(self) -> float:
        return self.note.height + 2 if self.note and self.closed else 0.0

    def height(self) -> float:
        rows = sum(high for _, high in self.rows)
        return self.style.page.on_grid(self._top() + rows + RULE + self._note_height())

    def least(self, room: float = 0.0) -> float:
        whole = self.height()
        if not self._divides():
            return whole
        rows = [high for _, high in self.rows[:2]]
        return min(whole, self._top() + min(sum(rows), self.style.page.room / 2) + RULE)

    def _divides(self) -> bool:
        return self.long or self.height() > self.style.page.room

    def split(self, room: float) -> tuple[Block, Block] | None:
        if not self._divides():
            return None
        left = room - self._top() - RULE
        count, used = 0, 0.0
        for _, high in self.rows:
            if used + high > left:
                break
            used += high
            count += 1
        if count >= len(self.rows) > 2:
            count = len(self.rows) - 2  # the note did not fit: it never goes alone
        elif len(self.rows) - count == 1 and count > 2:
            count -= 1  # nor does a single row
        group = next((n for n in range(min(count, len(self.rows) - 1), 0, -1) if self._heads(n)), 0)
        if group and count - group <= self.WHOLE:
            count = group  # nor the head of a group, and a small one stays together
        if count >= min(2, len(self.rows) - 1) and 0 < count < len(self.rows):
            heads = [] if self._heads(count) else [n for n in range(count) if self._heads(n)][-1:]
            below = [*(self.rows[n] for n in heads), *self.rows[count:]]  # a group that goes on has its head again
            return self._part(self.rows[:count], first=True), self._part(below, first=False)
        if count == 0 and self.rows and self.rows[0][1] > self.style.page.room - self._top() - RULE:
            inside = left - 2 * self.padding  # a row that no page can hold is divided between its lines
            if inside < 4 * self.style.texts["cell"].leading:
                return None
            cut = [box.cut(inside) for box in self.rows[0][0]]
            first, rest = [a for a, _ in cut], [b for _, b in cut]
            return self._part([self._measured(first)], first=True), self._part(
                [self._measured(rest), *self.rows[1:]], first=False
            )
        return None

    def _heads(self, n: int) -> bool:
        """Whether this row is the head of a group: one cell as wide as the table."""
        return len(self.rows[n][0]) == 1 < len(self.widths)

    def _part(self, rows: list[tuple[list[Box], float]], *, first: bool) -> Grid:
        part: Grid = object.__new__(Grid)
        part.__dict__.update(self.__dict__)
        part.rows = rows
        if first:
            part.closed, part.after = False, 0.0
        else:
            part.continued, part.before = True, 0.0
        return part

    def draw(self, ink: Ink, left: float, top: float) -> None:
        ink_colour, end = self.style.colours["ink"], left + self.size
        title = self.again if self.continued else self.caption
        ink.setting(title, left, top)
        y = top + title.height
        ink.rule(left, end, y, RULE, ink_colour)
        if any(box.height for box in self.head):
            high = max(box.height for box in self.head) + 4
            self._boxes(ink, self.head, left, y, high, bottom=True)
            y += high
            ink.rule(left, end, y, HEAD_RULE, ink_colour)
        for row, high in self.rows:
            self._boxes(ink, row, left, y, high)
            y += high
        ink.rule(
            left, end, y, RULE if self.closed else HEAD_RULE, ink_colour if self.closed else self.style.colours["break"]
        )
        if self.note and self.closed:
            ink.setting(self.note, left, y + RULE + 2)

    def _boxes(
        self, ink: Ink, row: Sequence[Box], left: float, top: float, high: float, *, bottom: bool = False
    ) -> None:
        x = left
        for n, box in enumerate(row):
            if bottom:
                y = top + high - 2 - box.height
            elif self.centred:
                y = top + (high - box.height) / 2
            else:
                y = top + self.padding
            for part in box.parts:
                ink.setting(part, x, y)
                y += part.height
            x += self.widths[n]


def _for_head(column: Column, style: Style) -> Column:
    """The column, wide enough for the longest word of its head."""
    words = [word for word in column.head.split() if word.isascii()]
    need = max((width_of(word, style.texts["head"]) for word in words), default=0.0) + COLUMN_GAP
    return replace(column, width=need) if words and 0 < column.width < need else column


def column_widths(columns: Sequence[Column], measure: float) -> list[float]:
    """Widths in pt. Columns without a width share what is left; with all given, a narrow table stays narrow.

    >>> column_widths((Column("a"), Column("b", width=72.5)), 472.5)
    [400.0, 72.5]
    """
    given = sum(column.width for column in columns)
    open_ones = sum(column.width == 0 for column in columns)
    least = 60.0 * open_ones
    if given + least > measure:
        shrink = (measure - least) / given if given else 1.0
        return [column.width * shrink or 60.0 for column in columns]
    share = (measure - given) / open_ones if open_ones else 0.0
    return [column.width or share for column in columns]


class Picture(Block):
    """A figure: title, drawing and note in one piece, unless a large part of a page would stay empty before it."""

    HOLE = 0.3  # of a page
    LEAST_ROWS = 3

    def __init__(self, figure: Figure, style: Style, language: str, *, continued: bool = False) -> None:
        self.figure, self.style, self.language, self.continued = figure, style, language, continued
        title = titled(figure.label, figure.title)
        if continued:
            title += style.say(language)["continued"]
        self.caption = set_text(title, style.texts["caption"], style.page.measure)
        self.drawing = draw(figure.chart, style)
        self.note = set_text(figure.note, style.texts["note"], style.page.measure) if figure.note else None
        self.before, self.after = 4 * MM, 4 * MM

    def height(self) -> float:
        note = self.note.height + 3 if self.note else 0.0
        return self.style.page.on_grid(self.caption.height + self.drawing.height + note)

    def least(self, room: float = 0.0) -> float:
        parts = self.split(room)
        return parts[0].height() if parts else self.height()

    def split(self, room: float) -> tuple[Picture, Picture] | None:
        chart, page = self.figure.chart, self.style.page
        count = rows_in(chart)
        least = 1 if self.height() > page.room else self.LEAST_ROWS
        if room < self.HOLE * page.room or self.height() <= room or count < 2 * least:
            return None
        low, high = 0, count - least  # the most rows that fit, found by halving
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._first(middle).height() <= room + 0.01 else (low, middle - 1)
        ends = [n for n in group_ends(chart) if max(least, low * 3 // 4) <= n <= low]
        after = ends[-1] if ends else low
        if after < least:
            return None
        rest = replace(self.figure, chart=parted(chart, after)[1])
        return self._first(after), Picture(rest, self.style, self.language, continued=True)

    def _first(self, rows: int) -> Picture:
        part = replace(self.figure, chart=parted(self.figure.chart, rows)[0], note="")
        return Picture(part, self.style, self.language, continued=self.continued)

    def draw(self, ink: Ink, left: float, top: float) -> None:
        ink.setting(self.caption, left, top)
        y = top + self.caption.height
        ink.drawing(self.drawing, self.style.words, left, y)
        if self.note:
            ink.setting(self.note, left, y + self.drawing.height + 3)


def list_style(style: TextStyle, lines: int) -> TextStyle:
    """The list style with room for the widest number."""
    need = width_of(f"{lines}.", style) / style.size + 0.5
    return style if need <= style.hanging else replace(style, hanging=round(need, 2))
