"""A cadre with a phone: fills in, changes a mind, gets the receipt; refuses; deletes; is interrupted; hides."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import (
    agree,
    arrived_since,
    choose,
    code,
    come,
    enter,
    fact,
    fill_counts,
    forward,
    in_section,
    kept_on_phone,
    received,
    stored,
    tap_heading,
    to_review,
    until_written,
    wait_for,
    wait_until_nothing_is_kept,
    written,
)
from tests.phone_site import COUNTY, STUDY, a_wave


def test_the_short_form_is_filled_in_section_by_section_and_what_is_hidden_is_never_sent(page, address, site):
    before = stored(site)
    come(page, address)
    expect(page).to_have_title("填写说明")
    agree(page)
    expect(page).to_have_title("第1节 考核、会议与留痕")
    expect(page.locator("#where")).to_have_text("第1节/共7节过去一个月")
    fill_counts(page)
    expect(page.locator("#state")).to_have_text("已保存在本机")
    forward(page)
    expect(page).to_have_title("第2节 任务压力")
    for n in range(1, 7):
        choose(page, f"bur_pb{n}", "比较同意")
    forward(page)

    in_section(page, "一项有数字指标的任务")
    expect(page.locator("#neg_dir")).to_be_hidden()
    choose(page, "neg_task", "人居环境整治")
    expect(page.locator("#neg_dir")).to_be_visible()
    choose(page, "neg_dir", "做到多少以上（越多越难）")
    for item, number in {"neg_assigned": "120", "neg_feasible": "90", "neg_accepted": "100"}.items():
        enter(page, item, number)
    expect(page.locator("#neg_accepted .echo")).to_have_text(
        "您填的是：最初下达的指标 120，尽最大努力能做到的水平 90，最后认可的水平 100。"
        "请核对一下，是不是按同一个单位填的。"
    )
    expect(page.locator("#neg_accepted .echo")).to_be_visible()
    # a change of mind hides them, another brings back what was typed
    choose(page, "neg_task", "没有带数字指标的任务")
    expect(page.locator("#neg_assigned")).to_be_hidden()
    choose(page, "neg_task", "其他")
    expect(page.locator("#neg_assigned input").first).to_have_value("120")
    choose(page, "neg_task", "没有带数字指标的任务")
    forward(page)

    for n in range(1, 5):
        choose(page, f"neg_pr{n}", "一般")
    choose(page, "core_attention", "比较不同意")
    forward(page)
    page.locator("#al_member label").last.click()
    expect(page.locator("#al_role")).to_be_hidden()
    forward(page)
    for item in ("core_post", "core_years", "core_bianzhi", "core_age", "core_gender"):
        page.locator(f"#{item} .row").first.click()
    forward(page)
    enter(page, "core_comment", "表格太多。")
    expect(page.locator("#core_comment .counter")).to_have_text("5/300 字")
    forward(page)

    expect(page.locator("#review-h")).to_have_text("都填好了，可以发送")
    assert "比较同意" not in page.locator("#page-review").inner_text(), "no answers where others may look on"
    forward(page)
    shown = received(page)
    assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{12}", shown)
    expect(page).to_have_title("已收到")

    answers = arrived_since(site, before)
    assert len(answers) == 1
    assert answers[0]["bur_tr_hours"] == 6.5
    assert answers[0]["neg_task"] == 0
    assert answers[0]["neg_assigned"] == {"missing": "not_shown"}
    assert answers[0]["core_attention"] == 2
    wait_until_nothing_is_kept(page)


@pytest.mark.parametrize(
    "questionnaire", ["full_burden", "full_negotiation", "full_coordination", "full_pathway", "full_alliance"]
)
def test_every_full_questionnaire_can_be_filled_in_and_arrives_as_it_was_filled_in(page, server, site, questionnaire):
    wave = site.unused("walk-" + questionnaire.replace("_", "-"))
    site.open(a_wave(wave, questionnaire, site.today))
    come(page, f"{server}/w/{wave}/{COUNTY}")
    agree(page)
    for _ in range(30):
        if page.locator("#page-review").is_visible():
            break
        # answer every question in view, again and again until no new one appears
        page.evaluate(
            """() => {
              const done = new Set();
              for (let round = 0; round < 8; round += 1) {
                document.querySelectorAll(".page:not([hidden]) fieldset.card:not([hidden])").forEach((card) => {
                  if (done.has(card.id)) return;
                  done.add(card.id);
                  const tap = card.querySelector(".row input, .pole input");
                  const field = card.querySelector("input[inputmode], textarea");
                  if (tap) tap.click();
                  else {
                    field.value = field.tagName === "TEXTAREA" ? "没有" : "3";
                    field.dispatchEvent(new Event("change", { bubbles: true }));
                  }
                });
              }
            }"""
        )
        forward(page)
    expect(page.locator("#review-h")).to_have_text("都填好了，可以发送")
    sent = {}
    page.on("request", lambda request: sent.update(request.post_data_json or {}) if request.method == "POST" else None)
    forward(page)
    received(page)
    (kept,) = stored(site, wave).values()
    given = {k: v for k, v in sent["answers"].items() if k != "core_consent" and v is not None}
    assert len(given) > 25
    for item, value in given.items():
        assert kept[item] == value or item == "core_comment", item


def test_saying_no_leaves_with_a_tally_and_nothing_else(page, address, site):
    rows, tally = site.count("response"), site.tally("refused")
    come(page, address)
    page.locator("#core_consent").scroll_into_view_if_needed()
    choose(page, "core_consent", "不同意，退出")
    with page.expect_response(lambda response: response.url.endswith("/refusal")) as answer:
        forward(page)
    assert answer.value.status == 204
    expect(page.locator("#page-exit")).to_contain_text("没有保存您的任何信息")
    expect(page.locator("#next")).to_be_hidden()
    assert site.count("response") == rows
    assert site.tally("refused") == tally + 1
    assert kept_on_phone(page) == {}


def test_without_script_the_whole_form_is_one_page_that_works_to_the_end(browser, address, site):
    before = stored(site)
    phone = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = phone.new_page()
    page.goto(address)
    expect(page.locator("#hide")).to_be_hidden()  # nothing is offered that cannot work
    choose(page, "core_consent", "同意，开始填写")
    page.locator("#core_level .row").nth(2).click()
    page.locator("[name=bur_af1]").fill("130")
    choose(page, "bur_pb1", "不便回答")
    page.locator("#next").click()
    expect(page.locator("#bur_af1 .wrong")).to_contain_text("请改成 0 到 99 之间的整数。")
    page.locator("#findings a").first.click()
    page.locator("[name=bur_af1]").fill("12")
    page.locator("#next").click()
    expect(page.locator("h1")).to_contain_text("也可以直接发送")
    page.locator("button.next").click()
    expect(page.locator(".done")).to_have_text("已收到")
    assert len("".join(page.locator(".codes span").all_inner_texts())) == 12
    kept = arrived_since(site, before)
    assert kept[0]["core_level"] == 3
    assert kept[0]["bur_af1"] == 12
    assert kept[0]["bur_pb1"] == {"missing": "refused"}
    assert phone.cookies() == []
    phone.close()


def test_answers_can_be_deleted_with_the_code_from_the_receipt(page, address, site):
    come(page, address)
    agree(page)
    choose(page, "core_level", "村")
    to_review(page)
    forward(page)
    shown = received(page)
    rows = site.count("response")
    come(page, address)
    page.get_by_role("link", name="用查询码删除答卷").click()
    page.locator("[name=code]").fill("2222 2222 2222")
    page.locator("button.next").click()
    page.locator("button.next").click()
    expect(page.locator(".wrong")).to_contain_text("没有找到这个查询码对应的答卷")
    page.locator("[name=code]").fill(shown.lower())
    page.locator("button.next").click()
    expect(page.locator("h1")).to_have_text("确定删除这份答卷吗？")
    page.locator("button.next").click()
    expect(page.locator(".done")).to_have_text("已删除")
    assert site.count("response") == rows - 1


def test_the_page_shows_no_section_before_consent_and_no_consent_is_chosen_beforehand(page, address):
    come(page, address)
    expect(page.locator("section.page").first).to_be_hidden()
    expect(page.locator("#core_consent input:checked")).to_have_count(0)
    expect(page.locator("#next")).to_have_text("往下读")
    for _ in range(8):
        if page.locator("#next").inner_text() != "往下读":
            break
        forward(page)
    forward(page)
    expect(page.locator("#core_consent .wrong")).to_contain_text("还没有选择是否参加。")
    expect(page.locator("#page-opening")).to_be_visible()


# --------------------------------------------------------------------------------------------- interrupted


def test_a_draft_waits_on_the_phone_and_is_offered_after_reloading(page, address):
    come(page, address)
    agree(page)
    fill_counts(page)
    forward(page)
    choose(page, "bur_pb1", "非常同意")
    until_written(page, "bur_pb1", ["5"])
    come(page, address)
    expect(page.locator("#offer")).to_contain_text("已填 7 题")
    expect(page.locator("section.page").nth(1)).to_be_hidden()
    forward(page)
    in_section(page, "任务压力")
    expect(page.locator("#bur_pb1 input[value='5']")).to_be_checked()
    page.locator("#back").click()
    expect(page.locator("[name=bur_tr_hours]")).to_have_value("6.5")


def test_the_next_person_on_the_same_phone_can_begin_anew_and_sees_nothing_of_the_first(page, address):
    come(page, address)
    agree(page)
    fill_counts(page)
    until_written(page, "bur_meet_n", "8")
    come(page, address)
    expect(page.locator("#core_consent input").first).to_be_disabled()  # nobody writes over a draft by mistake
    page.locator("#anew").click()
    wait_until_nothing_is_kept(page)
    agree(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("")
    expect(page.locator("#core_level input:checked")).to_have_count(0)


def test_on_a_shared_phone_nothing_is_kept(page, address):
    come(page, address)
    page.locator("#shared").check()
    agree(page)
    fill_counts(page)
    forward(page)
    expect(page.locator("#state")).to_have_text("不在本机保存")
    page.wait_for_timeout(500)
    assert kept_on_phone(page) == {}


def test_a_browser_that_keeps_nothing_is_named_and_the_form_still_works(page, address, site):
    page.add_init_script(
        "Storage.prototype.setItem = () => { throw new Error('full'); };"
        "IDBFactory.prototype.open = () => { throw new Error('refused'); };"
    )
    before = site.count("response")
    come(page, address)
    expect(page.locator("#page-opening #volatile")).to_contain_text("这个浏览器可能留不住草稿")
    expect(page.locator("#kept-fact")).to_be_hidden()
    agree(page)
    expect(page.locator("#state")).to_have_text("没能保存在本机")
    choose(page, "core_level", "社区")
    to_review(page)
    forward(page)
    received(page)
    assert site.count("response") == before + 1


# -------------------------------------------------------------------------------------------------- hiding


def test_one_tap_hides_the_questionnaire_and_three_taps_bring_it_back(page, address, strangers):
    come(page, address)
    agree(page)
    enter(page, "bur_af1", "9")
    # what the page fetches by itself has come: the day at the server is asked for last
    wait_for(lambda: fact(page, "since") is not None and written(page, "bur_af1") == "9", page)
    page.wait_for_function("performance.getEntriesByType('resource').some((one) => one.name.endsWith('/area.js'))")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#hide").click()
    expect(page).to_have_title("面积换算")
    expect(page).to_have_url(re.compile("/area$"))
    visible = page.locator("body").inner_text()
    assert "考核" not in visible
    assert STUDY.title not in visible
    page.locator("#area-value").fill("15")
    expect(page.locator("[data-metres='10000']")).to_have_text("1")
    page.locator("#area-title").click()
    expect(page).to_have_title("面积换算")
    tap_heading(page)
    expect(page).to_have_title("第1节 考核、会议与留痕")
    expect(page).to_have_url(address)
    expect(page.locator("[name=bur_af1]")).to_have_value("9")
    assert asked == [], "hiding waits for nothing"


def test_the_way_back_from_hiding_works_with_the_keyboard_too(page, address):
    come(page, address)
    page.locator("#hide").press("Enter")
    expect(page).to_have_title("面积换算")
    page.locator("#area-title").focus()
    for _ in range(30):  # three within two seconds: on a machine that stalls, the last three of more
        page.keyboard.press("Enter")
        if not page.locator("#area-title").count():
            break
    expect(page).to_have_title("填写说明")


def test_while_hidden_the_title_does_not_change_when_the_answers_arrive(page, phone, address):
    come(page, address)
    agree(page)
    choose(page, "core_level", "村")
    to_review(page)
    phone.set_offline(True)
    forward(page)
    expect(page.locator("#receipt-h")).to_have_text("已保存在本机")
    page.locator("#hide").click()
    with page.expect_response(lambda response: response.url.split("?")[0].endswith("/responses")):
        phone.set_offline(False)
    page.wait_for_timeout(300)
    expect(page).to_have_title("面积换算")
    tap_heading(page)
    expect(page.locator("#receipt-h")).to_have_text("已收到")


# ------------------------------------------------------------------------------------------------- reading


def test_large_type_is_remembered(page, address):
    come(page, address)
    page.locator("#large").click()
    come(page, address)
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    expect(page.locator("#large")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("size", ["normal", "large"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_page_is_wider_than_the_screen(page, address, width, size):
    page.set_viewport_size({"width": width, "height": 700})
    come(page, address)
    if size == "large":
        page.locator("#large").click()
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wide)
    agree(page)
    choose(page, "core_level", "村")
    enter(page, "bur_af1", "130")
    enter(page, "bur_af2", "45")
    for _ in range(30):
        assert not page.evaluate(wide), page.title()
        for button in page.locator(".foot button:visible, .top button:visible").all():
            box = button.bounding_box()
            assert box["height"] >= 44
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert button.evaluate("b => b.scrollWidth <= b.clientWidth + 1"), button.inner_text()
        if page.locator("#page-review").is_visible():
            break
        if page.locator("#bur_af1 .wrong").is_visible():
            enter(page, "bur_af1", "4")
        if page.locator("#neg_task").is_visible():
            choose(page, "neg_task", "其他")
        forward(page)


def test_the_receipt_can_be_copied_and_saved_as_a_picture_of_the_code_alone(page, phone, address):
    phone.grant_permissions(["clipboard-read", "clipboard-write"])
    come(page, address)
    agree(page)
    choose(page, "core_level", "村")
    to_review(page)
    forward(page)
    shown = received(page)
    page.locator("#copy").click()
    expect(page.locator("#saved-as")).to_contain_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == f"{shown[:4]}-{shown[4:8]}-{shown[8:]}"
    with page.expect_download() as download:
        page.locator("#as-image").click()
    assert download.value.suggested_filename == "查询码.png"
    picture = page.locator("img.code-image")
    expect(picture).to_be_visible()
    expect(picture).to_have_attribute("alt", f"查询码 {shown[:4]} {shown[4:8]} {shown[8:]}")


def test_two_responses_never_share_an_id_or_a_code(page, address):
    codes = set()
    for _ in range(2):
        come(page, address)
        agree(page)
        choose(page, "core_level", "村")
        to_review(page)
        forward(page)
        received(page)
        codes.add(code(page))
    assert len(codes) == 2
