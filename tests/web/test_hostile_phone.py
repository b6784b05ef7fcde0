"""Somebody who means harm, or a broken phone, speaks to the respondents' addresses: nothing breaks, nothing sticks."""

from __future__ import annotations

import datetime
import json
import secrets

import pytest

from fieldkit.core.problem import Problem
from fieldkit.core.response import checker
from fieldkit.core.signed_receipt import signed
from fieldkit.core.submission import ALPHABET
from tests.demo_site import make_desk
from tests.phone_site import COUNTY, Site, a_wave
from tests.tiny import NAMES, all_tiny

# what stands where an answer should
ODD = [
    None, True, -1, 3.5, 1e308, 10**18, 2**63 - 1, "", "\u0000", "a\u0000b", "\uffff", "😀" * 3000, "=cmd|'/C calc'!A0",
    "1e400", "NaN", "2026-02-30", "9999-12-31", "25:00", "91 181", "x" * 100_000, [], [[]], [1, 1, 1], [{"a": 1}],
    list(range(5000)), {}, {"missing": "x"}, {"missing": ["refused"]}, {"missing": "not_shown"},
    {"missing": "refused", "v": 1}, "a" * 64 + ".jpg", "../../etc/passwd", "\u202e\u200b",
]  # fmt: skip
XSS = "<img src=x onerror=alert(1)></textarea><script>alert(2)</script>"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = make_desk(tmp_path_factory.mktemp("hostile"), empty=True)
    today = desk.app.extensions["fieldkit"].today()
    Site(desk.app, desk.engine, today).open(a_wave("short", "short", today))
    yield desk
    desk.app.extensions["fieldkit"].collector.close()


@pytest.fixture(scope="module")
def client(desk):
    return desk.app.test_client()


def sent(**changes):
    return {
        "id": secrets.token_hex(16),
        "receipt_code": "".join(secrets.choice(ALPHABET) for _ in range(12)),
        "questionnaire": "short",
        "version": "1.0.0",
        "language": "zh",
        "answers": {"core_consent": 1, "core_level": 1},
        **changes,
    }


def hand_in(client, submission):
    return client.post(f"/w/short/{COUNTY}/responses", json=submission, headers={"Accept": "application/json"})


def kept(desk):
    with desk.engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM response").scalar_one()


def understood(answer):
    """It was taken, or declined in words that a phone can show."""
    if answer.status_code == 200:
        return bool(answer.json["receipt_code"])
    return 400 <= answer.status_code < 500 and bool(answer.json["code"] and answer.json["message"])


@pytest.mark.parametrize("name", NAMES)
def test_whatever_stands_in_place_of_an_answer_is_taken_or_declined_in_words(name):
    questionnaire = all_tiny().questionnaires[name, "1.0.0"]
    check, declined = checker(questionnaire).check, 0
    for item in (*questionnaire.items, f"{questionnaire.sections[0].id}[99999].x", "no_such_item"):
        for value in ODD:
            try:
                check({"core_consent": 1, item: value})
            except Problem as problem:
                declined += problem.code == "submission.invalid"
    assert declined > len(ODD)


@pytest.mark.parametrize(
    "field", ["id", "receipt_code", "version", "language", "active_seconds", "paradata", "answers"]
)
def test_whatever_stands_around_the_answers_is_taken_or_declined_in_words(desk, client, field):
    for value in ODD:
        assert understood(hand_in(client, sent(**{field: value}))), (field, repr(value)[:60])


def test_of_what_is_sent_only_what_was_asked_is_kept(desk, client):
    odd = {"sections": {"workload": 5, "name": "张三"}, "model": "HUAWEI", "ip": "10.0.0.7", "device": "phone"}
    one = sent(paradata=odd)
    assert hand_in(client, one).status_code == 200
    with desk.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT * FROM response WHERE id = ?", (one["id"],)).mappings().one()
    whole = " ".join(str(cell) for cell in row.values())
    told = ("张三", "HUAWEI", "10.0.0.7", "127.0.0.1", "Werkzeug", one["receipt_code"])
    assert not any(word in whole for word in told)
    assert str(row["received_on"]) == str(desk.app.extensions["fieldkit"].today()), "a day, no time of day"


def test_a_name_that_stands_twice_in_a_body_counts_once(desk, client):
    before = kept(desk)
    one = sent()
    twice = json.dumps(one)[:-1] + f', "id": "{secrets.token_hex(16)}"' + "}"
    answer = client.post(f"/w/short/{COUNTY}/responses", data=twice, content_type="application/json")
    assert answer.status_code == 200
    assert kept(desk) == before + 1


def test_an_id_sent_again_and_again_with_other_answers_stays_one_response(desk, client):
    before = kept(desk)
    one = sent()
    for n in range(40):
        answers = {**one["answers"], "bur_af1": n}
        assert hand_in(client, {**one, "answers": answers}).status_code == 200
    assert kept(desk) == before + 1


def test_a_receipt_of_another_key_or_changed_by_a_letter_is_not_ours(desk, client):
    day = desk.app.extensions["fieldkit"].today()
    key = desk.app.extensions["fieldkit"].receipt_key
    ours = signed(key, "short", day, "a" * 32)
    assert client.post("/receipt", data={"receipt": ours}).text.count('role="alert"') == 0
    other = signed(b"k" * 32, "short", day, "a" * 32)
    later = signed(key, "short", day + datetime.timedelta(days=1), "a" * 32)
    mixed = later.rsplit("-", 1)[0] + "-" + ours.rsplit("-", 1)[-1]
    for forged in (other, mixed, ours[:-1], ours[1:], ours + "A", "x" * 5000, "\u0000", XSS):
        page = client.post("/receipt", data={"receipt": forged}).text
        assert 'role="alert"' in page, forged[:60]
        assert "<script>alert" not in page


def test_what_a_respondent_writes_is_text_wherever_the_desk_shows_it(desk, client):
    one = sent(answers={"core_consent": 1, "core_level": 1, "core_comment": XSS})
    assert hand_in(client, one).status_code == 200
    with desk.engine.begin() as connection:  # words are shown from the next day on
        connection.exec_driver_sql("UPDATE response SET received_on = date(received_on, '-1 day')")
    page = desk.client("researcher").get("/desk/waves/short/review").text
    assert "alert(2)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
