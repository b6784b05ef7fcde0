"""The county PDF as its reader gets it: pages, fonts, words, outline, bytes, and what stands where."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from fieldkit.core.problem import Problem
from fieldkit.render.blocks import Grid, Picture, Title, Words
from fieldkit.render.document import county_pdf
from fieldkit.render.layout import places
from fieldkit.render.style import load
from fieldkit.settings import resource
from fieldkit.stats.report import (
    Cell,
    Chapter,
    Column,
    DotChart,
    Figure,
    Heading,
    LikertChart,
    Numbered,
    Panel,
    Paragraph,
    Rows,
    Table,
)
from tests.render.sample_report import AGREE, DOT_HEADS, LONG_OPTION, SCORE, bar, dot, sample, score

REPORTS = resource("reports")


@pytest.fixture(scope="module")
def style():
    return load(REPORTS)


@pytest.fixture(scope="module")
def pdf():
    return county_pdf(sample(), folder=REPORTS)


@pytest.fixture(scope="module")
def reader(pdf):
    return PdfReader(io.BytesIO(pdf))


def read(report):
    return PdfReader(io.BytesIO(county_pdf(report, folder=REPORTS)))


def plain(text):
    return "".join(text.split())


def test_the_sample_fills_eight_to_fourteen_pages(reader):
    assert 8 <= len(reader.pages) <= 14


def test_every_font_is_embedded_and_none_is_helvetica(reader):
    fonts = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            fonts[font["/BaseFont"]] = "/FontFile2" in font["/FontDescriptor"] and "/ToUnicode" in font
    assert fonts
    assert all(fonts.values()), fonts
    assert all("NotoSansSC" in name for name in fonts), fonts


def test_the_words_can_be_copied_and_searched(reader):
    text = plain("".join(page.extract_text() for page in reader.pages))
    for words in (
        "安吉县",
        "考核督查与任务压力",
        "参加调查的44名干部中，感知负担平均为63.3分",
        "不足20人",
        "高于93%",
        "perceived_burden",
    ):
        assert words in text, words
    assert plain(LONG_OPTION) in text


def test_every_page_after_the_cover_says_where_it_is_and_that_data_are_simulated(reader):
    total = len(reader.pages)
    assert "模拟数据" in reader.pages[0].extract_text()
    for number, page in enumerate(reader.pages[1:], 2):
        text = plain(page.extract_text())
        assert f"第{number}页/共{total}页" in text
        assert "汇总结果，不用于考核" in text
        assert "模拟数据" in text


def test_real_data_carry_no_mark_of_simulation():
    report = sample(simulated="", subject="第2轮")
    report = replace(report, cover=replace(report.cover, simulated=""))
    assert "模拟数据" not in read(replace(report, blocks=report.blocks[:3])).pages[0].extract_text()


def test_the_contents_name_each_chapter_with_its_page(reader):
    cover = plain(reader.pages[0].extract_text())
    for entry in reader.outline:
        if isinstance(entry, list):
            continue
        page = reader.get_destination_page_number(entry) + 1
        assert plain(entry.title) in cover
        assert plain(entry.title) in plain(reader.pages[page - 1].extract_text())
    assert cover.index("一页摘要") < cover.index("党建联盟") < cover.index("附录")


def test_the_outline_holds_chapters_and_what_is_in_them(reader):
    def titles(entries):
        return [titles(e) if isinstance(e, list) else e.title for e in entries]

    outline = titles(reader.outline)
    at = outline.index("2 考核督查与任务压力")
    assert outline[at + 1] == ["2.1 考核督查的次数", "2.2 留痕迎检与会议", "2.3 感知负担"]


def test_the_file_says_what_it_is(reader):
    assert reader.metadata.title == "安吉县基层工作负担与治理协作调查汇总报告（第2轮）"
    assert reader.metadata.author == "某大学基层治理课题组"
    assert "模拟数据" in reader.metadata.subject
    assert reader.metadata["/CreationDate"].startswith("D:20261120")
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "zh-CN"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_the_same_report_gives_the_same_bytes_here_and_in_a_fresh_process(pdf):
    assert county_pdf(sample(), folder=REPORTS) == pdf
    script = (
        "import hashlib, sys; from pathlib import Path; from tests.render.sample_report import sample; "
        "from fieldkit.render.document import county_pdf; "
        "print(hashlib.sha256(county_pdf(sample(), folder=Path(sys.argv[1]))).hexdigest())"
    )
    told = {**os.environ, "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "86400", "TZ": "America/New_York"}
    fresh = subprocess.run(
        [sys.executable, "-c", script, str(REPORTS)],
        capture_output=True,
        text=True,
        check=True,
        env=told,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert fresh.stdout.strip() == hashlib.sha256(pdf).hexdigest()


def test_a_character_that_the_fonts_lack_stops_the_report_and_is_named():
    report = sample()
    report = replace(report, blocks=(*report.blocks, Paragraph("某村（𡌶）和另一村（𣒍）")))
    with pytest.raises(Problem) as caught:
        county_pdf(report, folder=REPORTS)
    assert caught.value.code == "report.missing_glyph"
    assert caught.value.facts["characters"] == "𡌶 U+21336、𣒍 U+2348D"
    assert caught.value.facts["text"] == "某村（𡌶）和另一村（𣒍）"


@pytest.mark.parametrize(
    "county", ["积石山保安族东乡族撒拉族自治县", "双江拉祜族佤族布朗族傣族自治县", "孟连傣族拉祜族佤族自治县"]
)
def test_a_county_with_a_long_name_fits_cover_and_foot(county):
    report = sample(footer=f"{county} · 第2轮 · 问卷版本1.0.0 · 生成日期2026年11月20日 · 汇总结果，不用于考核")
    report = replace(report, cover=replace(report.cover, county=county))
    pages = read(report).pages
    assert county in plain(pages[0].extract_text())
    for page in (pages[0], pages[1]):
        assert max(x for x, _ in _positions(page)) < 595.3 - 61.4
    foot = plain(pages[1].extract_text())
    assert "汇总结果，不用于考核" in foot
    assert "第2页" in foot


def _positions(page):
    found = []

    def visit(text, cm, tm, font, size):
        if text.strip():
            found.append((cm[0] * tm[4] + cm[4], cm[3] * tm[5] + cm[5]))

    page.extract_text(visitor_text=visit)
    return found


def test_no_heading_ends_a_page_and_nothing_reaches_over_its_foot(style):
    for sheet in places(sample(), style):
        assert not sheet.placed[-1].block.keep
        last = 0.0
        for placed in sheet.placed:
            assert placed.top >= last - 0.02
            last = placed.top + placed.block.height()
        assert last <= style.page.bottom + 0.02


@pytest.mark.parametrize("lines", range(2, 44, 3))
def test_headings_move_on_wherever_a_page_happens_to_end(style, lines):
    filler = Paragraph("调查面向本县乡镇、街道、村和社区的工作人员自愿填写。" * 2 * lines)
    blocks = (
        Chapter("a", "第一章", "1"),
        filler,
        Chapter("b", "第二章", "2"),
        Heading("b1", "第一节", 2),
        Heading("b2", "第一小节", 3),
        filler,
        Heading("b3", "第二小节", 3),
        Numbered(("甲。" * 60, "乙。" * 60, "丙。")),
    )
    sheets = places(sample(blocks=blocks), style)
    assert all(not sheet.placed[-1].block.keep for sheet in sheets)
    assert sum(isinstance(p.block, Title) for sheet in sheets for p in sheet.placed) == 5


def test_a_paragraph_leaves_no_single_line_on_either_page(style):
    for lines in range(30, 60):
        blocks = (Paragraph("调查" * 22 * lines + "。"), Paragraph("面向" * 22 * 7 + "。"))
        for sheet in places(sample(blocks=blocks), style):
            for placed in sheet.placed:
                assert isinstance(placed.block, Words)
                assert len(placed.block.setting.lines) >= 2


def test_a_chapter_begins_a_new_page_where_less_than_80_mm_are_left(style):
    for sheet in places(sample(), style)[:2]:
        first = sheet.placed[0].block
        assert isinstance(first, Title)
        assert first.level == 1


def test_a_last_page_of_a_few_lines_is_saved_by_closer_spacing(style):
    last = places(sample(), style)[-1].placed[-1]
    assert (last.top + last.block.height() - style.page.top) / style.page.room > style.least_fill


def test_the_running_head_names_the_chapter_that_goes_on(style):
    blocks = (Chapter("a", "甲", "1"), Paragraph("调查" * 800), Chapter("b", "乙", "2"), Paragraph("调查" * 800))
    heads = [sheet.running for sheet in places(sample(blocks=blocks), style)]
    assert heads[0] == "1 甲"
    assert heads[-1] == "2 乙"


def test_a_long_table_goes_on_with_its_title_and_head_repeated(reader):
    pages = [plain(page.extract_text()) for page in reader.pages]
    carrying = [text for text in pages if "简版问卷的题目" in text]
    assert len(carrying) >= 2
    assert "表8简版问卷的题目（续）" in carrying[1]
    assert all("选项或范围" in text for text in carrying)
    assert "（续）" not in carrying[0]


def test_a_table_part_never_holds_a_single_row_nor_a_note_alone(style):
    row = (Cell("bur_af1", code=True), Cell("过去一个月，共多少次？"))
    for count in range(20, 90, 3):
        table = Table(
            "表1", "题目", (Column("编号", width=80), Column("题目")), (row,) * count, note="说明。", long=True
        )
        parts = [p.block for sheet in places(sample(blocks=(table,)), style) for p in sheet.placed]
        assert sum(len(part.rows) for part in parts if isinstance(part, Grid)) == count
        assert all(len(part.rows) >= 2 for part in parts if isinstance(part, Grid))


def test_a_cell_higher_than_a_page_goes_on_and_loses_nothing(style):
    text = "甲乙丙丁戊己庚辛壬癸" * 260
    table = Table(
        "表1",
        "题目",
        (Column("编号", width=62), Column("题目", width=250), Column("选项")),
        (
            (Cell("a"), Cell("题目"), Cell(text)),
            (Cell("b"), Cell("题目"), Cell("选项")),
        ),
        long=True,
    )
    report = sample(blocks=(Chapter("a", "甲", "1"), table))
    shown = plain("".join(page.extract_text() for page in read(report).pages))
    assert shown.count("癸") == 260
    for sheet in places(report, style):
        assert all(p.top + p.block.height() <= style.page.bottom + 0.02 for p in sheet.placed)


def test_a_figure_higher_than_a_page_becomes_several(style):
    many = tuple(dot(f"第{n}项指标的名称", score(f"i{n}", 50, 40, 60, 44)) for n in range(60))
    items = tuple(
        bar(f"第{n}题的文字比较长，要占去两行才能写完它的意思。", [(40, 1, ""), (60, 3, "")], AGREE) for n in range(40)
    )
    blocks = (
        Figure(
            "图1",
            "许多指标",
            DotChart(SCORE, (Rows(many[:30], "一组"), Rows(many[30:], "二组")), DOT_HEADS),
            note="说明",
        ),
        Figure("图2", "许多题目", LikertChart(AGREE, items), note="说明"),
    )
    sheets = places(sample(blocks=blocks), style)
    figures = [p.block for sheet in sheets for p in sheet.placed]
    assert all(isinstance(f, Picture) and f.height() <= style.page.room for f in figures)
    text = plain("".join(page.extract_text() for page in read(sample(blocks=blocks)).pages))
    for n in range(60):
        assert f"第{n}项指标的名称" in text
    assert text.count("（续）") >= 2
    assert text.count("说明") == 2


def test_more_chapters_than_the_cover_holds_get_a_page_of_contents():
    blocks = tuple(
        block for n in range(30) for block in (Chapter(f"c{n}", f"章节的名称{n}", str(n + 1)), Paragraph("调查。" * 40))
    )
    pages = read(sample(blocks=blocks)).pages
    contents = plain(pages[1].extract_text())
    assert "章节的名称0" not in plain(pages[0].extract_text())
    assert "章节的名称29" in contents
    assert f"第2页/共{len(pages)}页" in contents


def test_a_panel_higher_than_a_page_is_not_lost():
    text = plain("".join(p.extract_text() for p in read(sample(blocks=(Panel("说明", "甲乙丙癸。" * 900),))).pages))
    assert text.count("癸") == 900


def test_a_report_in_english_is_set_as_well():
    report = sample(
        language="en",
        blocks=(
            Chapter("a", "About the survey", "1"),
            Paragraph("The survey was answered by 44 cadres of townships and villages; it isn't a census. " * 8),
            *[b for b in sample().blocks if isinstance(b, Table)][:2],
        ),
    )
    reader = read(report)
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert "townships" in reader.pages[1].extract_text()
