"""Modules and questionnaires to YAML as a careful person would write it: short things on one line, long ones folded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from fieldkit.core.instrument import Construct, Group, Indicator, Library, Module, Questionnaire, Section, items_behind
from fieldkit.core.item import Check, Item, Option, companion
from fieldkit.core.text import NOTHING, Text

WIDTH = 118  # columns; a Chinese character takes two
_PLAIN = re.compile(r"""[^\s\-?:,\[\]{}#&*!|>'"%@`~=][^\n]*\Z""")
_UNUSUAL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_FLOW_MARK = re.compile(r"[,\[\]{}?:]")
# What this or an older YAML reader would not take for text: truth, nothing, numbers, times of day, dates.
_RESERVED = re.compile(
    r"(true|false|null|~|[-+.]?[0-9][0-9_,]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|0[xob][0-9a-f]+|[0-9]+(:[0-9]+)+"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|\.(inf|nan)|<<)\Z",
    re.IGNORECASE,
)


class Short(dict[str, Any]):
    """A mapping written on one line where it fits: {zh: …, en: …}."""


def dump_module(module: Module) -> str:
    """The module as YAML that `load_module` reads back to an equal object."""
    lists = _lists_of(i for c in module.constructs for i in c.items)
    made: dict[str, Indicator] = {}
    indicators = []
    for indicator in module.indicators:
        indicators.append(_indicator_block(indicator, made))
        made[indicator.id] = indicator
    return "".join(
        _lines(
            _kept(
                id=module.id,
                version=module.version,
                status=module.status if module.status != "draft" else None,
                title=_short(module.title),
                paper=dict(module.paper),
                introduction=_long(module.introduction),
                consent=_long(module.consent),
                options={name: _option_block(options) for name, options in lists.items()},
                constructs=[_construct_block(c) for c in module.constructs],
                indicators=indicators,
            )
        )
    )


def dump_questionnaire(questionnaire: Questionnaire, library: Library) -> str:
    """The questionnaire as YAML that `load_questionnaire` reads back to an equal object.

    Items that are those of a pinned module are written as their ids, all others in full.
    """
    modules = [library.modules[pin] for pin in questionnaire.modules.items()]
    bank = {i: item for module in modules for i, item in module.items.items()}
    core = next((m for m in modules if m.id == "core"), None)
    own = [i for i in questionnaire if bank.get(i.id) != i]
    made = {indicator.id: indicator for module in modules for indicator in module.indicators}
    indicators = []
    for indicator in questionnaire.indicators:
        if made.get(indicator.id) != indicator:
            indicators.append(_indicator_block(indicator, made))
            made[indicator.id] = indicator

    def differs(text: Text, core_text: Text | None) -> dict[str, Any] | None:
        return _long(text) if text != (core_text or NOTHING) else None

    block = _kept(
        id=questionnaire.id,
        version=questionnaire.version,
        status=questionnaire.status if questionnaire.status != "draft" else None,
        title=_short(questionnaire.title),
        audience=questionnaire.audience if questionnaire.audience != "cadre" else None,
        languages=list(questionnaire.languages) if questionnaire.languages != ("zh",) else None,
        minutes=questionnaire.minutes or None,
        modules=dict(questionnaire.modules),
        introduction=differs(questionnaire.introduction, core.introduction if core else None),
        consent=differs(questionnaire.consent, core.consent if core else None),
        options={name: _option_block(options) for name, options in _lists_of(own).items()},
        opening=_entries(questionnaire.opening, bank),
        sections=[_section_block(s, bank) for s in questionnaire.sections],
        indicators=indicators,
    )
    block.setdefault("sections", [])  # also where nothing is asked yet
    return "".join(_lines(block))


def _kept(**entries: Any) -> dict[str, Any]:
    """The entries that say something, in order."""
    return {name: value for name, value in entries.items() if value not in (None, "", {}, [], ())}


def _short(text: Text) -> Short | None:
    return Short(text) if text else None


def _long(text: Text) -> dict[str, Any] | None:
    return dict(text) if text else None


def _lists_of(items: Iterable[Item]) -> dict[str, tuple[Option, ...]]:
    return {item.list_name: item.options for item in items if item.list_name}


