"""What the page's script needs to know of a questionnaire, as compact JSON inside the page.

The wording stands in the page's own markup; here are only the rules: in which order items are asked and under which
conditions, what may be answered, and when to ask the respondent to look again. Conditions travel as the trees of
`core.expression.parse`, which `web/static/expression.js` evaluates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from fieldkit.core.attachment import EXTENSIONS, LIMITS
from fieldkit.core.expression import Expression, Tree, parse, references_of
from fieldkit.core.flow import Repeats, draws, homes, repeats_of
from fieldkit.core.instrument import Group, Questionnaire, Section
from fieldkit.core.item import OTHER, Check, Item
from fieldkit.core.point import EXACT

# the functions that static/expression.js has; a questionnaire that uses another one makes the page fetch the rest
AT_HAND = frozenset(
    (
        "if and or not boolean coalesce once selected count-selected string string-length concat contains starts-with "
        "regex number int round sum count min max position today true false"
    ).split()
)


LIST = "list_experiment"
# kinds of answers and settings that the page needs static/kinds.js for
LONG_LIST = 20  # options; a longer list gets a field to search in
SELDOM = frozenset({"order", "mark", "arm_count", "computed", "none", "time"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: the repeats of the questionnaire, and those around it, the outermost first."""

    repeats: Repeats = field(default_factory=lambda: MappingProxyType({}))
    inside: tuple[str, ...] = ()

    def read(self, expression: str, *, filters: bool = False) -> Expression:
        """The expression as it is meant here."""
        return parse(expression, repeats=self.repeats, inside=self.inside, filters=filters)

    def tree(self, expression: str) -> Tree:
        """An expression as its tree; None where there is none."""
        return self.read(expression).tree if expression else None


TOP = Place()


