"""Make up expressions and answers, always the same ones for the same seed, to compare Python and JavaScript.

python tests/cases/generate_expressions.py 5 1      five of them, seed 1, one JSON object per line
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from typing import Any

NUMBERS = ["0", "1", "2", "3.5", "-1", "10", "98", "0.1", "1000000", "1e21", "0.0000001", "20777", "2.675"]
TEXTS = [
    "",
    "a",
    "1",
    "1.0",
    "98",
    "1 3",
    "村",
    "街道办",
    "𠮷村",
    " x ",
    "　",
    "true",
    "0x10",
    "1e3",
    "Infinity",
    "１２",
    "３．５",
    "－１",
    "٣",
    "²",
    "-0",
    "\u00a01\u00a0",
    "\u200b1",
    "1,000",
]
DATES = [
    "2026-11-20",
    "2020-2-29",
    "2026-02-30",
    "1969-12-31",
    "2026-11-20T08:30:00.000+08:00",
    "2026-11-20T00:30Z",
    "2024-02-29",
    "1900-02-29",
    "2000-02-29T23:59:59.9999-12:00",
    "2024-02-29T24:00",
    "２０２４-02-29",
    "0100-01-01T00:00+14:00",
    "9999-12-31T23:59-12:00",
]
PATTERNS = ["^[0-9]+$", "[一-龥]", "^\\s*$", "\\w{2,}", "^.$", "^(a|1)?", "[^a-z]", "\\bHello\\b", "\\-"]
FORMATS = ["%Y-%m-%d", "%y/%n/%e", "%a %b", "%H:%M:%S.%3", "%h点", "%Y年%n月%e日", "100%%"]
ITEMS = ["n1", "n2", "s1", "m1", "t1", "t2", "d1", "x.y-z", "从业年限"]
COLUMNS = ["r1", "r2"]
VALUES: list[Any] = [
    None,
    "",
    0,
    1,
    3,
    2.5,
    -2,
    0.1,
    98,
    "1",
    "a",
    "1.0",
    "村",
    [1, 3],
    [98],
    [],
    1e16,
    -0.0,
    *TEXTS,
    *DATES,
]

NUMBER_FUNCTIONS = [
    "int",
    "round",
    "floor",
    "ceiling",
    "abs",
    "sqrt",
    "number",
    "exp",
    "log",
    "log10",
    "sin",
    "cos",
]
NUMBER_FUNCTIONS += ["tan", "asin", "acos", "atan", "exp10", "decimal-date-time"]
TEXT_FUNCTIONS = ["string", "normalize-space", "date", "date-time"]


class Maker:
    """Grows random expressions of a wanted kind; the kinds are mixed on purpose every now and then."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def one(self, *choices: Any) -> Any:
        return self.chance.choice(choices)

    def quoted(self, text: str) -> str:
        return f'"{text}"' if "'" in text or self.chance.random() < 0.2 else f"'{text}'"

    def reference(self) -> str:
        name = self.chance.choice(ITEMS)
        return self.one(
            f"${{{name}}}", f"${{{name}}}", f"${{{name}}}", f"${{{self.chance.choice(COLUMNS)}}}", "."
        )

    def column(self) -> str:
        return self.one("${r1}", "${r2}", "${r1}", "${n1}", "${rep}")

    def any(self, depth: int) -> str:
        return self.one(self.number, self.text, self.truth)(depth)

    def number(self, depth: int) -> str:
        c = self.chance
        if depth <= 0:
            return self.one(c.choice(NUMBERS), self.reference(), self.quoted(c.choice(TEXTS + DATES)))
        pick = c.randrange(14)
        if pick < 4:
            sign = c.choice(["+", "-", "*", "div", "mod"])
            return f"({self.number(depth - 1)} {sign} {self.number(depth - 1)})"
        if pick == 4:
            return f"-{self.number(depth - 1)}" if c.random() < 0.5 else self.number(depth - 1)
        if pick == 5:
            return f"{c.choice(NUMBER_FUNCTIONS)}({self.any(depth - 1)})"
        if pick == 6:
            digits = c.choice(["0", "1", "2", "-1", "-2", "400", self.number(0)])
            return f"round({self.number(depth - 1)}, {digits})"
        if pick == 7:
            parts = [self.number(depth - 1) for _ in range(c.randint(1, 3))]
            return f"{self.one('min', 'max')}({', '.join(parts)})"
        if pick == 8:
            return f"{self.one('sum', 'count', 'count-non-empty')}({self.column()})"
        if pick == 9:
            return f"{self.one('string-length', 'count-selected')}({self.text(depth - 1)})"
        if pick == 10:
            return self.choose(self.number, depth)
        if pick == 11:
            return f"pow({self.number(depth - 1)}, {c.choice(['2', '0.5', '3', '-1', '0', self.number(0)])})"
        if pick == 12:
            return f"atan2({self.number(0)}, {self.number(0)})"
        return self.one(
            "position()", "position(..)", "pi()", "random()", "decimal-time('08:30:00.000+08:00')", "number()"
        )

    def choose(self, kind: Any, depth: int) -> str:
        return f"if({self.truth(depth - 1)}, {kind(depth - 1)}, {self.any(depth - 1)})"

    def text(self, depth: int) -> str:
        c = self.chance
        if depth <= 0:
            return self.one(
                self.quoted(c.choice(TEXTS)), self.quoted(c.choice(DATES)), self.reference(), self.reference()
            )
        pick = c.randrange(14)
        if pick == 0:
            return f"concat({', '.join(self.any(depth - 1) for _ in range(c.randint(1, 3)))})"
        if pick == 1:
            return f"coalesce({self.any(depth - 1)}, {self.any(depth - 1)})"
        if pick == 2:
            start, end = c.choice(["0", "1", "-1", self.number(0)]), c.choice(["2", "-1", "", self.number(0)])
            places = f"{start}, {end}" if end else start
            return f"{self.one('substr', 'substring')}({self.text(depth - 1)}, {places})"
        if pick == 3:
            return f"{c.choice(TEXT_FUNCTIONS)}({self.any(depth - 1)})"
        if pick == 4:
            return self.choose(self.text, depth)
        if pick == 5:
            return f"join({self.quoted('、')}, {self.any(depth - 1)}, {self.reference()})"
        if pick == 6:
            return f"translate({self.text(depth - 1)}, {self.quoted('ab1街𠮷')}, {self.quoted('AB村')})"
        if pick == 7:
            return f"selected-at({self.text(depth - 1)}, {c.choice(['0', '1', '-1', self.number(0)])})"
        if pick == 8:
            return (
                f"{self.one('substring-before', 'substring-after')}({self.text(depth - 1)}, {self.text(0)})"
            )
        if pick == 9:
            return f"format-date({self.any(depth - 1)}, {self.quoted(c.choice(FORMATS))})"
        if pick == 10:
            return f"indexed-repeat({self.one('${r1}', '${r2}')}, ${{rep}}, {self.number(0)})"
        if pick == 11:
            return f"jr:choice-name({self.text(depth - 1)}, '${{s1}}')"
        if pick == 12:
            return self.one("today()", "now()", "uuid()", "string()", "normalize-space()")
        return f"once({self.any(depth - 1)})"

    def truth(self, depth: int) -> str:
        c = self.chance
        if depth <= 0:
            return self.one(
                "true()", "false()", f"${{{c.choice(ITEMS)}}} != ''", f"${{{c.choice(ITEMS)}}} = 1"
            )
        pick = c.randrange(14)
        if pick < 5:
            sign = c.choice(["=", "!=", "<", "<=", ">", ">="])
            return f"({self.any(depth - 1)} {sign} {self.any(depth - 1)})"
        if pick < 7:
            word = c.choice([" and ", " or "])
            return f"({word.join(self.truth(depth - 1) for _ in range(c.randint(2, 4)))})"
        if pick == 7:
            return f"not({self.any(depth - 1)})"
        if pick == 8:
            return f"selected({self.text(depth - 1)}, {self.any(0)})"
        if pick == 9:
            name = self.one("contains", "starts-with", "ends-with")
            return f"{name}({self.text(depth - 1)}, {self.text(depth - 1)})"
        if pick == 10:
            return f"regex({self.text(depth - 1)}, {self.quoted(c.choice(PATTERNS))})"
        if pick == 11:
            parts = ", ".join(self.any(depth - 1) for _ in range(2))
            weights = ", ".join(f"{self.any(depth - 1)}, {self.number(0)}" for _ in range(2))
            low, high = c.choice(["-1", "0", "1"]), c.choice(["-1", "1", "5"])
            return self.one(
                f"checklist({low}, {high}, {parts})", f"weighted-checklist({low}, {high}, {weights})"
            )
        if pick == 12:
            return self.choose(self.truth, depth)
        return f"{self.one('boolean', 'boolean-from-string')}({self.any(depth - 1)})"

    def case(self) -> dict[str, Any]:
        c = self.chance
        rows = [{name: c.choice(VALUES) for name in COLUMNS} for _ in range(c.randint(0, 3))]
        case: dict[str, Any] = {
            "expression": self.any(c.randint(0, 4)),
            "answers": {name: c.choice(VALUES) for name in ITEMS if c.random() < 0.9},
            "rows": rows,
            "current": c.choice(VALUES),
            "now": c.choice([1795194309040, 0, 1582934399999]),
            "zone": c.choice([480, 480, 0, -330]),
            "random": c.choice([0.25, 0.999]),
        }
        if rows and c.random() < 0.3:
            case["row"] = c.randrange(len(rows))
        return case


def generate(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Expression, answers, rows of the repeat `rep` (r1, r2), current, now in ms, zone, random, row."""
    maker = Maker(seed)
    for _ in range(count):
        yield maker.case()


if __name__ == "__main__":
    for made in generate(int(sys.argv[1]), int(sys.argv[2])):
        print(json.dumps(made, ensure_ascii=False))
