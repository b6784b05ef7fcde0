"""Tables of the report: disclosed numbers, counts of responses, items, methods, versions, and what is withheld."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fieldkit.core.instrument import Indicator
from fieldkit.core.item import Item
from fieldkit.core.text import NOTHING
from fieldkit.stats.book import Book, VersionLine
from fieldkit.stats.disclose import FEW, Disclosed, share_bound
from fieldkit.stats.layout import (
    HeadlineTable,
    ItemsTable,
    LevelTable,
    Line,
    MedianTable,
    MethodsTable,
    Noted,
    ProfileTable,
    ResponseTable,
    ResultTable,
    SplitTable,
    VersionsTable,
    WithheldTable,
)
from fieldkit.stats.report import Cell, Column, Table
from fieldkit.stats.wording import shown

WHOLE = 12  # rows; a table of no more stays in one piece


def cells(*texts: str) -> tuple[Cell, ...]:
    """A plain row."""
    return tuple(Cell(text) for text in texts)


def statistic_words(book: Book, name: str) -> str:
    """What kind of number this is, on which range, and what a high one means."""
    indicator, say = book.indicators[name], book.wording.say
    high_means = indicator.high_means.say(book.language)
    if indicator.estimate == "mean" and (indicator.low is None or indicator.high is None):
        return say("statistics.mean_open")
    if indicator.estimate == "mean":
        signed = (indicator.low or 0) < 0
        key = "mean_signed" if signed and high_means else "mean" if high_means else "mean_plain"
        high = 100 if indicator.high is None else indicator.high
        return say(f"statistics.{key}", low=shown(indicator.low or 0, 0), high=shown(high, 0), high_means=high_means)
    if indicator.estimate == "median":
        unit = book.unit(name)
        return say("statistics.median", unit=unit) if unit else say("statistics.median_plain")
    return say("statistics.ratio" if indicator.estimate == "ratio" else "statistics.share")


def headline_table(book: Book, block: HeadlineTable) -> Table | None:
    """The main results with what each number means, its interval or quartiles, peers or counties, and n."""
    lines = book.lines(block.rows)
    if not lines:
        return None
    say = book.wording.say
    rows, numbers = [], []
    for line in lines:
        number = book.number(line.id)
        numbers.append(number)
        sub = line.sub.say(book.language) or statistic_words(book, line.id)
        rows.append(
            (
                Cell(book.row_label(line), sub),
                *cells(book.value(number), book.interval(number), book.beside(number), book.count(number)),
            )
        )
    columns = (
        Column(say("heads.indicator")),
        Column(say("heads.own"), "right", 66, strong=True),
        Column(say("heads.interval_or_quartiles"), "right", 80),
        Column(say(book.BESIDE), "right", 58),
        Column(say("heads.n"), "right", 48),
    )
    notes = [
        say("notes.headline_draft") if book.questionnaire.status == "draft" else "",
        say("notes.headline"),
        say("notes.headline_masked") if any(n.status == "masked_extreme" for n in numbers) else "",
        *[say("notes.suppressed", n_min=m) for m in sorted({n.n_min for n in numbers if n.status == "suppressed_n"})],
        say("notes.headline_no_n") if any(n.n is None and (n.shown or n.bound) for n in numbers) else "",
        *book.why_missing([n for n in numbers if n.indicator in book.carried]),
        *book.beside_notes(numbers),
        say("notes.headline_ids"),
    ]
    return Table(
        book.label("table"), block.title.say(book.language), columns, tuple(rows), "".join(notes), key=block.key
    )


def response_table(book: Book, block: ResponseTable) -> Table:
    """How many were invited (where known), answered and analysed, how long it took, and when."""
    say, frame = book.wording.say, book.frame
    place = book.wave.county.get(book.county.code)
    minutes = frame.median_minutes
    known = [
        ("invited", str(place.invited), 60) if place and place.invited is not None else None,
        ("submitted", str(frame.n_submitted), 70),
        ("excluded", str(frame.n_excluded), 70),
        ("analysed", str(frame.n_analysed), 82),
        (
            "minutes",
            say("dash") if minutes is None else say("heads.minutes_value", minutes=book.wording.number(minutes)),
            92,
        ),
        (
            "fieldwork",
            say(
                "dates.span",
                first=book.wording.day(book.wave.opens_on, year=False),
                last=book.wording.day(book.last_day, year=False),
            ),
            0,
        ),
    ]
    there = [k for k in known if k is not None]
    columns = tuple(
        Column(say(f"heads.{name}"), "left" if at == 0 else "right", width) for at, (name, _, width) in enumerate(there)
    )
    row = cells(*(text for _, text, _ in there))
    return Table(book.label("table"), block.title.say(book.language), columns, (row,), key=block.key)


def level_table(book: Book, block: LevelTable) -> Table | None:
    """How many work in townships and streets, how many in villages and communities."""
    if book.workplaces is None:
        return None
    upper, lower = book.workplaces
    n = upper + lower
    if n < book.wave.n_min:
        return None
    say = book.wording.say
    rows = []
    for group, k in (("upper", upper), ("lower", lower)):
        bound = share_bound(k, n)
        percent = book.wording.bound(bound, percent=True) if bound else book.wording.percent(100 * k / n)
        rows.append(cells(say(f"groups.{group}"), say("dash") if bound else str(k), percent))
    least = _profile_least(book)
    notes = [
        say("notes.levels_few") if min(upper, lower) < FEW else "",
        say("notes.profile_few", least=least) if least and book.frame.n_analysed < least else "",
        say("notes.levels_carried") if n < int((book.frame.upper | book.frame.lower).sum()) else "",
    ]
    columns = (
        Column(say("heads.level"), width=126),
        Column(say("heads.people"), "right", 56),
        Column(say("heads.percent"), "right", 64),
    )
    return Table(
        book.label("table"), block.title.say(book.language), columns, tuple(rows), "".join(notes), key=block.key
    )


def _profile_least(book: Book) -> int:
    blocks = (b for s in book.layout.sections for b in s.blocks if isinstance(b, ProfileTable))
    return next((b.least for b in blocks if any(book.has(i) for i in b.items)), 0)


def profile_table(book: Book, block: ProfileTable) -> Table | None:
    """Who answered, one variable at a time, never crossed; small categories are merged."""
    if book.frame.n_analysed < block.least:
        return None
    say = book.wording.say
    rows: list[tuple[Cell, ...]] = []
    numbers = []
    for item_id in block.items:
        if not book.has(item_id):
            continue
        number = book.number(item_id)
        numbers.append(number)
        for at, part in enumerate(number.parts):
            label = book.name(item_id) if at == 0 else ""
            k = say("dash") if part.k is None else str(part.k)
            rows.append(cells(label, book.part(item_id, part), k, book.wording.percent(part.percent)))
    if not rows:
        return None
    columns = (
        Column(say("heads.variable"), width=150),
        Column(say("heads.category")),
        Column(say("heads.people"), "right", 56),
        Column(say("heads.percent"), "right", 64),
    )
    note = say("notes.profile") + "".join(book.why_missing(numbers))
    return Table(
        book.label("table"), block.title.say(book.language), columns, tuple(rows), note, long=True, key=block.key
    )


def split_table(book: Book, block: SplitTable) -> Table | None:
    """Results of the two levels side by side; a row where one may not be printed shows neither."""
    lines = book.lines(block.rows)
    book.split_asked.update(dict.fromkeys(line.id for line in lines))
    if not any(line.id in book.levels for line in lines):
        return None
    say, dash = book.wording.say, book.wording.say("dash")
    rows = []
    for line in lines:
        label = _split_label(book, line)
        pair = book.levels.get(line.id)
        texts = [dash] * 4
        if pair:
            texts = [t for one in pair for t in (_with_interval(book, one), book.count(one))]
        rows.append(cells(label, *texts))
    columns = (
        Column(say("heads.indicator")),
        Column(say("groups.upper"), "right", 90),
        Column(say("heads.people"), "right", 36),
        Column(say("groups.lower"), "right", 104),
        Column(say("heads.people"), "right", 36),
    )
    missing = any(line.id not in book.levels for line in lines)
    note = book.source([line.id for line in lines])
    note += say("notes.split", n_min=book.wave.n_min) if missing else ""
    return Table(book.label("table"), block.title.say(book.language), columns, tuple(rows), note, key=block.key)


def _split_label(book: Book, line: Line) -> str:
    estimate = book.indicators[line.id].estimate
    return book.wording.say(f"statistics.split_{estimate}", name=book.row_label(line), unit=book.unit(line.id))


def _with_interval(book: Book, number: Disclosed) -> str:
    return book.wording.say("marks.value_interval", value=book.value(number), interval=book.interval(number))


def median_table(book: Book, block: MedianTable) -> Table | None:
    """Medians with quartiles and n."""
    heads = ("heads.median", 60), ("heads.quartiles", 90)
    return _results(book, block, heads, lambda line: Cell(_median_label(book, line)))


def result_table(book: Book, block: ResultTable) -> Table | None:
    """Results of any kind: value, interval or quartiles, n; the kind of number stands under the name."""

    def label(line: Line) -> Cell:
        return Cell(book.row_label(line), line.sub.say(book.language) or statistic_words(book, line.id))

    return _results(book, block, (("heads.own", 66), ("heads.interval_or_quartiles", 90)), label)


def _results(
    book: Book, block: Noted, heads: Sequence[tuple[str, float]], label: Callable[[Line], Cell]
) -> Table | None:
    """A row for each number with its spread and n; nothing where the questionnaire has none of them."""
    lines = book.lines(block.rows)
    if not lines:
        return None
    say = book.wording.say
    numbers = [book.number(line.id) for line in lines]
    rows = tuple(
        (label(line), *cells(book.value(n), book.interval(n), book.count(n)))
        for line, n in zip(lines, numbers, strict=True)
    )
    columns = (
        Column(say("heads.indicator")),
        *(Column(say(head), "right", width) for head, width in heads),
        Column(say("heads.valid_n"), "right", 68),
    )
    notes = [book.source([line.id for line in lines]), *book.why_missing(numbers), block.note.say(book.language)]
    return Table(book.label("table"), block.title.say(book.language), columns, rows, "".join(notes), key=block.key)


def _median_label(book: Book, line: Line) -> str:
    """The words of the row; an indicator without words of its own is its name with the unit."""
    if line.label or not book.unit(line.id):
        return book.row_label(line)
    return book.wording.say("statistics.row_median", name=book.name(line.id), unit=book.unit(line.id))


# annexes


def answers_words(book: Book, item: Item) -> str:
    """Options or range of an item in words."""
    say, language = book.wording.say, book.language
    kind = item.kind.value
    join = say("answers.join")
    if item.type == "bipolar7":
        text = say("answers.bipolar", left=item.left.say(language), right=item.right.say(language))
    elif item.type == "likert5":
        options = [o for o in item.options if not o.missing]
        text = say("answers.likert", first=options[0].text.say(language), last=options[-1].text.say(language))
    elif kind in ("code", "codes"):
        text = say("answers.separator").join(o.text.say(language) for o in item.options)
    elif kind == "number":
        low, high = shown(item.low or 0, 0), shown(item.high, 0) if item.high is not None else ""
        parts = [say("answers.whole" if item.kind.whole else "answers.number", low=low, high=high)]
        if item.kind.step and not item.kind.whole:
            parts.append(say("answers.step", step=shown(item.kind.step, 1)))
        elif not item.kind.whole and item.places:
            parts.append(say("answers.places", places=item.places))
        if item.unit:
            parts.append(item.unit.say(language))
        text = join.join(parts)
    elif kind == "text":
        text = say("answers.text", high=shown(item.high or 0, 0))
    elif kind in ("point", "media"):
        text = say(f"answers.{kind}")
    else:
        text = say("answers.date")
    return say("answers.reversed", answers=text) if item.reverse else text


def items_table(book: Book, block: ItemsTable) -> Table:
    """Every item as it was asked, in order, with its id."""
    say = book.wording.say
    rows = tuple(
        (Cell(item.id, code=True), Cell(item.text.say(book.language)), Cell(answers_words(book, item)))
        for item in book.questionnaire
        if item.id not in block.leave_out
    )
    columns = (Column(say("heads.id"), width=78), Column(say("heads.item"), width=226), Column(say("heads.answers")))
    left_out = any(item.id in block.leave_out for item in book.questionnaire)
    note = say("notes.items_left_out") if left_out else ""
    return Table(book.label("table"), block.title.say(book.language), columns, rows, note, long=True, key=block.key)


def _valid(book: Book, indicator: Indicator, block: MethodsTable) -> str:
    """When a respondent has a value, in words."""
    given = block.valid.get(indicator.id)
    if given:
        return given.say(book.language)
    say, parameters = book.wording.say, indicator.parameters
    out: tuple[int, ...] = ()
    if indicator.kind == "share":
        used = {*parameters["true"], *parameters["false"]}  # type: ignore[misc]
        item = book.item_of(indicator.id)
        out = tuple(o.code for o in item.options if o.code not in used and not o.missing) if item else ()
    elif indicator.kind == "categories":
        out = tuple(parameters.get("leave_out", ()))  # type: ignore[arg-type]
    if out:
        names = book.wording.listed([book.option(indicator.id, code) for code in out])
        return say(f"valid.{indicator.kind}_without", options=names)
    many = parameters.get("indicators", indicator.items)
    return say(f"valid.{indicator.kind}", count=len(many), least=parameters.get("min_valid", ""))  # type: ignore[arg-type]


def methods_table(book: Book, block: MethodsTable) -> Table:
    """How each indicator on a page or in the county's file comes about: items, when it is valid, statistic."""
    say = book.wording.say
    rows = []
    for indicator in (book.indicators[name] for name in book.told if not book.is_item(name)):
        reversed_items = [i for i in indicator.items if book.questionnaire.items[i].reverse]
        asked = [i for i in book.questionnaire.items if i in indicator.items]
        items = book.wording.listed(book.runs(asked))
        if reversed_items and indicator.kind in ("scale", "mean", "index"):
            items += say("notes.items_reversed", items=book.wording.listed(reversed_items))
        estimate = "options" if indicator.kind == "options" else indicator.estimate
        rows.append(
            (
                Cell(book.name(indicator.id), indicator.id),
                *cells(items, _valid(book, indicator, block), say(f"intervals.{estimate}")),
            )
        )
    columns = (
        Column(say("heads.indicator"), width=132),
        Column(say("heads.items")),
        Column(say("heads.valid"), width=104),
        Column(say("heads.statistic"), width=96),
    )
    return Table(book.label("table"), block.title.say(book.language), columns, tuple(rows), long=True, key=block.key)


