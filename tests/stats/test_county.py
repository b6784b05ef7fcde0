"""Whole reports of simulated counties: what they contain, what they keep back, and that an attacker finds nobody."""

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

import pytest

from fieldkit.core.problem import Problem
from fieldkit.core.response import Response
from fieldkit.core.wave import WaveCounty
from fieldkit.formats.report_spec import read_layout, read_wording
from fieldkit.settings import resource
from fieldkit.stats.county import Plan, county_report
from fieldkit.stats.county import plan as make_plan
from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.frame import Frame, frame
from fieldkit.stats.report import (
    Chapter,
    ClassChart,
    CountyReport,
    DotChart,
    Figure,
    LikertChart,
    Numbered,
    Panel,
    Paragraph,
    QuartileChart,
    Row,
    ShareChart,
    Table,
)
from tests.stats.people import COUNTY, people, person, questionnaire, wave

DATED = datetime.date(2026, 11, 20)
LAYOUT = read_layout(resource("reports") / "layouts" / "county.yaml")
WORDS = {
    language: read_wording(resource("reports") / "wording" / f"county.{language}.yaml") for language in ("zh", "en")
}


@cache
def plan_of(form: str = "short") -> Plan:
    """The county layout for one questionnaire."""
    return make_plan(LAYOUT, questionnaire(form))


def report(
    crowd: list[Response],
    *,
    form: str = "short",
    language: str = "zh",
    peers: Mapping[str, Frame] | None = None,
    **more,
) -> CountyReport:  # type: ignore[no-untyped-def]
    """The report of one county whose people answered this."""
    return county_report(
        plan=more.pop("plan", None) or plan_of(form),
        wording=WORDS[language],
        county=COUNTY,
        wave=more.pop("wave", wave()),
        frame=frame(crowd, questionnaire(form)),
        peers=peers,
        dated=DATED,
        **more,
    )


@cache
def peer_frames(count: int, form: str = "short") -> dict[str, Frame]:
    """As many peer counties of forty people."""
    return {f"3305{i:02d}": frame(people(40, seed=50 + i, form=form), questionnaire(form)) for i in range(count)}


def answering(n: int, seed: int = 1, form: str = "short", **given: object) -> list[Response]:
    """n people, with fixed answers or functions of the person's number."""
    crowd = []
    for i in range(n):
        own = {k: v(i) if callable(v) else v for k, v in given.items()}
        crowd.append(person(questionnaire(form), i, seed=seed, given=own))
    return crowd


def texts(found: CountyReport) -> Iterator[str]:
    """Every sentence, note and cell of a report."""
    for block in found.blocks:
        if isinstance(block, Paragraph):
            yield block.text
        elif isinstance(block, Numbered):
            yield from block.lines
        elif isinstance(block, Panel):
            yield block.text
        elif isinstance(block, Table):
            yield block.note
            yield from (cell.text for row in block.rows for cell in row)
        elif isinstance(block, Figure):
            yield block.note
            yield block.described


def rows_of(found: CountyReport) -> list[Row]:
    """Every row of every chart."""
    charts = [b.chart for b in found.blocks if isinstance(b, Figure)]
    return [r for c in charts if isinstance(c, DotChart | QuartileChart | ShareChart) for g in c.groups for r in g.rows]


def table(found: CountyReport, key: str) -> list[list[str]]:
    """The cells of a table as text; empty when it is not there."""
    return next(
        ([[c.text for c in row] for row in b.rows] for b in found.blocks if isinstance(b, Table) and b.key == key), []
    )


def number(found: CountyReport, name: str) -> Disclosed:
    """The county's number in the results."""
    return next(d for d in found.results if d.indicator == name and not d.group)


# acceptance (report.md 5)


def test_a_county_with_nine_answers_gets_no_report() -> None:
    with pytest.raises(Problem) as caught:
        report(people(9))
    assert caught.value.code == "report.suppressed"
    assert report(people(10)).blocks


def test_a_county_with_fewer_than_thirty_invited_gets_no_report() -> None:
    with pytest.raises(Problem):
        report(people(25), wave=wave(invited=29))
    assert report(people(25), wave=wave(invited=30))
    assert report(people(25), wave=wave(invited=None))


