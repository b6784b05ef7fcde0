"""The columns of each sheet, as XLSForm names them and as we do, and the languages in their headings.

Wording of ours that XLSForm has no column for ends in its language (`unit_zh`), because pyxform refuses `::` there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fieldkit.core.text import Text
from fieldkit.formats.xlsform.finding import SheetFinding, cell
from fieldkit.formats.xlsform.sheets import Sheet

# What XLSForm translates, and wording that is ours alone.
TRANSLATED = ("label", "hint", "constraint_message", "guidance_hint", "required_message", "image", "audio", "video")
OWN_WORDS: tuple[str, ...] = (
    "unit",
    "recall",
    "left",
    "right",
    "label_short",
    "warning_message",
    "other",
    "title",
    "stem",
)
OWN_WORDS += ("print_name", "high_means", "statement")

# Columns of the survey sheet that say something about an item, a section or a group.
SURVEY = (
    *("type", "name", "label", "hint", "required", "relevant", "constraint", "constraint_message", "calculation"),
    *("default", "appearance", "parameters", "choice_filter", "repeat_count"),
    *("construct", "reverse", "sensitive", "recall", "unit", "label_short", "measure", "required_level", "missing"),
    *("low", "high", "decimals", "step", "most", "left", "right", "warn_above", "warning", "warning_message"),
    *("options", "source", "randomised", "part", "opening", "definitions", "matrix", "random_order", "repeat_rows"),
    *("keep_location", "remark"),
)
# Columns of XLSForm that a page of ours has no use for: each filled cell is named in a finding.
NOT_TAKEN = (
    *("guidance_hint", "required_message", "image", "audio", "video", "big-image", "autoplay", "read_only", "trigger"),
    *("save_to", "save_incomplete", "intent", "disabled", "compact_tag", "bind", "body", "instance"),
)
CHOICES = ("list_name", "name", "label", "exclusive", "missing", "sensitive", "other")
CHOICES_NOT_TAKEN = ("image", "audio", "video", "big-image", "geometry")
SETTINGS = (
    *("form_title", "form_id", "version", "default_language"),
    *("title", "languages", "audience", "minutes", "modules", "status", "main_page"),
)
SETTINGS_NOT_TAKEN = (
    *("instance_name", "style", "public_key", "submission_url", "allow_choice_duplicates", "auto_send", "auto_delete"),
    *("sms_keyword", "namespaces", "instance_xmlns", "clean_text_values", "client_editable", "omit_instanceid"),
)
CONSTRUCTS = (
    *("id", "title", "definition", "items", "quotation", "section", "level", "measurement", "model", "stem"),
    *("skip", "scoring", "note"),
)
INDICATORS = (
    *("id", "title", "kind", "items", "parameters", "estimate", "low", "high", "unit", "decimals", "sensitive"),
    *("n_min", "print_name", "high_means", "statement", "options"),
)
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "command": "type",
        "tag": "name",
        "value": "name",
        "list name": "list_name",
        "list": "list_name",
        "caption": "label",
        "relevance": "relevant",
        "calculate": "calculation",
        "constraint message": "constraint_message",
        "constraint-msg": "constraint_message",
        "jr:constraintmsg": "constraint_message",
        "required message": "required_message",
        "readonly": "read_only",
        "read only": "read_only",
        "jr:count": "repeat_count",
        "count": "repeat_count",
        "repeat count": "repeat_count",
        "choice filter": "choice_filter",
        "media::image": "image",
        "media::audio": "audio",
        "media::video": "video",
        "title": "form_title",
        "set form title": "form_title",
        "set form id": "form_id",
        "id_string": "form_id",
        "bind::relevant": "relevant",
        "bind::required": "required",
        "bind::constraint": "constraint",
        "bind::calculate": "calculation",
        "control::appearance": "appearance",
        "body::appearance": "appearance",
    }
)

# What `or_other` adds to a list, and the question it opens.
OR_OTHER = Text(zh="其他", en="Other")
PLEASE_SPECIFY = Text(zh="请说明", en="Please specify")

LANGUAGE_NAMES = MappingProxyType({"zh": "中文", "en": "English"})
_KNOWN = MappingProxyType(
    {
        **dict.fromkeys(("chinese", "中文", "汉语", "普通话", "简体中文", "simplified chinese", "mandarin"), "zh"),
        **dict.fromkeys(("english", "英文", "英语"), "en"),
        **dict.fromkeys(("tibetan", "藏文", "藏语"), "bo"),
        **dict.fromkeys(("uyghur", "维吾尔文", "维吾尔语"), "ug"),
        **dict.fromkeys(("mongolian", "蒙古文", "蒙古语"), "mn"),
        **dict.fromkeys(("korean", "朝鲜文", "朝鲜语"), "ko"),
        **dict.fromkeys(("french", "français"), "fr"),
        **dict.fromkeys(("spanish", "español"), "es"),
    }
)
_IN_BRACKETS = re.compile(r"[(（]\s*([A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?)\s*[)）]\s*\Z")
_CODE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2,4}))?\Z")
_SUFFIX = re.compile(r"(.+)_([a-z]{2,3}(?:_[A-Z]{2})?)\Z")


def language_of(name: str) -> str:
    """The code of a language as a heading names it: '中文 (zh)', 'English', 'zh-CN'; '' when it is not known.

    >>> language_of("简体中文 (zh-CN)"), language_of("English"), language_of("Klingon")
    ('zh', 'en', '')
    """
    inner = _IN_BRACKETS.search(name)
    code = _CODE.match(inner[1] if inner else name.strip())
    known = _KNOWN.get(name.strip().lower())
    if known or not code:
        return known or ""
    base, region = code[1].lower(), (code[2] or "")
    if base == "zh" and region.lower() in ("cn", "hans", "sg", ""):
        return "zh"
    if region.lower() == "hant":
        region = "TW"
    return f"{base}_{region.upper()}" if len(region) == 2 else base


def language_name(code: str) -> str:
    """How a heading names a language: 'English (en)'."""
    return f"{LANGUAGE_NAMES.get(code, code)} ({code.replace('_', '-')})"


@dataclass(frozen=True)
class Row:
    """One row: its number, its plain cells, its wording by language, and the headings as they were written."""

    number: int
    cells: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    title: Mapping[str, str]

    def get(self, name: str) -> str:
        """A plain cell, '' when it is blank."""
        return self.cells.get(name, "")


@dataclass(frozen=True)
class Page:
    """A sheet read by its headings; `extra` are headings nobody here knows, by their place."""

    title: str
    rows: tuple[Row, ...]
    languages: tuple[str, ...]
    extra: tuple[str, ...]


def _heading(written: str, known: Sequence[str]) -> tuple[str, str | None]:
    """A heading's column and language name (None: no language given)."""
    text = re.sub(r"\s*::\s*", "::", written.strip())
    low = text.lower()
    low = low if low in known else ALIASES.get(low, low)
    if low in known:
        return low, None
    base, mark, language = text.partition("::")
    base = base.strip().lower()
    if base == "media" and mark:  # media::image::English (en)
        base, mark, language = (*language.partition("::"),)
        base = base.lower()
    base = ALIASES.get(base, base)
    if mark and base in (*TRANSLATED, *OWN_WORDS):
        return base, language
    suffix = _SUFFIX.match(text)
    if suffix and suffix[1].lower() in OWN_WORDS:
        return suffix[1].lower(), suffix[2]
    if not mark and ":" in text:  # label:English, as older forms have it
        base, _, language = text.partition(":")
        if ALIASES.get(base.lower(), base.lower()) in TRANSLATED:
            return ALIASES.get(base.lower(), base.lower()), language
    return low, None


