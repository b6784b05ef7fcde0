"""From the text of an expression to its tree, or to the column where the text goes wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from math import inf
from types import MappingProxyType

from fieldkit.core.expression.compute import Expression
from fieldkit.core.expression.dates import DATE_LETTERS
from fieldkit.core.expression.error import ExpressionError
from fieldkit.core.expression.functions import (
    FUNCTIONS,
    HABITS,
    NODE_SET_FUNCTIONS,
    NOT_OFFERED,
    OPERATORS,
    OWN_VALUE_FUNCTIONS,
    Function,
)
from fieldkit.core.expression.pattern import Pattern
from fieldkit.core.expression.tokens import Token, is_item_name, read_tokens
from fieldkit.core.expression.tree import Tree, depth_of

COLUMN = "@"  # before the name of an option's column in the tree of a choice filter
MAX_LENGTH = 4_000  # characters; the longest expression in the ODK forum's large forms is about 2,500
MAX_DEPTH = 64  # nested brackets; keeps every recursive walk far from Python's limit
_STRENGTH = MappingProxyType(
    {
        "or": 1,
        "and": 2,
        "=": 3,
        "!=": 3,
        "<": 4,
        "<=": 4,
        ">": 4,
        ">=": 4,
        "+": 5,
        "-": 5,
        "*": 6,
        "div": 6,
        "mod": 6,
    }
)
_CHAINED = frozenset({"or", "and", "+", "*"})  # ["or", a, b, c]: long lists of conditions stay flat


class _Parser:
    """Operator precedence (Pratt) parser; one token of look-ahead."""

    def __init__(
        self, source: str, repeats: Mapping[str, Collection[str]], inside: Collection[str], filters: bool
    ) -> None:
        self.tokens = read_tokens(source)
        self.filters = filters
        self.at = 0
        self.depth = 0
        self.columns: dict[str, int] = {}
        self.functions: set[str] = set()
        self.repeats = repeats
        self.home = {item: repeat for repeat, items in repeats.items() if repeat not in inside for item in items}

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def next(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def expect(self, text: str, opened: int) -> None:
        token = self.token
        if token.kind == "op" and token.text == text:
            self.at += 1
        elif token.kind == "end":
            raise ExpressionError("expression.unclosed_bracket", opened)
        else:
            raise ExpressionError("expression.unexpected", token.column, found=token.text)

    def whole(self) -> Tree:
        if self.token.kind == "end":
            raise ExpressionError("expression.empty", 1)
        tree = self.expression(0)
        token = self.token
        if token.kind != "end":
            if token.text == ")":
                raise ExpressionError("expression.unopened_bracket", token.column)
            raise ExpressionError("expression.unexpected", token.column, found=token.text)
        return tree

    def expression(self, strength: int) -> Tree:
        self.depth += 1
        if self.depth > 2 * MAX_DEPTH:  # a bracket costs up to two levels
            raise ExpressionError("expression.too_deep", self.token.column, limit=MAX_DEPTH)
        left = self.operand()
        grown = False  # whether `left` is a chain of ours, which a bracketed one is not
        while self.token.kind == "op" and _STRENGTH.get(self.token.text, 0) > strength:
            name = self.next().text
            right = self.expression(_STRENGTH[name])
            if grown and name in _CHAINED and isinstance(left, list) and left[0] == name:
                left.append(right)
            else:
                left = [name, left, right]
            grown = True
        self.depth -= 1
        return left

    def operand(self) -> Tree:
        token = self.next()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "text":
            return token.text
        if token.kind == "ref":
            return self.reference(token)
        if token.kind == "name":
            return self.call(token)
        if token.kind == "end":
            raise ExpressionError("expression.unexpected_end", token.column)
        if token.text == "(":
            inner = self.expression(0)
            self.expect(")", token.column)
            return inner
        if token.text == ".":
            return ["."]
        if token.text == "..":
            raise ExpressionError("expression.path", token.column, found="..")
        if token.text == "-":
            inner = self.expression(_STRENGTH["*"])
            if isinstance(inner, int | float) and not isinstance(inner, bool) and inner > 0:
                return -inner
            return ["neg", inner]
        raise ExpressionError("expression.unexpected", token.column, found=token.text)

    def number(self, token: Token) -> Tree:
        value = float(token.text)
        if value == inf:
            raise ExpressionError("expression.number", token.column, found=token.text)
        return int(value) if value == int(value) and value < 2**53 else value

    def reference(self, token: Token) -> Tree:
        self.columns.setdefault(token.text, token.column)
        if token.text in self.repeats:
            return ["$", None, token.text]
        if token.text in self.home:
            return ["$", token.text, self.home[token.text]]
        return ["$", token.text]

    def call(self, token: Token) -> Tree:
        name = token.text
        if not (self.token.kind == "op" and self.token.text == "("):
            if self.filters:  # a column of the options; no item id begins with @
                return ["$", COLUMN + name]
            known = name in FUNCTIONS
            code = "expression.missing_brackets" if known else "expression.bare_name"
            raise ExpressionError(code, token.column, name=name)
        function = FUNCTIONS.get(name)
        if function is None:
            raise self.unknown(token)
        opened = self.next().column
        arguments: list[Tree] = []
        columns: list[int] = []
        if name == "position" and self.token.text == "..":
            self.next()  # position(..) is the way XLSForm asks for the number of the row
            self.expect(")", opened)
        elif self.token.kind == "op" and self.token.text == ")":
            self.next()
        else:
            while True:
                columns.append(self.token.column)
                arguments.append(self.expression(0))
                if not (self.token.kind == "op" and self.token.text == ","):
                    break
                self.next()
            self.expect(")", opened)
        if not arguments and name in OWN_VALUE_FUNCTIONS:
            arguments.append(["."])
            columns.append(opened)
        self.functions.add(name)
        return self.checked(token, function, arguments, columns)

    def unknown(self, token: Token) -> ExpressionError:
        name = token.text
        if name in NOT_OFFERED:
            return ExpressionError("expression.not_offered", token.column, name=name)
        plain = name.lower().replace("_", "-")
        if plain in HABITS:
            near = [HABITS[plain]]
        elif plain in OPERATORS:
            return ExpressionError("expression.unexpected", token.column, found=name)
        else:
            near = get_close_matches(plain, FUNCTIONS, 1, 0.6)
        return ExpressionError(
            "expression.unknown_function", token.column, name=name, suggestion=near[0] if near else "—"
        )

    def checked(self, token: Token, function: Function, arguments: list[Tree], columns: list[int]) -> Tree:
        name, given = token.text, len(arguments)
        if given < function.least:
            raise ExpressionError("expression.too_few", token.column, name=name, least=function.least, given=given)
        if function.most is not None and given > function.most:
            raise ExpressionError("expression.too_many", token.column, name=name, most=function.most, given=given)
        if name in ("true", "false"):
            return name == "true"
        if name in NODE_SET_FUNCTIONS:
            for argument, column in zip(arguments[:2], columns, strict=False):
                if not (isinstance(argument, list) and argument[0] in ("$", ".")):
                    raise ExpressionError("expression.needs_reference", column, name=name)
        if name == "position":
            return ["position"]
        if name == "weighted-checklist" and given % 2:
            raise ExpressionError("expression.pairs", token.column, name=name)
        if name == "indexed-repeat":
            arguments = self.row_of(arguments, columns)
        if name == "regex":
            pattern = arguments[1]
            if not isinstance(pattern, str):
                raise ExpressionError("expression.pattern_literal", columns[1])
            arguments = [arguments[0], Pattern(pattern, columns[1]).checked().script()]
        if name.startswith("format-date") and isinstance(arguments[1], str):
            for found in re.finditer("%(.?)", arguments[1], re.DOTALL):
                if found[1] not in DATE_LETTERS or not found[1]:
                    raise ExpressionError("expression.date_format", columns[1], found=found[0], letters=DATE_LETTERS)
        if name == "jr:choice-name":
            arguments = [arguments[0], self.named_item(arguments[1], columns[1])]
        return [name, *arguments]

    def row_of(self, arguments: list[Tree], columns: list[int]) -> list[Tree]:
        item, rows = arguments[0], arguments[1]
        names = [part[1] if isinstance(part, list) and len(part) > 1 else None for part in (item, rows)]
        repeat = rows[2] if isinstance(rows, list) and len(rows) == 3 else names[1]
        if not isinstance(names[0], str) or not isinstance(repeat, str):
            raise ExpressionError("expression.needs_reference", columns[0], name="indexed-repeat")
        if self.repeats and repeat not in self.repeats:
            raise ExpressionError("expression.not_a_repeat", columns[1], name=repeat)
        return [["$", names[0], repeat], ["$", None, repeat], arguments[2]]

    def named_item(self, argument: Tree, column: int) -> Tree:
        # XLSForm writes the item between quotes, '${village}', because the label and not the answer is wanted
        found = re.fullmatch(r"\$\{\s*([^{}]+?)\s*\}", argument) if isinstance(argument, str) else None
        if not found or not is_item_name(found[1]):
            raise ExpressionError("expression.choice_name", column)
        self.columns.setdefault(found[1], column)
        return found[1]


def parse(
    source: str,
    *,
    repeats: Mapping[str, Collection[str]] | None = None,
    inside: str | Collection[str] | None = None,
    filters: bool = False,
) -> Expression:
    """Read an expression, or say at which character it cannot be read.

    `repeats` gives the item ids of every repeat, `inside` the repeat in which the expression stands: a
    reference to an item of another repeat means all its rows, one of the same repeat means this row. Where repeats
    lie in one another, `inside` is all of those around the expression. With `filters` a bare name is a column of the
    options (choice_filter) and stands in the tree as ["$", "@name"]. Raises ExpressionError. Source: ODK XForms
    specification, "XPath paths" and "XPath functions"; precedence as in XPath 1.0, section 3.5.

    >>> parse("${bur_af2} > 0 and selected(${al_member}, '1')").tree
    ['and', ['>', ['$', 'bur_af2'], 0], ['selected', ['$', 'al_member'], '1']]
    """
    if len(source) > MAX_LENGTH:
        raise ExpressionError("expression.too_long", MAX_LENGTH + 1, limit=MAX_LENGTH, length=len(source))
    around = (inside,) if isinstance(inside, str) else inside or ()
    parser = _Parser(source, repeats or {}, around, filters)
    tree = parser.whole()
    if depth_of(tree) > MAX_DEPTH:
        raise ExpressionError("expression.too_deep", 1, limit=MAX_DEPTH)
    return Expression(
        source, tree, tuple(parser.columns), frozenset(parser.functions), MappingProxyType(parser.columns)
    )
