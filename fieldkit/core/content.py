"""The hash of what an instrument says, so that a published one can be recognised and never changed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

from fieldkit.core.instrument import Module, Questionnaire
from fieldkit.core.text import Text

Instrument = TypeVar("Instrument", Module, Questionnaire)


def sealed(instrument: Instrument) -> Instrument:
    """The same module or questionnaire with the hash of its content.

    The hash covers everything but itself: wording, options, conditions, scoring, order. Two instruments with the same
    id, version and hash are the same.
    """
    plain = _canonical(replace(instrument, hash=""))
    content = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return replace(instrument, hash=hashlib.sha256(content.encode("utf-8")).hexdigest())


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    """The fields of a dataclass, each with its default."""
    fields = dataclasses.fields(kind)
    missing = dataclasses.MISSING
    return tuple((f.name, f.default_factory() if f.default_factory is not missing else f.default) for f in fields)


def _canonical(value: Any) -> Any:
    """Plain data that depends on the content alone.

    Fields at their default are left out, so that a field added to core later does not change the hash of what was
    published before (and a default, once used, stays as it is); 5.0 and 5 are one number.
    """
    kind: Any = type(value)
    if kind in (str, int, bool, type(None)):
        return value
    if kind is float:
        return int(value) if value.is_integer() else value
    if kind in (tuple, list):
        return [_canonical(each) for each in value]
    if kind is Text:
        return dict(value)
    if isinstance(value, Mapping):
        return {str(name): _canonical(each) for name, each in value.items()}
    fields = ((name, getattr(value, name), default) for name, default in _defaults(kind))
    return {name: _canonical(each) for name, each, default in fields if each is not default and each != default}
