"""One person's submitted answers, and the check that turns what a phone sent into them.

`checker(questionnaire)` is compiled once per version; `check` then costs microseconds per answer. The server
recomputes everything: which items were asked, types, ranges, options, constraints. An answer to an item that was not
asked is dropped and its reason recorded as `not_shown`.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fieldkit.core.answer import NOT_SHOWN, SKIPPED, Answer
from fieldkit.core.attachment import EXTENSIONS, NAME, extension
from fieldkit.core.expression import Scope, compiled, parse
from fieldkit.core.flow import TEXT_LIMIT, Rows, Step, Walk, draws, repeats_of, seen_from, walk, whole_plan
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import CHOSEN_REASONS, Item
from fieldkit.core.paradata import Paradata
from fieldkit.core.point import rounded_point
from fieldkit.core.problem import Problem

CONSENT = "core_consent"
COUNTY = "core_county"
NUMBER_LIMIT = 1e12  # beyond it a double no longer keeps two decimal places exactly
DRAWN_LIMIT = 100  # characters of what a phone drew by chance
FINDINGS_LIMIT = 50  # a broken client should not get a book back


@dataclass(frozen=True)
class Response:
    """What is stored of one person: answers, the day, the county, and nothing that tells who or when exactly.

    `id` is 32 hexadecimal digits made on the phone. `active_seconds` is the time the page was visible, or None when
    the page had no script. `answers` has one Answer for every item of the questionnaire but consent and county.
    """

    id: str
    wave: str
    county: str
    questionnaire: str
    version: str
    language: str
    received_on: datetime.date
    active_seconds: int | None
    answers: Mapping[str, Answer]
    simulated: bool = False
    paradata: Paradata | None = None


Read = Callable[[object], Answer | None]  # None: the field was left empty


def with_link(item: Item) -> bool:
    """Whether the link answers this item: the county, under whatever id a questionnaire asks for it."""
    return item.id == COUNTY or item.source == "wave.counties"


_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,20})?(\.\d{1,20})?", re.ASCII)
_POINT = re.compile(r"\A([+-]?\d{1,20}),(\d{1,2})\Z", re.ASCII)
_CODE = re.compile(r"-?\d{1,9}", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)
# What a Chinese input method types in place of ASCII: full-width forms and space, the minus sign, the full stop.
_HALF_WIDTH: dict[int, int | str] = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_HALF_WIDTH |= {0x3000: " ", 0x2212: "-", 0x3002: ".", 0xFF61: "."}
# Control characters, and halves of characters that no database takes; line break and tab stay.
_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _wrong(code: str, item: Item, **facts: object) -> Problem:
    return Problem(code, where=item.id, item=item.text.say(), **facts)  # type: ignore[arg-type]


def _shown(value: object) -> str:
    """What was sent, short enough and clean enough to stand in a message; only the kind of anything nested."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        value = int(value)  # 130 was typed, and should be read back as 130
    if isinstance(value, str | int | float | bool) or value is None:
        return _NOT_TEXT.sub("", str(value)[:40]) if not isinstance(value, int) or abs(value) < 10**40 else "…"
    return "[…]"


def half_width(text: str) -> str:
    """Full-width digits, letters, signs and spaces as a Chinese input method may type them, made half-width.

    >>> half_width('１２．５　')
    '12.5'
    """
    return text.translate(_HALF_WIDTH).strip()


def read_number(typed: str) -> float | None:
    """The number that a person typed, or None where it is none.

    A comma may stand between thousands, or before one or two last digits, where a point was meant. The same rule
    stands in web/static/answers.js.

    >>> read_number('１，２００.５'), read_number('6，5'), read_number('1,2345'), read_number('1e3')
    (1200.5, 6.5, None, None)
    """
    text = _POINT.sub(r"\1.\2", half_width(typed))
    if not _NUMBER.fullmatch(text) or not any(c.isdigit() for c in text):
        return None
    return float(text.replace(",", ""))


def _read_code(item: Item) -> Read:
    answers = {o.code: Answer(missing=o.missing) if o.missing else Answer(o.code) for o in item.options}

    def read(value: object) -> Answer | None:
        if isinstance(value, str):
            text = half_width(value)
            if not text:
                return None
            value = int(text) if _CODE.fullmatch(text) else text
        if isinstance(value, bool) or not isinstance(value, int | float) or value not in answers:
            raise _wrong("answer.unknown_option", item, value=_shown(value))
        return answers[int(value)]

    return read


