"""The same figures with the two working levels beside the county: what the research team can look at on screen.

Both levels of a number are published or neither, and only where the county's own number is (`stats.results.by_level`);
choosing one of them leaves rows out of a picture and never adds a number. What cannot be split drops out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from fieldkit.stats.layout import (
    Block,
    HeadlineTable,
    Layout,
    Line,
    Lines,
    Listed,
    MedianTable,
    ResultTable,
    RowFigure,
    SplitTable,
    Title,
)

GROUPS = ("upper", "lower")


def with_levels(layout: Layout, split: Collection[str]) -> Layout:
    """The chapters of the modules with nothing but rows that have both levels; `split` names these indicators."""
    sections = []
    for section in layout.sections:
        blocks = tuple(_blocks(section.blocks, split))
        if not section.numbered or not section.needs or not any(not isinstance(b, Title) for b in blocks):
            continue
        sections.append(replace(section, blocks=blocks, new_page=False))
    return replace(layout, sections=tuple(sections))


def _blocks(blocks: tuple[Block, ...], split: Collection[str]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Title):
            yield block
        elif isinstance(block, RowFigure):
            groups = tuple(Lines(_kept(group.lines, split), group.head) for group in block.groups)
            if any(group.lines for group in groups):
                yield replace(block, groups=tuple(group for group in groups if group.lines))
        elif isinstance(block, ResultTable | MedianTable | HeadlineTable) and isinstance(block, Listed):
            rows = _kept(block.rows, split)
            if rows:
                yield SplitTable(block.key, block.title, rows)


def _kept(lines: tuple[Line, ...], split: Collection[str]) -> tuple[Line, ...]:
    return tuple(replace(line, levels=True) for line in lines if line.id in split)
