"""The plan of a demonstration wave, read from YAML: which counties, how many invented people, what they are like."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fieldkit.core.wave import Study


@dataclass(frozen=True, slots=True)
class PlannedCounty:
    """One county: `analysed` people answer with care, `careless` ones are left out; `member` is a share 0..1."""

    code: str
    invited: int
    analysed: int
    careless: int
    burden: float
    member: float


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A simulated wave. Answers lie on `days_open` days up to the first start; it stays open `days_left` days more."""

    wave: str
    seed: str
    questionnaire: str
    days_open: int
    days_left: int
    study: Study
    link: str
    peers: tuple[str, ...]
    peer_rule: str
    counties: tuple[PlannedCounty, ...]
    comments: tuple[str, ...]


def load_demonstration(path: Path) -> Demonstration:
    """Read the plan; it is part of the program, so a mistake in it is an ordinary error."""
    given: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return Demonstration(
        **given
        | {
            "study": Study(**given["study"]),
            "peers": tuple(given["peers"]),
            "counties": tuple(PlannedCounty(**county) for county in given["counties"]),
            "comments": tuple(given["comments"]),
        }
    )
