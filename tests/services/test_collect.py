"""Submissions and refusals, as they come in from phones."""

from __future__ import annotations

import datetime
import logging
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from fieldkit.core.access import LOCAL
from fieldkit.core.answer import NOT_SHOWN, Answer
from fieldkit.core.problem import Problem
from fieldkit.core.response import Response
from fieldkit.core.submission import shown_code
from fieldkit.services import collect
from fieldkit.services.collect import Collector
from fieldkit.services.waves import close_wave
from fieldkit.store import intake, responses, review, waves
from fieldkit.store.engine import Session
from tests.samples import ANJI, CHANGXING, TODAY, begin, item, questionnaire, sent, wave

ASKED = questionnaire(
    item("level", "single", 1, 2, 3, 4, required="hard", missing=()),
    item("task", "single", 0, 1),
    item("size", "number", low=0, relevance="${task} = 1"),
    item("tasks", "multi", 1, 2, 3),
    item("words", "text", high=500),
)
ANSWERS: dict[str, object] = {"level": 3, "task": 1, "size": 12.5, "tasks": [3, 1]}


@pytest.fixture
def collector(database: Engine) -> Iterator[Collector]:
    begin(database, ASKED)
    collector = Collector(database, today=lambda: TODAY)
    yield collector
    collector.close()


def kept(collector: Collector, county: str | None = None) -> list[Response]:
    with Session(collector.engine) as session:
        return list(responses.iterate(session, waves.get(session, "w"), county))


def count(collector: Collector, table: str) -> int:
    with collector.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def code_of(collector: Collector, submission: object) -> str:
    with pytest.raises(Problem) as raised:
        collector.submit(submission)  # type: ignore[arg-type]
    return raised.value.code


def test_what_was_handed_in_is_what_is_kept(collector: Collector) -> None:
    submission = sent(ANSWERS)
    receipt = collector.submit(submission)
    assert receipt.outcome == "stored"
    assert receipt.code == shown_code(submission.receipt_code)
    assert receipt.withdraw_until == "2026-12-30"
    (response,) = kept(collector)
    assert response == Response(
        id=submission.id,
        wave="w",
        county=ANJI,
        questionnaire="small",
        version="1.0.0",
        language="zh",
        received_on=TODAY,
        active_seconds=300,
        answers={
            "level": Answer(3),
            "task": Answer(1),
            "size": Answer(12.5),
            "tasks": Answer([1, 3]),
            "words": Answer(missing="skipped"),
        },
    )


def test_answers_that_were_not_asked_for_are_kept_as_not_shown(collector: Collector) -> None:
    collector.submit(sent({**ANSWERS, "task": 0}))
    assert kept(collector)[0].answers["size"] == NOT_SHOWN


def test_words_lie_apart_from_the_answers(collector: Collector) -> None:
    collector.submit(sent({**ANSWERS, "words": "张主任很忙"}))
    assert kept(collector)[0].answers["words"] == Answer("")
    with collector.engine.connect() as connection:
        assert "张主任" not in str(connection.execute(text("SELECT answers FROM response")).scalar_one())
    with Session(collector.engine) as session:
        (comment,) = review.comments(session, "w")
    assert (comment.item, comment.text, comment.cleared) == ("words", "张主任很忙", False)


def test_the_same_again_gets_the_same_receipt_and_is_kept_once(collector: Collector) -> None:
    submission = sent({**ANSWERS, "words": "说明"})
    first = collector.submit(submission)
    again = collector.submit(replace(submission, active_seconds=900))
    assert (first.outcome, again.outcome) == ("stored", "again")
    assert again.code == first.code
    assert count(collector, "response") == 1
    assert count(collector, "variant") == 0


def test_the_same_again_stays_the_same_when_its_words_were_cleared_of_names(collector: Collector) -> None:
    submission = sent({**ANSWERS, "words": "张主任"})
    collector.submit(submission)
    with Session(collector.engine) as session:
        (comment,) = review.comments(session, "w")
        assert review.clear(session, "w", comment, "某领导")
        session.commit()
    assert collector.submit(submission).outcome == "again"


@pytest.mark.parametrize("change", [{"level": 1}, {"words": "别的"}])
def test_other_content_under_the_same_id_is_kept_for_review(collector: Collector, change: dict[str, object]) -> None:
    submission = sent({**ANSWERS, "words": "原来"})
    collector.submit(submission)
    other = replace(submission, answers={**submission.answers, **change})
    assert collector.submit(other).outcome == "variant"
    assert collector.submit(other).outcome == "variant"
    assert kept(collector)[0].answers["level"] == Answer(3)
    with Session(collector.engine) as session:
        (variant,) = review.variants(session, "w")
    assert variant.response == submission.id
    assert variant.answers["level"] == Answer(change.get("level", 3))  # type: ignore[arg-type]


