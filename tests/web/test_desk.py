"""The desk in front of a browser: who gets in, what is shown, and that nothing can be sent from elsewhere."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import text as sql

from fieldkit.core.access import LOCAL
from fieldkit.services.export_files import FORMATS
from fieldkit.services.waves import open_wave
from fieldkit.store import waves
from fieldkit.store.engine import Session
from fieldkit.web import login
from tests.demo_site import csrf, make_desk, more_answers

REPORT = "/desk/waves/demo/330523/report"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return make_desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def team(desk):
    return desk.client("researcher")


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.get_data(as_text=True)


def words(html):
    """The page as it is read aloud, without tags and double spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_signing_in_leads_to_the_page_that_was_wanted(desk):
    client = desk.client()
    sent_away = client.get("/desk/waves/demo")
    assert sent_away.status_code == 302
    assert sent_away.location == "/login?next=/desk/waves/demo"
    assert "请先登录" in page(client, sent_away.location)
    answer = desk.sign_in(client, "researcher", desk.passwords["researcher"], "/desk/waves/demo")
    assert answer.location == "/desk/waves/demo"
    assert "第1轮" in page(client, answer.location)


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example/desk", "//evil.example/desk", "/\\evil.example", "/login", "javascript:alert(1)", ""],
)
def test_signing_in_never_leads_elsewhere(desk, onward):
    answer = desk.sign_in(desk.client(), "researcher", desk.passwords["researcher"], onward)
    assert answer.location == "/desk"


def test_a_wrong_password_is_said_in_place_and_the_name_stays(desk):
    answer = desk.sign_in(desk.client(), "researcher", "wrong")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert 'role="alert"' in html
    assert 'value="researcher"' in html
    assert "wrong" not in words(html)