def page_of(sheet: Sheet | None, known: Sequence[str], plain: str, findings: list[SheetFinding]) -> Page:
    """The rows of a sheet by column. `plain` is the language of wording whose heading names none."""
    if sheet is None or not sheet.rows:
        return Page(sheet.title if sheet else "", (), (), ())
    (first, headings), *rows = sheet.rows
    columns: list[tuple[int, str, str, str]] = []  # place, column, language, as written
    seen: dict[tuple[str, str], str] = {}
    extra: list[str] = []
    languages: dict[str, None] = {}
    for place, written in enumerate(headings):
        if not written:
            continue
        name, language = _heading(written, known)
        code = ""
        if name in TRANSLATED or name in OWN_WORDS:
            code = plain if language is None else language_of(language)
            if not code:
                findings.append(cell("xlsform.unknown_language", sheet.title, first, written, language=language))
                continue
            languages[code] = None
        if (name, code) in seen:
            findings.append(cell("xlsform.double_column", sheet.title, first, written, first=seen[name, code]))
            continue
        seen[name, code] = written
        if name not in known and name not in (*TRANSLATED, *OWN_WORDS):
            name = written
            extra.append(written)
        columns.append((place, name, code, written))
    found = []
    for number, row in rows:
        cells: dict[str, str] = {}
        words: dict[str, dict[str, str]] = {}
        titles: dict[str, str] = {}
        for place, name, code, written in columns:
            text = row[place] if place < len(row) else ""
            if text:
                titles.setdefault(name, written)
                if code:
                    words.setdefault(name, {})[code] = text
                else:
                    cells[name] = text
        if cells or words:
            found.append(Row(number, cells, words, titles))
    return Page(sheet.title, tuple(found), tuple(languages), tuple(extra))
