"""Rows per second and peak memory of every export format, each in a process of its own.

    python -m benchmarks.export [rows, 100000] [csv,xlsx,sav,…]

60 variables: 45 five-point items with missing reasons, 5 counts, 10 short Chinese texts. `rows` is how long it takes to
put the rows on disk, from which all formats are made. `rows/s` is by the clock, `CPU s` what the process itself used:
on a machine that does other things as well, count with the latter. The peak is that of the process (libraries
included); a format whose memory does not grow has the same peak at 10 thousand rows as at a million.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from fieldkit.core.dataset import REASONS, Dataset, Row, Variable
from fieldkit.core.text import Text
from fieldkit.formats.row_file import RowFile

STEPS = ("非常不同意", "不同意", "一般", "同意", "非常同意")
OPTIONS = tuple((code, Text(zh=words)) for code, words in enumerate(STEPS, 1))
TEXTS = ("安吉县", "长沙县", "r0123456789abcdef", "乡镇街道", "2026-1", "short", "1.0.0", "zh", "平均每周", "330523")


def variables() -> list[Variable]:
    """60 columns as in a questionnaire of middle length."""
    texts = [Variable(f"about{n}", "text", Text(zh=f"第{n}列")) for n in range(10)]
    scales = [
        Variable(f"item{n}", "code", Text(zh=f"第{n}题"), role="item", options=OPTIONS, reasons=REASONS[:6])
        for n in range(45)
    ]
    counts = [
        Variable(f"count{n}", "whole", Text(zh=f"第{n}个次数"), role="item", reasons=REASONS[:6], low=0)
        for n in range(5)
    ]
    return [*texts, *scales, *counts]


def rows(count: int) -> Iterator[Row]:
    """Rows in which one answer of eleven is missing."""
    none = [""] * 10
    for number in range(count):
        codes = [(number * (place + 3) + place) % 11 for place in range(50)]
        missing = [*none, *(REASONS[1] if code == 0 else "" for code in codes)]
        values = [(code - 1) % 5 + 1 if code else None for code in codes[:45]]
        values += [code * 7 if code else None for code in codes[45:]]
        yield [*TEXTS, *values], missing


def kept(path: Path, count: int) -> RowFile:
    """The rows on disk."""
    file = RowFile(path, "responses", variables())
    with file:
        for row in rows(count):
            file.add(row)
    return file


def child(form: str, count: int, folder: Path) -> None:
    """Make one format from rows on disk and print what it took."""
    from fieldkit.services.export_files import FORMATS, Made, Order

    file = RowFile(folder / "rows", "responses", variables())
    file.count = count
    texts = {v.name: 20 for v in variables() if v.kind == "text"}
    table = file.table()
    dataset = Dataset(
        name="bench", title=Text(zh="测量"), tables=(type(table)(**{**vars(table), "widths": texts}),),
        reasons={reason: Text(zh=reason) for reason in REASONS}, made_on="2026-11-21",
    )  # fmt: skip
    order = Order(dataset, "utf-8", folder, Made())
    began, cpu, written = time.perf_counter(), time.process_time(), 0
    for part in FORMATS[form](order):
        for piece in part.put(order.made):
            written += len(piece)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "mb": written / 1e6, "peak": peak}))


def main() -> None:
    """Print a table, one format a line."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    forms = sys.argv[2].split(",") if len(sys.argv) > 2 else ["csv", "jsonl", "xlsx", "sav", "dta", "parquet"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began, cpu = time.perf_counter(), time.process_time()
        kept(folder / "rows", count)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        print(f"{count} rows x {len(variables())} on {os.cpu_count()} cores")
        print(f"{'format':14}{'rows/s':>10}{'seconds':>10}{'CPU s':>8}{'MB':>9}{'peak MB':>9}")
        size = (folder / "rows").stat().st_size / 1e6
        print(f"{'rows':14}{count / seconds:>10.0f}{seconds:>10.1f}{cpu:>8.1f}{size:>9.1f}", flush=True)
        for form in forms:
            command = [sys.executable, "-m", "benchmarks.export", "--child", form, str(count), str(folder)]
            made = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            speed = count / made["seconds"]
            line = f"{form:14}{speed:>10.0f}{made['seconds']:>10.1f}{made['cpu']:>8.1f}{made['mb']:>9.1f}"
            print(f"{line}{made['peak']:>9.0f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
