"""The forms of a construct and of an indicator of a module, made from the tables of a file's keys.

As in `forms.item`, what a file can say the form can ask, and the form gives the block of a file. For an indicator its
kind decides which items and settings are asked (`core.instrument.INDICATOR_KINDS`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from fieldkit.core.instrument import ANY_KIND_MAY, INDICATOR_KINDS, Construct, Indicator
from fieldkit.core.instrument_file import BLOCKS
from fieldkit.core.text import Text
from fieldkit.forms.item import KIND_OF, Part, Sent, given, part_of, plain, typed, words_in

Values = dict[str, str | list[str]]

CONSTRUCT_FIRST = ("id", "title", "definition", "quotation", "section")
INDICATOR_FIRST = ("id", "title", "estimate", "range", "unit", "decimals", "high_means", "statement", "sensitive")
# How each setting of an indicator is asked. A test says that none is missing.
SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "min_valid": "number",
        "at_least": "number",
        "factor": "number",
        "centre": "number",
        "cut": "number",
        "tolerance": "number",
        "indicators": "indicators",
        "codes": "codes",
        "true": "codes",
        "false": "codes",
        "leave_out": "codes",
        "last": "codes",
        "numerator": "item",
        "denominator": "item",
        "expression": "expression",
        "when": "expression",
        "needs": "names",
        "part": "line",
        "also": "names",
        "private": "flag",
    }
)
USUAL: Mapping[str, str] = MappingProxyType(  # how a county's value usually comes about, where not as a mean
    {"share": "share", "ratio": "ratio", "categories": "categories", "options": "categories", "value": "median"}
)


def construct_parts() -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """What the form of a construct asks: first what every author needs, then the rest."""
    return _parts("construct", CONSTRUCT_FIRST)


def indicator_parts() -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """What the form of an indicator asks beside its kind, items and settings."""
    return _parts("indicator", INDICATOR_FIRST)


def _parts(block: str, order: Sequence[str]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    every = [
        part_of(key, entry)
        for key, entry in BLOCKS[block].items()
        if entry.value in KIND_OF and key not in ("items", "options", "kind", "parameters")
    ]
    first = sorted((p for p in every if p.key in order), key=lambda p: order.index(p.key))
    return tuple(first), tuple(p for p in every if p.key not in order)


def settings_of(kind: str) -> tuple[tuple[str, str, bool], ...]:
    """The settings of this kind of indicator: name, how it is asked, whether it must be given."""
    shape = INDICATOR_KINDS[kind]
    names = (*shape.must, *shape.may, *ANY_KIND_MAY)
    return tuple((name, SETTINGS[name], name in shape.must) for name in names)


def construct_values(construct: Construct) -> Values:
    """What the form shows for a construct as it is."""
    return _values("construct", construct)


def indicator_values(indicator: Indicator) -> Values:
    """What the form shows for an indicator as it is."""
    values = _values("indicator", indicator)
    values["kind"] = indicator.kind
    values["range.low"], values["range.high"] = plain(indicator.low), plain(indicator.high)
    values["items"] = list(indicator.items)
    for name, value in indicator.parameters.items():
        if isinstance(value, tuple):
            listed = [plain(each) for each in value]
            values[f"set.{name}"] = listed if SETTINGS.get(name) == "indicators" else " ".join(listed)
        else:
            values[f"set.{name}"] = ("1" if value else "") if isinstance(value, bool) else plain(value)
    return values


def _values(block: str, thing: object) -> Values:
    values: Values = {}
    for key, entry in BLOCKS[block].items():
        value = getattr(thing, key, None)
        if isinstance(value, Text):
            values.update({f"{key}.{language}": words for language, words in value.items()})
        elif entry.value == "flag":
            values[key] = "1" if value else ""
        elif entry.value in KIND_OF and entry.value not in ("range", "options"):
            values[key] = plain(value)
    return values


def sent_values(sent: Sent, names: Sequence[str]) -> Values:
    """What was sent, to be shown again."""
    many = ("items", "set.indicators")
    return {name: sent.getlist(name) if name in many else sent.get(name, "") for name in names}


def construct_block(sent: Sent, languages: Sequence[str]) -> dict[str, object]:
    """The construct's block as a file would have it, without its items."""
    return _block(construct_parts(), sent, languages)


def indicator_block(sent: Sent, kind: str, languages: Sequence[str], earlier: Indicator | None) -> dict[str, object]:
    """The indicator's block as a file would have it; what codes mean is kept from the earlier one."""
    block = _block(indicator_parts(), sent, languages)
    block["kind"] = kind
    if INDICATOR_KINDS[kind].items:
        block["items"] = sent.getlist("items")
    settings = {name: _setting(name, shape, sent) for name, shape, _ in settings_of(kind)}
    settings = {name: value for name, value in settings.items() if given(value)}
    if settings:
        block["parameters"] = settings
    if earlier and earlier.options and earlier.kind == kind:
        block["options"] = {option.code: dict(option.text) for option in earlier.options}
    return block


def _setting(name: str, shape: str, sent: Sent) -> object:
    line = sent.get(f"set.{name}", "").strip()
    if shape == "flag":
        return line == "1"
    if shape == "number":
        return typed(line)
    if shape == "indicators":
        return sent.getlist(f"set.{name}")
    if shape in ("codes", "names"):
        return [typed(each) for each in line.replace(",", " ").replace("，", " ").replace("、", " ").split()]
    return line


def _block(parts: tuple[tuple[Part, ...], tuple[Part, ...]], sent: Sent, languages: Sequence[str]) -> dict[str, object]:
    block: dict[str, object] = {}
    for part in (*parts[0], *parts[1]):
        value: object
        if part.kind == "words":
            value = words_in(part.name, sent, languages)
        elif part.kind == "flag":
            value = sent.get(part.name, "") == "1"
        elif part.kind == "range":
            low, high = (typed(sent.get(f"{part.name}.{end}", "")) for end in ("low", "high"))
            value = None if (low, high) == ("", "") else [None if end == "" else end for end in (low, high)]
        elif part.key in ("n_min", "decimals"):
            value = typed(sent.get(part.name, ""))
        else:
            value = sent.get(part.name, "").strip().replace("\r\n", "\n")
        if given(value):
            block[part.key] = value
    return block
