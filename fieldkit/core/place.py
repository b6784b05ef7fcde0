"""Provinces, prefectures and counties by their GB/T 2260 code (a string: leading zeros and length matter)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fieldkit.core.problem import Problem

KINDS = ("province", "prefecture", "county", "zone")


@dataclass(frozen=True, slots=True)
class Place:
    """One administrative division. `code` has six digits; `parent` is the code above it ('' for a province).

    `kind` is one of KINDS; `zone` is a development zone or similar, which statistics list but the state does
    not count among its county-level units.
    """

    code: str
    name: str
    kind: str
    parent: str = ""

    def __post_init__(self) -> None:
        if not (len(self.code) == 6 and self.code.isdigit()):
            raise Problem("place.unknown", where=self.code, place=self.code)
        if self.kind not in KINDS:
            raise ValueError(f"{self.code}: kind {self.kind!r} is not one of {KINDS}")


class Gazetteer(Mapping[str, Place]):
    """All places of one edition of the division table, looked up by code."""

    def __init__(self, places: Iterable[Place], *, source: str = "", as_of: str = "") -> None:
        self._places = {place.code: place for place in places}
        self.source = source
        self.as_of = as_of

    def __getitem__(self, code: str) -> Place:
        return self._places[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def find(self, code: str) -> Place:
        """The place with this code, or Problem `place.unknown`."""
        if code not in self._places:
            raise Problem("place.unknown", where=code, place=code)
        return self._places[code]

    def counties(self, *, zones: bool = False) -> list[Place]:
        """All county-level units in code order; development zones only when asked for."""
        wanted = ("county", "zone") if zones else ("county",)
        return sorted((p for p in self._places.values() if p.kind in wanted), key=lambda p: p.code)

    def province_of(self, place: Place) -> Place:
        """The province that a place lies in (a province is its own)."""
        while place.parent:
            place = self.find(place.parent)
        return place

    def lies_in(self, place: Place, above: Place) -> bool:
        """Whether a place lies in another one; a place lies in itself."""
        while place.code != above.code:
            if not place.parent:
                return False
            place = self.find(place.parent)
        return True

    def above(self, codes: Iterable[str]) -> list[Place]:
        """The provinces and prefectures that these places lie in, in code order; unknown codes are passed over."""
        found: dict[str, Place] = {}
        for code in codes:
            place = self._places.get(code)
            while place is not None and place.parent:
                place = self.find(place.parent)
                found[place.code] = place
        return [found[code] for code in sorted(found)]

    def full_name(self, place: Place, separator: str = "") -> str:
        """Province, prefecture and county in one line, without repeating a municipality's name."""
        names = [place.name]
        while place.parent:
            place = self.find(place.parent)
            if place.name not in names:
                names.insert(0, place.name)
        return separator.join(names)
