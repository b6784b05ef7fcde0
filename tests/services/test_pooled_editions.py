"""Pooled reports as editions: checked in both languages, made again to the byte, corrected, held back."""

from __future__ import annotations

import datetime
import zlib

import pytest

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.problem import Problem
from fieldkit.services import layouts
from fieldkit.services.again import differences, pool_made_again
from fieldkit.services.pooled_editions import correct_pooled, issued_pool, pool_named, pooled_file, shelves
from fieldkit.services.report import county_files
from fieldkit.services.verify import fingerprint, verify
from fieldkit.services.waves import close_wave
from fieldkit.services.withdraw import withdraw
from fieldkit.store import audit, pools, responses, waves
from fieldkit.store.engine import Session
from tests.attack import pdf_text
from tests.demo_site import TODAY, demo_database, more_answers

TWO = ("330521", "330122")
NOTE = "表1的说明写错了，已改正。"


@pytest.fixture
def engine(tmp_path):
    return demo_database(tmp_path)


def pooled(engine, *counties, dated=TODAY, **more):
    with Session(engine) as session:
        found = pooled_file(session, LOCAL, "demo", counties=counties or TWO, dated=dated, **more)
        session.commit()
    return found


def corrected(engine, pool, note=NOTE, actor=LOCAL, dated=TODAY):
    with Session(engine) as session:
        found = correct_pooled(session, actor, "demo", pool, note, dated=dated)
        session.commit()
    return found


def refused(call, *arguments, **more):
    with pytest.raises(Problem) as caught:
        call(*arguments, **more)
    return caught.value.code


def again(engine, edition, language="zh"):
    with Session(engine) as session:
        return pool_made_again(session, LOCAL, "demo", edition.pool, edition.number, language)


def take_back(engine, code):
    with Session(engine) as session:
        withdraw(session, "demo", code, TODAY)
        session.commit()


def test_both_pdfs_can_be_checked_and_a_changed_one_cannot(engine):
    made = pooled(engine)
    with Session(engine) as session:
        for pdf, language in ((made.pdf, "zh"), (made.pdf_en, "en")):
            found = verify(session, fingerprint(pdf))
            assert (found.language, found.issue.number, found.issue.members, found.current) == (language, 1, 2, True)
            assert (found.issue.name, found.issue.n_analysed) == ("浙江省", made.n_analysed)
            assert refused(verify, session, fingerprint(pdf + b" ")) == "edition.not_ours"


def test_it_says_what_it_was_made_with_and_from(engine):
    made = pooled(engine)
    assert made.versions["questionnaire"] == "short 1.0.0"
    assert set(made.versions) >= {"program", "drawn_with", "questionnaire_hash", "layout", "wording", "style"}
    assert len(made.snapshot_id) == 16


def test_made_again_both_pdfs_are_the_same_to_the_byte_whatever_came_in_since(engine, tmp_path, monkeypatch):
    first = pooled(engine)
    more_answers(engine, "330122", 25)
    second = pooled(engine)
    assert second.number == 2
    # the team words its reports otherwise from now on
    monkeypatch.setenv("FIELDKIT_REPORTS", str(tmp_path / "own"))
    words = layouts.copy("pooled", "pooled") / "wording.zh.yaml"
    words.write_text(words.read_text("utf-8").replace("合并报告", "汇总报告"), "utf-8")
    for edition in (first, second):
        for language in ("zh", "en"):
            found = again(engine, edition, language)
            assert (found.same, found.pdf) == (True, edition.spoken(language))
            assert differences(found) == []


