"""A county's report on the desk: the edition's own tables and drawings, filters for the team, clear refusals."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.core.problem import Problem
from fieldkit.services.report import county_files, edition_in_english, edition_view
from fieldkit.services.withdraw import withdraw
from fieldkit.store.engine import Session
from tests.attack import pdf_text
from tests.demo_site import TODAY, make_desk, more_answers

REPORT = "/desk/waves/demo/330523/report"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return make_desk(tmp_path_factory.mktemp("reading"))


@pytest.fixture(scope="module")
def team(desk):
    return desk.client("researcher")


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.get_data(as_text=True)


def drawn(html):
    return re.findall(r"<svg.*?</svg>", html, re.S)


def test_the_desk_shows_the_drawings_of_the_edition_and_no_others(desk, team):
    html = page(team, REPORT)
    with Session(desk.engine) as session:
        edition = county_files(session, LOCAL, "demo", "330523", dated=TODAY).html.decode()
    assert [d for d in drawn(html) if 'class="chart' in d] == [d for d in drawn(edition) if 'class="chart' in d]
    assert "不得用于考核、排名或问责" in html
    assert "图1" in html


def test_a_county_reader_reads_without_filters(desk):
    html = page(desk.client("anji"), REPORT)
    assert "考核督查与任务压力" in html
    assert "<select" not in html
    assert "report.pdf?lang=en" not in html


def test_one_module_can_be_chosen(team):
    html = page(team, f"{REPORT}?module=alliance")
    assert re.findall(r'<section aria-labelledby="([^"]+)"', html) == ["alliance"]


def test_levels_stand_side_by_side_or_one_of_them(team):
    both, upper = page(team, f"{REPORT}?level=both"), page(team, f"{REPORT}?level=upper")
    assert "其中：乡镇、街道" in both
    assert "其中：村、社区" in both
    assert "其中：乡镇、街道" in upper
    assert "其中：村、社区" not in upper
    assert "敏感内容不分层级" in both


def test_a_county_whose_levels_are_too_few_says_so(team):
    html = page(team, "/desk/waves/demo/430224/report?level=both")
    assert "没有可以公布的结果" in html


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/desk/waves/demo/430225/report", 409, "按规则不出报告"),
        ("/desk/waves/demo/430223/report", 409, "按规则不出报告"),
        ("/desk/waves/demo/110101/report", 404, ""),
        ("/desk/waves/nope/330523/report", 404, ""),
        (f"{REPORT}?module=nothing", 400, "没有“nothing”这个筛选条件"),
        (f"{REPORT}?level=village", 400, "没有“village”这个筛选条件"),
    ],
)
def test_what_cannot_be_shown_is_said_with_what_to_do(team, address, status, said):
    html = page(team, address, status)
    assert said in html
    assert 'class="nav"' in html  # the way back


def test_the_english_pdf_holds_the_numbers_of_the_edition(desk):
    with Session(desk.engine) as session:
        edition = county_files(session, LOCAL, "demo", "330523", dated=TODAY)
        english = edition_in_english(session, LOCAL, "demo", "330523", dated=TODAY).pdf
    text, chinese = pdf_text(english), pdf_text(edition.pdf)
    assert "Main results" in text
    [value] = re.findall(r"感知负担\s+([\d.]+)", chinese)[:1]
    assert re.search(rf"Perceived burden\s+{re.escape(value)}", text)
    assert b"/Lang (en" in english


def test_an_answer_taken_back_closes_the_views_that_could_be_subtracted(tmp_path):
    desk = make_desk(tmp_path)
    codes = more_answers(desk.engine, "430224", 30)
    with Session(desk.engine) as session:
        county_files(session, LOCAL, "demo", "430224", dated=TODAY)
        session.commit()
    with Session(desk.engine) as session:
        withdraw(session, "demo", codes[0], TODAY)
        session.commit()
    with Session(desk.engine) as session, pytest.raises(Problem) as caught:
        edition_view(session, LOCAL, "demo", "430224", dated=TODAY, levels=("upper", "lower"))
    assert caught.value.code == "report.taken_back"
    html = page(desk.client("researcher"), "/desk/waves/demo/430224/report?level=both")
    assert "有人已经撤回" in html


def test_a_file_in_english_leaves_the_desk_in_its_language(desk):
    client = desk.client("researcher")
    assert client.get(f"{REPORT}.pdf?lang=en").status_code == 200
    assert "下载 PDF" in page(client, REPORT)


def test_what_takes_in_answers_loads_no_heavy_library():
    code = (
        "import sys, fieldkit.web.desk.reading, fieldkit.web.phone; "
        "print([m for m in ('pandas', 'reportlab') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
