"""Take a picture of every type of question on a phone, before and after it is answered.

    .venv/bin/python -m docs.take_item_pictures FOLDER

Makes a small site of its own; the questions stand in tests/cases/gallery.yaml.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect, sync_playwright
from werkzeug.serving import make_server

from fieldkit.core.access import LOCAL
from fieldkit.core.instrument import Library
from fieldkit.formats.instrument_yaml import load_questionnaire
from fieldkit.services.publish import publish_library
from fieldkit.store.engine import Session
from tests.browser import FLAGS, chromium_path
from tests.journeys.steps import agree, choose, come, enter, forward
from tests.phone_site import COUNTY, a_wave, make_site
from tests.photos import photo
from tests.tiny import library

GALLERY = Path(__file__).resolve().parents[1] / "tests" / "cases" / "gallery.yaml"


def tap(page: Page, item: str, *words: str) -> None:
    """Tap places of an order, one after the other."""
    for word in words:
        page.locator(f"#{item} .rank", has_text=word).click()


def tick(page: Page, item: str, *words: str) -> None:
    """Tick several options."""
    for word in words:
        choose(page, item, word)


def name_another(page: Page) -> None:
    """Choose 其他 and write what it is."""
    choose(page, "single", "其他")
    page.locator("#single_other textarea").fill("农业服务中心")


def fill_row(page: Page) -> None:
    """One row filled in, a second one added, and the question whether it shall go."""
    field = page.locator('[id="visits[1].hours"] input').first
    field.fill("2")
    field.blur()
    page.locator(".add-row").first.click()
    page.locator('[data-row="visits[1]"] .drop-row').first.click()  # asks once more


def locate(page: Page) -> None:
    """Let the phone say where it is."""
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 30.638219, "longitude": 119.682841})
    page.locator("#spot .locate").click()
    expect(page.locator("[name=spot]").first).not_to_have_value("")


def hand_in(page: Page, item: str, name: str, kind: str, content: bytes) -> None:
    """Choose a photo or a file of the phone."""
    chosen = FilePayload(name=name, mimeType=kind, buffer=content)
    page.locator(f"#{item} input[type=file]").first.set_input_files(chosen)
    expect(page.locator(f"[name={item}]")).not_to_have_value("")


def speak(page: Page) -> None:
    """A second of what the microphone hears."""
    page.locator("#voice .record").click()
    expect(page.locator("#voice .record")).to_contain_text("停止录音")
    page.wait_for_timeout(1000)
    page.locator("#voice .record").click()
    expect(page.locator("#voice audio")).to_be_visible()


# what a respondent does at each question before the second picture
ANSWERS: dict[str, Callable[[Page], None]] = {
    "single": name_another,
    "multi": lambda p: tick(p, "multi", "网格议事会", "驻村第一书记", "12345 热线转办"),
    "likert5": lambda p: choose(p, "likert5", "比较同意"),
    "bipolar7": lambda p: p.locator("#bipolar7 input").nth(5).check(force=True),
    "acknowledge": lambda p: p.locator("#acknowledge input").first.check(force=True),
    "note": lambda p: None,
    "often_form": lambda p: choose(p, "often_form", "经常"),
    "rank": lambda p: tap(p, "rank", "迎接检查", "填表报数"),
    "slider": lambda p: p.locator("#slider .nudge").last.click(),
    "count_month": lambda p: enter(p, "count_month", "１２"),
    "hours_week": lambda p: enter(p, "hours_week", "130"),
    "percentage": lambda p: enter(p, "percentage", "35"),
    "money": lambda p: enter(p, "money", "1，200.5"),
    "day": lambda p: p.locator("#day input").first.fill("2026-11-03"),
    "clock": lambda p: p.locator("#clock input").first.fill("08:30"),
    "text": lambda p: enter(p, "text", "综合执法队员"),
    "long_text": lambda p: enter(p, "long_text", "同一张表，几个部门各要一遍。"),
    "province": lambda p: choose(p, "province", "浙江省"),
    "city": lambda p: choose(p, "city", "湖州市"),
    "village": lambda p: p.locator("#village .find input").fill("湾"),
    "spot": locate,
    "photo": lambda p: hand_in(p, "photo", "IMG_0001.JPG", "image/jpeg", photo(side=1600)),
    "voice": speak,
    "paper": lambda p: hand_in(p, "paper", "kaohe.pdf", "application/pdf", b"%PDF-1.7\n" + b"paper " * 60_000),
    "listed": lambda p: choose(p, "listed", "2"),
    "forced": lambda p: choose(p, "forced", "是"),
    "visits": fill_row,
}


@contextmanager
def gallery() -> Iterator[str]:
    """A site with the questionnaire of all types; its address."""
    with tempfile.TemporaryDirectory() as folder:
        site = make_site(Path(folder))
        asked = load_questionnaire(GALLERY, library())
        with Session(site.engine) as session:
            publish_library(session, LOCAL, Library({}, {(asked.id, asked.version): asked}))
            session.commit()
        site.open(a_wave("gallery", "gallery", site.today))
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = make_server("127.0.0.1", 0, site.app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/w/gallery/{COUNTY}"
        server.shutdown()
        server.server_close()
        site.app.extensions["fieldkit"].collector.close()
        site.app.extensions["fieldkit"].engine.dispose()
        site.engine.dispose()


def where(item: str) -> str:
    """The card of a question, or the rows of a repeat."""
    return '[data-repeat="visits"]' if item == "visits" else f"#{item}"


def take(page: Page, folder: Path) -> list[Path]:
    """Walk through the questionnaire; two pictures of every question."""
    taken = []
    while page.locator("#page-review:visible").count() == 0:
        for item, answer in ANSWERS.items():
            if not page.locator(where(item)).is_visible():
                continue
            for state in ("1-open", "2-answered"):
                if state == "2-answered":
                    answer(page)
                top = page.locator(where(item)).evaluate("one => one.getBoundingClientRect().top + scrollY - 60")
                page.evaluate("top => scrollTo(0, top)", top)
                page.wait_for_timeout(80)
                taken.append(folder / f"{item}-{state}.png")
                page.screenshot(path=taken[-1])
        shown = page.title()
        if page.locator("#hours_week").is_visible():
            enter(page, "hours_week", "6。5")
        if page.locator("#rank").is_visible():
            tap(page, "rank", "防汛抗旱")
        for _ in range(3):  # the second press goes past the one polite reminder
            if page.title() == shown:
                forward(page)
                page.wait_for_timeout(50)
        assert page.title() != shown, f"{shown}: an answer is refused"
    return taken


def main(folder: Path) -> None:
    """Take all pictures; about half a minute."""
    folder.mkdir(parents=True, exist_ok=True)
    with gallery() as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(chromium_path()), args=list(FLAGS))
        context = browser.new_context(
            viewport={"width": 360, "height": 740}, device_scale_factor=2, has_touch=True, is_mobile=True,
            locale="zh-CN", reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(10_000)
        page = context.new_page()
        come(page, address)
        agree(page)
        for path in take(page, folder):
            print(path)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
