"""Answering on the phone: what excludes what, what is asked again, and where an error is said."""

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import agree, choose, come, enter, forward, in_section, section
from tests.phone_site import COUNTY, a_wave


@pytest.fixture
def begun(page, address):
    """The first section of the short form, with the level chosen."""
    come(page, address)
    agree(page)
    choose(page, "core_level", "乡镇")
    return page


@pytest.fixture(scope="session")
def pathway(site):
    site.open(a_wave("pathway", "full_pathway", site.today))
    return f"/w/pathway/{COUNTY}"


def test_a_number_and_a_missing_button_take_turns(begun):
    field = begun.locator("[name=bur_af1]")
    enter(begun, "bur_af1", "4")
    choose(begun, "bur_af1", "不便回答")
    expect(field).to_have_value("")
    enter(begun, "bur_af1", "7")
    expect(begun.locator("#bur_af1 .quiet input:checked")).to_have_count(0)
    expect(field).to_have_value("7")


def test_a_missing_button_pressed_again_lets_go(begun):
    choose(begun, "bur_af1", "不清楚")
    expect(begun.locator("#bur_af1 .quiet input:checked")).to_have_count(1)
    choose(begun, "bur_af1", "不清楚")
    expect(begun.locator("#bur_af1 .quiet input:checked")).to_have_count(0)


def test_full_width_digits_become_digits(begun):
    enter(begun, "bur_tr_hours", "１２．５")
    expect(begun.locator("[name=bur_tr_hours]")).to_have_value("12.5")
    expect(begun.locator("#bur_tr_hours .wrong")).to_have_count(0)


def test_nothing_is_judged_while_an_input_method_is_composing(begun):
    field = begun.locator("[name=bur_af1]")
    field.dispatch_event("compositionstart")
    field.fill("一百三")
    field.dispatch_event("change")
    expect(begun.locator("#bur_af1 .wrong")).to_have_count(0)
    expect(field).to_have_value("一百三")
    field.dispatch_event("compositionend")
    field.blur()
    expect(begun.locator("#bur_af1 .wrong")).to_contain_text("这里要填数字。")


@pytest.mark.parametrize(
    ("item", "typed", "said"),
    [
        ("bur_af1", "130", "130 超出了范围。请改成 0 到 99 之间的整数。"),
        ("bur_af1", "-1", "-1 超出了范围。请改成 0 到 99 之间的整数。"),
        ("bur_af1", "2.5", "这里要填整数。请去掉小数部分。"),
        ("bur_af1", "很多", "这里要填数字。请只填数字，不写单位和其他文字。"),
        ("bur_tr_hours", "6.3", "填得太细了。请以 0.5 为单位填写。"),
    ],
)
def test_an_error_stands_at_its_question_and_one_cannot_go_on(begun, item, typed, said):
    enter(begun, item, typed)
    expect(begun.locator(f"#{item} .wrong")).to_have_text(said)
    forward(begun)
    in_section(begun, "考核、会议与留痕")
    expect(begun.locator("#state")).to_have_text("有 1 题要改")
    assert begun.evaluate("document.activeElement.name") == item
    top = begun.locator(f"#{item}").bounding_box()["y"]
    assert 0 <= top < 700, "the question is in view"
    enter(begun, item, "6")
    expect(begun.locator(f"#{item} .wrong")).to_have_count(0)


def test_an_unusual_number_is_asked_about_once_and_stays_as_it_is(begun):
    enter(begun, "bur_af1", "46")
    note = begun.locator("#bur_af1 .note")
    expect(note).to_contain_text("46 次不太常见")
    note.get_by_text("是的，没有填错").click()
    expect(note).to_have_count(0)
    expect(begun.locator("[name=bur_af1]")).to_have_value("46")
    for item in ("bur_af2", "bur_af4", "bur_tr_hours", "bur_meet_n"):
        enter(begun, item, "3")
    forward(begun)
    in_section(begun, "任务压力")


def test_an_unusual_number_that_is_not_confirmed_stops_only_once(begun):
    enter(begun, "bur_af1", "46")
    for item in ("bur_af2", "bur_af4", "bur_tr_hours", "bur_meet_n"):
        enter(begun, item, "3")
    forward(begun)
    expect(begun.locator("#state")).to_have_text("有 1 题请再看一眼")
    forward(begun)
    in_section(begun, "任务压力")


def test_numbers_far_apart_are_asked_about(begun):
    forward(begun)
    forward(begun)
    forward(begun)
    forward(begun)
    in_section(begun, "一项有数字指标的任务")
    choose(begun, "neg_task", "其他")
    enter(begun, "neg_assigned", "1000")
    enter(begun, "neg_feasible", "0.1")
    expect(begun.locator("#neg_feasible .note")).to_contain_text("相差20倍以上")
    enter(begun, "neg_assigned", "0.2")
    expect(begun.locator("#neg_feasible .note")).to_have_count(0)


def test_open_questions_are_named_once_and_then_one_may_go_on(begun):
    forward(begun)
    notes = begun.locator(".page:not([hidden]) .note:visible").filter(has_text="本题还没有填写")
    expect(notes).to_have_count(5)
    expect(begun.locator("#state")).to_have_text("还有 5 题没填")
    choose(begun, "bur_af1", "不清楚")
    expect(notes).to_have_count(4)
    forward(begun)
    in_section(begun, "任务压力")


def test_the_reminder_names_only_the_buttons_that_are_there(begun):
    for _ in range(20):
        if section(begun) == "您的基本情况":
            break
        forward(begun)
    forward(begun)
    expect(begun.locator("#core_post .note")).to_have_text("本题还没有填写，可以填写，也可以选择“不便回答”。")


