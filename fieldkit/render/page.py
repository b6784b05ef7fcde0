"""The HTML twin of the PDF: the same words, tables and drawings as one page for screens and screen readers.

The PDF cannot carry tags (open-source reportlab writes none), so this page is the accessible form of the report:
real headings, real tables, a description of every figure and its numbers as a table. It loads nothing but one
style sheet and holds neither scripts nor style attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from fieldkit.render.charts import draw
from fieldkit.render.content import content_hash, printable
from fieldkit.render.style import Style, load
from fieldkit.render.svg import svg
from fieldkit.render.text import full
from fieldkit.stats.report import (
    Cell,
    Chapter,
    Chart,
    ClassChart,
    Column,
    CountyReport,
    Figure,
    Heading,
    KeyChart,
    LikertChart,
    Numbered,
    Panel,
    Paragraph,
    RowChart,
    Segment,
    Stack,
    Table,
    WaveChart,
)


def county_page(
    report: CountyReport, *, folder: Path, stylesheet_href: str = "report.css", links: Sequence[tuple[str, str]] = ()
) -> str:
    """The report as one HTML document; `folder` is reports/, `links` are (address, words) beside the title.

    `stylesheet_href` is where fieldkit/web/static/report.css is served.
    """
    report = printable(report)
    style = load(folder)
    say = style.say(report.language)
    keys = _keys(report)
    acts = "".join(f'<a class="act" href="{escape(address)}">{_words(words)}</a>' for address, words in links)
    acts = f'<p class="acts">{acts}</p>' if acts else ""
    contents = "".join(
        f'<li><a href="#{keys[n]}">{_title(block.number, block.title)}</a></li>'
        for n, block in enumerate(report.blocks)
        if isinstance(block, Chapter)
    )
    body = "".join(_body(report, style, say, keys))
    return (
        f'<!doctype html>\n<html lang="{escape(say["tag"])}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="robots" content="noindex">\n<meta name="content-sha256" content="{content_hash(report)}">\n'
        f"<title>{escape(report.title)}</title>\n"
        f'<link rel="stylesheet" href="{escape(stylesheet_href)}">\n</head>\n<body>\n'
        f'<a class="skip" href="#text">{escape(say["skip"])}</a>\n'
        f"{_cover(report, acts)}\n"
        f'<div class="read">\n<nav class="toc" aria-label="{escape(report.contents_words)}"><ol>{contents}</ol></nav>\n'
        f'<main id="text">\n{_box(report)}{body}</main>\n</div>\n'
        f'<footer class="foot"><p>{_words(report.footer)}</p></footer>\n</body>\n</html>\n'
    )


def county_chapters(report: CountyReport, *, folder: Path) -> str:
    """Only the chapters of the page, each in a section of its own, to stand in another page."""
    report = printable(report)
    style = load(folder)
    return "".join(_body(report, style, style.say(report.language), _keys(report)))


def _words(text: str) -> str:
    """Words for HTML: escaped, **strong**, line ends kept."""
    bits = full(text).split("**")
    if len(bits) % 2 == 0:
        bits = ["**".join(bits)]
    out = "".join(
        f"<b>{escape(bit, quote=False)}</b>" if n % 2 else escape(bit, quote=False) for n, bit in enumerate(bits)
    )
    return out.replace("\n", "<br>")


def _title(number: str, title: str) -> str:
    return f'<span class="number">{escape(number)}</span> {_words(title)}' if number else _words(title)


def _keys(report: CountyReport) -> dict[int, str]:
    """An anchor for every heading: its key, made unique."""
    taken: set[str] = {"text"}
    keys: dict[int, str] = {}
    for n, block in enumerate(report.blocks):
        if isinstance(block, Chapter | Heading):
            key = re.sub(r"[^\w\-]+", "-", block.key).strip("-") or "part"
            keys[n] = key if key not in taken else f"{key}-{n}"
            taken.add(keys[n])
    return keys


def _cover(report: CountyReport, acts: str) -> str:
    cover = report.cover
    assert cover is not None  # what has no cover is printed on paper only
    tag = f' <span class="simulated">{_words(report.simulated)}</span>' if report.simulated else ""
    facts = "".join(f"<div><dt>{_words(name)}</dt><dd>{_words(fact)}</dd></div>" for name, fact in cover.lines)
    place = f'<p class="place">{_words(cover.province)}</p>' if cover.province else ""
    return (
        f'<header class="cover">{place}<h1>{_words(report.title)}{tag}</h1>'
        f'<dl class="facts">{facts}</dl>{acts}</header>'
    )


def _box(report: CountyReport) -> str:
    cover = report.cover
    assert cover is not None
    title = f"<b>{_words(cover.box_title)}</b><br>" if cover.box_title else ""
    return f'<p class="mustnot">{title}{_words(cover.box)}</p>\n'


def _body(report: CountyReport, style: Style, say: Mapping[str, str], keys: Mapping[int, str]) -> Iterator[str]:
    """The blocks in order, each chapter in a section of its own."""
    opened, level = False, 2
    for n, block in enumerate(report.blocks):
        match block:
            case Chapter():
                yield "</section>\n" if opened else ""
                yield f'<section aria-labelledby="{keys[n]}">\n'
                yield f'<h2 id="{keys[n]}">{_title(block.number, block.title)}</h2>\n'
                opened, level = True, 2
            case Heading():
                level = min(4, max(3, block.level + 1), level + 1)  # a level is never left out
                yield f'<h{level} id="{keys[n]}">{_title(block.number, block.title)}</h{level}>\n'
            case Paragraph():
                if block.text:
                    yield f'<p class="{"under" if block.note else "text"}">{_words(block.text)}</p>\n'
            case Numbered():
                yield f'<ol class="list">{"".join(f"<li>{_words(line)}</li>" for line in block.lines)}</ol>\n'
            case Panel():
                title = f"<b>{_words(block.title)}</b><br>" if block.title else ""
                yield f'<p class="panel">{title}{_words(block.text)}</p>\n'
            case Table():
                yield _table(block)
            case Figure():
                yield _figure(block, style, say)
            case _:
                raise TypeError(f"a report holds a {type(block).__name__}")
    yield "</section>\n" if opened else ""


def _scroll(inside: str, name: str) -> str:
    """What may be wider than a phone scrolls by itself, with the keyboard too; the page never does."""
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(full(name))}">{inside}</div>'


def _table(table: Table) -> str:
    title = " ".join(filter(None, (table.label, table.title)))
    head = "".join(f'<th scope="col"{_side(column)}>{_words(column.head)}</th>' for column in table.columns)
    rows = "".join(_table_row(row, table.columns) for row in table.rows)
    note = f'<p class="under">{_words(table.note)}</p>' if table.note else ""
    head = f"<thead><tr>{head}</tr></thead>" if any(column.head for column in table.columns) else ""
    narrow = " narrow" if all(column.width for column in table.columns) else ""
    inside = f'<table class="table{narrow}"><caption>{_words(title)}</caption>{head}<tbody>{rows}</tbody></table>'
    return f'<div class="block">{_scroll(inside, title)}{note}</div>\n'


def _table_row(row: Sequence[Cell], columns: Sequence[Column]) -> str:
    if len(row) == 1 < len(columns):
        return f'<tr><th colspan="{len(columns)}" scope="colgroup">{_words(row[0].text)}</th></tr>'
    cells = (_cell(cell, column, first=n == 0) for n, (cell, column) in enumerate(zip(row, columns, strict=True)))
    return f"<tr>{''.join(cells)}</tr>"


def _side(column: Column) -> str:
    names = [name for name, on in (("n", column.align == "right"), ("strong", column.strong)) if on]
    return f' class="{" ".join(names)}"' if names else ""


def _cell(cell: Cell, column: Column, *, first: bool) -> str:
    text = f"<code>{_words(cell.text)}</code>" if cell.code else _words(cell.text)
    if cell.sub:
        text = f'{f"<b>{text}</b>" if first else text}<span class="sub">{_words(cell.sub)}</span>'
    return f'<th scope="row"{_side(column)}>{text}</th>' if first and text else f"<td{_side(column)}>{text}</td>"


def _figure(figure: Figure, style: Style, say: Mapping[str, str]) -> str:
    title = " ".join(filter(None, (figure.label, figure.title)))
    picture = svg(draw(figure.chart, style), figure.described or title)
    note = f'<p class="under">{_words(figure.note)}</p>' if figure.note else ""
    return (
        f'<figure class="fig"><figcaption>{_words(title)}</figcaption>{_scroll(picture, title)}{note}'
        f"{_numbers(figure.chart, say, title)}</figure>\n"
    )


def _numbers(chart: Chart, say: Mapping[str, str], title: str) -> str:
    """The figure's numbers as a table to unfold, as printed in the figure."""
    heads, rows = chart_rows(chart, say)
    if not rows:
        return ""
    said = [n for n in range(len(heads)) if n == 0 or any(row[n] for row in rows)]
    heads, rows = [heads[n] for n in said], [[row[n] for n in said] for row in rows]
    head = f'<th scope="col">{_words(heads[0])}</th>' + "".join(
        f'<th scope="col" class="n">{_words(words)}</th>' for words in heads[1:]
    )
    body = "".join(f"<tr>{_row_head(row[0])}{_cells(row[1:])}</tr>" for row in rows)
    inside = f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<details class="numbers"><summary>{_words(say["numbers"])}</summary>{_scroll(inside, title)}</details>'


