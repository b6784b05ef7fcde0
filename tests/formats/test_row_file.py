"""Rows wait on disk while an export is made, readable by nobody else, and come back as they were."""

from __future__ import annotations

import stat

from fieldkit.core.dataset import Variable
from fieldkit.core.text import Text
from fieldkit.formats.row_file import RowFile
from tests.formats.small_dataset import VARIABLES, rows

LABEL = Text(zh="某列")


def kept(tmp_path, variables, given):
    file = RowFile(tmp_path / "rows", "responses", variables)
    with file:
        for row in given:
            file.add(row)
    return file


def test_rows_come_back_as_they_were_and_as_often_as_asked(tmp_path):
    given = rows(23)
    file = kept(tmp_path, VARIABLES, given)
    table = file.table()
    assert table.count == 23
    for _ in range(2):
        assert [(list(v), list(m)) for v, m in table.rows()] == given
    assert table.variables == VARIABLES
    assert table.widths["words"] == 1200
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_the_same_rows_are_known_by_the_same_hash(tmp_path):
    one = kept(tmp_path, VARIABLES, rows(9)).sha256
    assert one == kept(tmp_path, VARIABLES, rows(9)).sha256
    assert one != kept(tmp_path, VARIABLES, rows(8)).sha256


def test_a_calculated_column_is_of_numbers_unless_there_is_a_text_in_it(tmp_path):
    columns = [Variable(name, "text", LABEL, role="item", reasons=("skipped",)) for name in ("a", "b", "c", "d")]
    given = [([1, 1, 1, None], ["", "", "", "skipped"]), ([2, 2.5, "甲", None], ["", "", "", "skipped"])]
    table = kept(tmp_path, columns, given).table()
    assert [v.kind for v in table.variables] == ["whole", "number", "text", "text"]
    assert [values for values, _ in table.rows()] == [[1, 1, "1", None], [2, 2.5, "甲", None]]
