"""Everything that a report prints, as text, and the hash of it that the files carry."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.report import CountyReport

# What nobody sees on paper: control characters, marks of direction and joining, variants of a character.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200c-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_BREAKS = re.compile("\r\n?|[\u2028\u2029]")


def seen(text: str) -> str:
    r"""The text as it can be set: accents joined to their letters, odd line breaks made plain, unseen characters gone.

    >>> seen("e\u0301te\u0301"), seen("\u202e乡\u200d镇\ufe0f"), seen("村\r\n社区")
    ('été', '乡镇', '村\n社区')
    """
    text = unicodedata.normalize("NFC", _BREAKS.sub("\n", text).replace("\t", " "))
    return _UNSEEN.sub("", text)


def printable(report: CountyReport) -> CountyReport:
    """The report with every text as it can be set; most have nothing to change."""
    whole = "\n".join((*content(report), report.author))
    odd = _UNSEEN.search(whole) or _BREAKS.search(whole) or "\t" in whole
    if not odd and unicodedata.is_normalized("NFC", whole):
        return report
    return _seen(report)  # type: ignore[no-any-return]


def _seen(thing: Any) -> Any:
    if isinstance(thing, str):
        return seen(thing)
    if isinstance(thing, tuple):
        return tuple(_seen(part) for part in thing)
    names = () if isinstance(thing, Disclosed) else _names(type(thing))  # type: ignore[arg-type]
    return replace(thing, **{name: _seen(getattr(thing, name)) for name in names}) if names else thing


def texts_of(thing: object) -> Iterator[str]:
    """Every string inside a report that is printed."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from texts_of(part)
    elif not isinstance(thing, Disclosed):  # numbers are printed from the strings beside them
        for name in _names(type(thing)):  # type: ignore[arg-type]
            yield from texts_of(getattr(thing, name))


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a part of a report; none of anything else."""
    return tuple(getattr(kind, "__dataclass_fields__", ()))


_last: list[tuple[CountyReport, tuple[str, ...]]] = []  # one report is asked for three times over


def content(report: CountyReport) -> tuple[str, ...]:
    """Every string of the report that its hash covers."""
    for known, texts in _last[:1]:
        if known is report:
            return texts
    whole = (report.language, report.title, report.dated, report.cover, report.blocks, report.footer)
    texts = tuple(texts_of(whole))
    _last[:] = [(report, texts)]
    return texts


def content_hash(report: CountyReport) -> str:
    """The SHA-256 of everything that is printed, as 64 digits: the same for the PDF and the page of one report."""
    return hashlib.sha256("\n".join(content(report)).encode()).hexdigest()
