"""A questionnaire begun on one phone and finished on another, by a code that only its owner has."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.steps import (
    agree,
    arrived_since,
    choose,
    come,
    enter,
    fill_counts,
    forward,
    in_section,
    kept_on_phone,
    received,
    stored,
    tap_heading,
    to_review,
    until_written,
    wait_for,
)

PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "service_workers": "block"}
WRITTEN = "只有我自己知道的一句话"


@pytest.fixture
def other(browser: Browser) -> BrowserContext:
    """Another phone, with nothing on it."""
    phone = browser.new_context(**PHONE)
    yield phone
    phone.close()


@pytest.fixture(autouse=True)
def nothing_on_its_way(site):
    with site.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM resume")


def make_code(page: Page) -> str:
    """Ask for a resume code at the end of the section in view; the code as it is shown."""
    if not page.locator("#carry details[open]").count():
        page.locator("#carry summary").click()
    page.locator("#carry > details > .pair").last.get_by_role("button").first.click()
    expect(page.locator("#carry [role=status]")).to_contain_text("续填码已经生成")
    return "".join(page.locator("#carry .codes").inner_text().split())


def type_code(page: Page, code: str, button: str = "取来接着填") -> None:
    """Enter a resume code on the opening page."""
    if not page.locator("#carry-code").is_visible():
        page.get_by_text("在另一部手机上填过一部分").click()
    page.locator("#carry-code").fill(code)
    page.get_by_role("button", name=button).click()


def begun(page: Page, address: str) -> None:
    """The first section answered, the second in view."""
    come(page, address)
    agree(page)
    fill_counts(page)
    forward(page)
    choose(page, "bur_pb1", "非常同意")


def test_a_draft_goes_on_on_another_phone_and_arrives_once(page, other, address, site):
    before = stored(site)
    begun(page, address)
    code = make_code(page)
    assert site.count("resume") == 1
    there = other.new_page()
    come(there, address)
    type_code(there, code.lower().replace("-", " "))
    expect(there.locator("#carry-told")).to_contain_text("服务器上的那一份已经删去")
    in_section(there, "任务压力")
    expect(there.locator("#bur_pb1 input[value='5']")).to_be_checked()
    assert site.count("resume") == 0
    wait_for(lambda: "bur_pb1" in kept_on_phone(there).get("journal", ""))
    to_review(there)
    forward(there)
    shown = received(there)
    # the first phone still has its draft; should it be sent too, it is the same response
    to_review(page)
    forward(page)
    assert received(page) == shown
    (kept,) = arrived_since(site, before)
    assert kept["bur_tr_hours"] == 6.5


def test_what_leaves_the_phone_holds_no_answer_no_code_and_no_hint_of_their_length(page, address, site):
    come(page, address)
    agree(page)
    choose(page, "core_level", "村")
    sizes, codes = set(), set()
    for number in ("1", "12"):
        enter(page, "bur_af1", number)
        with page.expect_request(lambda request: request.url.endswith("/w/short/resume")) as asked:
            codes.add(make_code(page))
        sent = asked.value.post_data_json
        assert set(sent) == {"find", "sealed"}
        sizes.add(len(sent["sealed"]))
        assert "330523" not in asked.value.url
    assert len(codes) == 2
    assert len(sizes) == 1
    wait_for(lambda: site.count("resume") == 1)  # the first one is taken away once the second is there
    with site.engine.connect() as connection:
        ((found_by, sealed),) = connection.exec_driver_sql("SELECT found_by, sealed FROM resume").all()
    assert sent["find"] != found_by
    for code in codes:
        assert code.replace("-", "").encode() not in bytes(sealed)
    for told in (b"core_level", b"bur_af1", b"identity", b"330523"):
        assert told not in bytes(sealed)
    assert not codes & set(json.dumps(kept_on_phone(page)).split('"')), "the code is not kept on the phone either"
    page.get_by_role("button", name="删去服务器上的").click()
    expect(page.locator("#carry [role=status]")).to_contain_text("已经删去")
    assert site.count("resume") == 0


def test_another_code_deletes_what_lay_under_the_first(page, other, address, site):
    begun(page, address)
    first = make_code(page)
    second = make_code(page)
    wait_for(lambda: site.count("resume") == 1)
    there = other.new_page()
    come(there, address)
    type_code(there, first)
    expect(there.locator("#page-opening details [role=status]")).to_contain_text("没有找到这个续填码对应的内容")
    type_code(there, second)
    expect(there.locator("#carry-told")).to_be_visible()


def test_a_code_opens_nothing_under_the_link_of_another_county(page, other, address, server, site):
    begun(page, address)
    code = make_code(page)
    there = other.new_page()
    come(there, f"{server}/w/short/330522")
    type_code(there, code)
    expect(there.locator("#page-opening details [role=status]")).to_contain_text("同一个县的问卷链接")
    type_code(there, "1234")
    expect(there.locator("#page-opening details [role=status]")).to_contain_text("12 位字母和数字")
    come(there, address)
    type_code(there, code, "删去，不填了")
    expect(there.locator("#page-opening details [role=status]")).to_contain_text("已经删去")
    assert site.count("resume") == 0
    type_code(there, code, "删去，不填了")
    expect(there.locator("#page-opening details [role=status]")).to_contain_text("不用再删")


def test_on_a_shared_phone_the_draft_waits_at_the_server_until_it_was_sent(page, other, address, site):
    begun(page, address)
    code = make_code(page)
    there = other.new_page()
    come(there, address)
    there.locator("#shared").check()
    type_code(there, code)
    expect(there.locator("#carry-told")).to_contain_text("这里没有保存")
    assert kept_on_phone(there) == {}
    assert site.count("resume") == 1
    to_review(there)
    forward(there)
    received(there)
    wait_for(lambda: site.count("resume") == 0)
    assert kept_on_phone(there) == {}


def test_sending_from_the_phone_that_made_the_code_deletes_it_too(page, address, site):
    begun(page, address)
    make_code(page)
    assert site.count("resume") == 1
    to_review(page)
    forward(page)
    received(page)
    wait_for(lambda: site.count("resume") == 0)


def test_the_next_person_on_the_same_page_finds_no_code_and_deletes_nothing_of_the_first(page, other, address, site):
    come(page, address)
    page.locator("#shared").check()
    agree(page)
    fill_counts(page)
    code = make_code(page)
    page.locator("#hide").click()
    tap_heading(page)
    agree(page)
    choose(page, "core_level", "村")
    expect(page.locator("#carry .codes span")).to_have_count(0)
    to_review(page)
    forward(page)
    received(page)
    page.wait_for_timeout(300)
    assert site.count("resume") == 1
    there = other.new_page()
    come(there, address)
    type_code(there, code)
    expect(there.locator("[name=bur_tr_hours]")).to_have_value("6.5")


def test_a_draft_on_the_second_phone_is_not_replaced(page, other, address):
    begun(page, address)
    code = make_code(page)
    there = other.new_page()
    begun(there, address)
    until_written(there, "bur_pb1", ["5"])
    come(there, address)
    expect(there.locator("#offer")).to_be_visible()
    expect(there.get_by_text("在另一部手机上填过一部分")).to_be_hidden()
    there.locator("#anew").click()
    type_code(there, code)
    expect(there.locator("#carry-told")).to_be_visible()


def test_without_a_network_it_says_so_and_nothing_is_lost(page, phone, address, site):
    begun(page, address)
    page.locator("#carry summary").click()
    phone.set_offline(True)
    page.get_by_role("button", name="生成续填码").click()
    expect(page.locator("#carry [role=status]")).to_contain_text("没有连上服务器")
    phone.set_offline(False)
    make_code(page)
    page.get_by_role("button", name="清除本机草稿").click()
    expect(page.get_by_role("button", name="再点一次")).to_be_visible()
    assert "journal" in kept_on_phone(page), "one more tap is asked for"
    page.get_by_role("button", name="再点一次").click()
    expect(page.locator("#page-opening")).to_be_visible()
    wait_for(lambda: "journal" not in kept_on_phone(page))
    assert site.count("resume") == 1


def test_over_plain_http_nothing_is_offered(page, address):
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { get: () => false });")
    begun(page, address)
    until_written(page, "bur_pb1", ["5"])  # all of the page's script has come
    expect(page.locator("#carry, #carry-code")).to_have_count(0)


def test_nothing_about_it_is_fetched_before_the_page_stands(page, address):
    asked = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    page.goto(address)
    page.wait_for_selector("#carry-code", state="attached")
    assert asked.index("phone-later.js") > asked.index("phone.js")
    assert "resume" not in asked
