"""Every built-in questionnaire has its whole report: each numbered figure and table, and no indicator left over."""

from __future__ import annotations

from functools import cache

import pytest

from fieldkit.render.document import county_pdf
from fieldkit.settings import resource
from fieldkit.stats.report import Chapter, CountyReport, DotChart, Figure, Numbered, Paragraph, Table
from tests.stats.people import people, questionnaire
from tests.stats.test_county import peer_frames, report

# What each chapter prints, in order: the keys of its figures and tables (two kinds of chart may share one number of
# the outline, where their axes differ).
PRINTED = {
    "full_burden": "components assessed load load_shares burden burden_items red_tape relief awareness obstacles "
    "patterns",
    "full_negotiation": "statuses rooms gaps room_items tasks addons channels outcomes mechanisms",
    "full_alliance": "participation roles joint tilt balance activities strengths boundaries innovation "
    "alliance_results selective",
    "full_coordination": "pressures sources attention response triggers strategies repertoire outcome status "
    "coordination_results",
    "full_pathway": "directions path_strengths path_classes stances active barriers rates",
}
ELSEWHERE = {"no_task_share", "lead_role_share"}  # said in a note; shown as the distribution it comes from


@cache
def of(form: str, n: int = 60) -> CountyReport:
    return report(people(n, form=form), form=form, peers=peer_frames(4, form=form))


@pytest.mark.parametrize("form", PRINTED)
def test_a_full_form_prints_every_figure_and_table_of_its_chapter(form: str) -> None:
    blocks = of(form).blocks
    starts = [at for at, b in enumerate(blocks) if isinstance(b, Chapter)]
    [first] = [at for at in starts if blocks[at].key == form.removeprefix("full_")]  # type: ignore[union-attr]
    after = next(at for at in starts if at > first)
    keys = [b.key for b in blocks[first:after] if isinstance(b, Figure | Table)]
    assert keys == PRINTED[form].split()


@pytest.mark.parametrize("form", PRINTED)
def test_every_public_indicator_of_a_full_form_is_on_a_page(form: str) -> None:
    found = of(form)
    names = {d.indicator for d in found.results}
    public = {i.id for i in questionnaire(form).indicators if not i.parameters.get("private")}
    assert public == names
    [methods] = [b for b in found.blocks if isinstance(b, Table) and b.key == "methods"]
    assert public <= {row[0].sub for row in methods.rows}
    drawn = {row.code for b in found.blocks if isinstance(b, Figure) for row in _rows(b)}
    drawn |= {stack.code for b in found.blocks if isinstance(b, Figure) for stack in getattr(b.chart, "stacks", ())}
    others = [b for b in found.blocks if isinstance(b, Table) and b.key != "methods"]
    tables = " ".join(cell.text for table in others for row in table.rows for cell in row)
    by_id = {i.id: i for i in questionnaire(form).indicators}
    for name in public - ELSEWHERE:
        title = (by_id[name].print_name or by_id[name].title).say("zh")
        assert name in drawn or f"{name}/categories" in drawn or title in tables, name


def _rows(figure: Figure) -> list[object]:
    return [row for group in getattr(figure.chart, "groups", ()) for row in group.rows]


@pytest.mark.parametrize("form", PRINTED)
def test_the_first_page_has_main_results_whatever_the_form_asks(form: str) -> None:
    [main] = [b for b in of(form).blocks if isinstance(b, Table) and b.key == "headline"]
    assert len(main.rows) >= 2
    assert any(isinstance(b, Numbered) for b in of(form).blocks[:5])


@pytest.mark.parametrize("form", ["short", *PRINTED])
def test_a_report_has_eight_to_fourteen_pages(form: str) -> None:
    pdf = county_pdf(of(form), folder=resource("reports"))
    assert 8 <= pdf.count(b"/Type /Page\n") <= 14


@pytest.mark.parametrize(("form", "key"), [("full_burden", "patterns"), ("full_coordination", "strategies")])
def test_sensitive_scales_carry_the_obligatory_sentence_and_no_peers(form: str, key: str) -> None:
    blocks = of(form).blocks
    [at] = [i for i, b in enumerate(blocks) if isinstance(b, Figure) and b.key == key]
    before, figure = blocks[at - 1], blocks[at]
    assert isinstance(before, Paragraph)
    assert "不表示回答者或其单位采取过这些做法" in before.text
    assert isinstance(figure, Figure)
    assert isinstance(figure.chart, DotChart)
    assert not figure.chart.peers
    assert all(row.number.peer is None for group in figure.chart.groups for row in group.rows)


def test_fifteen_people_see_no_sensitive_number() -> None:
    found = of("full_burden", 15)
    [figure] = [b for b in found.blocks if isinstance(b, Figure) and b.key == "patterns"]
    assert {row.count for group in figure.chart.groups for row in group.rows} == {"不足20人"}  # type: ignore[union-attr]
    assert "有效人数不足20人" in figure.note
    sensitive = {i.id for i in questionnaire("full_burden").indicators if i.sensitive}
    assert not {d.indicator for d in found.results} & sensitive


def test_the_four_dimensions_stand_between_their_poles() -> None:
    [figure] = [b for b in of("full_pathway").blocks if isinstance(b, Figure) and b.key == "directions"]
    rows = figure.chart.groups[0].rows  # type: ignore[union-attr]
    assert [bool(row.left and row.right) for row in rows] == [True] * 4 + [False]
    assert (figure.chart.axis.low, figure.chart.axis.high) == (-3, 3)  # type: ignore[union-attr]
