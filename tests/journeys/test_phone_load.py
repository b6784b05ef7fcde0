"""What a browser really fetches before the first question: few requests, few bytes, from nowhere else."""

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import agree, come, forward
from tests.phone_site import COUNTY, a_wave

SHORT, LONGEST, REQUESTS = 30_000, 60_000, 5
# fetched while the opening page is read: the journal and the queue with their words, and the table of units
MEANWHILE = ("**/phone-later.js", "**/w/-/words/**", "**/area.js")


@pytest.mark.parametrize(("name", "most"), [("short", SHORT), ("full_burden", LONGEST), ("case_timeline", LONGEST)])
def test_a_browser_fetches_no_more_than_the_budget_allows(browser, server, site, name, most):
    """The first question is reached although nothing else ever arrives, so that nothing else stands in its way."""
    wave = f"load-{name.replace('_', '-')}"
    if site.count("wave", f"id = '{wave}'") == 0:
        site.open(a_wave(wave, name, site.today))
    context = browser.new_context(viewport={"width": 360, "height": 740}, service_workers="block")
    page = context.new_page()
    sizes, elsewhere, held = {}, [], []
    for address in MEANWHILE:
        # neither answered nor refused: a network that has become slow
        page.route(address, lambda route: held.append(route))
    page.on("request", lambda r: elsewhere.append(r.url) if not r.url.startswith((server, "data:")) else None)
    page.on("requestfinished", lambda r: sizes.update({r.url: r.sizes()["responseBodySize"]}))
    come(page, f"{server}/w/{wave}/{COUNTY}")
    if page.locator("#core_consent").count():
        agree(page)
    else:
        forward(page)  # a form about a case asks nobody for consent
    expect(page.locator("#page-opening")).to_be_hidden()
    expect(page.locator(".page:not([hidden]) h2").first).not_to_be_empty()
    before = {url: size for url, size in sizes.items() if not url.startswith("data:")}
    assert elsewhere == []
    assert len(before) <= REQUESTS, before
    assert 10_000 < sum(before.values()) < most, before
    context.close()


def test_the_rest_comes_in_two_requests_while_the_opening_page_is_read(browser, server, site):
    context = browser.new_context(viewport={"width": 360, "height": 740}, service_workers="block")
    page = context.new_page()
    asked = []
    page.on("request", lambda r: asked.append(r.url.rsplit("/", 1)[-1]) if r.resource_type != "document" else None)
    come(page, f"{server}/w/short/{COUNTY}")
    expect(page.locator("#kept-fact")).to_be_visible()
    page.wait_for_load_state("networkidle")
    scripts = [name for name in asked if name.endswith(".js")]
    assert sorted(scripts) == ["area.js", "phone-later.js", "phone.js"]
    assert len([name for name in asked if name.endswith(".json")]) == 1
    context.close()
