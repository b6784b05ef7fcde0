"""On the phone: how soon the page can be answered, what a change costs, what becomes of 200 responses in a bad network.

    python -m benchmarks.phone [load] [journal] [storm] [--waves short full_burden]

*load*: 400 kbit/s both ways, 400 ms latency, a processor four times slower, nothing in the cache, service workers
blocked (the browser does not slow them down). Interactive is the moment when the page's script has taken over and the
main thread answers again; bytes are those on the wire, headers included. *journal*: the page's own module, with the CPU
as it is and slowed down four times. *storm*: the page's own queue; of its requests a third is lost (before or after the
server) and a tenth delivered twice.
"""

from __future__ import annotations

import argparse
import logging
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.browser import FLAGS, chromium_path
from tests.journeys.steps import come, stored
from tests.journeys.test_phone_storm import STORM
from tests.phone_site import COUNTY, Site, a_wave, make_site

PARTS = ("load", "journal", "storm")
ROUNDS, CHANGES, RESPONSES = 3, 400, 200
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # bytes a second
SLOWER = 4

READY = """
new MutationObserver(() => {
  if (document.documentElement.classList.contains("js") && !window.ready) {
    window.ready = 1;
    setTimeout(() => { window.ready = performance.now(); }, 0);
  }
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["class"] });
"""

WRITING = """
async ([folder, changes]) => {
  const { openBook } = await import(folder + "book.js");
  const { openJournal } = await import(folder + "journal.js");
  const { plainStore } = await import(folder + "plain-store.js");
  const journal = openJournal(await openBook(), plainStore, "draft:bench");
  const draft = { questionnaire: "short", version: "1", since: null, at: "a", seconds: 0, identity: null };
  const fields = {};
  for (let n = 0; n < 60; n += 1) fields["item_" + n] = String(n);
  const took = [];
  for (let n = 0; n < changes; n += 1) {
    fields["item_" + (n % 60)] = "value " + n;
    const begun = performance.now();
    await journal.keep(Object.assign({}, draft, { seconds: n, answers: { fields: Object.assign({}, fields) } }));
    took.push(performance.now() - begun);
  }
  const begun = performance.now();
  const found = await journal.snapshot();
  const read = performance.now() - begun;
  await journal.erase();
  return { took, read, whole: found.answers.fields["item_" + ((changes - 1) % 60)] === "value " + (changes - 1) };
}
"""


class Kept(WSGIRequestHandler):
    """Connections stay open, as behind any real server."""

    protocol_version = "HTTP/1.1"


def folder_of(page: Page) -> str:
    """Where the page's script lies."""
    return str(page.evaluate("document.querySelector('script[type=module]').src.replace(/[^/]*$/, '')"))


def once(browser: Browser, address: str) -> dict[str, float]:
    """Open the page as a phone that was never here: milliseconds, bytes and requests until it is interactive."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, service_workers="block"
    )
    page = context.new_page()
    page.add_init_script(READY)
    session = context.new_cdp_session(page)
    asked: list[str] = []
    arrived: list[float] = []
    session.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"]))
    session.on("Network.loadingFinished", lambda event: arrived.append(event["encodedDataLength"]))
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.ready > 1", timeout=60_000)
    found: dict[str, Any] = {
        "requests": sum(not url.startswith("data:") for url in asked),
        "bytes": sum(arrived),
        "ready_ms": page.evaluate("window.ready"),
        "paint_ms": page.evaluate("(performance.getEntriesByName('first-contentful-paint')[0] || {}).startTime || NaN"),
    }
    context.close()
    return found


def load(browser: Browser, server: str, site: Site, waves: Sequence[str]) -> None:
    """Print the medians for each questionnaire."""
    for name in waves:
        wave = name.replace("_", "-")
        if name != "short":
            site.open(a_wave(wave, name, site.today))
        rounds = [once(browser, f"{server}/w/{wave}/{COUNTY}") for _ in range(ROUNDS)]
        middle = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
        print(
            f"{name}: interactive {middle['ready_ms']:.0f} ms, first words {middle['paint_ms']:.0f} ms, "
            f"{middle['bytes'] / 1000:.1f} kB in {middle['requests']:.0f} requests"
        )


def journal(page: Page, slower: int) -> None:
    """Print what a change costs until it is on the disk."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    found: dict[str, Any] = page.evaluate(WRITING, [folder_of(page), CHANGES])
    took = sorted(found["took"])
    print(
        f"journal, CPU 1/{slower}: median {statistics.median(took):.1f} ms, p99 {took[int(len(took) * 0.99)]:.1f} ms, "
        f"longest {took[-1]:.1f} ms a change ({CHANGES} changes); reading it back {found['read']:.1f} ms; "
        f"{'whole' if found['whole'] else 'NOT WHOLE'}"
    )


def storm(page: Page, site: Site) -> None:
    """Print what became of the responses."""
    chance, requests = random.Random(7), {"sent": 0, "lost": 0, "delivered twice": 0}

    def weather(route: Route) -> None:
        luck = chance.random()
        requests["sent"] += 1
        if luck < 0.3:
            requests["lost"] += 1
            if luck > 0.2:
                route.fetch()
            route.abort()
            return
        if luck < 0.4:
            requests["delivered twice"] += 1
            route.fetch()
        route.continue_()

    page.route("**/responses*", weather)
    version = page.evaluate("JSON.parse(document.getElementById('rules').textContent).version")
    begun = time.monotonic()
    told = page.evaluate(STORM, [folder_of(page), f"/w/short/{COUNTY}", version, RESPONSES])
    there = set(stored(site))
    print(
        f"storm: {RESPONSES} responses, {requests['sent']} requests ({requests['lost']} lost, "
        f"{requests['delivered twice']} delivered twice) in {time.monotonic() - begun:.0f} s: "
        f"delivered {len(there & set(told['ids']))}, lost {len(set(told['ids']) - there)}, "
        f"duplicated {len(there - set(told['ids'])) + site.count('variant')}"
    )


def main() -> None:
    """Start a server and a browser and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all of them unless named")
    parser.add_argument("--waves", nargs="+", default=["short", "full_burden"], help="questionnaires to load")
    asked = parser.parse_args()
    parts = asked.parts or PARTS
    if not set(parts) <= set(PARTS):
        parser.error(f"parts: {', '.join(PARTS)}")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = make_site(Path(folder))
        running = make_server("127.0.0.1", 0, site.app, threaded=True, request_handler=Kept)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        server = f"http://127.0.0.1:{running.server_port}"
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        if "load" in parts:
            load(browser, server, site, asked.waves)
        page = browser.new_context(service_workers="block").new_page()
        come(page, f"{server}/w/short/{COUNTY}")
        if "journal" in parts:
            for slower in (1, SLOWER):
                journal(page, slower)
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 1})
        if "storm" in parts:
            storm(page, site)
        browser.close()
        running.shutdown()
        site.app.extensions["fieldkit"].collector.close()


if __name__ == "__main__":
    main()
