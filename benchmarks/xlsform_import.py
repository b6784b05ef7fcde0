"""Seconds and megabytes of importing an XLSForm of a thousand rows, and of writing it again.

    python -m benchmarks.xlsform_import [--rows 1000]

The form has groups, choices with a filter, conditions, constraints and two languages, as researchers' forms have. The
import runs in a process of its own, which also tells how much memory it took at most beyond a started interpreter.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import resource
import statistics
import time

TARGET_SECONDS = 2.0
TARGET_MEGABYTES = 200


def workbook(rows: int) -> bytes:
    """A form of that many questions in pages of twenty."""
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    survey = book.add_worksheet("survey")
    headings = ["type", "name", "label::中文 (zh)", "label::English (en)", "relevant", "constraint", "choice_filter"]
    lines: list[list[str]] = [headings]
    for n in range(rows):
        if n % 20 == 0:
            lines += [["end_group"]] if n else []
            lines.append(["begin_group", f"page_{n}", f"第{n}页", f"Page {n}"])
        before = f"${{q_{n - 1}}}" if n % 20 else ""
        kind, limit, choice = (
            ("integer", ". >= 0 and . <= 99", "") if n % 3 else ("select_one place", "", "part = '1'" if before else "")
        )
        condition = f"{before} > 1 or selected({before}, '2')" if before else ""
        lines.append([kind, f"q_{n}", f"第{n}题：您怎么看这件事？", f"Question {n}", condition, limit, choice])
    lines.append(["end_group"])
    choices = book.add_worksheet("choices")
    listed = [["list_name", "name", "label::中文 (zh)", "label::English (en)", "part"]]
    listed += [["place", str(n), f"地方{n}", f"Place {n}", str(n % 3)] for n in range(1, 201)]
    for sheet, cells in ((survey, lines), (choices, listed)):
        for place, row in enumerate(cells):
            sheet.write_row(place, 0, row)
    book.close()
    return file.getvalue()


def measured(content: bytes) -> tuple[float, float, float, int]:
    """Seconds to read, seconds to write, the most megabytes in use, and questions read."""
    from fieldkit.formats.xlsform import read_xlsform, write_xlsform

    began = time.perf_counter()
    form = read_xlsform(content, "form.xlsx").questionnaire
    read = time.perf_counter()
    write_xlsform(form)
    written = time.perf_counter()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return read - began, written - read, most, len(form.items)


def main() -> None:
    """Measure five times, each in a fresh process, and print the median beside the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    content = workbook(parser.parse_args().rows)
    runs = []
    for _ in range(5):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            runs.append(pool.apply(measured, (content,)))
    read, write, most = (statistics.median(run[place] for run in runs) for place in range(3))
    print(f"{runs[0][3]} questions, {len(content) / 1024:.0f} kB")
    print(f"read   {read:.2f} s   (target {TARGET_SECONDS} s; imports included)")
    print(f"write  {write:.2f} s")
    print(f"memory {most:.0f} MB at most   (target {TARGET_MEGABYTES} MB, interpreter included)")


if __name__ == "__main__":
    main()
