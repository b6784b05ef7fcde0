"""A Frictionless data package: what stands in the CSV files, with an explicit type for every column.

Codes of counties are strings, so that no program takes them for numbers. Tabular Data Package, specification version 1
(specs.frictionlessdata.io); `categories` are those of version 2, which readers of version 1 pass over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fieldkit.core.dataset import Dataset, Table, Variable

MISSING = "__miss"
TYPES: Mapping[str, Mapping[str, str]] = {
    "text": {"type": "string"},
    "code": {"type": "integer"},
    "codes": {"type": "string"},
    "order": {"type": "string"},
    "pair": {"type": "string"},
    "point": {"type": "string"},  # the type geopoint has the longitude first
    "number": {"type": "number"},
    "whole": {"type": "integer"},
    "flag": {"type": "integer"},
    "date": {"type": "date", "format": "%Y-%m-%d"},
    "time": {"type": "time", "format": "%H:%M"},
}


def data_package(
    dataset: Dataset, encoding: str = "utf-8", files: Mapping[str, Mapping[str, object]] | None = None
) -> bytes:
    """The datapackage.json. `files` gives bytes and sha256 of the CSV files by name."""
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": dataset.name,
        "title": dataset.title.say("zh"),
        "description": "\n".join(note.say("zh") for note in dataset.notes),
        "version": "; ".join(dataset.versions),
        "created": f"{dataset.made_on}T00:00:00Z",
        "resources": [_resource(dataset, table, encoding, files or {}) for table in dataset.tables],
    }
    if dataset.producer:
        package["contributors"] = [{"title": dataset.producer, "role": "author"}]
    return json.dumps(package, ensure_ascii=False, indent=1).encode() + b"\n"


def _resource(
    dataset: Dataset, table: Table, encoding: str, files: Mapping[str, Mapping[str, object]]
) -> dict[str, Any]:
    path = f"{table.name}.csv"
    lists = [variable.name for variable in table.variables if variable.role == "row"]
    schema: dict[str, Any] = {
        "fields": [field for variable in table.variables for field in _fields(dataset, variable)],
        "missingValues": [""],
    }
    first = dataset.tables[0].name
    if lists or table.name == first:
        schema["primaryKey"] = ["response", *lists]
    if table.name != first:
        schema["foreignKeys"] = [{"fields": "response", "reference": {"resource": first, "fields": "response"}}]
    written = files.get(path, {})
    return {
        "profile": "tabular-data-resource",
        "name": table.name.replace("_", "-"),
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig" if encoding == "utf-8" else encoding,  # behind a byte order mark
        **({"bytes": written["bytes"], "hash": f"sha256:{written['sha256']}"} if written else {}),
        "schema": schema,
    }


def _fields(dataset: Dataset, variable: Variable) -> list[dict[str, Any]]:
    field: dict[str, Any] = {"name": variable.name, **TYPES[variable.kind], "title": variable.label.say("zh")}
    if variable.question:
        field["description"] = variable.question.say("zh")
    if variable.kind == "code":
        field["categories"] = [{"value": code, "label": words.say("zh")} for code, words in variable.options]
        field["constraints"] = {"enum": [code for code, _ in variable.options]}
    if variable.name in ("response", "county"):
        field["constraints"] = {"required": True}
    found = [field]
    if variable.reasons:
        categories = [{"value": reason, "label": dataset.reasons[reason].say("zh")} for reason in variable.reasons]
        constraints = {"enum": list(variable.reasons)}
        found.append(
            {"name": variable.name + MISSING, "type": "string", "categories": categories, "constraints": constraints}
        )
    return found
