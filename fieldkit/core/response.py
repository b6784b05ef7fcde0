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
from dataclasses import dataclass

from fieldkit.core.answer import NOT_SHOWN, SKIPPED, Answer
from fieldkit.core.expression import compiled, parse
from fieldkit.core.flow import Step, asked, plan
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import CHOSEN_REASONS, Item
from fieldkit.core.problem import Problem

CONSENT = "core_consent"
COUNTY = "core_county"
TEXT_LIMIT = 10_000  # no text item may be longer, whatever its own limit
NUMBER_LIMIT = 1e12  # beyond it a double no longer keeps two decimal places exactly
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


Read = Callable[[object], Answer | None]  # None: the field was left empty

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,20})?(\.\d{1,20})?", re.ASCII)
_CODE = re.compile(r"-?\d{1,9}", re.ASCII)
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
    """The number that a person typed, or None where it is none. Commas may only stand between thousands.

    >>> read_number('１，２００.５'), read_number('1,5'), read_number('1e3')
    (1200.5, None, None)
    """
    text = half_width(typed)
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
    whole, places, step = item.kind.whole, item.places, item.kind.step
    low = -NUMBER_LIMIT if item.low is None else item.low
    high = NUMBER_LIMIT if item.high is None else item.high

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
        if whole:
            if value != int(value):
                raise _wrong("answer.not_whole", item, value=_shown(value))
            return Answer(int(value))
        scaled = value / step if step else value * 10**places
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


READERS: Mapping[str, Callable[[Item], Read]] = {
    "code": _read_code,
    "codes": _read_codes,
    "number": _read_number,
    "text": _read_text,
    "date": _read_date,
}


@dataclass(frozen=True)
class Checker:
    """A questionnaire version made ready to check submissions."""

    questionnaire: Questionnaire
    items: Mapping[str, Item]
    ids: tuple[str, ...]  # those that have an answer: all but consent and county, in asking order
    steps: tuple[Step, ...]
    readers: Mapping[str, Read]
    constraints: Mapping[str, tuple[Item, Callable[..., bool]]]
    hard: tuple[Item, ...]

    def check(self, sent: Mapping[str, object]) -> dict[str, Answer]:
        """All answers of the questionnaire in asking order, or Problem `submission.invalid` with every finding.

        `sent` maps item id to a value, to {"missing": reason}, or to None for a field left empty. Consent must be
        code 1 (else Problem `submission.no_consent`); consent and county are not among the answers returned.
        """
        given, findings = self._read(sent)
        values = {item_id: answer.value for item_id, answer in given.items() if answer.value is not None}
        if CONSENT in self.readers and values.get(CONSENT) != 1:
            raise Problem("submission.no_consent", where=CONSENT)

        shown = asked(self.steps, values)
        findings = {where: f for where, f in findings.items() if where in shown or where not in self.readers}
        live = {item_id: value for item_id, value in values.items() if item_id in shown}
        for item_id, (item, holds) in self.constraints.items():
            if item_id in live and not holds(live, current=live[item_id]):
                message = item.constraint.message.say() if item.constraint else ""
                findings[item_id] = _wrong("answer.constraint", item, message=message)
        answers: dict[str, Answer] = {}
        for item_id in self.ids:
            if item_id in shown:
                answers[item_id] = given.get(item_id, SKIPPED)
            else:
                answers[item_id] = NOT_SHOWN
        for item in self.hard:
            if item.id in shown and answers[item.id].value is None and item.id not in findings:
                findings[item.id] = _wrong("answer.required", item)
        if findings:
            some = tuple(findings.values())[:FINDINGS_LIMIT]
            raise Problem("submission.invalid", findings=some, count=len(findings))
        return answers

    def _read(self, sent: Mapping[str, object]) -> tuple[dict[str, Answer], dict[str, Problem]]:
        """What was given, item by item, and what could not be read."""
        given: dict[str, Answer] = {}
        findings: dict[str, Problem] = {}
        for item_id, raw in sent.items():
            reader = self.readers.get(item_id)
            if reader is None:
                findings[item_id] = Problem("answer.unknown_item", where=_shown(item_id))
            elif raw is not None and item_id != COUNTY:
                try:
                    answer = _chosen_reason(self.items[item_id], raw) if isinstance(raw, dict) else reader(raw)
                except Problem as problem:
                    findings[item_id] = problem
                else:
                    if answer is not None:
                        given[item_id] = answer
        return given, findings


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
    kept = [item for item in questionnaire if item.id not in (CONSENT, COUNTY)]
    return Checker(
        questionnaire,
        items=questionnaire.items,
        ids=tuple(item.id for item in kept),
        steps=plan(questionnaire),
        readers={item.id: READERS[item.kind.value](item) for item in questionnaire},
        constraints={
            item.id: (item, compiled(parse(item.constraint.expression)))
            for item in questionnaire
            if item.constraint is not None
        },
        hard=tuple(item for item in kept if item.required == "hard"),
    )
