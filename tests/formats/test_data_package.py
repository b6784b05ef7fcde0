"""The data package is valid by the published schema, and every cell of the CSV is of the type that it names.

tests/cases/data_package/tabular-data-package.json is the profile of the Data Package specification 1, as the package
datapackage 1.15.4 carries it (MIT licence, Open Knowledge Foundation).
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import jsonschema
import pytest

from fieldkit.formats.data_package import data_package
from fieldkit.formats.microdata_csv import header, lines
from tests.formats.small_dataset import dataset, list_table

PROFILE = Path(__file__).parents[1] / "cases" / "data_package" / "tabular-data-package.json"
READ = {
    "string": str,
    "integer": int,
    "number": float,
    "date": datetime.date.fromisoformat,
    "time": lambda cell: datetime.datetime.strptime(cell, "%H:%M"),
}


@pytest.fixture(scope="module")
def package():
    files = {"responses.csv": {"bytes": 5, "sha256": "ab" * 32}}
    return json.loads(data_package(dataset(40, list_table()), files=files))


def test_it_is_valid_by_the_published_schema(package):
    schema = json.loads(PROFILE.read_text("utf-8"))
    jsonschema.Draft4Validator(schema).validate(package)
    broken = {**package, "resources": [{"name": "x"}]}
    assert not jsonschema.Draft4Validator(schema).is_valid(broken)


def test_every_cell_is_of_the_type_that_its_column_names(package):
    for table, resource in zip(dataset(40, list_table()).tables, package["resources"], strict=True):
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == header(table)
        for cells in list(lines(table))[1:]:
            for field, cell in zip(fields, cells, strict=True):
                if cell:
                    value = READ[field["type"]](cell)
                    allowed = field.get("constraints", {}).get("enum")
                    assert allowed is None or value in allowed
                else:
                    assert not field.get("constraints", {}).get("required")


def test_codes_of_counties_are_strings(package):
    types = {field["name"]: field["type"] for field in package["resources"][0]["schema"]["fields"]}
    assert (types["county"], types["response"], types["level"]) == ("string", "string", "integer")


def test_a_list_of_rows_leads_to_its_people(package):
    people, events = package["resources"]
    assert people["schema"]["primaryKey"] == ["response"]
    assert events["schema"]["primaryKey"] == ["response", "row_events"]
    assert events["schema"]["foreignKeys"] == [
        {"fields": "response", "reference": {"resource": "responses", "fields": "response"}}
    ]


def test_a_file_is_named_with_its_size_and_its_hash(package):
    assert (package["resources"][0]["bytes"], package["resources"][0]["hash"]) == (5, "sha256:" + "ab" * 32)
