"""Rows for researchers as CSV: each item beside its missing reason; the codebook and the labels to read them by.

UTF-8 with a byte order mark, so that spreadsheet programs show Chinese, or GB 18030 for old programs. A number cell is
a number or empty, never a code for missing; the reason stands in the column `<item>__miss`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from fieldkit.core.columns import (
    ATTACHMENTS,
    FILES,
    RESPONSES,
    ROW_ABOUT,
    Columns,
    about_word,
    file_word,
    left_out_word,
)
from fieldkit.core.dataset import COARSENED, NOT_IN_VERSION, Dataset, Table, Value
from fieldkit.core.instrument import Indicator, Questionnaire
from fieldkit.core.item import MISSING_REASONS, Item, Option
from fieldkit.core.lineage import Column, Key
from fieldkit.core.spreadsheet import guarded
from fieldkit.core.text import Text

BOM = "\ufeff".encode()
ENCODINGS = ("utf-8", "gb18030")
MISSING = "__miss"
CHUNK = 64 * 1024


def header(table: Table) -> list[str]:
    """The column names in order; a variable that may be missing for a reason has a second column beside it."""
    return [name for v in table.variables for name in ((v.name, v.name + MISSING) if v.reasons else (v.name,))]


def data_file(table: Table) -> str:
    """The name of the table's file."""
    return f"{table.name}.csv"


def lines(table: Table) -> Iterator[list[str]]:
    """The header and all rows as cells; memory does not grow with the rows."""
    yield header(table)
    spell = [(_score if v.role == "score" else _text, bool(v.reasons)) for v in table.variables]
    for values, missing in table.rows():
        cells: list[str] = []
        for value, why, (write, beside) in zip(values, missing, spell, strict=True):
            cells.append("" if value is None else write(value))
            if beside:
                cells.append(why)
        yield cells


def _text(value: Value) -> str:
    if isinstance(value, str):
        return guarded(value)
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _score(value: Value) -> str:
    """Up to six decimals."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else _text(value)


def encoded(
    rows: Iterable[Sequence[str]], encoding: str = "utf-8", strange: Callable[[str], None] = lambda text: None
) -> Iterator[bytes]:
    """Rows as CSV bytes in pieces of about 64 kB, in UTF-8 behind a byte order mark; memory does not grow.

    In GB 18030, `strange` is given every piece that has characters beyond GBK: GB 18030 writes them with four bytes,
    which programs that know GBK alone cannot read. No character is lost.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    if encoding == "utf-8":
        yield BOM

    def taken() -> bytes:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        if encoding != "utf-8":
            try:
                return text.encode("gbk")  # the same bytes as GB 18030, where there are any
            except UnicodeEncodeError:
                strange(text)
        return text.encode(encoding)

    for cells in rows:
        writer.writerow(cells)
        if buffer.tell() > CHUNK:
            yield taken()
    if buffer.tell():
        yield taken()


def beyond_gbk(text: str) -> set[str]:
    """The characters that GBK does not have.

    >>> beyond_gbk("安吉县㵲水")
    {'㵲'}
    """
    return {c for c in set(text) if not c.isascii() and not c.encode("gbk", "ignore")}


LABELS = ("file", "column", "code", "label_zh", "label_en")


def label_lines(dataset: Dataset) -> Iterator[list[str]]:
    """What the codes and missing reasons of every column mean, one line each."""
    yield list(LABELS)
    for table in dataset.tables:
        for variable in table.variables:
            for code, words in variable.options:
                yield [data_file(table), variable.name, str(code), guarded(words.say("zh")), guarded(words.say("en"))]
            for reason in variable.reasons:
                words = dataset.reasons[reason]
                column = variable.name + MISSING
                yield [data_file(table), column, reason, guarded(words.say("zh")), guarded(words.say("en"))]


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
    "stored",  # the kind of core.dataset, or missing for the columns of reasons
)


def codebook(
    columns: Columns,
    *,
    about: Mapping[str, Text],
    coarsened: Sequence[str] = (),
    module_of: Mapping[str, str],
    tables: Sequence[Table] = (),
    encoding: str = "utf-8",
) -> bytes:
    """The codebook as CSV: one line for every column of the data file, and one for every item left out.

    Wording is that of the latest version in which a question or score stands in the column. `about` gives the Chinese
    and English words of the columns that are not items, of `missing` and of what `about_word` and `left_out_word` name;
    `coarsened` are the items that may be blanked; `module_of` maps item to module; `tables` tell how values are stored.
    """
    questionnaires = list(columns.versions.values())
    of_item = {item.id: construct for q in questionnaires for construct in q.constructs for item in construct.items}
    lines: list[tuple[dict[str, str], str, list[Questionnaire]]] = []  # with the item, and the versions it is from
    for name in columns.about:
        lines.append((_about(name, about[about_word(name)]), "", questionnaires))
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
        note = about[left_out_word(item)].say("zh")
        lines.append(({"column": "", "item": item.id, "note": note} | _of_item(item), item.id, within))
    for name in FILES if columns.files else ():
        line = _about(name, about[file_word(name)]) | {"file": f"{ATTACHMENTS}.csv"}
        lines.append((line, "", questionnaires))
    for table in columns.rows:
        own: list[tuple[dict[str, str], str, list[Questionnaire]]] = []
        own += [(_about(name, about[name]), "", questionnaires) for name in ROW_ABOUT]
        own += [(_about(f"row_{name}", about["row"]), "", questionnaires) for name in table.path]
        for column in table.items:
            assert isinstance(column.thing, Item)
            own += _item_lines(column, column.thing, columns.versions, about["missing"], [])
        lines += [({**line, "file": f"{table.table}.csv"}, item_id, within) for line, item_id, within in own]
    rows = [list(CODEBOOK)]
    stored = {(data_file(table), v.name): v.kind for table in tables for v in table.variables}
    for line, item_id, within in lines:
        line.setdefault("file", f"{RESPONSES}.csv" if line.get("column") else "")
        missing = "missing" if line.get("type") == "missing" else ""
        line["stored"] = missing or stored.get((line["file"], line.get("column", "")), "")
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
    return b"".join(encoded(rows, encoding))


def _about(name: str, words: Text) -> dict[str, str]:
    return {"column": name, "type": "about", "text_zh": words.say("zh"), "text_en": words.say("en")}


def _item_lines(
    column: Column, item: Item, versions: Mapping[Key, Questionnaire], missing: Text, more: Sequence[str]
) -> Iterator[tuple[dict[str, str], str, list[Questionnaire]]]:
    """The two lines of a question: its answers, and why there is none. `more` are reasons beside the usual ones."""
    within = [q for key, q in versions.items() if key in column.versions]
    yield {"column": column.name, "item": item.id, "note": item.note} | _of_item(item), item.id, within
    reasons = [*MISSING_REASONS, *more, *([NOT_IN_VERSION] if len(within) < len(versions) else [])]
    line = {"column": column.name + MISSING, "item": item.id, "type": "missing", "text_zh": missing.say("zh")}
    yield line | {"text_en": missing.say("en"), "missing_reasons": " ".join(reasons)}, item.id, within


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
