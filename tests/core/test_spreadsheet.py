"""No text that somebody wrote is ever run by a spreadsheet program."""

from __future__ import annotations

import pytest

from fieldkit.core.spreadsheet import guarded


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "＋1", "－1", "＠x", "\u200b=1", "−1"]
)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["安吉县", "1-2", "a=b", "", "（=）"])
def test_other_texts_stay_as_they_are(text):
    assert guarded(text) == text
