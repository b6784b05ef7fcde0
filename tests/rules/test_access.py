"""Every address of the application is listed here with the rule that guards it; a new one without a rule fails."""

from __future__ import annotations

import pytest

from fieldkit.core.access import LOCAL, Actor
from fieldkit.services import batch, design, job
from fieldkit.services.report import county_files
from fieldkit.settings import resource
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, csrf, make_desk

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
    "desk.reading.page": "report.county",
    "verify.page": "anyone",
    "desk.password.page": "account.own",
    "desk.accounts.page": "account.manage",
    "desk.accounts.add": "account.manage",
    "desk.accounts.changed": "account.manage",
    "desk.accounts.log": "log.read",
    "desk.batches.ordered": "report.batch",
    "desk.batches.watched": "report.batch",
    "desk.batches.stepped": "report.batch",
    "desk.batches.taken": "report.batch",
    "desk.jobs.ordered": "export.responses or report.team",
    "desk.jobs.watched": "export.responses or report.team",
    "desk.jobs.stepped": "export.responses or report.team",
    "desk.jobs.taken": "export.responses or report.team",
    "desk.editions.county": "report.correct",
    "desk.editions.corrected": "report.correct",
    "desk.editions.file": "report.correct",
    "desk.editions.again": "report.correct",
    "desk.editions.pools": "report.team",
    "desk.editions.pool_issued": "report.team",
    "desk.editions.pool_corrected": "report.correct",
    "desk.editions.pool_file": "report.team",
    "desk.editions.pool_again": "report.team",
    "desk.review.page": "variant.review and comment.review",
    "desk.review.file": "comment.review",
    "desk.review.decide": "variant.review or comment.review",
    "desk.rescue.page": "response.rescue",
    "desk.roster.page": "wave.roster",
    "desk.roster.upload": "wave.roster",
    "desk.roster.file": "wave.roster",
    "desk.roster.weighted": "export.responses",
    "desk.printed.of_wave": "report.team or report.instrument",
    "desk.printed.of_instrument": "report.instrument",
    "desk_publishing.change": "draft.edit",
    "desk_publishing.change_text": "draft.edit",
    "desk_publishing.mend": "draft.edit",
    "desk_publishing.test": "draft.edit",
    "desk_publishing.publish_now": "instrument.publish",
    "desk.designer.listed": "instrument.design",
    "desk.designer.shown": "instrument.design",
    "desk.designer.published_file": "instrument.design",
    "desk.designer.begun": "instrument.design",
    "desk.designer.imported": "instrument.design",
    "desk.designer.sheet": "instrument.design",
    "desk.designer.stepped": "instrument.design",
    "desk.designer.item": "instrument.design",
    "desk.designer.check": "instrument.design",
    "desk.designer.preview": "instrument.design",
    "desk.designer.draft_file": "instrument.design",
    "desk.designer.source": "instrument.design",
    "desk.designer.history": "instrument.design",
    "desk.designer.difference": "instrument.design",
    "desk.designer.module": "instrument.design",
    "desk.designer.module_stepped": "instrument.design",
    "desk.designer.construct": "instrument.design",
    "desk.designer.module_item": "instrument.design",
    "desk.designer.indicator": "instrument.design",
    "desk.designer.module_check": "instrument.design",
    "desk.designer.restored": "instrument.design",
    "desk.designer.deleted": "instrument.design",
}
RESPONDENT = "phone."

