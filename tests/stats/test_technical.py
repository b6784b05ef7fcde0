"""Annex E: what it tells of a county and of the wave, and what it never lets anybody work out."""

from __future__ import annotations

import json

import pytest

from fieldkit.core.answer import Answer
from fieldkit.stats import reliability
from fieldkit.stats.disclose import N_MIN
from fieldkit.stats.frame import frame
from fieldkit.stats.results import disclosed, measure
from fieldkit.stats.technical import CUTS, Pooled, Technical, scale_rows, scales_of, technical
from tests.stats.people import people, questionnaire

HEADLINE = ("perceived_burden", "assessment_frequency", "alliance_participation")
OTHERS = {"core_attention": 5, "core_voluntary": 4}  # left out by the quality rules


def annex(n: int, left_out: int = 0, *, form: str = "short", pooled: Pooled | None = None, **more: object) -> Technical:
    asked = questionnaire(form)
    rows = people(n, form=form, **more) + people(left_out, form=form, seed=9, given=OTHERS, **more)
    own, everyone = frame(rows, asked), frame(rows, asked, excluded=True)
    assert own.n_analysed == n
    numbers = disclosed(measure(own, asked.indicators), asked.indicators, asked, n_analysed=n)
    return technical(own, everyone, asked.indicators, HEADLINE, numbers, pooled=pooled)


def test_with_nobody_left_out_the_headline_stands_as_printed() -> None:
    for one in annex(60).without_exclusion:
        assert one.number.shown
        assert one.number.n is not None


@pytest.mark.parametrize("left_out", [1, 2, N_MIN - 1])
def test_fewer_than_ten_left_out_could_be_worked_out_and_are_not_told(left_out: int) -> None:
    found = annex(60, left_out)
    assert {one.indicator for one in found.without_exclusion} == set(HEADLINE)
    for one in found.without_exclusion:
        assert one.number.status == "suppressed_complement"
        assert one.number.value is None
        assert one.number.n is None


def test_many_left_out_are_told_all_together() -> None:
    found = {o.indicator: o.number for o in annex(60, 30, missing=0).without_exclusion}
    assert found["perceived_burden"].shown
    assert found["perceived_burden"].n == 90


def test_left_out_people_who_all_say_the_same_are_not_told() -> None:
    asked = questionnaire("short")
    rows = people(60, missing=0) + people(30, seed=9, missing=0, given={**OTHERS, "al_member": 1})
    own, everyone = frame(rows, asked), frame(rows, asked, excluded=True)
    numbers = disclosed(measure(own, asked.indicators), asked.indicators, asked)
    found = technical(own, everyone, asked.indicators, ["alliance_participation"], numbers)
    assert found.without_exclusion[0].number.status == "suppressed_complement"


def test_prorated_scores_are_a_share_of_valid_ones_and_masked_below_three() -> None:
    asked = questionnaire("short")
    first = next(i for i in asked.indicators if i.id == "perceived_burden").items[0]

    def with_gaps(gaps: int):  # type: ignore[no-untyped-def]
        rows = people(40, missing=0)
        for at in range(gaps):
            rows[at].answers[first] = Answer(missing="skipped")  # type: ignore[index]
        own = frame(rows, asked)
        numbers = disclosed(measure(own, asked.indicators), asked.indicators, asked)
        found = technical(own, own, asked.indicators, (), numbers).prorated
        return next(p for p in found if p.indicator == "perceived_burden")

    assert (with_gaps(10).status, with_gaps(10).percent, with_gaps(10).n) == ("ok", 25.0, 40)
    assert (with_gaps(2).status, with_gaps(2).percent, with_gaps(2).bound) == ("masked_extreme", None, "<8")


def test_reliability_of_the_wave_is_that_of_all_counties_put_together() -> None:
    asked = questionnaire("full_burden")
    parts = [frame(people(40, seed=s, form="full_burden"), asked) for s in (1, 2, 3)]
    pooled = Pooled.of(parts[0]) + Pooled.of(parts[1]) + Pooled.of(parts[2])
    pooled = Pooled.restored(json.loads(json.dumps(pooled.kept())))
    assert (pooled.n_analysed, pooled.counties) == (120, 3)
    whole = frame([r for s in (1, 2, 3) for r in people(40, seed=s, form="full_burden")], asked)
    rows = {r.indicator: r for r in scale_rows(pooled, asked)}
    assert set(rows) == {i.id for i in scales_of(asked)}
    from fieldkit.stats.indicators.column import Computed

    done = Computed(whole)
    scale = next(i for i in asked.indicators if i.id == "perceived_burden")
    table = list(zip(*(done.scored(i).tolist() for i in scale.items), strict=True))
    wanted = reliability.alpha(table)
    assert rows["perceived_burden"].alpha == pytest.approx(wanted, abs=0.005)
    assert rows["perceived_burden"].n == len(reliability.complete(table))
    assert rows["perceived_burden"].low == (wanted is not None and wanted < 0.6)
    assert [name for name, _ in rows["perceived_burden"].item_rest] == list(scale.items)


def test_formative_sums_have_no_alpha() -> None:
    asked = questionnaire("full_burden")
    named = {i.id for i in scales_of(asked)}
    assert "perceived_burden" in named
    assert "nominal_reduction" in named
    assert "relief_index" not in named
    assert "assessment_frequency" not in named


def test_below_thirty_complete_answers_a_scale_says_nothing() -> None:
    asked = questionnaire("full_burden")
    for row in scale_rows(Pooled.of(frame(people(29, form="full_burden", missing=0), asked)), asked):
        assert (row.n, row.alpha, row.omega, row.item_rest, row.floor, row.ceiling) == (
            None,
            None,
            None,
            (),
            None,
            None,
        )


def test_the_classes_of_paths_stand_at_three_cut_points() -> None:
    found = annex(400, form="full_pathway", missing=0).cuts
    assert tuple(row.cut for row in found) == CUTS
    assert found[1].number.shown
    assert all(row.number.shown or row.number.status == "suppressed_complement" for row in found)


def test_a_cut_point_that_moves_one_person_is_withheld() -> None:
    asked = questionnaire("full_pathway")
    strengths = {i.id: i.items for i in asked.indicators if i.id in ("problem_strength", "platform_strength")}

    def sheet(problem: int, platform: int, last: int) -> dict[str, object]:
        given = dict.fromkeys(strengths["problem_strength"], problem)
        given |= dict.fromkeys(strengths["platform_strength"], platform)
        return {**given, strengths["problem_strength"][-1]: last}

    kinds = [(5, 1, 5), (1, 5, 1), (5, 5, 5), (1, 1, 1)]

    def cuts(between: int):  # type: ignore[no-untyped-def]
        rows = []
        for at in range(40):
            given = sheet(*kinds[at % 4]) if at >= between else sheet(3, 1, 4)  # 56.25: between the first two cuts
            rows += people(40, form="full_pathway", missing=0, seed=3, given=given)[at : at + 1]
        # some were not asked, or else n would say that all have such a channel
        rows += people(44, form="full_pathway", missing=0, seed=3, given={"pw_mech": [0]})[40:]
        own = frame(rows, asked)
        numbers = disclosed(measure(own, asked.indicators), asked.indicators, asked)
        assert numbers["pathway_class"].shown
        return technical(own, own, asked.indicators, (), numbers).cuts

    for few in (1, 2):
        low, own, high = cuts(few)
        assert low.number.status == "suppressed_complement"
        assert low.number.parts == ()
        assert own.number.shown
        assert high.number.shown, "nobody moves there"
    assert cuts(4)[0].number.shown
