"""Whole waves of small counties near the thresholds, made by chance to tempt: the same seed makes the same wave."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from fieldkit.core.item import Item
from fieldkit.core.response import Response
from tests.stats.people import person, questionnaire

FORMS = ("short", "full_burden", "full_negotiation", "full_alliance", "full_coordination", "full_pathway")
GATES = ("core_level", "al_member", "neg_task", "neg_task_has", "co_has_case", "pw_wh_n", "al_role", "neg_dir")
FIRST = (10, 11, 12, 13, 19, 20, 21, 22, 25, 30)
MORE = (10, 11, 12, 13, 20, 21, 33)
EDGES = (8, 9, 10, 11, 12, 19, 20, 21)
LEFT_EMPTY = ("core_attention", "core_voluntary")
Answer = Callable[[int], object]


@dataclass(frozen=True)
class MadeCounty:
    """One county: all who ever answer, how many there are at each of three issues, and who takes answers back when."""

    code: str
    crowd: tuple[Response, ...]
    sizes: tuple[int, int, int]
    gone: Mapping[int, int]  # place in the crowd -> the issue from which on it is missing

    def at(self, issue: int) -> list[Response]:
        """Those who are counted by an issue."""
        crowd = self.crowd[: self.sizes[issue]]
        return [one for place, one in enumerate(crowd) if self.gone.get(place, 9) > issue]


@dataclass(frozen=True)
class MadeWave:
    """Some counties that answered the same questionnaire."""

    seed: int
    form: str
    counties: tuple[MadeCounty, ...]

    @cached_property
    def small(self) -> tuple[MadeCounty, ...]:
        """Those that are below the threshold in the end."""
        return tuple(one for one in self.counties if len(one.at(2)) < 10)


@cache
def made_wave(seed: int) -> MadeWave:
    """A wave by chance: three counties that are issued three times, and up to three small ones."""
    chance = random.Random(f"wave {seed}")
    form = FORMS[seed % len(FORMS)]
    counties = [_county(chance, form, f"3305{number:02d}", seed, small=number >= 3) for number in range(6)]
    return MadeWave(seed, form, tuple(counties[: chance.randint(3, 6)]))


def _county(chance: random.Random, form: str, code: str, seed: int, *, small: bool) -> MadeCounty:
    first = chance.randint(3, 9) if small else chance.choice(FIRST)
    second = first + (0 if small else chance.choice(MORE))
    third = second + (0 if small else chance.choice(MORE))
    given = dict(_temptation(chance, form, (first, second, third)) for _ in range(chance.randint(2, 7)))
    missing = chance.choice((0.0, 0.03, 0.15))
    crowd = tuple(
        person(
            questionnaire(form),
            number,
            seed=1000 * seed + int(code[-2:]) + 1,
            missing=missing,
            given={name: answer(number) for name, answer in given.items()},
        )
        for number in range(third)
    )
    gone = {}
    if not small and chance.random() < 0.3:
        gone = {chance.randrange(first): chance.choice((1, 2))}
    return MadeCounty(code, crowd, (first, second, third), gone)


def _temptation(chance: random.Random, form: str, sizes: tuple[int, int, int]) -> tuple[str, Answer]:
    """An item, and answers to it that a careless table would give away."""
    asked = questionnaire(form)
    able = [i for i in asked if i.kind.value in ("code", "number") and i.id not in LEFT_EMPTY and _values(i)]
    gates = [i for i in able if i.id in GATES or any(i.id in (o.relevance or "") for o in asked)]
    item = chance.choice(gates if gates and chance.random() < 0.5 else able)
    values = _values(item)
    usual, other = chance.choice(values), chance.choice(values)
    odd = chance.sample(range(sizes[0]), 2)
    late = chance.choice(sizes[:2])
    few = chance.choice(EDGES)
    mixed = [chance.choice(values) for _ in range(7)]
    kinds: list[Answer] = [
        lambda i: usual,
        lambda i: other if i in odd[:1] else usual,
        lambda i: other if i in odd else usual,
        lambda i: None if i >= few else mixed[i % 7],
        lambda i: usual if i >= late else mixed[i % 7],
        lambda i: other if i == late else usual if i > late else mixed[i % 7],
        lambda i: None if i > late else mixed[i % 7],
        lambda i: other if i in (late, late + 1) else usual,
    ]
    return item.id, chance.choice(kinds)


def _values(item: Item) -> list[object]:
    """Some answers that this item may have."""
    codes: list[object] = [o.code for o in item.options if not o.missing]
    if codes or item.kind.value == "code":
        return codes
    low, high = item.low or 0, item.high if item.high is not None else 40
    return [n for n in (0, 1, 2, 5, 20, 100) if low <= n <= high]
