"""Set Chinese text in lines the way a printer would: marks stay with their words, edges are even, Latin gets air.

A text is cut into clusters (one Han character, one mark, or a whole Latin word or number); lines end only where
Chinese typography allows it: none begins with a closing mark, a stop, a dash or a slash, none ends with an opening
one, and a number stays with its unit (第2轮, 44份). Full-width marks give up their empty half beside other marks
and at the edges. Where a Han character meets a Latin one, 0.12 em is left free by position; nothing is inserted,
so copied text stays clean. `**words**` are set in the strong font, `\\n` ends a line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from reportlab.pdfbase import pdfmetrics

from fieldkit.core.problem import Problem
from fieldkit.render.style import TextStyle

AIR = 0.12  # em between Han and Latin
STRETCH = 0.12  # em, the most that a gap may grow when a line is justified
SQUEEZE_MARK, SQUEEZE_LINE, SQUEEZE_SHARE = 0.25, 0.9, 0.03  # em a mark, em a line, share of the line
HOLE = 1.0  # em left open by a forbidden line end before squeezing is tried
EXCERPT = 30  # characters of a text that cannot be set
SOFT_HOLE = 3.2  # em that keeping a number with its unit may cost

HAN, LATIN, OPEN, CLOSE, STOP, DOT, DASH, TIED, SYMBOL, SPACE = range(10)
MARKS = frozenset((OPEN, CLOSE, STOP))
NEVER_FIRST = frozenset((CLOSE, STOP, DOT, DASH, TIED, SPACE))

_L = r"[!-.0-~\u00a1-\u00b6\u00b8-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u045f\u2030\u2070-\u209c\u20ac−±≤≥≠≈√]"
_TOKEN = re.compile(
    r"(?P<space> +)"
    rf"|(?P<latin>{_L}(?:{_L}|/)*(?:(?<=[0-9%])[–—](?=[−+-]?[0-9])(?:{_L}|/)+)*)"
    r"|(?P<open>[（《〈「『【〔〖“‘［｛])"
    r"|(?P<close>[）》〉」』】〕〗”’］｝])"
    r"|(?P<stop>[，。、；：？！])"
    r"|(?P<dot>[·•‧・])"
    r"|(?P<dash>[—–…～]+)"
    r"|(?P<tied>[/／％℃々〻ー])"
    r"|(?P<han>[\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
    r"|(?P<symbol>.)",
    re.DOTALL,
)
_KIND = {"space": SPACE, "latin": LATIN, "open": OPEN, "close": CLOSE, "stop": STOP, "dot": DOT, "dash": DASH}
_KIND |= {"tied": TIED, "han": HAN, "symbol": SYMBOL}
_HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_AIRY = re.compile(r"[0-9A-Za-z\u00c0-\u024f\u0370-\u045f%‰+±−²³]")
_UNITS = frozenset("个名份次分岁年月日号人项题点轮周条家位元万亿时秒页种类道档级倍章节版县届")
_WIDE = frozenset("，：；？！（）")
_TO_WIDE = str.maketrans(",:;?!()", "，：；？！（）")
_TO_ASCII = str.maketrans("‘’“”", "''\"\"")


@lru_cache(maxsize=3072)
def full(text: str) -> str:
    """The text with the punctuation of its language: full width in Chinese, ASCII quotation marks in English.

    People who type study names and layouts often use ASCII marks between Chinese words. Marks between digits and
    inside Latin words stay.

    >>> full("县域(试点)调查: 第2轮, 95% (n=44)")
    '县域（试点）调查：第2轮，95% (n=44)'
    """
    if not _HAN.search(text):
        return text.translate(_TO_ASCII) if "’" in text or "“" in text or "‘" in text else text

    def beside_han(start: int, end: int) -> bool:
        before, after = text[:start].rstrip()[-1:], text[end:].lstrip()[:1]
        return any(bool(_HAN.match(c)) or c in _WIDE for c in (before, after) if c)

    if "(" in text:
        for match in reversed(list(re.finditer(r"\(([^()]*)\)", text))):
            before, after = text[: match.start()][-1:], text[match.end() :][:1]
            if _HAN.search(match[1]) or any(_HAN.match(c) for c in (before, after) if c):
                text = f"{text[: match.start()]}（{match[1]}）{text[match.end() :]}"
    for match in reversed(list(re.finditer(r"[,:;?!](?: (?=\S))?", text))):
        if beside_han(match.start(), match.end()):
            text = text[: match.start()] + match[0].strip().translate(_TO_WIDE) + text[match.end() :]
    return text


@lru_cache(maxsize=4096)
def clusters(text: str, font: str) -> tuple[tuple[str, float, int], ...]:
    """The text in clusters: characters, width in em, kind. Problem `report.missing_glyph` for what cannot be shown."""
    widths = pdfmetrics.getFont(font).face.charWidths
    try:
        return tuple(
            (m[0], sum(widths[ord(c)] for c in m[0]) / 1000, _KIND[m.lastgroup or "symbol"])
            for m in _TOKEN.finditer(text)
        )
    except KeyError:
        lost = {c for c in text if ord(c) not in widths}
        raise Problem("report.missing_glyph", characters=named(lost), text=text[:EXCERPT]) from None


def named(characters: Iterable[str]) -> str:
    """Characters with their code points, for those that no screen shows either.

    >>> named("𡌶")
    '𡌶 U+21336'
    """
    return "、".join(f"{c} U+{ord(c):04X}" for c in sorted(characters))


class Composition:
    """One paragraph in clusters, with what stands between them; lengths in em.

    `gap[i]` is the space after cluster i (negative where marks share their empty halves). `may[i]` says whether a
    line may end after cluster i, `can[i]` whether it should.
    """

    __slots__ = ("can", "gap", "glyphs", "kinds", "marks", "may", "pre", "strong", "texts", "widths")

    def __init__(self, pieces: list[tuple[str, float, int, bool]]) -> None:
        self.texts = [p[0] for p in pieces]
        self.widths = [p[1] for p in pieces]
        self.kinds = [p[2] for p in pieces]
        self.strong = [p[3] for p in pieces]
        kinds, texts = self.kinds, self.texts
        count = len(pieces)
        self.gap, self.may, self.can = [0.0] * count, [True] * count, [True] * count
        for i in range(count - 1):
            a, b = kinds[i], kinds[i + 1]
            if b in NEVER_FIRST or a == OPEN:
                self.may[i] = self.can[i] = False
            if a == HAN and b == LATIN:
                if _AIRY.match(texts[i + 1][0]):
                    self.gap[i] = AIR
                if texts[i] == "第" and texts[i + 1][0].isdigit():
                    self.can[i] = False
            elif a == LATIN and b == HAN:
                if _AIRY.match(texts[i][-1]):
                    self.gap[i] = AIR
                if texts[i + 1] in _UNITS and texts[i][-1].isdigit():
                    self.can[i] = False
            elif a == LATIN and b in (TIED, DASH) and i + 2 < count:
                self.may[i + 1] = self.may[i + 1] and b != TIED
            elif ((a in (CLOSE, STOP) and b in MARKS) or (a == OPEN and b == OPEN)) and self._half(
                i if a != OPEN else i + 1
            ):
                self.gap[i] = -0.5
            if a == DOT and self.widths[i] > 0.9:
                self.gap[i] -= 0.25
            if b == DOT and self.widths[i + 1] > 0.9:
                self.gap[i] -= 0.25
        self.pre, self.marks, self.glyphs = [0.0], [0], [0]
        for i in range(count):
            self.pre.append(self.pre[-1] + self.widths[i] + self.gap[i])
            self.marks.append(self.marks[-1] + (kinds[i] in MARKS and self.widths[i] > 0.9))
            self.glyphs.append(self.glyphs[-1] + len(texts[i]))

    def __len__(self) -> int:
        return len(self.texts)

    def _half(self, i: int) -> bool:
        """Whether cluster i is a full-width mark, half of it empty."""
        return self.kinds[i] in MARKS and self.widths[i] > 0.9

    def lead(self, s: int) -> float:
        """What the first mark of a line gives up at the left edge."""
        return 0.5 if self.kinds[s] == OPEN and self.widths[s] > 0.9 else 0.0

    def width(self, s: int, e: int) -> float:
        """Width of clusters s..e as one line, edges trimmed."""
        trail = 0.5 if self.kinds[e] in (CLOSE, STOP) and self.widths[e] > 0.9 else 0.0
        return self.pre[e + 1] - self.pre[s] - self.gap[e] - trail - self.lead(s)

    def visible(self, s: int, e: int) -> int:
        """The last cluster of the line s..e that is not a space."""
        return e - 1 if e > s and self.kinds[e] == SPACE else e


@lru_cache(maxsize=3072)
def compose(text: str, regular: str, strong: str) -> Composition:
    """One paragraph (no line ends inside) as a composition; `**words**` are strong."""
    bits = text.split("**")
    if len(bits) % 2 == 0:  # one mark without its partner is just two asterisks
        bits = [text]
    pieces: list[tuple[str, float, int, bool]] = []
    for n, bit in enumerate(bits):
        bold = n % 2 == 1
        pieces += [(*cluster, bold) for cluster in clusters(bit, strong if bold else regular)]
    return Composition(pieces)


def _cut_long(c: Composition, limit: float, font: str, strong: str) -> Composition:
    """The composition with every Latin cluster that is wider than a line cut after _ / - . @, or anywhere at need.

    A cluster with marks after it must leave them room, as they may not begin the next line.
    """
    after = [1.0 if kind in NEVER_FIRST and kind != SPACE else 0.0 for kind in c.kinds[1:]] + [0.0]
    if all(w <= limit - room for w, room in zip(c.widths, after, strict=True)):
        return c
    pieces: list[tuple[str, float, int, bool]] = []
    for text, width, kind, bold, room in zip(c.texts, c.widths, c.kinds, c.strong, after, strict=True):
        if width <= limit - room or kind != LATIN:
            pieces.append((text, width, kind, bold))
            continue
        widths = pdfmetrics.getFont(strong if bold else font).face.charWidths
        part, length = "", 0.0
        for bit in re.findall(r"[^_/\-.@&=?]*[_/\-.@&=?]?", text):
            size = sum(widths[ord(x)] for x in bit) / 1000
            if part and length + size > limit - room:
                pieces.append((part, length, LATIN, bold))
                part, length = "", 0.0
            for x in bit:
                if part and length + widths[ord(x)] / 1000 > limit - room:
                    pieces.append((part, length, LATIN, bold))
                    part, length = "", 0.0
                part, length = part + x, length + widths[ord(x)] / 1000
        if part:
            pieces.append((part, length, LATIN, bold))
    return Composition(pieces)


def _break(c: Composition, limit: float, indent: float, justified: bool) -> list[tuple[int, int, float]]:
    """First cluster, last cluster and squeeze (em) of every line of one paragraph."""
    lines: list[tuple[int, int, float]] = []
    last = len(c) - 1
    s = 0
    while s <= last:
        room = limit - (indent if not lines else 0)
        fit = hard = widest = -1
        squeezed: tuple[int, float] | None = None
        # clusters that certainly fit need no test each; start a little before the edge
        e = max(s, bisect_right(c.pre, c.pre[s] + room - 2) - 2)
        for i in range(e, s - 1, -1):
            if c.can[i]:
                fit = i
                break
        hard, widest = fit, (e if e > s else -1)
        while e <= last:
            wide = c.width(s, c.visible(s, e))
            if wide <= room + 1e-6:
                widest = e
                if c.may[e]:
                    hard = e
                if c.can[e]:
                    fit = e
            elif wide > room + SQUEEZE_LINE:
                break
            elif squeezed is None and c.can[e]:
                most = min(SQUEEZE_MARK * (c.marks[e + 1] - c.marks[s]), SQUEEZE_LINE, SQUEEZE_SHARE * room)
                if wide - room <= most:
                    squeezed = (e, wide - room)
            e += 1
        if fit < 0 or (fit < hard and room - c.width(s, c.visible(s, fit)) > SOFT_HOLE):
            fit = hard
        if fit < 0:
            fit = max(widest, s)
        squeeze = 0.0
        kept_back = widest > fit  # the line could hold more, but may not end there
        if squeezed and kept_back and room - c.width(s, c.visible(s, fit)) >= HOLE:
            fit, squeeze = squeezed
        lines.append((s, fit, squeeze))
        s = fit + 1
        while s <= last and c.kinds[s] == SPACE:  # typed spaces do not begin a line
            s += 1
    if len(lines) > 1:
        _fill_last(c, lines, limit, indent, justified)
    return lines


def _fill_last(
    c: Composition, lines: list[tuple[int, int, float]], limit: float, indent: float, justified: bool
) -> None:
    """A last line of one or two characters takes some from the line before."""
    (s, e, _), (first, last, _) = lines[-2], lines[-1]
    least = 3.0 if limit > 20 else 2.0
    if c.width(first, c.visible(first, last)) >= least:
        return
    room = limit - (indent if len(lines) == 2 else 0)
    for b in range(e - 2, s, -1):
        start = b + 1
        while c.kinds[start] == SPACE:
            start += 1
        end = c.visible(s, b)
        hole = room - c.width(s, end)
        if justified and hole / max(1, c.glyphs[end + 1] - c.glyphs[s] - 1) > STRETCH:
            return
        if hole > 0.4 * limit:
            return
        if c.can[b] and c.width(start, last) >= least:
            lines[-2:] = [(s, b, 0.0), (start, last, 0.0)]
            return


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a composition: clusters `first`..`last`, squeezed by `squeeze` em, `width` em wide as set."""

    of: Composition
    first: int
    last: int
    squeeze: float
    width: float
    indent: float
    room: float
    ends: bool  # the paragraph ends here

    @property
    def text(self) -> str:
        """The characters of the line."""
        return "".join(self.of.texts[self.first : self.last + 1])


