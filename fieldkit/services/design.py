"""Composing questionnaires at the desk: what there is, a draft as it stands, one step, the live check, files.

A draft is the text of a questionnaire file. Each step reads it, changes one thing (`core.design`) and saves the new
text with the revision it was read at: when somebody else saved meanwhile, `services.drafts` refuses and nothing is
overwritten. Items of one's own stand in the questionnaire's own file, so that a draft is one text.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from fieldkit.core import design, grouping
from fieldkit.core.access import Actor, require
from fieldkit.core.change import compare
from fieldkit.core.draft import Draft, Release, Revision
from fieldkit.core.expression import FUNCTIONS
from fieldkit.core.instrument import Library, Module, Questionnaire, Section, planned_seconds, questions_in, version_key
from fieldkit.core.instrument_file import AUDIENCES
from fieldkit.core.item import REQUIRED, Check, Item
from fieldkit.core.lint import Finding, lint_questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.formats.instrument_yaml import (
    dump_module,
    dump_questionnaire,
    examine_module,
    examine_questionnaire,
)
from fieldkit.services import drafts, publish
from fieldkit.services.change_lines import ChangeLine, change_lines
from fieldkit.services.reading_draft import Given, ReadDraft, known_items, take
from fieldkit.store import instruments
from fieldkit.store.engine import Session
from fieldkit.translations import FOLDERS, say

LIMIT_MB = 10  # a file that is brought in
SHEETS = (".xlsx", ".xlsm", ".xls", ".csv", ".md")
KINDS = ("questionnaire", "module")
DESIGN = "instrument.design"
MOST_COMPARED = 5000  # lines of a file after the first that differs
MOST_ROWS = 20  # of a repeat whose author gave no limit
MOST_STEPS = 200  # that one page may send at once
EXPRESSION_PARTS = ("relevance", "constraint", "warning", "calculation", "choice_filter")

Instrument = Module | Questionnaire


# ---------------------------------------------------------------------------------------------- what there is


@dataclass(frozen=True, slots=True)
class Published:
    """One instrument with all its published versions, the newest first."""

    newest: Instrument
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list; `instrument` is None when its text cannot be read at present."""

    draft: Draft
    instrument: Instrument | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything at hand: questionnaires, modules, drafts."""

    questionnaires: tuple[Published, ...]
    modules: tuple[Published, ...]
    drafts: tuple[DraftLine, ...]


def shelf(session: Session, actor: Actor) -> Shelf:
    """All published instruments and all drafts, those changed last first."""
    require(actor, DESIGN)
    library = instruments.library(session)
    lines = tuple(DraftLine(d, _examined(d, library)[0]) for d in drafts.list_drafts(session, actor))
    return Shelf(_newest(library.questionnaires), _newest(library.modules), lines)


def _newest(shelf: Mapping[tuple[str, str], Any]) -> tuple[Published, ...]:
    versions: dict[str, list[str]] = {}
    for name, version in shelf:
        versions.setdefault(name, []).append(version)
    found = []
    for name in sorted(versions):
        ordered = sorted(versions[name], key=version_key, reverse=True)
        found.append(Published(shelf[name, ordered[0]], tuple(ordered)))
    return tuple(found)


def published(session: Session, actor: Actor, kind: str, name: str, version: str) -> Instrument:
    """One published version; Problem `instrument.unknown`."""
    require(actor, DESIGN)
    if kind == "module":
        return instruments.module(session, name, version)
    return instruments.get(session, name, version)


def published_page(
    session: Session, actor: Actor, kind: str, name: str, version: str
) -> tuple[Instrument, tuple[str, ...], Release | None]:
    """One published version, all versions there are of it (the newest first), and who published it at the desk.

    What came with the library was published by nobody in particular. Problem `instrument.unknown`.
    """
    found = published(session, actor, kind, name, version)
    library = instruments.library(session)
    held = library.modules if kind == "module" else library.questionnaires
    release = next((r for r in publish.list_releases(session, actor, kind, name) if r.version == version), None)
    return found, tuple(sorted((v for i, v in held if i == name), key=version_key, reverse=True)), release


def yaml_of(session: Session, actor: Actor, instrument: Instrument) -> str:
    """A published instrument as the file that says the same."""
    require(actor, DESIGN)
    if isinstance(instrument, Module):
        return dump_module(instrument)
    return dump_questionnaire(instrument, instruments.library(session))


# ---------------------------------------------------------------------------------------- a draft as it stands


@dataclass(frozen=True)
class Sheet(ReadDraft):
    """A draft of a questionnaire as the designer shows it.

    `questionnaire` is None when the text cannot be read; `findings` then say why, each with its line.
    """

    questionnaire: Questionnaire | None

    @cached_property
    def bank(self) -> tuple[Module, ...]:
        """The modules to choose from."""
        return design.shelf(self.library, self.questionnaire)

    @cached_property
    def banked(self) -> Mapping[str, tuple[Module, Item]]:
        """Every item of the bank with its module."""
        return MappingProxyType({i.id: (m, i) for m in self.bank for i in m.items.values()})

    @property
    def asked(self) -> Questionnaire:
        """The questionnaire; Problem `instrument.broken` when it cannot be read."""
        if self.questionnaire is None:
            raise self.unreadable
        return self.questionnaire

    @property
    def minutes(self) -> float:
        """The planned time of somebody who is asked everything."""
        return planned_seconds(self.asked) / 60

    def section_minutes(self, section: Section) -> float:
        """The planned time of one section."""
        return design.section_seconds(self.asked, section) / 60

    @property
    def count(self) -> int:
        """How many questions a person is asked, consent and county not counted."""
        return questions_in(self.asked)

    def own(self, item: Item) -> bool:
        """Whether the item is the questionnaire's own, not of the bank."""
        return item.id not in self.banked


