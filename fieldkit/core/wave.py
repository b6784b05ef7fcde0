"""A study and its waves: who asks, whom, when, with which questionnaire version and which promises."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from fieldkit.core.problem import Problem

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
STATES = ("draft", "open", "closed")
TEST = "test-"  # begins the id of a wave in which a draft is tried out


@dataclass(frozen=True, slots=True)
class Study:
    """A research project: the words in 【】 of the consent text come from here."""

    id: str
    title: str
    team: str
    email: str
    ethics_number: str
    approval_note: str


@dataclass(frozen=True, slots=True)
class WaveCounty:
    """One county of a wave. `invited` is the number of invited cadres, None when it is not known."""

    code: str
    invited: int | None = None


@dataclass(frozen=True)
class Wave:
    """One period of fieldwork (第N轮): one questionnaire version, a list of counties, dates, thresholds, peers.

    Answers are taken from `opens_on` to `closes_on`, both days included; they can be withdrawn until
    `withdraw_until`; raw records are deleted after `keep_until`. `peers` are the county codes compared with each
    other, fixed before fieldwork, and `peer_rule` says in words how they were chosen. `test` marks a trial of a draft:
    its answers are kept apart and never counted; its id begins with test-, and no other does.
    """

    id: str
    study: Study
    number: int
    questionnaire: str
    version: str
    counties: tuple[WaveCounty, ...]
    opens_on: datetime.date
    closes_on: datetime.date
    withdraw_until: datetime.date
    keep_until: datetime.date
    state: str = "draft"
    peers: tuple[str, ...] = ()
    peer_rule: str = ""
    n_min: int = 10
    n_min_sensitive: int = 20
    simulated: bool = False
    test: bool = False

    def __post_init__(self) -> None:
        if not SLUG.match(self.id):
            raise ValueError(f"wave id {self.id!r}: small letters, digits and - only, at most 40")
        if self.test != self.id.startswith(TEST):
            raise ValueError(f"wave {self.id}: ids that begin with {TEST} are those of trials of a draft")
        if self.state not in STATES:
            raise ValueError(f"wave {self.id}: state {self.state!r} is not one of {STATES}")
        if not self.opens_on <= self.closes_on <= self.withdraw_until <= self.keep_until:
            raise ValueError(f"wave {self.id}: opens, closes, withdraw until, keep until must follow each other")
        if self.n_min < 10 or self.n_min_sensitive < 20:
            raise ValueError(f"wave {self.id}: thresholds can be raised, never lowered below 10 and 20")

    @cached_property
    def county(self) -> Mapping[str, WaveCounty]:
        """The wave's counties by code."""
        return MappingProxyType({c.code: c for c in self.counties})

    def takes_answers(self, code: str, today: datetime.date) -> None:
        """Return if a questionnaire for this county may be answered today; else say why not as a Problem."""
        if code not in self.county:
            raise Problem("wave.county_outside", where=code, county=code, wave=self.id)
        if self.state == "closed" and today <= self.closes_on:
            raise Problem("wave.closed_early", where=self.id, wave=self.id)
        if self.state == "closed" or today > self.closes_on:
            raise Problem("wave.closed", where=self.id, wave=self.id, until=self.closes_on.isoformat())
        if self.state != "open" or today < self.opens_on:
            raise Problem("wave.not_open", where=self.id, wave=self.id, opens=self.opens_on.isoformat())
