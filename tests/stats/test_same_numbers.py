"""A number, a name and a mark are the same in a report's sentences, tables and figures and in the county's file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from fieldkit.formats.table_csv import county_csv
from fieldkit.render.charts import draw
from fieldkit.render.style import load
from fieldkit.settings import resource
from fieldkit.stats.book import VersionLine
from fieldkit.stats.county import plan as make_plan
from fieldkit.stats.layout import Line, Listed, RowFigure, Shares
from fieldkit.stats.report import (
    Chapter,
    ClassChart,
    CountyReport,
    Figure,
    KeyChart,
    LikertChart,
    Numbered,
    Paragraph,
    RowChart,
    Table,
)
from fieldkit.stats.results import decimals_of
from tests.stats.people import people, questionnaire
from tests.stats.test_county import LAYOUT, WORDS, answering, peer_frames, plan_of, report, rows_of, table

CsvRow = dict[str, str]


def file_of(found: CountyReport) -> list[CsvRow]:
    """The county's file as a spreadsheet program reads it."""
    return list(csv.DictReader(io.StringIO(county_csv(found).decode("utf-8-sig"))))


def row(found: CountyReport, name: str, group: str = "", codes: str = "") -> CsvRow:
    """The one row of a number in the county's file."""
    [only] = [r for r in file_of(found) if (r["indicator_id"], r["group"], r["codes"]) == (name, group, codes)]
    return only


def plain(printed: str) -> str:
    """A printed number as the file writes it."""
    return printed.replace("−", "-").rstrip("%")


# sentences: what each fact in braces is called in the file

OWN = {"mean": "value", "median": "value", "percent": "value", "room": "value", "tilt": "value"}
OWN |= {"lo": "lo", "hi": "hi", "q1": "q1", "q3": "q3", "n": "n_valid"}
PEERS = {"d": "diff", "absd": "diff", "lo": "diff_lo", "hi": "diff_hi"}
OF_INDEX = {"room": "negotiating_room", "room_mean_only": "negotiating_room", "tilt": "action_tilt"}
STATUSES = {"ok": "1", "nogap": "2", "slack": "3"}
NUMBERS = {*OWN, *PEERS, *STATUSES, "n_task", "low", "high"}
STATING = ("mean", "mean_signed", "median", "share", "ratio", "room", "room_mean_only", "room_rest", "tilt")
COMPARING = ("higher", "lower", "similar_small", "no_clear_difference")
COMPARING += tuple(f"share_{key}" for key in COMPARING)


@cache
def pattern(language: str, key: str) -> re.Pattern[str]:
    """What a filled sentence looks like: the same words, and something for every fact."""
    parts = re.split(r"{(\w+)}", WORDS[language].say(f"sentences.{key}"))
    text, seen = "", set()
    for at, part in enumerate(parts):
        if at % 2 == 0:
            text += re.escape(part)
        elif part in seen:
            text += f"(?P={part})"
        else:
            text += f"(?P<{part}>{r'−?[0-9.]+%?' if part in NUMBERS else '[^。.]+?'})"
            seen.add(part)
    return re.compile(text)


