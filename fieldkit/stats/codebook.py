"""The codebook of a questionnaire version: items with codes and conditions, constructs with sources, formulas."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from fieldkit.core.instrument import INDICATOR_KINDS, Indicator, Module, Questionnaire
from fieldkit.core.instrument import Section as Asked
from fieldkit.core.item import MISSING_REASONS, Item
from fieldkit.stats.chapters import PLAIN, Builders, Sheet, chapter, filed
from fieldkit.stats.layout import Layout
from fieldkit.stats.layout_sheets import AboutTable, ConstructList, FormulaTable, ItemCards, MissingTable
from fieldkit.stats.report import Block, Cell, Column, CountyReport, Cover, Heading, Paragraph, Table
from fieldkit.stats.skip_words import skip_words
from fieldkit.stats.wording import Wording, shown

HASH_SHOWN = 16
OPTIONS_SHOWN = 60  # a list of all counties is named, not printed


@dataclass(eq=False)
class Codes(Sheet):
    """What the builders of a codebook draw on."""

    questionnaire: Questionnaire
    modules: Sequence[Module] = field(default_factory=tuple)

    def when(self, source: str) -> str:
        """The condition in words; items go by their ids, which are the columns of the data."""
        return skip_words(source, self.questionnaire.items, lambda one: one, self.wording)

    def listed(self, things: Sequence[str]) -> str:
        """Several things in one run."""
        return self.wording.listed(list(things))


def codebook(
    *,
    layout: Layout,
    wording: Wording,
    questionnaire: Questionnaire,
    modules: Sequence[Module] = (),
    dated: datetime.date,
) -> CountyReport:
    """The finished codebook; `modules` are those that the questionnaire draws from."""
    codes = Codes(wording, questionnaire, modules)
    language = wording.language
    blocks: list[Block] = []
    for section in layout.sections:
        if not section.generic:
            blocks += chapter(codes, section, BUILDERS, None)
        elif any(isinstance(block, ConstructList) for block in section.blocks):
            for module in modules:
                blocks += chapter(codes, section, BUILDERS, module, module=module.title.say(language))
        else:
            for asked in questionnaire.sections:
                blocks += chapter(codes, section, BUILDERS, asked, section=asked.title.say(language))
    title, say = questionnaire.title.say(language), wording.say
    facts = {"title": title, "version": questionnaire.version, "date": wording.day(dated)}
    items = sum(1 for item in questionnaire if item.kind.answered)
    cover = Cover(
        county=say("cover.heading"),
        province="",
        title=title,
        lines=(
            (say("cover.version"), say("cover.version_value", **facts, id=questionnaire.id)),
            (say("cover.items"), say("cover.items_value", items=items, indicators=len(questionnaire.indicators))),
            (say("cover.hash"), questionnaire.hash[:HASH_SHOWN]),
            (say("cover.dated"), wording.day(dated)),
        ),
        box=say("cover.box"),
    )
    return filed(
        wording, cover, blocks, facts, title="page.title", subject="page.title", author="", dated=dated.isoformat()
    )


def _about(codes: Codes, spec: AboutTable, _: object) -> Table:
    say, questionnaire = codes.wording.say, codes.questionnaire
    languages = [_known(codes, f"languages.{one}") for one in questionnaire.languages]
    rows = [
        (Cell(say("about.questionnaire")), Cell(questionnaire.title.say(codes.language), questionnaire.id)),
        (Cell(say("about.version")), Cell(questionnaire.version)),
        (Cell(say("about.status")), Cell(say(f"status.{questionnaire.status}"))),
        (Cell(say("about.languages")), Cell(codes.listed(languages))),
        (Cell(say("about.hash")), Cell(questionnaire.hash, code=True)),
    ]
    for module in codes.modules:
        rows.append((Cell(say("about.module", module=module.id, version=module.version)), Cell(_source(codes, module))))
    columns = (Column(say("heads.part"), width=132), Column(say("heads.what")))
    title = spec.title.say(codes.language)
    return Table(codes.label("table"), title, columns, tuple(rows), long=True, key=spec.key)


def _source(codes: Codes, module: Module) -> str:
    """The module's name and its paper."""
    title = module.title.say(codes.language)
    paper = _title(module)
    return codes.wording.say("about.module_source", title=title, paper=paper) if paper else title


