"""Draw the charts of a report: chart -> reportlab Drawing, the same for paper and for the page on screen.

BUILDERS has one builder for each kind of chart (in rows, bars, waves). A builder fills a Pen from the top down and
asks it for the drawing. Every shape carries the name of its mark or words (`_class`), which is its class in the SVG.
All charts share the columns of reports/style/paper.yaml, so axes line up down a page and rows read like a table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reportlab.graphics.shapes import Drawing

from fieldkit.render.bars import classes, likert
from fieldkit.render.rows import dots, quartiles, shares
from fieldkit.render.style import Style
from fieldkit.render.waves import marks_explained, waves
from fieldkit.stats.report import (
    Chart,
    ClassChart,
    DotChart,
    KeyChart,
    LikertChart,
    QuartileChart,
    Row,
    Rows,
    ShareChart,
    WaveChart,
)

BUILDERS: dict[type, Callable[[Any, Style], Drawing]] = {
    DotChart: dots,
    QuartileChart: quartiles,
    ShareChart: shares,
    LikertChart: likert,
    ClassChart: classes,
    WaveChart: waves,
    KeyChart: marks_explained,
}


def draw(chart: Chart, style: Style) -> Drawing:
    """The chart as a drawing as wide as the text; paper and page of one report share it, so nobody may change it."""
    key = id(chart), id(style)
    kept = _drawn.get(key)
    if kept is None or kept[0] is not chart or kept[1] is not style:
        if len(_drawn) >= MOST_KEPT:
            _drawn.clear()
        kept = _drawn[key] = chart, style, BUILDERS[type(chart)](chart, style)
    return kept[2]


MOST_KEPT = 64  # drawings: those of one report
_drawn: dict[tuple[int, int], tuple[Chart, Style, Drawing]] = {}


def rows_in(chart: Chart) -> int:
    """How many rows a chart has; 0 for one that cannot be divided."""
    if isinstance(chart, LikertChart | ClassChart):
        return len(chart.stacks)
    if isinstance(chart, WaveChart):
        return len(chart.panels)
    return 0 if isinstance(chart, KeyChart) else sum(len(group.rows) for group in chart.groups)


def group_ends(chart: Chart) -> list[int]:
    """After how many rows a group ends."""
    groups = getattr(chart, "groups", ())
    return [sum(len(group.rows) for group in groups[: n + 1]) for n in range(len(groups))]


def parted(chart: Chart, after: int) -> tuple[Chart, Chart]:
    """The chart as two, the first with so many rows; a group that goes on has its head in both."""
    if isinstance(chart, LikertChart | ClassChart):
        return replace(chart, stacks=chart.stacks[:after]), replace(chart, stacks=chart.stacks[after:])
    if isinstance(chart, WaveChart):
        return replace(chart, panels=chart.panels[:after]), replace(chart, panels=chart.panels[after:])
    assert not isinstance(chart, KeyChart)
    flat = [(n, row) for n, group in enumerate(chart.groups) for row in group.rows]

    def back(part: list[tuple[int, Row]]) -> tuple[Rows, ...]:
        numbers = dict.fromkeys(n for n, _ in part)
        return tuple(Rows(tuple(row for m, row in part if m == n), chart.groups[n].head) for n in numbers)

    return replace(chart, groups=back(flat[:after])), replace(chart, groups=back(flat[after:]))
