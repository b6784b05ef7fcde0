"""A dataset with one variable of every kind and every missing reason, for the writers to hand over."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.core.dataset import REASONS, Dataset, Row, Table, Variable
from fieldkit.core.text import Text

WORDS = {
    "not_shown": "没有问到",
    "skipped": "没有填",
    "dont_know": "不清楚",
    "refused": "不便回答",
    "not_applicable": "不适用",
    "coarsened": "隐去",
    "not_in_version": "这个版本没有",
}
LEVELS = ((1, Text(zh="乡镇", en="Township")), (2, Text(zh="街道", en="Street")), (3, Text(zh="村", en="Village")))
WAYS = ((1, Text(zh="开会", en="Meeting")), (2, Text(zh="下文件", en="Document")), (98, Text(zh="其他", en="Other")))
LIKERT = tuple((n, Text(zh=f"第{n}级", en=f"Step {n}")) for n in (-3, 0, 3))


def item(name: str, kind: str, zh: str, **more: object) -> Variable:
    return Variable(
        name, kind, Text(zh=zh, en=name), role="item", question=Text(zh=f"{zh}？", en=f"{name}?"), reasons=REASONS,
        item=name, **more,
    )  # type: ignore[arg-type]  # fmt: skip


VARIABLES = (
    Variable("response", "text", Text(zh="标识", en="Name")),
    Variable("county", "text", Text(zh="区划代码", en="County")),
    Variable("note", "text", Text(zh="县名", en="County name")),
    Variable("received_on", "date", Text(zh="日期", en="Day")),
    Variable("simulated", "flag", Text(zh="模拟", en="Simulated")),
    item("level", "code", "您在哪一级", options=LEVELS, measure="nominal", construct="level", module="core"),
    item("pole", "code", "偏向", options=LIKERT, measure="ordinal"),
    item("ways", "codes", "怎么布置", options=WAYS),
    item("ranks", "order", "哪几样最要紧", options=WAYS, most=2, measure="ordinal"),
    item("hours", "number", "每周几小时", decimals=1, low=0, high=100, unit=Text(zh="小时"), measure="scale"),
    item("change", "number", "变化多少", decimals=2, measure="scale"),
    item("times", "whole", "几次", low=0, measure="scale"),
    item("day", "date", "哪一天", measure="scale"),
    item("hour", "time", "几点", measure="scale"),
    item("list", "pair", "有几条"),
    item("seen", "flag", "看过了"),
    item("words", "text", "算出来的字"),
    item("spot", "point", "在哪里", decimals=4),
    Variable("score_load", "number", Text(zh="负担得分", en="Load"), role="score", measure="scale", decimals=6),
)
GIVEN = [
    ["r1", "010101", "安吉县", "2026-11-03", 1, 1, -3, [1, 98], [98, 1], 7.5, -91.25, 0, "2024-02-29", "09:30", [1, 3],
     1, "甲", "30.6382 119.6828 12 5", 62.5],
    ["r2", "330523", "=1+1", "2026-11-04", 1, 2, 3, [2], [1, 2], 0, 1000000.5, 12, "1958-08-29", "23:59", [0, 0],
     1, "乙" * 400, "-89.5 -120.25", None],
    ["r3", "330523", "㵲水", "2026-11-05", 0, 3, 0, [], [2, 98], 100, 3, 7, "2026-11-03", "00:00", [1, 4],
     1, "", "30.64 119.68 -3", 0.333333],
]  # fmt: skip


def rows(count: int) -> list[Row]:
    """The three people above, then others who gave no answer, each for another reason; the answers move on."""
    found: list[Row] = []
    for number in range(count):
        if number % 4 < 3:
            values = [*GIVEN[number % 4]]
            values[0] = f"r{number}"
            found.append((values, [""] * len(values)))
        else:
            reason = REASONS[number // 4 % len(REASONS)]
            values = [f"r{number}", "110101", "东城区", "2026-11-06", 0, *[None] * (len(VARIABLES) - 5)]
            found.append((values, [reason if v.reasons else "" for v in VARIABLES]))
    return found


def dataset(count: int = 40, *more: Table) -> Dataset:
    """The dataset with so many rows."""
    held = rows(count)
    table = Table("responses", VARIABLES, lambda: iter(held), count, {"response": 8, "county": 6, "note": 9,
                                                                       "words": 1200})  # fmt: skip
    return Dataset(
        name="fieldkit-w1",
        title=Text(zh="基层负担调查", en="Burden survey"),
        tables=(table, *more),
        reasons={reason: Text(zh=zh, en=reason) for reason, zh in WORDS.items()},
        facts=((Text(zh="轮次", en="Wave"), "w1"),),
        notes=(Text(zh="0 是真实的回答。", en="0 is a real answer."),),
        made_on="2026-11-21",
        producer="研究团队",
        collected=("2026-11-01", "2026-11-30"),
        versions=("short 1.0.0",),
    )


def list_table() -> Table:
    """A list of rows below the people."""
    head = (replace(VARIABLES[0]), Variable("row_events", "whole", Text(zh="第几行", en="Row"), role="row"))
    held: list[Row] = [(["r0", 1, 2024], ["", "", ""]), (["r0", 2, None], ["", "", "refused"])]
    return Table("rows_events", (*head, item("year", "whole", "哪一年")), lambda: iter(held), 2, {"response": 8})
