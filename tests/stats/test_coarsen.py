"""No combination of profile answers may point to one person of a county."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fieldkit.core.answer import Answer
from fieldkit.core.response import Response
from fieldkit.stats.coarsen import LEAST, ORDER, PROFILE, coarsen, hide_places


def person(*profile: int | str) -> Response:
    """Somebody with level, post, years, employment, age, gender; a word is a missing reason."""
    answers = {
        item: Answer(missing=cell) if isinstance(cell, str) else Answer(cell)
        for item, cell in zip(PROFILE, profile, strict=True)
    }
    return Response("0" * 32, "w", "330523", "short", "1.0.0", "zh", datetime.date(2026, 11, 3), 400, answers)


def looks(people: list[Response], blanked: list[frozenset[str]]) -> list[tuple[object, ...]]:
    """What a reader of the file sees of each profile."""
    return [
        tuple("coarsened" if item in gone else (one.answers[item].value, one.answers[item].missing) for item in PROFILE)
        for one, gone in zip(people, blanked, strict=True)
    ]


def test_a_combination_shared_by_three_stays_as_it_is():
    assert coarsen([person(1, 3, 2, 1, 2, 1)] * 3) == [frozenset()] * 3


def test_age_goes_first_and_nothing_more_when_that_is_enough():
    people = [person(1, 3, 2, 1, age, 1) for age in (1, 2, 3)]
    assert coarsen(people) == [frozenset({"core_age"})] * 3


def test_gender_goes_second():
    people = [person(1, 3, 2, 1, age, gender) for age, gender in ((1, 1), (2, 2), (3, 1))]
    assert coarsen(people) == [frozenset({"core_age", "core_gender"})] * 3


def test_somebody_like_nobody_else_loses_everything():
    people = [person(1, 3, 2, 1, 2, 1)] * 3 + [person(4, 5, 5, 4, 4, 2)]
    assert coarsen(people) == [frozenset()] * 3 + [frozenset(ORDER)]


def test_a_refused_age_is_not_the_same_as_a_given_one():
    people = [person(1, 3, 2, 1, 2, 1)] * 3 + [person(1, 3, 2, 1, "refused", 1)] * 2
    assert coarsen(people)[:3] == [frozenset()] * 3
    assert all("core_age" in gone for gone in coarsen(people)[3:])


profiles = st.lists(
    st.tuples(*[st.sampled_from([1, 2, 3, "refused"])] * len(PROFILE)).map(lambda cells: person(*cells)), max_size=60
)


@given(profiles)
def test_every_profile_that_is_left_is_shared_by_three(people: list[Response]):
    seen = looks(people, coarsen(people))
    for look, count in Counter(seen).items():
        assert count >= LEAST or set(look) == {"coarsened"}


@given(profiles)
def test_details_go_in_the_order_that_is_promised(people: list[Response]):
    for gone in coarsen(people):
        in_order = [item for item in ORDER if item in gone]
        # An item may only be blanked while the combination is still rare, so no later one goes before an earlier one.
        assert set(in_order) == gone == frozenset(ORDER[: len(gone)])


def at(place: str, *profile: int | str) -> Response:
    return replace(person(*profile), answers={**person(*profile).answers, "spot": Answer(place)})


def test_a_place_stays_only_where_three_people_of_the_same_look_were():
    people = [at("30 119", 1, 3, 2, 1, 2, 1)] * 3 + [at("31 120", 1, 3, 2, 1, 2, 1)] * 2
    assert hide_places(people, ["spot"], coarsen(people)) == [frozenset()] * 3 + [frozenset({"spot"})] * 2


def test_a_place_shared_by_many_goes_where_it_would_single_out_one_profile():
    people = [at("30 119", 1, 3, 2, 1, 2, 1)] * 3 + [at("30 119", 4, 5, 5, 4, 4, 2)]
    assert hide_places(people, ["spot"], coarsen(people))[3] == frozenset({*ORDER, "spot"})


def test_without_places_nothing_more_is_blanked():
    people = [person(1, 3, 2, 1, 2, 1)] * 2
    assert hide_places(people, [], coarsen(people)) == coarsen(people)
