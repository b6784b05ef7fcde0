"""The phone's script and style, each joined from its parts into one file: every request is a second on a slow network.

The parts of the script share one scope, in this order. The joined files stand under the edition of the static folder
like all others, so a phone keeps them for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from fieldkit.web.delivery import STATIC

SCRIPT = ("state", "messages", "flow", "draft", "review", "sending", "hiding", "start")
PARTS: Mapping[str, tuple[str, ...]] = {
    "css": ("tokens.css", "phone/look.css"),
    "js": tuple(f"phone/{part}.js" for part in SCRIPT),
}
TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


@cache
def joined(kind: str) -> bytes:
    """All parts of the phone's script ('js') or style ('css')."""
    return b"\n".join((STATIC / name).read_bytes() for name in PARTS[kind])
