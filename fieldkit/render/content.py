"""Everything that a report prints, as text, and the hash of it that the files carry."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import is_dataclass

from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.report import CountyReport


def texts_of(thing: object) -> Iterator[str]:
    """Every string inside a report that is printed."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from texts_of(part)
    elif is_dataclass(thing) and not isinstance(thing, Disclosed):  # numbers are printed from the strings beside them
        for name in thing.__dataclass_fields__:
            yield from texts_of(getattr(thing, name))


def content_hash(report: CountyReport) -> str:
    """The SHA-256 of everything that is printed, as 64 digits: the same for the PDF and the page of one report."""
    content = (report.language, report.title, report.dated, report.cover, report.blocks, report.footer)
    return hashlib.sha256("\n".join(texts_of(content)).encode()).hexdigest()
