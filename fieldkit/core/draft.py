"""An instrument on its way to publication, and what is remembered of the way."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

KINDS = ("module", "questionnaire")


@dataclass(frozen=True, slots=True)
class Draft:
    """The YAML text of an instrument that several people may be writing at.

    `revision` counts how often it was saved: whoever saves says which one they had before them. `based_on` is the
    published version it began from, '' for a new instrument; `test_wave` the wave in which it is tried out, ''
    while there is none. Moments are UTC.
    """

    id: str
    kind: str
    instrument: str
    source: str
    revision: int
    based_on: str
    made_by: str
    made_at: datetime.datetime
    changed_by: str
    changed_at: datetime.datetime
    test_wave: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One saved state of a draft: who, when, and the whole text."""

    draft: str
    revision: int
    by: str
    at: datetime.datetime
    source: str


@dataclass(frozen=True, slots=True)
class Release:
    """One publication: what was compared with what, the verdict, and the note of whoever published it.

    `before` is the version it follows, '' for the first, whose verdict is 'first'.
    """

    kind: str
    instrument: str
    version: str
    before: str
    verdict: str
    note: str
    by: str
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Whether an item that was reworded is still the same question, as a researcher said at publication."""

    kind: str
    instrument: str
    item: str
    from_version: str
    to_version: str
    same: bool
    by: str
    at: datetime.datetime
