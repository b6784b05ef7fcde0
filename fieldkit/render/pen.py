"""The pen that charts are drawn with: shapes collected from the top down, then one reportlab Drawing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from reportlab.graphics.shapes import Circle, Drawing, Group, Path, Rect, String
from reportlab.lib.colors import HexColor

from fieldkit.render.ink import MIDDLE
from fieldkit.render.style import Style
from fieldkit.render.text import lines_of

LINE = 11.4  # leading of labels
DOT, RING, CAP, BAR = 3.1, 3.3, 2.2, 8.4  # radius, radius, half height, height
HATCH = 4.6  # distance of the hatching
DASH = "—"

colour_of = cache(HexColor)


class Pen:
    """Collects what a chart consists of, from the top down; `drawing` turns it into reportlab shapes.

    Three layers: `ground` (ticks, bars), `hatching`, `front` (dots and words). Lines of one kind become one path.
    """

    def __init__(self, style: Style) -> None:
        self.style = style
        self._lines: dict[tuple[int, str], list[tuple[float, float, float, float]]] = {}
        self._shapes: list[tuple[int, str, tuple[float, ...]]] = []
        self._steps: list[tuple[int, int, tuple[float, float, float, float]]] = []
        self._words: list[tuple[str, float, float, str, str]] = []

    GROUND, HATCHING, FRONT = range(3)

    def line(self, kind: str, x1: float, y1: float, x2: float, y2: float, layer: int = 0) -> None:
        """A straight line."""
        self._lines.setdefault((layer, kind), []).append((x1, y1, x2, y2))

    def box(self, kind: str, x: float, y: float, width: float, height: float, layer: int = 0) -> None:
        """A box with its top left corner at x, y."""
        self._shapes.append((layer, kind, (x, y, width, height)))

    def disc(self, kind: str, x: float, y: float, radius: float) -> None:
        """A dot or a ring, in front."""
        self._shapes.append((self.FRONT, kind, (x, y, radius)))

    def words(self, kind: str, x: float, middle: float, text: str, anchor: str = "start") -> None:
        """One line of words whose middle is at `middle`."""
        if text:
            self._words.append((kind, x, middle, text, anchor))

    def step(self, place: int, x: float, y: float, width: float, height: float, layer: int = 0) -> None:
        """A box in one of the nine colours, hatched where that colour is."""
        self._steps.append((layer, place, (x, y, width, height)))
        if layer == 0 and place >= self.style.hatched_from:
            for x1, y1, x2, y2 in hatching(x, y, width, height):
                self.line("hatch", x1, y1, x2, y2, self.HATCHING)

    def row_words(self, lines: Sequence[str], kind: str, x: float, middle: float, anchor: str = "start") -> None:
        """Several lines of words, centred on `middle`."""
        top = middle - (len(lines) - 1) * LINE / 2
        for n, line in enumerate(lines):
            self.words(kind, x, top + n * LINE, line, anchor)

    def drawing(self, height: float, width: float | None = None) -> Drawing:
        """All of it as a reportlab Drawing, which counts from the bottom."""
        marks, steps, words = self.style.marks, self.style.steps, self.style.words
        layers: list[list[Any]] = [[], [], []]
        for layer, place, (x, y, w, h) in self._steps:
            layers[layer].append(
                _as(
                    f"step-{place + 1}",
                    Rect(x, height - y - h, w, h, fillColor=colour_of(steps[place]), strokeColor=None),
                )
            )
        for layer, kind, at in self._shapes:
            mark = marks[kind]
            paint = {
                "fillColor": colour_of(mark.fill) if mark.fill else None,
                "strokeColor": colour_of(mark.stroke) if mark.stroke else None,
                "strokeWidth": mark.width,
            }
            if len(at) == 3:
                layers[layer].append(_as(kind, Circle(at[0], height - at[1], at[2], **paint)))
            else:
                layers[layer].append(_as(kind, Rect(at[0], height - at[1] - at[3], at[2], at[3], **paint)))
        behind: list[list[Any]] = [[], [], []]
        for (layer, kind), lines in self._lines.items():
            mark = marks[kind]
            points = [v for x1, y1, x2, y2 in lines for v in (x1, height - y1, x2, height - y2)]
            path = Path(
                points=points, operators=[0, 1] * len(lines), fillColor=None, strokeColor=colour_of(mark.stroke)
            )
            path.strokeWidth, path.strokeDashArray = mark.width, list(mark.dash) or None
            # ticks lie under bars; intervals lie over bars, under dots
            (layers if kind in ("interval", "hatch", "joined") and layer != self.FRONT else behind)[layer].append(
                _as(kind, path)
            )
        for kind, x, middle, text, anchor in self._words:
            look = words[kind]
            string = String(x, height - middle - MIDDLE * look.size, text, textAnchor=anchor)
            string.fontName, string.fontSize, string.fillColor = look.font, look.size, colour_of(look.colour)
            layers[self.FRONT].append(_as(kind, string))
        groups = [Group(*behind[n], *layers[n]) for n in range(3)]
        return Drawing(width or self.style.page.measure, height, *groups)


def _as(kind: str, shape: Any) -> Any:
    shape._class = kind
    return shape


def hatching(x: float, y: float, width: float, height: float) -> list[tuple[float, float, float, float]]:
    """The slanted lines inside a box, at 45 degrees, cut at its edges.

    >>> hatching(0.0, 0.0, 4.6, 4.6)
    [(0.0, 4.6, 4.6, 0.0)]
    """
    lines = []
    k = (int((x + y) / HATCH) + 1) * HATCH
    while k < x + width + y + height - 1e-6:
        x1, x2 = max(x, k - y - height), min(x + width, k - y)
        lines.append((x1, k - x1, x2, k - x2))
        k += HATCH
    return lines


def small(sub: str, style: Style, width: float) -> list[tuple[str, str]]:
    """The second line of a label. Ids are not drawn: the figure's note names them once."""
    return [(line, "label-sub") for line in lines_of(sub, style.words["label-sub"], width)]