def _title(module: Module) -> str:
    """The paper's title, where the bank knows it."""
    title = module.paper.get("title", "")
    return "" if "not given" in title else title


def answers(codes: Codes, item: Item) -> str:
    """Options with their codes, or the range, as they stand in the data."""
    say, language = codes.wording.say, codes.language
    kind = item.kind.value
    if item.type == "bipolar7":
        return say("answers.bipolar", left=item.left.say(language), right=item.right.say(language))
    if item.source and not item.options:
        return say("answers.from_wave")
    if item.options and kind != "none":
        if len(item.options) > OPTIONS_SHOWN:
            first, last = item.options[0], item.options[-1]
            return say("answers.many", count=len(item.options), first=first.code, last=last.code)
        each = [
            say(
                "answers.missing" if o.missing else "answers.option",
                code=o.code,
                text=o.text.say(language),
                reason=say(f"missing.{o.missing}") if o.missing else "",
            )
            for o in item.options
        ]
        return "\n".join(each)
    if kind == "number":
        low = shown(item.low, 0) if item.low is not None else ""
        high = shown(item.high, 0) if item.high is not None else ""
        key = "answers.whole" if item.kind.whole else "answers.number"
        text = say(key, low=low, high=high) if low or high else say(f"{key}_open")
        return text + (say("answers.unit", unit=item.unit.say(language)) if item.unit else "")
    if kind == "text":
        return say("answers.text", most=shown(item.high or 0, 0)) if item.high else say("answers.text_open")
    if kind == "computed":
        return say("answers.computed", expression=item.calculation)
    return say(f"answers.{kind}")


def _properties(codes: Codes, item: Item) -> str:
    """When an item is asked, and what to know when it is analysed."""
    say = codes.wording.say
    found = []
    if item.relevance:
        found.append(say("items.when", condition=codes.when(item.relevance)))
    found += [say(f"items.{name}") for name in ("reverse", "sensitive") if getattr(item, name)]
    if item.required != "no":
        found.append(say("items.required"))
    if item.constraint:
        found.append(say("items.constraint", expression=item.constraint.expression))
    return "\n".join(found)


def _cards(codes: Codes, spec: ItemCards, asked: Asked | None) -> list[Block]:
    assert asked is not None
    say, language = codes.wording.say, codes.language
    found: list[Block] = []
    if asked.relevance:
        found.append(Paragraph(say("items.section_when", condition=codes.when(asked.relevance)), note=True))
    opening = codes.questionnaire.opening if asked is codes.questionnaire.sections[0] else ()
    rows = tuple(
        (
            Cell(item.id, code=True),
            Cell(item.text.say(language), say(f"types.{item.type}")),
            Cell(answers(codes, item)),
            Cell(_properties(codes, item)),
        )
        for item in (*opening, *asked.items)
    )
    columns = (
        Column(say("heads.id"), width=76),
        Column(say("heads.item"), width=168),
        Column(say("heads.codes")),
        Column(say("heads.conditions"), width=96),
    )
    title = spec.title.say(language)
    found.append(Table(codes.label("table"), title, columns, rows, long=True, key=f"{spec.key}.{asked.id}"))
    return found


def _constructs(codes: Codes, spec: ConstructList, module: Module | None) -> list[Block]:
    """The constructs of which something is asked, each with where it comes from."""
    assert module is not None
    say, language = codes.wording.say, codes.language
    found: list[Block] = []
    if _title(module):
        found.append(Paragraph(say("constructs.paper", **_paper(codes, module)), note=True))
    here = [c for c in module.constructs if any(i.id in codes.questionnaire.items for i in c.items)]
    for construct in here:
        found.append(Heading(f"construct.{construct.id}", construct.title.say(language), 3))
        asked = [i.id for i in construct.items if i.id in codes.questionnaire.items]
        own = f"definitions.{module.id}.{construct.id}"
        ours = codes.wording.has(own)  # words of this language for a module that is written in English
        found.append(Paragraph(say(own) if ours else construct.definition))
        lines = []
        if construct.quotation:
            key = "constructs.quotation_in" if construct.section else "constructs.quotation"
            lines.append(say(key, words=construct.quotation[: spec.quotation], section=construct.section))
        lines.append(say("constructs.items", construct=construct.id, items=codes.listed(asked)))
        model, level = (_known(codes, key) for key in (f"models.{construct.model}", f"levels.{construct.level}"))
        about = [x for x in (model, "" if ours else construct.measurement, level) if x]
        if about:
            lines.append(say("constructs.about", about=say("constructs.join").join(about)))
        if construct.scoring and not ours:  # the chapter of indicators has it in words
            lines.append(say("constructs.scoring", scoring=construct.scoring))
        found += [Paragraph(line, note=True) for line in lines]
    return found if here else []