def test_a_broken_phone_cannot_fill_the_disk_with_variants(collector: Collector) -> None:
    submission = sent(ANSWERS)
    collector.submit(submission)
    for size in range(30):
        other = replace(submission, answers={**submission.answers, "size": size})
        assert collector.submit(other).outcome == "variant"
    assert count(collector, "variant") == intake.VARIANTS_KEPT


def test_a_receipt_code_that_somebody_else_has_asks_for_a_new_one(collector: Collector) -> None:
    submission = sent(ANSWERS)
    collector.submit(submission)
    assert code_of(collector, sent(ANSWERS, receipt_code=submission.receipt_code)) == "receipt.taken"
    assert count(collector, "response") == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"wave": "x"}, "wave.unknown"),
        ({"county": "110101"}, "wave.county_outside"),
        ({"version": "2.0.0"}, "submission.wrong_version"),
        ({"questionnaire": "full"}, "submission.wrong_version"),
        ({"id": "ABC"}, "submission.wrong_shape"),
        ({"receipt_code": "0"}, "receipt.malformed"),
    ],
)
def test_what_does_not_belong_here_is_said(collector: Collector, change: dict[str, str], code: str) -> None:
    assert code_of(collector, sent(ANSWERS, **change)) == code
    assert count(collector, "response") == 0


def test_findings_come_back_and_nothing_is_kept(collector: Collector) -> None:
    assert code_of(collector, sent({"level": 9})) == "submission.invalid"
    assert code_of(collector, sent({"core_consent": 2})) == "submission.no_consent"
    assert count(collector, "response") == 0


def test_a_language_that_is_not_fielded_is_kept_as_the_first_that_is(collector: Collector) -> None:
    collector.submit(sent(ANSWERS, language="fr"))
    assert kept(collector)[0].language == "zh"


