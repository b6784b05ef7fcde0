"""A browser's story that fails is told again, twice at most, and the summary says so; nothing else is."""

import os
import subprocess
import sys
from pathlib import Path

from tests.journeys import conftest

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = """
from pathlib import Path
from tests.journeys import conftest
conftest.HERE = Path(__file__).resolve().parent
from tests.journeys.conftest import pytest_collection_modifyitems
"""
STORIES = """
import pytest
told = []
@pytest.fixture(scope="module")
def shared():
    return "shared"
def test_that_stalled_once(shared):
    told.append(shared)
    assert len(told) == 2
def test_that_is_wrong(shared):
    assert shared == "wrong"
"""
OTHER = """
told = []
def test_that_stalled_once():
    told.append(1)
    assert len(told) == 2
"""


def test_only_stories_are_told_again_and_one_that_is_wrong_fails(tmp_path):
    for name, text in {
        "journeys/conftest.py": CONFTEST,
        "journeys/test_stories.py": STORIES,
        "rules/test_other.py": OTHER,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    command = ["-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "-n", "1"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, *command, "--dist", "loadgroup", str(tmp_path)],
        cwd=tmp_path,
        env={**plain, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout
    assert done.returncode == 1, said + done.stderr
    assert "2 failed, 1 passed, 3 rerun" in said, said
    assert "RERUN journeys/test_stories.py::test_that_stalled_once" in said
    assert "FAILED journeys/test_stories.py::test_that_is_wrong" in said
    assert "FAILED rules/test_other.py::test_that_stalled_once" in said
    assert "RERUN rules" not in said


def test_the_folder_of_the_stories_is_the_only_one():
    assert (ROOT / "tests" / "journeys").samefile(conftest.HERE)
    assert "--reruns" not in (ROOT / "pyproject.toml").read_text("utf-8")
    assert "--reruns" not in (ROOT / "Makefile").read_text("utf-8")