def test_a_raised_threshold_holds_for_the_gate_too() -> None:
    with pytest.raises(Problem) as caught:
        report(people(14), wave=wave(n_min=15))
    assert caught.value.facts["n_min"] == 15


def test_excluded_responses_do_not_help_over_the_threshold() -> None:
    crowd = people(10)
    crowd[0] = person(questionnaire(), 0, given={"core_voluntary": 4})
    with pytest.raises(Problem):
        report(crowd)


@pytest.mark.parametrize("n", [10, 15, 19, 20, 45, 120])
def test_reports_of_every_size_have_their_chapters_and_numbered_figures_and_tables(n: int) -> None:
    found = report(people(n), peers=peer_frames(4))
    chapters = [(b.number, b.title) for b in found.blocks if isinstance(b, Chapter)]
    assert chapters == [
        ("", "一页摘要"),
        ("1", "调查概况"),
        ("2", "考核督查与任务压力"),
        ("3", "上下级沟通与谈判空间"),
        ("4", "党建联盟"),
        ("5", "怎样阅读本报告"),
        ("", "附录"),
    ]
    figures = [b.label for b in found.blocks if isinstance(b, Figure)]
    tables = [b.label for b in found.blocks if isinstance(b, Table)]
    assert figures == [f"图{i}" for i in range(1, len(figures) + 1)]
    assert tables == [f"表{i}" for i in range(1, len(tables) + 1)]
    assert ("profile" in {b.key for b in found.blocks if isinstance(b, Table)}) == (n >= 50)
    assert len(table(found, "headline")) == 7


def test_title_and_footer_tell_wave_and_version_and_the_edition_its_date() -> None:
    found = report(people(20), edition=2)
    assert found.title == "安吉县基层工作负担与治理协作调查汇总报告（第2轮）"
    assert found.footer == "安吉县 · 第2轮 · 问卷版本1.0.0 · 生成日期2026年11月20日 · 汇总结果，不用于考核"
    assert found.dated == "2026-11-20"
    assert ("edition", "2") in found.facts
    assert "不得用于考核、排名或问责" in found.cover.box
    assert ("生成日期", "2026年11月20日，第2次生成") in found.cover.lines


def test_simulated_data_is_marked_on_cover_and_pages() -> None:
    found = report(people(20))
    assert found.simulated == found.cover.simulated == "模拟数据，仅供样式参考"
    real = report([replace(p, simulated=False) for p in people(20)])
    assert real.simulated == real.cover.simulated == ""


def test_two_peers_are_too_few_to_compare() -> None:
    found = report(people(45), peers=peer_frames(2))
    assert any("可比较的县少于3个，本报告不作比较。" in t for t in texts(found))
    assert all(d.peer is None for d in found.results)
    assert {row[3] for row in table(found, "headline")} == {"—"}
    assert all(not c.peers for b in found.blocks if isinstance(b, Figure) for c in [b.chart] if isinstance(c, DotChart))


def test_three_peers_are_compared_and_the_own_county_is_not_its_own_peer() -> None:
    found = report(people(45), peers=peer_frames(3))
    peer = number(found, "perceived_burden").peer
    assert peer is not None
    assert peer.counties == 3
    own = {**peer_frames(3), COUNTY.code: frame(people(45), questionnaire())}
    assert number(report(people(45), peers=own), "perceived_burden").peer == peer
    assert any("差异可能来自人员构成、调查时间或工作阶段的不同，不能说明原因。" in t for t in texts(found))


def test_a_peer_county_with_too_few_answers_is_not_used() -> None:
    small = {**peer_frames(3), "330599": frame(people(9, seed=9), questionnaire())}
    peer = number(report(people(45), peers=small), "perceived_burden").peer
    assert peer is not None
    assert peer.counties == 3