def test_too_many_wrong_passwords_are_said_so(tmp_path):
    desk = make_desk(tmp_path)
    client = desk.client()
    statuses = [desk.sign_in(client, "anji", "wrong").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert desk.sign_in(client, "anji", desk.passwords["anji"]).status_code == 429


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(desk):
    client = desk.client()
    answer = desk.sign_in(client, "researcher", desk.passwords["researcher"])
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_desk_left_alone_asks_again(desk, monkeypatch):
    client = desk.client("researcher")
    page(client, "/desk")
    now = login.time.time()
    monkeypatch.setattr(login.time, "time", lambda: now + login.IDLE_SECONDS - 1)
    page(client, "/desk")
    monkeypatch.setattr(login.time, "time", lambda: now + 2 * login.IDLE_SECONDS - 2)
    page(client, "/desk")  # it was used meanwhile
    monkeypatch.setattr(login.time, "time", lambda: now + 4 * login.IDLE_SECONDS)
    assert client.get("/desk").status_code == 302


def test_signing_out_ends_the_session(desk):
    client = desk.client("researcher")
    answer = client.post("/logout", data={"csrf_token": csrf(page(client, "/desk"))})
    assert (answer.status_code, answer.location) == (303, "/login")
    assert client.get("/desk").status_code == 302


@pytest.mark.parametrize(
    "address", ["/logout", "/desk/waves/demo/responses.zip", "/desk/waves/demo/review/reject"]
)
def test_nothing_can_be_sent_from_another_site(desk, address):
    client = desk.client("researcher")
    assert client.post(address).status_code == 400
    assert client.post(address, data={"csrf_token": "forged"}).status_code == 400
    other = csrf(page(desk.client("anji"), "/desk"))
    assert client.post(address, data={"csrf_token": other}).status_code == 400
    assert client.get("/desk").status_code == 200  # still signed in
    with desk.engine.connect() as connection:
        assert connection.execute(sql("SELECT count(*) FROM audit WHERE action = 'export.responses'")).scalar() == 0


def test_a_login_form_of_another_site_is_refused(desk):
    answer = desk.client().post("/login", data={"name": "researcher", "password": desk.passwords["researcher"]})
    assert answer.status_code == 400


def test_a_password_of_ones_own_is_chosen_at_the_desk_and_the_page_stays_open(tmp_path):
    desk = make_desk(tmp_path)
    client, elsewhere = desk.client("anji"), desk.client("anji")
    shown = page(client, "/desk/password")
    assert "改密码" in words(page(client, "/desk"))
    sent = {
        "csrf_token": csrf(shown),
        "old": desk.passwords["anji"],
        "new": "梯田 水车 四十二 书签",
        "again": "梯田 水车 四十二 书签",
    }
    wrong = client.post("/desk/password", data={**sent, "again": "梯田"})
    assert wrong.status_code == 422
    assert "两次输入的新密码不一样" in wrong.get_data(as_text=True)
    assert "水车" not in wrong.get_data(as_text=True)
    done = client.post("/desk/password", data=sent)
    assert done.status_code == 303
    assert "密码已经改好" in page(client, done.location)
    assert elsewhere.get("/desk").status_code == 302
    assert desk.sign_in(desk.client(), "anji", "梯田 水车 四十二 书签").status_code == 303


def test_another_site_cannot_choose_a_password(desk):
    client = desk.client("operator")
    sent = {"old": desk.passwords["operator"], "new": "longer than that", "again": "longer than that"}
    assert client.post("/desk/password", data=sent).status_code == 400
    assert desk.sign_in(desk.client(), "operator", desk.passwords["operator"]).status_code == 303


def test_an_operator_makes_renews_and_ends_accounts_at_the_desk(tmp_path):
    desk = make_desk(tmp_path)
    client = desk.client("operator")
    sent = {"csrf_token": csrf(page(client, "/desk/accounts")), "name": "Kai.Hua", "role": "county_reader"}
    refused = client.post("/desk/accounts", data=sent)
    assert refused.status_code == 422
    assert "没有写明是哪个县" in words(refused.get_data(as_text=True))
    made = words(client.post("/desk/accounts", data={**sent, "counties": "330824"}).get_data(as_text=True))
    first = re.search(r"密码是 (\S+?)。", made)[1]
    assert "开化县" in made
    reader = desk.client()
    assert desk.sign_in(reader, "kai.hua", first).status_code == 303
    renewed = words(client.post("/desk/accounts/kai.hua/password", data=sent).get_data(as_text=True))
    second = re.search(r"新密码是 (\S+?)。", renewed)[1]
    assert reader.get("/desk").status_code == 302  # the old session has ended
    assert second not in page(client, "/desk/accounts")
    assert desk.sign_in(reader, "kai.hua", second).status_code == 303
    assert "已删除账号 kai.hua" in words(client.post("/desk/accounts/kai.hua/remove", data=sent).get_data(as_text=True))
    assert reader.get("/desk").status_code == 302
    log = words(page(client, "/desk/log"))
    assert log.index("account.remove") < log.index("account.renew") < log.index("account.create")
    assert first not in log
    assert client.post("/desk/accounts/operator/remove", data=sent).status_code == 409


def test_only_operators_are_led_to_accounts_and_log(desk, team):
    assert "/desk/accounts" in page(desk.client("operator"), "/desk")
    for client in (team, desk.client("anji")):
        assert "/desk/accounts" not in page(client, "/desk")
        assert "/desk/log" not in page(client, "/desk")


def test_the_overview_lists_waves_with_rounded_numbers(team):
    shown = words(page(team, "/desk"))
    assert "基层工作负担与治理协作调查（演示，模拟数据） · 第1轮" in shown
    assert "进行中" in shown
    assert "模拟数据" in shown
    assert "约 675" in shown
    assert "673" not in shown


def test_a_desk_without_waves_says_how_to_begin(tmp_path):
    shown = words(page(make_desk(tmp_path, empty=True).client("researcher"), "/desk"))
    assert "这里还没有调查" in shown
    assert "fieldkit wave open wave.yaml" in shown


def rows_of(html):
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    return [words(row).split() for row in body.split("<tr>")[1:]]


def test_counties_stand_in_code_order_with_numbers_in_steps_of_five(team):
    rows = rows_of(page(team, "/desk/waves/demo"))
    codes = [row[2] for row in rows]
    assert codes == sorted(codes)
    assert len(codes) == 9
    by_code = {row[2]: " ".join(row) for row in rows}
    assert "180 约 125 8.2 可以出报告" in by_code["330523"]
    assert "60 约 20 7.4 敏感题暂不公布" in by_code["330824"]  # 19 answers
    assert "24 约 10 8.4 邀请不足 30 人 填答页" in by_code["430223"]  # 12 answers
    assert "60 不足 10 — 有效答卷不足 10 份 填答页" in by_code["430225"]  # 9 answers
    for code in ("430223", "430225"):
        assert "PDF" not in by_code[code]


def test_no_count_on_the_page_is_finer_than_five(team):
    html = page(team, "/desk/waves/demo")
    for shown in re.findall(r"约 ([\d\u2009]+)", html):
        assert int(shown.replace("\u2009", "")) % 5 == 0
    heights = [float(h) for h in re.findall(r'<rect[^>]* height="([\d.]+)"', html)]
    top = int(re.findall(r'<text class="up"[^>]*>(\d+)</text>', html)[-1])
    assert len(heights) > 10
    assert all(abs(h / 90 * top / 5 - round(h / 90 * top / 5)) < 0.05 for h in heights)


def test_answers_of_today_are_not_counted_before_tomorrow(tmp_path):
    desk = make_desk(tmp_path)
    client = desk.client("researcher")
    before = rows_of(page(client, "/desk/waves/demo"))
    more_answers(desk.engine, "330122", 8)
    assert [row[:5] for row in rows_of(page(client, "/desk/waves/demo"))] == [row[:5] for row in before]


def test_there_is_no_rate_and_no_way_to_sort_by_count(team):
    html = page(team, "/desk/waves/demo")
    table = html.split("<table")[1].split("</table>")[0]
    assert "%" not in table
    assert "sort" not in html
    assert "<script" not in html


def test_quality_is_for_researchers_only(desk, team):
    assert "填答质量" in page(team, "/desk/waves/demo")
    assert "注意力题未通过" in page(team, "/desk/waves/demo")
    shown = page(desk.client("operator"), "/desk/waves/demo")
    assert "填答质量" not in shown
    assert "用时" not in shown
    assert "responses.zip" not in shown
    assert "report.pdf" not in shown


@pytest.mark.parametrize(
    ("kind", "mime", "start"),
    [("pdf", "application/pdf", b"%PDF-"), ("csv", "text/csv; charset=utf-8", b"\xef\xbb\xbf")],
)
def test_report_files_come_with_a_name_and_are_kept_by_no_browser(team, kind, mime, start):
    answer = team.get(f"{REPORT}.{kind}")
    assert answer.status_code == 200
    assert answer.content_type == mime
    assert answer.data.startswith(start)
    assert "filename*=UTF-8''%E5%AE%89%E5%90%89%E5%8E%BF-demo" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_report_on_screen_links_its_files_and_keeps_the_policy(team):
    answer = team.get(f"{REPORT}.html")
    html = answer.get_data(as_text=True)
    for address in (f"{REPORT}.pdf", f"{REPORT}.csv", "/desk/waves/demo"):
        assert f'href="{address}"' in html
    policy = answer.headers["Content-Security-Policy"]
    assert "style-src 'self' 'sha256-" in policy
    assert "unsafe" not in policy


def test_a_county_below_the_threshold_is_answered_in_words(team):
    html = page(team, "/desk/waves/demo/430225/report.html", 409)
    assert "暂不出报告" in html
    assert "炎陵县" in html
    assert 'class="nav"' in html


@pytest.mark.parametrize("address", ["/desk/waves/nope", "/desk/waves/demo/110101/report.pdf"])
def test_what_is_not_there_is_said_within_the_desk(team, address):
    html = page(team, address, 404)
    assert 'role="alert"' in html
    assert 'href="/desk"' in html


def test_research_data_come_as_a_zip_with_codebook_and_manifest(tmp_path):
    desk = make_desk(tmp_path)
    client = desk.client("researcher")
    token = csrf(page(client, "/desk/waves/demo"))
    answer = client.post("/desk/waves/demo/responses.zip", data={"csrf_token": token}, buffered=True)
    assert answer.status_code == 200
    assert answer.content_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert [archive.namelist()[n] for n in (0, -1)] == ["responses.csv", "manifest.json"]
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open("responses.csv"), "utf-8-sig", newline="")))
    assert len(rows) == 673
    with desk.engine.connect() as connection:
        who = connection.execute(sql("SELECT actor FROM audit WHERE action = 'export.responses'")).scalars().all()
    assert who == ["researcher"]