def test_a_closed_wave_takes_no_more_answers_within_seconds(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector.submit(sent(ANSWERS))
    with Session(collector.engine) as session:
        close_wave(session, LOCAL, "w")
        session.commit()
    monkeypatch.setattr(collect, "FRESH_SECONDS", 0.0)
    assert code_of(collector, sent(ANSWERS)) == "wave.closed_early"
    with pytest.raises(Problem):
        collector.refuse("w", ANJI)


def test_the_day_is_that_of_the_fieldwork(database: Engine) -> None:
    begin(database, ASKED, wave(closes_on=TODAY))
    days = iter([TODAY, TODAY + datetime.timedelta(days=1)])
    collector = Collector(database, today=lambda: next(days))
    collector.submit(sent(ANSWERS))
    assert code_of(collector, sent(ANSWERS)) == "wave.closed"
    collector.close()


def test_a_refusal_is_a_number_and_nothing_else(collector: Collector) -> None:
    for county in (ANJI, ANJI, CHANGXING):
        collector.refuse("w", county)
    assert count(collector, "response") == 0
    with Session(collector.engine) as session:
        assert responses.tally(session, "w", "refused") == {ANJI: 2, CHANGXING: 1}


def test_what_comes_from_many_phones_at_once_is_all_kept(collector: Collector) -> None:
    submissions = [
        sent({**ANSWERS, "words": f"第{n}人" if n % 3 == 0 else None}, county=(ANJI, CHANGXING)[n % 2])
        for n in range(200)
    ]
    with ThreadPoolExecutor(32) as phones:
        receipts = list(phones.map(collector.submit, submissions))
    assert {receipt.outcome for receipt in receipts} == {"stored"}
    assert [receipt.code for receipt in receipts] == [shown_code(s.receipt_code) for s in submissions]
    assert {r.id for r in kept(collector)} == {s.id for s in submissions}
    assert len(kept(collector, CHANGXING)) == 100
    assert count(collector, "comment") == 67


def test_one_that_comes_twice_in_one_group_is_kept_once(collector: Collector) -> None:
    submission, others = sent(ANSWERS), [sent(ANSWERS) for _ in range(20)]
    with ThreadPoolExecutor(32) as phones:
        outcomes = [r.outcome for r in phones.map(collector.submit, [submission, *others, submission, submission])]
    assert sorted(outcomes) == ["again", "again", *["stored"] * 21]
    assert count(collector, "response") == 21


def test_in_a_group_with_something_old_the_new_is_kept_all_the_same(collector: Collector) -> None:
    old, new = sent(ANSWERS), [sent(ANSWERS) for _ in range(5)]
    collector.submit(old)
    arrivals = arrivals_of(collector, [*new[:2], old, *new[2:]])
    assert collector._write(arrivals) == ["stored", "stored", "again", "stored", "stored", "stored"]
    assert count(collector, "response") == 6


def arrivals_of(collector: Collector, submissions: list[object]) -> list[intake.Arrival]:
    """What the collector would write for these, without writing it."""
    caught: list[intake.Arrival] = []

    class Door:
        def hand_in(self, thing: intake.Arrival) -> str:
            caught.append(thing)
            return "stored"

    door, collector._door = collector._door, Door()  # type: ignore[assignment]
    for submission in submissions:
        collector.submit(submission)  # type: ignore[arg-type]
    collector._door = door
    return caught


def test_one_that_breaks_a_rule_of_the_tables_does_not_sink_its_group(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    arrivals = arrivals_of(collector, [sent({**ANSWERS, "words": "绝密"}) for _ in range(3)])
    poisoned = replace(arrivals[1], county="999999")
    with caplog.at_level(logging.DEBUG):
        outcomes = collector._write([arrivals[0], poisoned, arrivals[2]])
    assert (outcomes[0], outcomes[2]) == ("stored", "stored")
    assert isinstance(outcomes[1], Problem)
    assert outcomes[1].code == "server.failed"
    assert count(collector, "response") == 2
    assert "绝密" not in caplog.text
    assert poisoned.id not in caplog.text


def test_a_lost_connection_is_replaced_and_nothing_is_lost(collector: Collector) -> None:
    collector.submit(sent(ANSWERS))
    assert collector._inlet is not None
    collector._inlet._connection.close()
    assert collector.submit(sent(ANSWERS)).outcome == "stored"
    assert collector.submit(sent(ANSWERS)).outcome == "stored"
    assert count(collector, "response") == 3


def test_a_group_that_was_stored_just_before_the_connection_broke_is_not_stored_twice(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = intake.Inlet.add_all

    def stores_and_breaks(self: intake.Inlet, arrivals: list[intake.Arrival]) -> bool:
        honest(self, arrivals)
        raise OperationalError("COMMIT", {}, Exception("gone"))

    monkeypatch.setattr(intake.Inlet, "add_all", stores_and_breaks)
    assert collector.submit(sent(ANSWERS)).outcome == "again"
    assert count(collector, "response") == 1


def test_when_the_database_is_away_phones_hear_that_it_is_unavailable(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    collector.submit(sent(ANSWERS))

    def away(*_: object) -> object:
        raise OperationalError("INSERT 绝密", {}, Exception("no route"))

    monkeypatch.setattr(intake.Inlet, "add_all", away)
    monkeypatch.setattr(type(collector.engine), "connect", away)
    assert code_of(collector, sent(ANSWERS)) == "store.unavailable"
    assert "绝密" not in caplog.text


def test_after_closing_nothing_is_taken(database: Engine) -> None:
    begin(database, ASKED)
    collector = Collector(database, today=lambda: TODAY)
    collector.submit(sent(ANSWERS))
    collector.close()
    collector.close()
    assert code_of(collector, sent(ANSWERS)) == "store.unavailable"


def test_two_processes_can_collect_into_the_same_database(database: Engine) -> None:
    begin(database, ASKED)
    program = """
import sys
sys.path.insert(0, sys.argv[2])
from concurrent.futures import ThreadPoolExecutor
from fieldkit.services.collect import Collector
from fieldkit.store.engine import open_engine
from tests.samples import TODAY, sent
engine = open_engine(sys.argv[1])
collector = Collector(engine, today=lambda: TODAY)
people = [sent({"level": 1, "words": "话" if n % 2 else None}) for n in range(100)]
with ThreadPoolExecutor(8) as phones:
    for receipt in phones.map(collector.submit, people):
        assert receipt.outcome == "stored"
collector.close()
engine.dispose()
"""
    command = [sys.executable, "-c", program, str(database.url), sys.path[0] or "."]
    workers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for worker in workers:
        _, complaint = worker.communicate(timeout=280)
        assert worker.returncode == 0, complaint
    with Session(database) as session:
        assert responses.count_by_county(session, "w") == {ANJI: 200}


def test_somebody_who_reads_for_long_keeps_nobody_from_handing_in(collector: Collector) -> None:
    collector.submit(sent(ANSWERS))
    with (
        Session(collector.engine) as session,
        closing(responses.iterate(session, waves.get(session, "w"))) as reading,
        ThreadPoolExecutor(1) as phone,
    ):
        assert next(reading)
        assert phone.submit(collector.submit, sent(ANSWERS)).result(timeout=120).outcome == "stored"


def test_collecting_needs_no_heavy_library() -> None:
    heavy = ("pandas", "numpy", "reportlab", "wtforms", "alembic", "flask", "yaml")
    program = f"import sys, fieldkit.services.collect; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_questionnaire_of_a_county_comes_with_its_wave(collector: Collector) -> None:
    fieldwork, asked = collector.questionnaire("w", ANJI)
    assert (fieldwork.id, asked) == ("w", ASKED)
    assert collector.questionnaire("w", CHANGXING)[1] is asked
    with pytest.raises(Problem) as raised:
        collector.questionnaire("w", "110101")
    assert raised.value.code == "wave.county_outside"