def _option_block(options: Sequence[Option]) -> dict[int, Short]:
    return {
        o.code: Short(
            **o.text,
            **_kept(
                exclusive=o.exclusive or None,
                missing=o.missing,
                other=_short(o.other),
                facts=Short(o.facts) if o.facts else None,
                sensitive=o.sensitive or None,
            ),
        )
        for o in options
    }


def _range_of(low: float | None, high: float | None) -> list[float | None] | None:
    return [low, high] if (low, high) != (None, None) else None


def _item_block(item: Item) -> dict[str, Any]:
    plain = Item(id=item.id, text=item.text, type=item.type)

    def changed(name: str) -> Any:
        value = getattr(item, name)
        return value if value != getattr(plain, name) else None

    def check(condition: Check | None) -> dict[str, Any] | None:
        return {"expression": condition.expression, "message": Short(condition.message)} if condition else None

    block = _kept(
        id=item.id,
        text=_short(item.text),
        label=_short(item.label),
        type=item.type,
        options=item.list_name or _option_block(item.options),
        source=item.source,
        range=_range_of(item.low, item.high),
        decimals=changed("decimals"),
        most=item.most,
        left=_short(item.left),
        right=_short(item.right),
        unit=_short(item.unit),
        hint=_short(item.hint),
        recall=_short(item.recall),
        required=changed("required"),
        sensitive=changed("sensitive"),
        reverse=changed("reverse"),
        relevance=item.relevance,
        constraint=check(item.constraint),
        warn_above=item.warn_above,
        warning=check(item.warning),
        default=item.default,
        calculation=item.calculation,
        choice_filter=item.choice_filter,
        random_order=changed("random_order"),
        step=item.step,
        keep_location=changed("keep_location"),
    )
    if item.randomised:
        block["randomised"] = _kept(
            design=item.randomised.design, truth=item.randomised.truth, yes=item.randomised.yes or None
        )
    if item.missing != plain.missing:
        block["missing"] = list(item.missing)
    if item.note:
        block["note"] = item.note
    return block


def _construct_block(construct: Construct) -> dict[str, Any]:
    return _kept(
        id=construct.id,
        title=_short(construct.title),
        definition=construct.definition,
        quotation=construct.quotation,
        section=construct.section,
        level=construct.level,
        measurement=construct.measurement,
        model=construct.model,
        stem=_short(construct.stem),
        skip=construct.skip,
        scoring=construct.scoring,
        note=construct.note,
        items=[_item_block(i) for i in _listed(construct.items)],
    )


def _indicator_block(indicator: Indicator, made: Mapping[str, Indicator]) -> dict[str, Any]:
    usual = 20 if indicator.sensitive else 10
    follows = indicator.items == items_behind(indicator.parameters, made)
    parameters = {name: list(v) if isinstance(v, tuple) else v for name, v in indicator.parameters.items()}
    return _kept(
        id=indicator.id,
        title=_short(indicator.title),
        print_name=_short(indicator.print_name),
        kind=indicator.kind,
        items=list(indicator.items) if not follows else None,
        parameters=parameters if any(isinstance(v, str) for v in parameters.values()) else Short(parameters),
        estimate=indicator.estimate,
        range=_range_of(indicator.low, indicator.high),
        unit=_short(indicator.unit),
        decimals=indicator.decimals if indicator.decimals != 1 else None,
        high_means=_short(indicator.high_means),
        statement=_short(indicator.statement),
        options=_option_block(indicator.options),
        sensitive=indicator.sensitive or None,
        n_min=indicator.n_min if indicator.n_min != usual else None,
    )


def _section_block(section: Section, bank: Mapping[str, Item]) -> dict[str, Any]:
    block = _kept(
        id=section.id,
        title=_short(section.title),
        introduction=_short(section.introduction),
        definitions=section.definitions or None,
        recall=_short(section.recall),
        relevance=section.relevance,
        repeat=list(section.repeat) if section.repeat else None,
        random_order=section.random_order or None,
    )
    return {**block, "items": _nested(section.items, section.groups, bank)}  # also where nothing is asked yet


