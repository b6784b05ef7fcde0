"""Scripts that read an export in R and in pandas, handed over with it: `read.R` and `read_pandas.py`."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = {"read.R": "read.R", "read_pandas.py": "read_pandas.txt"}  # name handed over -> name here
NAMES = {"utf-8": {"r": "UTF-8-BOM", "python": "utf-8-sig"}, "gb18030": {"r": "GB18030", "python": "gb18030"}}


def script(name: str, encoding: str = "utf-8") -> bytes:
    """The script under this name, for CSV files in this encoding."""
    text = (HERE / SCRIPTS[name]).read_text("utf-8")
    for kind, written in NAMES[encoding].items():
        text = text.replace(f"@{kind}_encoding@", written)
    return text.encode()
