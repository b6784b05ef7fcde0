"""Answers stay unseen: hidden by button or gesture, covered when left, gone from a shared phone or after some days."""

from __future__ import annotations

import json
import re
import time

import pytest
from playwright.sync_api import Page, expect

from fieldkit.web.delivery import STATIC
from tests.journeys.steps import (
    agree,
    choose,
    come,
    enter,
    fact,
    forward,
    kept_on_phone,
    put_into,
    received,
    tap_heading,
    to_review,
    until_written,
    wait_for,
    wait_until_nothing_is_kept,
    written,
)
from tests.phone_site import COUNTY, STUDY

DRAFT = f"draft:/w/short/{COUNTY}"
DAY = 86_400
BEIJING = 8 * 3600
LEAVING = """
(seen) => {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => seen });
  document.dispatchEvent(new Event('visibilitychange'));
}
"""


def leave(page: Page) -> None:
    """Switch to another app."""
    page.evaluate(LEAVING, "hidden")


def come_back(page: Page) -> None:
    """Switch back to the page."""
    page.evaluate(LEAVING, "visible")


def ready(page: Page, address: str) -> None:
    """Open the link, and wait for what is fetched after the page."""
    come(page, address)
    page.wait_for_selector("#keep-for", state="attached")


def two_fingers(page: Page, *, apart: int = 0, milliseconds: int = 60) -> None:
    """Touch the screen with two fingers at once; `apart` is how far they then move."""
    phone = page.context.new_cdp_session(page)
    fingers = [{"x": 120, "y": 400, "id": 1}, {"x": 220, "y": 420, "id": 2}]
    begun = time.time()

    def touch(kind: str, points: list[dict[str, int]], after: float = 0) -> None:
        # with the time at which the fingers did it: how long this machine takes to say so must not count
        told = {"type": kind, "touchPoints": points, "timestamp": begun + after / 1000}
        phone.send("Input.dispatchTouchEvent", told)

    touch("touchStart", fingers[:1])
    touch("touchStart", fingers)
    if apart:
        touch("touchMove", [fingers[0], {**fingers[1], "y": 420 + apart}])
    touch("touchEnd", [], milliseconds)


def all_text(page: Page) -> str:
    """What can be read on the page, its title and its address."""
    return page.title() + page.url + page.locator("body").inner_text()


def begun(page: Page, address: str, *, shared: bool = False) -> None:
    """A questionnaire with one number in it."""
    ready(page, address)
    if shared:
        page.locator("#shared").check()
    agree(page)
    choose(page, "core_level", "村")
    enter(page, "bur_af1", "91")


# --------------------------------------------------------------------------------------------- hiding


def test_the_opening_page_says_in_one_line_how_to_hide(page, address):
    come(page, address)
    expect(page.locator("#page-opening .note.info").first).to_contain_text("用两个手指同时轻点一下屏幕")


def test_two_fingers_hide_the_page_and_three_taps_bring_it_back(page, address):
    begun(page, address)
    two_fingers(page)
    expect(page).to_have_title("面积换算")
    assert "91" not in all_text(page)
    tap_heading(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("91")


def test_pinching_and_resting_fingers_hide_nothing(page, address):
    begun(page, address)
    two_fingers(page, apart=80)
    two_fingers(page, milliseconds=600)
    page.wait_for_timeout(200)
    expect(page).not_to_have_title("面积换算")


@pytest.mark.parametrize("gesture", [False, True])
def test_hiding_on_a_shared_phone_leaves_no_answer_anywhere(page, address, site, gesture):
    rows = {table: site.count(table) for table in ("response", "comment", "variant", "tally", "resume")}
    begun(page, address, shared=True)
    two_fingers(page) if gesture else page.locator("#hide").click()
    expect(page).to_have_title("面积换算")
    assert kept_on_phone(page) == {}
    assert page.evaluate("[...document.querySelectorAll('#answers input')].every((i) => i.value !== '91')")
    tap_heading(page)
    expect(page.locator("#page-opening")).to_be_visible()
    expect(page.locator("#offer")).to_be_hidden()
    expect(page.locator("#core_consent input:checked")).to_have_count(0)
    expect(page.locator("#shared")).to_be_checked()
    agree(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("")
    assert {table: site.count(table) for table in rows} == rows


def test_once_hidden_neither_back_nor_forward_nor_reloading_shows_an_answer(page, address, server):
    page.goto(f"{server}/w/-/mine")
    begun(page, address)
    page.locator("#hide").click()
    expect(page).to_have_title("面积换算")
    for step in (page.go_back, page.go_forward, page.reload, page.go_back, page.go_forward):
        step()
        page.wait_for_timeout(200)
        shown = all_text(page)
        assert "91" not in shown
        assert "考核" not in shown
        assert STUDY.title not in shown


def test_a_page_that_the_browser_kept_alive_comes_back_hidden(page, address):
    begun(page, address)
    page.locator("#hide").click()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page).to_have_title("面积换算")
    expect(page.locator("#app")).to_be_hidden()


def test_a_shared_page_that_the_browser_kept_alive_comes_back_empty(page, address):
    begun(page, address, shared=True)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.locator("#page-opening")).to_be_visible()
    expect(page.locator("[name=bur_af1]")).to_have_value("")


