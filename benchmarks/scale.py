"""One county's report with few and with very many responses in the store, and all reports of a country-wide wave.

    python -m benchmarks.scale store 10000 1000000      one report beside so many responses; the ratio of the two
    python -m benchmarks.scale batch 2844 --workers 2   all reports of a wave of so many counties, 20 answers each

Answers are simulated; they are copied from the demonstration wave under fresh random ids, because what is measured is
reading, computing and drawing, not the answers.
"""

from __future__ import annotations

import argparse
import datetime
import secrets
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import prepared

TODAY = datetime.date(2026, 11, 21)
EACH, AT_ONCE, RUNS = 120, 5000, 9


def filled(url: str, counties: Sequence[str], each: int) -> None:
    """A wave 'scale' in these counties with so many answers in each."""
    from dataclasses import replace

    from sqlmodel import Session

    from fieldkit.core.access import LOCAL
    from fieldkit.core.wave import WaveCounty
    from fieldkit.services.waves import open_wave
    from fieldkit.store import waves
    from fieldkit.store.engine import open_engine
    from fieldkit.store.tables import Kept

    table = Kept.metadata.tables["response"]
    engine = open_engine(url)
    with Session(engine) as session:
        demo = waves.get(session, "demo")
        places = tuple(WaveCounty(code, 2 * each + 30) for code in counties)
        open_wave(session, LOCAL, replace(demo, id="scale", counties=places, peers=tuple(counties[:6])))
        session.commit()
    with engine.begin() as connection:
        material = [dict(row) for row in connection.execute(table.select()).mappings() if row["wave"] == "demo"]
        batch = []
        for at in range(each):
            for code in counties:
                row = material[(at * 31 + int(code)) % len(material)]
                fresh = {"wave": "scale", "county": code, "id": secrets.token_hex(16)}
                batch.append({**row, **fresh, "receipt_hash": secrets.token_hex(32)})
                if len(batch) == AT_ONCE:
                    connection.execute(table.insert(), batch)
                    batch.clear()
        if batch:
            connection.execute(table.insert(), batch)
    engine.dispose()


def codes(most: int) -> list[str]:
    """The first counties of the table of places."""
    from fieldkit.services.gazetteer import places

    return [place.code for place in places().counties()][:most]


def report_ms(url: str, county: str) -> tuple[float, float]:
    """Processor time and time on the clock of one report from stored answers, warm, without keeping the edition."""
    from sqlmodel import Session

    from fieldkit.core.access import LOCAL
    from fieldkit.services.report import county_files
    from fieldkit.store.engine import open_engine

    engine = open_engine(url)
    cpu, clock = [], []
    for _ in range(RUNS + 1):
        begun, seen = time.process_time(), time.perf_counter()
        with Session(engine) as session:
            county_files(session, LOCAL, "scale", county, dated=TODAY)
            session.rollback()
        cpu.append((time.process_time() - begun) * 1000)
        clock.append((time.perf_counter() - seen) * 1000)
    engine.dispose()
    return statistics.median(cpu[1:]), statistics.median(clock[1:])


def store(sizes: Sequence[int]) -> None:
    """Print the time of one report for each size of the store."""
    first = None
    for size in sizes:
        counties = codes(max(8, min(2844, size // EACH)))
        with tempfile.TemporaryDirectory() as folder:
            url = prepared(Path(folder))
            filled(url, counties, max(EACH, size // len(counties)))
            cpu, clock = report_ms(url, counties[-1])
            peer, _ = report_ms(url, counties[0])
        first = first or cpu
        print(f"{size:>9} responses: {cpu:.0f} ms CPU, {clock:.0f} ms; peer {peer:.0f} ms CPU; ratio {cpu / first:.2f}")


def batch(count: int, workers: int) -> None:
    """Print the time of all reports of a wave."""
    from sqlmodel import Session

    from fieldkit.core.access import LOCAL
    from fieldkit.jobs.pool import run
    from fieldkit.services.batch import order
    from fieldkit.store.engine import open_engine

    with tempfile.TemporaryDirectory() as folder:
        url = prepared(Path(folder))
        filled(url, codes(count), 20)
        engine = open_engine(url)
        with Session(engine) as session:
            ordered = order(session, LOCAL, "scale", dated=TODAY)
            session.commit()
        engine.dispose()
        begun = time.perf_counter()
        done = run(url, ordered.id, workers)
        took = time.perf_counter() - begun
    print(f"{done.count('done')} of {len(done.pieces)} reports with {workers} processes: {took:.0f} s, "
          f"{1000 * took / max(1, done.count('done')):.0f} ms each")  # fmt: skip


def main() -> None:
    """Read the command line."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = reader.add_subparsers(dest="kind", required=True)
    kinds.add_parser("store").add_argument("sizes", type=int, nargs="+")
    many = kinds.add_parser("batch")
    many.add_argument("count", type=int)
    many.add_argument("--workers", type=int, default=2)
    asked = reader.parse_args()
    if asked.kind == "store":
        store(asked.sizes)
    else:
        batch(asked.count, asked.workers)


if __name__ == "__main__":
    main()
