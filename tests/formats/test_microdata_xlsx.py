"""A workbook that holds what the CSV holds, with labels, and runs nothing."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from fieldkit.core.dataset import Table, Variable
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.formats.microdata_xlsx import CELL, COLUMNS, write_xlsx
from tests.formats.small_dataset import VARIABLES, dataset, list_table, rows


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("xlsx") / "x.xlsx"
    write_xlsx(dataset(23, list_table()), path)
    return path


def test_another_program_reads_every_value_and_every_reason(path):
    sheet = openpyxl.load_workbook(path)["data"]
    header, *lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    assert len(lines) == 23
    for line, (values, missing) in zip(lines, rows(23), strict=True):
        cells = dict(zip(header, line, strict=True))
        for variable, value, why in zip(VARIABLES, values, missing, strict=True):
            want = " ".join(map(str, value)) if isinstance(value, list) else value
            assert cells[variable.name] == (None if want == "" else want), variable.name
            assert cells.get(f"{variable.name}__miss") == (why or None)


def test_codes_of_counties_are_texts_and_answers_are_numbers(path):
    data = CalamineWorkbook.from_path(path).get_sheet_by_name("data").to_python()
    first = dict(zip(data[0], data[1], strict=True))
    assert first["county"] == "010101"
    assert (first["level"], first["hours"]) == (1.0, 7.5)


def test_no_cell_is_a_formula_and_what_looks_like_one_is_marked_as_text(path):
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    strange = [cell for cell in cells if cell.value == "=1+1"]
    assert strange
    assert all(cell.data_type in ("s", "inlineStr") and cell.quotePrefix for cell in strange)
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name)]


def test_the_labels_and_what_the_data_are_stand_in_sheets_of_their_own(path):
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["data", "rows_events", "labels", "about"]
    labels = {tuple(line[:3]): line[3:] for line in book.get_sheet_by_name("labels").to_python()}
    assert labels["responses", "level", ""] == ["您在哪一级", "level"]
    assert labels["responses", "level", "2"] == ["街道", "Street"]
    assert labels["responses", "level__miss", "refused"] == ["不便回答", "refused"]
    about = book.get_sheet_by_name("about").to_python()
    assert ["轮次", "Wave", "w1"] in about
    assert ["0 是真实的回答。", "0 is a real answer.", ""] in about


def test_a_full_sheet_goes_on_in_the_next_one(tmp_path):
    write_xlsx(dataset(23), tmp_path / "x.xlsx", rows_in_sheet=11)
    book = CalamineWorkbook.from_path(tmp_path / "x.xlsx")
    assert book.sheet_names[:3] == ["data", "data_2", "data_3"]
    parts = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names[:3]]
    assert [len(part) for part in parts] == [11, 11, 4]
    assert parts[0][0] == parts[1][0] == parts[2][0]
    assert [line[0] for part in parts for line in part[1:]] == [f"r{n}" for n in range(23)]


def test_more_columns_than_a_sheet_holds_are_refused_with_a_way_out(tmp_path):
    wide = tuple(Variable(f"v{n}", "whole", Text(zh="列")) for n in range(COLUMNS + 1))
    found = replace(dataset(0), tables=(Table("responses", wide, lambda: iter(()), 0),))
    with pytest.raises(Problem) as caught:
        write_xlsx(found, tmp_path / "x.xlsx")
    assert (caught.value.code, caught.value.facts["columns"]) == ("export.too_wide", COLUMNS + 1)


def test_a_text_that_looks_like_markup_does_not_break_the_workbook(tmp_path):
    column = Variable("words", "text", Text(zh="字"))
    held = [([text], [""]) for text in ("<r>x</r>", "<b>&", "a\x01b")]
    found = replace(dataset(0), tables=(Table("responses", (column,), lambda: iter(held), 3),))
    write_xlsx(found, tmp_path / "x.xlsx")
    read = [line[0] for line in CalamineWorkbook.from_path(tmp_path / "x.xlsx").get_sheet_by_name("data").to_python()]
    assert read[1:3] == ["<r>x</r>", "<b>&"]


def one_column(kind, *values):
    column = Variable("words", kind, Text(zh="字"))
    held = [([value], [""]) for value in values]
    return replace(dataset(0), tables=(Table("responses", (column,), lambda: iter(held), len(held)),))


def cells(path, sheet="data"):
    return [line[0].value for line in openpyxl.load_workbook(path)[sheet].iter_rows(min_row=2)]


def test_blanks_and_breaks_come_back_as_they_were_written(tmp_path):
    wanted = ["  中 间  ", "一行\n二行", "😀" * 3, "a & b < c"]
    write_xlsx(one_column("text", *wanted), tmp_path / "x.xlsx")
    assert cells(tmp_path / "x.xlsx") == wanted


def test_numbers_come_back_to_the_last_digit_excel_keeps(tmp_path):
    wanted = [0, -3, 2**53 - 1, 0.1, 1 / 3, -1e-7, 123456789.125]
    write_xlsx(one_column("number", *wanted), tmp_path / "x.xlsx")
    assert cells(tmp_path / "x.xlsx") == pytest.approx(wanted, rel=1e-15)


@pytest.mark.parametrize(("count", "names"), [(10, ["data"]), (11, ["data", "data_2"])])
def test_the_last_row_of_a_sheet_is_used_and_the_next_one_begins_another(tmp_path, count, names):
    write_xlsx(one_column("whole", *range(count)), tmp_path / "x.xlsx", rows_in_sheet=11)
    assert [name for name in openpyxl.load_workbook(tmp_path / "x.xlsx").sheetnames if "data" in name] == names
    assert [number for name in names for number in cells(tmp_path / "x.xlsx", name)] == list(range(count))


def test_a_text_longer_than_a_cell_is_cut_and_told(tmp_path):
    told = write_xlsx(one_column("text", "短", "字" * (CELL + 5), "😀" * CELL), tmp_path / "x.xlsx")
    assert told.texts_cut == 2
    assert [len(text) for text in cells(tmp_path / "x.xlsx")] == [1, CELL, CELL // 2]


def test_the_same_data_are_the_same_bytes(tmp_path):
    for name in "ab":
        write_xlsx(dataset(5), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
