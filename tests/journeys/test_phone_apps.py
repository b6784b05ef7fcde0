"""Inside 微信, 企业微信, 钉钉, QQ: what they cannot do is said before the first answer, and there is a way round."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.steps import (
    agree,
    arrived_since,
    choose,
    code,
    come,
    forward,
    kept_on_phone,
    received,
    settled,
    stored,
    to_review,
)

ANDROID = "Mozilla/5.0 (Linux; Android 7.1; MI 6; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/70 "
APPLE = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
INSIDE = {
    "微信": ANDROID + "MQQBrowser/6.2 TBS/044813 Mobile Safari/537.36 MMWEBID/1 MicroMessenger/8.0.40 NetType/3G",
    "微信 iPhone": APPLE + "Mobile/15E148 MicroMessenger/8.0.40(0x18002831) NetType/WIFI Language/zh_CN",
    "企业微信": ANDROID + "MQQBrowser/6.2 TBS/045 Mobile Safari/537.36 wxwork/4.1.0 MicroMessenger/7.0.1 NetType/4G",
    "钉钉": ANDROID + "Mobile Safari/537.36 AliApp(DingTalk/7.0.30) com.alibaba.android.rimet/1 Channel/1",
    "QQ": ANDROID + "MQQBrowser/6.2 TBS/045 Mobile Safari/537.36 V1_AND_SQ_8.9.28 QQ/8.9.28.10155 NetType/4G",
    "微博": APPLE + "Mobile/15E148 Weibo (iPhone13,2__weibo__13.1.0__iphone__os16.5)",
    "支付宝": ANDROID + "Mobile Safari/537.36 AliApp(AP/10.3) AlipayClient/10.3.20",
    "这个应用": ANDROID + "Mobile Safari/537.36",
    "这个应用 iPhone": APPLE + "Mobile/15E148",
}
UC = ANDROID.replace("; wv", "") + "UCBrowser/15.5.0.1290 Mobile Safari/537.36"
SAFARI = APPLE + "Version/16.5 Mobile/15E148 Safari/604.1"
CHROME = ANDROID.replace("; wv", "") + "Mobile Safari/537.36"


@pytest.fixture
def opened(browser: Browser):
    """Open the link in a browser that calls itself so."""
    phones = []

    def open_in(agent: str, address: str, *, before: str = "") -> Page:
        phone = browser.new_context(
            user_agent=agent,
            viewport={"width": 360, "height": 740},
            locale="zh-CN",
            has_touch=True,
            reduced_motion="reduce",
            service_workers="block",
        )
        phones.append(phone)
        page = phone.new_page()
        if before:
            page.add_init_script(before)
        come(page, address)
        page.wait_for_selector("#keep-for", state="attached")
        return page

    yield open_in
    for phone in phones:
        phone.close()


def answered(page: Page) -> None:
    """As far as the last look."""
    agree(page)
    choose(page, "core_level", "村")
    to_review(page)


@pytest.mark.parametrize("app", INSIDE)
def test_before_the_first_answer_it_says_where_the_draft_lies_and_the_way_out(opened, address, app):
    page = opened(INSIDE[app], address)
    note = page.locator("#page-opening #in-app")
    expect(note).to_contain_text(f"您在{app.split()[0]}里打开了问卷")
    expect(note).to_contain_text("不要清理缓存")
    expect(note).to_contain_text("在浏览器打开")
    seven = note.get_by_text("七天")
    expect(seven).to_have_count(1 if "iPhone" in INSIDE[app] else 0)
    assert "{" not in note.inner_text()
    note.get_by_role("button", name="知道了").click()
    expect(note).to_have_count(0)


def test_a_browser_of_ones_own_is_told_only_what_concerns_it(opened, address):
    note = opened(UC, address).locator("#in-app")
    expect(note).to_contain_text("UC 浏览器")
    expect(note).to_contain_text("手机自带的浏览器")
    note = opened(SAFARI, address).locator("#in-app")
    expect(note).to_contain_text("七天")
    assert "在浏览器打开" not in note.inner_text()
    page = opened(CHROME, address)
    settled(page)
    expect(page.locator("#in-app")).to_have_count(0)


@pytest.mark.parametrize("app", ["微信", "企业微信", "钉钉", "QQ"])
def test_the_code_is_a_picture_to_press_long_and_nothing_is_downloaded_or_opened(opened, address, site, app):
    before = stored(site)
    page = opened(INSIDE[app], address)
    doors = []
    page.on("download", lambda download: doors.append(download.url))
    page.on("popup", lambda popup: doors.append(popup.url))
    answered(page)
    forward(page)
    shown = received(page)
    page.locator("#as-image").click()
    picture = page.locator("#saved-as img")
    expect(picture).to_be_visible()
    assert picture.get_attribute("src").startswith("data:image/png"), "an address of this page alone cannot be saved"
    expect(page.locator("#saved-as")).to_contain_text("长按这张图")
    assert shown[:4] in picture.get_attribute("alt")
    page.wait_for_timeout(300)
    assert doors == []
    assert len(arrived_since(site, before)) == 1


def test_what_the_browser_calls_itself_is_sent_with_nothing_and_kept_nowhere(opened, address, site):
    sent = []
    page = opened(INSIDE["微信"], address)
    page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    answered(page)
    assert "MicroMessenger" not in json.dumps(kept_on_phone(page))
    forward(page)
    received(page)
    assert len(sent) == 1
    assert "MicroMessenger" not in sent[0]
    with site.engine.connect() as connection:
        for table in ("response", "comment", "variant", "tally"):
            assert "MicroMessenger" not in str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())


@pytest.mark.parametrize(("agent", "files"), [(INSIDE["微信"], 0), (CHROME, 1)])
def test_a_file_is_offered_only_where_files_can_be_saved_and_text_everywhere(opened, address, agent, files):
    page = opened(agent, address)
    answered(page)
    page.route("**/responses*", lambda route: route.abort())
    forward(page)
    expect(page.locator("#receipt-h")).to_have_text("已保存在本机")
    expect(page.locator("#next")).to_be_enabled()
    forward(page)
    page.locator("#receipt-more summary").click()
    expect(page.get_by_role("button", name="存成文件")).to_have_count(files)
    expect(page.get_by_role("button", name="复制成文字")).to_be_visible()


NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
REFUSED = "navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));"
OLD_WAY = """
document.execCommand = (what) => {
  window.taken = [what, String(document.activeElement.value)];
  return %s;
};
"""


@pytest.mark.parametrize("clipboard", [NO_CLIPBOARD, REFUSED])
def test_copying_goes_the_old_way_where_the_app_gives_no_clipboard(opened, address, clipboard):
    page = opened(INSIDE["企业微信"], address, before=clipboard + OLD_WAY % "true")
    answered(page)
    forward(page)
    shown = received(page)
    page.locator("#copy").click()
    expect(page.locator("#saved-as")).to_contain_text("已复制")
    assert page.evaluate("window.taken") == ["copy", f"{shown[:4]}-{shown[4:8]}-{shown[8:]}"]


def test_where_neither_way_works_it_says_what_to_do_by_hand(opened, address):
    page = opened(INSIDE["钉钉"], address, before=REFUSED + OLD_WAY % "false")
    answered(page)
    forward(page)
    received(page)
    page.locator("#copy").click()
    expect(page.locator("#saved-as")).to_contain_text("请长按上面的码")
    assert code(page)


def test_pages_are_asked_for_anew_and_files_are_named_by_their_content(site, address):
    client = site.app.test_client()
    path = "/w/short/" + address.rsplit("/", 1)[-1]
    assert client.get(path).headers["Cache-Control"] == "private, no-cache"
    for other in ("/w/short", "/w/-/mine", "/area", "/w/short/withdraw", "/receipt"):
        assert client.get(other).headers["Cache-Control"] == "no-store", other
    edition = site.app.extensions["fieldkit.edition"]
    script = client.get(f"/static/{edition}/later.js")
    assert "immutable" in script.headers["Cache-Control"]
    stale = client.get("/static/000000000000/later.js")
    assert (stale.status_code, stale.headers["Cache-Control"]) == (200, "no-store"), "a page kept too long still works"


def test_no_page_of_the_respondents_opens_another_window(opened, address):
    page = opened(CHROME, address)
    expect(page.locator("[target]")).to_have_count(0)
