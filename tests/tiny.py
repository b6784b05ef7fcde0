"""The tiny questionnaires of tests/cases/instruments, one for each feature of the definition language."""

from __future__ import annotations

from pathlib import Path

from fieldkit.core.instrument import Library, Questionnaire
from fieldkit.formats.instrument_yaml import load_library, load_questionnaire
from fieldkit.settings import resource

FOLDER = Path(__file__).parent / "cases" / "instruments"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def library() -> Library:
    """The published instruments, of which the tiny ones take consent and county."""
    return load_library(resource("instruments"))


def tiny(name: str, bank: Library | None = None) -> Questionnaire:
    """One of them by the name of its file."""
    return load_questionnaire(FOLDER / f"{name}.yaml", bank or library())


def all_tiny() -> Library:
    """All of them as a library that can be published."""
    bank = library()
    made = [tiny(name, bank) for name in NAMES]
    return Library(bank.modules, {(q.id, q.version): q for q in made})
