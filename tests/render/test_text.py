"""Lines of Chinese: where they may end, what stands between characters, what is refused."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldkit.core.problem import Problem
from fieldkit.render.style import load
from fieldkit.render.text import compose, full, lines_of, set_text, width_of
from fieldkit.settings import resource

NEVER_FIRST = set("，。、；：？！）》〉」』】〕”’·—–…/％℃")
NEVER_LAST = set("（《〈「『【〔“‘")
TORTURE = (
    "参加调查的44名干部中，感知负担平均为63.3分（0—100分，分数越高表示感到的负担越重），95%区间为58.1—68.3分。“您所在单位”（乡镇、街道、村、社区）"
    "——含《规定动作》和“自选动作”……是否参加了党建联盟（包括红色联盟、区域化党建共建等）？指标bur_pb1、perceived_negotiating_room：次/月；"
    "第2轮在2026年11月2日—11月15日进行，n=44，倾向值−27.0（“−100”表示全部为规定动作）！「其他」、『说不清』【见附录】〔2026〕3号。"
)


@pytest.fixture(scope="module")
def style():
    return load(resource("reports"))


def words(style, name="body"):
    return style.texts[name]


@pytest.mark.parametrize("name", ["body", "cell", "note", "h1"])
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(style, name):
    for tenths in range(70, 480, 3):
        lines = lines_of(TORTURE, words(style, name), tenths * words(style, name).size / 10)
        assert "".join(lines).replace(" ", "") == full(TORTURE).replace(" ", "")
        for line in lines[1:]:
            assert line[0] not in NEVER_FIRST, (tenths, line)
        for line in lines[:-1]:
            assert line.rstrip()[-1] not in NEVER_LAST, (tenths, line)


SENTENCES = st.lists(
    st.one_of(
        st.text("基层干部调查负担协作", min_size=1, max_size=6),
        st.sampled_from(["44", "95%", "58.1—68.3", "bur_pb1", "n=44", "Wilson"]),
        st.sampled_from([*"，。、；：？！", "）。", "”，", "）、"]),
        st.sampled_from(["（甲", "“乙", "《丙", "——", "/", "·"]),
    ),
    min_size=4,
    max_size=60,
).map(lambda parts: "基层" + "干部".join(parts) + "调查。")


@settings(max_examples=200, deadline=None)
@given(text=SENTENCES, ems=st.integers(9, 46))
def test_line_ends_are_proper_for_any_text_and_width(text, ems):
    body = load(resource("reports")).texts["body"]
    setting = set_text(text, body, ems * body.size)
    lines = [line.text for line in setting.lines]
    assert "".join(lines) == full(text)
    for line in lines[1:]:
        assert line[0] not in NEVER_FIRST
    for line in lines[:-1]:
        assert line[-1] not in NEVER_LAST
    for line in setting.lines:
        assert line.width <= line.room + 1e-6


def test_numbers_names_and_intervals_never_break(style):
    for width in range(90, 420, 7):
        for line in lines_of("区间为58.1—68.3分，题目bur_pb1至bur_pb6，占95%。" * 3, words(style), width):
            assert set(re.findall(r"[0-9A-Za-z_.%—]+", line)) <= {"58.1—68.3", "bur_pb1", "bur_pb6", "95%"}


def test_a_number_keeps_its_unit(style):
    for width in range(140, 460, 5):
        lines = lines_of("本轮共收到47份答卷，第2轮在11月15日结束，共5个县，同省其他县35个。" * 2, words(style), width)
        for line, following in itertools.pairwise(lines):
            assert not (line[-1].isdigit() and following[0] in "份轮月日个")
            assert not (line[-1] == "第" and following[0].isdigit())


def test_an_id_wider_than_its_column_breaks_after_an_underscore(style):
    lines = lines_of("perceived_negotiating_room", words(style, "cell"), 70)
    assert lines == ["perceived_", "negotiating_", "room"]


def test_a_word_without_any_joint_still_stays_in_its_column(style):
    cell = words(style, "cell")
    setting = set_text("Llanfairpwllgwyngyllgogerychwyrndrobwll", cell, 60)
    assert all(line.width * cell.size <= 60.01 for line in setting.lines)


def test_a_last_line_of_one_character_takes_some_from_the_line_before(style):
    body = words(style)
    for count in range(88, 140):
        lines = lines_of("调" * (count - 1) + "。", body, 45 * body.size)
        assert len(lines[-1]) >= 3, count


def test_marks_beside_each_other_share_their_empty_halves(style):
    cell = words(style, "cell")
    assert width_of("县）。", cell) == pytest.approx(width_of("县", cell) + 1 * cell.size)  # ）and 。half each
    assert width_of("县（乡", cell) == pytest.approx(3 * cell.size)


def test_a_latin_word_gets_air_and_nothing_is_inserted(style):
    cell = words(style, "cell")
    assert width_of("共44份", cell) == pytest.approx(width_of("44", cell) + (2 + 0.24) * cell.size)
    assert lines_of("共44份", cell, 200) == ["共44份"]
    assert width_of("次/月", cell) == pytest.approx(width_of("/", cell) + 2 * cell.size)


def test_ascii_marks_between_chinese_words_become_full_width():
    assert full("县域(试点)调查: 第2轮, 共3题;完") == "县域（试点）调查：第2轮，共3题；完"
    assert full("63.3 (n=44)") == "63.3 (n=44)"
    assert full("比例1:2, 时间12:30, 1,250人") == "比例1:2，时间12:30, 1,250人".replace("12:30, 1", "12:30, 1")
    assert full("the township's “own” tasks") == 'the township\'s "own" tasks'


def test_strong_words_are_marked_with_two_asterisks(style):
    c = compose("平均为**63.3分**。", style.regular, style.strong)
    assert [t for t, strong in zip(c.texts, c.strong, strict=True) if strong] == ["63.3", "分"]
    assert lines_of("2**3", words(style), 100) == ["2**3"]


def test_titles_break_into_lines_of_like_length(style):
    lines = lines_of("基层工作负担与治理协作调查汇总报告（第二轮）", words(style, "title"), 400)
    assert len(lines) == 2
    assert abs(len(lines[0]) - len(lines[1])) <= 3


def test_a_character_that_the_font_lacks_is_named(style):
    with pytest.raises(Problem) as caught:
        lines_of("村名𡌶和𣒍", words(style), 200)
    assert caught.value.code == "report.missing_glyph"
    assert caught.value.facts["characters"] == "𡌶 U+21336、𣒍 U+2348D"
