"""Old and new wording side by side, with the stretches marked that differ."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

# A Chinese character stands alone; a word of letters, a number, a stretch of time (三个月) is marked as a whole.
_PIECE = re.compile(r"[A-Za-z]+|(?:\d+|[一二两三四五六七八九十半]+)个?(?:月|年|周|天)|\d+(?:\.\d+)?|\s+|.", re.DOTALL)

Marked = tuple[tuple[str, bool], ...]  # stretches of one text, each with whether it differs from the other text


def marked(old: str, new: str) -> tuple[Marked, Marked]:
    """The old and the new wording in stretches, each with whether it is only there.

    >>> marked("过去三个月", "过去一个月")[1]
    (('过去', False), ('一个月', True))
    """
    before, after = _PIECE.findall(old), _PIECE.findall(new)
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        _add(left, "".join(before[a:b]), kind != "equal")
        _add(right, "".join(after[c:d]), kind != "equal")
    return tuple(left), tuple(right)


def likeness(old: str, new: str) -> float:
    """How much two wordings share, from 0 (nothing) to 1 (the same).

    >>> likeness("比较同意", "非常不同意") > 0.4 > likeness("村", "社区")
    True
    """
    return SequenceMatcher(None, old, new, autojunk=False).ratio()


def _add(stretches: list[tuple[str, bool]], text: str, differs: bool) -> None:
    if text:
        stretches.append((text, differs))
