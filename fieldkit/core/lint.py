"""What is wrong with an instrument before anybody is asked: broken conditions, missing wording, scores without items.

`lint_module` and `lint_questionnaire` look at finished objects and return findings; they never raise. An error keeps
an instrument from being used, a warning is almost certainly a mistake, advice is for the researcher to weigh. The words
of each finding stand in translations/*/lint.yaml (those of broken expressions in translations/*/expression.yaml).
`reach` tries whether conditions can hold at all, `likeness` finds a question that the bank has already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from fieldkit.core.expression import Expression, ExpressionError, Tree, parse
from fieldkit.core.instrument import (
    ANY_KIND_MAY,
    INDICATOR_KINDS,
    Construct,
    Indicator,
    Module,
    Questionnaire,
    Section,
    planned_seconds,
    questions_in,
)
from fieldkit.core.item import Item, Option
from fieldkit.core.likeness import Bank
from fieldkit.core.lint_types import shape
from fieldkit.core.point import COARSE
from fieldkit.core.reach import NEVER, UNLIKELY, Asked, Search
from fieldkit.core.text import NOTHING, Text

UNWRITTEN = "……"  # stands where somebody has still to write
QUOTATION_LIMIT = 25  # characters of a paper that may be quoted
AVERAGED = ("scale", "mean", "index")  # kinds that average items on one set of options
LONG_MINUTES, TOO_LONG_MINUTES = 10, 15  # for cadres: answers get worse after ten minutes, and many leave after fifteen
UNSTEADY = frozenset({"random", "uuid"})  # another value each time; once() keeps the first
# What the items behind an indicator of each kind must store; kinds that are not here compute from other indicators.
STORES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "scale": ("code",),
        "mean": ("code",),
        "index": ("code",),
        "value": ("number", "code", "computed"),
        "sum": ("number", "code", "computed"),
        "formula": ("number", "code", "codes", "computed"),
        "share": ("code",),
        "categories": ("code",),
        "count_codes": ("codes",),
        "options": ("codes",),
        "ratio": ("number", "computed"),
    }
)
CODED = ("share", "categories", "options")  # kinds whose classes are the options of their one item
# How a county's value can come about from values of each kind; kinds that are not here give any number.
ESTIMATED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "share": ("share",),
        "ratio": ("ratio",),
        "categories": ("categories",),
        "options": ("categories",),
        "negotiating_room": ("mean", "median", "categories"),
        "pathway_class": ("categories",),
        "formula": ("mean", "median", "share", "categories"),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend, or to look at.

    `where` is the id of what it is about, `block` what that is (item, indicator, section …), `part` the key of it;
    `file` and `line` (1-based, 0 unknown) are filled in by whoever read the file. `severity` is 'error',
    'warning' or 'advice'. `facts` are the values that the message mentions.
    """

    code: str
    where: str = ""
    part: str = ""
    severity: str = "error"
    block: str = ""
    file: str = ""
    line: int = 0
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def key(self) -> str:
        """Where its message and remedy stand: in lint.yaml, or in expression.yaml for a broken expression."""
        return f"expression.{self.code}" if self.code.startswith("expression.") else f"lint.{self.code}"


def finding(
    code: str, block: str = "", where: str = "", part: str = "", severity: str = "error", /, **facts: object
) -> Finding:
    """A finding whose facts always name what it is about."""
    named = MappingProxyType({"where": where, "part": part, **facts})
    return Finding(code, where, part, severity, block, facts=named)


