"""On the phone: what it costs to write a change into the journal, and what becomes of 200 responses in a bad network.

    python -m benchmarks.phone

The journal is the page's own module in a real Chromium, with the CPU as it is and slowed down four times. The storm is
the page's own queue: of its requests a third is lost (before or after the server) and a tenth delivered twice.
"""

from __future__ import annotations

import logging
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, sync_playwright
from werkzeug.serving import make_server

from tests.browser import FLAGS, chromium_path
from tests.journeys.steps import come, stored
from tests.journeys.test_phone_storm import STORM
from tests.phone_site import COUNTY, make_site

CHANGES, RESPONSES = 400, 200

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


def folder_of(page: Page) -> str:
    """Where the page's script lies."""
    return str(page.evaluate("document.querySelector('script[type=module]').src.replace(/[^/]*$/, '')"))


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


def main() -> None:
    """Start a server and a browser and print the figures."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = make_site(Path(folder))
        server = make_server("127.0.0.1", 0, site.app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        page = browser.new_context(service_workers="block").new_page()
        come(page, f"http://127.0.0.1:{server.server_port}/w/short/{COUNTY}")
        for slower in (1, 4):
            journal(page, slower)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 1})
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
        browser.close()
        server.shutdown()
        site.app.extensions["fieldkit"].collector.close()


if __name__ == "__main__":
    main()
