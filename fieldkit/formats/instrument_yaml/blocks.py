"""Blocks of a file to core objects, by the tables of `core.instrument_file`; every mistake is noted with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from fieldkit.core.instrument import VERSION, Construct, Indicator, items_behind
from fieldkit.core.instrument_file import BLOCKS, Key
from fieldkit.core.item import ID, Check, Item, Option, Randomised, with_companions
from fieldkit.core.lint import Finding
from fieldkit.core.text import NOTHING, Text
from fieldkit.formats.instrument_yaml.tree import Entries, Rows, at

LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?\Z")
LIST_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}\Z")


class Reader:
    """Turns blocks into keyword arguments, and collects every mistake on the way."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.lists: dict[str, tuple[Option, ...]] = {}
        self.lines: dict[tuple[str, str, str], int] = {}  # (block, id, part) -> line

    def wrong(self, line: int, code: str, where: str = "", part: str = "", **facts: object) -> None:
        self.findings.append(at(line, code, where, part, **facts))

    def block(self, name: str, value: object, line: int) -> dict[str, Any]:
        """The values of one block by key; what is wrong is noted and left out."""
        keys = BLOCKS[name]
        if not isinstance(value, Entries):
            self.wrong(line, "not_a_block", keys=", ".join(k for k, v in keys.items() if v.must))
            return {}
        where = value["id"] if isinstance(value.get("id"), str) else ""
        if where:
            self.lines[name, where, ""] = value.line
            self.lines.update({(name, where, str(part)): line for part, line in value.lines.items()})
        read: dict[str, Any] = {}
        for key, given in value.items():
            here = value.lines[key]
            if key not in keys:
                near = ", ".join(get_close_matches(str(key), keys, 1) or keys)
                self.wrong(here, "unknown_key", where, str(key), name=key, suggestion=near)
                continue
            before = len(self.findings)
            result = self.value(keys[key], given, here, where, key)
            if len(self.findings) == before:
                read[key] = result
        for key, expected in keys.items():
            if expected.must and key not in value:
                self.wrong(value.line, "missing_key", where, key, name=key)
        return read

    def value(self, key: Key, given: object, line: int, where: str, part: str) -> Any:
        """One value as its key wants it."""
        kind, _, block = key.value.partition(":")
        if kind == "block":
            return self.block(block, given, line)
        if kind == "blocks":
            return [self.block(block, each, here) for each, here in self.rows(given, line, where, part)]
        return READ[kind](self, given, line, where, part, key)

    def rows(self, given: object, line: int, where: str, part: str) -> Iterator[tuple[object, int]]:
        if not isinstance(given, Rows):
            self.wrong(line, "not_a_list", where, part)
            return iter(())
        return zip(given, given.lines, strict=True)

    def _line(self, given: object, line: int, where: str, part: str, key: Key) -> str:
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            self.wrong(line, "not_words", where, part)
            return ""
        return str(given)

    def _id(self, given: object, line: int, where: str, part: str, key: Key) -> str:
        if not isinstance(given, str) or not ID.match(given):
            self.wrong(line, "not_an_id", where, part, value=given)
            return ""
        return given

    def _version(self, given: object, line: int, where: str, part: str, key: Key) -> str:
        if not isinstance(given, str) or not VERSION.match(given):
            self.wrong(line, "not_a_version", where, part, value=given)
            return "0.0.0"
        return given

    def _one(self, given: object, line: int, where: str, part: str, key: Key) -> str:
        if given not in key.among:
            near = get_close_matches(str(given), key.among, 1)
            self.wrong(line, "not_among", where, part, value=given, among=", ".join(near or key.among))
            return key.among[0]
        return str(given)

    def _flag(self, given: object, line: int, where: str, part: str, key: Key) -> bool:
        if not isinstance(given, bool):
            self.wrong(line, "not_a_flag", where, part, value=given)
        return given is True

    def _number(self, given: object, line: int, where: str, part: str, key: Key) -> float:
        if isinstance(given, bool) or not isinstance(given, int | float):
            self.wrong(line, "not_a_number", where, part, value=given)
            return 0
        return given

    def _whole(self, given: object, line: int, where: str, part: str, key: Key) -> int:
        if isinstance(given, bool) or not isinstance(given, int):
            self.wrong(line, "not_whole", where, part, value=given)
            return 0
        return given

    def _words(self, given: object, line: int, where: str, part: str, key: Key) -> Text:
        if not isinstance(given, Entries) or not given:
            self.wrong(line, "not_in_languages", where, part)
            return NOTHING
        for language, words in given.items():
            if not isinstance(language, str) or not LANGUAGE.match(language):
                self.wrong(given.lines[language], "not_a_language", where, part, value=language)
            elif not isinstance(words, str):
                self.wrong(given.lines[language], "not_words", where, part)
        return Text({str(k): v for k, v in given.items() if isinstance(v, str)})

    def _range(self, given: object, line: int, where: str, part: str, key: Key) -> tuple[Any, Any]:
        pair = list(given) if isinstance(given, Rows) else []
        if len(pair) != 2 or any(isinstance(n, bool) or not isinstance(n, int | float | None) for n in pair):
            self.wrong(line, "not_a_range", where, part)
            return None, None
        return pair[0], pair[1]

    def _rows(self, given: object, line: int, where: str, part: str, key: Key) -> tuple[int, int]:
        pair = list(given) if isinstance(given, Rows) else []
        if len(pair) != 2 or any(type(n) is not int for n in pair) or not 0 <= pair[0] <= pair[1]:
            self.wrong(line, "not_rows", where, part)
            return 0, 0
        return pair[0], pair[1]

    def _ids(self, given: object, line: int, where: str, part: str, key: Key) -> tuple[str, ...]:
        return tuple(self._id(each, here, where, part, key) for each, here in self.rows(given, line, where, part))

    def _reasons(self, given: object, line: int, where: str, part: str, key: Key) -> tuple[str, ...]:
        return tuple(self._one(each, here, where, part, key) for each, here in self.rows(given, line, where, part))

    def _languages(self, given: object, line: int, where: str, part: str, key: Key) -> tuple[str, ...]:
        found = tuple(str(each) for each, _ in self.rows(given, line, where, part))
        for language in found:
            if not LANGUAGE.match(language):
                self.wrong(line, "not_a_language", where, part, value=language)
        return found

    def _pins(self, given: object, line: int, where: str, part: str, key: Key) -> dict[str, str]:
        if not isinstance(given, Entries):
            self.wrong(line, "not_pins", where, part)
            return {}
        pins: dict[str, str] = {}
        for name, version in given.items():
            here = given.lines[name]
            pins[self._id(name, here, where, part, key)] = self._version(version, here, where, part, key)
        return pins

    def _items(self, given: object, line: int, where: str, part: str, key: Key) -> list[Any]:
        found: list[Any] = []
        for each, here in self.rows(given, line, where, part):
            if isinstance(each, Entries):
                found.append((self.block("group" if "items" in each else "item", each, here), here))
            else:
                found.append((self._id(each, here, where, part, key), here))
        return found

    def _facts(self, given: object, line: int, where: str, part: str, key: Key) -> tuple[tuple[str, str], ...]:
        if not isinstance(given, Entries) or not all(
            LIST_NAME.match(str(name)) and isinstance(value, str | int | float) and not isinstance(value, bool)
            for name, value in given.items()
        ):
            self.wrong(line, "not_facts", where, part)
            return ()
        return tuple((str(name), str(value)) for name, value in given.items())

    def _options(self, given: object, line: int, where: str, part: str, key: Key) -> tuple[str, tuple[Option, ...]]:
        if isinstance(given, Entries):
            return "", self.option_list(given, where, part)
        if not isinstance(given, str):
            self.wrong(line, "not_options", where, part)
        elif given not in self.lists:
            near = ", ".join(get_close_matches(given, self.lists, 1) or self.lists) or "–"
            self.wrong(line, "unknown_list", where, part, name=given, suggestion=near)
        else:
            return given, self.lists[given]
        return "", ()

    def option_list(self, given: Entries, where: str, part: str) -> tuple[Option, ...]:
        """Options from code: {zh: …, en: …, exclusive: true, missing: refused}."""
        options: list[Option] = []
        for code, entry in given.items():
            line = given.lines[code]
            if type(code) is not int:
                self.wrong(line, "option_code", where, part, value=code)
            elif not isinstance(entry, Entries):
                self.wrong(line, "not_in_languages", where, part)
            else:
                words, marks = Entries(line), Entries(line)
                for name, value in entry.items():
                    side = marks if name in BLOCKS["option"] or len(str(name)) > 5 else words
                    side[name] = value
                    side.lines[name] = entry.lines[name]
                text = self._words(words, line, where, part, BLOCKS["item"]["text"])
                options.append(Option(code, text, **self.block("option", marks, line)))
        return tuple(options)

    def _option_lists(self, given: object, line: int, where: str, part: str, key: Key) -> None:
        if not isinstance(given, Entries):
            self.wrong(line, "not_option_lists", where, part)
            return
        for name, entries in given.items():
            if not isinstance(name, str) or not LIST_NAME.match(name) or not isinstance(entries, Entries):
                self.wrong(given.lines[name], "not_option_lists", where, part)
            else:
                self.lists[name] = self.option_list(entries, where, name)

    def _parameters(self, given: object, line: int, where: str, part: str, key: Key) -> Mapping[str, object]:
        if not isinstance(given, Entries):
            self.wrong(line, "not_parameters", where, part)
            return MappingProxyType({})
        return MappingProxyType({_true(name): tuple(v) if isinstance(v, Rows) else v for name, v in given.items()})


