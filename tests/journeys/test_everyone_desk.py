"""The desk's pages do not break WCAG 2.2 AA either, in both languages, light and dark."""

from __future__ import annotations

import logging
import threading

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from fieldkit.core.access import LOCAL
from fieldkit.services import batch, job
from fieldkit.services.pooled_editions import pooled_file
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, make_desk
from tests.journeys.everyone import breaches

WAVE = "/desk/waves/demo"
PAGES = (
    "/desk", "/desk/instruments", "/desk/password", "/verify", WAVE, f"{WAVE}/review", f"{WAVE}/rescue",
    f"{WAVE}/roster", f"{WAVE}/330523/report", f"{WAVE}/330523/report?language=en", f"{WAVE}/330523/editions",
    f"{WAVE}/pooled",
)  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    desk = make_desk(tmp_path_factory.mktemp("desk-for-everyone"))
    with Session(desk.engine) as session:
        ordered = batch.order(session, LOCAL, "demo", dated=TODAY)
        session.commit()
        pooled_file(session, LOCAL, "demo", counties=("330521", "330122"), dated=TODAY)
        session.commit()
        prepared = job.order(session, LOCAL, "responses", "demo", {"formats": ["csv", "sav"]})
        session.commit()
        job.cancel(session, LOCAL, "demo", prepared.id)
        session.commit()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = make_server("127.0.0.1", 0, desk.app, threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield desk, f"http://127.0.0.1:{running.server_port}", (
        *PAGES, f"{WAVE}/reports/{ordered.id}", f"{WAVE}/files/{prepared.id}",
    )  # fmt: skip
    running.shutdown()
    thread.join()
    running.server_close()
    desk.app.extensions["fieldkit"].engine.dispose()
    desk.engine.dispose()


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_no_page_at_the_desk_breaks_wcag(browser, office, language, scheme):
    desk, url, pages = office
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{url}/login?lang={language}")
    assert ("login", breaches(page)) == ("login", [])
    page.locator("[name=name]").fill("researcher")
    page.locator("[name=password]").fill("wrong")
    page.locator("button.main").click()
    assert ("a wrong password", breaches(page)) == ("a wrong password", [])
    page.locator("[name=password]").fill(desk.passwords["researcher"])
    page.locator("button.main").click()
    page.wait_for_url("**/desk*")
    found = {}
    for path in pages:
        page.goto(url + path)
        assert page.locator("h1").count() == 1, path
        found[path] = breaches(page)
    assert found == {path: [] for path in pages}
    context.close()


def test_on_a_phone_the_tables_of_a_report_keep_their_heads_and_the_page_its_width(browser, office):
    desk, url, _ = office
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{url}/login")
    page.locator("[name=name]").fill("anji")
    page.locator("[name=password]").fill(desk.passwords["anji"])
    page.locator("button.main").click()
    page.wait_for_url("**/desk*")
    page.goto(f"{url}{WAVE}/330523/report")
    first = page.locator(".told .table").first
    expect(first.locator("thead th").first).to_be_visible()
    table, caption = first.bounding_box(), first.locator("caption").bounding_box()
    assert caption["width"] > table["width"] * 0.9, "a caption in a narrow column of single characters"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