def rule(
    item: Item, language: str, items: Mapping[str, Item] = MappingProxyType({}), place: Place = TOP
) -> dict[str, object]:
    """One item's rules; what is usual (always asked, no bounds, nothing demanded) is left out.

    >>> rule(Item("bur_af1", Text(zh="共多少次？"), "count_month", low=0, high=99), "zh")
    {'kind': 'number', 'low': 0, 'high': 99, 'whole': True}
    """
    kind = item.kind
    numbers = kind.value == "number"
    hidden = item.type == "hidden"
    found: dict[str, object | None] = {
        "kind": kind.value,
        "if": place.tree(item.relevance),
        "low": item.low if numbers or kind.value == "text" else None,
        "high": item.high if numbers or kind.value == "text" else None,
        "whole": (kind.whole or None) if numbers else None,
        "places": item.places if (numbers and not kind.whole) or kind.value == "point" else None,
        "media": item.type if kind.value == "media" else None,
        "stay": item.keep_location or None,
        "step": item.smallest if numbers and (not kind.whole or item.smallest != 1) else None,
        "start": (item.low or None) if numbers and item.step is not None else None,
        "most": item.most or (len(item.options) if kind.value == "order" else None),
        "only": [o.code for o in item.options if o.exclusive] or None,
        "need": item.required if item.required != "no" else None,
        "above": item.warn_above,
        "must": _check(item.constraint, language, place),
        "ask": _check(item.warning, language, place),
        "echo": echo(item, items, language),
        "given": True if item.source else None,
        "calc": place.tree(item.calculation) if item.type == "calculate" else item.default or None if hidden else None,
        "drawn": True if draws(item) else None,
        "preset": _preset(item) if not hidden else None,
        "pick": _pick(item, place),
        "mix": _mixed(item) or None if item.random_order else None,
        "lists": [sum(not o.sensitive for o in item.options), len(item.options)] if item.type == LIST else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def echo(item: Item, items: Mapping[str, Item], language: str) -> list[list[str]] | None:
    """Numbers that belong together are read back under the last of them, each with its short name.

    They belong together when the item's own warning compares it with at least two others.
    """
    if item.warning is None:
        return None
    others = references_of(parse(item.warning.expression).tree)
    together = [i for i in others if i in items and items[i].kind.value == "number"]
    if len(together) < 2:
        return None
    return [[i, items[i].label.say(language)] for i in items if i in {*together, item.id}]


def _groups(section: Section, repeats: Repeats) -> list[list[object]]:
    """The conditions of groups: [[tree, [item ids], how many repeats they stand in], …]."""
    found: list[list[object]] = []
    for group in section.groups:
        if group.relevance and group.items:
            inside = homes(section, group.items[0])
            inside = inside[: inside.index(group.id)] if group.id in inside else _around(section, group)
            found.append([Place(repeats, inside).tree(group.relevance), list(group.items), len(inside)])
    return found


def _around(section: Section, group: Group) -> tuple[str, ...]:
    """The repeats that a group lies in."""
    before = section.groups[: section.groups.index(group)]  # the outer one stands first, also around the same items
    outer = tuple(g.id for g in before if g.repeat and set(group.items) <= set(g.items))
    return (section.id, *outer) if section.repeat else outer


def _rows(section: Section, language: str) -> dict[str, dict[str, object]]:
    """The repeats of a page: their items, bounds, and title."""
    found: dict[str, dict[str, object]] = {}
    if section.repeat:
        ids = [item.id for item in section.items]
        found[section.id] = {"items": ids, "low": section.repeat[0], "high": section.repeat[1]}
        found[section.id]["title"] = section.title.say(language)
    for g in section.groups:
        if g.repeat:
            low, high = g.repeat
            found[g.id] = {"items": list(g.items), "low": low, "high": high, "title": g.title.say(language)}
    return found


def _preset(item: Item) -> object:
    """What stands in the fields at first, as the page's draft keeps it."""
    if not item.default or not item.kind.answered:
        return None
    if item.kind.value == "point":
        return [*item.default.split(), "", ""][: 4 if item.places >= EXACT else 2]
    return item.default.split() if item.kind.value in ("code", "codes", "order", "mark") else item.default


def _pick(item: Item, place: Place) -> list[object] | None:
    """The choice filter with every option's columns: [tree, {code: {column: value}}]."""
    if not item.choice_filter:
        return None
    columns = {str(o.code): {f"@{name}": value for name, value in o.facts} for o in item.options}
    return [place.read(item.choice_filter, filters=True).tree, columns]


def _mixed(item: Item) -> list[int]:
    """The options that change places; exclusive ones, 'other' and missing reasons stay where they are."""
    return [o.code for o in item.options if not (o.exclusive or o.missing or o.other)]


def _units(items: Sequence[Item]) -> list[list[str]]:
    """Items that change places, each with the 'please specify' that follows it."""
    units: list[list[str]] = []
    for item in items:
        follows = units and item.id == units[-1][0] + OTHER
        units[-1].append(item.id) if follows else units.append([item.id])
    return units


def _mixes(section: Section) -> list[list[object]]:
    """What is shuffled on a page: [name, [[item and its follower], …]]."""
    whole: list[list[object]] = [[section.id, _units(section.items)]] if section.random_order else []
    groups = [g for g in section.groups if g.random_order]
    return whole + [[g.id, _units([i for i in section.items if i.id in g.items])] for g in groups]


def seldom(questionnaire: Questionnaire) -> bool:
    """Whether the page needs the script for seldom kinds of answers."""
    items = any(
        i.kind.value in SELDOM or i.type in ("slider",) or i.choice_filter or i.random_order or i.default
        or len(i.options) > LONG_LIST
        for i in questionnaire
    )  # fmt: skip
    return items or any(s.random_order or s.repeat or s.groups for s in questionnaire.sections)


def _takes() -> dict[str, list[object]]:
    """What each item type takes: the most bytes, and the endings."""
    return {type: [LIMITS[type], list(EXTENSIONS[type])] for type in LIMITS}


def with_files(questionnaire: Questionnaire) -> bool:
    """Whether the page needs the script for places, photos, recordings and files."""
    return any(item.kind.value in ("point", "media") for item in questionnaire)


def _expressions(item: Item) -> list[str]:
    checks = [check.expression for check in (item.constraint, item.warning) if check]
    return [text for text in (item.relevance, item.calculation, *checks) if text]


def _check(check: Check | None, language: str, place: Place) -> list[object] | None:
    return None if check is None else [place.tree(check.expression), check.message.say(language)]


def phone_json(
    questionnaire: Questionnaire,
    language: str,
    words: Mapping[str, str],
    wrong: Mapping[str, str],
    more_words: Mapping[str, str] = MappingProxyType({}),
    file_words: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The rules of a questionnaire and the script's own words, safe to stand inside <script type="application/json">.

    `words` are sentences by short name; `wrong` are what is said under a question, by what is wrong with the answer.
    `more_words` are those of static/kinds.js, which only pages with seldom kinds of answers load, `file_words`
    those of static/files.js. All may hold {placeholders}, which the script fills.
    """
    trees = [parse(text) for item in questionnaire for text in _expressions(item)]
    gates = [s.relevance for s in questionnaire.sections]
    gates += [g.relevance for s in questionnaire.sections for g in s.groups]
    trees += [parse(gate) for gate in gates if gate]
    trees += [parse(item.choice_filter, filters=True) for item in questionnaire if item.choice_filter]
    kinds = seldom(questionnaire)
    repeats = repeats_of(questionnaire)
    places = {i.id: Place(repeats, homes(s, i.id)) for s in questionnaire.sections for i in s.items}
    rows = {name: row for s in questionnaire.sections for name, row in _rows(s, language).items()}
    content = {
        "questionnaire": questionnaire.id,
        "version": questionnaire.version,
        "language": language,
        "opening": [item.id for item in questionnaire.opening],
        "sections": [
            {
                "id": section.id,
                "items": [item.id for item in section.items],
                **({"if": Place(repeats).tree(section.relevance)} if section.relevance else {}),
                **({"groups": found} if (found := _groups(section, repeats)) else {}),
                **({"mixes": mixes} if (mixes := _mixes(section)) else {}),
            }
            for section in questionnaire.sections
        ],
        "items": {i.id: rule(i, language, questionnaire.items, places.get(i.id, TOP)) for i in questionnaire},
        **({"rows": rows} if rows else {}),
        **({"more": True} if any(expression.functions - AT_HAND for expression in trees) else {}),
        **({"kinds": dict(more_words)} if kinds else {}),
        **({"files": dict(file_words), "takes": _takes()} if with_files(questionnaire) else {}),
        "words": dict(words),
        "wrong": dict(wrong),
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