def versions_table(book: Book, block: VersionsTable) -> Table:
    """The questionnaire's version, those of its modules, and what changed where that is known."""
    say, questionnaire = book.wording.say, book.questionnaire
    parts = {say("versions.questionnaire", title=questionnaire.title.say(book.language)): questionnaire.version}
    for module, version in questionnaire.modules.items():
        own = book.titles.get(module, NOTHING).say(book.language) or module
        title = say(f"modules.{module}") if book.wording.has(f"modules.{module}") else own
        parts[say("versions.module", title=title)] = version
    lines = [VersionLine(part, version, change=say("versions.current")) for part, version in parts.items()]
    lines += book.changes
    dated = any(line.date for line in lines)  # a column of dashes would tell nothing
    columns = [Column(say("heads.part"), width=210), Column(say("heads.version"), width=60)]
    columns += [Column(say("heads.date"), width=96)] if dated else []
    columns.append(Column(say("heads.change")))
    rows = tuple(
        cells(line.part, line.version, *([line.date or say("dash")] if dated else []), line.change) for line in lines
    )
    title = block.title.say(book.language)
    return Table(book.label("table"), title, tuple(columns), rows, long=len(rows) > WHOLE, key=block.key)


def _reason(book: Book, number: Disclosed) -> str:
    status = number.status
    if status == "masked_extreme" and number.bound:
        status = "masked_high" if number.bound.startswith(">") else "masked_low"
    return book.wording.say(f"reasons.{status}", n_min=number.n_min)


