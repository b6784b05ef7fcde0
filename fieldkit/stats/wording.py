"""The words of a report: sentences by class, numbers set for print, and the check for words that must not be said."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from fieldkit.core.problem import Problem

MINUS = "\N{MINUS SIGN}"


def rounded(value: float, decimals: int) -> Decimal:
    """A number rounded half-up on its decimal representation, as printed numbers are (2.25 -> 2.3).

    Noise of binary arithmetic beyond the ninth decimal place is taken off first, so that 61.249999999999993 rounds
    like 61.25.

    >>> str(rounded(2.25, 1)), str(rounded(-0.04, 1)), str(rounded(61.249999999999993, 1))
    ('2.3', '0.0', '61.3')
    """
    plain = Decimal(f"{value:.9f}")
    result = plain.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def shown(value: float, decimals: int = 1) -> str:
    """A number as printed, with a true minus sign.

    >>> shown(-27.04)
    '−27.0'
    """
    return str(rounded(value, decimals)).replace("-", MINUS)


@dataclass(frozen=True)
class Wording:
    """The words of one language, by key; nested keys are joined by dots ('sentences.mean')."""

    language: str
    words: Mapping[str, object]

    def say(self, key: str, **facts: object) -> str:
        """The words under `key` with its {names} filled."""
        words = self.words[key]
        if not isinstance(words, str):
            raise KeyError(f"{key} is not one text")
        return words.format_map(facts) if facts else words

    def has(self, key: str) -> bool:
        """Whether there are words under this key."""
        return key in self.words

    def sentence(self, key: str, **facts: object) -> str:
        """A generated sentence; Problem `report.forbidden_words` when it says what must not be said."""
        text = self.say(f"sentences.{key}", **facts)
        self.lint(text)
        return text

    def fixed(self, key: str) -> str:
        """A fixed text, or the lines of a fixed list in one run, numbered."""
        words = self.words[f"fixed.{key}"]
        if isinstance(words, str):
            return words
        return " ".join(f"{at}. {line}" for at, line in enumerate(self.lines(key), 1))

    def lines(self, key: str) -> tuple[str, ...]:
        """The lines of a fixed list."""
        words: str | Sequence[str] = self.words[f"fixed.{key}"]  # type: ignore[assignment]
        return (words,) if isinstance(words, str) else tuple(words)

    @cached_property
    def forbidden(self) -> re.Pattern[str]:
        """What no generated sentence may contain (report.md 2.11)."""
        words: Sequence[str] = self.words["forbidden.words"]  # type: ignore[assignment]
        patterns: Sequence[str] = self.words["forbidden.patterns"]  # type: ignore[assignment]
        longest_first = sorted(words, key=len, reverse=True)
        return re.compile("|".join([*(re.escape(w) for w in longest_first), *patterns]), re.IGNORECASE)

    def lint(self, sentence: str) -> None:
        """Return if a generated sentence may be printed; else Problem `report.forbidden_words`."""
        found = self.forbidden.search(sentence)
        if found:
            raise Problem("report.forbidden_words", word=found.group(), sentence=sentence)

    # Numbers and dates in this language

    def number(self, value: float, decimals: int = 1) -> str:
        """A number as printed."""
        return shown(value, decimals)

    def percent(self, value: float) -> str:
        """A whole percentage as printed."""
        return self.say("marks.percent_value", x=shown(value, 0))

    def span(self, low: float, high: float, decimals: int = 1) -> str:
        """An interval as printed in tables and charts; spaced where a minus sign would run into the dash."""
        key = "marks.signed_range" if low < 0 else "marks.range"
        return self.say(key, lo=shown(low, decimals), hi=shown(high, decimals))

    def bound(self, bound: str, *, percent: bool) -> str:
        """The bound of a masked number in words: '<8' is 低于8%."""
        number = shown(float(bound[1:]), 0)
        x = self.say("marks.percent_value", x=number) if percent else number
        return self.say("marks.below" if bound[0] == "<" else "marks.above", x=x)

    def day(self, date: datetime.date, *, year: bool = True) -> str:
        """A date in words."""
        return self.say("dates.day" if year else "dates.short_day", year=date.year, month=date.month, day=date.day)

    def days(self, first: datetime.date, last: datetime.date) -> str:
        """A period in words; the year is said once."""
        return self.say("dates.span", first=self.day(first), last=self.day(last, year=first.year != last.year))

    def listed(self, things: Sequence[str]) -> str:
        """Several things in one run."""
        return self.say("list_comma").join(things)
