"""Chapters of a report from the sections of a layout: what has nothing to say drops out, the rest is numbered."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from fieldkit.core.instrument import Questionnaire
from fieldkit.core.wave import Wave
from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.layout import Findings, FixedList, FixedPanel, Section, Sentences, Title
from fieldkit.stats.report import Block, Chapter, CountyReport, Cover, Heading, Numbered, Panel, Paragraph
from fieldkit.stats.wording import Wording


class Teller(Protocol):
    """What every builder of blocks draws on: words, and the numbers of figures, tables and chapters."""

    @property
    def wording(self) -> Wording: ...

    @property
    def language(self) -> str: ...

    @property
    def counters(self) -> dict[str, int]: ...

    def label(self, kind: str) -> str: ...


class Numbers(Teller, Protocol):
    """One that also knows what the questionnaire has."""

    def has(self, name: str) -> bool: ...


@dataclass(eq=False)
class Sheet:
    """The least a report needs that has no numbers of a county: its words and its counters."""

    wording: Wording
    counters: dict[str, int] = field(
        default_factory=lambda: {"figure": 0, "table": 0, "chapter": 0, "heading": 0}, kw_only=True
    )

    @property
    def language(self) -> str:
        """The report's language."""
        return self.wording.language

    def label(self, kind: str) -> str:
        """The next number of its kind: 图1, 表1."""
        self.counters[kind] += 1
        return self.wording.say(f"page.{kind}", number=self.counters[kind])


Builders = Mapping[type, Callable[..., Block | Sequence[Block] | None]]


def fixed_list(book: Teller, spec: FixedList) -> Numbered:
    """A numbered list of fixed words."""
    return Numbered(book.wording.lines(spec.text))


def fixed_panel(book: Teller, spec: FixedPanel) -> Panel:
    """Fixed words set apart."""
    return Panel(spec.title.say(book.language), book.wording.fixed(spec.text))


def fixed_sentences(book: Teller, spec: Sentences) -> Paragraph | None:
    """A paragraph of fixed words: in reports without numbers of a county only {fixed: …} can be said."""
    said = [book.wording.fixed(name) for say in spec.say if say.what == "fixed" for name in say.of[:1]]
    return Paragraph("".join(said), spec.note) if said else None


PLAIN: Builders = {FixedList: fixed_list, FixedPanel: fixed_panel, Sentences: fixed_sentences}


def chapters(book: Numbers, sections: Iterable[Section], builders: Builders) -> tuple[Block, ...]:
    """Every chapter that the questionnaire has something for, one after the other."""
    there = (one for one in sections if not one.needs or any(book.has(name) for name in one.needs))
    return tuple(block for section in there for block in chapter(book, section, builders))


def chapter(
    book: Teller, section: Section, builders: Builders, /, *arguments: Any, **facts: object
) -> tuple[Block, ...]:
    """One chapter with its number; nothing where its blocks have nothing to say.

    `facts` fill the {names} in its title; `arguments` go to every builder after the block, the plain ones excepted.
    """
    number = ""
    before = dict(book.counters)
    if section.numbered:
        number = book.label("chapter")
        book.counters["heading"] = 0
    body: list[Block] = []
    for at, spec in enumerate(section.blocks):
        if isinstance(spec, Title):
            body.append(_title(book, section, spec, number, at))
            continue
        build = builders[type(spec)]
        built = build(book, spec) if type(spec) in PLAIN else build(book, spec, *arguments)
        if built is not None:
            body += built if isinstance(built, Sequence) else [built]
        elif isinstance(spec, Findings) and body and isinstance(body[-1], Heading):
            body.pop()  # what follows is not a finding
    kept = _with_something_under(body)
    if not kept:
        book.counters.update(before)
        return ()
    if not section.title:
        return kept
    title = section.title.say(book.language)
    return Chapter(section.key, title.format_map(facts) if facts else title, number, section.new_page), *kept


def _title(book: Teller, section: Section, spec: Title, chapter: str, at: int) -> Heading:
    number = spec.number
    if not number and chapter and spec.level == 2 and spec.numbered:
        book.counters["heading"] += 1
        number = f"{chapter}.{book.counters['heading']}"
    return Heading(f"{section.key}.{at}", spec.title.say(book.language), spec.level, number)


def _with_something_under(body: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks without heads that have nothing under them."""
    kept: list[Block] = []
    for block in reversed(body):
        level = block.level if isinstance(block, Heading) else 0
        bare = not kept or (isinstance(kept[-1], Heading) and kept[-1].level <= level)
        if not (level and bare):
            kept.append(block)
    return tuple(reversed(kept))


def bound(
    wording: Wording,
    wave: Wave,
    questionnaire: Questionnaire,
    blocks: Sequence[Block],
    *,
    dated: datetime.date,
    name: str,
    line: tuple[str, str],
    fieldwork: str,
    simulated: bool,
    province: str = "",
    edition: int = 0,
    results: Sequence[Disclosed] = (),
    told: Sequence[tuple[str, str]] = (),
    decimals: Sequence[tuple[str, int]] = (),
    **facts: object,
) -> CountyReport:
    """Bind the chapters of a wave's report: cover, footer and what the file says about itself.

    `name` stands large on the cover, `line` is what the cover says of this kind of report beside fieldwork, team,
    version and day; the day carries the number of the `edition` where there are several. `facts` fill title and footer
    beside name, wave, version and date. `told`, `results` and `decimals` go into the files of an issued report.
    """
    say = wording.say
    label = say("cover.simulated") if simulated else ""
    day, asked, title = wording.day(dated), sum(1 for _ in questionnaire), questionnaire.title.say(wording.language)
    facts = {"county": name, "wave": wave.number, "version": questionnaire.version, "date": day, **facts}
    version = say("cover.version_value", version=questionnaire.version, questionnaire=title, items=asked)
    cover = Cover(
        county=name,
        province=province,
        title=say("cover.heading", **facts),
        lines=(
            (say("cover.fieldwork"), fieldwork),
            (say("cover.team"), wave.study.team),
            (say("cover.version"), version),
            line,
            (say("cover.dated"), say("cover.dated_value", date=day, edition=edition) if edition else day),
        ),
        box=say("cover.box"),
        simulated=label,
    )
    return filed(
        wording,
        cover,
        blocks,
        facts,
        title="cover.title",
        subject="page.subject",
        author=wave.study.team,
        dated=dated.isoformat(),
        simulated=label,
        results=tuple(results),
        facts=tuple(told),
        decimals=tuple(decimals),
    )


def filed(
    wording: Wording,
    cover: Cover | None,
    blocks: Sequence[Block],
    says: Mapping[str, object],
    *,
    title: str,
    subject: str,
    results: tuple[Disclosed, ...] = (),
    **more: Any,
) -> CountyReport:
    """The finished report; `says` fills the words of its footer, title and subject (keys of the wording)."""
    say = wording.say
    return CountyReport(
        language=wording.language,
        cover=cover,
        blocks=tuple(blocks),
        results=results,
        footer=say("page.footer", **says),
        page_words=say("page.numbers", page="{page}", pages="{pages}"),
        contents_words=say("page.contents") if cover else "",
        title=say(title, **says),
        subject=say(subject, **says),
        keywords=say("page.keywords"),
        **more,
    )