def test_a_peer_county_that_gets_no_report_itself_is_not_used() -> None:
    plain = wave()
    tiny = replace(plain, counties=(*plain.counties, WaveCounty("330502", 29)))
    found = report(people(45), peers=peer_frames(4), wave=tiny)
    peer = number(found, "perceived_burden").peer
    assert peer is not None
    assert peer.counties == 3


def test_everybody_in_an_alliance_is_only_a_bound_and_the_roles_print_no_n() -> None:
    found = report(answering(12, al_member=1))
    assert number(found, "alliance_participation").bound == ">75"
    assert table(found, "headline")[5][1] == "高于75%"
    [role] = [
        b.chart.stacks[0]
        for b in found.blocks
        if isinstance(b, Figure) and b.key == "roles" and isinstance(b.chart, ClassChart)
    ]
    assert role.count == "—"
    for name in ("balance_index", "action_tilt", "lead_role_share"):
        assert number(found, name).n is None
    assert all(row[-1] in ("—", "不足10人") for row in table(found, "activities"))


def test_nobody_in_an_alliance_is_only_a_bound() -> None:
    found = report(answering(12, al_member=3))
    assert number(found, "alliance_participation").bound == "<25"
    assert number(found, "balance_index").status == "suppressed_n"
    assert any("联盟的比例低于25%" in t for t in texts(found))


def test_the_mean_room_is_printed_only_from_ten_people_with_a_gap_on() -> None:
    def gap(k: int) -> list[Response]:
        return answering(
            40,
            neg_task=lambda i: 1 if i < 34 else 0,
            neg_dir=1,
            neg_assigned=100,
            neg_feasible=lambda i: 80 if i < k else 100 if i < 24 else 130 if i < 29 else None,
            neg_accepted=lambda i: 90 + i % 7,
        )

    shown, hidden = report(gap(10)), report(gap(9))
    assert number(shown, "negotiating_room").n == 10
    assert number(hidden, "negotiating_room").status == "suppressed_n"
    statuses = number(shown, "room_status_shares")
    assert statuses.n == 34
    assert [p.k for p in statuses.parts] == [10, 14, 5, 5]
    assert any("在34名提供了数字指标任务的回答者中，29%的任务存在" in t for t in texts(shown))
    assert any("26%的任务存在" in t and "不足10人，本报告不公布" in t for t in texts(hidden))


def test_the_same_score_from_everybody_is_withheld_with_its_levels() -> None:
    same = {f"bur_pb{i}": 4 for i in range(1, 6)} | {"bur_pb6": 2}
    found = report(answering(30, core_level=lambda i: 1 + 2 * (i % 2), **same))
    assert number(found, "perceived_burden").status == "suppressed_unanimous"
    assert not [r for r in rows_of(found) if r.number.indicator == "perceived_burden" and r.value != "—"]
    assert any("为保护填答者，感知负担不公布具体数值。" in t for t in texts(found))
    assert ["感知负担", "为保护填答者，不公布具体数值"] in table(found, "withheld")


def test_levels_stand_in_the_report_only_when_both_have_ten_people() -> None:
    def levels(k: int) -> CountyReport:
        return report(
            answering(
                40, core_level=lambda i: 1 if i < k else 3, bur_pb1=lambda i: 1 + i % 5, bur_pb2=3, bur_pb3=2, bur_pb4=3
            )
        )

    assert {d.group for d in levels(10).results} == {"", "upper", "lower"}
    assert {d.group for d in levels(9).results} == {""}
    assert not table(levels(9), "by_level")
    assert ["感知负担，按工作层级", "至少一个层级的有效人数不足10人，或按规则不能公布，两个层级都不公布"] in table(
        levels(9), "withheld"
    )
    assert table(levels(2), "levels") == [["乡镇、街道", "—", "低于8%"], ["村、社区", "—", "高于92%"]]


def test_a_forbidden_word_stops_the_report() -> None:
    with pytest.raises(Problem) as caught:
        report(people(45), peers=peer_frames(4), wave=replace_rule("排名相近的县"))
    assert caught.value.code == "report.forbidden_words"
    assert caught.value.facts["word"] == "排名"


def replace_rule(rule: str):  # type: ignore[no-untyped-def]
    return replace(wave(), peer_rule=rule)


