"""Made waves of small counties, attacked with everything that is published of them; and the attack itself, tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations

import pytest

from fieldkit.core.place import Place
from fieldkit.core.wave import WaveCounty
from fieldkit.formats.report_spec import read_layout, read_wording
from fieldkit.settings import resource
from fieldkit.stats import disclose, pooled, reissue, results
from fieldkit.stats.county import Plan, county_report
from fieldkit.stats.disclose import Thresholds
from fieldkit.stats.frame import frame
from fieldkit.stats.pooled import County
from fieldkit.stats.pooled_report import pooled_plan, pooled_report
from fieldkit.stats.reissue import Issued
from fieldkit.stats.report import CountyReport
from fieldkit.stats.results import measure
from tests.attack import Published, attack, carried, of_the_new, pool_minus, published, unexplained
from tests.stats.made_waves import MadeCounty, MadeWave, made_wave
from tests.stats.people import questionnaire, wave
from tests.stats.test_county import DATED, WORDS, plan_of

USUAL = Thresholds()
SEEDS = range(24)
REPORTS = resource("reports")
POOL_WORDS = read_wording(REPORTS / "wording" / "pooled.zh.yaml")


@cache
def pool_plan(form: str) -> Plan:
    return pooled_plan(
        *(read_layout(REPORTS / "layouts" / f"{name}.yaml") for name in ("pooled", "county")), questionnaire(form)
    )


def issue(made: MadeWave, county: MadeCounty, number: int) -> list[CountyReport]:
    """What this issue of a county prints, and what the team sees beside it with both levels."""
    crowd = county.at(number)
    there = {one.id for one in crowd}
    before = [{one.id for one in county.at(earlier)} for earlier in range(number)]
    issued = [Issued(frozenset(ids & there), len(ids - there)) for ids in before]
    place = Place(county.code, "某县", "county", "330500")
    return [
        county_report(
            plan=plan_of(made.form),
            wording=WORDS["zh"],
            county=place,
            wave=replace(wave(), counties=(WaveCounty(county.code, 120),)),
            frame=frame(crowd, questionnaire(made.form)),
            dated=DATED,
            issued=issued,
            edition=number + 1,
            levels=levels,
        )
        for levels in ((), ("upper", "lower"))
    ]


def pooled_issue(made: MadeWave, printed: dict[str, CountyReport], number: int) -> CountyReport:
    """The pool of the wave's counties beside their issues of that number; the small ones join at the end."""
    counties = []
    for one in made.counties:
        found = frame(one.at(number), questionnaire(made.form))
        own = printed.get(one.code)
        numbers = {d.indicator: d for d in own.results if not d.group} if own else {}
        place = Place(one.code, "某县", "county", "330500")
        counties.append(County(place, found, own is not None, numbers, renewed=number > 0))
    codes = tuple(WaveCounty(one.code, 120) for one in made.counties)
    return pooled_report(
        plan=pool_plan(made.form),
        wording=POOL_WORDS,
        wave=replace(wave(), counties=codes),
        counties=counties,
        dated=DATED,
        edition=number + 1,
        merge_small=number == 2,
    )


def leaks(made: MadeWave) -> Iterator[str]:
    """Every group below the thresholds that an attacker finds in all that is published of a wave."""
    asked, indicators = questionnaire(made.form), plan_of(made.form).indicators
    everything = pool_plan(made.form).indicators
    told: dict[str, list[Published]] = {}
    paper: list[dict[str, CountyReport]] = [{}, {}, {}]
    for county in made.counties:
        if county in made.small:
            continue
        issues: list[Published] = []
        for number in range(3):
            views = issue(made, county, number)
            paper[number][county.code] = views[0]
            seen = published(*views, questionnaire=asked)
            yield from (f"{county.code} {number}: {one}" for one in attack(seen, asked, indicators, USUAL))
            issues.append(seen)
        for a, b in combinations(range(3), 2):
            before = carried(issues[:a], issues[a])
            yield from (
                f"{county.code} {a}→{b}: {one}" for one in of_the_new(before, issues[b], asked, indicators, USUAL)
            )
        told[county.code] = issues
    for number in range(3):
        pool = published(pooled_issue(made, paper[number], number), questionnaire=asked)
        own = [issues[number] for issues in told.values()]
        yield from (f"pool {number}: {one}" for one in attack(pool, asked, everything, USUAL, pooled=True))
        if number == 0:
            yield from (f"pool less counties: {one}" for one in pool_minus(pool, own, everything, USUAL))
        fresh, few = _in_truth(made, told, number)
        yield from (f"pool {number}: {one}" for one in unexplained(pool, fresh, few, everything, USUAL))


