"""An order drawn by chance for each person, the same on the phone and in analysis.

The phone shuffles by the response's own id, so that the order in which somebody saw the options can be worked out
again from the id alone and is stored nowhere. The same rule stands in web/static/kinds.js.
"""

from __future__ import annotations

_MASK = 0xFFFFFFFF


def shuffled(seed: str, name: str, size: int) -> list[int]:
    """The places 0..size-1 in the order drawn for this seed (a response id) and name (an item or group id).

    FNV-1a hash of 'seed:name' as the state of mulberry32 (public domain, T. Ettinger), then Fisher and Yates.

    >>> shuffled("0123456789abcdef" * 2, "ways", 5)
    [2, 3, 0, 4, 1]
    """
    state = 2166136261
    for byte in f"{seed}:{name}".encode():
        state = ((state ^ byte) * 16777619) & _MASK
    places = list(range(size))
    for last in range(size - 1, 0, -1):
        state = (state + 0x6D2B79F5) & _MASK
        mixed = ((state ^ (state >> 15)) * (state | 1)) & _MASK
        mixed ^= (mixed + (((mixed ^ (mixed >> 7)) * (mixed | 61)) & _MASK)) & _MASK
        share = ((mixed ^ (mixed >> 14)) & _MASK) / 4294967296
        other = int(share * (last + 1))
        places[last], places[other] = places[other], places[last]
    return places