def _row_head(words: str) -> str:
    """The name of a row; an empty cell where it has none, so that nobody is read an empty name."""
    return f'<th scope="row">{_words(words)}</th>' if words else "<td></td>"


def _cells(words: Sequence[str]) -> str:
    return "".join(f'<td class="n">{_words(word)}</td>' for word in words)


def chart_rows(chart: Chart, say: Mapping[str, str]) -> tuple[list[str], list[list[str]]]:
    """What a chart prints, as heads and rows of words."""
    match chart:
        case RowChart():
            rows = [
                [_label(group.head, row.label), row.value, row.interval, row.count]
                for group in chart.groups
                for row in group.rows
            ]
            return [say["item"], *chart.heads], rows
        case LikertChart():
            return [say["item"], *chart.scale, chart.count_head], [
                _stack_row(stack, chart.scale, say) for stack in chart.stacks
            ]
        case ClassChart():
            rows = [
                [_label(stack.label, segment.label), segment.printed, stack.count]
                for stack in chart.stacks
                for segment in stack.segments
            ]
            rows += [[stack.label, stack.suppressed, stack.count] for stack in chart.stacks if stack.suppressed]
            return [say["item"], say["value"], chart.count_head], rows
        case WaveChart():
            rows = [
                [_label(panel.title, f"{wave.label} {wave.when}".strip()), wave.value, wave.count]
                for panel in chart.panels
                for wave in panel.waves
            ]
            return [say["item"], say["value"], "n"], rows
        case KeyChart():
            return [], []
    raise TypeError(f"no rows for a {type(chart).__name__}")


def _label(group: str, label: str) -> str:
    return " · ".join(filter(None, (group, label)))


def _stack_row(stack: Stack, scale: Sequence[str], say: Mapping[str, str]) -> list[str]:
    """The shares under the steps of the scale; a merged one names the steps it holds."""

    def cell(segment: Segment) -> str:
        return say["merged"].format(value=segment.printed, steps=segment.label) if segment.merged else segment.printed

    cells = [""] * len(scale)
    for segment in stack.segments:
        cells[min(segment.step, len(scale) - 1)] = cell(segment)
    if stack.suppressed:
        cells[0] = stack.suppressed
    return [stack.label, *cells, stack.count]
