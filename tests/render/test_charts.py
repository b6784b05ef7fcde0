"""Charts: every kind has a builder, marks stand where their numbers say, and nothing hidden is drawn."""

from __future__ import annotations

import itertools
import typing
from dataclasses import replace

import pytest
from reportlab.graphics.shapes import Circle, Group, Path, Rect, String

from fieldkit.render.axes import bound_range, tick_words
from fieldkit.render.charts import BUILDERS, draw, parted, rows_in
from fieldkit.render.page import chart_rows
from fieldkit.render.pen import hatching
from fieldkit.render.style import load
from fieldkit.render.text import width_of
from fieldkit.settings import resource
from fieldkit.stats.disclose import Disclosed, Peer
from fieldkit.stats.report import (
    Axis,
    Chart,
    ClassChart,
    DotChart,
    Figure,
    LikertChart,
    QuartileChart,
    Row,
    Rows,
    Segment,
    ShareChart,
    Stack,
    Wave,
    WaveChart,
    Waves,
)
from tests.render.sample_report import SCORE, SHARE, sample

LOW, HIGH = 144.0, 344.0


@pytest.fixture(scope="module")
def style():
    return load(resource("reports"))


def shapes(drawing):
    def walk(contents):
        for shape in contents:
            if isinstance(shape, Group):
                yield from walk(shape.contents)
            else:
                yield shape

    return list(walk(drawing.contents))


def of(drawing, kind):
    return [s for s in shapes(drawing) if s._class == kind]


def words(drawing):
    return [s.text for s in shapes(drawing) if isinstance(s, String)]


def test_every_kind_of_chart_has_a_builder():
    assert set(BUILDERS) == set(typing.get_args(Chart))


def test_every_mark_of_a_chart_is_a_class_of_the_style_sheet(style):
    css = (resource("reports").parent / "fieldkit/web/static/figures.css").read_text("utf-8")
    plain = {"label", "pole", "value-word"}  # as .chart text
    names = set(style.marks) | set(style.words) | {f"step-{n}" for n in range(1, len(style.steps) + 1)}
    assert [name for name in sorted(names - plain) if f".{name} " not in css and f".{name}," not in css] == []


