"""Photos, recordings and files that go with an answer: their names, their kinds, how large they may be.

The answer to such an item is the file's name: the SHA-256 of what the phone sends, and an ending. So the same file
sent twice is one file, a broken delivery can go on where it stopped, and nothing else can be slipped in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fieldkit.core.item import Item

NAME = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{3,4}\Z")
MB = 1024 * 1024
# What each item type takes, by the ending of the name. Nothing that runs: no old Office files, no HTML, no SVG.
EXTENSIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "image": ("jpg", "png", "webp"),
        "audio": ("m4a", "mp3", "ogg", "webm", "wav"),
        "file": ("pdf", "docx", "xlsx", "pptx", "csv", "txt", "jpg", "png", "webp"),
    }
)
LIMITS: Mapping[str, int] = MappingProxyType({"image": 2 * MB, "audio": 5 * MB, "file": 10 * MB})  # bytes of one file
RESPONSE_LIMIT = 40 * MB  # all files of one response together
LONGEST_SIDE = 1600  # pixels of a photo, as the phone makes it
CHUNK_LIMIT = 256 * 1024  # bytes in one request
STATES = ("arriving", "arrived", "cleared", "kept_out")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file belongs: its response, and its name."""

    wave: str
    county: str
    response: str
    name: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as far as it has arrived.

    `received` of `total` bytes are here. `state` is one of STATES: only what a researcher has cleared may leave; what
    was kept out has lost its content. `sha256` is that of the content as it is kept, which has lost its metadata.
    """

    at: Address
    item: str
    total: int
    received: int
    state: str
    sha256: str = ""

    @property
    def arrived(self) -> bool:
        """Whether all of it came."""
        return self.state != "arriving"


def extension(name: str) -> str:
    """The ending of a file's name.

    >>> extension("a" * 64 + ".jpg")
    'jpg'
    """
    return name.rpartition(".")[2]


def announced(answers: Mapping[str, Any], items: Mapping[str, Item]) -> dict[str, str]:
    """The files that answers name, each with its item; those in the rows of a repeat too.

    >>> from fieldkit.core.text import Text
    >>> photo = Item("photo", Text(zh="拍照"), "image")
    >>> list(announced({"visits": [{"photo": "0" * 64 + ".jpg"}]}, {"photo": photo}).values())
    ['photo']
    """
    return dict(_announced(answers, items))


def _announced(answers: Mapping[str, Any], items: Mapping[str, Item]) -> Iterator[tuple[str, str]]:
    for name, answer in answers.items():
        value = getattr(answer, "value", answer)
        if isinstance(value, list):
            for row in value:
                if isinstance(row, Mapping):
                    yield from _announced(row, items)
        elif isinstance(value, str) and name in items and items[name].kind.value == "media" and NAME.match(value):
            yield value, name
