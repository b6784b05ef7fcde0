"""The first page: county, title, facts, contents, and what the report must not be used for."""

from __future__ import annotations

from fieldkit.render.blocks import Title
from fieldkit.render.ink import Ink
from fieldkit.render.style import MM, Style
from fieldkit.render.text import set_text, width_of
from fieldkit.stats.report import CountyReport

LONG_NAME = 8  # characters of a county's name above which it is set smaller
FACTS_COLUMN = 70.0  # least width of the names beside the cover's facts and contents
CONTENTS_WIDTH = 250.0
BAR = 2.2


def cover_page(ink: Ink, report: CountyReport, style: Style, contents: list[tuple[Title, int]]) -> bool:
    """Draw the first page; True when the contents need a page of their own."""
    page, look, cover = style.page, style.texts, report.cover
    assert cover is not None
    left, right = page.left, page.left + page.measure
    ink.box(left, 81, 51, 3.2, style.colours["accent"])
    ink.words(cover.simulated or report.simulated, style.texts["simulated"], right, 82.6, "right")
    y = 122.0
    if cover.province:
        setting = set_text(cover.province, look["province"], page.measure)
        ink.setting(setting, left, y)
        y += setting.height
    y += 2
    name = set_text(cover.county, look["county" if len(cover.county) <= LONG_NAME else "county_long"], page.measure)
    ink.setting(name, left, y)
    y += name.height + 11
    title = cover.title.removeprefix(cover.county).lstrip()
    first, _, rest = title.partition("\n")
    for words, kind in ((first, "title"), (rest, "title_second")):
        if words:
            setting = set_text(words, look[kind], page.measure)
            ink.setting(setting, left, y)
            y += setting.height
    y += 30
    for fact_name, fact in cover.lines:
        column = facts_column(report, style)
        value = set_text(fact, look["fact"], page.measure - column)
        ink.setting(set_text(fact_name, look["fact_name"], column), left, y)
        ink.setting(value, left + column, y)
        y += value.height
    box_top = _cover_box(ink, report, style)
    ink.canvas.bookmarkPage("cover", fit="XYZ", left=0, top=page.height)
    y += 26
    fits = contents_list(ink, report, style, contents, y, box_top - 24 - y)
    ink.canvas.showPage()
    return not fits


def facts_column(report: CountyReport, style: Style) -> float:
    """The width of the names beside the facts: the usual one, or that of the longest name."""
    names = [name for name, _ in report.cover.lines] if report.cover else []
    return max([FACTS_COLUMN, *(width_of(name, style.texts["fact_name"]) + 12 for name in names)])


def _cover_box(ink: Ink, report: CountyReport, style: Style) -> float:
    """What the report must not be used for, at the foot of the cover; returns its top."""
    page, look, cover = style.page, style.texts, report.cover
    assert cover is not None
    padding = 8 * MM
    width = page.measure - padding - 6 * MM
    settings = [
        set_text(words, look[kind], width)
        for words, kind in ((cover.box_title, "box_title"), (cover.box, "box"))
        if words
    ]
    inside = sum(s.height for s in settings)
    high = page.on_grid(inside + 2 * padding - 8)
    top = page.bottom - 10 - high
    ink.box(page.left, top, page.measure, high, style.colours["panel"])
    ink.box(page.left, top, BAR, high, style.colours["accent"])
    y = top + (high - inside) / 2
    for setting in settings:
        ink.setting(setting, page.left + padding, y)
        y += setting.height
    return top


def contents_list(
    ink: Ink, report: CountyReport, style: Style, contents: list[tuple[Title, int]], top: float, room: float
) -> bool:
    """The chapters with their pages; False, and nothing drawn, when they need more room."""
    page, look = style.page, style.texts
    left = page.left + facts_column(report, style)
    width = CONTENTS_WIDTH
    entries = [(set_text(title.words, look["contents"], width - 30), title, number) for title, number in contents]
    lines = sum(max(1, len(setting.lines)) for setting, _, _ in entries)
    leading = next((high for high in (look["contents"].leading, 15.5, 14.2, 13.2) if lines * high <= room), 0.0)
    if not leading:
        return False
    if entries:
        ink.words(report.contents_words, look["contents_head"], page.left, top + leading / 2)
    y = top
    for setting, title, number in entries:
        high = leading * max(1, len(setting.lines))
        ink.setting(setting, left, y + (high - setting.height) / 2)
        ink.words(str(number), look["contents_page"], left + width, y + leading / 2, "right")
        ink.rule(left, left + width, y + high, 0.5, style.colours["rule"])
        ink.canvas.linkRect(
            "", title.key, (left, page.height - y - high, left + width, page.height - y), relative=0, thickness=0
        )
        y += high
    return True