def test_a_researcher_ticks_the_formats_and_gets_those(desk):
    client = desk.client("researcher")
    html = page(client, "/desk/waves/demo")
    assert re.findall(r'name="format" value="(\w+)"', html) == list(FORMATS)
    data = {"csrf_token": csrf(html), "format": ["sav", "jsonl"], "encoding": "gb18030"}
    answer = client.post("/desk/waves/demo/responses.zip", data=data, buffered=True)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
    assert names == ["comments.csv", "codebook.csv", "labels.csv", "responses.sav", "responses.jsonl", "manifest.json"]
    assert (manifest["formats"], manifest["encoding"]) == (["sav", "jsonl"], "gb18030")


def test_a_format_that_nobody_knows_is_told_on_a_page(desk):
    client = desk.client("researcher")
    data = {"csrf_token": csrf(page(client, "/desk/waves/demo")), "format": "ods"}
    answer = client.post("/desk/waves/demo/responses.zip", data=data, buffered=True)
    assert answer.status_code == 400
    assert "没有叫“ods”的导出格式" in answer.get_data(as_text=True)


def test_a_cancelled_download_leaves_nothing_behind(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    client = desk.client("researcher")
    token = csrf(page(client, "/desk/waves/demo"))
    answer = client.post("/desk/waves/demo/responses.zip", data={"csrf_token": token})
    assert next(answer.iter_encoded())
    assert list(tmp_path.iterdir())
    answer.close()
    assert not list(tmp_path.iterdir())


def test_waves_of_a_study_are_downloaded_together_when_they_are_ticked(tmp_path):
    desk = make_desk(tmp_path)
    client = desk.client("researcher")
    assert 'name="with"' not in page(client, "/desk/waves/demo")
    with Session(desk.engine) as session:
        first = waves.get(session, "demo")
        open_wave(session, LOCAL, replace(first, id="again", number=2))
        session.commit()
    html = page(client, "/desk/waves/demo")
    assert 'name="with" value="again"' in html
    data = {"csrf_token": csrf(html), "with": ["again", "demo"], "format": ["csv", "parquet"]}
    answer = client.post("/desk/waves/demo/responses.zip", data=data, buffered=True)
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        names = archive.namelist()
    assert [each["wave"] for each in manifest["waves"]] == ["demo", "again"]
    assert {"responses.csv", "responses.parquet"} <= set(names)
    assert "fieldkit-demo-again-responses.zip" in answer.headers["Content-Disposition"]
    nowhere = client.post("/desk/waves/demo/responses.zip", data={**data, "with": "nowhere"}, buffered=True)
    assert nowhere.status_code == 404


@pytest.mark.parametrize("name", ["anji", "operator"])
def test_nobody_but_researchers_gets_rows(desk, name):
    client = desk.client(name)
    token = csrf(page(client, "/desk"))
    answer = client.post("/desk/waves/demo/responses.zip", data={"csrf_token": token}, buffered=True)
    assert answer.status_code == 403
    assert "PK" not in answer.get_data(as_text=True)[:2]


def test_the_wave_page_says_in_steps_of_five_what_waits_for_review(team):
    shown = words(page(team, "/desk/waves/demo"))
    assert re.search(r"待处理的补充意见 约 \d*[05] 内容不同的重复提交 没有", shown)
    assert "没有内容不同的重复提交" in page(team, "/desk/waves/demo/review")


def test_only_researchers_are_led_to_the_review(desk):
    assert "人工整理" not in page(desk.client("operator"), "/desk/waves/demo")


def test_a_decision_about_something_that_is_gone_is_explained(desk):
    client = desk.client("researcher")
    token = csrf(page(client, "/desk/waves/demo/review"))
    answer = client.post("/desk/waves/demo/review/reject", data={"csrf_token": token, "key": "gone"})
    assert answer.status_code == 409
    assert "已经处理过" in answer.get_data(as_text=True)


def test_a_county_reader_sees_the_own_counties_and_no_wave(desk):
    client = desk.client("anji")
    shown = page(client, "/desk")
    assert "安吉县" in shown
    assert "可以出报告" in shown
    assert f"{REPORT}.pdf" in shown
    assert "炎陵县" in shown
    assert "有效答卷不够" in shown
    assert "430225/report" not in shown
    assert "桐庐县" not in shown
    assert "约" not in words(shown.split("<main")[1])
    assert client.get(f"{REPORT}.pdf").status_code == 200
    assert client.get("/desk/waves/demo").status_code == 403
    assert client.get("/desk/waves/demo/330122/report.pdf").status_code == 403
    back = page(client, f"{REPORT}.html")
    assert 'href="/desk/waves/demo"' not in back
    assert 'href="/desk"' in back


def test_a_county_reader_of_a_county_without_fieldwork_is_told_what_to_do(tmp_path):
    assert "现在没有您可以看的报告" in page(make_desk(tmp_path, empty=True).client("anji"), "/desk")


def test_the_desk_speaks_english_when_asked_and_remembers(desk):
    client = desk.client("researcher")
    html = page(client, "/desk/waves/demo?lang=en")
    assert '<html lang="en">' in html
    assert "Download research data<" in html
    assert "about 125" in html
    assert "Overview" in page(client, "/desk")
    assert "概览" in page(client, "/desk?lang=zh")


def test_changing_the_language_at_the_door_does_not_lose_the_way(desk):
    html = page(desk.client(), "/login?next=/desk/waves/demo")
    other = re.search(r'<a href="([^"]+)" lang="en"', html)[1].replace("&amp;", "&")
    assert 'name="next" value="/desk/waves/demo"' in page(desk.client(), f"/login{other}")


def test_desk_pages_are_kept_by_no_browser_and_load_nothing_from_elsewhere(team):
    for address in ("/login", "/desk", "/desk/waves/demo", f"{REPORT}.html"):
        answer = team.get(address, follow_redirects=True)
        html = answer.get_data(as_text=True)
        assert answer.headers["Cache-Control"] == "no-store"
        assert not re.search(r'(?:src|href)="(?:https?:)?//', html)
        assert " style=" not in html
        assert "<script" not in html
