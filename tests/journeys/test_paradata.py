"""What a phone tells of the way it was filled in: no more and no less than its opening page says."""

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import (
    agree,
    choose,
    come,
    enter,
    fill_counts,
    forward,
    received,
    stored,
    to_review,
    until_written,
)


def sent_by(page):
    with page.expect_request(lambda request: request.url.split("?")[0].endswith("/responses")) as asked:
        forward(page)
    return asked.value.post_data_json["paradata"]


def test_what_is_sent_of_the_way_of_filling_in_is_what_the_opening_page_says(page, phone, address, site):
    come(page, address)
    expect(page.locator("#page-opening")).to_contain_text("改动答案的次数")
    agree(page)
    fill_counts(page)
    phone.set_offline(True)
    page.wait_for_timeout(4000)  # time goes by, without a network
    phone.set_offline(False)
    enter(page, "bur_af1", "5")
    choose(page, "core_level", "街道")
    to_review(page)
    told = sent_by(page)
    received(page)
    assert set(told) == {"sections", "corrections", "offline", "device"}
    assert told["corrections"] == 2
    assert told["offline"] is True
    assert told["device"] in ("phone", "desktop")  # what the browser says of its pointer
    assert all(seconds % 5 == 0 for seconds in told["sections"].values())
    assert told["sections"]["workload"] >= 5
    assert len(stored(site)) > 0


def test_a_first_answer_is_no_correction_and_the_next_person_begins_at_nought(page, address):
    come(page, address)
    agree(page)
    fill_counts(page)
    enter(page, "bur_af1", "9")
    until_written(page, "bur_af1", "9")
    come(page, address)
    page.locator("#anew").click()
    agree(page)
    fill_counts(page)
    to_review(page)
    told = sent_by(page)
    assert told["corrections"] == 0
    assert told["offline"] is False


def test_corrections_are_counted_on_across_a_draft(page, address):
    come(page, address)
    agree(page)
    fill_counts(page)
    enter(page, "bur_af1", "9")
    until_written(page, "bur_af1", "9")
    come(page, address)
    forward(page)
    enter(page, "bur_af1", "8")
    to_review(page)
    assert sent_by(page)["corrections"] == 2


@pytest.mark.parametrize("agent", ["Mozilla/5.0 (Linux; Android 7.0; HUAWEI NXT-AL10) Chrome/70.0 MicroMessenger/8"])
def test_the_model_in_the_name_of_the_browser_is_not_sent(browser, address, agent):
    size = {"width": 390, "height": 844}
    context = browser.new_context(viewport=size, is_mobile=True, has_touch=True, user_agent=agent)
    page = context.new_page()
    come(page, address)
    agree(page)
    choose(page, "core_level", "村")
    to_review(page)
    with page.expect_request(lambda request: request.url.split("?")[0].endswith("/responses")) as asked:
        forward(page)
    assert "NXT" not in asked.value.post_data
    assert asked.value.post_data_json["paradata"]["device"] == "phone"
    context.close()


def test_without_the_script_nothing_of_it_is_said_and_nothing_is_sent(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator(".said-too")).to_be_hidden()
    assert not page.locator("[name*=paradata], [name*=device], [name*=seconds]").count()
    context.close()
