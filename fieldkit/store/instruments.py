"""Published modules and questionnaires, each version kept complete and for ever."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlmodel import Session, col, select

from fieldkit.core.instrument import Library, Module, Questionnaire, version_key
from fieldkit.core.problem import Problem
from fieldkit.core.wave import TEST
from fieldkit.store.frozen import dump, load
from fieldkit.store.tables import ModuleRow, QuestionnaireRow

Instrument = Module | Questionnaire
# Drafts that are tried out lie here too, under the id of their wave, which no instrument can have.
PUBLISHED = ~col(QuestionnaireRow.id).startswith(TEST)


def save(session: Session, instrument: Instrument) -> bool:
    """Keep this version, and say whether it is new; Problem `instrument.published_changed` if its content differs."""
    row: Any = ModuleRow if isinstance(instrument, Module) else QuestionnaireRow
    kept = session.get(row, (instrument.id, instrument.version))
    if kept is None:
        session.add(
            row(id=instrument.id, version=instrument.version, hash=instrument.hash, content=dump(instrument))
        )
        session.flush()
        return True
    if kept.hash != instrument.hash:
        raise Problem(
            "instrument.published_changed",
            where=f"{instrument.id} {instrument.version}",
            instrument=instrument.id,
            version=instrument.version,
        )
    return False


def get(session: Session, questionnaire_id: str, version: str) -> Questionnaire:
    """A published questionnaire with everything that is asked; Problem `instrument.unknown`."""
    row = session.get(QuestionnaireRow, (questionnaire_id, version))
    if row is None:
        raise _unknown(questionnaire_id, version)
    return _questionnaire(row.hash, row.content)


def module(session: Session, module_id: str, version: str) -> Module:
    """A published module; Problem `instrument.unknown`."""
    row = session.get(ModuleRow, (module_id, version))
    if row is None:
        raise _unknown(module_id, version)
    return _module(row.hash, row.content)


def listed(session: Session) -> list[tuple[str, str]]:
    """Id and version of every published questionnaire, by id and then from old to new."""
    found = session.exec(select(col(QuestionnaireRow.id), col(QuestionnaireRow.version)).where(PUBLISHED)).all()
    return sorted(((i, v) for i, v in found), key=lambda pair: (pair[0], version_key(pair[1])))


def library(session: Session) -> Library:
    """Everything that is published: all versions of all modules and questionnaires."""
    modules = [_module(row.hash, row.content) for row in session.exec(select(ModuleRow)).all()]
    found = session.exec(select(QuestionnaireRow).where(PUBLISHED)).all()
    questionnaires = [_questionnaire(row.hash, row.content) for row in found]
    return Library({(m.id, m.version): m for m in modules}, {(q.id, q.version): q for q in questionnaires})


def versions(session: Session, kind: str, instrument: str) -> list[str]:
    """The published versions of a module or questionnaire, from old to new."""
    row: Any = ModuleRow if kind == "module" else QuestionnaireRow
    return sorted(session.exec(select(row.version).where(row.id == instrument)).all(), key=version_key)


def one(session: Session, kind: str, instrument: str, version: str) -> Instrument:
    """A published version of a module or questionnaire; Problem `instrument.unknown`."""
    return module(session, instrument, version) if kind == "module" else get(session, instrument, version)


def _unknown(instrument: str, version: str) -> Problem:
    return Problem("instrument.unknown", where=instrument, instrument=instrument, version=version)


# Reading a questionnaire takes milliseconds and a published one never changes: keep those in use.
@lru_cache(maxsize=64)
def _questionnaire(hash: str, content: str) -> Questionnaire:
    return load(Questionnaire, content)


@lru_cache(maxsize=64)
def _module(hash: str, content: str) -> Module:
    return load(Module, content)
