"""The committed fonts hold every character that a report may have to print, in both weights."""

from __future__ import annotations

import re

import pytest
from reportlab.pdfbase import pdfmetrics

from fieldkit.render.style import load
from fieldkit.settings import resource

REPORTS = resource("reports")
NOT_IN_NOTO = {"\U00021336", "\U0002348d"}  # two villages; see reports/fonts/README.md


@pytest.fixture(scope="module")
def style():
    return load(REPORTS)


def test_both_weights_have_the_same_characters(style):
    regular, strong = (pdfmetrics.getFont(name).face.charToGlyph for name in (style.regular, style.strong))
    assert set(regular) == set(strong)


def test_every_character_of_the_list_is_in_the_fonts(style):
    listed = set((REPORTS / "fonts" / "characters.txt").read_text("utf-8")) - {"\n"}
    assert len(listed) > 9000
    assert style.missing("".join(listed)) == NOT_IN_NOTO


@pytest.mark.parametrize("folder", ["instruments", "reports"])
def test_every_character_of_our_instruments_places_and_wording_is_in_the_fonts(style, folder):
    files = [p for p in resource(folder).rglob("*") if p.suffix in (".yaml", ".csv", ".json")]
    assert files
    for path in files:
        assert style.missing(re.sub(r"[\r\t\ufeff]", "", path.read_text("utf-8"))) == set(), path.name


def test_the_marks_that_reports_use_are_in_the_fonts(style):
    assert (
        style.missing("–—−≤≥±×÷√²ΣαΔ·•○●◆①②③④⑤⑥⑦⑧⑨⑩℃%‰％《》〈〉「」『』【】〔〕“”‘’、。，；：？！（）…→←↑↓□■△")
        == set()
    )
