"""What is shown and what is logged when something goes wrong."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError

from fieldkit.core.problem import Problem
from fieldkit.services.collect import Collector
from tests.phone_site import COUNTY, make_site

SECRET = "一句谁也不该看到的话"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return make_site(tmp_path_factory.mktemp("errors"))


def test_brackets_without_end_are_answered_plainly_and_logged_nowhere(site, caplog):
    body = "[" * 20_000
    with caplog.at_level(logging.DEBUG):
        answer = site.app.test_client().post(
            f"/w/short/{COUNTY}/responses", data=body, content_type="application/json"
        )
    assert answer.status_code == 400
    assert answer.json["code"] == "submission.not_json"
    assert answer.json["message"]
    assert answer.json["remedy"]
    assert "[[[" not in answer.text
    assert "[[" not in caplog.text


def test_an_address_that_no_database_takes_leads_nowhere(site):
    client = site.app.test_client()
    for address in ("/w/%00", "/w/short%00/330523", "/w/short/%00/responses"):
        answer = client.post(address, json={}, headers={"Accept": "application/json"})
        assert (address, answer.status_code, answer.json["code"]) == (address, 404, "page.unknown")


@pytest.mark.parametrize(
    ("failure", "code", "kind"),
    [
        (ValueError(f"bad value {SECRET}"), "server.failed", "ValueError"),
        (OperationalError(f"SELECT '{SECRET}'", {"a": SECRET}, Exception(SECRET)), "store.unavailable", "Operational"),
        (Problem("report.forbidden_words", word=SECRET, sentence=SECRET), "report.forbidden_words", "Problem"),
    ],
)
def test_the_log_says_what_failed_and_where_but_no_word_of_it(site, caplog, monkeypatch, failure, code, kind):
    def fails(*_):
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise failure from cause

    monkeypatch.setattr(Collector, "questionnaire", fails)
    answer = site.app.test_client().get(f"/w/short/{COUNTY}", headers={"Accept": "application/json"})
    assert answer.json["code"] == code
    assert kind in caplog.text
    assert "KeyError" in caplog.text
    assert "test_errors.py" in caplog.text
    assert SECRET not in caplog.text


class UndefinedTable(Exception):
    """What PostgreSQL's driver raises where a table is not there."""

    sqlstate = "42P01"


@pytest.mark.parametrize(
    "failure",
    [
        OperationalError("SELECT", {}, Exception("no such column: wave.number")),
        ProgrammingError("SELECT", {}, UndefinedTable()),
    ],
)
def test_a_database_of_another_shape_is_said_so_on_both_engines(site, monkeypatch, failure):
    def fails(*_):
        raise failure

    monkeypatch.setattr(Collector, "questionnaire", fails)
    answer = site.app.test_client().get(f"/w/short/{COUNTY}", headers={"Accept": "application/json"})
    assert answer.json["code"] == "store.not_migrated"


def test_a_failure_that_cannot_even_be_shown_is_logged_without_a_word_of_it(site, caplog, monkeypatch):
    def fails(*_):
        raise Problem("report.forbidden_words", where=SECRET, other=SECRET)  # its message asks for another fact

    monkeypatch.setattr(Collector, "questionnaire", fails)
    answer = site.app.test_client().get(f"/w/short/{COUNTY}", headers={"Accept": "application/json"})
    assert answer.status_code == 500
    assert "KeyError" in caplog.text
    assert SECRET not in caplog.text
