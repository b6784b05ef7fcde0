"""What an operator can set and type is documented, and what is documented exists."""

import re
from pathlib import Path

import click
import pytest

from fieldkit.cli import main
from fieldkit.formats.instrument_yaml import examine_questionnaire, load_library
from fieldkit.formats.wave_yaml import load_wave
from fieldkit.services.gazetteer import places
from fieldkit.settings import Settings, resource

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = (ROOT / "docs" / "operator.md").read_text("utf-8")


@pytest.mark.parametrize("name", list(Settings.__dataclass_fields__))
def test_every_setting_has_a_line_in_the_operator_guide(name):
    assert f"`FIELDKIT_{name.upper()}`" in OPERATOR


def test_the_operator_guide_names_no_setting_that_does_not_exist():
    named = set(re.findall(r"`FIELDKIT_([A-Z_]+)`", OPERATOR))
    assert named == {name.upper() for name in Settings.__dataclass_fields__}


def commands(group: click.Group, prefix: str = "fieldkit") -> list[str]:
    found = []
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        found += commands(command, path) if isinstance(command, click.Group) else [path]
    return found


@pytest.mark.parametrize("command", commands(main))
def test_every_command_is_in_the_operator_guide(command):
    assert command in OPERATOR


def test_no_command_is_described_twice():
    rows = re.findall(r"^\| `(fieldkit(?: [a-z]+)+)", OPERATOR, re.M)
    assert rows
    assert sorted(rows) == sorted(set(rows))


def test_every_make_target_is_in_the_readme():
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.M)
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [t for t in targets if f"make {t}" not in readme and t != "help"] == []


def test_every_path_that_architecture_names_exists():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for path in re.findall(r"`((?:fieldkit|instruments|reports|migrations|tests|docs|benchmarks)/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path


def test_every_file_with_pages_of_its_own_is_in_architecture():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for path in sorted((ROOT / "fieldkit" / "web").rglob("*.py")):
        if re.search(r"^@bp\.(get|post|route)\(", path.read_text("utf-8"), re.M):
            assert f"`{path.relative_to(ROOT).as_posix()}`" in text, path.name


@pytest.mark.parametrize("page", ["README.md", *(p.relative_to(ROOT).as_posix() for p in ROOT.glob("docs/**/*.md"))])
def test_every_link_between_pages_leads_somewhere(page):
    text = (ROOT / page).read_text("utf-8")
    for link in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"", text):
        target = link[0] or link[1]
        assert ((ROOT / page).parent / target).exists(), f"{page}: {target}"


def test_the_whole_questionnaire_in_the_authoring_guide_can_be_copied_and_published():
    guide = (ROOT / "docs" / "authoring.md").read_text("utf-8")
    (whole,) = [found for found in re.findall(r"```yaml\n(.*?)```", guide, re.S) if found.startswith("id: ")]
    library = load_library(resource("instruments"))
    found = examine_questionnaire(whole, library)
    assert list(found.findings) == []


def test_the_wave_in_the_operator_guide_can_be_copied_and_opened(tmp_path):
    (whole,) = [found for found in re.findall(r"```yaml\n(.*?)```", OPERATOR, re.S) if found.startswith("id: ")]
    (tmp_path / "wave.yaml").write_text(whole, "utf-8")
    wave = load_wave(tmp_path / "wave.yaml")
    library = load_library(resource("instruments"))
    assert library.questionnaire(wave.questionnaire, wave.version)
    assert [places().find(county.code) for county in wave.counties]


def test_every_dependency_gives_its_reason():
    lines = re.search(r"^dependencies = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text("utf-8"), re.M | re.S)
    assert lines
    assert [line for line in lines[1].splitlines() if "#" not in line] == []


def test_nothing_committed_names_a_registry_or_a_machine():
    suspicious = re.compile(r"(?:index-url|find-links|registry)\s*[=:]\s*\S*https?:|/(?:home|root|work)/\w")
    for path in ROOT.rglob("*"):
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".txt", ".js", ".css", ".html"} and not any(
            part.startswith(".") or part in {"instance", "node_modules"} for part in path.relative_to(ROOT).parts
        ):
            found = suspicious.search(path.read_text("utf-8", errors="replace"))
            assert not found or path.name == Path(__file__).name, path
