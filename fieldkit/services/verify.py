"""Is this the report that was issued? Anyone who holds a PDF can ask, by the file or by its SHA-256."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from fieldkit.core.edition import Issue
from fieldkit.core.problem import Problem
from fieldkit.store import editions, pools, waves
from fieldkit.store.engine import Session

SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Verified:
    """The issue that a file is, and the newest one of the same county (or pool of counties) and wave."""

    issue: Issue
    newest: Issue
    simulated: bool = False  # nobody was asked: the report shows how one looks
    counties: int = 1  # more in a pooled report, which names no single one

    @property
    def current(self) -> bool:
        """Whether no later edition has replaced it."""
        return self.issue.number == self.newest.number


def fingerprint(pdf: bytes) -> str:
    """The SHA-256 of a file as 64 hexadecimal digits."""
    return hashlib.sha256(pdf).hexdigest()


def verify(session: Session, sha256: str) -> Verified:
    """Find the issue with this SHA-256 (spaces, colons and capitals do not matter).

    Problems `edition.wrong_hash` when it is none, `edition.not_ours` when no issued report has it: the file was not
    issued here, or was changed since. Needs no permission: whoever asks holds the report already.
    """
    plain = re.sub(r"[\s:-]", "", sha256).lower()
    if not SHA256.fullmatch(plain):
        raise Problem("edition.wrong_hash", where="sha256")
    issue = editions.by_hash(session, plain)
    if issue is None:
        return _pooled(session, plain)
    newest = editions.issued(session, issue.wave, issue.county)[0]
    return Verified(issue, newest, waves.get(session, issue.wave).simulated)


def _pooled(session: Session, sha256: str) -> Verified:
    """The same for a pooled report."""
    found = pools.by_hash(session, sha256)
    if found is None:
        raise Problem("edition.not_ours", where="sha256")
    one, newest = found
    issue = Issue(one.wave, "", one.number, one.issued_on, one.n_analysed, one.sha256, "", {}, "")
    return Verified(issue, replace(issue, number=newest), waves.get(session, one.wave).simulated, len(one.counties))
