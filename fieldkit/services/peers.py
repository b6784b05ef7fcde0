"""What a county's peers bring to its report: frozen numbers, so that no two reports differ by one person's answers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from fieldkit.core.edition import NEW_RESPONSES, PeerSnapshot, salted
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.wave import Wave
from fieldkit.store import peers, responses
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

if TYPE_CHECKING:
    from fieldkit.stats.county import Plan


def renew_peers(session: Session, wave: Wave, questionnaire: Questionnaire, plan: Plan) -> None:
    """Freeze the peer counties of a wave anew where at least ten analysed answers have come in that did not count.

    A county is frozen for the first time when it may have a report. This is committed by itself, before anything is
    drawn from it, so that two reports that are issued at the same moment rest on the same numbers.
    """
    with snapshot(session) as reading:
        before = peers.kept(reading, wave.id)
        there = responses.count_by_county(reading, wave.id, wave.peers)
        gone = responses.tally(reading, wave.id, "withdrawn")
        due = []
        for county in wave.peers:
            last = before.get(county)
            arrived = there.get(county, 0) + gone.get(county, 0)
            if arrived - (last.arrived if last else 0) >= NEW_RESPONSES:  # else the answers need not be read at all
                due.append(_frozen(reading, wave, questionnaire, plan, county, arrived, last))
    for one in due:
        if one is not None:
            with Session(session.get_bind()) as own:
                try:
                    peers.keep(writing(own), one)
                    own.commit()
                except IntegrityError:  # somebody else was first; what they froze stands
                    own.rollback()


def _frozen(
    reading: Session,
    wave: Wave,
    questionnaire: Questionnaire,
    plan: Plan,
    county: str,
    arrived: int,
    last: PeerSnapshot | None,
) -> PeerSnapshot | None:
    """The county's numbers as of now; None when too few of its analysed answers are new."""
    from fieldkit.stats.disclose import Thresholds
    from fieldkit.stats.frame import frame

    now = frame(responses.iterate(reading, wave, county), questionnaire)
    new = len(now.ids) - (len(last.of(now.ids)) if last else 0)
    if new < NEW_RESPONSES or now.n_analysed < wave.n_min:
        return None
    salt = secrets.token_hex(16)
    return PeerSnapshot(
        wave=wave.id,
        county=county,
        number=last.number + 1 if last else 1,
        arrived=arrived,
        n_submitted=now.n_submitted,
        salt=salt,
        counted=frozenset(salted(salt, one) for one in now.ids),
        measured=plan.contribution(now, Thresholds(wave.n_min, wave.n_min_sensitive)),
    )
