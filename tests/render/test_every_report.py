"""Every report that we make, in both languages, looked at page by page: what no page of any of them may show."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from reportlab.graphics.shapes import Group, String

from fieldkit.formats.instrument_yaml import load_library
from fieldkit.formats.report_spec import read_layout, read_wording
from fieldkit.render.blocks import Grid, Title
from fieldkit.render.charts import draw
from fieldkit.render.content import texts_of
from fieldkit.render.layout import places
from fieldkit.render.sheet import AskedGrid
from fieldkit.render.style import load
from fieldkit.settings import resource
from fieldkit.stats.codebook import codebook
from fieldkit.stats.paper_form import paper_form
from fieldkit.stats.report import CountyReport, Figure, QuestionGrid, Table
from tests.stats.people import people
from tests.stats.test_county import peer_frames
from tests.stats.test_county import report as county_report
from tests.stats.test_other_reports import side_by_side, technical
from tests.stats.test_pooled import county
from tests.stats.test_pooled import report as pooled_report

REPORTS = resource("reports")
DATED = datetime.date(2026, 11, 21)
LANGUAGES = ("zh", "en")
FULL = ("full_burden", "full_negotiation", "full_alliance", "full_coordination", "full_pathway")
FORMS = ("short", *FULL, "case_timeline")
LEAST_FILL = 0.5  # of a page that is followed by another, unless a chapter has to begin there
GIVEN = ("安吉县", "某大学基层治理课题组", "基层治理调查", "同省、山区、2025年末常住人口40万—65万人的县，共5个")


def printed(name: str, form: str, language: str) -> CountyReport:
    """A blank questionnaire or a codebook."""
    library = load_library(resource("instruments"))
    asked = library.questionnaire(form)
    layout = read_layout(REPORTS / "layouts" / f"{name}.yaml")
    wording = read_wording(REPORTS / "wording" / f"{name}.{language}.yaml")
    if name == "questionnaire":
        return paper_form(layout=layout, wording=wording, questionnaire=asked, dated=DATED)
    modules = [library.module(one, version) for one, version in asked.modules.items()]
    return codebook(layout=layout, wording=wording, questionnaire=asked, modules=modules, dated=DATED)


def pool(form: str, language: str) -> CountyReport:
    return pooled_report([county(n, size, form=form) for n, size in enumerate((30, 45, 22, 7, 8), 1)], language, form)


MAKE: dict[str, Callable[[str], CountyReport]] = {
    **{
        f"county {form}": lambda language, form=form: county_report(  # type: ignore[misc]
            people(60, form=form), form=form, language=language, peers=peer_frames(4, form=form)
        )
        for form in ("short", *FULL)
    },
    "county of 12": lambda language: county_report(people(12), language=language),
    **{f"pooled {form}": lambda language, form=form: pool(form, language) for form in ("short", *FULL)},  # type: ignore[misc]
    "overview": side_by_side,
    "overview of 40": lambda language: side_by_side(language, {f"33{n:04d}": 20 + n % 3 for n in range(40)}, seeds=1),
    "technical": lambda language: technical(language=language),
    **{f"paper {form}": lambda language, form=form: printed("questionnaire", form, language) for form in FORMS},  # type: ignore[misc]
    **{f"codebook {form}": lambda language, form=form: printed("codebook", form, language) for form in FORMS},  # type: ignore[misc]
}
EVERY = pytest.mark.parametrize("language", LANGUAGES)
REPORT = pytest.mark.parametrize("name", MAKE)


@cache
def made(name: str, language: str) -> CountyReport:
    return MAKE[name](language)


def strings(drawing: Group) -> Iterator[str]:
    """Every text in a drawing."""
    for shape in drawing.contents:
        if isinstance(shape, String):
            yield shape.text
        elif isinstance(shape, Group):
            yield from strings(shape)


@EVERY
@REPORT
def test_no_heading_ends_a_page_and_no_page_is_half_empty_without_reason(name: str, language: str) -> None:
    style = load(REPORTS, language)
    sheets = places(made(name, language), style)
    for number, sheet in enumerate(sheets[:-1], 1):
        last = sheet.placed[-1]
        assert not isinstance(last.block, Title), f"page {number} ends with {getattr(last.block, 'words', '')}"
        first = sheets[number].placed[0].block
        if isinstance(first, Title) and first.new_page:
            continue
        fill = (last.top + last.block.height() - style.page.top) / style.page.room
        assert fill >= LEAST_FILL, f"page {number} is filled to {fill:.2f}"


def chinese_lines(found: CountyReport) -> Iterator[str]:
    for text in texts_of((found.title, found.cover, found.blocks, found.footer)):
        yield re.sub(r"\$\{[^}]*\}|\b\w+_\w+\b|[A-Za-z.]+[0-9]+[A-Za-z0-9./-]*", "", text)


@REPORT
def test_no_english_sentence_stands_on_a_chinese_page(name: str) -> None:
    for line in chinese_lines(made(name, "zh")):
        assert not re.search(r"[A-Za-z]{2,}(?:[ ,;]+[A-Za-z]{2,}){2,}", line), line


@REPORT
def test_no_chinese_stands_on_an_english_page_but_what_a_team_or_a_paper_says(name: str) -> None:
    if name.startswith(("codebook", "overview", "pooled", "technical")):
        left = re.compile("[，。；：？]")  # names of places and of papers, quotations and terms stay; sentences do not
    else:
        left = re.compile("[\u4e00-\u9fff]")
    for text in texts_of(made(name, "en").blocks):
        for given in GIVEN:
            text = text.replace(given, "")
        if not re.search("[“《]", text):
            assert not left.search(text), text


@EVERY
def test_the_head_of_a_group_of_rows_never_ends_a_page_and_stands_again_where_the_group_goes_on(
    language: str,
) -> None:
    sheets = places(made("technical", language), load(REPORTS, language))
    grids = [p.block for sheet in sheets for p in sheet.placed if isinstance(p.block, Grid)]
    grouped = [[len(row) == 1 for row, _ in grid.rows] for grid in grids]
    parts = [heads for heads in grouped if any(heads)]
    assert len(parts) > 2  # over several pages
    assert all(heads[0] and not heads[-1] for heads in parts)


@REPORT
def test_no_word_in_the_head_of_a_table_or_beside_a_figure_is_broken(name: str) -> None:
    style = load(REPORTS, "en")
    for table in (b for b in made(name, "en").blocks if isinstance(b, Table)):
        for column, box in zip(table.columns, Grid(table, style, "en").head, strict=True):
            words = [word for part in box.parts for line in part.lines for word in line.text.split()]
            assert words == column.head.split(), table.title
    for figure in (b for b in made(name, "en").blocks if isinstance(b, Figure)):
        drawn = {word for string in strings(draw(figure.chart, style)) for word in string.split()}
        rows = [row for group in getattr(figure.chart, "groups", ()) for row in group.rows]
        said = [word for row in rows for words in (row.label, row.left, row.right) for word in words.split()]
        said += getattr(figure.chart, "hidden", "").split()
        assert set(said) <= drawn, figure.title


@EVERY
@pytest.mark.parametrize("form", FORMS)
def test_no_word_over_the_circles_of_a_question_is_broken(form: str, language: str) -> None:
    for grid in (b for b in made(f"paper {form}", language).blocks if isinstance(b, QuestionGrid)):
        settings = AskedGrid(grid, load(REPORTS, language)).heads
        for head, setting in zip((*grid.heads, *grid.reasons), settings, strict=True):
            if " " in head:
                assert [word for line in setting.lines for word in line.text.split()] == head.split()