@dataclass(frozen=True)
class Setting:
    """A text set in lines for one width; `lines` can be cut, for a page end."""

    style: TextStyle
    width: float
    lines: tuple[Line, ...]

    @property
    def height(self) -> float:
        """Height in pt."""
        return len(self.lines) * self.style.leading

    def cut(self, first: int, last: int | None = None) -> Setting:
        """Only some of the lines."""
        return Setting(self.style, self.width, self.lines[first:last])


@lru_cache(maxsize=3072)
def set_text(text: str, style: TextStyle, width: float) -> Setting:
    """The text in lines of `width` pt; every `\\n` begins a new paragraph."""
    text = full(text)
    if style.balanced:
        return _balanced(text, style, width)
    return _set(text, style, width)


def _set(text: str, style: TextStyle, width: float) -> Setting:
    limit = width / style.size - style.hanging
    lines: list[Line] = []
    for paragraph in text.split("\n"):
        c = compose(paragraph.strip(" "), style.font, style.strong)
        if not len(c):
            continue
        c = _cut_long(c, limit - style.indent, style.font, style.strong)
        broken = _break(c, limit, style.indent, style.justified)
        for n, (s, e, squeeze) in enumerate(broken):
            end = c.visible(s, e)
            indent = style.hanging + (style.indent if n == 0 else 0)
            room = limit - (style.indent if n == 0 else 0)
            lines.append(Line(c, s, end, squeeze, c.width(s, end) - squeeze, indent, room, n == len(broken) - 1))
    return Setting(style, width, tuple(lines))


def _balanced(text: str, style: TextStyle, width: float) -> Setting:
    """Lines of like length: the narrowest width that needs no more lines."""
    wide = _set(text, style, width)
    if len(wide.lines) < 2:
        return wide
    low, high = width / 2, width
    for _ in range(7):
        middle = (low + high) / 2
        low, high = (low, middle) if len(_set(text, style, middle).lines) == len(wide.lines) else (middle, high)
    return Setting(style, width, _set(text, style, high).lines)


def lines_of(text: str, style: TextStyle, width: float) -> list[str]:
    """The text as plain lines, for charts (which serve the page on screen too)."""
    return [line.text for line in set_text(text, style, width).lines]


@lru_cache(maxsize=3072)
def width_of(text: str, style: TextStyle) -> float:
    """Width in pt of the text on one line."""
    c = compose(full(text), style.font, style.strong)
    return c.width(0, len(c) - 1) * style.size if len(c) else 0.0
