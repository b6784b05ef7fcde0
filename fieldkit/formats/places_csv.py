"""The table of provinces, prefectures, counties and development zones, read from instruments/places.csv.

Columns: code, name, kind (province, prefecture, county, zone), parent (a code, empty for provinces), source, as_of.
Where the table comes from and what was changed stands in instruments/places.LICENSE.txt.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from fieldkit.core.place import Gazetteer, Place
from fieldkit.core.problem import Problem

COLUMNS = ["code", "name", "kind", "parent", "source", "as_of"]


def load_places(path: Path) -> Gazetteer:
    """Read the table of places; ValueError names the file, the line and what is wrong with it.

    The gazetteer's `source` and `as_of` are those of most rows.
    """
    places: dict[str, Place] = {}
    editions: Counter[tuple[str, str]] = Counter()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        if next(rows, None) != COLUMNS:
            raise ValueError(f"{path}:1: the columns must be {', '.join(COLUMNS)}")
        for row in rows:
            where = f"{path}:{rows.line_num}"
            try:
                code, name, kind, parent, source, as_of = row
                place = Place(code, name, kind, parent)
            except (ValueError, Problem) as error:
                raise ValueError(f"{where}: {','.join(row)}: {error}") from None
            if code in places:
                raise ValueError(f"{where}: {code} stands twice")
            places[code] = place
            editions[source, as_of] += 1
    for place in places.values():
        if place.parent and place.parent not in places:
            raise ValueError(f"{path}: {place.code} {place.name}: its parent {place.parent} is not in the table")
    [((source, as_of), _)] = editions.most_common(1) or [(("", ""), 0)]
    return Gazetteer(places.values(), source=source, as_of=as_of)
