"""The drawings of the paper report as SVG for the page on screen: the same shapes, coloured by CSS classes.

No colour, font or style attribute is written, so the page's style sheet decides (light, dark, print) and a strict
content security policy is kept. Positions are those of the paper, in a viewBox as wide as its text.
"""

from __future__ import annotations

from html import escape

from reportlab.graphics.shapes import Circle, Drawing, Group, Path, Rect, Shape, String

from fieldkit.render.ink import number
from fieldkit.render.text import full

EDGE = 2.0  # room above and below for words in the first and last line


def svg(drawing: Drawing, described: str) -> str:
    """The drawing as one <svg> element whose accessible name is `described`."""
    box = f"0 {-EDGE:g} {number(drawing.width)} {number(drawing.height + 2 * EDGE)}"
    out = [f'<svg class="chart" viewBox="{box}" role="img" aria-label="{escape(full(described))}">']
    _shapes(drawing.contents, drawing.height, out)
    out.append("</svg>")
    return "".join(out)


def _shapes(shapes: list[Shape], height: float, out: list[str]) -> None:
    for shape in shapes:
        if isinstance(shape, Group):
            _shapes(shape.contents, height, out)
            continue
        kind = f'class="{shape._class}"'
        if isinstance(shape, String):
            anchor = "" if shape.textAnchor == "start" else f' text-anchor="{shape.textAnchor}"'
            words = escape(full(shape.text), quote=False)
            out.append(f'<text {kind} x="{number(shape.x)}" y="{number(height - shape.y)}"{anchor}>{words}</text>')
        elif isinstance(shape, Rect):
            y = number(height - shape.y - shape.height)
            size = f'width="{number(shape.width)}" height="{number(shape.height)}"'
            out.append(f'<rect {kind} x="{number(shape.x)}" y="{y}" {size}/>')
        elif isinstance(shape, Circle):
            out.append(
                f'<circle {kind} cx="{number(shape.cx)}" cy="{number(height - shape.cy)}" r="{number(shape.r)}"/>'
            )
        elif isinstance(shape, Path):
            out.append(f'<path {kind} d="{_path(shape.points, height)}"/>')
        else:
            raise TypeError(f"a chart holds a {type(shape).__name__}")


def _path(points: list[float], height: float) -> str:
    """Separate straight lines, two points each."""
    words = []
    for n in range(0, len(points), 4):
        x1, y1, x2, y2 = (number(v) for v in (points[n], height - points[n + 1], points[n + 2], height - points[n + 3]))
        end = f"H{x2}" if y1 == y2 else f"V{y2}" if x1 == x2 else f"L{x2} {y2}"
        words.append(f"M{x1} {y1}{end}")
    return "".join(words)
