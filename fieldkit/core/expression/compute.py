"""An expression that has been read, and the questions it can be asked for one person's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fieldkit.core.expression.closures import closure_of
from fieldkit.core.expression.functions import FUNCTIONS
from fieldkit.core.expression.scope import Answers, Scope
from fieldkit.core.expression.tree import Tree
from fieldkit.core.expression.values import Value


@dataclass(frozen=True)
class Expression:
    """A condition or formula that has been read and found sound.

    `references` are the item ids it looks at in order of appearance, `columns` where each stands first
    (1-based), `functions` the names it uses. `tree` is what the phone gets.
    """

    source: str
    tree: Tree = field(hash=False)
    references: tuple[str, ...]
    functions: frozenset[str]
    columns: Mapping[str, int] = field(compare=False, default_factory=dict)

    @property
    def needs_more(self) -> bool:
        """Whether the phone must load expression-more.js to evaluate it."""
        return any(not FUNCTIONS[name].core for name in self.functions)

    @cached_property
    def as_value(self) -> Callable[[Answers], Value]:
        return closure_of(self.tree, "v")

    @cached_property
    def as_number(self) -> Callable[[Answers], float]:
        return closure_of(self.tree, "n")

    @cached_property
    def as_text(self) -> Callable[[Answers], str]:
        return closure_of(self.tree, "s")

    @cached_property
    def as_truth(self) -> Callable[[Answers], bool]:
        return closure_of(self.tree, "b")


def compiled(expression: Expression) -> Callable[..., bool]:
    """Make a condition into a function that can be asked many times: `holds(answers, **context)`.

    About one microsecond per call; keep the result. `context` is what `evaluate` takes.

    >>> holds = compiled(parse(". <= ${total}"))
    >>> holds({"total": 5}, current=3), holds({"total": None}, current=3)
    (True, False)
    """
    test = expression.as_truth

    def holds(answers: Answers, **context: Any) -> bool:
        return test(Scope(answers, **context)) if context else test(answers)

    return holds


def evaluate(expression: Expression, answers: Answers, **context: Any) -> Value:
    """Compute what an expression says for one person's answers.

    `answers` maps item ids to an int, float, text, list of codes, or None; an absent item is blank.
    `context`: `current` the value of `.`, `row` the answers of the row in which the expression stands and
    `position` its number (from 1), `repeats` all rows by the name of their repeat, `now` the moment
    (datetime; without a zone it is local), `zone` minutes ahead of UTC (480), `choice_names` item id -> code
    -> label, `random` a function giving 0..1. Gives a float, str, bool, or a tuple of str for a node-set.
    Never raises for any answer.

    >>> evaluate(parse("if(${n} > 2, concat(${n}, '人'), '')"), {"n": 3})
    '3人'
    """
    return expression.as_value(Scope(answers, **context) if context else answers)


def truth(expression: Expression, answers: Answers, **context: Any) -> bool:
    """Whether the condition holds; a blank, 0, NaN and an empty node-set do not.

    >>> truth(parse("${a} > 0"), {"a": None})
    False
    """
    return expression.as_truth(Scope(answers, **context) if context else answers)


def number(expression: Expression, answers: Answers, **context: Any) -> float:
    """The result as a number, NaN where it is none; a date counts the days since 1970-01-01.

    >>> number(parse("${a} div 4"), {"a": "10"})
    2.5
    """
    return expression.as_number(Scope(answers, **context) if context else answers)


def string(expression: Expression, answers: Answers, **context: Any) -> str:
    """The result as text; of a node-set the first row.

    >>> string(parse("1 div 3"), {})
    '0.3333333333333333'
    """
    return expression.as_text(Scope(answers, **context) if context else answers)
