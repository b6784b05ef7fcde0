"""Reports from the command line: a whole wave, through a kill, as one ZIP; corrections and checks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.services import batch
from fieldkit.settings import Settings
from fieldkit.store.engine import Session
from tests.demo_site import demo_database


@pytest.fixture
def folder(tmp_path):
    demo_database(tmp_path).dispose()
    return tmp_path


def environment(folder):
    return {**os.environ, "FIELDKIT_DATA_DIR": str(folder), "FIELDKIT_LANGUAGE": "en"}


def fieldkit(folder, *words):
    command = [sys.executable, "-m", "fieldkit.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment(folder), check=False)


def progress(folder, engine):
    with Session(engine) as session:
        orders = batch.orders(session, LOCAL, "demo")
        return batch.progress(session, LOCAL, orders[0].id) if orders else None


def test_a_wave_becomes_one_zip_with_a_manifest(folder):
    run = fieldkit(folder, "report", "batch", "demo", "--workers", "2", "--json", "-o", str(folder / "all.zip"))
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    with zipfile.ZipFile(folder / "all.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["reports"] == told["reports"]
    assert {report["state"] for report in told["reports"]} == {"done", "held"}
    again = fieldkit(folder, "report", "batch", "demo", "--cancel")
    assert "Nothing is being made" in again.stdout


def test_a_batch_that_was_killed_goes_on_with_the_same_command(folder):
    from fieldkit.store.engine import open_engine

    command = [sys.executable, "-m", "fieldkit.cli", "report", "batch", "demo", "--workers", "1"]
    killed = subprocess.Popen(command, env=environment(folder), start_new_session=True)
    engine = open_engine(Settings(data_dir=folder).database)
    deadline = time.monotonic() + 240
    while not ((now := progress(folder, engine)) and now.count("done")):
        assert time.monotonic() < deadline, "no report in four minutes"
        time.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    made = {piece.county: piece.sha256 for piece in progress(folder, engine).pieces if piece.state == "done"}
    run = fieldkit(folder, "report", "batch", "demo", "--workers", "1")
    assert run.returncode == 0, run.stderr
    now = progress(folder, engine)
    assert now.batch.state == "done"
    assert {piece.county: piece.sha256 for piece in now.pieces}.items() >= made.items()
    with Session(engine) as session:
        assert len(batch.orders(session, LOCAL, "demo")) == 1
    engine.dispose()


def test_a_corrected_report_can_be_checked_and_made_again(folder):
    pdf = folder / "r.pdf"
    assert fieldkit(folder, "report", "county", "demo", "330521", "-o", str(pdf)).returncode == 0
    corrected = fieldkit(folder, "report", "correct", "demo", "330521", "--note", "图3的标题写错了。")
    assert "edition 2" in corrected.stdout, corrected.stderr
    checked = fieldkit(folder, "report", "verify", str(pdf))
    assert "edition 1" in checked.stdout
    assert "edition 2 has replaced it" in checked.stdout
    again = fieldkit(folder, "report", "again", "demo", "330521", "2")
    assert (again.returncode, "the same to the byte" in again.stdout) == (0, True)
    pdf.write_bytes(pdf.read_bytes() + b"\n")
    assert fieldkit(folder, "report", "verify", str(pdf)).returncode == 1


def test_a_pooled_report_is_listed_corrected_made_again_and_checked_like_a_countys(folder):
    pdf = folder / "pooled.pdf"
    two = ("--county", "330521", "--county", "330122")
    made = fieldkit(folder, "report", "pooled", "demo", *two, "--language", "en", "-o", str(pdf))
    assert made.returncode == 0, made.stderr
    corrected = fieldkit(folder, "report", "correct", "demo", "pooled", "--note", "漏了一行。")
    assert "edition 2" in corrected.stdout, corrected.stderr
    checked = fieldkit(folder, "report", "verify", str(pdf)).stdout
    assert "2 counties pooled" in checked
    assert "edition 1, in English" in checked
    assert "Correction note of edition 2 on edition 1: 漏了一行。" in checked
    listed = fieldkit(folder, "report", "editions", "demo", "pooled:330521").stdout
    assert listed.count("in English") == 2
    again = fieldkit(folder, "report", "again", "demo", "pooled", "1", "--language", "en")
    assert (again.returncode, "the same to the byte" in again.stdout) == (0, True)
    assert fieldkit(folder, "report", "again", "demo", "pooled:430121", "1").returncode == 1
