"""The page on which the research team decides about second contents, written words, and what was sent as files."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, g, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from fieldkit.core.answer import Answer
from fieldkit.core.item import Item
from fieldkit.forms.desk import ReviewForm
from fieldkit.services import clear_files, review
from fieldkit.store import waves
from fieldkit.store.engine import Session
from fieldkit.web.i18n import language, words
from fieldkit.web.login import filled, login_needed, sent_from_here
from fieldkit.web.machine import machine

bp = Blueprint("review", __name__, url_prefix="/waves/<wave>/review")

DECISIONS = {
    "clear_file": clear_files.clear_file,
    "reject_file": clear_files.keep_out_file,
    "adopt": review.adopt_variant,
    "discard": review.discard_variant,
    "reject": review.reject_comment,
}
DONE = (*DECISIONS, "clear")
# How a file that somebody sent is handed to a researcher's browser: never as anything that could run.
HARMLESS = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "webm": "audio/webm",
    "wav": "audio/wav",
}


@bp.get("")
@login_needed
def page(wave: str) -> str:
    """What waits, twenty of each kind at a time."""
    with Session(machine().engine) as session:
        variants = review.list_variants(session, g.actor, wave, machine().today())
        comments = review.list_comments(session, g.actor, wave, machine().today())
        files = clear_files.list_files(session, g.actor, wave, machine().today())
        shown = waves.get(session, wave)
        session.commit()
    done = request.args.get("done")
    return render_template(
        "desk/review.html",
        wave=shown,
        variants=variants,
        comments=comments,
        files=files,
        done=done if done in DONE else None,
        places=machine().places,
        read=read,
    )


@bp.get("/files/<key>")
@login_needed
def file(wave: str, key: str) -> Response:
    """One of the files to look at, to be saved; the page shows pictures and plays recordings from here."""
    with Session(machine().engine) as session:
        content, ending = clear_files.file_content(session, g.actor, wave, key, machine().today())
    mime = HARMLESS.get(ending, "application/octet-stream")
    answer = send_file(BytesIO(content), mimetype=mime, as_attachment=True, download_name=f"{key}.{ending}", max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/<any(adopt, discard, clear, reject, clear_file, reject_file):decision>")
@login_needed
def decide(wave: str, decision: str) -> Response:
    """One decision, and back to what still waits."""
    sent_from_here()
    form = filled(ReviewForm)
    key = form.key.data or ""
    with Session(machine().engine) as session:
        if decision == "clear":
            review.clear_comment(session, g.actor, wave, key, form.words.data or "")
        else:
            DECISIONS[decision](session, g.actor, wave, key)
        session.commit()
    return redirect(url_for("desk.review.page", wave=wave, done=decision), 303)


def read(item: Item, answer: Answer) -> str:
    """An answer as the codebook writes it, or in words why there is none."""
    if answer.missing is not None:
        return words(f"desk.answer_{answer.missing}")
    if item.kind.value == "text":
        return words("desk.answer_written")
    if item.kind.value == "media":
        return words("desk.answer_file")
    if item.kind.value in ("code", "codes"):
        codes = answer.value if isinstance(answer.value, list) else [answer.value]
        named = [(code, item.option(code)) for code in codes]
        return "; ".join(f"[{code}] {option.text.say(language()) if option else ''}".strip() for code, option in named)
    return f"{answer.value} {item.unit.say(language())}".strip()