def test_where_the_style_was_changed_since_it_says_so_and_what_was_handed_out_holds(engine, tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDKIT_REPORTS", str(tmp_path / "own"))
    style = layouts.copy("pooled", "mine") / "paper.yaml"
    made = pooled(engine, layout="mine")
    assert again(engine, made).same
    style.write_text(style.read_text("utf-8").replace('ink: "', 'ink: "#123456" # "', 1), "utf-8")
    monkeypatch.setattr("fieldkit.services.again.__version__", "9.9.9")
    found = again(engine, made)
    assert not found.same
    assert set(found.changed) == {"program", "style"}
    assert [line[:2] for line in differences(found)] == ["程序", "版面"]
    assert "9.9.9" in differences(found, "en")[0]
    with Session(engine) as session:
        assert verify(session, made.sha256).issue.number == 1
        assert issued_pool(session, LOCAL, "demo", made.pool, 1, dated=TODAY).pdf == made.pdf


def test_a_layout_that_is_no_longer_there_does_not_keep_an_edition_from_being_made_again(engine, tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDKIT_REPORTS", str(tmp_path / "own"))
    layouts.copy("pooled", "mine")
    made = pooled(engine, layout="mine")
    monkeypatch.delenv("FIELDKIT_REPORTS")
    assert again(engine, made).same, "the words are in the snapshot and the style is the same"


def test_the_next_edition_takes_the_layout_of_the_one_before(engine, tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDKIT_REPORTS", str(tmp_path / "own"))
    layouts.copy("pooled", "mine")
    assert pooled(engine, layout="mine").versions["own_layout"] == "mine"
    more_answers(engine, "330122", 25)
    assert pooled(engine).versions["own_layout"] == "mine"


def test_a_snapshot_that_this_program_cannot_read_is_told(engine):
    made = pooled(engine)
    with Session(engine) as session:
        kept = made.snapshot.replace(b'"CountyReport"', b'"OldReport"')
        session.connection().exec_driver_sql(
            "UPDATE pooled_edition SET snapshot = ?", (zlib.compress(kept),)
        )
        session.commit()
    assert refused(again, engine, made) == "edition.unreadable"
    assert again(engine, made, "en").same


def test_three_corrections_rest_on_the_same_answers_and_whoever_holds_the_first_is_told_of_all(engine):
    first = pooled(engine)
    notes = ("第一处写错了。", "第二处写错了。", "第三处写错了。")
    made = [corrected(engine, first.pool, note) for note in notes]
    assert [one.number for one in made] == [2, 3, 4]
    assert {one.csv for one in made} == {first.csv}
    assert all(one.counted == first.counted for one in made)
    assert notes[2] in pdf_text(made[2].pdf).replace("\n", "")
    assert "This edition corrects edition 3" in pdf_text(made[2].pdf_en).replace("\n", " ")
    with Session(engine) as session:
        found = verify(session, first.sha256_en)
        assert [one.correction for one in found.corrections] == list(notes)
        assert (found.current, found.newest.number) == (False, 4)
        assert verify(session, made[2].sha256).current
        lines = audit.listed(session)[:3]
    assert [(one.action, one.facts["edition"]) for one in lines] == [("report.pooled_correct", n) for n in (4, 3, 2)]


def test_a_correction_needs_a_note_a_researcher_and_an_edition(engine):
    made = pooled(engine)
    assert refused(corrected, engine, made.pool, " \n") == "edition.no_note"
    assert refused(corrected, engine, made.pool, "长" * 501) == "edition.long_note"
    assert refused(corrected, engine, made.pool, "德清县排名第3名。") == "report.forbidden_words"
    assert refused(corrected, engine, "nothing") == "edition.pool_unknown"
    reader = Actor("anji", "county_reader", frozenset({"330523"}))
    assert refused(corrected, engine, made.pool, actor=reader) == "access.denied"


def test_no_correction_while_the_next_edition_is_due_or_somebody_of_the_last_has_left(engine):
    codes = more_answers(engine, "330521", 4)
    made = pooled(engine)
    more_answers(engine, "330122", 25)
    assert refused(corrected, engine, made.pool) == "edition.pool_due"
    assert pooled(engine).number == 2
    assert corrected(engine, made.pool).number == 3
    take_back(engine, codes[0])
    assert refused(corrected, engine, made.pool) == "edition.pool_moved"


def test_a_single_small_county_that_is_never_counted_in_does_not_stand_in_the_way_of_a_correction(engine):
    made = pooled(engine, "330523", "430225")
    assert made.members == 1
    with Session(engine) as session:
        close_wave(session, LOCAL, "demo")
        session.commit()
    assert corrected(engine, made.pool).csv == made.csv


def test_an_issued_pool_is_held_back_below_the_thresholds_of_the_day(engine, monkeypatch):
    made = pooled(engine)
    monkeypatch.setenv("FIELDKIT_N_MIN", "100")
    assert refused(pooled, engine) == "report.pooled_none"
    with Session(engine) as session:
        assert refused(issued_pool, session, LOCAL, "demo", made.pool, 1, dated=TODAY) == "report.pooled_none"


def test_once_raw_records_are_gone_what_was_issued_stays_and_nothing_is_corrected(engine):
    made = pooled(engine)
    with Session(engine) as session:
        wave = waves.get(session, "demo")
        county = county_files(session, LOCAL, "demo", "330521", dated=TODAY)
        responses.delete_wave(session, "demo")
        session.commit()
    assert refused(pooled, engine) == "report.pooled_none", "all of them taken back"
    later = wave.keep_until + datetime.timedelta(days=1)
    assert pooled(engine, dated=later) == made
    assert refused(corrected, engine, made.pool, dated=later) == "edition.expired"
    assert again(engine, made).same
    with Session(engine) as session:
        assert county_files(session, LOCAL, "demo", "330521", dated=later) == county


def test_the_shelf_lists_every_pool_with_its_editions(engine):
    made = pooled(engine)
    corrected(engine, made.pool)
    pooled(engine, "430121", "430224")
    with Session(engine) as session:
        found = shelves(session, LOCAL, "demo")
        assert sorted((one.counties, len(one.issues)) for one in found) == [
            (("330122", "330521"), 2),
            (("430121", "430224"), 1),
        ]
        assert pool_named(session, "demo", "330521") == made.pool
        assert refused(pool_named, session, "demo") == "edition.which_pool"
        assert refused(pool_named, session, "demo", "330824") == "edition.which_pool"


def test_what_was_issued_meanwhile_for_one_of_the_counties_stops_a_second_pool(engine, monkeypatch):
    from fieldkit.services import pooled_editions

    looked, real = [], pools.of_wave

    def late(session, wave_id):
        """Nobody had pooled the county when this was begun; somebody has when it ends."""
        looked.append(1)
        return {} if len(looked) == 1 else real(session, wave_id)

    pooled(engine)
    monkeypatch.setattr(pooled_editions.pools, "of_wave", late)
    assert refused(pooled, engine, "330521", "330824") == "report.pooled_overlap"
