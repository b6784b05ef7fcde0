"""The tree that an expression becomes, and ways to look through it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

Tree: TypeAlias = "str | int | float | bool | list[Tree] | None"


def walk(tree: Tree) -> Iterator[Tree]:
    """Go through a tree from the outside in, every node once, in the order of the source.

    >>> list(walk(["not", ["$", "a"]]))
    [['not', ['$', 'a']], ['$', 'a']]
    """
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, list) and node[0] not in ("$", "."):
            waiting += node[:0:-1]


def references_of(tree: Tree) -> tuple[str, ...]:
    """The item ids that a tree looks at, each once, in the order of the source.

    A repeat's name is among them where the expression names it, as in `count(${households})`.

    >>> references_of(["=", ["$", "a"], ["sum", ["$", "b", "rows"]]])
    ('a', 'b')
    """
    found: dict[str, None] = {}
    for node in walk(tree):
        if isinstance(node, list) and node[0] == "$":
            name = node[1] if node[1] is not None else node[2]
            found[str(name)] = None
        elif isinstance(node, list) and node[0] == "jr:choice-name" and isinstance(node[2], str):
            found[node[2]] = None
    return tuple(found)


def depth_of(tree: Tree) -> int:
    """How many levels a tree has."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(node, list):
            waiting += [(child, depth + 1) for child in node[1:]]
    return deepest
