"""The markup of a place, a photo, a recording and a file; static/files.js gives them their buttons.

Without the script a place is typed, and what has to be sent as a file says that it cannot be.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from fieldkit.core.item import Item
from fieldkit.core.point import EXACT
from fieldkit.forms.widgets import Attributes, attributes, described
from fieldkit.translations import say


class Spot:
    """Latitude and longitude in two number fields, and what of them is sent; the script adds a button."""

    def __call__(self, field: Any, **_: object) -> Markup:
        item: Item = field.item
        given = [*(field.data or []), "", "", "", ""]
        cells = []
        for place, name in enumerate(("lat", "lon")):
            tag: Attributes = {
                "name": field.name,
                "inputmode": "decimal",
                "autocomplete": "off",
                "value": given[place],
                "aria-labelledby": f"{item.id}-q {item.id}-{name}",
                "aria-describedby": " ".join(filter(None, (described(item, field), f"{item.id}-sent"))),
                "aria-invalid": "true" if field.errors else None,
            }
            cells.append(
                Markup('<label class="number spot"><span id="{}-{}">{}</span><input{}></label>').format(
                    item.id, name, say(f"phone.point_{name}", field.language), attributes(tag)
                )
            )
        if item.places >= EXACT:  # altitude and accuracy, which only a phone can say
            cells += [
                Markup("<input{}>").format(attributes({"type": "hidden", "name": field.name, "value": given[place]}))
                for place in (2, 3)
            ]
        around = say(f"phone.point_around_{min(item.places, 6)}", field.language)
        more = say("phone.point_more", field.language) if item.places >= EXACT else ""
        sent = say("phone.point_sent", field.language, places=item.places, around=around, more=more)
        return Markup(
            '<div class="spots" data-files="point">{}</div><p class="hint" id="{}-sent">{}</p>'
        ).format(Markup("").join(cells), item.id, sent)


class Media:
    """The name of a file; the script chooses, shows and sends the file itself."""

    def __call__(self, field: Any, **_: object) -> Markup:
        item: Item = field.item
        tag = attributes({"type": "hidden", "name": field.name, "value": field.data or ""})
        sent = "phone.image_sent_stay" if item.keep_location else f"phone.{item.type}_sent"
        told = Markup('<p class="hint">{}</p>').format(say(sent, field.language))
        return Markup('<div class="media" data-files="{}"><input{}></div>{}').format(item.type, tag, told)