def test_a_shared_page_that_comes_back_shows_no_code_once_the_answers_have_arrived(page, phone, address):
    come(page, address)
    page.locator("#shared").check()
    agree(page)
    choose(page, "core_level", "村")
    to_review(page)
    phone.set_offline(True)
    forward(page)
    expect(page.locator("#receipt-h")).to_have_text("还没有送到")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    expect(page.locator("#page-receipt")).to_be_visible()  # these answers are nowhere else
    phone.set_offline(False)
    received(page)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    expect(page.locator("#page-opening")).to_be_visible()
    expect(page.locator("#page-receipt")).to_be_hidden()


def test_nothing_that_was_typed_is_offered_or_restored_by_the_browser(page, address):
    begun(page, address)
    open_fields = page.evaluate(
        """() => [...document.querySelectorAll("#answers input, #answers textarea, #answers select")]
          .filter((field) => field.autocomplete && field.autocomplete !== "off"
            || (field.form || document.body).getAttribute("autocomplete") !== "off").length"""
    )
    assert open_fields == 0
    page.locator("#hide").click()
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("#offer:not([hidden])")
    assert page.evaluate("[...document.querySelectorAll('#answers input')].every((i) => i.value !== '91')")


# -------------------------------------------------------------------------------- left for another app


def test_leaving_for_another_app_covers_a_shared_page_at_once_and_loses_nothing(page, address):
    begun(page, address, shared=True)
    leave(page)
    expect(page).to_have_title("面积换算")
    assert "91" not in all_text(page)
    come_back(page)
    expect(page).to_have_title("面积换算")
    tap_heading(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("91")


def test_a_camera_that_the_page_itself_opened_is_no_leaving(page, address):
    begun(page, address, shared=True)
    page.evaluate(
        """() => {
          const field = document.createElement("input");
          field.type = "file";
          field.addEventListener("click", (event) => event.preventDefault());
          document.querySelector("#page-review").parentNode.appendChild(field).click();
        }"""
    )
    leave(page)
    expect(page).not_to_have_title("面积换算")
    come_back(page)
    leave(page)
    expect(page).to_have_title("面积换算")


def test_an_own_phone_is_covered_only_where_that_was_chosen(page, address):
    begun(page, address)
    leave(page)
    expect(page).not_to_have_title("面积换算")
    come_back(page)
    page.locator("#back").click()
    page.locator("#cover").check()
    agree_again(page)
    leave(page)
    expect(page).to_have_title("面积换算")
    tap_heading(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("91")


def agree_again(page: Page) -> None:
    """Go on from the opening page, consent having been given."""
    page.locator("#core_consent").scroll_into_view_if_needed()
    expect(page.locator("#next")).to_have_text("开始填写")
    forward(page)


def test_the_choice_to_be_covered_is_still_there_after_reloading(page, address):
    ready(page, address)
    page.locator("#cover").check()
    agree(page)
    enter(page, "bur_af1", "91")
    until_written(page, "bur_af1", "91")
    ready(page, address)
    expect(page.locator("#offer")).to_be_visible()
    forward(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("91")
    leave(page)
    expect(page).to_have_title("面积换算")


# --------------------------------------------------------------------------------- how long a draft stays


@pytest.mark.parametrize(
    ("choice", "age", "offered"), [("1", 0, True), ("1", 1, False), ("3", 2, True), ("3", 3, False)]
)
def test_a_draft_goes_after_the_time_that_was_chosen(page, address, choice, age, offered):
    ready(page, address)
    page.locator("#keep-for").select_option(choice)
    agree(page)
    enter(page, "bur_af1", "91")
    wait_for(lambda: fact(page, "since") is not None and written(page, "bur_af1") == "91")
    put_into(page, "journal", {"draft": DRAFT, "item": "since", "value": int((time.time() + BEIJING) // DAY) - age})
    with page.expect_response(lambda response: response.request.method == "HEAD"):
        ready(page, address)
    if offered:
        page.wait_for_timeout(300)
        expect(page.locator("#offer")).to_be_visible()
    else:
        expect(page.locator("#offer")).to_be_hidden()
        wait_until_nothing_is_kept(page)


def test_any_page_of_the_site_deletes_drafts_that_are_too_old_and_no_others(page, address, server):
    begun(page, address)
    wait_for(lambda: fact(page, "since") is not None and written(page, "bur_af1") == "91")
    today = int((time.time() + BEIJING) // DAY)
    page.goto(f"{server}/receipt")
    old, other = "draft:/w/other/330523", "draft:/w/third/330523"
    for draft, age in ((old, 3), (other, 2)):
        put_into(page, "journal", {"draft": draft, "item": "*", "value": {"since": today - age, "care": {"days": 3}}})
    page.goto(f"{server}/receipt")
    wait_for(lambda: old not in kept_on_phone(page)["journal"])
    assert other in kept_on_phone(page)["journal"]
    assert DRAFT in kept_on_phone(page)["journal"]


def test_not_at_all_is_the_same_as_a_shared_phone(page, address):
    ready(page, address)
    page.locator("#keep-for").select_option("0")
    expect(page.locator("#shared")).to_be_checked()
    expect(page.locator("#shared-how")).to_contain_text("不能恢复")
    agree(page)
    enter(page, "bur_af1", "91")
    page.wait_for_timeout(500)
    assert kept_on_phone(page) == {}
    page.locator("#back").click()
    page.locator("#keep-for").select_option("3")
    expect(page.locator("#shared")).not_to_be_checked()
    agree_again(page)
    wait_for(lambda: "journal" in kept_on_phone(page))


def test_after_sending_nothing_is_left(page, address):
    begun(page, address)
    to_review(page)
    forward(page)
    received(page)
    wait_until_nothing_is_kept(page)


# ---------------------------------------------------------------------------------- titles and leaving


def test_no_title_on_the_way_names_the_study_the_team_or_the_county(page, address):
    titles = set()
    begun(page, address)
    for _ in range(30):
        titles.add(page.title())
        if page.locator("#page-review").is_visible():
            break
        forward(page)
    forward(page)
    received(page)
    titles.add(page.title())
    page.locator("#hide").click()
    titles.add(page.title())
    assert len(titles) > 4
    for name in (STUDY.title, STUDY.team, "安吉", "调查", "问卷"):
        assert not [title for title in titles if name in title]


def test_no_script_of_ours_ever_notifies():
    for path in STATIC.rglob("*.js"):
        assert not re.search(r"Notification|showNotification|PushManager", path.read_text("utf-8")), path


def test_leaving_midway_by_any_door_stores_nothing_on_the_server(page, address, site):
    tables = ("response", "comment", "variant", "withdrawn", "tally", "resume")
    rows = {table: site.count(table) for table in tables}
    posted = []
    page.on("request", lambda request: posted.append(request.url) if request.method not in ("GET", "HEAD") else None)
    begun(page, address)
    leave(page)
    come_back(page)
    page.locator("#hide").click()
    tap_heading(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("91")
    page.goto("about:blank")
    assert posted == []
    assert {table: site.count(table) for table in tables} == rows


def test_a_number_chosen_for_the_draft_is_not_sent_with_the_answers(page, address):
    sent = {}
    page.on("request", lambda request: sent.update(request.post_data_json or {}) if request.method == "POST" else None)
    ready(page, address)
    page.locator("#keep-for").select_option("3")
    agree(page)
    choose(page, "core_level", "村")
    to_review(page)
    forward(page)
    received(page)
    assert "care" not in json.dumps(sent)
