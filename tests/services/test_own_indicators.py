"""A researcher's own module gets its scores, its columns and its chapter of the county report without any code."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.formats.instrument_yaml import lint_folder
from fieldkit.services.export import write_responses
from fieldkit.services.report import county_files
from fieldkit.services.waves import waves_of_study
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, empty_database
from tests.services.own_module import COUNTY, field, folder_of

WAVES = {"first": "1.0.0", "second": "1.1.0", "third": "2.0.0"}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    engine = empty_database(folder)
    field(engine, folder_of(folder / "files"), WAVES)
    return engine


@pytest.fixture(scope="module")
def edition(engine):
    with Session(engine) as session:
        made = county_files(session, LOCAL, "first", COUNTY, dated=TODAY)
        session.commit()
    return made


def exported(engine, folder, waves):
    with Session(engine) as session:
        manifest = write_responses(session, LOCAL, waves, folder)
        session.commit()
    tables = []
    for name in ("responses.csv", "codebook.csv"):
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            tables.append(list(csv.DictReader(file)))
    return manifest, *tables


@pytest.fixture(scope="module")
def one(engine, tmp_path_factory):
    return exported(engine, tmp_path_factory.mktemp("one"), "first")


@pytest.fixture(scope="module")
def three(engine, tmp_path_factory):
    return exported(engine, tmp_path_factory.mktemp("three"), list(WAVES))


def test_the_module_is_sound(tmp_path):
    findings = lint_folder(folder_of(tmp_path))
    assert [f for f in findings if f.severity == "error"] == []


# the county report


def test_the_report_has_a_chapter_for_the_module(edition):
    page = edition.html.decode()
    assert "其他指标：会议研究" in page
    for name in ("会议负担感", "晚上会议的比例", "会议是为了布置任务", "最近一次会议的目的", "会议种类", "会议种类数"):
        assert name in page
    assert re.search(r"会议负担感平均为[\d.]+分（0—100分，分数越高表示负担越重）", page)
    assert re.search(r"会议次数的中位数为[\d.]+次", page)
    assert re.search(r"40名回答者中，\d+%表示最近一次会议是为了布置任务", page)
    assert edition.pdf.startswith(b"%PDF")


def test_the_summary_names_the_modules_own_results(edition):
    page = edition.html.decode()
    assert "下表列出" in page
    findings = page[page.index("主要发现") :].split("</ol>")[0]
    assert "会议负担感平均为" in findings
    assert "0项主要结果" not in page


def test_what_is_private_or_written_is_nowhere_in_the_countys_files(edition):
    for text in (edition.html.decode(), edition.csv.decode("utf-8-sig")):
        assert "hidden_score" not in text
        assert "只供研究的分数" not in text
        assert "王镇长" not in text


def test_a_name_that_a_sentence_may_not_say_is_printed_in_tables_only(edition):
    page = edition.html.decode()
    assert "排名第一的周会议次数" in page
    assert not re.search("排名第一的周会议次数平均", page)


def test_a_sensitive_score_says_what_it_does_not_mean(edition):
    page = edition.html.decode()
    assert "记录事后补的看法平均" in page
    assert "不表示回答者或其单位有过这些做法" in page


def test_below_twenty_people_a_sensitive_score_is_not_published(tmp_path):
    engine = empty_database(tmp_path)
    field(engine, folder_of(tmp_path / "files"), {"first": "1.0.0"}, people=15)
    with Session(engine) as session:
        made = county_files(session, LOCAL, "first", COUNTY, dated=TODAY)
    assert "made_up" not in made.csv.decode("utf-8-sig")
    assert "记录事后补的看法的有效人数不足20人，本报告不公布。" in made.html.decode()


def test_the_countys_table_has_a_row_for_every_public_indicator(edition):
    rows = csv.reader(io.StringIO(edition.csv.decode("utf-8-sig")))
    named = {cell for row in rows for cell in row}
    assert {"meeting_load", "meetings_n", "night_share", "for_tasks", "per_week", "last_purpose", "kinds_n"} <= named


# the research export


def test_scores_stand_behind_the_items_and_are_empty_where_there_is_none(one):
    _, rows, _ = one
    header = list(rows[0])
    assert header[-11:] == [
        "score_meeting_load", "score_meetings_n", "score_night_share", "score_for_tasks", "score_per_week",
        "score_last_purpose", "score_kinds", "score_kinds_n", "score_made_up", "score_hidden_score", "score_upper",
    ]  # fmt: skip
    for row in rows:
        codes = [row["mt_hard"], row["mt_tired"], row["mt_useful"] and str(6 - int(row["mt_useful"]))]
        valid = [int(code) for code in codes if code]
        expected = (sum(valid) / len(valid) - 1) * 25 if len(valid) >= 2 else None
        assert row["score_meeting_load"] == ("" if expected is None else f"{expected:.6f}".rstrip("0").rstrip("."))
        assert row["score_kinds"] == row["mt_kind"]
        assert row["score_hidden_score"] == str(int(row["mt_all"]) + int(row["mt_night"]))
    (empty,) = [row for row in rows if row["score_meeting_load"] == ""]
    assert empty["score_night_share"] == ""  # no meetings: nothing to divide by
    assert empty["score_meetings_n"] == "0"


def test_a_score_does_not_give_away_a_coarsened_answer(one):
    _, rows, _ = one
    hidden = [row for row in rows if row["core_level__miss"] == "coarsened"]
    assert all(row["score_upper"] == "" for row in hidden)
    assert any(row["score_upper"] for row in rows)


def test_the_codebook_says_how_a_score_is_computed(one):
    _, rows, book = one
    lines = {line["column"]: line for line in book}
    load = lines["score_meeting_load"]
    assert (load["type"], load["kind"], load["made_of"]) == ("score", "scale", "mt_hard mt_tired mt_useful")
    assert json.loads(load["parameters"]) == {"min_valid": 2}
    assert lines["score_last_purpose"]["codes_zh"].startswith("[1] 布置任务")
    assert lines["score_made_up"]["sensitive"] == "1"
    assert set(rows[0]) <= set(lines)


# several versions in one export


def test_a_question_has_one_column_over_all_versions(three):
    manifest, rows, book = three
    assert len(rows) == 120
    header = list(rows[0])
    assert [name for name in header if name.startswith("mt_hard")] == ["mt_hard", "mt_hard__miss"]
    assert len(set(header)) == len(header)
    assert [(w["wave"], w["questionnaire_version"], w["rows"]) for w in manifest["waves"]] == [
        ("first", "1.0.0", 40), ("second", "1.1.0", 40), ("third", "2.0.0", 40),
    ]  # fmt: skip
    assert {(row["wave"], row["questionnaire_version"], row["module_meetings"]) for row in rows} == {
        ("first", "1.0.0", "1.0.0"), ("second", "1.1.0", "1.1.0"), ("third", "2.0.0", "2.0.0"),
    }  # fmt: skip
    line = next(line for line in book if line["column"] == "mt_hard")
    assert line["module_version"] == "1.0.0 1.1.0 2.0.0"


def test_a_version_that_does_not_ask_a_question_says_so(three, one):
    _, rows, book = three
    reasons = {wave: {row["mt_online__miss"] for row in rows if row["wave"] == wave} for wave in WAVES}
    assert reasons == {"first": {"not_in_version"}, "second": {""}, "third": {""}}
    lines = {line["column"]: line for line in book}
    assert "not_in_version" in lines["mt_online__miss"]["missing_reasons"]
    assert "not_in_version" not in lines["mt_all__miss"]["missing_reasons"]
    assert not any("not_in_version" in line["missing_reasons"] for line in one[2])


def test_scores_that_may_not_be_compared_stand_apart(three):
    manifest, rows, book = three
    loads = [name for name in rows[0] if name.startswith("score_meeting_load")]
    assert loads == ["score_meeting_load__v1", "score_meeting_load__v2"]
    for row in rows:
        old = row["wave"] != "third"
        assert row["score_meeting_load__v2" if old else "score_meeting_load__v1"] == ""
    assert sum(bool(row["score_meeting_load__v1"]) for row in rows) == 78
    assert "score_meeting_load__v1" in manifest["not_comparable"]
    assert any("not_in_version" in note for note in manifest["notes"]["en"])
    lines = {line["column"]: line for line in book}
    assert lines["score_meeting_load__v1"]["questionnaire_version"] == "1.0.0 1.1.0"
    assert json.loads(lines["score_meeting_load__v2"]["parameters"]) == {"min_valid": 3}


def test_a_study_is_all_its_waves(engine):
    with Session(engine) as session:
        assert [wave.id for wave in waves_of_study(session, LOCAL, "meetings")] == sorted(WAVES)
        assert waves_of_study(session, LOCAL, "nothing") == []


def test_a_wave_is_exported_once_however_often_it_is_named(engine, tmp_path):
    manifest, rows, _ = exported(engine, tmp_path, ["first", "first"])
    assert len(rows) == manifest["rows"] == 40
