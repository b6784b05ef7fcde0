"""How two versions of one question differ, part by part, and what each difference does to the answers.

Every part of an item has one row in PARTS, so that nothing changes unnoticed (a test says so). The verdicts follow
codebook 0.9: a typing error is a wording fix; a new option at the end or a wider skip is compatible; whatever gives
an answer another meaning (codes, scale, period, direction, type) is breaking and needs a new id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from fieldkit.core.expression import ExpressionError, parse
from fieldkit.core.item import Item, Option
from fieldkit.core.marks import likeness
from fieldkit.core.text import NOTHING, Text

VERDICTS = ("same", "wording_fix", "compatible", "breaking")  # from harmless to grave
SCALES = ("likert", "likert5", "bipolar7", "slider")  # the options are the points of a scale
ANOTHER = 0.34  # an option whose old and new words share less than this no longer means the same
LATE_CODES = 90  # 98 其他 and its like stay behind options that are added before them

# 过去三个月, 近一年, 本年度, 上个月: the time an answer is about
_PERIOD = re.compile(
    r"(?:过去|最近|近|上|本|这|前)(?:[一二两三四五六七八九十半\d]+)?个?(?:年度|季度|学期|半年|年|月|周|星期|天|日)"
)


@dataclass(frozen=True, slots=True)
class Placed:
    """An item where it stands: the words said above it, and the conditions and periods of its page."""

    item: Item
    page: str = ""
    stem: Text = NOTHING
    recall: Text = NOTHING
    relevance: tuple[str, ...] = ()  # of the page and the groups around it, and its own
    rows: tuple[tuple[str, tuple[int, int]], ...] = ()  # the repeats it stands in


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `reason` is its code, `part` the field it stands in, `old` and `new` what a reader compares.

    `asks` is True where only a researcher can say whether it is still the same question; `needs_new_id` where it
    is not, whatever anybody says. Wording is a Text; lists of options are Texts too, one line each language.
    """

    reason: str
    verdict: str
    part: str
    old: Text = NOTHING
    new: Text = NOTHING
    asks: bool = False
    needs_new_id: bool = False
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


Rule = Callable[[str, Any, Any, Placed, Placed], Iterator[Difference]]


def differences(old: Placed, new: Placed, *, averaged: bool = False) -> tuple[Difference, ...]:
    """All differences between two versions of an item, in the order of PARTS.

    `averaged` says that its codes are averaged in a score: its options are then points of a scale.
    """
    found: list[Difference] = []
    for rules, was, now in ((AROUND, old, new), (PARTS, old.item, new.item)):
        for part, rule in rules.items():
            before, after = getattr(was, part, None), getattr(now, part, None)
            if before != after:
                found += rule(part, before, after, old, new)
    if old.item.options != new.item.options:
        found += _options(old.item, new.item, averaged or old.item.type in SCALES or new.item.type in SCALES)
    return tuple(found)


# ------------------------------------------------------------------------------------------------- wording


def _said(part: str, old: Text, new: Text, *_: Placed) -> Iterator[Difference]:
    """Wording that a respondent reads. Whether the meaning stayed, a researcher says."""
    before, after = _main(old, new)
    if before == after:
        yield from _translated(part, old, new)
    elif _periods(before) != _periods(after):
        yield Difference("recall", "breaking", part, old, new, needs_new_id=True)
    else:
        yield Difference("wording", "wording_fix", part, old, new, asks=True)


def _translated(part: str, old: Text, new: Text) -> Iterator[Difference]:
    added = [language for language in new if language not in old]
    changed = [language for language in old if old[language] != new.get(language)]
    if changed:
        yield Difference("translation", "wording_fix", part, old, new, facts={"languages": ", ".join(changed)})
    if added:
        yield Difference("translation_added", "compatible", part, old, new, facts={"languages": ", ".join(added)})


def _main(old: Text, new: Text) -> tuple[str, str]:
    """The words in the language that leads: Chinese where both have it."""
    leading = next((language for language in ("zh", *old) if language in old and language in new), "")
    return (old[leading], new[leading]) if leading else (old.say(), new.say())


def _periods(text: str) -> list[str]:
    return _PERIOD.findall(text)


def _poles(part: str, old: Text, new: Text, before: Placed, after: Placed) -> Iterator[Difference]:
    """The ends of a bipolar scale: exchanged, it is read the other way round."""
    if (before.item.left, before.item.right) == (after.item.right, after.item.left):
        if part == "left":
            yield Difference("scale_reversed", "breaking", part, old, new, needs_new_id=True)
        return
    yield from _said(part, old, new)


def _remark(part: str, old: Any, new: Any, *_: Placed) -> Iterator[Difference]:
    """Words that no respondent reads."""
    yield Difference("remark", "wording_fix", part, _shown(old), _shown(new))


# ------------------------------------------------------------------------------------------------- settings


def _breaking(reason: str) -> Rule:
    def rule(part: str, old: Any, new: Any, *_: Placed) -> Iterator[Difference]:
        yield Difference(reason, "breaking", part, _shown(old), _shown(new), needs_new_id=True)

    return rule


