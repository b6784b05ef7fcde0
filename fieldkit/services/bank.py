"""Writing a module at the desk: its constructs, their items, and the indicators computed from them, each with a form.

A draft of a module is the text of a module file. As in `services.design`, each step reads it, changes one thing and
saves the new text with the revision it was read at. What cannot be read is refused with findings by part; what can be
read is saved, and lint shows what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from fieldkit.core.access import Actor, require
from fieldkit.core.design import gone
from fieldkit.core.draft import Draft
from fieldkit.core.instrument import Construct, Indicator, Module, Questionnaire, Section
from fieldkit.core.item import Item, without_companions
from fieldkit.core.lint import UNWRITTEN, Finding, lint_module
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.formats.instrument_yaml import dump_module, examine_module
from fieldkit.services import design, drafts
from fieldkit.services.design import flow
from fieldkit.services.reading_draft import Given, ReadDraft, known_items, take
from fieldkit.store import instruments
from fieldkit.store.engine import Session

Thing = TypeVar("Thing", Construct, Item, Indicator)


@dataclass(frozen=True)
class ModuleSheet(ReadDraft):
    """A draft of a module as the desk shows it; `module` is None when the text cannot be read."""

    module: Module | None

    @property
    def written(self) -> Module:
        """The module; Problem `instrument.broken` when it cannot be read."""
        if self.module is None:
            raise self.unreadable
        return self.module

    @property
    def as_questionnaire(self) -> design.Sheet:
        """The same draft as if its constructs were the sections of a questionnaire, for the item form and preview."""
        module = self.written
        sections = tuple(Section(c.id, c.title, c.items) for c in module.constructs)
        asked = Questionnaire(
            id=module.id,
            version=module.version,
            title=module.title,
            sections=sections,
            modules=MappingProxyType({}),
            languages=tuple(module.title) or ("zh",),
        )
        return design.Sheet(self.draft, self.findings, self.library, asked)


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a form: the draft as saved, or None with what is wrong at which part."""

    sheet: ModuleSheet | None
    findings: tuple[Finding, ...]


def sheet(session: Session, actor: Actor, draft_id: str) -> ModuleSheet:
    """A draft of a module with everything that its page shows; Problem `draft.unknown`."""
    require(actor, design.DESIGN)
    return _sheet(session, drafts.get(session, actor, draft_id))


def _sheet(session: Session, draft: Draft) -> ModuleSheet:
    library = instruments.library(session)
    examined = examine_module(draft.source, known_items(library))
    return ModuleSheet(draft, examined.findings, library, examined.instrument)


def begin(session: Session, actor: Actor, name: str, title: Text) -> Draft:
    """A new module with one construct and its first question, both still to be written; Problem `design.taken`."""
    require(actor, design.DESIGN)
    library = instruments.library(session)
    taken = {i for i, _ in library.modules} | {d.instrument for d in drafts.list_drafts(session, actor)}
    if name in taken:
        raise Problem("design.taken", where=name, name=name)
    item = Item(f"{name[:58]}_1", Text(zh=UNWRITTEN), "long_text")
    module = Module(name, "1.0.0", title, (Construct(f"{name[:58]}_c", title, UNWRITTEN, (item,)),))
    return drafts.create_draft(session, actor, "module", name, dump_module(module))


# ------------------------------------------------------------------------------------------------------- steps


def _construct(module: Module, name: str) -> Construct:
    found = next((c for c in module.constructs if c.id == name), None)
    if found is None:
        raise gone(name)
    return found


def _moved(things: Sequence[Thing], name: str, by: int) -> tuple[Thing, ...]:
    order = list(things)
    at = next((n for n, thing in enumerate(order) if thing.id == name), None)
    if at is None:
        raise gone(name)
    if 0 <= at + by < len(order):
        order.insert(at + by, order.pop(at))
    return tuple(order)


def _left(things: Sequence[Thing], name: str) -> tuple[Thing, ...]:
    kept = tuple(thing for thing in things if thing.id != name)
    if len(kept) == len(things):
        raise gone(name)
    return kept


def _with(module: Module, changed: Construct) -> Module:
    return replace(module, constructs=tuple(changed if c.id == changed.id else c for c in module.constructs))


def _home(module: Module, item: str) -> Construct:
    found = module.construct_of(item)
    if found is None:
        raise gone(item)
    return replace(found, items=without_companions(found.items))


