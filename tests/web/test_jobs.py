"""Large files at the desk: ordered, watched, cancelled and taken home on a page that works without script."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from fieldkit.services import job as service
from fieldkit.settings import Settings
from tests.demo_site import TODAY, csrf, make_desk


@pytest.fixture
def begun(monkeypatch):
    calls = []
    monkeypatch.setattr("fieldkit.web.desk.jobs.begin_work", lambda: calls.append(1))
    monkeypatch.setattr(service, "SMALL_ROWS", 10)
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


def work(desk, tmp_path):
    return list(service.work_off(desk.engine, Settings(data_dir=tmp_path).files, lambda: TODAY))


def test_many_answers_are_prepared_on_a_page_and_then_taken_home(desk, client, begun, tmp_path):
    answer = post(client, "/desk/waves/demo/responses.zip", format=["csv", "jsonl"])
    assert answer.status_code == 303
    assert begun == [1]
    page = text(client.get(answer.location))
    assert '/again.js"' in page
    assert "轮到就开始" in page
    assert "取消" in page
    assert answer.location in text(client.get("/desk/waves/demo"))
    work(desk, tmp_path)
    page = text(client.get(answer.location))
    assert '/again.js"' not in page
    assert "文件已经做好" in page
    taken = post(client, answer.location + "/file")
    assert taken.headers["Content-Disposition"].endswith("fieldkit-demo-responses.zip")
    assert taken.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(taken.data)) as archive:
        assert {"responses.csv", "responses.jsonl", "manifest.json"} <= set(archive.namelist())


def test_a_job_can_be_cancelled_and_made_again(client, begun):
    address = post(client, "/desk/waves/demo/responses.zip").location
    assert post(client, address + "/cancel").status_code == 303
    page = text(client.get(address))
    assert "已经取消" in page
    assert "重新做" in page
    assert post(client, address + "/file").status_code == 409
    assert post(client, address + "/again").status_code == 303
    assert begun == [1, 1]
    assert "轮到就开始" in text(client.get(address))


def test_a_failed_job_says_what_to_do(desk, client, begun, tmp_path, monkeypatch):
    def broken(engine, job, own, dated, told):
        yield b""
        raise RuntimeError

    address = post(client, "/desk/waves/demo/responses.zip").location
    monkeypatch.setattr(service, "MAKERS", {"responses": broken})
    work(desk, tmp_path)
    page = text(client.get(address))
    assert 'role="alert"' in page
    assert "没有做成" in page
    assert "重新做" in page


def test_reports_on_a_large_wave_are_buttons_and_their_address_says_so(desk, client, begun, tmp_path):
    page = text(client.get("/desk/waves/demo"))
    assert 'name="kind" value="technical"' in page
    assert "/desk/waves/demo/technical.pdf" not in page
    refused = client.get("/desk/waves/demo/technical.pdf")
    assert refused.status_code == 409
    assert "请回到这一轮的页面" in text(refused)
    address = post(client, "/desk/waves/demo/files", kind="technical", language="en").location
    work(desk, tmp_path)
    taken = post(client, address + "/file")
    assert taken.data.startswith(b"%PDF")
    assert taken.mimetype == "application/pdf"
    assert post(client, "/desk/waves/demo/files", kind="everything").status_code == 404


def test_a_large_pooled_report_is_prepared_and_stands_with_the_other_editions(desk, client, begun, tmp_path):
    chosen = ["330521", "330523", "330824"]
    address = post(client, "/desk/waves/demo/pooled", county=chosen).location
    assert begun == [1]
    work(desk, tmp_path)
    assert "/desk/waves/demo/pooled" in text(client.get(address))
    taken = post(client, address + "/file").data
    assert taken.startswith(b"%PDF")
    assert hashlib.sha256(taken).hexdigest() in text(client.get("/desk/waves/demo/pooled"))


def test_one_province_or_prefecture_can_be_chosen_and_a_small_one_comes_at_once(client, begun, monkeypatch):
    page = text(client.get("/desk/waves/demo"))
    assert '<option value="330000">浙江省</option>' in page
    assert '<option value="330500">浙江省湖州市</option>' in page
    order = {"kind": "overview", "place": "330500", "language": "en"}
    monkeypatch.setattr(service, "SMALL_ROWS", 3_000)
    answer = post(client, "/desk/waves/demo/files", **order)
    assert answer.location == "/desk/waves/demo/overview.pdf?language=en&place=330500"
    monkeypatch.setattr(service, "SMALL_COUNTIES", 1)
    answer = post(client, "/desk/waves/demo/files", **order)
    assert begun == [1]
    assert "湖州市" in text(client.get(answer.location))
    assert post(client, "/desk/waves/demo/files", **{**order, "place": "999999"}).status_code == 404


def test_on_a_small_wave_everything_still_comes_at_once(client):
    page = text(client.get("/desk/waves/demo"))
    assert "/desk/waves/demo/technical.pdf" in page
    assert 'value="technical"' not in page
    answer = post(client, "/desk/waves/demo/responses.zip")
    assert answer.mimetype == "application/zip"