def _compatible(reason: str) -> Rule:
    def rule(part: str, old: Any, new: Any, *_: Placed) -> Iterator[Difference]:
        yield Difference(reason, "compatible", part, _shown(old), _shown(new))

    return rule


def _silent(*_: Any) -> Iterator[Difference]:
    """A name that nothing depends on, or a part that another row tells about."""
    yield from ()


def _unit(part: str, old: Text, new: Text, *_: Placed) -> Iterator[Difference]:
    before, after = _main(old, new)
    if before == after:
        yield from _translated(part, old, new)
    else:
        yield Difference("unit", "breaking", part, old, new, needs_new_id=True)


def _recall(part: str, old: Text, new: Text, *_: Placed) -> Iterator[Difference]:
    before, after = _main(old, new)
    if before != after:
        yield Difference("recall", "breaking", part, old, new, needs_new_id=True)
    elif old != new:
        yield from _translated(part, old, new)


def _range(part: str, old: Any, new: Any, before: Placed, after: Placed) -> Iterator[Difference]:
    """A wider range keeps every old answer; a narrower one refuses what was accepted. Lengths of texts are free."""
    if part == "high" and before.item.low != after.item.low:
        return  # told once, with the low end
    was, now = (before.item.low, before.item.high), (after.item.low, after.item.high)
    wider = (now[0] is None or (was[0] is not None and now[0] <= was[0])) and (
        now[1] is None or (was[1] is not None and now[1] >= was[1])
    )
    shown = _limits(*was), _limits(*now)
    if wider or before.item.kind.value == "text":
        yield Difference("range_wider" if wider else "range_length", "compatible", "range", *shown)
    else:
        yield Difference("range_narrower", "breaking", "range", *shown, needs_new_id=True)


def _limits(low: float | None, high: float | None) -> Text:
    ends = ("…" if end is None else f"{end:g}" for end in (low, high))
    return Text(zh=" – ".join(ends))


def _relevance(part: str, old: tuple[str, ...], new: tuple[str, ...], *_: Placed) -> Iterator[Difference]:
    """Who is asked. Wider is compatible; for anything else a researcher says whether it is still the same question."""
    before, after = {_tree(e) for e in old if e}, {_tree(e) for e in new if e}
    if before == after:
        return
    shown = Text(zh=" and ".join(filter(None, old))), Text(zh=" and ".join(filter(None, new)))
    if all(any(_covers(wide, narrow) for narrow in before) for wide in after):
        yield Difference("skip_wider", "compatible", part, *shown)
    else:
        yield Difference("skip", "compatible", part, *shown, asks=True)


def _tree(expression: str) -> str:
    """What an expression says, whatever blanks it is written with."""
    try:
        return repr(parse(expression).tree)
    except ExpressionError:
        return expression


def _covers(wide: str, narrow: str) -> bool:
    """Whether `wide` is `narrow` with further alternatives."""
    if wide == narrow:
        return True
    return wide.startswith("['or', ") and (f" {narrow}," in wide or wide.endswith(f" {narrow}]"))


def _check(part: str, old: Any, new: Any, *_: Placed) -> Iterator[Difference]:
    """Conditions on an answer; if only the words of the message changed, that is a wording fix."""
    if old is not None and new is not None and _tree(old.expression) == _tree(new.expression):
        if old.message != new.message:
            yield Difference("message", "wording_fix", part, old.message, new.message)
        return
    yield Difference(
        part, "compatible", part, Text(zh=old.expression if old else ""), Text(zh=new.expression if new else "")
    )


def _shown(value: Any) -> Text:
    """A setting as a reader may see it."""
    if isinstance(value, Text):
        return value
    if value in (None, "", ()):
        return NOTHING
    if isinstance(value, float):
        return Text(zh=f"{value:g}")
    if isinstance(value, tuple | list):
        return Text(zh=", ".join(str(each) for each in value))
    return Text(zh=str(value).lower() if isinstance(value, bool) else str(value))


# ------------------------------------------------------------------------------------------------- options


