"""Ordering all reports at the desk, watching them, correcting one, and checking a PDF without an account."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.services import batch
from fieldkit.services.report import county_files
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, csrf, make_desk


@pytest.fixture
def begun(monkeypatch):
    calls = []
    monkeypatch.setattr("fieldkit.web.desk.batches.begin_work", lambda: calls.append(1))
    return calls


@pytest.fixture
def desk(tmp_path):
    return make_desk(tmp_path)


@pytest.fixture
def client(desk):
    return desk.client("researcher")


def post(client, address, **data):
    token = csrf(client.get("/desk").get_data(as_text=True))
    return client.post(address, data={"csrf_token": token, **data}, buffered=True)


def text(answer):
    return answer.get_data(as_text=True)


def ordered(client):
    answer = post(client, "/desk/waves/demo/reports")
    assert answer.status_code == 303
    return answer.location


def issue(desk, county="330523"):
    with Session(desk.engine) as session:
        edition = county_files(session, LOCAL, "demo", county, dated=TODAY)
        session.commit()
    return edition


def test_the_page_asks_again_by_itself_while_reports_are_made_and_then_rests(desk, client, begun):
    address = ordered(client)
    assert begun == [1]
    page = text(client.get(address))
    assert '/again.js"' in page
    assert "正在生成" in page
    assert "下载 ZIP" not in page
    list(batch.work_off(desk.engine, address.rsplit("/", 1)[1]))
    page = text(client.get(address))
    assert '/again.js"' not in page
    assert "人数不够，暂不出" in page
    answer = post(client, address + "/reports.zip")
    assert answer.headers["Content-Disposition"].endswith("fieldkit-demo-reports.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert "manifest.csv" in archive.namelist()


def test_a_batch_can_be_cancelled_and_gone_on_with(client, begun):
    address = ordered(client)
    assert post(client, address + "/cancel").status_code == 303
    page = text(client.get(address))
    assert "已取消" in page
    assert "继续" in page
    assert post(client, address + "/resume").status_code == 303
    assert begun == [1, 1]
    assert "正在生成" in text(client.get(address))


def test_a_batch_is_found_only_under_its_own_wave(client, begun):
    key = ordered(client).rsplit("/", 1)[1]
    assert client.get(f"/desk/waves/other/reports/{key}").status_code == 404
    assert client.get("/desk/waves/demo/reports/nothing").status_code == 404


def test_the_wave_page_leads_to_the_last_batch(client, begun):
    address = ordered(client)
    assert address in text(client.get("/desk/waves/demo"))


def test_a_county_without_report_says_so_where_its_editions_would_stand(client):
    assert "还没有出过报告" in text(client.get("/desk/waves/demo/330521/editions"))


def test_a_correction_keeps_the_note_when_it_is_refused(desk, client):
    issue(desk)
    answer = post(client, "/desk/waves/demo/330523/editions", note="本县排名第3名")
    assert answer.status_code == 500
    assert "本县排名第3名</textarea>" in text(answer)
    assert "排名" in text(answer)
    answer = post(client, "/desk/waves/demo/330523/editions", note="表2的日期写错了。")
    assert answer.status_code == 303
    page = text(client.get(answer.location))
    assert "已出第2版" in page
    assert "表2的日期写错了。" in page


def test_anyone_with_the_pdf_sees_whether_it_is_genuine(desk):
    edition, stranger = issue(desk), desk.client()
    page = text(stranger.post("/verify", data={"file": (io.BytesIO(edition.pdf), "报告.pdf")}))
    assert "这份报告是从这里发出的" in page
    assert "安吉县" in page
    assert "模拟数据" in page
    assert edition.sha256 in page
    assert "set-cookie" not in {name.lower() for name, _ in stranger.get("/verify").headers}
    assert "genuine" not in page.lower()
    english = text(stranger.get(f"/verify?sha256={edition.sha256}&lang=en"))
    assert "This report was issued here" in english


def test_a_file_that_is_not_ours_is_told_with_what_to_do(desk):
    edition, stranger = issue(desk), desk.client()
    answer = stranger.post("/verify", data={"file": (io.BytesIO(edition.pdf + b"%"), "报告.pdf")})
    assert answer.status_code == 404
    assert "请向给您文件的人要原件" in text(answer)
    wrong = stranger.post("/verify", data={"sha256": "abc<script>"})
    assert wrong.status_code == 422
    assert "<script>" not in text(wrong)
    assert stranger.post("/verify", data={}).status_code == 422
    unknown = hashlib.sha256(b"x").hexdigest()
    assert stranger.get(f"/verify?sha256={unknown}").status_code == 404


def test_a_file_beyond_the_limit_is_refused(desk):
    announced = {"CONTENT_LENGTH": str(8 * 1024**2 + 1)}
    answer = desk.client().post("/verify", data={"sha256": "x"}, environ_overrides=announced)
    assert answer.status_code == 413
