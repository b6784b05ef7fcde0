"""The HTML twin: the same report as a page that a screen reader, a phone and a strict content policy accept."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from fieldkit.render.page import chart_rows, county_page
from fieldkit.settings import resource
from fieldkit.stats.report import Chapter, Figure, Heading, Numbered, Paragraph, Table
from tests.render.sample_report import sample

REPORTS = resource("reports")
VOID = {"meta", "link", "br", "rect", "circle", "path"}


class Tree(HTMLParser):
    """Every element with its attributes, and a check that each is closed."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))

    def handle_endtag(self, tag):
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes, _ in self.elements if name == tag]


@pytest.fixture(scope="module")
def html():
    return county_page(sample(), folder=REPORTS, stylesheet_href="/static/report.css", links=(("/r.pdf", "下载PDF"),))


@pytest.fixture(scope="module")
def tree(html):
    return Tree(html)


def text_of(tree):
    return "".join("".join(tree.words).split())


def test_every_element_is_closed_and_ids_are_unique(tree):
    assert tree.open == []
    ids = [a["id"] for _, a, _ in tree.elements if "id" in a]
    assert len(ids) == len(set(ids))


def test_it_loads_nothing_but_its_style_sheet_and_holds_no_script_or_style(tree, html):
    assert tree.all("link") == [{"rel": "stylesheet", "href": "/static/report.css"}]
    assert "http" not in html
    for tag, attributes, _ in tree.elements:
        assert tag not in ("script", "style", "img", "iframe", "object", "form")
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)


def test_it_says_its_language_and_title(tree, html):
    assert tree.all("html") == [{"lang": "zh-CN"}]
    assert "<title>安吉县基层工作负担与治理协作调查汇总报告（第2轮）</title>" in html
    assert "模拟数据" in html


def test_headings_go_down_one_level_at_a_time(tree):
    levels = [int(tag[1]) for tag, _, _ in tree.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(following <= level + 1 for level, following in itertools.pairwise(levels))
    assert levels.count(2) == sum(isinstance(b, Chapter) for b in sample().blocks)


def test_the_contents_lead_to_every_chapter(tree):
    ids = {a["id"] for _, a, _ in tree.elements if "id" in a}
    links = [a["href"] for tag, a, inside in tree.elements if tag == "a" and "nav" in inside]
    assert len(links) == sum(isinstance(b, Chapter) for b in sample().blocks)
    assert all(link[1:] in ids for link in links)


def test_every_figure_is_an_image_with_a_description_and_its_numbers_as_a_table(tree, html):
    figures = [b for b in sample().blocks if isinstance(b, Figure)]
    drawings = tree.all("svg")
    assert len(drawings) == len(figures)
    for drawing, figure in zip(drawings, figures, strict=True):
        assert drawing["role"] == "img"
        assert drawing["aria-label"] == figure.described
        assert drawing["viewbox"].startswith("0 ")
    numbers = [f for f in figures if chart_rows(f.chart, {"item": "", "value": "", "merged": ""})[1]]
    assert len(tree.all("details")) == len(numbers)


def test_every_colour_of_a_drawing_comes_from_a_class(tree):
    for tag, attributes, inside in tree.elements:
        if "svg" in inside:
            assert attributes["class"], tag
            assert not {"fill", "stroke", "font-size", "font-family"} & set(attributes)


def test_tables_have_captions_and_scoped_heads(tree):
    assert len(tree.all("caption")) == sum(isinstance(b, Table) for b in sample().blocks)
    assert all(a.get("scope") in ("col", "row") for a in tree.all("th"))


def test_all_words_of_the_report_are_on_the_page(tree):
    text = text_of(tree)
    for block in sample().blocks:
        match block:
            case Paragraph(text=words) | Heading(title=words) | Chapter(title=words):
                assert "".join(words.replace("**", "").split()) in text
            case Numbered(lines=lines):
                for line in lines:
                    assert "".join(line.replace("**", "").split()) in text
            case Table(rows=rows):
                for row in rows:
                    assert all("".join(cell.text.split()) in text for cell in row)
            case _:
                pass
    assert "汇总结果，不用于考核" in text
    assert "不得用于考核、排名或问责" in text


def test_what_is_suppressed_in_print_is_suppressed_here(tree):
    assert "不足20人" in text_of(tree)
    assert "高于93%" in text_of(tree)


def test_what_a_team_types_cannot_become_markup():
    evil = '<script>alert("1")</script>&"'
    report = sample(footer=evil, title=evil)
    report = replace(report, blocks=(Chapter('a"><b', evil), Paragraph(evil)), cover=replace(report.cover, box=evil))
    page = county_page(report, folder=REPORTS)
    assert "<script" not in page
    assert Tree(page).open == []


def test_two_headings_with_one_key_get_two_anchors():
    page = county_page(sample(blocks=(Chapter("a", "甲"), Chapter("a", "乙"))), folder=REPORTS)
    assert 'id="a"' in page
    assert 'id="a-1"' in page
