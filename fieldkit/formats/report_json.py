"""A finished report as JSON and back: what an edition keeps, so that its files can be made again byte for byte.

Only what is printed is in it: disclosed numbers and words, never an answer. Every part is a dataclass of
`stats.report` or `stats.disclose`, written as an object whose key '' names it; fields at their default are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

import orjson

from fieldkit.core.problem import Problem
from fieldkit.stats import disclose, report
from fieldkit.stats.report import CountyReport

PARTS: dict[str, type] = {
    name: part
    for module in (report, disclose)
    for name, part in vars(module).items()
    if isinstance(part, type) and is_dataclass(part)
}


def dump_report(finished: CountyReport) -> bytes:
    """The report as canonical JSON: the same report always gives the same bytes."""
    return orjson.dumps(_plain(finished), option=orjson.OPT_SORT_KEYS)


def load_report(kept: bytes) -> CountyReport:
    """The report again, equal to the one that was dumped.

    Raises Problem `edition.unreadable` where this program no longer knows a part of it.
    """
    try:
        found = _whole(orjson.loads(kept))
    except (ValueError, KeyError, TypeError) as error:
        raise Problem("edition.unreadable", where="snapshot", part=str(error)[:80]) from None
    if not isinstance(found, CountyReport):
        raise Problem("edition.unreadable", where="snapshot", part=type(found).__name__)
    return found


def snapshot_id(kept: bytes) -> str:
    """What names the numbers of an edition: the first 16 hexadecimal digits of the SHA-256 of its JSON."""
    return hashlib.sha256(kept).hexdigest()[:16]


def _plain(thing: Any) -> Any:
    if is_dataclass(thing) and not isinstance(thing, type):
        told: dict[str, Any] = {"": type(thing).__name__}
        for one in fields(thing):
            value = getattr(thing, one.name)
            if one.default is MISSING or value != one.default:
                told[one.name] = _plain(value)
        return told
    if isinstance(thing, list | tuple):
        return [_plain(part) for part in thing]
    if isinstance(thing, Mapping):
        return {str(key): _plain(value) for key, value in thing.items()}
    return thing


def _whole(kept: Any) -> Any:
    if isinstance(kept, list):
        return tuple(_whole(part) for part in kept)
    if isinstance(kept, dict):
        if "" not in kept:
            return {key: _whole(value) for key, value in kept.items()}
        return PARTS[kept[""]](**{key: _whole(value) for key, value in kept.items() if key})
    return kept
