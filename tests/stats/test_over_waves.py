"""The chapter on waves and annex E, as a county reads them."""

from __future__ import annotations

import datetime
from dataclasses import replace
from functools import cache, reduce
from operator import add

import pytest

from fieldkit.stats.frame import frame
from fieldkit.stats.report import Chapter, CountyReport, Figure, Paragraph, Table, WaveChart
from fieldkit.stats.technical import Pooled
from fieldkit.stats.waves import WaveNumbers
from tests.stats.people import people, questionnaire, wave
from tests.stats.test_county import peer_frames, report, table

day = datetime.date


def field(number: int, opens: datetime.date):  # type: ignore[no-untyped-def]
    closes = opens + datetime.timedelta(13)
    return replace(
        wave(), id=f"w{number}", number=number, opens_on=opens, closes_on=closes, withdraw_until=closes,
        keep_until=day(2035, 1, 1),
    )  # fmt: skip


@cache
def before(n: int = 60, opens: datetime.date = day(2025, 11, 2), form: str = "short") -> WaveNumbers:
    """What the first wave told."""
    told: list[WaveNumbers] = []
    report(people(n, seed=9, form=form), form=form, wave=field(1, opens), tell=told.append)
    return told[0]


def second(earlier: WaveNumbers, n: int = 60, form: str = "short", **more: object) -> CountyReport:
    return report(people(n, seed=4, form=form), form=form, wave=field(2, day(2026, 11, 2)), earlier=[earlier], **more)  # type: ignore[arg-type]


def wave_chart(found: CountyReport) -> WaveChart:
    [chart] = [b.chart for b in found.blocks if isinstance(b, Figure) and b.key == "wave_scores"]
    assert isinstance(chart, WaveChart)
    return chart


def words(found: CountyReport) -> str:
    return "".join(b.text for b in found.blocks if isinstance(b, Paragraph))


def test_a_first_wave_has_no_chapter_on_waves_and_no_gap_in_the_numbering() -> None:
    found = report(people(60))
    chapters = [b for b in found.blocks if isinstance(b, Chapter)]
    assert "waves" not in {b.key for b in chapters}
    numbers = [b.number for b in chapters if b.number]
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]


def test_two_waves_stand_side_by_side_with_the_change() -> None:
    found = second(before())
    [block] = [b for b in found.blocks if isinstance(b, Table) and b.key == "waves"]
    assert "第1轮" in block.columns[1].head
    assert "n=60，版本1.0.0" in block.columns[1].head
    rows = {row[0].text: row for row in block.rows}
    assert rows["感知负担"][4].text == "可比"
    assert rows["感知负担"][1].sub == f"n={before().numbers['perceived_burden'].number.n}"
    assert rows["考核督查频次"][3].text == "未见明显变化"  # medians are only compared by overlap
    assert "两轮的回答者不是同一批人" in words(found)
    assert "感知负担：两轮之间未见明显变化" in words(found)


def test_the_earlier_number_is_the_one_that_was_printed_then() -> None:
    earlier = before()
    told = earlier.numbers["perceived_burden"].number
    found = second(earlier)
    [panel] = [p for p in wave_chart(found).panels if p.title == "感知负担"]
    assert panel.waves[0].value == str(told.value)
    assert panel.waves[1].joined


def test_changed_items_break_the_line_and_give_no_difference() -> None:
    found = second(before(), comparable=lambda name, *_: name != "perceived_burden")
    [panel] = [p for p in wave_chart(found).panels if p.title == "感知负担"]
    assert not panel.waves[1].joined
    assert panel.waves[1].broken == "问卷改版，前后不可比"
    row = next(r for r in table(found, "waves") if r[0] == "感知负担")
    assert row[3:] == ["—", "题目有改动，不可比"]
    assert "感知负担：两轮问卷的题目不同，不作比较。" in words(found)


def test_too_few_people_then_are_no_number_now() -> None:
    few = before(12)
    one = few.numbers["perceived_burden"]
    hidden = replace(one.number, status="suppressed_n", value=None, lo=None, hi=None, n=None)
    told = replace(few, numbers={**few.numbers, "perceived_burden": replace(one, number=hidden, exact=None)})
    row = next(r for r in table(second(told), "waves") if r[0] == "感知负担")
    assert (row[1], row[3], row[4]) == ("—", "—", "人数不足")


@pytest.mark.parametrize(("opens", "said"), [(day(2025, 11, 2), False), (day(2025, 4, 2), True)])
def test_another_season_is_noted(opens: datetime.date, said: bool) -> None:
    [block] = [b for b in second(before(60, opens)).blocks if isinstance(b, Table) and b.key == "waves"]
    assert ("年终考核前后" in block.note) == said


# annex E


def technical(form: str, n: int = 60, careless: int = 0) -> CountyReport:
    crowd = people(n, form=form)
    for r in people(careless, seed=8, form=form):
        wrong = {**r.answers, "core_attention": replace(r.answers["core_attention"], value=5)}
        crowd.append(replace(r, active_seconds=5, answers=wrong))
    frames = [frame(people(40, seed=20 + k, form=form), questionnaire(form)) for k in range(3)]
    return report(
        crowd, form=form, peers=peer_frames(3, form), pooled=reduce(add, map(Pooled.of, frames)),
        everyone=frame(crowd, questionnaire(form), excluded=True),
    )  # fmt: skip


def test_annex_e_tells_reliability_of_all_counties_and_results_without_exclusions() -> None:
    found = technical("short", careless=15)
    scales = table(found, "scales")
    assert [row[0] for row in scales] == ["感知负担", "感知谈判空间"]
    assert all(row[1].isdigit() for row in scales)
    without = {row[0]: row for row in table(found, "without")}
    assert int(without["感知负担"][4]) - int(without["感知负担"][2]) >= 10


def test_one_careless_answer_is_not_given_away_by_the_results_without_exclusions() -> None:
    without = {row[0]: row for row in table(technical("short", careless=1), "without")}
    assert without["感知负担"][3:] == ["—", "不公布"]


def test_the_pathway_classes_stand_at_three_cuts() -> None:
    rows = table(technical("full_pathway", 120), "cuts")
    assert [row[0] for row in rows] == ["56.25", "62.50", "68.75"]


def test_without_pooled_figures_the_table_of_scales_drops_out() -> None:
    assert not [b for b in report(people(60)).blocks if isinstance(b, Table) and b.key == "scales"]
