"""Two ways out of a change that cannot be published: taking it back, or asking under a new id."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from fieldkit.core.instrument import Module, Questionnaire
from fieldkit.core.item import Item
from fieldkit.core.text import Text

Instrument = TypeVar("Instrument", Module, Questionnaire)
_NUMBERED = re.compile(r"_v\d+\Z")


# Parts of an item that belong together: one does not go back without the others.
TOGETHER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "options": ("options", "list_name"),
        "range": ("low", "high"),
        "left": ("left", "right"),
        "right": ("left", "right"),
        "type": ("type", "options", "list_name", "low", "high", "decimals", "step", "most", "unit", "left", "right"),
    }
)
OF_PAGE = {"recall": "recall", "relevance": "relevance", "rows": "repeat"}  # part of an item: field of its page


def taken_back(old: Instrument, new: Instrument, item: str, part: str) -> Instrument:
    """The new version with one part of an item (see core.differences) as it was in the old one.

    The words above an item go back for all items under them, and what a page says, for the whole page. KeyError if
    either version does not have the item.
    """
    was, now = old.items[item], new.items[item]
    if part == "stem":
        stems = {c.id: c.stem for c in old.constructs}
        return replace(
            new,
            constructs=tuple(
                replace(c, stem=stems.get(c.id, c.stem)) if any(i.id == item for i in c.items) else c
                for c in new.constructs
            ),
        )
    names = [name for name in TOGETHER.get(part, (part,)) if hasattr(was, name)]
    parts: dict[str, Any] = {name: getattr(was, name) for name in names}
    if any(getattr(now, name) != value for name, value in parts.items()):
        back: Instrument = _with_item(new, item, replace(now, **parts))
        return back
    if part in OF_PAGE and isinstance(old, Questionnaire) and isinstance(new, Questionnaire):
        pages = {s.id: s for s in old.sections}
        field = OF_PAGE[part]
        sections = tuple(
            replace(s, **{field: getattr(pages[s.id], field)}) if s.id in pages and item in _ids(s.items) else s
            for s in new.sections
        )
        return replace(new, sections=sections)  # type: ignore[call-arg]  # an Instrument of sections is a Questionnaire
    return new


def _ids(items: tuple[Item, ...]) -> set[str]:
    return {i.id for i in items}


def renumbered(new: Instrument, item: str, used: Collection[str] = ()) -> tuple[Instrument, str]:
    """The instrument with a new id for one item (bur_pb1 becomes bur_pb1_v2), everywhere it is mentioned.

    `used` are ids of earlier versions, which are never used again. The text field of 'other, please specify' goes
    with its item.
    """
    taken = {*used, *new.items}
    base = _NUMBERED.sub("", item)
    number = next(n for n in range(2, 10_000) if f"{base}_v{n}" not in taken)
    name = f"{base}_v{number}"
    found: Instrument = _renamed(new, item, name)
    if f"{item}_other" in new.items:
        found = _renamed(found, f"{item}_other", f"{name}_other")
    return found, name


def _with_item(instrument: Any, item: str, wanted: Item) -> Any:
    """The instrument with another item in place of the one of this name."""

    def swapped(items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(wanted if i.id == item else i for i in items)

    constructs = tuple(replace(c, items=swapped(c.items)) for c in instrument.constructs)
    if isinstance(instrument, Module):
        return replace(instrument, constructs=constructs)
    sections = tuple(replace(s, items=swapped(s.items)) for s in instrument.sections)
    return replace(instrument, constructs=constructs, sections=sections, opening=swapped(instrument.opening))


def _renamed(value: Any, old: str, new: str, *, exact: bool = False) -> Any:
    """Any part of an instrument with one name for another: in expressions as ${name}, in lists of items by itself."""
    if isinstance(value, Text):
        return value
    if isinstance(value, str):
        if exact and value == old:
            return new
        return value.replace(f"${{{old}}}", f"${{{new}}}")
    if isinstance(value, Mapping):
        return MappingProxyType({name: _renamed(each, old, new, exact=exact) for name, each in value.items()})
    if isinstance(value, tuple):
        return tuple(_renamed(each, old, new, exact=exact) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        lists = ("items", "parameters", *(("id",) if isinstance(value, Item) else ()))
        changed = {
            f.name: _renamed(getattr(value, f.name), old, new, exact=f.name in lists)
            for f in fields(value)
            if f.name not in ("hash", "modules", "paper")
        }
        return replace(value, **changed)
    return value
