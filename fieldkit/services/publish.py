"""Publishing: what is asked is fixed, for ever, under an id and a version."""

from __future__ import annotations

from fieldkit.core.access import Actor, require
from fieldkit.core.instrument import Library
from fieldkit.store import audit, instruments
from fieldkit.store.engine import Session, writing


def publish_library(session: Session, actor: Actor, library: Library) -> list[str]:
    """Publish every module and questionnaire of a folder; what was new, as 'id version'. Safe to repeat.

    Problem `instrument.published_changed` if the content of a published version differs from what was published:
    give it a new version.
    """
    require(actor, "instrument.load")
    writing(session)
    new: list[str] = []
    for shelf in (library.modules, library.questionnaires):
        for instrument in shelf.values():
            if instruments.save(session, instrument):
                new.append(f"{instrument.id} {instrument.version}")
    if new:
        audit.write(session, actor, "instrument.load", {"new": new})
    return new
