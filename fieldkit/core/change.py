"""What changed between two versions of a module or questionnaire, and what that means for the answers.

`compare` puts them side by side item by item and classifies every difference: same, wording fix, compatible,
breaking (codebook 0.9). Some only a researcher can judge: is it still the same question. `decided` takes these
answers in. What is breaking under an unchanged id is refused at publication: the item needs a new id.
`comparable` says from the same facts whether an indicator of two versions may share a line or a column.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from fieldkit.core.differences import VERDICTS, Difference, Placed, differences
from fieldkit.core.instrument import (
    BIPOLAR_SECONDS,
    SECONDS,
    Construct,
    Indicator,
    Module,
    Questionnaire,
    Section,
    version_key,
)
from fieldkit.core.item import Item
from fieldkit.core.text import NOTHING, Text

AVERAGED = ("scale", "mean", "index")  # kinds of indicators that average codes
WORDS, SETTING = "wording_fix", "compatible"


@dataclass(frozen=True, slots=True)
class ItemChange:
    """All that changed about one item. `before` is None for a new item, `after` for one that is gone."""

    item: str
    differences: tuple[Difference, ...]
    before: Item | None = None
    after: Item | None = None
    same: bool | None = None  # what the researcher recorded

    @property
    def asks_identity(self) -> bool:
        """Whether a researcher has to say if it is still the same question."""
        return any(d.asks for d in self.differences) and not any(d.needs_new_id for d in self.differences)

    @property
    def needs_new_id(self) -> bool:
        """Whether it is another question under the old id, which is never published."""
        return any(d.needs_new_id for d in self.differences) or (self.asks_identity and self.same is False)

    @property
    def verdict(self) -> str:
        """The gravest of its differences."""
        return "breaking" if self.needs_new_id else worst(d.verdict for d in self.differences)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of its differences, each once."""
        return tuple(dict.fromkeys(d.reason for d in self.differences))


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that changed from one version to another.

    `items` are those that changed, in the order of the new version, the removed ones last; `others` are differences
    of the instrument itself and of its pages, constructs and indicators (`facts["where"]` names which).
    """

    kind: str  # module, questionnaire
    instrument: str
    old_version: str
    new_version: str
    items: tuple[ItemChange, ...] = ()
    others: tuple[Difference, ...] = ()

    @property
    def verdict(self) -> str:
        """same, wording_fix, compatible or breaking."""
        return worst((*(i.verdict for i in self.items), *(d.verdict for d in self.others)))

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of all differences, each once."""
        found = (*(r for i in self.items for r in i.reasons), *(d.reason for d in self.others))
        return tuple(dict.fromkeys(found))

    @property
    def proposed_version(self) -> str:
        """The next version number by codebook 0.9; the old one when nothing changed."""
        return next_version(self.old_version, self.verdict)

    @property
    def refused(self) -> tuple[ItemChange, ...]:
        """Items that are no longer the same question and still have the same id."""
        return tuple(i for i in self.items if i.needs_new_id)

    @property
    def open_questions(self) -> tuple[ItemChange, ...]:
        """Items for which a researcher has not yet said whether they are the same question."""
        return tuple(i for i in self.items if i.asks_identity and i.same is None)


@dataclass(frozen=True, slots=True)
class Row:
    """One difference as a reader meets it: with all items that changed in the very same way.

    `before` and `after` are the first of these items; both None for what is not about an item.
    """

    items: tuple[str, ...]
    difference: Difference
    verdict: str
    before: Item | None = None
    after: Item | None = None


@dataclass(frozen=True, slots=True)
class Comparable:
    """Whether numbers of two versions may be compared; if not, why, and because of which items. Usable as a truth."""

    reason: str = ""  # '' comparable; indicator, scoring, major, item, identity
    items: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not self.reason


def worst(verdicts: Iterator[str] | Sequence[str]) -> str:
    """The gravest verdict.

    >>> worst(["wording_fix", "compatible"])
    'compatible'
    """
    return max(verdicts, key=VERDICTS.index, default="same")


def next_version(version: str, verdict: str) -> str:
    """The number that follows.

    >>> next_version("1.2.3", "compatible"), next_version("1.2.3", "breaking")
    ('1.3.0', '2.0.0')
    """
    major, minor, patch = version_key(version)
    return {
        "same": version,
        "wording_fix": f"{major}.{minor}.{patch + 1}",
        "compatible": f"{major}.{minor + 1}.0",
        "breaking": f"{major + 1}.0.0",
    }[verdict]


