"""Nothing typed is lost: killed pages, a full phone, a wrong clock, another version."""

from __future__ import annotations

import contextlib
import json
import re
import time

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from tests.journeys.steps import (
    agree,
    choose,
    code,
    come,
    enter,
    fact,
    fill_counts,
    forward,
    in_section,
    journal,
    kept_on_phone,
    put_into,
    received,
    stored,
    to_review,
    until_written,
    wait_for,
    wait_until_nothing_is_kept,
    written,
)
from tests.phone_site import COUNTY

DRAFT = f"draft:/w/short/{COUNTY}"
DAY = 86_400


def kill(page: Page) -> None:
    """End the page's process, as a phone short of memory does: it gets no chance to write anything more."""
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")


def resumed(page: Page) -> None:
    """Take up the draft that is offered."""
    expect(page.locator("#offer")).to_be_visible()
    forward(page)


# ------------------------------------------------------------------------------------------------- killed


def test_a_page_that_is_killed_keeps_every_change(page, phone, address):
    come(page, address)
    agree(page)
    fill_counts(page)
    forward(page)
    choose(page, "bur_pb1", "非常同意")
    wait_for(lambda: written(page, "bur_pb1") == ["5"])
    kill(page)
    again = phone.new_page()
    come(again, address)
    expect(again.locator("#offer")).to_contain_text("已填 7 题")
    resumed(again)
    in_section(again, "任务压力")
    expect(again.locator("#bur_pb1 input[value='5']")).to_be_checked()
    again.locator("#back").click()
    expect(again.locator("[name=bur_tr_hours]")).to_have_value("6.5")


def test_a_tap_is_written_at_once_and_typing_when_one_pauses_or_leaves(page, address):
    come(page, address)
    agree(page)
    choose(page, "core_level", "村")
    wait_for(lambda: written(page, "core_level") == ["3"])
    page.locator("[name=bur_af1]").press_sequentially("42")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    wait_for(lambda: written(page, "bur_af1") == "42")


def test_what_an_input_method_has_not_handed_over_is_written_when_one_leaves(page, address):
    come(page, address)
    agree(page)
    enter(page, "bur_af1", "4")
    wait_for(lambda: written(page, "bur_af1") == "4")
    page.evaluate(
        """() => {
      const field = document.querySelector("[name=core_comment]");
      field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
      field.value = "说到一半";
      field.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: true }));
      dispatchEvent(new PageTransitionEvent("pagehide"));
    }"""
    )
    wait_for(lambda: written(page, "core_comment") == "说到一半")


