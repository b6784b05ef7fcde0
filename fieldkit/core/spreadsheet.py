"""What a spreadsheet program would do with a text that somebody wrote."""

from __future__ import annotations

import unicodedata

FORMULA = "=+-@\N{MINUS SIGN}"


def guarded(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet program might run it as a formula.

    >>> guarded('=1+1'), guarded('＝1+1'), guarded('安吉县')
    ("'=1+1", "'＝1+1", '安吉县')
    """
    first = text.lstrip(" \u00a0\u3000\u200b\ufeff")[:1]
    if first and (first in "\t\r\n" or unicodedata.normalize("NFKC", first) in FORMULA):
        return "'" + text
    return text
