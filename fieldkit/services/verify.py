"""Is this the report that was issued? Anyone who holds a PDF can ask, by the file or by its SHA-256."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from fieldkit.core.edition import Issue
from fieldkit.core.problem import Problem
from fieldkit.store import editions, pools, waves
from fieldkit.store.engine import Session

SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Verified:
    """The issue that a file is, in which language, and those of the same county (or pool) that came after it.

    `later` are in the order in which they were issued. `team` is whom to ask for them.
    """

    issue: Issue
    language: str
    later: tuple[Issue, ...]
    simulated: bool = False  # nobody was asked: the report shows how one looks
    team: str = ""

    @property
    def newest(self) -> Issue:
        """The newest issue; this one where none came after it."""
        return self.later[-1] if self.later else self.issue

    @property
    def current(self) -> bool:
        """Whether no later edition has replaced it."""
        return not self.later

    @property
    def corrections(self) -> tuple[Issue, ...]:
        """The later editions that say what was wrong before them."""
        return tuple(one for one in self.later if one.correction)


def fingerprint(pdf: bytes) -> str:
    """The SHA-256 of a file as 64 hexadecimal digits."""
    return hashlib.sha256(pdf).hexdigest()


def verify(session: Session, sha256: str) -> Verified:
    """Find the issue whose PDF, Chinese or English, has this SHA-256 (spaces, colons, capitals do not matter).

    Problems `edition.wrong_hash` when it is none, `edition.not_ours` when no issued report has it: the file was not
    issued here, or was changed since. Needs no permission: whoever asks holds the report already.
    """
    plain = re.sub(r"[\s:-]", "", sha256).lower()
    if not SHA256.fullmatch(plain):
        raise Problem("edition.wrong_hash", where="sha256")
    issue = editions.by_hash(session, plain) or pools.by_hash(session, plain)
    if issue is None:
        raise Problem("edition.not_ours", where="sha256")
    listed = pools.issued(session, issue.wave, issue.pool) if issue.pool else None
    if listed is None:
        listed = editions.issued(session, issue.wave, issue.county)
    later = tuple(one for one in reversed(listed) if one.number > issue.number)
    wave = waves.get(session, issue.wave)
    return Verified(issue, issue.spoken(plain), later, wave.simulated, wave.study.team)
