"""Items bound together by hand: a group made around an item, items moved into and out of it, groups inside groups.

A section holds its items in order, and beside them groups that name their items (`core.instrument.Group`). Here it is
taken apart into a tree, one thing is changed, and it is put together again, so that the items of a group always stand
next to one another and an outer group always comes before those inside it. A group that has no item left is gone.
What is not there (any more) raises Problem `design.gone`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from fieldkit.core.instrument import Group, Questionnaire, Section
from fieldkit.core.item import Item
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text


@dataclass(slots=True)
class Branch:
    """A group with what lies in it, in order: ids of items, and further groups."""

    group: Group
    inner: list[str | Branch]


Tree = list["str | Branch"]


def make(questionnaire: Questionnaire, item_id: str, title: Text) -> tuple[Questionnaire, str]:
    """A new group around one item, inside the groups that the item lies in; and the new group's id."""
    taken = {s.id for s in questionnaire.sections} | set(questionnaire.items)
    taken |= {g.id for s in questionnaire.sections for g in s.groups}
    name = next(found for n in range(1, len(taken) + 2) if (found := f"group_{n}") not in taken)

    def around(tree: Tree) -> None:
        siblings, place = _find(tree, item_id)
        siblings[place] = Branch(Group(name, title, ()), [item_id])

    return _changed(questionnaire, _home(questionnaire, item_id), around), name


def change(
    questionnaire: Questionnaire,
    group_id: str,
    *,
    title: Text,
    introduction: Text,
    recall: Text,
    relevance: str,
    repeat: tuple[int, int] | None,
    matrix: bool,
    random_order: bool,
    members: Collection[str],
    inside: str | None = None,
) -> Questionnaire:
    """Other words, another condition, another kind of group; other items of the section in it; inside another group.

    An item that is taken out stands behind the group, one that is taken in at its nearer end.
    """
    section = home_of(questionnaire, group_id)

    def changed(tree: Tree) -> None:
        siblings, place = _find(tree, group_id)
        branch = siblings[place]
        assert isinstance(branch, Branch)
        branch.group = replace(
            branch.group,
            title=title or branch.group.title,
            introduction=introduction,
            recall=recall,
            relevance=relevance,
            repeat=repeat,
            matrix=matrix,
            random_order=random_order,
        )
        order = list(_items(tree))
        before = list(_items([branch]))
        start = order.index(before[0]) if before else 0
        early = [i for i in order if i in members and i not in before and order.index(i) < start]
        late = [i for i in order if i in members and i not in before and order.index(i) > start]
        for name in early + late:
            _take(tree, name)
        branch.inner[:0] = early
        branch.inner += late
        leaving = [i for i in before if i not in members]
        if len(leaving) < len(before) + len(early) + len(late):  # all of them gone would be to dissolve it
            for name in leaving:
                _take([branch], name)
            siblings, place = _find(tree, group_id)
            siblings[place + 1 : place + 1] = leaving
        if inside is not None:
            _nest(tree, branch, inside)

    return _changed(questionnaire, section, changed)


def dissolve(questionnaire: Questionnaire, group_id: str) -> Questionnaire:
    """Without the group; its items and the groups in it stay where they are."""

    def opened(tree: Tree) -> None:
        siblings, place = _find(tree, group_id)
        branch = siblings[place]
        assert isinstance(branch, Branch)
        siblings[place : place + 1] = branch.inner

    return _changed(questionnaire, home_of(questionnaire, group_id), opened)


def join(questionnaire: Questionnaire, item_id: str, group_id: str) -> Questionnaire:
    """The item as the last one of a group, wherever it stood before."""
    target, source = home_of(questionnaire, group_id), _home(questionnaire, item_id)
    item = next(i for i in source.items if i.id == item_id)
    if target.id != source.id:
        left = _section_of(source, _without(source, item_id), source.items)
        arrived = replace(target, items=(*target.items, item))
        sections = tuple(
            left if s.id == source.id else arrived if s.id == target.id else s for s in questionnaire.sections
        )
        questionnaire, target = replace(questionnaire, sections=sections), arrived

    def joined(tree: Tree) -> None:
        _take(tree, item_id)
        siblings, place = _find(tree, group_id)
        branch = siblings[place]
        assert isinstance(branch, Branch)
        branch.inner.append(item_id)

    return _changed(questionnaire, target, joined)


