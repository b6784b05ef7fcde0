"""What the page's script needs to know of a questionnaire, as compact JSON inside the page.

The wording stands in the page's own markup; here are only the rules: in which order items are asked and under which
conditions, what may be answered, and when to ask the respondent to look again. Conditions travel as the trees of
`core.expression.parse`, which `web/static/expression.js` evaluates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from fieldkit.core.expression import Tree, parse, references_of
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import Check, Item

# the functions that static/expression.js has; a questionnaire that uses another one makes the page fetch the rest
AT_HAND = frozenset(
    (
        "if and or not boolean coalesce once selected count-selected string string-length concat contains starts-with "
        "regex number int round sum count min max position today true false"
    ).split()
)


def tree(expression: str) -> Tree:
    """An expression as its tree; None where there is none."""
    return parse(expression).tree if expression else None


def rule(item: Item, language: str, items: Mapping[str, Item] = MappingProxyType({})) -> dict[str, object]:
    """One item's rules; what is usual (always asked, no bounds, nothing demanded) is left out.

    >>> rule(Item("bur_af1", Text(zh="共多少次？"), "count_month", low=0, high=99), "zh")
    {'kind': 'number', 'low': 0, 'high': 99, 'whole': True}
    """
    kind = item.kind
    numbers = kind.value == "number"
    found: dict[str, object | None] = {
        "kind": kind.value,
        "if": tree(item.relevance),
        "low": item.low if numbers or kind.value == "text" else None,
        "high": item.high if numbers or kind.value == "text" else None,
        "whole": (kind.whole or None) if numbers else None,
        "places": item.places if numbers and not kind.whole else None,
        "step": kind.step if numbers and not kind.whole else None,
        "most": item.most,
        "only": [o.code for o in item.options if o.exclusive] or None,
        "need": item.required if item.required != "no" else None,
        "above": item.warn_above,
        "must": _check(item.constraint, language),
        "ask": _check(item.warning, language),
        "echo": echo(item, items, language),
        "given": True if item.source else None,
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


def _expressions(item: Item) -> list[str]:
    checks = [check.expression for check in (item.constraint, item.warning) if check]
    return [text for text in (item.relevance, *checks) if text]


def _check(check: Check | None, language: str) -> list[object] | None:
    return None if check is None else [tree(check.expression), check.message.say(language)]


def phone_json(questionnaire: Questionnaire, language: str, words: Mapping[str, str], wrong: Mapping[str, str]) -> str:
    """The rules of a questionnaire and the script's own words, safe to stand inside <script type="application/json">.

    `words` are sentences by short name; `wrong` are what is said under a question, by what is wrong with the answer.
    Both may hold {placeholders}, which the script fills.
    """
    trees = [parse(text) for item in questionnaire for text in _expressions(item)]
    trees += [parse(section.relevance) for section in questionnaire.sections if section.relevance]
    content = {
        "questionnaire": questionnaire.id,
        "version": questionnaire.version,
        "language": language,
        "opening": [item.id for item in questionnaire.opening],
        "sections": [
            {
                "id": section.id,
                "items": [item.id for item in section.items],
                **({"if": tree(section.relevance)} if section.relevance else {}),
            }
            for section in questionnaire.sections
        ],
        "items": {item.id: rule(item, language, questionnaire.items) for item in questionnaire},
        **({"more": True} if any(expression.functions - AT_HAND for expression in trees) else {}),
        "words": dict(words),
        "wrong": dict(wrong),
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
