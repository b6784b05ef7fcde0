"""Everything known about one county when its report is written: disclosed numbers, names, and how they are set."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fieldkit.core.instrument import Indicator, Questionnaire
from fieldkit.core.item import Item
from fieldkit.core.place import Place
from fieldkit.core.text import Text
from fieldkit.core.wave import Wave
from fieldkit.stats.disclose import Disclosed, Part
from fieldkit.stats.frame import Frame
from fieldkit.stats.layout import Layout, Line, Lines, RowFigure
from fieldkit.stats.report import Row
from fieldkit.stats.results import decimals_of
from fieldkit.stats.technical import Technical
from fieldkit.stats.waves import WaveComparison
from fieldkit.stats.wording import Wording

WITHHELD = ("suppressed_unanimous", "suppressed_refused", "suppressed_complement")


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One line of the record of versions: what, which version, when, what changed."""

    part: str
    version: str
    date: str = ""
    change: str = ""


@dataclass(eq=False)
class Book:
    """What the builders of blocks draw on. `used` collects the ids that were printed, in order."""

    layout: Layout
    wording: Wording
    county: Place
    wave: Wave
    frame: Frame
    questionnaire: Questionnaire
    indicators: Mapping[str, Indicator]
    numbers: Mapping[str, Disclosed]
    dated: datetime.date
    levels: Mapping[str, tuple[Disclosed, Disclosed]] = field(default_factory=dict)
    gates: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    edition: int = 1
    has_peers: bool = False
    province: str = ""
    changes: Sequence[VersionLine] = ()
    titles: Mapping[str, Text] = field(default_factory=dict)
    carried: Mapping[str, int] = field(default_factory=dict)  # numbers that stand as an earlier issue printed them
    waves: WaveComparison | None = None
    technical: Technical | None = None
    groups_shown: tuple[str, ...] = ("upper", "lower")
    workplaces: tuple[int, int] | None = None  # how many work at the upper and at the lower level
    used: dict[str, None] = field(default_factory=dict)
    split_asked: dict[str, None] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=lambda: {"figure": 0, "table": 0, "chapter": 0, "heading": 0})

    @property
    def language(self) -> str:
        """The report's language."""
        return self.wording.language

    def has(self, name: str) -> bool:
        """Whether this questionnaire has the indicator or item."""
        return name in self.numbers

    def number(self, name: str) -> Disclosed:
        """The disclosed number, noted as printed."""
        self.used[name] = None
        return self.numbers[name]

    def lines(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """The rows that this questionnaire has."""
        return tuple(line for line in lines if self.has(line.id))

    def groups(self, groups: Sequence[Lines]) -> tuple[tuple[str, tuple[Line, ...]], ...]:
        """The groups that have rows left, each with its head in words."""
        found = [(g.head.say(self.language), self.lines(g.lines)) for g in groups]
        return tuple((head, lines) for head, lines in found if lines)

    def label(self, kind: str) -> str:
        """The next number of its kind: 图1, 表1."""
        label = self.next_label(kind)
        self.counters[kind] += 1
        return label

    def next_label(self, kind: str) -> str:
        """The number that the next of its kind will carry."""
        return self.wording.say(f"page.{kind}", number=self.counters[kind] + 1)

    @property
    def draws_marks(self) -> bool:
        """Whether any figure of this questionnaire's report draws dots, intervals, quartiles or rings."""
        blocks = (block for section in self.layout.sections for block in section.blocks)
        return any(isinstance(block, RowFigure) and self.groups(block.groups) for block in blocks)

    # names

    def name(self, name: str) -> str:
        """The indicator's name as printed; sensitive scales have a neutral one."""
        indicator = self.indicators[name]
        return (indicator.print_name or indicator.title).say(self.language)

    def is_item(self, name: str) -> bool:
        """Whether this is an item printed as it was answered."""
        return name in self.questionnaire.items

    @property
    def filed(self) -> tuple[str, ...]:
        """The names of the numbers that the county's file holds.

        Single items are printed and not filed. Sensitive numbers that are suppressed are left out altogether
        (pitfalls 8).
        """
        return tuple(
            name
            for name, number in self.numbers.items()
            if not self.is_item(number.indicator)
            and (number.shown or number.bound or not self.indicators[number.indicator].sensitive)
        )

    @property
    def told(self) -> tuple[str, ...]:
        """Every indicator that a reader meets, on a page or in the file; the annexes explain these."""
        told = {*self.used, *self.filed}
        return tuple(name for name in self.indicators if name in told)

    def item_of(self, name: str) -> Item | None:
        """The one item behind a distribution."""
        items = self.indicators[name].items
        return self.questionnaire.items[items[0]] if len(items) == 1 else None

    def row_label(self, line: Line) -> str:
        """The words of a row."""
        return line.label.say(self.language) or self.name(line.id)

    def option(self, name: str, code: int) -> str:
        """What a code means."""
        options = self.indicators[name].options
        item = self.item_of(name)
        if not options and item:
            options = item.options
        found = next((o for o in options if o.code == code), None)
        if found is None:  # whole values, such as how many sources
            return self.wording.say("marks.amount", x=code, unit=self.unit(name))
        return found.text.say(self.language)

    def part(self, name: str, part: Part) -> str:
        """What one printed step of a distribution stands for."""
        if part.other and len(part.codes) > 1:
            return self.wording.say("marks.other")
        return self.wording.listed([self.option(name, code) for code in part.codes])

    def unit(self, name: str) -> str:
        """The unit of counts and hours."""
        return self.indicators[name].unit.say(self.language)

    # numbers set for print

    def decimals(self, number: Disclosed) -> int:
        """How many decimal places are printed."""
        return decimals_of(self.indicators[number.indicator], number.statistic)

    def value(self, number: Disclosed) -> str:
        """The value as printed; a dash where nothing may be."""
        say = self.wording
        percent = number.statistic in ("share", "ratio")
        if number.bound:
            return say.bound(number.bound, percent=percent)
        if number.value is None:
            return say.say("dash")
        if percent:
            text = say.percent(number.value)
            return say.say("marks.about", x=text) if number.coarse else text
        return say.number(number.value, self.decimals(number))

    def interval(self, number: Disclosed) -> str:
        """The 95 % interval of a mean, share or ratio, the quartiles of a median."""
        low, high = (number.q1, number.q3) if number.statistic == "median" else (number.lo, number.hi)
        if not number.shown or low is None or high is None:
            return self.wording.say("dash")
        return self.wording.span(low, high, self.decimals(number))

    def count(self, number: Disclosed) -> str:
        """The number of valid respondents, or why there is none."""
        if number.status == "suppressed_n":
            return self.wording.say("marks.few", n_min=number.n_min)
        if number.status in WITHHELD:
            return self.wording.say("marks.withheld")
        return self.wording.say("dash") if number.n is None else str(number.n)

    def chart_interval(self, number: Disclosed) -> str:
        """The interval beside a chart; empty where the value itself is not printed."""
        return self.interval(number) if number.shown or number.bound else ""

    def row(self, line: Line, number: Disclosed, label: str = "") -> Row:
        """One row of a chart; a question with two poles carries their words."""
        item = self.item_of(line.id)
        poles = item if item is not None and item.type == "bipolar7" and number.statistic == "mean" else None
        return Row(
            label=label or self.row_label(line),
            number=number,
            value=self.value(number),
            interval=self.chart_interval(number),
            count=self.count(number),
            code=line.id,
            sub=line.sub.say(self.language),
            strong=line.strong and not number.group,
            left=poles.left.say(self.language) if poles else "",
            right=poles.right.say(self.language) if poles else "",
        )

    def peer_value(self, number: Disclosed) -> str:
        """The peers' reference as printed."""
        if number.peer is None:
            return self.wording.say("dash")
        if number.statistic == "share":
            return self.wording.percent(number.peer.value)
        return self.wording.number(number.peer.value, self.decimals(number))

    # what stands beside the main results

    BESIDE = "heads.peers"
    SPLITS = True  # whether the two levels can be told of at all

    def beside(self, number: Disclosed) -> str:
        """The column beside a main result: the peers' reference."""
        return self.peer_value(number)

    def beside_notes(self, numbers: Sequence[Disclosed]) -> list[str]:
        """What the column beside the main results does not hold."""
        if not self.has_peers:
            return [self.wording.say("sentences.no_peers")]
        return [self.wording.say("notes.no_peer_one")] if any(n.peer is None for n in numbers) else []

    def left_out(self, number: Disclosed) -> int | None:
        """How many of the analysed are not in this number; None where that cannot be said."""
        return None if number.n is None else self.frame.n_analysed - number.n

    # what stands under figures and tables

    @property
    def last_day(self) -> datetime.date:
        """The last day of fieldwork that can be in this report: an open wave goes on after it."""
        return max(self.wave.opens_on, min(self.wave.closes_on, self.dated))

    @property
    def fieldwork(self) -> str:
        """The days of fieldwork in words."""
        return self.wording.days(self.wave.opens_on, self.last_day)

    def source(self, names: Sequence[str], items: Sequence[str] = ()) -> str:
        """Which indicators and items stand above, and when the answers were given."""
        own = [n for n in names if not self.is_item(n)]
        raw = [*(n for n in names if self.is_item(n)), *items]
        facts = {
            "indicators": self.wording.listed(own),
            "items": self.wording.listed(self.runs(raw)),
            "fieldwork": self.fieldwork,
        }
        key = "source_both" if own and raw else "source" if own else "source_items"
        return self.wording.say(f"notes.{key}", **facts)

    def runs(self, ids: Sequence[str]) -> list[str]:
        """Ids with numbered neighbours drawn together: bur_pb1, bur_pb2, bur_pb3 is bur_pb1至bur_pb3."""
        groups: list[list[str]] = []
        for one in dict.fromkeys(ids):
            if groups and _follows(groups[-1][-1], one):
                groups[-1].append(one)
            else:
                groups.append([one])
        found: list[str] = []
        for group in groups:
            if len(group) > 2:
                found.append(self.wording.say("marks.codes", first=group[0], last=group[-1]))
            else:
                found += group
        return found

    def why_missing(self, numbers: Sequence[Disclosed]) -> list[str]:
        """Notes on what is not printed in one figure or table."""
        say = self.wording.say
        notes: list[str] = []
        for n_min in sorted({n.n_min for n in numbers if n.status == "suppressed_n"}):
            notes.append(say("notes.suppressed", n_min=n_min))
        if any(n.status in WITHHELD for n in numbers):
            notes.append(say("notes.withheld"))
        if any(n.bound.startswith(">") and n.statistic == "share" for n in numbers):
            notes.append(say("notes.masked_high"))
        if any(n.bound.startswith("<") and n.statistic == "share" for n in numbers):
            notes.append(say("notes.masked_low"))
        if any(n.coarse and n.status == "ok" for n in numbers):
            notes.append(say("notes.coarse"))
        elif any(n.n is None and n.status in ("ok", "masked_extreme", "masked_tail") for n in numbers):
            notes.append(say("notes.no_n"))
        old = dict.fromkeys(n.indicator for n in numbers if n.indicator in self.carried and not n.group)
        if old:
            issues = sorted({self.carried[name] for name in old})
            names = self.wording.listed([self.name(name) for name in old])
            notes.append(say("notes.carried", names=names, issue=self.wording.listed([str(i) for i in issues])))
        return notes

    def peers_note(self, numbers: Sequence[Disclosed], *, medians: bool = False) -> list[str]:
        """What the rings are: how many counties, and their values."""
        compared = [n for n in numbers if n.peer and not n.group]
        if not compared:
            return []
        counties = {n.peer.counties for n in compared if n.peer}
        if len(counties) == 1 and len(compared) == 1:
            key = "peers_median" if medians else "peers_mean"
            return [self.wording.say(f"notes.{key}", counties=counties.pop(), values=self.peer_value(compared[0]))]
        each = [
            self.wording.say(
                "notes.peer_value" if len(counties) == 1 else "notes.peer_value_counties",
                name=self.name(n.indicator),
                value=self.peer_value(n),
                counties=n.peer.counties if n.peer else 0,
            )
            for n in compared
        ]
        values = self.wording.say("comma").join(each)
        if len(counties) == 1:
            key = "peers_medians" if medians else "peers_means"
            return [self.wording.say(f"notes.{key}", counties=counties.pop(), values=values)]
        return [self.wording.say("notes.peers_varied", values=values)]

    def draft_note(self, names: Sequence[str]) -> list[str]:
        """Scales that are still on trial say so."""
        scales = [n for n in names if self.indicators[n].kind == "scale"]
        return [self.wording.say("notes.draft")] if scales and self.questionnaire.status == "draft" else []


_TAIL = re.compile(r"(.*?)(\d+)\Z")


def _follows(one: str, other: str) -> bool:
    a, b = _TAIL.match(one), _TAIL.match(other)
    return bool(a and b and a.group(1) == b.group(1) and int(b.group(2)) == int(a.group(2)) + 1)