def compare(old: Module | Questionnaire, new: Module | Questionnaire) -> Change:
    """Two versions of one instrument side by side.

    >>> from fieldkit.core.instrument import Questionnaire
    >>> empty = Questionnaire("q", "1.0.0", Text(zh="问卷"), (), {})
    >>> compare(empty, empty).verdict
    'same'
    """
    before, after = placed(old), placed(new)
    averaged = {i for each in (old, new) for n in each.indicators if n.kind in AVERAGED for i in n.items}
    changes: list[ItemChange] = []
    moved = _moved([i for i in before if i in after], [i for i in after if i in before])
    for name, now in after.items():
        was = before.get(name)
        if was is None:
            found: tuple[Difference, ...] = (
                Difference("added", SETTING, "id", NOTHING, now.item.text, facts={"seconds": _seconds(now.item)}),
            )
        else:
            found = differences(was, now, averaged=name in averaged)
            if was.page != now.page:
                found += (Difference("page", SETTING, "section", Text(zh=was.page), Text(zh=now.page)),)
            elif name in moved:
                found += (Difference("order", SETTING, "order"),)
        if found:
            changes.append(ItemChange(name, found, was.item if was else None, now.item))
    changes += [
        ItemChange(name, (Difference("removed", "breaking", "id", was.item.text, NOTHING),), was.item)
        for name, was in before.items()
        if name not in after
    ]
    kind = "module" if isinstance(new, Module) else "questionnaire"
    return Change(kind, new.id, old.version, new.version, tuple(changes), tuple(_others(old, new)))


def decided(change: Change, same: Mapping[str, bool]) -> Change:
    """The same change with what a researcher recorded: item id to whether it is still the same question."""
    items = tuple(replace(i, same=same.get(i.item, i.same)) if i.asks_identity else i for i in change.items)
    return replace(change, items=items)


def rows(change: Change) -> tuple[Row, ...]:
    """The differences one by one, the gravest first; items that changed alike share a row."""
    found: dict[tuple[object, ...], Row] = {}
    for each in change.items:
        for d in each.differences:
            verdict = each.verdict if d.asks else d.verdict
            key = (d.reason, d.part, verdict, d.old, d.new, tuple(d.facts.items()))
            known = found.get(key)
            items = (*known.items, each.item) if known else (each.item,)
            first = (known.before, known.after) if known else (each.before, each.after)
            found[key] = Row(items, d, verdict, *first)
    every = [*found.values(), *(Row((str(d.facts.get("where", "")),), d, d.verdict) for d in change.others)]
    return tuple(sorted(every, key=lambda row: -VERDICTS.index(row.verdict)))


def with_history(change: Change, new: Module | Questionnaire, earlier: Sequence[Module | Questionnaire]) -> Change:
    """The same change, refusing an id that an earlier version used for another question: ids are never reused."""
    now = placed(new)
    items = []
    for each in change.items:
        known = next((placed(e)[each.item] for e in earlier if each.before is None and each.item in e.items), None)
        if known and any(d.needs_new_id or d.asks for d in differences(known, now[each.item])):
            told = Difference("reused", "breaking", "id", known.item.text, now[each.item].item.text, needs_new_id=True)
            each = replace(each, differences=(told,))
        items.append(each)
    return replace(change, items=tuple(items))


def placed(instrument: Module | Questionnaire) -> Mapping[str, Placed]:
    """Every item with what is said above it and the conditions around it, in asking order."""
    stems = {i.id: c.stem for c in instrument.constructs for i in c.items}
    if isinstance(instrument, Module):
        return {
            i.id: Placed(i, c.id, c.stem, i.recall, (i.relevance,)) for c in instrument.constructs for i in c.items
        }
    found = {i.id: Placed(i, "", stems.get(i.id, NOTHING), i.recall, (i.relevance,)) for i in instrument.opening}
    for section in instrument.sections:
        for item in section.items:
            around = section.around(item.id)
            rows = [(section.id, section.repeat), *((g.id, g.repeat) for g in around)]
            found[item.id] = Placed(
                item,
                section.id,
                stems.get(item.id, NOTHING),
                item.recall or next((g.recall for g in reversed(around) if g.recall), section.recall),
                (section.relevance, *(g.relevance for g in around), item.relevance),
                tuple((name, repeat) for name, repeat in rows if repeat),
            )
    return found


