"""The scales of a whole wave added up over its counties, frozen, so that no two reports differ by one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from fieldkit.core.edition import NEW_RESPONSES
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.wave import Wave
from fieldkit.store import numbers, responses
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

if TYPE_CHECKING:
    from fieldkit.stats.technical import Pooled

ON_DEMAND = 5_000  # a wave with more answers is read only when somebody asks for all of it
GROWN = 0.1  # and one with fewer only when so many more have come in


def pooled_scales(session: Session, wave: Wave, questionnaire: Questionnaire, *, freeze: bool = False) -> Pooled | None:
    """What the scales of the wave added up to when they were last frozen; None when they never were.

    With `freeze` (a batch of reports, the technical report of a wave) they are added up anew once at least ten more
    answers are analysed. Without it a small wave is still added up, when a tenth more has come in, and a large one
    never, so that one county's report does not read a million answers. Memory is that of the largest county.
    """
    from fieldkit.stats.technical import Pooled

    with snapshot(session) as reading:
        last = numbers.pooled_content(reading, wave.id)
        if not freeze and responses.more_than(reading, wave.id, ON_DEMAND):
            return None if last is None else Pooled.restored(last[3])
        there = responses.count_by_county(reading, wave.id)
        arrived = sum(there.values()) + sum(responses.tally(reading, wave.id, "withdrawn").values())
        new = arrived - (last[1] if last else 0)
        due = new >= NEW_RESPONSES and (freeze or (arrived <= ON_DEMAND and (last is None or new >= GROWN * last[1])))
        made = _added_up(reading, wave, questionnaire, list(there)) if due else None
    if made is not None and made.n_analysed - (last[2] if last else 0) >= NEW_RESPONSES:
        with Session(session.get_bind()) as own:
            try:
                number = last[0] + 1 if last else 1
                numbers.freeze_pooled(writing(own), wave.id, number, arrived, made.n_analysed, made.kept())
                own.commit()
            except IntegrityError:  # somebody else was first; what they froze stands
                own.rollback()
    with snapshot(session) as reading:
        frozen = numbers.pooled_content(reading, wave.id)
    return None if frozen is None else Pooled.restored(frozen[3])


def _added_up(reading: Session, wave: Wave, questionnaire: Questionnaire, counties: list[str]) -> Pooled | None:
    from fieldkit.stats.frame import frame
    from fieldkit.stats.technical import Pooled

    whole: Pooled | None = None
    for county in sorted(counties):
        one = Pooled.of(frame(responses.iterate(reading, wave, county), questionnaire))
        whole = one if whole is None else whole + one
    return whole
