"""Overview, technical report and codebook: what they hold, and what they never say."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from fieldkit.core.change import Comparable
from fieldkit.core.place import Place
from fieldkit.core.problem import Problem
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.formats.report_spec import read_layout, read_wording
from fieldkit.formats.table_csv import county_csv
from fieldkit.formats.table_csv_read import read_county_csv
from fieldkit.settings import resource
from fieldkit.stats.codebook import codebook
from fieldkit.stats.county import county_report
from fieldkit.stats.county import plan as make_plan
from fieldkit.stats.disclose import FEW
from fieldkit.stats.frame import ANSWERED, frame
from fieldkit.stats.overview import Told, overview
from fieldkit.stats.report import CountyReport, Figure, RowChart, Table
from fieldkit.stats.technical_report import EarlierVersion, Flow, hidden_codes, technical_report
from fieldkit.stats.wording import Wording, shown
from tests.stats.people import COUNTY, people, questionnaire, wave

REPORTS = resource("reports")
DATED = datetime.date(2026, 11, 21)
SHORT = questionnaire("short")


def words(name: str, language: str = "zh") -> Wording:
    return read_wording(REPORTS / "wording" / f"{name}.{language}.yaml")


def plan(name: str):  # type: ignore[no-untyped-def]
    return make_plan(read_layout(REPORTS / "layouts" / f"{name}.yaml"), SHORT)


def tables(found: CountyReport) -> dict[str, list[list[str]]]:
    """The rows of every table by its key, without the heads of groups."""
    shown = [b for b in found.blocks if isinstance(b, Table)]
    return {b.key: [[c.text for c in row] for row in b.rows if len(row) > 1] for b in shown}


@cache
def issued(n: int, seed: int) -> dict:  # type: ignore[type-arg]
    """What a county's issued table holds."""
    report = county_report(
        plan=plan("county"), wording=words("county"), county=COUNTY, wave=wave(), dated=DATED,
        frame=frame(people(n, seed=seed), SHORT),
    )  # fmt: skip
    return {"report": report, "numbers": read_county_csv(county_csv(report))}


def side_by_side(language: str = "zh", sizes: Mapping[str, int] | None = None, seeds: int = 10**6) -> CountyReport:
    sizes = sizes or {"330502": 30, "330122": 12, "330500": 25}
    told = [
        Told(Place(code, f"县{code}", "county", "330000"), code[:4], n, issued(n, int(code) % seeds)["numbers"])
        for code, n in sizes.items()
    ]
    return overview(
        plan=plan("overview"), wording=words("overview", language), wave=wave(), counties=told, without=1,
        empty=frame((), SHORT), dated=DATED, name="某省",
    )  # fmt: skip


def test_a_county_table_is_read_back_as_it_was_printed() -> None:
    one = issued(40, 7)
    for number in one["report"].results:
        if number.group or number.statistic in ("categories", "options"):
            continue
        read = one["numbers"][number.indicator]
        assert (read.statistic, read.status, read.value, read.bound) == (
            number.statistic, number.status, number.value, number.bound,
        )  # fmt: skip
        assert read.n in (number.n, None)


def test_counties_stand_in_the_order_of_their_codes_in_every_figure() -> None:
    found = side_by_side()
    order = ["县330122", "县330500", "县330502"]
    assert [row[1] for row in tables(found)["counties"]] == order
    figures = [b for b in found.blocks if isinstance(b, Figure)]
    assert len(figures) >= 6
    for figure in figures:
        assert isinstance(figure.chart, RowChart)
        labels = [row.label for group in figure.chart.groups for row in group.rows]
        assert labels == [name for name in order if name in labels]


def test_behind_each_county_stand_the_others_and_not_itself() -> None:
    [figure] = [b for b in side_by_side().blocks if isinstance(b, Figure) and b.key.endswith("perceived_burden")]
    rows = [row for group in figure.chart.groups for row in group.rows]  # type: ignore[union-attr]
    values = [row.number.value for row in rows]
    for row in rows:
        assert sorted(row.others) == sorted(
            v for r, v in zip(rows, values, strict=True) if r is not row and v is not None
        )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_overview_ranks_nothing(language: str) -> None:
    found = side_by_side(language)
    said = " ".join(b.note + b.title for b in found.blocks if isinstance(b, Figure))
    assert not words("county").forbidden.search(said)


def test_an_overview_without_counties_says_so() -> None:
    with pytest.raises(Problem) as caught:
        overview(
            plan=plan("overview"), wording=words("overview"), wave=wave(), counties=[], without=3,
            empty=frame((), SHORT), dated=DATED, name="",
        )  # fmt: skip
    assert caught.value.code == "report.overview_none"


