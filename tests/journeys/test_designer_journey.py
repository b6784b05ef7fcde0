"""A researcher composes a questionnaire in a real browser: from the bank, with own items, beside a colleague."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect
from werkzeug.serving import make_server

from fieldkit.core.access import Actor
from fieldkit.services import design
from fieldkit.store.engine import Session
from tests.demo_site import Desk, make_desk

LIN = Actor("lin", "researcher")
SIZES = {"wide": (1440, 900), "narrow": (1280, 800), "small": (1024, 768), "phone": (390, 844)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = make_desk(tmp_path_factory.mktemp("composing"), empty=True)
    yield desk
    desk.app.extensions["fieldkit"].engine.dispose()
    desk.engine.dispose()


@pytest.fixture(scope="module")
def url(desk: Desk) -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = make_server("127.0.0.1", 0, desk.app, threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def screen(context: BrowserContext, url: str) -> Iterator[Page]:
    """A page; a script error on it, a broken policy or a request elsewhere fails the story."""
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None)
    known = (url, "data:", "blob:")
    page.on("request", lambda sent: None if sent.url.startswith(known) else wrong.append(sent.url))
    yield page
    assert wrong == []


@pytest.fixture
def draft(desk: Desk) -> str:
    """A fresh draft of the short form; its id."""
    with Session(desk.engine) as session:
        made = design.begin_from(session, LIN, "questionnaire", "short", "1.0.0")
        session.commit()
    return made.id


def enter(page: Page, desk: Desk, url: str, address: str) -> None:
    page.goto(url + address)
    page.get_by_label("账号").fill("researcher")
    page.get_by_label("密码").fill(desk.passwords["researcher"])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(url + address)
    page.wait_for_load_state("networkidle")  # the script listens, and the preview stands


STILL = """
() => {
  const frame = document.getElementById("frame");
  if (document.getElementById("designer").hasAttribute("aria-busy")) return false;
  const inside = frame && frame.contentWindow;
  const whole = (address) => address.split("#")[0];
  return !frame || (whole(inside.location.href) === whole(frame.src) && inside.document.readyState === "complete"
    && inside.document.documentElement.classList.contains("js"));
}
"""


def still(page: Page) -> None:
    """Return once every step is drawn and the preview stands: nothing takes the place or the keys away any more."""
    page.wait_for_function(STILL)


def opened(page: Page) -> None:
    """Return once an item is open, and what is typed into it stays."""
    expect(page.locator("li.open")).to_be_visible()
    still(page)


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("#frame")


def test_composing_from_the_bank_changes_sheet_minutes_checks_and_preview(
    screen: Page, desk: Desk, url: str, draft: str
) -> None:
    enter(screen, desk, url, f"/desk/drafts/{draft}")
    head = screen.locator("#designer-head")
    expect(head).to_contain_text("33 题 · 约 9.9 分钟")
    expect(screen.locator("#lint")).to_contain_text("没有发现问题")
    screen.get_by_label("找构念或题目").fill("减负感知")
    expect(screen.get_by_role("checkbox", name="感知负担")).to_be_hidden()
    screen.get_by_role("checkbox", name="减负感知", exact=True).click()
    expect(head).not_to_contain_text("33 题")
    expect(screen.get_by_role("checkbox", name="减负感知", exact=True)).to_have_attribute("aria-checked", "true")
    expect(screen.locator("#lint")).to_contain_text("约需 11 分钟")
    expect(screen.locator("#sheet")).to_contain_text("第8节 减负感知")
    screen.get_by_role("checkbox", name="减负感知", exact=True).click()
    expect(head).to_contain_text("33 题 · 约 9.9 分钟")
    expect(screen.locator(":focus")).to_have_attribute("data-key", "c burden_relief")  # it stays where it was


def test_moving_by_keyboard_and_by_mouse(screen: Page, desk: Desk, url: str, draft: str) -> None:
    enter(screen, desk, url, f"/desk/drafts/{draft}")
    still(screen)
    screen.locator("#i-core_level .title").focus()
    still(screen)
    screen.keyboard.press("Alt+ArrowDown")
    expect(screen.locator("li.asked").first).to_have_attribute("data-item", "bur_af1")
    expect(screen.locator("#i-core_level .title")).to_be_focused()
    still(screen)
    screen.keyboard.press("Alt+ArrowDown")
    expect(screen.locator("li.asked").nth(1)).to_have_attribute("data-item", "bur_af2")
    expect(screen.locator("li.asked").nth(2)).to_have_attribute("data-item", "core_level")
    still(screen)
    still(screen)
    screen.locator("#i-core_level").drag_to(screen.locator("#i-bur_af1"), source_position={"x": 200, "y": 40})
    expect(screen.locator("li.asked").first).to_have_attribute("data-item", "core_level")
    screen.reload()  # what was moved is saved
    expect(screen.locator("li.asked").first).to_have_attribute("data-item", "core_level")
    expect(screen.locator("li.asked").nth(1)).to_have_attribute("data-item", "bur_af1")


def test_a_condition_is_completed_checked_saved_and_obeyed_by_the_preview(
    screen: Page, desk: Desk, url: str, draft: str
) -> None:
    enter(screen, desk, url, f"/desk/drafts/{draft}")
    still(screen)
    screen.locator("#i-bur_af4 .title").click()
    opened(screen)
    field = screen.locator("li.open .condition input")
    field.press_sequentially("${af2")
    expect(screen.get_by_role("option", name=re.compile("bur_af2"))).to_be_visible()
    field.press("Enter")
    expect(field).to_have_value("${bur_af2}")
    field.press_sequentially(" >")
    expect(screen.locator("li.open .told")).to_contain_text("第 13 个字符")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.press_sequentially(" 0")
    expect(screen.locator("li.open .told")).to_contain_text("写法没有问题")
    screen.locator("li.open").get_by_role("button", name="保存").click()
    expect(screen.locator("#i-bur_af4 .when")).to_contain_text("${bur_af2} > 0")

    phone = preview(screen)
    expect(screen.locator(".view")).to_contain_text("不会提交")
    expect(phone.locator("#bur_af4")).to_be_hidden()
    phone.locator("#bur_af2 input[inputmode]").fill("6")
    expect(phone.locator("#bur_af4")).to_be_visible()
    assert screen.evaluate("Object.keys(localStorage).length") == 0, "the preview keeps nothing in the browser"

    screen.get_by_role("button", name="把 bur_af1 下移").click()
    expect(screen.locator("li.asked").nth(2)).to_have_attribute("data-item", "bur_af1")
    expect(phone.locator("#bur_af2 input[inputmode]")).to_have_value("6")  # answers outlive a change


def test_an_item_of_ones_own_is_written_and_appears_in_sheet_and_preview(
    screen: Page, desk: Desk, url: str, draft: str
) -> None:
    enter(screen, desk, url, f"/desk/drafts/{draft}")
    screen.locator("#s-pressure").get_by_role("link", name="加一道自己的题").click()
    screen.get_by_label("题型").select_option("integer")
    expect(screen.get_by_label("最小", exact=True)).to_be_visible()
    screen.locator("[name='id']").fill("own_calls")
    screen.locator("[name='text.zh']").fill("昨天下班后，您接了几个工作电话？")
    screen.locator("[name='text.en']").fill("How many calls about work did you take after hours yesterday?")
    screen.get_by_label("最小", exact=True).fill("0")
    screen.get_by_label("最大").fill("99")
    condition = screen.locator("[name='relevance']")
    condition.press_sequentially("${bur_pb1")
    condition.press("Enter")
    condition.press_sequentially(" >= 4")
    expect(screen.locator(".told").first).to_contain_text("写法没有问题")
    screen.get_by_role("button", name="保存这道题").last.click()
    expect(screen.locator("#i-own_calls")).to_contain_text("自己的题")
    expect(screen.locator("#designer-head")).to_contain_text("34 题")
    phone = preview(screen)
    expect(phone.locator("#s-pressure")).to_be_visible()
    expect(phone.locator("#own_calls")).to_be_hidden()
    phone.locator("#bur_pb1 label").filter(has_text="非常同意").click()
    expect(phone.locator("#own_calls")).to_be_visible()


def test_a_group_is_made_filled_and_moved_by_keyboard_and_by_mouse(
    screen: Page, desk: Desk, url: str, draft: str
) -> None:
    enter(screen, desk, url, f"/desk/drafts/{draft}")
    still(screen)
    screen.locator("#i-bur_af1 .title").click()
    screen.locator("li.open select[name=group]").select_option("new")
    screen.locator("li.open select[name=group]").press("Tab")
    screen.keyboard.press("Enter")
    title = screen.locator("li.group input[name='title.zh']")
    expect(title).to_be_focused()
    still(screen)
    title.fill("上级来的事")
    screen.locator("input[name=members][value=bur_af2]").check()
    expect(title).to_have_value("上级来的事")
    still(screen)
    title.press("Enter")
    expect(screen.locator("#g-group_1")).to_contain_text("上级来的事")
    expect(screen.locator("#g-group_1")).to_contain_text("2 题")
    expect(preview(screen).get_by_text("上级来的事")).to_be_visible()
    still(screen)
    screen.locator("#i-core_level").drag_to(screen.locator("#g-group_1"), source_position={"x": 200, "y": 40})
    expect(screen.locator("#g-group_1")).to_contain_text("3 题")
    still(screen)
    screen.locator("#g-group_1 .title").focus()
    expect(screen.locator("#g-group_1 .title")).to_be_focused()
    still(screen)
    screen.keyboard.press("Alt+ArrowDown")
    expect(screen.locator("li.asked").first).to_have_attribute("data-item", "bur_af4")
    expect(screen.locator("#g-group_1 .title")).to_be_focused()
    still(screen)
    screen.locator("#i-core_level .title").click()
    screen.locator("li.open select[name=group]").select_option("out")
    screen.get_by_role("button", name="执行").click()
    expect(screen.locator("#g-group_1")).to_contain_text("2 题")


def test_the_second_editor_has_the_typed_condition_back_and_saves_it(
    screen: Page, desk: Desk, url: str, draft: str
) -> None:
    enter(screen, desk, url, f"/desk/drafts/{draft}")
    still(screen)
    screen.locator("#i-bur_af2 .title").click()
    opened(screen)
    screen.locator("li.open .condition input").fill("${core_level} = 1")
    with Session(desk.engine) as session:
        design.step(session, LIN, draft, 1, "change_way bur_af4", {"relevance": "${core_level} = 2"})
        session.commit()
    screen.locator("li.open").get_by_role("button", name="保存").click()
    expect(screen.get_by_role("alert")).to_contain_text("lin 这期间的改动")
    expect(screen.get_by_role("alert")).to_contain_text("${core_level} = 2")
    expect(screen.locator("li.open .condition input")).to_have_value("${core_level} = 1")
    screen.locator("li.open").get_by_role("button", name="保存").click()
    expect(screen.get_by_role("alert")).to_have_count(0)
    expect(screen.locator("#i-bur_af2")).to_contain_text("${core_level} = 1")
    expect(screen.locator("#i-bur_af4")).to_contain_text("${core_level} = 2")


def test_a_formula_of_a_module_is_completed_and_checked_as_it_is_typed(
    screen: Page, context: BrowserContext, desk: Desk, url: str
) -> None:
    with Session(desk.engine) as session:
        made = design.begin_from(session, LIN, "module", "burden", "1.0.0")
        session.commit()
    enter(screen, desk, url, f"/desk/drafts/{made.id}/module/indicator")
    screen.locator("#type").select_option("formula")
    screen.wait_for_load_state("networkidle")
    screen.locator("[name=id]").fill("own_rate")
    screen.locator("[name='title.zh']").fill("每周次数")
    field = screen.locator("[name='set.expression']")
    field.press_sequentially("${bur_af1")
    field.press("Enter")
    field.press_sequentially(" * 7 div")
    expect(screen.locator("#whole-told .stop").first).to_be_visible()
    field.press_sequentially(" 30")
    expect(screen.locator("#whole-told .stop")).to_have_count(0)
    screen.locator(".ends button").click()
    expect(screen.locator("#x-own_rate")).to_contain_text("${bur_af1} * 7 div 30")


def test_two_people_edit_and_the_second_is_told(screen: Page, desk: Desk, url: str, draft: str) -> None:
    enter(screen, desk, url, f"/desk/drafts/{draft}")
    with Session(desk.engine) as session:
        design.step(session, LIN, draft, 1, "drop bur_af1", {})
        session.commit()
    screen.get_by_role("button", name="从问卷里去掉 bur_af2").click()
    expect(screen.get_by_role("alert")).to_contain_text("lin")
    expect(screen.locator("#i-bur_af1")).to_have_count(0)
    expect(screen.locator("#i-bur_af2")).to_be_visible()
    screen.get_by_role("button", name="从问卷里去掉 bur_af2").click()
    expect(screen.locator("#i-bur_af2")).to_have_count(0)
    expect(screen.get_by_role("alert")).to_have_count(0)


def test_nothing_typed_is_lost_when_the_server_cannot_be_reached(
    screen: Page, context: BrowserContext, desk: Desk, url: str, draft: str
) -> None:
    enter(screen, desk, url, f"/desk/drafts/{draft}")
    still(screen)
    screen.locator("#i-bur_af2 .title").click()
    opened(screen)
    field = screen.locator("li.open .condition input")
    field.fill("${bur_af1} > 0")
    context.set_offline(True)
    screen.locator("li.open").get_by_role("button", name="保存").click()
    expect(screen.locator("#saved")).to_contain_text("没有存上")
    expect(field).to_have_value("${bur_af1} > 0")
    context.set_offline(False)
    screen.locator("li.open").get_by_role("button", name="保存").click()
    expect(screen.locator("#saved")).to_contain_text("已保存")


def test_without_script_every_operation_is_a_form(browser: Browser, desk: Desk, url: str, draft: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    enter(page, desk, url, f"/desk/drafts/{draft}")
    page.get_by_role("checkbox", name="考核督查频次", exact=True).click()
    expect(page.locator("#designer-head")).to_contain_text("34 题")
    page.get_by_role("button", name="把 bur_af3 上移").click()
    expect(page.locator("li.asked").nth(2)).to_have_attribute("data-item", "bur_af3")
    page.locator("#i-bur_af3 .title").click()
    page.locator("li.open .condition input").fill("${bur_af1} >")
    page.locator("li.open").get_by_role("button", name="保存").click()
    expect(page.locator("#lint")).to_contain_text("要改")
    page.locator("[name='title.zh']").fill("新的一节")
    page.get_by_role("button", name="加一节").click()
    expect(page.locator("#sheet")).to_contain_text("第8节 新的一节")
    context.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_of_the_area_is_wider_than_the_screen(
    screen: Page, desk: Desk, url: str, draft: str, size: str, language: str
) -> None:
    enter(screen, desk, url, "/desk/instruments")
    screen.goto(f"{url}/desk/instruments?lang={language}")
    width, height = SIZES[size]
    screen.set_viewport_size({"width": width, "height": height})
    own = f"/desk/drafts/{draft}"
    for address in (
        "/desk/instruments",
        "/desk/instruments/import",
        "/desk/instruments/module/burden/1.0.0",
        own,
        f"{own}?open=bur_af2",
        f"{own}/item?section=workload&type=multi",
        f"{own}/history",
        f"{own}/source",
    ):
        screen.goto(url + address)
        over = screen.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, (address, over)
