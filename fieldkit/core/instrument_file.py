"""Which keys the files of modules and questionnaires have, with one sentence each.

`formats.instrument_yaml` reads and checks files by these tables, `formats.instrument_schema` turns them into the
JSON Schema that an editor uses for completion. The keys are the field names of `core.item` and `core.instrument`;
where a file says it in a shorter way (range, options, items) the sentence tells how.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fieldkit.core.instrument import ESTIMATES, INDICATOR_KINDS
from fieldkit.core.item import CHOSEN_REASONS, DESIGNS, REQUIRED, TYPES


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a block: what its value is, whether it must be there, and what it is for.

    `value` is one of: line, words (language: wording), id, version, number, whole, flag, one of `among`, a list of
    one of these ('ids', 'codes', 'reasons'), facts (column: value, of an option), range ([low, high], either may be
    null), rows ([least, most]), or a block or list of blocks of this file (block:NAME, blocks:NAME), or the short forms
    explained in `about` (options, option_lists, items, languages, pins, parameters).
    """

    value: str
    about: str
    must: bool = False
    among: tuple[str, ...] = ()


Block = Mapping[str, Key]

STATUSES = ("draft", "piloted", "validated")
AUDIENCES = ("cadre", "researcher")

_HEAD: Block = {
    "id": Key("id", "Stable name: small letters, digits and _.", must=True),
    "version": Key("version", "MAJOR.MINOR.PATCH; must be the file's name.", must=True),
    "status": Key(
        "one", "How far it has been tested; a draft is marked as on trial beside its scores.", among=STATUSES
    ),
    "title": Key("words", "What it is called.", must=True),
}

OPTION: Block = {
    "exclusive": Key("flag", "Choosing it clears all other options (multi)."),
    "missing": Key("one", "Choosing it stores this missing reason instead of the code.", among=CHOSEN_REASONS),
    "other": Key("words", "Choosing it opens a text field with this label; it is the item <id>_other."),
    "facts": Key("facts", "Columns that choice_filter looks at: {province: '330000'}."),
    "sensitive": Key("flag", "list_experiment: the statement that only half of the respondents read."),
}

RANDOMISED: Block = {
    "design": Key("one", "warner: the statement or its opposite; forced: the truth or a forced answer.", True, DESIGNS),
    "truth": Key("number", "The probability of answering truthfully about the statement itself, 0 to 1.", must=True),
    "yes": Key("number", "forced: the probability of having to say yes whatever is true."),
}

CHECK: Block = {
    "expression": Key(
        "line", "A condition in the XLSForm expression language; '.' is this item's own answer.", must=True
    ),
    "message": Key("words", "What the respondent reads.", must=True),
}

ITEM: Block = {
    "id": Key("id", "Stable name, unique over all instruments; never reused for another wording.", must=True),
    "text": Key("words", "The question as the respondent reads it.", must=True),
    "label": Key("words", "A short name for charts and tables."),
    "type": Key("one", "What is stored and how it is entered.", must=True, among=tuple(TYPES)),
    "options": Key("options", "The name of an option list of this file, or code: {zh: …, en: …} in place."),
    "source": Key("line", "Where options come from when they are not listed: wave.counties."),
    "range": Key("range", "[lowest, highest] number, or shortest and longest text; null where there is no limit."),
    "decimals": Key("whole", "Decimal places, where they differ from the type's; geopoint: of the degrees, 2 is 1 km."),
    "most": Key("whole", "multi: how many options may be chosen."),
    "left": Key("words", "bipolar7: the text at the left end (-3)."),
    "right": Key("words", "bipolar7: the text at the right end (+3)."),
    "unit": Key("words", "The unit printed beside the field."),
    "hint": Key("words", "A line of help under the field."),
    "recall": Key("words", "The period the answer is about."),
    "required": Key("one", "hard: cannot go on; yes: one polite reminder; no: may stay empty.", among=REQUIRED),
    "sensitive": Key("flag", "Published only from 20 respondents, never required."),
    "reverse": Key("flag", "Scored the other way round; stored as answered."),
    "relevance": Key("line", "Asked only if this expression is true."),
    "constraint": Key("block:check", "Must hold, or the answer is not accepted."),
    "warn_above": Key("number", "Ask to confirm a number above this."),
    "warning": Key("block:check", "Ask to confirm when this holds."),
    "missing": Key(
        "reasons", "The buttons offered instead of an answer; dont_know and refused unless given.", among=CHOSEN_REASONS
    ),
    "note": Key("line", "For researchers; never shown to respondents."),
    "default": Key("line", "An answer that stands there at first: a code, codes with spaces, a number, a date."),
    "calculation": Key("line", "calculate: the expression whose value is stored."),
    "choice_filter": Key("line", "Only options for which this holds are offered; bare names are their columns."),
    "random_order": Key("flag", "Options in an order drawn for each person; exclusive and other ones stay last."),
    "step": Key("number", "The smallest difference that can be entered (slider, numbers)."),
    "keep_location": Key("flag", "image: ask whether the place stays in the photo; otherwise it is always removed."),
    "randomised": Key("block:randomised", "randomised_response: how chance protects the answer."),
}

