"""The answers that the counties' issued reports count: what every number over several counties rests on."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from fieldkit.core.access import Actor
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.services.gazetteer import places
from fieldkit.services.report import county_files
from fieldkit.store import editions, responses
from fieldkit.store.engine import Session

if TYPE_CHECKING:
    from fieldkit.stats.pooled import County


def issue(
    session: Session,
    actor: Actor | None,
    wave_id: str,
    codes: Collection[str],
    dated: datetime.date,
    told: Callable[[float], None] = lambda share: None,
) -> set[str]:
    """Issue the counties' own reports where that is due; the codes of those that may have one.

    Each is committed by itself, as if the county had asked for it. `told` hears before each which share of all
    counties (0 to 1) is done, and may stop the work by raising a Problem.
    """
    reported = set()
    for at, code in enumerate(codes):
        told(at / len(codes))
        try:
            with Session(session.get_bind()) as own:
                county_files(own, actor, wave_id, code, dated=dated)
                own.commit()
        except Problem as problem:
            if problem.code != "report.suppressed":
                raise
            continue
        reported.add(code)
    return reported


def issued_county(
    reading: Session, wave: Wave, questionnaire: Questionnaire, code: str, reported: Collection[str]
) -> County:
    """One county with the answers that its issued report counts; without a report, with all.

    Where answers that the report counts were taken back since, the county is left out until its next edition.
    """
    from fieldkit.formats.table_csv_read import read_county_csv
    from fieldkit.stats.frame import frame
    from fieldkit.stats.pooled import County

    place = places().find(code)
    own = frame(responses.iterate(reading, wave, code), questionnaire)
    if code not in reported:
        return County(place, own, reported=False)
    edition = editions.latest(reading, wave.id, code)
    ids = editions.resting_on(reading, wave.id, code, own.ids) or frozenset()
    counted = own.counted(ids, len(ids))
    assert edition is not None
    return County(place, counted, True, read_county_csv(edition.csv), renewed=edition.number > 1)
