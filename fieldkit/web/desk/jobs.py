"""Files that take long to make: order one, watch how far it is, cancel, begin again, take it home."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fieldkit.core.problem import Problem
from fieldkit.services import job as service
from fieldkit.store import waves
from fieldkit.store.engine import Session, utc_now
from fieldkit.translations import explain_code
from fieldkit.web.i18n import language, words
from fieldkit.web.login import login_needed, sent_from_here
from fieldkit.web.machine import machine, start_worker

bp = Blueprint("jobs", __name__, url_prefix="/waves/<wave>/files")
MIMES = {"zip": "application/zip", "csv": "text/csv", "pdf": "application/pdf"}


def begin_work() -> None:
    """Start a process beside the server that makes the files that are ordered and then ends."""
    start_worker("--files")


def is_large(kind: str, chosen: list[str], place: str = "", counties: Collection[str] = ()) -> bool:
    """Whether this is too much for one request, and must be ordered."""
    with Session(machine().engine) as session:  # of its own: whoever goes on to write must not have begun to read
        return service.is_large(session, g.actor, kind, chosen, place, counties)


def begun(wave: str, kind: str, asked: Mapping[str, object]) -> Response:
    """Order a file, start its making, and lead to its page."""
    with Session(machine().engine) as session:
        made = service.order(session, g.actor, kind, wave, asked)
        session.commit()
    begin_work()
    return redirect(url_for("desk.jobs.watched", wave=wave, key=made.id), 303)


@bp.post("")
@login_needed
def ordered(wave: str) -> Response:
    """Order the overview or the technical report, on all counties or those of one place; a small one comes at once."""
    sent_from_here()
    kind = request.form.get("kind", "")
    if kind not in ("overview", "technical"):  # the others are ordered on pages of their own
        raise Problem("job.unknown", where=kind, job=kind)
    chosen = {"language": "en" if request.form.get("language") == "en" else "zh"}
    place = request.form.get("place", "") if kind == "overview" else ""
    if place:
        chosen["place"] = place
    if not is_large(kind, [wave], place):
        tongue = chosen["language"]
        address = url_for("desk.printed.of_wave", wave=wave, what=kind, language=tongue, place=place or None)
        return redirect(address, 303)
    return begun(wave, kind, chosen)


@bp.get("/<key>")
@login_needed
def watched(wave: str, key: str) -> str:
    """How far a file is; the page asks again by itself while work goes on."""
    with Session(machine().engine) as session:
        found = service.watch(session, g.actor, wave, key)
        shown = waves.get(session, wave)
    now = utc_now()
    over = found.state == "done" and not found.ready(now)
    state = "stalled" if found.stalled(now) else "gone" if over else found.state
    facts = {"where": "", **(found.facts or {})}
    told = explain_code(f"problem.{found.problem}", language(), **facts) if found.problem else None
    place = machine().places.get(found.asked.get("place", ""))
    asked_on = found.asked_at.astimezone(ZoneInfo(machine().settings.timezone)).date()
    return render_template(
        "desk/job.html", wave=shown, job=found, state=state, told=told, asked_on=asked_on, place=place
    )


@bp.post("/<key>/<any(cancel, again):step>")
@login_needed
def stepped(wave: str, key: str, step: str) -> Response:
    """Cancel the making of a file, or begin it anew."""
    sent_from_here()
    with Session(machine().engine) as session:
        (service.cancel if step == "cancel" else service.again)(session, g.actor, wave, key)
        session.commit()
    if step == "again":
        begin_work()
    return redirect(url_for("desk.jobs.watched", wave=wave, key=key), 303)


@bp.post("/<key>/file")
@login_needed
def taken(wave: str, key: str) -> Response:
    """The finished file; that it was taken is noted."""
    from fieldkit.web.desk import download

    sent_from_here()
    with Session(machine().engine) as session:
        path = service.take_home(session, g.actor, wave, key)
        found = service.watch(session, g.actor, wave, key)
        session.commit()
    end = service.ENDS[found.kind]
    chosen = "-".join(found.asked.get("waves", [wave])[:3])
    name = {
        "responses": f"fieldkit-{chosen}-responses",
        "weighted": f"{wave}-weighted",
    }.get(found.kind) or words(f"desk.file_{found.kind}", wave=wave)
    return download(path, MIMES[end], f"{name}.{end}")
