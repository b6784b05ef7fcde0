"""Simulated people who answer a questionnaire: plausible numbers, skips by its own rules, a few missing answers."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from functools import cache

from fieldkit.core.answer import NOT_SHOWN, Answer
from fieldkit.core.flow import Step, asked, plan
from fieldkit.core.instrument import Library, Questionnaire
from fieldkit.core.item import Item
from fieldkit.core.place import Place
from fieldkit.core.response import Response
from fieldkit.core.wave import Study, Wave, WaveCounty
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.settings import resource

COUNTY = Place("330523", "安吉县", "county", "330500")
TYPICAL = {"bur_af1": 5, "bur_af2": 6, "bur_af4": 3, "bur_tr_hours": 14, "bur_meet_n": 12, "al_req_n": 6, "al_opt_n": 5}


@cache
def library() -> Library:
    """Everything that is shipped."""
    return load_library(resource("instruments"))


@cache
def questionnaire(name: str = "short") -> Questionnaire:
    """A questionnaire as it is shipped."""
    return library().questionnaire(name)


PLANS: dict[int, tuple[Questionnaire, tuple[Step, ...]]] = {}  # made once for every questionnaire


def steps_of(asked_by: Questionnaire) -> tuple[Step, ...]:
    """The order of its questions with their conditions."""
    if id(asked_by) not in PLANS:
        PLANS[id(asked_by)] = asked_by, plan(asked_by)
    return PLANS[id(asked_by)][1]


def _value(item: Item, rng: random.Random) -> object:
    codes = [o.code for o in item.options if not o.missing]
    if item.id == "core_attention":
        return 2
    if item.id == "core_voluntary":
        return rng.choice([1, 1, 2])
    if item.id == "al_member":
        return rng.choices([1, 2, 3, 4], [50, 20, 25, 5])[0]
    if not codes and item.kind.value == "code":
        return None  # the county comes with the link
    if item.kind.value == "code":
        return rng.choice(codes)
    if item.kind.value == "codes":
        exclusive = [o.code for o in item.options if o.exclusive]
        return sorted(rng.sample([c for c in codes if c not in exclusive], rng.randint(1, item.most or 3)))
    if item.kind.value == "number":
        centre = TYPICAL.get(item.id, 20)
        raw = min(max(rng.gauss(centre, centre / 2), item.low or 0), item.high or 1e9)
        return round(raw) if item.kind.whole else round(raw * 2) / 2
    return "一条意见" if item.kind.value == "text" else "2026-11-03"


def person(
    asked_by: Questionnaire,
    number: int,
    *,
    seed: int = 1,
    missing: float = 0.03,
    given: Mapping[str, object] | None = None,
    seconds: int | None = 480,
) -> Response:
    """One response; `given` fixes answers (None: left empty)."""
    rng = random.Random(f"{seed}/{number}")
    values: dict[str, object] = {}
    for item in asked_by:
        values[item.id] = _value(item, rng)
        if item.id == "neg_assigned":
            values[item.id] = rng.choice([100, 200, 1000])
        elif item.id in ("neg_feasible", "neg_accepted") and values.get("neg_assigned"):
            values[item.id] = round(float(values["neg_assigned"]) * rng.choice([0.7, 0.8, 0.9, 1.0, 1.1]))  # type: ignore[arg-type]
        if rng.random() < missing and item.required != "hard" and item.id not in ("core_attention", "core_voluntary"):
            values[item.id] = None
        if given and item.id in given:
            values[item.id] = given[item.id]
    shown = asked(steps_of(asked_by), {**values, "core_consent": 1})
    answers = {}
    for item in asked_by:
        if item.id in ("core_consent", "core_county"):
            continue
        value = values[item.id]
        if item.id not in shown:
            answers[item.id] = NOT_SHOWN
        elif value is None:
            answers[item.id] = Answer(missing="skipped")
        else:
            answers[item.id] = Answer(value)  # type: ignore[arg-type]
    return Response(
        id=f"{seed:08x}{number:024x}",
        wave="w1",
        county=COUNTY.code,
        questionnaire=asked_by.id,
        version=asked_by.version,
        language="zh",
        received_on=datetime.date(2026, 11, 2 + number % 10),
        active_seconds=seconds,
        answers=answers,
        simulated=True,
    )


def people(n: int, *, seed: int = 1, form: str = "short", **more: object) -> list[Response]:
    """As many responses of one county as asked for."""
    return [person(questionnaire(form), i, seed=seed, **more) for i in range(n)]  # type: ignore[arg-type]


def wave(*, invited: int | None = 120, peers: tuple[str, ...] = (), **more: object) -> Wave:
    """The wave that these people answered in."""
    day = datetime.date
    return Wave(
        id="w1",
        study=Study("s1", "基层治理调查", "某大学基层治理课题组", "team@example.org", "2026-01", "已备案"),
        number=2,
        questionnaire="short",
        version="1.0.0",
        counties=(WaveCounty(COUNTY.code, invited),),
        opens_on=day(2026, 11, 2),
        closes_on=day(2026, 11, 15),
        withdraw_until=day(2026, 12, 31),
        keep_until=day(2031, 12, 31),
        state="closed",
        peers=peers,
        peer_rule="同省、山区、2025年末常住人口40万—65万人的县，共5个",
        **more,  # type: ignore[arg-type]
    )
