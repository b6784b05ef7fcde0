"""What is known of the earlier issues of a county's report when the next one is judged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fieldkit.core.edition import Counted
from fieldkit.core.wave import Wave

if TYPE_CHECKING:
    from fieldkit.stats.reissue import Issued


def thresholds_of(wave: Wave) -> str:
    """The thresholds that an issue is made under, as they are noted with it."""
    return f"{wave.n_min}/{wave.n_min_sensitive}"


def issued(before: Iterable[Counted], wave: Wave) -> list[Issued]:
    """The earlier issues, oldest first; `wave` has today's thresholds."""
    from fieldkit.stats.reissue import Issued

    today = thresholds_of(wave)
    return [Issued(one.ids, one.gone, other_rules=one.thresholds not in ("", today)) for one in before]
