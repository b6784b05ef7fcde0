"""The words and signs of an expression, each with its column, and the slips people make in typing them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

from fieldkit.core.expression.error import ExpressionError
from fieldkit.core.expression.functions import OPERATORS


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # number, text, ref, name, op, end
    text: str
    column: int  # 1-based


_number_token = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII).match
_name_token = re.compile(r"[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?").match
is_item_name = re.compile(r"[^\W\d][\w.\-]*").fullmatch
_word_operator = re.compile(r"(?:and|or|div|mod)(?![\w])").match
_operator = re.compile(r"!=|<=|>=|[=<>+\-*(),]").match
FULL_WIDTH = MappingProxyType(
    dict(zip("（），＝＋－＊＜＞！＂＇“”‘’．。｛｝＄｜／　", "(),=+-*<>!\"'\"\"''..{}$|/ ", strict=True))
)
WRONG_OPERATORS = MappingProxyType(
    {
        "==": "=",
        "= =": "=",
        "<>": "!=",
        "=!": "!=",
        "=<": "<=",
        "=>": ">=",
        "> =": ">=",
        "< =": "<=",
        "! =": "!=",
        "&&": "and",
        "||": "or",
        "&": "and",
        "≠": "!=",
        "≤": "<=",
        "≥": ">=",
        "×": "*",
        "÷": "div",
        "/": "div",
        "%": "mod",
        "!": "not(…)",
        "^": "pow(…)",
    }
)
_wrong_operator = re.compile(r"==|= +=|<>|=!|=<|=>|> +=|< +=|! +=|&&|\|\||[&≠≤≥×÷%^]|!(?!=)").match
_path = re.compile(r"\.\./|\./|/|@|\[|\]|::|\|").match


def read_tokens(source: str) -> list[Token]:
    """Cut the text of an expression into its words and signs; the last one is the end."""
    tokens: list[Token] = []
    place, length = 0, len(source)

    def add(kind: str, text: str, end: int) -> None:
        nonlocal place
        tokens.append(Token(kind, text, place + 1))
        place = end

    while True:
        while place < length and source[place] in " \t\r\n\u00a0":
            place += 1
        if place == length:
            tokens.append(Token("end", "", length + 1))
            return tokens
        letter, column = source[place], place + 1
        last = tokens[-1] if tokens else None
        operand_before = last is not None and (
            last.kind in ("number", "text", "ref", "name") or last.text in (")", ".", "..")
        )
        if letter in "'\"":
            close = source.find(letter, place + 1)
            if close < 0:
                raise ExpressionError("expression.unclosed_text", column)
            add("text", source[place + 1 : close], close + 1)
        elif letter == "$":
            close = source.find("}", place)
            if source[place + 1 : place + 2] != "{" or close < 0:
                raise ExpressionError("expression.unclosed_reference", column)
            name = source[place + 2 : close].strip()
            if not is_item_name(name):
                raise ExpressionError("expression.reference_name", column, name=name)
            add("ref", name, close + 1)
        elif found := _number_token(source, place):
            add("number", found[0], found.end())
        elif operand_before and (found := _word_operator(source, place)):
            add("op", found[0], found.end())
        elif found := _name_token(source, place):
            if operand_before and found[0].lower() in OPERATORS:
                raise ExpressionError("expression.operator", column, found=found[0], suggestion=found[0].lower())
            add("name", found[0], found.end())
        elif found := _wrong_operator(source, place):
            wrong = re.sub(" +", " ", found[0])
            raise ExpressionError("expression.operator", column, found=wrong, suggestion=WRONG_OPERATORS[wrong])
        elif letter == "/" and operand_before and last is not None and last.kind in ("number", "ref"):
            raise ExpressionError("expression.operator", column, found="/", suggestion="div")
        elif found := _path(source, place):
            raise ExpressionError("expression.path", column, found=found[0])
        elif letter == ".":
            dots = ".." if source.startswith("..", place) else "."
            add("op", dots, place + len(dots))
        elif found := _operator(source, place):
            add("op", found[0], found.end())
        elif letter in FULL_WIDTH:
            raise ExpressionError("expression.full_width", column, found=letter, suggestion=FULL_WIDTH[letter])
        else:
            raise ExpressionError("expression.character", column, found=letter)