def _in_truth(made: MadeWave, told: dict[str, list[Published]], number: int) -> tuple[list[Published], dict[str, int]]:
    """The counties' printed numbers that rest on all their answers, and how many people small ones have together."""
    indicators, asked = pool_plan(made.form).indicators, questionnaire(made.form)
    fresh: list[Published] = []
    rest: dict[str, list[int]] = {}
    for county in made.counties:
        found = frame(county.at(number), asked)
        estimates = measure(found, indicators)
        if county.code in told:
            alone = results.disclosed(estimates, indicators, asked, USUAL, n_analysed=found.n_analysed)
            now = {d.indicator for d in alone.values() if d.status == "suppressed_n"}
            kept = [f for f in told[county.code][number].facts if not f.bound and f.n == estimates[f.indicator].n]
            fresh.append(replace(told[county.code][number], facts=tuple(kept)))
        elif len(made.small) > 1 and sum(len(one.at(number)) for one in made.small) >= USUAL.n_min:
            now = {i.id for i in indicators}
        else:
            now = set()  # one small county is left out, and so are several that are too few together
        for name in now:
            rest.setdefault(name, []).append(estimates[name].n)
    over = number == 2
    return fresh, {name: sum(ns) for name, ns in rest.items() if over and len([n for n in ns if n]) > 1}


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_published_of_a_made_wave_gives_anybody_away(seed: int) -> None:
    assert list(leaks(made_wave(seed))) == []


# the attack itself


def _no_threshold(mend: pytest.MonkeyPatch) -> None:
    least = Thresholds.least
    mend.setattr(Thresholds, "least", lambda self, indicator: least(self, indicator) - 1)


def _shares_of_two(mend: pytest.MonkeyPatch) -> None:
    for module in (disclose, results, reissue):
        mend.setattr(module, "FEW", 2)


def _everybody_is_new(mend: pytest.MonkeyPatch) -> None:
    mend.setattr(reissue.Renewal, "basis", lambda self, *_: reissue.Basis(self.counted[-1]))


def _as_judged_today(mend: pytest.MonkeyPatch) -> None:
    """Earlier issues judged by the steps of the present one."""
    follows = reissue.Renewal._follows

    def today(self, at, later, there, may, printed):  # type: ignore[no-untyped-def]
        return follows(self, at, later, there, lambda new, gone, _: may(new, gone, self.counted[-1]), printed)

    mend.setattr(reissue.Renewal, "_follows", today)


def _without(module: object, name: str, instead: object) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda mend: mend.setattr(module, name, instead)


BROKEN: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "a threshold one lower": _no_threshold,
    "shares and steps of two people": _shares_of_two,
    "bases from which a masked share can be worked out": _without(results, "guard", lambda numbers, *_: numbers),
    "a share beside a distribution of the same question": _without(results, "_undoing", lambda *_: {}),
    "parts of a mean, all but one": _without(results, "_complements", lambda *_: {}),
    "levels without a look at the rest": _without(
        results, "split", lambda _, upper, lower: (replace(upper, group="upper"), replace(lower, group="lower"))
    ),
    "every number renewed at once": _everybody_is_new,
    "newcomers not looked at": _without(results, "alone", lambda *_: True),
    "newcomers of a level not looked at": _without(results, "_levels_renewed", lambda *_: True),
    "earlier issues judged by the steps of today": _as_judged_today,
    "numbers of the same question renewed apart": _without(results, "families", lambda them: [[i] for i in them]),
    "pooled numbers that a county has not printed yet": _without(pooled, "_same", lambda *_: True),
    "pooled numbers that a county prints only in part": _without(pooled, "exact", lambda _: True),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_the_attack_finds_out_a_suppression_that_lacks_one_rule(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BROKEN[broken](monkeypatch)
    assert any(next(leaks(made_wave(seed)), None) for seed in SEEDS)
