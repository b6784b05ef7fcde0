"""Import and export on the command line: what is written, what is said, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from click.testing import CliRunner, Result

from fieldkit.cli import main
from fieldkit.formats.instrument_yaml import load_library, load_module, load_questionnaire
from fieldkit.formats.xlsform import read_xlsform
from fieldkit.settings import resource

CASES = Path(__file__).parent / "cases" / "xlsform"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["instrument", *map(str, arguments)])


def test_a_questionnaire_goes_out_as_a_workbook_and_comes_back_as_the_same_yaml(tmp_path: Path):
    library = load_library(resource("instruments"))
    assert run("export", "short", "-o", tmp_path / "short.xlsx").exit_code == 0
    assert run("import", tmp_path / "short.xlsx", "-o", tmp_path / "short.yaml").exit_code == 0
    assert load_questionnaire(tmp_path / "short.yaml", library) == library.questionnaire("short")


def test_a_questionnaire_goes_out_as_xform_and_yaml(tmp_path: Path):
    assert run("export", "case_timeline", "--format", "xform", "-o", tmp_path / "form.xml").exit_code == 0
    assert ElementTree.parse(tmp_path / "form.xml").getroot().tag.endswith("html")
    assert run("export", "case_timeline", "--format", "yaml", "-o", tmp_path / "form.yaml").exit_code == 0
    library = load_library(resource("instruments"))
    assert load_questionnaire(tmp_path / "form.yaml", library) == library.questionnaire("case_timeline")


def test_what_was_written_can_be_read_by_programs(tmp_path: Path):
    result = run("export", "short", "--json", "-o", tmp_path / "short.xlsx")
    said = json.loads(result.stdout)
    assert (said["id"], said["format"], said["bytes"]) == ("short", "xlsform", (tmp_path / "short.xlsx").stat().st_size)


def test_constructs_of_a_workbook_become_a_module_beside_the_questionnaire(tmp_path: Path):
    assert run("import", CASES / "indicators.md", "-o", tmp_path / "form.yaml").exit_code == 0
    module = load_module(tmp_path / "form.module.yaml")
    assert [c.id for c in module.constructs] == ["board"]
    assert [i.id for i in module.indicators] == ["has_boards", "boards"]
    assert "test_form: 1.0.0" in (tmp_path / "form.yaml").read_text("utf-8")


def test_a_workbook_with_a_mistake_writes_nothing_and_says_where(tmp_path: Path):
    form = tmp_path / "form.md"
    form.write_text("| survey |\n| | type | name | label |\n| | intger | age | 年龄 |\n", "utf-8")
    result = run("import", form, "-o", tmp_path / "form.yaml")
    assert result.exit_code == 1
    assert not (tmp_path / "form.yaml").exists()
    assert "survey!3 type" in result.output


def test_findings_can_be_read_by_programs(tmp_path: Path):
    form = tmp_path / "form.md"
    form.write_text(
        "| survey |\n| | type | name | label |\n| | geotrace | spot | 在哪 |\n| | integer | age | 年龄 |\n", "utf-8"
    )
    result = run("import", form, "--json", "-o", tmp_path / "form.yaml")
    told = next(f for f in json.loads(result.stdout) if f["code"] == "xlsform.type_not_taken")
    assert (told["sheet"], told["line"], told["column"], told["severity"]) == ("survey", 3, "type", "warning")
    assert told["message"]["zh"] != told["message"]["en"]
    assert result.exit_code == 0


def test_a_module_is_not_a_form(tmp_path: Path):
    assert run("export", "burden", "-o", tmp_path / "burden.xlsx").exit_code == 2
    assert not (tmp_path / "burden.xlsx").exists()


def test_every_case_can_be_imported_and_its_yaml_read_again(tmp_path: Path):
    library = load_library(resource("instruments"))
    for case in sorted(CASES.glob("*.md")):
        result = run("import", case)
        assert result.exit_code == 0, f"{case.stem}: {result.output}"
        form = load_questionnaire(result.stdout, library)
        assert form.sections == read_xlsform(case).questionnaire.sections, case.stem
