"""Case timelines from a fieldworker's sheet to the tables for research."""

from __future__ import annotations

import csv
import io
import secrets
from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from fieldkit.cli import main
from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.columns import response_key
from fieldkit.core.instrument import Library
from fieldkit.core.problem import Problem
from fieldkit.services.cases import case_files
from fieldkit.services.collect import Collector
from fieldkit.services.export import write_responses
from fieldkit.services.export_files import FORMATS
from fieldkit.services.publish import publish_library
from fieldkit.services.waves import open_wave
from fieldkit.settings import Settings, resource
from fieldkit.stats.cases import consented
from fieldkit.store import audit, responses, review, waves
from fieldkit.store.engine import Session, migrate, open_engine
from tests.samples import ANJI, TODAY, begin, item, sent, wave
from tests.samples import questionnaire as small
from tests.stats.people import questionnaire
from tests.stats.test_cases import FOUR, sheet

ASKED = questionnaire("case_timeline")


@pytest.fixture
def engine(tmp_path) -> Engine:
    url = Settings(data_dir=tmp_path).database
    migrate(url, resource("migrations"))
    engine = open_engine(url)
    with Session(engine) as session:
        publish_library(session, LOCAL, Library({}, {(ASKED.id, ASKED.version): ASKED}))
        open_wave(session, LOCAL, wave(id="cases", questionnaire=ASKED.id, version=ASKED.version))
        session.commit()
    return engine


def hand_in(engine: Engine, *sheets: dict[str, object]) -> None:
    collector = Collector(engine, today=lambda: TODAY)
    for answers in sheets:
        plain = sent(wave="cases", questionnaire=ASKED.id, version=ASKED.version)
        collector.submit(replace(plain, id=secrets.token_hex(16), answers=answers))
    collector.close()


def coded(code: str, coder: str, **head: object) -> dict[str, object]:
    return sheet(*({"ev_date": d, "ev_stage": s} for d, s in FOUR), ct_case_code=code, ct_coder=coder, **head)


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_cases_leave_with_their_indicators_two_coders_and_without_a_word_that_was_written(engine):
    hand_in(engine, coded("A01", "C1"), coded("A01", "C2"), coded("B01", "C1", ct_consent=2))
    with Session(engine) as session:
        files = case_files(session, LOCAL, "cases")
        session.commit()
        assert audit.listed(session)[0].action == "export.cases"
    rows = table(files["cases.csv"])
    assert [(r["case"], r["coder"], r["county"]) for r in rows] == [("A01", "C1", ANJI), ("A01", "C2", ANJI)]
    assert [rows[0][f"stage_days_{s}"] for s in (1, 2, 3, 4)] == ["82", "80", "97", "81"]
    assert rows[0]["triangulation_share"] == "100.0"
    agreed = table(files["agreement.csv"])
    assert {(r["variable"], r["percent"]) for r in agreed if r["variable"] == "ev_stage"} == {("ev_stage", "100.0")}
    assert {r["status"] for r in table(files["together.csv"])} == {"suppressed_n"}, "one case is too few"
    everything = b"".join(files.values()).decode("utf-8-sig")
    assert "街道向县里" not in everything
    assert "B01" not in everything


def test_a_case_without_consent_leaves_in_no_table_and_the_manifest_counts_it(engine, tmp_path):
    hand_in(engine, coded("A01", "C1"), coded("B01", "C1", ct_consent=2, ct_end="2024-12-30"))
    with Session(engine) as session:
        (kept,) = [r for r in responses.iterate(session, waves.get(session, "cases")) if consented(r)]
        for written in review.comments(session, "cases"):
            assert review.clear(session, "cases", written, f"{written.text} {written.response == kept.id}")
        session.commit()
        manifest = write_responses(session, LOCAL, "cases", tmp_path / "out", ("csv", "jsonl"))
    assert (manifest["rows"], manifest["withheld_without_consent"]) == (1, 1)
    assert manifest["rows_by_county"] == {ANJI: 1}
    assert any("withheld_without_consent" in note for note in manifest["notes"]["zh"])
    key = response_key(kept.id)
    for name in ("responses.csv", "rows_event.csv"):
        assert {row["response"] for row in table((tmp_path / "out" / name).read_bytes())} == {key}
    said = table((tmp_path / "out" / "comments.csv").read_bytes())
    assert said
    assert all(line["text"].endswith("True") for line in said)
    assert "2024-12-30" not in "".join(p.read_text("utf-8-sig") for p in (tmp_path / "out").iterdir())


def test_a_wave_of_cases_that_all_lack_consent_is_empty_and_says_so(engine, tmp_path):
    hand_in(engine, coded("B01", "C1", ct_consent=2))
    with Session(engine) as session:
        manifest = write_responses(session, LOCAL, "cases", tmp_path / "out", tuple(FORMATS))
    assert (manifest["rows"], manifest["withheld_without_consent"]) == (0, 1)
    assert table((tmp_path / "out" / "responses.csv").read_bytes()) == []


def test_a_survey_has_no_cases_and_a_county_reader_gets_none(engine):
    begin(engine, small(item("level", "single", 1, 2)))
    with Session(engine) as session, pytest.raises(Problem) as caught:
        case_files(session, LOCAL, "w")
    assert caught.value.code == "cases.none"
    with Session(engine) as session, pytest.raises(Problem) as caught:
        case_files(session, Actor("anji", "county_reader", frozenset({ANJI})), "cases")
    assert caught.value.code == "access.denied"


def test_the_command_line_writes_the_three_tables(engine, tmp_path, monkeypatch):
    hand_in(engine, coded("A01", "C1"))
    monkeypatch.setenv("FIELDKIT_DATA_DIR", str(tmp_path))
    done = CliRunner().invoke(main, ["export", "cases", "cases", "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["agreement.csv", "cases.csv", "together.csv"]
