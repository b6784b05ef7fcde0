"""A questionnaire to the sheets of an XLSForm, and those to an .xlsx file.

ODK, Kobo and Ona read the columns they know; ours beside them keep what they have no word for, so that reading the
workbook again gives the same questionnaire.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fieldkit.core.attachment import LONGEST_SIDE
from fieldkit.core.expression import number_text
from fieldkit.core.instrument import Construct, Group, Indicator, Questionnaire, Section
from fieldkit.core.item import Item, Option
from fieldkit.core.openrosa import MEANT, accepted, asked_as
from fieldkit.core.text import Text
from fieldkit.formats.xlsform.columns import CHOICES, CONSTRUCTS, INDICATORS, SETTINGS, SURVEY, language_name
from fieldkit.formats.xlsform.rows import own_list

Rows = list[list[str]]
_TRANSLATED = ("label", "hint", "constraint_message")  # headings with ::Language
Cells = Mapping[str, "str | Text"]


def write_xlsform(questionnaire: Questionnaire) -> bytes:
    """The questionnaire as an .xlsx workbook that ODK tools convert and `read_xlsform` reads back to an equal one."""
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"title": questionnaire.title.say()})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF4"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for name, rows in sheets_to_write(questionnaire).items():
        sheet = book.add_worksheet(name)
        for place, row in enumerate(rows):
            for column, text in enumerate(row):
                if text:
                    sheet.write_string(place, column, text, wrapped if place else head)
        sheet.freeze_panes(1, 0)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for column, heading in enumerate(rows[0]):
            wide = heading.startswith(("label", "hint", "definition", "form_t"))
            sheet.set_column(column, column, 40 if wide else 16)
    book.close()
    return file.getvalue()


def sheets_to_write(questionnaire: Questionnaire) -> dict[str, Rows]:
    """The sheets by name, each with its headings first; empty columns and empty sheets are left out."""
    sheets: dict[str, tuple[Sequence[str], list[Cells]]] = {}
    lists = _Lists()
    survey = list(_survey(questionnaire, lists))
    indicators = [_indicator(i, lists) for i in questionnaire.indicators]
    sheets["survey"] = (SURVEY, survey)
    facts = tuple(dict.fromkeys(f for options in lists.found.values() for o in options for f, _ in o.facts))
    sheets["choices"] = (
        (*CHOICES, *facts),
        [_choice(name, option) for name, options in lists.found.items() for option in options],
    )
    sheets["settings"] = (SETTINGS, [_settings(questionnaire)])
    sheets["constructs"] = (CONSTRUCTS, [_construct(c) for c in questionnaire.constructs])
    sheets["indicators"] = (INDICATORS, indicators)
    languages = tuple(dict.fromkeys([*questionnaire.languages, *_languages(cells for _, cells in sheets.values())]))
    return {name: _table(order, cells, languages) for name, (order, cells) in sheets.items() if cells}


def _languages(pages: Iterable[list[Cells]]) -> list[str]:
    texts = (text for cells in pages for row in cells for text in row.values())
    return sorted({code for text in texts if isinstance(text, Text) for code in text})


def _table(order: Sequence[str], cells: list[Cells], languages: Sequence[str]) -> Rows:
    """Rows under their headings: the columns that say something, wording once for each language."""
    used = {name for row in cells for name, text in row.items() if text}
    worded = {name for row in cells for name, text in row.items() if isinstance(text, Text)}
    headings: list[tuple[str, str, str]] = []
    for name in order:
        if name in used and name in worded:
            for code in languages:
                mark = f"{name}::{language_name(code)}" if name in _TRANSLATED else f"{name}_{code}"
                headings.append((mark, name, code))
        elif name in used:
            headings.append((name, name, ""))

    def shown(text: str | Text, code: str) -> str:
        return text.get(code, "") if isinstance(text, Text) else text

    body = [[shown(row.get(name, ""), code) for _, name, code in headings] for row in cells]
    return [[heading for heading, _, _ in headings], *body]


class _Lists:
    """The option lists met so far by the name they get in the choices sheet."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[Option, ...]] = {}

    def name(self, options: tuple[Option, ...], shared: str, alone: str) -> str:
        """The list's own name, or one of the item's where it has none or the name means other options elsewhere."""
        name = shared if shared and self.found.setdefault(shared, options) == options else alone
        self.found.setdefault(name, options)
        return name