def sheet(session: Session, actor: Actor, draft_id: str) -> Sheet:
    """A draft with everything that the designer shows; Problem `draft.unknown`."""
    require(actor, DESIGN)
    return _sheet(session, drafts.get(session, actor, draft_id))


def _sheet(session: Session, draft: Draft) -> Sheet:
    library = instruments.library(session)
    found, findings = _examined(draft, library)
    return Sheet(draft, findings, library, found if isinstance(found, Questionnaire) else None)


def _examined(draft: Draft, library: Library) -> tuple[Instrument | None, tuple[Finding, ...]]:
    if draft.kind == "module":
        module = examine_module(draft.source, known_items(library))
        return module.instrument, module.findings
    questionnaire = examine_questionnaire(draft.source, library)
    return questionnaire.instrument, questionnaire.findings


def history(session: Session, actor: Actor, draft_id: str) -> list[Revision]:
    """Who saved the draft and when, newest first."""
    require(actor, DESIGN)
    return drafts.history(session, actor, draft_id)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two saved states of a draft side by side.

    `lines` say what differs item by item, in words; they are empty where one of the two cannot be read, or where only
    the writing of the file differs. `text` is what differs in the file itself: (' ', '-' or '+', line), '@' between
    places that lie apart; None where there is too much to show.
    """

    before: Revision
    after: Revision
    lines: tuple[ChangeLine, ...]
    text: tuple[tuple[str, str], ...] | None


def compared(
    session: Session, actor: Actor, draft_id: str, first: int, second: int | None = None, language: str = "zh"
) -> Compared:
    """What changed from one saved state to another, or to the newest; Problem `design.gone` for one never saved."""
    states = {state.revision: state for state in history(session, actor, draft_id)}
    second = max(states) if second is None else second
    for wanted in (first, second):
        if wanted not in states:
            raise design.gone(str(wanted))
    before, after = states[first], states[second]
    draft, library = drafts.get(session, actor, draft_id), instruments.library(session)
    old, new = (_examined(replace(draft, source=state.source), library)[0] for state in (before, after))
    lines: tuple[ChangeLine, ...] = ()
    if old is not None and new is not None:
        lines = tuple(change_lines(compare(old, new), old, new, language))
    return Compared(before, after, lines, _text_difference(before.source, after.source))


def _text_difference(old: str, new: str) -> tuple[tuple[str, str], ...] | None:
    was, now = old.splitlines(), new.splitlines()
    same = next((n for n, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
    if max(len(was), len(now)) - same > MOST_COMPARED:
        return None
    start = max(0, same - 3)
    found = list(difflib.unified_diff(was[start:], now[start:], n=2, lineterm=""))[2:]
    return tuple((line[0], line[1:] if line[0] != "@" else "") for line in found)


# ------------------------------------------------------------------------------------------- making a draft


def begin(session: Session, actor: Actor, name: str, title: Text) -> Draft:
    """An empty questionnaire that begins with consent and county; Problem `design.taken`."""
    require(actor, DESIGN)
    library = instruments.library(session)
    _free(session, actor, library, name)
    core = library.module(design.CORE) if any(i == design.CORE for i, _ in library.modules) else None
    source = dump_questionnaire(design.blank(name, title, core), library)
    return drafts.create_draft(session, actor, "questionnaire", name, source)


def begin_from(session: Session, actor: Actor, kind: str, name: str, version: str) -> Draft:
    """A draft of the next version of a published instrument."""
    instrument = replace(published(session, actor, kind, name, version), version=design.next_version(version))
    source = yaml_of(session, actor, instrument)
    return drafts.create_draft(session, actor, kind, name, source, version)


def _free(session: Session, actor: Actor, library: Library, name: str) -> None:
    taken = {i for i, _ in library.questionnaires} | {d.instrument for d in drafts.list_drafts(session, actor)}
    if name in taken:
        raise Problem("design.taken", where=name, name=name)


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of a file: a draft, or None with the findings that stood in the way; warnings come with a draft.

    `module` is a second draft: the constructs that a workbook declares, with their definitions.
    """

    draft: Draft | None
    findings: tuple[Finding, ...]
    module: Draft | None = None