def technical(
    n: int = 120, *, submitted: int | None = None, language: str = "zh", **more: object
) -> CountyReport:
    whole = frame(people(n, seed=3), SHORT)
    submitted = n + 5 if submitted is None else submitted
    flow = Flow(9, 8, 400, 3, 2, submitted, 1, whole.n_analysed, 8.25)
    flags = {"attention_fail": 7, "speeder": 2, "straightline": 0, "not_independent": 4, "duplicate": 0, "excluded": 5}
    return technical_report(
        plan=plan("technical"), wording=words("technical", language), wave=wave(), whole=whole, flow=flow, flags=flags,
        dated=DATED, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_fewer_than_three_people_are_never_counted_out() -> None:
    found = tables(technical())
    flow = {row[0]: row[1] for row in found["flow"]}
    assert flow["提交后撤回"] == "不足3"
    assert flow["不同意参加"] == "5"
    assert flow["同一份答卷两次内容不同"] == "不足3"
    speeder, straightline = found["flags"][1:3]
    assert speeder[1:] == straightline[1:] == ["不足3", "—"]  # nobody is told as little as two people


def test_numbers_of_people_stand_in_steps_so_that_no_report_less_another_tells_of_one() -> None:
    """Neither the reports of two days, nor a report less those of the counties, in which k of a step is hidden."""
    for n in (120, 121, 123):
        found = tables(technical(n))
        flow = [row[1] for row in found["flow"] if row[0] in ("不同意参加", "提交答卷", "计入分析")]
        counts = [*flow, *(row[1] for row in found["flags"])]
        counts += [cell for row in found["items"] for cell in row[2:8]]
        counts += [row[2] for row in found["distributions"]]
        assert {int(cell) % 5 for cell in counts if cell.isdigit()} == {0}
        assert {cell for cell in counts if not cell.isdigit()} <= {"不足3", "—"}
        percents = [row[3] for row in found["distributions"]] + [row[2] for row in found["flags"]]
        assert {int(cell.rstrip("%")) % 5 for cell in percents if cell != "—"} == {0}  # two of 120 are more than 1 %


def test_items_count_every_answer() -> None:
    whole = frame(people(120, seed=3), SHORT)
    for row in tables(technical())["items"]:
        answered = int((whole.reasons[row[0]] == ANSWERED).sum())
        assert row[2] == ("不足3" if answered < 3 else str((answered + 2) // 5 * 5)), row


def test_means_stand_for_scales_and_numbers_only() -> None:
    rows = {row[0]: row for row in tables(technical())["items"]}
    assert rows["bur_pb1"][8] != "—"
    assert rows["bur_af1"][8] != "—"
    assert rows["core_post"][8] == "—"


def test_no_hidden_code_can_be_worked_out_from_the_others() -> None:
    rng = random.Random(4)
    for _ in range(300):
        counts = {code: rng.choice([0, 1, 2, 3, 8, 20]) for code in range(5)}
        hidden = hidden_codes(counts)
        left = sum(counts[c] for c in hidden)
        assert left == 0 or left >= FEW or all(counts[c] == 0 for c in counts if c not in hidden)


def test_the_table_of_scales_prints_alpha_and_omega_of_the_whole_wave() -> None:
    row = {row[0]: row for row in tables(technical(200))["reliability"]}["感知负担"]
    whole = frame(people(200, seed=3), SHORT)
    items = next(i for i in SHORT.indicators if i.id == "perceived_burden").items
    raw = np.column_stack([6 - whole.numbers[i] if SHORT.items[i].reverse else whole.numbers[i] for i in items])
    raw = raw[~np.isnan(raw).any(axis=1)]
    k = raw.shape[1]
    alpha = k / (k - 1) * (1 - raw.var(axis=0, ddof=1).sum() / raw.sum(axis=1).var(ddof=1))
    assert row[2] == str(len(raw))
    assert row[3] == shown(float(alpha), 2)


def test_below_thirty_complete_answers_no_scale_is_judged() -> None:
    for row in tables(technical(20))["reliability"]:
        assert row[3:6] == ["—", "—", "—"]


def test_earlier_versions_say_what_can_be_compared_and_why_not() -> None:
    verdicts = {i.id: Comparable() for i in SHORT.indicators}
    verdicts["perceived_burden"] = Comparable("item", ("bur_pb6",))
    found = tables(technical(earlier=[EarlierVersion("0.9.0", verdicts)]))
    rows = {row[0]: row[1] for row in found["comparability"]}
    assert rows["感知负担"] == "题目不全相同"
    assert rows["留痕迎检工时"] == "可比"


@pytest.mark.parametrize(("n", "submitted", "code"), [(0, 0, "report.no_answers"), (9, 9, "report.few_answers")])
def test_too_few_answers_make_no_technical_report(n: int, submitted: int, code: str) -> None:
    with pytest.raises(Problem) as caught:
        technical(n, submitted=submitted)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["short", "full_burden", "full_negotiation", "full_alliance", "full_coordination",
                                  "full_pathway", "case_timeline"])  # fmt: skip
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_codebook_names_every_item_and_indicator_and_quotes_shortly(name: str, language: str) -> None:
    library = load_library(resource("instruments"))
    asked = library.questionnaire(name)
    modules = [library.module(one, version) for one, version in asked.modules.items()]
    found = codebook(
        layout=read_layout(REPORTS / "layouts" / "codebook.yaml"), wording=words("codebook", language),
        questionnaire=asked, modules=modules, dated=DATED,
    )  # fmt: skip
    told = tables(found)
    items = {row[0] for key, rows in told.items() if key.startswith("items.") for row in rows}
    assert items == {item.id for item in asked}
    listed = [b for b in found.blocks if isinstance(b, Table) and b.key == "formulas"]
    assert {row[0].sub for table in listed for row in table.rows} == {i.id for i in asked.indicators}
    for module in modules:
        for construct in module.constructs:
            if len(construct.quotation) > 25:
                assert construct.quotation not in str(found.blocks)
