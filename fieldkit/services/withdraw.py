"""Taking one's answers back with the receipt code, as the consent text promises."""

from __future__ import annotations

import datetime

from fieldkit.core.problem import Problem
from fieldkit.core.submission import code_hash, normal_code
from fieldkit.store import responses, waves
from fieldkit.store.engine import Session, writing


def withdraw(session: Session, wave_id: str, typed_code: str, today: datetime.date) -> None:
    """Delete the answers that belong to a receipt code, and everything that came with them.

    No permission is asked: the code is the permission, and nobody else has it. Problem `receipt.malformed` if this
    cannot be a code, `receipt.too_late` after `withdraw_until`, `receipt.unknown` if nothing belongs to it (also
    when it was withdrawn before). Nothing is written to the audit log.
    """
    code = normal_code(typed_code)
    writing(session)
    wave = waves.get(session, wave_id)
    if today > wave.withdraw_until:
        raise Problem("receipt.too_late", where="receipt_code", until=wave.withdraw_until.isoformat())
    if not responses.withdraw(session, wave_id, code_hash(code)):
        raise Problem("receipt.unknown", where="receipt_code")
