"""Accounts of people who work at the desk."""

from __future__ import annotations

import datetime

from sqlmodel import Session, col, select

from fieldkit.core.account import Account
from fieldkit.store.tables import AccountRow


def add(session: Session, account: Account) -> bool:
    """Keep a new account; False, and nothing changed, if the name is taken."""
    if session.get(AccountRow, account.name) is not None:
        return False
    session.add(
        AccountRow(
            name=account.name,
            role=account.role,
            counties=sorted(account.counties),
            password_hash=account.password_hash,
            failures=account.failures,
            throttled_until=account.throttled_until,
        )
    )
    session.flush()
    return True


def by_name(session: Session, name: str) -> Account | None:
    """The account with this name, or None."""
    row = session.get(AccountRow, name)
    return _account(row) if row else None


def listed(session: Session) -> list[Account]:
    """All accounts by name."""
    return [_account(row) for row in session.exec(select(AccountRow).order_by(col(AccountRow.name))).all()]


def set_password(session: Session, name: str, password_hash: str) -> None:
    """Replace the password's hash and forget earlier wrong passwords."""
    row = session.get_one(AccountRow, name)
    row.password_hash, row.failures, row.throttled_until = password_hash, 0, None
    session.flush()


def set_failures(session: Session, name: str, failures: int, throttled_until: datetime.datetime | None = None) -> None:
    """Note how many wrong passwords came in a row, and until when (UTC) no more are tried."""
    row = session.get_one(AccountRow, name)
    row.failures, row.throttled_until = failures, throttled_until
    session.flush()


def remove(session: Session, name: str) -> bool:
    """Delete an account; what it did stays in the audit log. False if there is none."""
    row = session.get(AccountRow, name)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def _account(row: AccountRow) -> Account:
    until = row.throttled_until
    if until is not None and until.tzinfo is None:  # SQLite keeps no zone; ours is always UTC
        until = until.replace(tzinfo=datetime.UTC)
    return Account(row.name, row.role, row.password_hash, frozenset(row.counties), row.failures, until)
