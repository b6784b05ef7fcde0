"""The table of places, read once per process."""

from __future__ import annotations

from functools import lru_cache

from fieldkit.core.place import Gazetteer
from fieldkit.formats.places_csv import load_places
from fieldkit.settings import resource


@lru_cache(maxsize=1)
def places() -> Gazetteer:
    """Every province, prefecture and county by code."""
    return load_places(resource("instruments") / "places.csv")
