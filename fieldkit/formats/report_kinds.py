"""What each kind of report can hold: the blocks that its pages are built from, and the sentences that it can say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from fieldkit.stats import codebook, county, overview, paper_form, pooled_report, technical_report
from fieldkit.stats.layout import Further, Title
from fieldkit.stats.layout_sheets import ALL_BLOCKS
from fieldkit.stats.sentences import SENTENCES

FIXED = ("fixed",)  # reports without numbers of a county say nothing else

BLOCKS_IN: Mapping[str, Collection[type]] = MappingProxyType(
    {
        "county": {Title, Further, *county.BUILDERS},
        "pooled": {Title, Further, *pooled_report.BUILDERS},
        "overview": {Title, *overview.BUILDERS},
        "technical": {Title, *technical_report.BUILDERS},
        "questionnaire": {Title, *paper_form.BUILDERS},
        "codebook": {Title, *codebook.BUILDERS},
    }
)
SAID_IN: Mapping[str, Collection[str]] = MappingProxyType(
    dict.fromkeys(BLOCKS_IN, FIXED)
    | {"county": tuple(SENTENCES), "pooled": tuple(set(SENTENCES) - set(pooled_report.NOT_SAID))}
)


def holds(report: str, block: type) -> bool:
    """Whether this kind of report can hold the block; a report that nobody knows is named by the lint."""
    return report not in BLOCKS_IN or block in BLOCKS_IN[report]


def says(report: str, what: str) -> bool:
    """Whether this kind of report can say the sentence."""
    return report not in SAID_IN or what in SAID_IN[report]


def kinds_in(report: str) -> str:
    """The words for all blocks of a report, as they stand in a layout."""
    return "、".join(word for word, block in ALL_BLOCKS.items() if holds(report, block))


def why_not(report: str, block: type | None = None) -> str:
    """The mistake's code: a pooled report has a reason of its own for what the county's report holds."""
    pooled = report == "pooled" and (block is None or block in pooled_report.NOT_POOLED)
    return "not_pooled" if pooled else "not_in_report"