def _seconds(item: Item) -> int:
    """How long an item takes, by the planning constants."""
    return BIPOLAR_SECONDS if item.type == "bipolar7" else SECONDS[item.kind.value]


def _moved(old: list[str], new: list[str]) -> set[str]:
    """The fewest items that changed place: all but a longest run that kept its order."""
    place = {name: at for at, name in enumerate(old)}
    best: list[list[str]] = []  # best[n]: a run of n + 1 whose last stands as early as possible
    for name in new:
        at = next((n for n, run in enumerate(best) if place[run[-1]] > place[name]), len(best))
        run = [*(best[at - 1] if at else []), name]
        best[at : at + 1] = [run]
    return set(new) - set(best[-1] if best else ())


# ----------------------------------------------------------------------------------- the instrument around its items

# What each part means where it stands; every field of these classes has a row, and a test says so.
INSTRUMENT: Mapping[str, str] = MappingProxyType(
    {
        "title": WORDS,
        "status": WORDS,
        "paper": WORDS,
        "introduction": SETTING,
        "consent": SETTING,
        "audience": SETTING,
        "languages": SETTING,
        "minutes": WORDS,
        "modules": WORDS,  # what a new pin changes is told item by item
    }
)
PAGE: Mapping[str, str] = MappingProxyType(
    {
        "title": WORDS,
        "introduction": WORDS,
        "definitions": SETTING,
        "random_order": SETTING,
        "matrix": SETTING,
        "inside": SETTING,
    }
)
CONSTRUCT: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("title", "definition", "level", "quotation", "section", "scoring", "note", "skip"), WORDS)
    | {"measurement": SETTING, "model": SETTING}
)
INDICATOR: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("title", "unit", "high_means", "print_name", "statement"), WORDS)
    | dict.fromkeys(("n_min", "sensitive", "decimals"), SETTING)
    | dict.fromkeys(("kind", "estimate", "items", "low", "high", "parameters", "options"), "breaking")
)


def _others(old: Module | Questionnaire, new: Module | Questionnaire) -> Iterator[Difference]:
    yield from _fields("instrument", new.id, INSTRUMENT, old, new)
    if isinstance(old, Questionnaire) and isinstance(new, Questionnaire):
        yield from _blocks("page", _named(old.sections), _named(new.sections), PAGE)
        yield from _blocks("group", _groups(old), _groups(new), PAGE)
        pages = [s.id for s in old.sections], [s.id for s in new.sections]
        common = [[p for p in side if p in set(pages[0]) & set(pages[1])] for side in pages]
        if common[0] != common[1]:
            yield _other("pages_order", SETTING, "sections", new.id)
    yield from _blocks("construct", _named(old.constructs), _named(new.constructs), CONSTRUCT)
    yield from _indicators(_named(old.indicators), _named(new.indicators))


def _groups(questionnaire: Questionnaire) -> dict[str, Any]:
    return {group.id: group for section in questionnaire.sections for group in section.groups}


def _named(blocks: Sequence[Construct] | Sequence[Indicator] | Sequence[Section]) -> dict[str, Any]:
    return {block.id: block for block in blocks}


def _blocks(
    block: str, old: Mapping[str, Any], new: Mapping[str, Any], parts: Mapping[str, str]
) -> Iterator[Difference]:
    """Blocks that came, went or changed; the items in them are told one by one elsewhere."""
    for name, now in new.items():
        if name not in old:
            yield _other(f"{block}_added", SETTING, block, name, NOTHING, now.title)
        else:
            yield from _fields(block, name, parts, old[name], now)
    for name, was in old.items():
        if name not in new:
            yield _other(f"{block}_removed", SETTING, block, name, was.title, NOTHING)


