"""A running server and a real browser, for stories told from the respondent's side."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, expect, sync_playwright
from werkzeug.serving import make_server

from tests.browser import FLAGS, chromium_path
from tests.phone_site import COUNTY, Site, make_site

HERE = Path(__file__).resolve().parent
# A story waits for what the page comes to show. How long that may take says nothing: a machine may stall for seconds.
SHOWN_MS = 30_000
DONE_MS = 60_000
START_MS = 180_000
expect.set_options(timeout=SHOWN_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker tells all the stories. One that fails is told again, and the summary says so."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("journeys"))
            item.add_marker(pytest.mark.flaky(reruns=2))


def patient(browser: Browser) -> Browser:
    """The browser, whose every context takes its time, whoever opens it."""
    opened = browser.new_context

    def new_context(**settings: Any) -> BrowserContext:
        context = opened(**settings)
        context.set_default_timeout(DONE_MS)
        return context

    browser.new_context = new_context  # type: ignore[method-assign]
    return browser


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = make_site(tmp_path_factory.mktemp("journeys"))
    yield site
    machine = site.app.extensions["fieldkit"]
    machine.collector.close()
    machine.engine.dispose()
    site.engine.dispose()


@pytest.fixture(scope="session")
def server(site: Site) -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser of each file's own: one that has had hundreds of phones and their workers may wake none any more."""
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS), timeout=START_MS)
    yield patient(browser)
    browser.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone of middling size, with nothing stored on it."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        locale="zh-CN",
        has_touch=True,
        reduced_motion="reduce",
        service_workers="block",  # stories about the worker open a phone of their own
    )
    yield context
    context.close()


@pytest.fixture
def strangers(phone: BrowserContext, server: str) -> list[str]:
    """Addresses of other hosts that a page asked for; stays empty."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((server, "data:", "blob:")):
            asked.append(request.url)

    phone.on("request", note)
    return asked


@pytest.fixture
def page(phone: BrowserContext, strangers: list[str]) -> Iterator[Page]:
    """A page on that phone; a script error on it, a request elsewhere or a cookie fails the story."""
    page = phone.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
    yield page
    assert errors == []
    assert strangers == []
    assert phone.cookies() == []


@pytest.fixture
def address(server: str) -> str:
    """The link that the cadres of one county got."""
    return f"{server}/w/short/{COUNTY}"
