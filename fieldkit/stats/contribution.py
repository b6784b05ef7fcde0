"""What one county brings to the reference of its peers, as plain numbers that can be kept, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from fieldkit.core.instrument import Indicator, Questionnaire
from fieldkit.stats.estimate import Estimate

NOT_COMPARED = ("ratio", "categories", "options")
KEPT = ("indicator", "statistic", "n", "value", "se", "lo", "hi", "k", "unanimous")


def compared(indicators: Iterable[Indicator], questionnaire: Questionnaire) -> tuple[Indicator, ...]:
    """The indicators that are set beside those of the peers: no sensitive ones, no single items (pitfalls 34)."""
    declared = {i.id for i in questionnaire.indicators}
    return tuple(
        i
        for i in indicators
        if i.id in declared and not i.sensitive and i.estimate not in NOT_COMPARED and not i.parameters.get("private")
    )


def contribution(estimates: Mapping[str, Estimate], indicators: Iterable[Indicator]) -> dict[str, dict[str, Any]]:
    """The estimates of these indicators without anything that the comparison does not need.

    Medians are compared by pooled answers, so their values stay, in order of size and tied to nobody.
    """
    found: dict[str, dict[str, Any]] = {}
    for indicator in indicators:
        one = estimates[indicator.id]
        found[indicator.id] = {name: getattr(one, name) for name in KEPT}
        if one.statistic == "median":
            found[indicator.id]["values"] = np.sort(one.values).tolist()
    return found


def contributed(kept: Mapping[str, Mapping[str, Any]]) -> dict[str, Estimate]:
    """The estimates again.

    >>> contributed({"a": {"indicator": "a", "statistic": "mean", "n": 12, "value": 61.25, "se": 4.0}})["a"].value
    61.25
    """
    return {
        name: Estimate(**{**one, "values": np.array(one.get("values", ()), dtype=np.float64)})
        for name, one in kept.items()
    }
