"""Report layouts and wordings from YAML files, with every mistake named by file and line.

The keys of a block are the fields of its class in `stats.layout`; a field's type says how its value is written:
words as {zh: …, en: …} or one text, rows as ids or mappings, sentences as a word or {word: ids}. A section that is
only a name is one of those that reports share; each stands in a file of its own. A file with mistakes is refused with
all of them at once: Problem `layout.broken` with a Mistake for each.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import yaml

from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.formats.report_kinds import holds, kinds_in, says, why_not
from fieldkit.stats.layout import AxisSpec, Layout, Line, Lines, Say, Section
from fieldkit.stats.layout_sheets import ALL_BLOCKS
from fieldkit.stats.sentences import SENTENCES
from fieldkit.stats.wording import Wording

INT, FLOAT, BOOL = (f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool"))


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend in a file; message and remedy stand under `key` in translations/*/layout.yaml."""

    code: str
    file: str
    line: int
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Where its words stand."""
        return f"layout.{self.code}"


class _Wrong(Exception):
    """A value that cannot be used; it was noted and its surroundings go on without it."""


class _Reader:
    """Reads the nodes of one file and collects what is wrong with them."""

    def __init__(self, path: Path, report: str = "", chapters: Path | None = None) -> None:
        self.file, self.report, self.chapters = path.name, report, chapters
        self.mistakes: list[Mistake] = []
        try:
            root = yaml.compose(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            self._note("not_yaml", mark.line + 1 if mark else 1, reason=str(error.problem))
            raise self.refused() from None
        if root is None:
            self._note("empty", 1)
            raise self.refused()
        self.root: yaml.Node = root

    def refused(self) -> Problem:
        """The Problem that names the first mistake and carries all."""
        first = self.mistakes[0]
        where = f"{first.file}:{first.line}"
        return Problem(
            "layout.broken", where=where, file=self.file, findings=tuple(self.mistakes), count=len(self.mistakes)
        )

    def _note(self, code: str, line: int, **facts: object) -> None:
        mistake = Mistake(code, self.file, line, MappingProxyType(facts))
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)

    def wrong(self, node: yaml.Node, code: str, **facts: object) -> _Wrong:
        """Note a mistake at this node."""
        self._note(code, node.start_mark.line + 1, **facts)
        return _Wrong(code)

    def mapping(self, node: yaml.Node) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.wrong(node, "not_a_mapping")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value in found:
                self.wrong(key, "twice", name=key.value)
            found[key.value] = value
        return found

    def sequence(self, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.wrong(node, "not_a_list")
        return list(node.value)

    def line(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.wrong(node, "not_a_text")
        return str(node.value)

    def number(self, node: yaml.Node) -> float:
        if not isinstance(node, yaml.ScalarNode) or node.tag not in (INT, FLOAT):
            raise self.wrong(node, "not_a_number")
        return float(node.value)

    def whole(self, node: yaml.Node) -> int:
        if not isinstance(node, yaml.ScalarNode) or node.tag != INT:
            raise self.wrong(node, "not_whole")
        return int(node.value)

    def flag(self, node: yaml.Node) -> bool:
        if not isinstance(node, yaml.ScalarNode) or node.tag != BOOL:
            raise self.wrong(node, "not_a_flag")
        return str(node.value).lower() == "true"

    def words(self, node: yaml.Node) -> Text:
        if isinstance(node, yaml.ScalarNode):
            return Text(zh=self.line(node))
        return Text({language: self.line(words) for language, words in self.mapping(node).items()})

    def words_by_id(self, node: yaml.Node) -> Mapping[str, Text]:
        return MappingProxyType({k: self.words(v) for k, v in self.mapping(node).items()})

    def row(self, node: yaml.Node) -> object:
        return Line(self.line(node)) if isinstance(node, yaml.ScalarNode) else self.built(node, Line)

    def say(self, node: yaml.Node) -> Say:
        names: tuple[str, ...] = ()
        if isinstance(node, yaml.ScalarNode):
            what = str(node.value)
        else:
            entries = self.mapping(node)
            if len(entries) != 1:
                raise self.wrong(node, "not_a_sentence")
            [(what, ids)] = entries.items()
            names = (self.line(ids),) if isinstance(ids, yaml.ScalarNode) else self.many(ids, self.line)  # type: ignore[assignment]
        if what not in SENTENCES:
            raise self.wrong(node, "unknown_sentence", name=what, known="、".join(SENTENCES))
        if not says(self.report, what):
            raise self.wrong(node, why_not(self.report), name=what, report=self.report, known="fixed")
        return Say(what, names)

    def many(self, node: yaml.Node, read: Callable[[yaml.Node], object]) -> tuple[object, ...]:
        """Every entry of a list; those that are wrong are noted and left out."""
        found = []
        for one in self.sequence(node):
            try:
                found.append(read(one))
            except _Wrong:
                continue
        return tuple(found)

    def block(self, node: yaml.Node) -> object:
        entries = self.mapping(node)
        kind = self.line(entries["kind"]) if "kind" in entries else ""
        if kind not in ALL_BLOCKS:
            raise self.wrong(node, "unknown_block", name=kind, known="、".join(ALL_BLOCKS))
        block = ALL_BLOCKS[kind]
        if not holds(self.report, block):
            known = kinds_in(self.report)
            raise self.wrong(node, why_not(self.report, block), name=kind, report=self.report, known=known)
        return self.built(node, block, skip=("kind",))

    def section(self, node: yaml.Node) -> object:
        """A section written out, or the one of this name that reports share."""
        if not isinstance(node, yaml.ScalarNode):
            return self.built(node, Section)
        name, known = str(node.value), chapter_names(self.chapters)
        if self.chapters is None or name not in known:
            raise self.wrong(node, "unknown_chapter", name=name, known="、".join(known))
        shared = _Reader(self.chapters / f"{name}.yaml", self.report)
        with contextlib.suppress(_Wrong):
            return shared.built(shared.root, Section)
        unfit = dict.fromkeys(str(m.facts.get("name", m.file)) for m in shared.mistakes)
        raise self.wrong(node, "chapter_not_here", name=name, report=self.report, unfit="、".join(unfit))

    def built(self, node: yaml.Node, kind: type, skip: tuple[str, ...] = ()) -> object:
        """An object of `stats.layout` from a mapping whose keys are its fields."""
        before = len(self.mistakes)
        entries = {k: v for k, v in self.mapping(node).items() if k not in skip}
        fields = {f.name: f for f in dataclasses.fields(kind)}
        values: dict[str, object] = {}
        for name, value in entries.items():
            if name not in fields:
                self.wrong(value, "unknown_key", name=name, known="、".join(fields))
                continue
            try:
                values[name] = READERS[str(fields[name].type)](self, value)
            except _Wrong:
                continue
        for name, one in fields.items():
            required = one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
            if required and name not in entries:
                self.wrong(node, "missing_key", name=name)
        if len(self.mistakes) > before:
            raise _Wrong
        return kind(**values)

    def flat(self, node: yaml.Node, before: str = "") -> Iterator[tuple[str, object]]:
        """Nested words as flat keys: sentences.mean."""
        for key, value in self.mapping(node).items():
            name = f"{before}{key}"
            try:
                if isinstance(value, yaml.MappingNode):
                    yield from self.flat(value, f"{name}.")
                elif isinstance(value, yaml.SequenceNode):
                    yield name, self.many(value, self.line)
                else:
                    yield name, self.line(value)
            except _Wrong:
                continue


# One row for each way a field is written; a field's annotation in stats.layout is the key.
READERS: Mapping[str, Callable[[_Reader, yaml.Node], object]] = MappingProxyType(
    {
        "str": _Reader.line,
        "int": _Reader.whole,
        "bool": _Reader.flag,
        "Text": _Reader.words,
        "AxisSpec": lambda r, node: r.built(node, AxisSpec),
        "tuple[float, ...]": lambda r, node: r.many(node, r.number),
        "tuple[tuple[float, ...], ...]": lambda r, node: r.many(node, lambda one: r.many(one, r.number)),
        "tuple[str, ...]": lambda r, node: r.many(node, r.line),
        "tuple[Line, ...]": lambda r, node: r.many(node, r.row),
        "tuple[Lines, ...]": lambda r, node: r.many(node, lambda one: r.built(one, Lines)),
        "tuple[Say, ...]": lambda r, node: r.many(node, r.say),
        "tuple[Block, ...]": lambda r, node: r.many(node, r.block),
        "tuple[Section, ...]": lambda r, node: r.many(node, r.section),
        "Mapping[str, Text]": _Reader.words_by_id,
    }
)


def chapter_names(chapters: Path | None) -> list[str]:
    """The sections that reports share, by name."""
    return sorted(path.stem for path in chapters.glob("*.yaml")) if chapters else []


def read_layout(path: Path, chapters: Path | None = None) -> Layout:
    """A report layout, or Problem `layout.broken` that names file and line of everything that is wrong.

    `chapters` is the folder of the sections that are named only (for our own layouts the one beside theirs).
    """
    reader = _Reader(path, chapters=chapters or path.parent.parent / "chapters")
    if isinstance(reader.root, yaml.MappingNode):
        reader.report = next((str(value.value) for key, value in reader.root.value if key.value == "id"), "")
    layout: object = None
    with contextlib.suppress(_Wrong):
        layout = reader.built(reader.root, Layout)
    if reader.mistakes:
        raise reader.refused()
    assert isinstance(layout, Layout)
    return layout


def written_out(path: Path, chapters: Path) -> str:
    """The text of a layout with the shared sections in place of their names, so that all of it can be changed."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        name = line.removeprefix("  - ").strip()
        if not line.startswith("  - ") or name not in chapter_names(chapters):
            found.append(line)
            continue
        text = (chapters / f"{name}.yaml").read_text("utf-8").splitlines()
        start = next(at for at, one in enumerate(text) if not one.startswith("#"))
        found += ["", *(f"  {one}" for one in text[:start]), f"  - {text[start]}"]
        found += [f"    {one}" if one else "" for one in text[start + 1 :]]
    return "\n".join(found) + "\n"


def read_wording(path: Path, ours: Path | None = None) -> Wording:
    """The words of a report in one language, or Problem `layout.broken`.

    A file that `extends: county` holds only what differs from county.<language>.yaml, which lies in `ours` (beside
    it where nothing is said).
    """
    reader = _Reader(path)
    words: dict[str, object] = {}
    if isinstance(reader.root, yaml.MappingNode):
        for key, value in reader.root.value:
            if key.value == "extends":
                _, language, _ = path.name.rsplit(".", 2)
                name = f"{reader.line(value)}.{language}.yaml"
                base = (ours or path.parent) / name
                if not base.is_file():
                    reader.wrong(value, "no_base", name=name)
                    raise reader.refused()
                words.update(read_wording(base, ours).words)
    with contextlib.suppress(_Wrong):
        words.update(reader.flat(reader.root))
    for name in ("language", "forbidden.words", "forbidden.patterns"):
        if name not in words:
            reader.wrong(reader.root, "missing_key", name=name)
    if reader.mistakes:
        raise reader.refused()
    return Wording(str(words["language"]), MappingProxyType(words))
