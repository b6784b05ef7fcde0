"""A county beside its peers, and one wave beside the one before (indicators.md 0.4 and 0.5). Never a ranking."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fieldkit.core.change import Comparable
from fieldkit.stats.disclose import Peer
from fieldkit.stats.estimate import Estimate, median

LEAST_PEERS = 3
THRESHOLD = 5.0  # points on a 0..100 score, percentage points of a share
NORMAL = 1.96  # as indicators.md 0.4 writes it


def difference(d: float, se: float, *, threshold: float = THRESHOLD) -> tuple[float, float, str]:
    """The 95 % interval of a difference and its class: above, below, small, unclear.

    >>> difference(8.0, 2.4777)[2]
    'above'
    """
    lo, hi = d - NORMAL * se, d + NORMAL * se
    if lo <= 0 <= hi:
        return lo, hi, "unclear"
    if abs(d) < threshold:
        return lo, hi, "small"
    return lo, hi, "above" if d > 0 else "below"


PEER_WORDS = {"above": "higher", "below": "lower", "small": "similar_small", "unclear": "no_clear_difference"}
WAVE_WORDS = {"above": "rose", "below": "fell", "small": "small_change", "unclear": "no_clear_change"}


def against_peers(county: Estimate, peers: Sequence[Estimate], *, threshold: float = THRESHOLD) -> Peer | None:
    """The peer reference of a mean or a share and how the county differs from it; None below three peers.

    `peers` are the estimates of the other counties that may be used: enough respondents, nothing masked. The
    reference is the plain mean of the counties' values, M = Σ m / J with SE = √(Σ SE²) / J, the own county left out.
    Medians are compared by `medians_against_peers`.
    """
    if len(peers) < LEAST_PEERS or county.value is None:
        return None
    if county.statistic == "median":
        return medians_against_peers(county, peers)
    m = sum(p.value or 0.0 for p in peers) / len(peers)
    se = math.sqrt(sum((p.se or 0.0) ** 2 for p in peers)) / len(peers)
    d = county.value - m
    lo, hi, kind = difference(d, math.hypot(county.se or 0.0, se), threshold=threshold)
    return Peer(m, m - NORMAL * se, m + NORMAL * se, len(peers), d, lo, hi, PEER_WORDS[kind])


def medians_against_peers(county: Estimate, peers: Sequence[Estimate]) -> Peer | None:
    """The median of the peers' pooled answers; the counties differ only where the two intervals do not overlap."""
    if len(peers) < LEAST_PEERS:
        return None
    pooled = median(np.concatenate([p.values for p in peers]))
    if county.lo is None or county.hi is None or pooled.lo is None or pooled.hi is None or pooled.value is None:
        return None
    words = "no_clear_difference"
    if county.lo > pooled.hi:
        words = "median_higher"
    elif county.hi < pooled.lo:
        words = "median_lower"
    return Peer(pooled.value, pooled.lo, pooled.hi, len(peers), wording=words)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened between two waves: the difference with its interval, or only a class for medians."""

    wording: str  # rose, fell, small_change, no_clear_change, not_comparable
    diff: float | None = None
    lo: float | None = None
    hi: float | None = None


def between_waves(
    before: Estimate, after: Estimate, *, comparable: bool | Comparable, threshold: float = THRESHOLD
) -> Change:
    """How a mean or a share changed from one wave to the next; the waves are independent samples.

    `comparable` is what `core.change.comparable` says of the indicator in the two versions that were fielded: where it
    is not (other items, another wording, another MAJOR version) there is no difference at all. Medians are compared by
    overlap of their intervals. `threshold` is the least difference that counts as one, in the indicator's own unit.
    """
    if not comparable or before.value is None or after.value is None:
        return Change("not_comparable")
    if after.statistic == "median":
        if None in (before.lo, before.hi, after.lo, after.hi):
            return Change("no_clear_change")
        if after.lo > before.hi:  # type: ignore[operator]
            return Change("rose")
        return Change("fell" if after.hi < before.lo else "no_clear_change")  # type: ignore[operator]
    d = after.value - before.value
    lo, hi, kind = difference(d, math.hypot(before.se or 0.0, after.se or 0.0), threshold=threshold)
    return Change(WAVE_WORDS[kind], d, lo, hi)