NUMBER = re.compile(r"(?<![A-Za-z_\d.])−?\d+(?:\.\d+)?")


def test_every_number_of_the_findings_stands_in_a_table_or_figure_too() -> None:
    found = report(people(45), peers=peer_frames(4))
    [findings] = [b for b in found.blocks if isinstance(b, Numbered)][:1]
    printed = {m for r in rows_of(found) for part in (r.value, r.interval, r.count) for m in NUMBER.findall(part)}
    printed |= {m for row in table(found, "headline") for cell in row for m in NUMBER.findall(cell)}
    printed |= {
        s.printed.rstrip("%")
        for b in found.blocks
        if isinstance(b, Figure) and isinstance(b.chart, ClassChart)
        for st in b.chart.stacks
        for s in st.segments
    }
    printed |= {
        s.count.removeprefix("n=")
        for b in found.blocks
        if isinstance(b, Figure) and isinstance(b.chart, ClassChart)
        for s in b.chart.stacks
    }
    printed |= {"0", "100", "95"}  # the range of a scale and the level of an interval
    for line in findings.lines:
        if "同类县" not in line:  # differences to peers stand in sentences only
            assert set(NUMBER.findall(line)) <= printed, line


def test_the_headline_table_and_the_figures_print_the_same_value() -> None:
    found = report(people(45), peers=peer_frames(4))
    values = {r.code: r.value for r in rows_of(found) if not r.number.group}
    printed = {row[0]: row[1] for row in table(found, "headline")}
    for name, title in (
        ("perceived_burden", "感知负担"),
        ("negotiating_room", "谈判空间指数"),
        ("balance_index", "规定—自选平衡指数"),
    ):
        assert printed[title] == values[name]


def test_every_figure_names_its_ids_and_the_days_of_fieldwork() -> None:
    for block in report(people(45), peers=peer_frames(4)).blocks:
        if isinstance(block, Figure) and block.key != "marks":
            assert re.search(r"(指标|题目)[a-z_0-9]+", block.note), block.title
            assert "2026年11月2日—11月15日" in block.note
            assert block.described


def test_the_annex_prints_every_item_word_for_word() -> None:
    asked = questionnaire()
    printed = {row[0]: row[1] for row in table(report(people(20)), "items")}
    left_out = {"core_consent", "core_county", "core_attention", "core_voluntary", "core_comment"}
    assert printed == {i.id: i.text.say() for i in asked if i.id not in left_out}


def test_the_report_does_not_depend_on_the_order_of_arrival() -> None:
    crowd = people(45)
    mixed = crowd.copy()
    random.Random(5).shuffle(mixed)
    assert report(crowd, peers=peer_frames(3)) == report(mixed, peers=peer_frames(3))


def test_comments_and_quality_answers_never_reach_a_report() -> None:
    everything = " ".join(texts(report(people(45))))
    assert "一条意见" not in everything
    for name in ("core_voluntary", "core_comment", "core_attention"):
        assert name not in everything


def test_the_report_can_be_written_in_english() -> None:
    found = report(people(60), language="en", peers=peer_frames(4))
    assert found.language == "en"
    assert [b.title for b in found.blocks if isinstance(b, Chapter)][1] == "About the survey"


@pytest.mark.parametrize(
    "form", ["full_burden", "full_negotiation", "full_coordination", "full_pathway", "full_alliance"]
)
def test_a_full_questionnaire_drops_the_chapters_it_does_not_ask(form: str) -> None:
    crowd = people(45, form=form)
    found = report(crowd, form=form)
    chapters = {b.key for b in found.blocks if isinstance(b, Chapter)}
    own = form.removeprefix("full_")
    assert chapters - {"summary", "survey", "reading", "annex"} == {own}
    assert not {"looseness", "negotiating_room_raw"} & {d.indicator for d in found.results}


