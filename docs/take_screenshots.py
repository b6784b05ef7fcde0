"""Take the pictures of the user guide from a running demonstration.

    PORT=8000 make run            # in one window
    .venv/bin/python -m docs.take_screenshots http://localhost:8000 PASSWORD
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


def desk(page: Page, base: str, password: str) -> None:
    """The researcher's way: sign in, the waves, one wave, one report."""
    page.goto(base + "/desk")
    page.locator("input[name=name]").fill("researcher")
    page.locator("input[name=password]").fill(password)
    page.screenshot(path=IMAGES / "desk-login.png")
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/desk")
    page.screenshot(path=IMAGES / "desk-waves.png")
    page.goto(base + "/desk/waves/demo")
    page.screenshot(path=IMAGES / "desk-wave.png")
    page.goto(base + "/desk/waves/demo/330523/report.html")
    page.screenshot(path=IMAGES / "desk-report.png")


def main(base: str, password: str) -> None:
    """Take all pictures; about ten seconds."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(chromium_path()), args=list(FLAGS))
        phone(browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN"), base)
        desk(browser.new_page(viewport={"width": 1280, "height": 800}, locale="zh-CN"), base, password)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
