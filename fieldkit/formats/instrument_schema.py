"""The tables of `core.instrument_file` as JSON Schema, for completion and red lines in an editor.

A schema cannot say everything the loader checks (references, conditions, mixed options): `fieldkit instrument lint`
does. Editors read the YAML as version 1.2, as the loader does.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fieldkit.core.instrument import ANY_KIND_MAY, INDICATOR_KINDS, VERSION
from fieldkit.core.instrument_file import BLOCKS, Key
from fieldkit.core.item import ID

DRAFT = "https://json-schema.org/draft/2020-12/schema"
FILES = ("module", "questionnaire")

_ID = {"type": "string", "pattern": "^" + ID.pattern.removesuffix("\\Z") + "$"}
_VERSION = {"type": "string", "pattern": "^" + VERSION.pattern.removesuffix("\\Z") + "$"}
_BOUND = {"type": ["number", "null"]}


def write_schemas(folder: Path) -> list[Path]:
    """Write module.schema.json and questionnaire.schema.json into `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in FILES:
        path = folder / f"{name}.schema.json"
        path.write_text(schema_text(name), "utf-8")
        paths.append(path)
    return paths


def schema_text(name: str) -> str:
    """The schema of one kind of file as it is written."""
    return json.dumps(schema_of(name), ensure_ascii=False, indent=1) + "\n"


def schema_of(name: str) -> dict[str, Any]:
    """The schema of one kind of file: 'module' or 'questionnaire'."""
    used: set[str] = set()
    root = _block(name, used)
    waiting = set(used)
    blocks: dict[str, Any] = {}
    while waiting:
        block = waiting.pop()
        found: set[str] = set()
        blocks[block] = _block(block, found)
        waiting |= found - blocks.keys()
    shared = {"words": _words(), "options": _options()}
    return {"$schema": DRAFT, "title": f"FieldKit {name}", **root, "$defs": shared | dict(sorted(blocks.items()))}


def _block(name: str, used: set[str]) -> dict[str, Any]:
    keys = BLOCKS[name]
    block: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": [key for key, entry in keys.items() if entry.must],
        "properties": {key: {"description": entry.about, **_value(entry, used)} for key, entry in keys.items()},
    }
    if name == "indicator":
        block["allOf"] = [_parameters(kind) for kind in INDICATOR_KINDS]
    return block


def _value(key: Key, used: set[str]) -> dict[str, Any]:
    kind, _, block = key.value.partition(":")
    if block or kind == "items":
        used.update((block,) if block else ("item", "group"))
    if block:
        reference = {"$ref": f"#/$defs/{block}"}
        return reference if kind == "block" else {"type": "array", "items": reference}
    if kind in ("one", "reasons"):
        among = {"enum": list(key.among)}
        return among if kind == "one" else {"type": "array", "items": among}
    return VALUES[kind]


# One row for each kind of value that a key can have; blocks and those with a list of their own are in `_value`.
VALUES: dict[str, dict[str, Any]] = {
    "line": {"type": ["string", "number"]},
    "words": {"$ref": "#/$defs/words"},
    "id": _ID,
    "version": _VERSION,
    "number": {"type": "number"},
    "whole": {"type": "integer"},
    "flag": {"type": "boolean"},
    "facts": {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
    "ids": {"type": "array", "items": _ID},
    "languages": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]{2,3}(_[A-Z]{2})?$"}},
    "range": {"type": "array", "prefixItems": [_BOUND, _BOUND], "minItems": 2, "maxItems": 2},
    "rows": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2},
    "pins": {"type": "object", "propertyNames": _ID, "additionalProperties": _VERSION},
    "options": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/options"}]},
    "option_lists": {"type": "object", "additionalProperties": {"$ref": "#/$defs/options"}},
    "items": {"type": "array", "items": {"anyOf": [_ID, {"$ref": "#/$defs/item"}, {"$ref": "#/$defs/group"}]}},
    "parameters": {"type": "object"},
}


def _words() -> dict[str, Any]:
    languages = {"zh": {"type": "string"}, "en": {"type": "string"}}
    return {
        "type": "object",
        "properties": languages,
        "required": ["zh"],
        "patternProperties": {"^[a-z]{2,3}(_[A-Z]{2})?$": {"type": "string"}},
        "additionalProperties": False,
    }


def _options() -> dict[str, Any]:
    marks = {key: {"description": entry.about, **_value(entry, set())} for key, entry in BLOCKS["option"].items()}
    option = _words() | {"properties": {"zh": {"type": "string"}, "en": {"type": "string"}, **marks}}
    return {"type": "object", "patternProperties": {"^-?[0-9]+$": option}, "additionalProperties": False}


def _parameters(kind: str) -> dict[str, Any]:
    """If an indicator is of this kind, it has these parameters."""
    entry = INDICATOR_KINDS[kind]
    names = (*entry.must, *entry.may, *ANY_KIND_MAY)
    parameters = {
        "description": entry.about,
        "required": list(entry.must),
        "propertyNames": {"enum": list(names)},
    }
    return {
        "if": {"properties": {"kind": {"const": kind}}},
        "then": {"properties": {"parameters": parameters}, **({"required": ["parameters"]} if entry.must else {})},
    }
