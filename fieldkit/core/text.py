"""Words in several languages: what a cadre reads, and its gloss for researchers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

FALLBACK = ("zh", "en")


class Text(Mapping[str, str]):
    """One piece of wording in one or more languages; immutable, equal by content.

    >>> Text(zh="乡镇", en="Township").say("en")
    'Township'
    >>> Text(zh="乡镇").say("en")
    '乡镇'
    """

    __slots__ = ("_words",)
    _words: dict[str, str]

    def __init__(self, words: Mapping[str, str] | None = None, /, **more: str) -> None:
        object.__setattr__(self, "_words", {k: v for k, v in {**(words or {}), **more}.items() if v})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("wording does not change; publish a new version")

    def __getitem__(self, language: str) -> str:
        return self._words[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def __hash__(self) -> int:
        return hash(tuple(sorted(self._words.items())))

    def __repr__(self) -> str:
        return f"Text({self._words!r})"

    def say(self, language: str = "zh") -> str:
        """The wording in `language`; else in Chinese, else in English, else in any; '' when there is none."""
        for code in (language, *FALLBACK):
            if code in self._words:
                return self._words[code]
        return next(iter(self._words.values()), "")


NOTHING = Text()
