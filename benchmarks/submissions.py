"""Submissions per second at 32 clients, on SQLite and PostgreSQL, each beside a bare endpoint in the same run.

    python -m benchmarks.submissions [--seconds 10] [--clients 32]

FieldKit runs as `fieldkit serve` runs it: parse, check all 35 items of the short questionnaire again, store, commit
to disk, answer with a receipt. The bare endpoint (bare_endpoint.py) stores the bytes it gets and commits to disk,
under the same server with the same threads. Both are up at the same time and are measured in turns of a few seconds,
so that whatever else the machine does falls on both. Every server listens on the loopback address only.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from benchmarks import bare_endpoint
from fieldkit.core.access import LOCAL
from fieldkit.core.wave import Study, Wave, WaveCounty
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.services.publish import publish_library
from fieldkit.services.simulated_cadres import Population
from fieldkit.services.waves import open_wave
from fieldkit.settings import Settings, resource
from fieldkit.store.engine import Session, migrate, open_engine
from tests.databases import postgresql

HERE = Path(__file__).resolve().parent
COUNTY = "330523"
TURNS = 4
GRANIAN = (
    "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--backpressure", "256", "--no-ws",
    "--log-level", "critical", "--no-access-log",
)  # fmt: skip


def prepare(url: str) -> dict[str, str]:
    """A database with an open wave, and the request that a phone would send to it."""
    migrate(url, resource("migrations"))
    engine = open_engine(url)
    today = datetime.date.today()
    asked = load_library(resource("instruments")).questionnaire("short")
    with Session(engine) as session:
        publish_library(session, LOCAL, load_library(resource("instruments")))
        study = Study("bench", "基准测试", "课题组", "team@example.org", "2026-000", "测试")
        late = today + datetime.timedelta(days=30)
        early = today - datetime.timedelta(days=1)
        counties = (WaveCounty(COUNTY),)
        open_wave(
            session, LOCAL, Wave("bench", study, 1, asked.id, asked.version, counties, early, late, late, late)
        )
        session.commit()
    engine.dispose()
    people = Population(asked, COUNTY, "bench").sheets(25)
    typical = sorted(people, key=lambda sheet: len(json.dumps(sheet.answers)))[len(people) // 2]
    body = {
        "id": "%ID%",
        "receipt_code": "%CODE%",
        "questionnaire": asked.id,
        "version": asked.version,
        "language": "zh",
        "active_seconds": 421,
        "answers": typical.answers,
    }
    return {
        "path": f"/w/bench/{COUNTY}/responses",
        "type": "application/json",
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    }


@contextmanager
def serving(application: list[str], environment: dict[str, str], workers: int) -> Iterator[int]:
    """The port on which granian serves this application, as `fieldkit serve` would."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    threads = ["--workers", str(workers), "--blocking-threads", str(Settings().threads)]
    server = subprocess.Popen(
        [sys.executable, *GRANIAN, "--port", str(port), *threads, *application],
        env={**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}", **environment},
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if server.poll() is not None:
                    raise RuntimeError(f"{' '.join(application)} did not start") from None
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


def measure(port: int, request: dict[str, str], clients: int, seconds: float) -> dict[str, float]:
    """One turn: a second of warming up, then `seconds` measured; RuntimeError if anything but success came back."""
    command = [sys.executable, str(HERE / "load_client.py"), str(port), str(clients), str(seconds)]
    done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout)
    if set(found["statuses"]) != {"200"}:
        raise RuntimeError(f"the server answered {found['statuses']} to {request['path']}")
    return {name: found[name] for name in ("per_second", "p50_ms", "p99_ms")}


def compare(name: str, url: str, bare: str, folder: Path, clients: int, seconds: float) -> dict[str, dict[str, float]]:
    """FieldKit and the bare endpoint on one kind of database, in turns."""
    request = prepare(url)
    bare_endpoint.prepare(bare)
    workers = 1 if name == "SQLite" else max(1, (os.cpu_count() or 2) // 2 * 2)
    ours = ["fieldkit.app:create_app", "--factory"]
    own = {"FIELDKIT_DATABASE_URL": url, "FIELDKIT_DATA_DIR": str(folder / f"data-{name}")}
    turns: dict[str, list[dict[str, float]]] = {"FieldKit": [], "bare": []}
    with (
        serving(ours, own, workers) as our_port,
        serving(["bare_endpoint:app"], {"BARE_DATABASE": bare}, workers) as bare_port,
    ):
        for _ in range(TURNS):
            turns["FieldKit"].append(measure(our_port, request, clients, seconds / TURNS))
            turns["bare"].append(measure(bare_port, {**request, "path": "/submissions"}, clients, seconds / TURNS))
    check(open_engine(url), sum(turn["per_second"] for turn in turns["FieldKit"]) * seconds / TURNS)
    return {
        which: {key: statistics.median(turn[key] for turn in found) for key in found[0]}
        for which, found in turns.items()
    }


def check(engine: Engine, least: float) -> None:
    """What was answered must be in the database."""
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT count(*) FROM response")).scalar_one()
    engine.dispose()
    if stored < least:
        raise RuntimeError(f"{least:.0f} submissions were answered, {stored} are stored")


def main() -> None:
    """Measure and print the table."""
    options = argparse.ArgumentParser(description="Submissions per second beside a bare endpoint.")
    options.add_argument("--seconds", type=float, default=10.0, help="measured for each cell")
    options.add_argument("--clients", type=int, default=32)
    given = options.parse_args()
    print(f"{given.clients} clients, {given.seconds:g} s a cell in {TURNS} turns, medians; {os.cpu_count()} processors")
    print(f"{'':12}{'FieldKit':>34}{'bare endpoint':>34}{'ratio':>8}")
    heads = "".join(f"{head:>14}{'p50 ms':>10}{'p99 ms':>10}" for head in ("per second", "per second"))
    print(f"{'':12}{heads}")
    with tempfile.TemporaryDirectory(prefix="fieldkit-bench-") as temporary, postgresql(durable=True) as server:
        folder = Path(temporary)
        server.command("CREATE DATABASE fieldkit")
        server.command("CREATE DATABASE bare")
        databases = {
            "SQLite": (f"sqlite:///{folder / 'fieldkit.sqlite'}", str(folder / "bare.sqlite")),
            "PostgreSQL": (server.url("fieldkit"), f"dbname=bare user=fieldkit host={server.folder}"),
        }
        for name, (url, bare) in databases.items():
            found = compare(name, url, bare, folder, given.clients, given.seconds)
            cells = "".join(
                f"{found[which]['per_second']:14,.0f}{found[which]['p50_ms']:10.1f}{found[which]['p99_ms']:10.1f}"
                for which in ("FieldKit", "bare")
            )
            ratio = found["FieldKit"]["per_second"] / found["bare"]["per_second"]
            print(f"{name:12}{cells}{ratio:8.2f}", flush=True)


if __name__ == "__main__":
    main()
