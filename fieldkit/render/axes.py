"""Fixed axes with ticks and end words, the key above them, and the range that a masked number may lie in."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.render.pen import BAR, DOT, RING, Pen
from fieldkit.render.text import width_of
from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.report import Axis

KEY_GAP = 16.0
Scale = Callable[[float], float]


def scale(axis: Axis, low: float, high: float) -> Scale:
    """Where a value lies; values beyond the axis stop at its end."""
    span = (axis.high - axis.low) or 1

    def place(value: float) -> float:
        return low + (high - low) * min(1.0, max(0.0, (value - axis.low) / span))

    return place


def tick_words(value: float, signed: bool) -> str:
    """A tick's number: '25', '0.5', '−50', '+50'.

    >>> tick_words(-50, True), tick_words(50, True), tick_words(0.5, False)
    ('−50', '+50', '0.5')
    """
    plain = f"{abs(value):g}"
    return ("−" if value < 0 else "+" if signed and value > 0 else "") + plain


def draw_axis(pen: Pen, axis: Axis, low: float, high: float, top: float, bottom: float, *, zero: bool) -> float:
    """Ticks from top to bottom with their numbers under them; returns where the axis ends below."""
    place = scale(axis, low, high)
    for n, tick in enumerate(axis.ticks):
        x = place(tick)
        strong = tick == 0 and (axis.signed or zero)
        pen.line("zero" if strong else "tick", x, top, x, bottom)
        words = tick_words(tick, axis.signed)
        middle = bottom + 7
        if axis.unit and n == len(axis.ticks) - 1:
            close = axis.unit in ("%", "％")
            start = x - width_of(words, pen.style.words["tick-word"]) / 2
            pen.words("tick-word", start, middle, words + ("%" if close else ""))
            if not close:
                after = start + width_of(words, pen.style.words["tick-word"]) + 3
                pen.words("tick-word", after, middle, axis.unit)
        else:
            pen.words("tick-word", x, middle, words, "middle")
    end = bottom + 13
    if axis.low_words or axis.high_words:
        pen.words("tick-word", low, end + 4.5, axis.low_words)
        pen.words("tick-word", high, end + 4.5, axis.high_words, "end")
        end += 11
    return end


def draw_key(pen: Pen, x: float, middle: float, own: str, peers: str, mark: str) -> None:
    """The key above the axis, drawn with the chart's own marks."""
    if own:
        if mark == "dot":
            pen.disc("dot", x + DOT, middle, DOT)
            x += 2 * DOT + 3
        else:
            pen.box(mark, x, middle - BAR / 2, 14, BAR)
            if mark == "quartile":
                pen.box("median", x + 5.5, middle - BAR / 2, 2.2, BAR, Pen.FRONT)
            x += 18
        pen.words("head-word", x, middle, own)
        x += width_of(own, pen.style.words["head-word"]) + KEY_GAP
    if peers:
        pen.disc("ring", x + RING, middle, RING)
        pen.words("head-word", x + 2 * RING + 3, middle, peers)


def bound_range(number: Disclosed, axis: Axis) -> tuple[float, float] | None:
    """From where to where a masked value may lie: '<8' is the axis's low end to 8, '>92' is 92 to its high end."""
    sign, digits = number.bound[:1], number.bound[1:].replace("−", "-")
    if sign not in ("<", ">"):
        return None
    return (axis.low, float(digits)) if sign == "<" else (float(digits), axis.high)
