"""Files and folders of YAML to modules, questionnaires and a library, or to all that is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from fieldkit.core.content import sealed
from fieldkit.core.instrument import Construct, Group, Library, Module, Questionnaire, Section
from fieldkit.core.item import Item, with_companions
from fieldkit.core.likeness import Bank
from fieldkit.core.lint import Finding, lint_module, lint_questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.text import NOTHING
from fieldkit.formats.instrument_yaml.blocks import Reader, construct_of, indicators_of, item_of
from fieldkit.formats.instrument_yaml.tree import LIMIT, Broken, Entries, at, tree_of

PUBLISHED = "PUBLISHED"

Instrument = TypeVar("Instrument", Module, Questionnaire)


@dataclass(frozen=True)
class Reading(Generic[Instrument]):
    """What one file gave: an instrument or mistakes, and the line of every id and key in it."""

    instrument: Instrument | None
    findings: tuple[Finding, ...]
    lines: Mapping[tuple[str, str, str], int]

    def placed(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings about the finished object, each with its line in the file."""
        for found in findings:
            block = self.lines.get((found.block, found.where, ""), 1)
            yield replace(found, line=self.lines.get((found.block, found.where, found.part), block))


# -------------------------------------------------------------------------------------------------- one file


def load_module(source: str | Path, known: Collection[str] | None = None) -> Module:
    """Read one module from a file (Path) or from YAML text (str).

    `known` are item ids of other modules that it may refer to; without it such references are not judged. Raises
    Problem `instrument.broken` with all findings, each with its line.
    """
    reading = _read_module(source)
    module = reading.instrument
    return _accepted(source, reading, lint_module(module, known) if module else ())


def load_questionnaire(source: str | Path, library: Library) -> Questionnaire:
    """Read one questionnaire; `library` holds the modules that it pins. Raises Problem `instrument.broken`."""
    reading = _read_questionnaire(source, library)
    questionnaire = reading.instrument
    return _accepted(source, reading, lint_questionnaire(questionnaire) if questionnaire else ())


@dataclass(frozen=True)
class Examined(Generic[Instrument]):
    """An instrument as far as it can be read (None when it cannot), with everything there is to mend or look at."""

    instrument: Instrument | None
    findings: tuple[Finding, ...]


def examine_module(source: str | Path, known: Collection[str] | None = None) -> Examined[Module]:
    """Read a module on which somebody is still working: it comes with its findings, and nothing is raised."""
    reading = _read_module(source)
    module = reading.instrument
    return _examined(reading, lint_module(module, known) if module else ())


def examine_questionnaire(source: str | Path, library: Library) -> Examined[Questionnaire]:
    """Read a questionnaire on which somebody is still working: it comes with its findings, and nothing is raised."""
    reading = _read_questionnaire(source, library)
    questionnaire = reading.instrument
    bank = Bank.of(library.modules.values())
    return _examined(reading, lint_questionnaire(questionnaire, bank) if questionnaire else ())


def _examined(reading: Reading[Instrument], findings: Sequence[Finding]) -> Examined[Instrument]:
    every = sorted([*reading.findings, *reading.placed(findings)], key=lambda f: f.line)
    return Examined(reading.instrument, tuple(every))


def _accepted(source: str | Path, reading: Reading[Instrument], findings: Sequence[Finding]) -> Instrument:
    errors = _errors([*reading.findings, *reading.placed(findings)])
    if reading.instrument is None or errors:
        raise _refusal(errors, str(source) if isinstance(source, Path) else "")
    return reading.instrument


def _refusal(findings: Sequence[Finding], file: str) -> Problem:
    findings = tuple(replace(f, file=f.file or file) for f in findings)
    first = findings[0]
    where = f"{first.file}:{first.line}"
    return Problem("instrument.broken", where=where, findings=findings, file=first.file, count=len(findings))


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [f for f in findings if f.severity == "error"]


