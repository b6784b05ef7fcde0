"""How many responses came on which day: what progress is counted from, without reading an answer."""

from __future__ import annotations

import datetime

from sqlalchemy import func, select

from fieldkit.store.engine import Session
from fieldkit.store.intake import RESPONSE


def count_by_day(session: Session, wave_id: str) -> dict[tuple[str, datetime.date], int]:
    """The number of responses by county and day; days and counties without any are absent."""
    day = RESPONSE.c.county, RESPONSE.c.received_on
    query = select(*day, func.count()).where(RESPONSE.c.wave == wave_id).group_by(*day)
    return {(county, received_on): count for county, received_on, count in session.connection().execute(query)}
