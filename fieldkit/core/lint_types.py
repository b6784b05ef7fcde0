"""What an item's type needs and does not take: bounds of a slider, a calculation, the design of a protected question.

One more part of `lint`, by the table below: a row for each key that only some types have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from fieldkit.core.expression import ExpressionError, parse, references_of
from fieldkit.core.expression.parser import COLUMN
from fieldkit.core.item import Item
from fieldkit.core.point import MOST_PLACES
from fieldkit.core.problem import Problem
from fieldkit.core.response import READERS

# key -> the kinds of value or the types that take it
TAKES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "calculation": ("calculate",),
        "choice_filter": ("code", "codes"),
        "random_order": ("code", "codes", "order", "arm_count"),
        "step": ("number",),
        "randomised": ("randomised_response",),
        "most": ("codes", "order"),
        "keep_location": ("image",),
    }
)


def shape(item: Item) -> Iterator[tuple[str, str, dict[str, object]]]:
    """What does not fit the item's type, as (code, key, facts); lint makes findings of them.

    >>> from fieldkit.core.text import Text
    >>> [code for code, _, _ in shape(Item("warm", Text(zh="多满意？"), "slider", low=0))]
    ['slider_bounds']
    """
    kinds = (item.type, item.kind.value)
    for key, takers in TAKES.items():
        if getattr(item, key) not in (None, "", False) and not set(kinds) & set(takers):
            yield "key_unused", key, {"type": item.type, "name": key}
    if item.type == "slider" and (item.low is None or item.high is None or item.low >= item.high):
        yield "slider_bounds", "range", {}
    if item.step is not None and item.step <= 0:
        yield "step_wrong", "step", {"step": item.step}
    if item.type == "calculate" and not item.calculation:
        yield "no_calculation", "calculation", {}
    if item.type == "hidden" and not item.default:
        yield "hidden_empty", "default", {}
    if item.type == "randomised_response":
        if item.randomised is None:
            yield "no_design", "randomised", {}
        if not {1, 0} <= {option.code for option in item.options}:
            yield "design_options", "options", {}
    if item.type == "list_experiment" and sum(option.sensitive for option in item.options) != 1:
        yield "one_sensitive", "options", {}
    if item.required != "no" and not item.kind.answered:
        yield "key_unused", "required", {"type": item.type, "name": "required"}
    if item.kind.value == "point" and not 0 <= item.places <= MOST_PLACES:
        yield "point_places", "decimals", {"decimals": item.places, "most": MOST_PLACES}
    if item.kind.value == "media":
        if item.required == "hard":
            yield "file_hard", "required", {"type": item.type}
        if item.default:
            yield "key_unused", "default", {"type": item.type, "name": "default"}
    elif item.default and item.kind.answered and not _stands(item):
        yield "default_wrong", "default", {"value": item.default}
    if item.choice_filter and set(kinds) & set(TAKES["choice_filter"]):
        for name in _unknown_columns(item):
            have = ", ".join(sorted({n for option in item.options for n, _ in option.facts} | {"name"}))
            yield "filter_column", "choice_filter", {"name": name, "have": have}


def _stands(item: Item) -> bool:
    """Whether the default would be accepted as an answer."""
    several = item.kind.value in ("codes", "order")
    try:
        return READERS[item.kind.value](item)(item.default.split() if several else item.default) is not None
    except Problem:
        return False


def _unknown_columns(item: Item) -> list[str]:
    """Names in a choice filter that no option has as a column; [] where it cannot be read at all."""
    try:
        tree = parse(item.choice_filter, filters=True).tree
    except ExpressionError:
        return []
    have = {COLUMN + name for option in item.options for name, _ in option.facts} | {COLUMN + "name"}
    return [n[len(COLUMN) :] for n in references_of(tree) if n.startswith(COLUMN) and n not in have]
