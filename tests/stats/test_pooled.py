"""Several counties as one: whoever subtracts the counties' own reports is left with nothing, or with a large group."""

from __future__ import annotations

import datetime
import itertools
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from fieldkit.core.place import Place
from fieldkit.core.problem import Problem
from fieldkit.formats.report_spec import read_layout, read_wording
from fieldkit.settings import resource
from fieldkit.stats.county import Plan
from fieldkit.stats.disclose import FEW, USUAL, Disclosed, Thresholds
from fieldkit.stats.frame import frame
from fieldkit.stats.indicators import compute
from fieldkit.stats.pooled import County, Pooled, exact, pooled_numbers
from fieldkit.stats.pooled_report import pooled_plan, pooled_report
from fieldkit.stats.report import Chapter, CountyReport, Figure, Table
from fieldkit.stats.results import disclosed, measured
from fieldkit.stats.technical import Pooled as Scales
from tests.stats.people import people, questionnaire, wave
from tests.stats.test_county import report as county_report_of

REPORTS = resource("reports")
DATED = datetime.date(2026, 11, 21)


@cache
def plan_of(form: str = "short") -> Plan:
    layouts = [read_layout(REPORTS / "layouts" / f"{name}.yaml") for name in ("pooled", "county")]
    return pooled_plan(*layouts, questionnaire(form))


def county(number: int, n: int, *, reported: bool | None = None, form: str = "short", **more: object) -> County:
    """A county of `n` simulated people; it has a report when it is large enough."""
    crowd = people(n, seed=100 + number, form=form, **more)
    place = Place(f"33{number:04d}", f"第{number}县", "county", "330100")
    return County(place, frame(crowd, questionnaire(form)), n >= 10 if reported is None else reported)


def told(one: County, thresholds: Thresholds = USUAL, form: str = "short") -> dict[str, Disclosed]:
    """What the county's own report prints."""
    plan = plan_of(form)
    estimates = measured(compute(one.frame, plan.indicators), plan.indicators)
    n = one.frame.n_analysed
    return disclosed(estimates, plan.indicators, questionnaire(form), thresholds, bases=plan.bases, n_analysed=n)


def pool(counties: Sequence[County], *, form: str = "short", merge_small: bool = True) -> Pooled | None:
    plan = plan_of(form)
    return pooled_numbers(counties, plan.indicators, questionnaire(form), USUAL, plan.bases, merge_small=merge_small)


def report(counties: Sequence[County], language: str = "zh", form: str = "short", **more: object) -> CountyReport:
    wording = read_wording(REPORTS / "wording" / f"pooled.{language}.yaml")
    return pooled_report(
        plan=plan_of(form),
        wording=wording,
        wave=wave(),
        counties=counties,
        dated=DATED,
        **more,  # type: ignore[arg-type]
    )


def steps(number: Disclosed) -> dict[frozenset[int], int]:
    return {frozenset(p.codes): p.k for p in number.parts if p.k is not None}


def leftover(pooled: Disclosed, printing: Sequence[Disclosed]) -> dict[frozenset[int], int] | None:
    """A pooled distribution minus some counties'; None where a county's steps do not lie within the pooled ones."""
    rest = steps(pooled)
    for one in printing:
        for codes, k in steps(one).items():
            home = next((step for step in rest if codes <= step), None)
            if home is None:
                return None
            rest[home] -= k
    return rest


