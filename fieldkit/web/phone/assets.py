"""The phone's script and style, each joined from its parts into one file: every request is a second on a slow network.

The parts of the script share one scope, in this order. Modules that a page fetches later (kinds.js) import what they
share with it from the joined file, so that there is one copy of it. The joined files stand under the edition of the
static folder like all others, so a phone keeps them for ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from fieldkit.web.delivery import STATIC

SCRIPT = (
    "state", "paradata", "messages", "flow", "tongue", "draft", "review", "sending", "hiding", "start",
)  # fmt: skip
LOOK = ("tokens.css", "phone/look.css")
PARTS: Mapping[str, tuple[str, ...]] = {
    "phone.css": LOOK,
    "phone-kinds.css": (*LOOK, "kinds.css"),
    "phone.js": ("expression.js", "answers.js", "plain-store.js", *(f"phone/{part}.js" for part in SCRIPT)),
    "phone-kinds.js": ("expression-more.js", "rows.js", "kinds.js"),
    "phone-files.css": (*LOOK, "kinds.css", "files.css"),
    "phone-files.js": ("files-kept.js", "files-picture.js", "files-hash.js", "files-sending.js", "files.js"),
    "phone-later.js": (
        "book.js", "plain-store.js", "journal.js", "outbox.js", "rescue.js", "tabs.js", "worker-link.js",
        "aging.js", "apps.js", "unseen.js", "carry.js", "later.js",
    ),
    # without a network a page has what stands in it, and nothing that this would fetch
    "phone-mine.js": ("book.js", "plain-store.js", "outbox.js", "aging.js", "apps.js", "rescue.js", "mine.js"),
    "phone-waiting.js": ("book.js", "plain-store.js", "outbox.js", "aging.js", "waiting.js"),
}
AT_HOME = {
    "./answers.js": "./phone.js",
    "./expression.js": "./phone.js",
    "./kinds.js": "./phone-kinds.js",
    "./files.js": "./phone-files.js",
    "./later.js": "./phone-later.js",
}
IMPORT = re.compile(r'^import (\{[^}]*\}|\* as \w+) from "(\./[\w-]+\.js)";\n', re.MULTILINE)
NAMED = re.compile(r"var\((--[\w-]+)")
TOKEN = re.compile(r"(--[\w-]+):[^;{}]*;?")


@cache
def joined(name: str) -> bytes:
    """One of the files in PARTS, joined from them."""
    text = "\n".join((STATIC / part).read_text("utf-8") for part in PARTS[name])
    return (script(name, text) if name.endswith(".js") else style(text)).encode()


def script(name: str, text: str) -> str:
    """Parts that import from each other are one module now: what they name is there; other modules come from it."""
    inside = {f"./{part.rsplit('/', 1)[-1]}" for part in PARTS[name]}
    wanted: dict[str, set[str]] = {}
    whole: list[str] = []
    for names, address in IMPORT.findall(text):
        home = AT_HOME.get(address, address)
        if names.startswith("*"):
            whole.append(f'import {names} from "{home}";')
        elif address not in inside:
            wanted.setdefault(home, set()).update(each.strip() for each in names.strip("{}").split(","))
    named = [f'import {{ {", ".join(sorted(names))} }} from "{home}";' for home, names in sorted(wanted.items())]
    body = IMPORT.sub("", text)
    for address, home in AT_HOME.items():
        body = body.replace(f'import("{address}")', f'import("{home}")')
    return "\n".join([*whole, *named, body])


def style(text: str) -> str:
    """The style without the tokens that only the desk and the report use."""
    used = set(NAMED.findall(text))
    return TOKEN.sub(lambda found: found.group() if found.group(1) in used else "", text)


def all_joined() -> dict[str, bytes]:
    """Every joined file by its name."""
    return {name: joined(name) for name in PARTS}
