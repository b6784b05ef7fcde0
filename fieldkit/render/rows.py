"""Charts that read like tables, one number a row: dots with intervals, quartiles, shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reportlab.graphics.shapes import Drawing

from fieldkit.render.axes import Scale, bound_range, draw_axis, draw_key, scale
from fieldkit.render.pen import BAR, CAP, DASH, DOT, LINE, RING, Pen, small
from fieldkit.render.style import Style
from fieldkit.render.text import lines_of, width_of
from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.report import Axis, DotChart, QuartileChart, Row, RowChart, ShareChart

ROW = 19.3  # least height of a row
SMALL = 1.3  # radius of the dots of other counties


RowMark = Callable[[Pen, Disclosed, float, Scale, float], None]


def _rows(chart: RowChart, style: Style, mark: RowMark, key: str, *, zero: bool, guide: bool) -> Drawing:
    pen = Pen(style)
    poles = any(row.left or row.right for group in chart.groups for row in group.rows)
    at = style.columns["poles" if poles else "plain"]
    low, high = at["low"], at["high"]
    place = scale(chart.axis, low, high)
    y = 0.0
    if any(chart.heads) or chart.peers:
        middle = 6.5
        if chart.peers:
            draw_key(pen, low, middle, chart.own, chart.peers, key)
        pen.words("head-word", at["value"], middle, chart.heads[0], "end")
        pen.words("head-word", at["interval"], middle, chart.heads[1], "middle")
        pen.words("head-word", at["count"], middle, chart.heads[2], "end")
        y = 16.0
    top = y
    for n, group in enumerate(chart.groups):
        if group.head:
            y += 2 if n == 0 else 6
            pen.words("group", 0, y + 8, group.head)
            y += 16
        for row in group.rows:
            y += _row(pen, chart.axis, row, at, place, y, mark, poles=poles, guide=guide, first=y == top)
    end = draw_axis(pen, chart.axis, low, high, top, y, zero=zero)
    return pen.drawing(end)


def _row(
    pen: Pen,
    axis: Axis,
    row: Row,
    at: Mapping[str, float],
    place: Scale,
    y: float,
    mark: RowMark,
    *,
    poles: bool,
    guide: bool,
    first: bool,
) -> float:
    """One row at `y`; returns its height."""
    style = pen.style
    label = "label-strong" if row.strong or (poles and (row.left or row.right)) else "label"
    labels = [(line, label) for line in lines_of(row.label, style.words[label], at["label"])]
    labels += small(row.sub, style, at["label"])
    left = lines_of(row.left, style.words["pole"], at["left"] - at["label"] - 6) if row.left else []
    right = lines_of(row.right, style.words["pole"], at["right_end"] - at["right"]) if row.right else []
    lines = max(len(labels), len(left), len(right))
    height = max(ROW, lines * LINE + 8)
    middle = y + height / 2
    if (row.strong or poles) and not first:
        pen.line("hair", 0, y, style.page.measure, y)
    if guide and not poles and row.number.shown:
        pen.line("guide", at["low"], middle, at["high"], middle)
    for n, (line, kind) in enumerate(labels):
        pen.words(kind, 0, middle + (n - (len(labels) - 1) / 2) * LINE, line)
    if poles:
        pen.row_words(left, "pole", at["left"], middle, "end")
        pen.row_words(right, "pole", at["right"], middle)
    number = row.number
    span = bound_range(number, axis)
    for other in row.others:
        pen.disc("other", place(other), middle, SMALL)
    if number.shown and number.value is not None:
        mark(pen, number, number.value, place, middle)
        if number.peer is not None:
            pen.disc("ring", place(number.peer.value), middle, RING)
    elif span:
        pen.box("range", place(span[0]), middle - BAR / 2, max(1.5, place(span[1]) - place(span[0])), BAR)
    else:
        pen.words("hidden", place(axis.low) + 6, middle, DASH)
    interval = row.interval
    if number.shown:
        pen.words("value", at["value"], middle, row.value, "end")
    elif row.value == DASH or width_of(row.value, style.words["value-word"]) <= at["value"] - at["high"] - 2:
        pen.words("hidden" if row.value == DASH else "value-word", at["value"], middle, row.value, "end")
    else:  # words wider than their column take the interval's place
        start = at["high"] + 4 if not poles else at["right_end"] + 2
        pen.words("value-word", start, middle, row.value)
        interval = ""
    if not number.shown and interval == DASH and width_of(row.count, style.words["number"]) > 34:
        interval = ""
    pen.words("number", at["interval"], middle, interval, "middle")
    pen.words("number", at["count"], middle, row.count, "end")
    return height


def _interval(pen: Pen, number: Disclosed, place: Scale, y: float) -> None:
    if number.lo is None or number.hi is None:
        return
    x1, x2 = place(number.lo), place(number.hi)
    pen.line("interval", x1, y, x2, y)
    for x in (x1, x2):
        pen.line("interval", x, y - CAP, x, y + CAP)


def _dot(pen: Pen, number: Disclosed, value: float, place: Scale, y: float) -> None:
    _interval(pen, number, place, y)
    pen.disc("dot", place(value), y, DOT)


def _quartile(pen: Pen, number: Disclosed, value: float, place: Scale, y: float) -> None:
    if number.q1 is not None and number.q3 is not None:
        x1, x2 = place(number.q1), place(number.q3)
        pen.box("quartile", x1, y - BAR / 2, max(1.5, x2 - x1), BAR)
    pen.box("median", place(value) - 1.1, y - 6, 2.2, 12, Pen.GROUND)


def _share(pen: Pen, number: Disclosed, value: float, place: Scale, y: float) -> None:
    start = place(0.0)
    pen.box("bar", start, y - BAR / 2, max(0.7, place(value) - start), BAR)
    _interval(pen, number, place, y)


def dots(chart: DotChart, style: Style) -> Drawing:
    return _rows(chart, style, _dot, "dot", zero=False, guide=True)


def quartiles(chart: QuartileChart, style: Style) -> Drawing:
    return _rows(chart, style, _quartile, "quartile", zero=True, guide=False)


def shares(chart: ShareChart, style: Style) -> Drawing:
    return _rows(chart, style, _share, "bar", zero=True, guide=False)