def _options(old: Item, new: Item, scale: bool) -> Iterator[Difference]:
    """What the codes mean, and what may be chosen."""
    if old.type != new.type and not (old.options and new.options):
        return  # the type says it
    before, after = {o.code: o for o in old.options}, {o.code: o for o in new.options}
    lists = _listed(old.options), _listed(new.options)
    kept = [code for code in before if code in after]
    was = [_main(before[c].text, after[c].text)[0] for c in kept]
    now = [_main(before[c].text, after[c].text)[1] for c in kept]

    def told(reason: str, verdict: str, **more: Any) -> Difference:
        if verdict == "breaking":
            more["needs_new_id"] = True
        return Difference(reason, verdict, "options", *lists, **more)

    reversed_words = len(kept) > 2 and was != now and was == now[::-1]
    if reversed_words or (scale and len(kept) > 2 and [c for c in after if c in before] == kept[::-1]):
        yield told("scale_reversed", "breaking")
        return
    moved = [c for c, a, b in zip(kept, was, now, strict=True) if a != b and (b in was or likeness(a, b) < ANOTHER)]
    if moved:
        yield told("code_meaning", "breaking", facts={"codes": _codes(moved)})
    reworded = [c for c, a, b in zip(kept, was, now, strict=True) if a != b and c not in moved]
    if reworded:
        yield told("option_wording", "wording_fix", asks=True, facts={"codes": _codes(reworded)})
    removed = [c for c in before if c not in after]
    if removed:
        yield told("points_removed" if scale else "option_removed", "breaking", facts={"codes": _codes(removed)})
    added = [c for c in after if c not in before]
    if added:
        if scale and not all(after[c].missing for c in added):
            yield told("points_added", "breaking", facts={"codes": _codes(added)})
        elif _at_the_end(added, before, new.options):
            yield told("option_added", "compatible", facts={"codes": _codes(added)})
        else:
            yield told("option_inserted", "breaking", facts={"codes": _codes(added)})
    if [c for c in after if c in before] != kept:
        yield told("scale_order", "breaking") if scale else told("option_order", "compatible")
    if any(before[c].missing != after[c].missing for c in kept):
        yield told("option_missing", "breaking")
    if any(before[c].exclusive != after[c].exclusive for c in kept):
        yield told("option_exclusive", "compatible")
    if moved or reworded or removed or added:
        return
    for code in kept:
        if before[code].text != after[code].text:
            yield from _translated("options", *lists)
            break
    known = {"code", "text", "exclusive", "missing"}
    rest = [f for f in Option.__dataclass_fields__ if f not in known]
    if any(getattr(before[c], name) != getattr(after[c], name) for c in kept for name in rest):
        yield told("option_setting", "compatible")


def _at_the_end(added: list[int], before: Mapping[int, Option], options: tuple[Option, ...]) -> bool:
    """Whether nothing but 98 其他, 以上都没有 and buttons like 不便回答 follows what was added."""
    last_old = [
        place
        for place, option in enumerate(options)
        if option.code in before and option.code < LATE_CODES and not option.exclusive and not option.missing
    ]
    return all(place > max(last_old, default=-1) for place, option in enumerate(options) if option.code in added)


def _listed(options: tuple[Option, ...]) -> Text:
    """All options as one line in each language: 1 是；2 否."""
    languages = dict.fromkeys(language for option in options for language in option.text)
    between = {"zh": "；"}
    return Text(
        {
            lang: between.get(lang, "; ").join(f"{o.code} {o.text.say(lang)}{_marks(o)}" for o in options)
            for lang in languages
        }
    )


def _marks(option: Option) -> str:
    """What is set of an option beside its words, by the keys of the file: [exclusive], [refused]."""
    plain = Option(option.code, option.text)
    changed = [name for name in Option.__dataclass_fields__ if getattr(option, name) != getattr(plain, name)]
    return "".join(f" [{option.missing if name == 'missing' else name}]" for name in changed)


def _codes(codes: list[int]) -> str:
    return ", ".join(str(code) for code in codes)


def _kind(part: str, old: str, new: str, before: Placed, after: Placed) -> Iterator[Difference]:
    """Another way of answering; likert5 and a likert of the same five options are one."""
    if {old, new} == {"likert", "likert5"} and before.item.options == after.item.options:
        return
    if {old, new} == {"text", "long_text"}:
        yield Difference("text_length", "compatible", part, _shown(old), _shown(new))
        return
    yield Difference("type", "breaking", part, _shown(old), _shown(new), needs_new_id=True)


# One row for each part of an item. What stands around it comes first.
AROUND: Mapping[str, Rule] = MappingProxyType(
    {
        "stem": _said,
        "recall": _recall,
        "relevance": _relevance,
        "rows": _breaking("rows"),
    }
)
PARTS: Mapping[str, Rule] = MappingProxyType(
    {
        "text": _said,
        "type": _kind,
        "hint": _said,
        "unit": _unit,
        "left": _poles,
        "right": _poles,
        "recall": _silent,  # AROUND tells, with that of the page
        "reverse": _breaking("reverse"),
        "low": _range,
        "high": _range,
        "decimals": _compatible("precision"),
        "step": _compatible("precision"),
        "most": _breaking("most"),
        "required": _compatible("required"),
        "sensitive": _compatible("sensitive"),
        "relevance": _silent,  # AROUND tells, with that of the page
        "constraint": _check,
        "warning": _check,
        "warn_above": _compatible("warning"),
        "missing": _compatible("missing"),
        "source": _breaking("source"),
        "calculation": _breaking("calculation"),
        "choice_filter": _compatible("choice_filter"),
        "default": _compatible("default"),
        "random_order": _compatible("random_order"),
        "randomised": _breaking("randomised"),
        "keep_location": _compatible("keep_location"),
        "label": _remark,
        "note": _remark,
        "options": _silent,  # told by _options
        "list_name": _silent,
        "id": _silent,
    }
)
