"""How numbers are set, and what a generated sentence must never say."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.core.problem import Problem
from fieldkit.formats.report_spec import read_wording
from fieldkit.settings import resource
from fieldkit.stats.wording import shown

ZH = read_wording(resource("reports") / "wording" / "county.zh.yaml")
EN = read_wording(resource("reports") / "wording" / "county.en.yaml")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (2.25, 1, "2.3"),
        (2.35, 1, "2.4"),
        (0.125, 2, "0.13"),
        (54.5, 0, "55"),
        (61.25, 1, "61.3"),
        (-2.25, 1, "−2.3"),
        (-0.04, 1, "0.0"),
        (100, 1, "100.0"),
        (58.24999999999999289, 1, "58.3"),
    ],
)
def test_numbers_round_half_up_with_a_true_minus(value: float, decimals: int, text: str) -> None:
    assert shown(value, decimals) == text


@given(st.floats(-1000, 1000), st.integers(0, 2))
def test_a_printed_number_is_never_further_than_half_a_step_away(value: float, decimals: int) -> None:
    back = float(shown(value, decimals).replace("−", "-"))
    assert abs(back - value) <= 0.5 * 10**-decimals + 1e-8


def test_intervals_with_a_minus_are_spaced() -> None:
    assert ZH.span(58.26, 68.2) == "58.3–68.2"
    assert ZH.span(-43.0, -11.1) == "−43.0 – −11.1"


def test_bounds_are_said_in_words() -> None:
    assert ZH.bound("<8", percent=True) == "低于8%"
    assert ZH.bound(">93", percent=True) == "高于93%"
    assert ZH.bound(">95", percent=False) == "高于95"


def test_a_period_within_one_year_says_the_year_once() -> None:
    day = datetime.date
    assert ZH.days(day(2026, 11, 2), day(2026, 11, 15)) == "2026年11月2日—11月15日"
    assert ZH.days(day(2026, 12, 20), day(2027, 1, 5)) == "2026年12月20日—2027年1月5日"


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("本县在各县中排名靠前。", "排名"),
        ("本县第3名。", "第3名"),
        ("本县位列第三名。", "第三名"),
        ("督查频繁导致负担加重。", "导致"),
        ("由于会议多，所以负担重。", "由于会议多，所以"),
        ("差异具有显著性。", "显著性"),
        ("P值小于0.05。", "P值"),
        ("全县干部认为负担较重。", "全县干部"),
        ("基层存在应付检查的情况。", "应付"),
        ("该县已达标。", "达标"),
        ("有一名干部提到会议过多。", "有一名干部"),
    ],
)
def test_ranking_cause_blame_and_jargon_stop_the_report(sentence: str, word: str) -> None:
    with pytest.raises(Problem) as caught:
        ZH.lint(sentence)
    assert caught.value.code == "report.forbidden_words"
    assert caught.value.facts == {"word": word, "sentence": sentence}


def test_a_forbidden_word_that_comes_in_with_a_fact_is_found_too() -> None:
    with pytest.raises(Problem):
        ZH.sentence("peers", peer_rule="全省排名相近的县")


def test_fixed_texts_are_exempt() -> None:
    assert "排名" in ZH.fixed("reading")
    assert len(ZH.lines("reading")) == 7
    assert ZH.fixed("reading").startswith("1. 结果来自自愿参加调查的干部")


def test_no_template_says_what_must_not_be_said() -> None:
    for wording in (ZH, EN):
        for key, text in wording.words.items():
            if key.startswith("sentences."):
                wording.lint(str(text))


def test_both_languages_have_the_same_words_with_the_same_facts() -> None:
    assert set(ZH.words) == set(EN.words)
    for key, text in ZH.words.items():
        if not key.startswith(("forbidden.", "fixed.", "dates.")) and isinstance(text, str):
            assert _facts(text) == _facts(str(EN.words[key])), key


def _facts(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))
