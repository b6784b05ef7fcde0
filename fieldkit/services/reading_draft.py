"""What composing a questionnaire and writing a module share: a draft as it is read, and one step of a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from fieldkit.core.design import gone
from fieldkit.core.draft import Draft
from fieldkit.core.instrument import Library
from fieldkit.core.lint import Finding
from fieldkit.core.problem import Problem
from fieldkit.formats.instrument_yaml import comments_in
from fieldkit.services import drafts

SHORT = 120  # characters of an id or a place that a form may send
Given = Mapping[str, str]  # what a form sent beside the step
Before = TypeVar("Before")
After = TypeVar("After")


@dataclass(frozen=True)
class ReadDraft:
    """A draft with what is wrong with it, each with its line, and the instruments that it may name."""

    draft: Draft
    findings: tuple[Finding, ...]
    library: Library

    @cached_property
    def comments(self) -> tuple[int, ...]:
        """The lines of the file with a comment, which the next save by a form would leave out."""
        return comments_in(self.draft.source) if "#" in self.draft.source else ()

    @property
    def errors(self) -> int:
        """How many findings must be mended."""
        return sum(f.severity == "error" for f in self.findings)

    @property
    def unreadable(self) -> Problem:
        """What is said of a text that cannot be read: Problem `instrument.broken` with every finding."""
        file, found = self.draft.instrument, self.findings
        where = f"{file}:{found[0].line}"
        return Problem("instrument.broken", where=where, findings=found, file=file, count=len(found))

    def at(self, revision: int) -> None:
        """Return if this is the revision that the form had before it; else Problem `draft.stale`."""
        if self.draft.revision != revision:
            raise drafts.stale(self.draft)


def known_items(library: Library) -> frozenset[str]:
    """The ids of all items of the bank."""
    return frozenset(name for module in library.modules.values() for name in module.items)


def take(steps: Mapping[str, Callable[..., After]], line: str, before: Before, given: Given) -> After:
    """Do what a button says, such as 'up bur_af1'; Problem `design.gone` for what is no step, or about nothing."""
    verb, *names = line[: SHORT * 4].split(" ")
    step = steps.get(verb)
    if step is None:
        raise gone(verb)
    try:
        return step(before, given, *names)
    except TypeError:
        raise gone(verb) from None
