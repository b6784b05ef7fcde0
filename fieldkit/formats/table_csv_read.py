"""A county's aggregate CSV read again: the numbers exactly as an issued report printed them, and nothing more."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from fieldkit.stats.disclose import Disclosed, Part


def read_county_csv(body: bytes) -> dict[str, Disclosed]:
    """The county's own numbers (no split by level) by indicator; written by `table_csv.county_csv`."""
    found: dict[str, Disclosed] = {}
    for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig"))):
        name = row["indicator_id"]
        if row["group"]:
            continue
        if row["codes"]:
            codes = tuple(int(code) for code in row["codes"].split("+"))
            percent = float(row["value"]) if row["value"] else float(row["bound"][1:])
            part = Part(codes, percent, len(codes) > 1, bound=row["bound"])
            before = found.get(name)
            parts = (*before.parts, part) if before else (part,)
            found[name] = Disclosed(name, row["statistic"], "ok", n=_whole(row["n_valid"]), parts=parts)
            continue
        if name in found:
            continue  # a further statistic of the same indicator
        numbers = {key: float(row[key]) if row[key] else None for key in ("value", "lo", "hi", "q1", "q3")}
        plain = Disclosed(name, row["statistic"], row["status"], n=_whole(row["n_valid"]), bound=row["bound"])
        found[name] = replace(plain, **numbers)  # type: ignore[arg-type]
    return found


def _whole(text: str) -> int | None:
    return int(text) if text else None