def _read_codes(item: Item) -> Read:
    options = {option.code: option for option in item.options}
    # Code 0 without the mark is a real choice; options that stand for a missing reason are exclusive by nature.
    exclusive = {option.code for option in item.options if option.exclusive or option.missing}

    def read(value: object) -> Answer | None:
        if not isinstance(value, list):
            raise _wrong("answer.wrong_type", item, value=_shown(value))
        chosen: set[int] = set()
        for one in value:
            code = int(one) if isinstance(one, str) and _CODE.fullmatch(one) else one
            if isinstance(code, bool) or not isinstance(code, int | float) or code not in options:
                raise _wrong("answer.unknown_option", item, value=_shown(one))
            chosen.add(int(code))
        if not chosen:
            return None
        if len(chosen) > 1 and chosen & exclusive:
            named = "、".join(options[c].text.say() or str(c) for c in sorted(chosen & exclusive))
            raise _wrong("answer.exclusive_option", item, options=named)
        if item.most and len(chosen) > item.most:
            raise _wrong("answer.too_many", item, most=item.most)
        codes = sorted(chosen)
        return Answer(missing=options[codes[0]].missing) if options[codes[0]].missing else Answer(codes)

    return read


def _read_number(item: Item) -> Read:
    whole, places, step = item.kind.whole, item.places, item.smallest
    low = -NUMBER_LIMIT if item.low is None else item.low
    high = NUMBER_LIMIT if item.high is None else item.high
    start = 0.0 if item.step is None or item.low is None else item.low  # a step of its own counts from the lowest

    def read(value: object) -> Answer | None:
        if isinstance(value, str):
            if not value.strip():
                return None
            typed, value = value, read_number(value)
            if value is None:
                raise _wrong("answer.wrong_type", item, value=_shown(typed))
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise _wrong("answer.wrong_type", item, value=_shown(value))
        if not low <= value <= high:
            raise _wrong("answer.out_of_range", item, value=_shown(value), low=item.low, high=item.high)
        if whole and value != int(value):
            raise _wrong("answer.not_whole", item, value=_shown(value))
        if whole and step == 1:
            return Answer(int(value))
        scaled = (value - start) / step if step else value * 10**places
        if not math.isclose(scaled, round(scaled), rel_tol=1e-12, abs_tol=1e-6):
            raise _wrong("answer.too_precise", item, value=_shown(value), places=places, step=step or 10**-places)
        rounded = round(value, places)
        return Answer(int(rounded) if rounded == int(rounded) else rounded)

    return read