# One row for each kind of value that a key can have; block and blocks are read by `Reader.value` itself.
READ: Mapping[str, Callable[[Reader, object, int, str, str, Key], Any]] = MappingProxyType(
    {
        "line": Reader._line,
        "words": Reader._words,
        "id": Reader._id,
        "version": Reader._version,
        "number": Reader._number,
        "whole": Reader._whole,
        "flag": Reader._flag,
        "one": Reader._one,
        "ids": Reader._ids,
        "reasons": Reader._reasons,
        "languages": Reader._languages,
        "range": Reader._range,
        "facts": Reader._facts,
        "rows": Reader._rows,
        "pins": Reader._pins,
        "options": Reader._options,
        "option_lists": Reader._option_lists,
        "items": Reader._items,
        "parameters": Reader._parameters,
    }
)


def _true(name: object) -> str:
    """`true:` and `false:` are parameter names of the kind share, though YAML reads them as truth values."""
    return str(name).lower() if isinstance(name, bool) else str(name)


def item_of(read: dict[str, Any]) -> Item | None:
    """One item, or None where what it cannot do without is missing (that has been noted)."""
    if not {"id", "text", "type"} <= read.keys():
        return None
    fields = dict(read)
    list_name, options = fields.pop("options", ("", ()))
    low, high = fields.pop("range", (None, None))
    for part in ("constraint", "warning"):
        if part in fields:
            fields[part] = Check(**{"expression": "", **fields[part]})
    if "randomised" in fields:
        fields["randomised"] = _randomised(fields["randomised"])
    return Item(**fields, options=options, list_name=list_name, low=low, high=high)


