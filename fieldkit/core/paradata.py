"""How a questionnaire was filled in, as far as it serves to judge the data and tells nobody's name.

Seconds by section in steps of five, how often an answer was changed, whether there was no network at some time, and
which of three kinds of device. No clock time, no model, no browser. The phone's half is static/phone/paradata.js; the
opening page names all of it (`phone.paradata`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

DEVICES = ("phone", "tablet", "desktop")
STEP_SECONDS = 5
SECTION_SECONDS = 7200  # two hours in one section is a page left open
CORRECTIONS = 500


@dataclass(frozen=True)
class Paradata:
    """What is kept of one response. `seconds` by section id, multiples of five; None is what was not told."""

    seconds: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    corrections: int | None = None
    offline: bool | None = None
    device: str | None = None

    def __post_init__(self) -> None:
        if any(s % STEP_SECONDS or not 0 <= s <= SECTION_SECONDS for s in self.seconds.values()):
            raise ValueError("seconds of a section: multiples of five, at most two hours")
        if self.corrections is not None and not 0 <= self.corrections <= CORRECTIONS:
            raise ValueError(f"corrections {self.corrections}: 0 to {CORRECTIONS}")
        if self.device is not None and self.device not in DEVICES:
            raise ValueError(f"device {self.device!r}: one of {', '.join(DEVICES)}")

    def as_kept(self) -> dict[str, Any]:
        """As it is stored."""
        given = {"corrections": self.corrections, "offline": self.offline, "device": self.device}
        return {"seconds": dict(self.seconds), **{name: value for name, value in given.items() if value is not None}}


def paradata(sent: object, sections: Collection[str]) -> Paradata | None:
    """What a phone told of it, brought within bounds; None where it told nothing that can be read.

    Anything else is left out without a word: nobody's answers are refused because a browser counts badly, and nothing
    unasked is kept.

    >>> paradata({"sections": {"a": 33, "b": 9e9, "x": 5}, "corrections": 2, "device": "toaster"}, ("a", "b"))
    Paradata(seconds={'a': 35, 'b': 7200}, corrections=2, offline=None, device=None)
    """
    if not isinstance(sent, Mapping):
        return None
    spent = sent.get("sections")
    seconds = {
        section: min(SECTION_SECONDS, STEP_SECONDS * int(min(spent[section], SECTION_SECONDS) / STEP_SECONDS + 0.5))
        for section in sections
        if isinstance(spent, Mapping) and _counts(spent.get(section))
    }
    corrections: Any = sent.get("corrections")
    offline, device = sent.get("offline"), sent.get("device")
    return Paradata(
        seconds,
        int(min(corrections, CORRECTIONS)) if _counts(corrections) else None,
        offline if isinstance(offline, bool) else None,
        device if device in DEVICES and isinstance(device, str) else None,
    )


def _counts(value: object) -> bool:
    """Whether it is a number from nought; NaN is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def from_kept(kept: Mapping[str, Any] | None) -> Paradata | None:
    """What is stored, as it is used everywhere else."""
    return None if kept is None else Paradata(**kept)
