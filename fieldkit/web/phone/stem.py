"""How an item is put to the respondent: its own words, and where the stem that it shares with others is said.

A statement (我的工作任务，在正常工作时间内做不完。) stands by itself: the stem is said once above the first of them.
A bare phrase (会议) is no question without the stem, so it stands on every card. Between two poles the stem is the
question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from fieldkit.core.instrument import Construct, Group, Questionnaire, Section
from fieldkit.core.item import Item

SCALES = ("likert5", "likert", "bipolar7")
ENDS = "。？?."  # a text that ends so is a whole sentence


@dataclass(slots=True)
class Asked:
    """One item as it is asked: `above` is said once before it, `lead` on its own card before its words.

    `of` are the items that `above` belongs to; when none of them is asked, it is not said. `heads` are the groups that
    begin with this item, `tails` counts the repeats that end with it.
    """

    item: Item
    words: str
    lead: str = ""
    above: str = ""
    of: list[str] = field(default_factory=list)
    heads: tuple[Group, ...] = ()
    tails: int = 0


def has_stem(construct: Construct | None, item: Item) -> bool:
    """Whether the construct's stem is about this item: those of the scale that its first rating item uses."""
    if construct is None or not construct.stem or item.type not in SCALES:
        return False
    first = next(i for i in construct.items if i.type in SCALES)
    return (item.type, item.list_name, item.options) == (first.type, first.list_name, first.options)


def on_page(item: Item) -> bool:
    """Whether an item has a card: calculations, hidden values and the county of the link have none."""
    return item.kind.shown and not item.source


def questions(questionnaire: Questionnaire, section: Section, language: str) -> Iterator[Asked]:
    """The items of a section in asking order, as they are put."""
    constructs = {item.id: c for c in questionnaire.constructs for item in c.items}
    found: list[Asked] = []
    said: Asked | None = None  # the item above which the present stem is said
    ends = {g.id: [i.id for i in section.items if i.id in g.items and on_page(i)] for g in section.groups}
    for item in section.items:
        heads = tuple(g for g in section.groups if ends[g.id][:1] == [item.id])
        tails = sum(1 for g in section.groups if g.repeat and ends[g.id][-1:] == [item.id])
        asked = Asked(item, item.text.say(language), heads=heads, tails=tails)
        construct = constructs.get(item.id)
        if has_stem(construct, item):
            assert construct is not None
            stem = construct.stem.say(language)
            if item.type == "bipolar7":
                asked.words = stem
            elif not asked.words.endswith(tuple(ENDS)):
                asked.lead = stem
            else:
                if said is None or said.above != stem:
                    asked.above, said = stem, asked
                said.of.append(item.id)
        found.append(asked)
    yield from found
