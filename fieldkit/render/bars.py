"""100 % bars: the steps of ordered scales with one legend, and classes with their names underneath."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.graphics.shapes import Drawing

from fieldkit.render.axes import draw_axis
from fieldkit.render.pen import DASH, LINE, Pen, small
from fieldkit.render.style import Style
from fieldkit.render.text import lines_of, width_of
from fieldkit.stats.report import Axis, ClassChart, LikertChart, Segment, Stack

LIKERT_BAR, LIKERT_ROW = 15.0, 25.0
ABOVE = 10.0  # room over a bar for the numbers of steps that are too narrow to hold them
CLASS_BAR = 15.0
NAMES_MOST, NAME_LINES = 6, 3  # more names, or longer ones, stand in a legend


def _segments(segments: Sequence[Segment], low: float, high: float) -> list[tuple[Segment, float, float]]:
    """Each segment with its left end and its width. Shares that were rounded still fill the bar."""
    total = sum(s.percent for s in segments) or 1
    if not 95 <= total <= 105:
        total = 100
    out, x = [], low
    for segment in segments:
        width = (high - low) * segment.percent / total
        out.append((segment, x, width))
        x += width
    return out


def _fits(pen: Pen, segment: Segment, width: float) -> bool:
    """Whether a segment so wide has room for its number."""
    return bool(segment.printed) and width_of(segment.printed, pen.style.words["inside"]) + 2.4 <= width - 0.8


def _bar(
    pen: Pen, stack: Stack, places: Sequence[int], low: float, high: float, top: float, height: float
) -> list[tuple[Segment, float, bool]]:
    """One 100 % bar; returns each segment's middle and whether its number stands inside."""
    style = pen.style
    out = []
    for segment, x, width in _segments(stack.segments, low, high):
        place = places[min(segment.step, len(places) - 1)]
        pen.step(place, x, top, max(0.4, width - 0.8), height)
        middle = x + (width - 0.8) / 2
        inside = _fits(pen, segment, width)
        if inside:
            if place >= style.hatched_from:
                patch = min(width_of(segment.printed, style.words["inside"]) + 5, width - 0.8)
                pen.step(place, middle - patch / 2, top + 2, patch, height - 4, Pen.FRONT)
            light = style.steps[place] in style.light_on
            pen.words("inside-light" if light else "inside", middle, top + height / 2, segment.printed, "middle")
        out.append((segment, middle, inside))
    return out


def _legend(pen: Pen, names: Sequence[str], places: Sequence[int], x0: float, x1: float, top: float) -> float:
    """Coloured squares with names, flowing from x0 to x1; returns the height."""
    look = pen.style.words["head-word"]
    widths = [12 + width_of(name, look) for name in names]
    x, y, line = x0, top, 13.0
    for name, place, width in zip(names, places, widths, strict=True):
        if x > x0 and x + width > x1:
            x, y = x0, y + line
        pen.step(place, x, y + 2.5, 8, 8)
        pen.words("head-word", x + 11, y + 6.5, name)
        x += width + 11
    return y + line - top


def likert(chart: LikertChart, style: Style) -> Drawing:
    pen = Pen(style)
    at = style.columns["likert"]
    low, high = at["low"], at["high"]
    places = style.places(len(chart.scale))
    needed = sum(12 + width_of(name, style.words["head-word"]) + 11 for name in chart.scale) - 11
    start = low if needed <= high - low else max(0.0, min(low, high - needed))
    y = _legend(pen, chart.scale, places, start, high + 6, 0.0)
    pen.words("head-word", at["count"], 6.5, chart.count_head, "end")
    y += 5
    top = y
    for stack in chart.stacks:
        labels = [(line, "label") for line in lines_of(stack.label, style.words["label"], at["label"])]
        labels += small(stack.sub, style, at["label"])
        height = max(LIKERT_ROW, len(labels) * LINE + 8)
        if not all(_fits(pen, segment, width) for segment, _, width in _segments(stack.segments, low, high)):
            y += max(0.0, ABOVE - (height - LIKERT_BAR) / 2)
        middle = y + height / 2
        for n, (line, kind) in enumerate(labels):
            pen.words(kind, 0, middle + (n - (len(labels) - 1) / 2) * LINE, line)
        if stack.suppressed:
            pen.words("hidden", low + 6, middle, f"{DASH}  {stack.suppressed}")
        else:
            bar_top = middle - LIKERT_BAR / 2
            _above(pen, _bar(pen, stack, places, low, high, bar_top, LIKERT_BAR), low - 6, high + 6, bar_top)
        pen.words("number", at["count"], middle, stack.count, "end")
        y += height
    end = draw_axis(pen, Axis(0, 100, (0, 25, 50, 75, 100), unit="%"), low, high, top, y, zero=False)
    return pen.drawing(end)


