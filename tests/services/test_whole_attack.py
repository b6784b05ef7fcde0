"""Everything that is really handed out about a wave, held side by side by one attacker."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.core.submission import Submission
from fieldkit.services import layouts
from fieldkit.services.collect import Collector
from fieldkit.services.pooled_editions import pooled_file
from fieldkit.services.report import correct, county_files
from fieldkit.services.roster import save_roster
from fieldkit.services.simulated_cadres import Population
from fieldkit.services.verify import fingerprint, verify
from fieldkit.services.waves import close_wave
from fieldkit.services.weighted import weighted_file
from fieldkit.stats.disclose import Thresholds
from fieldkit.store import instruments, waves
from fieldkit.store.engine import Session
from tests.attack import Fact, Published, between_issues, from_csv, pool_minus, references
from tests.demo_site import TODAY, demo_database, more_answers
from tests.stats.test_county import plan_of

WITH_REPORT = ("330122", "330127", "330521", "330523", "330824", "430121", "430224")
GREW = "430224"


@pytest.fixture
def engine(tmp_path):
    return demo_database(tmp_path)


def issue(engine, county):
    with Session(engine) as session:
        edition = county_files(session, LOCAL, "demo", county, dated=TODAY)
        session.commit()
    return edition


def known(edition) -> Published:
    """What is printed exactly. A county that prints a bound only is not in the pooled number, and is not taken off."""
    told = from_csv(edition.csv, edition.n_analysed)
    return replace(told, facts=tuple(fact for fact in told.facts if not fact.bound))


def of_weighted(data: bytes) -> Published:
    """The unweighted column of the weighted file."""
    facts = []
    for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"))):
        if row["statistic"] != "weights" and row["n"] and row["value"]:
            half = 0.5 if row["statistic"] in ("share", "ratio") else 0.05
            facts.append(
                Fact(row["name"], row["statistic"], "", frozenset(), float(row["value"]), half, int(row["n"]))
            )
    return Published(tuple(facts), 10**6)


def test_editions_corrections_the_pool_and_weighted_results_leave_nobody_when_subtracted(engine):
    first = {code: issue(engine, code) for code in WITH_REPORT}
    more_answers(engine, GREW, 12)
    second = issue(engine, GREW)
    more_answers(engine, GREW, 3)  # not in any edition: they must not shine through anywhere
    with Session(engine) as session:
        corrected = correct(session, LOCAL, "demo", GREW, "图题有误，已改正。", dated=TODAY)
        codes = [county.code for county in waves.get(session, "demo").counties]
        rows = "".join(f"{code},1|2|3|4,{100 + at}\n" for at, code in enumerate(codes))
        save_roster(session, LOCAL, "demo", ("county,core_level,count\n" + rows).encode())
        close_wave(session, LOCAL, "demo")
        session.commit()
    with Session(engine) as session:
        pool = pooled_file(session, LOCAL, "demo", dated=TODAY)
        session.commit()
    with Session(engine) as session:
        weighted = weighted_file(session, LOCAL, "demo", dated=TODAY)
        session.commit()
    indicators, usual = plan_of("short").indicators, Thresholds()
    assert second.number == 2
    assert corrected.csv == second.csv
    assert between_issues(known(first[GREW]), known(second), indicators, usual) == []
    last = [known(issue(engine, code)) for code in WITH_REPORT]
    facts = [f for f in from_csv(pool.csv).facts if f.indicator in {i.id for i in indicators}]
    assert facts
    assert pool_minus(Published(tuple(facts), pool.n_analysed), last, indicators, usual) == []
    found = of_weighted(weighted)
    assert found.facts
    assert pool_minus(found, last, indicators, usual) == []
    for fact in found.facts:  # each rests on the printed answers of whole counties and on no other
        own = [f.n for one in last for f in one.facts if f.indicator == fact.indicator and not f.group and not f.codes]
        sums = {0}
        for n in own:
            sums |= {s + (n or 0) for s in sums}
        assert fact.n in sums, fact.indicator


def nearly_silent(engine, county, count, *silent):
    """Further answers of which all but one leave out these questions."""
    with Session(engine) as session:
        wave = waves.get(session, "demo")
        questionnaire = instruments.get(session, wave.questionnaire, wave.version)
    collector = Collector(engine)
    for at, sheet in enumerate(Population(questionnaire, county, "nearly silent", burden=2.5).sheets(count)):
        left = {name: answer for name, answer in sheet.answers.items() if not at or not name.startswith(silent)}
        collector.submit(
            Submission(
                id=sheet.id, wave=wave.id, county=county, questionnaire=wave.questionnaire, version=wave.version,
                receipt_code=sheet.receipt_code, language="zh", answers=left, active_seconds=sheet.active_seconds,
            )
        )  # fmt: skip
    collector.close()


def test_what_the_peers_are_compared_with_is_what_the_peers_print(engine):
    """From two references, or one and all peers but one, the remaining peer's number can be worked out."""
    peers = ("330122", "330127", "330523", "330824", "430121")
    first = {code: issue(engine, code) for code in peers}
    assert references({code: one.csv for code, one in first.items()}, peers) == []
    nearly_silent(engine, "330824", 10, "bur_", "neg_", "al_")
    more_answers(engine, "330523", 12)
    second = {code: issue(engine, code) for code in peers}
    assert {code for code in peers if second[code].number == 2} == {"330824", "330523"}
    renewed = {code: second[code].csv for code in peers}
    anji = [line for line in references(renewed, peers) if line.startswith("330523")]  # the others are of the first day
    assert anji == []
    fewer = tuple(code for code in peers if code != "330824")
    assert references(renewed, fewer)  # the attack sees when a reference is that of others


def test_a_second_edition_tells_nothing_of_those_left_out_in_between(engine):
    more_answers(engine, GREW, 12, 10, seed="careless")
    first = issue(engine, GREW)
    more_answers(engine, GREW, 12, 1, seed="one more careless")
    second = issue(engine, GREW)
    assert (first.number, second.number) == (1, 2)
    say = layouts.find("county").wording("zh").say
    for head in ("technical.prorated", "technical.everyone"):
        words = say(head).replace("\n", "<br>")
        assert words in first.html.decode()
        assert words not in second.html.decode()


def test_a_pooled_report_can_be_verified_too(engine):
    with Session(engine) as session:
        pool = pooled_file(session, LOCAL, "demo", dated=TODAY)
        session.commit()
        found = verify(session, fingerprint(pool.pdf))
    assert (found.issue.members, found.issue.number, found.current) == (len(WITH_REPORT), 1, True)


def test_a_county_layout_of_ones_own_takes_the_place_of_ours_and_is_named_in_the_edition(engine, tmp_path, monkeypatch):
    plain = issue(engine, GREW)
    monkeypatch.setenv("FIELDKIT_REPORTS", str(tmp_path / "own"))
    folder = layouts.copy("county", "county")
    words = folder / "layout.yaml"
    words.write_text(words.read_text("utf-8").replace("怎样阅读本报告", "如何看这份报告"), "utf-8")
    other = issue(engine, "330824")
    assert "如何看这份报告" in other.html.decode()
    assert "own_layout" not in plain.versions
    assert other.versions["own_layout"] == "county"
    assert other.versions["layout"] != plain.versions["layout"]
    assert issue(engine, GREW).sha256 == plain.sha256