SHORT = "/desk/instruments/questionnaire/short/1.0.0"
WHO_MAY = {
    ("desk.overview", "GET", "/desk"): {"researcher", "anji", "operator"},
    ("desk.wave_page", "GET", "/desk/waves/demo"): {"researcher", "operator"},
    ("desk.responses", "POST", "/desk/waves/demo/responses.zip"): {"researcher"},
    ("desk.report", "GET", "/desk/waves/demo/330523/report.pdf"): {"researcher", "anji"},
    ("desk.report", "GET", "/desk/waves/demo/330523/report.html"): {"researcher", "anji"},
    ("desk.report", "GET", "/desk/waves/demo/330523/report.csv"): {"researcher", "anji"},
    ("desk.report", "GET", "/desk/waves/demo/330122/report.pdf"): {"researcher"},
    ("desk.report", "GET", "/desk/waves/demo/330523/report.pdf?lang=en"): {"researcher"},
    ("desk.reading.page", "GET", "/desk/waves/demo/330523/report"): {"researcher", "anji"},
    ("desk.reading.page", "GET", "/desk/waves/demo/330122/report"): {"researcher"},
    ("desk.reading.page", "GET", "/desk/waves/demo/330523/report?level=both"): {"researcher"},
    ("desk.reading.page", "GET", "/desk/waves/demo/330523/report?module=burden"): {"researcher"},
    ("desk.batches.ordered", "POST", "/desk/waves/demo/reports"): {"researcher"},
    ("desk.batches.watched", "GET", "/desk/waves/demo/reports/{batch}"): {"researcher"},
    ("desk.batches.stepped", "POST", "/desk/waves/demo/reports/{batch}/cancel"): {"researcher"},
    ("desk.batches.taken", "POST", "/desk/waves/demo/reports/{batch}/reports.zip"): {"researcher"},
    ("desk.jobs.ordered", "POST", "/desk/waves/demo/files"): {"researcher"},
    ("desk.jobs.watched", "GET", "/desk/waves/demo/files/{job}"): {"researcher"},
    ("desk.jobs.stepped", "POST", "/desk/waves/demo/files/{job}/cancel"): {"researcher"},
    ("desk.jobs.stepped", "POST", "/desk/waves/demo/files/{job}/again"): {"researcher"},
    ("desk.jobs.taken", "POST", "/desk/waves/demo/files/{job}/file"): {"researcher"},
    ("desk.editions.county", "GET", "/desk/waves/demo/330523/editions"): {"researcher"},
    ("desk.editions.corrected", "POST", "/desk/waves/demo/330523/editions"): {"researcher"},
    ("desk.editions.file", "GET", "/desk/waves/demo/330523/editions/1.pdf"): {"researcher"},
    ("desk.editions.again", "POST", "/desk/waves/demo/330523/editions/1/again"): {"researcher"},
    ("desk.editions.pools", "GET", "/desk/waves/demo/pooled"): {"researcher"},
    ("desk.editions.pool_issued", "POST", "/desk/waves/demo/pooled"): {"researcher"},
    ("desk.editions.pool_corrected", "POST", "/desk/waves/demo/pooled/0123/correct"): {"researcher"},
    ("desk.editions.pool_file", "GET", "/desk/waves/demo/pooled/0123/1.pdf"): {"researcher"},
    ("desk.editions.pool_again", "POST", "/desk/waves/demo/pooled/0123/1/again"): {"researcher"},
    ("desk.review.page", "GET", "/desk/waves/demo/review"): {"researcher"},
    ("desk.review.file", "GET", "/desk/waves/demo/review/files/0123"): {"researcher"},
    ("desk.review.decide", "POST", "/desk/waves/demo/review/clear_file"): {"researcher"},
    ("desk.review.decide", "POST", "/desk/waves/demo/review/reject_file"): {"researcher"},
    ("desk.review.decide", "POST", "/desk/waves/demo/review/adopt"): {"researcher"},
    ("desk.review.decide", "POST", "/desk/waves/demo/review/discard"): {"researcher"},
    ("desk.review.decide", "POST", "/desk/waves/demo/review/clear"): {"researcher"},
    ("desk.review.decide", "POST", "/desk/waves/demo/review/reject"): {"researcher"},
    ("desk.rescue.page", "GET", "/desk/waves/demo/rescue"): {"researcher"},
    ("desk.rescue.page", "POST", "/desk/waves/demo/rescue"): {"researcher"},
    ("desk.roster.page", "GET", "/desk/waves/demo/roster"): {"researcher"},
    ("desk.roster.upload", "POST", "/desk/waves/demo/roster"): {"researcher"},
    ("desk.roster.file", "GET", "/desk/waves/demo/roster/file.csv"): {"researcher"},
    ("desk.roster.weighted", "POST", "/desk/waves/demo/roster/weighted.csv"): {"researcher"},
    ("desk.printed.of_wave", "GET", "/desk/waves/demo/overview.pdf"): {"researcher"},
    ("desk.printed.of_wave", "GET", "/desk/waves/demo/technical.pdf"): {"researcher"},
    ("desk.printed.of_wave", "GET", "/desk/waves/demo/questionnaire.pdf"): {"researcher"},
    ("desk.printed.of_instrument", "GET", f"{SHORT}/questionnaire.pdf"): {"researcher"},
    ("desk.printed.of_instrument", "GET", f"{SHORT}/codebook.pdf"): {"researcher"},
    ("desk.password.page", "GET", "/desk/password"): {"researcher", "anji", "operator"},
    ("desk.password.page", "POST", "/desk/password"): {"researcher", "anji", "operator"},
    ("desk.accounts.page", "GET", "/desk/accounts"): {"operator"},
    ("desk.accounts.add", "POST", "/desk/accounts"): {"operator"},
    ("desk.accounts.changed", "POST", "/desk/accounts/nobody/password"): {"operator"},
    ("desk.accounts.changed", "POST", "/desk/accounts/nobody/remove"): {"operator"},
    ("desk.accounts.log", "GET", "/desk/log"): {"operator"},
    ("desk.designer.listed", "GET", "/desk/instruments"): {"researcher"},
    ("desk.designer.shown", "GET", "/desk/instruments/module/burden/1.0.0"): {"researcher"},
    ("desk.designer.published_file", "GET", "/desk/instruments/questionnaire/short/1.0.0/file.yaml"): {"researcher"},
    ("desk.designer.begun", "POST", "/desk/drafts"): {"researcher"},
    ("desk.designer.imported", "GET", "/desk/instruments/import"): {"researcher"},
    ("desk.designer.imported", "POST", "/desk/instruments/import"): {"researcher"},
    ("desk.designer.sheet", "GET", "/desk/drafts/{draft}"): {"researcher"},
    ("desk.designer.stepped", "POST", "/desk/drafts/{draft}/steps"): {"researcher"},
    ("desk.designer.item", "GET", "/desk/drafts/{draft}/item"): {"researcher"},
    ("desk.designer.item", "POST", "/desk/drafts/{draft}/item"): {"researcher"},
    ("desk.designer.check", "POST", "/desk/drafts/{draft}/check"): {"researcher"},
    ("desk.designer.preview", "GET", "/desk/drafts/{draft}/preview"): {"researcher"},
    ("desk.designer.draft_file", "GET", "/desk/drafts/{draft}/file.yaml"): {"researcher"},
    ("desk.designer.source", "GET", "/desk/drafts/{draft}/source"): {"researcher"},
    ("desk.designer.source", "POST", "/desk/drafts/{draft}/source"): {"researcher"},
    ("desk.designer.history", "GET", "/desk/drafts/{draft}/history"): {"researcher"},
    ("desk.designer.difference", "GET", "/desk/drafts/{draft}/history/1-1"): {"researcher"},
    ("desk.designer.module", "GET", "/desk/drafts/{module}/module"): {"researcher"},
    ("desk.designer.module_stepped", "POST", "/desk/drafts/{module}/module/steps"): {"researcher"},
    ("desk.designer.construct", "GET", "/desk/drafts/{module}/module/construct"): {"researcher"},
    ("desk.designer.construct", "POST", "/desk/drafts/{module}/module/construct"): {"researcher"},
    ("desk.designer.module_item", "GET", "/desk/drafts/{module}/module/item"): {"researcher"},
    ("desk.designer.module_item", "POST", "/desk/drafts/{module}/module/item"): {"researcher"},
    ("desk.designer.indicator", "GET", "/desk/drafts/{module}/module/indicator"): {"researcher"},
    ("desk.designer.indicator", "POST", "/desk/drafts/{module}/module/indicator"): {"researcher"},
    ("desk.designer.module_check", "POST", "/desk/drafts/{module}/module/check"): {"researcher"},
    ("desk.designer.restored", "POST", "/desk/drafts/{draft}/restore"): {"researcher"},
    ("desk_publishing.change", "GET", "/desk/drafts/{draft}/change"): {"researcher"},
    ("desk_publishing.change_text", "GET", "/desk/drafts/{draft}/change.txt"): {"researcher"},
    ("desk_publishing.mend", "POST", "/desk/drafts/{draft}/mend"): {"researcher"},
    ("desk_publishing.test", "POST", "/desk/drafts/{draft}/test"): {"researcher"},
    ("desk_publishing.publish_now", "POST", "/desk/drafts/{draft}/publish"): {"researcher"},
    ("desk.designer.deleted", "POST", "/desk/drafts/{draft}/delete"): {"researcher"},
}
# What those who may get when they send nothing but the token: the thing that they mean is missing.
EMPTY = {
    "desk.review.decide": {409, 422},
    "desk.review.file": {409},
    "desk.roster.upload": {422},
    "desk.roster.weighted": {404},
    "desk.batches.taken": {409},
    "desk.jobs.taken": {409},
    "desk.editions.pool_corrected": {404},
    "desk.editions.pool_file": {404},
    "desk.editions.pool_again": {404},
    "desk.rescue.page": {200, 422},
    "desk.password.page": {200, 422},
    "desk.accounts.add": {422},
    "desk.accounts.changed": {404},
}
# what is sent beside the token where an empty form would be answered with its mistakes
SENT = {
    "desk.designer.begun": {"kind": "questionnaire", "name": "short", "version": "1.0.0"},
    "desk.designer.stepped": {"revision": "1", "step": "up bur_af2"},
    "desk.designer.item": {"revision": "1", "type": "note", "id": "thanks", "text.zh": "谢谢"},
    "desk.designer.source": {"revision": "1", "source": "id: x"},
    "desk.designer.module_stepped": {"revision": "1", "step": "down bur_af1"},
    "desk.designer.construct": {
        "revision": "1", "id": "own", "title.zh": "自己的", "definition": "测", "first.zh": "问",
    },
    "desk.designer.module_item": {
        "revision": "1", "section": "assessment_frequency", "type": "note", "id": "thanks", "text.zh": "谢谢",
    },
    "desk.designer.indicator": {
        "revision": "1", "id": "own", "title.zh": "自己的", "kind": "value", "items": "bur_af1", "estimate": "median",
    },
    "desk.designer.restored": {"revision": "1", "state": "1"},
    "desk.designer.deleted": {"revision": "1"},
    "desk_publishing.mend": {"revision": "1", "step": "back text bur_af1"},
    "desk_publishing.publish_now": {"revision": "1", "version": "1.0.1", "word": "short"},
    "desk.jobs.ordered": {"kind": "technical"},
    "desk.editions.corrected": {"note": "图的标题写错了。"},
}
MODULE = resource("instruments") / "modules" / "core" / "1.0.0.yaml"
FILES = {"desk.designer.imported": {"file": (MODULE, "core.yaml")}}
DONE = (200, 303)  # a page, or on to one
# let in, but the fresh draft is what was published
NOTHING_NEW = {"desk_publishing.publish_now": (422,)}