def test_sensitive_results_stay_out_of_the_countys_file_below_twenty_people() -> None:
    few, enough = (report(people(n, form="full_burden", missing=0), form="full_burden") for n in (19, 24))
    sensitive = {i.id for i in questionnaire("full_burden").indicators if i.sensitive}
    assert len(sensitive) == 6
    assert not sensitive & {d.indicator for d in few.results}
    assert sensitive <= {d.indicator for d in enough.results}
    assert all(d.peer is None and not d.group for d in enough.results if d.indicator in sensitive)


# an attacker with the report and the county's file


def people_behind(percent: float, n: int) -> set[int]:
    """How many people a printed whole percentage can be."""
    return {k for k in range(n + 1) if abs(100 * k / n - percent) <= 0.5 + 1e-9}


def published(found: CountyReport) -> Iterator[tuple[str, int, set[int]]]:
    """Every group of people that follows from a share and its n."""
    for d in found.results:
        if d.statistic == "share" and d.shown and d.n is not None and d.value is not None:
            yield d.indicator, d.n, people_behind(round(d.value), d.n)
        for part in d.parts:
            if d.n is not None and not part.bound:
                yield f"{d.indicator}{part.codes}", d.n, people_behind(round(part.percent), d.n)
    for block in found.blocks:
        if isinstance(block, Figure) and isinstance(block.chart, LikertChart | ClassChart):
            for stack in block.chart.stacks:
                n = re.search(r"\d+", stack.count) if "不足" not in stack.count else None
                for s in stack.segments if n else ():
                    yield f"{stack.label}/{s.label}", int(n.group()), people_behind(round(s.percent), int(n.group()))  # type: ignore[union-attr]


