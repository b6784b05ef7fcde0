"""What a researcher decides by hand: second contents under one id, and words that may leave."""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, text

from fieldkit.core.access import Actor
from fieldkit.core.answer import Answer
from fieldkit.core.problem import Problem
from fieldkit.core.response import Response
from fieldkit.core.submission import Submission
from fieldkit.services import review
from fieldkit.services.collect import Collector
from fieldkit.services.export import write_responses_zip
from fieldkit.services.remembered import states
from fieldkit.services.withdraw import withdraw
from fieldkit.store import audit, responses, waves
from fieldkit.store.engine import Session
from tests.samples import ANJI, CHANGXING, TODAY, begin, item, new_code, questionnaire, sent

LIN = Actor("lin", "researcher")
TOMORROW = TODAY + datetime.timedelta(days=1)
ASKED = questionnaire(
    item("level", "single", 1, 2, required="hard", missing=()),
    item("hours", "hours_week", sensitive=True),
    item("core_age", "single", 1, 2),
    item("words", "text", high=300),
)


@pytest.fixture
def collector(database: Engine) -> Iterator[Collector]:
    begin(database, ASKED)
    collector = Collector(database, today=lambda: TODAY)
    yield collector
    collector.close()


def do(collector: Collector, act: Callable[..., Any], *facts: object, actor: Actor | None = LIN) -> Any:
    """One thing done at the desk."""
    with Session(collector.engine) as session:
        found = act(session, actor, "w", *facts)
        session.commit()
    return found


def twice(collector: Collector, first: dict[str, object], second: dict[str, object], **more: Any) -> Submission:
    """A response, and other content under its id."""
    mine = sent(first)
    collector.submit(mine)
    collector.submit(replace(mine, answers={"core_consent": 1, **second}, **more))
    return mine


def kept(collector: Collector) -> list[Response]:
    with Session(collector.engine) as session:
        return list(responses.iterate(session, waves.get(session, "w")))


def log(collector: Collector) -> list[tuple[str, str, dict[str, object]]]:
    """What was decided and looked at, oldest first."""
    with Session(collector.engine) as session:
        lines = audit.listed(session)[::-1]
    return [(line.actor, line.action, dict(line.facts)) for line in lines if line.actor == "lin"]


def exported(collector: Collector) -> tuple[list[dict[str, str]], dict[str, Any], str]:
    """comments.csv, the manifest, and responses.csv as text."""
    import json

    packed = io.BytesIO()
    do(collector, write_responses_zip, packed)
    with zipfile.ZipFile(packed) as archive:
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open("comments.csv"), "utf-8-sig", newline="")))
        return rows, json.loads(archive.read("manifest.json")), archive.read("responses.csv").decode()


def problem_of(collector: Collector, act: Callable[..., Any], *facts: object, actor: Actor | None = LIN) -> str:
    with pytest.raises(Problem) as raised:
        do(collector, act, *facts, actor=actor)
    return raised.value.code


def test_a_variant_shows_only_what_differs_and_never_the_words(collector: Collector) -> None:
    twice(collector, {"level": 1, "hours": 5, "words": "张主任"}, {"level": 1, "hours": 7.5, "words": "李主任"})
    pile = do(collector, review.list_variants, TOMORROW)
    (line,) = pile.shown
    assert line.county == ANJI
    assert [(d.item.id, d.kept, d.other) for d in line.differences] == [
        ("hours", Answer(5), Answer(7.5)),
        ("words", Answer(""), Answer("")),
    ]
    assert "主任" not in repr(pile)


def test_what_came_in_today_waits_until_tomorrow(collector: Collector) -> None:
    twice(collector, {"level": 1, "words": "话"}, {"level": 2})
    assert do(collector, review.waiting, TODAY) == review.Waiting(0, 0)
    assert do(collector, review.list_variants, TODAY).shown == ()
    assert do(collector, review.list_comments, TODAY).shown == ()
    assert do(collector, review.waiting, TOMORROW) == review.Waiting(None, None)
    assert len(do(collector, review.list_comments, TOMORROW).shown) == 1


def test_a_rare_profile_is_not_shown_and_a_common_one_is(collector: Collector) -> None:
    twice(collector, {"level": 1, "core_age": 1}, {"level": 1, "core_age": 2})
    (line,) = do(collector, review.list_variants, TOMORROW).shown
    assert [d.withheld for d in line.differences] == [True]
    for age in (1, 1, 2, 2):
        collector.submit(sent({"level": 1, "core_age": age}))
    (line,) = do(collector, review.list_variants, TOMORROW).shown
    assert [d.withheld for d in line.differences] == [False]