def _nested(items: Sequence[Item], groups: Sequence[Group], bank: Mapping[str, Item]) -> list[Any]:
    """The entries of a section or group, with the groups that lie in it as blocks of their own."""
    found: list[Any] = []
    waiting = list(items)
    while waiting:
        group = next((g for g in groups if waiting[0].id in g.items), None)
        if group is None:
            plain = [i for i in waiting if not any(i.id in g.items for g in groups)]
            run = waiting[: next((n for n, i in enumerate(waiting) if i not in plain), len(waiting))]
            found += _entries(run, bank)
            waiting = waiting[len(run) :]
            continue
        own = [i for i in waiting if i.id in group.items]
        waiting = waiting[len(own) :]
        deeper = [g for g in groups if g is not group and set(g.items) <= set(group.items)]
        found.append(
            _kept(
                id=group.id,
                title=_short(group.title),
                introduction=_short(group.introduction),
                recall=_short(group.recall),
                relevance=group.relevance,
                repeat=list(group.repeat) if group.repeat else None,
                matrix=group.matrix or None,
                random_order=group.random_order or None,
                items=_nested(own, deeper, bank),
            )
        )
    return found


def _listed(items: Iterable[Item]) -> list[Item]:
    """The items without those that a reader puts in by itself: the 'please specify' of an option."""
    found: list[Item] = []
    for item in items:
        if not found or companion(found[-1]) != item:
            found.append(item)
    return found


def _entries(items: Iterable[Item], bank: Mapping[str, Item]) -> list[Any]:
    """Items of the modules as their ids, others in full."""
    return [i.id if bank.get(i.id) == i else _item_block(i) for i in _listed(items)]


def _columns(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _scalar(value: object, flow: bool = False) -> str:
    """A value on one line, quoted only where YAML (also an older reader's) would take it for something else."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return format(Decimal(repr(int(value) if float(value).is_integer() else value)), "f")
    text = str(value)
    plain = _PLAIN.match(text) and text == text.strip() and ": " not in text and " #" not in text
    plain = plain and not _UNUSUAL.search(text)
    if plain and not text.endswith(":") and not _RESERVED.match(text) and not (flow and _FLOW_MARK.search(text)):
        return text
    return _UNUSUAL.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _key(name: object) -> str:
    return str(name) if name in ("true", "false") else _scalar(name, True)


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    return _scalar(value, True)


def _lines(value: Mapping[Any, Any], indent: int = 0) -> Iterator[str]:
    """A mapping in block style, one key a line; short ones and lists of plain values on one line where they fit."""
    pad = " " * indent
    for key, content in value.items():
        head = f"{pad}{_key(key)}:"
        rows = isinstance(content, list)
        if isinstance(content, Short) or (rows and not any(isinstance(v, Mapping) for v in content)):
            line = f"{head} {_flow(content)}\n"
            if _columns(line) <= WIDTH + 1:
                yield line
                continue
        if isinstance(content, Mapping):
            yield f"{head}\n"
            yield from _lines(content, indent + 2)
        elif rows:
            yield f"{head}\n"
            yield from _list(content, indent + 2)
        else:
            yield from _entry(head, content, indent)


def _list(rows: list[Any], indent: int) -> Iterator[str]:
    pad = " " * indent
    for row in rows:
        if isinstance(row, Mapping):
            block = "".join(_lines(row, indent + 2))
            yield f"{pad}- {block[indent + 2 :]}"
        else:
            yield f"{pad}- {_scalar(row)}\n"


def _entry(head: str, content: object, indent: int) -> Iterator[str]:
    """One key with a plain value: on its line, folded at spaces, or, with line breaks of its own, as it is."""
    pad = " " * (indent + 2)
    text = content if isinstance(content, str) else ""
    line = f"{head} {_scalar(content)}\n"
    parts = text.split("\n")
    if _UNUSUAL.search(text):  # only quotes can hold it
        yield line
        return
    if len(parts) > 1 and text == text.strip() and all(part == part.strip() for part in parts):
        yield f"{head} |-\n"
        yield from (f"{pad}{part}\n" if part else "\n" for part in parts)
        return
    folded = list(_folded(text, WIDTH - indent - 2)) if text == " ".join(text.split()) else []
    if len(folded) > 1 and _columns(line) > WIDTH + 1:
        yield f"{head} >-\n"
        yield from (f"{pad}{part}\n" for part in folded)
    else:
        yield line


def _folded(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line and _columns(line) + 1 + _columns(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line
