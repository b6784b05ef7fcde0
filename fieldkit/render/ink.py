"""Put words, rules and boxes on a page of the PDF: the one place that writes PDF operators.

Positions are in pt from the top left corner of the page, as one reads; PDF counts from the bottom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from reportlab.graphics.shapes import Circle, Drawing, Group, Path, Rect, Shape, String
from reportlab.lib.colors import Color
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from fieldkit.render.style import TextStyle
from fieldkit.render.text import MARKS, STRETCH, Composition, Setting, compose, full

MIDDLE = 0.38  # em from the middle of a line down to the baseline
ROUND = 0.5523  # the control points of a quarter circle


def number(value: float) -> str:
    """A length as PDF and SVG write it: two decimals, no more digits than needed."""
    return f"{round(value, 2):g}"


def rgb(colour: str) -> str:
    """'#1F4E79' as the three numbers of PDF."""
    return " ".join(f"{int(colour[i : i + 2], 16) / 255:.4g}" for i in (1, 3, 5))


class Ink:
    """What draws on one PDF canvas. Character codes are kept for the whole document, so each is looked up once."""

    def __init__(self, canvas: Canvas, height: float) -> None:
        self.canvas = canvas
        self.height = height
        self._codes: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(dict)
        self._colours: dict[str, str] = {}

    def _write(self, *operators: str) -> None:
        self.canvas._code.extend(operators)

    def _rgb(self, colour: str) -> str:
        if colour not in self._colours:
            self._colours[colour] = rgb(colour)
        return self._colours[colour]

    def _encode(self, font: str, text: str) -> list[tuple[str, str]]:
        """The text as (font resource, hexadecimal codes), one entry for each subset that it needs."""
        face, document = pdfmetrics.getFont(font), self.canvas._doc
        found = [
            (face.getSubsetInternalName(subset, document), codes.hex())
            for subset, codes in face.splitString(text, document)
        ]
        self._codes[font][text] = found
        return found

    def _run(
        self, c: Composition, first: int, last: int, squeeze: float, style: TextStyle, current: str
    ) -> tuple[list[str], str]:
        """The operators that show clusters first..last, and the font resource that is current after them."""
        out: list[str] = []
        row: list[str] = []
        text: list[str] = []
        marks = (c.marks[last] - c.marks[first]) if squeeze else 0
        regular, strong = self._codes[style.font], self._codes[style.strong]
        texts, bold, gap = c.texts, c.strong, c.gap
        for i in range(first, last + 1):
            word = texts[i]
            codes = (strong if bold[i] else regular).get(word)
            if codes is None:
                codes = self._encode(style.strong if bold[i] else style.font, word)
            for resource, code in codes:
                if resource != current:
                    if text:
                        row.append(f"<{''.join(text)}>")
                        text = []
                    if row:
                        out.append(f"[{''.join(row)}]TJ")
                        row = []
                    out.append(f"{resource} {number(style.size)} Tf")
                    current = resource
                text.append(code)
            kern = gap[i]
            if marks and c.kinds[i] in MARKS and c.widths[i] > 0.9:
                kern -= squeeze / marks
            if kern and i < last:
                row.append(f"<{''.join(text)}>{round(-1000 * kern)}")
                text = []
        if text:
            row.append(f"<{''.join(text)}>")
        if row:
            out.append(f"[{''.join(row)}]TJ")
        return out, current

    def setting(self, setting: Setting, left: float, top: float) -> None:
        """A text already set in lines, its first line's top at `top`."""
        style = setting.style
        if not setting.lines:
            return
        out = ["q", f"{self._rgb(style.colour)} rg", "BT"]
        current, spread = "", 0.0
        baseline = self.height - top - style.leading / 2 - MIDDLE * style.size
        for n, line in enumerate(setting.lines):
            slack = line.room - line.width
            x = left + (line.indent - line.of.lead(line.first)) * style.size
            stretch = 0.0
            if style.align == "right":
                x += slack * style.size
            elif style.align == "centre":
                x += slack * style.size / 2
            elif style.justified and not line.ends and not line.squeeze and slack > 0:
                glyphs = line.of.glyphs[line.last + 1] - line.of.glyphs[line.first]
                stretch = slack / max(1, glyphs - 1)
                stretch = stretch if stretch <= STRETCH else 0.0
            if stretch != spread:
                out.append(f"{round(stretch * style.size, 4):g} Tc")
                spread = stretch
            out.append(f"1 0 0 1 {number(x)} {number(baseline - n * style.leading)} Tm")
            shown, current = self._run(line.of, line.first, line.last, line.squeeze, style, current)
            out += shown
        out.append("ET Q")
        self._write(*out)

    def words(self, text: str, style: TextStyle, x: float, middle: float, align: str = "left") -> None:
        """One line of words whose middle is at `middle`; x is its left end, its middle or its right end."""
        self._words(text, style, x, self.height - middle - MIDDLE * style.size, align)

    def _words(self, text: str, style: TextStyle, x: float, baseline: float, align: str) -> None:
        c = compose(full(text), style.font, style.strong)
        if not len(c):
            return
        wide = c.width(0, len(c) - 1) * style.size
        x -= {"left": 0.0, "centre": wide / 2, "right": wide}[align] + c.lead(0) * style.size
        shown, _ = self._run(c, 0, len(c) - 1, 0.0, style, "")
        self._write("q", f"{self._rgb(style.colour)} rg BT 1 0 0 1 {number(x)} {number(baseline)} Tm", *shown, "ET Q")

    def rule(self, x1: float, x2: float, y: float, width: float, colour: str) -> None:
        """A level line."""
        at = number(self.height - y)
        self._write(f"q {self._rgb(colour)} RG {number(width)} w {number(x1)} {at} m {number(x2)} {at} l S Q")

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A filled box with its top left corner at x, y."""
        bottom = number(self.height - y - height)
        self._write(f"q {self._rgb(colour)} rg {number(x)} {bottom} {number(width)} {number(height)} re f Q")

    def frame(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """An empty box to tick, with its top left corner at x, y."""
        bottom = number(self.height - y - height)
        self._write(f"q {self._rgb(colour)} RG 0.7 w {number(x)} {bottom} {number(width)} {number(height)} re S Q")

    def ring(self, x: float, y: float, radius: float, colour: str) -> None:
        """An empty circle to tick, with its middle at x, y."""
        self._write(f"q {self._rgb(colour)} RG 0.7 w {_circle(x, self.height - y, radius)} S Q")

    def drawing(self, drawing: Drawing, styles: Mapping[str, TextStyle], left: float, top: float) -> None:
        """A chart made of reportlab shapes, its top left corner at left, top.

        reportlab's own renderer knows nothing of Chinese spacing and writes the graphics state anew for each shape;
        this writes each once.
        """
        bottom = self.height - top - drawing.height
        self._write(f"q 1 0 0 1 {number(left)} {number(bottom)} cm")
        self._shapes(drawing.contents, styles)
        self._write("Q")

    def _shapes(self, shapes: list[Shape], styles: Mapping[str, TextStyle]) -> None:
        out = self.canvas._code
        for shape in shapes:
            if isinstance(shape, Group):
                self._shapes(shape.contents, styles)
            elif isinstance(shape, String):
                align = {"start": "left", "middle": "centre", "end": "right"}[shape.textAnchor]
                self._words(shape.text, styles[shape._class], shape.x, shape.y, align)
            else:
                out.append(f"q {self._paint(shape)}")
                if isinstance(shape, Rect):
                    out.append(f"{number(shape.x)} {number(shape.y)} {number(shape.width)} {number(shape.height)} re")
                elif isinstance(shape, Circle):
                    out.append(_circle(shape.cx, shape.cy, shape.r))
                elif isinstance(shape, Path):
                    at = iter(shape.points)
                    out.append(
                        " ".join(
                            f"{number(x)} {number(next(at))} {'lm'[op == 0]}"
                            for op, x in zip(shape.operators, at, strict=False)
                        )
                    )
                else:
                    raise TypeError(f"a chart holds a {type(shape).__name__}")
                out.append(
                    {(True, True): "B Q", (True, False): "f Q", (False, True): "S Q"}[
                        shape.fillColor is not None, shape.strokeColor is not None
                    ]
                )

    def _paint(self, shape: Any) -> str:
        words = []
        if shape.fillColor is not None:
            words.append(f"{_of(shape.fillColor)} rg")
        if shape.strokeColor is not None:
            words.append(f"{_of(shape.strokeColor)} RG {number(shape.strokeWidth)} w")
            if shape.strokeDashArray:
                words.append(f"[{' '.join(number(d) for d in shape.strokeDashArray)}] 0 d")
        return " ".join(words)


def _of(colour: Color) -> str:
    return f"{colour.red:.4g} {colour.green:.4g} {colour.blue:.4g}"


def _circle(x: float, y: float, r: float) -> str:
    k = r * ROUND
    quarters = (
        (x + r, y + k, x + k, y + r, x, y + r),
        (x - k, y + r, x - r, y + k, x - r, y),
        (x - r, y - k, x - k, y - r, x, y - r),
        (x + k, y - r, x + r, y - k, x + r, y),
    )
    return f"{number(x + r)} {number(y)} m " + " ".join(" ".join(map(number, q)) + " c" for q in quarters) + " h"
