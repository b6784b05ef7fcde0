"""What a respondent does, in the words of the stories."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.phone_site import Site


def come(page: Page, address: str) -> None:
    """Open the link; the page is ready when its script has taken over."""
    page.goto(address)
    page.wait_for_selector("html.js")


def choose(page: Page, item: str, words: str) -> None:
    """Tap an option or a quiet button of an item."""
    page.locator(f"#{item} label").filter(has_text=re.compile(f"^{re.escape(words)}$")).first.click()


def enter(page: Page, item: str, text: str) -> None:
    """Type into an item's field and leave it."""
    field = page.locator(f"#{item} input[inputmode], #{item} textarea").first
    field.fill(text)
    field.blur()


def forward(page: Page) -> None:
    """Press the button at the lower right."""
    page.locator("#next").click()


def agree(page: Page) -> None:
    """Read to the end, agree, and begin."""
    page.locator("#core_consent").scroll_into_view_if_needed()
    choose(page, "core_consent", "同意，开始填写")
    expect(page.locator("#next")).to_have_text("开始填写")
    forward(page)
    expect(page.locator("#page-opening")).to_be_hidden()


def section(page: Page) -> str:
    """The head of the section in view."""
    return page.locator(".page:not([hidden]) h2").first.inner_text()


def in_section(page: Page, head: str) -> None:
    """The section with this head is, or comes, into view."""
    expect(page.locator(".page:not([hidden]) h2").first).to_have_text(head)


def front(page: Page) -> Page:
    """Turn to this page, as one does before touching it: what lies behind another is drawn once a second."""
    page.bring_to_front()
    return page


HOLDER = """
() => navigator.locks.query().then((found) => {
  const [one] = found.held.filter((lock) => lock.name.indexOf("fieldkit:draft:") === 0);
  return one ? one.clientId : "";
})
"""


def holder(page: Page) -> str:
    """Which of the browser's pages writes, as a name that the browser gives it; empty while none does."""
    return str(page.evaluate(HOLDER))


def settled(page: Page) -> None:
    """Return once the page has looked at what lies on the phone, and is the one that writes."""
    wait_for(lambda: holder(page) != "", page)


def fill_counts(page: Page) -> None:
    """Answer the first section of the short form."""
    choose(page, "core_level", "乡镇")
    for item, text in {
        "bur_af1": "4",
        "bur_af2": "6",
        "bur_af4": "2",
        "bur_tr_hours": "6.5",
        "bur_meet_n": "8",
    }.items():
        enter(page, item, text)


def to_review(page: Page) -> None:
    """Go on from here to the last look, leaving open what is open."""
    expect(page.locator("#page-opening")).to_be_hidden()
    for _ in range(30):
        if page.locator("#page-review").is_visible():
            return
        forward(page)
    raise AssertionError("the last look was never reached")


def tap_heading(page: Page) -> None:
    """Come back from the table of units: three taps, which must not lie far apart."""
    page.locator("#area-title").evaluate("one => { for (let n = 0; n < 3 && one.isConnected; n += 1) one.click(); }")


def code(page: Page) -> str:
    """The receipt code on the page."""
    page.wait_for_selector("#codes span")
    return "".join(page.locator("#codes span").all_inner_texts())


def received(page: Page) -> str:
    """Wait until it says that the answers have arrived; gives the receipt code."""
    expect(page.locator("#receipt-h")).to_have_text("已收到")
    return code(page)


BOOK = """
async () => {
  const found = Object.assign({}, localStorage);
  if (!(await indexedDB.databases()).some((one) => one.name === "fieldkit")) return found;
  const book = await new Promise((resolve) => {
    indexedDB.open("fieldkit").onsuccess = (e) => resolve(e.target.result);
  });
  for (const name of Array.from(book.objectStoreNames)) {
    const all = await new Promise((resolve) => {
      book.transaction(name).objectStore(name).getAll().onsuccess = (e) => resolve(e.target.result);
    });
    if (all.length) found[name] = JSON.stringify(all);
  }
  book.close();
  return found;
}
"""


def kept_on_phone(page: Page) -> dict[str, str]:
    """Everything that the browser keeps for this host: localStorage, and stores of the database that are not empty."""
    return dict(page.evaluate(BOOK))


def journal(page: Page) -> list[dict]:
    """The records of the journal in their order."""
    return json.loads(kept_on_phone(page).get("journal", "[]"))


def fact(page: Page, name: str) -> object:
    """The last value that the journal holds under this name; None for none."""
    found = None
    for record in journal(page):
        if record["item"] == "*":
            found = record["value"].get(name)
        elif record["item"] == name:
            found = record["value"]
    return found


def written(page: Page, item: str) -> object:
    """The last value that the journal holds for a field; None for none."""
    return fact(page, "=" + item)


def until_written(page: Page, item: str, value: object) -> None:
    """Return once the journal holds this value of a field: it would survive the page now."""
    wait_for(lambda: written(page, item) == value, page)


def stored(site: Site, wave: str = "short") -> dict[str, dict[str, object]]:
    """The answers of every stored response of a wave, by response id (nothing tells in which order they came)."""
    with site.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id, answers FROM response WHERE wave = ?", (wave,)).all()
    return {key: json.loads(kept) if isinstance(kept, str | bytes) else dict(kept) for key, kept in rows}


def arrived_since(site: Site, before: dict[str, dict[str, object]]) -> list[dict[str, object]]:
    """The answers of the responses that were not stored before."""
    return [answers for key, answers in stored(site).items() if key not in before]


PUT = """
async ([name, record]) => {
  const book = await new Promise((resolve) => {
    indexedDB.open("fieldkit").onsuccess = (e) => resolve(e.target.result);
  });
  await new Promise((resolve) => {
    const deal = book.transaction(name, "readwrite");
    deal.objectStore(name).put(record);
    deal.oncomplete = resolve;
  });
  book.close();
}
"""


def put_into(page: Page, store: str, record: dict[str, object]) -> None:
    """Write a record into the database on the phone, as if the page had."""
    page.evaluate(PUT, [store, record])


def wait_until_nothing_is_kept(page: Page) -> None:
    """Return once the browser keeps nothing for this host; fails when that does not come about."""
    wait_for(lambda: not kept_on_phone(page), page)


def wait_for(true: Callable[[], bool], page: Page | None = None, seconds: float = 60) -> None:
    """Return once it is so; fails when that does not come about. With a page, the browser is listened to meanwhile."""
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last, "it did not come about"
        if page is None:
            time.sleep(0.05)
        else:
            page.wait_for_timeout(50)
