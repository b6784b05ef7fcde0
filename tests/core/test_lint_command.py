"""`fieldkit instrument lint` for people and for programs."""

from __future__ import annotations

import json

from click.testing import CliRunner

from fieldkit.cli import main


def test_the_built_in_instruments_have_no_errors_and_programs_can_read_the_advice():
    answer = CliRunner().invoke(main, ["instrument", "lint", "--json"])
    assert answer.exit_code == 0
    findings = json.loads(answer.stdout)
    assert {f["severity"] for f in findings} <= {"warning", "advice"}
    for each in findings:
        assert each["line"] > 0
        assert each["message"]["zh"]
        assert each["remedy"]["en"]


def test_an_export_wants_waves_or_a_study_and_not_both():
    for arguments in ([], ["demo", "--study", "s1"]):
        assert CliRunner().invoke(main, ["export", "responses", *arguments]).exit_code == 2
