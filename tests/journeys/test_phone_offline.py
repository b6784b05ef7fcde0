"""Without a network: the link opens, is filled in and queued; the answers go out later, whoever sends them."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect
from werkzeug.serving import make_server

from fieldkit.app import create_app
from fieldkit.settings import Settings
from fieldkit.web import delivery
from fieldkit.web.phone import offline
from fieldkit.web.phone.assets import all_joined
from tests.journeys.steps import (
    agree,
    choose,
    code,
    come,
    enter,
    forward,
    kept_on_phone,
    received,
    settled,
    stored,
    to_review,
    until_written,
    wait_for,
    wait_until_nothing_is_kept,
)
from tests.phone_site import COUNTY, Site


class Line:
    """A server on a port of its own that can be cut off, and put on with another edition of the software."""

    def __init__(self, app) -> None:
        self.app = app
        self.asked: list[str] = []
        # the port stays ours while nobody listens on it: the kernel gives it to no other program
        self.seat = socket.socket()
        self.seat.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.seat.bind(("127.0.0.1", 0))
        self.port = self.seat.getsockname()[1]
        self.on()

    def __call__(self, environ, start):
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return self.app(environ, start)

    def on(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self, threaded=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def cut(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def link(self) -> str:
        return f"http://127.0.0.1:{self.port}/w/short/{COUNTY}"


@pytest.fixture
def line(site: Site) -> Iterator[Line]:
    line = Line(site.app)
    yield line
    line.cut()
    line.seat.close()


@pytest.fixture
def modern(browser: Browser) -> Iterator[BrowserContext]:
    """A phone whose browser has service workers."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, reduced_motion="reduce"
    )
    yield context
    context.close()


AWAKE = """
async () => (await navigator.serviceWorker.getRegistrations())
  .filter((one) => one.active && one.active.state === "activated").length
"""
# the new worker is there, and nothing of it is still on its way in
TAKEN_IN = """
async () => {
  const one = await navigator.serviceWorker.getRegistration("/w/");
  return !one.installing && !one.waiting && one.active.state === "activated";
}
"""
KEPT = """
async () => {
  const found = [];
  for (const name of await caches.keys()) {
    for (const one of await (await caches.open(name)).keys()) found.push(name + " " + new URL(one.url).pathname);
  }
  return found;
}
"""


def in_cache(page: Page) -> list[str]:
    """What the worker keeps, as 'cache path'."""
    return list(page.evaluate(KEPT))


def opens(page: Page, address: str) -> bool:
    """Whether the page opens. A browser too slow in waking the worker asks the network; the next time it is awake."""
    try:
        page.goto(address)
    except Error as error:
        if "CONNECTION_REFUSED" not in error.message:
            raise
        return False
    return True


def pages_kept(page: Page) -> list[str]:
    """The pages that the worker keeps, the newest last."""
    return [one for one in in_cache(page) if one.startswith("fieldkit-pages")]


@pytest.fixture
def visited(modern: BrowserContext, line: Line) -> Page:
    """A page that was opened once with a network and is kept since."""
    page = modern.new_page()
    come(page, line.link)
    wait_for(lambda: any(one.endswith(f"/w/short/{COUNTY}") for one in in_cache(page)))
    settled(page)
    return page


def fill(page: Page, level: str = "街道") -> None:
    agree(page)
    choose(page, "core_level", level)
    enter(page, "bur_af1", "11")


def test_the_link_opens_without_a_network_is_filled_in_reviewed_and_queued_and_arrives_later(visited, line, site):
    before = stored(site)
    line.cut()
    visited.close()
    page = visited.context.new_page()
    come(page, line.link)
    fill(page)
    to_review(page)
    forward(page)
    expect(page.locator("#receipt-h")).to_have_text("已保存在本机")
    shown = code(page)
    assert len(shown) == 12
    line.on()
    page.locator("#next").click()
    assert received(page) == shown
    new = [answers for key, answers in stored(site).items() if key not in before]
    assert [one["bur_af1"] for one in new] == [11]
    wait_until_nothing_is_kept(page)


def test_any_page_of_the_site_sends_what_waits(visited, line, site):
    before = site.count("response")
    fill(visited)
    to_review(visited)
    line.cut()
    forward(visited)
    expect(visited.locator("#receipt-h")).to_have_text("已保存在本机")
    visited.close()
    line.on()
    page = visited.context.new_page()
    page.goto(f"http://127.0.0.1:{line.port}/w/short/withdraw")
    wait_for(lambda: site.count("response") == before + 1)
    wait_for(lambda: json.loads(kept_on_phone(page)["outbox"])[0]["state"] == "received", page)
    (left,) = json.loads(kept_on_phone(page)["outbox"])
    assert "submission" not in left, "the answers go from the phone as soon as they have arrived"
    assert "journal" not in kept_on_phone(page)


def test_the_worker_sends_what_waits_when_the_browser_wakes_it(visited, modern, line, site):
    before = site.count("response")
    fill(visited)
    to_review(visited)
    line.cut()
    forward(visited)
    expect(visited.locator("#receipt-h")).to_have_text("已保存在本机")
    visited.goto("about:blank")
    line.on()
    # what the browser does when the network is back
    session = modern.new_cdp_session(visited)
    found: list[dict] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    wait_for(lambda: any(one["scopeURL"].endswith("/w/") for one in found), visited)
    registration = next(one for one in found if one["scopeURL"].endswith("/w/"))
    session.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": f"http://127.0.0.1:{line.port}",
            "registrationId": registration["registrationId"],
            "tag": "fieldkit-outbox",
            "lastChance": False,
        },
    )
    wait_for(lambda: site.count("response") == before + 1)


