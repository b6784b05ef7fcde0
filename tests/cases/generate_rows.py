"""Make up questionnaires with rows inside rows, and answers to them, always the same ones for the same seed."""

from __future__ import annotations

import random
from types import MappingProxyType
from typing import Any

from fieldkit.core.flow import Rows, Step
from fieldkit.core.instrument import Group, Questionnaire, Section
from fieldkit.core.item import Item
from fieldkit.core.text import Text

WORDS = Text(zh="多少？")
MOST_ROWS = 9


class Maker:
    """Grows sections of numbers and calculations that look back, in groups and repeats up to three deep."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.known: dict[str, tuple[str, ...]] = {}  # item -> the repeats around it
        self.repeats: list[str] = []
        self.items: list[Item] = []
        self.groups: list[Group] = []

    def questionnaire(self) -> Questionnaire:
        sections = []
        for number in range(self.chance.randint(1, 2)):
            self.items, self.groups, name = [], [], f"s{number}"
            repeat = self.chance.random() < 0.3
            relevance = self.maybe(())
            if repeat:
                self.repeats.append(name)
            self.block(0, (name,) if repeat else (), ())
            sections.append(
                Section(
                    name,
                    WORDS,
                    tuple(self.items),
                    groups=tuple(self.groups),
                    repeat=(0, MOST_ROWS) if repeat else None,
                    relevance=relevance,
                )
            )
        return Questionnaire("rows", "1.0.0", WORDS, tuple(sections), MappingProxyType({}), audience="researcher")

    def block(self, depth: int, inside: tuple[str, ...], around: tuple[list[str], ...]) -> None:
        for last in range(self.chance.randint(1, 3), 0, -1):
            if depth < 3 and self.chance.random() < 0.4:
                self.group(depth, inside, around)
            elif last or not self.items:
                self.item(inside, around)

    def group(self, depth: int, inside: tuple[str, ...], around: tuple[list[str], ...]) -> None:
        name, repeat = f"g{len(self.known)}_{depth}_{len(self.groups)}", self.chance.random() < 0.6
        relevance = self.maybe(inside)
        if repeat:
            self.repeats.append(name)
        place, members = len(self.groups), []
        self.groups.append(Group(name, WORDS, ()))  # the outer one stands first
        self.block(depth + 1, (*inside, name) if repeat else inside, (*around, members))
        self.groups[place] = Group(
            name, WORDS, tuple(members), repeat=(0, MOST_ROWS) if repeat else None, relevance=relevance
        )

    def item(self, inside: tuple[str, ...], around: tuple[list[str], ...]) -> None:
        name, computed = f"i{len(self.known)}", self.chance.random() < 0.25
        calculation = self.number(inside) if computed else ""
        relevance = self.maybe(inside)
        self.items.append(
            Item(name, WORDS, "calculate" if computed else "integer", relevance=relevance, calculation=calculation)
        )
        self.known[name] = inside
        for members in around:
            members.append(name)

    def maybe(self, inside: tuple[str, ...]) -> str:
        if self.chance.random() < 0.65:
            return ""
        return f"{self.number(inside)} {self.chance.choice('< > = !='.split())} {self.chance.choice(['0', '1', '2'])}"

    def number(self, inside: tuple[str, ...]) -> str:
        pick, own = self.chance.random(), [i for i, homes in self.known.items() if homes and homes[-1] in inside]
        if own and pick < 0.2:
            name, back = self.chance.choice(own), self.chance.randint(0, 2)
            return f"indexed-repeat(${{{name}}}, ${{{self.known[name][-1]}}}, position(..) - {back})"
        if pick < 0.3:
            return "position(..)" if inside else "2"
        if self.repeats and pick < 0.45:
            return f"count(${{{self.chance.choice(self.repeats)}}})"
        return self.answer(inside) if pick < 0.8 else f"({self.answer(inside)} + {self.answer(inside)})"

    def answer(self, inside: tuple[str, ...]) -> str:
        if not self.known:
            return "1"
        name, homes = self.chance.choice(sorted(self.known.items()))
        if set(homes) <= set(inside):
            return f"${{{name}}}"
        return f"{self.chance.choice(['sum', 'count', 'max', 'count-non-empty'])}(${{{name}}})"

    def rows(
        self, steps: tuple[Step | Rows, ...], prefix: str, counts: dict[str, int], flat: dict[str, int]
    ) -> dict[str, Any]:
        """Answers as the server reads them; `counts` and `flat` get the same as the page holds it."""
        given: dict[str, Any] = {}
        for step in steps:
            if isinstance(step, Rows):
                counts[prefix + step.id] = size = self.chance.choice([0, 0, 1, 2, 3])
                given[step.id] = [
                    self.rows(step.steps, f"{prefix}{step.id}[{number}].", counts, flat)
                    for number in range(1, size + 1)
                ]
            elif step.calculation is None and self.chance.random() < 0.8:
                given[step.item.id] = flat[prefix + step.item.id] = self.chance.choice([0, 1, 2, 3, -1])
        return given