def withheld_table(book: Book, block: WithheldTable) -> Table:
    """Which of the results are not printed, or only in part, and why."""
    say = book.wording.say
    rows = []
    for name in book.told:
        number = book.numbers[name]
        shown_name = book.name(name)
        if number.status != "ok":
            whole = number.statistic not in ("categories", "options")
            rows.append(
                cells(shown_name if whole else say("reasons.distribution_name", name=shown_name), _reason(book, number))
            )
        elif number.n is None:
            rows.append(cells(say("reasons.n_name", name=shown_name), say("reasons.no_n")))
        if name in book.carried:
            rows.append(cells(shown_name, say("reasons.carried", issue=book.carried[name])))
        if name in book.split_asked and name not in book.levels and number.status == "ok":
            rows.append(cells(say("reasons.split_name", name=shown_name), say("reasons.split", n_min=number.n_min)))
        compared = number.shown and number.statistic in ("mean", "median", "share") and not book.is_item(name)
        if book.has_peers and compared and number.peer is None:
            rows.append(cells(say("reasons.peers_name", name=shown_name), say("reasons.no_peers")))
    if not rows:
        rows = [cells(say("reasons.nothing"), say("dash"))]
    columns = (Column(say("heads.result"), width=210), Column(say("heads.reason")))
    title = block.title.say(book.language)
    return Table(book.label("table"), title, columns, tuple(rows), long=len(rows) > WHOLE, key=block.key)


TABLES: Mapping[type, Callable[..., Table | None]] = {
    HeadlineTable: headline_table,
    ResponseTable: response_table,
    LevelTable: level_table,
    ProfileTable: profile_table,
    SplitTable: split_table,
    MedianTable: median_table,
    ResultTable: result_table,
    ItemsTable: items_table,
    MethodsTable: methods_table,
    VersionsTable: versions_table,
    WithheldTable: withheld_table,
}
