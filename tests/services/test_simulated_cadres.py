"""Invented cadres answer whatever is asked of them, so that any instrument can be tried from publication to report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.core.instrument import Library, Questionnaire
from fieldkit.core.item import TYPES, Check, Option, Randomised
from fieldkit.core.response import COUNTY, checker
from fieldkit.core.submission import Submission
from fieldkit.core.text import Text
from fieldkit.services.collect import Collector
from fieldkit.services.publish import publish_library
from fieldkit.services.report import county_files
from fieldkit.services.simulated_cadres import ANSWERS, Population
from fieldkit.services.waves import open_wave
from fieldkit.store.engine import Session
from tests.demo_site import empty_database
from tests.samples import ANJI, TODAY, item, questionnaire, wave
from tests.tiny import NAMES, library, tiny

BANK = library()
INSTRUMENTS = {name: tiny(name, BANK) for name in NAMES}
INSTRUMENTS |= {f"{name} {version}": found for (name, version), found in BANK.questionnaires.items()}
CHOICE = ("single", "multi", "likert", "likert5", "rank", "list_experiment")


def sheets(asked: Questionnaire):
    return Population(asked, "330523", "seed").sheets(40, 5)


def with_places(asked: Questionnaire) -> Questionnaire:
    """Items that take the wave's counties as options get two, as in a wave with two counties."""
    two = tuple(Option(code, Text(zh=str(code))) for code in (330522, 330523))
    return replace(
        asked,
        sections=tuple(
            replace(s, items=tuple(replace(i, options=two) if i.source else i for i in s.items))
            for s in asked.sections
        ),
    )


def test_there_is_an_answer_for_every_kind_that_people_are_asked():
    assert set(ANSWERS) == {kind.value for kind in TYPES.values() if kind.answered}


@pytest.mark.parametrize("name", list(INSTRUMENTS))
def test_every_instrument_is_filled_so_that_the_server_takes_it(name):
    asked = with_places(INSTRUMENTS[name])
    check = checker(asked)
    taken = [check.check(sheet.answers) for sheet in sheets(asked)]
    for each in check.ids:
        found = check.items.get(each)
        if found and found.kind.value == "media":
            assert all(answers[each].value is None for answers in taken), each
        elif not found or not found.relevance:
            assert any(answers[each].value is not None for answers in taken) or asked.section_of[each].relevance, each


@pytest.mark.parametrize("type_", [name for name, kind in TYPES.items() if kind.answered and kind.value != "media"])
def test_every_type_is_answered_within_its_bounds(type_):
    facts: dict[str, object] = {}
    if TYPES[type_].options == "must":
        facts["options"] = tuple(Option(n, Text(zh=str(n)), sensitive=n == 3) for n in (1, 2, 3))
    if type_ == "randomised_response":
        facts |= {"options": (Option(1, Text(zh="是")), Option(0, Text(zh="否")))}
        facts |= {"randomised": Randomised("forced", 0.7, 0.1)}
    if TYPES[type_].value == "number":
        facts |= {"low": 3, "high": 11}
    if TYPES[type_].value == "text":
        facts |= {"low": 4, "high": 6}
    asked = questionnaire(item("it", type_, **facts))
    check = checker(asked)
    values = [check.check(sheet.answers)["it"].value for sheet in sheets(asked)]
    assert sum(value is not None for value in values) >= 2


def test_steps_and_constraints_of_ones_own_are_kept():
    fives = item("fives", "integer", low=2, high=11, step=4)
    even = item("even", "integer", low=0, high=50, constraint=Check(". mod 2 = 0"))
    late = item("late", "time", constraint=Check("number(substr(., 0, 2)) >= 12"))
    never = item("never", "date", constraint=Check("false()"))
    asked = questionnaire(fives, even, late, never)
    check = checker(asked)
    taken = [check.check(sheet.answers) for sheet in sheets(asked)]
    assert {answers["fives"].value for answers in taken} - {None} <= {2, 6, 10}
    assert {answers["never"].value for answers in taken} == {None}
    assert sum(answers["late"].value is not None for answers in taken) > 20


def test_rows_are_filled_with_what_their_conditions_ask_for():
    taken = [checker(INSTRUMENTS["repeats"]).check(s.answers) for s in sheets(INSTRUMENTS["repeats"])]
    counts = {len(answers["visits"].value or []) for answers in taken}
    assert counts == {1, 2, 3}
    assert any(row["homes"] for answers in taken for row in answers["visits"].value)


def test_the_same_seed_gives_the_same_people():
    first, again = (sheets(INSTRUMENTS["repeats"]) for _ in range(2))
    assert first == again
    assert all(COUNTY not in sheet.answers for sheet in first)


@pytest.mark.parametrize("name", ["drawn", "matrix", "sensitive", "rank", "other", "cascade", "plain"])
def test_any_published_instrument_can_be_filled_handed_in_and_reported(tmp_path, name):
    engine = empty_database(tmp_path)
    with Session(engine) as session:
        publish_library(session, LOCAL, Library(BANK.modules, {(name, "1.0.0"): INSTRUMENTS[name]}))
        open_wave(session, LOCAL, wave(questionnaire=name, simulated=True))
        session.commit()
    collector = Collector(engine, today=lambda: TODAY)
    for sheet in Population(INSTRUMENTS[name], ANJI, "seed").sheets(25):
        sent = {"wave": "w", "county": ANJI, "questionnaire": name, "version": "1.0.0", "language": "zh"}
        collector.submit(Submission(id=sheet.id, receipt_code=sheet.receipt_code, answers=sheet.answers,
                                    active_seconds=sheet.active_seconds, **sent))  # fmt: skip
    collector.close()
    with Session(engine) as session:
        edition = county_files(session, LOCAL, "w", ANJI, dated=TODAY)
    engine.dispose()
    assert edition.pdf.startswith(b"%PDF")
    assert "模拟" in edition.html.decode()
