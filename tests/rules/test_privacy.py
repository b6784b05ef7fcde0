"""Promises of the consent text that the database keeps (pitfalls 1, 4, 9, 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Date, DateTime, Engine, Time, inspect, text
from sqlalchemy.types import TIMESTAMP

from fieldkit.services.collect import Collector
from fieldkit.services.withdraw import withdraw
from fieldkit.store import responses
from fieldkit.store.engine import Session, is_sqlite
from tests.samples import ANJI, TODAY, begin, item, questionnaire, sent

ABOUT_RESPONDENTS = {"response", "comment", "variant", "withdrawn", "tally", "attachment", "attachment_part", "resume"}
ABOUT_THE_DESK = {
    "study", "module", "questionnaire", "wave", "wave_county", "edition", "peer_snapshot", "account", "audit",
    "draft", "revision", "release", "identity", "roster", "edition_numbers", "pooled_figures",
    "batch", "batch_piece", "job",
    "edition_english", "pooled_edition", "weighted_edition",
}  # fmt: skip
TELLING = re.compile(
    r"(^|_)(ip|addr|address|agent|user|browser|device|phone|openid|cookie|session|referer|at|time|timestamp|created"
    r"|updated|name|unit|token|seq|serial|number)(_|$)"
)
ASKED = questionnaire(item("level", "single", 1, 2), item("words", "text"))


@pytest.fixture
def collector(database: Engine) -> Iterator[Collector]:
    begin(database, ASKED)
    collector = Collector(database, today=lambda: TODAY)
    yield collector
    collector.close()


def everything(engine: Engine) -> str:
    """All that the respondents' tables hold, as text."""
    with engine.connect() as connection:
        return "\n".join(
            str([tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))])
            for table in sorted(ABOUT_RESPONDENTS)
        )


def test_every_table_is_about_respondents_or_about_the_desk(database: Engine) -> None:
    assert set(inspect(database).get_table_names()) == ABOUT_RESPONDENTS | ABOUT_THE_DESK | {"alembic_version"}


def test_no_table_of_respondents_has_a_column_that_tells_who_where_or_when(database: Engine) -> None:
    found = inspect(database)
    for table in ABOUT_RESPONDENTS:
        for column in found.get_columns(table):
            assert not TELLING.search(column["name"]), f"{table}.{column['name']}"
            assert not isinstance(column["type"], DateTime | TIMESTAMP | Time), f"{table}.{column['name']}"


def test_no_table_at_all_has_a_column_for_an_address_or_a_browser(database: Engine) -> None:
    found = inspect(database)
    for table in ABOUT_RESPONDENTS | ABOUT_THE_DESK:
        for column in found.get_columns(table):
            assert not re.search(r"(^|_)(ip|agent|browser|device)(_|$)", column["name"]), f"{table}.{column['name']}"


def test_a_response_has_a_day_and_no_order_of_arrival(database: Engine) -> None:
    columns = {c["name"]: c for c in inspect(database).get_columns("response")}
    assert isinstance(columns["received_on"]["type"], Date)
    assert inspect(database).get_pk_constraint("response")["constrained_columns"] == ["wave", "county", "id"]
    if is_sqlite(database):
        with database.connect() as connection:
            for table in ABOUT_RESPONDENTS:
                sql = connection.execute(text(f"SELECT sql FROM sqlite_master WHERE name = '{table}'")).scalar_one()
                assert sql.rstrip().endswith("WITHOUT ROWID"), table
    else:
        for table in ABOUT_RESPONDENTS:
            for column in inspect(database).get_columns(table):
                assert not column["autoincrement"] or column["autoincrement"] == "auto", table
                assert column["default"] is None, table


def test_the_receipt_code_itself_is_nowhere(collector: Collector) -> None:
    mine = sent({"level": 1, "words": "话"})
    collector.submit(mine)
    assert mine.receipt_code not in everything(collector.engine)


def test_refusing_leaves_no_row_but_a_number(collector: Collector) -> None:
    collector.refuse("w", ANJI)
    with collector.engine.connect() as connection:
        counts = {t: connection.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in ABOUT_RESPONDENTS}
        assert counts == {**dict.fromkeys(ABOUT_RESPONDENTS, 0), "tally": 1}
        assert connection.execute(text("SELECT * FROM tally")).one() == ("w", ANJI, "refused", 1)


def test_withdrawing_leaves_a_number_and_nothing_of_the_response(collector: Collector) -> None:
    mine = sent({"level": 2, "words": "独一无二的话"})
    collector.submit(mine)
    with Session(collector.engine) as session:
        withdraw(session, "w", mine.receipt_code, TODAY)
        session.commit()
    left = everything(collector.engine)
    assert mine.id not in left
    assert "独一无二" not in left
    with Session(collector.engine) as session:
        assert responses.tally(session, "w", "withdrawn") == {ANJI: 1}
        assert responses.count_by_county(session, "w") == {}
    assert collector.submit(mine).outcome == "again"
    assert mine.id not in everything(collector.engine)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_sqlite_withdrawn_words_are_gone_from_the_file_itself(collector: Collector) -> None:
    mine = sent({"level": 2, "words": "ONLY-IN-ONE-PLACE"})
    collector.submit(mine)
    with Session(collector.engine) as session:
        withdraw(session, "w", mine.receipt_code, TODAY)
        session.commit()
    path = Path(str(collector.engine.url.database))
    assert path.with_name(path.name + "-wal").exists(), "the server is still running"
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert b"ONLY-IN-ONE-PLACE" not in content, file
        assert mine.id.encode() not in content, file


def test_nothing_ties_an_issue_or_the_log_of_the_desk_to_a_respondent(database: Engine) -> None:
    for table in ABOUT_THE_DESK:
        targets = {key["referred_table"] for key in inspect(database).get_foreign_keys(table)}
        assert not targets & ABOUT_RESPONDENTS, table
