"""What was issued, at the desk: lists with checksums, files, corrections, made again; pooled reports; /verify."""

from __future__ import annotations

import hashlib
import io
import re

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.services.pooled_editions import correct_pooled, pooled_file
from fieldkit.services.report import correct, county_files
from fieldkit.store.engine import Session
from tests.attack import pdf_text
from tests.demo_site import TODAY, csrf, make_desk, more_answers

COUNTY = "/desk/waves/demo/330523/editions"
POOLED = "/desk/waves/demo/pooled"


@pytest.fixture
def desk(tmp_path):
    return make_desk(tmp_path)


@pytest.fixture
def client(desk):
    return desk.client("researcher")


def text(answer):
    return answer.get_data(as_text=True)


def post(client, address, **data):
    return client.post(address, data={"csrf_token": csrf(text(client.get("/desk"))), **data}, buffered=True)


def links(page, ending):
    return re.findall(rf'href="([^"]+{ending})"', page)


def issue(desk, notes=()):
    with Session(desk.engine) as session:
        county_files(session, LOCAL, "demo", "330523", dated=TODAY)
        session.commit()
        for note in notes:
            correct(session, LOCAL, "demo", "330523", note, dated=TODAY)
            session.commit()


def pool(desk, *counties, notes=()):
    with Session(desk.engine) as session:
        made = pooled_file(session, LOCAL, "demo", counties=counties or ("330521", "330122"), dated=TODAY)
        session.commit()
        for note in notes:
            correct_pooled(session, LOCAL, "demo", made.pool, note, dated=TODAY)
            session.commit()
    return made


def test_every_edition_of_a_county_can_be_downloaded_in_both_languages_and_checked(desk, client):
    issue(desk, ["表2的日期写错了。"])
    page = text(client.get(COUNTY))
    assert "表2的日期写错了。" in page
    for number in (1, 2):
        chinese, english = (client.get(f"{COUNTY}/{number}.pdf{query}").data for query in ("", "?language=en"))
        assert (b"/Lang (zh" in chinese, b"/Lang (en" in english) == (True, True)
        page = text(client.get(COUNTY))
        for pdf in (chinese, english):
            assert f"/verify?sha256={hashlib.sha256(pdf).hexdigest()}" in page
    assert client.get(f"{COUNTY}/2.csv").data.startswith("\ufeffcounty_code".encode())
    assert client.get(f"{COUNTY}/3.pdf").status_code == 404


def test_an_edition_is_made_again_in_every_language_that_was_handed_out(desk, client):
    issue(desk)
    page = text(post(client, f"{COUNTY}/1/again"))
    assert page.count("一字不差") == 1
    assert client.get(f"{COUNTY}/1.pdf?language=en").status_code == 200
    assert text(post(client, f"{COUNTY}/1/again")).count("一字不差") == 2
    assert post(client, f"{COUNTY}/7/again").status_code == 404


def test_where_it_comes_out_otherwise_the_page_says_what_changed_and_that_the_file_holds(desk, client, monkeypatch):
    issue(desk)
    monkeypatch.setattr("fieldkit.services.again.__version__", "9.9.9")
    monkeypatch.setattr("fieldkit.services.again.drawn", lambda report, laid: b"%PDF-another")
    answer = post(client, f"{COUNTY}/1/again")
    assert answer.status_code == 200
    assert "现在 9.9.9" in text(answer)
    assert "校验码仍然有效" in text(answer)


def test_the_report_on_screen_can_be_read_in_english_with_the_same_tables(desk, client):
    chinese = text(client.get("/desk/waves/demo/330523/report"))
    english = text(client.get("/desk/waves/demo/330523/report?language=en"))
    assert "Main results with nobody left out" in english
    assert "不作剔除的主要结果" in chinese
    assert english.count("<table") == chinese.count("<table")
    assert english.count("<figure") == chinese.count("<figure")
    assert '<article class="told" lang="en">' in english
    assert "Negotiating" in text(client.get("/desk/waves/demo/330523/report?language=en&module=negotiation"))
    assert client.get("/desk/waves/demo/330523/report?language=fr").status_code == 400
    assert desk.client("anji").get("/desk/waves/demo/330523/report?language=en").status_code == 403


