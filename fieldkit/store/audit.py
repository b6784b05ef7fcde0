"""The log of what was done at the desk. Respondents are never in it."""

from __future__ import annotations

from sqlmodel import Session, col, select

from fieldkit.core.access import Actor
from fieldkit.core.account import AuditLine
from fieldkit.store.engine import utc_now
from fieldkit.store.moment import utc
from fieldkit.store.tables import AuditRow


def write(session: Session, actor: Actor, action: str, facts: dict[str, object] | None = None) -> None:
    """Note who did what, with the facts of it (numbers, texts, lists of them), and the moment."""
    session.add(AuditRow(at=utc_now(), actor=actor.name, action=action, facts=facts or {}))
    session.flush()


def listed(session: Session, limit: int = 200) -> list[AuditLine]:
    """The last lines, newest first."""
    rows = session.exec(select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit)).all()
    return [AuditLine(utc(row.at), row.actor, row.action, row.facts) for row in rows]