def read_text(typed: str) -> str:
    """Typed words as they are kept: no control characters, line breaks of one kind, no blanks around.

    >>> read_text(' 一\\r\\n二\\x00 ')
    '一\\n二'
    """
    return _NOT_TEXT.sub("", typed.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _read_text(item: Item) -> Read:
    most = min(int(item.high), TEXT_LIMIT) if item.high is not None else TEXT_LIMIT
    least = int(item.low or 0)

    def read(value: object) -> Answer | None:
        if not isinstance(value, str):
            raise _wrong("answer.wrong_type", item, value=_shown(value))
        text = read_text(value)
        if not text:
            return None
        if len(text) > most:
            raise _wrong("answer.too_long", item, length=len(text), limit=most)
        if len(text) < least:
            raise _wrong("answer.too_short", item, length=len(text), limit=least)
        return Answer(text)

    return read


def _read_date(item: Item) -> Read:
    def read(value: object) -> Answer | None:
        if not isinstance(value, str):
            raise _wrong("answer.wrong_type", item, value=_shown(value))
        text = half_width(value)
        if not text:
            return None
        try:
            return Answer(datetime.date.fromisoformat(text).isoformat())
        except ValueError:
            raise _wrong("answer.wrong_type", item, value=_shown(value)) from None

    return read


def _read_time(item: Item) -> Read:
    def read(value: object) -> Answer | None:
        if not isinstance(value, str):
            raise _wrong("answer.wrong_type", item, value=_shown(value))
        text = half_width(value)
        if not text:
            return None
        if not _TIME.fullmatch(text):
            raise _wrong("answer.wrong_type", item, value=_shown(value))
        hours, minutes = text.split(":")[:2]
        return Answer(f"{int(hours):02d}:{minutes}")

    return read


def _read_order(item: Item) -> Read:
    codes = {o.code for o in item.options if not o.missing}
    most = item.most or len(codes)

    def read(value: object) -> Answer | None:
        if isinstance(value, str):
            value = half_width(value).split()
        if not isinstance(value, list):
            raise _wrong("answer.wrong_type", item, value=_shown(value))
        order: list[int] = []
        for each in value:
            code = int(half_width(each)) if isinstance(each, str) and _CODE.fullmatch(half_width(each)) else each
            if isinstance(code, bool) or not isinstance(code, int) or code not in codes:
                raise _wrong("answer.unknown_option", item, value=_shown(each))
            if code in order:
                raise _wrong("answer.twice", item, option=item.option(code).text.say())  # type: ignore[union-attr]
            order.append(code)
        if not order:
            return None
        if len(order) > most:
            raise _wrong("answer.too_many", item, most=most)
        if len(order) < most:
            raise _wrong("answer.too_few_ranked", item, most=most, given=len(order))
        return Answer(order)

    return read


def _read_mark(item: Item) -> Read:
    def read(value: object) -> Answer | None:
        if value in ("", None, False):
            return None
        if value not in (1, "1", True):
            raise _wrong("answer.unknown_option", item, value=_shown(value))
        return Answer(1)

    return read


def _read_arm_count(item: Item) -> Read:
    longest = len(item.options)
    shorter = sum(1 for option in item.options if not option.sensitive)

    def read(value: object) -> Answer | None:
        if not isinstance(value, list) or len(value) != 2 or any(type(part) is not int for part in value):
            raise _wrong("answer.wrong_type", item, value=_shown(value))
        arm, count = value
        if arm not in (0, 1):
            raise _wrong("answer.unknown_option", item, value=_shown(arm))
        high = longest if arm else shorter
        if not 0 <= count <= high:
            raise _wrong("answer.out_of_range", item, value=_shown(count), low=0, high=high)
        return Answer([arm, count])

    return read


def _read_point(item: Item) -> Read:
    places = item.places

    def read(value: object) -> Answer | None:
        if not isinstance(value, str):
            raise _wrong("answer.wrong_type", item, value=_shown(value))
        text = half_width(value)
        if not text:
            return None
        point = rounded_point(text, places)
        if point is None:
            raise _wrong("answer.wrong_point", item, value=_shown(value))
        return Answer(point)

    return read


def _read_media(item: Item) -> Read:
    allowed = EXTENSIONS[item.type]

    def read(value: object) -> Answer | None:
        if value == "":
            return None
        if not isinstance(value, str) or not NAME.match(value) or extension(value) not in allowed:
            raise _wrong("answer.wrong_file", item, value=_shown(value), among=", ".join(allowed))
        return Answer(value)

    return read


def _read_nothing(item: Item) -> Read:
    """What a phone says of a note is not listened to."""
    return lambda value: None


def _read_computed(item: Item) -> Read:
    """What a phone says of a calculated item is not listened to, unless it was drawn by chance there."""
    if not draws(item):
        return lambda value: None

    def read(value: object) -> Answer | None:
        if isinstance(value, bool) or not isinstance(value, int | float | str) or value != value:
            raise _wrong("answer.wrong_type", item, value=_shown(value))
        if isinstance(value, str):
            return Answer(_NOT_TEXT.sub("", value)[:DRAWN_LIMIT]) if value else None
        if not -NUMBER_LIMIT <= value <= NUMBER_LIMIT:
            raise _wrong("answer.out_of_range", item, value=_shown(value), low=-NUMBER_LIMIT, high=NUMBER_LIMIT)
        return Answer(value)

    return read


READERS: Mapping[str, Callable[[Item], Read]] = {
    "code": _read_code,
    "codes": _read_codes,
    "order": _read_order,
    "number": _read_number,
    "text": _read_text,
    "date": _read_date,
    "time": _read_time,
    "mark": _read_mark,
    "arm_count": _read_arm_count,
    "point": _read_point,
    "media": _read_media,
    "computed": _read_computed,
    "none": _read_nothing,
}

Constraints = Mapping[str, tuple[Item, Callable[..., bool]]]


@dataclass(frozen=True)
class Checker:
    """A questionnaire version, or the rows of one repeat in it, made ready to check submissions."""

    questionnaire: Questionnaire
    items: Mapping[str, Item]
    ids: tuple[str, ...]  # those that have an answer: all but consent, county, notes and what stands in rows
    steps: tuple[Step | Rows, ...]
    readers: Mapping[str, Read]
    constraints: Constraints
    hard: tuple[Item, ...]
    offers: Mapping[str, Callable[..., frozenset[int]]] = field(default_factory=dict)
    rows: Mapping[str, Checker] = field(default_factory=dict)
    bounds: tuple[int, int] = (0, 0)  # a repeat: least and most rows

    def check(self, sent: Mapping[str, object]) -> dict[str, Answer]:
        """All answers of the questionnaire in asking order, or Problem `submission.invalid` with every finding.

        `sent` maps item id to a value, to {"missing": reason}, or to None for a field left empty, and the id of a
        repeat to a list of such mappings. Consent must be code 1 (else Problem `submission.no_consent`); consent and
        county are not among the answers returned. The answer to a repeat is its rows, each item id to value or
        {"missing": reason}.
        """
        given, findings = self._read(sent)
        values = _values(given)
        if CONSENT in self.readers and values.get(CONSENT) != 1:
            raise Problem("submission.no_consent", where=CONSENT)
        answers = self._settle(given, findings, walk(self.steps, values))
        if findings:
            some = tuple(findings.values())[:FINDINGS_LIMIT]
            raise Problem("submission.invalid", findings=some, count=len(findings))
        return answers

    def _settle(self, given: _Given, findings: dict[str, Problem], found: Walk, **context: object) -> dict[str, Answer]:
        """What was given against what was asked; what is wrong joins the findings."""
        shown, live = found.shown, found.live
        for where in [w for w in findings if w not in shown and w in self.readers]:
            del findings[where]
        for item_id, offers in self.offers.items():
            chosen = live.get(item_id)
            if chosen is not None and not offers(live).issuperset(chosen if isinstance(chosen, list) else (chosen,)):
                findings[item_id] = _wrong("answer.unknown_option", self.items[item_id], value=_shown(chosen))
        for item_id, (item, holds) in self.constraints.items():
            if item_id in live and not holds(live, current=live[item_id], **context):
                message = item.constraint.message.say() if item.constraint else ""
                findings[item_id] = _wrong("answer.constraint", item, message=message)
        answers: dict[str, Answer] = {}
        for item_id in self.ids:
            if item_id not in shown:
                answers[item_id] = NOT_SHOWN
            elif item_id in self.rows:
                answers[item_id] = self._rows(item_id, given, findings, found)
            elif item_id in given:
                answers[item_id] = given[item_id]  # type: ignore[assignment]
            else:  # left empty, or calculated on the way
                value = live.get(item_id)
                answers[item_id] = SKIPPED if value is None else Answer(value)
        for item in self.hard:
            if item.id in shown and answers[item.id].value is None and item.id not in findings:
                findings[item.id] = _wrong("answer.required", item)
        return answers

    def _rows(self, name: str, given: _Given, findings: dict[str, Problem], found: Walk) -> Answer:
        """The rows of one repeat as one answer; a finding in a row stands at repeat[number].item."""
        part, rows = self.rows[name], []
        every: list[_Row] = given.get(name) or []  # type: ignore[assignment]
        low, high = part.bounds
        if not low <= len(every) <= high and name not in findings:
            findings[name] = Problem("answer.rows", where=name, low=low, high=high, given=len(every))
        repeats = getattr(found.live, "repeats", {})
        for number, (row, way) in enumerate(zip(every, found.rows[name], strict=True), 1):
            wrong = dict(row.findings)
            seen = seen_from(way, part.steps, repeats)
            scope = Walk(way.shown, Scope({**found.live, **way.live}, position=number, repeats=seen), way.rows)
            settled = part._settle(row.given, wrong, scope, position=number, repeats=seen)
            findings.update({f"{name}[{number}].{where}": _moved(p, name, number) for where, p in wrong.items()})
            rows.append({i: a.value if a.missing is None else {"missing": a.missing} for i, a in settled.items()})
        return Answer(rows) if rows else SKIPPED

    def _read(self, sent: Mapping[str, object]) -> tuple[_Given, dict[str, Problem]]:
        """What was given, item by item, and what could not be read."""
        given: _Given = {}
        findings: dict[str, Problem] = {}
        for item_id, raw in sent.items():
            if item_id in self.rows:
                try:
                    given[item_id] = self._read_rows(item_id, raw)
                except Problem as problem:
                    findings[item_id] = problem
                continue
            reader = self.readers.get(item_id)
            if reader is None:
                findings[item_id] = Problem("answer.unknown_item", where=_shown(item_id))
            elif raw is not None and not with_link(self.items[item_id]):
                try:
                    answer = _chosen_reason(self.items[item_id], raw) if isinstance(raw, dict) else reader(raw)
                except Problem as problem:
                    findings[item_id] = problem
                else:
                    if answer is not None:
                        given[item_id] = answer
        return given, findings

    def _read_rows(self, name: str, raw: object) -> list[_Row]:
        part = self.rows[name]
        if raw is None:
            return []
        if not isinstance(raw, list) or any(not isinstance(row, dict) for row in raw):
            raise Problem("answer.wrong_type", where=name, item=name, value=_shown(raw))
        if len(raw) > part.bounds[1]:
            raise Problem("answer.rows", where=name, low=part.bounds[0], high=part.bounds[1], given=len(raw))
        return [_Row(*part._read(row)) for row in raw]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a repeat as it came in."""

    given: _Given
    findings: dict[str, Problem]


_Given = dict[str, Answer | list[_Row]]


def _values(given: _Given) -> dict[str, object]:
    """The values among what was given, rows as mappings of their values."""
    values: dict[str, object] = {}
    for name, answer in given.items():
        if isinstance(answer, list):
            values[name] = [_values(row.given) for row in answer]
        elif answer.value is not None:
            values[name] = answer.value
    return values


def values_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Checked answers as expressions see them: values only, in rows too; what is missing is left out.

    >>> values_of({"level": Answer(3), "why": SKIPPED, "visits": Answer([{"hours": 2, "why": {"missing": "refused"}}])})
    {'level': 3, 'visits': [{'hours': 2}]}
    """
    found: dict[str, Any] = {}
    for name, answer in answers.items():
        value = answer.value if isinstance(answer, Answer) else answer
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found[name] = [values_of(row) for row in value]
        elif value is not None and not isinstance(value, dict):
            found[name] = value
    return found


def item_at(where: str) -> str:
    """The item that a finding is about: visits[2].hours is about hours."""
    return where.rpartition(".")[2]


def _moved(problem: Problem, name: str, number: int) -> Problem:
    return Problem(problem.code, where=f"{name}[{number}].{problem.where}", **problem.facts)  # type: ignore[arg-type]


def _chosen_reason(item: Item, raw: dict[object, object]) -> Answer | None:
    reason = raw.get("missing")
    if set(raw) != {"missing"}:
        raise _wrong("answer.value_and_missing", item)
    if reason in ("skipped", "not_shown"):
        return None  # the phone's own view of it; the server decides which of the two it is
    if reason not in CHOSEN_REASONS or (
        reason not in item.missing and not any(o.missing == reason for o in item.options)
    ):
        raise _wrong("answer.unknown_missing_reason", item, value=_shown(reason))
    return _MISSING[str(reason)]


_MISSING = {reason: Answer(missing=reason) for reason in CHOSEN_REASONS}


def checker(questionnaire: Questionnaire) -> Checker:
    """Compile a questionnaire for checking; do this once per version and keep it."""
    return _part(questionnaire, whole_plan(questionnaire), repeats_of(questionnaire), (), (0, 0))


def _part(
    questionnaire: Questionnaire,
    steps: tuple[Step | Rows, ...],
    repeats: Mapping[str, tuple[str, ...]],
    inside: tuple[str, ...],
    bounds: tuple[int, int],
) -> Checker:
    items = {step.item.id: step.item for step in steps if isinstance(step, Step)}
    kept = [
        (step.id if isinstance(step, Rows) else step.item.id)
        for step in steps
        if isinstance(step, Rows)
        or (step.item.id != CONSENT and step.item.kind.value != "none" and not with_link(step.item))
    ]
    return Checker(
        questionnaire,
        items=items,
        ids=tuple(kept),
        steps=steps,
        readers={item.id: READERS[item.kind.value](item) for item in items.values()},
        constraints={
            item.id: (item, compiled(parse(item.constraint.expression, repeats=repeats, inside=inside)))
            for item in items.values()
            if item.constraint is not None
        },
        hard=tuple(item for item in items.values() if item.required == "hard" and item.id in kept),
        offers={s.item.id: s.offers for s in steps if isinstance(s, Step) and s.offers is not None},
        rows={
            s.id: _part(questionnaire, s.steps, repeats, (*inside, s.id), (s.low, s.high))
            for s in steps
            if isinstance(s, Rows)
        },
        bounds=bounds,
    )
