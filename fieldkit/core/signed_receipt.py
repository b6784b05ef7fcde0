"""A line of letters with which the server says: a response to this wave has arrived by this day.

It names the wave, the day and a digest of the response's id, and nothing else; the mark at its end can only be made
with the key of this installation. It is no permission: answers are deleted with the receipt code alone.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass

from fieldkit.core.wave import SLUG

EDITION = "FK1"
DIGEST_BYTES = 10
MARK_BYTES = 15


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """What a genuine line says: the wave, the day by which it had arrived, and the digest of its id."""

    wave: str
    day: datetime.date
    digest: str


def _letters(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def digest_of(response_id: str) -> str:
    """What a line holds of a response's id: enough to find the response, not enough to be it."""
    return _letters(hashlib.sha256(b"fieldkit signed receipt " + response_id.encode("ascii")).digest()[:DIGEST_BYTES])


def _mark(key: bytes, said: str) -> str:
    return _letters(hmac.new(key, said.encode(), hashlib.sha256).digest()[:MARK_BYTES])


def signed(key: bytes, wave: str, day: datetime.date, response_id: str) -> str:
    """The line for one response that is stored.

    >>> line = signed(b"k" * 32, "short", datetime.date(2026, 11, 21), "0" * 32)
    >>> line.startswith("FK1.short.20261121."), read_signed(b"k" * 32, line).wave
    (True, 'short')
    """
    said = f"{EDITION}.{wave}.{day:%Y%m%d}.{digest_of(response_id)}"
    return f"{said}.{_mark(key, said)}"


def read_signed(key: bytes, typed: str) -> SignedReceipt | None:
    """What a line says, if this installation wrote it; spaces and line breaks of a copy do not matter. Else None."""
    line = re.sub(r"\s", "", unicodedata.normalize("NFKC", typed))
    said, _, mark = line.rpartition(".")
    if not line.isascii() or not hmac.compare_digest(_mark(key, said), mark):
        return None
    edition, wave, day, digest = said.split(".")
    if edition != EDITION or not SLUG.match(wave):
        return None
    return SignedReceipt(wave, datetime.datetime.strptime(day, "%Y%m%d").date(), digest)
