"""Invented cadres for demonstrations and load tests: answers that hang together as people's answers do.

Every person has a latent burden, made of the county's and their own, and a latent room to negotiate. Scales follow
them with noise, reversed items the other way round; counts are skewed; some answers are missing, each for its reason.
The same seed gives the same people on every machine. Nothing here comes from a real survey.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fieldkit.core.expression import Scope
from fieldkit.core.flow import Rows, Step, enter_rows, whole_plan
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import Item, Randomised
from fieldkit.core.response import CONSENT, COUNTY, Checker, checker
from fieldkit.core.submission import ALPHABET

# item family -> (middle answer, weight of burden, weight of room), in the direction of the scale
SCALES = {"bur_pb": (3.45, 0.62, 0.0), "neg_pr": (2.9, -0.2, 0.62)}
# item -> (median, weight of burden, spread on the log scale)
COUNTS = {
    "bur_af1": (4.5, 0.30, 0.55),
    "bur_af2": (6.0, 0.35, 0.60),
    "bur_af4": (2.2, 0.20, 0.60),
    "bur_tr_hours": (9.0, 0.30, 0.55),
    "bur_meet_n": (9.0, 0.25, 0.50),
    "al_req_n": (3.0, 0.10, 0.60),
    "al_opt_n": (1.7, -0.15, 0.85),
}
# task -> (chance, size of the target, chance that it is an upper limit)
TASKS = {
    1: (0.13, 1500, 0.02),
    2: (0.17, 120, 0.05),
    3: (0.13, 95, 0.35),
    4: (0.17, 96, 0.02),
    5: (0.10, 3000, 0.02),
    6: (0.12, 4, 0.90),
    7: (0.08, 12, 0.05),
    98: (0.03, 50, 0.20),
    0: (0.07, 0, 0.0),
}
PERCENT = (95, 96)  # targets that are shares: never above 100
TARGETS = ("neg_assigned", "neg_feasible", "neg_accepted")
CODES = {
    "core_level": {1: 42, 2: 14, 3: 30, 4: 14},
    "core_years": {1: 12, 2: 25, 3: 28, 4: 25, 5: 10},
    "core_gender": {1: 58, 2: 42},
    "al_role": {1: 12, 2: 30, 3: 50, 4: 8},
}
UPPER = {"core_post": {1: 15, 2: 25, 3: 60}, "core_bianzhi": {1: 45, 2: 35, 3: 20}}
LOWER = {"core_post": {4: 70, 5: 30}, "core_bianzhi": {3: 20, 4: 80}}
AGES = {  # by years of service
    1: {1: 80, 2: 20},
    2: {1: 50, 2: 45, 3: 5},
    3: {1: 10, 2: 65, 3: 25},
    4: {2: 30, 3: 55, 4: 15},
    5: {3: 40, 4: 60},
}
VOLUNTARY = {1: 72, 2: 21, 3: 4}

WRITTEN = ("A12", "12", "abc", "2026-05-06", "13800000000", "330523", "a@example.org")  # for texts that must look so


@dataclass(frozen=True, slots=True)
class Sheet:
    """One finished questionnaire as a phone would send it."""

    id: str
    receipt_code: str
    answers: dict[str, object]
    active_seconds: int | None


@dataclass(frozen=True)
class Population:
    """The people of one county: how heavy their load is and how many of their units are in an alliance."""

    questionnaire: Questionnaire
    county: str
    seed: str
    burden: float = 0.0
    member: float = 0.6
    comments: Sequence[str] = ()

    def sheets(self, attentive: int, careless: int = 0) -> list[Sheet]:
        """`attentive` people whose answers count and `careless` ones who fail the quality rules."""
        steps, check = whole_plan(self.questionnaire), checker(self.questionnaire)
        chance = random.Random(f"{self.seed} {self.county}")
        people = [_Person(self, chance, steps, check, careless=i >= attentive) for i in range(attentive + careless)]
        return [person.sheet() for person in people]


class _Person:
    def __init__(
        self,
        home: Population,
        chance: random.Random,
        steps: Sequence[Step | Rows],
        check: Checker,
        *,
        careless: bool,
    ) -> None:
        self.home, self.chance, self.steps, self.check, self.careless = home, chance, steps, check, careless
        self.burden = home.burden + chance.gauss(0, 1)
        self.room = -0.3 * home.burden + chance.gauss(0, 1)
        self.always = chance.choice((3, 4))  # what a careless person ticks
        self.frank = chance.random()  # how willing to answer
        self.live: dict[str, object] = Scope({})
        self.task: dict[str, float] = {}

    def sheet(self) -> Sheet:
        """Go through the questionnaire as the phone shows it."""
        answers: dict[str, object] = {}
        self.fill(self.steps, self.check, self.live, answers)
        chance = self.chance
        return Sheet(
            id=f"{chance.getrandbits(128):032x}",
            receipt_code="".join(chance.choice(ALPHABET) for _ in range(12)),
            answers=answers,
            active_seconds=self.seconds(len(answers)),
        )

    def fill(
        self, steps: Sequence[Step | Rows], check: Checker, live: dict[str, object], answers: dict[str, object]
    ) -> None:
        """Answer what is asked, in asking order; in a repeat row by row."""
        for step in steps:
            if not all(holds(live) for holds in step.conditions):
                continue
            if isinstance(step, Rows):
                answers[step.id] = self.rows(step, check.rows[step.id], live)
                continue
            item = step.item
            if item.id == COUNTY or item.kind.value == "none":
                continue
            if step.calculation is not None:
                value = step.calculation(live)
                if value is not None:
                    live[item.id] = value
                    if step.drawn:  # the phone draws, and says what it drew
                        answers[item.id] = value
                continue
            missing = self.missing(item)
            if not missing:
                answer = self.within(item, self.answer(item, step, live), check, live)
                if answer is not None:
                    answers[item.id] = live[item.id] = answer
                    continue
                missing = "skipped"
            answers[item.id] = None if missing == "skipped" else {"missing": missing}

    def rows(self, step: Rows, check: Checker, live: dict[str, object]) -> list[dict[str, object]]:
        """A few rows of a repeat, each filled like a small questionnaire."""
        assert isinstance(live, Scope)
        filled: list[dict[str, object]] = []
        size = self.chance.randint(step.low, max(step.low, min(step.high, step.low + 2)))
        seen: list[dict[str, object]] = [{} for _ in range(size)]
        for position in range(1, size + 1):
            row: dict[str, object] = {}
            inside = Scope(live, position=position, repeats={**live.repeats, step.id: seen})
            self.fill(step.steps, check, inside, row)
            filled.append(row)
            seen[position - 1] |= {name: value for name, value in row.items() if not isinstance(value, dict)}
        enter_rows(step, seen, live)
        return filled

    def seconds(self, items: int) -> int | None:
        """Time with the page in view; None where the phone ran no script."""
        if self.careless:
            return round(items * self.chance.uniform(0.5, 1.6))
        seconds = round(max(items * 4.0, 490 * math.exp(self.chance.gauss(0, 0.28))))
        return None if self.chance.random() < 0.03 else seconds

    def missing(self, item: Item) -> str:
        """Why this person leaves the item unanswered; '' when they answer."""
        if item.kind.value == "computed":
            return ""
        if item.required == "hard" or (self.careless and item.kind.value == "code"):
            return ""
        offered = {*item.missing, *(o.missing for o in item.options if o.missing)}
        draw = self.chance.random() * (0.4 + 1.2 * self.frank)
        if item.kind.value == "text":
            return "skipped" if draw > 0.10 else ""
        if item.id == "core_gender" and draw < 0.06:
            return "skipped"
        for reason, share in (("refused", 0.012 + 0.02 * item.sensitive), ("dont_know", 0.02), ("skipped", 0.012)):
            if reason in offered or reason == "skipped":
                if draw < share:
                    return reason
                draw -= share
        return ""

    def answer(self, item: Item, step: Step, live: dict[str, object]) -> object:
        """What this person says to an item; None where nothing can be chosen."""
        chance, name = self.chance, item.id
        if name == CONSENT:
            return 1
        if name == "core_attention":
            return self.always if self.careless else 2 if chance.random() > 0.025 else chance.choice((1, 3, 4))
        if name == "core_voluntary":
            return 4 if self.careless and chance.random() < 0.4 else self.pick(VOLUNTARY)
        if name == "core_age":
            years = self.live.get("core_years")
            return self.pick(AGES[years] if isinstance(years, int) else AGES[3])
        if name in UPPER:
            return self.pick((UPPER if self.live.get("core_level") in (1, 2) else LOWER)[name])
        if name == "neg_task":
            return self.choose_task()
        if name in self.task:
            return self.task[name]
        if name == "al_member":
            if self.home.member < 1 and chance.random() < 0.06:
                return 4
            return 3 if chance.random() >= self.home.member else self.pick({1: 68, 2: 32})
        if name in CODES:
            return self.pick(CODES[name])
        if step.offers is not None:
            offered = step.offers(live)
            item = replace(item, options=tuple(o for o in item.options if o.code in offered))
        if item.kind.options == "must" and not item.options:
            return None
        return ANSWERS[item.kind.value](self, item)

    def pick(self, weights: dict[int, float] | dict[int, int]) -> int:
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def choose_task(self) -> int:
        """A task of the last year and, with it, direction, target, what was feasible, what was accepted."""
        chance = self.chance
        task = self.pick({task: 100 * share for task, (share, *_) in TASKS.items()})
        _, size, upper = TASKS[task]
        direction = 2 if chance.random() < upper else 1
        percent = size in PERCENT and direction == 1
        places = 1 if percent or size < 20 else 0
        assigned = round(size * math.exp(chance.gauss(0, 0.02 if percent else 0.5)), places)
        if direction == 2:
            assigned, places = float(round(min(assigned, 8))), 0
        most = 100.0 if percent else math.inf
        assigned = min(assigned, most)
        harder = 1 if direction == 1 else -1
        draw = chance.random()
        feasible = accepted = assigned
        if draw < 0.62:
            gap = assigned * chance.uniform(0.05, 0.4) if direction == 1 else chance.randint(1, 5)
            room = min(1.0, max(0.0, 0.42 + 0.22 * self.room + chance.gauss(0, 0.2)))
            feasible = assigned - harder * gap
            accepted = assigned - harder * gap * (0.0 if chance.random() < 0.25 else room)
        elif draw > 0.83:
            feasible = min(most, max(0.0, assigned + harder * max(1, round(chance.uniform(0.05, 0.3) * assigned))))
        numbers = assigned, round(feasible, places), round(accepted, places)
        self.task = dict(zip(("neg_dir", *TARGETS), (direction, *numbers), strict=True))
        return task

    def media(self, item: Item) -> None:
        """Nobody invents a photo or a voice."""

    def point(self, item: Item) -> str:
        """A place somewhere in the country, as coarse as the item asks for."""
        places = item.places
        return f"{self.chance.uniform(22, 42):.{places}f} {self.chance.uniform(98, 122):.{places}f}"

    def code(self, item: Item) -> int | None:
        """One option: along the latent traits on ordered scales, evenly otherwise."""
        codes = [o.code for o in item.options if not o.missing]
        if not codes:
            return None
        if item.randomised:
            return self.drawn(item.randomised, codes)
        if item.type not in ("likert5", "bipolar7"):
            return self.chance.choice(codes)
        if self.careless:
            return self.always if self.always in codes else codes[len(codes) // 2]
        middle, burden, room = SCALES.get(item.id.rstrip("0123456789"), (3.1, 0.3, 0.2))
        leaning = burden * self.burden + room * self.room + self.chance.gauss(0, 0.72)
        value = 3 - (middle - 3 + leaning) if item.reverse else middle + leaning
        position = min(4, max(0, round(value) - 1))
        return codes[round(position * (len(codes) - 1) / 4)]

    def codes(self, item: Item) -> list[int]:
        """Some options that go together, or one that excludes the others."""
        free = [o.code for o in item.options if not o.exclusive and not o.missing]
        if not free:
            return [item.options[0].code]
        return sorted(self.chance.sample(free, min(len(free), item.most or 3, self.chance.randint(1, 3))))

    def drawn(self, design: Randomised, codes: Sequence[int]) -> int:
        """Yes (1) or no (0) as the draw lets them say it; one in five would truly say yes."""
        true, draw = self.chance.random() < 0.2, self.chance.random()
        other = not true if design.design == "warner" else draw < design.truth + design.yes
        yes = true if draw < design.truth else other
        return max(codes) if yes else min(codes)

    def order(self, item: Item) -> list[int]:
        """As many options as are to be ranked, in an order of one's own."""
        codes = [o.code for o in item.options if not o.missing]
        return self.chance.sample(codes, min(len(codes), item.most or len(codes)))

    def arm_count(self, item: Item) -> list[int]:
        """Half see the sensitive statement; how many of the statements seen hold, one in three each."""
        arm = self.chance.randint(0, 1)
        seen = [o for o in item.options if arm or not o.sensitive]
        return [arm, sum(self.chance.random() < 1 / 3 for _ in seen)]

    def mark(self, item: Item) -> int:
        """Ticked."""
        return 1

    def time(self, item: Item) -> str:
        """Some quarter of an hour of a long working day."""
        return f"{self.chance.randint(7, 21):02d}:{15 * self.chance.randint(0, 3):02d}"

    def number(self, item: Item) -> float:
        """A skewed count or amount, in the steps and within the bounds that the item allows."""
        median, burden, spread = COUNTS.get(item.id, (min(10.0, (item.high or 20) / 3), 0.2, 0.5))
        value = median * math.exp(burden * self.burden + self.chance.gauss(0, spread))
        if median > 5 and value > 8 and self.chance.random() < 0.45:
            value = 5 * round(value / 5)  # people round what they remember
        if item.step is not None:  # a step of its own counts from the lowest
            low = item.low or 0.0
            steps = round((value - low) / item.step)
            most = math.floor((item.high - low) / item.step + 1e-9) if item.high is not None else steps
            value = round(low + item.step * max(0, min(steps, most)), item.places)
            return int(value) if item.kind.whole else value
        step = item.kind.step or 10**-item.places
        value = round(round(max(0.0, value) / step) * step, 2)
        return int(value) if item.kind.whole else value

    def text(self, item: Item) -> str:
        """One of the prepared remarks."""
        words = self.chance.choice(list(self.home.comments) or ["—"])
        words += "。" * max(0, int(item.low or 0) - len(words))
        return words[: int(item.high)] if item.high is not None else words

    def date(self, item: Item) -> str:
        """Some day of a year that has passed."""
        return f"2025-{self.chance.randint(1, 12):02d}-{self.chance.randint(1, 28):02d}"

    def within(self, item: Item, answer: object, check: Checker, live: dict[str, object]) -> object:
        """The answer, brought inside the item's bounds and constraint; None where no answer was found that holds."""
        if isinstance(answer, int | float) and item.kind.value == "number":
            answer = min(max(answer, item.low or 0), item.high if item.high is not None else answer)
        constraint = check.constraints.get(item.id)
        forms: list[object] = list(WRITTEN) if item.kind.value == "text" else []
        if item.kind.value == "date":  # what must lie between others may fall on one of their days
            forms += sorted({v for v in live.values() if isinstance(v, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", v)})
        for _ in range(20):
            if constraint is None or answer is None or self.holds(constraint[1], live, answer):
                return answer
            if isinstance(answer, int | float) and item.kind.value == "number":
                answer = answer // 2 if item.kind.whole else item.low or 0
            elif forms:
                answer = forms.pop(0)
            else:
                answer = ANSWERS[item.kind.value](self, item)
        return None

    def holds(self, constraint: Callable[..., bool], live: dict[str, object], answer: object) -> bool:
        """Whether a constraint accepts this answer, here and in this row."""
        if isinstance(live, Scope) and live.repeats:
            return constraint(live, current=answer, position=live.position, repeats=live.repeats)
        return constraint(live, current=answer)


ANSWERS = {
    "code": _Person.code,
    "codes": _Person.codes,
    "number": _Person.number,
    "text": _Person.text,
    "date": _Person.date,
    "time": _Person.time,
    "order": _Person.order,
    "mark": _Person.mark,
    "arm_count": _Person.arm_count,
    "point": _Person.point,
    "media": _Person.media,
}
