"""The addresses by which a sealed draft travels."""

from __future__ import annotations

import base64

import pytest

from fieldkit.services import resume
from fieldkit.web.phone import resume as addresses
from tests.phone_site import make_site

FIND = "0f" * 32
SEALED = base64.b64encode(b"\x00\xffsealed").decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = make_site(tmp_path_factory.mktemp("resume"))
    yield site
    site.app.extensions["fieldkit"].collector.close()
    site.app.extensions["fieldkit"].engine.dispose()
    site.engine.dispose()


@pytest.fixture
def client(site, monkeypatch):
    monkeypatch.setattr(addresses, "PACE", resume.Pace())
    return site.app.test_client()


def ask(client, what, **sent):
    return client.post(f"/w/short/resume{what}", json=sent)


def test_a_draft_is_laid_down_fetched_and_deleted(client, site):
    kept = ask(client, "", find=FIND, sealed=SEALED)
    assert kept.status_code == 201
    assert kept.json["until"] > str(site.today)
    found = ask(client, "/found", find=FIND)
    assert found.json == {"sealed": SEALED}
    assert found.headers["Cache-Control"] == "no-store"
    assert ask(client, "/erased", find=FIND).json == {"erased": True}
    assert ask(client, "/erased", find=FIND).json == {"erased": False}
    gone = ask(client, "/found", find=FIND)
    assert (gone.status_code, gone.json["code"]) == (404, "resume.unknown")
    assert site.count("resume") == 0


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"find": FIND},
        {"find": FIND, "sealed": "no base 64"},
        {"find": FIND, "sealed": "草稿"},
        {"find": FIND, "sealed": 7},
        {"sealed": SEALED},
    ],
)
def test_what_cannot_be_a_sealed_draft_is_refused(client, site, sent):
    answer = ask(client, "", **sent)
    assert (answer.status_code, answer.json["code"]) == (400, "resume.malformed")
    assert site.count("resume") == 0


def test_what_is_no_object_is_refused(client):
    for body in ("", "[]", "{", "7"):
        answer = client.post("/w/short/resume/found", data=body, content_type="application/json")
        assert (answer.status_code, answer.json["code"]) == (400, "resume.malformed")


def test_too_many_askings_are_put_off(client, monkeypatch):
    monkeypatch.setattr(addresses, "PACE", resume.Pace(1))
    assert ask(client, "/erased", find=FIND).status_code == 200
    answer = ask(client, "/erased", find=FIND)
    assert (answer.status_code, answer.json["code"]) == (429, "resume.often")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_wave_that_is_not_there_has_no_drafts(client):
    assert client.post("/w/nowhere/resume", json={"find": FIND, "sealed": SEALED}).status_code == 404