def bring_in(session: Session, actor: Actor, filename: str, body: bytes) -> Brought:
    """A draft from a questionnaire or module as YAML, or from an XLSForm; with errors, nothing is kept.

    Problem `design.wrong_file` for any other file, `design.too_large` above 10 MB.
    """
    require(actor, DESIGN)
    if len(body) > LIMIT_MB * 1024 * 1024:
        raise Problem("design.too_large", where=filename, limit_mb=LIMIT_MB)
    ending = PurePath(filename).suffix.lower()
    library = instruments.library(session)
    if ending in SHEETS:
        return _from_sheet(session, actor, library, filename, body)
    if ending not in (".yaml", ".yml"):
        raise Problem("design.wrong_file", where=filename, name=filename)
    try:
        source = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Brought(None, (Finding("not_utf8", file=filename, line=1, facts={"position": error.start}),))
    kind = "module" if re.search(r"^constructs:", source, re.M) else "questionnaire"
    found: Instrument | None
    if kind == "module":
        module = examine_module(source, known_items(library))
        found, findings = module.instrument, module.findings
    else:
        questionnaire = examine_questionnaire(source, library)
        found, findings = questionnaire.instrument, questionnaire.findings
    findings = tuple(replace(f, file=f.file or filename) for f in findings)
    if found is None or any(f.severity == "error" for f in findings):
        return Brought(None, findings)
    return Brought(drafts.create_draft(session, actor, kind, found.id, source, _base(library, found)), findings)


def _from_sheet(session: Session, actor: Actor, library: Library, filename: str, body: bytes) -> Brought:
    from fieldkit.formats.xlsform import read_xlsform

    try:
        imported = read_xlsform(body, filename)
    except Problem as problem:
        if problem.code != "instrument.broken":
            raise
        return Brought(None, tuple(f for f in problem.findings if isinstance(f, Finding)))
    found = imported.questionnaire
    pins = {name: version for name, version in found.modules.items() if (name, version) in library.modules}
    source = dump_questionnaire(replace(found, modules=MappingProxyType(pins), constructs=()), library)
    draft = drafts.create_draft(session, actor, "questionnaire", found.id, source, _base(library, found))
    module = None
    if imported.module:
        text = dump_module(imported.module)
        module = drafts.create_draft(session, actor, "module", found.id, text, _base(library, imported.module))
    return Brought(draft, tuple(imported.findings), module)


