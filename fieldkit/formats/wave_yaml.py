"""A wave as a researcher writes it down before fieldwork: one YAML file.

    id: burden-2026-2
    number: 2
    study: {id: burden-2026, title: 基层工作负担与治理协作调查, team: 某大学课题组, email: team@example.org,
            ethics_number: 2026-018, approval_note: 已取得县委组织部同意}
    questionnaire: short
    version: 1.0.0
    opens_on: 2026-11-02
    closes_on: 2026-11-30
    withdraw_until: 2026-12-31
    keep_until: 2027-06-30
    counties: [{code: "330523", invited: 180}, {code: "330522"}]
    peers: ["330523", "330522"]
    peer_rule: 人均财政收入相近的浙江县
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from fieldkit.core.problem import Problem
from fieldkit.core.wave import Study, Wave, WaveCounty

DATES = ("opens_on", "closes_on", "withdraw_until", "keep_until")
NEEDED = ("id", "number", "study", "questionnaire", "version", "counties", *DATES)
MAY = ("peers", "peer_rule", "n_min", "n_min_sensitive", "simulated")
STUDY = ("id", "title", "team", "email", "ethics_number", "approval_note")
LIMIT = 1024 * 1024


def load_wave(path: Path) -> Wave:
    """Read a wave file; Problem `wave.broken` says which field of which file is wrong and how."""
    if path.stat().st_size > LIMIT:
        raise broken(path, "", "size")
    try:
        given = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise broken(path, f"line {mark.line + 1}" if mark else "", "yaml") from None
    if not isinstance(given, Mapping):
        raise broken(path, "", "mapping")
    for field in NEEDED:
        if given.get(field) in (None, "", []):
            raise broken(path, field, "missing")
    for field in given:
        if field not in (*NEEDED, *MAY):
            raise broken(path, str(field), "unknown")
    study = given["study"]
    if not isinstance(study, Mapping):
        raise broken(path, "study", "mapping")
    for field in STUDY:
        if not study.get(field):
            raise broken(path, f"study.{field}", "missing")
    for field in DATES:
        if type(given[field]) is not datetime.date:
            raise broken(path, field, "date")
    try:
        return Wave(
            id=str(given["id"]),
            study=Study(**{field: str(study[field]) for field in STUDY}),
            number=int(given["number"]),
            questionnaire=str(given["questionnaire"]),
            version=str(given["version"]),
            counties=tuple(county(path, entry) for entry in given["counties"]),
            **{field: given[field] for field in DATES},
            state="open",
            peers=tuple(code(path, "peers", c) for c in given.get("peers") or ()),
            peer_rule=str(given.get("peer_rule") or ""),
            n_min=int(given.get("n_min", 10)),
            n_min_sensitive=int(given.get("n_min_sensitive", 20)),
            simulated=bool(given.get("simulated", False)),
        )
    except (ValueError, TypeError) as error:
        raise broken(path, str(error), "value") from None


def county(path: Path, entry: Any) -> WaveCounty:
    """One line of `counties`: a quoted code, or a code with the number invited."""
    if isinstance(entry, Mapping):
        invited = entry.get("invited")
        return WaveCounty(code(path, "counties", entry.get("code")), None if invited is None else int(invited))
    return WaveCounty(code(path, "counties", entry))


def code(path: Path, field: str, value: Any) -> str:
    """A county code; it must be quoted in YAML, or 010101 would lose its zero."""
    if not isinstance(value, str) or len(value) != 6 or not value.isdigit():
        raise broken(path, f"{field}: {value}", "code")
    return value


def broken(path: Path, field: str, why: str) -> Problem:
    """What is wrong with a wave file."""
    return Problem(f"wave.broken_{why}", where=f"{path.name} {field}".strip(), file=path.name, field=field)