def lint_module(
    module: Module, known: Collection[str] | None = None, bank: Bank | None = None
) -> tuple[Finding, ...]:
    """All findings about one module.

    `known` are the items of the other modules it may refer to (core_level); without it, references to items of
    other modules are not judged. `bank` holds the items of the other modules; without it, nobody looks whether a
    question is there already.
    """
    items = [item for construct in module.constructs for item in construct.items]
    found = [*_wording("module", module.id, "title", module.title)]
    for construct in module.constructs:
        found += _construct(construct)
    found += _doubles("double_construct", "construct", (c.id for c in module.constructs))
    found += _items(items)
    found += _same_lists(items)
    found += _conditions([step for item in items for step in _steps(item)], {}, known)
    found += _unreachable([(item, (item.relevance,)) for item in items], {})
    found += _indicators(module.indicators, items, known)
    found += _untranslated([("item", item.id, _words_of(item)) for item in items], tuple(module.title), "advice")
    found += _repeated(items, bank)
    averaged = {name for i in module.indicators if i.kind in AVERAGED for name in i.items}
    for item in items:
        if item.reverse and item.id not in averaged:
            found.append(finding("reverse_alone", "item", item.id, "reverse", "warning"))
    return tuple(found)


def lint_questionnaire(questionnaire: Questionnaire, bank: Bank | None = None) -> tuple[Finding, ...]:
    """All findings about one questionnaire, with the items as they will be asked.

    `bank` holds the items of the modules; without it, nobody looks whether a question is there already.
    """
    items = list(questionnaire)
    cadres = questionnaire.audience == "cadre"
    found = [*_wording("questionnaire", questionnaire.id, "title", questionnaire.title)]
    if not questions_in(questionnaire):
        found.append(finding("nothing_asked", "questionnaire", questionnaire.id, "sections"))
    if cadres and [item.id for item in questionnaire.opening[:1]] != ["core_consent"]:
        found.append(finding("consent_not_first", "questionnaire", questionnaire.id, "opening"))
    steps: list[_Condition | str] = [step for item in questionnaire.opening for step in _steps(item)]
    rows: dict[str, Collection[str]] = {}
    for section in questionnaire.sections:
        found += _section(section, cadres)
        rows |= _repeats(section)
        if section.relevance:
            steps.append(_Condition("section", section.id, "relevance", section.relevance))
        for item in section.items:
            around = section.around(item.id)
            inside: tuple[str, ...] = (section.id,) if section.repeat else ()
            for group in around:
                if group.relevance and group.items[:1] == (item.id,):
                    steps.append(_Condition("group", group.id, "relevance", group.relevance, inside))
                inside += (group.id,) if group.repeat else ()
            steps += _steps(item, inside)
    found += _doubles("double_section", "section", (s.id for s in questionnaire.sections))
    found += _doubles("double_group", "group", (g.id for s in questionnaire.sections for g in s.groups))
    found += _items(items)
    found += _same_lists(items)
    found += _conditions(steps, rows, ())
    found += _unreachable(_asking(questionnaire), rows)
    found += _indicators(questionnaire.indicators, items, ())
    found += _in_rows(questionnaire.indicators, rows)
    found += _untranslated(_said(questionnaire), questionnaire.languages, "warning")
    found += _length(questionnaire)
    if cadres:
        found += _telling(items)
    found += _repeated(items, bank)
    return tuple(found)


def _section(section: Section, cadres: bool) -> Iterator[Finding]:
    yield from _wording("section", section.id, "title", section.title)
    if not section.items:
        yield finding("section_empty", "section", section.id, "items")
    if cadres and section.repeat:
        yield finding("repeat_for_cadres", "section", section.id, "repeat")
    for group in section.groups:
        if group.title:
            yield from _wording("group", group.id, "title", group.title)
        if cadres and group.repeat:
            yield finding("repeat_for_cadres", "group", group.id, "repeat")


def _repeats(section: Section) -> dict[str, Collection[str]]:
    """The items of every list of rows on a page, by its name."""
    found: dict[str, Collection[str]] = {group.id: group.items for group in section.groups if group.repeat}
    return {section.id: [item.id for item in section.items], **found} if section.repeat else found


def _asking(questionnaire: Questionnaire) -> Iterator[tuple[Item, tuple[str, ...]]]:
    """Every item with all conditions under which it is asked: those of its page, of its groups, its own."""
    for item in questionnaire.opening:
        yield item, (item.relevance,)
    for section in questionnaire.sections:
        for item in section.items:
            yield item, (section.relevance, *(g.relevance for g in section.around(item.id)), item.relevance)


