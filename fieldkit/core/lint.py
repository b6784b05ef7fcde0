"""What is wrong with an instrument before anybody is asked: broken conditions, missing wording, scores without items.

`lint_module` and `lint_questionnaire` look at finished objects and return findings; they never raise. The words of
each finding stand in translations/*/lint.yaml (those of broken expressions in translations/*/expression.yaml).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from fieldkit.core.expression import Expression, ExpressionError, parse
from fieldkit.core.instrument import ANY_KIND_MAY, INDICATOR_KINDS, Construct, Indicator, Module, Questionnaire
from fieldkit.core.item import Item, Option
from fieldkit.core.text import Text

QUOTATION_LIMIT = 25  # characters of a paper that may be quoted
AVERAGED = ("scale", "mean", "index")  # kinds that average items on one set of options


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend, or to look at.

    `where` is the id of what it is about, `block` what that is (item, indicator, section …), `part` the key of it;
    `file` and `line` (1-based, 0 unknown) are filled in by whoever read the file. `severity` is 'error' or
    'warning'. `facts` are the values that the message mentions.
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


def lint_module(module: Module, known: Collection[str] | None = None) -> tuple[Finding, ...]:
    """All findings about one module.

    `known` are the items of the other modules it may refer to (core_level); without it, references to items of
    other modules are not judged.
    """
    items = [item for construct in module.constructs for item in construct.items]
    found = [*_wording("module", module.id, "title", module.title)]
    for construct in module.constructs:
        found += _construct(construct)
    found += _doubles("double_construct", "construct", (c.id for c in module.constructs))
    found += _items(items)
    found += _same_lists(items)
    found += _conditions([step for item in items for step in _steps(item)], {}, known)
    found += _indicators(module.indicators, items, known)
    averaged = {name for i in module.indicators if i.kind in AVERAGED for name in i.items}
    for item in items:
        if item.reverse and item.id not in averaged:
            found.append(finding("reverse_alone", "item", item.id, "reverse", "warning"))
    return tuple(found)


def lint_questionnaire(questionnaire: Questionnaire) -> tuple[Finding, ...]:
    """All findings about one questionnaire, with the items as they will be asked."""
    items = list(questionnaire)
    cadres = questionnaire.audience == "cadre"
    found = [*_wording("questionnaire", questionnaire.id, "title", questionnaire.title)]
    if cadres and [item.id for item in questionnaire.opening[:1]] != ["core_consent"]:
        found.append(finding("consent_not_first", "questionnaire", questionnaire.id, "opening"))
    steps: list[_Condition | str] = [step for item in questionnaire.opening for step in _steps(item)]
    rows: dict[str, list[str]] = {}
    for section in questionnaire.sections:
        found += _wording("section", section.id, "title", section.title)
        if not section.items:
            found.append(finding("section_empty", "section", section.id, "items"))
        if section.repeat:
            rows[section.id] = [item.id for item in section.items]
            if cadres:
                found.append(finding("repeat_for_cadres", "section", section.id, "repeat"))
        if section.relevance:
            steps.append(_Condition("section", section.id, "relevance", section.relevance))
        steps += [step for item in section.items for step in _steps(item, section.id if section.repeat else "")]
    found += _doubles("double_section", "section", (s.id for s in questionnaire.sections))
    found += _items(items)
    found += _same_lists(items)
    found += _conditions(steps, rows, ())
    found += _indicators(questionnaire.indicators, items, ())
    return tuple(found)


# ------------------------------------------------------------------------------------------------ wording


def _wording(block: str, where: str, part: str, text: Text) -> Iterator[Finding]:
    if not text.get("zh", "").strip():
        yield finding("no_chinese", block, where, part)


def _doubles(code: str, block: str, names: Iterable[str]) -> Iterator[Finding]:
    for name, times in Counter(names).items():
        if times > 1:
            yield finding(code, block, name, "id", times=times)


def _construct(construct: Construct) -> Iterator[Finding]:
    yield from _wording("construct", construct.id, "title", construct.title)
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
    chooses = item.kind.value in ("code", "codes")
    if chooses and not item.options and not item.source:
        yield finding("no_options", "item", item.id, "options")
    if not chooses and item.options:
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


def _same_lists(items: Iterable[Item]) -> Iterator[Finding]:
    lists: dict[str, tuple[Option, ...]] = {}
    for item in items:
        if item.list_name and lists.setdefault(item.list_name, item.options) != item.options:
            yield finding("lists_differ", "item", item.id, "options", name=item.list_name)


# --------------------------------------------------------------------------------------------- conditions


@dataclass(frozen=True, slots=True)
class _Condition:
    """One expression and where it stands; `inside` is the repeat that it stands in."""

    block: str
    where: str
    part: str
    source: str
    inside: str = ""


def _steps(item: Item, inside: str = "") -> Iterator[_Condition | str]:
    """The conditions of one item, and its id when it has been asked."""
    if item.relevance:
        yield _Condition("item", item.id, "relevance", item.relevance, inside)
    if item.constraint:
        yield _Condition("item", item.id, "constraint", item.constraint.expression, inside)
    if item.warning:
        yield _Condition("item", item.id, "warning", item.warning.expression, inside)
    yield item.id


@lru_cache(maxsize=4096)
def _parsed(source: str) -> Expression:
    return parse(source)


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
            read = parse(source, repeats=rows, inside=step.inside or None) if rows else _parsed(source)
        except ExpressionError as error:
            yield finding(error.code, block, where, part, source=source, **error.facts)
            continue
        for name in read.references:
            if name not in items and name not in rows:
                if known is not None and name not in known:
                    yield finding("unknown_reference", block, where, part, name=name, source=source)
            elif part == "relevance" and name in items and name not in asked:
                later.append(finding("later_reference", block, where, part, name=name))
        if part == "relevance" and block == "item":
            waits_for[where] = items.intersection(read.references)
    circle = _circle(waits_for)
    if circle:
        yield finding("circular", "item", circle[0], "relevance", items=" → ".join([*circle, circle[0]]))
    for each in later:
        if each.where not in circle or each.facts["name"] not in circle:
            yield each


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
