"""The phone's evaluator gives what the server's gives: the same case files, and 20,000 made-up expressions.

FIELDKIT_EXPRESSIONS sets how many of the latter (20,000 take about ten seconds), FIELDKIT_EXPRESSIONS_SEED
sets which.
"""

from __future__ import annotations

import json
import math
import os
import re
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import quickjs

from fieldkit.core.expression import FUNCTIONS, ExpressionError, Scope, evaluate, number_text, parse

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "fieldkit" / "web" / "static"
CASES = ROOT / "tests" / "cases"

HARNESS = """
const table_before = Object.keys(table);
install({ register, number, text, isTrue, whole, zone, timeOfDay, localMs, isoDate });
const show = (value) =>
  typeof value !== "number" ? value : { number: Object.is(value, -0) ? "-0" : String(value) };
var run_all = (json) => JSON.stringify(JSON.parse(json).map(([tree, context, kind]) => {
  const chance = context.random;
  context.random = () => chance;
  try {
    const value = evaluate(tree, context);
    if (kind === "boolean") return truth(tree, context);
    if (kind === "number") return show(number(value));
    if (kind === "string") return text(value);
    return show(value);
  } catch (error) { return { error: String(error) }; }
}));
var tables = () => JSON.stringify([table_before,
  Object.keys(table).map((name) => [name, Array.isArray(table[name]) ? table[name][0] : null])]);
"""


@pytest.fixture(scope="module")
def phone() -> quickjs.Context:
    context = quickjs.Context()
    context.set_max_stack_size(4 * 1024 * 1024)
    scripts = [(STATIC / name).read_text("utf-8") for name in ("expression.js", "expression-more.js")]
    # quickjs evaluates scripts, not modules
    context.eval("\n".join(re.sub(r"^export ", "", script, flags=re.M) for script in scripts) + HARNESS)
    return context


def on_the_phone(phone: quickjs.Context, jobs: list[tuple[Any, dict[str, Any], str]]) -> list[Any]:
    results: list[Any] = json.loads(phone.get("run_all")(json.dumps(jobs)))
    return results


def shown(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float):
        return {"number": "-0" if value == 0 and math.copysign(1, value) < 0 else number_text(value)}
    return value


def jobs_from(file: str) -> tuple[list[dict[str, Any]], list[tuple[Any, dict[str, Any], str]]]:
    cases = json.loads((CASES / file).read_text("utf-8"))["cases"]
    jobs = []
    for case in cases:
        answers = dict(case["answers"])
        rows = answers.pop("rep")
        inside = "rep" if "row" in case else None
        expression = parse(case["expression"], repeats={"rep": ["r1", "r2", "age", "name"]}, inside=inside)
        context: dict[str, Any] = {"answers": answers, "repeats": {"rep": rows}}
        if "row" in case:
            context |= {"row": rows[case["row"]], "position": case["row"] + 1}
        if "now" in case:
            context["now"] = datetime.fromisoformat(case["now"]).timestamp() * 1000
        context |= {name: case[name] for name in ("current", "zone", "random") if name in case}
        context["choiceNames"] = case.get("choice_names")
        jobs.append((expression.tree, context, case["kind"]))
    return cases, jobs


@pytest.mark.parametrize("file", ["openrosa_expressions.json", "expressions.json"])
def test_every_case_holds_on_the_phone(phone: quickjs.Context, file: str) -> None:
    cases, jobs = jobs_from(file)
    wrong = []
    for case, found in zip(cases, on_the_phone(phone, jobs), strict=True):
        expected = shown(float(case["expected"])) if case["kind"] == "number" else case["expected"]
        if found != expected:
            wrong.append((case["expression"], expected, found))
    assert wrong == []


def test_made_up_expressions_mean_the_same_on_phone_and_server(phone: quickjs.Context) -> None:
    generate = runpy.run_path(str(CASES / "generate_expressions.py"))["generate"]
    count = int(os.environ.get("FIELDKIT_EXPRESSIONS", "20000"))
    made, jobs, here = [], [], []
    for case in generate(count, seed=int(os.environ.get("FIELDKIT_EXPRESSIONS_SEED", "20261121"))):
        inside = "rep" if "row" in case else None
        try:
            expression = parse(case["expression"], repeats={"rep": ["r1", "r2"]}, inside=inside)
        except ExpressionError as error:  # pragma: no cover
            pytest.fail(f"{case['expression']}: {error}")
        row = {"row": case["rows"][case["row"]], "position": case["row"] + 1} if inside else {}
        labels = {"s1": {"1": "一", "a": "甲"}}
        chance: float = case["random"]
        scope = {
            "current": case["current"],
            "repeats": {"rep": case["rows"]},
            "zone": case["zone"],
            **row,
        }
        now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=case["now"])
        server = Scope(
            case["answers"], **scope, now=now, choice_names=labels, random=lambda chance=chance: chance
        )
        phone_scope = {
            **scope,
            "answers": case["answers"],
            "now": case["now"],
            "choiceNames": labels,
            "random": chance,
        }
        for kind in ("value", "boolean", "number", "string"):
            jobs.append((expression.tree, phone_scope, kind))
            made.append((case, kind))
        here += [
            shown(evaluate(expression, server)),
            expression.as_truth(server),
            shown(expression.as_number(server)),
            expression.as_text(server),
        ]
    there = on_the_phone(phone, jobs)
    different = [(*m, h, t) for m, h, t in zip(made, here, there, strict=True) if h != t]
    assert different == []


def test_both_tables_list_the_same_functions_read_the_same_way(phone: quickjs.Context) -> None:
    core, every = json.loads(phone.get("tables")())
    operators = {"$", ".", "and", "or", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "neg"}
    folded = {"true", "false"}  # the tree holds JSON's own
    assert {n for n, f in FUNCTIONS.items() if f.core} - folded == set(core) - operators
    assert set(FUNCTIONS) - folded == {name for name, _ in every} - operators
    reads = {name: letters for name, letters in every if letters is not None and name not in operators}
    assert {name: FUNCTIONS[name].reads for name in reads if name != "position"} == {
        name: letters for name, letters in reads.items() if name != "position"
    }


def test_the_small_script_stays_small_enough_for_a_2g_phone() -> None:
    import gzip

    assert len(gzip.compress((STATIC / "expression.js").read_bytes(), 9)) < 3_000


@pytest.mark.parametrize("file", ["expression.js", "expression-more.js"])
def test_the_scripts_keep_to_what_a_2018_webview_understands(file: str) -> None:
    code = re.sub(r"//.*", "", (STATIC / file).read_text("utf-8"))
    for new in (
        r"\?\.[a-zA-Z(\[]",
        r"\?\?",
        r"\.at\(",
        r"replaceAll",
        r"\(\?<[=!]",
        r"\bclass\b",
        r"\|\|=",
        r"\.flatMap\(",
    ):
        assert not re.search(new, code), new
