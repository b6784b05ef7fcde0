"""The chapter that sets waves side by side: a table, small pictures, and sentences (report.md 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from fieldkit.stats.book import Book
from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.layout import WaveFigure, WaveTable
from fieldkit.stats.report import Axis, Cell, Column, Figure, Table, Wave, WaveChart, Waves
from fieldkit.stats.waves import WaveNumbers, WaveRow

Blocks = Mapping[type, Callable[..., Table | Figure | None]]


def _row(book: Book, name: str) -> WaveRow | None:
    rows = book.waves.rows if book.waves else ()
    return next((row for row in rows if row.indicator == name), None)


def _wave_words(book: Book, told: WaveNumbers) -> dict[str, object]:
    first, last = told.wave.opens_on, told.last_day
    short = book.wording.say(
        "dates.span", first=book.wording.day(first, year=False), last=book.wording.day(last, year=False)
    )
    return {
        "wave": told.wave.number,
        "days": book.wording.days(first, last),
        "year": first.year,
        "short": short,
        "n": told.n_analysed,
        "version": told.questionnaire.version,
    }


def wave_table(book: Book, block: WaveTable) -> Table | None:
    """The last two waves: value and n of each, the change with its interval, and whether they can be compared."""
    rows = [(line, row) for line in block.rows if (row := _row(book, line.id))]
    if not rows or book.waves is None:
        return None
    say = book.wording.say
    cells, numbers = [], []
    for line, row in rows:
        two = row.points[-2:]
        numbers += [number for number in two if number is not None]
        shown = [_point(book, number) for number in two]
        change = Cell(_change(book, row))
        cells.append((Cell(book.row_label(line)), *shown, change, Cell(say(f"waves.{row.status}"))))
    before, after = (say("waves.head", **_wave_words(book, told)) for told in book.waves.waves[-2:])
    columns = (
        Column(say("heads.indicator")),
        Column(before, "right", 98),
        Column(after, "right", 98),
        Column(say("waves.change"), "right", 88),
        Column(say("waves.comparable_head"), "left", 84),
    )
    notes = [say("waves.table_note"), *book.why_missing(numbers), *_notes(book)]
    return Table(
        book.label("table"), block.title.say(book.language), columns, tuple(cells), "".join(notes), key=block.key
    )


def _point(book: Book, number: Disclosed | None) -> Cell:
    if number is None:
        return Cell(book.wording.say("dash"))
    if not (number.shown or number.bound):
        return Cell(book.wording.say("dash"), book.count(number))
    spread = book.interval(number)
    text = book.value(number)
    if spread != book.wording.say("dash"):
        text = book.wording.say("marks.value_interval", value=text, interval=spread)
    return Cell(text, book.wording.say("marks.n", n=number.n) if number.n is not None else "")


def _change(book: Book, row: WaveRow) -> str:
    change, wording = row.change, book.wording
    if change.diff is None or change.lo is None or change.hi is None:
        key = f"waves.median_{change.wording}"
        return wording.say(key) if row.status == "comparable" and wording.has(key) else wording.say("dash")
    places = _places(book, row)
    value = wording.number(change.diff, places)
    return wording.say("marks.value_interval", value=value, interval=wording.span(change.lo, change.hi, places))


def _places(book: Book, row: WaveRow) -> int:
    return max(1, book.decimals(next(p for p in reversed(row.points) if p is not None)))


def _notes(book: Book) -> list[str]:
    return [book.wording.say(f"waves.{note}") for note in book.waves.notes] if book.waves else []


def wave_figure(book: Book, block: WaveFigure) -> Figure | None:
    """A small picture for each indicator; a line joins waves only where they can be compared."""
    rows = [(line, row) for line in block.rows if (row := _row(book, line.id)) and any(row.points)]
    if not rows or book.waves is None:
        return None
    say, language = book.wording.say, book.language
    furthest = max((max(n.q3 or 0.0, n.value or 0.0) for _, row in rows for n in row.points if n), default=0.0)
    widths = block.axis.widths or (block.axis.ticks,)
    ticks = next((w for w in widths if furthest <= w[-1]), widths[-1])
    axis = Axis(ticks[0], ticks[-1], tuple(ticks), unit=block.axis.unit.say(language), signed=block.axis.signed)
    panels = []
    for line, row in rows:
        drawn = []
        for at, (told, number) in enumerate(zip(book.waves.waves, row.points, strict=True)):
            if number is None:
                continue
            drawn.append(
                Wave(
                    say("waves.name", wave=told.wave.number),
                    _drawn(number),
                    book.value(number),
                    say("waves.month", year=told.wave.opens_on.year, month=told.wave.opens_on.month),
                    say("marks.n", n=number.n) if number.n is not None else book.count(number),
                    joined=row.joined[at],
                    broken=say("waves.broken") if row.broken[at] else "",
                )
            )
        panels.append(Waves(book.row_label(line), tuple(drawn)))
    medians = any(n.statistic == "median" for _, row in rows for n in row.points if n)
    numbers = [n for _, row in rows for n in row.points if n]
    notes = [
        book.source([line.id for line, _ in rows]),
        say("waves.figure_medians" if medians else "waves.figure_note"),
        *book.why_missing(numbers),
        *_notes(book),
        block.note.say(language),
    ]
    described = say("semicolon").join(
        f"{panel.title} " + book.wording.listed([f"{w.label} {w.value}" for w in panel.waves]) for panel in panels
    )
    chart = WaveChart(axis, tuple(panels))
    return Figure(
        book.label("figure"),
        block.title.say(language),
        chart,
        "".join(notes),
        described + say("full_stop"),
        block.key,
    )


def _drawn(number: Disclosed) -> Disclosed:
    """A median is drawn with its quartiles: the ends of its interval are two people's answers."""
    return replace(number, lo=number.q1, hi=number.q3) if number.statistic == "median" else number


def waves_intro(book: Book, _: Sequence[str]) -> str:
    """Which waves are compared, and that they are other people; nothing at the first wave."""
    if book.waves is None:
        return ""
    before, after = book.waves.waves[-2:]
    facts = {"before": book.wording.say("waves.told", **_wave_words(book, before))}
    facts["after"] = book.wording.say("waves.told", **_wave_words(book, after))
    return book.wording.sentence("waves_intro", **facts) + book.wording.fixed("waves_always")


def change_sentence(book: Book, names: Sequence[str]) -> str:
    """How one number changed from the wave before, by class."""
    row = _row(book, names[0])
    if row is None or book.waves is None or not row.change.wording:
        return ""
    w1, w2 = (told.wave.number for told in book.waves.waves[-2:])
    change, say = row.change, book.wording
    facts: dict[str, object] = {"name": book.name(names[0]), "w1": w1, "w2": w2}
    if change.wording == "not_comparable":
        return say.sentence("wave_not_comparable", **facts)
    statistic = next(p for p in reversed(row.points) if p is not None).statistic
    if change.diff is None or change.lo is None or change.hi is None:
        return say.sentence(f"wave_median_{change.wording}", **facts)
    places = _places(book, row)
    low, high = change.lo, change.hi
    if change.wording == "fell":
        low, high = -high, -low
    facts |= {"d": say.number(change.diff, places), "absd": say.number(abs(change.diff), places)}
    facts |= {"lo": say.number(low, places), "hi": say.number(high, places)}
    kind = "share_" if statistic in ("share", "ratio") else ""
    return say.sentence(f"wave_{kind}{change.wording}", **facts)


WAVES: Blocks = {WaveTable: wave_table, WaveFigure: wave_figure}
