"""Whether there are answers with which a question is asked, or a limit is kept: a search that never takes long.

Lint asks this of every condition. Choices and small ranges of whole numbers are tried in full, so that "never" is
then proven; wide ranges are tried where a condition can change, at its own numbers and beside them. Texts and dates
are tried too, but finding nothing there proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Any

from fieldkit.core.expression import Expression, Scope, Tree, compiled, evaluate, walk
from fieldkit.core.item import Item

NEVER, UNLIKELY, POSSIBLE, UNKNOWN = "never", "unlikely", "possible", "unknown"
EFFORT = 250_000  # tries for one instrument: under half a second
TRIES = 20_000  # tries for one condition
CONTROLLERS = 10  # a condition that hangs on more items than this is not judged
WHOLE_RANGE = 200  # so many numbers are tried one by one
FEW_OPTIONS = 6  # of so many options every combination is tried
# Their value depends on more than the answers.
OPEN_FUNCTIONS = frozenset(
    {"random", "uuid", "once", "today", "now", "position", "indexed-repeat", "jr:choice-name", "weighted-checklist"}
)
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Asked:
    """One item with the conditions of its page, its groups and its own, all of which must hold."""

    item: Item
    conditions: tuple[Expression, ...] = ()
    limit: Expression | None = None  # its constraint
    formula: Expression | None = None  # of a calculated item


class _TooMuch(Exception):
    """The search has used up its tries."""


class Search:
    """Looks for answers over the items of one instrument, in the order in which they are asked."""

    def __init__(self, asked: Iterable[Asked], effort: int = EFFORT) -> None:
        self.asked: Mapping[str, Asked] = MappingProxyType({one.item.id: one for one in asked})
        self.place = {name: at for at, name in enumerate(self.asked)}
        self.effort = effort
        self.tries = 0

    def asks(self, item_id: str) -> str:
        """Whether the item is ever asked: never (proven), unlikely (nothing found), possible or unknown."""
        conditions = self.asked[item_id].conditions
        return self.holds(conditions)

    def holds(self, conditions: Sequence[Expression]) -> str:
        """Whether all these conditions can hold for one person."""
        tests = [compiled(one) for one in conditions]
        return self._search(conditions, lambda live: all(test(live) for test in tests))

    def keeps(self, item_id: str) -> str:
        """Whether any answer keeps the item's constraint."""
        one = self.asked[item_id]
        if one.limit is None:
            return POSSIBLE
        test = compiled(one.limit)

        def kept(live: Mapping[str, Any]) -> bool:
            value = live.get(item_id)
            return value is not None and test(Scope(live, current=value))

        return self._search((one.limit, *one.conditions), kept, item_id)

    def _search(
        self, conditions: Sequence[Expression], goal: Callable[[Mapping[str, Any]], bool], about: str = ""
    ) -> str:
        names = self._controllers([*([about] if about else []), *(r for c in conditions for r in c.references)])
        if names is None:
            return UNKNOWN
        steps = [self.asked[name] for name in names]
        read = [*conditions]
        for step in steps:
            read += [*step.conditions, *(e for e in (step.limit, step.formula) if e)]
        if any(e.functions & OPEN_FUNCTIONS or _has_rows(e.tree) for e in read):
            return UNKNOWN
        numbers, words = _constants(read)
        branches = [
            _Branch(step, *_values(step, numbers, words), unlimited=step.item.id == about) for step in steps
        ]
        self.tries = min(TRIES, self.effort)
        try:
            found = self._walk(branches, 0, {}, goal)
        except _TooMuch:
            return UNKNOWN
        if found:
            return POSSIBLE
        if all(branch.whole for branch in branches):
            return NEVER
        sampled_well = all(branch.whole or branch.sampled for branch in branches) and all(_plain(e.tree) for e in read)
        return UNLIKELY if sampled_well else UNKNOWN

    def _controllers(self, names: Iterable[str]) -> list[str] | None:
        """Items that decide, also through others, in asking order; None where they are too many or one is not asked."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            one = self.asked.get(name)
            if one is None:
                return None
            found.add(name)
            if len(found) > CONTROLLERS:  # a chain of thousands is not walked once for each of its items
                return None
            waiting += [r for e in (*one.conditions, *(e for e in (one.formula,) if e)) for r in e.references]
        return sorted(found, key=self.place.__getitem__)

    def _walk(
        self,
        branches: Sequence[_Branch],
        at: int,
        live: Mapping[str, Any],
        goal: Callable[[Mapping[str, Any]], bool],
    ) -> bool:
        if at == len(branches):
            self._count()
            return goal(live)
        branch = branches[at]
        if not all(test(live) for test in branch.tests):
            return self._walk(branches, at + 1, live, goal)
        for value in branch.taken(live):
            self._count()
            more = live if value is None else {**live, branch.name: value}
            if self._walk(branches, at + 1, more, goal):
                return True
        return False

    def _count(self) -> None:
        self.tries -= 1
        self.effort -= 1
        if self.tries < 0:
            raise _TooMuch


class _Branch:
    """One item on the way: when it is asked and which answers are tried."""

    def __init__(self, step: Asked, values: Sequence[Any], whole: bool, sampled: bool, *, unlimited: bool) -> None:
        self.name = step.item.id
        self.values, self.whole, self.sampled = values, whole, sampled
        self.tests = [compiled(one) for one in step.conditions]
        self.formula = step.formula
        # A limit that looks at other items may look ahead: only one of its own is kept to on the way.
        own = step.limit if step.limit and not step.limit.references and not unlimited else None
        self.limit = compiled(own) if own else None

    def taken(self, live: Mapping[str, Any]) -> Iterator[Any]:
        if self.formula is not None:
            yield evaluate(self.formula, live)
            return
        for value in self.values:
            if value is None or self.limit is None or self.limit(Scope(live, current=value)):
                yield value


def _has_rows(tree: Tree) -> bool:
    return any(isinstance(node, list) and node[0] == "$" and len(node) == 3 for node in walk(tree))


def _constants(read: Iterable[Expression]) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """The numbers and texts that the expressions compare with."""
    numbers: dict[float, None] = {}
    words: dict[str, None] = {}
    for expression in read:
        for node in walk(expression.tree):
            if isinstance(node, str):
                words[node] = None
                for part in node.split():
                    try:
                        numbers[float(part)] = None
                    except ValueError:
                        continue
            elif isinstance(node, int | float) and not isinstance(node, bool):
                numbers[float(node)] = None
                numbers[-float(node)] = None
    return tuple(n for n in numbers if math.isfinite(n)), tuple(words)


def _values(step: Asked, numbers: Sequence[float], words: Sequence[str]) -> tuple[list[Any], bool, bool]:
    """The answers to try for one item, blank last; whether these are all there are; whether they are well chosen."""
    item = step.item
    kind = item.kind.value
    codes = [o.code for o in item.options if not o.missing]
    if step.formula is not None:
        return [], True, True
    if item.type == "hidden":
        return [item.default or None], True, True
    if kind == "mark":
        return [1, None], True, True
    if kind == "code" and codes:
        return [*codes, None], True, True
    if kind == "codes" and codes:
        return _sets(item, codes, numbers)
    if kind == "number":
        return _numbers(item, numbers)
    return [*words, "x", None], False, False


def _sets(item: Item, codes: Sequence[int], numbers: Sequence[float]) -> tuple[list[Any], bool, bool]:
    """Combinations of options: all of them if there are few, else those that the conditions can tell apart."""
    alone = [o.code for o in item.options if o.exclusive]
    free = [c for c in codes if c not in alone]
    most = item.most or len(free)
    whole = len(free) <= FEW_OPTIONS
    if whole:
        chosen = [list(c) for size in range(1, most + 1) for c in combinations(free, size)]
    else:
        named = [c for c in free if float(c) in numbers][:FEW_OPTIONS]
        rest = [c for c in free if c not in named]
        chosen = [[c] for c in free]
        for size in range(len(named) + 1):
            for some in combinations(named, size):
                chosen += [sorted([*some, *rest[:extra]]) for extra in range(len(rest) + 1)]
        chosen = [c for c in chosen if 0 < len(c) <= most]
    return [*chosen, *([c] for c in alone), None], whole, True


def _numbers(item: Item, constants: Sequence[float]) -> tuple[list[Any], bool, bool]:
    """Numbers within the item's range: all of a small range, else its ends and what stands beside the constants."""
    step = item.smallest or 10.0**-item.places
    low, high = item.low, item.high
    if low is not None and high is not None and 0 <= (high - low) / step <= WHOLE_RANGE:
        return [*(_tidy(low + n * step) for n in range(int((high - low) / step + 1e-9) + 1)), None], True, True
    tried: dict[float, None] = {}
    for base in (*constants, 0.0, 1.0, low, high, *(() if high is not None else (1e6,))):
        if base is not None:
            tried.update(dict.fromkeys(_tidy(base + n * step) for n in (0, 1, -1, 2, -2)))
    least, most = -math.inf if low is None else low, math.inf if high is None else high
    inside = [n for n in tried if least <= n <= most and (not item.kind.whole or n % 1 == 0)]
    return [*inside, None], False, True


def _tidy(number: float) -> float | int:
    rounded = round(number, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _plain(tree: Tree) -> bool:
    """Whether a condition only compares answers with constants or with each other, so that a sample can be trusted."""
    if isinstance(tree, bool):
        return True
    if not isinstance(tree, list):
        return False
    name, *parts = tree
    if name in ("and", "or", "not"):
        return all(_plain(part) for part in parts)
    if name in COMPARISONS:
        return all(_simple(part) for part in parts)
    return name in ("true", "false") or (name == "selected" and all(_simple(part) for part in parts))


def _simple(tree: Tree) -> bool:
    if not isinstance(tree, list):
        return True
    return tree[0] in ("$", ".") or (tree[0] in ("neg", "count-selected") and _simple(tree[1]))
