"""Chapters of a report from the sections of a layout: what has nothing to say drops out, the rest is numbered."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from fieldkit.core.instrument import Questionnaire
from fieldkit.core.wave import Wave
from fieldkit.stats.layout import FixedList, FixedPanel, Section, Sentences, Title
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


def chapter(
    book: Teller, section: Section, builders: Builders, /, *arguments: Any, **facts: object
) -> tuple[Block, ...]:
    """One chapter with its number; nothing where its blocks have nothing to say.

    `facts` fill the {names} in its title; `arguments` go to every builder after the block.
    """
    number = ""
    before = dict(book.counters)
    if section.numbered:
        number = book.label("chapter")
        book.counters["heading"] = 0
    body: list[Block] = []
    for at, spec in enumerate(section.blocks):
        if isinstance(spec, Title):
            own = spec.number
            if not own and number and spec.level == 2 and spec.numbered:
                book.counters["heading"] += 1
                own = f"{number}.{book.counters['heading']}"
            body.append(Heading(f"{section.key}.{at}", spec.title.say(book.language), spec.level, own))
            continue
        build = builders[type(spec)]
        built = build(book, spec) if type(spec) in PLAIN else build(book, spec, *arguments)
        if built is None:
            continue
        body += built if isinstance(built, Sequence) else [built]
    kept = [b for i, b in enumerate(body) if not _empty_head(body, i)]
    if not kept:
        book.counters.update(before)
        return ()
    title = section.title.say(book.language)
    return Chapter(section.key, title.format_map(facts) if facts else title, number, section.new_page), *kept


def _empty_head(body: Sequence[Block], at: int) -> bool:
    """A head with nothing under it."""
    return isinstance(body[at], Heading) and (
        at + 1 == len(body) or (isinstance(body[at + 1], Heading) and body[at + 1].level <= body[at].level)  # type: ignore[union-attr]
    )


def for_team(
    wording: Wording,
    wave: Wave,
    questionnaire: Questionnaire,
    blocks: Sequence[Block],
    *,
    dated: datetime.date,
    name: str,
    facts: Mapping[str, object],
    fieldwork: str,
    line: tuple[str, str],
    simulated: bool,
    province: str = "",
) -> CountyReport:
    """Bind chapters into a report for the research team: cover, footer and what the file says about itself.

    `name` stands large on the cover, `line` is what the cover says of this kind of report beside fieldwork, team,
    version and day; `facts` fill the title and the footer.
    """
    say = wording.say
    label = say("cover.simulated") if simulated else ""
    asked, title = sum(1 for _ in questionnaire), questionnaire.title.say(wording.language)
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
            (say("cover.dated"), wording.day(dated)),
        ),
        box=say("cover.box"),
        simulated=label,
    )
    return CountyReport(
        language=wording.language,
        cover=cover,
        blocks=tuple(blocks),
        results=(),
        footer=say("page.footer", **facts),
        page_words=say("page.numbers", page="{page}", pages="{pages}"),
        contents_words=say("page.contents"),
        title=say("cover.title", **facts),
        subject=say("page.subject", **facts),
        author=wave.study.team,
        keywords=say("page.keywords"),
        dated=dated.isoformat(),
        simulated=label,
    )
