"""The JSON Schemas that editors use are those of the present tables, and our own files satisfy them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from fieldkit.core.instrument_file import BLOCKS
from fieldkit.formats.instrument_schema import FILES, VALUES, schema_of, schema_text, write_schemas
from fieldkit.formats.instrument_yaml.tree import tree_of
from fieldkit.settings import resource

FOLDER = resource("instruments")


def plain(text: str) -> object:
    """The file as JSON sees it: option codes become texts."""
    tree, findings = tree_of(text)
    assert findings == []
    return json.loads(json.dumps(tree))


def complaints(name: str, text: str) -> list[str]:
    return [error.message for error in Draft202012Validator(schema_of(name)).iter_errors(plain(text))]


@pytest.mark.parametrize("name", FILES)
def test_the_committed_schema_is_current(name):
    Draft202012Validator.check_schema(schema_of(name))
    assert (FOLDER / "schema" / f"{name}.schema.json").read_text("utf-8") == schema_text(name)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*/*.yaml")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_committed_file_satisfies_its_schema(path: Path):
    assert complaints(path.parts[-3].removesuffix("s"), path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*/*.yaml")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_committed_file_names_its_schema_for_the_editor(path: Path):
    first = path.read_text("utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == FOLDER / "schema" / f"{path.parts[-3].removesuffix('s')}.schema.json"


MODULE = (FOLDER / "modules/burden/1.0.0.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        type: count_month\n", "        type: count_mouth\n"),
        ("        required: yes\n", "        required: maybe\n"),
        ("        warn_above: 30\n", "        warn_abov: 30\n"),
        ("    parameters: {min_valid: 4}\n", "    parameters: {}\n"),
        ("    parameters: {min_valid: 4}\n", "    parameters: {min_valid: 4, wrong: 1}\n"),
        ("    1: {zh: 非常不同意, en: Strongly disagree}\n", "    1: {en: Strongly disagree}\n"),
        ("        range: [0, 99]\n", "        range: [0]\n"),
        ("version: 1.0.0\n", "version: one\n"),
    ],
)
def test_the_schema_sees_what_the_loader_refuses(old, new):
    assert old in MODULE
    assert complaints("module", MODULE.replace(old, new, 1))


def test_every_kind_of_value_in_the_tables_of_keys_has_a_schema():
    kinds = {key.value for block in BLOCKS.values() for key in block.values() if not key.value.startswith("block")}
    assert kinds - {"one", "reasons"} == set(VALUES)


def test_schemas_are_written_where_they_are_wanted(tmp_path):
    paths = write_schemas(tmp_path / "schema")
    assert [p.name for p in paths] == ["module.schema.json", "questionnaire.schema.json"]
    assert all(json.loads(p.read_text("utf-8"))["additionalProperties"] is False for p in paths)