def test_what_must_be_answered_must_be_answered(page, address):
    come(page, address)
    agree(page)
    forward(page)
    forward(page)
    in_section(page, "考核、会议与留痕")
    expect(page.locator("#core_level .wrong")).to_contain_text("这一题需要回答。")


def test_an_open_question_can_be_answered_on_the_last_look(page, address):
    come(page, address)
    agree(page)
    choose(page, "core_level", "村")
    for item in ("bur_af1", "bur_af2", "bur_af4", "bur_tr_hours", "bur_meet_n"):
        enter(page, item, "3")
    forward(page)
    for n in (1, 2, 3, 5, 6):
        choose(page, f"bur_pb{n}", "一般")
    forward(page)
    forward(page)
    choose(page, "neg_task", "没有带数字指标的任务")
    forward(page)
    for item in ("neg_pr1", "neg_pr2", "core_attention", "neg_pr3", "neg_pr4"):
        choose(page, item, "一般")
    forward(page)
    choose(page, "al_member", "不便回答")
    forward(page)
    for item in ("core_post", "core_years", "core_bianzhi", "core_age"):
        choose(page, item, "不便回答")
    forward(page)
    forward(page)
    expect(page.locator("#review-h")).to_have_text("还差 1 题，也可以直接发送")
    row = page.locator("#review-list .open")
    expect(row).to_contain_text("任务压力")
    expect(row).to_contain_text("6 题，1 题还没填")
    choose(page, "bur_pb4", "比较同意")
    expect(page.locator("#review-h")).to_have_text("都填好了，可以发送")
    page.locator("#review-list button").filter(has_text="任务压力").click()
    expect(page.locator("#bur_pb4 input[value='4']")).to_be_checked()
    order = page.locator("#s-pressure fieldset").evaluate_all("cards => cards.map((c) => c.id)")
    assert order == [f"bur_pb{n}" for n in range(1, 7)], "it is back in its place"


def test_an_exclusive_option_and_the_others_take_turns(page, server, pathway):
    come(page, server + pathway)
    agree(page)
    page.locator("#pw_mech .row").nth(0).click()
    page.locator("#pw_mech .row").nth(1).click()
    page.locator("#pw_mech .rows").last.locator(".row").click()
    assert page.locator("#pw_mech input:checked").evaluate_all("boxes => boxes.map((b) => b.value)") == ["0"]
    page.locator("#pw_mech .row").nth(0).click()
    assert page.locator("#pw_mech input:checked").evaluate_all("boxes => boxes.map((b) => b.value)") == ["1"]
    choose(page, "pw_mech", "不清楚")
    expect(page.locator("#pw_mech .row input:checked")).to_have_count(0)


def test_no_more_can_be_chosen_than_may_be(page, server, pathway):
    come(page, server + pathway)
    agree(page)
    choose(page, "core_level", "村")
    page.locator("#pw_mech .row").nth(0).click()
    for _ in range(30):
        if page.locator("#pw_need").is_visible():
            break
        forward(page)
    boxes = page.locator("#pw_need .row input")
    boxes.nth(0).check(force=True)
    boxes.nth(1).check(force=True)
    expect(boxes.nth(2)).to_be_disabled()
    boxes.nth(0).uncheck(force=True)
    expect(boxes.nth(2)).to_be_enabled()


def test_a_step_between_two_poles_is_written_out(page, server, pathway):
    come(page, server + pathway)
    agree(page)
    choose(page, "core_level", "村")
    page.locator("#pw_mech .row").nth(0).click()
    forward(page)
    for _ in range(5):
        if page.locator("#pw_bi1").is_visible():
            break
        forward(page)
    expect(page.locator("#pw_bi1 .scale input:checked")).to_have_count(0)  # the middle is never chosen beforehand
    page.locator("#pw_bi1 .pole").nth(5).click()
    expect(page.locator("#pw_bi1 .said")).to_have_text("您选的是比较接近右边主要由上级规划和政策推动")
    choose(page, "pw_bi1", "不清楚")
    expect(page.locator("#pw_bi1 .said")).to_be_hidden()


def test_a_whole_section_is_left_out_where_it_does_not_apply(page, server, pathway):
    come(page, server + pathway)
    agree(page)
    choose(page, "core_level", "村")
    expect(page.locator("#where")).to_contain_text("第1节/共3节")
    page.locator("#pw_mech .row").nth(0).click()
    expect(page.locator("#where")).to_contain_text("第1节/共11节")
    page.locator("#pw_mech .rows").last.locator(".row").click()
    expect(page.locator("#where")).to_contain_text("第1节/共3节")
    forward(page)
    forward(page)
    in_section(page, "您的基本情况")


def test_everything_can_be_done_with_a_keyboard(page, address):
    come(page, address)
    page.locator("#core_consent input").first.focus()
    page.keyboard.press("Space")
    page.locator("#next").press("Enter")
    in_section(page, "考核、会议与留痕")
    assert page.evaluate("document.activeElement.textContent") == "考核、会议与留痕", "the head is read out first"
    page.locator("#core_level input").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#core_level input[value='2']")).to_be_checked()
    outline = page.locator("#core_level input[value='2'] + .face").evaluate("f => getComputedStyle(f).outlineStyle")
    assert outline == "solid", "the focus is visible"
    page.locator("[name=bur_af1]").fill("4")
    page.keyboard.press("Enter")
    in_section(page, "考核、会议与留痕")  # Enter ends the entry and does not turn the page