def test_adopting_puts_the_later_answers_and_words_in_place_of_the_first(collector: Collector) -> None:
    mine = twice(collector, {"level": 1, "words": "先"}, {"level": 2, "words": "后"}, active_seconds=77)
    (before,) = kept(collector)
    (line,) = do(collector, review.list_variants, TOMORROW).shown
    do(collector, review.adopt_variant, line.key)
    (after,) = kept(collector)
    assert (after.id, after.answers["level"], after.active_seconds) == (mine.id, Answer(2), 77)
    assert after.received_on == before.received_on
    assert [one.text for one in do(collector, review.list_comments, TOMORROW).shown] == ["后"]
    assert do(collector, review.list_variants, TOMORROW).shown == ()


def test_discarding_keeps_the_first_answers(collector: Collector) -> None:
    twice(collector, {"level": 1, "words": "先"}, {"level": 2, "words": "后"})
    (line,) = do(collector, review.list_variants, TOMORROW).shown
    do(collector, review.discard_variant, line.key)
    assert kept(collector)[0].answers["level"] == Answer(1)
    assert [one.text for one in do(collector, review.list_comments, TOMORROW).shown] == ["先"]
    with collector.engine.connect() as connection:
        left = str([tuple(row) for row in connection.execute(text("SELECT * FROM variant"))])
    assert "后" not in left
    assert "level" not in left


@pytest.mark.parametrize("decide", [review.adopt_variant, review.discard_variant], ids=["adopt", "discard"])
def test_after_a_decision_late_repeats_of_either_content_are_not_asked_about_again(
    collector: Collector, decide: Callable[..., None]
) -> None:
    mine = twice(collector, {"level": 1, "words": "先"}, {"level": 2, "words": "后"})
    (line,) = do(collector, review.list_variants, TOMORROW).shown
    do(collector, decide, line.key)
    decided = kept(collector)
    collector.submit(mine)
    collector.submit(replace(mine, answers={"core_consent": 1, "level": 2, "words": "后"}))
    assert do(collector, review.list_variants, TOMORROW).shown == ()
    assert kept(collector) == decided


