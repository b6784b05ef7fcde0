"""What a phone sends, before anything in it is believed, and what it gets back."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from fieldkit.core.paradata import Paradata
from fieldkit.core.problem import Problem

# 12 letters and digits without those that look alike (0/O, 1/I/L, U): 30^12, about 59 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE = re.compile(f"[{ALPHABET}]{{12}}\\Z")
RESPONSE_ID = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class Submission:
    """One attempt to hand in a questionnaire. `answers` is as sent; `receipt_code` is made on the phone."""

    id: str
    wave: str
    county: str
    questionnaire: str
    version: str
    receipt_code: str
    language: str
    answers: Mapping[str, object]
    active_seconds: int | None = None
    paradata: Paradata | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a submission. `outcome` is stored, again (same id and content) or variant (same id, other)."""

    code: str
    outcome: str
    withdraw_until: str


def normal_code(typed: str) -> str:
    """A receipt code as typed by a person (small letters, spaces, dashes, full width) in its stored form.

    >>> normal_code('7kq4-m2xd 9pwe')
    '7KQ4M2XD9PWE'
    """
    code = re.sub(r"[\s\-—–·.]", "", unicodedata.normalize("NFKC", typed)).upper()
    if not CODE.match(code):
        raise Problem("receipt.malformed", where="receipt_code")
    return code


def shown_code(code: str) -> str:
    """The code in groups of four, as it is shown to people."""
    return "-".join(code[i : i + 4] for i in range(0, 12, 4))


def id_hash(response_id: str) -> str:
    """All that the server keeps of the id of a response that was taken back."""
    return hashlib.sha256(b"fieldkit withdrawn " + response_id.encode("ascii")).hexdigest()


def code_hash(code: str) -> str:
    """All that the server keeps of a receipt code."""
    return hashlib.sha256(b"fieldkit receipt " + code.encode("ascii")).hexdigest()


def content_hash(answers: Mapping[str, object]) -> str:
    """The same for the same answers in any order; tells a repeated delivery from a changed one."""
    return hashlib.sha256(json.dumps(answers, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