def _known(codes: Codes, key: str) -> str:
    """The words for a term of the bank, or the term itself."""
    return codes.wording.say(key) if codes.wording.has(key) else key.partition(".")[2]


def _paper(codes: Codes, module: Module) -> dict[str, str]:
    """Title, authors and source, in the words of this language where there are any."""
    found = {name: module.paper.get(name, "") for name in ("title", "authors", "source")}
    ours = {name: f"papers.{module.id}.{name}" for name in found}
    return {name: codes.wording.say(ours[name]) if codes.wording.has(ours[name]) else found[name] for name in found}


def formula(codes: Codes, indicator: Indicator) -> str:
    """How a respondent's value comes about, in words and signs."""
    say, given = codes.wording.say, dict(indicator.parameters)
    items = codes.questionnaire.items
    first = next((items[i] for i in indicator.items if i in items), None)
    coded = [o.code for o in first.options if not o.missing] if first else []
    facts: dict[str, object] = {
        "items": codes.listed(indicator.items),
        "plus": " + ".join(indicator.items),
        "low": min(coded, default=0),
        "high": max(coded, default=0),
        **{k: codes.listed([str(x) for x in v]) if isinstance(v, tuple) else v for k, v in given.items()},
    }
    key = f"formulas.{indicator.kind}"
    if indicator.kind == "negotiating_room":
        key += f"_{given.get('part', '')}"
    if not codes.wording.has(key):
        return INDICATOR_KINDS[indicator.kind].about
    text = say(key, **facts)
    if given.get("when"):
        text += say("formulas.when", when=given["when"])
    turned = [i for i in indicator.items if i in items and items[i].reverse]
    if turned and indicator.kind in ("scale", "mean", "index"):
        text += say("formulas.reversed", items=codes.listed(turned))
    return text


def _formulas(codes: Codes, spec: FormulaTable, _: object) -> Table | None:
    say, language = codes.wording.say, codes.language
    rows = []
    for one in codes.questionnaire.indicators:
        least = one.parameters.get("min_valid")
        valid = say("formulas.least", least=least, count=len(one.items)) if least else say("formulas.all")
        bounds = ""
        if one.low is not None and one.high is not None:
            bounds = say("formulas.range", low=shown(one.low, 0), high=shown(one.high, 0))
        facts = [say(f"estimates.{one.estimate}"), bounds, say("formulas.n_min", n_min=one.n_min)]
        facts += [say("items.sensitive")] if one.sensitive else []
        facts += [say("formulas.private")] if one.parameters.get("private") else []
        rows.append(
            (
                Cell(one.title.say(language), one.id),
                Cell(formula(codes, one)),
                Cell(valid),
                Cell("\n".join(f for f in facts if f)),
            )
        )
    if not rows:
        return None
    columns = (
        Column(say("heads.indicator"), width=120),
        Column(say("heads.formula")),
        Column(say("heads.valid"), width=76),
        Column(say("heads.statistic"), width=92),
    )
    return Table(codes.label("table"), spec.title.say(language), columns, tuple(rows), long=True, key=spec.key)


def _missing(codes: Codes, spec: MissingTable, _: object) -> Table:
    say = codes.wording.say
    rows = tuple(
        (Cell(reason, code=True), Cell(say(f"missing.{reason}")), Cell(say(f"missing_means.{reason}")))
        for reason in MISSING_REASONS
    )
    columns = (Column(say("heads.id"), width=100), Column(say("heads.name"), width=100), Column(say("heads.means")))
    return Table(codes.label("table"), spec.title.say(codes.language), columns, rows, key=spec.key)


BUILDERS: Builders = {
    **PLAIN,
    AboutTable: _about,
    ItemCards: _cards,
    ConstructList: _constructs,
    FormulaTable: _formulas,
    MissingTable: _missing,
}
