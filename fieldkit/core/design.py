"""One step of composing a questionnaire: what it was before, what is wanted, and what it is then.

Every step takes a questionnaire and gives another; nothing else is changed, and nothing is judged (lint does). A
step that cannot be taken (the section or item is gone) raises Problem `design.gone`. Text items that ask 'please
specify' belong to their choice and follow it, so they are left out here and put back by whoever reads the file.

Reading order: what the bank gives (add, drop), order (move, place), sections, conditions, own items.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType

from fieldkit.core.instrument import (
    CONSENT_SECONDS,
    Construct,
    Group,
    Library,
    Module,
    Questionnaire,
    Section,
    planned_seconds,
    version_key,
)
from fieldkit.core.item import Check, Item, without_companions
from fieldkit.core.lint import Finding
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text

OPENING = ("core_consent", "core_county")  # asked before the first page of every questionnaire for cadres
CORE = "core"


def gone(name: str) -> Problem:
    """Somebody wants to change what is not there any more."""
    return Problem("design.gone", where=name, name=name)


def blank(questionnaire_id: str, title: Text, core: Module | None, *, minutes: float = 10) -> Questionnaire:
    """A questionnaire that asks for consent and nothing else yet."""
    bank = core.items if core else {}
    return Questionnaire(
        id=questionnaire_id,
        version="1.0.0",
        title=title,
        sections=(),
        modules=MappingProxyType({core.id: core.version} if core else {}),
        opening=tuple(bank[name] for name in OPENING if name in bank),
        minutes=minutes,
    )


def next_version(version: str) -> str:
    """The version that a draft begins with: the same MAJOR, one MINOR further.

    >>> next_version("1.0.3")
    '1.1.0'
    """
    major, minor, _ = version_key(version)
    return f"{major}.{minor + 1}.0"


def own_words(questionnaire: Questionnaire, library: Library) -> Questionnaire:
    """The questionnaire with only what its file says: no indicators and constructs that come from the modules."""
    pinned = [library.modules[pin] for pin in questionnaire.modules.items() if pin in library.modules]
    banked = {indicator.id: indicator for module in pinned for indicator in module.indicators}
    own = tuple(i for i in questionnaire.indicators if banked.get(i.id) != i)
    sections = tuple(replace(s, items=without_companions(s.items)) for s in questionnaire.sections)
    sections = tuple(_regrouped(s, {i.id for i in s.items}) for s in sections)
    return replace(questionnaire, indicators=own, constructs=(), sections=sections, hash="")


def shelf(library: Library, questionnaire: Questionnaire | None = None) -> tuple[Module, ...]:
    """The modules of the bank, each once: in the version that the questionnaire pins, else the newest; core first."""
    pins = questionnaire.modules if questionnaire else {}
    names = sorted({name for name, _ in library.modules}, key=lambda name: (name != CORE, name))
    found = []
    for name in names:
        pinned = (name, pins.get(name, ""))
        found.append(library.modules[pinned] if pinned in library.modules else library.module(name))
    return tuple(found)


# ------------------------------------------------------------------------------------------------ the bank


def add(
    questionnaire: Questionnaire, module: Module, construct: Construct, item_ids: Sequence[str], section_id: str = ""
) -> Questionnaire:
    """Ask these items of a construct, and pin its module.

    They go into the section named; without one, beside those of the same construct, else into a new section of the
    construct's name. Items that are asked already stay where they are; consent and county go to the opening.
    """
    wanted = [i for i in construct.items if i.id in item_ids and i.id not in questionnaire.items]
    pins = {**questionnaire.modules}
    pins.setdefault(module.id, module.version)
    opening = [*questionnaire.opening, *(i for i in wanted if i.id in OPENING)]
    opening.sort(key=lambda i: OPENING.index(i.id) if i.id in OPENING else len(OPENING))
    changed = replace(questionnaire, modules=MappingProxyType(pins), opening=tuple(opening))
    wanted = [i for i in wanted if i.id not in OPENING]
    if not wanted:
        return changed
    order = [i.id for i in construct.items]
    beside = next((s.id for s in changed.sections if any(i.id in order for i in s.items)), "")
    section_id = section_id or beside
    if not section_id:
        name = _free(construct.id, {s.id for s in changed.sections})
        recalls = {i.recall for i in wanted}
        recall = recalls.pop() if len(recalls) == 1 else Text()
        return replace(
            changed, sections=(*changed.sections, Section(name, construct.title, tuple(wanted), recall=recall))
        )
    section = _section(changed, section_id)
    items = list(section.items)
    for item in wanted:
        later = order[order.index(item.id) + 1 :]
        earlier = order[: order.index(item.id)]
        places = [n + 1 for n, other in enumerate(items) if other.id in earlier]
        before = [n for n, other in enumerate(items) if other.id in later]
        items.insert(places[-1] if places else before[0] if before else len(items), item)
    return _with_section(changed, replace(section, items=tuple(items)))


def drop(questionnaire: Questionnaire, item_ids: Iterable[str]) -> Questionnaire:
    """Ask these items no more; modules of which nothing is asked any more are not pinned any more (core always is)."""
    leaving = set(item_ids)
    sections = []
    for section in questionnaire.sections:
        items = tuple(i for i in section.items if i.id not in leaving)
        sections.append(section if len(items) == len(section.items) else _regrouped(section, {i.id for i in items}))
    opening = tuple(i for i in questionnaire.opening if i.id not in leaving)
    return replace(questionnaire, sections=tuple(sections), opening=opening)


def unpinned(questionnaire: Questionnaire, library: Library) -> Questionnaire:
    """Without the pins of modules of which nothing is asked; core stays, for its consent text and definitions."""
    asked = questionnaire.items.keys()
    kept = {
        name: version
        for name, version in questionnaire.modules.items()
        if name == CORE or (name, version) not in library.modules or asked & library.modules[name, version].items.keys()
    }
    return replace(questionnaire, modules=MappingProxyType(kept))


# --------------------------------------------------------------------------------------------------- order


def move(questionnaire: Questionnaire, item_id: str, by: int) -> Questionnaire:
    """One place up (-1) or down (+1); from the end of a section on to the next one."""
    at = _index(questionnaire, item_id)
    section = questionnaire.sections[at]
    place = [i.id for i in section.items].index(item_id) + by
    if 0 <= place < len(section.items):
        return put_at(questionnaire, item_id, section.id, place)
    if not 0 <= at + by < len(questionnaire.sections):
        return questionnaire
    other = questionnaire.sections[at + by]
    return put_at(questionnaire, item_id, other.id, len(other.items) if by < 0 else 0)


def put_at(questionnaire: Questionnaire, item_id: str, section_id: str, place: int) -> Questionnaire:
    """The item at this place (0 first) of a section, counted without the item itself."""
    source = questionnaire.sections[_index(questionnaire, item_id)]
    item = next(i for i in source.items if i.id == item_id)
    _section(questionnaire, section_id)
    sections = []
    for section in questionnaire.sections:
        items = [i for i in section.items if i.id != item_id]
        if section.id == section_id:
            items.insert(max(0, min(place, len(items))), item)
        changed = replace(section, items=tuple(items))
        sections.append(_grouped(section, changed, item_id) if section.id in (source.id, section_id) else section)
    return replace(questionnaire, sections=tuple(sections))


def _grouped(before: Section, after: Section, moved: str) -> Section:
    """The section after an item moved: it belongs to a group when it stands between items of it, or beside one of
    them and belonged to it before."""
    ids = [i.id for i in after.items]
    place = ids.index(moved) if moved in ids else None
    groups = []
    for group in before.groups:
        others = [name for name in group.items if name != moved]
        inside = False
        if place is not None:
            above = place > 0 and ids[place - 1] in others
            below = place + 1 < len(ids) and ids[place + 1] in others
            inside = (above and below) or (moved in group.items and (above or below or not others))
        members = tuple(name for name in ids if name in others or (inside and name == moved))
        groups.append(replace(group, items=members))
    return _regrouped(replace(after, groups=tuple(groups)), set(ids))


def _regrouped(section: Section, kept: set[str]) -> Section:
    """The section with only these items; groups that lost all of theirs are gone, and those inside them move out."""
    groups: list[Group] = []
    inside: dict[str, str] = {}
    for group in section.groups:
        outer = inside.get(group.inside, group.inside)
        items = tuple(name for name in group.items if name in kept)
        if items:
            groups.append(replace(group, items=items, inside=outer))
        inside[group.id] = group.id if items else outer
    return replace(section, items=tuple(i for i in section.items if i.id in kept), groups=tuple(groups))


# ------------------------------------------------------------------------------------------------ sections


def add_section(questionnaire: Questionnaire, title: Text) -> Questionnaire:
    """A new, empty section at the end."""
    name = _free("section", {s.id for s in questionnaire.sections} | set(questionnaire.items), always=True)
    return replace(questionnaire, sections=(*questionnaire.sections, Section(name, title or Text(zh=name), ())))


def change_section(
    questionnaire: Questionnaire, section_id: str, *, title: Text, introduction: Text, recall: Text, relevance: str
) -> Questionnaire:
    """Other words above a section, or another condition for it."""
    section = _section(questionnaire, section_id)
    title = title or section.title
    changed = replace(section, title=title, introduction=introduction, recall=recall, relevance=relevance)
    return _with_section(questionnaire, changed)


def move_section(questionnaire: Questionnaire, section_id: str, by: int) -> Questionnaire:
    """A section one place up (-1) or down (+1)."""
    sections = list(questionnaire.sections)
    at = sections.index(_section(questionnaire, section_id))
    if 0 <= at + by < len(sections):
        sections.insert(at + by, sections.pop(at))
    return replace(questionnaire, sections=tuple(sections))


def drop_section(questionnaire: Questionnaire, section_id: str) -> Questionnaire:
    """Without this section and what it asks."""
    section = _section(questionnaire, section_id)
    return replace(questionnaire, sections=tuple(s for s in questionnaire.sections if s is not section))


# ------------------------------------------------------------------------------------- conditions, own items


def change_way(questionnaire: Questionnaire, item_id: str, *, relevance: str, required: str) -> Questionnaire:
    """When an item is asked and whether it must be answered; its words stay those of the bank."""
    section = questionnaire.sections[_index(questionnaire, item_id)]
    items = tuple(
        replace(i, relevance=relevance, required=required) if i.id == item_id else i for i in section.items
    )
    return _with_section(questionnaire, replace(section, items=items))


def put_item(questionnaire: Questionnaire, item: Item, section_id: str, instead_of: str = "") -> Questionnaire:
    """An item of one's own at the end of a section, or in the place of an earlier one."""
    if instead_of:
        section = questionnaire.sections[_index(questionnaire, instead_of)]
        items = tuple(item if i.id == instead_of else i for i in section.items)
        groups = tuple(
            replace(g, items=tuple(item.id if name == instead_of else name for name in g.items))
            for g in section.groups
        )
        return _with_section(questionnaire, replace(section, items=items, groups=groups))
    if not section_id and questionnaire.sections:
        section_id = questionnaire.sections[-1].id
    section = _section(questionnaire, section_id)
    return _with_section(questionnaire, replace(section, items=(*section.items, item)))