def test_every_change_is_a_record_of_its_own_and_many_are_put_together(page, address):
    come(page, address)
    agree(page)
    for n in range(1, 5):
        enter(page, "bur_af1", str(n))
        wait_for(lambda n=n: written(page, "bur_af1") == str(n))
    values = [one["value"] for one in journal(page) if one["item"] == "=bur_af1"]
    assert values[-3:] == ["2", "3", "4"], "nothing is written over"
    page.evaluate(
        """async () => {
          const field = document.querySelector("[name=bur_af2]");
          for (let n = 0; n < 400; n += 1) {
            field.value = String(n % 90);
            field.dispatchEvent(new Event("change", { bubbles: true }));
            if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }"""
    )
    wait_for(lambda: written(page, "bur_af2") == str(399 % 90))
    assert len(journal(page)) <= 320
    come(page, address)
    resumed(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("4")
    expect(page.locator("[name=bur_af2]")).to_have_value(str(399 % 90))


def test_a_page_killed_in_the_middle_of_sending_stores_the_response_once(page, phone, address, site):
    before = site.count("response")
    come(page, address)
    agree(page)
    choose(page, "core_level", "街道")
    to_review(page)
    reached = []

    def hold(route):
        route.fetch()  # the server stores it
        reached.append(True)  # the answer never comes back

    page.route("**/responses*", hold)
    page.locator("#next").click()
    wait_for(lambda: bool(reached), page)
    kill(page)
    assert site.count("response") == before + 1
    again = phone.new_page()
    come(again, address)
    received(again)
    assert site.count("response") == before + 1
    wait_until_nothing_is_kept(again)


def test_a_draft_and_a_queue_of_the_edition_before_are_taken_over(page, address, site):
    before = stored(site)
    come(page, address)
    version = page.evaluate("JSON.parse(document.getElementById('rules').textContent).version")
    answers = {"fields": {"core_consent": ["1"], "core_level": ["2"], "bur_af1": "8"}, "confirmed": {}}
    old = {"version": version, "day": 20000, "at": "review", "seconds": 5, "identity": None, "answers": answers}
    page.evaluate("([key, draft]) => localStorage.setItem(key, JSON.stringify(draft))", [DRAFT, old])
    come(page, address)
    resumed(page)
    expect(page.locator("#page-review")).to_be_visible()
    waiting = {
        "id": "ab" * 16, "receipt_code": "23456789ABCD", "questionnaire": "short", "version": version,
        "language": "zh", "active_seconds": 3, "answers": {"core_consent": 1, "core_level": 1},
    }  # fmt: skip
    page.evaluate("one => localStorage.setItem('unsent:/w/short/330523', JSON.stringify([one]))", waiting)
    come(page, address)
    assert received(page) == "23456789ABCD"
    assert [key for key in stored(site) if key not in before] == ["ab" * 16]


# -------------------------------------------------------------------------------------------- a full phone

FULL = """
(() => {
  window.full = { book: false, plain: false };
  const add = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (...given) {
    if (window.full.book) throw new DOMException("full", "QuotaExceededError");
    return add.apply(this, given);
  };
  const set = Storage.prototype.setItem;
  Storage.prototype.setItem = function (...given) {
    if (window.full.plain) throw new DOMException("full", "QuotaExceededError");
    return set.apply(this, given);
  };
})();
"""


def test_when_the_database_is_full_the_draft_goes_elsewhere_and_the_newest_is_offered(page, address):
    page.add_init_script(FULL)
    come(page, address)
    agree(page)
    enter(page, "bur_af1", "4")
    wait_for(lambda: written(page, "bur_af1") == "4")
    page.evaluate("window.full.book = true")
    enter(page, "bur_af1", "5")
    wait_for(lambda: DRAFT in kept_on_phone(page))
    expect(page.locator("#state")).to_have_text("已保存在本机")
    come(page, address)
    resumed(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("5")
    wait_for(lambda: DRAFT not in kept_on_phone(page))
    until_written(page, "bur_af1", "5")  # there is room again: it is back in the journal


def test_when_nothing_has_room_the_page_says_so_and_says_when_it_is_well_again(page, address, site):
    before = site.count("response")
    page.add_init_script(FULL)
    come(page, address)
    agree(page)
    choose(page, "core_level", "村")
    page.evaluate("window.full.book = window.full.plain = true")
    enter(page, "bur_af1", "5")
    expect(page.locator("#state")).to_have_text("没能保存在本机")
    expect(page.locator("#volatile")).to_contain_text("手机空间快满了")
    page.evaluate("window.full.book = false")
    enter(page, "bur_af1", "6")
    expect(page.locator("#state")).to_have_text("已保存在本机")
    expect(page.locator("#volatile")).to_have_count(0)
    until_written(page, "bur_af1", "6")
    page.evaluate("window.full.book = true")
    to_review(page)
    forward(page)
    received(page)
    assert site.count("response") == before + 1


def test_what_was_cleared_away_under_the_page_comes_back_whole_with_the_next_answer(page, address):
    come(page, address)
    agree(page)
    choose(page, "core_level", "村")
    enter(page, "bur_af1", "4")
    wait_for(lambda: written(page, "bur_af1") == "4")
    page.evaluate(
        """() => new Promise((done) => {
      indexedDB.open("fieldkit").onsuccess = (e) => {
        const deal = e.target.result.transaction("journal", "readwrite");
        deal.objectStore("journal").clear();
        deal.oncomplete = () => { e.target.result.close(); done(); };
      };
    })"""
    )
    enter(page, "bur_af2", "6")
    wait_for(lambda: written(page, "bur_af2") == "6")
    come(page, address)
    resumed(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("4")
    expect(page.locator("#core_level input:checked")).to_have_count(1)


# Something of the browser neither answers nor refuses. Only the patience with that very thing is shortened: whatever is
# well may take as long as it likes.
HASTY = "(() => { const real = setTimeout; setTimeout = (act, ms) => real(act, %s.includes(ms) ? 100 : ms); })();"
SILENT = {
    "the database does not open": ([3000, 4000], "IDBFactory.prototype.open = () => new EventTarget();"),
    "nothing is written into the database": (
        [4000],
        """
        const real = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = function (...given) {
          const deal = real.apply(this, given);
          return new Proxy(deal, {
            get: (of, name) => (name === "objectStore" ? () => new Proxy({}, { get: () => () => ({}) }) : () => {}),
            set: () => true,
          });
        };""",
    ),
    "no lock is given": ([5000], "LockManager.prototype.request = () => new Promise(() => {});"),
    "the room is not told": ([2000], "StorageManager.prototype.estimate = () => new Promise(() => {});"),
}


def silenced(silent: str, more: str = "") -> str:
    """The script that silences it."""
    patience, script = SILENT[silent]
    return HASTY % patience + "(() => {" + script + more + "})()"


@pytest.mark.parametrize("silent", SILENT)
def test_a_browser_whose_storage_never_answers_holds_nothing_up(page, address, site, silent):
    before = site.count("response")
    page.add_init_script(silenced(silent))
    come(page, address)
    agree(page)
    choose(page, "core_level", "村")
    enter(page, "bur_af1", "5")
    expect(page.locator("#state")).to_have_text("已保存在本机")
    expect(page.locator("#volatile")).to_have_count(0)
    come(page, address)
    resumed(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("5")
    to_review(page)
    forward(page)
    received(page)
    assert site.count("response") == before + 1


def test_a_draft_is_not_lost_to_whoever_begins_before_it_could_be_offered(page, phone, address):
    come(page, address)
    agree(page)
    enter(page, "bur_af1", "9")
    wait_for(lambda: written(page, "bur_af1") == "9")
    held = []
    page.route("**/phone-later.js", lambda route: held.append(route))  # a network that has become slow
    page.add_init_script(HASTY % [15000])
    come(page, address)
    agree(page)
    enter(page, "bur_af1", "7")
    wait_for(lambda: DRAFT in kept_on_phone(page))
    held[0].continue_()
    wait_for(lambda: written(page, "bur_af1") == "7" and DRAFT not in kept_on_phone(page))
    page.unroute("**/phone-later.js")
    come(page, address)
    resumed(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("7")
    choose(page, "core_level", "村")
    to_review(page)
    forward(page)
    received(page)
    come(page, address)
    resumed(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("9")


def test_where_nothing_is_kept_and_nothing_refused_it_is_said_before_the_first_answer(page, address):
    gone = 'Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "Security"); } });'
    page.add_init_script(silenced("the database does not open", gone))
    come(page, address)
    expect(page.locator("#page-opening #volatile")).to_contain_text("无痕模式")


def test_a_phone_that_is_nearly_full_is_told_before_the_first_answer(page, address):
    page.add_init_script("StorageManager.prototype.estimate = async () => ({ quota: 9e6, usage: 8e6 });")
    come(page, address)
    expect(page.locator("#page-opening #volatile")).to_contain_text("手机空间快满了")
    page.locator("#volatile .do").click()
    expect(page.locator("#volatile")).to_have_count(0)


def test_inside_an_app_the_page_says_where_the_draft_lies(browser, address):
    phone = browser.new_context(user_agent="Mozilla/5.0 (Linux; Android 7) Chrome/70 MicroMessenger/8.0")
    page = phone.new_page()
    come(page, address)
    expect(page.locator("#page-opening #in-app")).to_contain_text("不要清理缓存")
    phone.close()


def test_the_browser_is_asked_to_keep_the_draft_once_one_begins_and_never_on_a_shared_phone(page, address):
    page.add_init_script("StorageManager.prototype.persist = async () => { window.asked = (window.asked || 0) + 1; };")
    come(page, address)
    expect(page.locator("#offer")).to_be_hidden()
    assert not page.evaluate("window.asked")
    agree(page)
    wait_for(lambda: page.evaluate("window.asked") == 1, page)
    wait_for(lambda: journal(page) != [], page)
    come(page, address)
    expect(page.locator("#offer")).to_be_visible()
    page.locator("#anew").click()
    page.locator("#shared").check()
    expect(page.locator("#shared-how")).to_be_visible()
    agree(page)
    choose(page, "core_level", "村")
    assert not page.evaluate("window.asked")


# ------------------------------------------------------------------------------------------- a wrong clock


@pytest.mark.parametrize("days", [-20_000, -40, 40, 20_000])
def test_a_clock_that_jumps_loses_nothing(page, address, days):
    come(page, address)
    agree(page)
    enter(page, "bur_af1", "9")
    wait_for(lambda: written(page, "bur_af1") == "9")
    page.add_init_script(f"const now = Date.now; Date.now = () => now() + {days} * 864e5;")
    come(page, address)
    expect(page.locator("#offer")).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.locator("#offer")).to_be_visible()
    resumed(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("9")


@pytest.mark.parametrize(("age", "offered"), [(13, True), (14, False)])
def test_a_forgotten_draft_goes_after_fourteen_days_by_the_servers_clock(page, address, age, offered):
    come(page, address)
    agree(page)
    enter(page, "bur_af1", "9")
    wait_for(lambda: fact(page, "since") is not None and written(page, "bur_af1") == "9")
    since = int((time.time() + 8 * 3600) // DAY) - age  # the day in Beijing
    put_into(page, "journal", {"draft": DRAFT, "item": "since", "value": since})
    with page.expect_response(lambda response: response.request.method == "HEAD"):
        come(page, address)
    if offered:
        page.wait_for_timeout(300)
        expect(page.locator("#offer")).to_be_visible()
    else:
        expect(page.locator("#offer")).to_be_hidden()
        wait_until_nothing_is_kept(page)


# ------------------------------------------------------------------------------------------ another version


def test_a_draft_of_another_version_keeps_what_fits_and_names_the_rest(page, address):
    come(page, address)
    agree(page)
    choose(page, "core_level", "村")
    enter(page, "bur_af1", "9")
    wait_for(lambda: written(page, "bur_af1") == "9")
    for item, value in {"version": "0.9.0", "=core_level": ["77"], "=bur_gone": "3"}.items():
        put_into(page, "journal", {"draft": DRAFT, "item": item, "value": value})
    come(page, address)
    resumed(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("9")
    expect(page.locator("#carried")).to_contain_text("您目前在哪一级工作？")
    expect(page.locator("#carried")).to_contain_text("另有 1 处")
    expect(page.locator("#core_level input:checked")).to_have_count(0)


# ------------------------------------------------------------------------------------- what the phone shows


def unsent(page: Page, phone: BrowserContext, address: str) -> str:
    """A response that cannot be sent; its code."""
    come(page, address)
    agree(page)
    choose(page, "core_level", "街道")
    to_review(page)
    page.route("**/responses*", lambda route: route.abort())
    forward(page)
    expect(page.locator("#receipt-h")).to_have_text("已保存在本机")
    return code(page)


def test_the_receipt_can_be_kept_on_the_phone_checked_and_deleted(page, phone, address, server):
    come(page, address)
    expect(page.locator("#mine")).to_be_hidden()
    agree(page)
    choose(page, "core_level", "街道")
    to_review(page)
    forward(page)
    shown = received(page)
    wait_until_nothing_is_kept(page)
    page.locator("#receipt-more summary").click()
    expect(page.locator("#receipt-more .token")).not_to_be_empty()
    signed = page.locator("#receipt-more .token").inner_text()
    page.locator("#stay").click()
    expect(page.locator("#receipt-more [role=status]")).to_contain_text("已经留在这部手机上")
    (kept,) = json.loads(kept_on_phone(page)["outbox"])
    assert (kept["code"], kept["signed"]) == (shown, signed)
    assert "submission" not in kept
    come(page, address)
    expect(page.locator("#page-opening")).to_be_visible()
    page.locator("#mine a").click()
    expect(page.locator(".record")).to_contain_text("已收到")
    assert "基层" not in page.locator("body").inner_text(), "the list names no survey"
    page.goto(f"{server}/receipt")
    page.locator("[name=receipt]").fill(signed[:20] + "\n " + signed[20:])
    page.locator("button.next").click()
    expect(page.locator(".done")).to_have_text("凭据是真的")
    page.goto(f"{server}/receipt")
    page.locator("[name=receipt]").fill(signed.replace(".short.", ".shore."))
    page.locator("button.next").click()
    expect(page.locator(".wrong")).to_contain_text("核对不上")
    page.goto(f"{server}/w/-/mine")
    page.get_by_role("button", name="删去").click()
    page.get_by_role("button", name="再点一次").click()
    expect(page.locator("#mine-said")).to_contain_text("已从这部手机上删去")
    wait_until_nothing_is_kept(page)


def test_the_list_shows_what_waits_and_sends_or_deletes_it(page, phone, address, server, site):
    before = site.count("response")
    shown = unsent(page, phone, address)
    page.goto("about:blank")
    phone.route("**/responses*", lambda route: route.abort())
    page.goto(f"{server}/w/-/mine")
    row = page.locator(".record")
    expect(row).to_contain_text("已保存在本机，还没有送到")
    expect(row).to_contain_text(f"{shown[:4]}-{shown[4:8]}-{shown[8:]}")
    row.get_by_role("button", name="删去").click()
    expect(row.get_by_role("button", name="还没有送到，再点一次就彻底删去")).to_be_visible()
    phone.unroute("**/responses*")
    page.unroute("**/responses*")
    row.get_by_role("button", name="现在发送").click()
    expect(page.locator(".record")).to_contain_text("已收到")
    assert site.count("response") == before + 1


def test_a_list_that_cannot_be_drawn_says_so_and_that_nothing_is_lost(page, phone, server):
    phone.route("**/w/-/words/**", lambda route: route.abort())
    page.goto(f"{server}/w/-/mine")
    expect(page.locator("#mine-said")).to_contain_text("记录还在这部手机上")


def test_after_some_failures_the_answers_can_be_saved_as_a_file_or_copied(page, phone, address):
    phone.grant_permissions(["clipboard-read", "clipboard-write"])
    shown = unsent(page, phone, address)
    expect(page.locator(".rescue")).to_have_count(0)
    forward(page)
    page.locator(".rescue summary").click()
    expect(page.locator(".rescue .warn")).to_contain_text("没有加密，谁拿到都能看")
    with page.expect_download() as download:
        page.get_by_role("button", name="存成文件").click()
    assert download.value.suggested_filename == "data.json"
    saved = json.loads(download.value.path().read_text("utf-8"))
    assert saved["submission"]["receipt_code"] == shown
    page.get_by_role("button", name="复制成文字").click()
    expect(page.locator(".rescue [role=status]")).to_contain_text("已复制")
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == saved


def test_where_nothing_can_be_copied_the_text_is_shown(page, phone, address):
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined });"
        "Document.prototype.execCommand = () => false;"
    )
    shown = unsent(page, phone, address)
    forward(page)
    page.locator(".rescue summary").click()
    page.get_by_role("button", name="复制成文字").click()
    expect(page.locator(".rescue textarea")).to_have_value(re.compile(shown))


def test_on_a_shared_phone_no_receipt_can_be_left_behind(page, address):
    come(page, address)
    page.locator("#shared").check()
    agree(page)
    choose(page, "core_level", "村")
    to_review(page)
    forward(page)
    received(page)
    page.locator("#receipt-more summary").click()
    expect(page.locator("#stay")).to_have_count(0)
    assert kept_on_phone(page) == {}


def test_leaving_midway_sends_nothing(page, address, site):
    before = {table: site.count(table) for table in ("response", "comment", "variant", "tally")}
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method not in ("GET", "HEAD") else None)
    come(page, address)
    agree(page)
    fill_counts(page)
    forward(page)
    choose(page, "bur_pb1", "比较同意")
    page.goto("about:blank")
    come(page, address)
    page.locator("#anew").click()
    assert sent == []
    assert {table: site.count(table) for table in before} == before


def test_what_was_declined_while_nobody_looked_is_shown_at_its_question_with_its_draft(page, phone, address, server):
    unsent(page, phone, address)
    found = {"code": "answer.out_of_range", "where": "bur_af1", "message": "这个数太大了。", "remedy": "请改小一些。"}
    problem = {"code": "submission.invalid", "where": "", "message": "有 1 处", "remedy": "请改", "findings": [found]}
    page.unroute("**/responses*")
    phone.route("**/responses*", lambda route: route.fulfill(status=422, json=problem))
    page.goto(f"{server}/w/short/withdraw")
    wait_for(lambda: json.loads(kept_on_phone(page)["outbox"])[0]["state"] == "declined")
    phone.unroute("**/responses*")
    come(page, address)
    expect(page.locator("#bur_af1 .wrong")).to_contain_text("这个数太大了。")
    expect(page.locator("#core_level input[value='2']")).to_be_checked()
    enter(page, "bur_af1", "10")
    to_review(page)
    forward(page)
    received(page)


def test_what_was_declined_and_has_no_draft_any_more_stays_in_the_list_and_can_be_saved(page, phone, address, server):
    unsent(page, phone, address)
    page.locator("#back").click()  # another person begins
    agree(page)
    problem = {"code": "submission.wrong_version", "where": "", "message": "版本不同", "remedy": "请重新打开"}
    page.unroute("**/responses*")
    phone.route("**/responses*", lambda route: route.fulfill(status=409, json=problem))
    page.goto(f"{server}/w/short/withdraw")
    wait_for(lambda: json.loads(kept_on_phone(page)["outbox"])[0]["state"] == "declined")
    come(page, address)
    expect(page.locator("#offer")).to_contain_text("没有填完的答卷")
    page.goto(f"{server}/w/-/mine")
    expect(page.locator(".record")).to_contain_text("没有被接收")
    page.locator(".rescue summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="存成文件").click()
    assert json.loads(download.value.path().read_text("utf-8"))["submission"]["answers"]["core_level"] == 2