def _telling(items: Iterable[Item]) -> Iterator[Finding]:
    """Places, photos, recordings and files asked of people who were promised that nobody can recognise them."""
    for item in items:
        if item.kind.value not in ("point", "media"):
            continue
        if not item.sensitive:
            yield finding("identifying", "item", item.id, "type", "warning", type=item.type)
        if item.kind.value == "point" and item.places > COARSE:
            yield finding("point_exact", "item", item.id, "decimals", "warning", decimals=item.places, usual=COARSE)
        if item.keep_location:
            yield finding("location_kept", "item", item.id, "keep_location", "warning")


def _length(questionnaire: Questionnaire) -> Iterator[Finding]:
    """A questionnaire that takes longer than it says, or than busy people have."""
    planned = planned_seconds(questionnaire) / 60
    said = questionnaire.minutes
    facts = {"planned": f"{planned:.0f}", "said": f"{said:g}"}
    over = bool(said and planned > said + 0.5)
    if over:
        yield finding("longer_than_said", "questionnaire", questionnaire.id, "minutes", "warning", **facts)
    if questionnaire.audience == "cadre" and planned > LONG_MINUTES + 0.5:
        most = TOO_LONG_MINUTES if planned > TOO_LONG_MINUTES + 0.5 else LONG_MINUTES
        code = "too_long" if most == TOO_LONG_MINUTES else "long"
        severity = "warning" if most == TOO_LONG_MINUTES else "advice"
        if code == "too_long" or not over:  # once is enough
            yield finding(code, "questionnaire", questionnaire.id, "minutes", severity, **facts, most=most)


# ------------------------------------------------------------------------------------------------ wording


def _wording(block: str, where: str, part: str, text: Text) -> Iterator[Finding]:
    words = text.get("zh", "").strip()
    if not words:
        yield finding("no_chinese", block, where, part)
    elif words == UNWRITTEN:
        yield finding("unwritten", block, where, part)


Said = tuple[str, str, Mapping[str, Text]]  # block, id, its wording by part


def _untranslated(said: Iterable[Said], languages: Sequence[str], severity: str) -> Iterator[Finding]:
    """Wording that is there in Chinese and lacks another language in which it is to be read."""
    for block, where, parts in said:
        for language in languages:
            without = [part for part, text in parts.items() if text.get("zh") and not text.get(language, "").strip()]
            if without and language != "zh":
                listed = ", ".join(without)
                yield finding("untranslated", block, where, without[0], severity, language=language, parts=listed)


def _words_of(item: Item) -> dict[str, Text]:
    """Everything about an item that respondents read."""
    words = {name: getattr(item, name) for name in ("text", "unit", "hint", "recall", "left", "right")}
    for part, check in (("constraint", item.constraint), ("warning", item.warning)):
        words[part] = check.message if check else NOTHING
    for option in item.options:
        words[f"options {option.code}"] = option.text
        words[f"options {option.code} other"] = option.other
    return words


def _said(questionnaire: Questionnaire) -> Iterator[Said]:
    """Everything that respondents read, in order."""
    head = {name: getattr(questionnaire, name) for name in ("title", "introduction", "consent")}
    yield "questionnaire", questionnaire.id, head
    for section in questionnaire.sections:
        yield "section", section.id, {name: getattr(section, name) for name in ("title", "introduction", "recall")}
        for group in section.groups:
            yield "group", group.id, {name: getattr(group, name) for name in ("title", "introduction", "recall")}
    for item in questionnaire:
        yield "item", item.id, _words_of(item)


