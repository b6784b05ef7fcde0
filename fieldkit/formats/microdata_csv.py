"""Rows for researchers: one response a line, each item beside its missing reason; and the codebook to read them by.

UTF-8 with a byte order mark, so that spreadsheet programs show Chinese. A number cell is a number or empty, never a
code for missing; the reason stands in the column `<item>__miss`. Texts that people wrote are not in this file. Behind
the items stands a column `score_<indicator>` for every indicator, empty where a person has no value. Rows may come from
several versions of a questionnaire: a question has one column over all of them, and `not_in_version` says where a
version does not ask it; scores that may not be compared stand in columns of their own. Lists of rows are files apart.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fieldkit.core.answer import Answer
from fieldkit.core.flow import repeats_of, written
from fieldkit.core.instrument import Indicator, Questionnaire
from fieldkit.core.item import MISSING_REASONS, Item, Option
from fieldkit.core.lineage import Column, Key, Said, behind, item_columns, key_of, score_columns
from fieldkit.core.paradata import Paradata
from fieldkit.core.response import CONSENT, Response, with_link

BOM = "\ufeff".encode()
MISSING = "__miss"
COARSENED = "coarsened"
NOT_IN_VERSION = "not_in_version"  # this version of the questionnaire does not have the question
ABOUT = (
    "response",
    "wave",
    "county",
    "county_name",
    "questionnaire",
    "questionnaire_version",
    "language",
    "received_on",
    "active_seconds",
    "corrections",
    "offline",
    "device",
    "simulated",
)
ROW_ABOUT = ("response", "wave", "county", "questionnaire", "questionnaire_version")  # of rows_<list>.csv
FILES = ("response", "wave", "item", "state", "file", "bytes", "sha256")  # of attachments.csv
CHUNK = 64 * 1024
NOT_TOLD = Paradata()
FORMULA = "=+-@\N{MINUS SIGN}"


def guarded(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet program might run it as a formula.

    >>> guarded('=1+1'), guarded('＝1+1'), guarded('安吉县')
    ("'=1+1", "'＝1+1", '安吉县')
    """
    first = text.lstrip(" \u00a0\u3000\u200b\ufeff")[:1]
    if first and (first in "\t\r\n" or unicodedata.normalize("NFKC", first) in FORMULA):
        return "'" + text
    return text


