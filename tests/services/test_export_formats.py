"""The demonstration wave in every format: the same rows, values and labels, read back by other programs."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import io
import json
import os
import tempfile
import time
import zipfile
from xml.etree import ElementTree as Tree

import duckdb
import pandas as pd
import pyreadstat
import pytest
from python_calamine import CalamineWorkbook

from fieldkit.core.access import LOCAL
from fieldkit.core.problem import Problem
from fieldkit.services import export, export_files
from fieldkit.services.export import gathered, write_responses, write_responses_zip
from fieldkit.services.export_files import FORMATS
from fieldkit.store import audit
from fieldkit.store.engine import Session
from tests.demo_site import demo_database

REASON = {"not_shown": -91, "skipped": -92, "dont_know": -93, "refused": -94, "not_applicable": -95, "coarsened": -96}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return demo_database(tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def folder(engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "demo"
    with Session(engine) as session:
        write_responses(session, LOCAL, "demo", folder, tuple(FORMATS))
        session.commit()
    return folder


@pytest.fixture(scope="module")
def rows(folder):
    with (folder / "responses.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def manifest(folder):
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def number(cell: str) -> float | None:
    return float(cell) if cell else None


def test_every_format_has_the_same_rows_and_the_manifest_counts_them(folder, rows, manifest):
    data = {
        file["format"]: file for file in manifest["files"] if file["name"].startswith("responses.") and "rows" in file
    }
    assert set(data) == {"csv", "xlsx", "sav", "dta", "parquet", "jsonl"}
    assert {file["rows"] for file in data.values()} == {len(rows)} == {673}
    assert {data[kind]["columns"] for kind in ("csv", "xlsx", "parquet")} == {len(rows[0])} == {manifest["columns"]}
    for file in manifest["files"]:
        content = (folder / file["name"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert {path.name for path in folder.iterdir()} == {file["name"] for file in manifest["files"]} | {"manifest.json"}


def test_spss_and_stata_hold_what_the_csv_holds(folder, rows):
    spss, _ = pyreadstat.read_sav(folder / "responses.sav", user_missing=True, disable_datetime_conversion=True)
    stata, _ = pyreadstat.read_dta(folder / "responses.dta", user_missing=True, disable_datetime_conversion=True)
    assert len(spss) == len(stata) == len(rows)
    letters = dict(zip(REASON, "abcdef", strict=True))
    checked = 0
    for name in [n for n in rows[0] if f"{n}__miss" in rows[0]]:
        for row, one, other in zip(rows, spss[name], stata[name], strict=True):
            why = row[f"{name}__miss"]
            assert one == (REASON[why] if why else number(row[name])), (name, row[name], why)
            assert other == (letters[why] if why else number(row[name])), (name, row[name], why)
            checked += 1
    assert checked > 10_000
    for name in [n for n in rows[0] if n.startswith("score_")]:
        assert [None if pd.isna(v) else v for v in spss[name]] == [number(row[name]) for row in rows]
    assert list(spss["county"]) == list(stata["county"]) == [row["county"] for row in rows]


def test_spss_and_stata_have_the_chinese_labels_of_the_codebook(folder):
    with (folder / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        labels = [line for line in csv.DictReader(file) if line["file"] == "responses.csv"]
    _, spss = pyreadstat.read_sav(folder / "responses.sav", metadataonly=True)
    _, stata = pyreadstat.read_dta(folder / "responses.dta", metadataonly=True, user_missing=True)
    checked = 0
    for line in labels:
        name = line["column"].removesuffix("__miss")
        if name == line["column"]:
            assert spss.variable_value_labels[name][float(line["code"])] == line["label_zh"]
            assert stata.variable_value_labels[name][int(line["code"])] == line["label_zh"]
            checked += 1
        else:
            assert spss.variable_value_labels[name][REASON[line["code"]]] == line["label_zh"]
    assert checked > 50
    assert dict(zip(spss.column_names, spss.column_labels, strict=True))["core_age"] == "年龄段"
    assert spss.column_labels == stata.column_labels


def test_the_workbook_the_parquet_file_and_the_json_lines_hold_what_the_csv_holds(folder, rows):
    header, *lines = CalamineWorkbook.from_path(folder / "responses.xlsx").get_sheet_by_name("data").to_python()
    lines = [dict(zip(header, line, strict=True)) for line in lines]
    with duckdb.connect() as database:
        found = database.execute(f"SELECT * FROM '{folder / 'responses.parquet'}'")
        names = [column[0] for column in found.description]
        groups = [dict(zip(names, line, strict=True)) for line in found.fetchall()]
    said = [json.loads(line) for line in (folder / "responses.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) == len(groups) == len(said) == len(rows)
    for row, sheet, group, line in zip(rows, lines, groups, said, strict=True):
        for name, cell in row.items():
            if name.endswith("__miss"):
                assert sheet[name] == cell == (group[name] or "")
                assert line[name.removesuffix("__miss")] == {"missing": cell} or not cell
            elif isinstance(group[name], int | float):
                assert number(cell) == group[name] == sheet[name] == line[name]
            else:
                assert cell == str(group[name] if group[name] is not None else "") == sheet[name]


def test_the_description_for_archives_names_every_file_and_column(folder, rows):
    root = Tree.parse(folder / "ddi.xml").getroot()
    space = {"d": "ddi:codebook:2_5"}
    assert [v.attrib["name"] for v in root.findall("d:dataDscr/d:var", space)] == list(rows[0])
    assert root.findtext("d:fileDscr/d:fileTxt/d:dimensns/d:caseQnty", None, space) == "673"


def test_the_data_package_knows_the_hash_of_the_csv(folder):
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    (resource,) = package["resources"]
    assert resource["hash"] == "sha256:" + hashlib.sha256((folder / "responses.csv").read_bytes()).hexdigest()


def reader(folder):
    spec = importlib.util.spec_from_file_location("read_pandas", folder / "read_pandas.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_for_pandas_reads_codes_labels_days_and_reasons(folder, rows):
    data = reader(folder).read_table("responses")
    assert len(data) == len(rows)
    assert data["core_age"].dropna().iloc[0] in ("30岁及以下", "31—40岁", "41—50岁", "51岁及以上")
    assert data["bur_af1"].sum() == sum(int(row["bur_af1"]) for row in rows if row["bur_af1"])
    assert str(data["received_on"].dtype).startswith("datetime64")
    assert data["county"].iloc[0] == rows[0]["county"]
    assert (data["core_age__miss"] == "coarsened").sum() == sum(row["core_age__miss"] == "coarsened" for row in rows)
    assert data.attrs["labels"]["core_age"] == "您的年龄段"
    codes = reader(folder).read_table("responses", codes=True)
    assert [c for c in codes["core_age"] if pd.notna(c)] == [int(row["core_age"]) for row in rows if row["core_age"]]


def test_gb18030_goes_through_every_csv_and_the_script_that_reads_them(engine, tmp_path, rows):
    with Session(engine) as session:
        manifest = write_responses(session, LOCAL, "demo", tmp_path, ("csv",), "gb18030")
    for name in ("responses.csv", "codebook.csv", "labels.csv", "comments.csv"):
        (tmp_path / name).read_bytes().decode("gb18030")
    with (tmp_path / "responses.csv").open(encoding="gb18030", newline="") as file:
        assert list(csv.DictReader(file)) == rows
    assert len(reader(tmp_path).read_table("responses")) == 673
    assert manifest["encoding"] == "gb18030"


def test_a_format_or_an_encoding_that_nobody_knows_is_refused_before_anything_is_read(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "snapshot", None)
    with Session(engine) as session:
        for formats, encoding, code in ((["ods"], "utf-8", "export.format"), (["csv"], "big5", "export.encoding")):
            with pytest.raises(Problem) as caught:
                write_responses(session, LOCAL, "demo", tmp_path / "no", formats, encoding)
            assert (caught.value.code, caught.value.status) == (code, 400)
    assert not (tmp_path / "no").exists()


def test_the_description_formats_bring_the_csv_along(engine, tmp_path):
    with Session(engine) as session:
        manifest = write_responses(session, LOCAL, "demo", tmp_path, ("ddi",))
    assert manifest["formats"] == ["csv", "ddi"]
    assert (tmp_path / "responses.csv").exists()


def test_what_was_read_is_gone_from_the_disk_afterwards_also_when_something_fails(engine, tmp_path, monkeypatch):
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(waiting))
    with Session(engine) as session, gathered(session, LOCAL, "demo", ("csv", "sav")) as found:
        pieces = found.zipped()
        assert next(pieces)
        assert next(path.name for path in waiting.iterdir()).startswith("fieldkit-export-")
        pieces.close()
    assert list(waiting.iterdir()) == []

    def broken(order):
        raise OSError("disk full")
        yield

    monkeypatch.setattr(export_files, "FORMATS", {**FORMATS, "csv": broken})
    with Session(engine) as session, pytest.raises(OSError, match="disk full"):
        write_responses(session, LOCAL, "demo", tmp_path / "out")
    assert list(waiting.iterdir()) == []


def test_what_a_killed_export_left_behind_goes_with_the_next_one(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name, age in (("fieldkit-export-old", 90_000), ("fieldkit-export-running", 60), ("other", 90_000)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows").write_text("1")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    with Session(engine) as session:
        write_responses(session, LOCAL, "demo", tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"fieldkit-export-running", "other", "out"}


def test_the_line_in_the_log_stands_before_the_first_byte(engine):
    with Session(engine) as session, gathered(session, LOCAL, "demo", ("jsonl",)) as found:
        line = next(line for line in audit.listed(session) if line.action == "export.responses")
        assert line.facts["formats"] == ["jsonl"]
        assert line.facts["sha256"] == found.facts["rows_sha256"]
        assert found.made.files == {}


def test_the_zip_of_every_format_is_whole_and_the_same_every_time(engine):
    packed = []
    for _ in range(2):
        file = io.BytesIO()
        with Session(engine) as session:
            write_responses_zip(session, LOCAL, "demo", file, tuple(FORMATS))
        packed.append(file.getvalue())
    assert packed[0] == packed[1]
    with zipfile.ZipFile(io.BytesIO(packed[0])) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[-1] == "manifest.json"