def _base(library: Library, instrument: Instrument) -> str:
    """The newest published version of the same instrument, '' when there is none."""
    held = library.modules if isinstance(instrument, Module) else library.questionnaires
    return max((v for i, v in held if i == instrument.id), key=version_key, default="")


def sheet_file(questionnaire: Questionnaire) -> bytes:
    """The questionnaire as an XLSForm workbook."""
    from fieldkit.formats.xlsform import write_xlsform

    return write_xlsform(questionnaire)


# ----------------------------------------------------------------------------------------------------- steps


def _words(given: Given, name: str) -> Text:
    """What a form says in each language: fields name.zh, name.en …"""
    start = f"{name}."
    return Text({k.removeprefix(start): v.strip() for k, v in given.items() if k.startswith(start)})


def _add(sheet: Sheet, given: Given, module: str, construct: str, *items: str) -> Questionnaire:
    found = next((m for m in sheet.bank if m.id == module), None)
    concept = next((c for c in found.constructs if c.id == construct), None) if found else None
    if found is None or concept is None:
        raise design.gone(construct)
    wanted = items or [item.id for item in concept.items]
    return design.add(sheet.asked, found, concept, wanted, given.get("into", ""))


def _drop_construct(sheet: Sheet, given: Given, module: str, construct: str) -> Questionnaire:
    found = next((m for m in sheet.bank if m.id == module), None)
    concept = next((c for c in found.constructs if c.id == construct), None) if found else None
    if concept is None:
        raise design.gone(construct)
    return design.drop(sheet.asked, [item.id for item in concept.items])


def _drop(sheet: Sheet, given: Given, *items: str) -> Questionnaire:
    for item in items:
        if item not in sheet.asked.items:
            raise design.gone(item)
    return design.drop(sheet.asked, items)


def _place(sheet: Sheet, given: Given, item: str, section: str, place: str) -> Questionnaire:
    return design.put_at(sheet.asked, item, section, int(place) if place.isdecimal() and len(place) < 10 else 0)


def _add_section(sheet: Sheet, given: Given) -> Questionnaire:
    return design.add_section(sheet.asked, _words(given, "title"))


def _change_section(sheet: Sheet, given: Given, section: str) -> Questionnaire:
    return design.change_section(
        sheet.asked,
        section,
        title=_words(given, "title"),
        introduction=_words(given, "introduction"),
        recall=_words(given, "recall"),
        relevance=given.get("relevance", "").strip(),
    )


def _change_way(sheet: Sheet, given: Given, item: str) -> Questionnaire:
    required = given.get("required", "no")
    return design.change_way(
        sheet.asked,
        item,
        relevance=given.get("relevance", "").strip(),
        required=required if required in REQUIRED else "no",
    )


def _group(sheet: Sheet, given: Given, item: str) -> Questionnaire:
    """To the group that the form names, out of its group ('out'), or into a new group of its own ('new')."""
    target = given.get("group", "")
    if target == "out":
        return grouping.leave(sheet.asked, item)
    if target == "new":
        return grouping.make(sheet.asked, item, Text({code: say("designer.group", code) for code in FOLDERS}))[0]
    return grouping.join(sheet.asked, item, target)


def _change_group(sheet: Sheet, given: Given, group: str) -> Questionnaire:
    low, high = (given.get(f"rows.{end}", "").strip() for end in ("low", "high"))
    least = int(low) if low.isdecimal() and len(low) < 4 else 0
    most = int(high) if high.isdecimal() and len(high) < 4 else MOST_ROWS
    return grouping.change(
        sheet.asked,
        group,
        title=_words(given, "title"),
        introduction=_words(given, "introduction"),
        recall=_words(given, "recall"),
        relevance=given.get("relevance", "").strip(),
        repeat=(least, max(least, most, 1)) if given.get("kind") == "repeat" else None,
        matrix=given.get("kind") == "matrix",
        random_order=given.get("random_order") == "1",
        members=given.get("members", "").split(),
        inside=given.get("inside"),
    )


