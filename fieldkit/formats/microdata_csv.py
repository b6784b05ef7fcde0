"""Rows for researchers: one response a line, each item beside its missing reason; and the codebook to read them by.

UTF-8 with a byte order mark, so that spreadsheet programs show Chinese. A number cell is a number or empty, never a
code for missing; the reason stands in the column `<item>__miss`. Texts that people wrote are not in this file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fieldkit.core.answer import Answer
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import MISSING_REASONS, Item, Option
from fieldkit.core.response import CONSENT, COUNTY, Response

BOM = "\ufeff".encode()
MISSING = "__miss"
COARSENED = "coarsened"
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
    "simulated",
)
CHUNK = 64 * 1024
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
class Columns:
    """What stands in which column, worked out once for all rows. `left_out` are the items that people wrote into."""

    items: tuple[Item, ...]
    left_out: tuple[Item, ...]
    modules: tuple[tuple[str, str], ...]
    flags: tuple[str, ...]

    @classmethod
    def of(cls, questionnaire: Questionnaire, flags: Sequence[str]) -> Columns:
        """All items become columns but consent and county (which has columns of its own) and written texts."""
        asked = [item for item in questionnaire if item.id not in (CONSENT, COUNTY)]
        return cls(
            items=tuple(item for item in asked if item.kind.value != "text"),
            left_out=tuple(item for item in asked if item.kind.value == "text"),
            modules=tuple(sorted(questionnaire.modules.items())),
            flags=tuple(flags),
        )

    @property
    def header(self) -> list[str]:
        """The column names in order."""
        items = [column for item in self.items for column in (item.id, item.id + MISSING)]
        return [*ABOUT, *(f"module_{module}" for module, _ in self.modules), *self.flags, *items]

    def row(
        self,
        response: Response,
        *,
        county_name: str,
        flags: Sequence[bool],
        blanked: frozenset[str] = frozenset(),
    ) -> list[str]:
        """One response as cells; profile items in `blanked` are empty with the reason coarsened."""
        seconds = response.active_seconds
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
            "1" if response.simulated else "0",
            *(version for _, version in self.modules),
            *("1" if flag else "0" for flag in flags),
        ]
        answers = response.answers
        for item in self.items:
            cells += ("", COARSENED) if item.id in blanked else cell(answers.get(item.id))
        return cells


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
)


def codebook(
    questionnaire: Questionnaire,
    columns: Columns,
    *,
    about: Mapping[str, tuple[str, str]],
    coarsened: Sequence[str] = (),
    module_of: Mapping[str, str],
) -> bytes:
    """The codebook as CSV: one line for every column of the data file, and one for every item left out.

    `about` gives the Chinese and English words of the columns that are not items, and of `missing`, `module` and
    `left_out`; `coarsened` are the profile items that may be blanked; `module_of` maps item to module.
    """
    of_item = {item.id: construct for construct in questionnaire.constructs for item in construct.items}
    lines: list[dict[str, str]] = []
    for column in columns.header:
        item_id = column.removesuffix(MISSING)
        item = questionnaire.items.get(item_id)
        if item is None:
            zh, en = about["module" if column.startswith("module_") else column]
            lines.append({"column": column, "type": "about", "text_zh": zh, "text_en": en})
        elif column.endswith(MISSING):
            zh, en = about["missing"]
            reasons = [*MISSING_REASONS, *([COARSENED] if item.id in coarsened else [])]
            lines.append(
                {"column": column, "item": item.id, "type": "missing", "text_zh": zh, "text_en": en}
                | {"missing_reasons": " ".join(reasons)}
            )
        else:
            lines.append({"column": column, "item": item.id, "note": item.note} | _of_item(item))
    for item in columns.left_out:
        zh, _ = about["left_out"]
        lines.append({"column": "", "item": item.id, "note": zh} | _of_item(item))
    for line in lines:
        construct = of_item.get(line.get("item", ""))
        module = module_of.get(line.get("item", ""), "")
        line |= {
            "construct": construct.id if construct else "",
            "construct_zh": construct.title.say("zh") if construct else "",
            "module": module,
            "module_version": questionnaire.modules.get(module, ""),
            "questionnaire": questionnaire.id,
            "questionnaire_version": questionnaire.version,
        }
    rows = [list(CODEBOOK), *([guarded(line.get(name, "")) for name in CODEBOOK] for line in lines)]
    return b"".join(encoded(rows))


def _of_item(item: Item) -> dict[str, str]:
    return {
        "type": item.type,
        "text_zh": item.text.say("zh"),
        "text_en": item.text.say("en"),
        "codes_zh": _codes(item.options, "zh"),
        "codes_en": _codes(item.options, "en"),
        "low": "" if item.low is None else f"{item.low:g}" if abs(item.low) < 1e6 else f"{item.low:.0f}",
        "high": "" if item.high is None else f"{item.high:g}" if abs(item.high) < 1e6 else f"{item.high:.0f}",
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