@pytest.mark.parametrize("decide", [review.adopt_variant, review.discard_variant], ids=["adopt", "discard"])
@pytest.mark.parametrize("which", ["first", "second"])
def test_after_a_decision_both_receipt_codes_still_delete_everything(
    collector: Collector, decide: Callable[..., None], which: str
) -> None:
    second = new_code()
    mine = twice(collector, {"level": 1, "words": "先"}, {"level": 2, "words": "后"}, receipt_code=second)
    (line,) = do(collector, review.list_variants, TOMORROW).shown
    do(collector, decide, line.key)
    with Session(collector.engine) as session:
        withdraw(session, "w", mine.receipt_code if which == "first" else second, TODAY)
        session.commit()
    with collector.engine.connect() as connection:
        for table in ("response", "comment", "variant"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0, table


def test_numbers_kept_in_memory_notice_that_answers_were_replaced(collector: Collector) -> None:
    def state() -> object:
        with Session(collector.engine) as session:
            return states(session, waves.get(session, "w"))[ANJI]

    mine = twice(collector, {"level": 1}, {"level": 2})
    collector.submit(replace(mine, answers={"core_consent": 1, "level": 2, "hours": 3}))
    seen = [state()]
    for _ in range(2):
        line = do(collector, review.list_variants, TOMORROW).shown[0]
        do(collector, review.adopt_variant, line.key)
        seen.append(state())
    assert len(set(seen)) == 3


def test_comments_come_without_the_answers_and_with_the_county_only_where_ten_answered(collector: Collector) -> None:
    ids = [sent({"level": 1, "words": f"话{n}"}) for n in range(10)]
    for one in ids:
        collector.submit(one)
    pile = do(collector, review.list_comments, TOMORROW)
    assert {(line.county, line.item.id) for line in pile.shown} == {(ANJI, "words")}
    assert not [one.id for one in ids if one.id in repr(pile)]
    assert [line.text for line in pile.shown] != sorted(line.text for line in pile.shown)
    collector.submit(sent({"level": 1, "words": "长兴的话"}, county=CHANGXING))
    # With one name left out, the other has to go too: there are only two counties.
    assert {line.county for line in do(collector, review.list_comments, TOMORROW).shown} == {""}


def test_only_twenty_comments_lie_on_a_page(collector: Collector) -> None:
    for n in range(23):
        collector.submit(sent({"level": 1, "words": f"话{n}"}))
    pile = do(collector, review.list_comments, TOMORROW)
    assert (len(pile.shown), pile.below) == (20, 3)
    assert do(collector, review.waiting, TOMORROW).comments == 25


def test_only_words_that_a_researcher_cleared_leave_and_nothing_ties_them_to_a_row(collector: Collector) -> None:
    for n in range(12):
        collector.submit(sent({"level": 1, "words": f"张主任第{n}次"}))
    rows, manifest, _ = exported(collector)
    assert rows == []
    assert manifest["comments"] == {"rows": 0, "waiting": 12, "kept_out": 0}

    lines = do(collector, review.list_comments, TOMORROW).shown
    for n, line in enumerate(lines[:10]):
        do(collector, review.clear_comment, line.key, f"=某领导{n}\r\n很忙\x00 ")
    do(collector, review.reject_comment, lines[10].key)
    rows, manifest, data = exported(collector)
    assert {(row["wave"], row["county"]) for row in rows} == {("w", ANJI)}
    assert sorted(row["text"] for row in rows) == [f"'=某领导{n}\n很忙" for n in range(10)]
    assert list(rows[0]) == ["wave", "county", "text"]
    assert manifest["comments"] == {"rows": 10, "waiting": 1, "kept_out": 1}
    assert "某领导" not in data
    with collector.engine.connect() as connection:
        left = str([tuple(row) for row in connection.execute(text("SELECT text FROM comment"))])
    assert left.count("张主任") == 1, "the originals are gone but for the one that waits"


def test_a_county_with_few_comments_is_not_named_in_the_file(collector: Collector) -> None:
    for n in range(9):
        collector.submit(sent({"level": 1, "words": f"话{n}"}))
    for line in do(collector, review.list_comments, TOMORROW).shown:
        do(collector, review.clear_comment, line.key, line.text)
    rows, _, _ = exported(collector)
    assert {row["county"] for row in rows} == {""}


def test_withdrawing_removes_words_that_were_cleared(collector: Collector) -> None:
    mine = sent({"level": 1, "words": "张主任"})
    collector.submit(mine)
    (line,) = do(collector, review.list_comments, TOMORROW).shown
    do(collector, review.clear_comment, line.key, "某领导")
    with Session(collector.engine) as session:
        withdraw(session, "w", mine.receipt_code, TODAY)
        session.commit()
    assert exported(collector)[0] == []


def test_a_decision_is_taken_once_and_on_what_was_read(collector: Collector) -> None:
    twice(collector, {"level": 1, "words": "先"}, {"level": 2, "words": "后"})
    (variant,) = do(collector, review.list_variants, TOMORROW).shown
    (comment,) = do(collector, review.list_comments, TOMORROW).shown
    do(collector, review.adopt_variant, variant.key)
    assert problem_of(collector, review.discard_variant, variant.key) == "review.settled"
    # The words are others now than those that the researcher read.
    assert problem_of(collector, review.clear_comment, comment.key, "先") == "review.settled"
    (comment,) = do(collector, review.list_comments, TOMORROW).shown
    assert problem_of(collector, review.clear_comment, comment.key, " \r\n\x00") == "review.no_words"
    do(collector, review.reject_comment, comment.key)
    assert problem_of(collector, review.reject_comment, comment.key) == "review.settled"


def test_every_look_and_decision_is_in_the_log_with_numbers_only(collector: Collector) -> None:
    twice(collector, {"level": 1, "words": "先"}, {"level": 2, "words": "后"})
    twice(collector, {"level": 1}, {"level": 2})
    one, other = do(collector, review.list_variants, TOMORROW).shown
    do(collector, review.adopt_variant, one.key)
    do(collector, review.discard_variant, other.key)
    (comment,) = do(collector, review.list_comments, TOMORROW).shown
    do(collector, review.clear_comment, comment.key, "好")
    do(collector, review.list_comments, TOMORROW)
    assert log(collector) == [
        ("lin", "variant.read", {"wave": "w", "shown": 2}),
        ("lin", "variant.adopt", {"wave": "w"}),
        ("lin", "variant.discard", {"wave": "w"}),
        ("lin", "comment.read", {"wave": "w", "shown": 1}),
        ("lin", "comment.clear", {"wave": "w"}),
    ]


@pytest.mark.parametrize(
    ("act", "facts"),
    [
        (review.waiting, (TOMORROW,)),
        (review.list_variants, (TOMORROW,)),
        (review.list_comments, (TOMORROW,)),
        (review.adopt_variant, ("key",)),
        (review.discard_variant, ("key",)),
        (review.clear_comment, ("key", "话")),
        (review.reject_comment, ("key",)),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_only_researchers_review(collector: Collector, act: Callable[..., Any], facts: tuple[object, ...]) -> None:
    for actor in (Actor("anji", "county_reader", frozenset({ANJI})), Actor("op", "operator")):
        assert problem_of(collector, act, *facts, actor=actor) == "access.denied"
    assert problem_of(collector, act, *facts, actor=None) == "login.needed"
