"""Taking in a response that a phone could not send, from the file or text that its owner handed to the research team.

It is checked and stored like any other, under the id that the phone made: should the phone get through after all, it
counts once. That it was done goes into the audit log, never what was in it.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from fieldkit.core.access import Actor, require
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.submission import Receipt, Submission
from fieldkit.services.collect import Collector
from fieldkit.store import audit
from fieldkit.store.engine import Session, writing


def take_in(
    engine: Engine,
    collector: Collector,
    actor: Actor | None,
    wave_id: str,
    county: str,
    read: Callable[[Questionnaire], Submission],
) -> Receipt:
    """Store one rescued response; `read` turns what was handed in into a submission to this questionnaire.

    Problems `access.denied`, and those of `Collector.submit`.
    """
    who = require(actor, "response.rescue")
    _, questionnaire = collector.questionnaire(wave_id, county)
    receipt = collector.submit(read(questionnaire))
    with Session(engine) as session:
        writing(session)
        audit.write(session, who, "response.rescue", {"wave": wave_id})
        session.commit()
    return receipt


def allowed(actor: Actor | None) -> Actor:
    """The actor, if it may take in rescued responses; Problem `access.denied`."""
    return require(actor, "response.rescue")
