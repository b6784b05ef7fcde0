"""How long respondents are told that a questionnaire takes."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.core.instrument import Questionnaire, Section, planned_seconds, stated_minutes
from fieldkit.core.item import Item
from fieldkit.core.text import Text


def test_respondents_are_told_the_minutes_written_or_else_the_estimate() -> None:
    items = tuple(Item(f"q_{n}", Text(zh="某题"), "long_text") for n in range(40))
    silent = Questionnaire("long_form", "1.0.0", Text(zh="长问卷"), (Section("main", Text(zh="节"), items),), {})
    assert silent.minutes == 0
    assert stated_minutes(silent) == round(planned_seconds(silent) / 60) > 5
    assert stated_minutes(replace(silent, minutes=12)) == 12
    assert stated_minutes(replace(silent, minutes=0.2)) == 1
