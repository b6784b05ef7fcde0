"""Rows inside rows: the phone asks what the server finds asked, and what counts is the same.

Made-up questionnaires, and the cases that once differed, each with its reason.
"""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import quickjs

from fieldkit.core.flow import Walk, walk, whole_plan
from fieldkit.core.instrument import Group, Questionnaire, Section
from fieldkit.core.item import Item
from fieldkit.core.lint import lint_questionnaire
from fieldkit.core.text import Text
from fieldkit.formats.phone_json import phone_json
from fieldkit.web.delivery import STATIC

CASES = Path(__file__).parents[1] / "cases"
WORDS = Text(zh="多少？")
# the page without its fields: rows.js asks the document only for the blocks that it fills
HARNESS = """
var document = { querySelectorAll: () => [] };
install({ register, number, text, isTrue, whole, zone, timeOfDay, localMs, isoDate });
kinds.computed = { compute: (rule, context) => computed(rule.calc, context) };
var walk_all = (rules, cases) => JSON.stringify(JSON.parse(cases).map(([counts, values]) => {
  const read = JSON.parse(rules);
  const page = { index: () => {}, fields: () => [], snapshot: () => ({ fields: {} }) };
  const rows = openRows(Object.assign({ rows: {} }, read), page, () => "", () => {}, () => {});
  rows.build(counts);
  const found = rows.asked([], {}, (id) => (values[id] === undefined ? null : values[id]));
  return [Object.keys(found.shown), found.live, rows.wire({})];
}));
"""


@pytest.fixture(scope="module")
def phone() -> quickjs.Context:
    context = quickjs.Context()
    names = ("expression.js", "expression-more.js", "answers.js", "rows.js")
    scripts = [re.sub(r"^(import .*|export )", "", (STATIC / name).read_text("utf-8"), flags=re.M) for name in names]
    computed = re.search(r"^const computed = .*?^};\n", (STATIC / "kinds.js").read_text("utf-8"), re.S | re.M)
    assert computed
    context.eval("\n".join((*scripts, computed[0])) + HARNESS)
    return context


def differences(phone: quickjs.Context, asked: Questionnaire, cases: list[tuple[Any, Any, Any]]) -> list[object]:
    """What the phone finds otherwise, over (answers, how many rows, the same answers by their ids on the page)."""
    sent = json.dumps([(counts, flat) for _, counts, flat in cases])
    there = json.loads(phone.get("walk_all")(phone_json(asked, "zh", {}, {}), sent))
    steps, found = whole_plan(asked), []
    for (given, counts, flat), (shown, live, rows) in zip(cases, there, strict=True):
        here = walk(steps, given)
        server: tuple[set[str], dict[str, str], dict[str, Any]] = (set(), {}, {})
        read_out(here, "", *server)
        texts = {name: str(value) for name, value in live.items()}  # a calculated number may still be a text there
        if (set(shown), texts, rows) != server:
            found.append((counts, flat, server, (set(shown), texts, rows)))
    return found


def read_out(row: Walk, prefix: str, shown: set[str], live: dict[str, str], rows: dict[str, Any]) -> None:
    shown |= {prefix + name for name in row.shown if name not in row.rows}
    live |= {prefix + name: str(value) for name, value in row.live.items() if name not in row.rows}
    for name, inner in row.rows.items():
        if inner:
            rows[name] = [{} for _ in inner]
        for number, each in enumerate(inner, 1):
            read_out(each, f"{prefix}{name}[{number}].", shown, live, rows[name][number - 1])


def test_made_up_rows_are_asked_alike_on_phone_and_server(phone: quickjs.Context) -> None:
    maker = runpy.run_path(str(CASES / "generate_rows.py"))["Maker"]
    compared = 0
    for seed in range(120):
        make = maker(seed)
        asked = make.questionnaire()
        # what looks ahead is refused before anybody is asked; the rest must agree
        if any(f.severity == "error" and f.code != "never_asked" for f in lint_questionnaire(asked)):
            continue
        cases = []
        for _ in range(6):
            counts: dict[str, int] = {}
            flat: dict[str, int] = {}
            cases.append((make.rows(whole_plan(asked), "", counts, flat), counts, flat))
        assert differences(phone, asked, cases) == [], f"seed {seed}"
        compared += 1
    assert compared > 60


def repeated(*items: Item, groups: tuple[Group, ...]) -> Questionnaire:
    section = Section("page", WORDS, items, groups=groups)
    return Questionnaire("rows", "1.0.0", WORDS, (section,), MappingProxyType({}), audience="researcher")


def number(name: str, relevance: str = "") -> Item:
    return Item(name, WORDS, "integer", relevance=relevance)


def rows(name: str, *items: str, relevance: str = "") -> Group:
    return Group(name, WORDS, items, repeat=(0, 9), relevance=relevance)


CASES_THAT_DIFFERED = {
    "a row without inner rows does not see those of the row before it": (
        repeated(
            number("age"), number("why", "count(${homes}) = 0"),
            groups=(rows("visits", "age", "why"), rows("homes", "age")),
        ),
        {"visits": [{"homes": [{"age": 1}]}, {"homes": []}]},
        {"visits": 2, "visits[1].homes": 1, "visits[2].homes": 0},
        {"visits[1].homes[1].age": 1},
        {"visits[1].homes[1].age", "visits[2].why"},
    ),
    "a row reads the row before it": (
        repeated(
            number("hours"), number("more", "indexed-repeat(${hours}, ${visits}, position(..) - 1) > 2"),
            groups=(rows("visits", "hours", "more"),),
        ),
        {"visits": [{"hours": 3}, {"hours": 1}, {"hours": 1}]},
        {"visits": 3},
        {"visits[1].hours": 3, "visits[2].hours": 1, "visits[3].hours": 1},
        {"visits[1].hours", "visits[2].hours", "visits[2].more", "visits[3].hours"},
    ),
    "only the last of the rows asks for a summing-up": (
        repeated(
            number("hours"), number("total", "position(..) = count(${visits})"),
            groups=(rows("visits", "hours", "total"),),
        ),
        {"visits": [{}, {}]},
        {"visits": 2},
        {},
        {"visits[1].hours", "visits[2].hours", "visits[2].total"},
    ),
    "rows in which nothing is asked are counted": (
        repeated(
            number("gate"), number("hidden", "${gate} = 1"), number("after", "count(${visits}) = 2"),
            groups=(rows("visits", "hidden"),),
        ),
        {"gate": 0, "visits": [{}, {}]},
        {"visits": 2},
        {"gate": 0},
        {"gate", "after"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES_THAT_DIFFERED.values(), ids=CASES_THAT_DIFFERED.keys())
def test_phone_and_server_ask_the_same_where_they_once_differed(phone: quickjs.Context, case: tuple[Any, ...]) -> None:
    asked, given, counts, flat, expected = case
    assert differences(phone, asked, [(given, counts, flat)]) == []
    shown: set[str] = set()
    read_out(walk(whole_plan(asked), given), "", shown, {}, {})
    assert shown == expected
