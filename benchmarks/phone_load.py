"""How soon the phone page can be answered on a slow network: `python -m benchmarks.phone_load [WAVE …]`.

400 kbit/s both ways, 400 ms latency, a processor four times slower, nothing in the cache, service workers blocked (the
browser does not slow them down). Interactive is the moment when the page's script has taken over and the main thread
answers again; bytes are those on the wire, headers included.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.browser import FLAGS, chromium_path
from tests.phone_site import COUNTY, a_wave, make_site

ROUNDS = 3
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


class Kept(WSGIRequestHandler):
    """Connections stay open, as behind any real server."""

    protocol_version = "HTTP/1.1"


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


def main() -> None:
    """Print the medians for each questionnaire."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questionnaires", nargs="*", default=["short", "full_burden"])
    names = parser.parse_args().questionnaires
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        site = make_site(Path(folder))
        for name in names:
            if name != "short":
                site.open(a_wave(name.replace("_", "-"), name, site.today))
        server = make_server("127.0.0.1", 0, site.app, threaded=True, request_handler=Kept)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = play.chromium.launch(executable_path=str(chromium_path()), args=list(FLAGS))
        for name in names:
            address = f"http://127.0.0.1:{server.server_port}/w/{name.replace('_', '-')}/{COUNTY}"
            rounds = [once(browser, address) for _ in range(ROUNDS)]
            middle = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
            print(
                f"{name}: interactive {middle['ready_ms']:.0f} ms, first words {middle['paint_ms']:.0f} ms, "
                f"{middle['bytes'] / 1000:.1f} kB in {middle['requests']:.0f} requests"
            )
        browser.close()
        server.shutdown()
        site.app.extensions["fieldkit"].collector.close()


if __name__ == "__main__":
    main()
