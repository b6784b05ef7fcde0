"""Two hundred responses over a network that loses a third of the requests and repeats some: each is stored once."""

from __future__ import annotations

import json
import random

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.steps import (
    agree,
    choose,
    come,
    forward,
    kept_on_phone,
    put_into,
    received,
    stored,
    to_review,
    wait_for,
)
from tests.phone_site import COUNTY, a_wave

RESPONSES = 200
# the real queue of the page, with short pauses; the ids are made here so that they can be told afterwards
STORM = """
async ([folder, path, version, count]) => {
  const { openBook } = await import(folder + "book.js");
  const { openOutbox, makeCode } = await import(folder + "outbox.js");
  const outbox = openOutbox(await openBook(), null, 5);
  const ids = [];
  for (let n = 0; n < count; n += 1) {
    const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => ("0" + b.toString(16)).slice(-2)).join("");
    ids.push(id);
    const answers = { core_consent: 1, core_level: 1 + (n % 4), bur_af1: n % 90 };
    await outbox.add(path, {
      id, receipt_code: makeCode(), questionnaire: "short", version, language: "zh", active_seconds: 60, answers,
    });
  }
  for (let round = 0; round < 60; round += 1) {
    const found = await outbox.flush(round % 2 === 0);
    if (!found.left) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { ids, states: (await outbox.all()).map((one) => one.state) };
}
"""


def test_two_hundred_responses_arrive_exactly_once_over_a_bad_network(page: Page, server, site):
    wave = site.unused("storm")
    site.open(a_wave(wave, "short", site.today))
    chance = random.Random(20261121)
    came = {"dropped before": 0, "dropped after": 0, "twice": 0, "through": 0}

    def weather(route: Route) -> None:
        luck = chance.random()
        if luck < 0.2:  # never reaches the server
            came["dropped before"] += 1
            route.abort()
        elif luck < 0.3:  # reaches it, but the answer is lost
            came["dropped after"] += 1
            route.fetch()
            route.abort()
        elif luck < 0.4:  # the network delivers it twice
            came["twice"] += 1
            route.fetch()
            route.continue_()
        else:
            came["through"] += 1
            route.continue_()

    come(page, f"{server}/w/{wave}/{COUNTY}")
    version = page.evaluate("JSON.parse(document.getElementById('rules').textContent).version")
    folder = page.evaluate("document.querySelector('script[type=module]').src.replace(/[^/]*$/, '')")
    page.goto(f"{server}/w/-/words")  # a page of ours that sends nothing by itself
    page.route("**/responses*", weather)
    told = page.evaluate(STORM, [folder, f"/w/{wave}/{COUNTY}", version, RESPONSES])
    there = stored(site, wave)
    assert set(there) == set(told["ids"])
    assert len(there) == RESPONSES
    assert site.count("variant", f"wave = '{wave}'") == 0
    assert told["states"] == ["received"] * RESPONSES
    assert min(came.values()) > 0, came
    for n, key in enumerate(told["ids"]):
        assert there[key]["bur_af1"] == n % 90


def answering(**given):
    """A network that always answers like this, and counts."""
    asked: list[str] = []

    def fulfil(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(**given)

    return asked, fulfil


@pytest.fixture
def ready(page, address):
    come(page, address)
    agree(page)
    choose(page, "core_level", "街道")
    to_review(page)
    return page


def test_a_server_that_asks_to_be_left_alone_is_left_alone_until_one_asks_by_hand(ready, site):
    before = site.count("response")
    asked, busy = answering(status=503, headers={"Retry-After": "1800"}, json={"code": "store.unavailable"})
    ready.route("**/responses*", busy)
    forward(ready)
    expect(ready.locator("#receipt-words")).to_contain_text("没有送到")
    assert len(asked) == 1
    for _ in range(3):
        ready.evaluate("dispatchEvent(new Event('online'))")
        ready.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        ready.wait_for_timeout(150)
    assert len(asked) == 1
    ready.unroute("**/responses*")
    forward(ready)
    received(ready)
    assert site.count("response") == before + 1


def test_a_login_page_of_the_network_in_between_is_not_taken_for_the_server(ready, site):
    before = site.count("response")
    _, portal = answering(status=200, content_type="text/html", body="<h1>请登录</h1>")
    ready.route("**/responses*", portal)
    forward(ready)
    expect(ready.locator("#receipt-words")).to_contain_text("没有送到")
    ready.unroute("**/responses*")
    _, refuser = answering(status=403, content_type="text/html", body="<h1>禁止访问</h1>")
    ready.route("**/responses*", refuser)
    forward(ready)
    wait_for(lambda: ready.locator("#next").is_enabled(), ready)
    (kept,) = json.loads(kept_on_phone(ready)["outbox"])
    assert kept["state"] == "kept"
    ready.unroute("**/responses*")
    forward(ready)
    received(ready)
    assert site.count("response") == before + 1


def test_the_pauses_grow_with_every_failure_are_never_the_same_and_end_at_ten_minutes(page, address):
    come(page, address)
    folder = page.evaluate("document.querySelector('script[type=module]').src.replace(/[^/]*$/, '')")
    found = page.evaluate(
        """async (folder) => {
          const { pause } = await import(folder + "outbox.js");
          return [1, 2, 5, 8, 30].map((tries) => Array.from({ length: 40 }, () => pause(tries)));
        }""",
        folder,
    )
    for tries, waits in zip([1, 2, 5, 8, 30], found, strict=True):
        longest = min(600_000, 4000 * 2 ** (tries - 1))
        assert all(longest / 2 <= wait <= longest for wait in waits)
        assert len(set(waits)) > 20


def test_whoever_wants_to_do_more_is_called_once_a_response_has_arrived(ready):
    folder = ready.evaluate("document.querySelector('script[type=module]').src.replace(/[^/]*$/, '')")
    ready.evaluate(
        """async (folder) => {
          const { hooks } = await import(folder + "phone-later.js");
          window.arrived = [];
          hooks.afterReceived = (submission) => { window.arrived.push(submission.id); };
        }""",
        folder,
    )
    forward(ready)
    received(ready)
    assert len(ready.evaluate("window.arrived")) == 1


@pytest.mark.parametrize("days", [-4000, 4000])
def test_a_pause_that_a_wrong_clock_wrote_holds_nothing_up(ready, address, site, days):
    before = site.count("response")
    ready.route("**/responses*", lambda route: route.abort())
    forward(ready)
    expect(ready.locator("#receipt-words")).to_contain_text("没有送到")
    (waiting,) = json.loads(kept_on_phone(ready)["outbox"])
    folder = ready.evaluate("document.querySelector('script[type=module]').src.replace(/[^/]*$/, '')")
    ready.goto("about:blank")
    other = ready.context.new_page()
    other.goto(address.rsplit("/", 2)[0] + "/-/words")  # a page of ours that sends nothing by itself
    waiting.update(due=waiting["due"] + days * 86_400_000, tries=9)
    put_into(other, "outbox", waiting)
    found = other.evaluate(
        """async (folder) => {
          const { openBook } = await import(folder + "book.js");
          const { openOutbox } = await import(folder + "outbox.js");
          return openOutbox(await openBook(), null).flush(false);
        }""",
        folder,
    )
    assert found["left"] == 0
    assert site.count("response") == before + 1
    other.close()
