"""Time and memory of one county's PDF, cold (a new process) and warm, beside a bare reportlab page in the same run.

    python -m benchmarks.report
"""

from __future__ import annotations

import datetime
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COUNTY, RUNS = "330523", 15

CHILD = """
import json, resource, sys, time
start = time.process_time()
from benchmarks.report import make
make(sys.argv[1])
cold = time.process_time() - start
print(json.dumps({"ms": cold * 1000, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def prepared(folder: Path) -> str:
    """A database with the demonstration wave; gives its address."""
    from sqlmodel import Session

    from fieldkit.core.access import LOCAL
    from fieldkit.formats.instrument_yaml import load_library
    from fieldkit.services.demonstration import make_demo
    from fieldkit.services.publish import publish_library
    from fieldkit.settings import resource
    from fieldkit.store.engine import migrate, open_engine

    url = f"sqlite:///{folder / 'bench.sqlite'}"
    migrate(url, resource("migrations"))
    engine = open_engine(url)
    with Session(engine) as session:
        publish_library(session, LOCAL, load_library(resource("instruments")))
        session.commit()
    make_demo(engine, today=datetime.date(2026, 11, 21), timezone="Asia/Shanghai")
    engine.dispose()
    return url


def make(url: str) -> bytes:
    """One county's files from the stored answers, without keeping the edition."""
    from sqlmodel import Session

    from fieldkit.core.access import LOCAL
    from fieldkit.services.report import county_files
    from fieldkit.store.engine import open_engine

    engine = open_engine(url)
    with Session(engine) as session:
        pdf = county_files(session, LOCAL, "demo", COUNTY, dated=datetime.date(2026, 11, 21)).pdf
        session.rollback()
    engine.dispose()
    return pdf


def bare() -> bytes:
    """What reportlab costs at the least: eleven pages with a line each."""
    import io

    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file)
    for page in range(11):
        canvas.drawString(72, 720, str(page))
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def milliseconds(work: object, runs: int = RUNS) -> float:
    """The median processor time of one call."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()  # type: ignore[operator]
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


def main() -> None:
    """Print cold and warm processor time, peak memory, and the ratio to bare pages."""
    with tempfile.TemporaryDirectory() as folder:
        url = prepared(Path(folder))
        child = subprocess.run([sys.executable, "-c", CHILD, url], capture_output=True, text=True, check=True)
        cold = json.loads(child.stdout)
        size = len(make(url)) / 1024
        warm, floor = milliseconds(lambda: make(url)), milliseconds(bare)
    print(f"cold: {cold['ms']:.0f} ms CPU, {cold['mb']:.0f} MB at most (imports, fonts, peers, PDF, page and CSV)")
    print(f"warm: {warm:.0f} ms CPU (answers read, measured, PDF, page and CSV; {size:.0f} kB PDF)")
    print(f"eleven bare pages: {floor:.1f} ms CPU; ratio {warm / floor:.1f}")


if __name__ == "__main__":
    main()
