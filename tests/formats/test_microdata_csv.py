"""Rows for researchers: what stands in which cell, also where people fill lists of rows."""

from __future__ import annotations

import csv
import datetime
import io

from fieldkit.core.answer import Answer
from fieldkit.core.columns import ABOUT, Columns, response_key
from fieldkit.core.dataset import Table
from fieldkit.core.instrument import Group, Questionnaire, Section
from fieldkit.core.item import Item
from fieldkit.core.response import Response
from fieldkit.core.text import Text
from fieldkit.formats.microdata_csv import BOM, beyond_gbk, codebook, encoded, label_lines, lines
from tests.formats.small_dataset import dataset

ABOUT_WORDS = dict.fromkeys((*ABOUT, "module", "seconds", "missing", "left_out", "row"), Text(zh="中文", en="English"))
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
    assert [(t.table, t.path) for t in columns.rows] == [
        ("rows_events", ("events",)),
        ("rows_acts", ("events", "acts")),
    ]
    assert [item.id for item in columns.left_out] == ["words"]


def table_of(columns: Columns, number: int, one: Response) -> list[list[str]]:
    rows = columns.rows[number]
    held = list(rows.lines(one))
    variables = columns.row_variables(rows, ABOUT_WORDS, {})
    return list(lines(Table(rows.table, variables, lambda: iter(held), len(held))))


def test_a_row_leads_to_its_person_and_to_the_row_around_it():
    columns = Columns.of([ASKED], ())
    one = response(place=3, events=EVENTS)
    head = [response_key(one.id), "w1", "330523", "q1", "1.0.0"]
    events, *found = table_of(columns, 0, one)
    assert events[5:] == ["row_events", "year", "year__miss"]
    assert found == [[*head, "1", "2024", ""], [*head, "2", "", "skipped"]]
    acts, *found = table_of(columns, 1, one)
    assert acts[5:] == ["row_events", "row_acts", "act_month", "act_month__miss", "act_hours", "act_hours__miss"]
    assert found == [[*head, "1", "1", "1", "", "2.5", ""], [*head, "1", "2", "", "refused", "", "not_shown"]]
    assert len(table_of(columns, 1, response(place=3))) == 1


def test_the_codebook_says_in_which_file_a_column_stands_and_how_it_is_stored():
    columns = Columns.of([ASKED], ())
    tables = [Table("responses", columns.variables(ABOUT_WORDS, module_of={}), lambda: iter(()), 0)]
    tables += [Table(t.table, columns.row_variables(t, ABOUT_WORDS, {}), lambda: iter(()), 0) for t in columns.rows]
    text = codebook(columns, about=ABOUT_WORDS, module_of={}, tables=tables).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))
    files = {(line["column"], line["file"], line["stored"]) for line in found}
    assert {
        ("place", "responses.csv", "whole"),
        ("place__miss", "responses.csv", "missing"),
        ("received_on", "responses.csv", "date"),
        ("year", "rows_events.csv", "whole"),
        ("act_hours", "rows_acts.csv", "number"),
        ("row_acts", "rows_acts.csv", "whole"),
    } <= files
    assert all(line["text_zh"] and line["text_en"] for line in found)
    assert all(line["stored"] for line in found if line["column"])


def test_every_kind_of_value_has_a_cell_that_people_and_programs_read():
    header, first, second, third, fourth = lines(dataset(4).tables[0])
    cells = dict(zip(header, first, strict=True))
    assert [cells[n] for n in ("county", "received_on", "pole", "ways", "ranks", "hours", "change", "times")] == [
        "010101", "2026-11-03", "-3", "1 98", "98 1", "7.5", "-91.25", "0",
    ]  # fmt: skip
    assert [cells[n] for n in ("list", "hour", "seen", "score_load")] == ["1 3", "09:30", "1", "62.5"]
    assert dict(zip(header, second, strict=True))["note"] == "'=1+1"
    assert dict(zip(header, third, strict=True))["score_load"] == "0.333333"
    none = dict(zip(header, fourth, strict=True))
    assert none["level"] == ""
    assert none["level__miss"] == "not_shown"


def test_gb18030_loses_no_character_and_names_those_that_gbk_does_not_have():
    table = dataset(8).tables[0]
    beyond: set[str] = set()
    body = b"".join(encoded(lines(table), "gb18030", lambda text: beyond.update(beyond_gbk(text))))
    assert not body.startswith(BOM)
    assert list(csv.reader(io.StringIO(body.decode("gb18030"), newline=""))) == list(lines(table))
    assert beyond == {"㵲"}
    plain = b"".join(encoded([["安吉县", "乡镇"]], "gb18030", lambda text: beyond.add("wrong")))
    assert plain.decode("gbk") == "安吉县,乡镇\r\n"
    assert "wrong" not in beyond


def test_what_gbk_has_is_written_alike_in_gb18030():
    both = [chr(n) for n in range(0x10000) if not 0xD800 <= n < 0xE000]
    both = [c for c in both if c.encode("gbk", "ignore")]
    assert len(both) > 21_000
    assert "".join(both).encode("gbk") == "".join(both).encode("gb18030")


def test_labels_give_the_words_of_every_code_and_every_reason():
    found = {tuple(line[:3]): line[3:] for line in label_lines(dataset(0))}
    assert found["responses.csv", "level", "2"] == ["街道", "Street"]
    assert found["responses.csv", "ways", "98"] == ["其他", "Other"]
    assert found["responses.csv", "level__miss", "refused"] == ["不便回答", "refused"]
