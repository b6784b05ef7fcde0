"""What a researcher's own workbook becomes, what is said about the rest, and what bad files cannot do."""

from __future__ import annotations

import io
import re
import struct
import time
import tracemalloc
import zipfile
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import TYPES, Item, Option
from fieldkit.core.openrosa import MEANT, QUESTIONS
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.formats.xlsform import SheetFinding, read_xlsform, write_xlsform
from fieldkit.formats.xlsform.package import FILE_LIMIT
from fieldkit.formats.xlsform.write import sheets_to_write
from fieldkit.translations import explain_code

CASES = Path(__file__).parent.parent / "cases" / "xlsform"


def workbook(**sheets: list[list[object]]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for place, row in enumerate(rows):
            page.write_row(place, 0, row)
    book.close()
    return file.getvalue()


def markdown(survey: str, choices: str = "", settings: str = "") -> bytes:
    text = "| survey |\n" + "".join(f"| | {row} |\n" for row in survey.strip().splitlines())
    if choices:
        text += "| choices |\n" + "".join(f"| | {row} |\n" for row in choices.strip().splitlines())
    settings = settings or "form_title | form_id | version\n测试 | test_form | 1.0.0"
    text += "| settings |\n" + "".join(f"| | {row} |\n" for row in settings.splitlines())
    return text.encode()


def taken(survey: str, choices: str = "", settings: str = "") -> tuple[Questionnaire, list[str]]:
    """The questionnaire and what was said about it: code, row and column."""
    imported = read_xlsform(markdown(survey, choices, settings), "form.md")
    said = [f"{f.code} {f.line} {f.column}" for f in imported.findings if isinstance(f, SheetFinding)]
    return imported.questionnaire, [line for line in said if line.startswith("xlsform.")]


def refused(content: bytes, name: str = "form.xlsx") -> list[SheetFinding]:
    with pytest.raises(Problem) as caught:
        read_xlsform(content, name)
    assert caught.value.code == "instrument.broken"
    found = [f for f in caught.value.findings if isinstance(f, SheetFinding)]
    assert len(found) == len(caught.value.findings) > 0
    for each in found:
        for language in ("zh", "en"):
            assert not any(
                re.search(r"(?<!\$){", text) for text in explain_code(each.key, language, **dict(each.facts))
            )
    return found


def refusals(survey: str, choices: str = "", settings: str = "") -> list[str]:
    found = refused(markdown(survey, choices, settings), "form.md")
    return [f"{f.code} {f.line} {f.column}" for f in found if f.severity == "error"]


# ------------------------------------------------------------------------------ names and codes of other houses


def test_choices_with_names_become_numbers_and_conditions_follow():
    form, said = taken(
        "type | name | label | relevant | default\n"
        "select_one bus | way | 怎么去 | | tram\n"
        "text | why | 为什么 | selected(${way}, 'bus') or ${way} != 'tram' and 'bus' = ${way} |",
        "list_name | name | label\nbus | bus | 公交\nbus | tram | 电车",
    )
    assert [option.code for option in form.items["way"].options] == [1, 2]
    assert form.items["way"].default == "2"
    assert form.items["why"].relevance == "selected(${way}, '1') or ${way} != '2' and '1' = ${way}"
    assert said == ["xlsform.choices_numbered 7 name"]


def test_a_choice_name_of_unknown_origin_is_refused_and_not_left_in_the_condition():
    assert refusals(
        "type | name | label | relevant\n"
        "select_one bus | way | 怎么去 |\n"
        "text | why | 为什么 | concat(${way}, '') = 'bus'",
        "list_name | name | label\nbus | bus | 公交",
    ) == ["xlsform.choice_name_left 4 relevant"]


def test_names_that_are_no_ids_are_renamed_everywhere():
    form, said = taken(
        "type | name | label | relevant\n"
        "begin_group | Page One | 页 |\n"
        "integer | Q1.a | 一 |\n"
        "integer | 年龄 | 二 | ${Q1.a} > 1\n"
        "end_group | | |",
    )
    assert [section.id for section in form.sections] == ["page_one"]
    assert list(form.items) == ["q1_a", "row_5"]
    assert form.items["row_5"].relevance == "${q1_a} > 1"
    assert said == ["xlsform.renamed 3 name", "xlsform.renamed 4 name", "xlsform.renamed 5 name"]


def test_version_numbers_and_form_ids_of_kobo_become_ours():
    form, said = taken("type | name | label\ninteger | age | 年龄", "", "form_id | version\nAbc-9 | 2026112001")
    assert (form.id, form.version) == ("abc_9", "1.0.0")
    assert said == ["xlsform.form_id 6 form_id", "xlsform.version 6 version"]


def test_or_other_opens_a_text_question():
    form, _ = taken(
        "type | name | label\nselect_one way or_other | way | 怎么去", "list_name | name | label\nway | 1 | 步行"
    )
    assert [option.code for option in form.items["way"].options] == [1, 98]
    assert form.items["way_other"].relevance == "selected(${way}, '98')"


def test_plain_labels_are_chinese_if_they_look_chinese_and_english_otherwise():
    chinese, _ = taken("type | name | label\ninteger | age | 年龄")
    english = read_xlsform(b"| survey |\n| | type | name | label |\n| | integer | age | Age |", "x.md").questionnaire
    assert chinese.items["age"].text == Text(zh="年龄")
    assert english.items["age"].text == Text(en="Age")
    assert english.languages == ("en",)
    assert english.items["age"].text.say("zh") == "Age"  # the fallback


def test_a_construct_column_alone_gives_a_module_that_asks_for_definitions():
    imported = read_xlsform(
        markdown(
            "type | name | label | construct\ninteger | age | 年龄 | Who_you are\ninteger | years | 年资 | Who_you are"
        ),
        "form.md",
    )
    assert imported.module is not None
    construct = imported.module.constructs[0]
    assert (construct.id, [item.id for item in construct.items]) == ("who_you_are", ["age", "years"])
    assert "xlsform.construct_undefined" in [f.code for f in imported.findings]


def test_curly_quotation_marks_that_a_word_processor_made_are_straightened():
    form, _ = taken("type | name | label | relevant\ntext | one | 一 |\ntext | two | 二 | ${one} = ‘a’")
    assert form.items["two"].relevance == "${one} = 'a'"


# ------------------------------------------------------------------------------------- what is left out is told


@pytest.mark.parametrize(
    ("survey", "said"),
    [
        ("type | name | label\ndeviceid | device |\ninteger | age | 年龄", "xlsform.metadata_not_taken 3 type"),
        ("type | name | label\ngeotrace | spot | 在哪\ninteger | age | 年龄", "xlsform.type_not_taken 3 type"),
        (
            "type | name | label | appearance\ninteger | age | 年龄 | thousands-sep",
            "xlsform.appearance_not_taken 3 appearance",
        ),
        ("type | name | label | read_only\ninteger | age | 年龄 | yes", "xlsform.column_not_taken 3 read_only"),
        ("type | name | label | image\ninteger | age | 年龄 | a.png", "xlsform.column_not_taken 3 image"),
        ("type | name | label | guidance_hint\ninteger | age | 年龄 | 看", "xlsform.column_not_taken 3 guidance_hint"),
        ("type | name | label | required\ninteger | age | 年龄 | 1 = 2", "xlsform.required_condition 3 required"),
        ("type | name | label | default\ndate | day | 日 | today()", "xlsform.default_dynamic 3 default"),
        ("type | name | label | my_notes\ninteger | age | 年龄 | x", "xlsform.unknown_column 1 my_notes"),
        (
            "type | name | label\ninteger | age | 您${size}岁吗\ninteger | size | 几口人",
            "xlsform.label_reference 3 label",
        ),
        (
            "type | name | label\nbegin_group | empty | 空\nend_group | |\ninteger | age | 年龄",
            "xlsform.group_empty 3 name",
        ),
        (
            "type | name | label\nbegin_repeat | rows | 行\ninteger | age | 年龄\nend_repeat | |",
            "xlsform.repeat_limit 3 type",
        ),
        (
            "type | name | label | repeat_count\ninteger | n1 | 几 |\nbegin_repeat | rows | 行 | ${n1}\n"
            "integer | age | 年龄 |\nend_repeat | | |",
            "xlsform.repeat_count 4 repeat_count",
        ),
    ],
)
def test_what_is_not_supported_is_named_by_row(survey: str, said: str):
    form, findings = taken(survey)
    assert findings == [said]
    assert "age" in form.items or "day" in form.items


def test_a_seed_is_named_and_the_order_is_still_drawn():
    form, said = taken(
        "type | name | label | parameters\nselect_one way | way | 怎么去 | randomize=true, seed=5",
        "list_name | name | label\nway | 1 | 步行",
    )
    assert form.items["way"].random_order
    assert said == ["xlsform.parameter_not_taken 3 parameters"]


# ----------------------------------------------------------------------------------------- mistakes, all at once


@pytest.mark.parametrize(
    ("survey", "said"),
    [
        ("type | name | label\nintger | age | 年龄", "xlsform.unknown_type 3 type"),
        ("type | name | label\n | age | 年龄", "xlsform.no_type 3 type"),
        ("type | name | label\ninteger | | 年龄", "xlsform.no_name 3 name"),
        ("type | name | label\ninteger | age |", "xlsform.no_label 3 label"),
        ("type | name | label\nselect_one | way | 去", "xlsform.no_list 3 type"),
        ("type | name | label\nselect_one nowhere | way | 去", "xlsform.missing_list 3 type"),
        ("type | name | label\ninteger | age | 一\ninteger | age | 二", "xlsform.double_name 4 name"),
        ("type | name | label\nbegin_group | page | 页\ninteger | age | 年龄", "xlsform.not_closed 3 type"),
        ("type | name | label\ninteger | age | 年龄\nend_group | |", "xlsform.end_alone 4 type"),
        ("type | name | label | relevant\ninteger | age | 年龄 | ${agge} > 1", "unknown_reference 3 relevant"),
        ("type | name | label | relevant\ninteger | age | 年龄 | ${age} = = 1", "expression.operator 3 relevant"),
        (
            "type | name | label | constraint\ninteger | age | 年龄 | pulldata('a') = 1",
            "expression.not_offered 3 constraint",
        ),
        (
            "type | name | label | relevant\ninteger | one | 一 | ${two} = 1\ninteger | two | 二 | ${one} = 1",
            "circular 3 relevant",
        ),
        ("type | name | label | measure\ninteger | age | 年龄 | likert55", "xlsform.not_among 3 measure"),
        ("type | name | label | low\ninteger | age | 年龄 | many", "xlsform.not_a_number 3 low"),
        ("type | name | label::Klingon\ninteger | age | nuq", "xlsform.unknown_language 2 label::Klingon"),
    ],
)
def test_a_mistake_refuses_the_form_and_says_where(survey: str, said: str):
    assert said in refusals(survey)


def test_all_mistakes_are_told_at_once():
    found = refusals("type | name | label\nintger | age | 年龄\ninteger | | 二\nselect_one no | way | 去")
    assert [line.split()[0] for line in found] == ["xlsform.unknown_type", "xlsform.no_name", "xlsform.missing_list"]


def test_choices_without_a_name_and_double_choices_are_refused():
    found = refusals(
        "type | name | label\nselect_one way | way | 去",
        "list_name | name | label\nway | 1 | 步行\nway | 1 | 公交\nway | | 骑车",
    )
    assert found == ["xlsform.choice_without 8 name", "xlsform.double_choice 7 name"]


# ------------------------------------------------------------------------------------------------- bad files

GOOD = {
    "survey": [["type", "name", "label"], ["integer", "age", "年龄"]],
    "settings": [["form_id", "version"], ["a_form", "1.0.0"]],
}


def codes(content: bytes, name: str = "form.xlsx") -> list[str]:
    return [each.code for each in refused(content, name) if each.severity == "error"]


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return file.getvalue()


def test_a_zip_bomb_is_not_opened_and_costs_little():
    parts = parts_of(workbook(**GOOD))
    bomb = zipped({**parts, "xl/worksheets/sheet9.xml": b"0" * (60 << 20)})
    assert len(bomb) < 200_000
    tracemalloc.start()
    began = time.process_time()
    assert codes(bomb) == ["xlsform.bomb"]
    assert time.process_time() - began < 10
    assert tracemalloc.get_traced_memory()[1] < 100 << 20
    tracemalloc.stop()


def test_a_zip_bomb_that_lies_about_its_size_is_caught_while_unpacking():
    parts = parts_of(workbook(**GOOD))
    bomb = bytearray(zipped({**parts, "xl/media/x.bin": b"0" * (60 << 20)}))
    true_size = struct.pack("<I", 60 << 20)
    while true_size in bomb:
        place = bomb.index(true_size)
        bomb[place : place + 4] = struct.pack("<I", 1000)
    assert codes(bytes(bomb)) == ["xlsform.bomb"]


def test_one_cell_in_the_last_corner_does_not_fill_the_memory():
    parts = parts_of(workbook(**GOOD))
    corner = b'<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", corner)
    assert codes(zipped(parts)) == ["xlsform.too_many_cells"]


def test_a_file_of_50_mb_is_refused_by_its_size_alone():
    assert codes(b"PK\x03\x04" + bytes(50 << 20)) == ["xlsform.too_large"]
    assert FILE_LIMIT < 50 << 20


def test_a_long_path_is_read_no_further_than_the_limit(tmp_path: Path):
    path = tmp_path / "form.csv"
    path.write_bytes(b"x" * (FILE_LIMIT + 100))
    with pytest.raises(Problem) as caught:
        read_xlsform(path)
    assert [f.code for f in caught.value.findings] == ["xlsform.too_large"]


@pytest.mark.parametrize("damage", ["cut", "xml", "doctype", "empty", "text", "crc"])
def test_a_damaged_workbook_is_unreadable_and_nothing_else(damage: str):
    good = workbook(**GOOD)
    parts = parts_of(good)
    sheet = "xl/worksheets/sheet1.xml"
    broken = {
        "cut": lambda: good[: len(good) // 2],
        "xml": lambda: zipped({**parts, sheet: parts[sheet][:-200] + b"<<<"}),
        "doctype": lambda: zipped({**parts, sheet: b'<!DOCTYPE x [<!ENTITY a "b">]>' + parts[sheet]}),
        "empty": lambda: zipped({"nothing.txt": b""}),
        "text": lambda: b"not a workbook",
        "crc": lambda: good[:-60] + bytes(60),
    }
    assert codes(broken[damage]()) == ["xlsform.unreadable"]


def test_any_bytes_cut_or_changed_never_end_in_a_trace():
    good = workbook(**GOOD)
    for place in range(0, len(good), 97):
        hurt = bytearray(good)
        hurt[place] ^= 0xFF
        for content in (bytes(hurt), good[:place]):
            with suppress(Problem):  # anything else would be a trace on the researcher's screen
                read_xlsform(content, "form.xlsx")


def test_macros_are_not_run_and_told():
    parts = parts_of(workbook(**GOOD))
    imported = read_xlsform(zipped({**parts, "xl/vbaProject.bin": b"Auto_Open"}), "form.xlsm")
    assert [(f.code, f.severity) for f in imported.findings] == [("xlsform.macros", "warning")]
    assert list(imported.questionnaire.items) == ["age"]


def test_formula_cells_give_their_values_and_are_told():
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    page = book.add_worksheet("survey")
    page.write_row(0, 0, ["type", "name", "label"])
    page.write_row(1, 0, ["integer", "age"])
    page.write_formula(1, 2, '="年"&"龄"', None, "年龄")
    book.close()
    imported = read_xlsform(file.getvalue(), "form.xlsx")
    assert imported.questionnaire.items["age"].text.say() == "年龄"
    told = next(f for f in imported.findings if f.code == "xlsform.formula")
    assert (told.line, told.facts["cells"]) == (2, "C2")


def test_merged_cells_are_told_with_their_area():
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    page = book.add_worksheet("survey")
    page.write_row(0, 0, ["type", "name", "label"])
    page.write_row(1, 0, ["integer", "age", "年龄"])
    page.merge_range("C2:C3", "年龄")
    book.close()
    imported = read_xlsform(file.getvalue(), "form.xlsx")
    assert [f.facts["area"] for f in imported.findings if f.code == "xlsform.merged"] == ["C2:C3"]


def test_a_workbook_without_survey_or_headings_is_refused():
    assert codes(workbook(questions=[["type", "name"], ["integer", "age"]])) == ["xlsform.no_survey"]
    assert codes(workbook(survey=[["题型", "编号"], ["integer", "age"]])) == ["xlsform.no_headings"]
    assert codes(workbook(survey=[["type", "name", "label"], ["start", "start", ""]])) == ["xlsform.no_items"]


def test_too_many_rows_columns_and_letters_are_refused():
    many = [["type", "name", "label"], *[["integer", f"q_{n}", "x"] for n in range(20_001)]]
    assert codes(workbook(survey=many)) == ["xlsform.too_many_rows"]
    assert codes(workbook(survey=[["type", "name", "label", *["x"] * 300]])) == ["xlsform.too_many_columns"]
    assert codes(workbook(survey=[["type", "name", "label"], ["note", "long", "长" * 20_001]])) == [
        "xlsform.cell_too_long"
    ]


def test_ten_thousand_choices_are_read_and_written_in_bounded_time():
    choices = [
        ["list_name", "name", "label", "prov"],
        *[["place", str(n), f"地方{n}", str(n % 30)] for n in range(10_000)],
    ]
    content = workbook(survey=[["type", "name", "label"], ["select_one place", "place", "在哪"]], choices=choices)
    began = time.process_time()
    form = read_xlsform(content, "form.xlsx").questionnaire
    assert len(form.items["place"].options) == 10_000
    assert read_xlsform(write_xlsform(form), "again.xlsx").questionnaire == form
    assert time.process_time() - began < 60


def test_a_thousand_rows_fit_in_a_small_file():
    rows = [["type", "name", "label"], *[["integer", f"q_{n}", f"题目{n}"] for n in range(1_000)]]
    form = read_xlsform(workbook(survey=rows), "form.xlsx").questionnaire
    assert len(form.items) == 1_000
    assert len(write_xlsform(form)) < 200_000


# --------------------------------------------------------------------------------------------- other formats

CSV = "type,name,label\ninteger,age,年龄\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_may_have_a_mark_or_be_utf_16(encoding: str):
    assert read_xlsform(CSV.encode(encoding), "form.csv").questionnaire.items["age"].text.say() == "年龄"


def test_a_csv_from_a_chinese_excel_is_read_as_gb18030_and_told():
    imported = read_xlsform(CSV.encode("gb18030"), "form.csv")
    assert imported.questionnaire.items["age"].text.say() == "年龄"
    assert "xlsform.gb18030" in [f.code for f in imported.findings]


def test_a_csv_in_no_known_encoding_or_with_an_open_quotation_mark_is_refused():
    assert codes(b"type,name,label\ninteger,age,\xff\xff\xff", "form.csv") == ["xlsform.encoding"]
    assert codes(b'type,name,label\ninteger,age,"open', "form.csv") == ["xlsform.broken_csv"]


def test_a_csv_in_utf_32_is_said_to_have_an_unknown_encoding_not_to_lack_a_sheet():
    assert codes(CSV.encode("utf-32"), "form.csv") == ["xlsform.encoding"]


def test_sheets_that_are_not_read_are_told_and_a_hidden_one_that_is():
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    for name in ("封面", "SURVEY"):
        page = book.add_worksheet(name)
        page.write_row(0, 0, ["type", "name", "label"])
        page.write_row(1, 0, ["integer", "age", "年龄"])
    page.hide()
    book.close()
    imported = read_xlsform(file.getvalue(), "form.xlsx")
    told = {f.code: f.facts for f in imported.findings}
    assert told["xlsform.sheet_unread"]["names"] == "封面"
    assert told["xlsform.sheet_hidden"]["sheet"] == "SURVEY"
    assert list(imported.questionnaire.items) == ["age"]


def test_a_name_as_long_as_a_cell_is_shortened_in_what_is_said_and_stays_unique():
    rows = [["integer", "a" * 300, "几次"], ["integer", "a" * 299 + "b", "几天"]]
    imported = read_xlsform(workbook(survey=[["type", "name", "label"], *rows]), "form.xlsx")
    assert len(imported.questionnaire.items) == 2
    renamed = [f for f in imported.findings if f.code == "xlsform.renamed"]
    assert all(len(explain_code(f.key, "zh", **f.facts)[0]) < 200 for f in renamed)
    assert len(renamed) == 2


def test_a_csv_may_hold_all_sheets():
    text = "survey,,,\n,type,name,label\n,select_one yn,has_it,有吗\nchoices,,,\n,list_name,name,label\n,yn,1,有\n"
    assert [o.code for o in read_xlsform(text.encode(), "form.csv").questionnaire.items["has_it"].options] == [1]


def test_other_files_are_refused_by_name():
    assert codes(b"%PDF-1.7", "form.pdf") == ["xlsform.unknown_format"]


def old_workbook(rows: list[list[str]]) -> bytes:
    """A sheet called survey as Excel 97 stored it (BIFF8 records in an OLE file), for there is no writer left."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def bof(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))

    name = b"survey"
    sheet = bof(0x10)
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            sheet += record(0x204, struct.pack("<HHHHB", y, x, 0, len(text), 1) + text.encode("utf-16-le"))
    sheet += record(0x0A, b"")
    listed = len(record(0x85, struct.pack("<IBBBB", 0, 0, 0, len(name), 0) + name))
    start = len(bof(5)) + listed + 4
    stream = bof(5) + record(0x85, struct.pack("<IBBBB", start, 0, 0, len(name), 0) + name) + record(0x0A, b"") + sheet
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    fat = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))

    def entry(title: str, kind: int, child: int, first: int, size: int) -> bytes:
        text = title.encode("utf-16-le").ljust(64, b"\0")
        return (
            text + struct.pack("<HBBIII", 2 * len(title) + 2, kind, 1, *[0xFFFFFFFF] * 2, child)
            + bytes(36) + struct.pack("<IQ", first, size)
        )  # fmt: skip

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream))
    directory = directory.ljust(512, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return head + fat + directory + stream


def test_an_old_excel_workbook_is_read():
    content = old_workbook([["type", "name", "label"], ["integer", "age", "年龄"]])
    assert read_xlsform(content, "form.xls").questionnaire.items["age"].text.say() == "年龄"


def test_an_old_workbook_with_macros_or_a_password_is_told():
    content = old_workbook([["type", "name", "label"], ["integer", "age", "年龄"]])
    macros = content + "_VBA_PROJECT_CUR".encode("utf-16-le")
    assert [f.code for f in read_xlsform(macros, "form.xls").findings if f.code.startswith("xlsform.mac")] == [
        "xlsform.macros"
    ]
    assert codes(content + "EncryptedPackage".encode("utf-16-le"), "form.xlsx") == ["xlsform.encrypted"]


# --------------------------------------------------------------------------------------------------- writing


def test_every_item_type_has_a_question_and_every_meaning_is_a_type():
    assert set(QUESTIONS) == set(TYPES)
    assert set(MEANT.values()) <= set(TYPES)


def test_cells_that_look_like_formulas_are_written_as_text():
    form, _ = taken("type | name | label\nnote | sum_it | =1+1")
    rows = parts_of(write_xlsform(form))
    assert b"<f>" not in rows["xl/worksheets/sheet1.xml"]
    assert read_xlsform(write_xlsform(form), "x.xlsx").questionnaire.items["sum_it"].text.say() == "=1+1"


def test_lists_of_one_name_with_other_options_do_not_mix():
    one = Item("one", Text(zh="一"), "single", (Option(1, Text(zh="甲")),), "list_x")
    two = Item("two", Text(zh="二"), "single", (Option(1, Text(zh="乙")),), "list_x")
    form, _ = taken("type | name | label\ninteger | age | 年龄")
    section = replace(form.sections[0], items=(one, two))
    sheets = sheets_to_write(replace(form, sections=(section,)))
    assert [row[0] for row in sheets["choices"]] == ["list_name", "list_x", "two-options"]


def test_the_same_questionnaire_gives_the_same_sheets():
    form = read_xlsform(CASES / "likert.md").questionnaire
    assert sheets_to_write(form) == sheets_to_write(form)
    assert zlib.crc32(repr(sheets_to_write(form)).encode()) == zlib.crc32(repr(sheets_to_write(form)).encode())


def test_a_refused_form_also_says_what_would_be_left_out_of_it():
    survey = "type | name | label\nbarcode | code | 条码\ntext | why | 为什么\nselect_one nowhere | way | 怎么去"
    told = [(f.code, f.severity, f.line) for f in refused(markdown(survey), "form.md")]
    assert ("xlsform.type_not_taken", "warning", 3) in told
    assert [found for found in told if found[1] == "error"] == [("xlsform.missing_list", "error", 5)]


def test_a_missing_list_that_is_a_slip_of_the_pen_names_the_one_meant():
    survey, choices = "type | name | label\nselect_one buss | way | 怎么去", "list_name | name | label\nbus | 1 | 公交"
    found = [f for f in refused(markdown(survey, choices), "form.md") if f.severity == "error"]
    assert [(f.code, f.facts["near"]) for f in found] == [("xlsform.unknown_list", "bus")]


def test_groups_without_end_are_refused_before_they_break_the_reader():
    deep = "".join(f"begin_group | part_{n} | 组\n" for n in range(3000))
    survey = f"type | name | label\n{deep}text | why | 为什么\n" + "end_group | |\n" * 3000
    assert refusals(survey) == ["xlsform.too_deep 23 type"]
    shallow = "".join(f"begin_group | part_{n} | 组\n" for n in range(20))
    form, _ = taken(f"type | name | label\n{shallow}text | why | 为什么\n" + "end_group | |\n" * 20)
    assert list(form.items) == ["why"]


def test_a_form_without_id_and_version_is_told_which_it_got():
    form = "| survey |\n| | type | name | label |\n| | text | why | 为什么 |".encode()
    found = {f.code: f.facts for f in read_xlsform(form, "visits.md").findings}
    assert found["xlsform.no_form_id"]["id"] == "visits"
    assert found["xlsform.no_version"]["version"] == "1.0.0"
