"""The markup of answers that few questionnaires use: an order, a slider, a time, a box to tick, a counted list.

Each works as a plain form; static/kinds.js makes it pleasant for a thumb. `data-widget` names what the script draws.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from fieldkit.core.item import Item
from fieldkit.forms.widgets import Attributes, Number, attributes, described


def _tag(field: Any, **more: object) -> Attributes:
    item: Item = field.item
    return {
        **more,
        "name": field.name,
        "autocomplete": "off",
        "value": field.data or "",
        "aria-labelledby": f"{item.id}-q",
        "aria-describedby": described(item, field),
        "aria-invalid": "true" if field.errors else None,
    }


class Clock:
    """A time of day, from the phone's own clock."""

    def __call__(self, field: Any, **_: object) -> Markup:
        return Markup('<div class="number wide"><input{}></div>').format(attributes(_tag(field, type="time")))


class Tick:
    """One box to tick."""

    def __call__(self, field: Any, **_: object) -> Markup:
        rows = [
            Markup('<label class="row"><input{}><span class="face">{}</span></label>').format(
                attributes({"type": "checkbox", "name": field.name, "value": c.value, "checked": c.selected}), c.label
            )
            for c in field.iter_choices()
        ]
        return Markup('<div class="rows">{}</div>').format(Markup("").join(rows))


class Order:
    """First, second, third: one list to choose from for each place. The script asks to tap in order instead."""

    def __call__(self, field: Any, **_: object) -> Markup:
        item: Item = field.item
        choices = [c for c in field.iter_choices() if not c.render_kw.get("quiet")]
        chosen = field.data or []
        places = []
        for place in range(item.most or len(choices)):
            now = chosen[place] if place < len(chosen) else ""
            options = [Markup('<option value=""></option>')] + [
                Markup("<option{}>{}</option>").format(
                    attributes({"value": c.value, "selected": c.value == now}), c.label
                )
                for c in choices
            ]
            head = attributes({"name": field.name, "aria-labelledby": f"{item.id}-q"})
            places.append(
                Markup('<li><span class="place">{}</span><select{}>{}</select></li>').format(
                    place + 1, head, Markup("").join(options)
                )
            )
        return Markup('<ol class="places" data-widget="order">{}</ol>').format(Markup("").join(places))


class Slider:
    """A number between two ends; without the script it is typed. Nothing is set before the first touch."""

    def __call__(self, field: Any, **_: object) -> Markup:
        item: Item = field.item
        ticks = ";".join(f"{o.code}={o.text.say(field.language)}" for o in item.options)
        given = {"low": item.low or 0, "high": item.high if item.high is not None else 100, "step": item.smallest or 1}
        data: Attributes = {
            "data-widget": "slider",
            **{f"data-{name}": f"{value:g}" for name, value in given.items()},
            "data-ticks": ticks or None,
        }
        number = Number("numeric" if item.smallest is None or float(item.smallest).is_integer() else "decimal")
        return Markup("<div{}>{}</div>").format(attributes(data), number(field))


class CountedList:
    """Statements to read, and how many of them hold. Only with the script, which draws by chance who reads which.

    The sensitive statement is on the page of everyone; the script takes it away from half of the respondents.
    """

    def __call__(self, field: Any, **_: object) -> Markup:
        item: Item = field.item
        lines = [
            Markup("<li{}>{}</li>").format(attributes({"data-sensitive": o.sensitive}), o.text.say(field.language))
            for o in item.options
        ]
        counts = [
            Markup('<label class="pole"><input{}><span class="face numeral">{}</span></label>').format(
                attributes({"type": "radio", "name": field.name, "value": n, "checked": str(n) == field.data}), n
            )
            for n in range(len(item.options) + 1)
        ]
        arm = attributes({"type": "hidden", "name": f"{item.id}__arm", "value": field.arm})
        return Markup(
            '<div class="live" hidden data-widget="counted"><ol class="statements">{}</ol>'
            '<div class="counts">{}</div><input{}></div>'
        ).format(Markup("").join(lines), Markup("").join(counts), arm)


class Nothing:
    """A note has nothing to fill in."""

    def __call__(self, field: Any, **_: object) -> Markup:
        return Markup("")