def test_all_counties_of_a_wave_are_pooled_with_one_button_and_nothing_is_issued_by_looking(desk, client):
    page = text(client.get(POOLED))
    assert "把全部 9 个县合并" in page
    assert "把全部 9 个县合并" in text(client.get(POOLED))
    answer = post(client, POOLED)
    assert answer.status_code == 303
    page = text(client.get(answer.location))
    assert "已出第1版" in page
    assert "7个县合并" in page
    assert "把全部" not in page
    [chinese] = links(page, "1.pdf")
    [english] = links(page, r"1.pdf\?language=en")
    assert "合并报告" in pdf_text(client.get(chinese).data)
    assert "Pooled report" in pdf_text(client.get(english).data)
    [table] = links(page, "1.csv")
    assert client.get(table).data.startswith("\ufeffcounty_code".encode())


def test_some_counties_are_ticked_and_each_only_once(desk, client):
    answer = post(client, POOLED, some="1")
    assert answer.status_code == 422
    assert "还没有选县" in text(answer)
    answer = post(client, POOLED, some="1", county=["330521", "330122"])
    page = text(client.get(answer.location))
    assert "浙江省（2个县合并）" in page
    assert 'value="430121"' in page
    assert 'value="330521"' not in page
    answer = post(client, POOLED, some="1", county=["330521", "430121"])
    assert answer.status_code == 409
    assert "已经在另一份合并报告里" in text(answer)


def test_the_next_edition_waits_until_enough_is_new(desk, client):
    made = pool(desk)
    page = text(client.get(post(client, POOLED, pool=made.pool).location))
    assert "新答卷还不够，仍是第1版" in page
    more_answers(desk.engine, "330122", 25)
    assert "已出第2版" in text(client.get(post(client, POOLED, pool=made.pool).location))


def test_a_pooled_report_is_corrected_and_made_again_and_a_refused_note_stays_in_the_form(desk, client):
    made = pool(desk)
    answer = post(client, f"{POOLED}/{made.pool}/correct", note="德清县排名第3名")
    assert answer.status_code == 500
    assert "德清县排名第3名</textarea>" in text(answer)
    answer = post(client, f"{POOLED}/{made.pool}/correct", note="县名单漏了一行。")
    page = text(client.get(answer.location))
    assert "已出第2版" in page
    assert "县名单漏了一行。" in page
    assert text(post(client, f"{POOLED}/{made.pool}/1/again")).count("一字不差") == 2


def test_a_wave_without_answers_says_that_nothing_can_be_pooled(tmp_path):
    from dataclasses import replace

    from fieldkit.core.wave import WaveCounty
    from fieldkit.services.waves import open_wave
    from fieldkit.store import waves

    desk = make_desk(tmp_path)
    with Session(desk.engine) as session:
        planned = waves.get(session, "demo")
        later = replace(planned, id="later", state="draft", counties=(WaveCounty("330523"),), peers=())
        open_wave(session, LOCAL, later)
        session.commit()
    assert "还没有收到答卷，不能合并" in text(desk.client("researcher").get("/desk/waves/later/pooled"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_pooled_pdf_in_either_language_is_known_to_anyone_who_holds_it(desk, language):
    made, stranger = pool(desk, notes=["漏了一行。"]), desk.client()
    sent = {"file": (io.BytesIO(made.spoken(language)), "报告.pdf")}
    page = text(stranger.post("/verify", data=sent))
    assert "这份报告是从这里发出的" in page
    assert f"浙江省（2个县合并），第1版，{'英文版' if language == 'en' else '中文版'}" in page
    assert "这一版已经更正，最新的是第2版" in page
    assert "对第1版的更正说明：漏了一行。" in page
    assert "请向演示研究团队（模拟数据）索取第2版" in page
    sum_of = made.sha256_en if language == "en" else made.sha256
    page = text(stranger.get(f"/verify?sha256={sum_of}&lang=en"))
    assert "This edition has been corrected; the newest is edition 2." in page
    assert ("in English" if language == "en" else "in Chinese") in page


def test_the_newest_edition_is_called_that(desk):
    made = pool(desk)
    assert "这是最新的一版" in text(desk.client().get(f"/verify?sha256={made.sha256_en}"))
