"""Questions on paper: circles and boxes to tick, lines to write on, and rows that share one set of answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fieldkit.render.blocks import Block
from fieldkit.render.ink import Ink
from fieldkit.render.style import MM, Style, TextStyle
from fieldkit.render.text import Setting, set_text, width_of
from fieldkit.stats.report import Question, QuestionGrid

HANG = 24.0  # width of the number at the margin
RING, BOX, PLACE = 3.6, 7.4, 11.0  # radius of a circle, edge of a square, edge of a square that holds a number
AFTER_MARK = 6.0
CHOICE_GAP = 18.0
MOST_COLUMNS, MOST_IN_ROW = 4, 7
WRITING = 9 * MM  # height of an empty line
BLANK = 90.0
BETWEEN = 6.0

Draw = Callable[[Ink, float, float], None]


@dataclass(frozen=True)
class Part:
    """One line or paragraph of a question that is never cut in two."""

    height: float
    draw: Draw


class Parts(Block):
    """Parts one under the other; only what takes much of a page is divided, and never in its first `head` parts."""

    def __init__(self, parts: Sequence[Part], head: int, style: Style) -> None:
        self.parts = list(parts)
        self.head = head
        self.style = style
        self.before = self.after = 3 * MM

    def height(self) -> float:
        return self.style.page.on_grid(sum(part.height for part in self.parts))

    def _divides(self) -> bool:
        return self.height() > self.style.page.room / 3 and len(self.parts) > self.head + 3

    def least(self, room: float = 0.0) -> float:
        return sum(p.height for p in self.parts[: self.head + 2]) if self._divides() else self.height()

    def split(self, room: float) -> tuple[Block, Block] | None:
        if not self._divides():
            return None
        count, used = 0, 0.0
        for part in self.parts:
            if used + part.height > room + 0.01:
                break
            used += part.height
            count += 1
        count = min(count, len(self.parts) - 2)
        if count < self.head + 2:
            return None
        return self._cut(self.parts[:count], self.head), self._cut(self.repeated() + self.parts[count:], self.again())

    def repeated(self) -> list[Part]:
        """What stands again at the top of the next page."""
        return []

    def again(self) -> int:
        """How many of the repeated parts stay with what follows."""
        return len(self.repeated())

    def _cut(self, parts: list[Part], head: int) -> Parts:
        cut: Parts = object.__new__(type(self))
        cut.__dict__.update(self.__dict__)
        cut.parts, cut.head = parts, head
        return cut

    def draw(self, ink: Ink, left: float, top: float) -> None:
        for part in self.parts:
            part.draw(ink, left, top)
            top += part.height


def _words(setting: Setting, x: float) -> Draw:
    return lambda ink, left, top: ink.setting(setting, left + x, top)


def _text(text: str, kind: TextStyle, width: float, x: float = HANG) -> Part:
    setting = set_text(text, kind, width - x)
    return Part(setting.height, _words(setting, x))


def _marked(ink: Ink, mark: str, x: float, middle: float, colour: str) -> float:
    """Draw the mark to tick; returns where the words begin."""
    if mark == "none":  # a list that is only counted
        ink.box(x + 2, middle - 1, 2.4, 2.4, colour)
        return x + 2.4 + AFTER_MARK
    if mark == "circle":
        ink.ring(x + RING, middle, RING, colour)
        return x + 2 * RING + AFTER_MARK
    edge = PLACE if mark == "place" else BOX
    ink.frame(x, middle - edge / 2, edge, edge, colour)
    return x + edge + AFTER_MARK


def _mark_width(mark: str) -> float:
    return {"none": 2.4, "circle": 2 * RING, "square": BOX, "place": PLACE}[mark] + AFTER_MARK


def choice_parts(choices: Sequence[str], mark: str, kind: TextStyle, style: Style, width: float) -> list[Part]:
    """Choices in one row where they fit, else in as many columns as their words allow, reading down the columns."""
    indent = _mark_width(mark)
    widest = max((width_of(choice, kind) for choice in choices), default=0.0) + indent + CHOICE_GAP
    fit = int((width - HANG + CHOICE_GAP) // widest)
    most = len(choices) if len(choices) <= MOST_IN_ROW and len(choices) <= fit else MOST_COLUMNS
    columns = max(1, min(most, fit, len(choices)))
    rows = -(-len(choices) // columns)
    wide = (width - HANG) / columns
    if columns > 1 and rows == 1:
        wide = max(widest, min(wide, 118.0))
    colour = style.colours["ink"]
    found = []
    for row in range(rows):
        here = [choices[n] for n in range(row, len(choices), rows)]
        settings = [set_text(choice, kind, wide - indent - (0 if columns == 1 else 6)) for choice in here]

        def draw(ink: Ink, left: float, top: float, settings: Sequence[Setting] = settings) -> None:
            for n, setting in enumerate(settings):
                x = left + HANG + n * wide
                words = _marked(ink, mark, x, top + kind.leading / 2, colour)
                ink.setting(setting, words, top)

        found.append(Part(max(s.height for s in settings), draw))
    return found


class Asked(Parts):
    """One question with what is needed to answer it by pen."""

    def __init__(self, question: Question, style: Style) -> None:
        look, width = style.texts, style.page.measure
        parts: list[Part] = []
        if question.when:
            parts.append(_text(question.when, look["when"], width))
        setting = set_text(question.text, look["question"], width - HANG)

        def head(ink: Ink, left: float, top: float) -> None:
            ink.words(question.number, look["number"], left, top + look["question"].leading / 2)
            ink.setting(setting, left + HANG, top)

        parts.append(Part(setting.height, head))
        parts += [_text(hint, look["note"], width) for hint in question.hints]
        count = len(parts)
        if question.poles != ("", ""):
            parts.append(_poles(question, style))
        elif question.choices:
            parts.append(Part(2.0, _nothing))
            parts += choice_parts(question.choices, question.mark, look["choice"], style, width)
        if question.blanks:
            parts.append(_blanks(question, style))
        parts += [Part(WRITING, _rule(style)) for _ in range(question.lines)]
        if question.reasons and not question.blanks:
            parts += choice_parts(question.reasons, "square", look["reason"], style, width)
        super().__init__(parts, count, style)


def _nothing(ink: Ink, left: float, top: float) -> None:
    """Only room."""


def _rule(style: Style) -> Draw:
    def draw(ink: Ink, left: float, top: float) -> None:
        ink.rule(left + HANG, left + style.page.measure, top + WRITING - 2, 0.6, style.colours["break"])

    return draw


def _blanks(question: Question, style: Style) -> Part:
    """Words and lines to write on in one row, and after them the reasons for leaving it empty."""
    kind, small = style.texts["choice"], style.texts["reason"]

    def draw(ink: Ink, left: float, top: float) -> None:
        x, middle = left + HANG, top + WRITING - kind.leading / 2 - 1
        for blank in question.blanks:
            if blank.before:
                ink.words(blank.before, kind, x, middle)
                x += width_of(blank.before, kind) + 4
            wide = blank.width or BLANK
            ink.rule(x, x + wide, middle + kind.size * 0.62, 0.6, style.colours["break"])
            x += wide + 4
            if blank.after:
                ink.words(blank.after, kind, x, middle)
                x += width_of(blank.after, kind) + 8
        x += CHOICE_GAP
        for reason in question.reasons:
            x = _marked(ink, "square", x, middle, style.colours["second"])
            ink.words(reason, small, x, middle)
            x += width_of(reason, small) + CHOICE_GAP

    return Part(WRITING + 2, draw)


def _poles(question: Question, style: Style) -> Part:
    """Choices in one row between two poles."""
    kind, small = style.texts["choice"], style.texts["reason"]
    inside = style.page.measure - HANG
    side = inside * 0.3
    left_words = set_text(question.poles[0], replace(kind, align="right"), side)
    right_words = set_text(question.poles[1], kind, side)
    height = max(left_words.height, right_words.height, kind.leading + 14)
    step = (inside - 2 * side - 32) / max(1, len(question.choices) - 1)

    def draw(ink: Ink, left: float, top: float) -> None:
        left += HANG
        ink.setting(left_words, left, top + (height - left_words.height) / 2)
        ink.setting(right_words, left + inside - side, top + (height - right_words.height) / 2)
        for n, choice in enumerate(question.choices):
            x = left + side + 16 + n * step
            ink.ring(x, top + height / 2 - 5, RING, style.colours["ink"])
            ink.words(choice, small, x, top + height / 2 + 8, "centre")

    return Part(height, draw)


class AskedGrid(Parts):
    """Questions in rows under one head of answers; the head stands again on the next page."""

    LEAST_COLUMN, MOST_COLUMN = 30.0, 44.0

    def __init__(self, grid: QuestionGrid, style: Style) -> None:
        look, width = style.texts, style.page.measure
        words = (*grid.heads, *grid.reasons)
        count, given = len(words), len(grid.heads)
        column = max(self.LEAST_COLUMN, min(self.MOST_COLUMN, width * 0.56 / max(1, count)))
        widest = max((width_of(part, look["grid_head"]) for head in words for part in head.split()), default=0.0)
        if any(" " in head for head in words):  # as long as the questions keep their place
            column = max(column, min(widest + 3, width * 0.66 / max(1, count)))
        first = width - column * count
        size = look["grid_head"].size * min(1.0, max(0.85, (column - 2) / max(widest, 1.0)))  # so that words stay whole
        kinds = [replace(look["grid_head"], size=size, balanced=" " not in head) for head in words]
        heads = [set_text(head, kind, column - 2) for head, kind in zip(words, kinds, strict=True)]
        self.heads = heads
        high = max((h.height for h in heads), default=0.0) + 6
        colours = style.colours

        def head(ink: Ink, left: float, top: float) -> None:
            for n, setting in enumerate(heads):
                ink.setting(setting, left + first + n * column + 1, top + high - 4 - setting.height)
            ink.rule(left, left + width, top + high - 1, 0.7, colours["ink"])

        def row(number: str, text: str) -> Part:
            setting = set_text(text, look["question"], first - HANG - 10)
            tall = setting.height + 8

            def draw(ink: Ink, left: float, top: float) -> None:
                ink.words(number, look["number"], left, top + 4 + look["question"].leading / 2)
                ink.setting(setting, left + HANG, top + 4)
                for n in range(count):
                    x = left + first + (n + 0.5) * column
                    if n < given:
                        ink.ring(x, top + tall / 2, RING, colours["ink"])
                    else:
                        ink.frame(x - BOX / 2, top + tall / 2 - BOX / 2, BOX, BOX, colours["second"])
                ink.rule(left, left + width, top + tall - 0.4, 0.4, colours["rule"])

            return Part(tall, draw)

        parts = [_text(grid.when, look["when"], width, 0)] if grid.when else []
        parts += [_text(hint, look["note"], width, 0) for hint in grid.hints]
        self.head_part = Part(high, head)
        super().__init__(
            [*parts, self.head_part, *(row(number, text) for number, text in grid.rows)], len(parts) + 1, style
        )

    def repeated(self) -> list[Part]:
        return [self.head_part]