def leave(questionnaire: Questionnaire, item_id: str) -> Questionnaire:
    """The item out of the innermost group that it lies in, and behind it."""
    section = _home(questionnaire, item_id)
    around = section.around(item_id)
    if not around:
        return questionnaire

    def left(tree: Tree) -> None:
        _take(tree, item_id)
        siblings, place = _find(tree, around[-1].id)
        siblings.insert(place + 1, item_id)

    return _changed(questionnaire, section, left)


def shift(questionnaire: Questionnaire, group_id: str, by: int) -> Questionnaire:
    """A whole group one place up (-1) or down (+1) among what stands beside it; at the end nothing happens."""

    def shifted(tree: Tree) -> None:
        siblings, place = _find(tree, group_id)
        if 0 <= place + by < len(siblings):
            siblings.insert(place + by, siblings.pop(place))

    return _changed(questionnaire, home_of(questionnaire, group_id), shifted)


def home_of(questionnaire: Questionnaire, group_id: str) -> Section:
    """The section that a group stands in."""
    for section in questionnaire.sections:
        if any(group.id == group_id for group in section.groups):
            return section
    raise Problem("design.gone", where=group_id, name=group_id)


def may_hold(section: Section, group_id: str) -> tuple[Group, ...]:
    """The groups of the section that this one can lie in: all but itself and those inside it."""
    inner = {group_id}
    for group in section.groups:  # an outer one comes first
        if group.inside in inner:
            inner.add(group.id)
    return tuple(group for group in section.groups if group.id not in inner)


# ------------------------------------------------------------------------------------- taken apart, put together


def _tree(section: Section) -> Tree:
    root: Tree = []
    branches: dict[str, Branch] = {}
    for item in section.items:
        level = root
        for group in section.around(item.id):
            if group.id not in branches:
                branches[group.id] = Branch(group, [])
                level.append(branches[group.id])
            level = branches[group.id].inner
        level.append(item.id)
    return root


def _items(tree: Tree) -> Iterator[str]:
    for node in tree:
        if isinstance(node, Branch):
            yield from _items(node.inner)
        else:
            yield node


def _groups(tree: Tree, inside: str = "") -> Iterator[Group]:
    for node in tree:
        if isinstance(node, Branch):
            items = tuple(_items(node.inner))
            if items:
                yield replace(node.group, items=items, inside=inside)
                yield from _groups(node.inner, node.group.id)


def _section_of(section: Section, tree: Tree, items: tuple[Item, ...]) -> Section:
    known = {item.id: item for item in items}
    return replace(section, items=tuple(known[i] for i in _items(tree)), groups=tuple(_groups(tree)))


def _changed(questionnaire: Questionnaire, section: Section, change: Callable[[Tree], None]) -> Questionnaire:
    tree = _tree(section)
    change(tree)
    changed = _section_of(section, tree, section.items)
    sections = tuple(changed if s.id == section.id else s for s in questionnaire.sections)
    return replace(questionnaire, sections=sections)


def _find(tree: Tree, name: str) -> tuple[Tree, int]:
    """The list that holds this item or group, and where in it."""
    found = _look(tree, name)
    if found is None:
        raise Problem("design.gone", where=name, name=name)
    return found


def _look(tree: Tree, name: str) -> tuple[Tree, int] | None:
    for place, node in enumerate(tree):
        if name == (node.group.id if isinstance(node, Branch) else node):
            return tree, place
        deeper = _look(node.inner, name) if isinstance(node, Branch) else None
        if deeper is not None:
            return deeper
    return None


def _take(tree: Tree, name: str) -> None:
    siblings, place = _find(tree, name)
    del siblings[place]


def _without(section: Section, item_id: str) -> Tree:
    tree = _tree(section)
    _take(tree, item_id)
    return tree


def _nest(tree: Tree, branch: Branch, outer: str) -> None:
    """The branch as the last thing in the group `outer`; '' puts it behind the outermost group it lies in."""
    if outer == branch.group.id or _look(branch.inner, outer) is not None:
        return
    top = next((n for n, node in enumerate(tree) if isinstance(node, Branch) and _look([node], branch.group.id)), 0)
    siblings, place = _find(tree, branch.group.id)
    if outer:
        target, there = _find(tree, outer)
        holder = target[there]
        assert isinstance(holder, Branch)
        if siblings is holder.inner:
            return
        del siblings[place]
        holder.inner.append(branch)
    elif siblings is not tree:
        del siblings[place]
        tree.insert(top + 1, branch)


def _home(questionnaire: Questionnaire, item_id: str) -> Section:
    for section in questionnaire.sections:
        if any(item.id == item_id for item in section.items):
            return section
    raise Problem("design.gone", where=item_id, name=item_id)
