"""Small pictures of waves side by side, and the figure that explains the marks of all others."""

from __future__ import annotations

from reportlab.graphics.shapes import Drawing

from fieldkit.render.axes import draw_axis, scale, tick_words
from fieldkit.render.pen import BAR, CAP, DASH, DOT, LINE, RING, Pen
from fieldkit.render.style import Style
from fieldkit.render.text import lines_of, width_of
from fieldkit.stats.report import Axis, KeyChart, WaveChart, Waves

BREAK_LINE = 9.5  # between the words of two breaks


def waves(chart: WaveChart, style: Style) -> Drawing:
    pen = Pen(style)
    across, gap, left = 3, 20.0, 22.0
    width = (style.page.measure - left - gap * (across - 1)) / across
    y = 4.0
    for first in range(0, len(chart.panels), across):
        row = chart.panels[first : first + across]
        titles = [lines_of(panel.title, style.words["label-strong"], width) for panel in row]
        head = max(map(len, titles)) * LINE + 4
        breaks = max(sum(bool(wave.broken) for wave in panel.waves) for panel in row)
        top = y + head + (15 + BREAK_LINE * (breaks - 1) if breaks else 6) + 8
        bottom = top + 118
        for n, panel in enumerate(row):
            x = left + n * (width + gap)
            for k, line in enumerate(titles[n]):
                pen.words("label-strong", x, y + LINE / 2 + k * LINE, line)
            _wave_panel(pen, chart.axis, panel, x, width, top, bottom, numbers=n == 0, head=y + head)
        y = bottom + 40
    return pen.drawing(max(y - 6, 1))


def _wave_panel(
    pen: Pen, axis: Axis, panel: Waves, x: float, width: float, top: float, bottom: float, *, numbers: bool, head: float
) -> None:
    span = (axis.high - axis.low) or 1

    def level(value: float) -> float:
        return bottom - (bottom - top) * min(1.0, max(0.0, (value - axis.low) / span))

    for tick in axis.ticks:
        strong = tick == 0
        pen.line("zero" if strong else "tick", x, level(tick), x + width, level(tick))
        if numbers:
            pen.words("tick-word", x - 5, level(tick), tick_words(tick, axis.signed), "end")
    slot = width / max(1, len(panel.waves))
    before: tuple[float, float] | None = None
    said = 0  # breaks so far; the words of each take a line of their own, so that they never collide
    for n, wave in enumerate(panel.waves):
        at = x + slot * (n + 0.5)
        if wave.broken:
            edge = x + slot * n
            line = head + 7 + BREAK_LINE * said
            said += 1
            pen.line("broken", edge, line + 7, edge, bottom)
            wide = width_of(wave.broken, pen.style.words["when"])
            middle = min(max(edge, x + wide / 2), x + width - wide / 2)
            pen.words("when", middle, line, wave.broken, "middle")
        number = wave.number
        if number.shown and number.value is not None:
            point = level(number.value)
            upper = point - DOT
            if number.lo is not None and number.hi is not None:
                pen.line("interval", at, level(number.lo), at, level(number.hi))
                for end in (number.lo, number.hi):
                    pen.line("interval", at - CAP, level(end), at + CAP, level(end))
                upper = level(number.hi)
            if wave.joined and before:
                pen.line("joined", *before, at, point)
            pen.disc("dot", at, point, DOT)
            pen.words("value", at, upper - 8, wave.value, "middle")
            before = (at, point)
        else:
            pen.words("hidden", at, bottom - 8, wave.value or DASH, "middle")
            before = None
        for k, (kind, words) in enumerate((("name", wave.label), ("when", wave.when), ("when", wave.count))):
            pen.words(kind, at, bottom + 8 + 10 * k, words, "middle")


def marks_explained(chart: KeyChart, style: Style) -> Drawing:
    pen = Pen(style)
    low, high, y = 40.0, 300.0, 34.0
    place = scale(chart.axis, low, high)
    span = chart.axis.high - chart.axis.low
    at = [place(chart.axis.low + span * f) for f in (0.41, 0.60, 0.52, 0.68)]
    if chart.peers:
        pen.disc("ring", at[0], y, RING)
        pen.line("leader", at[0], 12, at[0], y - RING - 1)
        pen.words("name", at[0], 6, chart.peers, "middle")
    pen.line("interval", at[2], y, at[3], y)
    for x in at[2:]:
        pen.line("interval", x, y - CAP, x, y + CAP)
    pen.disc("dot", at[1], y, DOT)
    pen.line("leader", at[1], 12, at[1], y - DOT - 1)
    pen.words("name", at[1] + (4 if chart.peers else 0), 6, chart.own, "middle")
    pen.line("leader", at[3] - 3, y + 3, at[3] + 22, y + 12)
    pen.words("name", at[3] + 25, y + 13, chart.interval)
    q1, q3, mid = 330.0, 374.0, 346.0
    pen.box("quartile", q1, y - BAR / 2, q3 - q1, BAR)
    pen.box("median", mid - 1.1, y - 6, 2.2, 12, Pen.FRONT)
    pen.line("leader", mid, 12, mid, y - 7)
    pen.words("name", mid, 6, chart.median, "middle")
    for x, words, side in ((q1, chart.lower, -1), (q3, chart.upper, 1)):
        pen.line("leader", x, y + BAR / 2, x, y + 9)
        pen.words("name", x + side * 4, y + 14, words, "middle")
    pen.words("hidden", 420, y, DASH)
    for n, line in enumerate(lines_of(chart.hidden, style.words["name"], 38)):
        pen.words("name", 432, y + n * 9.5, line)
    end = draw_axis(pen, chart.axis, low, high, 16, y + 22, zero=False)
    return pen.drawing(end)
