"""The migrations build the tables that the program expects, and lead back, on both databases, with data in them."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, inspect, text

from fieldkit.core.access import LOCAL
from fieldkit.core.account import Account
from fieldkit.core.attachment import Address
from fieldkit.core.batch import Batch
from fieldkit.core.content import sealed
from fieldkit.core.draft import Draft
from fieldkit.core.edition import EnglishEdition, PeerSnapshot, PooledEdition, WeightedEdition
from fieldkit.core.job import Job
from fieldkit.core.roster import Cell, Margin, Roster
from fieldkit.core.wave import Study
from fieldkit.services import attach, resume
from fieldkit.services.collect import Collector
from fieldkit.services.withdraw import withdraw
from fieldkit.settings import resource
from fieldkit.store import (
    accounts,
    batches,
    drafts,
    editions,
    instruments,
    jobs,
    numbers,
    peers,
    pools,
    responses,
    rosters,
    waves,
    weighted,
)  # fmt: skip
from fieldkit.store.engine import Session, _configuration, is_current, is_sqlite, migrate, open_engine
from fieldkit.store.tables import Kept
from tests.photos import name_of, photo
from tests.samples import ANJI, TODAY, begin, item, questionnaire, sent, wave

FOLDER = resource("migrations")
NOW = datetime.datetime(2026, 11, 20, 8, tzinfo=datetime.UTC)
TABLES = set(Kept.metadata.tables)


def steps() -> list[str]:
    """All revisions from the first to the newest."""
    return [step.revision for step in ScriptDirectory.from_config(_configuration(FOLDER)).walk_revisions()][::-1]


def fill(engine: Engine) -> None:
    """At least one row in every table."""
    asked = questionnaire(item("level", "single", 1, 2), item("words", "text"), item("photo", "image"))
    begin(engine, asked)
    collector = Collector(engine, today=lambda: TODAY)
    content = photo()
    mine, gone = sent({"level": 1, "words": "话", "photo": name_of(content)}), sent({"level": 2})
    for submission in (mine, gone, replace(mine, answers={**mine.answers, "level": 2})):
        collector.submit(submission)
    collector.refuse("w", ANJI)
    collector.close()
    with Session(engine) as session:
        at = Address("w", ANJI, mine.id, name_of(content))
        total = len(content)
        attach.receive(session, wave(), asked, at, content, offset=0, total=total, today=TODAY)
        withdraw(session, "w", gone.receipt_code, TODAY)
        accounts.add(session, Account("lin", "researcher", "x"))
        editions.save(session, "w", ANJI, issued_on=TODAY, analysed=[mine.id], pdf=b"p", html=b"h", csv=b"c")
        editions.keep_english(session, EnglishEdition("w", ANJI, 1, b"{}", "id"))
        batches.add(session, Batch("b", "w", "running", "lin", NOW, TODAY), [ANJI])
        jobs.add(session, Job("j", "w", "responses", {"waves": ["w"]}, "waiting", "lin", NOW))
        peers.keep(session, PeerSnapshot("w", ANJI, 1, 1, 1, "salt", frozenset({"x"}), {}))
        numbers.keep_of_edition(session, "w", ANJI, 1, {})
        numbers.freeze_pooled(session, "w", 1, 1, 1, {})
        rosters.save(session, "w", Roster((Margin(("county",), (Cell(((ANJI,),), 40),)),)))
        counted = {ANJI: frozenset({"x"})}
        pools.save(session, PooledEdition("w", "p", 1, (ANJI,), TODAY, 1, b"p", b"e", b"c", "sum", "salt", counted))
        weighted.save(
            session, WeightedEdition("w", 1, TODAY, b"c", "sum", "salt", counted, "by", "roster", 10, 20)
        )
        session.commit()
    resume.keep(engine, "w", "0" * 64, b"sealed", TODAY)
    reword(engine)
    begin_trial(engine)


def reword(engine: Engine) -> None:
    """A second version of the questionnaire, in which one item was reworded and stayed the same question."""
    from dataclasses import replace

    from fieldkit.core.text import Text
    from fieldkit.services.publish import publish

    level = replace(item("level", "single", 1, 2), text=Text(zh="题目：级别"))
    with Session(engine) as session:
        later = replace(questionnaire(level, item("words", "text"), item("photo", "image")), version="1.0.1")
        publish(session, LOCAL, later, word="small", version="1.0.1", same={"level": True})
        session.commit()


def begin_trial(engine: Engine) -> None:
    """A draft that is tried out in a wave of its own, with one answer."""
    from dataclasses import replace

    draft = Draft("d" * 12, "questionnaire", "small", "id: small", 1, "1.0.0", "lin", NOW, "lin", NOW, "test-d")
    asked = sealed(replace(questionnaire(item("level", "single", 1, 2)), id="test-d"))
    trial = wave(id="test-d", study=Study("test-d", "试填", "", "", "", ""), questionnaire="test-d", test=True)
    with Session(engine) as session:
        drafts.add(session, draft)
        instruments.save(session, asked)
        waves.save(session, replace(trial, state="open"))
        session.commit()
    collector = Collector(engine, today=lambda: TODAY)
    collector.submit(sent({"level": 1}, wave="test-d", questionnaire="test-d"))
    collector.close()


def rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {t: connection.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in sorted(TABLES)}


def test_up_down_and_up_again_with_data(empty_url: str) -> None:
    engine = open_engine(empty_url)
    migrate(engine, FOLDER)
    fill(engine)
    full = rows(engine)
    full.pop("module")  # a small questionnaire draws on none
    assert min(full.values()) >= 1, full
    migrate(engine, FOLDER, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migrate(engine, FOLDER)
    assert set(rows(engine).values()) == {0}
    fill(engine)
    with Session(engine) as session:
        assert responses.count_by_county(session, "w") == {ANJI: 1}
    engine.dispose()


def test_a_program_that_knows_no_trials_finds_no_answers_of_any(empty_url: str) -> None:
    engine = open_engine(empty_url)
    migrate(engine, FOLDER)
    fill(engine)
    migrate(engine, FOLDER, "0001")
    with engine.connect() as connection:
        for query, left in (
            ("SELECT id FROM wave", ["w"]),
            ("SELECT DISTINCT wave FROM response", ["w"]),
            ("SELECT DISTINCT id FROM questionnaire", ["small"]),
            ("SELECT id FROM study", ["s"]),
        ):
            assert connection.execute(text(query)).scalars().all() == left, query
    migrate(engine, FOLDER)
    with Session(engine) as session:
        assert [w.test for w in waves.listed(session, tests=True)] == [False]
        assert responses.count_by_county(session, "w") == {ANJI: 1}, "real answers are all there"
    engine.dispose()


def test_english_pdfs_of_pooled_reports_from_before_can_be_checked_after_the_upgrade(empty_url: str) -> None:
    engine = open_engine(empty_url)
    migrate(engine, FOLDER)
    fill(engine)
    migrate(engine, FOLDER, "0009")
    migrate(engine, FOLDER)
    with Session(engine) as session:
        found = pools.by_hash(session, hashlib.sha256(b"e").hexdigest())
    assert found is not None
    assert (found.pool, found.members, found.snapshot_id) == ("p", 1, "")
    engine.dispose()


def test_every_step_can_be_taken_back_and_again(empty_url: str) -> None:
    engine = open_engine(empty_url)
    for revision in ["base", *steps()][1:]:
        migrate(engine, FOLDER, revision)
    for revision in ["base", *steps()][:-1][::-1]:
        migrate(engine, FOLDER, revision)
        migrate(engine, FOLDER)
        assert is_current(engine, FOLDER)
        migrate(engine, FOLDER, revision)
    engine.dispose()


def test_the_newest_migration_makes_exactly_the_tables_of_the_program(database: Engine) -> None:
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Kept.metadata) == []


def test_constraints_reach_the_database_under_their_names(database: Engine) -> None:
    found = inspect(database)
    declared = {
        (name, str(constraint.name))
        for name, table in Kept.metadata.tables.items()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert ("response", "ck_response_receipt_hash") in declared
    there = {(name, check["name"]) for name in TABLES for check in found.get_check_constraints(name)}
    assert there == declared


def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str, tmp_path: Path) -> None:
    broken = tmp_path / "migrations"
    (broken / "versions").mkdir(parents=True)
    (broken / "env.py").write_text((FOLDER / "env.py").read_text("utf-8"), "utf-8")
    for step in (FOLDER / "versions").glob("*.py"):
        (broken / "versions" / step.name).write_text(step.read_text("utf-8"), "utf-8")
    (broken / "versions" / "9999_broken.py").write_text(
        f"from alembic import op\nrevision = '9999'\ndown_revision = '{steps()[-1]}'\n"
        "def upgrade():\n    op.execute('CREATE TABLE half_done (x INTEGER)')\n    op.execute('NOT SQL')\n"
        "def downgrade():\n    pass\n",
        "utf-8",
    )
    engine = open_engine(empty_url)
    with pytest.raises(Exception, match="NOT"):
        migrate(engine, broken)
    assert set(inspect(engine).get_table_names()) == set()
    migrate(engine, FOLDER)
    assert is_current(engine, FOLDER)
    with engine.connect() as connection:
        if is_sqlite(engine):
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    engine.dispose()


def test_nothing_in_the_program_makes_tables_past_the_migrations() -> None:
    program = resource("migrations").parent / "fieldkit"
    found = [p for p in program.rglob("*.py") if "create_all" in p.read_text("utf-8")]
    assert found == []