@pytest.mark.parametrize("figure", [b for b in sample().blocks if isinstance(b, Figure)], ids=lambda f: f.label)
def test_nothing_of_a_figure_lies_outside_its_drawing(style, figure):
    drawing = draw(figure.chart, style)
    for shape in shapes(drawing):
        if isinstance(shape, Rect):
            box = (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
        elif isinstance(shape, Circle):
            box = (shape.cx - shape.r, shape.cy - shape.r, shape.cx + shape.r, shape.cy + shape.r)
        elif isinstance(shape, Path):
            box = (min(shape.points[::2]), min(shape.points[1::2]), max(shape.points[::2]), max(shape.points[1::2]))
        else:
            box = (0, shape.y, 0, shape.y)
        assert box[0] >= -0.5, shape._class
        assert box[1] >= -0.5, shape._class
        assert box[2] <= drawing.width + 0.5, shape._class
        assert box[3] <= drawing.height + 0.5, shape._class


def test_a_dot_its_interval_and_its_peer_stand_on_the_axis(style):
    number = Disclosed("i", "mean", "ok", 50.0, 25.0, 75.0, n=44, peer=Peer(100.0, None, None, 5))
    chart = DotChart(SCORE, (Rows((Row("指标", number, "50.0", "25.0–75.0", "44"),)),), ("", "", ""), "本县", "同类县")
    drawing = draw(chart, style)
    assert [c.cx for c in of(drawing, "dot")][-1] == pytest.approx((LOW + HIGH) / 2)
    assert [c.cx for c in of(drawing, "ring")][-1] == pytest.approx(HIGH)
    (interval,) = of(drawing, "interval")
    assert min(interval.points[::2]) == pytest.approx(LOW + 50)
    assert max(interval.points[::2]) == pytest.approx(HIGH - 50)


def test_a_value_beyond_the_axis_stops_at_its_end(style):
    number = Disclosed("i", "median", "ok", 60.0, q1=20.0, q3=90.0, n=44)
    axis = Axis(0, 40, (0, 20, 40))
    drawing = draw(QuartileChart(axis, (Rows((Row("次数", number, "60.0"),)),), ("", "", "")), style)
    (bar,) = of(drawing, "quartile")
    assert (bar.x, bar.x + bar.width) == (pytest.approx(LOW + 100), pytest.approx(HIGH))


@pytest.mark.parametrize(
    "status", ["suppressed_n", "suppressed_unanimous", "suppressed_complement", "no_data", "not_comparable"]
)
@pytest.mark.parametrize("kind", [DotChart, QuartileChart, ShareChart])
def test_a_hidden_row_has_a_dash_and_no_mark_even_if_numbers_slipped_in(style, kind, status):
    number = Disclosed("i", "mean", status, 50.0, 40.0, 60.0, 45.0, 55.0, n=9, peer=Peer(51.0, None, None, 5))
    drawing = draw(kind(SCORE, (Rows((Row("指标", number, "—", "", "不足10人"),)),), ("", "", "")), style)
    for mark in ("dot", "ring", "interval", "quartile", "median", "bar", "range"):
        assert of(drawing, mark) == []
    assert words(drawing).count("—") == 2
    assert "不足10人" in words(drawing)


@pytest.mark.parametrize(("bound", "left", "right"), [("<8", LOW, LOW + 16), (">93", HIGH - 14, HIGH)])
def test_a_masked_share_is_an_outlined_range_without_a_dot(style, bound, left, right):
    number = Disclosed("i", "share", "masked_extreme", bound=bound, n=43)
    drawing = draw(ShareChart(SHARE, (Rows((Row("比例", number, "高于93%", "—", "43"),)),), ("", "", "")), style)
    (box,) = of(drawing, "range")
    assert (box.x, box.x + box.width) == (pytest.approx(left), pytest.approx(right))
    assert of(drawing, "bar") == of(drawing, "interval") == []


def test_a_masked_mean_on_a_signed_axis_reaches_from_the_end_of_the_axis():
    axis = Axis(-100, 100, (-100, 0, 100), signed=True)
    assert bound_range(Disclosed("i", "mean", "masked_tail", bound="<-95"), axis) == (-100, -95.0)
    assert bound_range(Disclosed("i", "mean", "masked_tail", bound=">95"), axis) == (95.0, 100)
    assert bound_range(Disclosed("i", "mean", "suppressed_n"), axis) is None


def stack(*shares):
    return Stack("题目", tuple(Segment(f"类别{n}", p, f"{p}%", n) for n, p in enumerate(shares)), count="44")


def test_the_steps_of_a_bar_fill_it_in_proportion(style):
    drawing = draw(LikertChart(("一", "二", "三", "四", "五"), (stack(10, 20, 40, 20, 10),)), style)
    bars = [s for s in shapes(drawing) if s._class.startswith("step-") and s.height > 12]
    assert [b._class for b in bars] == ["step-1", "step-3", "step-5", "step-7", "step-9"]
    assert bars[2].width == pytest.approx(0.4 * 256 - 0.8)
    assert len(of(drawing, "hatch")) == 1


@pytest.mark.parametrize("shares", [(2, 21, 36, 32, 9), (40, 30, 25, 3, 2), (1, 1, 1, 1, 96), (96, 1, 1, 1, 1)])
def test_every_step_of_an_ordered_bar_carries_its_number_inside_or_above_it(style, shares):
    drawing = draw(LikertChart(("一", "二", "三", "四", "五"), (stack(50, 50), stack(*shares), stack(50, 50))), style)
    assert sorted(w for w in words(drawing) if w.endswith("%") and w != "100%") == sorted(
        [*(f"{p}%" for p in shares), *["50%"] * 4]
    )
    bars = [s for s in shapes(drawing) if s._class.startswith("step-") and s.height > 12]
    small = sorted(of(drawing, "name"), key=lambda s: s.x)
    tops = {b.y + b.height for b in bars}
    assert all(min(s.y - top for top in tops if top <= s.y) < 5 for s in small)  # right above its own bar
    assert not any(b.y - 3 < s.y + 6 and s.y <= b.y + b.height for s in small for b in bars)  # clear of the row above
    half = {id(s): width_of(s.text, style.words["name"]) / 2 for s in small}
    assert all(a.x + half[id(a)] <= b.x - half[id(b)] + 0.01 for a, b in itertools.pairwise(small))


def test_the_table_beside_a_bar_names_the_steps_that_were_merged():
    merged = Segment("非常不同意、比较不同意", 12, "12*", 1, merged=True)
    chart = LikertChart(("非常不同意", "比较不同意", "一般"), (Stack("题目", (merged, Segment("一般", 88, "88", 2))),))
    say = load(resource("reports")).say("zh")
    assert chart_rows(chart, say)[1] == [["题目", "", "12*（非常不同意、比较不同意）", "88", ""]]


def test_a_number_that_does_not_fit_its_step_is_left_out_and_said_beside_the_name(style):
    drawing = draw(ClassChart((stack(60, 37, 2),)), style)
    assert "60%" in words(drawing)
    assert "2%" not in words(drawing)
    assert any("类别2" in w and "2%" in w for w in words(drawing))


def test_names_under_a_bar_never_run_into_each_other(style):
    for shares in ((88, 3, 3, 3, 3), (3, 3, 3, 3, 88), (20, 20, 20, 20, 20), (45, 4, 4, 4, 43)):
        drawing = draw(ClassChart((stack(*shares),)), style)
        names = sorted(of(drawing, "name"), key=lambda s: s.x)
        spans = [
            (s.x - width_of(s.text, style.words["name"]) / 2, s.x + width_of(s.text, style.words["name"]) / 2)
            for s in names
        ]
        assert all(a[1] <= b[0] + 0.01 for a, b in itertools.pairwise(spans)), shares
        assert spans[0][0] >= -0.01
        assert spans[-1][1] <= 472.51


def test_many_classes_get_a_legend_with_every_name_and_number(style):
    drawing = draw(ClassChart((stack(30, 20, 10, 10, 10, 10, 5, 5),)), style)
    for n, p in enumerate((30, 20, 10, 10, 10, 10, 5, 5)):
        assert f"类别{n} {p}%" in words(drawing)


def test_words_stand_in_place_of_a_bar_that_is_suppressed(style):
    hidden = replace(stack(), suppressed="有效人数不足10人，按规则不公布")
    for chart in (LikertChart(("一", "二"), (hidden,)), ClassChart((hidden,))):
        drawing = draw(chart, style)
        assert any("有效人数不足10人" in w for w in words(drawing))
        assert not any(s._class.startswith("step-") and s.height > 12 for s in shapes(drawing))


def test_long_labels_wrap_beside_the_axis(style):
    number = Disclosed("i", "mean", "ok", 50.0, n=44)
    label = "民生服务与基础设施建设、移民搬迁和其他需要多个部门共同办理的事项"
    drawing = draw(DotChart(SCORE, (Rows((Row(label, number, "50.0"),)),), ("", "", "")), style)
    lines = [s.text for s in of(drawing, "label")]
    assert len(lines) > 1
    assert "".join(lines) == label


def test_hatching_stays_inside_its_box():
    for x1, y1, x2, y2 in hatching(10, 20, 33.3, 15):
        assert 10 - 1e-9 <= min(x1, x2) <= max(x1, x2) <= 43.3 + 1e-9
        assert 20 - 1e-9 <= min(y1, y2) <= max(y1, y2) <= 35 + 1e-9
        assert abs(abs(x2 - x1) - abs(y2 - y1)) < 1e-9


def test_ticks_carry_true_minus_signs():
    assert [tick_words(t, True) for t in (-100, 0, 50)] == ["−100", "0", "+50"]


@pytest.mark.parametrize("after", [1, 2])
def test_a_divided_chart_keeps_every_row_and_its_group(after):
    chart = next(b.chart for b in sample().blocks if isinstance(b, Figure) and b.label == "图13")
    first, second = parted(chart, after)
    assert rows_in(first) == after
    say = {"item": "项目", "value": "结果"}
    assert chart_rows(first, say)[1] + chart_rows(second, say)[1] == chart_rows(chart, say)[1]


def test_the_words_of_two_breaks_never_stand_on_one_line(style):
    said = "问卷改版，前后不可比"
    number = Disclosed("tightness", "mean", "ok", 50.0, 46.0, 54.0, n=40)
    waves = tuple(Wave(f"第{n}轮", number, "50.0", broken=said if n > 1 else "") for n in (1, 2, 3))
    drawing = draw(WaveChart(SCORE, (Waves("联盟紧密度", waves),)), style)
    heights = [s.y for s in of(drawing, "when") if s.text == said]
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) >= 9
