"""Parquet holds the columns of the CSV with their types, in groups of rows, and the labels in its metadata."""

from __future__ import annotations

import datetime
import json

import duckdb
import pytest

from fieldkit.formats.microdata_parquet import write_parquet
from tests.formats.small_dataset import VARIABLES, dataset, rows


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("parquet") / "x.parquet"
    found = dataset(23)
    write_parquet(found, found.tables[0], path, at_once=5)
    return path


@pytest.fixture(scope="module")
def ask(path):
    """A question to another program about the file."""
    with duckdb.connect() as database:
        yield lambda sql: database.execute(sql.replace("FILE", f"'{path}'"))


def test_every_value_and_reason_comes_back_over_all_groups(ask):
    found = ask("SELECT * FROM FILE")
    names = [column[0] for column in found.description]
    lines = found.fetchall()
    assert len(lines) == 23
    for line, (values, missing) in zip(lines, rows(23), strict=True):
        cells = dict(zip(names, line, strict=True))
        for variable, value, why in zip(VARIABLES, values, missing, strict=True):
            want = " ".join(map(str, value)) if isinstance(value, list) else value
            got = cells[variable.name]
            assert (got.isoformat() if isinstance(got, datetime.date) else got) == want, variable.name
            assert cells.get(f"{variable.name}__miss") == (why or None)


def test_columns_have_types_of_their_own(ask):
    types = {line[0]: line[1] for line in ask("DESCRIBE SELECT * FROM FILE").fetchall()}
    names = ("county", "level", "hours", "received_on", "ways", "level__miss")
    assert [types[n] for n in names] == ["VARCHAR", "BIGINT", "DOUBLE", "DATE", "VARCHAR", "VARCHAR"]


def test_rows_are_written_in_groups(ask):
    assert ask("SELECT count(DISTINCT row_group_id) FROM parquet_metadata(FILE)").fetchone() == (5,)


def test_the_metadata_hold_labels_questions_and_codes(ask):
    kept = dict(ask("SELECT decode(key), decode(value) FROM parquet_kv_metadata(FILE)").fetchall())
    about = json.loads(kept["fieldkit"])
    assert about["columns"]["level"]["codes"]["2"] == {"zh": "街道", "en": "Street"}
    assert about["columns"]["level"]["question"]["zh"] == "您在哪一级？"
    assert about["missing"]["refused"]["zh"] == "不便回答"


def test_a_table_without_rows_still_has_its_columns(tmp_path):
    found = dataset(0)
    write_parquet(found, found.tables[0], tmp_path / "x.parquet")
    with duckdb.connect() as database:
        empty = database.execute(f"SELECT * FROM '{tmp_path / 'x.parquet'}'")
        assert "level__miss" in [column[0] for column in empty.description]
        assert empty.fetchall() == []
