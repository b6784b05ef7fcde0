"""A questionnaire to be filled in by pen: consent first, then the sections with boxes to tick and lines to write on."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fieldkit.core.instrument import Group, Questionnaire
from fieldkit.core.instrument import Section as Asked
from fieldkit.core.item import Item, Option
from fieldkit.stats.chapters import PLAIN, Builders, Sheet, chapter, filed
from fieldkit.stats.layout import Layout
from fieldkit.stats.layout_sheets import ConsentText, Definitions, Questions
from fieldkit.stats.report import (
    Blank,
    Block,
    CountyReport,
    Heading,
    Panel,
    Paragraph,
    Question,
    QuestionGrid,
)
from fieldkit.stats.skip_words import skip_words
from fieldkit.stats.wording import Wording, shown

PLACEHOLDER = re.compile("【[^】]*】")
GRID_TYPES = ("likert5", "likert")
GRID_LEAST, GRID_MOST = 2, 7  # questions, choices
SLIDER_CHOICES = 11
TEXT_LINES, LONG_TEXT_LINES = 2, 5
PERIOD = 4  # characters by which a question is seen to name its period itself


@dataclass(eq=False)
class Form(Sheet):
    """What the builders of a questionnaire on paper draw on. `numbers` are the printed numbers of the items."""

    questionnaire: Questionnaire
    facts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    long_list: bool = False
    numbers: dict[str, int] = field(default_factory=dict)

    def named(self, item_id: str) -> str:
        """What an item is called in a condition."""
        if item_id in self.numbers:
            return self.wording.say("form.question", number=self.numbers[item_id])
        item = self.questionnaire.items.get(item_id)
        return self.wording.say("skip.quoted", text=(item.label or item.text).say(self.language)) if item else item_id

    def when(self, source: str) -> str:
        """Who answers this, as a line above the question."""
        said = skip_words(source, self.questionnaire.items, self.named, self.wording)
        return self.wording.say("form.only_if", condition=said) if said else ""


def paper_form(
    *,
    layout: Layout,
    wording: Wording,
    questionnaire: Questionnaire,
    dated: datetime.date,
    consent_facts: Mapping[str, Sequence[str]] | None = None,
    wave_words: str = "",
    author: str = "",
    long_list: bool = False,
) -> CountyReport:
    """The blank questionnaire.

    `consent_facts` fill the 【names】 of the consent text, each with as many values as it stands there; without them
    they stay as they are, to be filled in by the team. With `long_list` the lists of a list experiment have their
    sensitive statement; such a questionnaire is printed in both versions.
    """
    form = Form(wording, questionnaire, consent_facts or {}, long_list)
    shown_items = [i for i in questionnaire if i.kind.shown and i.type != "note" and i not in questionnaire.opening]
    form.numbers = {item.id: at for at, item in enumerate(shown_items, 1)}
    title = questionnaire.title.say(wording.language)
    blocks: list[Block] = []
    for section in layout.sections:
        if section.generic:
            for asked in questionnaire.sections:
                blocks += chapter(form, section, BUILDERS, asked, section=asked.title.say(wording.language))
        else:
            blocks += chapter(form, section, BUILDERS, None, title=title)
    version = _version_words(form)
    facts = {"title": title, "version": questionnaire.version, "wave": wave_words, "list": version}
    return filed(
        wording,
        None,
        blocks,
        facts,
        title="page.title",
        subject="page.subject",
        author=author,
        dated=dated.isoformat(),
        simulated=_gloss(form),
    )


def has_two_lists(questionnaire: Questionnaire) -> bool:
    """Whether the questionnaire has a list experiment, so that half of the paper copies carry the longer list."""
    return any(item.type == "list_experiment" for item in questionnaire)


def _version_words(form: Form) -> str:
    if not has_two_lists(form.questionnaire):
        return ""
    return form.wording.say("form.list_b" if form.long_list else "form.list_a")


def _gloss(form: Form) -> str:
    """A language in which the questionnaire is not fielded says so on every page."""
    return "" if form.language in form.questionnaire.languages else form.wording.say("form.gloss")


def _consent(form: Form, spec: ConsentText, _: Asked | None) -> list[Block]:
    """The consent text with what the study says filled in, and the question whether the person agrees."""
    text = form.questionnaire.consent.say(form.language)
    waiting = {name: list(values) for name, values in form.facts.items()}

    def put(match: re.Match[str]) -> str:
        left = waiting.get(match[0][1:-1])
        return left.pop(0) if left else match[0]

    lines = [PLACEHOLDER.sub(put, line.strip()) for line in text.split("\n") if line.strip()]
    found: list[Block] = [Paragraph(line) for line in lines]
    if spec.form:
        found += [
            _question(form, item, number="") for item in form.questionnaire.opening if item.kind.shown and item.options
        ]
        found += [
            Question("", item.text.say(form.language), blanks=(Blank(width=220),))
            for item in form.questionnaire.opening
            if item.source
        ]
    return found


def _definitions(form: Form, spec: Definitions, _: Asked | None) -> Panel | None:
    text = form.questionnaire.introduction.say(form.language)
    return Panel(spec.title.say(form.language), text) if text else None


def _questions(form: Form, _: Questions, section: Asked | None) -> list[Block]:
    """The questions of a section in order; neighbours with the same choices become one grid."""
    assert section is not None
    language, say = form.language, form.wording.say
    found: list[Block] = []
    words = [section.introduction.say(language)]
    if section.recall:
        words.append(say("form.recall", recall=section.recall.say(language)))
    if section.repeat:
        words.append(say("form.repeat", least=section.repeat[0], most=section.repeat[1]))
    words.append(form.when(section.relevance))
    if any(words):
        found.append(Paragraph("\n".join(line for line in words if line), note=True))  # one block: it leads in
    opened: set[str] = set()
    for run in _runs(section):
        for group in section.around(run[0].id):
            if group.id not in opened:
                opened.add(group.id)
                found += _group_head(form, group)
        if len(run) >= GRID_LEAST:
            found.append(_grid(form, run, section))
        else:
            found += [_one(form, item, section) for item in run]
    return found


def _group_head(form: Form, group: Group) -> Iterator[Block]:
    language, say = form.language, form.wording.say
    if group.title:
        yield Heading(f"group.{group.id}", group.title.say(language), 3)
    lines = [
        group.introduction.say(language),
        say("form.recall", recall=group.recall.say(language)) if group.recall else "",
        say("form.repeat", least=group.repeat[0], most=group.repeat[1]) if group.repeat else "",
        form.when(group.relevance),
    ]
    if any(lines):
        yield Paragraph("\n".join(line for line in lines if line), note=True)


def _runs(section: Asked) -> Iterator[list[Item]]:
    """Items in order, those that can share a grid together."""
    run: list[Item] = []
    for item in (i for i in section.items if i.kind.shown):
        if run and not _joins(run[-1], item, section):
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _joins(one: Item, other: Item, section: Asked) -> bool:
    def alike(item: Item) -> object:
        return (
            tuple((o.code, o.text) for o in item.options),
            item.relevance,
            item.missing,
            item.recall,
            tuple(g.id for g in section.around(item.id)),
        )

    matrix = any(g.matrix for g in section.around(one.id))
    plain = all((i.type in GRID_TYPES or (matrix and i.type == "single")) and not i.hint for i in (one, other))
    return plain and alike(one) == alike(other) and len(one.options) <= GRID_MOST


def _reasons(form: Form, item: Item) -> tuple[str, ...]:
    return tuple(form.wording.say(f"form.{reason}") for reason in item.missing)


def _grid(form: Form, items: Sequence[Item], section: Asked) -> QuestionGrid:
    first = items[0]
    heads = tuple(o.text.say(form.language) for o in first.options if not o.missing)
    rows = tuple((str(form.numbers[i.id]), i.text.say(form.language)) for i in items)
    return QuestionGrid(heads, _reasons(form, first), rows, _when(form, first, section), _hints(form, first, section))


def _when(form: Form, item: Item, section: Asked | None) -> str:
    """Who answers an item, unless its section has said so already."""
    return "" if section is not None and item.relevance == section.relevance else form.when(item.relevance)


def _hints(form: Form, item: Item, section: Asked | None) -> tuple[str, ...]:
    language, say = form.language, form.wording.say
    recall = item.recall.say(language) if item.recall and (section is None or item.recall != section.recall) else ""
    recall = "" if recall[:PERIOD] in item.text.say(language) else recall
    lines = [
        item.hint.say(language),
        say("form.recall", recall=recall) if recall and item.kind.answered and item.kind.value != "code" else "",
    ]
    if item.type == "multi":
        lines.append(say("form.most", most=item.most) if item.most else say("form.several"))
    if item.type == "rank":
        lines.append(say("form.rank_most", most=item.most) if item.most else say("form.rank"))
    if item.choice_filter:
        lines.append(say("form.filtered"))
    if item.random_order:
        lines.append(say("form.random"))
    if item.randomised and not item.hint:  # else the study says itself how chance decides
        key = f"form.{item.randomised.design}"
        truth, yes = 100 * item.randomised.truth, 100 * item.randomised.yes
        facts = {"truth": shown(truth, 0), "rest": shown(100 - truth - yes, 0), "yes": shown(yes, 0)}
        lines.append(say(key, **facts))
    if item.type == "list_experiment":
        lines.append(say("form.count_list"))
    return tuple(line for line in lines if line)


def _one(form: Form, item: Item, section: Asked) -> Block:
    if item.type == "note":
        when = form.when(item.relevance)
        return Paragraph(f"{when}{item.text.say(form.language)}")
    return _question(form, item, section=section)


def _option(form: Form, option: Option) -> str:
    text = option.text.say(form.language)
    if option.exclusive and not option.missing:
        text += form.wording.say("form.exclusive")
    return text


def _question(form: Form, item: Item, *, number: str | None = None, section: Asked | None = None) -> Question:
    """One question with what its type needs on paper."""
    say, language = form.wording.say, form.language
    kind = item.kind.value
    choices: tuple[str, ...] = ()
    blanks: tuple[Blank, ...] = ()
    lines = 0
    mark = "circle"
    poles = ("", "")
    options = [o for o in item.options if not o.missing]
    from_options = tuple(_option(form, o) for o in item.options if o.missing)
    reasons = from_options or _reasons(form, item)
    if item.type == "list_experiment":
        listed = [o for o in options if form.long_list or not o.sensitive]
        choices = tuple(o.text.say(language) for o in listed)
        mark = "none"
        blanks = (Blank(say("form.how_many"), 50, say("form.statements")),)
    elif item.type == "bipolar7":
        poles = item.left.say(language), item.right.say(language)
        choices = tuple(shown(o.code, 0) for o in options)
    elif item.type == "acknowledge":
        mark, choices = "square", (options[0].text.say(language) if options else say("form.acknowledged"),)
    elif kind in ("code", "codes", "order"):
        mark = {"code": "circle", "codes": "square", "order": "place"}[kind]
        choices = tuple(_option(form, o) for o in options)
    elif kind == "number":
        choices, blanks = _number(form, item)
    elif kind == "text":
        lines = LONG_TEXT_LINES if item.type == "long_text" or (item.high or 0) > 100 else TEXT_LINES
    elif kind == "date":
        blanks = tuple(
            Blank("", wide, say(f"form.{part}")) for part, wide in (("year", 54), ("month", 34), ("day", 34))
        )
    elif kind == "point":
        blanks = (Blank(say("form.where"), 200),)
    elif kind == "media":
        blanks = (Blank(say("form.kept_as"), 160),)
    elif kind == "time":
        blanks = tuple(Blank("", 34, say(f"form.{part}")) for part in ("hour", "minute"))
    return Question(
        number=str(form.numbers.get(item.id, "")) if number is None else number,
        text=item.text.say(language),
        when=_when(form, item, section),
        hints=_hints(form, item, section),
        mark=mark,
        choices=choices,
        blanks=blanks,
        lines=lines,
        reasons=reasons,
        poles=poles,
        code=item.id,
    )


def _number(form: Form, item: Item) -> tuple[tuple[str, ...], tuple[Blank, ...]]:
    """A line for a number with its unit; a slider with few places as choices in a row."""
    low, high, step = item.low, item.high, item.smallest
    if item.type == "slider" and low is not None and high is not None and step:
        count = round((high - low) / step) + 1
        if count <= SLIDER_CHOICES:
            return tuple(shown(low + n * step, item.places if step % 1 else 0) for n in range(count)), ()
    unit = item.unit.say(form.language)
    if item.type == "percentage" and not unit:
        unit = "%"
    if item.type == "slider" and low is not None and high is not None:
        unit += form.wording.say("form.range", low=shown(low, 0), high=shown(high, 0))
    return (), (Blank("", 96, unit),)


BUILDERS: Builders = {**PLAIN, ConsentText: _consent, Definitions: _definitions, Questions: _questions}
