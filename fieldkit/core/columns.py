"""What stands in which column when the answers of one or several waves become tables for research.

One response a row, each item with its missing reason. Texts that people wrote are left out. Behind the items stands
`score_<indicator>` for every indicator, empty where a person has no value. Rows may come from several versions of a
questionnaire: a question has one column over all of them, and `not_in_version` says where a version does not ask it;
scores that may not be compared stand in columns of their own. Lists of rows are tables apart.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fieldkit.core.answer import Answer
from fieldkit.core.dataset import COARSENED, NOT_IN_VERSION, Row, Value, Variable
from fieldkit.core.flow import repeats_of, written
from fieldkit.core.instrument import Indicator, Questionnaire
from fieldkit.core.item import MISSING_REASONS, Item
from fieldkit.core.lineage import Column, Key, Said, behind, item_columns, key_of, score_columns
from fieldkit.core.paradata import Paradata
from fieldkit.core.response import CONSENT, Response, with_link
from fieldkit.core.text import Text

ABOUT: Mapping[str, str] = MappingProxyType(  # column -> kind
    {
        "response": "text",
        "wave": "text",
        "county": "text",
        "county_name": "text",
        "questionnaire": "text",
        "questionnaire_version": "text",
        "language": "text",
        "received_on": "date",
        "active_seconds": "whole",
        "corrections": "whole",
        "offline": "flag",
        "device": "text",
        "simulated": "flag",
    }
)
ROW_ABOUT = ("response", "wave", "county", "questionnaire", "questionnaire_version")  # of rows_<list>
FILES: Mapping[str, str] = MappingProxyType(  # column -> kind, of the table of photos, recordings and files
    {
        "response": "text",
        "wave": "text",
        "item": "text",
        "state": "text",
        "file": "text",
        "bytes": "whole",
        "sha256": "text",
    }
)
RESPONSES, ATTACHMENTS = "responses", "attachments"

# How each kind of answer stands in a column; the type of a calculation is known only when all values are there. Files
# (`media`) have no column.
KIND_OF: Mapping[str, str] = MappingProxyType(
    {
        "code": "code",
        "codes": "codes",
        "order": "order",
        "number": "number",
        "text": "text",
        "date": "date",
        "time": "time",
        "mark": "flag",
        "arm_count": "pair",
        "point": "point",
        "computed": "text",
        "none": "text",
    }
)
NOT_TOLD = Paradata()
COUNTED = ("active_seconds", "corrections")
ORDINAL = ("likert5", "likert", "bipolar7")


def about_word(name: str) -> str:
    """Under which name `about` has the words of a column before the items.

    >>> about_word("seconds_core"), about_word("wave")
    ('seconds', 'wave')
    """
    return next((kind for kind in ("module", "seconds") if name.startswith(f"{kind}_")), name)


def places_asked(questionnaire: Questionnaire) -> list[Item]:
    """The items that ask cadres where they are. What researchers note of cases promises nobody to stay unknown."""
    return [item for item in questionnaire if item.kind.value == "point" and questionnaire.audience == "cadre"]


def left_out_word(item: Item) -> str:
    """Under which name `about` says why an item is left out."""
    return {"media": "left_out_file", "point": "left_out_place"}.get(item.kind.value, "left_out")


def file_word(name: str) -> str:
    """Under which name `about` has the words of a column of the table of files."""
    return name if name in ABOUT else f"attachment_{name}"


def response_key(response_id: str) -> str:
    """A name for a row that stays the same in every export and cannot be turned back into the response's id.

    It begins with a letter, or spreadsheet programs would read some of them as numbers such as 12e34.
    """
    return "r" + hashlib.sha256(b"fieldkit export " + response_id.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RowTable:
    """One list of rows that people fill: a table of its own, one of its rows a line.

    `path` are the lists it lies in, the outermost first, itself last; each has a column with the row's number.
    """

    name: str
    path: tuple[str, ...]
    items: tuple[Column, ...]

    @property
    def table(self) -> str:
        """The name of its table, and of its files."""
        return f"rows_{self.name}"

    def lines(self, response: Response) -> Iterator[Row]:
        """The rows of one response; `response` leads to the person's row in the table of responses."""
        key = response.questionnaire, response.version
        head: list[Value] = [response_key(response.id), response.wave, response.county, *key]
        answer = response.answers.get(self.path[0])
        rows = answer.value if answer is not None else None
        for numbers, row in _rows_at(rows, self.path[1:]):
            values, missing = [*head, *numbers], [""] * (len(head) + len(numbers))
            for column in self.items:
                asked = key in column.versions
                value, why = cell(_in_row(row.get(column.thing.id))) if asked else (None, NOT_IN_VERSION)
                values.append(value)
                missing.append(why)
            yield values, missing


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
    """What stands in which column, worked out once for all rows. `left_out` are the items without a column: what
    people wrote, files, places of cadres in rows.

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
        """All items become columns but consent and county (which has columns of its own), notes, written texts, files
        (which have a table of their own) and what stands in the rows of a repeat; there, where cadres are asked for
        places, these are left out. `said` and `home` as for core.lineage.
        """
        media = {item.id for q in questionnaires for item in q if item.kind.value == "media"}
        texts = {name for q in questionnaires for name in written(q)} | media
        many = {name for q in questionnaires for items in repeats_of(q).values() for name in items}
        # Whether others were in the same place cannot be seen row by row.
        texts |= {item.id for q in questionnaires for item in places_asked(q) if item.id in many}
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
        """Whether people may send photos, recordings or files."""
        return any(item.kind.value == "media" for item in self.left_out)

    @property
    def about(self) -> tuple[str, ...]:
        """The columns before the items."""
        seconds = (f"seconds_{section}" for section in self.sections)
        return (*ABOUT, *(f"module_{module}" for module in self.modules), *seconds, *self.flags)

    def row(
        self,
        response: Response,
        *,
        county_name: str,
        flags: Sequence[bool],
        scores: Mapping[str, Value] = MappingProxyType({}),
        blanked: frozenset[str] = frozenset(),
    ) -> Row:
        """One response as values with missing reasons; profile items in `blanked` are empty with the reason
        coarsened, and so is all that gives them away. `scores` holds the indicators that have a value.
        """
        key = response.questionnaire, response.version
        pins = self.versions[key].modules
        how = response.paradata or NOT_TOLD
        values: list[Value] = [
            response_key(response.id),
            response.wave,
            response.county,
            county_name,
            response.questionnaire,
            response.version,
            response.language,
            response.received_on.isoformat(),
            response.active_seconds,
            how.corrections,
            None if how.offline is None else int(how.offline),
            how.device or None,
            int(response.simulated),
            *(pins.get(module, "") for module in self.modules),
            *(how.seconds.get(section) for section in self.sections),
            *(int(flag) for flag in flags),
        ]
        missing = [""] * len(values)
        answers = response.answers
        for column in self.items:
            if key not in column.versions:
                value, why = None, NOT_IN_VERSION
            elif blanked and blanked & self.blanks[key, column.name]:
                value, why = None, COARSENED
            else:
                value, why = cell(answers.get(column.thing.id))
            values.append(value)
            missing.append(why)
        for column in self.scores:
            given_away = blanked and key in column.versions and blanked & self.blanks[key, column.name]
            values.append(None if key not in column.versions or given_away else scores.get(column.thing.id))
        missing += [""] * len(self.scores)
        return values, missing

    def variables(
        self, about: Mapping[str, Text], *, coarsened: Collection[str] = (), module_of: Mapping[str, str]
    ) -> tuple[Variable, ...]:
        """The variables of the table of responses, one for each value that `row` gives.

        `about` gives the words of the columns that are neither items nor scores, `coarsened` the profile items that
        may be blanked, `module_of` the module of each item.
        """
        seconds = [f"seconds_{section}" for section in self.sections]
        kinds = {**ABOUT, **dict.fromkeys(seconds, "whole"), **dict.fromkeys(self.flags, "flag")}
        found = [
            Variable(
                name,
                kinds.get(name, "text"),
                about[about_word(name)],
                role="flag" if name in self.flags else "about",
                measure="scale" if name in COUNTED or name in seconds else "nominal",
            )
            for name in self.about
        ]
        for column in self.items:
            given_away = any(self.blanks[key, column.name].intersection(coarsened) for key in column.versions)
            found.append(self._item(column, module_of, [COARSENED] if given_away else []))
        found += [self._score(column) for column in self.scores]
        return tuple(found)

    def row_variables(
        self, table: RowTable, about: Mapping[str, Text], module_of: Mapping[str, str]
    ) -> tuple[Variable, ...]:
        """The variables of one list of rows, one for each value that `lines` gives."""
        head = [Variable(name, ABOUT[name], about[name]) for name in ROW_ABOUT]
        head += [Variable(f"row_{name}", "whole", about["row"], role="row") for name in table.path]
        return (*head, *(self._item(column, module_of, []) for column in table.items))

    def file_variables(self, about: Mapping[str, Text]) -> tuple[Variable, ...]:
        """The variables of the table of files: what became of each file that an answer names."""
        return tuple(
            Variable(name, kind, about[file_word(name)], measure="scale" if kind == "whole" else "nominal")
            for name, kind in FILES.items()
        )

    def _within(self, column: Column) -> list[Questionnaire]:
        return [q for key, q in self.versions.items() if key in column.versions]

    def _item(self, column: Column, module_of: Mapping[str, str], more: Sequence[str]) -> Variable:
        item, within = column.thing, self._within(column)
        assert isinstance(item, Item)
        kind = KIND_OF[item.kind.value]
        whole = kind == "number" and item.places == 0
        options = tuple((o.code, o.text) for o in item.options if not o.missing) if kind != "pair" else ()
        construct = next((c for c in within[-1].constructs if any(i.id == item.id for i in c.items)), None)
        return Variable(
            name=column.name,
            kind="whole" if whole else kind,
            label=item.label or item.text,
            role="item",
            question=item.text,
            options=options,
            reasons=(*MISSING_REASONS, *more, *([NOT_IN_VERSION] if len(within) < len(self.versions) else [])),
            measure=_measure(item),
            decimals=item.places,
            low=item.low,
            high=item.high,
            unit=item.unit,
            most=item.most or (len(options) if kind == "order" else 0),
            asked_if=item.relevance,
            item=item.id,
            construct=construct.id if construct else "",
            construct_title=construct.title if construct else Text(),
            module=module_of.get(item.id, ""),
            versions=tuple(f"{q.id} {q.version}" for q in within),
        )

    def _score(self, column: Column) -> Variable:
        indicator, within = column.thing, self._within(column)
        assert isinstance(indicator, Indicator)
        options = indicator.options
        if not options and len(indicator.items) == 1 and indicator.kind in ("categories", "options"):
            options = within[-1].items[indicator.items[0]].options
        classes = tuple((o.code, o.text) for o in options if not o.missing) if indicator.kind != "share" else ()
        kind = "codes" if indicator.kind == "options" else "code" if classes else "number"
        return Variable(
            name=column.name,
            kind=kind,
            label=indicator.title,
            role="score",
            options=classes,
            measure="nominal" if classes else "scale",
            decimals=6 if kind == "number" else 0,
            low=indicator.low,
            high=indicator.high,
            unit=indicator.unit,
            indicator=indicator.id,
            versions=tuple(f"{q.id} {q.version}" for q in within),
        )


def _measure(item: Item) -> str:
    if item.type in ORDINAL or item.kind.value == "order":
        return "ordinal"
    return "scale" if item.kind.value in ("number", "date", "time") else "nominal"


def cell(answer: Answer | None) -> tuple[Value, str]:
    """Value and missing reason, one of them empty."""
    if answer is None:
        return None, "not_shown"
    return (answer.value, "") if answer.missing is None else (None, answer.missing)


def score(value: float | Collection[int] | None) -> Value:
    """A score as it is handed over: to six decimals, several codes sorted, None where there is none.

    >>> score(62.5), score(100.0), score(1 / 3), score(float("nan")), score(frozenset({2, 1})), score(None)
    (62.5, 100, 0.333333, None, [1, 2], None)
    """
    if value is None:
        return None
    if isinstance(value, Collection):
        return sorted(value)
    if not math.isfinite(value):
        return None
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded
