"""Sending over a bad network: kept until it arrives, stored once, and never lost without a word."""

import json

import pytest
from playwright.sync_api import expect

from fieldkit.core.access import LOCAL
from fieldkit.services.waves import close_wave
from fieldkit.store.engine import Session
from tests.journeys.steps import (
    agree,
    choose,
    code,
    come,
    enter,
    forward,
    in_section,
    kept_on_phone,
    put_into,
    received,
    stored,
    to_review,
    until_written,
    wait_for,
    wait_until_nothing_is_kept,
)
from tests.phone_site import COUNTY, a_wave


@pytest.fixture
def ready(page, address):
    """The short form on its last look."""
    come(page, address)
    agree(page)
    choose(page, "core_level", "街道")
    enter(page, "bur_af1", "11")
    to_review(page)
    return page


def is_submission(response):
    return response.url.split("?")[0].endswith("/responses")


def test_without_a_network_the_answers_wait_and_go_out_by_themselves(ready, phone, site):
    before = site.count("response")
    phone.set_offline(True)
    forward(ready)
    expect(ready.locator("#receipt-h")).to_have_text("已保存在本机")
    expect(ready.locator("#state")).to_have_text("等待网络")
    shown = code(ready)
    assert site.count("response") == before
    phone.set_offline(False)
    assert received(ready) == shown, "the code was valid before sending"
    assert site.count("response") == before + 1
    wait_until_nothing_is_kept(ready)


def test_unsent_answers_go_out_when_the_page_is_opened_again(ready, phone, address, site):
    before = site.count("response")
    ready.route("**/responses*", lambda route: route.abort())
    forward(ready)
    expect(ready.locator("#receipt-words")).to_contain_text("没有送到")
    shown = code(ready)
    ready.unroute("**/responses*")
    come(ready, address)
    assert received(ready) == shown
    assert site.count("response") == before + 1
    come(ready, address)
    expect(ready.locator("#page-opening")).to_be_visible()


def test_trying_again_by_hand_works_and_a_server_that_is_busy_counts_as_not_delivered(ready, site):
    before = site.count("response")
    ready.route("**/responses*", lambda route: route.fulfill(status=503, json={"code": "store.unavailable"}))
    forward(ready)
    expect(ready.locator("#next")).to_have_text("再试一次发送")
    ready.unroute("**/responses*")
    forward(ready)
    received(ready)
    assert site.count("response") == before + 1


PAUSES = """
window.pauses = [];
const later = window.setTimeout;
window.setTimeout = (work, after, ...more) => { window.pauses.push(after); return later(work, after, ...more); };
"""


def test_after_a_failure_it_is_tried_again_soon_and_when_the_network_is_back_the_pauses_begin_anew(page, address):
    page.add_init_script(PAUSES)
    come(page, address)
    agree(page)
    choose(page, "core_level", "街道")
    enter(page, "bur_af1", "11")
    to_review(page)
    page.route("**/responses*", lambda route: route.abort())

    def planned(how) -> float:
        """How long the page means to wait after it has failed once more: drawn by chance, no whole milliseconds."""
        page.evaluate("window.pauses = []")
        how()
        expect(page.locator("#state")).to_contain_text("没有送到")
        expect(page.locator("#next")).to_be_enabled()
        found: list[float] = []
        wait_for(lambda: found.extend(p for p in page.evaluate("window.pauses") if p and p % 1) or bool(found))
        return found[-1]

    assert 2000 <= planned(lambda: forward(page)) <= 4000
    assert 4000 <= planned(lambda: forward(page)) <= 8000
    assert 8000 <= planned(lambda: forward(page)) <= 16_000
    assert 2000 <= planned(lambda: page.evaluate("dispatchEvent(new Event('online'))")) <= 4000
    page.unroute("**/responses*")
    received(page)


def test_two_quick_taps_store_one_response(ready, site):
    before = site.count("response")
    ready.locator("#next").evaluate("button => { button.click(); button.click(); button.click(); }")
    received(ready)
    assert site.count("response") == before + 1


def test_an_answer_that_got_lost_on_the_way_back_does_not_store_twice(ready, site):
    before = site.count("response")

    def swallow(route):
        route.fetch()  # the server stores it and answers
        route.abort()  # the phone never hears of it

    ready.route("**/responses*", swallow)
    forward(ready)
    expect(ready.locator("#receipt-words")).to_contain_text("没有送到")
    assert site.count("response") == before + 1
    ready.unroute("**/responses*")
    with ready.expect_response(is_submission) as answer:
        forward(ready)
    assert answer.value.json()["outcome"] == "again"
    received(ready)
    assert site.count("response") == before + 1


def test_answers_changed_after_they_had_arrived_unnoticed_are_received_calmly(ready, address, site):
    before, variants = site.count("response"), site.count("variant")

    def swallow(route):
        route.fetch()
        route.abort()

    ready.route("**/responses*", swallow)
    forward(ready)
    expect(ready.locator("#receipt-words")).to_contain_text("没有送到")
    (waiting,) = json.loads(kept_on_phone(ready)["outbox"])
    waiting["submission"]["answers"]["bur_af1"] = 12
    put_into(ready, "outbox", waiting)
    ready.unroute("**/responses*")
    come(ready, address)
    received(ready)
    assert site.count("response") == before + 1
    assert site.count("variant") == variants + 1


