"""SPSS and Stata files hold every value, label and missing reason, however large the data are."""

from __future__ import annotations

import datetime
import math
from dataclasses import replace

import pandas as pd
import pyreadstat
import pytest

from fieldkit.core.dataset import REASONS, Dataset, Table, Variable
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.core.wide import wide
from fieldkit.formats.statistical import dta, sav
from fieldkit.formats.statistical.dta import LETTERS, write_dta
from fieldkit.formats.statistical.names import SPSS, STATA, Told, label, names
from fieldkit.formats.statistical.sav import reason_codes, write_sav
from fieldkit.formats.statistical.syntax import multiple_sets
from tests.formats.small_dataset import WORDS, dataset, list_table

COUNT = 43


def expected(found: Dataset) -> tuple[list[Variable], list[tuple[list[object], list[str]]]]:
    flat = wide(found.tables[0], found.reasons)
    return list(flat.variables), [(list(v), list(m)) for v, m in flat.rows()]


def plain(value: object, variable: Variable) -> object:
    """A value as it was handed over, from what the reader gives."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NaT:
        return None
    if variable.kind == "date" and isinstance(value, datetime.date):
        return value.isoformat()[:10]
    if variable.kind == "time" and isinstance(value, datetime.time):
        return f"{value.hour:02d}:{value.minute:02d}"
    return value


@pytest.fixture(scope="module")
def spss(tmp_path_factory):
    path = tmp_path_factory.mktemp("sav") / "responses.sav"
    found = dataset(COUNT)
    told = write_sav(found, found.tables[0], path, at_once=7)
    return path, told


@pytest.fixture(scope="module")
def stata(tmp_path_factory):
    path = tmp_path_factory.mktemp("dta") / "responses.dta"
    found = dataset(COUNT)
    told = write_dta(found, found.tables[0], path, at_once=7)
    return path, told


def test_spss_gives_back_every_value_and_every_reason(spss):
    variables, rows = expected(dataset(COUNT))
    data, _ = pyreadstat.read_sav(spss[0], user_missing=True, disable_datetime_conversion=True)
    assert data.shape == (COUNT, len(variables))
    for at, variable in enumerate(variables):
        codes = reason_codes(variable)
        for got, (values, missing) in zip(data.iloc[:, at], rows, strict=True):
            want = values[at]
            if missing[at]:
                want = codes[missing[at]]
            elif variable.kind == "date":
                want = (datetime.date.fromisoformat(want) - datetime.date(1582, 10, 14)).days * 86400 if want else None
            elif variable.kind == "time":
                want = int(want[:2]) * 3600 + int(want[3:]) * 60 if want else None
            elif variable.kind == "text":
                want = want or ""
            assert plain(got, variable) == want, (variable.name, got, want)


def test_spss_shows_days_and_hours_and_leaves_missing_answers_out(spss):
    data, _ = pyreadstat.read_sav(spss[0])
    assert list(data["day"][:2]) == [datetime.date(2024, 2, 29), datetime.date(1958, 8, 29)]
    assert pd.isna(data["day"][3])
    assert data["day__miss"][3] == 1
    assert list(data["hour"][:2]) == [datetime.time(9, 30), datetime.time(23, 59)]
    assert data["level"].isna().sum() == sum(n % 4 == 3 for n in range(COUNT))


def test_spss_has_chinese_labels_measures_and_user_missing_ranges(spss):
    data, about = pyreadstat.read_sav(spss[0], user_missing=True)
    variables, _ = expected(dataset())
    assert about.column_names == [v.name for v in variables] == list(data.columns)
    assert about.column_labels == [v.label.say("zh") for v in variables]
    assert about.file_label == "基层负担调查"
    reasons = {-91.0 - n: WORDS[reason] for n, reason in enumerate(REASONS)}
    assert about.variable_value_labels["level"] == {1.0: "乡镇", 2.0: "街道", 3.0: "村"} | reasons
    assert about.variable_value_labels["ways_98"] == reasons
    assert about.missing_ranges["level"] == [{"lo": -97.0, "hi": -91.0}]
    assert {v.name: about.variable_measure[v.name] for v in variables if v.kind != "text"} == {
        v.name: v.measure for v in variables if v.kind != "text"
    }


def test_a_number_that_may_be_low_has_missing_codes_far_below_it(spss):
    data, about = pyreadstat.read_sav(spss[0], user_missing=True)
    assert data["change"][0] == -91.25
    assert about.missing_ranges["change"] == [{"lo": -9999999999997.0, "hi": -9999999999991.0}]
    without, _ = pyreadstat.read_sav(spss[0])
    assert without["change"][0] == -91.25
    assert pd.isna(without["change"][3])


def test_stata_gives_back_every_value_and_every_reason(stata):
    variables, rows = expected(dataset(COUNT))
    data, _ = pyreadstat.read_dta(stata[0], user_missing=True, disable_datetime_conversion=True)
    assert data.shape == (COUNT, len(variables))
    for at, variable in enumerate(variables):
        for got, (values, missing) in zip(data.iloc[:, at], rows, strict=True):
            want = values[at]
            if missing[at]:
                want = LETTERS[missing[at]]
            elif variable.kind == "date":
                want = (datetime.date.fromisoformat(want) - datetime.date(1960, 1, 1)).days if want else None
            elif variable.kind == "time":
                want = (int(want[:2]) * 3600 + int(want[3:]) * 60) * 1000 if want else None
            elif variable.kind == "text":
                want = want or ""
            assert plain(got, variable) == want, (variable.name, got, want)


def test_another_program_reads_the_same_stata_file(stata):
    data = pd.read_stata(stata[0], convert_categoricals=False)
    assert list(data["level"][:3]) == [1, 2, 3]
    assert list(data["county"][:2]) == ["010101", "330523"]
    assert list(data["words"][:2]) == ["甲", "乙" * 400]
    assert data["day"][0] == pd.Timestamp(2024, 2, 29)
    with pd.io.stata.StataReader(stata[0]) as reader:
        assert reader.variable_labels()["level"] == "您在哪一级"
        assert reader.data_label == "基层负担调查"
        labels = next(words for words in reader.value_labels().values() if words.get(1) == "乡镇")
    assert labels[3] == "村"


def test_stata_names_every_missing_reason(stata):
    _, about = pyreadstat.read_dta(stata[0], user_missing=True)
    words = about.variable_value_labels["level"]
    assert words["d"] == "不便回答"
    assert [words[LETTERS[reason]] for reason in REASONS][:2] == ["没有问到", "没有填"]
    assert about.missing_user_values["level"] == [LETTERS[reason] for reason in REASONS]


@pytest.mark.parametrize("write", [write_sav, write_dta], ids=["sav", "dta"])
def test_a_file_put_together_from_pieces_is_the_file_written_at_once(tmp_path, write):
    found = dataset(COUNT)
    for at_once in (1, 7, COUNT, 1000):
        write(found, found.tables[0], tmp_path / str(at_once), at_once=at_once)
    whole = (tmp_path / "1000").read_bytes()
    assert [(tmp_path / str(n)).read_bytes() == whole for n in (1, 7, COUNT)] == [True, True, True]


@pytest.mark.parametrize(("write", "read"), [(write_sav, pyreadstat.read_sav), (write_dta, pyreadstat.read_dta)])
def test_a_table_without_rows_is_a_file_without_rows(tmp_path, write, read):
    found = dataset(0)
    write(found, found.tables[0], tmp_path / "x")
    data, about = read(tmp_path / "x")
    assert (len(data), about.number_rows, data.shape[1]) == (0, 0, len(expected(found)[0]))


@pytest.mark.parametrize("write", [write_sav, write_dta], ids=["sav", "dta"])
def test_a_table_that_gives_fewer_rows_than_it_has_is_refused(tmp_path, write):
    found = dataset(9)
    short = replace(found.tables[0], count=10)
    with pytest.raises(Problem) as caught:
        write(found, short, tmp_path / "x")
    assert caught.value.code == "export.mismatch"


def test_the_same_data_are_the_same_bytes_on_another_day(tmp_path, monkeypatch):
    found = dataset(5)
    for module, write in ((sav, write_sav), (dta, write_dta)):
        write(found, found.tables[0], tmp_path / "a")
        assert b"21 Nov 26" in (tmp_path / "a").read_bytes() or b"21 Nov 2026" in (tmp_path / "a").read_bytes()
        later = replace(found, made_on="2027-01-02")
        write(later, found.tables[0], tmp_path / "b")
        one, other = (tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()
        assert len(one) == len(other), module
        assert sum(x != y for x, y in zip(one, other, strict=True)) <= len("02 Jan 2027")


def test_names_that_a_program_does_not_take_are_changed_alike_every_time_and_told():
    long = "a_very_long_name_of_an_item_that_stata_does_not_take"
    told = Told()
    found = names([long, long + "_2", "byte", "str12", "with", "level"], STATA, told)
    assert found["level"] == "level"
    assert all(len(name) <= 32 for name in found.values())
    assert len(set(found.values())) == 6
    assert found[long] == names([long], STATA, Told())[long] != long
    assert set(told.renamed) == {long, long + "_2", "byte", "str12", "with"}
    assert names(["with", "byte", "to"], SPSS, Told())["byte"] == "byte"
    assert names(["with", "to"], SPSS, Told())["to"] != "to"


def test_a_label_that_is_too_long_ends_with_dots_and_is_counted():
    told = Told()
    assert label("短", SPSS, told) == "短"
    cut = label("长" * 300, SPSS, told)
    assert cut.endswith("…")
    assert len(cut.encode()) <= 256
    assert len(label("长" * 300, STATA, told)) == 80
    assert told.labels_cut == 2


def test_300_character_options_and_500_options_are_written(tmp_path):
    options = tuple((n, Text(zh=f"第{n}个选项" + "很" * 295)) for n in range(1, 501))
    many = Variable("ways", "codes", Text(zh="多选"), role="item", options=options, reasons=REASONS)
    table = Table("responses", (many,), lambda: iter([([[1, 500]], [""])]), 1)
    found = replace(dataset(0), tables=(table,))
    told = write_sav(found, table, tmp_path / "x.sav")
    data, about = pyreadstat.read_sav(tmp_path / "x.sav")
    assert data.shape == (1, 500)
    assert data.iloc[0].sum() == 2
    assert told.labels_cut == 500
    assert about.column_labels[499].startswith("多选：第500个选项")


def test_spss_commands_make_one_set_of_each_multiple_choice():
    found = dataset(3)
    text = multiple_sets(found, found.tables[0]).decode("utf-8-sig")
    assert "GET FILE='responses.sav'." in text
    assert "/MDGROUP NAME=$ways LABEL='怎么布置'" in text
    assert "VARIABLES=ways_1 ways_2 ways_98 VALUE=1" in text
    assert multiple_sets(found, list_table()) == b""