SCENES: dict[str, dict[str, object]] = {
    "as it comes": {},
    "all in an alliance": {"al_member": 1},
    "one outside": {"al_member": lambda i: 3 if i == 0 else 1},
    "two outside": {"al_member": lambda i: 3 if i < 2 else 2},
    "three outside": {"al_member": lambda i: 3 if i < 3 else 2},
    "one in": {"al_member": lambda i: 1 if i == 0 else 3},
    "all with a task": {"neg_task": 2},
    "one without a task": {"neg_task": lambda i: 0 if i == 0 else 1 + i % 5},
    "four without a task": {"neg_task": lambda i: 0 if i < 4 else 1 + i % 7},
    "one role unclear": {
        "al_member": lambda i: 3 if i % 4 == 0 else 1,
        "al_role": lambda i: 4 if i == 1 else 1 + i % 3,
    },
    "all lead": {"al_member": lambda i: 3 if i % 4 == 0 else 1, "al_role": 1},
    "one slack": {
        "neg_task": 1, "neg_dir": 1, "neg_assigned": 100,
        "neg_feasible": lambda i: 120 if i == 0 else 80 if i % 3 else 100, "neg_accepted": lambda i: 80 + i % 20,
    },
    "nearly all townships": {"core_level": lambda i: 3 if i < 2 else 1},
    "no activity of one": {
        "al_member": lambda i: 3 if i % 3 == 2 else 1,
        "al_req_n": lambda i: 0 if i == 0 else 3 + i % 4,
        "al_opt_n": lambda i: 0 if i == 0 else i % 3,
    },
}  # fmt: skip


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("n", [10, 15, 20, 45])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_attacker_finds_no_group_of_one_or_two(scene: str, n: int, seed: int) -> None:
    crowd = answering(n, seed, **SCENES[scene])
    found = report(crowd, peers=peer_frames(3))
    analysed = frame(crowd, questionnaire())
    by_name = {d.indicator: d for d in found.results if not d.group}

    # 1. no share, step or class of fewer than three people, nor its complement
    for name, base, possible in published(found):
        assert max(possible) >= 3, name
        assert base - min(possible) >= 3, name

    # 2. a masked share cannot be computed from a base printed elsewhere
    member = by_name["alliance_participation"]
    follow_ups = [by_name[x] for x in ("action_tilt", "balance_index", "lead_role_share")]
    follow_ups += [r.number for r in rows_of(found) if r.code in ("al_req_n", "al_opt_n")]
    if not member.shown:
        assert all(d.n is None for d in follow_ups)
        assert all(
            "%" not in s.printed or int(re.findall(r"\d+", s.printed)[0]) % 5 == 0 for s in segments(found, "roles")
        )
    else:
        assert member.n is not None
        assert member.value is not None
        inside = max(people_behind(round(member.value), member.n))
        assert all(d.n is None or d.n <= inside for d in follow_ups)

    # 3. the same question printed in two ways does not take a merged step apart
    lead, roles = by_name["lead_role_share"], [b for b in found.blocks if isinstance(b, Figure) and b.key == "roles"]
    for figure in roles:
        assert isinstance(figure.chart, ClassChart)
        count = re.search(r"\d+", figure.chart.stacks[0].count)
        if lead.n is not None and count and figure.chart.stacks[0].segments:
            assert int(count.group()) - lead.n == 0 or int(count.group()) - lead.n >= 3

    # 4. tasks: those without one, and those in each status
    outside, statuses, room = by_name["no_task_share"], by_name["room_status_shares"], by_name["negotiating_room"]
    if not outside.shown:
        assert statuses.n is None
        assert room.n is None
        assert by_name["standard_gap_pct"].n is None
    if room.n is not None and statuses.n is not None:
        assert room.n == 0 or statuses.n - room.n == 0 or statuses.n - room.n >= 3
    gap = by_name["standard_gap_pct"]
    if gap.n is not None and statuses.n is not None:
        merged = [p for p in statuses.parts if len(p.codes) > 1]
        assert not merged or all(set(p.codes) <= {1, 2, 3} for p in merged)

    quiet = sum(analysed.numbers["al_req_n"] + analysed.numbers["al_opt_n"] == 0)
    if 0 < quiet < 3:
        assert all(r.number.n is None for r in rows_of(found) if r.code in ("al_req_n", "al_opt_n"))
        assert all(not row[-1].isdigit() for row in table(found, "activities"))

    # 5. levels: both or none, each of ten people, and no third group beside them
    groups: dict[str, dict[str, Disclosed]] = {}
    for d in found.results:
        groups.setdefault(d.indicator, {})[d.group] = d
    for name, parts in groups.items():
        if len(parts) > 1:
            assert set(parts) == {"", "upper", "lower"}, name
            upper, lower, whole = parts["upper"].n or 0, parts["lower"].n or 0, parts[""].n or 0
            assert min(upper, lower) >= 10, name
            assert upper + lower == whole, name

    # 6. no more decimals than are printed, from which n could be worked out
    for d in found.results:
        for value in (d.value, d.lo, d.hi, d.q1, d.q3):
            assert value is None or abs(value * 10 - round(value * 10)) < 1e-9

    # 7. nothing printed about fewer than ten people, no extremes of single answers
    for d in found.results:
        assert d.n is None or d.n >= 10
        if d.status != "ok":
            assert (d.value, d.lo, d.hi, d.q1, d.q3, d.sd) == (None,) * 6
            assert not d.parts
    assert not any(str(r.count).isdigit() and int(r.count) < 3 for r in rows_of(found))
    counts = [int(row[1]) for row in table(found, "levels") if row[1].isdigit()]
    assert all(c >= 3 for c in counts)
    assert sum(counts) in (0, analysed.n_analysed)


def segments(found: CountyReport, key: str) -> list:  # type: ignore[type-arg]
    """The segments of a figure of classes."""
    return [
        s
        for b in found.blocks
        if isinstance(b, Figure) and b.key == key and isinstance(b.chart, ClassChart)
        for st in b.chart.stacks
        for s in st.segments
    ]


def test_coarse_percentages_do_not_tell_how_many_were_asked() -> None:
    """The role bar of a masked county fits several numbers of members."""
    found = report(answering(44, al_member=lambda i: 3 if i == 0 else 1))
    percents = [s.percent for s in segments(found, "roles")]
    assert percents
    assert sum(percents) == 100
    assert all(p % 5 == 0 for p in percents)

    def fits(n: int) -> bool:
        return all(any(abs(100 * k / n - p) <= 5 for k in range(n + 1)) for p in percents)

    assert all(fits(n) for n in (41, 42, 43, 44))
