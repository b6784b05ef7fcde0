"""Taking one's answers back."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from fieldkit.core.problem import Problem
from fieldkit.services.collect import Collector
from fieldkit.services.withdraw import withdraw
from fieldkit.store import responses
from fieldkit.store.engine import Session
from tests.samples import ANJI, TODAY, begin, item, new_code, questionnaire, sent, wave

ASKED = questionnaire(item("level", "single", 1, 2), item("words", "text"))


@pytest.fixture
def collector(database: Engine) -> Iterator[Collector]:
    begin(database, ASKED)
    collector = Collector(database, today=lambda: TODAY)
    yield collector
    collector.close()


def take_back(collector: Collector, code: str, today: datetime.date = TODAY, wave_id: str = "w") -> None:
    with Session(collector.engine) as session:
        withdraw(session, wave_id, code, today)
        session.commit()


def rows(collector: Collector) -> dict[str, int]:
    with collector.engine.connect() as connection:
        return {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("response", "comment", "variant", "withdrawn", "audit")
        }


def problem_of(collector: Collector, code: str, today: datetime.date = TODAY, wave_id: str = "w") -> str:
    with pytest.raises(Problem) as raised:
        take_back(collector, code, today, wave_id)
    return raised.value.code


def test_the_code_deletes_the_answers_the_words_and_the_variants(collector: Collector) -> None:
    mine, other = sent({"level": 1, "words": "话"}), sent({"level": 2, "words": "话"})
    collector.submit(mine)
    collector.submit(replace(mine, answers={**mine.answers, "level": 2}))
    collector.submit(other)
    before = rows(collector)
    take_back(collector, f" {mine.receipt_code[:6].lower()}-{mine.receipt_code[6:]} ")
    after = rows(collector)
    assert (before["response"], before["comment"], before["variant"]) == (2, 2, 1)
    assert (after["response"], after["comment"], after["variant"]) == (1, 1, 0)
    assert after["audit"] == before["audit"], "a withdrawal leaves no line in the log"
    with Session(collector.engine) as session:
        assert responses.tally(session, "w", "withdrawn") == {ANJI: 1}


def test_what_was_taken_back_does_not_come_back_from_a_phones_queue(collector: Collector) -> None:
    mine = sent({"level": 1})
    collector.submit(mine)
    take_back(collector, mine.receipt_code)
    for repeat in (mine, replace(mine, answers={**mine.answers, "level": 2}), replace(mine, receipt_code=new_code())):
        assert collector.submit(repeat).outcome == "again"
    assert rows(collector)["response"] == 0
    assert rows(collector)["variant"] == 0


def test_what_was_taken_back_does_not_hold_up_the_group_it_comes_back_in(collector: Collector) -> None:
    mine = sent({"level": 1, "words": "话"})
    collector.submit(mine)
    take_back(collector, mine.receipt_code)
    new = [sent({"level": 2}) for _ in range(3)]
    for submission in (mine, *new):
        collector.submit(submission)
    assert rows(collector)["response"] == 3
    assert rows(collector)["comment"] == 0


def test_the_code_of_a_variant_takes_everything_back_too(collector: Collector) -> None:
    mine = sent({"level": 1})
    collector.submit(mine)
    variant = replace(mine, answers={**mine.answers, "level": 2}, receipt_code=new_code())
    assert collector.submit(variant).outcome == "variant"
    take_back(collector, variant.receipt_code)
    assert rows(collector)["response"] == 0


def test_a_code_works_once(collector: Collector) -> None:
    mine = sent({"level": 1})
    collector.submit(mine)
    take_back(collector, mine.receipt_code)
    assert problem_of(collector, mine.receipt_code) == "receipt.unknown"
    with Session(collector.engine) as session:
        assert responses.tally(session, "w", "withdrawn") == {ANJI: 1}


def test_a_code_works_only_in_its_own_wave_and_time(collector: Collector) -> None:
    mine = sent({"level": 1})
    collector.submit(mine)
    last = wave().withdraw_until
    assert problem_of(collector, mine.receipt_code, last + datetime.timedelta(days=1)) == "receipt.too_late"
    assert problem_of(collector, mine.receipt_code, wave_id="x") == "wave.unknown"
    assert problem_of(collector, new_code()) == "receipt.unknown"
    assert problem_of(collector, "abc") == "receipt.malformed"
    take_back(collector, mine.receipt_code, last)
    assert rows(collector)["response"] == 0


def test_a_code_of_another_wave_is_unknown_here(collector: Collector) -> None:
    begin(collector.engine, ASKED, wave(id="w2"))
    mine = sent({"level": 1})
    collector.submit(mine)
    assert problem_of(collector, mine.receipt_code, wave_id="w2") == "receipt.unknown"


