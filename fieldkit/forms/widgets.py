"""The markup of one answer on the phone: rows to tap, a number with its unit, seven steps between two poles.

Every chosen state is a plain `:checked`, so that the page works without its script. The card around an answer
(question, hint, messages) is the template `phone/card.html`.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape
from wtforms import Field

from fieldkit.core.item import Item

Attributes = dict[str, object]
FEW_WORDS = 60  # characters; such a text gets a field of two lines


def attributes(given: Attributes) -> Markup:
    """HTML attributes; True stands alone, None and False are left out.

    >>> attributes({"checked": True, "hidden": False, "value": 3})
    Markup(' checked value="3"')
    """
    parts = []
    for name, value in given.items():
        if value is True:
            parts.append(f" {name}")
        elif value is not None and value is not False:
            parts.append(f' {name}="{escape(value)}"')
    return Markup("".join(parts))


def described(item: Item, field: Field) -> str | None:
    """The ids of what is said about a field, for those who hear the page."""
    ids = [f"{item.id}-hint"] if getattr(field, "hint", "") else []
    ids += [f"{item.id}-err"] if field.errors else []
    return " ".join(ids) or None


class Rows:
    """Full-width rows with their words; an exclusive option stands apart below."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, field: Any, **_: object) -> Markup:
        together: list[Markup] = []
        apart: list[Markup] = []
        for choice in field.iter_choices():
            if choice.render_kw.get("quiet"):
                continue
            tag: Attributes = {"type": self.kind, "name": field.name, "value": choice.value}
            tag["checked"] = choice.selected
            row = Markup('<label class="row"><input{}><span class="face">{}</span></label>\n').format(
                attributes(tag), choice.label
            )
            (apart if choice.render_kw.get("exclusive") else together).append(row)
        boxes = [Markup('<div class="rows">\n{}</div>').format(Markup("").join(g)) for g in (together, apart) if g]
        return Markup("\n").join(boxes)


class Scale:
    """Seven equal steps between two poles; what is chosen is written out below by the script."""

    def __call__(self, field: Any, **_: object) -> Markup:
        steps = [c for c in field.iter_choices() if not c.render_kw.get("quiet")]
        cells = [
            Markup('<label class="pole"><input{}><span class="face"></span></label>').format(
                attributes(
                    {
                        "type": "radio",
                        "name": field.name,
                        "value": step.value,
                        "aria-label": step.label,
                        "checked": step.selected,
                    }
                )
            )
            for step in steps
        ]
        ends = [steps[0].label, steps[len(steps) // 2].label, steps[-1].label]
        return Markup(
            '<div class="poles"><p>{}</p><p>{}</p></div>\n<div class="scale">{}</div>\n'
            '<div class="ends"><span>{}</span><span>{}</span><span>{}</span></div>\n<p class="said" hidden></p>'
        ).format(field.left, field.right, Markup("").join(cells), *ends)


class Number:
    """One large field with its unit beside it, for a number keypad; never a default value."""

    def __init__(self, keypad: str) -> None:
        self.keypad = keypad

    def __call__(self, field: Any, **_: object) -> Markup:
        item: Item = field.item
        tag: Attributes = {
            "name": field.name,
            "inputmode": self.keypad,
            "autocomplete": "off",
            "value": field.data or "",
            "aria-labelledby": f"{item.id}-q {item.id}-unit" if field.unit else f"{item.id}-q",
            "aria-describedby": described(item, field),
            "aria-invalid": "true" if field.errors else None,
        }
        unit = Markup('<span class="unit" id="{}-unit">{}</span>').format(item.id, field.unit) if field.unit else ""
        return Markup('<div class="number"><input{}>{}</div>').format(attributes(tag), unit)


class Day:
    """A day, chosen from the phone's own calendar."""

    def __call__(self, field: Any, **_: object) -> Markup:
        tag: Attributes = {
            "type": "date",
            "name": field.name,
            "value": field.data or "",
            "aria-labelledby": f"{field.item.id}-q",
            "aria-describedby": described(field.item, field),
            "aria-invalid": "true" if field.errors else None,
        }
        return Markup('<div class="number wide"><input{}></div>').format(attributes(tag))


class Words:
    """Free text with room to write; the script counts the characters."""

    def __call__(self, field: Any, **_: object) -> Markup:
        item: Item = field.item
        tag: Attributes = {
            "name": field.name,
            "rows": 2 if item.high and item.high <= FEW_WORDS else 5,
            "autocomplete": "off",
            "aria-labelledby": f"{item.id}-q",
            "aria-describedby": described(item, field),
            "aria-invalid": "true" if field.errors else None,
        }
        # a line break right after <textarea> is dropped by browsers, so one is given away
        box = Markup('<div class="words"><textarea{}>\n{}</textarea></div>').format(attributes(tag), field.data or "")
        counter = Markup('<p class="hint counter" data-most="{}" hidden></p>').format(int(item.high or 0))
        return box + counter if item.high else box


class Quiet:
    """不清楚, 不便回答, 不适用: quiet text buttons in one line under the answer."""

    def __call__(self, field: Any, **_: object) -> Markup:
        buttons = [
            Markup('<label class="quiet"><input{}><span>{}</span></label>').format(
                attributes({"type": "radio", "name": field.name, "value": c.value, "checked": c.selected}), c.label
            )
            for c in field.iter_choices()
            if c.render_kw.get("quiet")
        ]
        return Markup('<div class="aside">{}</div>').format(Markup("").join(buttons)) if buttons else Markup("")