def _repeated(items: Iterable[Item], bank: Bank | None) -> Iterator[Finding]:
    """Questions that the bank has already under another id: their answers could not be compared."""
    for item in items:
        like = bank.like(item) if bank else None
        if like is None:
            continue
        if like.likeness == 1:
            facts = {"other": like.item, "module": like.module}
            yield finding("repeated_wording", "item", item.id, "text", "warning", **facts)
        else:
            percent = f"{100 * like.likeness:.0f}"
            facts = {"other": like.item, "module": like.module, "percent": percent}
            yield finding("similar_wording", "item", item.id, "text", "advice", **facts)


def _doubles(code: str, block: str, names: Iterable[str]) -> Iterator[Finding]:
    for name, times in Counter(names).items():
        if times > 1:
            yield finding(code, block, name, "id", times=times)


def _construct(construct: Construct) -> Iterator[Finding]:
    yield from _wording("construct", construct.id, "title", construct.title)
    if construct.definition.strip() == UNWRITTEN:
        yield finding("unwritten", "construct", construct.id, "definition")
    if construct.stem:
        yield from _wording("construct", construct.id, "stem", construct.stem)
    length = len(construct.quotation)
    if length > QUOTATION_LIMIT:
        yield finding("quotation_long", "construct", construct.id, "quotation", length=length, most=QUOTATION_LIMIT)


# -------------------------------------------------------------------------------------------------- items


def _items(items: Sequence[Item]) -> Iterator[Finding]:
    yield from _doubles("double_item", "item", (item.id for item in items))
    for item in items:
        yield from _one_item(item)


def _one_item(item: Item) -> Iterator[Finding]:
    yield from _wording("item", item.id, "text", item.text)
    for option in item.options:
        if not option.text.get("zh", "").strip():
            yield finding("no_chinese_option", "item", item.id, "options", code=option.code)
    for code, times in Counter(option.code for option in item.options).items():
        if times > 1:
            yield finding("double_option", "item", item.id, "options", code=code)
    said = Counter({option.code: option.text.say("zh").strip() for option in item.options}.values())
    for words, options in said.items():
        if options > 1 and words:
            yield finding("double_option_words", "item", item.id, "options", "warning", words=words)
    if item.kind.options == "must" and not item.options and not item.source:
        yield finding("no_options", "item", item.id, "options")
    if item.kind.options == "no" and item.options:
        yield finding("options_unused", "item", item.id, "options", type=item.type)
    if item.type == "bipolar7" and not (item.left and item.right):
        yield finding("no_poles", "item", item.id, "left")
    if item.low is not None and item.high is not None and item.low > item.high:
        yield finding("range_backwards", "item", item.id, "range", low=item.low, high=item.high)
    if item.most is not None and not 1 <= item.most <= len(item.options):
        yield finding("most_impossible", "item", item.id, "most", most=item.most, options=len(item.options))
    for part, check in (("constraint", item.constraint), ("warning", item.warning)):
        if check:
            yield from _wording("item", item.id, part, check.message)
    if item.sensitive and item.required != "no":
        yield finding("sensitive_required", "item", item.id, "required")
    if item.reverse and item.kind.value != "code":
        yield finding("reverse_no_scale", "item", item.id, "reverse", type=item.type)
    for misfit, part, facts in shape(item):
        yield finding(misfit, "item", item.id, part, **facts)


def _same_lists(items: Iterable[Item]) -> Iterator[Finding]:
    lists: dict[str, tuple[Option, ...]] = {}
    for item in items:
        if item.list_name and lists.setdefault(item.list_name, item.options) != item.options:
            yield finding("lists_differ", "item", item.id, "options", name=item.list_name)


# --------------------------------------------------------------------------------------------- conditions


@dataclass(frozen=True, slots=True)
class _Condition:
    """One expression and where it stands; `inside` are the lists of rows that it stands in."""

    block: str
    where: str
    part: str
    source: str
    inside: tuple[str, ...] = ()


# Parts that must be known when the item is drawn, so that they can only look back.
LOOKS_BACK = ("relevance", "calculation", "choice_filter")