def _yes(flag: bool) -> str:
    return "yes" if flag else ""


def _number(number: float | None) -> str:
    return "" if number is None else number_text(number)


# -------------------------------------------------------------------------------------------------- survey


def _survey(questionnaire: Questionnaire, lists: _Lists) -> Iterator[Cells]:
    constructs = {item.id: c.id for c in reversed(questionnaire.constructs) for item in c.items}
    taken = {*questionnaire.items, *(s.id for s in questionnaire.sections)}
    taken |= {group.id for section in questionnaire.sections for group in section.groups}

    def said(part: str, text: Text, name: str) -> Iterator[Cells]:
        if text:
            while name in taken:
                name += "_"
            taken.add(name)
            yield {"type": "note", "name": name, "label": text, "part": part}

    yield from said("consent", questionnaire.consent, "consent_text")
    yield from said("definitions", questionnaire.introduction, "definitions_text")
    for item in questionnaire.opening:
        yield {**_item(item, lists, constructs), "opening": "yes"}
    for section in questionnaire.sections:
        simple = section.repeat is None and not any(group.repeat for group in section.groups)
        yield {
            **_part(section, "field-list" if simple else ""),
            "definitions": _yes(section.definitions),
        }
        yield from said("introduction", section.introduction, f"{section.id}_introduction")
        open_groups: list[Group] = []
        for item in section.items:
            around = list(section.around(item.id))
            while open_groups and open_groups[-1] not in around:
                yield _end(open_groups.pop())
            for group in around[len(open_groups) :]:
                yield _part(group, "")
                yield from said("introduction", group.introduction, f"{group.id}_introduction")
                open_groups.append(group)
            yield _item(item, lists, constructs)
        while open_groups:
            yield _end(open_groups.pop())
        yield _end(section)


def _part(part: Section | Group, appearance: str) -> Cells:
    rows = part.repeat
    return {
        "type": "begin_repeat" if rows else "begin_group",
        "name": part.id,
        "label": part.title,
        "appearance": appearance,
        "relevant": part.relevance,
        "recall": part.recall,
        "repeat_count": str(rows[0]) if rows and rows[0] == rows[1] else "",
        "repeat_rows": f"{rows[0]}-{rows[1]}" if rows else "",
        "matrix": _yes(isinstance(part, Group) and part.matrix),
        "random_order": _yes(part.random_order),
    }


def _end(part: Section | Group) -> Cells:
    return {"type": "end_repeat" if part.repeat else "end_group", "name": part.id}


