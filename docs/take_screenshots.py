"""Take the pictures of the user guide from a running demonstration.

    PORT=8000 make run            # in one window
    .venv/bin/python -m docs.take_screenshots http://localhost:8000 PASSWORD [designer]
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import FLAGS, chromium_path
from tests.journeys import steps

IMAGES = Path(__file__).resolve().parent / "images"
WAVE = "/w/demo/330523"


def phone(page: Page, base: str) -> None:
    """The cadre's way: consent, numbers with a soft warning, a scale, the last look."""
    steps.come(page, base + WAVE)
    page.screenshot(path=IMAGES / "phone-consent.png")
    steps.agree(page)
    steps.fill_counts(page)
    steps.enter(page, "bur_af2", "46")
    page.locator("#bur_af2").scroll_into_view_if_needed()
    page.screenshot(path=IMAGES / "phone-counts.png")
    page.locator("#bur_af2 .do").click()
    steps.forward(page)
    steps.choose(page, "bur_pb1", "比较同意")
    page.screenshot(path=IMAGES / "phone-scale.png")
    while page.locator("#page-review:visible").count() == 0:
        steps.forward(page)  # the second press goes past the one polite reminder
        page.wait_for_timeout(100)
    page.screenshot(path=IMAGES / "phone-review.png")


def sign_in(page: Page, base: str, password: str) -> None:
    """To the desk as the researcher of the demonstration."""
    page.goto(base + "/desk")
    page.locator("input[name=name]").fill("researcher")
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/desk")


def desk(page: Page, base: str, password: str) -> None:
    """The researcher's way: sign in, the waves, one wave, one report."""
    sign_in(page, base, password)
    page.screenshot(path=IMAGES / "desk-waves.png")
    page.goto(base + "/desk/waves/demo")
    page.screenshot(path=IMAGES / "desk-wave.png")
    page.goto(base + "/desk/waves/demo/330523/report")
    page.screenshot(path=IMAGES / "desk-report.png")


def designer(page: Page, base: str) -> None:
    """A questionnaire and a module being changed; the drafts are deleted again."""
    begin(page, base, "questionnaire/short")
    page.locator("li.asked a.title").nth(1).click()
    field = page.locator("li.open .condition input")
    field.fill("${core_level} <")
    page.locator("li.open .told.bad").wait_for()
    page.wait_for_timeout(1000)  # the preview
    page.screenshot(path=IMAGES / "desk-designer.png")
    field.fill("${core_level} < 3")
    page.locator("li.open button", has_text="保存").click()
    page.locator("li.open").wait_for(state="detached")
    page.locator("li.asked a.title").nth(2).click()
    page.locator("li.open select[name=group]").select_option("new")
    page.locator("li.open button", has_text="执行").click()
    page.locator("li.group .edit").wait_for()
    page.wait_for_timeout(1000)
    page.screenshot(path=IMAGES / "desk-group.png")
    draft = page.url.split("?")[0].split("#")[0]
    page.goto(draft + "/change")
    page.screenshot(path=IMAGES / "desk-change.png")
    throw_away(page, draft)
    begin(page, base, "module/burden")
    module = page.url.split("#")[0]
    page.goto(module + "/indicator?indicator=perceived_burden")
    page.screenshot(path=IMAGES / "desk-indicator.png")
    throw_away(page, module.removesuffix("/module"))


def begin(page: Page, base: str, instrument: str) -> None:
    """A draft of the next version of a published instrument."""
    page.goto(f"{base}/desk/instruments/{instrument}/1.0.0")
    page.locator("button", has_text="改一版").click()
    page.wait_for_load_state("networkidle")


def throw_away(page: Page, draft: str) -> None:
    """Delete the draft again, so that the demonstration is as it was."""
    page.goto(draft + "/history")
    page.locator("details.throw summary").click()
    page.locator("details.throw button").click()
    page.wait_for_load_state("networkidle")


def main(base: str, password: str, only: str = "") -> None:
    """Take all pictures, about twenty seconds; or `only` those of the designer."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(chromium_path()), args=list(FLAGS))
        table = browser.new_page(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        if only == "designer":
            sign_in(table, base, password)
        else:
            phone(browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN"), base)
            desk(table, base, password)
        designer(table, base)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:4])