@pytest.mark.parametrize("seed", range(4))
def test_subtracting_every_county_report_leaves_nobody_or_a_group_that_could_have_a_report(seed: int) -> None:
    rng = random.Random(seed)
    sizes = [rng.choice([4, 6, 8, 9, 10, 11, 14, 19, 25, 40]) for _ in range(9)]
    counties = [county(10 * seed + n, size) for n, size in enumerate(sizes)]
    found = pool(counties)
    assert found is not None
    own = {c.place.code: told(c) for c in counties if c.reported}
    tried = 0
    for name, number in found.numbers.items():
        printing = [numbers[name] for numbers in own.values() if exact(numbers[name])]
        if number.parts:
            if number.statistic == "options":
                continue
            whole = [
                rest
                for size in range(len(printing) + 1)
                for some in itertools.combinations(printing, size)
                if (rest := leftover(number, some)) is not None and min(rest.values()) >= 0
            ]
            safe = [rest for rest in whole if not any(rest.values())]
            large = [rest for rest in whole if sum(rest.values()) >= number.n_min and min(rest.values()) >= FEW]
            assert safe or large, f"{name}: no sum of printed steps gives the pooled one"
            tried += 1
        elif number.n is not None:
            rest_n = number.n - sum(one.n or 0 for one in printing)
            assert rest_n == 0 or rest_n >= number.n_min, f"{name}: {rest_n} people are left over"
            if number.statistic == "share" and rest_n and number.value is not None:
                k = round(number.value * number.n / 100)
                k -= sum(round((one.value or 0) * (one.n or 0) / 100) for one in printing)
                assert -FEW <= k <= rest_n + FEW
            tried += 1
    assert tried > 8


def test_one_small_county_alone_is_never_merged_in() -> None:
    found = pool([county(1, 30), county(2, 40), county(3, 9)])
    assert found is not None
    assert [c.frame.n_analysed for c in found.left_out] == [9]
    assert found.frame.n_analysed == 70
    assert all(number.n is None or number.n <= 70 for number in found.numbers.values())


def test_two_small_counties_join_only_when_they_are_ten_together() -> None:
    few = pool([county(1, 30), county(2, 4), county(3, 5)])
    enough = pool([county(1, 30), county(2, 6), county(3, 8)])
    assert few is not None
    assert few.frame.n_analysed == 30
    assert enough is not None
    assert enough.frame.n_analysed == 44
    assert len(enough.small) == 2


def test_small_counties_wait_until_fieldwork_is_over() -> None:
    counties = [county(1, 30), county(2, 6), county(3, 8)]
    found = pool(counties, merge_small=False)
    assert found is not None
    assert found.frame.n_analysed == 30
    told_of = report(counties, merge_small=False)
    [table] = [b for b in told_of.blocks if isinstance(b, Table) and b.key == "counties"]
    assert "调查结束后再计入" in table.note


def test_small_counties_alone_make_a_report_when_they_are_enough_together() -> None:
    found = pool([county(1, 9), county(2, 8), county(3, 9)])
    assert found is not None
    assert found.frame.n_analysed == 26
    assert found.numbers["perceived_burden"].shown


def test_a_county_that_prints_only_a_bound_is_left_out_of_that_share() -> None:
    everyone_a_member = county(1, 30, given={"al_member": 1}, missing=0.0)
    plain = [county(n, 40) for n in (2, 3, 4)]
    found = pool([everyone_a_member, *plain])
    assert found is not None
    own = told(everyone_a_member)["alliance_participation"]
    assert own.status == "masked_extreme"
    number = found.numbers["alliance_participation"]
    assert found.counties["alliance_participation"] == 3
    assert number.n == sum(told(c)["alliance_participation"].n or 0 for c in plain)
    assert found.counties["perceived_burden"] == 4


def test_a_distribution_has_no_step_that_one_of_its_counties_joins_with_another() -> None:
    counties = [county(n, size) for n, size in enumerate((12, 15, 18, 30, 60))]
    found = pool(counties)
    assert found is not None
    for name in ("bur_pb1", "bur_pb2", "neg_pr1"):
        pooled = [set(p.codes) for p in found.numbers[name].parts]
        counted = found.counties[name]
        fitting = [c for c in counties if all(any(set(p.codes) <= s for s in pooled) for p in told(c)[name].parts)]
        assert len(fitting) >= counted > 0, name


