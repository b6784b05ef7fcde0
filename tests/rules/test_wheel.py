"""`pip install` gives everything: an empty environment with only the wheel makes a county's PDF."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    home = folder / "venv"
    venv.create(home, with_pip=True)
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    (wheel,) = folder.glob("*.whl")
    subprocess.run(
        [str(python), "-m", "pip", "install", "-q", "-r", str(ROOT / "requirements.txt"), str(wheel)],
        check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    return python.parent, folder


@pytest.mark.timeout(600)
def test_the_wheel_alone_opens_a_demonstration_and_prints_a_report(installed):
    binaries, folder = installed
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FIELDKIT")}
    environment["FIELDKIT_DATA_DIR"] = str(folder / "data")
    script = "from fieldkit.cli.site import prepare; from fieldkit.settings import Settings; prepare(Settings.read())"
    run = {"cwd": folder, "env": environment, "capture_output": True, "text": True}
    started = subprocess.run([str(binaries / "python"), "-c", script], check=False, **run)
    assert started.returncode == 0, started.stderr
    made = subprocess.run(
        [str(binaries / "fieldkit"), "report", "county", "demo", "330523", "-o", "x.pdf"], check=False, **run
    )
    assert made.returncode == 0, made.stderr
    assert (folder / "x.pdf").read_bytes().startswith(b"%PDF-")
