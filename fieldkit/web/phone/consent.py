"""The consent text word for word: what stands in 【】 comes from the study and the wave, lead words are bold."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from fieldkit.core.instrument import Questionnaire, stated_minutes
from fieldkit.core.wave import Wave
from fieldkit.translations import say

# one to ten in Chinese, and the comma that follows them at the head of a paragraph
NUMBERED = re.compile(r"([\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341]{1,3}\u3001)(.*)", re.DOTALL)
BLANK = re.compile(r"【[^】]*】")


def day(date: datetime.date, language: str) -> str:
    """A date as people read it."""
    return say("phone.day", language, year=date.year, month=date.month, day=date.day)


def unbroken(text: str) -> Markup:
    """Words that stay on one line."""
    return Markup('<span class="nb">{}</span>').format(text)


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph; `number` is 一、 and so on, or nothing."""

    number: str
    words: Markup


def filled(text: str, questionnaire: Questionnaire, wave: Wave, language: str) -> Iterator[Markup]:
    """The paragraphs of the consent text with every 【】 filled, in the order of the text.

    The first date is the day after which raw records are deleted, the second the last day for withdrawing.
    """
    study = wave.study
    dates = iter((wave.keep_until, wave.withdraw_until))
    facts = {
        say("phone.consent_team", language): escape(study.team),
        say("phone.consent_minutes", language): escape(stated_minutes(questionnaire)),
        say("phone.consent_email", language): unbroken(study.email),
        say("phone.consent_ethics", language): escape(study.ethics_number),
    }
    date = say("phone.consent_date", language)

    def put(match: re.Match[str]) -> str:
        name = match.group()[1:-1]
        return str(unbroken(day(next(dates), language)) if name == date else facts.get(name, match.group()))

    bold = [phrase for phrase in say("phone.consent_bold", language).split("\n") if phrase]
    for paragraph in text.strip().split("\n"):
        words = str(escape(paragraph.strip()))
        if not words:
            continue
        for phrase in bold:
            words = words.replace(phrase, f"<b>{phrase}</b>")
        yield Markup(BLANK.sub(put, words))  # escaped above; only our own tags were put in


def consent(questionnaire: Questionnaire, wave: Wave, language: str) -> list[list[Line]]:
    """The consent text in blocks: plain paragraphs and numbered ones never mix in a block."""
    blocks: list[list[Line]] = []
    for words in filled(questionnaire.consent.say(language), questionnaire, wave, language):
        match = NUMBERED.match(words)
        line = Line(match.group(1), Markup(match.group(2))) if match else Line("", words)
        if blocks and bool(blocks[-1][0].number) == bool(line.number):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks
