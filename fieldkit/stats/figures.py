"""Charts of the report: disclosed numbers and words in, finished figures out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from fieldkit.stats.book import Book
from fieldkit.stats.disclose import Disclosed, of_part
from fieldkit.stats.layout import AxisSpec, Bars, Classes, Dots, KeyFigure, Likert, Quartiles, RowFigure, Shares
from fieldkit.stats.report import (
    Axis,
    Chart,
    ClassChart,
    DotChart,
    Figure,
    KeyChart,
    LikertChart,
    QuartileChart,
    Row,
    Rows,
    Segment,
    ShareChart,
    Stack,
)

TICKS = (0.0, 25.0, 50.0, 75.0, 100.0)


def _axis(book: Book, spec: AxisSpec, ticks: Sequence[float]) -> Axis:
    say = book.language
    return Axis(
        ticks[0],
        ticks[-1],
        tuple(ticks),
        unit=spec.unit.say(say),
        low_words=spec.low_words.say(say),
        high_words=spec.high_words.say(say),
        signed=spec.signed,
    )


def _percent_axis(book: Book) -> Axis:
    return Axis(0, 100, TICKS, unit=book.wording.say("marks.percent_unit"))


def _heads(book: Book, value: str, interval: str, count: str = "people") -> tuple[str, str, str]:
    say = book.wording.say
    return say(f"marks.{value}"), say(f"marks.{interval}"), say(f"marks.{count}")


def _rows(book: Book, block: RowFigure) -> tuple[tuple[Rows, ...], list[str], list[Disclosed]]:
    """The rows of a chart, the ids on them, and their numbers."""
    found: list[Rows] = []
    names: list[str] = []
    numbers: list[Disclosed] = []
    for head, lines in book.groups(block.groups):
        rows: list[Row] = []
        for line in lines:
            number = book.number(line.id)
            if isinstance(block, Dots) and not block.peers:
                number = replace(number, peer=None)
            names.append(line.id)
            numbers.append(number)
            rows.append(book.row(line, number))
            if line.levels and book.SPLITS:
                book.split_asked[line.id] = None
                for one in (n for n in book.levels.get(line.id, ()) if n.group in book.groups_shown):
                    rows.append(book.row(line, one, book.wording.say(f"groups.{one.group}_row")))
                    numbers.append(one)
        found.append(Rows(tuple(rows), head))
    return tuple(found), names, numbers


def _finish(
    book: Book,
    block: RowFigure | Likert | Classes | Bars,
    chart: Chart,
    names: Sequence[str],
    notes: Sequence[str],
    described: str,
) -> Figure:
    """The figure with its number and title; underneath whose numbers these are, the notes, and the layout's own."""
    say = book.language
    under = dict.fromkeys(n for n in (*notes, block.note.say(say)) if n)
    note = book.source(names) + "".join(under)
    return Figure(book.label("figure"), block.title.say(say), chart, note, described, block.key)


def _described(book: Book, groups: Sequence[Rows]) -> str:
    """A chart of rows in words."""
    said = []
    for group in groups:
        for row in group.rows:
            plain = row.interval in ("", book.wording.say("dash"))
            key = "row_short" if plain else "row"
            said.append(
                book.wording.say(
                    f"described.{key}", label=row.label, value=row.value, interval=row.interval, count=row.count
                )
            )
    return book.wording.say("semicolon").join(said) + book.wording.say("full_stop")


def _peers(book: Book, numbers: Sequence[Disclosed], mark: str) -> str:
    return book.wording.say(f"marks.{mark}") if any(n.peer for n in numbers) else ""


def _sensitive(book: Book, names: Sequence[str]) -> list[str]:
    sensitive = [n for n in names if book.indicators[n].sensitive]
    # Items and scales with a neutral name ask about units like the respondent's in general.
    general = [n for n in sensitive if book.indicators[n].print_name or book.is_item(n)]
    return [
        *([book.wording.say("notes.sensitive")] if general else []),
        *([book.wording.say("notes.sensitive_own")] if len(general) < len(sensitive) else []),
    ]


def dots(book: Book, block: Dots) -> Figure | None:
    """Means with intervals."""
    groups, names, numbers = _rows(book, block)
    if not names:
        return None
    chart = DotChart(
        _axis(book, block.axis, block.axis.ticks),
        groups,
        _heads(book, "mean", "interval"),
        book.wording.say("marks.own"),
        _peers(book, numbers, "peers"),
    )
    notes = [
        *book.draft_note(names),
        *book.peers_note(numbers),
        *book.why_missing(numbers),
        *_sensitive(book, names),
    ]
    return _finish(book, block, chart, names, notes, _described(book, groups))


