"""A finished report becomes a PDF: first every block gets its place (layout), then the pages are drawn.

Because all places are known before anything is drawn, page totals, the contents and the running heads need no
second pass; platypus, which draws while it lays out, would need two or forms filled in at the end. The same report
gives the same bytes in any process: the file carries the report's own date.
"""

from __future__ import annotations

import calendar
import hashlib
import io
import time
import zlib
from dataclasses import replace
from pathlib import Path

import reportlab
from reportlab.pdfgen.canvas import Canvas

from fieldkit.core.problem import Problem
from fieldkit.render.blocks import Title
from fieldkit.render.content import content, content_hash, printable, texts_of
from fieldkit.render.cover import contents_list, cover_page
from fieldkit.render.ink import Ink
from fieldkit.render.layout import is_chapter, places
from fieldkit.render.style import Style, load
from fieldkit.render.text import EXCERPT, full, named, width_of
from fieldkit.stats.report import CountyReport


def county_pdf(report: CountyReport, *, folder: Path) -> bytes:
    """The report as a PDF file; `folder` is reports/ (style and fonts), or another one with a style of its own.

    Raises Problem `report.missing_glyph` naming every character that the fonts do not have.
    """
    report = printable(report)
    style = load(folder, report.language)
    check_characters(report, style)
    sheets = places(report, style)
    buffer = io.BytesIO()
    language = style.say(report.language)["tag"]
    canvas = Canvas(
        buffer,
        pagesize=(style.page.width, style.page.height),
        invariant=1,
        pageCompression=1,
        initialFontName=style.regular,
        lang=language,
    )
    _describe(canvas, report)
    ink = Ink(canvas, style.page.height)
    contents = [
        (placed.block, n + 2) for n, sheet in enumerate(sheets) for placed in sheet.placed if is_chapter(placed.block)
    ]
    extra = cover_page(ink, report, style, contents) if report.cover else False
    if extra:  # the contents did not fit the cover: they take a page of their own
        contents = [(block, page + 1) for block, page in contents]
        _foot(ink, report, style, 2, len(sheets) + 2)
        contents_list(ink, report, style, contents, style.page.top, style.page.room)
        canvas.showPage()
    first, depth = (3 if extra else 2 if report.cover else 1), -1
    for n, sheet in enumerate(sheets):
        _head(ink, report, style, sheet.running)
        for placed in sheet.placed:
            if isinstance(placed.block, Title):
                depth = _bookmark(canvas, placed.block, style.page.height - placed.top, depth)
            placed.block.draw(ink, style.page.left, placed.top)
        _foot(ink, report, style, first + n, len(sheets) + first - 1)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def libraries() -> str:
    """What draws and compresses a PDF: other versions of these can give other bytes for the same report."""
    return f"reportlab {reportlab.Version}, zlib {zlib.ZLIB_RUNTIME_VERSION}"


def check_characters(report: CountyReport, style: Style) -> None:
    """Raise Problem `report.missing_glyph` if the fonts cannot show a character that will be printed."""
    printed = (
        report.page_words,
        report.contents_words,
        report.simulated,
    )
    texts = (*texts_of(printed), *content(report))
    lost = style.missing("".join(texts))
    if lost:
        text = next(text for text in texts if lost & set(text))
        raise Problem("report.missing_glyph", where=report.title, characters=named(lost), text=text[:EXCERPT])


def _describe(canvas: Canvas, report: CountyReport) -> None:
    """Title, author and date of the file, and how a reader opens it."""
    canvas.setTitle(report.title)
    canvas.setSubject(report.subject)
    canvas.setAuthor(report.author)
    canvas.setKeywords(f"{report.keywords}; content-sha256:{content_hash(report)}")
    canvas.setCreator("FieldKit")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas.showOutline()
    moment = time.strptime(f"{report.dated[:10]} 04:00", "%Y-%m-%d %H:%M")  # noon in China
    stamp = canvas._doc._timeStamp
    stamp.t = calendar.timegm(moment)
    stamp.lt = moment
    stamp.YMDhms = tuple(moment)[:6]
    stamp.dhh = stamp.dmm = 0
    stamp.tzname = "UTC"
    # the file's id begins with the moment of the process, which SOURCE_DATE_EPOCH can shift; begin it anew
    canvas._doc.signature = hashlib.md5(report.dated.encode(), usedforsecurity=False)


def _head(ink: Ink, report: CountyReport, style: Style, running: str) -> None:
    page = style.page
    right = page.left + page.measure
    ink.words(running, style.texts["running"], page.left, page.header - 5)
    ink.words(report.simulated, style.texts["simulated"], right, page.header - 5, "right")
    ink.rule(page.left, right, page.header + 6, 0.5, style.colours["rule"])


def _foot(ink: Ink, report: CountyReport, style: Style, number: int, total: int) -> None:
    page, look = style.page, style.texts["foot"]
    numbers = report.page_words.format(page=number, pages=total)
    for size in (look.size, 7.5, 7.0, 6.5):
        look = replace(look, size=size)
        if width_of(report.footer, look) + width_of(numbers, look) + 12 <= page.measure:
            break
    right = page.left + page.measure
    ink.rule(page.left, right, page.footer - 9, 0.5, style.colours["rule"])
    ink.words(report.footer, look, page.left, page.footer)
    ink.words(numbers, look, right, page.footer, "right")


def _bookmark(canvas: Canvas, title: Title, top: float, depth: int) -> int:
    """Enter a title in the outline, at most one level below the entry before it (`depth`); returns its level."""
    level = min(title.level - 1, depth + 1)
    canvas.bookmarkPage(title.key, fit="XYZ", left=0, top=top + 10)
    canvas.addOutlineEntry(full(title.words), title.key, level, closed=level > 0)
    return level
