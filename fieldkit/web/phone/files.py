"""How the photos, recordings and files of a response arrive: in pieces, one request each; what came can be asked."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, request

from fieldkit.core.attachment import CHUNK_LIMIT, Address, Attachment
from fieldkit.core.problem import Problem
from fieldkit.services import attach
from fieldkit.store.engine import Session
from fieldkit.web.machine import machine

bp = Blueprint("files", __name__)
OFFSET, LENGTH = "Upload-Offset", "Upload-Length"
GONE = ("attachment.wrong_hash", "attachment.wrong_kind")  # after these nothing of the file is kept


@bp.route("/w/<wave_id>/<county>/attachments/<response>/<name>", methods=["GET", "PUT"])
def attachment(wave_id: str, county: str, response: str, name: str) -> Response:
    """GET and HEAD tell how many bytes have come, never the bytes themselves; PUT brings the next ones."""
    wave, questionnaire = machine().collector.asked(wave_id)
    at, today = Address(wave_id, county, response, name), machine().today()
    with Session(machine().engine) as session:
        if request.method != "PUT":
            return told(attach.progress(session, wave, questionnaire, at, today))
        request.max_content_length = CHUNK_LIMIT  # whatever the operator allows for answers
        offset, total = (number(header) for header in (OFFSET, LENGTH))
        piece = request.get_data(cache=False)
        try:
            found = attach.receive(session, wave, questionnaire, at, piece, offset=offset, total=total, today=today)
        except Problem as problem:
            if problem.code in GONE:
                session.commit()
            raise
        session.commit()
    return told(found)


def number(header: str) -> int:
    """A number of bytes from the request's head."""
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise Problem("attachment.wrong_shape", where=header, field=header)
    return int(text)


def told(file: Attachment) -> Response:
    """How far a file has come."""
    said = {"offset": file.received, "arrived": file.arrived}
    return Response(
        orjson.dumps(said), content_type="application/json", headers={OFFSET: str(file.received)}
    )
