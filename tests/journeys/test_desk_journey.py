"""A researcher's morning, and a county's, in a real browser."""

from __future__ import annotations

import csv
import io
import logging
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from tests.demo_site import Desk, make_desk

SIZES = {"wide": (1280, 800), "phone": (390, 844)}


@dataclass(frozen=True)
class Office:
    """The desk on a server."""

    desk: Desk
    url: str


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    desk = make_desk(tmp_path_factory.mktemp("office"))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = make_server("127.0.0.1", 0, desk.app, threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield Office(desk, f"http://127.0.0.1:{running.server_port}")
    running.shutdown()
    thread.join()
    running.server_close()
    desk.app.extensions["fieldkit"].engine.dispose()
    desk.engine.dispose()


@pytest.fixture
def context(browser: Browser, office: Office) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def screen(context: BrowserContext, office: Office) -> Iterator[Page]:
    """A page at the desk; a request elsewhere or a breach of the page's own policy fails the story."""
    page, wrong = context.new_page(), []
    page.on("request", lambda r: None if r.url.startswith((office.url, "data:")) else wrong.append(r.url))
    page.on("console", lambda m: wrong.append(m.text) if "Content Security" in m.text else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    assert wrong == []


def enter(page: Page, office: Office, name: str, address: str = "/desk") -> None:
    """Open an address, be asked to sign in, and do so."""
    page.goto(office.url + address)
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(office.desk.passwords[name])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(office.url + address)


def test_a_researcher_looks_at_a_wave_reads_a_report_and_takes_the_data_home(screen: Page, office: Office) -> None:
    enter(screen, office, "researcher")
    screen.get_by_role("link", name="演示").click()
    expect(screen.get_by_role("heading", level=1)).to_contain_text("第1轮")
    county = screen.get_by_role("row", name="安吉县")
    expect(county).to_contain_text("约 125")
    expect(county).to_contain_text("可以出报告")

    county.get_by_role("link", name="安吉县：网页").click()
    expect(screen.get_by_role("heading", level=1)).to_contain_text("安吉县")
    ink = screen.locator("svg.chart circle").first.evaluate("c => getComputedStyle(c).fill")
    assert ink not in ("", "rgb(0, 0, 0)"), "the report's style must be allowed by the policy"
    with screen.expect_download() as pdf:
        screen.get_by_role("link", name="下载 PDF").click()
    assert pdf.value.suggested_filename == "安吉县-demo-汇总报告.pdf"
    assert pdf.value.path().read_bytes().startswith(b"%PDF-")
    screen.locator(".crumb").get_by_role("link", name="第1轮").click()

    with screen.expect_download() as data:
        screen.get_by_role("button", name="下载研究数据").click()
    with zipfile.ZipFile(data.value.path()) as archive:
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open("responses.csv"), "utf-8-sig", newline="")))
    assert len(rows) == 673

    screen.get_by_role("button", name="退出").click()
    screen.wait_for_url("**/login")
    screen.go_back()
    screen.reload()
    expect(screen.get_by_label("密码")).to_be_visible()


def test_a_researcher_frees_a_comment_of_names_and_it_is_in_the_data(screen: Page, office: Office) -> None:
    enter(screen, office, "researcher", "/desk/waves/demo")
    screen.get_by_role("link", name="去整理").click()
    expect(screen.get_by_role("textbox")).to_have_count(20)
    screen.get_by_role("textbox").first.fill("某县的文字")
    screen.get_by_role("button", name="可以导出").first.click()
    expect(screen.get_by_role("status")).to_contain_text("已经记下")
    screen.get_by_role("textbox").first.fill("")
    screen.get_by_role("button", name="不导出").first.click()
    expect(screen.get_by_role("status")).to_contain_text("已经删除")
    screen.get_by_role("link", name="第1轮").click()
    with screen.expect_download() as data:
        screen.get_by_role("button", name="下载研究数据").click()
    with zipfile.ZipFile(data.value.path()) as archive:
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open("comments.csv"), "utf-8-sig", newline="")))
    assert rows
    assert all(row == {"wave": "demo", "county": "", "text": "某县的文字"} for row in rows)


def test_a_county_reader_finds_the_report_of_the_own_county_and_nothing_else(screen: Page, office: Office) -> None:
    enter(screen, office, "anji")
    expect(screen.get_by_role("row")).to_have_count(3)  # the head and two counties
    expect(screen.get_by_role("row", name="炎陵县")).to_contain_text("有效答卷不够")
    expect(screen.get_by_role("row", name="炎陵县").get_by_role("link")).to_have_count(0)
    with screen.expect_download() as table:
        screen.get_by_role("link", name="安吉县：CSV").click()
    text = table.value.path().read_bytes().decode("utf-8-sig")
    assert text.startswith("county_code,")
    assert "330523" in text
    assert "perceived_burden" in text
    screen.goto(office.url + "/desk/waves/demo")
    expect(screen.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_desk_page_is_wider_than_the_screen(screen: Page, office: Office, size: str, language: str) -> None:
    width, height = SIZES[size]
    screen.set_viewport_size({"width": width, "height": height})
    demo = "/desk/waves/demo"
    pages = ["/login", "/desk", demo, f"{demo}/review", f"{demo}/430225/report.html", "/desk/waves/nope"]
    enter(screen, office, "researcher")
    screen.goto(f"{office.url}/desk?lang={language}")
    for address in pages:
        screen.goto(office.url + address)
        over = screen.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, (address, over)


def test_on_a_phone_everything_that_can_be_pressed_is_large_enough(screen: Page, office: Office) -> None:
    screen.set_viewport_size({"width": 390, "height": 844})
    enter(screen, office, "researcher", "/desk/waves/demo")
    small = screen.evaluate(
        """() => [...document.querySelectorAll('main .btn, main .files a, nav > a, nav button')]
            .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 43.5)
            .map(e => e.textContent)"""
    )
    assert small == []


def test_the_login_can_be_done_with_the_keyboard_alone(screen: Page, office: Office) -> None:
    screen.goto(office.url + "/desk")
    expect(screen.get_by_label("账号")).to_be_focused()
    screen.keyboard.type("researcher")
    screen.keyboard.press("Tab")
    screen.keyboard.type(office.desk.passwords["researcher"])
    screen.keyboard.press("Enter")
    screen.wait_for_url(office.url + "/desk")
    screen.keyboard.press("Tab")
    expect(screen.locator(":focus")).to_have_text("跳到正文")
