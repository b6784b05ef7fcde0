"""How a printed report looks: colours, sizes and columns, read from reports/style/paper.yaml with the two fonts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from fieldkit.settings import resource

MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class TextStyle:
    """One way to set a text. Lengths in pt; `indent` and `hanging` in characters of its own size.

    `strong` is the font that **marked** words take. `balanced` texts (titles) break into lines of like length.
    """

    font: str
    strong: str
    size: float
    leading: float
    colour: str
    before: float = 0
    after: float = 0
    indent: float = 0
    hanging: float = 0
    align: str = "left"  # left, right, centre
    justified: bool = False
    balanced: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """How one kind of line or shape in a chart is drawn; '' and 0 where it has no fill or no line."""

    fill: str = ""
    stroke: str = ""
    width: float = 0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """The sheet, in pt from its top left corner."""

    width: float
    height: float
    measure: float
    left: float
    top: float
    bottom: float
    unit: float
    header: float
    footer: float
    running: float
    chapter_room: float

    @property
    def room(self) -> float:
        """Height of the text on one page."""
        return self.bottom - self.top

    def on_grid(self, height: float) -> float:
        """`height` rounded up to the grid, so that the text after a table or a figure is back on it."""
        return -(-(height - 0.01) // self.unit) * self.unit


@dataclass(frozen=True, eq=False)
class Style:
    """Everything of paper.yaml, colours as '#RRGGBB', fonts registered; one for each folder, compared by identity."""

    page: Page
    colours: Mapping[str, str]
    steps: tuple[str, ...]
    scales: Mapping[int, tuple[int, ...]]
    hatched_from: int
    light_on: frozenset[str]
    texts: Mapping[str, TextStyle]
    marks: Mapping[str, Mark]
    words: Mapping[str, TextStyle]
    columns: Mapping[str, Mapping[str, float]]
    language: Mapping[str, Mapping[str, str]]
    least_fill: float
    tight: tuple[float, ...]
    tight_room: float
    regular: str
    strong: str

    def places(self, steps: int) -> tuple[int, ...]:
        """Which of the nine places on the road of colours a scale of so many steps takes.

        >>> from fieldkit.settings import resource
        >>> load(resource("reports")).places(5)
        (0, 2, 4, 6, 8)
        """
        last = len(self.steps) - 1
        if steps in self.scales:
            return self.scales[steps]
        if steps > last:
            return tuple(i % (last + 1) for i in range(steps))
        return tuple(int(i * last / (steps - 1) + 0.5) for i in range(steps))

    def say(self, language: str) -> Mapping[str, str]:
        """The page's own few words in the report's language."""
        return self.language.get(language[:2], self.language["zh"])

    def missing(self, text: str) -> set[str]:
        """The characters of `text` that the fonts cannot show."""
        known = pdfmetrics.getFont(self.regular).face.charToGlyph
        return {c for c in set(text) if ord(c) not in known and c not in "\n\u200b"}


def load(folder: Path, language: str = "zh") -> Style:
    """Read `folder`/style/paper.yaml and register the fonts of `folder`/fonts (`folder` is reports/).

    The folder of a layout of one's own holds paper.yaml itself, and needs no fonts of its own. It is read again when
    it was changed. Sizes can differ by language (`texts_in`).
    """
    file = paper(folder)
    return _load(folder, file, file.stat().st_mtime_ns, language[:2])


def paper(folder: Path) -> Path:
    """The file with sizes and colours in this folder."""
    own = folder / "paper.yaml"
    return own if own.is_file() else folder / "style" / "paper.yaml"


@lru_cache(maxsize=16)
def _load(folder: Path, file: Path, changed: int, language: str) -> Style:
    raw = yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
    at = folder / "fonts" if (folder / "fonts").is_dir() else resource("reports") / "fonts"
    fonts = {}
    for weight, named in raw["fonts"].items():
        fonts[weight] = Path(named).stem
        if fonts[weight] not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(fonts[weight], str(at / named)))
    own = raw.get("texts_in", {}).get(language, {})
    colours = raw["colours"]

    def colour(name: str) -> str:
        return str(colours.get(name, name))

    def text(given: Mapping[str, Any]) -> TextStyle:
        more = dict(given)
        look = {
            "font": fonts[more.pop("font", "regular")],
            "strong": fonts["strong"],
            "colour": colour(more.pop("colour", "ink")),
            "leading": 1.3 * more["size"],
        }
        for length in ("before", "after"):
            look[length] = more.pop(length, 0) * MM
        return TextStyle(**(look | more))

    def mark(given: Mapping[str, Any]) -> Mark:
        return Mark(
            fill=colour(given.get("fill", "")),
            stroke=colour(given.get("stroke", "")),
            width=given.get("width", 0),
            dash=tuple(given.get("dash", ())),
        )

    page = raw["page"]
    width, height = page["width_mm"] * MM, page["height_mm"] * MM
    return Style(
        page=Page(
            width=width,
            height=height,
            measure=page["measure"],
            left=(width - page["measure"]) / 2,
            top=page["top_mm"] * MM,
            bottom=page["bottom_mm"] * MM,
            unit=page["unit_mm"] * MM,
            header=page["header_mm"] * MM,
            footer=height - page["footer_mm"] * MM,
            running=page["running_mm"] * MM,
            chapter_room=page["chapter_room_mm"] * MM,
        ),
        colours=MappingProxyType(colours),
        steps=tuple(raw["steps"]),
        scales=MappingProxyType({number: tuple(places) for number, places in raw["scales"].items()}),
        hatched_from=raw["hatched_from"],
        light_on=frozenset(raw["light_on"]),
        texts=MappingProxyType({name: text(given | own.get(name, {})) for name, given in raw["texts"].items()}),
        marks=MappingProxyType({name: mark(given) for name, given in raw["marks"].items()}),
        words=MappingProxyType({name: text(given) for name, given in raw["words"].items()}),
        columns=MappingProxyType({name: MappingProxyType(given) for name, given in raw["columns"].items()}),
        language=MappingProxyType({name: MappingProxyType(given) for name, given in raw["language"].items()}),
        least_fill=raw["tight"]["least_fill"],
        tight=tuple(raw["tight"]["factors"]),
        tight_room=raw["tight"]["chapter_room"],
        regular=fonts["regular"],
        strong=fonts["strong"],
    )