def test_the_worker_keeps_no_answers_no_receipts_no_desk_and_no_page_for_deleting(visited, line):
    base = f"http://127.0.0.1:{line.port}"
    fill(visited)
    to_review(visited)
    forward(visited)
    received(visited)
    for address in ("/w/short/withdraw", "/receipt", "/login", "/w/short"):
        visited.goto(base + address)
    come(visited, line.link)
    wait_for(lambda: any(one.endswith("/w/short") for one in in_cache(visited)))
    paths = {one.split(" ")[1] for one in in_cache(visited)}
    allowed = re.compile(rf"/static/|/w/-/words/|/area$|/w/-/mine$|/w/short(/{COUNTY})?$")
    assert [path for path in paths if not allowed.match(path)] == []


def test_the_table_of_units_and_the_list_of_records_open_without_a_network(visited, line):
    wait_for(lambda: {"/area", "/w/-/mine"} <= {one.split(" ")[1] for one in in_cache(visited)}, visited)
    wait_for(lambda: visited.evaluate(AWAKE) == 2, visited)  # one for the questionnaires, one for the table
    line.cut()
    base = f"http://127.0.0.1:{line.port}"
    wait_for(lambda: opens(visited, base + "/area"), visited)
    expect(visited).to_have_title("面积换算")
    wait_for(lambda: opens(visited, base + "/w/-/mine"), visited)
    expect(visited.locator("#mine-said")).to_contain_text("没有记录")
    line.on()


def test_every_part_that_the_page_fetches_later_is_kept_with_it(visited):
    wait_for(lambda: set(offline.LATER) <= {one.rsplit("/", 1)[-1] for one in in_cache(visited)}, visited)
    loaded = visited.evaluate("performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname)")
    assert {path for path in loaded if path.startswith("/static/")} <= {one.split(" ")[1] for one in in_cache(visited)}


def test_a_new_edition_leaves_the_open_page_whole_and_is_used_at_the_next_start(visited, line, site, monkeypatch):
    fill(visited)
    until_written(visited, "bur_af1", "11")
    old = line.app
    assets, _ = delivery.read_assets(delivery.STATIC, all_joined())
    monkeypatch.setattr(delivery, "read_assets", lambda *_: (assets, "feedfeedfeed"))
    script = offline.worker_script() + b"\n// another edition"
    monkeypatch.setattr(offline, "worker_script", lambda: script)
    settings = old.extensions["fieldkit"].settings
    line.app = create_app(Settings(data_dir=settings.data_dir))
    try:
        # the new worker comes while the old page is open
        visited.evaluate("navigator.serviceWorker.getRegistration('/w/').then((one) => one.update())")
        wait_for(lambda: visited.evaluate(TAKEN_IN), visited)
        before = site.count("response")
        enter(visited, "bur_af2", "5")
        until_written(visited, "bur_af2", "5")
        come(visited, line.link)
        assert "feedfeedfeed" in visited.content()
        expect(visited.locator("#offer")).to_contain_text("已填 3 题")
        forward(visited)
        expect(visited.locator("[name=bur_af2]")).to_have_value("5")
        wait_for(lambda: any("fieldkit-files-feedfeedfeed" in one for one in in_cache(visited)))
        # and the kept page is whole in its own edition
        wait_for(lambda: {f"/static/feedfeedfeed/{name}" for name in offline.LATER} <= {
            one.split(" ")[1] for one in in_cache(visited)
        })  # fmt: skip
        line.cut()
        come(visited, line.link)
        expect(visited.locator("#offer")).to_contain_text("已填 3 题")
        line.on()
        forward(visited)
        to_review(visited)
        forward(visited)
        received(visited)
        assert site.count("response") == before + 1
    finally:
        line.app.extensions["fieldkit"].collector.close()
        line.app.extensions["fieldkit"].engine.dispose()
        line.app = old


def test_a_file_asked_for_under_an_edition_of_the_past_is_given_but_not_kept_under_that_name(line):
    client, edition = line.app.test_client(), line.app.extensions["fieldkit.edition"]
    assert "immutable" in client.get(f"/static/{edition}/phone-later.js").headers["Cache-Control"]
    answer = client.get("/static/000000000000/phone-later.js")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_slow_network_does_not_keep_one_waiting_for_a_page_that_is_on_the_phone(visited, line):
    gate = threading.Event()
    through = line.app

    def slow(environ, start):
        if environ["PATH_INFO"].endswith(COUNTY):
            gate.wait(120)
        return through(environ, start)

    line.app = slow
    try:
        visited.goto(line.link, wait_until="commit", timeout=60_000)
        visited.wait_for_selector("html.js")
        assert not gate.is_set(), "the page came from the phone while the network was still silent"
        expect(visited.locator("#page-opening")).to_be_visible()
    finally:
        gate.set()
        line.app = through


def test_the_box_of_kept_pages_stays_small(visited, line):
    base = f"http://127.0.0.1:{line.port}"
    for n in range(16):
        visited.goto(f"{base}/w/short?from={n}")
    wait_for(lambda: len(pages_kept(visited)) <= 12, visited)
    come(visited, line.link)
    # among the newest: what was kept of it before those sixteen may be about to go
    wait_for(lambda: any(one.endswith(f"/w/short/{COUNTY}") for one in pages_kept(visited)[-4:]), visited)
    line.cut()
    come(visited, line.link)
    expect(visited.locator("#page-opening")).to_be_visible()
    line.on()