def _spread(centres: Sequence[float], widths: Sequence[float], low: float, high: float, gap: float = 5) -> list[float]:
    """Centres of names pushed apart, left to right, then back from the right edge; none leaves low..high."""
    at = list(centres)
    edge = low
    for i, width in enumerate(widths):
        at[i] = max(at[i], edge + width / 2)
        edge = at[i] + width / 2 + gap
    edge = high
    for i in range(len(at) - 1, -1, -1):
        at[i] = min(at[i], edge - widths[i] / 2)
        edge = at[i] - widths[i] / 2 - gap
    return at


def _above(pen: Pen, named: list[tuple[Segment, float, bool]], low: float, high: float, bar_top: float) -> None:
    """The numbers that do not fit their segments, in small type over the bar, with short leaders."""
    outside = [(segment.printed, middle) for segment, middle, inside in named if segment.printed and not inside]
    widths = [width_of(words, pen.style.words["name"]) for words, _ in outside]
    at = _spread([middle for _, middle in outside], widths, low, high, gap=3)
    for (words, middle), x in zip(outside, at, strict=True):
        pen.line("leader", middle, bar_top, x, bar_top - 2.2)
        pen.words("name", x, bar_top - 6, words, "middle")


def _names(pen: Pen, named: list[tuple[Segment, float, bool]], low: float, high: float, bar_end: float) -> float:
    """The segments' names under the bar with thin leaders; returns their height, 0 when there is no room for them."""
    look = pen.style.words["name"]
    if len(named) > NAMES_MOST:
        return 0.0
    texts = [s.label if inside or not s.printed else f"{s.label} {s.printed}" for s, _, inside in named]
    for most in (high - low, 92.0, 76.0, 62.0, 47.0, 39.0):
        lines = [lines_of(text, look, most) for text in texts]
        widths = [max((width_of(line, look) for line in block), default=0.0) for block in lines]
        if sum(widths) + 5 * (len(widths) - 1) <= high - low and max(map(len, lines), default=0) <= NAME_LINES:
            break
    else:
        return 0.0
    centres = [middle for _, middle, _ in named]
    at = _spread(centres, widths, low, high)
    for block, x, middle in zip(lines, at, centres, strict=True):
        if abs(x - middle) < 1:
            pen.line("leader", middle, bar_end, middle, bar_end + 8)
        else:
            pen.line("leader", middle, bar_end, middle, bar_end + 3)
            pen.line("leader", middle, bar_end + 3, x, bar_end + 8)
        for n, line in enumerate(block):
            pen.words("name", x, bar_end + 13.5 + n * 9.5, line, "middle")
    return 18.5 + 9.5 * (max(map(len, lines)) - 1)


def classes(chart: ClassChart, style: Style) -> Drawing:
    pen = Pen(style)
    at = style.columns["classes"]
    low = at["low"] if any(stack.label for stack in chart.stacks) else 0.0
    high = at["high"]
    y = 3.0
    for stack in chart.stacks:
        steps = max((s.step for s in stack.segments), default=0) + 1
        places = style.places(max(5, steps, len(stack.segments)))
        labels = [(line, "label") for line in lines_of(stack.label, style.words["label"], at["label"])]
        labels += small(stack.sub, style, at["label"])
        middle = y + CLASS_BAR / 2
        for n, (line, kind) in enumerate(labels):
            pen.words(kind, 0, middle + n * LINE, line)
        count = stack.count
        if count.isdigit() and chart.count_head:
            count = f"{chart.count_head}={count}" if chart.count_head == "n" else count
        pen.words("number", at["count"], middle, count, "end")
        below = 4.0
        if stack.suppressed:
            pen.words("hidden", low + 6, middle, f"{DASH}  {stack.suppressed}")
        else:
            named = _bar(pen, stack, places, low, high, y, CLASS_BAR)
            below = _names(pen, named, low, style.page.measure, y + CLASS_BAR)
            if not below:  # too many names: a legend
                names = [f"{s.label} {s.printed}".strip() for s, _, _ in named]
                below = 4 + _legend(
                    pen, names, [places[s.step] for s, _, _ in named], low, style.page.measure, y + CLASS_BAR + 4
                )
        y += max(CLASS_BAR + below, len(labels) * LINE + 4) + 12
    return pen.drawing(max(y - 9, 1))