def _item(item: Item, lists: _Lists, constructs: Mapping[str, str]) -> Cells:
    question = asked_as(item)
    list_name = lists.name(item.options, item.list_name, own_list(item.id)) if item.options else ""
    meant = MEANT.get((question.type, question.appearance), "")
    parameters = "randomize=true" if item.random_order and question.chooses else ""
    if question.type == "image":
        parameters = f"max-pixels={LONGEST_SIDE}"
    step = _number(item.step)
    if question.type == "range":
        start, end = (_number(limit) for limit in (item.low, item.high))
        parts = [("start", start), ("end", end), ("step", step or "1")]
        parameters = " ".join(f"{name}={value}" for name, value in parts if value)
        step = "" if step else "any"
    missing = ""
    if item.missing != ("dont_know", "refused"):
        missing = " ".join(item.missing) or "none"
    design = item.randomised
    unusual = item.required == "yes" or (item.required == "hard" and not item.kind.answered)
    return {
        "type": f"{question.type} {list_name}" if question.chooses else question.type,
        "name": item.id,
        "label": item.text,
        "hint": item.hint,
        "required": "yes" if item.required == "hard" and item.kind.answered else "",
        "required_level": item.required if unusual else "",
        "relevant": item.relevance,
        "constraint": accepted(item),
        "constraint_message": item.constraint.message if item.constraint else Text(),
        "calculation": item.calculation,
        "default": item.default,
        "appearance": question.appearance,
        "parameters": parameters,
        "choice_filter": item.choice_filter,
        "construct": constructs.get(item.id, ""),
        "reverse": _yes(item.reverse),
        "sensitive": _yes(item.sensitive),
        "recall": item.recall,
        "unit": item.unit,
        "label_short": item.label,
        "measure": item.type if item.type != meant else "",
        "missing": missing,
        "low": "" if question.type == "range" else _number(item.low),
        "high": "" if question.type == "range" else _number(item.high),
        "decimals": "" if item.decimals is None else str(item.decimals),
        "step": step if question.type != "range" or step == "any" else "",
        "most": "" if item.most is None else str(item.most),
        "left": item.left,
        "right": item.right,
        "warn_above": _number(item.warn_above),
        "warning": item.warning.expression if item.warning else "",
        "warning_message": item.warning.message if item.warning else Text(),
        "options": list_name if list_name and not question.chooses else "",
        "source": item.source,
        "randomised": f"{design.design} {design.truth!r} {design.yes!r}" if design else "",
        "keep_location": _yes(item.keep_location),
        "remark": item.note,
    }


def _choice(name: str, option: Option) -> Cells:
    return {
        "list_name": name,
        "name": str(option.code),
        "label": option.text,
        "exclusive": _yes(option.exclusive),
        "missing": option.missing,
        "sensitive": _yes(option.sensitive),
        "other": option.other,
        **dict(option.facts),
    }


# -------------------------------------------------------------------- settings, constructs and indicators


def _settings(questionnaire: Questionnaire) -> Cells:
    main = questionnaire.languages[0] if questionnaire.languages else "zh"
    return {
        "form_title": questionnaire.title.say(main),
        "form_id": questionnaire.id,
        "version": questionnaire.version,
        "default_language": language_name(main),
        "title": questionnaire.title,
        "languages": " ".join(questionnaire.languages),
        "audience": questionnaire.audience,
        "minutes": _number(questionnaire.minutes) if questionnaire.minutes else "",
        "modules": ", ".join(f"{name} {version}" for name, version in questionnaire.modules.items()),
        "status": questionnaire.status if questionnaire.status != "draft" else "",
    }


def _construct(construct: Construct) -> Cells:
    cells: dict[str, Any] = {name: getattr(construct, name) for name in CONSTRUCTS}
    return {**cells, "items": " ".join(item.id for item in construct.items)}


def _indicator(indicator: Indicator, lists: _Lists) -> Cells:
    usual = 20 if indicator.sensitive else 10
    options = indicator.options
    parameters = json.dumps(dict(indicator.parameters), ensure_ascii=False) if indicator.parameters else ""
    return {
        "id": indicator.id,
        "title": indicator.title,
        "kind": indicator.kind,
        "items": " ".join(indicator.items),
        "parameters": parameters,
        "estimate": indicator.estimate,
        "low": _number(indicator.low),
        "high": _number(indicator.high),
        "unit": indicator.unit,
        "decimals": str(indicator.decimals) if indicator.decimals != 1 else "",
        "sensitive": _yes(indicator.sensitive),
        "n_min": str(indicator.n_min) if indicator.n_min != usual else "",
        "print_name": indicator.print_name,
        "high_means": indicator.high_means,
        "statement": indicator.statement,
        "options": lists.name(options, "", f"{indicator.id}-categories") if options else "",
    }
