"""The page on which the research team decides about second contents and written words."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fieldkit.core.answer import Answer
from fieldkit.core.item import Item
from fieldkit.forms.desk import ReviewForm
from fieldkit.services import review
from fieldkit.store import waves
from fieldkit.store.engine import Session
from fieldkit.web.i18n import language, words
from fieldkit.web.login import filled, login_needed, sent_from_here
from fieldkit.web.machine import machine

bp = Blueprint("review", __name__, url_prefix="/waves/<wave>/review")

DECISIONS = {
    "adopt": review.adopt_variant,
    "discard": review.discard_variant,
    "reject": review.reject_comment,
}
DONE = (*DECISIONS, "clear")


@bp.get("")
@login_needed
def page(wave: str) -> str:
    """What waits, twenty of each kind at a time."""
    with Session(machine().engine) as session:
        variants = review.list_variants(session, g.actor, wave, machine().today())
        comments = review.list_comments(session, g.actor, wave, machine().today())
        shown = waves.get(session, wave)
        session.commit()
    done = request.args.get("done")
    return render_template(
        "desk/review.html",
        wave=shown,
        variants=variants,
        comments=comments,
        done=done if done in DONE else None,
        places=machine().places,
        read=read,
    )


@bp.post("/<any(adopt, discard, clear, reject):decision>")
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
    if item.kind.value in ("code", "codes"):
        codes = answer.value if isinstance(answer.value, list) else [answer.value]
        named = [(code, item.option(code)) for code in codes]
        return "; ".join(f"[{code}] {option.text.say(language()) if option else ''}".strip() for code, option in named)
    return f"{answer.value} {item.unit.say(language())}".strip()
