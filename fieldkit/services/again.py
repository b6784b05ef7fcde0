"""An edition drawn once more from what it kept, and whether it comes out the same, byte for byte.

What was said stands in the snapshot: later answers, layouts and words change nothing. What draws it can change: the
program, the libraries beneath it, and the team's own style. Where the bytes differ, these are compared with what the
edition noted, and told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldkit import __version__
from fieldkit.core.access import Actor, require
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.services import layouts
from fieldkit.settings import PACKAGE
from fieldkit.store import editions, pools
from fieldkit.store.engine import Session
from fieldkit.translations import say

if TYPE_CHECKING:
    from fieldkit.stats.report import CountyReport

STYLES = ("report.css", "figures.css")  # go into the page, so that an edition looks the same for ever
DRAWING = ("program", "drawn_with", "style")  # of what an edition was made with, what its drawing rests on


@dataclass(frozen=True, slots=True)
class Again:
    """The files as drawn now (`html` and `csv` of a county's Chinese edition), and the SHA-256 of the PDF then and now.

    `changed` has what the drawing rests on and is no longer the same: then and now, by name.
    """

    pdf: bytes
    then: str
    changed: Mapping[str, tuple[str, str]]
    html: bytes = b""
    csv: bytes = b""

    @property
    def now(self) -> str:
        """The SHA-256 of the PDF drawn now."""
        return hashlib.sha256(self.pdf).hexdigest()

    @property
    def same(self) -> bool:
        """Whether the PDF is the one that was handed out."""
        return self.now == self.then


def made_with(questionnaire: Questionnaire, laid: layouts.Laid, language: str = "zh") -> dict[str, str]:
    """The questionnaire, layout, wording and style that a report is made with, and what draws it."""
    return {
        "questionnaire": f"{questionnaire.id} {questionnaire.version}",
        "questionnaire_hash": questionnaire.hash,
        **laid.made_with(language),
        **drawn_by(laid),
    }


def drawn_by(laid: layouts.Laid) -> dict[str, str]:
    """What the bytes of a PDF rest on beside what it says."""
    from fieldkit.render.document import libraries

    return {"program": __version__, "drawn_with": libraries(), "style": laid.made_with()["style"]}


def drawn(report: CountyReport, laid: layouts.Laid) -> bytes:
    """A finished report as PDF."""
    from fieldkit.render.document import county_pdf

    return county_pdf(report, folder=laid.folder)


def screen_files(report: CountyReport, laid: layouts.Laid) -> tuple[bytes, bytes]:
    """The same as a page for the screen that needs no other file, and as a table."""
    from fieldkit.formats.table_csv import county_csv
    from fieldkit.render.page import county_page

    look = "\n".join((PACKAGE / "web" / "static" / name).read_text("utf-8") for name in STYLES)
    page = county_page(report, folder=laid.folder, stylesheet_href=STYLES[0])
    page = page.replace(f'<link rel="stylesheet" href="{STYLES[0]}">', f"<style>{look}</style>")
    return page.encode(), county_csv(report)


def drawn_again(snapshot: bytes, laid: layouts.Laid) -> tuple[bytes, CountyReport]:
    """The PDF of a kept snapshot and the report that it is.

    Problem `edition.unreadable` where this program no longer knows a part of it.
    """
    from fieldkit.formats.report_json import load_report

    report = load_report(snapshot)
    try:
        return drawn(report, laid), report
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Problem("edition.unreadable", where="snapshot", part=type(error).__name__) from error


def made_again(
    session: Session, actor: Actor | None, wave_id: str, county: str, number: int, language: str = "zh"
) -> Again:
    """An edition of one county, drawn once more.

    Problems `edition.unknown`, `edition.no_snapshot` (issued before snapshots were kept), `edition.no_english` (nobody
    was handed it in English), `edition.unreadable`.
    """
    require(actor, "report.county", county=county)
    kept = editions.numbered(session, wave_id, county, number)
    laid = layouts.find("county", "county")
    if language == "en":
        spoken = editions.english(session, wave_id, county, number)
        if spoken is None or not spoken.sha256:
            raise Problem("edition.no_english", where=f"{wave_id}/{county}", edition=number)
        pdf, _ = drawn_again(spoken.snapshot, laid)
        return Again(pdf, spoken.sha256, _changed(spoken.versions, laid))
    if not kept.snapshot:
        raise Problem("edition.no_snapshot", where=f"{wave_id}/{county}", county=county, edition=number)
    pdf, report = drawn_again(kept.snapshot, laid)
    return Again(pdf, kept.sha256, _changed(kept.versions, laid), *screen_files(report, laid))


def pool_made_again(
    session: Session, actor: Actor | None, wave_id: str, pool: str, number: int, language: str = "zh"
) -> Again:
    """An edition of a pooled report, drawn once more; Problems as above, and `edition.pool_unknown`."""
    require(actor, "report.team")
    kept = pools.numbered(session, wave_id, pool, number)
    if not kept.snapshot:
        raise Problem("edition.no_snapshot", where=f"{wave_id}/{pool}", edition=number)
    laid = pooled_layout(kept.versions)
    pdf, _ = drawn_again(kept.snapshot_en if language == "en" else kept.snapshot, laid)
    return Again(pdf, kept.sha256_en if language == "en" else kept.sha256, _changed(kept.versions, laid))


def pooled_layout(versions: Mapping[str, str]) -> layouts.Laid:
    """The layout of a pooled edition; ours where the team's own is no longer there."""
    try:
        return layouts.find(versions.get("own_layout", "pooled"), "pooled")
    except Problem:
        return layouts.find("pooled", "pooled")


def differences(again: Again, language: str = "zh") -> list[str]:
    """Why an edition that was made again is not the same, in words; nothing when it is."""
    if again.same:
        return []
    lines = [say(f"again.{name}", language, then=then, now=now) for name, (then, now) in again.changed.items()]
    return lines or [say("again.unknown", language)]


def _changed(then: Mapping[str, str], laid: layouts.Laid) -> dict[str, tuple[str, str]]:
    now = drawn_by(laid)
    return {name: (then[name], now[name]) for name in DRAWING if name in then and then[name] != now[name]}
