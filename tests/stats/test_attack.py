"""Whatever is published about a county, alone or together, gives away no group below the thresholds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import pytest

from fieldkit.core.response import Response
from fieldkit.formats.table_csv import county_csv
from fieldkit.render.document import county_pdf
from fieldkit.render.page import county_page
from fieldkit.settings import resource
from fieldkit.stats.disclose import Disclosed, Thresholds
from fieldkit.stats.frame import frame
from fieldkit.stats.reissue import Issued
from fieldkit.stats.report import CountyReport, Figure, RowChart
from fieldkit.stats.results import measure
from fieldkit.stats.wording import rounded
from tests.attack import (
    Fact,
    Published,
    attack,
    between_issues,
    from_csv,
    pdf_text,
    peers_minus,
    pool_minus,
    published,
    strays,
)
from tests.stats.people import people, questionnaire, wave
from tests.stats.test_county import SCENES, answering, peer_frames, plan_of, report

USUAL = Thresholds()
Answers = dict[str, object]

FORMS = ["short", "full_burden", "full_negotiation", "full_alliance", "full_coordination", "full_pathway"]
# Answers made to tempt: everybody alike, one or two apart, one level nearly empty.
TRAPS: dict[str, tuple[str, Answers]] = {
    "one had no case": ("full_coordination", {"co_has_case": lambda i: 2 if i == 0 else 1}),
    "all had a case": ("full_coordination", {"co_has_case": 1}),
    "one source the same for all": (
        "full_coordination",
        {"co_has_case": lambda i: 2 if i < 4 else 1, "co_p_tim1": 4, "co_p_tim2": 4},
    ),
    "one completed": (
        "full_coordination",
        {"co_has_case": lambda i: 2 if i < 4 else 1, "co_status": lambda i: 1 if i == 5 else 2 + i % 3},
    ),
    "two hand in no forms": ("full_burden", {"bur_form_n": lambda i: 0 if i < 2 else 5 + i}),
    "one without inspection": ("full_burden", {"bur_af2": lambda i: 0 if i == 3 else 4 + i % 5, "bur_af3": 1}),
    "one never bargained": ("full_negotiation", {"neg_att_n": lambda i: 0 if i == 0 else 3, "neg_suc_n": 1}),
    "one mechanism the same for all": (
        "full_negotiation", {"neg_oa1": 4, "neg_oa2": 4, "neg_oa3": 4},
    ),
    "mechanisms average out": (
        "full_negotiation",
        {
            f"neg_{name}{k}": (lambda i, up=name in ("oa", "if"): (5 if i % 2 else 1) if up else (1 if i % 2 else 5))
            for name in ("oa", "oc", "if", "mi") for k in (1, 2, 3)
        },
    ),
    "two in villages": ("full_negotiation", {"core_level": lambda i: 3 if i < 2 else 1}),
    "two in townships": ("full_negotiation", {"core_level": lambda i: 1 if i < 2 else 3}),
    "two of the upper level outside": (
        "full_alliance",
        {"core_level": lambda i: 1 + 2 * (i % 2), "al_member": lambda i: 3 if i in (0, 2, 1, 3, 5) else 1},
    ),
    "one kind of innovation twice": ("full_alliance", {"al_innov": lambda i: 6 if i < 2 else 1 + i % 3}),
    "nobody whistles": ("full_pathway", {"pw_wh_n": lambda i: 0 if i > 1 else 3, "pw_wh_show": 2}),
    "one without such a mechanism": ("full_pathway", {"pw_mech": lambda i: [0] if i == 0 else [1, 2]}),
    "one active actor": ("full_pathway", {"pw_st_up": lambda i: 5 if i == 0 else 1 + i % 3}),
    "all feel the same burden": (
        "short",
        {f"bur_pb{k}": (lambda i, k=k: 5 if (i + k) % 2 else 3) for k in range(1, 6)}
        | {"bur_pb6": lambda i: 1 if i % 2 else 3},
    ),
}  # fmt: skip


def views(crowd: list[Response], form: str, **more: object) -> tuple[CountyReport, CountyReport]:
    """What is printed, and what the research team sees on screen with both levels."""
    more.setdefault("peers", peer_frames(3, form))
    return report(crowd, form=form, **more), report(crowd, form=form, levels=("upper", "lower"), **more)  # type: ignore[arg-type]


def told(crowd: list[Response], form: str, **more: object) -> Published:
    return published(*views(crowd, form, **more), questionnaire=questionnaire(form))


@cache
def indicators_of(form: str):  # type: ignore[no-untyped-def]
    return plan_of(form).indicators


def not_asked(crowd: list[Response], form: str) -> dict[str, int]:
    """The truth: how many were not asked for each indicator."""
    found = measure(frame(crowd, questionnaire(form)), indicators_of(form))
    return {name: one.unasked for name, one in found.items() if one.unasked is not None}


def scenes() -> Iterator[tuple[str, str, Answers]]:
    for name, answers in SCENES.items():
        yield name, "short", answers
    for form in FORMS:
        yield f"{form} as it comes", form, {}
    for name, (form, answers) in TRAPS.items():
        yield name, form, answers


@pytest.mark.parametrize(("name", "form", "answers"), list(scenes()), ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.parametrize("n", [10, 14, 22, 45, 90])
def test_one_report_gives_nobody_away(name: str, form: str, answers: Answers, n: int) -> None:
    crowd = answering(n, form=form, **answers)
    found = told(crowd, form)
    assert attack(found, questionnaire(form), indicators_of(form), USUAL, not_asked(crowd, form)) == []


@pytest.mark.parametrize("form", FORMS)
def test_the_countys_file_tells_no_more_than_its_report(form: str) -> None:
    crowd = people(60, form=form)
    seen, _ = views(crowd, form)
    printed = published(seen, questionnaire=questionnaire(form))
    known = {(f.indicator, f.group, f.codes): f for f in printed.facts}
    for fact in from_csv(county_csv(seen)).facts:
        same = known.get((fact.indicator, fact.group, fact.codes))
        if fact.value is not None or fact.n is not None:
            assert same is not None, fact
            printed_value = None if same.value is None else float(rounded(same.value, 0 if fact.codes else 2))
            assert (printed_value, same.n) == (fact.value, fact.n)


def ticks_of(found: CountyReport) -> list[str]:
    """Numbers that stand on every page of every county: ticks, page numbers."""
    words = [str(n) for n in range(40)]
    for block in found.blocks:
        if isinstance(block, Figure):
            words += [f"{abs(t):g}" for t in getattr(getattr(block.chart, "axis", None), "ticks", ())]
    return [*words, "25", "50", "75", "100"]


@pytest.mark.parametrize("form", FORMS)
def test_paper_and_page_hold_no_number_that_is_not_in_the_report(form: str) -> None:
    folder = resource("reports")
    found, _ = views(people(44, form=form, seed=5), form)
    assert strays(pdf_text(county_pdf(found, folder=folder)), found, beside=ticks_of(found)) == set()
    page = county_page(found, folder=folder)
    text = re.sub(r"<[^>]+>", " ", re.sub(r"<(head|style)\b.*?</\1>", "", page, flags=re.S))
    text = re.sub(r"&#?\w+;", " ", text)
    assert strays(text, found, beside=ticks_of(found)) == set()


# successive issues


def grown(form: str, first: int, more: int, given: Answers | None = None) -> tuple[list[Response], list[Response]]:
    """The people of a first issue, and all those of the second."""
    crowd = answering(first + more, form=form, **(given or {}))
    return crowd[:first], crowd


def issue(crowd: list[Response], form: str, *before: list[Response], gone: int = 0) -> Published:
    ids = {r.id for r in crowd}
    issued = [
        Issued(frozenset(r.id for r in one if r.id in ids), sum(r.id not in ids for r in one)) for one in before
    ]
    return told(crowd, form, issued=issued)


def until(last: int, answer: object, later: object = None) -> Callable[[int], object]:
    """An answer of the first people, and another of those after them."""
    return lambda i: answer if i <= last else later


LATER: dict[str, tuple[str, Answers]] = {
    **{form: (form, {}) for form in FORMS},
    "nine of the new skip": ("short", {f"neg_pr{k}": until(30, a) for k, a in ((1, 2), (2, 3), (3, 1), (4, 5))}),
    "one of the new is a member": ("full_alliance", {"al_member": lambda i: 1 if (i % 2 and i < 31) or i == 33 else 3}),
    "the new are all members": ("short", {"al_member": lambda i: 1 if i % 2 or i >= 30 else 3}),
    "the new all feel the same": (
        "short",
        {f"bur_pb{k}": (lambda i, k=k: 4 if i >= 30 else 1 + (i + k) % 5) for k in range(1, 6)}
        | {"bur_pb6": lambda i: 2 if i >= 30 else 1 + i % 5},
    ),
    "the new all work in villages": ("short", {"core_level": lambda i: 3 if i >= 30 else 1 + i % 4}),
}  # fmt: skip


@pytest.mark.parametrize("scene", LATER)
@pytest.mark.parametrize("more", [10, 13, 25, 60])
def test_two_issues_cannot_be_subtracted(scene: str, more: int) -> None:
    form, answers = LATER[scene]
    few, all_of_them = grown(form, 30, more, answers)
    first, second = issue(few, form), issue(all_of_them, form, few)
    assert between_issues(first, second, indicators_of(form), USUAL) == []
    assert attack(second, questionnaire(form), indicators_of(form), USUAL, not_asked(all_of_them, form)) == []


def test_three_issues_cannot_be_subtracted_in_any_order() -> None:
    crowd = answering(75)
    parts = [crowd[:30], crowd[:40], crowd[:52], crowd]
    issues = [issue(now, "short", *parts[:at]) for at, now in enumerate(parts)]
    for at, later in enumerate(issues):
        for earlier in issues[:at]:
            assert between_issues(earlier, later, indicators_of("short"), USUAL) == []


def test_thresholds_raised_between_two_issues_give_nobody_away() -> None:
    """Twelve new answers renewed the second issue; by the thresholds of the third they would not have."""
    crowd = answering(46)
    parts = [crowd[:30], crowd[:42]]
    issues = [issue(now, "short", *parts[:at]) for at, now in enumerate(parts)]
    stricter = replace(wave(), n_min=15, n_min_sensitive=25)

    def third(aware: bool) -> Published:
        before = [Issued(frozenset(r.id for r in one), other_rules=aware) for one in parts]
        return told(crowd, "short", issued=before, wave=stricter)

    assert between_issues(issues[1], third(aware=False), indicators_of("short"), USUAL) != []
    for earlier in issues:
        assert between_issues(earlier, third(aware=True), indicators_of("short"), USUAL) == []


def test_an_answer_taken_back_is_not_given_away_by_the_next_issue() -> None:
    crowd = answering(60)
    first = issue(crowd[:30], "short")
    for number in (0, 7, 29):
        now = [r for at, r in enumerate(crowd[:41]) if at != number]
        second = issue(now, "short", crowd[:30])
        changed = between_issues(first, second, indicators_of("short"), USUAL)
        assert changed == []


def test_enough_new_answers_renew_every_number() -> None:
    few, all_of_them = grown("short", 40, 160)
    second = issue(all_of_them, "short", few)
    fresh = told(all_of_them, "short")
    assert {f.indicator: f.n for f in second.facts if not f.group} == {
        f.indicator: f.n for f in fresh.facts if not f.group
    }


def test_a_number_that_stands_as_before_says_so() -> None:
    few, all_of_them = grown("short", 30, 10, {"neg_pr1": until(30, 2), "neg_pr2": until(30, 3)})
    issued = [Issued(frozenset(r.id for r in few))]
    found = report(all_of_them, issued=issued)
    old = report(few)
    now, then = (next(d for d in r.results if d.indicator == "perceived_negotiating_room") for r in (found, old))
    assert (now.value, now.n) == (then.value, then.n)
    notes = [b.note for b in found.blocks if isinstance(b, Figure) and b.key == "rooms"]
    assert "沿用第1次生成的结果" in notes[0]


# peers and pools


def test_the_peer_reference_does_not_tell_what_a_peers_own_report_hides() -> None:
    hiding = answering(11, al_member=lambda i: 3 if i < 4 else 1, al_role=lambda i: 4 if i == 5 else 1 + i % 3)
    peers = {"1": frame(hiding, questionnaire())} | peer_frames(3)
    own = report(hiding)
    withheld = {d.indicator for d in own.results if not d.shown}
    assert withheld
    for number in report(people(60), peers=peers).results:
        if number.peer is not None and number.indicator in withheld:
            assert number.peer.counties == 3  # the county itself is not in it


def test_the_attacker_would_see_a_hole() -> None:
    """The attack finds what it is meant to find, in publications made to be bad."""
    form = "full_negotiation"
    q, inds = questionnaire(form), indicators_of(form)
    good = told(answering(45, form=form), form)

    def with_facts(*facts: Fact, **more: object) -> Published:
        names = {(f.indicator, f.group, f.codes) for f in facts}
        kept = tuple(f for f in good.facts if (f.indicator, f.group, f.codes) not in names)
        return replace(good, facts=kept + facts, **more)  # type: ignore[arg-type]

    def found(bad: Published, truth: dict[str, int] | None = None) -> list[str]:
        return attack(bad, q, inds, USUAL, truth)

    score = "perceived_negotiating_room"
    assert found(good) == []
    assert found(with_facts(Fact(score, "mean", value=50.0, n=9)))
    assert found(with_facts(Fact("base_goal_kept", "share", value=95.0, half=0.5, n=40)))
    assert found(with_facts(Fact("neg_task", "part", "", frozenset({1}), 5.0, 0.5, 40)))
    assert found(with_facts(Fact(score, "mean", value=50.0, n=44), Fact(score, "mean", "upper", value=51.0, n=20),
                            Fact(score, "mean", "lower", value=49.0, n=22)))  # fmt: skip
    without = replace(good, facts=tuple(f for f in good.facts if f.indicator != "objective_attribution"))
    assert found(without)
    rate = "bargaining_success_rate"
    assert found(with_facts(Fact(rate, "ratio", value=40.0, half=0.5, n=30)), {rate: 1})
    one_more = replace(good, facts=tuple(replace(f, n=f.n + 1) if f.n else f for f in good.facts), n_analysed=46)
    assert between_issues(good, one_more, inds, USUAL)
    assert pool_minus(one_more, [good], inds, USUAL)
    low, high = peers_minus(60.0, 0.05, [(58.0, 0.05), (62.0, 0.05)], 3)
    assert (round(low, 2), round(high, 2)) == (59.75, 60.25)


def test_a_filter_by_level_adds_no_number_to_what_both_levels_tell() -> None:
    crowd = people(80)
    both = {(d.indicator, d.group, d.value, d.n) for d in rows(report(crowd, levels=("upper", "lower")))}
    for level in ("upper", "lower"):
        one = {(d.indicator, d.group, d.value, d.n) for d in rows(report(crowd, levels=(level,)))}
        assert one < both
        assert {group for _, group, *_ in one} == {"", level}


def rows(found: CountyReport) -> list[Disclosed]:
    charts = [b.chart for b in found.blocks if isinstance(b, Figure) and isinstance(b.chart, RowChart)]
    return [row.number for chart in charts for group in chart.groups for row in group.rows]
