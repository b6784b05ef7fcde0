"""Whether a question says what another question of the bank says already, word for word or nearly so."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fieldkit.core.instrument import Module
from fieldkit.core.item import Item

NEARLY = 0.9
LOOKED_AT = 100  # so many of the bank are compared letter by letter with one question, the likeliest first
SHORT = 8  # letters; shorter questions (性别？) are only the same if their options are, and never nearly the same
_VERSION = re.compile(r"_v\d+\Z")


def plain_words(text: str) -> str:
    """The wording without punctuation, spaces, width and case.

    >>> plain_words('您 的工作单位，在哪里？（ABC）')
    '您的工作单位在哪里abc'
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def pairs(words: str) -> Counter[str]:
    """How often every two neighbouring letters stand in the words."""
    return Counter(words[at : at + 2] for at in range(len(words) - 1))


def likeness(one: Counter[str], other: Counter[str]) -> float:
    """How much two wordings have in common, 0 to 1: Dice's coefficient of their pairs of letters.

    >>> likeness(pairs('night'), pairs('night')), likeness(pairs('night'), pairs('day'))
    (1.0, 0.0)
    """
    size = one.total() + other.total()
    return 2 * (one & other).total() / size if size else 0.0


@dataclass(frozen=True, slots=True)
class Like:
    """The item that another one repeats, where it stands, and how like it is (1: the same words)."""

    item: str
    module: str
    likeness: float


@dataclass(frozen=True, slots=True)
class _Kept:
    id: str
    module: str
    words: str
    pairs: Counter[str]
    options: tuple[str, ...]


class Bank:
    """The questions that there are already, so that one can be looked up by its wording.

    Costs about 20 µs per item to make and to ask.
    """

    def __init__(self, items: Iterable[tuple[str, Item]]) -> None:
        self.kept: list[_Kept] = []
        self.same: dict[str, list[_Kept]] = {}
        self.having: dict[str, list[_Kept]] = {}
        seen: set[tuple[str, str]] = set()
        for module, item in items:
            words = _words(item)
            if not words or (item.id, words) in seen:
                continue
            seen.add((item.id, words))
            kept = _Kept(item.id, module, words, pairs(words), _options(item))
            self.kept.append(kept)
            self.same.setdefault(words, []).append(kept)
            for pair in kept.pairs:
                self.having.setdefault(pair, []).append(kept)

    @classmethod
    def of(cls, modules: Iterable[Module]) -> Bank:
        """The items of these modules; of several versions of a module every wording counts once."""
        return cls((module.id, item) for module in modules for item in module.items.values())

    def like(self, item: Item) -> Like | None:
        """The item under another id that this one repeats or nearly repeats, or None."""
        words = _words(item)
        own = _VERSION.sub("", item.id)
        short = len(words) < SHORT
        for kept in self.same.get(words, ()):
            if _VERSION.sub("", kept.id) != own and (not short or kept.options == _options(item)):
                return Like(kept.id, kept.module, 1.0)
        if short:
            return None
        mine = pairs(words)
        best: Like | None = None
        for kept in self._near(mine):
            if _VERSION.sub("", kept.id) != own and len(kept.words) >= SHORT:
                much = likeness(mine, kept.pairs)
                if much >= NEARLY and (best is None or much > best.likeness):
                    best = Like(kept.id, kept.module, much)
        return best

    def _near(self, mine: Counter[str]) -> Sequence[_Kept]:
        """Those that can be nearly the same: they share at least one of the rarest pairs.

        Nine tenths in common means more than four fifths of the pairs of either; so among the rarest fifth and one
        more there is a shared one.
        """
        rarest = sorted(mine, key=lambda pair: len(self.having.get(pair, ())))
        fewest = mine.total() - int(0.818 * mine.total()) + 1
        found: dict[int, _Kept] = {}
        taken = 0
        for pair in rarest:
            if taken >= fewest or len(found) >= LOOKED_AT:
                break
            taken += mine[pair]
            for kept in self.having.get(pair, ())[:LOOKED_AT]:
                found[id(kept)] = kept
        return list(found.values())


def _words(item: Item) -> str:
    return plain_words(item.text.say("zh"))


def _options(item: Item) -> tuple[str, ...]:
    return tuple(option.text.say("zh") for option in item.options)
