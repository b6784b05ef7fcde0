"""Every address of the application is listed here with the rule that guards it; a new one without a rule fails."""

from __future__ import annotations

import pytest

from tests.demo_site import csrf, make_desk

# endpoint -> rule: 'anyone', 'respondent' (no account, no cookie), or what an actor must be allowed to do
RULES = {
    "home": "anyone",
    "asset": "anyone",
    "login.sign_in": "anyone",
    "login.sign_out": "session",
    "desk.overview": "wave.list or report.county",
    "desk.wave_page": "wave.list",
    "desk.responses": "export.responses",
    "desk.report": "report.county",
    "desk.review.page": "variant.review and comment.review",
    "desk.review.decide": "variant.review or comment.review",
}
RESPONDENT = "phone."

WHO_MAY = {
    ("desk.overview", "GET", "/desk"): {"researcher", "anji", "operator"},
    ("desk.wave_page", "GET", "/desk/waves/demo"): {"researcher", "operator"},
    ("desk.responses", "POST", "/desk/waves/demo/responses.zip"): {"researcher"},
    ("desk.report", "GET", "/desk/waves/demo/330523/report.pdf"): {"researcher", "anji"},
    ("desk.report", "GET", "/desk/waves/demo/330523/report.html"): {"researcher", "anji"},
    ("desk.report", "GET", "/desk/waves/demo/330523/report.csv"): {"researcher", "anji"},
    ("desk.report", "GET", "/desk/waves/demo/330122/report.pdf"): {"researcher"},
    ("desk.review.page", "GET", "/desk/waves/demo/review"): {"researcher"},
    ("desk.review.decide", "POST", "/desk/waves/demo/review/adopt"): {"researcher"},
    ("desk.review.decide", "POST", "/desk/waves/demo/review/discard"): {"researcher"},
    ("desk.review.decide", "POST", "/desk/waves/demo/review/clear"): {"researcher"},
    ("desk.review.decide", "POST", "/desk/waves/demo/review/reject"): {"researcher"},
}
# What those who may get when they send nothing but the token: the thing that they mean is missing.
EMPTY = {"desk.review.decide": {409, 422}}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return make_desk(tmp_path_factory.mktemp("access"))


@pytest.fixture(scope="module")
def clients(desk):
    return {name: desk.client(name) for name in desk.passwords}


def test_every_address_has_a_rule(desk):
    endpoints = {rule.endpoint for rule in desk.app.url_map.iter_rules()}
    assert {e for e in endpoints if not e.startswith(RESPONDENT)} == set(RULES)


def test_every_desk_address_is_tried_below(desk):
    guarded = {rule.endpoint for rule in desk.app.url_map.iter_rules() if rule.endpoint.startswith("desk.")}
    assert guarded == {endpoint for endpoint, _, _ in WHO_MAY}


@pytest.mark.parametrize(("endpoint", "method", "address"), list(WHO_MAY), ids=lambda part: part)
def test_without_an_account_there_is_nothing(desk, endpoint, method, address):
    answer = desk.client().open(address, method=method)
    if method == "GET":
        assert answer.status_code == 302
        assert answer.location.startswith("/login")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize(("endpoint", "method", "address"), list(WHO_MAY), ids=lambda part: part)
def test_each_role_gets_what_its_rule_says(desk, clients, endpoint, method, address):
    for name, client in clients.items():
        data = {"csrf_token": csrf(client.get("/desk").get_data(as_text=True))} if method == "POST" else None
        expected = EMPTY.get(endpoint, {200}) if name in WHO_MAY[endpoint, method, address] else {403}
        assert client.open(address, method=method, data=data, buffered=True).status_code in expected, name


def test_respondents_get_no_cookie_and_need_no_account(desk):
    for address in ("/w/demo/330523", "/w/demo/withdraw"):
        answer = desk.client().get(address)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
