"""Moments as the database gives them back: SQLite forgets that they were UTC."""

from __future__ import annotations

import datetime


def utc(at: datetime.datetime) -> datetime.datetime:
    """The same moment, marked as UTC.

    >>> utc(datetime.datetime(2026, 11, 20, 8)).tzinfo
    datetime.timezone.utc
    """
    return at.replace(tzinfo=datetime.UTC) if at.tzinfo is None else at.astimezone(datetime.UTC)
