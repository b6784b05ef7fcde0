"""Input that no page was made for: a correct page, or words that say what is wrong."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace

import pytest

from fieldkit.core.item import Option
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.render.document import county_pdf
from fieldkit.render.page import county_page
from fieldkit.settings import resource
from fieldkit.stats.county import county_report, plan
from fieldkit.stats.frame import frame
from fieldkit.stats.report import Figure, RowChart
from fieldkit.translations import explain
from tests.attack import pdf_text
from tests.stats.people import COUNTY, people, person, questionnaire, wave
from tests.stats.test_county import DATED, LAYOUT, WORDS, report

FOLDER = resource("reports")


def asked(options: list[str]):
    """The short questionnaire with these words for the kinds of tasks."""
    short = questionnaire()
    codes = [*range(1, len(options) + 1)]
    words = tuple(Option(code, Text(zh=text, en=text)) for code, text in zip(codes, options, strict=True))
    sections = tuple(
        replace(s, items=tuple(replace(i, options=words, relevance="") if i.id == "core_years" else i for i in s.items))
        for s in short.sections
    )
    return replace(short, sections=sections)


def of(options: list[str], n: int = 60):
    whole = asked(options)
    laid = plan(LAYOUT, whole)
    crowd = [person(whole, i, given={"core_years": 1 + i % len(options)}) for i in range(n)]
    return county_report(
        plan=laid, wording=WORDS["zh"], county=COUNTY, wave=wave(), frame=frame(crowd, whole), dated=DATED
    )


def pages(pdf: bytes) -> int:
    done = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True)
    return int(re.search(rb"Pages:\s+(\d+)", done.stdout)[1])  # type: ignore[index]


def test_options_of_three_hundred_characters_are_wrapped_and_whole() -> None:
    long = ["镇" * 299 + str(k) for k in range(1, 6)]
    found = of(long)
    text = re.sub(r"\s", "", pdf_text(county_pdf(found, folder=FOLDER)))
    assert text.count("镇") >= 5 * 299
    assert long[0] in county_page(found, folder=FOLDER)


def test_five_hundred_options_keep_their_pages() -> None:
    found = of([f"选项{k}" for k in range(1, 501)], n=80)
    pdf = county_pdf(found, folder=FOLDER)
    assert "选项500" in re.sub(r"\s", "", pdf_text(pdf))  # in annex A, word for word
    assert pages(pdf) < 40
    [profile] = [b for b in found.blocks if getattr(b, "key", "") == "profile"]
    years = [row for row in profile.rows if row[1].text.startswith("选项")]  # type: ignore[union-attr]
    assert not years  # nobody shares an option with two others: all are 其他, and that is no distribution


def test_a_character_without_a_glyph_is_named() -> None:
    with pytest.raises(Problem) as caught:
        county_pdf(of(["乡\U00030ede", "村", "镇"]), folder=FOLDER)
    assert caught.value.code == "report.missing_glyph"
    assert "\U00030ede" in str(caught.value.facts["characters"])


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("乡\u202e镇", "乡镇"),  # right to left
        ("乡\u200d镇\ufe0f", "乡镇"),  # joiner, variant
        ("乡\x07镇", "乡镇"),  # control
        ("乡\r\n镇", "乡镇"),  # another system's line break
        ("cafe\u0301馆", "café馆"),  # an accent of its own
        ("\uf9cd县", "留县"),  # a second code of the same character
    ],
)
def test_characters_that_nobody_sees_do_not_stop_a_report(typed: str, printed: str) -> None:
    found = of([typed, "村", "居"])
    pdf, page = county_pdf(found, folder=FOLDER), county_page(found, folder=FOLDER)
    assert printed in re.sub(r"\s", "", pdf_text(pdf))
    info = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    [hashed] = re.findall(r'name="content-sha256" content="([0-9a-f]{64})"', page)
    assert f"content-sha256:{hashed}" in info


@pytest.mark.parametrize("typed", ["😀", "مرحبا", "𠮷", "\U00030ede"])
def test_characters_of_no_font_are_named_with_their_code_and_where_they_stand(typed: str) -> None:
    with pytest.raises(Problem) as caught:
        county_pdf(of([f"乡{typed}", "村", "镇"]), folder=FOLDER)
    assert f"U+{ord(typed[0]):04X}" in str(caught.value.facts["characters"])
    assert typed[0] in str(caught.value.facts["text"])
    for language in ("zh", "en"):
        message, remedy = explain(caught.value, language)
        assert "{" not in message + remedy


def test_a_wave_without_answers_has_no_report() -> None:
    with pytest.raises(Problem) as caught:
        report([])
    assert caught.value.code == "report.suppressed"


def test_an_indicator_that_this_version_does_not_have_drops_out_of_every_page() -> None:
    short = questionnaire()
    older = replace(short, indicators=tuple(i for i in short.indicators if i.id != "perceived_burden"))
    found = county_report(
        plan=plan(LAYOUT, older),
        wording=WORDS["zh"],
        county=COUNTY,
        wave=wave(),
        frame=frame(people(60), older),
        dated=DATED,
    )
    text = pdf_text(county_pdf(found, folder=FOLDER))
    assert "感知负担的平均分" not in text
    charts = [b.chart for b in found.blocks if isinstance(b, Figure) and isinstance(b.chart, RowChart)]
    assert all(row.code != "perceived_burden" for chart in charts for group in chart.groups for row in group.rows)


def test_pdf_and_page_carry_the_same_content_hash_outline_and_language() -> None:
    found = report(people(60))
    pdf, page = county_pdf(found, folder=FOLDER), county_page(found, folder=FOLDER)
    [hashed] = re.findall(r'name="content-sha256" content="([0-9a-f]{64})"', page)
    info = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    assert f"content-sha256:{hashed}" in info
    assert b"/Lang (zh" in pdf
    assert b"/Outlines" in pdf
    other = county_page(report(people(61)), folder=FOLDER)
    assert hashed not in other