def _text_of(source: str | Path) -> str:
    """A file's text; a string is YAML already."""
    if isinstance(source, str):
        return source
    if source.stat().st_size > LIMIT:
        raise Broken([at(1, "too_large", limit_kb=LIMIT // 1024)])
    try:
        return source.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Broken([at(1, "not_utf8", position=error.start)]) from None


def _root(source: str | Path, block: str) -> tuple[dict[str, Any], Reader]:
    """The file's outermost block as values by key, and the reader that noted what is wrong with it."""
    try:
        tree, findings = tree_of(_text_of(source))
    except Broken as broken:
        return {}, Reader(list(broken.findings))
    reader = Reader(findings)
    if isinstance(tree, Entries) and "options" in tree:  # option lists must be known before items name them
        tree.move_first("options")
    read = reader.block(block, tree, 1)
    read.pop("options", None)
    return read, reader


def _read_module(source: str | Path) -> Reading[Module]:
    read, reader = _root(source, "module")
    constructs = tuple(c for c in map(construct_of, read.pop("constructs", [])) if c)
    indicators = indicators_of(read.pop("indicators", []))
    if reader.findings:
        return Reading(None, tuple(reader.findings), reader.lines)
    read["paper"] = MappingProxyType(read.get("paper", {}))
    module = Module(**read, constructs=constructs, indicators=indicators)
    return Reading(sealed(module), (), reader.lines)


def _read_questionnaire(source: str | Path, library: Library) -> Reading[Questionnaire]:
    read, reader = _root(source, "questionnaire")
    name = str(read.get("id", ""))
    pins: dict[str, str] = read.get("modules", {})
    modules = [library.modules[pin] for pin in pins.items() if pin in library.modules]
    for pin in pins.items() - library.modules.keys():
        have = ", ".join(sorted(v for i, v in library.modules if i == pin[0])) or "–"
        line = reader.lines.get(("questionnaire", name, "modules"), 1)
        reader.wrong(line, "unknown_module", name, "modules", module=pin[0], version=pin[1], have=have)
    bank = {i: item for module in modules for i, item in module.items.items()}

    def item(entry: object, line: int, where: str) -> Item | None:
        if isinstance(entry, dict):
            return item_of(entry)
        if entry and entry not in bank and len(modules) == len(pins):
            near = get_close_matches(str(entry), bank, 1)
            reader.wrong(line, "unknown_item", where, "items", name=entry, suggestion=near[0] if near else "–")
        reader.lines["item", str(entry), ""] = line  # here, if the way it is asked is wrong
        return bank.get(str(entry))

    def items(entries: Iterable[tuple[object, int]], where: str, groups: list[Group], inside: str) -> list[Item]:
        found: list[Item] = []
        for entry, line in entries:
            if isinstance(entry, dict) and "items" in entry:
                place = len(groups)
                own = items(entry["items"], entry.get("id", where), groups, entry.get("id", ""))
                own = list(with_companions(own))
                if {"id", "title"} <= entry.keys():
                    named = {**entry, "items": tuple(i.id for i in own), "inside": inside}
                    groups.insert(place, Group(**named))
                found += own
            elif each := item(entry, line, where):
                found.append(each)
        return found

    opening = tuple(with_companions(items(read.pop("opening", ()), name, [], "")))
    sections = []
    for section in read.pop("sections", []):
        groups: list[Group] = []
        found = items(section.get("items", ()), section.get("id", ""), groups, "")
        section["items"], section["groups"] = tuple(with_companions(found)), tuple(groups)
        if {"id", "title"} <= section.keys():
            sections.append(Section(**section))
    banked = {i.id: i for module in modules for i in module.indicators}
    own = indicators_of(read.pop("indicators", []), banked)
    if reader.findings:
        return Reading(None, tuple(reader.findings), reader.lines)
    asked = {i.id for i in (*opening, *(i for s in sections for i in s.items))}
    core = next((m for m in modules if m.id == "core"), None)
    read.setdefault("consent", core.consent if core else NOTHING)
    read.setdefault("introduction", core.introduction if core else NOTHING)
    read["modules"] = MappingProxyType(dict(pins))
    questionnaire = Questionnaire(
        **read,
        opening=opening,
        sections=tuple(sections),
        constructs=tuple(c for module in modules for c in _asked(module, asked)),
        indicators=(*(i for i in banked.values() if asked.issuperset(i.items)), *own),
    )
    return Reading(sealed(questionnaire), (), reader.lines)


def _asked(module: Module, asked: Collection[str]) -> Iterator[Construct]:
    """The constructs of a module with those of their items that are asked."""
    for construct in module.constructs:
        items = tuple(i for i in construct.items if i.id in asked)
        if items:
            yield construct if len(items) == len(construct.items) else replace(construct, items=items)


# -------------------------------------------------------------------------------------------------- a folder


def load_library(folder: Path) -> Library:
    """Read every module and questionnaire under `folder`.

    Raises Problem `instrument.broken` with the findings of all files, or `instrument.published_changed` when a file
    named in PUBLISHED no longer says what was fielded.
    """
    library, findings = _read_folder(folder)
    errors = _errors(findings)
    if errors:
        raise _refusal(errors, "")
    fielded = published(folder)
    for key, digest in _hashes(library).items():
        if fielded.get(key, digest) != digest:
            kind, name, version = key
            file = f"{kind}s/{name}/{version}.yaml"
            raise Problem("instrument.published_changed", where=file, file=file)
    return library


def lint_folder(folder: Path) -> tuple[Finding, ...]:
    """Everything there is to mend or to look at in a folder of instruments, by file and line."""
    return tuple(sorted(_read_folder(folder)[1], key=lambda f: (f.file, f.line)))


def _read_folder(folder: Path) -> tuple[Library, list[Finding]]:
    findings: list[Finding] = []
    modules: dict[tuple[str, str], Module] = {}
    questionnaires: dict[tuple[str, str], Questionnaire] = {}

    def note(path: Path, found: Iterable[Finding]) -> None:
        findings.extend(replace(f, file=path.relative_to(folder).as_posix()) for f in found)

    fielded = published(folder)  # what cannot change any more is not compared with the bank
    readings = {path: _read_module(path) for path in sorted(folder.glob("modules/*/*.yaml"))}
    known = {i for reading in readings.values() if reading.instrument for i in reading.instrument.items}
    for path, reading in readings.items():
        note(path, reading.findings)
        if module := reading.instrument:
            others = [r.instrument for r in readings.values() if r.instrument and r.instrument.id != module.id]
            bank = None if ("module", module.id, module.version) in fielded else Bank.of(others)
            note(path, [*_misplaced(module, path), *reading.placed(lint_module(module, known, bank))])
            modules[module.id, module.version] = module
    library = Library(MappingProxyType(modules), MappingProxyType(questionnaires))
    for path in sorted(folder.glob("questionnaires/*/*.yaml")):
        page = _read_questionnaire(path, library)
        note(path, page.findings)
        if questionnaire := page.instrument:
            new = ("questionnaire", questionnaire.id, questionnaire.version) not in fielded
            findings_here = lint_questionnaire(questionnaire, Bank.of(modules.values()) if new else None)
            note(path, [*_misplaced(questionnaire, path), *page.placed(findings_here)])
            questionnaires[questionnaire.id, questionnaire.version] = questionnaire
    note(folder / PUBLISHED, _published_lines_wrong(folder))
    return library, findings


def _misplaced(instrument: Module | Questionnaire, path: Path) -> Iterator[Finding]:
    """A file lies where its id and version say."""
    if (path.parent.name, path.stem) != (instrument.id, instrument.version):
        yield at(1, "file_name", instrument.id, "version", id=instrument.id, version=instrument.version)


# ---------------------------------------------------------------------------------------- what was published


def published(folder: Path) -> dict[tuple[str, str, str], str]:
    """The hashes of what has been fielded, by kind, id and version; {} when there is no list."""
    rows = [row.split() for _, row in _published_rows(folder)]
    return {(row[0], row[1], row[2]): row[3] for row in rows if len(row) == 4}


def published_text(library: Library) -> str:
    """The text of PUBLISHED for everything in a library: a line each of kind, id, version, sha256."""
    return "".join(f"{' '.join(key)} {digest}\n" for key, digest in _hashes(library).items())


def _hashes(library: Library) -> dict[tuple[str, str, str], str]:
    found = {("module", *key): module.hash for key, module in library.modules.items()}
    return found | {("questionnaire", *key): each.hash for key, each in library.questionnaires.items()}


def _published_rows(folder: Path) -> Iterator[tuple[int, str]]:
    path = folder / PUBLISHED
    if path.exists():
        for number, row in enumerate(path.read_text("utf-8").splitlines(), 1):
            if row.strip() and not row.startswith("#"):
                yield number, row


def _published_lines_wrong(folder: Path) -> Iterator[Finding]:
    for number, row in _published_rows(folder):
        if len(row.split()) != 4 or row.split()[0] not in ("module", "questionnaire"):
            yield at(number, "published_line", PUBLISHED, line_text=row[:80])