def said(found: CountyReport) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every sentence with numbers: its key, the indicator it is about, its facts."""
    language = found.language
    known = {**{i.title.say(language): i.id for i in plan_of().indicators}}
    known |= {i.statement.say(language): i.id for i in plan_of().indicators if i.statement}
    for block in found.blocks:
        lines = block.lines if isinstance(block, Numbered) else [block.text] if isinstance(block, Paragraph) else []
        for text in lines:
            stated = ""
            for key in (*STATING, *COMPARING):
                for match in pattern(language, key).finditer(text):
                    facts = match.groupdict()
                    name = facts.get("name") or facts.get("statement") or ""
                    about = OF_INDEX.get(key) or known.get(name, stated)  # a share is compared without its name
                    stated = about if key == "share" else stated
                    yield key, about, facts


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("n", "seed"), [(28, 3), (60, 1), (130, 7)])
def test_every_number_of_a_sentence_stands_in_the_file_as_it_is_printed(n: int, seed: int, language: str) -> None:
    found = report(people(n, seed=seed), peers=peer_frames(4), language=language)
    seen = set()
    for key, about, facts in said(found):
        seen.add(key)
        if key == "room_rest":
            about = ""
        for fact in facts.keys() & STATUSES.keys():
            status = row(found, "room_status_shares", codes=STATUSES[fact])
            assert plain(facts.pop(fact)) == status["value"]
            assert facts.pop("n_task", status["n_valid"]) == status["n_valid"]
        comparing = key in COMPARING
        for fact, column in (PEERS if comparing else OWN).items():
            if fact not in facts:
                continue
            wanted = row(found, about)[column]
            if comparing and key.endswith("lower") and fact in ("lo", "hi"):  # said as how much lower
                other = row(found, about)["diff_hi" if fact == "lo" else "diff_lo"]
                wanted = other.removeprefix("-") if other.startswith("-") or not float(other) else f"-{other}"
            if fact == "absd":
                wanted = wanted.removeprefix("-")
            assert plain(facts[fact]) == wanted, (key, about, fact)
    differences = [d.peer.diff for d in found.results if d.statistic == "share" and d.peer and d.peer.diff is not None]
    assert differences
    assert all(d == int(d) for d in differences)  # no finer in what charts and files are drawn from
    assert {"mean", "median", "share", "tilt"} <= seen
    assert seen & {"share_higher", "share_lower", "share_similar_small", "share_no_clear_difference"}
    assert seen & {"higher", "lower", "similar_small", "no_clear_difference"}


def ids_of(key: str) -> list[str]:
    """The ids of a table's rows, as far as the short questionnaire has them."""
    blocks = [b for s in LAYOUT.sections for b in s.blocks if isinstance(b, Listed) and b.key == key]
    return [line.id for line in blocks[0].rows if line.id in {i.id for i in plan_of().indicators}]


def spread(one: CsvRow) -> str:
    """The interval or the quartiles of a row of the file, as a table prints them."""
    low, high = (one["q1"], one["q3"]) if one["statistic"] == "median" else (one["lo"], one["hi"])
    dash = " – " if low.startswith("-") else "–"
    return f"{low}{dash}{high}".replace("-", "−") if low else "—"


def cells_of(one: CsvRow) -> list[str]:
    """Value, interval and count of a row of the file, as a table prints them."""
    unknown = "不足10人" if one["status"] == "suppressed_n" else "—"
    return [one["value"] or "—", spread(one), one["n_valid"] or unknown]


@pytest.mark.parametrize(("n", "seed"), [(28, 3), (60, 1), (130, 7)])
def test_tables_figures_and_the_file_print_the_same_numbers(n: int, seed: int) -> None:
    found = report(people(n, seed=seed), peers=peer_frames(4))
    for name, cells in zip(ids_of("headline"), table(found, "headline"), strict=True):
        one = row(found, name)
        assert [plain(cells[1]), cells[2], cells[4]] == cells_of(one)
        assert plain(cells[3]) == (one["peer_value"] or "—")
    for name, cells in zip(ids_of("gaps"), table(found, "gaps"), strict=True):
        one = row(found, name)
        assert [plain(cells[1]), *cells[2:]] == cells_of(one)
    for name, cells in zip(ids_of("by_level"), table(found, "by_level"), strict=False):
        for at, group in ((1, "upper"), (3, "lower")):
            if cells[at] != "—":
                one = row(found, name, group)
                assert cells[at : at + 2] == [f"{one['value']} ({spread(one)})".replace("(-", "(−"), one["n_valid"]]
    filed = {r["indicator_id"] for r in file_of(found)}
    drawn = [r for r in rows_of(found) if r.code in filed]
    assert {"mean", "median", "share"} <= {r.number.statistic for r in drawn}
    for mark in drawn:
        one = row(found, mark.code, mark.number.group)
        assert [plain(mark.value), mark.interval or "—", mark.count] == cells_of(one)
    [statuses] = [b.chart for b in found.blocks if isinstance(b, Figure) and b.key == "statuses"]
    assert isinstance(statuses, ClassChart)
    assert [plain(s.printed) for s in statuses.stacks[0].segments] == [
        r["value"] for r in file_of(found) if r["indicator_id"] == "room_status_shares"
    ]


