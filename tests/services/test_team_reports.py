"""Reports on many counties: what they rest on, when there is a new one, and what cannot be subtracted."""

from __future__ import annotations

import csv
import datetime
import io
import subprocess
from dataclasses import replace

import pytest

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.edition import PooledEdition
from fieldkit.core.problem import Problem
from fieldkit.core.wave import WaveCounty
from fieldkit.services.pooled_editions import pooled_file
from fieldkit.services.printed import published_pdf, wave_questionnaire_pdf
from fieldkit.services.report import county_files
from fieldkit.services.team_reports import overview_file, technical_file
from fieldkit.services.waves import close_wave, open_wave
from fieldkit.services.withdraw import withdraw
from fieldkit.store import waves
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, demo_database, more_answers

RESEARCHER = Actor("lin", "researcher")
READER = Actor("anji", "county_reader", frozenset({"330523"}))


@pytest.fixture
def engine(tmp_path):
    return demo_database(tmp_path)


def pooled(engine, *counties, actor=LOCAL, dated=TODAY, **more) -> PooledEdition:
    with Session(engine) as session:
        found = pooled_file(session, actor, "demo", counties=counties, dated=dated, **more)
        session.commit()
    return found


def refused(call, engine, *arguments, **more) -> str:
    with Session(engine) as session, pytest.raises(Problem) as caught:
        call(session, *arguments, **more)
    return caught.value.code


def text_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def table(body: bytes) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig")))
    return {row["indicator_id"]: row for row in rows if not row["group"] and not row["codes"]}


def test_asking_again_gives_the_same_file(engine):
    first, again = pooled(engine), pooled(engine, dated=TODAY + datetime.timedelta(days=2))
    assert first == again
    assert first.number == 1


def test_while_fieldwork_goes_on_only_counties_with_a_report_are_counted(engine):
    found = pooled(engine)
    assert found.n_analysed == 45 + 20 + 10 + 120 + 19 + 400 + 15


def test_small_counties_are_counted_once_the_wave_is_closed(engine):
    with Session(engine) as session:
        close_wave(session, LOCAL, "demo")
        session.commit()
    assert pooled(engine).n_analysed == 45 + 20 + 10 + 120 + 19 + 400 + 15 + 12 + 9


def test_nine_new_answers_of_a_county_change_nothing_and_ten_make_an_issue(engine):
    first = pooled(engine)
    more_answers(engine, "330523", 9)
    assert pooled(engine).number == 1
    more_answers(engine, "330523", 1, seed="one more")
    second = pooled(engine)
    assert second.number == 2
    assert second.n_analysed - first.n_analysed == 10


def test_a_pool_and_the_counties_in_it_count_the_same_answers(engine):
    found = table(pooled(engine).csv)
    with Session(engine) as session:
        own = {
            code: table(county_files(session, LOCAL, "demo", code, dated=TODAY).csv)
            for code in ("330122", "330127", "330521", "330523", "330824", "430121", "430224")
        }
    for name in ("perceived_burden", "perceived_negotiating_room"):
        printed = [one[name] for one in own.values() if one[name]["n_valid"]]
        assert int(found[name]["n_valid"]) == sum(int(one["n_valid"]) for one in printed)
        mean = sum(float(one["value"]) * int(one["n_valid"]) for one in printed) / int(found[name]["n_valid"])
        assert float(found[name]["value"]) == pytest.approx(mean, abs=0.11)


def test_a_county_whose_report_counts_an_answer_taken_back_is_left_out(engine):
    receipts = more_answers(engine, "330521", 12)
    before = pooled(engine, "330122", "330523").n_analysed  # the pool without it
    with Session(engine) as session:
        county_files(session, LOCAL, "demo", "330521", dated=TODAY)
        withdraw(session, "demo", receipts[0], TODAY)
        session.commit()
    assert pooled(engine, "330521", "430121").n_analysed == 400
    assert before == 45 + 120


def test_a_county_stands_in_one_pool_of_a_wave_only(engine):
    pooled(engine, "330122", "330523")
    assert pooled(engine, "330523", "330122").number == 1, "the same counties in any order"
    code = refused(pooled_file, engine, LOCAL, "demo", counties=("330523", "430121"), dated=TODAY)
    assert code == "report.pooled_overlap"
    assert refused(pooled_file, engine, LOCAL, "demo", dated=TODAY) == "report.pooled_overlap"
    assert pooled(engine, "430121", "330824").n_analysed == 419


