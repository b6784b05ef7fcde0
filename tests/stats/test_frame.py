"""Which responses enter the results, and what becomes of values and missing reasons."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest

from fieldkit.core.answer import Answer
from fieldkit.core.response import Response
from fieldkit.stats.frame import frame, frames
from fieldkit.stats.results import measure
from tests.stats.people import people, person, questionnaire

SHORT = questionnaire()


def with_answers(response: Response, **given: object) -> Response:
    """The same person with other answers; None is skipped."""
    new = {k: Answer(missing="skipped") if v is None else Answer(v) for k, v in given.items()}  # type: ignore[arg-type]
    return replace(response, answers={**response.answers, **new})


def answered(response: Response) -> int:
    """How many items have a value."""
    return sum(a.missing is None for a in response.answers.values())


SCALES = (
    ("bur_pb1", "bur_pb2", "bur_pb3", "bur_pb4", "bur_pb5", "bur_pb6"),
    ("neg_pr1", "neg_pr2", "neg_pr3", "neg_pr4"),
)


def flags(response: Response) -> dict[str, int]:
    """The flags of one response."""
    found = frame([response], SHORT).quality
    assert found is not None
    return {k: int(v) for k, v in found.table().iloc[0].items()}


@pytest.mark.parametrize(
    ("attention", "seconds_per_item", "straight", "voluntary", "wanted"),
    [
        (2, 12, False, 1, (0, 0, 0)),
        (5, 1.7, False, 1, (1, 1, 1)),
        (4, 8.5, False, 2, (1, 0, 0)),
        (2, 11, False, 4, (0, 0, 1)),
        (5, 12, True, 1, (1, 0, 1)),
        (2, 1.7, True, 1, (0, 1, 1)),
        (None, 12, True, 1, (0, 0, 0)),
        (2, None, True, None, (0, 0, 0)),
    ],
)
def test_two_signs_of_careless_answering_or_a_stand_in_leave_a_response_out(
    attention: int | None,
    seconds_per_item: float | None,
    straight: bool,
    voluntary: int | None,
    wanted: tuple[int, int, int],
) -> None:
    one = with_answers(person(SHORT, 1, missing=0), core_attention=attention, core_voluntary=voluntary)
    if straight:
        one = with_answers(one, **{i: 4 for scale in SCALES for i in scale})
    one = replace(one, active_seconds=None if seconds_per_item is None else int(seconds_per_item * answered(one)))
    got = flags(one)
    assert (got["attention_fail"], got["speeder"], got["quality_exclude"]) == wanted
    assert got["straightline"] == int(straight)
    assert got["not_independent"] == int(voluntary in (3, 4))


def test_the_same_answer_in_one_scale_only_is_not_a_straight_line() -> None:
    one = with_answers(person(SHORT, 1, missing=0), **dict.fromkeys(SCALES[0], 4), neg_pr1=2, neg_pr2=3)
    assert flags(one)["straightline"] == 0


def test_two_answers_of_a_scale_are_too_few_to_call_it_a_straight_line() -> None:
    same = {i: 4 for scale in SCALES for i in scale}
    one = with_answers(person(SHORT, 1, missing=0), **{**same, "neg_pr3": None, "neg_pr4": None})
    assert flags(one)["straightline"] == 0


def test_submitted_are_excluded_or_analysed() -> None:
    crowd = people(20)
    crowd[3] = with_answers(crowd[3], core_voluntary=4)
    found = frame(crowd, SHORT)
    assert (found.n_submitted, found.n_excluded, found.n_analysed) == (20, 1, 19)
    assert crowd[3].id not in found.ids


def test_the_second_of_two_equal_vectors_is_left_out_and_the_first_stays() -> None:
    one = with_answers(person(SHORT, 1, missing=0), al_member=1, al_role=1, al_req_n=2, al_opt_n=3)
    assert sum(a.missing is None for k, a in one.answers.items() if not k.startswith("core_")) >= 20
    later = replace(with_answers(one, core_age=4, core_post=2), id="f" * 32)
    found = frame([later, one, person(SHORT, 2)], SHORT)
    assert found.n_excluded == 1
    assert one.id in found.ids
    assert later.id not in found.ids
    assert found.quality is not None
    assert found.quality.duplicate.sum() == 1


def test_one_different_answer_makes_two_people() -> None:
    one = with_answers(person(SHORT, 1, missing=0), bur_af1=3)
    other = replace(with_answers(one, bur_af1=4), id="f" * 32)
    assert frame([one, other], SHORT).n_excluded == 0


def test_short_vectors_may_be_equal_by_chance() -> None:
    few = {k: None for k in person(SHORT, 1).answers if not k.startswith("core_")}
    one = with_answers(person(SHORT, 1), **{**few, "bur_af1": 0})
    assert frame([one, replace(one, id="f" * 32)], SHORT).n_excluded == 0


def test_missing_is_never_zero_and_keeps_its_reason() -> None:
    one = with_answers(person(SHORT, 1, missing=0), bur_af1=0, bur_af2=None)
    row = frame([one], SHORT).table.iloc[0]
    assert row["bur_af1"] == 0
    assert row["bur_af1__miss"] == ""
    assert math.isnan(row["bur_af2"])
    assert row["bur_af2__miss"] == "skipped"


def test_comments_are_not_in_the_frame() -> None:
    found = frame(people(5), SHORT)
    assert "core_comment" not in found.table
    assert "core_comment__miss" in found.table


def test_the_order_of_arrival_changes_no_number() -> None:
    crowd = people(40)
    mixed = crowd.copy()
    random.Random(3).shuffle(mixed)
    one, other = (measure(frame(c, SHORT), SHORT.indicators) for c in (crowd, mixed))
    for name in one:
        assert (one[name].n, one[name].value, one[name].lo) == (other[name].n, other[name].value, other[name].lo)


def test_people_who_answered_nothing_change_no_mean() -> None:
    crowd = people(30)
    nothing = {k: None for k in crowd[0].answers if not k.startswith("core_")}
    silent = [with_answers(person(SHORT, 100 + i), **nothing) for i in range(4)]
    one, more = (measure(frame(c, SHORT), SHORT.indicators) for c in (crowd, [*crowd, *silent]))
    for name in one:
        assert one[name].n == more[name].n
        assert one[name].value == pytest.approx(more[name].value)


def test_levels_are_townships_and_streets_against_villages_and_communities() -> None:
    found = frame([with_answers(person(SHORT, i), core_level=i) for i in (1, 2, 3, 4)], SHORT)
    assert found.upper.tolist() == [True, True, False, False]
    assert found.lower.tolist() == [False, False, True, True]


def test_the_median_time_needs_ten_known_times() -> None:
    assert frame(people(9), SHORT).median_minutes is None
    assert frame(people(10, seconds=300), SHORT).median_minutes == 5.0
    assert frame(people(30, seconds=None), SHORT).median_minutes is None


def test_counties_are_kept_apart() -> None:
    crowd = [replace(p, county="330523" if i % 2 else "330522") for i, p in enumerate(people(20))]
    found = frames(crowd, SHORT)
    assert list(found) == ["330522", "330523"]
    assert [f.n_analysed for f in found.values()] == [10, 10]
    assert not set(found["330522"].ids) & set(found["330523"].ids)


def test_simulated_answers_are_known_as_simulated() -> None:
    assert frame(people(3), SHORT).simulated
    assert not frame([replace(p, simulated=False) for p in people(3)], SHORT).simulated
    assert np.isnan(frame(people(3, seconds=None), SHORT).seconds).all()