def free_item_id(questionnaire: Questionnaire, known: Iterable[str]) -> str:
    """A name that no item of the questionnaire or the bank has: own_1, own_2 …"""
    return _free("own", {*questionnaire.items, *known}, always=True)


# ------------------------------------------------------------------------------------------------- looking


def section_seconds(questionnaire: Questionnaire, section: Section) -> int:
    """How long one section takes a person who is asked everything in it."""
    alone = replace(questionnaire, sections=(section,), opening=(), modules=MappingProxyType({}))
    return planned_seconds(alone) - CONSENT_SECONDS


def showable(questionnaire: Questionnaire, findings: Iterable[Finding]) -> Questionnaire:
    """The questionnaire as far as it can be shown: conditions that cannot be read or answered are left out.

    Findings about an item or section name the part that is broken; an item that stands there twice is shown once.
    """
    broken = {(f.block, f.where, f.part) for f in findings if f.severity == "error"}
    seen: set[str] = set()

    def item(each: Item) -> Item:
        parts: dict[str, str | Check | None] = {
            "relevance": "",
            "constraint": None,
            "warning": None,
            "calculation": "",
            "choice_filter": "",
        }
        wrong = {name: empty for name, empty in parts.items() if ("item", each.id, name) in broken}
        return replace(each, **wrong) if wrong else each  # type: ignore[arg-type]

    def once(items: Iterable[Item]) -> tuple[Item, ...]:
        found = []
        for each in items:
            if each.id not in seen:
                seen.add(each.id)
                found.append(item(each))
        return tuple(found)

    opening = once(questionnaire.opening)
    sections = []
    for section in questionnaire.sections:
        relevance = "" if ("section", section.id, "relevance") in broken else section.relevance
        groups = tuple(
            replace(g, relevance="") if ("group", g.id, "relevance") in broken else g for g in section.groups
        )
        sections.append(replace(section, items=once(section.items), relevance=relevance, groups=groups))
    return replace(questionnaire, opening=opening, sections=tuple(s for s in sections if s.items))


def _section(questionnaire: Questionnaire, section_id: str) -> Section:
    found = next((s for s in questionnaire.sections if s.id == section_id), None)
    if found is None:
        raise gone(section_id)
    return found


def _index(questionnaire: Questionnaire, item_id: str) -> int:
    for at, section in enumerate(questionnaire.sections):
        if any(item.id == item_id for item in section.items):
            return at
    raise gone(item_id)


def _with_section(questionnaire: Questionnaire, changed: Section) -> Questionnaire:
    return replace(
        questionnaire, sections=tuple(changed if s.id == changed.id else s for s in questionnaire.sections)
    )


def _free(name: str, taken: set[str], *, always: bool = False) -> str:
    if name not in taken and not always:
        return name
    return next(found for n in range(1, len(taken) + 2) if (found := f"{name}_{n}") not in taken)
