"""People who work at the desk. Respondents have no account."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from fieldkit.core.access import ROLES, Actor


@dataclass(frozen=True, slots=True)
class Account:
    """One person at the desk: role, the counties a county reader may see, and the argon2 hash of the password.

    `failures` counts wrong passwords since the last right one; until `throttled_until` (UTC) no more are tried.
    """

    name: str
    role: str
    password_hash: str
    counties: frozenset[str] = frozenset()
    failures: int = 0
    throttled_until: datetime.datetime | None = None

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"account {self.name}: role {self.role!r} is not one of {ROLES}")

    @property
    def actor(self) -> Actor:
        """Who this account is when access is decided."""
        return Actor(self.name, self.role, self.counties)


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what at the desk, and when (UTC). Never about a respondent."""

    at: datetime.datetime
    actor: str
    action: str
    facts: Mapping[str, object]
