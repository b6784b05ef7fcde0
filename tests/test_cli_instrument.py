"""The command line for instruments: what a researcher's script and a build server rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fieldkit.cli import main
from fieldkit.settings import Settings, resource
from fieldkit.store import instruments
from fieldkit.store.engine import Session, migrate, open_engine
from tests.services.test_publish import FORM


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for files, with an empty database beside it."""
    monkeypatch.setenv("FIELDKIT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("FIELDKIT_DATABASE_URL", raising=False)
    (tmp_path / "data").mkdir()
    migrate(Settings.read().database, resource("migrations"))
    return tmp_path


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["instrument", *arguments])


def test_diff_tells_the_difference_and_its_exit_code_what_it_means(files: Path) -> None:
    old = write(files, "old.yaml", FORM)
    mended = write(files, "mended.yaml", FORM.replace("台帐", "台账"))
    turned = write(files, "turned.yaml", FORM.replace(", reverse: true", ""))
    assert run("diff", old, old).exit_code == 0
    found = run("diff", old, mended)
    assert found.exit_code == 0
    assert "  - 整理台帐花了多少小时？\n  + 整理台账花了多少小时？\n" in found.output
    assert run("diff", old, turned).exit_code == 1
    assert run("diff", old, "nothing").exit_code == 2
    assert run("diff", old, "burden").exit_code == 2, "a questionnaire is not compared with a module"
    assert run("diff", old, write(files, "broken.yaml", "id: [")).exit_code == 1


def test_diff_for_programs_names_reasons_and_the_version(files: Path) -> None:
    old, turned = write(files, "old.yaml", FORM), write(files, "turned.yaml", FORM.replace(", reverse: true", ""))
    told = json.loads(run("diff", old, turned, "--json").output)
    assert (told["verdict"], told["proposed_version"], told["refused"]) == ("breaking", "2.0.0", ["enough"])
    assert [(c["items"], c["reason"], c["needs_new_id"]) for c in told["changes"]] == [(["enough"], "reverse", True)]
    assert json.loads(run("diff", "short", "short@1.0.0", "--json").output)["verdict"] == "same"


def test_publish_passes_the_same_gate_as_the_desk(files: Path) -> None:
    first = write(files, "1.0.0.yaml", FORM)
    assert run("publish", first).exit_code == 1, "without the id typed"
    assert run("publish", first, "--confirm", "tiny").exit_code == 0
    mended = write(files, "1.0.1.yaml", FORM.replace("台帐", "台账").replace("version: 1.0.0", "version: 1.0.1"))
    assert run("publish", mended, "--confirm", "tiny").exit_code == 1, "nobody said that it is the same question"
    assert run("publish", mended, "--confirm", "tiny", "--not-same", "hours").exit_code == 1
    done = run("publish", mended, "--confirm", "tiny", "--same", "hours", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["verdict"] == "wording_fix"
    assert run("publish", mended, "--confirm", "tiny", "--same", "hours").exit_code == 1, "published is published"
    assert run("publish", str(files / "none.yaml")).exit_code == 2
    with Session(open_engine(Settings.read().database)) as session:
        assert instruments.versions(session, "questionnaire", "tiny") == ["1.0.0", "1.0.1"]


def test_list_and_show_speak_to_people_and_to_programs() -> None:
    listed = json.loads(run("list", "--json").output)
    assert {"module", "questionnaire"} == {each["kind"] for each in listed}
    assert all(len(each["hash"]) == 64 for each in listed)
    shown = json.loads(run("show", "short@1.0.0", "--json").output)
    assert shown["items"][0]["id"] == "core_consent"
    assert shown["modules"]["core"] == "1.0.0"
    assert "core_consent" in run("show", "short").output
    assert run("show", "short@9.9.9").exit_code == 2
