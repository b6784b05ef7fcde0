"""YAML as nested blocks that know their lines, and what is wrong with the YAML itself.

Values are read as YAML 1.2 does: only true and false are truth values, so `required: no` and dates stay words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import yaml

from fieldkit.core.lint import Finding, finding

LIMIT = 2 * 1024 * 1024  # bytes; the largest module of the project has about 60 kB
DEPTH = 40  # blocks inside blocks; a file of ours has 7


class Broken(Exception):
    """Findings about one file, on their way to becoming a Problem."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = tuple(findings)


class Entries(dict[Any, Any]):
    """A YAML mapping that knows its line and those of its keys."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[Any, int] = {}

    def move_first(self, key: object) -> None:
        """Put one key before all others."""
        others = {name: self.pop(name) for name in list(self) if name != key}
        self.update(others)


class Rows(list[Any]):
    """A YAML list that knows its line and those of its rows."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


class _Loader(yaml.CSafeLoader):
    """YAML 1.2's idea of plain values: true, false, null, whole and decimal numbers; all else is text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"-?(0|[1-9][0-9]{0,30})", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]{0,30})\.[0-9]{1,30}", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first))

_SCALARS: dict[str, Callable[[str], object]] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:bool": "true".__eq__,
    "tag:yaml.org,2002:null": lambda _: None,
}


def tree_of(text: str) -> tuple[object, list[Finding]]:
    """The file as Entries, Rows and plain values, with findings about the YAML itself.

    Reads event by event, so that neither depth nor aliases can make it run away. Raises Broken where reading stops.
    """
    if len(text.encode("utf-8", "replace")) > LIMIT:
        raise Broken([at(1, "too_large", limit_kb=LIMIT // 1024)])
    builder = _Builder()
    loader = _Loader(text)
    try:
        while loader.check_event():
            builder.take(loader.get_event(), loader.resolve)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or ""
        raise Broken([*builder.findings, at(mark.line + 1 if mark else 1, "syntax", problem=problem)]) from None
    except yaml.YAMLError as error:
        raise Broken([at(1, "syntax", problem=str(error).splitlines()[0])]) from None
    return builder.root, builder.findings


def comments_in(text: str) -> tuple[int, ...]:
    """The lines that hold a comment; as far as the text can be read.

    >>> comments_in("a: 1 # one\\n# two\\nb: 'no # comment'\\n")
    (1, 2)
    """
    found: list[int] = []
    end, loader = 0, _Loader(text)
    try:
        while loader.check_token():
            token: Any = loader.get_token()
            start = token.start_mark.index
            found += _commented(text, end, start)
            end = max(end, token.end_mark.index)
    except yaml.YAMLError:
        pass
    else:
        found += _commented(text, end, len(text))
    return tuple(dict.fromkeys(found))


def _commented(text: str, start: int, end: int) -> list[int]:
    """Lines with a # between two words of the file."""
    between = text[start:end] if end > start else ""
    if "#" not in between:
        return []
    first = text.count("\n", 0, start) + 1
    return [first + n for n, line in enumerate(between.split("\n")) if "#" in line]


class _Builder:
    """Puts YAML events together to one tree."""

    def __init__(self) -> None:
        self.root: object = None
        self.documents = 0
        self.findings: list[Finding] = []
        self.open: list[Entries | Rows] = []
        self.keys: list[tuple[object, int] | None] = []  # for each open block the key that waits for its value

    def take(self, event: Any, resolve: Callable[..., str]) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            tag = event.tag or resolve(yaml.ScalarNode, event.value, event.implicit)
            if tag not in _SCALARS:
                self.findings.append(at(line, "tag", tag=tag))
            self.add(_SCALARS.get(tag, str)(event.value), line)
        elif isinstance(event, yaml.CollectionStartEvent):
            if event.tag:
                self.findings.append(at(line, "tag", tag=event.tag))
            if len(self.open) >= DEPTH:
                raise Broken([*self.findings, at(line, "too_deep", limit=DEPTH)])
            block = Entries(line) if isinstance(event, yaml.MappingStartEvent) else Rows(line)
            self.add(block, line)
            self.open.append(block)
            self.keys.append(None)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
            self.keys.pop()
        elif isinstance(event, yaml.AliasEvent):
            self.findings.append(at(line, "alias"))
            self.add(None, line)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise Broken([*self.findings, at(line, "documents")])

    def add(self, value: object, line: int) -> None:
        """Put a value where it belongs: the root, the next row, the next key or that key's value."""
        if not self.open:
            self.root = value
            return
        block = self.open[-1]
        if isinstance(block, Rows):
            block.append(value)
            block.lines.append(line)
        elif (waiting := self.keys[-1]) is None:
            self.keys[-1] = (value, line)
        else:
            self.keys[-1] = None
            key, at_line = waiting
            if not isinstance(key, str | int | bool):
                self.findings.append(at(at_line, "key_type"))
            elif key in block:
                self.findings.append(at(at_line, "double_key", name=key, first=block.lines[key]))
            else:
                block[key] = value
                block.lines[key] = at_line


def at(line: int, code: str, where: str = "", part: str = "", /, **facts: object) -> Finding:
    """A finding in one line of the file being read."""
    return replace(finding(code, "", where, part, **facts), line=line)
