"""Which items are asked, given the answers so far; the same rule on the phone, on the server and in analysis.

An item is asked when its section and the groups around it are asked and its own relevance holds. A controlling answer
that is missing for any reason is blank, so that a condition on it is false (codebook 0.9b). Items later in the
questionnaire depend on items before them, and an item that is not asked counts as blank for those that follow.
Calculated values come about on the way, in their place. A repeat is walked row by row; inside a row, ${item} means
this row's answer, outside it all rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fieldkit.core.expression import Expression, Scope, compiled, number_text, parse
from fieldkit.core.instrument import Group, Questionnaire, Section
from fieldkit.core.item import Item

Values = Mapping[str, Any]  # item id -> code, codes, number or text; repeat id -> its rows; absent or None is blank
Condition = Callable[..., bool]
Repeats = Mapping[str, tuple[str, ...]]  # repeat id -> the items of its rows, those of repeats inside it left out

TEXT_LIMIT = 10_000  # no text may be longer, written or calculated


def condition(expression: str) -> Condition | None:
    """The expression as a function of the answers, or None where there is nothing to decide."""
    return compiled(parse(expression)) if expression else None


@dataclass(frozen=True, slots=True)
class Step:
    """One item with the conditions under which it is asked, and how its value comes about where nobody says it."""

    item: Item
    conditions: tuple[Condition, ...]
    calculation: Callable[[Values], float | int | str | None] | None = None
    offers: Callable[[Values], frozenset[int]] | None = None  # the codes that the choice filter leaves
    drawn: bool = False  # the calculation draws by chance: what the phone drew first holds


@dataclass(frozen=True, slots=True)
class Rows:
    """A repeat: steps that are walked once for every row."""

    id: str
    low: int
    high: int
    conditions: tuple[Condition, ...]
    steps: tuple[Step | Rows, ...]


def repeats_of(questionnaire: Questionnaire) -> Repeats:
    """The repeats of a questionnaire, each with the items that stand in its rows but in no repeat inside it."""
    found: dict[str, list[str]] = {}
    for section in questionnaire.sections:
        for item in section.items:
            home = homes(section, item.id)
            if home:
                found.setdefault(home[-1], []).append(item.id)
    return {name: tuple(items) for name, items in found.items()}


def homes(section: Section, item_id: str) -> tuple[str, ...]:
    """The repeats around an item, the outermost first."""
    whole = (section.id,) if section.repeat else ()
    return whole + tuple(group.id for group in section.around(item_id) if group.repeat)


def plan(questionnaire: Questionnaire) -> tuple[Step, ...]:
    """The items outside repeats as steps in asking order, with every expression compiled once."""
    return tuple(step for step in whole_plan(questionnaire) if isinstance(step, Step))


def whole_plan(questionnaire: Questionnaire) -> tuple[Step | Rows, ...]:
    """The questionnaire as steps and repeats in asking order, with every expression compiled once."""
    repeats = repeats_of(questionnaire)
    steps: list[Step | Rows] = [_step(item, (), repeats, ()) for item in questionnaire.opening]
    for section in questionnaire.sections:
        if section.repeat:
            low, high = section.repeat
            around = _conditions([section.relevance], repeats, ())
            inner = _steps(section, section.items, section.groups, (), repeats, (section.id,))
            steps.append(Rows(section.id, low, high, around, inner))
        else:
            whole = _conditions([section.relevance], repeats, ())
            steps += _steps(section, section.items, section.groups, whole, repeats, ())
    return tuple(steps)


def _steps(
    section: Section,
    items: Iterable[Item],
    groups: Sequence[Group],
    around: tuple[Condition, ...],
    repeats: Repeats,
    inside: tuple[str, ...],
) -> tuple[Step | Rows, ...]:
    """Items with the groups that begin among them; a group's conditions pass to its items, a repeat becomes Rows."""
    found: list[Step | Rows] = []
    waiting = list(items)
    while waiting:
        item = waiting[0]
        group = next((g for g in groups if item.id in g.items), None)
        if group is None:
            found.append(_step(waiting.pop(0), around, repeats, inside))
            continue
        own = [i for i in waiting if i.id in group.items]
        waiting = [i for i in waiting if i.id not in group.items]
        deeper = [g for g in groups if g is not group and set(g.items) <= set(group.items)]
        gate = _conditions([group.relevance], repeats, inside)
        if group.repeat:
            inner = _steps(section, own, deeper, (), repeats, (*inside, group.id))
            found.append(Rows(group.id, *group.repeat, around + gate, inner))
        else:
            found += _steps(section, own, deeper, around + gate, repeats, inside)
    return tuple(found)


def _conditions(sources: Iterable[str], repeats: Repeats, inside: tuple[str, ...]) -> tuple[Condition, ...]:
    return tuple(compiled(parse(source, repeats=repeats, inside=inside)) for source in sources if source)


def _step(item: Item, around: tuple[Condition, ...], repeats: Repeats, inside: tuple[str, ...]) -> Step:
    own = _conditions([item.relevance], repeats, inside)
    return Step(item, around + own, _calculation(item, repeats, inside), _offers(item, repeats, inside), draws(item))


def draws(item: Item) -> bool:
    """Whether a calculation draws by chance, so that it must be drawn once and not again by the server."""
    return bool(item.calculation and parse(item.calculation).functions & {"random", "uuid"})


def _calculation(
    item: Item, repeats: Repeats, inside: tuple[str, ...]
) -> Callable[[Values], float | int | str | None] | None:
    if item.type == "hidden":
        return lambda _: item.default or None
    if item.type != "calculate" or not item.calculation:
        return None
    expression = parse(item.calculation, repeats=repeats, inside=inside)
    return lambda answers: computed(expression, answers)


