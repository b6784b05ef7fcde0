"""Rows for researchers: what stands in which cell, also where people fill lists of rows."""

from __future__ import annotations

import csv
import datetime
import io

from fieldkit.core.answer import Answer
from fieldkit.core.instrument import Group, Questionnaire, Section
from fieldkit.core.item import Item
from fieldkit.core.response import Response
from fieldkit.core.text import Text
from fieldkit.formats.microdata_csv import ABOUT, Columns, codebook, response_key

ZH = Text(zh="某题")
CASE = Section(
    "case",
    ZH,
    (
        Item("place", ZH, "count"),
        Item("year", ZH, "count"),
        Item("words", ZH, "text"),
        Item("act_month", ZH, "count"),
        Item("act_hours", ZH, "decimal"),
        Item("total", ZH, "calculate", calculation="sum(${act_hours})"),
        Item("hello", ZH, "note"),
    ),
    groups=(
        Group("events", ZH, ("year", "words", "act_month", "act_hours"), repeat=(0, 9)),
        Group("acts", ZH, ("act_month", "act_hours"), inside="events", repeat=(0, 9)),
    ),
)
ASKED = Questionnaire("q1", "1.0.0", ZH, (CASE,), {}, audience="researcher")
EVENTS = [
    {"year": 2024, "words": "", "acts": [{"act_month": 1, "act_hours": 2.5}, {"act_month": {"missing": "refused"}}]},
    {"year": {"missing": "skipped"}, "acts": []},
]


def response(**answers: object) -> Response:
    given = {name: Answer(value) for name, value in answers.items()}
    return Response("a" * 32, "w1", "330523", "q1", "1.0.0", "zh", datetime.date(2026, 11, 3), None, given)


def test_items_in_rows_have_files_of_their_own_and_no_column_beside_the_others():
    columns = Columns.of([ASKED], ())
    assert [c.name for c in columns.items] == ["place", "total"]
    assert [(t.file, t.path) for t in columns.rows] == [
        ("rows_events.csv", ("events",)),
        ("rows_acts.csv", ("events", "acts")),
    ]
    assert [item.id for item in columns.left_out] == ["words"]


def test_a_row_leads_to_its_person_and_to_the_row_around_it():
    events, acts = Columns.of([ASKED], ()).rows
    one = response(place=3, events=EVENTS)
    head = [response_key(one.id), "w1", "330523", "q1", "1.0.0"]
    assert events.header[5:] == ["row_events", "year", "year__miss"]
    assert list(events.lines(one)) == [[*head, "1", "2024", ""], [*head, "2", "", "skipped"]]
    assert acts.header[5:] == ["row_events", "row_acts", "act_month", "act_month__miss", "act_hours", "act_hours__miss"]
    assert list(acts.lines(one)) == [
        [*head, "1", "1", "1", "", "2.5", ""],
        [*head, "1", "2", "", "refused", "", "not_shown"],
    ]
    assert list(acts.lines(response(place=3))) == []


def test_the_codebook_says_in_which_file_a_column_stands():
    names = (*ABOUT, "module", "seconds", "missing", "left_out", "row")
    about = dict.fromkeys(names, ("中文", "English"))
    text = codebook(Columns.of([ASKED], ()), about=about, module_of={}).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    files = {(line["column"], line["file"]) for line in lines}
    assert {("place", "responses.csv"), ("year", "rows_events.csv"), ("row_acts", "rows_acts.csv")} <= files
    assert all(line["text_zh"] and line["text_en"] for line in lines)