def _steps(item: Item, inside: tuple[str, ...] = ()) -> Iterator[_Condition | str]:
    """The conditions of one item, and its id when it has been asked."""
    for part in LOOKS_BACK:
        source = getattr(item, part)
        if source:
            yield _Condition("item", item.id, part, source, inside)
    if item.constraint:
        yield _Condition("item", item.id, "constraint", item.constraint.expression, inside)
    if item.warning:
        yield _Condition("item", item.id, "warning", item.warning.expression, inside)
    yield item.id


@lru_cache(maxsize=4096)
def _parsed(source: str) -> Expression:
    return parse(source)


def _read(step: _Condition, rows: Mapping[str, Collection[str]]) -> Expression:
    """The expression of a step; raises ExpressionError."""
    if step.part == "choice_filter":
        return parse(step.source, repeats=rows, inside=step.inside, filters=True)
    return parse(step.source, repeats=rows, inside=step.inside) if rows else _parsed(step.source)


def _unsteady(tree: Tree, kept: bool = False) -> str:
    """The name of a function that gives another value each time and stands outside once(); '' if there is none."""
    if not isinstance(tree, list) or tree[0] in ("$", "."):
        return ""
    name = str(tree[0])
    if name in UNSTEADY and not kept:
        return name
    return next((found for part in tree[1:] if (found := _unsteady(part, kept or name == "once"))), "")


def _conditions(
    steps: Sequence[_Condition | str], rows: Mapping[str, Collection[str]], known: Collection[str] | None
) -> Iterator[Finding]:
    """Every expression can be read, names only items that are asked, and relevance only looks back."""
    items = {step for step in steps if isinstance(step, str)}
    asked: set[str] = set()
    waits_for: dict[str, set[str]] = {}
    later: list[Finding] = []
    for step in steps:
        if isinstance(step, str):
            asked.add(step)
            continue
        block, where, part, source = step.block, step.where, step.part, step.source
        try:
            read = _read(step, rows)
        except ExpressionError as error:
            yield finding(error.code, block, where, part, source=source, **error.facts)
            continue
        unsteady = _unsteady(read.tree)
        if unsteady:
            yield finding("unsteady", block, where, part, name=unsteady, source=source)
        for name in read.references:
            if name.startswith("@"):  # a column of the options
                continue
            if name not in items and name not in rows:
                if known is not None and name not in known:
                    yield finding("unknown_reference", block, where, part, name=name, source=source)
            elif part in LOOKS_BACK and name not in asked and not _begun(name, step, rows, asked):
                later.append(finding("later_reference", block, where, part, name=name))
        if part in LOOKS_BACK and block == "item":
            waits_for.setdefault(where, set()).update(items.intersection(read.references))
    circle = _circle(waits_for)
    if circle:
        yield finding("circular", "item", circle[0], "relevance", items=" → ".join([*circle, circle[0]]))
    for each in later:
        if each.where not in circle or each.facts["name"] not in circle:
            yield each


def _begun(name: str, step: _Condition, rows: Mapping[str, Collection[str]], asked: set[str]) -> bool:
    """Whether there are rows of this repeat when a condition is looked at: it stands in one, or after some."""
    return name in rows and (name in step.inside or not asked.isdisjoint(rows[name]))


def _circle(waits_for: Mapping[str, set[str]]) -> list[str]:
    """A ring of items that wait for one another, or [] when there is none."""
    done: set[str] = set()
    for start in waits_for:
        path: list[str] = []
        waiting = [(start, True)]
        while waiting:
            name, entering = waiting.pop()
            if not entering:
                done.add(path.pop())
            elif name in path:
                return path[path.index(name) :]
            elif name not in done:
                path.append(name)
                waiting.append((name, False))
                waiting += [(other, True) for other in sorted(waits_for.get(name, ()))]
    return []