def test_a_score_that_prints_two_decimals_has_two_in_the_file() -> None:
    found = report(people(60, form="full_pathway"), form="full_pathway")
    fine = {i.id: i for i in questionnaire("full_pathway").indicators if i.decimals == 2 and i.estimate == "mean"}
    assert fine
    for name, indicator in fine.items():
        [number] = [d for d in found.results if d.indicator == name and not d.group and d.statistic == "mean"]
        assert number.value is not None
        assert row(found, name)["value"] == f"{number.value:.{decimals_of(indicator, 'mean')}f}"


# names


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_indicator_has_one_name_in_tables_figures_and_annexes(language: str) -> None:
    indicators = {i.id: (i.print_name or i.title).say(language) for i in questionnaire().indicators}
    lines: list[Line] = []
    for block in (b for s in LAYOUT.sections for b in s.blocks):
        if isinstance(block, Listed):
            lines += block.rows
        elif isinstance(block, RowFigure) and not isinstance(block, Shares):  # a share is drawn under its statement
            lines += [line for group in block.groups for line in group.lines]
    labels = [(line.id, line.label.say(language)) for line in lines if line.id in indicators and line.label]
    assert labels
    assert [(name, label) for name, label in labels if indicators[name] not in label] == []


def test_every_row_of_a_table_of_mixed_results_says_what_kind_of_number_it_is() -> None:
    [gaps] = [b for b in report(people(60)).blocks if isinstance(b, Table) and b.key == "gaps"]
    assert [(r[0].text, r[0].sub) for r in gaps.rows] == [
        ("下达指标高出可行水平的幅度", "中位数，%"),
        ("经沟通下调的幅度", "中位数，%"),
    ]


@pytest.mark.parametrize("form", ["short", "full_alliance", "full_burden", "full_coordination"])
def test_the_annexes_explain_every_number_of_the_file(form: str) -> None:
    found = report(people(60, form=form), form=form)
    explained = {r[0].sub for b in found.blocks if isinstance(b, Table) and b.key == "methods" for r in b.rows}
    filed = file_of(found)
    assert {r["indicator_id"] for r in filed} <= explained
    names = {i.id: (i.print_name or i.title).say("zh") for i in questionnaire(form).indicators}
    withheld = [cells[0] for cells in table(found, "withheld")]
    for one in filed:
        if one["status"] != "ok" and not one["group"] and not one["codes"]:
            assert any(cell.startswith(names[one["indicator_id"]]) for cell in withheld), one["indicator_id"]


def test_the_record_of_versions_has_dates_only_where_they_are_known() -> None:
    def heads(found: CountyReport) -> list[str]:
        return [c.head for b in found.blocks if isinstance(b, Table) and b.key == "versions" for c in b.columns]

    earlier = VersionLine("问卷", "0.9.0", "2026年3月1日", "试用")
    without, dated = report(people(30)), report(people(30), changes=[earlier])
    assert heads(without) == ["组成部分", "版本", "变更"]
    assert not any("—" in cells for cells in table(without, "versions"))
    assert heads(dated) == ["组成部分", "版本", "日期", "变更"]
    assert table(dated, "versions")[-1] == [earlier.part, earlier.version, earlier.date, earlier.change]


# marks


