"""Blank parts of the profile so that no combination of them points to one person in a county.

Level, post, years, employment status, age and gender together can single somebody out in a small county, although
each alone is a wide band. Before rows leave for research, every combination that fewer than three people of a county
share loses its details one by one until enough people share what is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fieldkit.core.response import Response

LEAST = 3
PROFILE = ("core_level", "core_post", "core_years", "core_bianzhi", "core_age", "core_gender")
# Age, gender, employment status and years go first. Where even that leaves fewer than three people, post and level go
# too: the only leader of a street who answered would otherwise be readable from two columns.
ORDER = ("core_age", "core_gender", "core_bianzhi", "core_years", "core_post", "core_level")
COARSENED = "coarsened"


def coarsen(responses: Sequence[Response], *, least: int = LEAST) -> list[frozenset[str]]:
    """For each response of one county, the profile items to leave blank.

    Two people share a combination when all their profile cells look the same in the finished file: same code, same
    missing reason, or both blanked. Afterwards every combination is shared by at least `least` people, except that
    fewer than `least` may remain whose profile is blank altogether.
    """
    profiles = [tuple(_look(response, item) for item in PROFILE) for response in responses]
    blanked: list[set[str]] = [set() for _ in responses]
    for item in ORDER:
        place = PROFILE.index(item)
        shared = Counter(profiles)
        for row, profile in enumerate(profiles):
            if shared[profile] < least:
                blanked[row].add(item)
                profiles[row] = (*profile[:place], COARSENED, *profile[place + 1 :])
    return [frozenset(gone) for gone in blanked]


def hide_places(
    responses: Sequence[Response],
    places: Sequence[str],
    blanked: Sequence[frozenset[str]],
    *,
    least: int = LEAST,
) -> list[frozenset[str]]:
    """For each response of one county, all items to leave blank: those of `blanked`, and places that tell who.

    `places` are the items that ask where people are. A place stays only where at least `least` people of the county
    were there whose profile, as the file shows it, is the same; else it would single out one of them.
    """
    if not places:
        return list(blanked)
    seen = [
        tuple(COARSENED if item in gone else _look(response, item) for item in PROFILE)
        + tuple(_look(response, item) for item in places)
        for response, gone in zip(responses, blanked, strict=True)
    ]
    shared = Counter(seen)
    return [
        gone if shared[look] >= least else gone | {place for place in places if _said(response, place)}
        for response, gone, look in zip(responses, blanked, seen, strict=True)
    ]


def _said(response: Response, item: str) -> bool:
    """Whether there is an answer to blank."""
    answer = response.answers.get(item)
    return answer is not None and answer.value is not None


def _look(response: Response, item: str) -> object:
    """What a reader of the file would see in this cell."""
    answer = response.answers.get(item)
    if answer is None:
        return None
    return answer.value if answer.missing is None else answer.missing
