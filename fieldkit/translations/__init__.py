"""The words of the interface, Chinese first and English second, as flat YAML files a translator can edit.

`say("phone.next", "zh")` gives one sentence; `explain(problem, "en")` gives what happened and what to do.
Each file `<area>.yaml` holds the keys that begin with `<area>.`; both languages have the same keys, and a test says so.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from fieldkit.core.problem import Problem

FOLDERS = {"zh": "zh_CN", "en": "en"}
HERE = Path(__file__).resolve().parent


@cache
def catalogue(language: str) -> dict[str, object]:
    """All words of one language by key; of Chinese where we have none in that language."""
    words: dict[str, object] = {}
    for path in sorted((HERE / FOLDERS.get(language, FOLDERS["zh"])).glob("*.yaml")):
        for key, entry in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader).items():
            words[f"{path.stem}.{key}"] = entry
    return words


def say(key: str, language: str = "zh", **facts: object) -> str:
    """The sentence under `key`, with its {placeholders} filled; KeyError when nobody wrote it."""
    words = catalogue(language if language in FOLDERS else "zh")[key]
    if not isinstance(words, str):
        raise KeyError(f"{key} is not one sentence")
    return words.format_map(facts) if facts else words


def explain(problem: Problem, language: str = "zh", *, team: bool = False) -> tuple[str, str]:
    """What happened and what to do, in the reader's language; in the team's words where they differ and it reads."""
    return explain_code(f"problem.{problem.code}", language, team, where=problem.where, **problem.facts)


def explain_code(key: str, language: str = "zh", team: bool = False, /, **facts: object) -> tuple[str, str]:
    """Message and remedy of any entry that has both; `team` prefers the entry's team_message and team_remedy."""
    entry = catalogue(language if language in FOLDERS else "zh")[key]
    if not isinstance(entry, dict):
        raise KeyError(f"{key} has no message and remedy")
    shown = {k: "" if v is None else v for k, v in facts.items()}
    message, remedy = ((team and entry.get(f"team_{part}")) or entry[part] for part in ("message", "remedy"))
    return message.format_map(shown), remedy.format_map(shown)
