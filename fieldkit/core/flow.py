"""Which items are asked, given the answers so far; the same rule on the phone, on the server and in analysis.

An item is asked when its section is asked and its own relevance holds. A controlling answer that is missing for
any reason is blank, so that a condition on it is false (codebook 0.9b). Items later in the questionnaire depend on
items before them, and an item that is not asked counts as blank for those that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fieldkit.core.expression import compiled, parse
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import Item

Values = Mapping[str, object]  # item id -> code, codes, number or text; absent or None is blank
Condition = Callable[[Values], bool]


def condition(expression: str) -> Condition | None:
    """The expression as a function of the answers, or None where there is nothing to decide."""
    return compiled(parse(expression)) if expression else None


@dataclass(frozen=True, slots=True)
class Step:
    """One item with the conditions under which it is asked."""

    item: Item
    conditions: tuple[Condition, ...]


def plan(questionnaire: Questionnaire) -> tuple[Step, ...]:
    """The questionnaire as steps in asking order, with every relevance compiled once."""
    steps = [Step(item, tuple(c for c in [condition(item.relevance)] if c)) for item in questionnaire.opening]
    for section in questionnaire.sections:
        whole = condition(section.relevance)
        for item in section.items:
            own = condition(item.relevance)
            steps.append(Step(item, tuple(c for c in (whole, own) if c)))
    return tuple(steps)


def asked(steps: tuple[Step, ...], values: Values) -> frozenset[str]:
    """The ids of the items that this person was asked.

    `values` may hold leftovers of answers that were given and then hidden by a change of mind; they count as blank.
    """
    live: dict[str, object] = {}
    shown: set[str] = set()
    for step in steps:
        if not step.conditions or all(holds(live) for holds in step.conditions):
            shown.add(step.item.id)
            value = values.get(step.item.id)
            if value is not None:
                live[step.item.id] = value
    return frozenset(shown)