def _settings(sheet: Sheet, given: Given) -> Questionnaire:
    minutes = given.get("minutes", "").strip()
    languages = tuple(dict.fromkeys(re.findall(r"[a-z]{2,3}(?:_[A-Z]{2})?", given.get("languages", ""))))
    return replace(
        sheet.asked,
        title=_words(given, "title") or sheet.asked.title,
        minutes=float(minutes) if re.fullmatch(r"\d{1,3}(\.\d)?", minutes) else sheet.asked.minutes,
        languages=languages or sheet.asked.languages,
        audience=audience if (audience := given.get("audience", "")) in AUDIENCES else sheet.asked.audience,
    )


# What a button of the designer says, and who does it: (sheet, what the form sent, *words after the verb).
STEPS: Mapping[str, Callable[..., Questionnaire]] = MappingProxyType(
    {
        "add": _add,
        "drop_construct": _drop_construct,
        "drop": _drop,
        "up": lambda sheet, given, item: design.move(sheet.asked, item, -1),
        "down": lambda sheet, given, item: design.move(sheet.asked, item, 1),
        "place": _place,
        "add_section": _add_section,
        "change_section": _change_section,
        "section_up": lambda sheet, given, section: design.move_section(sheet.asked, section, -1),
        "section_down": lambda sheet, given, section: design.move_section(sheet.asked, section, 1),
        "drop_section": lambda sheet, given, section: design.drop_section(sheet.asked, section),
        "change_way": _change_way,
        "group": _group,
        "change_group": _change_group,
        "group_up": lambda sheet, given, group: grouping.shift(sheet.asked, group, -1),
        "group_down": lambda sheet, given, group: grouping.shift(sheet.asked, group, 1),
        "drop_group": lambda sheet, given, group: grouping.dissolve(sheet.asked, group),
        "join": lambda sheet, given, item, group: grouping.join(sheet.asked, item, group),
        "settings": _settings,
    }
)


def step(
    session: Session, actor: Actor, draft_id: str, revision: int, words: str | Sequence[str], given: Given
) -> Sheet:
    """Take one step, such as 'up bur_af1', or several one after the other, and save once; the draft as it is then.

    Problem `draft.stale` when somebody saved since this revision, `design.gone` when what a step is about is gone;
    nothing is saved then, not even the steps before it.
    """
    before = sheet(session, actor, draft_id)
    before.at(revision)  # said even where the step could not be taken any more
    plain = replace(before, questionnaire=design.own_words(before.asked, before.library))
    for line in ([words] if isinstance(words, str) else words)[:MOST_STEPS]:
        plain = replace(plain, questionnaire=take(STEPS, line, plain, given))
    return _saved(session, actor, before, plain.asked, revision)


def _saved(session: Session, actor: Actor, before: Sheet, changed: Questionnaire, revision: int) -> Sheet:
    changed = design.unpinned(changed, before.library)
    source = dump_questionnaire(changed, before.library)
    return _sheet(session, drafts.save(session, actor, before.draft.id, source, revision))


def save_source(session: Session, actor: Actor, draft_id: str, source: str, revision: int) -> Draft:
    """Save the draft's text as somebody wrote it, readable or not."""
    require(actor, DESIGN)
    return drafts.save(session, actor, draft_id, source.replace("\r\n", "\n"), revision)


def delete(session: Session, actor: Actor, draft_id: str, revision: int) -> None:
    """Throw a draft away; what was published from it stays. Problem `draft.stale` when somebody saved meanwhile."""
    require(actor, DESIGN)
    drafts.delete(session, actor, draft_id, revision)


# ------------------------------------------------------------------------------------------ items of one's own


@dataclass(frozen=True, slots=True)
class Written:
    """What came of the item form: the draft as saved, or None with what is wrong at which part."""

    sheet: Sheet | None
    findings: tuple[Finding, ...]


