"""Writing instruments before they are published. Two people may write at one draft; the second to save is told."""

from __future__ import annotations

import secrets

from fieldkit.core.access import Actor, require
from fieldkit.core.draft import KINDS, Draft, Revision
from fieldkit.core.problem import Problem
from fieldkit.store import audit, responses, waves
from fieldkit.store import drafts as kept
from fieldkit.store.engine import Session, utc_now, writing

LIMIT = 2 * 1024 * 1024  # bytes of YAML, as for a file


def create_draft(
    session: Session, actor: Actor | None, kind: str, instrument: str, source: str, based_on: str = ""
) -> Draft:
    """Begin a draft of a module or questionnaire; the text need not be finished, nor even readable yet."""
    who = require(actor, "draft.edit")
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is not one of {KINDS}")
    _small_enough(source)
    now = utc_now()
    draft = Draft(secrets.token_hex(6), kind, instrument, source, 1, based_on, who.name, now, who.name, now)
    kept.add(writing(session), draft)
    audit.write(session, who, "draft.create", {"draft": draft.id, "kind": kind, "instrument": instrument})
    return draft


def get(session: Session, actor: Actor | None, draft_id: str) -> Draft:
    """One draft as it is now; Problem `draft.unknown`."""
    require(actor, "draft.edit")
    return kept.get(session, draft_id)


def save(session: Session, actor: Actor | None, draft_id: str, source: str, revision: int) -> Draft:
    """Put this text in place of the one that the writer had before them, which had this `revision`.

    Problem `draft.stale`, and nothing is changed, when somebody else saved meanwhile; `draft.unknown`;
    `draft.too_large`. The same text again makes no new revision.
    """
    who = require(actor, "draft.edit")
    _small_enough(source)
    before = kept.get(writing(session), draft_id)
    if before.revision == revision and before.source == source:
        return before
    if not kept.save(session, draft_id, source, revision, who.name, utc_now()):
        raise stale(kept.get(session, draft_id))
    return kept.get(session, draft_id)


def list_drafts(session: Session, actor: Actor | None) -> list[Draft]:
    """All drafts, the one changed last first."""
    require(actor, "draft.edit")
    return kept.listed(session)


def history(session: Session, actor: Actor | None, draft_id: str) -> list[Revision]:
    """The saved states of a draft, newest first: who, when, and the text; Problem `draft.unknown`."""
    require(actor, "draft.edit")
    kept.get(session, draft_id)
    return kept.history(session, draft_id)


def delete(session: Session, actor: Actor | None, draft_id: str, revision: int) -> None:
    """Throw a draft away, with its history and the answers of its trial; Problem `draft.unknown`.

    Problem `draft.stale`, and nothing is deleted, when somebody saved since this `revision`.
    """
    who = require(actor, "draft.edit")
    draft = kept.get(writing(session), draft_id)
    if draft.revision != revision:
        raise stale(draft)
    end_trial(session, draft)
    kept.delete(session, draft_id)
    audit.write(session, who, "draft.delete", {"draft": draft_id, "instrument": draft.instrument})


def end_trial(session: Session, draft: Draft) -> None:
    """Close the wave in which the draft was tried out, and delete what was answered there."""
    if draft.test_wave:
        waves.set_state(session, draft.test_wave, "closed")
        responses.delete_wave(session, draft.test_wave)
        kept.set_test_wave(session, draft.id, "")


def stale(draft: Draft) -> Problem:
    """Somebody else saved this draft in the meantime."""
    return Problem("draft.stale", where=draft.id, draft=draft.id, revision=draft.revision, by=draft.changed_by)


def _small_enough(source: str) -> None:
    if len(source.encode("utf-8", "replace")) > LIMIT:
        raise Problem("draft.too_large", limit_mb=LIMIT // (1024 * 1024))