@pytest.mark.parametrize("call", [pooled_file, overview_file, technical_file])
def test_they_are_for_researchers_only(engine, call):
    assert refused(call, engine, READER, "demo", dated=TODAY) == "access.denied"
    assert refused(call, engine, None, "demo", dated=TODAY) == "login.needed"


@pytest.mark.parametrize("call", [pooled_file, overview_file, technical_file])
def test_a_wave_without_answers_says_so(engine, call):
    with Session(engine) as session:
        planned = waves.get(session, "demo")
        open_wave(
            session, LOCAL, replace(planned, id="later", state="draft", counties=(WaveCounty("330523"),), peers=())
        )
        session.commit()
    assert refused(call, engine, LOCAL, "later", dated=TODAY) == "report.no_answers"


def test_a_county_outside_the_wave_and_an_unknown_wave_are_refused(engine):
    assert refused(pooled_file, engine, LOCAL, "demo", counties=("110101",), dated=TODAY) == "wave.county_outside"
    assert refused(technical_file, engine, LOCAL, "nothing", dated=TODAY) == "wave.unknown"


def test_the_overview_prints_what_the_counties_reports_print_in_code_order(engine):
    with Session(engine) as session:
        told = text_of(overview_file(session, RESEARCHER, "demo", dated=TODAY).pdf)
        session.commit()
        own = table(county_files(session, LOCAL, "demo", "330523", dated=TODAY).csv)
    assert own["perceived_burden"]["value"] in told
    names = ["桐庐县", "淳安县", "德清县", "安吉县", "开化县", "长沙县", "茶陵县"]
    places = [told.index(name) for name in names]
    assert places == sorted(places)
    assert "炎陵县" not in told, "nine answers: no report, no row"
    assert "第1名" not in told


def test_the_overview_of_a_prefecture_holds_its_own_counties_only(engine):
    with Session(engine) as session:
        told = text_of(overview_file(session, RESEARCHER, "demo", place="330500", dated=TODAY).pdf)
        session.commit()
    assert "安吉县" in told
    assert "桐庐县" not in told


def test_the_overview_of_a_place_without_a_county_above_the_threshold_says_so(engine):
    for place in ("110000", "430225"):
        assert refused(overview_file, engine, LOCAL, "demo", place=place, dated=TODAY) == "report.overview_none"
    assert refused(overview_file, engine, LOCAL, "demo", place="999999", dated=TODAY) == "place.unknown"


def test_an_indicator_of_another_version_is_named(engine):
    code = refused(overview_file, engine, LOCAL, "demo", indicators=("whistle_solve_rate",), dated=TODAY)
    assert code == "report.other_version"


def test_the_technical_report_counts_the_whole_wave(engine):
    with Session(engine) as session:
        told = text_of(technical_file(session, RESEARCHER, "demo", dated=TODAY).pdf)
        session.commit()
    assert "1234" in told.replace(",", ""), "invited"
    assert "perceived_burden" in told
    assert "安吉县" not in told


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_report_can_be_had_in_both_languages(engine, language):
    with Session(engine) as session:
        for call in (overview_file, technical_file):
            assert call(session, RESEARCHER, "demo", dated=TODAY, language=language).pdf.startswith(b"%PDF-")
        told = text_of(pooled_file(session, RESEARCHER, "demo", dated=TODAY).spoken(language))
        assert ("Pooled report" in told) == (language == "en")
        session.commit()


def test_the_questionnaire_of_a_wave_has_its_consent_text_filled_in(engine):
    with Session(engine) as session:
        told = text_of(wave_questionnaire_pdf(session, RESEARCHER, "demo", dated=TODAY))
        blank = text_of(published_pdf(session, RESEARCHER, "questionnaire", "short", "1.0.0", dated=TODAY))
    assert "演示研究团队" in told
    assert "【研究团队名称】" not in told
    assert "【研究团队名称】" in blank


def test_a_codebook_is_for_researchers_only(engine):
    assert refused(published_pdf, engine, READER, "codebook", "short", "1.0.0", dated=TODAY) == "access.denied"
    assert refused(published_pdf, engine, LOCAL, "codebook", "short", "9.9.9", dated=TODAY) == "instrument.unknown"