def quartiles(book: Book, block: Quartiles) -> Figure | None:
    """Medians with quartiles; the narrowest of the layout's axes that holds them all."""
    groups, names, numbers = _rows(book, block)
    if not names:
        return None
    furthest = max((n.q3 or 0.0 for n in numbers), default=0.0)
    widths = block.axis.widths or (block.axis.ticks,)
    ticks = next((w for w in widths if furthest <= w[-1]), widths[-1])
    chart = QuartileChart(
        _axis(book, block.axis, ticks),
        groups,
        _heads(book, "median", "quartiles"),
        book.wording.say("marks.own_quartiles"),
        _peers(book, numbers, "peers_median"),
    )
    notes = [
        *book.peers_note(numbers, medians=True),
        *book.why_missing(numbers),
        *_sensitive(book, names),
        book.wording.say("notes.wide") if ticks != widths[0] else "",
    ]
    return _finish(book, block, chart, names, notes, _described(book, groups))


def shares(book: Book, block: Shares) -> Figure | None:
    """Shares and ratios."""
    groups, names, numbers = _rows(book, block)
    if not names:
        return None
    chart = ShareChart(
        _percent_axis(book),
        groups,
        _heads(book, "percent", "interval"),
        book.wording.say("marks.own") if any(n.peer for n in numbers) else "",
        _peers(book, numbers, "peers"),
    )
    notes = [*book.peers_note(numbers), *book.why_missing(numbers), *_sensitive(book, names)]
    return _finish(book, block, chart, names, notes, _described(book, groups))


def _hidden_stack(book: Book, number: Disclosed) -> str:
    """The words that stand in place of a distribution that is not printed."""
    return book.wording.say(f"reasons.{number.status}", n_min=number.n_min)


def _stack_words(book: Book, stacks: Sequence[Stack]) -> str:
    said = []
    for stack in stacks:
        each = [book.wording.say("described.segment", label=s.label, value=s.printed) for s in stack.segments]
        segments = book.wording.listed(each) or stack.suppressed
        said.append(
            book.wording.say(
                "described.stack", label=stack.label.rstrip(book.wording.say("full_stop")), segments=segments
            )
            if stack.label
            else segments
        )
    return book.wording.say("semicolon").join(said) + book.wording.say("full_stop")


def _colour_step(merged: Sequence[int], codes: Sequence[int]) -> int:
    """The place on the scale of colours: of several codes the one nearest the middle, at both ends of the scale alike.

    >>> [_colour_step(merged, (1, 2, 3, 4, 5)) for merged in ((1, 2), (1, 2, 3), (4, 5), (3, 4, 5), (2, 3, 4), (5,))]
    [1, 2, 3, 2, 2, 4]
    """
    middle = (len(codes) - 1) / 2
    return min((codes.index(code) for code in merged), key=lambda at: abs(at - middle))


def likert(book: Book, block: Likert) -> Figure | None:
    """Items on one ordered scale; steps of fewer than three people are merged with a neighbour and marked."""
    lines = book.lines(block.rows)
    if not lines:
        return None
    options = book.questionnaire.items[lines[0].id].options
    codes = [o.code for o in options if not o.missing]
    scale = tuple(o.text.say(book.language) for o in options if not o.missing)
    stacks, numbers = [], []
    for line in lines:
        number = book.number(line.id)
        item = book.questionnaire.items[line.id]
        text = line.label.say(book.language) or item.text.say(book.language)
        label = book.wording.say("marks.reversed", text=text) if item.reverse else text
        segments = tuple(
            Segment(
                book.part(line.id, p),
                p.percent,
                book.wording.number(p.percent, 0) + ("*" if p.merged else ""),
                _colour_step(p.codes, codes),
                p.merged,
            )
            for p in number.parts
        )
        hidden = "" if segments else _hidden_stack(book, number)
        stacks.append(Stack(label, segments, book.count(number), line.id, suppressed=hidden))
        numbers.append(number)
    say = book.wording.say
    notes = [
        say("notes.raw"),
        say("notes.merged_steps") if any(p.merged for n in numbers for p in n.parts) else "",
        say("notes.sums") if any(n.parts for n in numbers) else "",
        *book.why_missing(numbers),
        *_sensitive(book, [line.id for line in lines]),
    ]
    chart = LikertChart(scale, tuple(stacks), say("marks.people"))
    return _finish(book, block, chart, [line.id for line in lines], notes, _stack_words(book, stacks))


