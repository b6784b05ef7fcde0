"""Regular expressions that mean the same on the phone and on the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from fieldkit.core.expression.error import ExpressionError
from fieldkit.core.expression.runaway import runaway
from fieldkit.core.expression.values import WHITE


class Pattern:
    """A regular expression that Python and JavaScript read alike, or an error that says where they would not.

    Left out on purpose: look-behind, named groups, back references, inline flags, \\p classes.
    """

    SYNTAX = frozenset("^$\\.*+?()[]{}|/")

    def __init__(self, source: str, column: int) -> None:
        self.source = source
        self.column = column
        self.place = 0
        self.nodes = self.alternatives(0)
        if self.place < len(source):
            raise self.wrong()

    def wrong(self) -> ExpressionError:
        part = self.source[self.place : self.place + 12]
        return ExpressionError("expression.pattern", self.column, pattern=self.source, part=part or "…")

    def take(self, pattern: str) -> str | None:
        found = re.compile(pattern, re.ASCII | re.DOTALL).match(self.source, self.place)
        if not found:
            return None
        self.place = found.end()
        return found[0]

    def alternatives(self, depth: int) -> list[tuple[str, Any]]:
        if depth > 16:
            raise self.wrong()
        parts: list[tuple[str, Any]] = []
        while self.place < len(self.source) and self.source[self.place] != ")":
            parts.append(self.part(depth))
        return parts

    def part(self, depth: int) -> tuple[str, Any]:
        if self.take(r"\|"):
            return ("or", None)
        if mark := self.take(r"\^|\$|\\b|\\B"):
            return ("mark", mark)
        if opening := self.take(r"\(\?[:=!]|\((?!\?)"):
            inner = self.alternatives(depth + 1)
            if not self.take(r"\)"):
                raise self.wrong()
            atom: tuple[str, Any] = ("group", (opening, inner))
            if opening in ("(?=", "(?!"):
                return atom
        elif self.take(r"\["):
            atom = ("set", self.members())
        elif self.take(r"\."):
            atom = ("any", None)
        else:
            atom = self.letter(inside=False)
        if times := self.take(r"(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\})\??"):
            return ("times", (atom, times))
        return atom

    def letter(self, *, inside: bool) -> tuple[str, Any]:
        if escaped := self.take(r"\\[dDwWsStnrfv]"):
            return ("class" if escaped[1] in "dDwWsS" else "control", escaped[1])
        if code := self.take(r"\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}"):
            value = int(code[2:], 16)
            if 0xD800 <= value <= 0xDFFF:
                raise self.wrong()
            return ("letter", chr(value))
        if escaped := self.take(r"\\[^A-Za-z0-9]"):
            return ("letter", escaped[1])
        plain = self.take(r"[^\\\]]" if inside else r"[^\\*+?()\[{]")
        if not plain:
            raise self.wrong()
        return ("letter", plain)

    def members(self) -> tuple[bool, list[Any]]:
        negated = bool(self.take(r"\^"))
        members: list[Any] = []
        while not self.take(r"\]"):
            low = self.letter(inside=True)
            if low[0] == "letter" and self.take(r"-(?=[^\]])"):
                high = self.letter(inside=True)
                if high[0] != "letter" or high[1] < low[1]:
                    raise self.wrong()
                members.append(("range", (low[1], high[1])))
            else:
                members.append(low)
        shorts = {m[1] for m in members if m[0] == "class"}
        # \S in a set has no exact spelling in Python, except next to \s where together they are every
        # character
        if not members or ("S" in shorts and "s" not in shorts):
            raise self.wrong()
        return negated, members

    def checked(self) -> Pattern:
        """This pattern, after making sure that Python takes it and that no answer keeps a phone searching for ever."""
        try:
            re.compile(self.python(), re.ASCII)
        except (re.error, OverflowError, RecursionError) as error:
            raise ExpressionError(
                "expression.pattern", self.column, pattern=self.source, part=self.source[:12]
            ) from error
        # the neighbours of every character that stands in the pattern: between two of them nothing changes
        near = {ord(letter) + step for letter in self.python() + "09AZ_az" + WHITE for step in (-1, 0, 1)}
        alphabet = "".join(chr(code) for code in near if 0 <= code <= 0x10FFFF)

        def letters_of(node: tuple[str, Any]) -> frozenset[str]:
            return frozenset(re.findall(self.write([node], re.escape, javascript=False), alphabet, re.ASCII))

        if found := runaway(self.nodes, letters_of):
            part = self.write([found], str, javascript=True)
            raise ExpressionError("expression.pattern_endless", self.column, pattern=self.source, part=part)
        return self

    def script(self) -> str:
        """The pattern for JavaScript's `new RegExp(pattern, 'u')`."""
        return self.write(self.nodes, lambda c: "\\" + c if c in self.SYNTAX else c, javascript=True)

    def python(self) -> str:
        """The pattern for Python's `re.compile(pattern, re.ASCII)`."""
        return self.write(self.nodes, re.escape, javascript=False)

    def write(self, nodes: list[tuple[str, Any]], letter: Callable[[str], str], *, javascript: bool) -> str:
        def short(name: str, inside: bool) -> str:
            if javascript or name not in "sS":
                return "\\" + name
            if inside:
                return re.escape(WHITE) if name == "s" else "\\S"
            return f"[{'' if name == 's' else '^'}{re.escape(WHITE)}]"

        def one(node: tuple[str, Any], inside: bool = False) -> str:
            kind, what = node
            if kind == "or":
                return "|"
            if kind == "mark":
                return "\\Z" if what == "$" and not javascript else str(what)
            if kind == "any":
                return "." if javascript else "[^\\n\\r\u2028\u2029]"
            if kind == "class":
                return short(what, inside)
            if kind == "control":
                return f"\\{what}"
            if kind == "letter":
                # not "\\-": small engines refuse that escape under the u flag
                return "\\x2d" if what == "-" and inside else letter(what)
            if kind == "range":
                low, high = (one(("letter", end), True) for end in what)
                return f"{low}-{high}"
            if kind == "set":
                negated, members = what
                return f"[{'^' if negated else ''}{''.join(one(m, True) for m in members)}]"
            if kind == "group":
                opening, inner = what
                return f"{opening}{self.write(inner, letter, javascript=javascript)})"
            atom, times = what
            return f"{one(atom)}{times}"

        return "".join(one(node) for node in nodes)


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Callable[[str], object]:
    """A search for a pattern of a tree, compiled once."""
    return re.compile(Pattern(pattern, 0).python(), re.ASCII).search