def response_key(response_id: str) -> str:
    """A name for a row that stays the same in every export and cannot be turned back into the response's id.

    It begins with a letter, or spreadsheet programs would read some of them as numbers such as 12e34.
    """
    return "r" + hashlib.sha256(b"fieldkit export " + response_id.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RowTable:
    """One list of rows that people fill: a file of its own, one of its rows a line.

    `path` are the lists it lies in, the outermost first, itself last; each has a column with the row's number.
    """

    name: str
    path: tuple[str, ...]
    items: tuple[Column, ...]

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"rows_{self.name}.csv"

    @property
    def header(self) -> list[str]:
        """The column names in order."""
        items = [name for column in self.items for name in (column.name, column.name + MISSING)]
        return [*ROW_ABOUT, *(f"row_{name}" for name in self.path), *items]

    def lines(self, response: Response) -> Iterator[list[str]]:
        """The rows of one response as cells; `response` leads to the person's line in responses.csv."""
        key = response.questionnaire, response.version
        head = [response_key(response.id), response.wave, response.county, *key]
        answer = response.answers.get(self.path[0])
        rows = answer.value if answer is not None else None
        for numbers, row in _rows_at(rows, self.path[1:]):
            cells = [*head, *map(str, numbers)]
            for column in self.items:
                cells += cell(_in_row(row.get(column.thing.id))) if key in column.versions else ("", NOT_IN_VERSION)
            yield cells


def _rows_at(rows: object, inner: Sequence[str]) -> Iterator[tuple[tuple[int, ...], Mapping[str, object]]]:
    """Every row of the innermost list with its number and those of the rows around it."""
    for number, row in enumerate(rows if isinstance(rows, list) else (), 1):
        if inner:
            for numbers, deeper in _rows_at(row.get(inner[0]), inner[1:]):
                yield (number, *numbers), deeper
        else:
            yield (number,), row


def _in_row(given: object) -> Answer | None:
    """A cell of a row as it is stored: a value, or {"missing": reason}."""
    if isinstance(given, Mapping):
        return Answer(missing=str(given.get("missing")))
    return None if given is None else Answer(given)


def _row_tables(
    questionnaires: Sequence[Questionnaire], columns: Sequence[Column], texts: Collection[str]
) -> tuple[RowTable, ...]:
    """The lists of rows of all versions, each with the items that stand in its rows."""
    paths: dict[str, tuple[str, ...]] = {}
    inside: dict[str, dict[str, None]] = {}
    for questionnaire in questionnaires:
        for name, items in repeats_of(questionnaire).items():
            section = questionnaire.section_of[items[0]]
            around = tuple(group.id for group in section.around(items[0]) if group.repeat)
            paths[name] = (section.id, *around) if section.repeat else around
            inside.setdefault(name, {}).update(dict.fromkeys(items))
    return tuple(
        RowTable(name, path, tuple(c for c in columns if c.thing.id in inside[name] and c.thing.id not in texts))
        for name, path in paths.items()
    )


@dataclass(frozen=True, slots=True)
class Columns:
    """What stands in which column, worked out once for all rows. `left_out` are the items that people wrote into.

    One column for each question and each score, over all versions that the rows come from; `blanks` names for every
    version and column the items that it gives away: it is empty where one of them is blanked.
    """

    items: tuple[Column, ...]
    scores: tuple[Column, ...]
    left_out: tuple[Item, ...]
    rows: tuple[RowTable, ...]
    modules: tuple[str, ...]
    sections: tuple[str, ...]
    flags: tuple[str, ...]
    versions: Mapping[Key, Questionnaire]
    blanks: Mapping[tuple[Key, str], frozenset[str]]

    @classmethod
    def of(
        cls,
        questionnaires: Sequence[Questionnaire],
        flags: Sequence[str],
        *,
        said: Said = lambda one, other: {},
        home: Mapping[str, str] = MappingProxyType({}),
    ) -> Columns:
        """All items become columns but consent and county (which has columns of its own), notes, written texts,
        files (attachments.csv lists them) and what stands in the rows of a repeat. `said` and `home` as for
        core.lineage.
        """
        media = {item.id for q in questionnaires for item in q if item.kind.value == "media"}
        texts = {name for q in questionnaires for name in written(q)} | media
        many = {name for q in questionnaires for items in repeats_of(q).values() for name in items}
        silent = {item.id for q in questionnaires for item in q if item.kind.value == "none" or with_link(item)}
        none = silent | {CONSENT} | many
        every = item_columns(questionnaires, said)
        items = tuple(c for c in every if c.thing.id not in texts and c.thing.id not in none)
        scores = score_columns(questionnaires, said, home)
        left_out = {item.id: item for q in questionnaires for item in q if item.id in texts}
        asked = [c for c in every if isinstance(c.thing, Item) and c.thing.kind.value != "none"]
        blanks = {}
        for q in questionnaires:
            for column in items:
                if column.thing.id in q.items:
                    blanks[key_of(q), column.name] = behind([column.thing.id], q)
            for indicator in q.indicators:
                for column in scores:
                    if column.thing.id == indicator.id:
                        blanks[key_of(q), column.name] = behind(indicator.items, q)
        return cls(
            items=items,
            scores=scores,
            left_out=tuple(left_out.values()),
            rows=_row_tables(questionnaires, asked, texts),
            modules=tuple(sorted({module for q in questionnaires for module in q.modules})),
            sections=tuple(dict.fromkeys(section.id for q in questionnaires for section in q.sections)),
            flags=tuple(flags),
            versions=MappingProxyType({key_of(q): q for q in questionnaires}),
            blanks=MappingProxyType(blanks),
        )

    @property
    def files(self) -> bool:
        """Whether people sent photos, recordings or files."""
        return any(item.kind.value == "media" for item in self.left_out)

    @property
    def header(self) -> list[str]:
        """The column names in order."""
        items = [name for column in self.items for name in (column.name, column.name + MISSING)]
        scores = [column.name for column in self.scores]
        seconds = (f"seconds_{section}" for section in self.sections)
        return [*ABOUT, *(f"module_{module}" for module in self.modules), *seconds, *self.flags, *items, *scores]

    def row(
        self,
        response: Response,
        *,
        county_name: str,
        flags: Sequence[bool],
        scores: Mapping[str, str] = MappingProxyType({}),
        blanked: frozenset[str] = frozenset(),
    ) -> list[str]:
        """One response as cells; profile items in `blanked` are empty with the reason coarsened, and so is all that
        gives them away. `scores` holds the cells of the indicators that have a value.
        """
        key = response.questionnaire, response.version
        pins = self.versions[key].modules
        seconds = response.active_seconds
        how = response.paradata or NOT_TOLD
        cells = [
            response_key(response.id),
            response.wave,
            response.county,
            guarded(county_name),
            response.questionnaire,
            response.version,
            response.language,
            response.received_on.isoformat(),
            "" if seconds is None else str(seconds),
            "" if how.corrections is None else str(how.corrections),
            "" if how.offline is None else "1" if how.offline else "0",
            how.device or "",
            "1" if response.simulated else "0",
            *(pins.get(module, "") for module in self.modules),
            *(str(how.seconds.get(section, "")) for section in self.sections),
            *("1" if flag else "0" for flag in flags),
        ]
        answers = response.answers
        for column in self.items:
            if key not in column.versions:
                cells += "", NOT_IN_VERSION
            elif blanked and blanked & self.blanks[key, column.name]:
                cells += "", COARSENED
            else:
                cells += cell(answers.get(column.thing.id))
        for column in self.scores:
            given_away = blanked and key in column.versions and blanked & self.blanks[key, column.name]
            cells.append("" if key not in column.versions or given_away else scores.get(column.thing.id, ""))
        return cells


def score_cell(value: float | Collection[int] | None) -> str:
    """A score as it is written: up to six decimals, several codes separated by spaces, empty where there is none.

    >>> score_cell(62.5), score_cell(100.0), score_cell(float("nan")), score_cell(frozenset({2, 1})), score_cell(None)
    ('62.5', '100', '', '1 2', '')
    """
    if value is None:
        return ""
    if isinstance(value, Collection):
        return " ".join(map(str, sorted(value)))
    if not math.isfinite(value):
        return ""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def cell(answer: Answer | None) -> tuple[str, str]:
    """Value and missing reason, one of them empty; codes of a multiple choice are separated by spaces."""
    if answer is None:
        return "", "not_shown"
    value = answer.value
    if value is None:
        return "", answer.missing or ""
    if isinstance(value, list):
        return " ".join(map(str, value)), ""
    if isinstance(value, str):
        return guarded(value), ""
    return str(value), ""


def encoded(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Rows as CSV bytes in pieces of about 64 kB, the byte order mark first; memory does not grow with the rows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    yield BOM
    for cells in rows:
        writer.writerow(cells)
        if buffer.tell() > CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue().encode()


CODEBOOK = (
    "column",
    "item",
    "type",
    "text_zh",
    "text_en",
    "codes_zh",
    "codes_en",
    "low",
    "high",
    "unit_zh",
    "unit_en",
    "recall_zh",
    "recall_en",
    "reverse",
    "sensitive",
    "required",
    "asked_if",
    "construct",
    "construct_zh",
    "module",
    "module_version",
    "questionnaire",
    "questionnaire_version",
    "missing_reasons",
    "note",
    "kind",
    "estimate",
    "made_of",
    "parameters",
    "high_means_zh",
    "high_means_en",
    "file",
)


def codebook(
    columns: Columns,
    *,
    about: Mapping[str, tuple[str, str]],
    coarsened: Sequence[str] = (),
    module_of: Mapping[str, str],
) -> bytes:
    """The codebook as CSV: one line for every column of the data file, and one for every item left out.

    Wording is that of the latest version in which a question or score stands in the column. `about` gives the Chinese
    and English words of the columns that are not items, and of `missing`, `module` and `left_out`; `coarsened` are
    the profile items that may be blanked; `module_of` maps item to module.
    """
    questionnaires = list(columns.versions.values())
    of_item = {item.id: construct for q in questionnaires for construct in q.constructs for item in construct.items}
    lines: list[tuple[dict[str, str], str, list[Questionnaire]]] = []  # with the item, and the versions it is from
    for name in columns.header[: len(columns.header) - 2 * len(columns.items) - len(columns.scores)]:
        zh, en = about[next((kind for kind in ("module", "seconds") if name.startswith(kind + "_")), name)]
        lines.append(({"column": name, "type": "about", "text_zh": zh, "text_en": en}, "", questionnaires))
    for column in columns.items:
        item = column.thing
        assert isinstance(item, Item)
        given_away = any(columns.blanks[key, column.name].intersection(coarsened) for key in column.versions)
        lines += _item_lines(column, item, columns.versions, about["missing"], [COARSENED] if given_away else [])
    for column in columns.scores:
        indicator = column.thing
        assert isinstance(indicator, Indicator)
        within = [q for key, q in columns.versions.items() if key in column.versions]
        lines.append(({"column": column.name} | _of_indicator(indicator, within[-1]), indicator.items[0], within))
    for item in columns.left_out:
        within = [q for q in questionnaires if item.id in q.items]
        media = item.kind.value == "media"
        line = {"column": "", "item": item.id, "note": about["left_out_file" if media else "left_out"][0]}
        lines.append((line | _of_item(item), item.id, within))
    for name in FILES if columns.files else ():
        zh, en = about[name if name in ABOUT else f"attachment_{name}"]
        told = {"column": name, "type": "about", "text_zh": zh, "text_en": en, "file": "attachments.csv"}
        lines.append((told, "", questionnaires))
    for table in columns.rows:
        own: list[tuple[dict[str, str], str, list[Questionnaire]]] = []
        for name in table.header[: len(ROW_ABOUT) + len(table.path)]:
            zh, en = about["row" if name.startswith("row_") else name]
            own.append(({"column": name, "type": "about", "text_zh": zh, "text_en": en}, "", questionnaires))
        for column in table.items:
            assert isinstance(column.thing, Item)
            own += _item_lines(column, column.thing, columns.versions, about["missing"], [])
        lines += [({**line, "file": table.file}, item_id, within) for line, item_id, within in own]
    rows = [list(CODEBOOK)]
    for line, item_id, within in lines:
        line.setdefault("file", "responses.csv" if line.get("column") else "")
        construct = of_item.get(item_id) if line.get("item") else None
        module = module_of.get(item_id, "")
        line |= {
            "construct": construct.id if construct else "",
            "construct_zh": construct.title.say("zh") if construct else "",
            "module": module,
            "module_version": _joined(q.modules.get(module, "") for q in within),
            "questionnaire": _joined(q.id for q in within),
            "questionnaire_version": _joined(q.version for q in within),
        }
        rows.append([guarded(line.get(name, "")) for name in CODEBOOK])
    return b"".join(encoded(rows))


def _item_lines(
    column: Column, item: Item, versions: Mapping[Key, Questionnaire], missing: tuple[str, str], more: Sequence[str]
) -> Iterator[tuple[dict[str, str], str, list[Questionnaire]]]:
    """The two lines of a question: its answers, and why there is none. `more` are reasons beside the usual ones."""
    within = [q for key, q in versions.items() if key in column.versions]
    yield {"column": column.name, "item": item.id, "note": item.note} | _of_item(item), item.id, within
    reasons = [*MISSING_REASONS, *more, *([NOT_IN_VERSION] if len(within) < len(versions) else [])]
    line = {"column": column.name + MISSING, "item": item.id, "type": "missing", "text_zh": missing[0]}
    yield line | {"text_en": missing[1], "missing_reasons": " ".join(reasons)}, item.id, within


def _joined(words: Iterable[str]) -> str:
    """Each word once, in order."""
    return " ".join(dict.fromkeys(word for word in words if word))


def _of_indicator(indicator: Indicator, questionnaire: Questionnaire) -> dict[str, str]:
    options = indicator.options
    if not options and len(indicator.items) == 1 and indicator.kind in ("categories", "options", "share"):
        options = questionnaire.items[indicator.items[0]].options
    classes = "" if indicator.kind == "share" else "codes"
    return {
        "type": "score",
        "text_zh": indicator.title.say("zh"),
        "text_en": indicator.title.say("en"),
        "codes_zh": _codes(options, "zh") if classes else "",
        "codes_en": _codes(options, "en") if classes else "",
        "low": _limit(indicator.low),
        "high": _limit(indicator.high),
        "unit_zh": indicator.unit.say("zh"),
        "unit_en": indicator.unit.say("en"),
        "sensitive": "1" if indicator.sensitive else "0",
        "kind": indicator.kind,
        "estimate": indicator.estimate,
        "made_of": " ".join(indicator.items),
        "parameters": json.dumps(dict(indicator.parameters), ensure_ascii=False) if indicator.parameters else "",
        "high_means_zh": indicator.high_means.say("zh"),
        "high_means_en": indicator.high_means.say("en"),
    }


def _limit(number: float | None) -> str:
    return "" if number is None else f"{number:g}" if abs(number) < 1e6 else f"{number:.0f}"


def _of_item(item: Item) -> dict[str, str]:
    return {
        "type": item.type,
        "text_zh": item.text.say("zh"),
        "text_en": item.text.say("en"),
        "codes_zh": _codes(item.options, "zh"),
        "codes_en": _codes(item.options, "en"),
        "low": _limit(item.low),
        "high": _limit(item.high),
        "unit_zh": item.unit.say("zh"),
        "unit_en": item.unit.say("en"),
        "recall_zh": item.recall.say("zh"),
        "recall_en": item.recall.say("en"),
        "reverse": "1" if item.reverse else "0",
        "sensitive": "1" if item.sensitive else "0",
        "required": item.required,
        "asked_if": item.relevance,
        "missing_reasons": "",
    }


def _codes(options: Sequence[Option], language: str) -> str:
    """'[1] 乡镇; [2] 街道'; an option that is only a missing reason names it: '[refused] 不便回答'."""
    return "; ".join(f"[{o.missing or o.code}] {o.text.say(language)}" for o in options)
