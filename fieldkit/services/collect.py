"""Taking in what people answered: check everything again, store it, and give a receipt after the commit.

This is the path that everybody's phone takes, so it is kept short: the wave, its questionnaire and the compiled
check stay in memory for some seconds, and submissions that arrive together are committed together.
"""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from fieldkit.core.flow import written
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.response import Checker, checker
from fieldkit.core.submission import RESPONSE_ID, Receipt, Submission, code_hash, normal_code, shown_code
from fieldkit.core.wave import Wave
from fieldkit.services.group_commit import GroupCommit
from fieldkit.store import instruments, intake, responses, waves
from fieldkit.store.engine import Session
from fieldkit.store.intake import Arrival

log = logging.getLogger("fieldkit")
FRESH_SECONDS = 5.0  # how long another process may go on after a wave was closed here


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """A wave with everything that is needed to take answers, as read at one moment."""

    wave: Wave
    questionnaire: Questionnaire
    checker: Checker
    comments: frozenset[str]  # items whose text is kept apart
    read_at: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody read the consent text and chose not to take part."""

    wave: str
    county: str


class Collector:
    """Takes submissions and refusals from many threads at once.

    `today` gives the day it is where the fieldwork happens; without it the zone decides.

    >>> # collector = Collector(open_engine("sqlite:///fieldkit.sqlite"))
    >>> # collector.submit(submission)  ->  Receipt(code='7KQ4-M2XD-9PWE', outcome='stored', withdraw_until=...)
    """

    def __init__(
        self,
        engine: Engine,
        *,
        today: Callable[[], datetime.date] | None = None,
        timezone: str = "Asia/Shanghai",
        waiting: int = 512,
    ) -> None:
        zone = ZoneInfo(timezone)
        self.engine = engine
        self.today = today or (lambda: datetime.datetime.now(zone).date())
        self._checkers: dict[str, Checker] = {}
        self._open: dict[str, Fieldwork] = {}
        self._door: GroupCommit[Arrival | Refusal, str] = GroupCommit(self._write, waiting=waiting)
        self._inlet: intake.Inlet | None = None

    def questionnaire(self, wave_id: str, county: str) -> tuple[Wave, Questionnaire]:
        """What is asked in this county today; Problem `wave.*` if nothing is."""
        found = self._fieldwork(wave_id)
        found.wave.takes_answers(county, self.today())
        return found.wave, found.questionnaire

    def asked(self, wave_id: str) -> tuple[Wave, Questionnaire]:
        """A wave and its questionnaire, whether or not it takes answers today; Problem `wave.unknown`."""
        found = self._fieldwork(wave_id)
        return found.wave, found.questionnaire

    def submit(self, submission: Submission) -> Receipt:
        """Check and store; the receipt is given only after the commit.

        The same id with the same answers gets the same receipt again; with other answers it is kept as a variant for
        review. What was withdrawn stays withdrawn. Problem `wave.*`, `submission.*` (with all findings),
        `receipt.malformed`, `receipt.taken` (the phone makes a new code and sends again), `store.unavailable`.
        """
        today = self.today()
        found = self._fieldwork(submission.wave)
        wave = found.wave
        wave.takes_answers(submission.county, today)
        if submission.questionnaire != wave.questionnaire or submission.version != wave.version:
            raise Problem(
                "submission.wrong_version",
                where=submission.questionnaire,
                sent=f"{submission.questionnaire} {submission.version}"[:64],
                asked=f"{wave.questionnaire} {wave.version}",
            )
        if not RESPONSE_ID.match(submission.id):
            raise Problem("submission.wrong_shape", where="id")
        code = normal_code(submission.receipt_code)
        kept, comments = responses.as_kept(found.checker.check(submission.answers), found.comments)
        languages = found.questionnaire.languages
        outcome = self._hand_in(
            Arrival(
                wave=wave.id,
                county=submission.county,
                id=submission.id,
                questionnaire=wave.questionnaire,
                version=wave.version,
                language=submission.language if submission.language in languages else languages[0],
                received_on=today,
                active_seconds=submission.active_seconds,
                receipt_hash=code_hash(code),
                answers=orjson.dumps(kept),
                comments=comments,
                paradata=orjson.dumps(submission.paradata.as_kept()) if submission.paradata else None,
            )
        )
        if outcome == "taken":
            raise Problem("receipt.taken", where="receipt_code")
        return Receipt(shown_code(code), outcome, wave.withdraw_until.isoformat())

    def refuse(self, wave_id: str, county: str) -> None:
        """Count one refusal; nothing else is kept of it. Problem `wave.*`."""
        self._fieldwork(wave_id).wave.takes_answers(county, self.today())
        self._hand_in(Refusal(wave_id, county))

    def close(self) -> None:
        """Take nothing more, and return when everything that was handed in is stored."""
        self._door.close()
        self._drop_inlet()

    def _fieldwork(self, wave_id: str) -> Fieldwork:
        found = self._open.get(wave_id)
        if found is not None and time.monotonic() - found.read_at < FRESH_SECONDS:
            return found
        with Session(self.engine) as session:
            wave = waves.get(session, wave_id)
            asked = instruments.get(session, wave.questionnaire, wave.version)
        if asked.hash not in self._checkers:
            self._checkers[asked.hash] = checker(asked)
        texts = written(asked)
        found = Fieldwork(wave, asked, self._checkers[asked.hash], texts, time.monotonic())
        self._open[wave_id] = found
        return found

    def _hand_in(self, thing: Arrival | Refusal) -> str:
        try:
            return self._door.hand_in(thing)
        except DBAPIError as failure:
            log.error("the database did not answer (%s)", type(failure.orig).__name__)
            raise Problem("store.unavailable") from None

    def _write(self, things: Sequence[Arrival | Refusal]) -> Sequence[str | Exception]:
        """Store a group and commit; only one group is ever being written."""
        arrivals = [thing for thing in things if isinstance(thing, Arrival)]
        if len(arrivals) == len(things) and self._all_new(arrivals):
            return ["stored"] * len(arrivals)
        connection = self.engine.connect().execution_options(sqlite_begin="BEGIN IMMEDIATE")
        with connection, connection.begin():
            return [self._one(connection, thing) for thing in things]

    def _all_new(self, arrivals: list[Arrival]) -> bool:
        """Store them all at once; False, and nothing stored, if they have to be taken one by one."""
        try:
            if self._inlet is None:
                self._inlet = intake.Inlet(self.engine)
            return self._inlet.add_all(arrivals)
        except (DBAPIError, *intake.BROKEN) as failure:
            # The next group gets a new connection. This group is tried again one by one: if it was stored just
            # before the connection broke, it is found there. Only the kind is logged: a message could hold answers.
            log.warning("the connection for collecting failed (%s) and is opened anew", type(failure).__name__)
            self._drop_inlet()
            return False

    def _drop_inlet(self) -> None:
        inlet, self._inlet = self._inlet, None
        if inlet is not None:
            with suppress(Exception):
                inlet.close()

    @staticmethod
    def _one(connection: Connection, thing: Arrival | Refusal) -> str | Exception:
        """One by itself; if it cannot be stored, only it fails."""
        try:
            with connection.begin_nested():
                if isinstance(thing, Arrival):
                    return intake.add_one(connection, thing)
                intake.add_to_tally(connection, thing.wave, thing.county, "refused")
                return "stored"
        except (IntegrityError, DataError) as failure:
            log.error("a checked submission broke a rule of the tables (%s)", type(failure.orig).__name__)
            return Problem("server.failed")
