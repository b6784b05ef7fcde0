"""A corrected edition says on its first page what was wrong before."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.stats.report import Chapter, CountyReport, Panel
from fieldkit.stats.wording import Wording


def corrected(report: CountyReport, wording: Wording, note: str, before: int) -> CountyReport:
    """The report with a note under its first head: which edition it replaces, and what was wrong there.

    Raises Problem `report.forbidden_words` when the note says what a report must not say.
    """
    wording.lint(note)
    if note[-1:] not in ("。", ".", "？", "?"):  # another sentence follows
        note += "." if note.isascii() else "。"
    panel = Panel(wording.say("correction.title"), wording.say("correction.text", before=before, note=note))
    at = next((i for i, block in enumerate(report.blocks) if isinstance(block, Chapter)), -1) + 1
    return replace(report, blocks=(*report.blocks[:at], panel, *report.blocks[at:]))