def new_draft(desk, kind="questionnaire", name="short"):
    """A fresh draft of the short form, or of a module."""
    with Session(desk.engine) as session:
        draft = design.begin_from(session, Actor("researcher", "researcher"), kind, name, "1.0.0")
        session.commit()
    return draft.id


def new_batch(desk):
    """An order for the reports of the demonstration wave, at which nobody works."""
    with Session(desk.engine) as session:
        made = batch.order(session, LOCAL, "demo", dated=TODAY)
        session.commit()
    return made.id


def new_job(desk):
    """An order for research data of the demonstration wave, at which nobody works."""
    with Session(desk.engine) as session:
        made = job.order(session, LOCAL, "responses", "demo", {})
        session.commit()
    return made.id


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fieldkit.web.desk.batches.begin_work", lambda: None)
        patch.setattr("fieldkit.web.desk.jobs.begin_work", lambda: None)
        made = make_desk(tmp_path_factory.mktemp("access"))
        with Session(made.engine) as session:
            county_files(session, LOCAL, "demo", "330523", dated=TODAY)
            session.commit()
        yield made


@pytest.fixture(scope="module")
def clients(desk):
    return {name: desk.client(name) for name in desk.passwords}


def test_every_address_has_a_rule(desk):
    endpoints = {rule.endpoint for rule in desk.app.url_map.iter_rules()}
    assert {e for e in endpoints if not e.startswith(RESPONDENT)} == set(RULES)


def test_every_desk_address_is_tried_below(desk):
    guarded = {rule.endpoint for rule in desk.app.url_map.iter_rules() if rule.endpoint.startswith(("desk.", "desk_"))}
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
        address_now = address.replace("{draft}", new_draft(desk) if "{draft}" in address else "")
        if "{module}" in address:
            address_now = address.replace("{module}", new_draft(desk, "module", "burden"))
        address_now = address_now.replace("{batch}", new_batch(desk) if "{batch}" in address else "")
        address_now = address_now.replace("{job}", new_job(desk) if "{job}" in address else "")
        token = csrf(client.get("/desk").get_data(as_text=True)) if method == "POST" else ""
        data = {"csrf_token": token, **SENT.get(endpoint, {}), **FILES.get(endpoint, {})} if token else None
        got = client.open(address_now, method=method, data=data, buffered=True).status_code
        let_in = name in WHO_MAY[endpoint, method, address]
        expected = EMPTY.get(endpoint) or NOTHING_NEW.get(endpoint, DONE)
        assert got in expected if let_in else got == 403, (name, got)


def test_respondents_get_no_cookie_and_need_no_account(desk):
    for address in ("/w/demo/330523", "/w/demo/withdraw"):
        answer = desk.client().get(address)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
