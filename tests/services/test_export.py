"""Rows leave through one door: coarsened, without written words, counted, and noted."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
import zipfile
from collections import Counter, defaultdict

import pandas as pd
import pytest

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.columns import ABOUT
from fieldkit.core.problem import Problem
from fieldkit.services import export
from fieldkit.services.demonstration import make_demo
from fieldkit.services.export import FLAGS, write_responses, write_responses_zip
from fieldkit.services.withdraw import withdraw
from fieldkit.stats.coarsen import PROFILE
from fieldkit.store import audit, instruments, responses, review, waves
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, demo_database, more_answers, published

RESEARCHER = Actor("lin", "researcher")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return demo_database(tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def folder(engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "demo"
    with Session(engine) as session:
        write_responses(session, RESEARCHER, "demo", folder)
        session.commit()
    return folder


@pytest.fixture(scope="module")
def rows(folder):
    with (folder / "responses.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def manifest(folder):
    return json.loads((folder / "manifest.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def stored(engine):
    with Session(engine) as session:
        return list(responses.iterate(session, waves.get(session, "demo")))


def test_there_is_one_row_for_each_stored_response(rows, stored, manifest):
    assert len(rows) == len(stored) == manifest["rows"] == len({row["response"] for row in rows})
    assert Counter(row["county"] for row in rows) == Counter(r.county for r in stored) == manifest["rows_by_county"]


def test_spreadsheets_see_utf8_and_other_programs_the_same_numbers(folder, rows):
    assert (folder / "responses.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(folder / "responses.csv", dtype={"county": str})
    assert table["bur_af1"].sum() == sum(int(row["bur_af1"]) for row in rows if row["bur_af1"])
    database = sqlite3.connect(":memory:")
    names = list(rows[0])
    database.execute(f"CREATE TABLE r ({', '.join(names)})")
    database.executemany(f"INSERT INTO r VALUES ({', '.join('?' * len(names))})", [tuple(r.values()) for r in rows])
    (counted,) = database.execute("SELECT count(*) FROM r WHERE county_name = '安吉县' AND simulated = '1'").fetchone()
    database.close()
    assert counted == (table["county"] == "330523").sum() == 125


def test_every_item_stands_beside_its_missing_reason(rows, stored, engine):
    with Session(engine) as session:
        questionnaire = instruments.get(session, "short", "1.0.0")
    items = [i.id for i in questionnaire]
    asked = [i for i in items if i not in ("core_consent", "core_county", "core_comment")]
    header = list(rows[0])
    assert header == [
        *ABOUT,
        "module_alliance", "module_burden", "module_core", "module_negotiation",
        *(f"seconds_{section.id}" for section in questionnaire.sections),
        *FLAGS,
        *(column for item in asked for column in (item, f"{item}__miss")),
        *(f"score_{indicator.id}" for indicator in questionnaire.indicators),
    ]  # fmt: skip
    assert all(bool(row[item]) != bool(row[f"{item}__miss"]) for row in rows for item in asked)


def test_zero_is_a_number_and_missing_is_empty(rows, stored):
    zeros = sum(r.answers["al_opt_n"].value == 0 for r in stored)
    assert zeros > 0
    assert sum(row["al_opt_n"] == "0" and not row["al_opt_n__miss"] for row in rows) == zeros
    reasons = Counter(row["al_opt_n__miss"] for row in rows if row["al_opt_n"] == "")
    assert reasons == Counter(r.answers["al_opt_n"].missing for r in stored if r.answers["al_opt_n"].missing)
    assert {"not_shown", "skipped", "dont_know", "refused"} <= set(reasons)


def test_a_refused_profile_question_is_never_the_number_nine(rows):
    assert all(row[item] != "9" for row in rows for item in PROFILE)
    assert any(row["core_post__miss"] == "refused" for row in rows)


def test_every_profile_in_the_file_is_shared_by_three_people_of_the_county(rows, manifest):
    shared: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for row in rows:
        shared[row["county"]][tuple(row[i] + row[f"{i}__miss"] for i in PROFILE)] += 1
    for county, profiles in shared.items():
        for profile, count in profiles.items():
            assert count >= 3 or set(profile) == {"coarsened"}, (county, profile)
    blanked = [row for row in rows if any(row[f"{i}__miss"] == "coarsened" for i in PROFILE)]
    assert manifest["profile"]["rows_coarsened"] == len(blanked)
    assert any(row["core_age"] and row["core_gender"] and row["core_bianzhi"] for row in rows)


def test_nothing_that_people_wrote_leaves(folder, stored, engine, manifest):
    with Session(engine) as session:
        written = {comment.text for comment in review.comments(session, "demo")}
    files = b"".join(path.read_bytes() for path in folder.iterdir()).decode()
    assert len(written) > 5
    assert not [text for text in written if text in files]
    assert manifest["left_out"] == ["core_comment"]


def test_no_row_can_be_followed_back_to_a_phone_or_an_hour(rows, stored):
    ids = {response.id for response in stored}
    cells = {cell for row in rows for cell in row.values()}
    assert not ids & cells
    assert not {one[:16] for one in ids} & cells
    assert all(len(row["received_on"]) == 10 for row in rows)
    days = [row["received_on"] for row in rows if row["county"] == "430121"]
    assert days != sorted(days)


def test_flags_agree_with_the_rules(rows, stored):
    failed = {r.county for r in stored if r.answers["core_attention"].value not in (2, None)}
    assert sum(int(row["attention_fail"]) for row in rows) == sum(
        r.answers["core_attention"].value not in (2, None) for r in stored
    )
    assert failed
    for row in rows:
        signs = int(row["attention_fail"]) + int(row["speeder"]) + int(row["straightline"])
        assert int(row["quality_exclude"]) == int(row["core_voluntary"] == "4" or signs >= 2)


def test_the_codebook_explains_every_column(folder, rows):
    with (folder / "codebook.csv").open(encoding="utf-8-sig", newline="") as file:
        book = {line["column"] or f"without {line['item']}": line for line in csv.DictReader(file)}
    assert set(rows[0]) <= set(book)
    assert all(line["text_zh"] and line["text_en"] for line in book.values())
    pb6 = book["bur_pb6"]
    assert (pb6["reverse"], pb6["construct"], pb6["module"], pb6["module_version"]) == (
        "1", "perceived_burden", "burden", "1.0.0",
    )  # fmt: skip
    assert pb6["codes_zh"].startswith("[1] 非常不同意; [2] 比较不同意")
    assert (book["bur_tr_hours"]["low"], book["bur_tr_hours"]["high"], book["bur_tr_hours"]["unit_zh"]) == (
        "0", "100", "小时",
    )  # fmt: skip
    assert "coarsened" in book["core_age__miss"]["missing_reasons"]
    assert "coarsened" not in book["bur_af1__miss"]["missing_reasons"]
    assert "[refused] 不便回答" in book["core_post"]["codes_zh"]
    assert "[9]" not in book["core_post"]["codes_zh"]
    assert book["without core_comment"]["note"]


def test_the_manifest_names_the_files_as_they_are(folder, manifest, rows):
    for file in manifest["files"]:
        content = (folder / file["name"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert manifest["columns"] == len(rows[0])
    assert manifest["simulated"]
    assert any("模拟" in note for note in manifest["notes"]["zh"])


def test_the_zip_holds_the_same_files(engine, folder):
    packed = io.BytesIO()
    with Session(engine) as session:
        write_responses_zip(session, RESEARCHER, "demo", packed)
    with zipfile.ZipFile(packed) as archive:
        assert archive.namelist() == [
            "responses.csv", "read.R", "read_pandas.py", "comments.csv", "codebook.csv", "labels.csv", "manifest.json",
        ]  # fmt: skip
        for name in archive.namelist():
            assert archive.read(name) == (folder / name).read_bytes()


def test_a_name_that_ends_in_zip_gives_one_file(engine, tmp_path):
    with Session(engine) as session:
        write_responses(session, LOCAL, "demo", tmp_path / "x.zip")
    assert zipfile.is_zipfile(tmp_path / "x.zip")


def test_what_was_withdrawn_is_not_in_the_file(tmp_path):
    engine = demo_database(tmp_path)
    (code,) = more_answers(engine, "330523", 1)

    def count():
        with Session(engine) as session:
            manifest = write_responses(session, RESEARCHER, "demo", tmp_path / "out")
            session.commit()
        return manifest["rows_by_county"]["330523"], manifest["withdrawn_before"]

    assert count() == (126, 0)
    with Session(engine) as session:
        withdraw(session, "demo", code, TODAY)
        session.commit()
    assert count() == (125, 1)


def test_an_export_that_does_not_add_up_is_refused(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(export.responses, "count_by_county", lambda session, wave: {"330523": 126})
    with Session(engine) as session, pytest.raises(Problem) as caught:
        write_responses(session, RESEARCHER, "demo", tmp_path)
    assert caught.value.code == "export.mismatch"
    assert not (tmp_path / "manifest.json").exists()


@pytest.mark.parametrize(
    "actor", [Actor("anji", "county_reader", frozenset({"330523"})), Actor("op", "operator")], ids=lambda a: a.role
)
def test_only_researchers_get_rows(engine, tmp_path, actor):
    with Session(engine) as session, pytest.raises(Problem) as caught:
        write_responses(session, actor, "demo", tmp_path / "no")
    assert caught.value.code == "access.denied"
    assert not (tmp_path / "no").exists()


def test_every_export_is_in_the_log(engine, folder, manifest):
    with Session(engine) as session:
        line = next(line for line in audit.listed(session) if line.action == "export.responses")
    assert line.actor == "lin"
    sha256 = manifest["rows_sha256"]
    facts = {"wave": "demo", "rows": manifest["rows"], "comments": 0, "formats": ["csv"], "sha256": sha256}
    assert line.facts == facts


def test_phones_can_hand_in_while_an_export_reads(database, tmp_path, monkeypatch):
    make_demo(published(database), today=TODAY)
    real = export.responses.iterate

    def slow(session, wave, county=None):
        for n, response in enumerate(real(session, wave, county)):
            if n == 100:
                more_answers(database, "430224", 3)
            yield response

    monkeypatch.setattr(export.responses, "iterate", slow)
    with Session(database) as session:
        manifest = write_responses(session, RESEARCHER, "demo", tmp_path / "out")
        session.commit()
    assert manifest["rows_by_county"]["430224"] == 15  # of the moment when the export began