def _move_construct(module: Module, given: Given, name: str, by: int) -> Module:
    return replace(module, constructs=_moved(module.constructs, name, by))


def _move_item(module: Module, given: Given, name: str, by: int) -> Module:
    home = _home(module, name)
    return _with(module, replace(home, items=_moved(home.items, name, by)))


def _move_indicator(module: Module, given: Given, name: str, by: int) -> Module:
    return replace(module, indicators=_moved(module.indicators, name, by))


def _drop_construct(module: Module, given: Given, name: str) -> Module:
    if len(module.constructs) == 1:
        raise gone(name)  # a module without a construct is no module: it is thrown away in its history
    return replace(module, constructs=_left(module.constructs, name))


def _drop_item(module: Module, given: Given, name: str) -> Module:
    home = _home(module, name)
    items = _left(home.items, name)
    return _with(module, replace(home, items=items)) if items else _drop_construct(module, given, home.id)


def _settings(module: Module, given: Given) -> Module:
    def words(part: str) -> Text:
        return Text({k.removeprefix(f"{part}."): v.strip() for k, v in given.items() if k.startswith(f"{part}.")})

    paper = {key: v.strip() for key in ("title", "authors", "source", "framework") if (v := given.get(f"paper.{key}"))}
    kept = {key: v for key, v in module.paper.items() if key not in ("title", "authors", "source", "framework")}
    return replace(module, title=words("title") or module.title, paper=MappingProxyType({**kept, **paper}))


# What a button says, and who does it: (module, what the form sent, *words after the verb).
STEPS: Mapping[str, Callable[..., Module]] = MappingProxyType(
    {
        "construct_up": lambda module, given, name: _move_construct(module, given, name, -1),
        "construct_down": lambda module, given, name: _move_construct(module, given, name, 1),
        "drop_construct": _drop_construct,
        "up": lambda module, given, name: _move_item(module, given, name, -1),
        "down": lambda module, given, name: _move_item(module, given, name, 1),
        "drop": _drop_item,
        "indicator_up": lambda module, given, name: _move_indicator(module, given, name, -1),
        "indicator_down": lambda module, given, name: _move_indicator(module, given, name, 1),
        "drop_indicator": lambda module, given, name: replace(module, indicators=_left(module.indicators, name)),
        "module": _settings,
    }
)


def step(session: Session, actor: Actor, draft_id: str, revision: int, words: str, given: Given) -> ModuleSheet:
    """Take one step, such as 'up bur_af1', and save; Problems `draft.stale`, `design.gone`."""
    before = _fresh(session, actor, draft_id, revision)
    return _saved(session, actor, before, take(STEPS, words, before.written, given))


def _fresh(session: Session, actor: Actor, draft_id: str, revision: int) -> ModuleSheet:
    """The draft, if nobody saved since this revision; else Problem `draft.stale`."""
    found = sheet(session, actor, draft_id)
    found.at(revision)
    return found


def _saved(session: Session, actor: Actor, before: ModuleSheet, changed: Module) -> ModuleSheet:
    draft = before.draft
    return _sheet(session, drafts.save(session, actor, draft.id, dump_module(changed), draft.revision))


# ------------------------------------------------------------------------------------------------- the forms


def write_construct(
    session: Session,
    actor: Actor,
    draft_id: str,
    revision: int,
    block: Mapping[str, object],
    first: Text,
    instead_of: str = "",
) -> Written:
    """Add a construct with its first question, given as its block in a file, or reword an earlier one."""
    before = _fresh(session, actor, draft_id, revision)
    module = before.written
    earlier = _construct(module, instead_of) if instead_of else None
    name = str(block.get("id", ""))[:58]
    taken = {*before.written.items, *known_items(before.library)}
    question = next(q for n in range(1, len(taken) + 2) if (q := f"{name}_{n}") not in taken)
    started = {"id": question, "text": {"zh": "-"} if earlier else dict(first), "type": "long_text"}
    head = dump_module(replace(module, constructs=(), indicators=()))
    examined = examine_module(f"{head}constructs:\n  - {flow({**block, 'items': [started]})}\n")
    found = examined.instrument.constructs[0] if examined.instrument and examined.instrument.constructs else None
    about = ("item", question)
    findings = tuple(
        replace(f, part="first") if (f.block, f.where) == about else f
        for f in examined.findings
        if f.severity == "error" and not (earlier and (f.block, f.where) == about)
    )
    if found and found.id != instead_of and any(c.id == found.id for c in module.constructs):
        facts = {"where": found.id, "times": 2}
        findings = (*findings, Finding("double_construct", found.id, "id", block="construct", facts=facts))
    if found is None or findings:
        return Written(None, findings)
    if earlier:
        found = replace(found, items=without_companions(earlier.items))
        constructs = tuple(found if c.id == instead_of else c for c in module.constructs)
    else:
        constructs = (*module.constructs, found)
    return Written(_saved(session, actor, before, replace(module, constructs=constructs)), ())


