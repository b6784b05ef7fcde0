"""An attacker with everything that is published about a county, and a pencil.

`published` collects what one report tells; `attack` looks for groups of people below the thresholds in it alone,
`between_issues` in two issues of the same county, `pool_minus` in a report about several counties less those of single
ones. Each gives the groups that it found, in words; nothing found is an empty list. What the attacker knows besides
is public: the questionnaire, the indicators and the rules.

PDF and page are no sources of their own: `strays` gives every number on them that is not a string of the report, so
that an attack on the report object is one on all of them.
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from itertools import combinations
from typing import Any, TypeVar

from fieldkit.core.instrument import Indicator, Questionnaire
from fieldkit.core.item import Item
from fieldkit.stats.disclose import FEW, Disclosed, Thresholds
from fieldkit.stats.report import CountyReport, Row, Stack, Table
from fieldkit.stats.results import _controllers, codes_of

Shape = TypeVar("Shape")
Counts = range  # every number of people that fits


@dataclass(frozen=True)
class Fact:
    """One published number: which indicator, of whom, of which codes; `value` lies within `half` of the truth."""

    indicator: str
    statistic: str
    group: str = ""
    codes: frozenset[int] = frozenset()
    value: float | None = None
    half: float = 0.05
    n: int | None = None
    bound: str = ""
    counted: Counts | None = None  # how many people, where that was worked out and is not a percentage

    @property
    def people(self) -> Counts | None:
        """How many people a percentage can be, where its base is printed."""
        if self.counted is not None:
            return self.counted
        if self.n is None or self.value is None or self.statistic not in ("share", "part", "option"):
            return None
        fits = [k for k in range(self.n + 1) if abs(100 * k / self.n - self.value) <= self.half + 1e-9]
        return range(min(fits), max(fits) + 1) if fits else None


@dataclass(frozen=True)
class Published:
    """All that one report, with its file and its pictures, tells about one county or several together."""

    facts: tuple[Fact, ...]
    n_analysed: int
    levels: Mapping[str, int] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()  # numbers whose value is withheld though enough people answered

    def one(self, indicator: str, group: str = "") -> Fact | None:
        """The single number of this name that is not a part of a distribution."""
        found = [f for f in self.facts if f.indicator == indicator and f.group == group and not f.codes]
        return found[0] if found else None


def published(*views: CountyReport, questionnaire: Questionnaire) -> Published:
    """Everything in these views of one report: the printed one, and those with levels on screen."""
    facts: dict[tuple[object, ...], Fact] = {}
    hidden: set[str] = set()
    levels: dict[str, int] = {}
    for view in views:
        drawn = list(_drawn(view.blocks, Row))
        numbers = [*view.results, *(row.number for row in drawn if row.number.statistic != "share" or not row.code)]
        whole = {d.indicator for d in view.results if d.statistic in ("categories", "options")}
        for row in drawn:  # the bars of one question carry the words of their codes
            item = questionnaire.items.get(row.code)
            if row.number.statistic == "share" and item is None and row.code not in whole:
                numbers.append(row.number)
            elif row.number.statistic == "share" and item is not None and row.value != "—":
                codes = _named(item, row.label)
                others = {_code for r in drawn if r.code == row.code for _code in _named(item, r.label)}
                codes = codes or {o.code for o in item.options if not o.missing} - others
                d = row.number
                fact = Fact(row.code, "option" if item.kind.value == "codes" else "part", "", frozenset(codes), d.value,
                            _half("part", d.n), d.n, d.bound)  # fmt: skip
                facts[fact.indicator, fact.statistic, fact.group, fact.codes] = fact
        for number in numbers:
            if number.status.startswith("suppressed") and number.status != "suppressed_n":
                hidden.add(number.indicator)
            for fact in _facts(number):
                facts[fact.indicator, fact.statistic, fact.group, fact.codes] = fact
        for stack in _drawn(view.blocks, Stack):
            for fact in _segments(stack, questionnaire):
                facts.setdefault((fact.indicator, fact.statistic, fact.group, fact.codes), fact)
        for table in (b for b in view.blocks if isinstance(b, Table) and b.key == "levels"):
            counts = [row[1].text for row in table.rows]
            levels |= {g: int(k) for g, k in zip(("upper", "lower"), counts, strict=True) if k.isdigit()}
    n = int(dict(views[0].facts)["n_analysed"])
    return Published(tuple(facts.values()), n, levels, frozenset(hidden))


def from_csv(data: bytes, n_analysed: int = 0) -> Published:
    """The same from the aggregate file alone."""
    facts = []
    for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"))):
        codes = frozenset(int(c) for c in row.get("codes", "").split("+") if c)
        kind = {"categories": "part", "options": "option"}.get(row["statistic"], row["statistic"])
        value = float(row["value"]) if row["value"] else None
        n = int(row["n_valid"]) if row["n_valid"] else None
        half = _half(kind, n)
        facts.append(Fact(row["indicator_id"], kind, row["group"], codes, value, half, n, row["bound"]))
    return Published(tuple(facts), n_analysed)


def _half(kind: str, n: int | None) -> float:
    if kind in ("share", "ratio", "part", "option"):
        return 0.5 if n is not None else 2.5
    return 0.05


def _drawn(thing: object, kind: type[Shape]) -> Iterator[Shape]:
    """Every row or bar of the pictures."""
    if isinstance(thing, kind):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _drawn(part, kind)
    elif is_dataclass(thing) and not isinstance(thing, Disclosed):
        for name in thing.__dataclass_fields__:
            yield from _drawn(getattr(thing, name), kind)


def _named(item: Item, label: str) -> set[int]:
    """The codes that a label names; none for 其他, which holds all that are not named elsewhere."""
    if label.startswith("其他（含"):
        return set()
    return {o.code for o in item.options if not o.missing and _words(o.text, label)}


def _facts(d: Disclosed) -> Iterator[Fact]:
    if d.parts:
        kind = "part" if d.statistic == "categories" else "option"
        for part in d.parts:
            value = None if part.bound else part.percent
            yield Fact(d.indicator, kind, d.group, frozenset(part.codes), value, _half(kind, d.n), d.n, part.bound)
    elif d.shown or d.bound:
        yield Fact(d.indicator, d.statistic, d.group, frozenset(), d.value, _half(d.statistic, d.n), d.n, d.bound)


def _segments(stack: Stack, questionnaire: Questionnaire) -> Iterator[Fact]:
    """The steps of a drawn distribution of one item, with their codes read from the words."""
    item = questionnaire.items.get(stack.code)
    if item is None:
        return
    said = re.fullmatch(r"(?:n=)?(\d+)", stack.count)
    n = int(said[1]) if said else None
    rest = {o.code for o in item.options if not o.missing}
    named = [(s, _named(item, s.label)) for s in stack.segments]
    for _, codes in named:
        rest -= codes
    for segment, codes in named:
        percent = float(re.sub(r"[^\d.]", "", segment.printed))
        yield Fact(stack.code, "part", "", frozenset(codes or rest), percent, _half("part", n), n)


def _words(text: Mapping[str, str], label: str) -> bool:
    return any(words and words in label for words in dict(text).values())


# one report


def needed(indicator: Indicator, thresholds: Thresholds) -> int:
    """How many people a number needs, worked out here once more so that the product cannot move it."""
    usual = max(thresholds.n_min, thresholds.n_min_sensitive) if indicator.sensitive else thresholds.n_min
    return max(usual, indicator.n_min, 10)


def attack(
    told: Published,
    questionnaire: Questionnaire,
    indicators: Sequence[Indicator],
    thresholds: Thresholds,
    unasked: Mapping[str, int] | None = None,
    *,
    pooled: bool = False,
) -> list[str]:
    """Every group below the thresholds that one county's publications give away.

    `unasked` is the truth where a difference alone cannot tell people who were not asked from people who skipped: how
    many were not asked each indicator. The numbers of a `pooled` report rest on different counties each and cannot be
    set against each other.
    """
    by_id = {i.id: i for i in indicators}
    if pooled:
        return [*_few(told, by_id, thresholds)]
    return [
        *_few(told, by_id, thresholds),
        *_partitions(told, by_id, questionnaire),
        *_bases(told, by_id, questionnaire, unasked or {}),
        *_levels(told, by_id, thresholds),
        *_composites(told, by_id, thresholds),
        *_unanimous(told, by_id),
    ]


def _few(told: Published, by_id: Mapping[str, Indicator], thresholds: Thresholds) -> Iterator[str]:
    """Numbers of too few people, and percentages that stand for one or two, inside or outside."""
    for fact in told.facts:
        least = needed(by_id[fact.indicator], thresholds)
        if fact.n is not None and fact.n < least:
            yield f"{fact.indicator}: n={fact.n} below {least}"
        people = fact.people
        if people is None:
            continue
        outside = (fact.n or 0) - people[0]
        if people[-1] < FEW or (fact.statistic != "part" and outside < FEW):
            yield f"{fact.indicator} {sorted(fact.codes)}: {people[-1]} people, {outside} others"


def _partitions(told: Published, by_id: Mapping[str, Indicator], questionnaire: Questionnaire) -> Iterator[str]:
    """One question told in several ways: sums and differences of groups of its codes."""
    known: dict[str, dict[frozenset[int], Counts]] = {}

    def learn(item: str, codes: frozenset[int], people: Counts) -> None:
        if codes:
            old = known.setdefault(item, {}).get(codes)
            both = people if old is None else range(max(old.start, people.start), min(old.stop, people.stop))
            known[item][codes] = both

    for fact in told.facts:
        indicator, people = by_id[fact.indicator], fact.people
        if fact.group or len(indicator.items) != 1 or indicator.kind not in ("share", "categories"):
            continue
        [item] = indicator.items
        if indicator.kind == "share":
            yes, no = (frozenset(indicator.parameters[side]) for side in ("true", "false"))  # type: ignore[call-overload]
            if people is not None and fact.n is not None:
                learn(item, yes, people)
                learn(item, no, range(fact.n - people[-1], fact.n - people[0] + 1))
            if fact.n is not None:
                learn(item, yes | no, range(fact.n, fact.n + 1))
        else:
            if people is not None:
                learn(item, fact.codes, people)
            if fact.n is not None:
                learn(item, frozenset(codes_of(indicator, questionnaire)), range(fact.n, fact.n + 1))
    for item, groups in known.items():
        for (a, ka), (b, kb) in combinations(list(groups.items()), 2):
            small, large, few, many = (a, b, ka, kb) if a < b else (b, a, kb, ka)
            if small < large and few and many and many[-1] - few[0] < FEW:
                yield f"{item}: codes {sorted(large - small)} are {many[-1] - few[0]} people at most"


def _gates(indicator: Indicator, questionnaire: Questionnaire) -> set[str]:
    needed = indicator.parameters.get("needs", indicator.items)
    items: list[Item] = [questionnaire.items[str(n)] for n in needed if str(n) in questionnaire.items]  # type: ignore[attr-defined]
    return {name for item in items for name in _controllers(item, questionnaire)}


def _bases(
    told: Published, by_id: Mapping[str, Indicator], questionnaire: Questionnaire, unasked: Mapping[str, int]
) -> Iterator[str]:
    """Follow-ups: how many were asked, less everybody, counts those who gave another answer before."""
    for fact in told.facts:
        indicator = by_id[fact.indicator]
        gates = _gates(indicator, questionnaire)
        if fact.n is None or not gates:
            continue
        words = any(questionnaire.items[g].kind.value in ("code", "codes") for g in gates)
        everyone = told.levels.get(fact.group) if fact.group else told.n_analysed
        left = None if everyone is None else everyone - fact.n
        if words and left is not None and 0 <= left < FEW:
            yield f"{fact.indicator} {fact.group}: all but {left} were asked"
        if not fact.group and 0 < unasked.get(fact.indicator, 0) < FEW:
            yield f"{fact.indicator}: n={fact.n} tells that {unasked[fact.indicator]} were not asked"


def _levels(told: Published, by_id: Mapping[str, Indicator], thresholds: Thresholds) -> Iterator[str]:
    """County less its two levels, and one level without the other."""
    split = {f.indicator for f in told.facts if f.group}
    for name in split:
        parts = {g: told.one(name, g) for g in ("", "upper", "lower")}
        if by_id[name].sensitive:
            yield f"{name}: a sensitive number by level"
        if not all(parts.values()):
            yield f"{name}: only {[g for g, f in parts.items() if f]} of county and levels"
            continue
        whole, upper, lower = (parts[g].n or 0 for g in ("", "upper", "lower"))  # type: ignore[union-attr]
        rest = whole - upper - lower
        if rest < 0 or 0 < rest < needed(by_id[name], thresholds):
            yield f"{name}: {rest} people of no level"
        ks = [parts[g].people for g in ("", "upper", "lower")]  # type: ignore[union-attr]
        if all(ks) and ks[0][-1] - ks[1][0] - ks[2][0] < 0:  # type: ignore[index]
            yield f"{name}: the levels count more than the county"


def _composites(told: Published, by_id: Mapping[str, Indicator], thresholds: Thresholds) -> Iterator[str]:
    """A mean of scores and its parts: all but one known tell the last."""
    for indicator in by_id.values():
        if indicator.kind != "mean_of_scores" or indicator.parameters.get("private"):
            continue
        family = [indicator.id, *map(str, indicator.parameters["indicators"])]  # type: ignore[arg-type]
        for group in ("", "upper", "lower"):
            there = [name for name in family if (f := told.one(name, group)) and f.value is not None]
            if len(there) == len(family) - 1:
                yield f"{set(family) - set(there)} {group} follows from {there}"


def _unanimous(told: Published, by_id: Mapping[str, Indicator]) -> Iterator[str]:
    """A score that is withheld while the distributions of all its items are printed."""
    drawn = {f.indicator for f in told.facts if f.statistic == "part"}
    for name in told.hidden:
        if name in by_id and by_id[name].kind == "scale" and set(by_id[name].items) <= drawn:
            yield f"{name} follows from its items"


# two issues, and several counties


def minus(whole: Published, *parts: Published) -> Published:
    """What is left of one publication when others are taken off it: about whom, and how many of which answer.

    Only numbers that all of them print are left; those in which nothing is left are gone.
    """
    known = [{(f.indicator, f.statistic, f.group, f.codes): f for f in part.facts} for part in parts]
    left = []
    for fact in whole.facts:
        key = (fact.indicator, fact.statistic, fact.group, fact.codes)
        off = [one[key] for one in known if key in one]
        if fact.n is None or len(off) < len(parts) or any(f.n is None for f in off):
            continue
        n = fact.n - sum(f.n or 0 for f in off)
        if n == 0 and all((f.n, f.value, f.bound) == (fact.n, fact.value, fact.bound) for f in off):
            continue  # it stands as before
        counts, ks = fact.people, [f.people for f in off]
        counted = None
        if counts is not None and all(k is not None for k in ks):
            low = counts[0] - sum(k[-1] for k in ks if k)
            high = counts[-1] - sum(k[0] for k in ks if k)
            counted = range(max(0, low), max(0, min(n, high)) + 1)
        left.append(replace(fact, n=n, value=None, bound="", counted=counted))
    levels = {
        group: whole.levels[group] - sum(p.levels[group] for p in parts)
        for group in whole.levels
        if all(group in p.levels for p in parts)
    }
    return Published(tuple(left), whole.n_analysed - sum(p.n_analysed for p in parts), levels)


def carried(earlier: Sequence[Published], later: Published) -> Published:
    """What a publication tells anew: without the numbers that stand in it as in the one before."""
    if not earlier:
        return later
    known = {(f.indicator, f.statistic, f.group, f.codes): f for f in earlier[-1].facts}

    def stands(fact: Fact) -> bool:
        old = known.get((fact.indicator, fact.statistic, fact.group, fact.codes))
        return old is not None and (old.n, old.value, old.bound) == (fact.n, fact.value, fact.bound)

    return replace(later, facts=tuple(fact for fact in later.facts if not stands(fact)))


def of_the_new(
    before: Published,
    after: Published,
    questionnaire: Questionnaire,
    indicators: Sequence[Indicator],
    thresholds: Thresholds,
) -> list[str]:
    """Every group that the difference of two issues gives away: the whole attack on one report, on the difference."""
    return [
        *between_issues(before, after, indicators, thresholds),
        *(f"new: {one}" for one in attack(minus(after, before), questionnaire, indicators, thresholds)),
    ]


def between_issues(
    before: Published, after: Published, indicators: Sequence[Indicator], thresholds: Thresholds
) -> list[str]:
    """What the difference of two issues of one county tells about those who are new in the second."""
    by_id = {i.id: i for i in indicators}
    older = {(f.indicator, f.statistic, f.group, f.codes): f for f in before.facts}
    found: list[str] = []
    for fact in after.facts:
        old = older.get((fact.indicator, fact.statistic, fact.group, fact.codes))
        if old is None or old.n is None or fact.n is None:
            continue
        same = (old.n, old.value, old.bound) == (fact.n, fact.value, fact.bound)
        new = fact.n - old.n
        if not same and new < needed(by_id[fact.indicator], thresholds):
            found.append(f"{fact.indicator} {fact.group} {sorted(fact.codes)}: {new} new people")
        a, b = old.people, fact.people
        if same or a is None or b is None or new <= 0:
            continue
        most, least = b[-1] - a[0], b[0] - a[-1]
        if most < FEW or (fact.statistic != "part" and new - least < FEW):
            found.append(f"{fact.indicator} {fact.group} {sorted(fact.codes)}: {most} of {new} new people")
    for group in before.levels.keys() & after.levels.keys():
        new = after.levels[group] - before.levels[group]
        if sum(after.levels.values()) != sum(before.levels.values()) and new < FEW:
            found.append(f"{new} new people at level {group}")
    return found


def pool_minus(
    pool: Published, counties: Sequence[Published], indicators: Sequence[Indicator], thresholds: Thresholds
) -> list[str]:
    """What a report about several counties tells about those without a number of their own, the others taken off."""
    by_id = {i.id: i for i in indicators}
    found: list[str] = []
    for fact in pool.facts:
        if fact.n is None:
            continue
        rest, known = left_over(fact, counties)
        if known and 0 < rest < needed(by_id[fact.indicator], thresholds):
            found.append(f"{fact.indicator} {sorted(fact.codes)}: {rest} people in the remaining counties")
        ks = [f.people for f in known]
        if fact.people is not None and known and rest > 0 and all(k is not None for k in ks):
            most = fact.people[-1] - sum(k[0] for k in ks if k)
            fewest = fact.people[0] - sum(k[-1] for k in ks if k)
            if most < FEW or (fact.statistic != "part" and rest - fewest < FEW):
                found.append(f"{fact.indicator} {sorted(fact.codes)}: {most} of {rest} remaining people")
    rest = pool.n_analysed - sum(c.n_analysed for c in counties)
    if 0 < rest < thresholds.n_min:
        found.append(f"{rest} analysed responses in the remaining counties")
    return found


def left_over(fact: Fact, counties: Sequence[Published]) -> tuple[int, list[Fact]]:
    """How many people a pooled number rests on besides those of the counties that print it, and what these print.

    A county may print a pooled step in several; then these are counted together.
    """
    known = []
    for county in counties:
        same = [f for f in county.facts if (f.indicator, f.statistic, f.group) == (fact.indicator, fact.statistic, "")]
        same = [f for f in same if f.n is not None]
        inside = [f for f in same if f.codes <= fact.codes] if fact.statistic == "part" else []
        exact = [f for f in same if f.codes == fact.codes]
        if exact:
            known.append(exact[0])
        elif inside and frozenset().union(*(f.codes for f in inside)) == fact.codes:
            ks = [f.people or range(f.n or 0) for f in inside]
            both = range(sum(k[0] for k in ks), sum(k[-1] for k in ks) + 1)
            known.append(replace(inside[0], codes=fact.codes, value=None, counted=both))
    return (fact.n or 0) - sum(f.n or 0 for f in known), known


def unexplained(
    pool: Published,
    printed: Sequence[Published],
    few: Mapping[str, int],
    indicators: Sequence[Indicator],
    thresholds: Thresholds,
) -> list[str]:
    """Pooled numbers that are not the sum of what some counties print and, at most, of one more group.

    `printed` are the counties' numbers that rest on all their answers; `few` is the truth about those who may be
    merged: how many people of two or more counties without such a number have a value of it. A sum of printed numbers
    tells nothing that the counties do not tell; every other rest is somebody's.
    """
    by_id = {i.id: i for i in indicators}
    found = []
    for fact in pool.facts:
        if fact.n is None:
            continue
        _, known = left_over(fact, printed)
        rests = {0: range(1)}  # how many people counties may account for, and of the step or share how many
        for one in known:
            ks = one.people or range((one.n or 0) + 1)
            for n, k in list(rests.items()):
                both = range(k[0] + ks[0], k[-1] + ks[-1] + 1)
                old = rests.get(n + (one.n or 0), both)
                rests[n + (one.n or 0)] = range(min(old[0], both[0]), max(old[-1], both[-1]) + 1)
        whole, least = fact.people, needed(by_id[fact.indicator], thresholds)
        more = few.get(fact.indicator, 0)
        fits = fact.n in rests and (whole is None or _meet(whole, rests[fact.n]))
        if not fits and not (more >= least and fact.n - more in rests):
            found.append(f"{fact.indicator} {fact.statistic} {sorted(fact.codes)}: n={fact.n} is nobody's sum")
    return found


def _meet(one: Counts, other: Counts) -> bool:
    return max(one[0], other[0]) <= min(one[-1], other[-1])


def peers_minus(value: float, half: float, others: Sequence[tuple[float, float]], counties: int) -> tuple[float, float]:
    """The one county that is missing from a mean of `counties`: where its value lies, from those of the others."""
    total = counties * value - sum(v for v, _ in others)
    reach = counties * half + sum(h for _, h in others)
    return total - reach, total + reach


def references(tables: Mapping[str, bytes], peers: Sequence[str]) -> list[str]:
    """Peer references in the counties' present files that are not the mean of what the other peers' files print.

    Anybody can work out what the peers bring to a reference, from two of them or from one and the files of all peers
    but one; so it must be what they print themselves. Medians of pooled answers cannot be taken apart like that.
    """
    told = {code: list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")))) for code, data in tables.items()}
    found = []
    for code in peers:
        for row in (one for one in told[code] if one["peer_value"] and one["statistic"] in ("mean", "share")):
            same = [
                float(one["value"])
                for other in peers
                for one in told[other]
                if other != code and one["indicator_id"] == row["indicator_id"] and not one["group"] and one["value"]
            ]
            reach = 2 * _half(row["statistic"], 1) + 1e-9
            if not same or abs(sum(same) / len(same) - float(row["peer_value"])) > reach:
                found.append(f"{code} {row['indicator_id']}: {row['peer_value']} is not the mean of {same}")
    return found


# paper and screen


NUMBER = re.compile(r"\d+(?:\.\d+)?")


def strays(text: str, report: CountyReport, *, beside: Sequence[str] = ()) -> set[str]:
    """Numbers on a page that no string of the report holds; `beside` are those of ticks and page feet."""
    said = set(NUMBER.findall(" ".join([*_strings(report), *beside])))
    return {one for one in NUMBER.findall(text) if one not in said}


def _strings(thing: Any) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _strings(part)
    elif is_dataclass(thing) and not isinstance(thing, Disclosed):
        for name in thing.__dataclass_fields__:
            yield from _strings(getattr(thing, name))


def pdf_text(pdf: bytes) -> str:
    """What a reader of the PDF can copy out of it."""
    found = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return found.stdout.decode()