def classes(book: Book, block: Classes) -> Figure | None:
    """Unordered classes; those of fewer than three people are one 其他."""
    lines = book.lines(block.rows)
    if not lines:
        return None
    stacks, numbers, notes = [], [], []
    for line in lines:
        number = book.number(line.id)
        numbers.append(number)
        about = number.coarse
        segments = tuple(
            Segment(book.part(line.id, p), p.percent, _class_percent(book, p.percent, about), step, p.merged)
            for step, p in enumerate(number.parts)
        )
        hidden = "" if segments else _hidden_stack(book, number)
        label = line.label.say(book.language) or (book.name(line.id) if len(lines) > 1 else "")
        count = book.wording.say("marks.n", n=number.n) if number.n is not None and segments else book.count(number)
        stacks.append(Stack(label, segments, count, line.id, suppressed=hidden))
        notes += _no_task(book, line.id)
    say = book.wording.say
    notes += [
        say("notes.merged_named") if any(p.other and p.merged for n in numbers for p in n.parts) else "",
        *book.why_missing(numbers),
        *_sensitive(book, [line.id for line in lines]),
    ]
    chart = ClassChart(tuple(stacks), say("marks.people"))
    return _finish(book, block, chart, [line.id for line in lines], notes, _stack_words(book, stacks))


def _class_percent(book: Book, percent: float, about: bool) -> str:
    text = book.wording.percent(percent)
    return book.wording.say("marks.about", x=text) if about else text


def _no_task(book: Book, name: str) -> list[str]:
    """The share without a numeric task stands in the note, with its own base (indicators.md 3)."""
    outside = book.numbers.get("no_task_share")
    if book.indicators[name].parameters.get("part") != "status" or outside is None:
        return []
    book.used["no_task_share"] = None
    if not (outside.shown or outside.bound):
        return []
    key = "no_task" if outside.n is not None else "no_task_no_n"
    return [book.wording.say(f"notes.{key}", percent=book.value(outside), n=outside.n)]


def bars(book: Book, block: Bars) -> Figure | None:
    """The answers to one question, from most to least; 其他 and 'does not apply' stand last."""
    if not book.has(block.of):
        return None
    number = book.number(block.of)
    gates = book.gates.get(block.of, ())
    parts = sorted(number.parts, key=lambda p: (any(c in gates for c in p.codes) and not p.other, p.other, -p.percent))
    rows = []
    for part in parts:
        one = of_part(number, part)
        value = book.value(one)
        count = "" if part.k is None else str(part.k)
        rows.append(Row(book.part(block.of, part), one, value, "", count, block.of))
    say = book.wording.say
    item = book.item_of(block.of)
    kind = "several_n" if item is not None and item.kind.value == "codes" else "single_n"
    if not rows:
        rows = [Row(block.title.say(book.language), number, say("dash"), "", book.count(number), block.of)]
    groups = (Rows(tuple(rows)),)
    notes = [
        say(f"notes.{kind}", n=number.n) if number.n is not None and number.parts else "",
        say("notes.merged_named") if any(p.other and p.merged for p in number.parts) else "",
        *book.why_missing([number]),
        *_sensitive(book, [block.of]),
    ]
    heads = say("marks.percent"), "", say("marks.count")
    chart = ShareChart(_percent_axis(book), groups, heads)
    return _finish(book, block, chart, [block.of], notes, _described(book, groups))


def key_figure(book: Book, block: KeyFigure) -> Figure | None:
    """What the marks mean, drawn once; nothing where no figure has them."""
    if not book.draws_marks:
        return None
    say = book.wording.say
    chart = KeyChart(
        Axis(0, 100, TICKS),
        own=say("key.own"),
        peers=say("key.peers") if book.has_peers else "",
        interval=say("marks.interval"),
        lower=say("key.lower"),
        median=say("marks.median"),
        upper=say("key.upper"),
        hidden=say("key.hidden"),
    )
    note = say("notes.key_peers" if book.has_peers else "notes.key")
    return Figure(book.label("figure"), block.title.say(book.language), chart, note, note, block.key)


FIGURES: Mapping[type, Callable[..., Figure | None]] = {
    Dots: dots,
    Quartiles: quartiles,
    Shares: shares,
    Likert: likert,
    Classes: classes,
    Bars: bars,
    KeyFigure: key_figure,
}