def test_the_key_to_the_marks_is_announced_and_stands_right_before_the_first_chapter_that_uses_them() -> None:
    for peers in (None, peer_frames(4)):
        found = report(people(60), peers=peers)
        [at] = [n for n, b in enumerate(found.blocks) if isinstance(b, Figure) and isinstance(b.chart, KeyChart)]
        key, before, after = found.blocks[at], found.blocks[at - 1], found.blocks[at + 1]
        assert isinstance(key, Figure)
        assert isinstance(before, Paragraph)
        assert f"见{key.label}。" in before.text
        assert isinstance(after, Chapter)
        following = next(b for b in found.blocks[at + 1 :] if isinstance(b, Figure))
        assert isinstance(following.chart, RowChart)


def test_a_report_without_such_figures_explains_no_marks() -> None:
    kept = tuple(s for s in LAYOUT.sections if s.key in ("summary", "survey", "reading", "annex"))
    few = make_plan(replace(LAYOUT, sections=kept), questionnaire("full_coordination"))
    found = report(people(30, form="full_coordination"), form="full_coordination", plan=few)
    assert not [b for b in found.blocks if isinstance(b, Figure) and isinstance(b.chart, KeyChart | RowChart)]
    assert not [b for b in found.blocks if isinstance(b, Paragraph) and "条形的意思" in b.text]


@pytest.mark.parametrize(
    ("counts", "steps"),
    [
        ((1, 1, 8, 10, 10), ["1+2+3:2*", "4:3", "5:4"]),
        ((10, 10, 8, 1, 1), ["1:0", "2:1", "3+4+5:2*"]),
        ((1, 3, 8, 8, 10), ["1+2:1*", "3:2", "4:3", "5:4"]),
        ((10, 8, 8, 3, 1), ["1:0", "2:1", "3:2", "4+5:3*"]),
        ((10, 1, 1, 1, 17), ["1:0", "2+3+4:2*", "5:4"]),
        ((2, 1, 1, 1, 25), ["1+2+3+4:2*", "5:4"]),
    ],
)
def test_a_merged_step_takes_the_colour_nearest_the_middle_at_both_ends(
    counts: tuple[int, ...], steps: list[str]
) -> None:
    answers = [code for code, count in enumerate(counts, 1) for _ in range(count)]
    found = report(answering(len(answers), bur_pb1=lambda i: answers[i]))
    [figure] = [b for b in found.blocks if isinstance(b, Figure) and b.key == "burden_items"]
    assert isinstance(figure.chart, LikertChart)
    [stack] = [s for s in figure.chart.stacks if s.code == "bur_pb1"]
    names = {name: str(code) for code, name in enumerate(figure.chart.scale, 1)}
    assert [
        f"{'+'.join(names[n] for n in s.label.split('、'))}:{s.step}{'*' if s.merged else ''}" for s in stack.segments
    ] == steps
    assert all(s.printed.endswith("*") == s.merged for s in stack.segments)
    assert "带*的一段合并了相邻各档" in figure.note
    assert "颜色取其中最靠近中间的一档" in figure.note
    style = load(resource("reports"))
    drawing = draw(LikertChart(figure.chart.scale, (stack,)), style)
    bars = [s._class for group in drawing.contents for s in group.contents if s._class.startswith("step-")]
    for segment in stack.segments:
        assert f"step-{style.places(5)[segment.step] + 1}" in bars


def test_a_short_table_of_the_annexes_stays_in_one_piece_and_a_long_one_may_break() -> None:
    few, many = report(people(130)), report(people(10))
    kept = {
        b.key: b.long for found in (few, many) for b in found.blocks if isinstance(b, Table) and b.key == "versions"
    }
    assert kept == {"versions": False}
    [short], [long] = ([b for b in f.blocks if isinstance(b, Table) and b.key == "withheld"] for f in (few, many))
    assert not short.long
    assert len(long.rows) > 12
    assert long.long
