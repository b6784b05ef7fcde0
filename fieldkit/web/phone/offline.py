"""What keeps the questionnaire working without a network: the service worker, the words fetched after the page, the
list of what lies on this phone.

The worker is served under /w/-/, an address that no wave can have, and may look after /w/ and the table of units.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache

from flask import Blueprint, Response, abort, render_template, request, url_for

from fieldkit.core.signed_receipt import read_signed
from fieldkit.store import waves
from fieldkit.store.engine import Session
from fieldkit.translations import catalogue
from fieldkit.web.delivery import STATIC
from fieldkit.web.i18n import language
from fieldkit.web.machine import machine
from fieldkit.web.phone.consent import day

bp = Blueprint("offline", __name__)

# fetched by the page after it stands, so the worker keeps them with it
LATER = ("phone-later.js", "area.js")
WORKER = ("book.js", "outbox.js", "worker.js")
MODULE_WORDS = re.compile(r"^import .*\n|^export ", re.MULTILINE)
WORDS = "kept."
LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Za-z]{2,4})?\Z")


@cache
def worker_script() -> bytes:
    """The service worker as one classic script: workers that are modules are younger than the phones in use."""
    parts = [f"const PARTS = {json.dumps(LATER)};"]
    parts += [MODULE_WORDS.sub("", (STATIC / name).read_text("utf-8")) for name in WORKER]
    return "\n".join(parts).encode()


@cache
def later_words(spoken: str) -> tuple[bytes, str]:
    """The words that the page fetches once it stands, and their hash, which stands in their address."""
    words = {key.removeprefix(WORDS): text for key, text in catalogue(spoken).items() if key.startswith(WORDS)}
    body = json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()
    return body, hashlib.sha256(body).hexdigest()[:12]


def words_address(spoken: str) -> str:
    """Where the words of a language are."""
    return url_for("phone.offline.words", language=spoken, edition=later_words(spoken)[1])


@bp.get("/w/-/worker.js")
def worker() -> Response:
    """The service worker; asked for anew at every visit, so that a new one is never missed."""
    response = Response(worker_script(), content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = "/"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(hashlib.sha256(worker_script()).hexdigest()[:20], weak=True)
    return response.make_conditional(request)  # type: ignore[return-value]


@bp.get("/w/-/words/<language>/<edition>.json")
def words(language: str, edition: str) -> Response:
    """The words fetched after the page. An edition that is no more gets the present words, which nobody keeps."""
    if not LANGUAGE.match(language):
        abort(404)
    body, now = later_words(language)
    response = Response(body, content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if edition == now else "no-store"
    return response


@bp.get("/w/-/mine")
def mine() -> str:
    """What lies on this phone: an empty list, which the page's script fills from the phone itself."""
    return render_template("phone/mine.html")


@bp.route("/receipt", methods=["GET", "POST"])
def proof() -> str:
    """Check a signed receipt: anybody may, nothing is noted."""
    typed = request.form.get("receipt", "")
    found = read_signed(machine().receipt_key, typed) if typed else None
    number = 0
    if found:
        with Session(machine().engine) as session:
            number = waves.get(session, found.wave).number if waves.exists(session, found.wave) else 0
    return render_template(
        "phone/proof.html",
        typed=typed.strip()[:300],
        found=found,
        number=number,
        until=day(found.day, language()) if found else "",
    )