def write_item(
    session: Session,
    actor: Actor,
    draft_id: str,
    revision: int,
    block: Mapping[str, object],
    *,
    construct: str = "",
    instead_of: str = "",
) -> Written:
    """Add an item to a construct, given as its block in a file, or put it in the place of an earlier one."""
    before = _fresh(session, actor, draft_id, revision)
    module = before.written
    item, findings = design.read_item(block)
    others = {i for (m, _), held in before.library.modules.items() if m != module.id for i in held.items}
    if item and item.id != instead_of and item.id in {*module.items, *others}:
        facts = {"where": item.id, "times": 2}
        findings = (*findings, Finding("double_item", item.id, "id", block="item", facts=facts))
    if item is None or findings:
        return Written(None, findings)
    if instead_of:
        home = _home(module, instead_of)
        home = replace(home, items=tuple(item if i.id == instead_of else i for i in home.items))
    else:
        home = _construct(module, construct)
        home = replace(home, items=(*without_companions(home.items), item))
    return Written(_saved(session, actor, before, _with(module, home)), ())


def write_indicator(
    session: Session, actor: Actor, draft_id: str, revision: int, block: Mapping[str, object], instead_of: str = ""
) -> Written:
    """Add an indicator, given as its block in a file, or put it in the place of an earlier one."""
    before = _fresh(session, actor, draft_id, revision)
    module = before.written
    found, findings = read_indicator(before, block, instead_of)
    if found is None or any(f.part in ("id", "kind", "estimate", "title") for f in findings if f.severity == "error"):
        return Written(None, findings)
    if instead_of:
        indicators = tuple(found if i.id == instead_of else i for i in module.indicators)
    else:
        indicators = (*module.indicators, found)
    return Written(_saved(session, actor, before, replace(module, indicators=indicators)), ())


def read_indicator(
    sheet: ModuleSheet, block: Mapping[str, object], instead_of: str = ""
) -> tuple[Indicator | None, tuple[Finding, ...]]:
    """An indicator from its block as the module's file would have it, and everything that is wrong with it there."""
    module = sheet.written
    place = next((n for n, i in enumerate(module.indicators) if i.id == instead_of), len(module.indicators))
    if instead_of and place == len(module.indicators):
        raise gone(instead_of)
    earlier = module.indicators[:place]
    text = dump_module(replace(module, indicators=earlier))
    line = text.count("\n") + (1 if earlier else 2)
    text += f"  - {flow(block)}\n" if earlier else f"indicators:\n  - {flow(block)}\n"
    examined = examine_module(text, known_items(sheet.library))
    findings = tuple(f for f in examined.findings if f.line >= line)
    if examined.instrument is None or len(examined.instrument.indicators) != len(earlier) + 1:
        return None, findings
    found = examined.instrument.indicators[-1]
    if found.id != instead_of and any(i.id == found.id for i in module.indicators):
        facts = {"where": found.id, "times": 2}
        findings = (*findings, Finding("double_indicator", found.id, "id", block="indicator", facts=facts))
    return found, findings


def check(sheet: ModuleSheet, where: str, part: str, source: str, construct: str = "") -> tuple[Finding, ...]:
    """What would be wrong with this condition at this item, while it is being typed."""
    if part not in design.EXPRESSION_PARTS or len(source) > 10_000 or not source.strip():
        return ()
    trial = design.with_condition(sheet.as_questionnaire.asked, where, part, source, construct)
    constructs = tuple(
        replace(c, items=s.items) for c, s in zip(sheet.written.constructs, trial.sections, strict=True)
    )
    linted = lint_module(replace(sheet.written, constructs=constructs), known_items(sheet.library))
    return tuple(f for f in linted if (f.block, f.where, f.part) == ("item", where, part))

