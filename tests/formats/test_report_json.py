"""What an edition keeps: the finished report as JSON, from which the same files are made again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldkit.core.problem import Problem
from fieldkit.formats.report_json import dump_report, load_report, snapshot_id
from fieldkit.formats.table_csv import county_csv
from fieldkit.render.document import county_pdf
from fieldkit.settings import resource
from tests.render.sample_report import sample


def test_a_report_comes_back_as_it_was():
    report = sample()
    assert load_report(dump_report(report)) == report


def test_the_pdf_and_the_table_made_from_it_are_the_same_bytes():
    report = sample()
    again = load_report(dump_report(report))
    assert county_pdf(again, folder=resource("reports")) == county_pdf(report, folder=resource("reports"))
    assert county_csv(again) == county_csv(report)


def test_the_id_names_the_numbers_and_words_and_nothing_else():
    report = sample()
    assert snapshot_id(dump_report(report)) == snapshot_id(dump_report(load_report(dump_report(report))))
    assert snapshot_id(dump_report(report)) != snapshot_id(dump_report(replace(report, dated="2026-01-02")))


@pytest.mark.parametrize("kept", [b"", b"[]", b"{", b'{"": "Paragraph", "text": "x"}', b'{"": "Vanished"}'])
def test_what_is_no_report_is_told(kept):
    with pytest.raises(Problem) as caught:
        load_report(kept)
    assert caught.value.code == "edition.unreadable"
