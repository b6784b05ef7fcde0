"""Going on filling in on another phone: the server lends a place to a draft that it cannot read.

The phone makes a code, derives two things from it that do not tell of each other, seals the draft with the one and
sends it under the other. Only a hash of the latter is kept, so that a copy of the database cannot ask for a draft
either. Nobody's permission is asked: the code is the permission.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import time
from collections import deque
from collections.abc import Callable
from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from fieldkit.core.access import Actor, require
from fieldkit.core.problem import Problem
from fieldkit.store import resumes, waves
from fieldkit.store.engine import Session, writing

DAYS = 7  # how long a draft lies here, at most to the end of the wave
LARGEST = 64 * 1024  # bytes
MOST = 5000  # drafts at a time, in all waves together: 320 MB
A_MINUTE = 120  # askings of all phones together that one process answers in a minute
FIND = re.compile(r"[0-9a-f]{64}\Z")


class Pace:
    """How many may ask in a minute, all together: who asked is neither known nor noted.

    >>> pace = Pace(1, clock=lambda: 0.0); pace.step()
    >>> pace.step()
    Traceback (most recent call last):
    fieldkit.core.problem.Problem: resume.often  {}
    """

    def __init__(self, most: int = A_MINUTE, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock, self._asked, self._lock = most, clock, deque[float](), Lock()

    def step(self) -> None:
        """Count one asking; Problem `resume.often` when there were too many within the last minute."""
        now = self._clock()
        with self._lock:
            while self._asked and self._asked[0] <= now - 60:
                self._asked.popleft()
            if len(self._asked) >= self._most:
                raise Problem("resume.often")
            self._asked.append(now)


def kept_under(find: object) -> str:
    """All that the server keeps of what the phone asks with; Problem `resume.malformed`."""
    if not isinstance(find, str) or not FIND.match(find):
        raise Problem("resume.malformed", where="find")
    return hashlib.sha256(b"fieldkit resume " + find.encode("ascii")).hexdigest()


def keep(engine: Engine, wave_id: str, find: object, sealed: bytes, today: datetime.date) -> datetime.date:
    """Take a sealed draft in; gives the last day on which it can be fetched.

    Problems `resume.malformed`, `resume.too_large`, `resume.taken` (something lies under this code), `resume.full`,
    and those of a wave that takes no answers.
    """
    found_by = kept_under(find)
    if not sealed or len(sealed) > LARGEST:
        raise Problem("resume.too_large" if sealed else "resume.malformed", where="sealed", limit_kb=LARGEST // 1024)
    with Session(engine) as session:
        writing(session)
        wave = waves.get(session, wave_id)
        wave.takes_answers(wave.counties[0].code, today)
        resumes.erase_old(session, today)
        if resumes.count(session) >= MOST:
            raise Problem("resume.full")
        until = min(today + datetime.timedelta(days=DAYS), wave.closes_on)
        try:
            resumes.keep(session, wave_id, found_by, until, sealed)
            session.commit()
        except IntegrityError:
            raise Problem("resume.taken") from None
    return until


def fetch(engine: Engine, wave_id: str, find: object, today: datetime.date) -> bytes:
    """The sealed draft, which stays until the phone says that it has it; Problem `resume.unknown` if there is none."""
    found_by = kept_under(find)
    with Session(engine) as session:
        wave = waves.get(session, wave_id)
        wave.takes_answers(wave.counties[0].code, today)
        found = resumes.find(session, wave_id, found_by, today)
    if found is None:
        raise Problem("resume.unknown")
    return found


def erase(engine: Engine, wave_id: str, find: object) -> bool:
    """Delete the draft; whether there was one. Saying it twice is no mistake."""
    found_by = kept_under(find)
    with Session(engine) as session:
        writing(session)
        gone = resumes.erase(session, wave_id, found_by)
        session.commit()
    return gone


def delete_old(session: Session, actor: Actor, today: datetime.date) -> int:
    """Delete the drafts whose time is up, and those of waves that were closed early; how many had grown old."""
    require(actor, "wave.expire")
    writing(session)
    for wave in waves.listed(session, tests=True):
        if wave.state == "closed" or wave.closes_on < today:
            resumes.erase_wave(session, wave.id)
    return resumes.erase_old(session, today)
