"""Which versions of a question or a score may stand in one column, when an export spans several versions.

A column is one question's identity: the same id, and nowhere changed into another question. A score needs more: it
must be scored alike from the same questions, within one MAJOR version of the modules behind it (codebook 0.9).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fieldkit.core.change import ItemChange, comparable, compare, decided
from fieldkit.core.expression import ExpressionError, parse
from fieldkit.core.instrument import Indicator, Questionnaire
from fieldkit.core.item import Item

Key = tuple[str, str]  # id and version of a questionnaire
Said = Callable[[Questionnaire, Questionnaire], Mapping[str, bool]]  # item -> still the same question, as recorded


def key_of(questionnaire: Questionnaire) -> Key:
    """Which questionnaire and version this is."""
    return questionnaire.id, questionnaire.version


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what stands in it (as the latest of its versions has it), and the versions that fill it."""

    name: str
    thing: Item | Indicator
    versions: frozenset[Key]


def item_columns(questionnaires: Sequence[Questionnaire], said: Said) -> tuple[Column, ...]:
    """A column for every question, in asking order of the first version, later additions after it.

    `questionnaires` come oldest first; `said` gives what researchers recorded about reworded items between two of
    them. A question that was changed into another one under its id gives columns `<id>__v1`, `<id>__v2`.
    """
    changes: dict[tuple[Key, Key], dict[str, ItemChange]] = {}

    def same(name: str, one: Questionnaire, other: Questionnaire) -> bool:
        if one.items[name] == other.items[name]:
            return True
        pair = key_of(one), key_of(other)
        if pair not in changes:
            changes[pair] = {c.item: c for c in decided(compare(one, other), said(one, other)).items}
        change = changes[pair].get(name)
        return change is None or not (change.needs_new_id or (change.asks_identity and change.same is None))

    return _columns([(q, q.items) for q in questionnaires], same)


def score_columns(
    questionnaires: Sequence[Questionnaire], said: Said, home: Mapping[str, str] = MappingProxyType({})
) -> tuple[Column, ...]:
    """A column `score_<id>` for every indicator; `score_<id>__v1`, … where versions may not be compared.

    `home` gives the module of each item, whose MAJOR version counts.
    """

    def same(name: str, one: Questionnaire, other: Questionnaire) -> bool:
        return bool(comparable(name, one, other, identity=said(one, other), home=home))

    shelves = [(q, {i.id: i for i in q.indicators}) for q in questionnaires]
    return _columns(shelves, same, "score_")


Shelf = tuple[Questionnaire, Mapping[str, Item] | Mapping[str, Indicator]]


def _columns(
    shelves: Sequence[Shelf], same: Callable[[str, Questionnaire, Questionnaire], bool], before: str = ""
) -> tuple[Column, ...]:
    found: list[Column] = []
    for name in dict.fromkeys(name for _, things in shelves for name in things):
        groups: list[list[Shelf]] = []
        for shelf in shelves:
            if name not in shelf[1]:
                continue
            home = next((g for g in groups if all(same(name, other[0], shelf[0]) for other in g)), None)
            if home is None:
                groups.append([shelf])
            else:
                home.append(shelf)
        for at, group in enumerate(groups, 1):
            column = f"{before}{name}" if len(groups) == 1 else f"{before}{name}__v{at}"
            found.append(Column(column, group[-1][1][name], frozenset(key_of(q) for q, _ in group)))
    return tuple(found)


def behind(names: Iterable[str], questionnaire: Questionnaire) -> frozenset[str]:
    """These items and all those that calculated ones among them look at, also through others."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        item = questionnaire.items.get(name)
        if name in found or item is None:
            continue
        found.add(name)
        if item.calculation:
            try:
                waiting += parse(item.calculation).references
            except ExpressionError:  # never published
                continue
    return frozenset(found)
