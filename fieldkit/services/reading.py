"""A county's report as the desk shows it: the chapters of an edition, and for the research team its two levels."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from fieldkit.core.access import Actor, may, require
from fieldkit.core.edition import Edition
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.services import layouts
from fieldkit.services.report import county_files, edition_in_english, edition_view
from fieldkit.store import waves
from fieldkit.store.engine import Session

LEVELS = {"both": ("upper", "lower"), "upper": ("upper",), "lower": ("lower",)}
MODULES = ("burden", "negotiation", "alliance", "coordination", "pathway")
SECTION = re.compile(r'<section aria-labelledby="([^"]+)">\n(.*?)</section>\n', re.S)
HEAD = re.compile(r'<h2 id="[^"]+">(.*?)</h2>', re.S)
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class ChapterText:
    """One chapter: its anchor, its title in words, and its HTML, which the report itself made and escaped."""

    key: str
    title: str
    html: str

    @property
    def module(self) -> bool:
        """Whether the chapter is about a module, ours or a researcher's own."""
        return self.key in MODULES or self.key.startswith("further_")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the page shows. `chapters` are those that the filters leave, `modules` all that can be chosen.

    `waves` are those of the same study in which this county takes part, the newest first. `hidden` holds the Problem
    that keeps the levels back, where one does.
    """

    wave: Wave
    edition: Edition
    chapters: tuple[ChapterText, ...]
    modules: tuple[ChapterText, ...]
    waves: tuple[Wave, ...]
    filters: bool
    module: str = ""
    level: str = ""
    language: str = "zh"
    hidden: Problem | None = None


def chapters_of(page: str) -> tuple[ChapterText, ...]:
    """The chapters of a page that a report made."""
    found = []
    for key, html in SECTION.findall(page):
        head = HEAD.search(html)
        title = " ".join(unescape(TAG.sub("", head[1])).split()) if head else key
        found.append(ChapterText(key, title, f'<section aria-labelledby="{key}">\n{html}</section>\n'))
    return tuple(found)


def read_report(
    session: Session,
    actor: Actor | None,
    wave_id: str,
    county: str,
    *,
    dated: datetime.date,
    module: str = "",
    level: str = "",
    language: str = "zh",
) -> Reading:
    """The edition's chapters; with `module` only that one, with `level` (both, upper, lower) its figures by level.

    In English ('en') they are those frozen with the edition, the same tables and figures in other words. All three
    are for those who may `report.filter`. Problems as `county_files` has them, and `report.no_filter`
    for a filter that does not exist.
    """
    require(actor, "report.county", county=county)
    filters = may(actor, "report.filter", county=county)
    if module or level or language != "zh":
        require(actor, "report.filter", county=county)
    if (level and level not in LEVELS) or language not in ("zh", "en"):
        raise Problem("report.no_filter", where=level or language, filter=level or language)
    edition = county_files(session, actor, wave_id, county, dated=dated)
    whole, hidden = chapters_of(edition.html.decode()), None
    if language == "en":
        try:
            whole = _in_english(session, actor, wave_id, county, dated)
        except Problem as problem:
            if problem.code != "report.taken_back":
                raise
            hidden = problem
    modules = tuple(chapter for chapter in whole if chapter.module)
    if module and module not in {chapter.key for chapter in modules}:
        raise Problem("report.no_filter", where=module, filter=module)
    shown = () if hidden else whole
    if level and not hidden:
        try:
            shown = _by_level(session, actor, wave_id, county, dated, LEVELS[level], language)
        except Problem as problem:
            if problem.code != "report.taken_back":
                raise
            shown, hidden = (), problem
    if module:
        shown = tuple(chapter for chapter in shown if chapter.key == module)
    wave = waves.get(session, wave_id)
    others = _waves(session, wave, county)
    return Reading(wave, edition, shown, modules, others, filters, module, level, language, hidden)


def _in_english(
    session: Session, actor: Actor | None, wave_id: str, county: str, dated: datetime.date
) -> tuple[ChapterText, ...]:
    from fieldkit.formats.report_json import load_report
    from fieldkit.render.page import county_chapters

    kept = edition_in_english(session, actor, wave_id, county, dated=dated, pdf=False)
    folder = layouts.find("county", "county").folder
    return chapters_of(county_chapters(load_report(kept.snapshot), folder=folder))


def _by_level(
    session: Session,
    actor: Actor | None,
    wave_id: str,
    county: str,
    dated: datetime.date,
    levels: Sequence[str],
    language: str,
) -> tuple[ChapterText, ...]:
    from fieldkit.render.page import county_chapters

    view = edition_view(session, actor, wave_id, county, dated=dated, levels=levels, language=language)
    return chapters_of(county_chapters(view, folder=layouts.find("county", "county").folder))


def _waves(session: Session, wave: Wave, county: str) -> tuple[Wave, ...]:
    there = [w for w in waves.listed(session) if w.study.id == wave.study.id and county in w.county and not w.test]
    return tuple(sorted(there, key=lambda w: (w.opens_on, w.number), reverse=True))
