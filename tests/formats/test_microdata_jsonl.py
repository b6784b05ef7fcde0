"""One response a line, a missing answer never a value."""

from __future__ import annotations

import json

from fieldkit.formats.microdata_jsonl import json_lines
from tests.formats.small_dataset import VARIABLES, dataset, rows


def test_every_value_comes_back_and_every_reason_names_itself():
    lines = b"".join(json_lines(dataset(403).tables[0])).decode().splitlines()
    assert len(lines) == 403
    for line, (values, missing) in zip(lines, rows(403), strict=True):
        found = json.loads(line)
        for variable, value, why in zip(VARIABLES, values, missing, strict=True):
            assert found[variable.name] == ({"missing": why} if why else value)


def test_a_code_of_a_county_keeps_its_zero_and_chinese_stays_readable():
    first = next(iter(json_lines(dataset(1).tables[0])))
    assert b'"county":"010101"' in first
    assert "安吉县".encode() in first
