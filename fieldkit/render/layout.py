"""Which block stands on which page: `places` is the layout of a report, known before anything is drawn.

A chapter opens a new page where it is told to or where little room is left; a heading stays with what follows; what
cannot be divided moves on whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from fieldkit.render.blocks import Aside, Block, Grid, Picture, Title, Words, list_style
from fieldkit.render.sheet import Asked, AskedGrid, Parts
from fieldkit.render.style import Style
from fieldkit.stats.report import (
    Chapter,
    CountyReport,
    Figure,
    Heading,
    Numbered,
    Panel,
    Paragraph,
    Question,
    QuestionGrid,
    Table,
)

LEAD_IN = 40.0  # pt: two lines of text


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and its top, in pt from the top of the page."""

    block: Block
    top: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: what stands on it, and the chapter that its running head names."""

    placed: tuple[Placed, ...]
    running: str


def places(report: CountyReport, style: Style) -> list[Sheet]:
    """Every block on its page, the cover not counted.

    A chapter opens a new page where it is told to or where little room is left; a heading stays with what follows;
    what cannot be divided moves on whole. Where the last page would hold a few lines only, the space between blocks
    is a little less and chapters may begin lower, if that saves the page.
    """
    blocks = story(report, style)
    sheets = _fill(blocks, style, 1.0)
    for tight in style.tight:
        last = sheets[-1].placed[-1] if sheets else None
        if last is None or (last.top + last.block.height() - style.page.top) / style.page.room >= style.least_fill:
            break
        closer = _fill(blocks, style, tight)
        if len(closer) < len(sheets):
            return closer
    return sheets


def story(report: CountyReport, style: Style) -> list[Block]:
    """The report's blocks, measured, in order."""
    out: list[Block] = []
    look, measure = style.texts, style.page.measure
    for n, block in enumerate(report.blocks):
        match block:
            case Chapter():
                out.append(Title(block.number, block.title, 1, f"{block.key}.{n}", style, new_page=block.new_page))
            case Heading():
                out.append(Title(block.number, block.title, min(3, max(2, block.level)), f"{block.key}.{n}", style))
            case Paragraph():
                words = Words(block.text, look["note" if block.note else "body"], measure)
                if words.setting.lines:
                    out.append(words)
            case Numbered():
                kind = list_style(look["list"], len(block.lines))
                out += [Words(line, kind, measure, number=f"{k}.") for k, line in enumerate(block.lines, 1)]
            case Panel():
                out.append(Aside(block.title, block.text, style))
            case Table():
                out.append(Grid(block, style, report.language))
            case Figure():
                out.append(Picture(block, style, report.language))
            case Question():
                out.append(Asked(block, style))
            case QuestionGrid():
                out.append(AskedGrid(block, style))
            case _:
                raise TypeError(f"a report holds a {type(block).__name__}")
    return out


def _fill(blocks: Sequence[Block], style: Style, tight: float) -> list[Sheet]:
    page = style.page
    least = page.chapter_room if tight == 1 else page.chapter_room * style.tight_room
    queue = list(reversed(blocks))
    sheets: list[Sheet] = []
    placed: list[Placed] = []
    running = ""
    y, after = page.top, 0.0

    def turn() -> None:
        nonlocal placed, y, after, running
        sheets.append(Sheet(tuple(placed), _running(placed, running, page.running)))
        running = next((p.block.words for p in reversed(placed) if is_chapter(p.block)), running)
        placed, y, after = [], page.top, 0.0

    while queue:
        block = queue[-1]
        gap = max(after, block.before) * tight if placed else 0.0
        room = page.bottom - y - gap
        if placed and (_opens_page(block, queue, room, least, tight) or _needs(queue, tight, room) > room + 0.01):
            turn()
            continue
        if block.height() <= room + 0.01:
            queue.pop()
            placed.append(Placed(block, y + gap))
            y += gap + block.height()
            after = block.after
            continue
        parts = block.split(room)
        if parts is None and placed:
            turn()
            continue
        queue.pop()
        if parts is None:  # higher than a page and not to be divided: better cut off below than lost
            placed.append(Placed(block, y))
        else:
            placed.append(Placed(parts[0], y + gap))
            queue.append(parts[1])
        turn()
    if placed:
        turn()
    return sheets


def is_chapter(block: Block) -> TypeGuard[Title]:
    return isinstance(block, Title) and block.level == 1


def _running(placed: Sequence[Placed], before: str, limit: float) -> str:
    """What the running head says: the chapter that goes on from the page before, or one that begins near the top."""
    for p in placed:
        if is_chapter(p.block) and (p.top <= limit or not before):
            return p.block.words
    return before


def _opens_page(block: Block, queue: list[Block], room: float, least: float, tight: float) -> bool:
    """Whether a chapter should begin on a new page: told so, or little room left and it does not fit there whole."""
    if not is_chapter(block):
        return False
    if block.new_page:
        return True
    if room >= least:
        return False
    total, after = 0.0, 0.0
    for n, following in enumerate(reversed(queue)):
        if n and is_chapter(following):
            break
        total += (max(after, following.before) * tight if n else 0.0) + following.height()
        after = following.after
        if total > room:
            return True
    return False


def _needs(queue: list[Block], tight: float, room: float) -> float:
    """What must fit below: the block, and as long as blocks are tied to the next one, the least of that too."""
    total, after = 0.0, 0.0
    for n, block in enumerate(reversed(queue)):
        gap = max(after, block.before) * tight if n else 0.0
        if not (block.keep or (n and _leads_in(block, queue[-n - 2 : -n - 1]))):
            return total + gap + block.least(room - total - gap)
        total += gap + block.height()
        after = block.after
    return total


def _leads_in(block: Block, following: Sequence[Block]) -> bool:
    """Whether these are the few words before a table or question: alone at a page's end they say nothing."""
    return isinstance(block, Words) and block.height() < LEAD_IN and any(isinstance(f, Grid | Parts) for f in following)
