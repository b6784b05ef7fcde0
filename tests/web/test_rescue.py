"""The desk takes in a response that a phone could not send: checked, stored once, noted without its content."""

from __future__ import annotations

import json
import secrets
from io import BytesIO

import pytest

from fieldkit.core.submission import ALPHABET
from fieldkit.store import audit
from fieldkit.store.engine import Session
from tests.demo_site import csrf, make_desk
from tests.phone_site import COUNTY, Site, a_wave

ADDRESS = "/desk/waves/short/rescue"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = make_desk(tmp_path_factory.mktemp("rescue"), empty=True)
    today = desk.app.extensions["fieldkit"].today()
    Site(desk.app, desk.engine, today).open(a_wave("short", "short", today))
    yield desk
    desk.app.extensions["fieldkit"].collector.close()


@pytest.fixture
def client(desk):
    return desk.client("researcher")


def saved(wave="short", **changes):
    """What the phone saves (static/rescue.js)."""
    submission = {
        "id": secrets.token_hex(16),
        "receipt_code": "".join(secrets.choice(ALPHABET) for _ in range(12)),
        "questionnaire": "short",
        "version": "1.0.0",
        "language": "zh",
        "active_seconds": 60,
        "answers": {"core_consent": 1, "core_level": 2, "bur_af1": 5},
        **changes,
    }
    return json.dumps({"rescue": 1, "path": f"/w/{wave}/{COUNTY}", "submission": submission}).encode()


def upload(client, body, *, as_text=False):
    token = csrf(client.get(ADDRESS).get_data(as_text=True))
    given = {"text": body.decode()} if as_text else {"file": (BytesIO(body), "data.json")}
    return client.post(ADDRESS, data={"csrf_token": token, **given}, follow_redirects=True)


def responses(desk):
    with desk.engine.connect() as connection:
        return set(connection.exec_driver_sql("SELECT id FROM response WHERE wave = 'short'").scalars())


def test_a_file_is_stored_like_any_response_and_twice_counts_once(desk, client):
    body, before = saved(), responses(desk)
    first = upload(client, body)
    assert first.status_code == 200
    assert "已经存入" in first.text
    assert responses(desk) - before == {json.loads(body)["submission"]["id"]}
    assert "以前已经收到" in upload(client, body).text
    assert len(responses(desk) - before) == 1


def test_pasted_text_does_the_same_and_other_content_is_kept_for_review(desk, client):
    body = saved()
    assert "已经存入" in upload(client, b"  " + body + b"\n", as_text=True).text
    changed = json.loads(body)
    changed["submission"]["answers"]["bur_af1"] = 6
    assert "内容不同" in upload(client, json.dumps(changed).encode(), as_text=True).text


def test_when_the_phone_gets_through_after_all_it_is_the_same_response(desk, client):
    body = saved()
    upload(client, body)
    sent = json.loads(body)["submission"]
    answer = desk.client().post(f"/w/short/{COUNTY}/responses", json=sent)
    assert answer.json["outcome"] == "again"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "没有复制全"),
        (b"not json", "没有复制全"),
        (b"[]", "没有复制全"),
        (b'{"rescue": 2, "path": "/w/short/330523"}', "没有复制全"),
        (b'{"rescue": 1, "path": "/w/../330523"}', "没有复制全"),
        (saved()[:-40], "没有复制全"),
        (saved("demo"), "属于另一次调查（demo）"),
        (saved(answers={"core_consent": 1, "core_level": 9}), "处需要您看一下"),
        (saved(answers={"core_consent": 2, "core_level": 1}), "没有选"),
        (saved(version="0.9.0"), "版本"),
        (saved(extra=1), "格式不对"),
    ],
    ids=range(11),
)
def test_what_cannot_be_taken_in_is_explained_and_nothing_is_stored(desk, client, body, said):
    before = responses(desk)
    answer = upload(client, body)
    assert 400 <= answer.status_code < 500
    assert said in answer.text
    assert responses(desk) == before


def test_a_file_larger_than_a_submission_may_be_is_refused(desk, client):
    before = responses(desk)
    assert upload(client, b"{" + b" " * 300_000 + b"}").status_code == 413
    assert responses(desk) == before


def test_the_log_says_that_it_was_done_and_nothing_of_what_was_in_it(desk, client):
    body = saved()
    upload(client, body)
    sent = json.loads(body)["submission"]
    with Session(desk.engine) as session:
        line = audit.listed(session)[0]
    assert (line.actor, line.action, line.facts) == ("researcher", "response.rescue", {"wave": "short"})
    assert sent["id"] not in str(line)


def test_without_a_token_of_the_session_nothing_is_taken_in(desk, client):
    before = responses(desk)
    assert client.post(ADDRESS, data={"text": saved().decode()}).status_code == 400
    assert responses(desk) == before


def test_the_wave_page_leads_there_while_the_wave_is_open(client):
    assert f'href="{ADDRESS}"' in client.get("/desk/waves/short").text
