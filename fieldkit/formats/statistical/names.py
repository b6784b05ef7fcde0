"""Names and labels as SPSS and Stata accept them; what had to be changed is told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

SPSS_WORDS = frozenset("all and by eq ge gt le lt ne not or to with".split())
STATA_WORDS = frozenset(
    "_all _b _coef _cons _n _pi _pred _rc _skip byte double float if in int long str strl using with".split()
)


@dataclass(frozen=True)
class Limits:
    """What one program accepts, names in bytes, labels in characters or bytes."""

    name: int
    words: frozenset[str]
    label: int
    value_label: int
    in_bytes: bool
    text: int  # bytes of one text


SPSS = Limits(name=64, words=SPSS_WORDS, label=256, value_label=120, in_bytes=True, text=32_767)
STATA = Limits(name=32, words=STATA_WORDS, label=80, value_label=32_000, in_bytes=False, text=2_045)


@dataclass
class Told:
    """What did not fit: names that changed, how many labels and texts were cut."""

    renamed: dict[str, str] = field(default_factory=dict)
    labels_cut: int = 0
    texts_cut: int = 0


def names(wanted: Iterable[str], limits: Limits, told: Told) -> Mapping[str, str]:
    """A name for each variable, the same in every export: its own where it fits, else shortened and marked.

    SPSS and Stata read small and capital letters in names alike or almost so; ours have small letters only.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    listed = list(wanted)
    for name in listed:
        new = name
        if len(name) > limits.name or name in limits.words or name.endswith("_") or _is_stata_string(name, limits):
            mark = hashlib.sha256(name.encode()).hexdigest()[:4]
            new = f"{name[: limits.name - 5]}_{mark}"
            told.renamed[name] = new
        while new in taken or (new != name and new in listed):
            new = f"{new[: limits.name - 1]}x"
            told.renamed[name] = new
        taken.add(new)
        found[name] = new
    return MappingProxyType(found)


def _is_stata_string(name: str, limits: Limits) -> bool:
    """str12 and the like are types in Stata."""
    return limits is STATA and name.startswith("str") and name[3:].isdigit()


def label(words: str, limits: Limits, told: Told, most: int | None = None) -> str:
    """A label in one line, cut with … where it is too long."""
    text = " ".join(words.split())
    most = limits.label if most is None else most
    if len(text.encode()) <= most if limits.in_bytes else len(text) <= most:
        return text
    told.labels_cut += 1
    if limits.in_bytes:
        return text.encode()[: most - 3].decode("utf-8", "ignore") + "…"
    return text[: most - 1] + "…"


def cut(text: str, limits: Limits, told: Told) -> str:
    """A text within what one cell holds."""
    raw = text.encode()
    if len(raw) <= limits.text:
        return text
    told.texts_cut += 1
    return raw[: limits.text].decode("utf-8", "ignore")