def test_a_number_that_an_issue_kept_from_the_one_before_is_left_out() -> None:
    plain, other, kept = county(1, 40), county(2, 30), county(3, 35)
    now = told(kept)
    older = {**now, "perceived_burden": replace(now["perceived_burden"], value=12.3)}
    as_issued = replace(kept, printed=older, renewed=True)
    found = pool([plain, other, as_issued])
    assert found is not None
    assert found.counties["perceived_burden"] == 2
    assert found.counties["trace_hours"] == 3
    only_first = pool([plain, other, replace(kept, renewed=True)])  # nothing of it stands in a table
    assert only_first is not None
    assert set(only_first.counties.values()) <= {0, 1, 2}


def test_the_order_of_counties_and_answers_changes_nothing() -> None:
    counties = [county(n, size) for n, size in enumerate((12, 30, 9, 8))]
    assert pool(counties).numbers == pool(counties[::-1]).numbers  # type: ignore[union-attr]


def test_private_numbers_never_come_out() -> None:
    found = pool([county(1, 30), county(2, 40)])
    private = {i.id for i in questionnaire("short").indicators if i.parameters.get("private")}
    assert private
    assert found is not None
    assert not private & set(found.numbers)


@pytest.mark.parametrize("counties", [[], [4], [9], [3, 4]])
def test_without_anybody_to_tell_of_there_is_no_report(counties: list[int]) -> None:
    with pytest.raises(Problem) as caught:
        report([county(n, size) for n, size in enumerate(counties)])
    assert caught.value.code == "report.pooled_none"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_names_its_counties_in_code_order_and_prints_no_number_of_small_ones(language: str) -> None:
    found = report([county(4, 9), county(2, 40), county(1, 30), county(3, 8)], language)
    [table] = [b for b in found.blocks if isinstance(b, Table) and b.key == "counties"]
    codes = [row[0].text for row in table.rows if row[0].text]
    assert codes == sorted(codes)
    assert len(codes) == 4
    assert [row[2].text for row in table.rows[:4]] == ["30", "40", "—", "—"]
    assert table.rows[-1][2].text == "87"


FULL = ("full_burden", "full_negotiation", "full_alliance", "full_coordination", "full_pathway")


def chapters_of(found: CountyReport) -> dict[str, list[str]]:
    """The figures and tables under each head, by key."""
    keys: dict[str, list[str]] = {}
    for block in found.blocks:
        if isinstance(block, Chapter):
            keys[block.key] = []
        elif isinstance(block, Figure | Table):
            keys[[*keys][-1]].append(block.key)
    return keys


@pytest.mark.parametrize("form", ["short", *FULL])
def test_a_pooled_report_has_the_chapters_of_the_counties_reports_with_every_figure_and_table(form: str) -> None:
    counties = [county(n, 30 + n, form=form) for n in range(1, 5)]
    scales = Scales.of(counties[0].frame)
    pooled = chapters_of(report(counties, form=form, scales=scales))
    theirs = chapters_of(county_report_of(people(40, form=form), form=form))
    assert set(theirs) - set(pooled) == set()
    for key in theirs:
        if key not in ("survey", "annex"):
            assert pooled[key] == theirs[key], key
    assert pooled["annex"] == ["items", "methods", "versions", "withheld", "scales"]


@pytest.mark.parametrize("form", ["short", *FULL])
def test_nothing_in_a_pooled_report_speaks_of_one_county_or_of_peers(form: str) -> None:
    found = report([county(n, 25 + n, form=form) for n in range(1, 5)], form=form)
    said = str(found.blocks).replace("另有本县报告", "")
    assert "合并结果" in said
    assert "本县" not in said
    assert "同类县" not in said
    english = str(report([county(n, 25 + n, form=form) for n in range(1, 5)], "en", form=form).blocks).lower()
    assert "this county" not in english
    assert not re.search(r"\bpeers?\b(?!=)", english)
