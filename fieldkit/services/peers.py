"""What a county's peers bring to its report: frozen numbers, so that no two reports differ by one person's answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from fieldkit.core.edition import NEW_RESPONSES, PeerSnapshot, salted
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.wave import Wave
from fieldkit.services.earlier_issues import issued
from fieldkit.store import editions, peers, responses
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

if TYPE_CHECKING:
    from fieldkit.stats.county import Plan
    from fieldkit.stats.frame import Frame


def renew_peers(
    session: Session, wave: Wave, questionnaire: Questionnaire, plan: Plan, issue: Callable[[str], None]
) -> None:
    """Freeze the peer counties of a wave anew where at least ten analysed answers have come in that did not count.

    A county is frozen for the first time when it may have a report. This is committed by itself, before anything is
    drawn from it, so that two reports that are issued at the same moment rest on the same numbers. Before a county is
    frozen anew, `issue` makes its own report on what was frozen, if there is none yet: so what the others' references
    rest on, one after the other, is what the county's own editions print, and the one tells no more than the other.
    """
    with snapshot(session) as reading:
        before = peers.kept(reading, wave.id)
        there = responses.count_by_county(reading, wave.id, wave.peers)
        gone = responses.tally(reading, wave.id, "withdrawn")
    arrived = {county: there.get(county, 0) + gone.get(county, 0) for county in wave.peers}
    due = [c for c in wave.peers if arrived[c] - (before[c].arrived if c in before else 0) >= NEW_RESPONSES]
    with snapshot(session) as reading:  # the answers of the others need not be read at all
        grown = {c: now for c in due if (now := _grown(reading, wave, questionnaire, c, before.get(c))) is not None}
    for county in grown:
        if county in before:
            issue(county)
    with snapshot(session) as reading:
        made = [_frozen(reading, wave, plan, c, now, arrived[c], before.get(c)) for c, now in grown.items()]
    for one in made:
        with Session(session.get_bind()) as own:
            try:
                peers.keep(writing(own), one)
                own.commit()
            except IntegrityError:  # somebody else was first; what they froze stands
                own.rollback()


def _grown(
    reading: Session, wave: Wave, questionnaire: Questionnaire, county: str, last: PeerSnapshot | None
) -> Frame | None:
    """The county's answers as of now; None when too few of the analysed ones are new."""
    from fieldkit.stats.frame import frame

    now = frame(responses.iterate(reading, wave, county), questionnaire)
    new = len(now.ids) - (len(last.of(now.ids)) if last else 0)
    return None if new < NEW_RESPONSES or now.n_analysed < wave.n_min else now


def _frozen(
    reading: Session, wave: Wave, plan: Plan, county: str, now: Frame, arrived: int, last: PeerSnapshot | None
) -> PeerSnapshot:
    """The county's numbers as of now, each on those on whom it rests in the county's next edition."""
    from fieldkit.stats.disclose import Thresholds

    before = issued(editions.counted(reading, wave.id, county, now.ids), wave)
    salt = secrets.token_hex(16)
    return PeerSnapshot(
        wave=wave.id,
        county=county,
        number=last.number + 1 if last else 1,
        arrived=arrived,
        n_submitted=now.n_submitted,
        salt=salt,
        counted=frozenset(salted(salt, one) for one in now.ids),
        measured=plan.contribution(now, Thresholds(wave.n_min, wave.n_min_sensitive), before),
    )