def computed(expression: Expression, answers: Values) -> float | int | str | None:
    """What a calculation stores: a number, a text, 1 or 0 for a truth; None where it says nothing.

    >>> computed(parse("${a} + 1"), {"a": 2}), computed(parse("${a} + 1"), {}), computed(parse("${a} > 1"), {"a": 2})
    (3, None, 1)
    """
    value = expression.as_value(answers)
    if isinstance(value, tuple):
        value = value[0] if value else ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return _plain(value) if math.isfinite(value) else None
    try:
        amount = float(value)
    except ValueError:
        return value[:TEXT_LIMIT] or None
    return _plain(amount) if math.isfinite(amount) and number_text(amount) == value else value[:TEXT_LIMIT]


def _plain(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _offers(item: Item, repeats: Repeats, inside: tuple[str, ...]) -> Callable[[Values], frozenset[int]] | None:
    if not item.choice_filter:
        return None
    holds = compiled(parse(item.choice_filter, repeats=repeats, inside=inside, filters=True))
    blank = {f"@{name}": "" for option in item.options for name, _ in option.facts}
    columns = [
        (o.code, {**blank, "@name": str(o.code), **{f"@{name}": fact for name, fact in o.facts}}) for o in item.options
    ]

    def offered(answers: Values) -> frozenset[int]:
        place, tables = getattr(answers, "position", 1), getattr(answers, "repeats", None)
        scope, left = Scope(answers, position=place, repeats=tables), []
        for code, facts in columns:
            scope.update(facts)
            if holds(scope):
                left.append(code)
        return frozenset(left)

    return offered


@dataclass(slots=True)
class Walk:
    """One way through a questionnaire, or through one row: what was asked, the answers that count, the rows."""

    shown: set[str] = field(default_factory=set)
    live: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[Walk]] = field(default_factory=dict)


def walk(steps: Sequence[Step | Rows], values: Values) -> Walk:
    """Go through a questionnaire with these answers.

    `values` may hold leftovers of answers that were given and then hidden by a change of mind; they count as blank.
    """
    found = Walk(live=Scope({}) if any(isinstance(step, Rows) for step in steps) else {})
    _go(steps, values, found, found.live)
    return found


def _go(steps: Sequence[Step | Rows], values: Values, found: Walk, scope: dict[str, Any]) -> None:
    for step in steps:
        if step.conditions and not all(holds(scope) for holds in step.conditions):
            continue
        if isinstance(step, Rows):
            found.shown.add(step.id)
            assert isinstance(scope, Scope)
            found.rows[step.id] = enter_rows(step, values.get(step.id) or (), scope)
            found.live[step.id] = [row.live for row in found.rows[step.id]]
            continue
        name = step.item.id
        found.shown.add(name)
        value = values.get(name) if step.calculation is None or step.drawn else None
        if value is None and step.calculation is not None:
            value = step.calculation(scope)
        if value is not None:
            found.live[name] = scope[name] = value


def enter_rows(step: Rows, given: Sequence[Values], scope: Scope) -> list[Walk]:
    """Go through the rows of a repeat; what follows in this scope sees them."""
    found = _rows(step, given, scope)
    scope.repeats = {**scope.repeats, **_tables(found, step.id)}
    return found


def _rows(step: Rows, given: Sequence[Values], outer: Mapping[str, Any]) -> list[Walk]:
    """Row by row; all are there before the first is walked, so that each can count them and see those before it."""
    found = [Walk() for _ in given]
    repeats = {**getattr(outer, "repeats", {}), step.id: [row.live for row in found]}
    for position, (row, values) in enumerate(zip(found, given, strict=True), 1):
        _go(step.steps, values, row, Scope(outer, position=position, repeats=repeats))
    return found


def seen_from(row: Walk, steps: Sequence[Step | Rows], tables: Mapping[str, Sequence[Values]]) -> dict[str, Any]:
    """The rows that an expression in a row sees: those of repeats around it, and of repeats inside it only its own."""
    deeper = set(_repeats_in(steps))
    seen: dict[str, Any] = {name: lines for name, lines in tables.items() if name not in deeper}
    for name, walks in row.rows.items():
        seen |= _tables(walks, name)
    return seen


def _repeats_in(steps: Iterable[Step | Rows]) -> Iterable[str]:
    for step in steps:
        if isinstance(step, Rows):
            yield step.id
            yield from _repeats_in(step.steps)


def _tables(rows: Sequence[Walk], name: str) -> dict[str, list[Values]]:
    """The rows of a repeat and of those inside it, as an expression outside them sees them."""
    tables: dict[str, list[Values]] = {name: [row.live for row in rows]}
    for row in rows:
        for inner, walks in row.rows.items():
            for table, lines in _tables(walks, inner).items():
                tables.setdefault(table, []).extend(lines)
    return tables


def asked(steps: Sequence[Step | Rows], values: Values) -> frozenset[str]:
    """The ids of the items (and repeats) that this person was asked, as `walk` finds them."""
    return frozenset(walk(steps, values).shown)


def written(questionnaire: Questionnaire) -> frozenset[str]:
    """The ids whose answers may hold what a person wrote: texts, and calculations that read them.

    Calculations that read a place or a file are among them too: what is worked out of these may point to a person.
    """
    texts = {item.id for item in questionnaire if item.kind.value == "text"}
    telling = texts | {item.id for item in questionnaire if item.kind.value in ("point", "media")}
    for item in questionnaire:
        if item.calculation and telling.intersection(parse(item.calculation).references):
            texts.add(item.id)
            telling.add(item.id)
    return frozenset(texts)
