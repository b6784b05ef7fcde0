"""What is frozen of a county: an issue of its report, and the numbers that the reports of its peers rest on."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

NEW_RESPONSES = 10  # what is frozen is renewed after so many analysed answers that it did not count (pitfalls 4)


def salted(salt: str, response_id: str) -> str:
    """A response's id as it is remembered among those that were counted: recognised again, but naming nobody."""
    return hashlib.sha256(f"{salt} {response_id}".encode()).hexdigest()[:32]


class Counted(NamedTuple):
    """Which responses an issue counted and are still there, how many are gone, and the thresholds of that day.

    `thresholds` is `n_min/n_min_sensitive`, '' where it was not noted.
    """

    ids: frozenset[str]
    gone: int
    thresholds: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """The n-th issue for one county of one wave. `sha256` is that of the PDF, which the county can check.

    `n_analysed` is the number of responses it rests on. The next issue waits until at least ten responses are
    analysed that this one did not count, so that two issues cannot be subtracted (pitfalls 4). `snapshot` is the
    finished report as JSON, named by `snapshot_id`: from it the same files can be made again. `versions` names what it
    was made with. A corrected issue says in `correction` what was wrong before; it rests on the same responses.
    """

    wave: str
    county: str
    number: int
    issued_on: datetime.date
    n_analysed: int
    pdf: bytes
    html: bytes
    csv: bytes
    sha256: str
    snapshot: bytes = b""
    snapshot_id: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    correction: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """What is told about an issue without its files: which one, when, on how many responses, made with what.

    An issue of a pooled report has no `county` but a `pool`, which is called `name` ('' where it lies in no one
    prefecture or province) and holds the answers of so many `members`. `sha256_en` is that of the English PDF, '' as
    long as nobody was handed one; `english` says whether it was frozen in English, too.
    """

    wave: str
    county: str
    number: int
    issued_on: datetime.date
    n_analysed: int
    sha256: str
    snapshot_id: str
    versions: Mapping[str, str]
    correction: str
    sha256_en: str = ""
    english: bool = False
    pool: str = ""
    name: str = ""
    members: int = 1

    def spoken(self, sha256: str) -> str:
        """The language of the PDF with this SHA-256, 'zh' or 'en'."""
        return "en" if sha256 == self.sha256_en else "zh"


@dataclass(frozen=True, slots=True)
class EnglishEdition:
    """An issue for one county in English, frozen with the Chinese one: the same numbers in other words.

    `snapshot` is the finished report as JSON; the PDF is drawn from it when somebody first asks and then kept, so that
    `pdf` and `sha256` are empty until then. `versions` names what it was written and drawn with.
    """

    wave: str
    county: str
    number: int
    snapshot: bytes
    snapshot_id: str
    pdf: bytes = b""
    sha256: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeerSnapshot:
    """What one county brings to the peer reference, the same for all reports of the wave until it is renewed.

    `counted` are salted hashes of the analysed responses it rests on; `n_submitted` how many were handed in then, and
    `arrived` how many had ever been, those taken back since included. `measured` are the numbers themselves.
    """

    wave: str
    county: str
    number: int
    arrived: int
    n_submitted: int
    salt: str
    counted: frozenset[str]
    measured: Mapping[str, Mapping[str, Any]]

    def of(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of these response ids that were counted."""
        return frozenset(one for one in ids if salted(self.salt, one) in self.counted)


@dataclass(frozen=True, slots=True)
class PooledEdition:
    """The n-th issue for several counties of a wave as one. `pool` names them: a hash of their codes.

    `counted` are salted hashes of the responses it rests on: by county, those of counties without a report of their
    own together under ''. A next issue waits until each of these groups is unchanged or has ten answers that are new.
    It is called `name`, '' where its counties lie in no one prefecture or province; `members` are those of which there
    are answers in it. Snapshots (one for each language), versions and correction are as in an edition of one county.
    """

    wave: str
    pool: str
    number: int
    counties: tuple[str, ...]
    issued_on: datetime.date
    n_analysed: int
    pdf: bytes
    pdf_en: bytes
    csv: bytes
    sha256: str
    salt: str
    counted: Mapping[str, frozenset[str]]
    sha256_en: str = ""
    snapshot: bytes = b""
    snapshot_en: bytes = b""
    snapshot_id: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    correction: str = ""
    name: str = ""
    members: int = 0

    def spoken(self, language: str) -> bytes:
        """The PDF in one language; both were issued together and rest on the same answers."""
        return self.pdf_en if language == "en" else self.pdf


@dataclass(frozen=True, slots=True)
class WeightedEdition:
    """The n-th issue of a wave's weighted results; the first is given again and again.

    `counted` are salted hashes of the responses it rests on, by county; `division` names how its roster divides
    people, whatever the numbers in the cells; `roster` names the roster itself. A corrected issue says in `correction`
    what was wrong; it rests on the same responses, divided in the same way. `n_min` and `n_min_sensitive` are the
    thresholds it was made with.
    """

    wave: str
    number: int
    issued_on: datetime.date
    csv: bytes
    sha256: str
    salt: str
    counted: Mapping[str, frozenset[str]]
    division: str
    roster: str
    n_min: int
    n_min_sensitive: int
    correction: str = ""


def pool_of(counties: Iterable[str]) -> str:
    """The name of a pool of counties, the same in any order."""
    return hashlib.sha256(" ".join(sorted(counties)).encode()).hexdigest()[:16]


def changes_enough(before: Mapping[str, frozenset[str]], now: Mapping[str, frozenset[str]]) -> bool:
    """Whether a new pooled issue may follow: no group differs from the last by one to nine answers.

    Both hold the same kind of hashes. A group that only lost answers, or that was split, does not change enough.

    >>> ten = frozenset(map(str, range(10)))
    >>> changes_enough({"a": ten}, {"a": ten}), changes_enough({"a": ten}, {"a": ten, "b": ten})
    (False, True)
    >>> changes_enough({"a": ten}, {"a": ten | {"x"}}), changes_enough({"a": ten, "": ten}, {"a": ten})
    (False, False)
    """
    groups = {*before, *now}
    changed = [g for g in groups if before.get(g, frozenset()) != now.get(g, frozenset())]
    new = [len(now.get(g, frozenset()) - before.get(g, frozenset())) for g in changed]
    return bool(changed) and all(count >= NEW_RESPONSES for count in new)
