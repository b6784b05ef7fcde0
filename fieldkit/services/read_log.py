"""Read what was done at the desk and at the command line: who, what, when. Respondents are never in it."""

from __future__ import annotations

from fieldkit.core.access import Actor, require
from fieldkit.core.account import AuditLine
from fieldkit.store import audit
from fieldkit.store.engine import Session


def last_deeds(session: Session, actor: Actor | None, most: int) -> list[AuditLine]:
    """The last `most` lines of the log, oldest first; their moments are UTC."""
    require(actor, "log.read")
    return audit.listed(session, most)[::-1]
