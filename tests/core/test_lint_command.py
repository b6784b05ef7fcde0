"""`fieldkit instrument lint` for people and for programs."""

from __future__ import annotations

import json

from click.testing import CliRunner

from fieldkit.cli import main
from fieldkit.settings import resource


def test_the_built_in_instruments_have_no_errors_and_programs_can_read_the_advice():
    answer = CliRunner().invoke(main, ["instrument", "lint", "--json"])
    assert answer.exit_code == 0
    findings = json.loads(answer.stdout)
    assert {f["severity"] for f in findings} <= {"warning", "advice"}
    for each in findings:
        assert each["line"] > 0
        assert each["message"]["zh"]
        assert each["remedy"]["en"]


def lint(*arguments, given=None):
    return CliRunner().invoke(main, ["instrument", "lint", *map(str, arguments)], input=given)


BROKEN = "id: mine\nversion: one\ntitle: {zh: 我的}\nsections: []\n"


def test_files_are_checked_one_by_one_and_the_exit_code_says_whether_they_can_be_used(tmp_path):
    good = resource("instruments") / "questionnaires" / "short" / "1.0.0.yaml"
    broken = tmp_path / "mine.yaml"
    broken.write_text(BROKEN, "utf-8")
    assert lint(good).exit_code == 0
    answer = lint(good, broken)
    assert answer.exit_code == 1
    assert f"{broken}:2: " in answer.output
    assert {f["file"] for f in json.loads(lint(broken, "--json").stdout)} == {str(broken)}


def test_a_module_and_a_workbook_are_checked_as_what_they_are(tmp_path):
    assert lint(resource("instruments") / "modules" / "burden" / "1.0.0.yaml").exit_code == 0
    form = tmp_path / "form.md"
    form.write_text("| survey |\n| | type | name | label |\n| | intger | age | 年龄 |\n", "utf-8")
    answer = lint(form)
    assert answer.exit_code == 1
    assert "form.md:survey!3 type" in answer.output


def test_a_file_can_come_from_standard_input():
    answer = lint("-", "--json", given=BROKEN)
    assert answer.exit_code == 1
    assert "-" in {f["file"] for f in json.loads(answer.stdout)}
    assert lint("-", given=b"\xff\xfe").exit_code == 1


def test_what_cannot_be_checked_is_wrong_usage(tmp_path):
    (tmp_path / "form.exe").write_bytes(b"MZ")
    assert lint(tmp_path / "form.exe").exit_code == 2
    assert lint(tmp_path / "nothing.yaml").exit_code == 2


def groups(command, path=()):
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from groups(inner, (*path, name))


def test_every_command_is_listed_with_a_whole_sentence_and_every_option_says_what_it_does():
    for path, command in groups(main):
        said = CliRunner().invoke(main, [*path, "--help"], terminal_width=200).output
        assert "..." not in said.replace("...]", "").replace("[ARGS]...", "").replace("WAVE...", ""), path
        for option in command.params:
            assert option.param_type_name == "argument" or option.help, (path, option.name)


def test_an_export_wants_waves_or_a_study_and_not_both():
    for arguments in ([], ["demo", "--study", "s1"]):
        assert CliRunner().invoke(main, ["export", "responses", *arguments]).exit_code == 2
