"""A researcher's workbook to a questionnaire, or to everything that keeps it from being one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fieldkit.core.content import sealed
from fieldkit.core.instrument import (
    ESTIMATES,
    INDICATOR_KINDS,
    VERSION,
    Construct,
    Indicator,
    Module,
    Questionnaire,
)
from fieldkit.core.instrument_file import AUDIENCES, STATUSES
from fieldkit.core.item import ID, Item
from fieldkit.core.lint import Finding, lint_questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.text import Text
from fieldkit.formats.xlsform import columns
from fieldkit.formats.xlsform.columns import Page, Row, language_of, page_of
from fieldkit.formats.xlsform.finding import Broken, SheetFinding, cell
from fieldkit.formats.xlsform.names import as_id
from fieldkit.formats.xlsform.rows import Survey
from fieldkit.formats.xlsform.sheets import Sheet, sheets_of

# What lint finds that would make the questionnaire ask something else than its author meant.
REFUSED = frozenset(
    {"unknown_reference", "later_reference", "circular", "double_item", "double_option", "lists_differ"}
)
_COLUMN = MappingProxyType(  # where a part of an item stands in the sheet
    {
        "relevance": "relevant",
        "text": "label",
        "label": "label_short",
        "options": "type",
        "range": "low",
        "note": "remark",
        "repeat": "repeat_rows",
    }
)


@dataclass(frozen=True)
class Imported:
    """What a workbook gave, with a finding (all warnings) for everything left out or changed, row by row.

    `module` holds the constructs that the workbook declares itself (column `construct`), None when it has none or
    names the modules of ours that they come from; it need not be published, the questionnaire holds all items.
    """

    module: Module | None
    questionnaire: Questionnaire
    findings: tuple[Finding, ...]


def read_xlsform(source: bytes | Path, filename: str = "") -> Imported:
    """Read an XLSForm (.xlsx, .xls, .csv, or Markdown tables) as a questionnaire.

    `filename` says what the bytes are and is named in findings; the path's own name unless given. Raises Problem
    `instrument.broken` with every error, each with sheet, row and column, and what would be left out once they are
    mended: a form is taken whole or not at all.

    >>> form = b"| survey |\\n| | type | name | label |\\n| | integer | age | \\xe5\\xb9\\xb4\\xe9\\xbe\\x84 |"
    >>> [item.id for item in read_xlsform(form, "form.md").questionnaire]
    ['age']
    """
    name = filename or (source.name if isinstance(source, Path) else "")
    findings: list[SheetFinding] = []
    try:
        content = source if isinstance(source, bytes) else _bytes(source)
        sheets = sheets_of(content, name, findings)
        if "survey" not in sheets or not sheets["survey"].rows:
            raise Broken([cell("xlsform.no_survey")])
        imported = _imported(sheets, Path(name).stem, findings)
    except Broken as broken:
        raise _refusal([*findings, *broken.findings], name) from None
    if any(f.severity == "error" for f in imported.findings):
        raise _refusal(imported.findings, name)
    return replace(imported, findings=tuple(replace(f, file=name) for f in imported.findings))


def _bytes(path: Path) -> bytes:
    from fieldkit.formats.xlsform.package import FILE_LIMIT

    with path.open("rb") as file:
        return file.read(FILE_LIMIT + 1)


def _refusal(findings: Any, file: str) -> Problem:
    found = tuple(replace(f, file=file) for f in findings)
    count = sum(f.severity == "error" for f in found)
    return Problem("instrument.broken", where=file, findings=found, file=file, count=count)


def _imported(sheets: Mapping[str, Sheet], stem: str, findings: list[SheetFinding]) -> Imported:
    stated = page_of(sheets.get("settings"), columns.SETTINGS, "zh", [])
    settings = stated.rows[0] if stated.rows else Row(2, {}, {}, {})
    plain = language_of(settings.get("default_language")) or _guessed(sheets["survey"])
    stated = page_of(sheets.get("settings"), columns.SETTINGS, plain, findings)
    settings = stated.rows[0] if stated.rows else settings
    for heading in stated.extra:
        known = heading.lower() in columns.SETTINGS_NOT_TAKEN
        code = "xlsform.column_not_taken" if known else "xlsform.unknown_column"
        findings.append(cell(code, stated.title, settings.number, heading, "warning", name=heading))
    survey_page = page_of(sheets["survey"], (*columns.SURVEY, *columns.NOT_TAKEN), plain, findings)
    headings = [heading.lower() for heading in sheets["survey"].rows[0][1]]
    if not {"type", "command"} & set(headings) or not {"name", "value", "tag"} & set(headings):
        raise Broken([cell("xlsform.no_headings", survey_page.title, sheets["survey"].rows[0][0])])
    choices_page = page_of(sheets.get("choices"), (*columns.CHOICES, *columns.CHOICES_NOT_TAKEN), plain, findings)
    survey = Survey(survey_page, choices_page, plain, findings)
    questionnaire = _questionnaire(settings, stated.title, survey, stem, plain, findings)
    constructs = _constructs(sheets, survey, questionnaire, plain, findings)
    indicators = _indicators(sheets, survey, plain, findings)
    questionnaire = sealed(replace(questionnaire, constructs=constructs, indicators=indicators))
    if not any(True for _ in questionnaire):
        findings.append(cell("xlsform.no_items", survey_page.title))
    module = None
    if constructs and not questionnaire.modules:
        module = sealed(
            Module(
                questionnaire.id,
                questionnaire.version,
                questionnaire.title,
                constructs,
                tuple(i for i in indicators),
            )
        )
    seen = {(f.line, f.column) for f in findings if f.severity == "error"}
    placed = (_placed(found, survey) for found in lint_questionnaire(questionnaire))
    linted = [f for f in placed if (f.line, f.column) not in seen or not f.line]
    return Imported(module, questionnaire, (*findings, *linted))


def _guessed(sheet: Sheet) -> str:
    """The language of wording whose heading names none: Chinese as soon as there is a Chinese character."""
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for _, row in sheet.rows for t in row for letter in t) else "en"


def _placed(found: Finding, survey: Survey) -> SheetFinding:
    """A finding about the finished questionnaire, with the row it comes from."""
    row = survey.rows.get((found.block, found.where))
    column = _COLUMN.get(found.part, found.part)
    severity = "error" if found.code in REFUSED or found.code.startswith("expression.") else "warning"
    return SheetFinding(
        found.code,
        found.where,
        found.part,
        severity if found.severity == "error" else found.severity,
        found.block,
        line=row.number if row else 0,
        facts=found.facts,
        sheet=survey.page.title if row else "",
        column=row.title.get(column, column) if row else "",
    )


# ------------------------------------------------------------------------------------------------ settings


def _questionnaire(
    settings: Row, sheet: str, survey: Survey, stem: str, plain: str, findings: list[SheetFinding]
) -> Questionnaire:
    def note(code: str, column: str, severity: str = "error", /, **facts: object) -> None:
        findings.append(cell(code, sheet or "settings", settings.number, column, severity, **facts))

    given = settings.get("form_id") or stem
    name = as_id(given, (), "form")
    if not settings.get("form_id"):
        note("xlsform.no_form_id", "form_id", "warning", id=name)
    elif name != given:
        note("xlsform.form_id", "form_id", "warning", name=given, id=name)
    version = settings.get("version")
    if not VERSION.match(version):
        parts = re.match(r"(\d{1,3})(?:\.(\d{1,3}))?\Z", version)
        changed = f"{int(parts[1])}.{int(parts[2] or 0)}.0" if parts else "1.0.0"
        if version:
            note("xlsform.version", "version", "warning", name=version, version=changed)
        else:
            note("xlsform.no_version", "version", "warning", version=changed)
        version = changed
    title = Text({plain: settings.get("form_title") or name, **settings.words.get("title", {})})
    languages = tuple(settings.get("languages").replace(",", " ").split())
    if not languages:
        languages = tuple(dict.fromkeys([plain, *(code for item in _all(survey) for code in item.text)]))
    modules: dict[str, str] = {}
    for pin in filter(None, re.split(r"[,;\n]+", settings.get("modules"))):
        module, _, pinned = pin.strip().partition(" ")
        if not ID.match(module) or not VERSION.match(pinned):
            note("xlsform.modules", "modules", value=pin.strip())
        else:
            modules[module] = pinned
    audience = settings.get("audience")
    if not audience:
        audience = "cadre" if [i.id for i in survey.opening[:1]] == ["core_consent"] else "researcher"
    status = settings.get("status") or "draft"
    for value, column, among in ((audience, "audience", AUDIENCES), (status, "status", STATUSES)):
        if value not in among:
            note("xlsform.not_among", column, value=value, among=", ".join(among))
    minutes = settings.get("minutes") or "0"
    if not re.match(r"\d{1,4}(\.\d{1,6})?\Z", minutes):
        note("xlsform.not_a_number", "minutes", value=minutes)
        minutes = "0"
    return Questionnaire(
        id=name,
        version=version,
        title=title,
        sections=survey.sections(title, settings.get("main_page") or "main"),
        modules=MappingProxyType(modules),
        consent=survey.consent,
        introduction=survey.introduction,
        opening=tuple(survey.opening),
        audience=audience,
        languages=languages,
        minutes=float(minutes) if "." in minutes else int(minutes),
        status=status,
    )


def _all(survey: Survey) -> list[Item]:
    found: list[Item] = [*survey.opening]
    waiting = [survey.root]
    while waiting:
        for child in waiting.pop().children:
            if isinstance(child, Item):
                found.append(child)
            else:
                waiting.append(child)
    return found


# -------------------------------------------------------------------------------- constructs and indicators


def _constructs(
    sheets: Mapping[str, Sheet],
    survey: Survey,
    questionnaire: Questionnaire,
    plain: str,
    findings: list[SheetFinding],
) -> tuple[Construct, ...]:
    """The constructs of the sheet of that name in its order, then those that only the column `construct` names."""
    page = page_of(sheets.get("constructs"), columns.CONSTRUCTS, plain, findings)
    _extra(page, findings)
    named = dict(survey.constructs)
    found: list[Construct] = []
    taken: set[str] = set()
    for row in page.rows:
        name = row.get("id")
        if not ID.match(name) or name in taken:
            findings.append(cell("xlsform.construct_id", page.title, row.number, "id", name=name or "–"))
            continue
        taken.add(name)
        listed = row.get("items").split() or named.get(name, [])
        named.pop(name, None)
        items = [questionnaire.items[i] for i in listed if i in questionnaire.items]
        for unknown in (i for i in listed if i not in questionnaire.items):
            findings.append(
                cell("xlsform.construct_item", page.title, row.number, "items", "error", name, name=unknown)
            )
        words: dict[str, Any] = {part: Text(row.words.get(part)) for part in ("title", "stem")}
        plain_parts: dict[str, Any] = {
            part: row.get(part)
            for part in columns.CONSTRUCTS
            if part not in ("id", "items", "title", "stem") and row.get(part)
        }
        plain_parts.setdefault("definition", "")
        found.append(Construct(id=name, items=tuple(items), **words, **plain_parts))
    for name, listed in named.items():
        row = survey.rows["item", listed[0]]
        made = as_id(name, taken, f"construct_{row.number}")
        taken.add(made)
        items = [questionnaire.items[i] for i in listed if i in questionnaire.items]
        findings.append(
            cell(
                "xlsform.construct_undefined", survey.page.title, row.number, "construct", "warning", name=name, id=made
            )
        )
        found.append(Construct(made, Text({plain: name}), name, tuple(items)))
    return tuple(found)


def _extra(page: Page, findings: list[SheetFinding]) -> None:
    for heading in page.extra:
        findings.append(cell("xlsform.unknown_column", page.title, 1, heading, "warning", name=heading))


def _indicators(
    sheets: Mapping[str, Sheet], survey: Survey, plain: str, findings: list[SheetFinding]
) -> tuple[Indicator, ...]:
    page = page_of(sheets.get("indicators"), columns.INDICATORS, plain, findings)
    _extra(page, findings)
    found = []
    for row in page.rows:
        try:
            found.append(_indicator(row, survey))
        except (ValueError, KeyError, TypeError) as error:
            findings.append(
                cell("xlsform.indicator", page.title, row.number, "id", name=row.get("id") or "–", why=str(error)[:120])
            )
    return tuple(found)


def _indicator(row: Row, survey: Survey) -> Indicator:
    """One row of the indicators sheet; ValueError names the cell that is wrong."""
    kind, estimate = row.get("kind"), row.get("estimate")
    if not ID.match(row.get("id")):
        raise ValueError("id")
    if kind not in INDICATOR_KINDS:
        raise ValueError(f"kind: {kind}")
    if estimate not in ESTIMATES:
        raise ValueError(f"estimate: {estimate}")
    try:
        parameters = json.loads(row.get("parameters") or "{}")
    except ValueError:
        raise ValueError("parameters") from None
    if not isinstance(parameters, dict):
        raise ValueError("parameters")

    def number(column: str, usual: float | None = None) -> Any:
        text = row.get(column)
        if not text:
            return usual
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            raise ValueError(f"{column}: {text}") from None

    sensitive = row.get("sensitive").lower() in ("yes", "true", "1", "是")
    listed = survey.lists.get(row.get("options"))
    return Indicator(
        id=row.get("id"),
        kind=kind,
        estimate=estimate,
        items=tuple(row.get("items").split()),
        low=number("low"),
        high=number("high"),
        n_min=int(number("n_min", 20 if sensitive else 10)),
        decimals=int(number("decimals", 1)),
        sensitive=sensitive,
        parameters=MappingProxyType({name: _tuples(value) for name, value in parameters.items()}),
        options=listed.options if listed else (),
        **{part: Text(row.words.get(part)) for part in _INDICATOR_WORDS},
    )


_INDICATOR_WORDS = ("title", "unit", "high_means", "print_name", "statement")


def _tuples(value: object) -> object:
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value
