"""A place, a photo, a recording and a file on a phone: asked for by a button, delivered after the answers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from fieldkit.core.access import LOCAL
from fieldkit.core.attachment import Address
from fieldkit.services.publish import publish_library
from fieldkit.services.waves import close_wave
from fieldkit.store import attachments
from fieldkit.store.engine import Session
from tests.journeys.steps import (
    agree,
    choose,
    come,
    forward,
    received,
    stored,
    tap_heading,
    to_review,
    until_written,
    wait_for,
)
from tests.phone_site import COUNTY, a_wave
from tests.photos import name_of, photo, place_in
from tests.tiny import all_tiny

WAVE = "tiny-files"
HERE = {"latitude": 30.638219, "longitude": 119.682841}
CAMERA = photo(side=2400, turned=6)


@pytest.fixture
def address(site, server):
    with Session(site.engine) as session:
        publish_library(session, LOCAL, all_tiny())
        session.commit()
    if not site.count("wave", f"id = '{WAVE}'"):
        site.open(a_wave(WAVE, "media", site.today))
    return f"{server}/w/{WAVE}/{COUNTY}"


def pick(page, item, content, name, mime):
    page.locator(f"#{item} input[type=file]").set_input_files({"name": name, "mimeType": mime, "buffer": content})
    expect(page.locator(f"[name={item}]")).not_to_have_value("")
    return page.locator(f"[name={item}]").input_value()


def kept(site, response, name):
    with Session(site.engine) as session:
        return attachments.content(session, Address(WAVE, COUNTY, response, name))


def waiting(page):
    """The names of the files that wait on this phone."""
    return page.evaluate(
        """() => new Promise((found) => {
          const asked = indexedDB.open("fieldkit-files", 1);
          asked.onsuccess = () => {
            const all = asked.result.transaction("attachments").objectStore("attachments").getAll();
            all.onsuccess = () => found(all.result.map((record) => record.name));
          };
        })"""
    )


def test_all_four_are_delivered_and_the_photo_has_forgotten_where_it_was_taken(page, phone, site, address):
    before = stored(site, WAVE)
    phone.grant_permissions(["geolocation"])
    phone.set_geolocation(HERE)
    come(page, address)
    agree(page)
    expect(page.locator("[name=spot]").first).to_have_value("")  # nobody is located without asking
    expect(page.locator("#spot-sent")).to_contain_text("1 公里")
    page.locator("#spot .locate").click()
    expect(page.locator("[name=spot]").first).to_have_value("30.64")
    pick(page, "photo", CAMERA, "IMG_0001.JPG", "image/jpeg")
    expect(page.locator("#photo .held img")).to_be_visible()
    expect(page.locator("#photo .held")).to_contain_text("已存在这部手机上")
    page.locator("#voice .record").click()
    expect(page.locator("#voice .record")).to_contain_text("停止录音")
    page.wait_for_timeout(1500)
    page.locator("#voice .record").click()
    expect(page.locator("#voice audio")).to_be_visible()
    paper = b"%PDF-1.7\n" + b"paper " * 60_000
    pick(page, "paper", paper, "kaohe.pdf", "application/pdf")
    to_review(page)
    forward(page)
    received(page)
    expect(page.locator(".files-left li.arrived")).to_have_count(3)
    expect(page.locator(".files-left")).to_contain_text("不再保存")
    wait_for(lambda: waiting(page) == [], page)
    ((response, found),) = [(key, value) for key, value in stored(site, WAVE).items() if key not in before]
    assert found["spot"] == "30.64 119.68"
    assert found["placed"] == {"missing": "skipped"}
    taken = kept(site, response, found["photo"])
    assert place_in(CAMERA) != {}
    assert place_in(taken) == {}
    assert b"SECRET" not in taken
    assert name_of(taken) == found["photo"], "made anew on the phone, so that the server had nothing to remove"
    from io import BytesIO

    from PIL import Image

    with Image.open(BytesIO(taken)) as picture:
        assert picture.size == (800, 1600), "upright, and no longer than it need be"
    assert kept(site, response, found["paper"]) == paper
    assert kept(site, response, found["voice"])[:4] == b"\x1a\x45\xdf\xa3"


def test_the_place_stays_in_a_photo_only_where_the_respondent_says_so(page, site, address):
    before = stored(site, WAVE)
    come(page, address)
    agree(page)
    files = page.locator("#placed input[type=file]")
    files.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": CAMERA})
    expect(page.locator("#placed .told-file")).to_contain_text("拍摄地点")
    expect(page.locator("[name=placed]")).to_have_value("")
    page.get_by_text("连同地点送出").click()
    expect(page.locator("#placed .held")).to_contain_text("拍摄地点会一起送出")
    to_review(page)
    forward(page)
    received(page)
    expect(page.locator(".files-left li.arrived")).to_have_count(1)
    ((response, found),) = [(key, value) for key, value in stored(site, WAVE).items() if key not in before]
    taken = kept(site, response, found["placed"])
    assert place_in(taken)[2] == (30.0, 30.0, 0.0)


def test_a_file_waits_through_a_broken_network_and_goes_on_where_it_stopped_at_the_next_visit(page, site, address):
    before = stored(site, WAVE)
    come(page, address)
    agree(page)
    paper = b"%PDF-1.7\n" + b"waits " * 70_000
    name = pick(page, "paper", paper, "a.pdf", "application/pdf")
    until_written(page, "paper", name)
    page.reload()
    page.wait_for_selector("html.js")
    forward(page)  # take up the draft
    expect(page.locator("#paper .held")).to_contain_text("410 KB")
    let_through = []

    def first_piece_only(route):
        if route.request.method == "PUT" and let_through:
            route.abort()
            return
        if route.request.method == "PUT":
            let_through.append(route.request)
        route.continue_()

    page.context.route("**/attachments/**", first_piece_only)
    to_review(page)
    forward(page)
    received(page)
    expect(page.locator(".files-left li.waiting")).to_have_count(1)
    wait_for(lambda: waiting(page) == [name], page)
    page.on("dialog", lambda dialog: dialog.accept())
    offsets = []
    page.on("request", lambda r: offsets.append(r.headers.get("upload-offset")) if r.method == "PUT" else None)
    page.context.unroute("**/attachments/**", first_piece_only)  # the page may go on by itself before it is opened anew
    come(page, address)
    expect(page.locator(".opening .files-left li.arrived")).to_have_count(1)
    assert offsets[0] == "131072"
    ((response, _),) = [(key, value) for key, value in stored(site, WAVE).items() if key not in before]
    assert kept(site, response, name) == paper
    wait_for(lambda: waiting(page) == [], page)


DATED = """([days, since]) => new Promise((done) => {
  const asked = indexedDB.open("fieldkit-files", 1);
  asked.onsuccess = () => {
    const all = asked.result.transaction("attachments", "readwrite").objectStore("attachments");
    all.openCursor().onsuccess = (event) => {
      const at = event.target.result;
      at.update(Object.assign(at.value, { since: since + days }));
      all.transaction.oncomplete = () => { asked.result.close(); done(); };
    };
  };
})"""
SINCE = """() => new Promise((found) => {
  const asked = indexedDB.open("fieldkit-files", 1);
  asked.onsuccess = () => {
    const all = asked.result.transaction("attachments").objectStore("attachments").getAll();
    all.onsuccess = () => { asked.result.close(); found(all.result.map((record) => record.since || 0)); };
  };
})"""


@pytest.mark.parametrize("days", [-20_000, 20_000])
def test_a_clock_that_jumps_loses_no_file_and_a_forgotten_one_goes_by_the_servers_clock(page, address, days):
    come(page, address)
    agree(page)
    name = pick(page, "paper", b"%PDF-1.7 found again", "a.pdf", "application/pdf")
    page.add_init_script(f"const now = Date.now; Date.now = () => now() + {days} * 864e5;")
    come(page, address)
    expect(page.locator("#offer")).to_be_visible()
    wait_for(lambda: page.evaluate(SINCE) != [0])  # the server was heard: from now on its time counts
    (today,) = page.evaluate(SINCE)
    forward(page)
    expect(page.locator("#paper .held")).to_contain_text("1 KB")
    page.evaluate(DATED, [-59, today])
    come(page, address)
    expect(page.locator("#offer")).to_be_visible()
    wait_for(lambda: waiting(page) == [name], page)
    page.evaluate(DATED, [-60, today])
    come(page, address)
    wait_for(lambda: waiting(page) == [])


def test_on_a_shared_phone_nothing_is_kept_and_a_removed_file_is_not_sent(page, site, address):
    before = stored(site, WAVE)
    come(page, address)
    page.locator("#shared").check()
    agree(page)
    pick(page, "paper", b"%PDF-1.7 kept nowhere", "a.pdf", "application/pdf")
    expect(page.locator("#paper .held")).to_contain_text("请不要关闭本页")
    assert waiting(page) == []
    pick(page, "photo", CAMERA, "a.jpg", "image/jpeg")
    expect(page.locator("#photo .held img")).to_be_visible()
    page.locator("#photo .drop-file").click()
    expect(page.locator("#photo .held img")).to_have_count(0)
    choose(page, "photo", "不便回答")
    to_review(page)
    page.context.route("**/attachments/**", lambda route: route.abort())
    forward(page)
    received(page)
    expect(page.locator(".files-left")).to_contain_text("没有存在这部手机上")
    page.context.unroute("**/attachments/**")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".files-left li.arrived")).to_have_count(1)
    ((_, found),) = [(key, value) for key, value in stored(site, WAVE).items() if key not in before]
    assert found["photo"] == {"missing": "refused"}


def test_what_cannot_be_sent_is_said_at_once_and_a_place_may_be_typed(page, site, address):
    come(page, address)
    agree(page)
    choose_file = page.locator("#paper input[type=file]")
    for name, content, said in (
        ("a.exe", b"MZ", "这种文件不能交"),
        ("a.pdf", b"", "空的"),
    ):
        choose_file.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
        expect(page.locator("#paper .told-file")).to_contain_text(said)
    long = {"name": "a.mp3", "mimeType": "audio/mpeg", "buffer": bytes(5 * 1024 * 1024 + 1)}
    page.locator("#voice input[type=file]").set_input_files(long)
    expect(page.locator("#voice .told-file")).to_contain_text("最多 5.0 MB")
    page.locator("#photo input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"<html>no picture</html>"}
    )
    expect(page.locator("#photo .told-file")).to_contain_text("打不开")
    page.locator("#spot .locate").click()
    expect(page.locator("#spot [role=status]").first).to_contain_text("没有得到定位许可")
    latitude, longitude = page.locator("[name=spot]").all()
    latitude.fill("30.638")
    latitude.blur()
    expect(page.locator("#spot .wrong")).to_contain_text("两个都要填")
    longitude.fill("１１９。６８")
    longitude.blur()
    expect(page.locator("#spot .wrong")).to_have_count(0)


def test_hiding_the_page_stops_a_recording_and_throws_it_away(page, address):
    come(page, address)
    agree(page)
    page.locator("#voice .record").click()
    expect(page.locator("#voice .record")).to_contain_text("停止录音")
    page.locator("#hide").click()
    page.wait_for_timeout(600)
    tap_heading(page)
    expect(page.locator("#voice .record")).to_have_text("开始录音")
    expect(page.locator("[name=voice]")).to_have_value("")


def test_a_file_left_behind_is_delivered_from_the_page_that_says_the_wave_is_over(page, site, server):
    wave = site.unused("tiny-files-over")
    with Session(site.engine) as session:
        publish_library(session, LOCAL, all_tiny())
        session.commit()
    site.open(a_wave(wave, "media", site.today))
    link = f"{server}/w/{wave}/{COUNTY}"
    come(page, link)
    agree(page)
    paper = b"%PDF-1.7 just in time"
    name = pick(page, "paper", paper, "a.pdf", "application/pdf")
    page.context.route("**/attachments/**", lambda route: route.abort())
    to_review(page)
    forward(page)
    received(page)
    wait_for(lambda: waiting(page) == [name], page)
    page.context.unroute("**/attachments/**")
    with Session(site.engine) as session:
        close_wave(session, LOCAL, wave)
        session.commit()
    site.app.extensions["fieldkit"].collector._open.clear()
    with page.expect_response(lambda answer: answer.request.method == "PUT") as put:
        page.goto(link)
    assert put.value.json() == {"offset": len(paper), "arrived": True}
    expect(page.locator("#cleared")).to_be_hidden()
    ((response, _),) = stored(site, wave).items()
    with Session(site.engine) as session:
        assert attachments.content(session, Address(wave, COUNTY, response, name)) == paper