def test_while_the_first_waits_another_person_can_fill_in_on_the_same_phone(ready, phone, address, site):
    before = site.count("response")
    phone.set_offline(True)
    forward(ready)
    first = code(ready)
    expect(ready.locator("#back")).to_have_text("另填一份")
    ready.locator("#back").click()
    agree(ready)
    expect(ready.locator("[name=bur_af1]")).to_have_value("")
    choose(ready, "core_level", "社区")
    to_review(ready)
    forward(ready)
    second = code(ready)
    assert second != first
    phone.set_offline(False)
    assert received(ready) == second
    wait_for(lambda: site.count("response") == before + 2)
    # the first arrived in the background: nobody has seen its receipt, so it is shown once, and then goes too
    come(ready, address)
    assert received(ready) == first
    wait_until_nothing_is_kept(ready)


def test_what_the_server_finds_wrong_is_shown_at_its_question(ready):
    found = {"code": "answer.out_of_range", "where": "bur_af1", "message": "这个数太大了。", "remedy": "请改小一些。"}
    problem = {"code": "submission.invalid", "where": "", "message": "有 1 处", "remedy": "请改", "findings": [found]}
    ready.route("**/responses*", lambda route: route.fulfill(status=422, json=problem))
    forward(ready)
    expect(ready.locator("#bur_af1 .wrong")).to_have_text("这个数太大了。请改小一些。")
    in_section(ready, "考核、会议与留痕")
    expect(ready.locator("#state")).to_have_text("有 1 题要改")
    ready.unroute("**/responses*")
    enter(ready, "bur_af1", "10")
    to_review(ready)
    forward(ready)
    received(ready)


def test_a_wave_that_was_closed_meanwhile_says_so_and_keeps_the_answers_on_the_page(ready):
    problem = {"code": "wave.closed", "where": "short", "message": "这次调查已经结束。", "remedy": "您不用再做什么。"}
    ready.route("**/responses*", lambda route: route.fulfill(status=410, json=problem))
    forward(ready)
    expect(ready.locator("#refused-by-server")).to_have_text("这次调查已经结束。您不用再做什么。")
    expect(ready.locator("#page-review")).to_be_visible()
    assert "outbox" not in kept_on_phone(ready), "it is not sent again and again"


def test_when_a_wave_is_over_nothing_of_it_stays_on_the_phone(page, server, site):
    wave = site.unused("ending")
    site.open(a_wave(wave, "short", site.today))
    link = f"{server}/w/{wave}/{COUNTY}"
    come(page, link)
    agree(page)
    choose(page, "core_level", "村")
    until_written(page, "core_level", ["3"])
    with Session(site.engine) as session:
        close_wave(session, LOCAL, wave)
        session.commit()
    expect(page.locator("#state")).to_have_text("已保存在本机")
    for _ in range(120):  # the server looks every few seconds whether a wave is still open
        if page.goto(link).status == 410:
            break
        page.wait_for_timeout(500)
    expect(page.locator("#cleared")).to_be_visible()
    assert kept_on_phone(page) == {}


def test_a_code_that_somebody_else_has_is_replaced_without_a_word(ready, site):
    before = site.count("response")
    taken = []

    def once(route):
        if taken:
            return route.continue_()
        taken.append(json.loads(route.request.post_data)["receipt_code"])
        return route.fulfill(status=409, json={"code": "receipt.taken", "message": "", "remedy": ""})

    ready.route("**/responses*", once)
    forward(ready)
    assert received(ready) != taken[0]
    assert site.count("response") == before + 1


def test_on_a_shared_phone_an_undelivered_form_stays_on_the_page_and_says_so(page, phone, address, site):
    before = site.count("response")
    come(page, address)
    page.locator("#shared").check()
    agree(page)
    choose(page, "core_level", "村")
    to_review(page)
    phone.set_offline(True)
    forward(page)
    expect(page.locator("#receipt-h")).to_have_text("还没有送到")
    expect(page.locator("#receipt-words")).to_contain_text("没有保存在本机")
    assert kept_on_phone(page) == {}
    phone.set_offline(False)
    received(page)
    assert site.count("response") == before + 1


def test_the_time_the_page_was_in_view_is_sent_and_no_clock_time(ready, site):
    sent = {}
    ready.on("request", lambda request: sent.update(request.post_data_json or {}) if request.method == "POST" else None)
    forward(ready)
    received(ready)
    assert 0 <= sent["active_seconds"] < 60
    assert set(sent) == {
        "id", "receipt_code", "questionnaire", "version", "language", "active_seconds", "paradata", "answers"
    }  # fmt: skip
    assert set(sent["paradata"]) == {"sections", "corrections", "offline", "device"}
    assert sent["id"] in stored(site)
