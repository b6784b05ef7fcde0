"""Rows of the survey and choices sheets to items, sections, groups and options; what cannot be is noted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from fieldkit.core.attachment import LONGEST_SIDE
from fieldkit.core.instrument import Group, Section
from fieldkit.core.item import (
    CHOSEN_REASONS,
    REQUIRED,
    TYPES,
    Check,
    Item,
    Option,
    Randomised,
    with_companions,
)
from fieldkit.core.openrosa import MEANT, own_constraint
from fieldkit.core.text import NOTHING, Text
from fieldkit.formats.xlsform import columns
from fieldkit.formats.xlsform.columns import OR_OTHER, PLEASE_SPECIFY, Page, Row
from fieldkit.formats.xlsform.finding import Broken, SheetFinding, cell
from fieldkit.formats.xlsform.names import as_id, numbered, references, with_codes, with_new_names

ROWS_IN_A_REPEAT = 100  # where a workbook sets no limit
TYPE_ALIASES = {
    "int": "integer",
    "string": "text",
    "trigger": "acknowledge",
    "photo": "image",
    "location": "geopoint",
    "gps": "geopoint",
    "begin group": "begin_group",
    "end group": "end_group",
    "begin repeat": "begin_repeat",
    "end repeat": "end_repeat",
    "begin looped group": "begin_repeat",
    "end looped group": "end_repeat",
    "select one": "select_one",
    "select1": "select_one",
    "select all that apply": "select_multiple",
    "select multiple": "select_multiple",
    "select all that apply from": "select_multiple",
    "select one from": "select_one",
}
METADATA = (
    *(
        "start",
        "end",
        "today",
        "deviceid",
        "device id",
        "subscriberid",
        "simserial",
        "phonenumber",
        "username",
        "email",
    ),
    *("audit", "start-geopoint", "background-audio", "background-geopoint"),
)
TYPES_NOT_TAKEN = (
    *("geotrace", "geoshape", "video", "barcode", "datetime", "osm"),
    *("csv-external", "xml-external", "select_one_external", "select_one_from_file", "select_multiple_from_file"),
    *("rank_from_file", "entity"),
)
QUIET_APPEARANCES = {"field-list", "minimal", "multiline", "likert", "table-list"}
DEPTH = 20  # groups inside one another; a form that people fill in has three or four
LIST_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}\Z")
_PARAMETER = re.compile(r"([\w-]+)\s*=\s*([^\s,;]+)")
_CHOOSES = re.compile(r"(select_one|select_multiple|rank)\s+(\S+)(\s+or[_ ]other|\s+or specify other)?\Z")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?\Z")
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")
_YES = ("yes", "true", "true()", "1", "y", "是", "x")
_NO = ("", "no", "false", "false()", "0", "n", "否")


def own_list(name: str) -> str:
    """The name in the choices sheet of options that belong to one item alone; no list of ours is named so."""
    return f"{name}-options"


@dataclass
class Part:
    """A group or repeat of the workbook while it is open; the whole form is the outermost."""

    kind: str = ""
    row: Row | None = None
    id: str = ""
    children: list[Item | Part] = field(default_factory=list)
    introduction: Text = NOTHING


@dataclass
class Choices:
    """One list: its options in order and the codes that its names became."""

    options: tuple[Option, ...]
    codes: Mapping[str, int]
    row: int
    used: bool = False


class Survey:
    """The survey and choices sheets of one workbook, read row by row."""

    def __init__(self, survey: Page, choices: Page, plain: str, findings: list[SheetFinding]) -> None:
        self.page = survey
        self.plain = plain
        self.findings = findings
        self.rows: dict[tuple[str, str], Row] = {}  # (block, id) -> where it stands
        self.opening: list[Item] = []
        self.consent = self.introduction = NOTHING
        self.constructs: dict[str, list[str]] = {}  # construct as written -> its items
        self.lists = self._lists(choices)
        self.names = self._names()
        self.codes = self._codes()
        self.renumbered = self._renumbered()
        self.root = self._tree()
        for name, choice in self.lists.items():
            if not choice.used and not name.endswith("-categories"):
                self.findings.append(
                    cell("xlsform.list_unused", choices.title, choice.row, "list_name", "warning", list=name)
                )

    # ----------------------------------------------------------------------------------------------- notes

    def _note(
        self, code: str, row: Row, column: str, severity: str = "error", where: str = "", /, **facts: object
    ) -> None:
        title = row.title.get(column, column)
        self.findings.append(cell(code, self.page.title, row.number, title, severity, where, **facts))

    def _flag(self, row: Row, column: str) -> bool:
        text = row.get(column).lower()
        if text not in (*_YES, *_NO):
            self._note("xlsform.not_a_flag", row, column, value=row.get(column))
        return text in _YES

    def _number(self, row: Row, column: str, text: str | None = None) -> Any:
        text = row.get(column) if text is None else text
        if not text:
            return None
        if not _NUMBER.match(text):
            self._note("xlsform.not_a_number", row, column, value=text)
            return None
        return float(text) if "." in text else int(text)

    def _whole(self, row: Row, column: str) -> int | None:
        number = self._number(row, column)
        if number is not None and number != int(number):
            self._note("xlsform.not_a_number", row, column, value=row.get(column))
        return None if number is None else int(number)

    def _words(self, row: Row, column: str) -> Text:
        return Text({code: with_new_names(text, self.names) for code, text in row.words.get(column, {}).items()})

    # --------------------------------------------------------------------------------------------- choices

    def _lists(self, page: Page) -> dict[str, Choices]:
        for heading in page.extra:
            if not re.match(r"[A-Za-z_][\w.-]*\Z", heading):
                self.findings.append(cell("xlsform.unknown_column", page.title, 1, heading, "warning", name=heading))
        by_list: dict[str, list[Row]] = {}
        for row in page.rows:
            name, code = row.get("list_name"), row.get("name")
            if not name or not code:
                missing = "name" if name else "list_name"
                self.findings.append(
                    cell("xlsform.choice_without", page.title, row.number, missing, column_name=missing)
                )
                continue
            by_list.setdefault(name, []).append(row)
        found = {}
        for name, rows in by_list.items():
            codes = numbered(row.get("name") for row in rows)
            changed = [f"{old} → {new}" for old, new in codes.items() if old != str(new)]
            if changed:
                shown = ", ".join(changed[:8]) + (" …" if len(changed) > 8 else "")
                first = rows[0].number
                self.findings.append(
                    cell("xlsform.choices_numbered", page.title, first, "name", "warning", list=name, codes=shown)
                )
            seen: dict[str, int] = {}
            options = []
            for row in rows:
                code = row.get("name")
                if code in seen:
                    self.findings.append(
                        cell("xlsform.double_choice", page.title, row.number, "name", name=code, first=seen[code])
                    )
                    continue
                seen[code] = row.number
                options.append(self._option(page, row, codes[code]))
            found[name] = Choices(tuple(options), codes, rows[0].number)
        return found

    def _option(self, page: Page, row: Row, code: int) -> Option:
        def note(problem: str, column: str, severity: str = "error", /, **facts: object) -> None:
            self.findings.append(cell(problem, page.title, row.number, column, severity, **facts))

        def flag(column: str) -> bool:
            text = row.get(column).lower()
            if text not in (*_YES, *_NO):
                note("xlsform.not_a_flag", column, value=text)
            return text in _YES

        for column in columns.CHOICES_NOT_TAKEN:
            if row.get(column) or row.words.get(column):
                note("xlsform.column_not_taken", column, "warning", name=column)
        text = Text(row.words.get("label"))
        if not text:
            note("xlsform.no_choice_label", "label", "warning", name=row.get("name"))
            text = Text({self.plain: row.get("name")})
        missing = row.get("missing")
        if missing and missing not in CHOSEN_REASONS:
            note("xlsform.not_among", "missing", value=missing, among=", ".join(CHOSEN_REASONS))
            missing = ""
        facts = tuple(
            (name, row.get(name)) for name in page.extra if row.get(name) and re.match(r"[A-Za-z_][\w.-]*\Z", name)
        )
        return Option(code, text, flag("exclusive"), missing, Text(row.words.get("other")), facts, flag("sensitive"))

    # ----------------------------------------------------------------------------------------------- names

    def _kind(self, row: Row) -> tuple[str, str, bool]:
        """The type of a row as XLSForm names it, the list it names, and whether 'or other' follows."""
        text = " ".join(row.get("type").split())
        low = text.lower()
        for alias, name in TYPE_ALIASES.items():
            if low == alias or low.startswith(f"{alias} "):
                text = name + text[len(alias) :]
        match = _CHOOSES.match(text)
        if match:
            return match[1], match[2], bool(match[3])
        kind = text.lower()
        return (kind.split(" ")[0] if kind.startswith(("select_", "rank_")) else kind), "", False

    def _names(self) -> dict[str, str]:
        """The new id of every name in the survey sheet; double names are noted."""
        taken: set[str] = set()
        items: dict[str, int] = {}
        groups: dict[str, int] = {}
        names: dict[str, str] = {}
        waiting: list[tuple[Row, str]] = []
        for row in self.page.rows:
            name, kind = row.get("name"), self._kind(row)[0]
            if not name or not kind or kind.startswith("end_") or kind in METADATA or row.get("part"):
                continue
            seen = groups if kind.startswith("begin_") else items
            if name in seen:
                self._note("xlsform.double_name", row, "name", "error", name, name=name, first=seen[name])
                continue
            seen[name] = row.number
            waiting.append((row, name))
            if as_id(name, (), "q") == name:
                taken.add(name)
        for row, name in waiting:
            if name in names or name in taken:
                names.setdefault(name, name)
                continue
            names[name] = as_id(name, taken, f"row_{row.number}")
            taken.add(names[name])
            self._note("xlsform.renamed", row, "name", "warning", names[name], name=name, id=names[name])
        return names

    def _codes(self) -> dict[str, Mapping[str, int]]:
        """The codes by choice name of every item that chooses from a list."""
        found: dict[str, Mapping[str, int]] = {}
        for row in self.page.rows:
            name = row.get("options") or self._kind(row)[1]
            if name in self.lists and row.get("name") in self.names:
                found[self.names[row.get("name")]] = self.lists[name].codes
        return found

    def _renumbered(self) -> dict[str, Mapping[str, int]]:
        """Of these, the names that are not their own code, each list looked through once."""
        by_list = {
            id(choice.codes): {name: code for name, code in choice.codes.items() if name != str(code)}
            for choice in self.lists.values()
        }
        return {item: by_list[id(codes)] for item, codes in self.codes.items() if by_list[id(codes)]}

    def expression(self, row: Row, column: str, where: str) -> str:
        """An expression of a row with ids and codes of this house."""
        given = row.get(column)
        if not set("'\"") & set(given):  # Word and Excel turn quotation marks into curly ones
            given = given.translate(_STRAIGHT)
        source, left = with_codes(with_new_names(given, self.names), self.renumbered, where)
        for name in left:
            self._note("xlsform.choice_name_left", row, column, "error", where, name=name)
        return source

    # ------------------------------------------------------------------------------------------------ tree

    def _tree(self) -> Part:
        root = Part()
        for heading in self.page.extra:
            self.findings.append(cell("xlsform.unknown_column", self.page.title, 1, heading, "warning", name=heading))
        open_parts = [root]
        for row in self.page.rows:
            kind = self._kind(row)[0]
            if kind in ("begin_group", "begin_repeat"):
                if len(open_parts) > DEPTH:
                    raise Broken([cell("xlsform.too_deep", self.page.title, row.number, "type", limit=DEPTH)])
                open_parts.append(self._part(kind, row, open_parts))
            elif kind in ("end_group", "end_repeat"):
                expected = open_parts[-1].kind.replace("begin", "end")
                if kind != expected:
                    begun = open_parts[-1].row
                    self._note("xlsform.end_alone", row, "type", type=kind, first=begun.number if begun else 0)
                if len(open_parts) > 1:
                    closed = open_parts.pop()
                    if not closed.children and closed.row:
                        open_parts[-1].children.remove(closed)
                        self._note("xlsform.group_empty", closed.row, "name", "warning", closed.id, name=closed.id)
            else:
                self._row(row, open_parts[-1])
        for part in open_parts[1:]:
            if part.row:
                self._note("xlsform.not_closed", part.row, "type", "error", part.id, name=part.id)
        return root

    def _part(self, kind: str, row: Row, open_parts: list[Part]) -> Part:
        name = row.get("name")
        part = Part(kind, row, self.names.get(name, f"row_{row.number}"))
        if not name:
            self._note("xlsform.no_name", row, "name", type=kind)
        self.rows["section", part.id] = self.rows["group", part.id] = row
        self._leave_out(row, (*columns.NOT_TAKEN, "hint", "required", "constraint", "default", "calculation"), part.id)
        appearance = set(row.get("appearance").split()) - {"field-list", "table-list"}
        if appearance:
            self._appearance(row, appearance, part.id)
        open_parts[-1].children.append(part)
        return part

    def _leave_out(self, row: Row, names: Iterable[str], where: str) -> None:
        for name in names:
            if row.get(name).lower() not in _NO or row.words.get(name):
                self._note("xlsform.column_not_taken", row, name, "warning", where, name=name)

    def _appearance(self, row: Row, words: Iterable[str], where: str) -> None:
        given = " ".join(sorted(words))
        self._note("xlsform.appearance_not_taken", row, "appearance", "warning", where, name=given)

    def _row(self, row: Row, part: Part) -> None:
        kind, list_name, or_other = self._kind(row)
        name = row.get("name")
        if row.get("part"):
            self._said(row, part)
        elif not kind:
            self._note("xlsform.no_type", row, "type", name=name)
        elif kind in METADATA:
            self._note("xlsform.metadata_not_taken", row, "type", "warning", name, type=kind)
        elif kind in TYPES_NOT_TAKEN:
            self._note("xlsform.type_not_taken", row, "type", "warning", name, type=kind)
        elif (kind, "") not in MEANT:
            near = get_close_matches(kind, [known for known, _ in MEANT], 1)
            self._note(
                "xlsform.unknown_type",
                row,
                "type",
                "error",
                name,
                type=row.get("type"),
                near=near[0] if near else "text",
            )
        elif kind in ("select_one", "select_multiple", "rank") and not list_name:
            self._note("xlsform.no_list", row, "type", "error", name, type=kind)
        elif not name:
            self._note("xlsform.no_name", row, "name", type=kind)
        elif ("item", self.names.get(name, "")) not in self.rows:
            item = self._item(row, self.names[name], kind, list_name, or_other)
            self.rows["item", item.id] = row
            if row.get("construct"):
                self.constructs.setdefault(row.get("construct"), []).append(item.id)
            opening = self._flag(row, "opening") and not part.kind
            (self.opening if opening else part.children).append(item)

    def _said(self, row: Row, part: Part) -> None:
        """A note that is not an item of ours: the consent text, the definitions, the introduction of a page."""
        said = self._words(row, "label")
        if row.get("part") == "consent":
            self.consent = said
        elif row.get("part") == "definitions":
            self.introduction = said
        elif row.get("part") == "introduction" and part.kind:
            part.introduction = said
        else:
            self._note(
                "xlsform.not_among", row, "part", value=row.get("part"), among="consent, definitions, introduction"
            )

    # ----------------------------------------------------------------------------------------------- items

    def _item(self, row: Row, name: str, kind: str, list_name: str, or_other: bool) -> Item:
        appearance = set(row.get("appearance").split())
        meant = MEANT.get((kind, next((a for a in ("likert", "multiline") if a in appearance), "")), MEANT[kind, ""])
        type_ = row.get("measure") or meant
        if type_ not in TYPES:
            near = ", ".join(get_close_matches(type_, TYPES, 1) or TYPES)
            self._note("xlsform.not_among", row, "measure", "error", name, value=type_, among=near)
            type_ = meant
        if appearance - QUIET_APPEARANCES:
            self._appearance(row, appearance - QUIET_APPEARANCES, name)
        self._leave_out(row, columns.NOT_TAKEN, name)
        if type_ != "calculate":
            self._leave_out(row, ("calculation",), name)
        if type_ in ("calculate", "note", "hidden") and row.words.get("hint"):
            self._leave_out(row, () if type_ == "note" else ("hint",), name)
        self._leave_out(row, ("repeat_count",), name)
        text = self._words(row, "label")
        if not text and not TYPES[type_].shown:  # nobody reads it, but a researcher looks for it by something
            text = Text({self.plain: row.get("name")})
        if not text:
            self._note("xlsform.no_label", row, "label", "error", name)
        if any(references(words) for words in text.values()):
            self._note("xlsform.label_reference", row, "label", "warning", name)
        fields: dict[str, Any] = dict(self._options(row, name, row.get("options") or list_name, or_other))
        fields |= self._parameters(row, name, kind)
        fields |= {
            "low": self._number(row, "low") if row.get("low") else fields.get("low"),
            "high": self._number(row, "high") if row.get("high") else fields.get("high"),
            "decimals": self._whole(row, "decimals"),
            "most": self._whole(row, "most"),
            "warn_above": self._number(row, "warn_above"),
            "unit": self._words(row, "unit"),
            "hint": self._words(row, "hint"),
            "recall": self._words(row, "recall"),
            "left": self._words(row, "left"),
            "right": self._words(row, "right"),
            "label": self._words(row, "label_short"),
            "required": self._required(row, name),
            "sensitive": self._flag(row, "sensitive"),
            "reverse": self._flag(row, "reverse"),
            "relevance": self.expression(row, "relevant", name),
            "calculation": self.expression(row, "calculation", name) if type_ == "calculate" else "",
            "choice_filter": self.expression(row, "choice_filter", name),
            "default": self._default(row, name, type_),
            "source": row.get("source"),
            "note": row.get("remark"),
            "randomised": self._randomised(row, name),
            "keep_location": self._flag(row, "keep_location"),
        }
        if row.get("step"):
            fields["step"] = None if row.get("step") == "any" else self._number(row, "step")
        if row.get("missing"):
            fields["missing"] = self._missing(row, name)
        if row.get("warning"):
            fields["warning"] = Check(self.expression(row, "warning", name), self._words(row, "warning_message"))
        item = Item(name, text, type_, **fields)
        own = own_constraint(item, self.expression(row, "constraint", name))
        return replace(item, constraint=Check(own, self._words(row, "constraint_message"))) if own else item

    def _options(self, row: Row, name: str, list_name: str, or_other: bool) -> Iterator[tuple[str, Any]]:
        if not list_name:
            return
        if list_name not in self.lists:
            near = get_close_matches(list_name, self.lists, 1)
            if near:
                self._note("xlsform.unknown_list", row, "type", "error", name, list=list_name, near=near[0])
            else:
                self._note("xlsform.missing_list", row, "type", "error", name, list=list_name)
            return
        choice = self.lists[list_name]
        choice.used = True
        options = choice.options
        if list_name == own_list(row.get("name")):
            list_name = ""
        elif not LIST_NAME.match(list_name):
            list_name = as_id(list_name, (), f"list_{choice.row}")
        if or_other:
            code = 98 if not any(o.code == 98 for o in options) else max(o.code for o in options) + 1
            languages = [*dict.fromkeys(code for o in options for code in o.text)]
            text, ask = (Text({c: t.say(c) for c in languages}) for t in (OR_OTHER, PLEASE_SPECIFY))
            options = (*options, Option(code, text, other=ask))
            list_name = f"{list_name}_or_other" if list_name else ""
        yield "options", options
        yield "list_name", list_name

    def _parameters(self, row: Row, name: str, kind: str) -> dict[str, Any]:
        given = {key.lower(): value for key, value in _PARAMETER.findall(row.get("parameters"))}
        fields: dict[str, Any] = {}
        if kind == "range":
            for key, part, usual in (("start", "low", "1"), ("end", "high", "10"), ("step", "step", "1")):
                fields[part] = self._number(row, "parameters", given.pop(key, usual))
        if kind in ("select_one", "select_multiple", "rank"):
            drawn = given.pop("randomize", "false").lower()
            fields["random_order"] = drawn == "true"
            if drawn not in ("true", "false"):
                self._note("xlsform.not_a_flag", row, "parameters", value=drawn)
        if kind == "image" and given.get("max-pixels") == str(LONGEST_SIDE):
            del given["max-pixels"]  # what our phone page does anyway
        for key in given:
            self._note("xlsform.parameter_not_taken", row, "parameters", "warning", name, name=key)
        return fields

    def _required(self, row: Row, name: str) -> str:
        text = row.get("required")
        level = row.get("required_level")
        if level in REQUIRED:
            return level
        if level:
            self._note(
                "xlsform.not_among", row, "required_level", "error", name, value=level, among=", ".join(REQUIRED)
            )
        if text.lower() in _YES:
            return "hard"
        if text.lower() not in _NO:
            self._note("xlsform.required_condition", row, "required", "warning", name, value=text)
        return "no"

    def _default(self, row: Row, name: str, type_: str) -> str:
        text = row.get("default")
        if "${" in text or text.endswith(")"):
            self._note("xlsform.default_dynamic", row, "default", "warning", name, value=text)
            return ""
        codes = self.codes.get(name)
        if text and codes:
            for part in text.split():
                if part not in codes:
                    self._note("xlsform.default_unknown", row, "default", "error", name, value=part)
            return " ".join(str(codes.get(part, part)) for part in text.split())
        return text

    def _missing(self, row: Row, name: str) -> tuple[str, ...]:
        given = tuple(row.get("missing").replace(",", " ").split())
        given = () if given == ("none",) else given
        for reason in given:
            if reason not in CHOSEN_REASONS:
                among = ", ".join((*CHOSEN_REASONS, "none"))
                self._note("xlsform.not_among", row, "missing", "error", name, value=reason, among=among)
        return tuple(reason for reason in given if reason in CHOSEN_REASONS)

    def _randomised(self, row: Row, name: str) -> Randomised | None:
        text = row.get("randomised")
        if not text:
            return None
        try:
            design, truth, *yes = text.split()
            return Randomised(design, float(truth), *map(float, yes[:1]))
        except ValueError:
            self._note("xlsform.randomised", row, "randomised", "error", name, value=text)
            return None

    # -------------------------------------------------------------------------------------------- sections

    def sections(self, title: Text, main: str) -> tuple[Section, ...]:
        """The pages: each outermost group or repeat is one, and so are questions between them, called `main`."""
        found: list[Section] = []
        loose: list[Item] = []
        taken = {name for block, name in self.rows if block == "section"}

        def close() -> None:
            if loose:
                name = as_id(main, taken, main)
                taken.add(name)
                found.append(Section(name, title, tuple(with_companions(loose))))
                loose.clear()

        for child in self.root.children:
            if isinstance(child, Item):
                loose.append(child)
            else:
                close()
                found.append(self._section(child, title))
        close()
        return tuple(found)

    def _section(self, part: Part, title: Text) -> Section:
        row = part.row
        assert row is not None
        groups: list[Group] = []
        items = self._members(part, "", groups)
        if self._matrix(part):
            whole = Group(f"{part.id}_matrix", NOTHING, tuple(i.id for i in items), matrix=True)
            groups = [whole, *(replace(g, inside=g.inside or whole.id) for g in groups)]
        return Section(
            id=part.id,
            title=self._words(row, "label") or title,
            items=items,
            introduction=part.introduction,
            definitions=self._flag(row, "definitions"),
            recall=self._words(row, "recall"),
            relevance=self.expression(row, "relevant", ""),
            repeat=self._repeat(part),
            groups=tuple(groups),
            random_order=self._flag(row, "random_order"),
        )

    def _matrix(self, part: Part) -> bool:
        assert part.row is not None
        return self._flag(part.row, "matrix") or "table-list" in part.row.get("appearance").split()

    def _members(self, part: Part, inside: str, groups: list[Group]) -> tuple[Item, ...]:
        """All items of a part, those of groups in it too; the groups are added, an outer one before its inner ones."""
        items: list[Item] = []
        for child in part.children:
            if isinstance(child, Item):
                items.append(child)
                continue
            place = len(groups)
            within = self._members(child, child.id, groups)
            row = child.row
            assert row is not None
            groups.insert(
                place,
                Group(
                    id=child.id,
                    title=self._words(row, "label"),
                    items=tuple(i.id for i in within),
                    inside=inside,
                    introduction=child.introduction,
                    recall=self._words(row, "recall"),
                    relevance=self.expression(row, "relevant", ""),
                    repeat=self._repeat(child),
                    matrix=self._matrix(child),
                    random_order=self._flag(row, "random_order"),
                ),
            )
            items += within
        return tuple(with_companions(items))

    def _repeat(self, part: Part) -> tuple[int, int] | None:
        row = part.row
        assert row is not None
        if part.kind != "begin_repeat":
            self._leave_out(row, ("repeat_count", "repeat_rows"), part.id)
            return None
        limits = re.match(r"(\d{1,4})\s*[-–]\s*(\d{1,4})\Z", row.get("repeat_rows"))
        if limits and int(limits[1]) <= int(limits[2]):
            return int(limits[1]), int(limits[2])
        if row.get("repeat_rows"):
            self._note("xlsform.repeat_rows", row, "repeat_rows", "error", part.id, value=row.get("repeat_rows"))
        count = row.get("repeat_count")
        if re.match(r"\d{1,4}\Z", count):
            return int(count), int(count)
        if count:
            self._note("xlsform.repeat_count", row, "repeat_count", "warning", part.id, limit=ROWS_IN_A_REPEAT)
        else:
            self._note("xlsform.repeat_limit", row, "type", "warning", part.id, limit=ROWS_IN_A_REPEAT)
        return 0, ROWS_IN_A_REPEAT
