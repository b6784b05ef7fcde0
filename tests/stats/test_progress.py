"""Counts at the desk say nothing about single people."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from fieldkit.stats.progress import rounded


def test_below_ten_no_number_is_shown() -> None:
    assert {rounded(n) for n in range(10)} == {None}


@given(st.integers(10, 10**6))
def test_from_ten_on_counts_are_rounded_to_five(n: int) -> None:
    shown = rounded(n)
    assert shown is not None
    assert shown % 5 == 0
    assert abs(shown - n) <= 2


def test_counting_needs_no_pandas() -> None:
    code = "import sys, fieldkit.stats.progress; print(int('pandas' in sys.modules or 'numpy' in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "0\n"
