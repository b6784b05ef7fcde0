"""How bytes leave: static files under one content hash, gzip, and the headers that keep a page safe.

The files in the tree are written to be read; what travels is the same without comments and needless spaces. The hash
of all that travels stands in every address, so a phone may keep a file for ever and modules that import each other by
relative name come from the same edition.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, request, url_for
from rcssmin import cssmin
from rjsmin import jsmin

STATIC = Path(__file__).resolve().parent / "static"
COMPRESSED = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/manifest+json")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)
WORTH_IT = 1000  # bytes; below it gzip saves nothing that a phone would notice


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file, read and compressed once."""

    body: bytes
    zipped: bytes
    type: str


SHORTER: Mapping[str, Callable[[str], str]] = {".js": jsmin, ".css": cssmin}


def as_asset(name: str, body: bytes) -> Asset:
    """A file as it travels; script and style without comments and needless spaces, nothing renamed."""
    suffix = Path(name).suffix
    if suffix in SHORTER:
        body = SHORTER[suffix](body.decode()).encode()
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = "text/javascript" if suffix == ".js" else guessed
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    return Asset(body, gzip.compress(body, 9, mtime=0), kind)


def read_assets(folder: Path = STATIC, joined: Mapping[str, bytes] | None = None) -> tuple[dict[str, Asset], str]:
    """All static files by name, those in `joined` among them, and the hash of them all (12 hexadecimal digits)."""
    bodies = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assets = {name: as_asset(name, body) for name, body in sorted({**bodies, **(joined or {})}.items())}
    digest = hashlib.sha256()
    for name, asset in assets.items():
        digest.update(name.encode() + b"\0" + asset.body)
    return assets, digest.hexdigest()[:12]


def takes_gzip() -> bool:
    """Whether the one who asks can unpack gzip."""
    return bool(request.accept_encodings["gzip"])


def finish(response: Response) -> Response:
    """Safety headers on every answer; gzip on text that is worth it and not yet compressed."""
    headers = response.headers
    there = {name.lower() for name, _ in headers}
    for name, value in HEADERS:
        if name.lower() not in there:
            headers.add(name, value)
    if (
        (response.content_length or 0) > WORTH_IT
        and not response.direct_passthrough
        and not response.is_streamed
        and response.status_code == 200
        and "content-encoding" not in there
        and (response.content_type or "").startswith(COMPRESSED)
        and takes_gzip()
    ):
        response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
        headers["Content-Encoding"] = "gzip"
        headers.add("Vary", "Accept-Encoding")
    return response


def init_app(app: Flask, joined: Mapping[str, bytes] | None = None) -> None:
    """Serve the static folder and the files in `joined` under their hash, and give templates `static_url`."""
    assets, edition = read_assets(STATIC, joined)

    def static_file(asked: str, name: str) -> Response:
        asset = assets.get(name)
        if asset is None:
            abort(404)
        zipped = takes_gzip() and len(asset.zipped) < len(asset.body)
        response = Response(asset.zipped if zipped else asset.body, content_type=asset.type)
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        if asked == edition:  # a page of another edition gets these files too, but nothing may keep them under its name
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    app.add_url_rule("/static/<asked>/<path:name>", "asset", static_file)
    app.jinja_env.globals["static_url"] = lambda name: url_for("asset", asked=edition, name=name)
    app.extensions["fieldkit.edition"] = edition
    app.after_request(finish)
