"""Everything that a report prints, as text, and the hash of it that the files carry."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Any

from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.report import CountyReport


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
