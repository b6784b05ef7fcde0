"""What the other reports contain beside the blocks of the county report: pooled, overview, technical, paper, codebook.

`OTHER_BLOCKS` maps the word in a layout file to the class, as `stats.layout.BLOCKS` does; the modules that build each
report hold one builder for each of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fieldkit.core.text import NOTHING, Text
from fieldkit.stats.layout import BLOCKS, Captioned, Listed


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The consent text, paragraph by paragraph; with `form` the question whether the person agrees."""

    form: bool = True


@dataclass(frozen=True, slots=True)
class Definitions:
    """What 'unit' and 'superiors' mean in this questionnaire."""

    title: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of one section with room to answer; only in a generic section."""


class AboutTable(Captioned):
    """What this instrument is: id, version, status, languages, hash, modules."""


@dataclass(frozen=True, slots=True)
class ItemCards(Captioned):
    """The items of one section with codes, ranges and conditions; only in a generic section."""


@dataclass(frozen=True, slots=True)
class ConstructList:
    """Every construct of one module: definition, source and quotation, scoring; only in a generic section."""

    quotation: int = 25  # characters, the most that is quoted


class FormulaTable(Captioned):
    """The indicators with their formulas."""


class MissingTable(Captioned):
    """The reasons for which an answer can be missing."""


class PooledCountiesTable(Captioned):
    """Which counties were put together."""


class ProtectedTable(Captioned):
    """Shares estimated from protected questions (list experiment, randomised response)."""


class SideBySide(Listed):
    """Many counties in the order of their codes, one figure for each indicator; never a ranking."""


class OverviewCountiesTable(Captioned):
    """The counties in the order of their codes: answers, and whether they have a report."""


class FlowTable(Captioned):
    """From invitation to analysis, in numbers."""


class FlagTable(Captioned):
    """How many answers carry each quality flag."""


@dataclass(frozen=True, slots=True)
class ItemStatistics(Captioned):
    """Every item: n, missing by reason, mean and deviation, of all counties together."""

    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemDistributions(Captioned):
    """Every question with choices: the share of each code, of all counties together."""

    leave_out: tuple[str, ...] = ()


class ReliabilityTable(Captioned):
    """Whether the items of each scale hang together."""


class ComparabilityTable(Captioned):
    """Which indicators can be compared with earlier versions of the questionnaire."""


OTHER_BLOCKS: Mapping[str, type] = MappingProxyType(
    {
        "consent": ConsentText,
        "definitions": Definitions,
        "questions": Questions,
        "about_table": AboutTable,
        "item_cards": ItemCards,
        "constructs": ConstructList,
        "formula_table": FormulaTable,
        "missing_table": MissingTable,
        "pooled_counties_table": PooledCountiesTable,
        "protected_table": ProtectedTable,
        "side_by_side": SideBySide,
        "overview_counties_table": OverviewCountiesTable,
        "flow_table": FlowTable,
        "flag_table": FlagTable,
        "item_statistics": ItemStatistics,
        "item_distributions": ItemDistributions,
        "reliability_table": ReliabilityTable,
        "comparability_table": ComparabilityTable,
    }
)
ALL_BLOCKS: Mapping[str, type] = MappingProxyType({**BLOCKS, **OTHER_BLOCKS})
