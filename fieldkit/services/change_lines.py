"""A change in words a researcher reads: what differs, old and new side by side, and what that means for the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fieldkit.core.change import Change, Row, rows
from fieldkit.core.instrument import Indicator, Module, Questionnaire
from fieldkit.core.item import Item
from fieldkit.core.marks import Marked, marked
from fieldkit.translations import catalogue, explain_code, say

# Parts whose old and new wording is shown by itself; of all others the question is shown with the setting behind it.
WORDING = ("text", "stem", "hint", "left", "right", "options", "constraint", "warning")
TOGETHER = 3  # so many items in a row are written as first to last


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line of the comparison. `old` and `new` come in stretches, each with whether it differs."""

    verdict: str
    items: tuple[str, ...]
    names: str
    title: str
    old: Marked
    new: Marked
    lost: str  # '' or which indicators cannot be compared any more
    means: str
    reason: str
    part: str
    asks: bool
    needs_new_id: bool

    @property
    def old_words(self) -> str:
        """The old wording in one piece."""
        return "".join(text for text, _ in self.old)

    @property
    def new_words(self) -> str:
        """The new wording in one piece."""
        return "".join(text for text, _ in self.new)


def change_lines(
    change: Change, old: Module | Questionnaire, new: Module | Questionnaire, language: str = "zh"
) -> list[ChangeLine]:
    """Every difference as a line, the gravest first."""
    order = [*new.items, *(i for i in old.items if i not in new.items)]
    return [_line(row, order, old.indicators, language) for row in rows(change)]


def told(lines: Sequence[ChangeLine], language: str = "zh") -> str:
    """The lines as plain text, to be kept or sent: old wording after a minus, new after a plus."""
    return "".join(
        f"[{say(f'change.verdict_{line.verdict}', language)}] {line.names} · {line.title}\n"
        f"  - {line.old_words}\n  + {line.new_words}\n  {line.lost}{line.means}\n\n"
        for line in lines
    )


def _line(row: Row, order: Sequence[str], indicators: Sequence[Indicator], language: str) -> ChangeLine:
    d = row.difference
    facts = {**d.facts, **_part_names(d.facts, language)}
    title, means = explain_code(f"change.reason_{d.reason}", language, **facts)
    old, new = _sides(row, language)
    lost = ""
    if row.verdict == "breaking":
        hit = [i for i in indicators if set(i.items) & set(row.items)] or [i for i in indicators if i.id in row.items]
        names = dict.fromkeys((i.print_name or i.title).say(language) for i in hit)
        if names:
            lost = say("change.not_compared", language, indicators=say("change.and", language).join(names))
    return ChangeLine(
        verdict=row.verdict,
        items=row.items,
        names=_names(row.items, order, language),
        title=title,
        old=old,
        new=new,
        lost=lost,
        means=means,
        reason=d.reason,
        part=d.part,
        asks=d.asks,
        needs_new_id=d.needs_new_id,
    )


def _part_names(facts: Mapping[str, object], language: str) -> dict[str, str]:
    """What changed, as the reader calls it: the part, or several of them."""
    known = catalogue(language)

    def name(part: str) -> str:
        return str(known.get(f"change.part_{part}", part))

    found = {"part": name(str(facts["part"]))} if "part" in facts else {}
    if "parts" in facts:
        found["parts"] = say("change.and", language).join(map(name, str(facts["parts"]).split(", ")))
    return found


def _names(items: tuple[str, ...], order: Sequence[str], language: str) -> str:
    """a, b; or first to last, where they follow one another."""
    places = [order.index(i) for i in items if i in order]
    if len(items) >= TOGETHER and places == list(range(places[0], places[0] + len(items))):
        return say("change.to", language, first=items[0], last=items[-1])
    return say("change.and", language).join(items)


def _sides(row: Row, language: str) -> tuple[Marked, Marked]:
    d = row.difference
    if d.reason == "added":
        return ((say("change.no_item", language), False),), ((d.new.say(language), True),)
    if d.reason == "removed":
        return ((d.old.say(language), True),), ((say("change.no_item", language), False),)
    if d.part in WORDING or not row.before or not row.after:
        if d.old and d.new:
            return marked(d.old.say(language), d.new.say(language))
        nothing = (say("change.no_words", language), False)
        left = (d.old.say(language), True) if d.old else nothing
        right = (d.new.say(language), True) if d.new else nothing
        return (left,), (right,)
    was, now = _value(d.part, d.old.say(language), language), _value(d.part, d.new.say(language), language)
    then, later = _question(row.before, len(row.items), language), _question(row.after, len(row.items), language)
    if d.old == d.new:
        return ((then, False),), ((later, False),)
    return _with_setting(then, was), _with_setting(later, now)


def _with_setting(question: str, setting: str) -> Marked:
    return ((question, False), (f"（{setting}）", True)) if question else ((setting, True),)


def _question(item: Item, count: int, language: str) -> str:
    return item.text.say(language) if count == 1 else ""


def _value(part: str, value: str, language: str) -> str:
    """A setting in words, where it has any."""
    if not value:
        return say("change.always" if part == "relevance" else "change.nothing", language)
    try:
        return say(f"change.value_{part}_{value}", language)
    except KeyError:
        return value