CONSTRUCT: Block = {
    "id": Key("id", "Stable name.", must=True),
    "title": Key("words", "What it is called.", must=True),
    "definition": Key("line", "What is measured.", must=True),
    "quotation": Key("line", "The words of the paper that it rests on, at most 25 characters."),
    "section": Key("line", "Where in the paper they stand."),
    "level": Key("line", "What the answers are about: respondent, unit, case event."),
    "measurement": Key("line", "How it is measured."),
    "model": Key("line", "reflective, formative, descriptor …; reliability is computed for reflective scales only."),
    "stem": Key("words", "The words above items that share them."),
    "skip": Key("line", "When its items are asked, in words."),
    "scoring": Key("line", "How scores come about, in words."),
    "note": Key("line", "For researchers."),
    "items": Key("blocks:item", "The questions, in order.", must=True),
}

INDICATOR: Block = {
    "id": Key("id", "Stable name; not the name of an item.", must=True),
    "title": Key("words", "What it is called.", must=True),
    "print_name": Key("words", "The neutral name that reports print instead of the title."),
    "kind": Key("one", "How one respondent's value comes about.", must=True, among=tuple(INDICATOR_KINDS)),
    "items": Key("ids", "The items it is made of; left out where they follow from the other keys."),
    "parameters": Key("parameters", "The settings of this kind."),
    "estimate": Key("one", "How a county's value comes about.", must=True, among=ESTIMATES),
    "range": Key("range", "[lowest, highest] possible value."),
    "unit": Key("words", "The unit of the value."),
    "decimals": Key("whole", "Decimal places in print."),
    "high_means": Key("words", "What a higher value stands for."),
    "statement": Key("words", "share: what the counted respondents say."),
    "options": Key("options", "What the codes of a category mean, where no item says so."),
    "sensitive": Key("flag", "Needs 20 respondents, has no peers, is never split."),
    "n_min": Key("whole", "Fewest valid respondents for publication; 10, or 20 if sensitive."),
}

PAPER: Block = {
    "file": Key("line", "The file name of the paper's text."),
    "title": Key("line", "The paper's title."),
    "title_en": Key("line", "The title in English."),
    "authors": Key("line", "Its authors."),
    "source": Key("line", "Where it was published, as far as the text says."),
    "framework": Key("line", "Its argument in a few sentences."),
}

MODULE: Block = {
    **_HEAD,
    "paper": Key("block:paper", "The paper that the constructs come from."),
    "introduction": Key("words", "Said once at the start: what the words in the questions mean."),
    "consent": Key("words", "The consent text; what stands in 【】 is filled in by the study."),
    "options": Key("option_lists", "Option lists used by several items: NAME: {code: {zh: …, en: …}}."),
    "constructs": Key("blocks:construct", "What is measured, each with its items.", must=True),
    "indicators": Key("blocks:indicator", "The numbers that can be computed from the answers."),
}

SECTION: Block = {
    "id": Key("id", "Stable name.", must=True),
    "title": Key("words", "The head of the page, as a cadre would read it.", must=True),
    "introduction": Key("words", "A line under the head."),
    "definitions": Key("flag", "Print the definitions (what unit and superiors mean) on this page."),
    "recall": Key("words", "The period shown while the page is scrolled."),
    "relevance": Key("line", "The page is shown only if this expression is true."),
    "repeat": Key("rows", "[least, most]: the page is a list of rows (researchers only)."),
    "random_order": Key("flag", "Its items in an order drawn for each person."),
    "items": Key(
        "items", "Item ids of the pinned modules in asking order; items written out; or groups with items.", must=True
    ),
}

GROUP: Block = {
    "id": Key("id", "Stable name; a repeat's rows are stored under it.", must=True),
    "title": Key("words", "The head above its items.", must=True),
    "introduction": Key("words", "A line under the head."),
    "recall": Key("words", "The period its answers are about."),
    "relevance": Key("line", "Its items are asked only if this expression is true."),
    "repeat": Key("rows", "[least, most]: the group is a list of rows."),
    "matrix": Key("flag", "Its items share one set of options and are shown as cards under the head."),
    "random_order": Key("flag", "Its items in an order drawn for each person."),
    "items": Key("items", "Item ids, items written out, or further groups.", must=True),
}

QUESTIONNAIRE: Block = {
    **_HEAD,
    "audience": Key("one", "Who fills it.", among=AUDIENCES),
    "languages": Key("languages", "The languages it is fielded in, first the main one."),
    "minutes": Key("number", "How long it takes at most, for the consent text."),
    "modules": Key("pins", "The modules it draws from with the exact version: burden: 1.0.0."),
    "introduction": Key("words", "The definitions, where they differ from those of the core module."),
    "consent": Key("words", "The consent text, where it differs from that of the core module."),
    "options": Key("option_lists", "Option lists of the items written out in this file."),
    "opening": Key("items", "Asked before the first page: consent and county."),
    "sections": Key("blocks:section", "The pages, in order.", must=True),
    "indicators": Key("blocks:indicator", "Indicators beside those of the modules."),
}

BLOCKS: Mapping[str, Block] = {
    "module": MODULE,
    "questionnaire": QUESTIONNAIRE,
    "paper": PAPER,
    "construct": CONSTRUCT,
    "item": ITEM,
    "check": CHECK,
    "option": OPTION,
    "section": SECTION,
    "group": GROUP,
    "randomised": RANDOMISED,
    "indicator": INDICATOR,
}