def _indicators(old: Mapping[str, Indicator], new: Mapping[str, Indicator]) -> Iterator[Difference]:
    for name, now in new.items():
        was = old.get(name)
        if was is None:
            yield _other("indicator_added", SETTING, "indicator", name, NOTHING, now.title)
            continue
        scored = [part for part, grave in INDICATOR.items() if grave == "breaking"]
        changed = [part for part in scored if getattr(was, part) != getattr(now, part)]
        if changed:
            yield _other(
                "scoring", "breaking", "indicator", name, was.title, now.title, parts=", ".join(changed)
            )
        rest = {part: verdict for part, verdict in INDICATOR.items() if part not in scored}
        yield from _fields("indicator", name, rest, was, now)
    for name, was in old.items():
        if name not in new:
            yield _other("indicator_removed", "breaking", "indicator", name, was.title, NOTHING)


def _fields(block: str, where: str, parts: Mapping[str, str], old: Any, new: Any) -> Iterator[Difference]:
    for part, verdict in parts.items():
        before, after = getattr(old, part, None), getattr(new, part, None)
        if before != after:
            yield _other(f"{block}_words" if verdict == WORDS else f"{block}_setting", verdict, part, where,
                         _words(before), _words(after))  # fmt: skip


def _words(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, Mapping):
        return Text(zh=", ".join(f"{name} {each}" for name, each in value.items()))
    if isinstance(value, tuple):
        return Text(zh=", ".join(str(each) for each in value))
    return NOTHING if value in (None, "") else Text(zh=f"{value:g}" if isinstance(value, float) else str(value))


def _other(
    reason: str, verdict: str, part: str, where: str, old: Text = NOTHING, new: Text = NOTHING, **facts: object
) -> Difference:
    return Difference(reason, verdict, part, old, new, facts={"where": where, "part": part, **facts})


# ------------------------------------------------------------------------------------------------ comparability


def comparable(
    indicator: str,
    before: Questionnaire | Module,
    after: Questionnaire | Module,
    *,
    identity: Mapping[str, bool] = MappingProxyType({}),
    home: Mapping[str, str] = MappingProxyType({}),
) -> Comparable:
    """Whether an indicator (or one item, by its id) means the same in two versions, in either order.

    It must be scored alike, from the same item ids; none of them may have changed in a way that gives answers
    another meaning; where only a researcher can say whether it is the same question, `identity` must say yes; and
    the versions that the items come from must share their MAJOR number (codebook 0.9). `home` names the module of
    an item; without it an item counts as the instrument's own. Two questionnaires with the same module items may be
    compared, whatever their own versions.
    """
    if version_key(before.version) > version_key(after.version):
        before, after = after, before
    found = [next((n for n in each.indicators if n.id == indicator), None) for each in (before, after)]
    was, now = found
    if was is None or now is None:
        names: Collection[str] = (indicator,)
        if was is not None or now is not None or not (indicator in before.items and indicator in after.items):
            return Comparable("indicator", (indicator,))
    else:
        if any(getattr(was, p) != getattr(now, p) for p, grave in INDICATOR.items() if grave == "breaking"):
            return Comparable("scoring", ())
        names = now.items
    missing = tuple(i for i in names if i not in before.items or i not in after.items)
    if missing:
        return Comparable("item", missing)
    majors = tuple(i for i in names if _major(before, home.get(i, "")) != _major(after, home.get(i, "")))
    if majors:
        return Comparable("major", majors)
    changed = {i.item: i for i in decided(compare(before, after), identity).items if i.item in names}
    other = tuple(name for name, change in changed.items() if change.needs_new_id)
    if other:
        return Comparable("item", other)
    unsaid = tuple(name for name, change in changed.items() if change.asks_identity and change.same is None)
    return Comparable("identity", unsaid) if unsaid else Comparable()


def _major(instrument: Questionnaire | Module, module: str) -> tuple[str, int]:
    """Where an item comes from, with the MAJOR number that its meaning rests on."""
    pins = instrument.modules if isinstance(instrument, Questionnaire) else {}
    if module and module in pins:
        return module, version_key(pins[module])[0]
    return instrument.id, version_key(instrument.version)[0]


def identity_over(steps: Sequence[Mapping[str, bool]]) -> dict[str, bool]:
    """What was recorded version by version as one answer per item: the same question only if it always was.

    >>> identity_over([{"a": True, "b": True}, {"b": False}])
    {'a': True, 'b': False}
    """
    found: dict[str, bool] = {}
    for step in steps:
        for item, same in step.items():
            found[item] = found.get(item, True) and same
    return found