def write_item(
    session: Session,
    actor: Actor,
    draft_id: str,
    revision: int,
    block: Mapping[str, object],
    *,
    section: str = "",
    instead_of: str = "",
) -> Written:
    """Add an item of one's own, given as its block in a file, or put it in the place of an earlier one.

    What cannot be read is refused with findings by part; what can be read is saved, and lint shows what is wrong.
    """
    before = sheet(session, actor, draft_id)
    before.at(revision)
    item, findings = read_item(block)
    if item and item.id != instead_of and (item.id in before.asked.items or item.id in known_items(before.library)):
        facts = {"where": item.id, "times": 2}
        findings = (*findings, Finding("double_item", item.id, "id", block="item", facts=facts))
    if item is None or findings:
        return Written(None, findings)
    changed = design.put_item(design.own_words(before.asked, before.library), item, section, instead_of)
    return Written(_saved(session, actor, before, changed, revision), ())


def read_item(block: Mapping[str, object]) -> tuple[Item | None, tuple[Finding, ...]]:
    """An item from its block as a file would have it, and what cannot be read in it."""
    name = {"zh": "item"}
    file = {"id": "one_item", "version": "1.0.0", "title": name, "audience": "researcher", "sections": [
        {"id": "here", "title": name, "items": [block]}
    ]}  # fmt: skip
    examined = examine_questionnaire(flow(file), Library({}, {}))
    if examined.instrument is None:
        return None, examined.findings
    return examined.instrument.sections[0].items[0], ()


def flow(value: object) -> str:
    """YAML on one line; codes of options stay numbers."""
    if isinstance(value, Mapping):
        entries = (f"{k if isinstance(k, int) else json.dumps(str(k))}: {flow(v)}" for k, v in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


# ---------------------------------------------------------------------------------------------- the live check


def check(sheet: Sheet, block: str, where: str, part: str, source: str, section: str = "") -> tuple[Finding, ...]:
    """What would be wrong with this condition at this item or section, while it is being typed."""
    if part not in EXPRESSION_PARTS or len(source) > 10_000:
        return ()
    questionnaire = design.own_words(sheet.asked, sheet.library)
    if not source.strip():
        return ()
    if block in ("section", "group"):
        sections = tuple(
            replace(
                s,
                relevance=source if (block, where) == ("section", s.id) else s.relevance,
                groups=tuple(
                    replace(g, relevance=source) if (block, where) == ("group", g.id) else g for g in s.groups
                ),
            )
            for s in questionnaire.sections
        )
        trial = replace(questionnaire, sections=sections)
    else:
        trial = with_condition(questionnaire, where, part, source, section)
    return tuple(f for f in lint_questionnaire(trial) if (f.block, f.where, f.part) == (block, where, part))


def with_condition(
    questionnaire: Questionnaire, where: str, part: str, source: str, section: str
) -> Questionnaire:
    """The questionnaire with this condition at this item; an item that is not there yet stands at a section's end."""
    checked = part in ("constraint", "warning")
    changes: dict[str, Any] = {part: Check(source, Text(zh="-", en="-")) if checked else source}
    sections = tuple(
        replace(s, items=tuple(replace(i, **changes) if i.id == where else i for i in s.items))
        for s in questionnaire.sections
    )
    if where not in questionnaire.items:  # a new item: it will stand at the end of its section
        new = replace(Item(where, Text(zh="-"), "note"), **changes)
        known = section if any(s.id == section for s in sections) else sections[-1].id if sections else ""
        sections = tuple(replace(s, items=(*s.items, new)) if s.id == known else s for s in sections)
    return replace(questionnaire, sections=sections)


def completions(questionnaire: Questionnaire, language: str) -> dict[str, Sequence[Sequence[str]]]:
    """What can be completed in a condition: items with their words (in asking order), and functions."""
    items = [
        (
            i.id,
            i.label.say(language) or i.text.say(language),
            " ".join(f"{o.code}={o.text.say(language)}" for o in i.options[:12]),
        )
        for i in questionnaire
        if i.kind.value != "none" and not i.source
    ]
    return {"items": items, "functions": [(name,) for name in sorted(FUNCTIONS)]}
