"""Where a sealed draft is laid down, fetched and deleted on its way to another phone.

What is asked with travels in the body, never in the address, which a proxy might log.
"""

from __future__ import annotations

import base64
from typing import Any

import orjson
from flask import Blueprint, Response, request

from fieldkit.core.problem import Problem
from fieldkit.services import resume
from fieldkit.web.machine import machine

bp = Blueprint("resume", __name__)
PACE = resume.Pace()


def asked() -> dict[str, Any]:
    """What the phone sent, once it is this process's turn; Problem `resume.often` or `resume.malformed`."""
    PACE.step()
    try:
        sent = orjson.loads(request.get_data(cache=False))
    except orjson.JSONDecodeError:
        sent = None
    if not isinstance(sent, dict):
        raise Problem("resume.malformed", where=request.path)
    return sent


@bp.post("/w/<wave_id>/resume")
def keep(wave_id: str) -> Response:
    """Lay a sealed draft down."""
    sent = asked()
    try:
        sealed = base64.b64decode(sent.get("sealed", ""), validate=True)
    except (TypeError, ValueError):  # no text, not ASCII, or no base64
        raise Problem("resume.malformed", where="sealed") from None
    until = resume.keep(machine().engine, wave_id, sent.get("find"), sealed, machine().today())
    return Response(orjson.dumps({"until": until}), 201, content_type="application/json")


@bp.post("/w/<wave_id>/resume/found")
def fetch(wave_id: str) -> Response:
    """Hand a sealed draft out; it stays until the phone says that it has it."""
    sealed = resume.fetch(machine().engine, wave_id, asked().get("find"), machine().today())
    return Response(orjson.dumps({"sealed": base64.b64encode(sealed).decode()}), content_type="application/json")


@bp.post("/w/<wave_id>/resume/erased")
def erase(wave_id: str) -> Response:
    """Delete a sealed draft."""
    gone = resume.erase(machine().engine, wave_id, asked().get("find"))
    return Response(orjson.dumps({"erased": gone}), content_type="application/json")