def _randomised(read: dict[str, Any]) -> Randomised | None:
    """The design of a randomised response; None where it cannot be one (lint says so)."""
    try:
        return Randomised(**read)
    except (TypeError, ValueError):
        return None


def construct_of(read: dict[str, Any]) -> Construct | None:
    """One construct with its items, or None."""
    if not {"id", "title", "definition", "items"} <= read.keys():
        return None
    return Construct(**{**read, "items": tuple(with_companions(i for i in map(item_of, read["items"]) if i))})


def indicators_of(
    blocks: Iterable[dict[str, Any]], known: Mapping[str, Indicator] = MappingProxyType({})
) -> tuple[Indicator, ...]:
    """Indicators in order, each with the items behind it; `known` are those of the modules."""
    found: dict[str, Indicator] = {}
    for read in blocks:
        if not {"id", "title", "kind", "estimate"} <= read.keys():
            continue
        fields = dict(read)
        _, options = fields.pop("options", ("", ()))
        low, high = fields.pop("range", (None, None))
        sensitive = fields.get("sensitive", False)
        fields.setdefault("n_min", 20 if sensitive else 10)
        fields.setdefault("parameters", MappingProxyType({}))
        fields.setdefault("items", items_behind(fields["parameters"], {**known, **found}))
        indicator = Indicator(**fields, options=options, low=low, high=high)
        found[indicator.id] = indicator
    return tuple(found.values())
