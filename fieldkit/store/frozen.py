"""Frozen objects of core as JSON and back, so that what was published can be read without the files it came from."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import orjson

from fieldkit.core.text import Text

Thing = TypeVar("Thing")


def dump(thing: object) -> str:
    """A frozen dataclass as JSON, defaults written out, so that a default changed later rewrites nothing published.

    >>> from fieldkit.core.wave import WaveCounty
    >>> dump(WaveCounty("330523"))
    '{"code":"330523","invited":null}'
    """
    return orjson.dumps(_plain(thing)).decode()


def load(kind: type[Thing], text: str | bytes) -> Thing:
    """The object again, equal to the one that was dumped; lists become tuples, mappings read-only.

    >>> from fieldkit.core.wave import WaveCounty
    >>> load(WaveCounty, '{"code":"330523","invited":180}')
    WaveCounty(code='330523', invited=180)
    """
    return cast(Thing, _reader(cast(Any, kind))(orjson.loads(text)))


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return dict(value)
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """How a value of this type is read back from plain JSON."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Text:
        return Text
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        readers = {f.name: _reader(hints[f.name]) for f in fields(kind)}
        make = cast(Callable[..., Any], kind)
        return lambda found: make(**{name: readers[name](value) for name, value in found.items()})
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            one = _reader(inner[0])
            return lambda found: tuple(one(v) for v in found)
        each = [_reader(i) for i in inner]
        return lambda found: tuple(r(v) for r, v in zip(each, found, strict=True))
    if origin in (Union, types.UnionType):
        some = [i for i in inner if i is not type(None)]
        if len(some) == 1:
            real = _reader(some[0])
            return lambda found: None if found is None else real(found)
        return _frozen
    if origin is not None and issubclass(origin, Mapping):
        value = _reader(inner[1])
        return lambda found: types.MappingProxyType({k: value(v) for k, v in found.items()})
    return _frozen


def _frozen(found: Any) -> Any:
    """A value whose type says nothing about what is inside."""
    if isinstance(found, list):
        return tuple(_frozen(one) for one in found)
    if isinstance(found, dict):
        return types.MappingProxyType({name: _frozen(one) for name, one in found.items()})
    return found
