"""What a browser really fetches before the first question: few requests, few bytes, from nowhere else."""

import pytest

from tests.journeys.steps import come
from tests.phone_site import COUNTY, a_wave

SHORT, LONGEST, REQUESTS = 30_000, 60_000, 5


@pytest.mark.parametrize(("name", "most"), [("short", SHORT), ("full_burden", LONGEST), ("case_timeline", LONGEST)])
def test_a_browser_fetches_no_more_than_the_budget_allows(browser, server, site, name, most):
    wave = f"load-{name.replace('_', '-')}"
    if site.count("wave", f"id = '{wave}'") == 0:
        site.open(a_wave(wave, name, site.today))
    context = browser.new_context(viewport={"width": 360, "height": 740}, service_workers="block")
    page = context.new_page()
    sizes, elsewhere = {}, []
    page.on("request", lambda r: elsewhere.append(r.url) if not r.url.startswith((server, "data:")) else None)
    page.on("requestfinished", lambda r: sizes.update({r.url: r.sizes()["responseBodySize"]}))
    come(page, f"{server}/w/{wave}/{COUNTY}")
    # what is fetched while the opening page is read, so that hiding never waits, stands in nobody's way
    before = {url: size for url, size in sizes.items() if not url.endswith("/area.js") and not url.startswith("data:")}
    assert elsewhere == []
    assert len(before) <= REQUESTS, before
    assert 10_000 < sum(before.values()) < most, before
    context.close()
