"""Every indicator is declared as the domain says: range, statistic, threshold, direction, chart; and keeps to it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldkit.core.answer import Answer
from fieldkit.core.instrument import Indicator
from fieldkit.formats.report_spec import read_layout
from fieldkit.settings import resource
from fieldkit.stats.disclose import Thresholds
from fieldkit.stats.frame import frame
from fieldkit.stats.indicators import compute
from fieldkit.stats.indicators.column import Computed
from fieldkit.stats.layout import Bars, Classes, Dots, HeadlineTable, Listed, MedianTable, Quartiles, RowFigure, Shares
from fieldkit.stats.results import measure
from tests.stats.people import people, questionnaire
from tests.stats.test_indicators import FORMS, VECTORS, home

DECLARED = json.loads((Path(__file__).resolve().parent.parent / "cases" / "indicators.json").read_text("utf-8"))
# parts of declared ones
EXTRA = {"no_task_share", "innovation_diffusion", "alliance_n", "negotiating_room_raw", "trigger_shares"}
DIMENSIONS = {
    f"pathway_{d}" for d in ("power_source", "operating_system", "operating_mechanism", "performance_control")
}
# the drawing of each statistic (indicators.md, "Chart"); tables may stand in for any of them
DRAWN: dict[str, tuple[type, ...]] = {
    "mean": (Dots,),
    "median": (Quartiles, MedianTable),
    "share": (Shares, Classes),
    "ratio": (Shares,),
    "categories": (Classes, Bars),
}


@cache
def everything() -> dict[str, Indicator]:
    """All indicators of the full questionnaires."""
    return {i.id: i for form in FORMS for i in questionnaire(form).indicators}


@pytest.mark.parametrize("row", DECLARED, ids=lambda r: r["id"])
def test_an_indicator_is_declared_as_the_domain_says(row: dict) -> None:  # type: ignore[type-arg]
    _, one = home(row["id"])
    assert [one.low, one.high] == row["range"]
    assert one.estimate == row["estimate"]
    assert Thresholds().least(one) == row["n_min"]
    assert one.decimals == row.get("decimals", 0 if one.estimate in ("share", "ratio", "categories") else 1)
    assert list(one.parameters.get("also", ())) == row.get("also", [])  # type: ignore[call-overload]
    for name in ("min_valid", "cut"):
        if name in row:
            assert one.parameters[name] == row[name]
    assert bool(one.parameters.get("private")) == row.get("private", False)


def test_nothing_is_declared_that_the_domain_does_not_know_and_nothing_is_forgotten() -> None:
    known = {r["id"] for r in DECLARED} | {s["id"] for s in VECTORS["scales"]}
    sources = {n for n in everything() if n.startswith("pressure_") and n not in known}
    assert len(sources) == 5, "one score for each source of pressure"
    assert set(everything()) - known - sources == EXTRA | DIMENSIONS
    assert known <= set(everything())


def test_scores_say_what_a_high_value_means_and_sensitive_ones_have_a_neutral_name() -> None:
    for one in everything().values():
        if one.estimate == "mean":
            assert one.high_means.say("zh"), one.id
        if one.sensitive and one.kind == "scale":
            least = next(s["n_min"] for s in VECTORS["scales"] if s["id"] == one.id)
            assert (least, Thresholds().least(one)) == (20, 20)
        if one.estimate == "share":
            assert one.statement.say("zh"), one.id


def test_the_county_layout_draws_each_indicator_as_its_statistic_is_drawn() -> None:
    layout = read_layout(resource("reports") / "layouts" / "county.yaml")
    seen = 0
    for block in (b for s in layout.sections for b in s.blocks):
        names: list[str] = []
        if isinstance(block, RowFigure):
            names = [line.id for group in block.groups for line in group.lines]
        elif isinstance(block, Listed) and not isinstance(block, HeadlineTable | MedianTable):
            names = [line.id for line in block.rows]
        elif isinstance(block, Bars):
            names = [block.of]
        for name in names:
            one = everything().get(name)
            if one is None or type(block) not in {d for drawn in DRAWN.values() for d in drawn}:
                continue
            statistics = (one.estimate, *one.parameters.get("also", ()))  # type: ignore[misc]
            assert any(isinstance(block, DRAWN[s]) for s in statistics), (name, type(block).__name__)
            seen += 1
    assert seen >= 10


# ------------------------------------------------------------------------------------------ what holds for any answers


def computed(form: str, seed: int, n: int = 12, missing: float = 0.15) -> Computed:
    asked = questionnaire(form)
    return compute(frame(people(n, form=form, seed=seed, missing=missing), asked, excluded=True), asked.indicators)


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(FORMS), st.integers(1, 10_000))
def test_every_value_lies_in_the_declared_range(form: str, seed: int) -> None:
    done = computed(form, seed)
    for one in questionnaire(form).indicators:
        if one.low is None or one.high is None or one.estimate in ("categories", "share"):
            continue
        column = done.columns[one.id]
        known = column.numbers[~np.isnan(column.numbers)]
        if column.y is not None and column.x is not None:  # more successes than attempts are refused at entry
            known = column.numbers[column.y <= column.x]
        assert ((known >= one.low - 1e-9) & (known <= one.high + 1e-9)).all(), one.id


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(FORMS), st.integers(1, 10_000))
def test_a_value_says_ok_and_every_gap_says_why(form: str, seed: int) -> None:
    done = computed(form, seed)
    for name, column in done.columns.items():
        empty = np.isnan(column.numbers) if column.sets is None else np.array([not s for s in column.sets])
        assert ((column.status == "ok") == ~empty).all(), name


@settings(deadline=None, max_examples=10)
@given(st.sampled_from(FORMS), st.integers(1, 1000), st.randoms())
def test_the_order_of_responses_changes_no_estimate(form: str, seed: int, chance) -> None:  # type: ignore[no-untyped-def]
    asked = questionnaire(form)
    rows = people(14, form=form, seed=seed)
    mixed = rows.copy()
    chance.shuffle(mixed)
    renamed = [replace(row, id=named.id) for row, named in zip(mixed, rows, strict=True)]  # a frame sorts by these
    for order in (mixed, renamed):
        one, other = (measure(frame(r, asked), asked.indicators) for r in (rows, order))
        for name in one:
            a, b = one[name], other[name]
            assert (a.n, a.counts) == (b.n, b.counts), name
            assert [a.value, a.lo, a.hi] == pytest.approx([b.value, b.lo, b.hi], abs=1e-9, nan_ok=True), name


@settings(deadline=None, max_examples=10)
@given(st.sampled_from(FORMS), st.integers(1, 1000), st.integers(1, 5))
def test_people_who_answer_nothing_change_no_estimate(form: str, seed: int, more: int) -> None:
    asked = questionnaire(form)
    rows = people(14, form=form, seed=seed)
    silent = [
        replace(r, id=f"{at:032x}", answers={i: Answer(missing="skipped") for i in r.answers})
        for at, r in enumerate(rows[:more])
    ]
    one, other = (measure(frame(r, asked), asked.indicators) for r in (rows, [*rows, *silent]))
    for name in one:
        a, b = one[name], other[name]
        if name == "no_task_share" or a.statistic == "categories":
            assert a.counts == b.counts
        assert (a.n, a.value, a.lo, a.hi) == (b.n, b.value, b.lo, b.hi), name


levels = st.integers(0, 2000)


def room(direction: int, assigned: float, feasible: float, accepted: float) -> tuple[float, str]:
    asked, _ = home("negotiating_room")
    names = ("neg_task", "neg_dir", "neg_assigned", "neg_feasible", "neg_accepted")
    given_ = dict(zip(names, (1, direction, assigned, feasible, accepted), strict=True))
    own = frame(people(1, form="full_negotiation", missing=0, given=given_), asked, excluded=True)
    column = compute(own, [i for i in asked.indicators if i.id == "negotiating_room"]).columns["negotiating_room"]
    return float(column.numbers[0]), str(column.status[0])


@settings(deadline=None, max_examples=60)
@given(levels, levels, levels)
def test_a_target_to_reach_and_one_to_keep_within_mirror_each_other(a: int, f: int, c: int) -> None:
    top = max(a, f, c) + min(a, f)  # the mirror keeps max(A, F), so that the tolerance is the same
    mirrored = (a + f - a, a + f - f, a + f - c)
    if min(mirrored) < 0 or top == 0:
        return
    value, status = room(1, a, f, c)
    other, same = room(2, *mirrored)
    assert status == same
    assert (math.isnan(value) and math.isnan(other)) or value == pytest.approx(other)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 2000), st.integers(0, 2000), st.lists(levels, min_size=2, max_size=2))
def test_the_more_is_conceded_the_larger_the_room(a: int, f: int, accepted: list[int]) -> None:
    less, more = sorted(accepted, reverse=True)  # to reach at least: a lower accepted level concedes more
    one, other = room(1, a, f, less)[0], room(1, a, f, more)[0]
    if not math.isnan(one):
        assert 0 <= one <= other <= 100


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([s["id"] for s in VECTORS["scales"]]), st.data())
def test_agreeing_more_raises_a_scale_and_agreeing_more_with_a_reversed_item_lowers_it(scale: str, data) -> None:  # type: ignore[no-untyped-def]
    asked, one = home(scale)
    answers = {i: data.draw(st.integers(1, 4)) for i in one.items}
    name = data.draw(st.sampled_from(one.items))

    def score(given_: dict[str, int]) -> float:
        from tests.stats.test_indicators import answered

        return float(compute(answered(asked, given_), [one]).columns[scale].numbers[0])

    before, after = score(answers), score({**answers, name: answers[name] + 1})
    step = 25 / len(one.items)
    assert after - before == pytest.approx(-step if asked.items[name].reverse else step)