def _unreachable(
    asking: Iterable[tuple[Item, tuple[str, ...]]], rows: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    """Items that nobody is ever asked, and constraints that no answer keeps, as far as a short search can tell."""
    asked: dict[str, Asked] = {}
    blocks: dict[str, tuple[str, ...]] = {}
    for item, sources in asking:
        try:
            conditions = tuple(_parsed(source) for source in sources if source)
            limit = _parsed(item.constraint.expression) if item.constraint else None
            formula = _parsed(item.calculation) if item.calculation else None
        except ExpressionError:  # that is a finding of its own
            continue
        homes = {name for name, inside in rows.items() if item.id in inside}
        elsewhere = {i for name, inside in rows.items() if name not in homes for i in inside}  # many answers, not one
        if limit and elsewhere.intersection(limit.references):
            limit = None
        read = [*conditions, *(e for e in (formula,) if e)]
        if all(name in asked and name not in elsewhere for e in read for name in e.references):  # as is looking ahead
            asked[item.id] = Asked(item, conditions, limit, formula)
            blocks[item.id] = sources
    search = Search(asked.values())
    dead: set[tuple[str, ...]] = set()
    for name, one in asked.items():
        outcome = search.asks(name) if one.conditions else ""
        if outcome in (NEVER, UNLIKELY):
            sources = tuple(s for s in blocks[name] if s)
            if sources not in dead and not dead.intersection((s,) for s in sources):
                severity = "error" if outcome == NEVER else "warning"
                source = " and ".join(dict.fromkeys(sources))
                yield finding("never_asked", "item", name, "relevance", severity, source=source)
            dead.add(sources)
            continue
        outcome = search.keeps(name)
        if one.limit and outcome in (NEVER, UNLIKELY):
            severity = "error" if outcome == NEVER else "warning"
            source = one.limit.source
            yield finding("constraint_impossible", "item", name, "constraint", severity, source=source)


# --------------------------------------------------------------------------------------------- indicators


def _indicators(
    indicators: Sequence[Indicator], items: Sequence[Item], known: Collection[str] | None
) -> Iterator[Finding]:
    by_id = {item.id: item for item in items}
    yield from _doubles("double_indicator", "indicator", (i.id for i in indicators))
    before: set[str] = set()
    for indicator in indicators:
        if indicator.id in by_id:
            yield finding("indicator_is_item", "indicator", indicator.id, "id")
        yield from _wording("indicator", indicator.id, "title", indicator.title)
        yield from _parameters(indicator)
        yield from _made_of(indicator, by_id, before, known)
        if indicator.estimate == "share" and not indicator.statement:
            yield finding("no_statement", "indicator", indicator.id, "statement")
        if any(by_id[name].sensitive for name in indicator.items if name in by_id) and not indicator.sensitive:
            yield finding("indicator_not_sensitive", "indicator", indicator.id, "sensitive")
        yield from _fitting(indicator, [by_id[name] for name in indicator.items if name in by_id])
        before.add(indicator.id)


def _parameters(indicator: Indicator) -> Iterator[Finding]:
    kind = INDICATOR_KINDS[indicator.kind]
    for name in kind.must:
        if name not in indicator.parameters:
            yield finding("parameter_missing", "indicator", indicator.id, "parameters", name=name, kind=indicator.kind)
    for name in indicator.parameters:
        if name not in (*kind.must, *kind.may, *ANY_KIND_MAY):
            may = ", ".join((*kind.must, *kind.may, *ANY_KIND_MAY))
            yield finding(
                "parameter_unknown", "indicator", indicator.id, "parameters", name=name, kind=indicator.kind, may=may
            )


def _made_of(
    indicator: Indicator, items: Mapping[str, Item], before: Collection[str], known: Collection[str] | None
) -> Iterator[Finding]:
    for name in indicator.items:
        foreign = name not in items and (known is None or name in known)
        if name not in items and not foreign:
            yield finding("indicator_item", "indicator", indicator.id, "items", name=name)
    for other in _names(indicator.parameters.get("indicators")):
        if other not in before:
            yield finding("indicator_reference", "indicator", indicator.id, "parameters", name=other)
    for part in ("expression", "when"):
        source = indicator.parameters.get(part)
        if isinstance(source, str):
            try:
                _parsed(source)
            except ExpressionError as error:
                yield finding(error.code, "indicator", indicator.id, "parameters", source=source, **error.facts)
    if INDICATOR_KINDS[indicator.kind].items == "one" and len(indicator.items) != 1:
        yield finding("one_item", "indicator", indicator.id, "items", kind=indicator.kind, given=len(indicator.items))
    elif not indicator.items:
        yield finding("no_items", "indicator", indicator.id, "items", kind=indicator.kind)
    least = indicator.parameters.get("min_valid")
    size = len(_names(indicator.parameters.get("indicators")) or indicator.items)
    if isinstance(least, int) and size and not 1 <= least <= size:
        yield finding("min_valid_impossible", "indicator", indicator.id, "parameters", least=least, items=size)
    own = [items[name] for name in indicator.items if name in items]
    if indicator.kind in AVERAGED and len({tuple(o.code for o in item.options) for item in own}) > 1:
        yield finding("mixed_options", "indicator", indicator.id, "items")
    elif indicator.kind in AVERAGED and len({tuple(o.text.say("zh") for o in item.options) for item in own}) > 1:
        yield finding("mixed_words", "indicator", indicator.id, "items", "warning")
    codes = {option.code for item in own for option in item.options}
    for name in ("true", "false", "codes", "leave_out", "last"):
        wrong = [c for c in _names(indicator.parameters.get(name)) if own and not indicator.options and c not in codes]
        if wrong:
            listed = ", ".join(str(c) for c in wrong)
            yield finding(
                "indicator_code", "indicator", indicator.id, "parameters", name=name, codes=listed, item=own[0].id
            )


def _names(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()


def _fitting(indicator: Indicator, own: Sequence[Item]) -> Iterator[Finding]:
    """The indicator can be computed from what its items store, and be estimated and printed as it says."""
    stores = STORES.get(indicator.kind)
    for item in own:
        if stores and item.kind.value not in stores:
            facts = {"item": item.id, "type": item.type, "kind": indicator.kind}
            yield finding("indicator_item_type", "indicator", indicator.id, "items", **facts)
    may = ESTIMATED.get(indicator.kind, ("mean", "median", "categories"))
    if indicator.estimate not in may:
        facts = {"estimate": indicator.estimate, "kind": indicator.kind, "may": ", ".join(may)}
        yield finding("estimate_unfit", "indicator", indicator.id, "estimate", **facts)
    elif indicator.estimate == "categories" and indicator.kind not in CODED and not own_codes(indicator, own):
        yield finding("no_classes", "indicator", indicator.id, "range")
    if indicator.low is not None and indicator.high is not None and indicator.low >= indicator.high:
        ends = {"low": indicator.low, "high": indicator.high}
        yield finding("indicator_range", "indicator", indicator.id, "range", **ends)
    if indicator.estimate == "mean" and not indicator.high_means and not indicator.parameters.get("private"):
        yield finding("no_high_means", "indicator", indicator.id, "high_means", "advice")
    least = 20 if indicator.sensitive else 10
    if indicator.n_min < least:
        yield finding("n_min_low", "indicator", indicator.id, "n_min", "warning", given=indicator.n_min, least=least)


def _in_rows(indicators: Iterable[Indicator], rows: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """An indicator has one value for a person; the rows of a list have many."""
    for indicator in indicators:
        for name, items in rows.items():
            inside = [item for item in indicator.items if item in items]
            if inside:
                yield finding("indicator_in_rows", "indicator", indicator.id, "items", item=inside[0], rows=name)
                break


def own_codes(indicator: Indicator, own: Sequence[Item]) -> bool:
    """Whether it is known which classes there are: from options, or whole numbers of a range."""
    if indicator.options or (len(own) == 1 and own[0].options):
        return True
    low, high = indicator.low, indicator.high
    return low is not None and high is not None and low % 1 == high % 1 == 0 and high - low <= 50
