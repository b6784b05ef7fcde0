"""The phone page is for everyone: WCAG 2.2 AA on every state, keyboard, screen reader, large type, strong contrast."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from fieldkit.core.access import LOCAL
from fieldkit.core.instrument import Library
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.services.publish import publish_library
from fieldkit.settings import resource
from fieldkit.store.engine import Session
from tests.journeys.everyone import WIDE, breaches, small, unnamed, walk
from tests.journeys.steps import (
    agree,
    choose,
    come,
    enter,
    fill_counts,
    forward,
    kept_on_phone,
    received,
    tap_heading,
    to_review,
)
from tests.phone_site import COUNTY, a_wave
from tests.tiny import NAMES, all_tiny

STYLES = [("zh", "light"), ("en", "dark")]  # contrast does not hang on the words, nor names on the colours


@pytest.fixture(scope="session")
def waves(site):
    """The short form in two languages, the case timeline, and one tiny questionnaire for each kind of question."""
    bank = load_library(resource("instruments"))
    both = replace(bank.questionnaire("short"), id="both", languages=("zh", "en"))
    tiny = all_tiny()
    with Session(site.engine) as session:
        publish_library(session, LOCAL, Library(bank.modules, {**tiny.questionnaires, (both.id, both.version): both}))
        session.commit()
    site.open(a_wave("both", "both", site.today))
    for name in NAMES:
        site.open(a_wave(f"every-{name}", name, site.today))
    return site


@pytest.fixture
def eyes(browser, server, waves):
    """Pages as different people set their phones: eyes(color_scheme="dark") and so on."""
    opened = []

    def of(**settings):
        given = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "reduced_motion": "reduce", **settings}
        context = browser.new_context(**given)
        opened.append(context)
        return context.new_page()

    yield of
    for context in opened:
        context.close()


def fine(page, state):
    """Nothing that axe finds, nothing without a name, nothing too small to tap."""
    assert (state, breaches(page)) == (state, [])
    assert (state, unnamed(page)) == (state, [])
    assert (state, small(page, 24)) == (state, [])


def begin(page):
    """Agree in any language."""
    page.locator("#core_consent input").first.focus()
    page.keyboard.press("Space")
    forward(page)
    expect(page.locator("#page-opening")).to_be_hidden()


@pytest.mark.parametrize(("language", "scheme"), STYLES)
def test_no_state_of_the_page_breaks_wcag(eyes, server, language, scheme):
    page = eyes(color_scheme=scheme)
    address = f"{server}/w/both/{COUNTY}?lang={language}"
    come(page, address)
    fine(page, "opening")
    page.locator("#large").click()
    fine(page, "opening in large type")
    begin(page)
    page.locator("#large").click()
    forward(page)
    fine(page, "a question that needs an answer")
    enter(page, "bur_af1", "130")
    fine(page, "error")
    enter(page, "bur_af1", "45")
    fine(page, "warning")
    page.locator("#core_level input").first.check(force=True)
    for _ in range(30):
        if page.locator("#page-review").is_visible():
            break
        if page.locator("#neg_task").is_visible():
            page.locator("#neg_task input").nth(1).check(force=True)
        fine(page, page.title())
        forward(page)
    fine(page, "review")
    page.locator("#hide").click()
    fine(page, "hidden")
    tap_heading(page)
    page.context.set_offline(True)
    forward(page)
    expect(page.locator("#when-kept")).to_be_visible()
    fine(page, "kept on the phone")
    page.context.set_offline(False)
    expect(page.locator("#when-received")).to_be_visible()
    fine(page, "received")
    page.locator("#as-image").click()
    fine(page, "received, with the picture")
    page.locator("#receipt-more summary").click()
    page.locator("#copy").evaluate("one => one.scrollIntoView({ block: 'center' })")  # not half under the foot
    fine(page, "what the server signed")
    page.locator("#stay").click()
    expect(page.locator("#stay")).to_be_disabled()
    page.goto(f"{server}/w/-/mine?lang={language}")
    expect(page.locator("#mine-list li")).to_have_count(1)
    fine(page, "records on this phone")
    come(page, address)
    page.locator("#core_consent input").nth(1).check(force=True)
    forward(page)
    expect(page.locator("#page-exit")).to_be_visible()
    fine(page, "exit")


@pytest.mark.parametrize(("language", "scheme"), STYLES)
def test_the_pages_around_the_questionnaire_do_not_break_wcag(eyes, server, language, scheme):
    page = eyes(color_scheme=scheme)
    for path in ("/w/both", "/area", "/w/nowhere/330523", "/w/both/withdraw", "/login", "/receipt", "/verify"):
        page.goto(f"{server}{path}?lang={language}")
        assert (path, breaches(page)) == (path, [])
    page.goto(f"{server}/receipt?lang={language}")
    page.locator("textarea").fill("FK1.both.20261103.AAAA")
    page.locator(".next").click()
    fine(page, "a receipt that is none")
    page.goto(f"{server}/w/-/mine?lang={language}")
    expect(page.locator("#mine-said")).not_to_be_empty()
    fine(page, "no records on this phone")
    page.goto(f"{server}/w/both/withdraw?lang={language}")
    fine(page, "withdraw")
    for typed, state in (("xx", "a code that cannot be right"), ("7KQ4-M2XD-9PWE", "sure")):
        page.locator("[name=code]").fill(typed)
        page.locator(".next").click()
        fine(page, state)


@pytest.mark.parametrize(("language", "scheme"), STYLES)
def test_the_form_without_script_does_not_break_wcag(eyes, server, language, scheme):
    page = eyes(color_scheme=scheme)
    page.route("**/phone.js", lambda route: route.abort())
    page.goto(f"{server}/w/both/{COUNTY}?lang={language}")
    fine(page, "the long form")
    page.locator("#core_consent input").first.check(force=True)
    page.locator("[name=bur_af1]").fill("130")
    page.locator("#next").click()
    expect(page.locator("#findings")).to_be_visible()
    fine(page, "findings")
    page.locator("[name=bur_af1]").fill("4")
    page.locator("#core_level input").first.check(force=True)
    page.locator("#next").click()
    expect(page.locator("button[name=_back]")).to_be_visible()
    fine(page, "a last look")
    page.locator("button.next").click()
    expect(page.locator(".ticket")).to_be_visible()
    fine(page, "received")


@pytest.mark.parametrize("name", NAMES)
def test_no_kind_of_question_breaks_wcag(eyes, server, name):
    for scheme in ("light", "dark"):
        page = eyes(color_scheme=scheme)
        come(page, f"{server}/w/every-{name}/{COUNTY}")
        begin(page)
        for _ in range(20):
            if page.locator("#page-review").is_visible():
                break
            fine(page, f"{name} {scheme} {page.title()}")
            forward(page)
        assert page.locator("#page-review").is_visible() or page.locator(".wrong:visible").count()


# ------------------------------------------------------------------------------------------------- keyboard


def test_a_whole_questionnaire_can_be_filled_in_and_sent_with_the_keyboard_alone(eyes, server, waves):
    page = eyes(viewport={"width": 1280, "height": 800}, has_touch=False)
    before = waves.count("response", "wave = 'both'")
    come(page, f"{server}/w/both/{COUNTY}")
    keys = page.keyboard

    def to(test, most=90):
        for _ in range(most):
            keys.press("Tab")
            if page.evaluate(test):
                return
        raise AssertionError(test)

    to("document.activeElement.name === 'core_consent'")
    keys.press("Space")
    to("document.activeElement.id === 'next'")
    keys.press("Enter")
    expect(page.locator("#page-opening")).to_be_hidden()
    for _ in range(40):
        if page.locator("#page-review").is_visible():
            break
        shown = page.title()
        for _ in range(90):
            keys.press("Tab")
            stop = page.evaluate(
                "[document.activeElement.type, document.activeElement.id, document.activeElement.tagName]"
            )
            if stop[1] == "next":
                break
            if stop[0] == "radio" and not page.evaluate("!!document.activeElement.closest('.quiet')"):
                keys.press("Space")
            elif stop[0] == "text":
                keys.type("3")
        keys.press("Enter")
        moved = "title => document.title !== title || document.querySelector('.note, .wrong')"
        page.wait_for_function(moved, arg=shown)
    expect(page.locator("#review-h")).to_have_text("都填好了，可以发送")
    to("document.activeElement.id === 'next'")
    keys.press("Enter")
    received(page)
    assert waves.count("response", "wave = 'both'") == before + 1


@pytest.mark.parametrize("size", [(360, 640), (320, 568), (1280, 800)])
def test_focus_goes_down_the_page_is_seen_and_never_under_a_bar(eyes, server, size):
    page = eyes(viewport={"width": size[0], "height": size[1]}, has_touch=False)
    come(page, f"{server}/w/both/{COUNTY}")
    begin(page)
    stops = walk(page)
    inside = [stop for stop in stops if not stop["fixed"]]
    assert len(inside) >= 6
    assert [s["top"] for s in inside] == sorted(s["top"] for s in inside), "from top to bottom"
    for stop in stops:
        assert stop["ring"] >= 2, stop
        assert not stop["covered"], stop


def test_what_is_tapped_is_large_enough_for_a_thumb(eyes, server):
    page = eyes()
    come(page, f"{server}/w/both/{COUNTY}")
    begin(page)
    for _ in range(6):
        assert (page.title(), small(page, 44)) == (page.title(), [])
        page.locator("#core_level input").first.check(force=True) if page.locator("#core_level").is_visible() else None
        forward(page)


# -------------------------------------------------------------------------------------------- being told


def test_an_error_is_announced_and_read_out_with_its_field(eyes, server):
    page = eyes()
    come(page, f"{server}/w/both/{COUNTY}")
    begin(page)
    enter(page, "bur_tr_hours", "130")
    message = page.locator("#bur_tr_hours .wrong")
    expect(message).to_have_attribute("role", "alert")
    field = page.locator("[name=bur_tr_hours]")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("可以填半小时.*130 超出了范围"))
    enter(page, "bur_tr_hours", "13")
    expect(field).to_have_accessible_description("可以填半小时，如 6.5")
    assert field.get_attribute("aria-invalid") is None
    forward(page)
    expect(page.locator("#state")).to_have_attribute("role", "status")
    expect(page.locator("#state")).not_to_be_empty()


def test_every_answer_says_its_question_and_its_own_words(eyes, server):
    page = eyes()
    come(page, f"{server}/w/both/{COUNTY}")
    begin(page)
    question = "过去一个月，本单位新签订责任状、承诺书一类文件，共多少份？"
    expect(page.get_by_role("group", name=question)).to_be_visible()
    expect(page.get_by_role("textbox", name=question + " 份")).to_be_visible()
    expect(page.get_by_role("group", name=question).get_by_role("radio", name="不便回答")).to_be_attached()


# ----------------------------------------------------------------------------------- eyes of different kinds


def test_text_twice_as_large_stays_within_a_narrow_page(eyes, server):
    page = eyes(viewport={"width": 390, "height": 844})
    come(page, f"{server}/w/both/{COUNTY}")
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    assert not page.evaluate(WIDE)
    begin(page)
    page.locator("#core_level input").first.check(force=True)
    for _ in range(20):
        assert not page.evaluate(WIDE), page.title()
        for button in page.locator(".foot button:visible").all():
            box = button.bounding_box()
            assert box["x"] >= 0, page.title()
            assert box["x"] + box["width"] <= 390.5, page.title()
        if page.locator("#page-review").is_visible():
            return
        forward(page)
    raise AssertionError("the last look was never reached")


@pytest.mark.parametrize("name", [*NAMES, "both"])
@pytest.mark.parametrize("large", [False, True])
def test_no_kind_of_question_is_wider_than_the_narrowest_phone(eyes, server, name, large):
    page = eyes(viewport={"width": 320, "height": 568})
    come(page, f"{server}/w/{name if name == 'both' else f'every-{name}'}/{COUNTY}")
    if large:
        page.locator("#large").click()
    begin(page)
    for _ in range(20):
        assert not page.evaluate(WIDE), page.title()
        if page.locator("#page-review").is_visible():
            break
        forward(page)


def marks(page, item):
    look = "(one) => { const l = getComputedStyle(one, '::before'); return [l.backgroundColor, l.borderTopColor]; }"
    rows = page.locator(f"#{item} .face")
    return rows.nth(0).evaluate(look), rows.nth(1).evaluate(look)


def test_what_is_chosen_is_seen_in_the_readers_own_colours(eyes, server):
    page = eyes(forced_colors="active")
    come(page, f"{server}/w/both/{COUNTY}")
    begin(page)
    page.locator("#core_level input").first.check(force=True)
    chosen, other = marks(page, "core_level")
    assert chosen[0] != other[0]
    tick = "all => all.map((one) => getComputedStyle(one, '::after').display !== 'none')"
    ticked = page.locator("#core_level .face").evaluate_all(tick)
    assert ticked == [True, False, False, False], "one tick, at what is chosen"
    ring = page.locator("#core_level .face").first.evaluate("one => getComputedStyle(one).outlineStyle")
    assert ring == "solid"


def contrast(page, selector):
    """The ratio of a text to what lies behind it."""
    return page.locator(selector).first.evaluate(
        """(one) => {
      const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
      const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4)))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
      let back = one;
      while (rgb(getComputedStyle(back).backgroundColor)[3] === 0) back = back.parentElement;
      const [a, b] = [light(rgb(getComputedStyle(one).color)), light(rgb(getComputedStyle(back).backgroundColor))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05);
    }"""  # noqa: E501
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_questions_stand_out_seven_to_one_and_hints_too_for_those_who_ask(eyes, server, scheme):
    for more, hint in (("no-preference", 4.5), ("more", 7)):
        page = eyes(color_scheme=scheme, contrast=more)
        come(page, f"{server}/w/both/{COUNTY}")
        begin(page)
        assert contrast(page, "#bur_af1 .question") >= 7
        assert contrast(page, "#bur_tr_hours .hint") >= hint


def test_nothing_moves_for_those_who_asked_for_stillness(eyes, server):
    moving = """Array.from(document.querySelectorAll("*")).filter((one) => {
      const look = getComputedStyle(one);
      return parseFloat(look.transitionDuration) > 0 || look.animationName !== "none";
    }).length"""
    page = eyes()
    page.add_init_script(
        "window.smooth = 0; ['scrollBy', 'scrollTo'].forEach((name) => { const own = window[name].bind(window);"
        "window[name] = (...all) => {"
        " if (all[0] && all[0].behavior === 'smooth') window.smooth += 1; own(...all); }; });"
    )
    come(page, f"{server}/w/both/{COUNTY}")
    forward(page)
    begin(page)
    assert page.evaluate(moving) == 0
    assert page.evaluate("window.smooth") == 0
    moved = eyes(reduced_motion="no-preference")
    come(moved, f"{server}/w/both/{COUNTY}")
    assert moved.evaluate(moving) > 0, "the check sees motion where there is some"


# ------------------------------------------------------------------------------------------ hands and tongues


def test_numbers_bring_a_number_keypad_and_no_number_has_spinners(eyes, server):
    page = eyes()
    come(page, f"{server}/w/both/{COUNTY}")
    pads = page.locator("#answers [inputmode]").evaluate_all("all => all.map(i => [i.name, i.inputMode, i.type])")
    keypad = {name: pad for name, pad, _ in pads}
    assert (keypad["bur_af1"], keypad["bur_tr_hours"]) == ("numeric", "decimal")
    assert {kind for _, _, kind in pads} == {"text"}


@pytest.mark.parametrize(
    ("typed", "read"),
    [("１２", "12"), ("６。５", "6.5"), ("6，5", "6.5"), ("１．５", "1.5"), ("\u30007 ", "7"), ("1，000", "1000")],
)
def test_what_a_chinese_input_method_types_is_read_as_a_number(eyes, server, typed, read):
    page = eyes()
    come(page, f"{server}/w/both/{COUNTY}")
    begin(page)
    enter(page, "bur_tr_hours", typed)
    expect(page.locator("[name=bur_tr_hours]")).to_have_value(read)


def test_nothing_is_judged_while_an_input_method_is_still_composing(eyes, server):
    page = eyes()
    come(page, f"{server}/w/both/{COUNTY}")
    begin(page)
    page.locator("[name=bur_af1]").focus()
    keys = page.context.new_cdp_session(page)
    keys.send("Input.imeSetComposition", {"text": "yi bai", "selectionStart": 6, "selectionEnd": 6})
    expect(page.locator("#bur_af1 .wrong, #bur_af1 .note")).to_have_count(0)
    expect(page.locator("[name=bur_af1]")).to_have_value("yi bai")
    keys.send("Input.insertText", {"text": "一百"})
    page.locator("[name=bur_af1]").blur()
    expect(page.locator("#bur_af1 .wrong")).to_contain_text("这里要填数字")


# ---------------------------------------------------------------------------------------------- languages


def test_another_language_takes_every_answer_along_and_stays_at_the_same_section(eyes, server):
    page = eyes()
    come(page, f"{server}/w/both/{COUNTY}")
    begin(page)
    fill_counts(page)
    forward(page)
    page.locator("#bur_pb1 input[value='4']").check(force=True)
    here = page.locator(".page:not([hidden])").get_attribute("id")
    page.locator("header [data-tongue]").click()
    page.wait_for_selector("html.js[lang=en]")
    assert page.locator(".page:not([hidden])").get_attribute("id") == here
    expect(page.locator("#bur_pb1 input[value='4']")).to_be_checked()
    page.locator("#back").click()
    expect(page.locator("[name=bur_tr_hours]")).to_have_value("6.5")
    page.locator("[name=bur_af1]").fill("9")  # typed, and not yet left
    page.locator("header [data-tongue]").click()
    page.wait_for_selector("html.js[lang='zh-CN']")
    expect(page.locator("[name=bur_af1]")).to_have_value("9")
    assert page.evaluate("window.name") == "", "nothing lies about in the tab"
    page.go_back()
    assert "lang=en" not in page.url, "going back does not lead into the other language"


def test_on_a_shared_phone_the_answers_change_language_without_being_kept(eyes, server):
    page = eyes()
    come(page, f"{server}/w/both/{COUNTY}")
    page.locator("#shared").check()
    begin(page)
    enter(page, "bur_af1", "7")
    page.locator("header [data-tongue]").click()
    page.wait_for_selector("html.js[lang=en]")
    expect(page.locator("[name=bur_af1]")).to_have_value("7")
    expect(page.locator("#shared")).to_be_checked()
    page.wait_for_timeout(500)
    assert not [key for key in kept_on_phone(page) if key.startswith("draft")]


def test_without_a_network_the_language_stays_and_nothing_is_lost(eyes, server):
    page = eyes()
    come(page, f"{server}/w/both/{COUNTY}")
    begin(page)
    enter(page, "bur_af1", "7")
    page.context.set_offline(True)
    page.locator("header [data-tongue]").click()
    expect(page.locator("#state")).to_contain_text("换不了语言")
    expect(page.locator("[name=bur_af1]")).to_have_value("7")
    page.context.set_offline(False)


def test_the_opening_page_changes_language_before_anything_is_answered(eyes, server):
    page = eyes()
    come(page, f"{server}/w/both/{COUNTY}")
    page.locator(".by a").click()
    page.wait_for_selector("html.js[lang=en]")
    expect(page.locator("#page-opening")).to_be_visible()
    expect(page.locator("#offer")).to_be_hidden()


def test_answers_in_three_languages_are_one_draft(page, server, waves):
    come(page, f"{server}/w/every-tongues/{COUNTY}?lang=ko")
    page.locator(".by a").first.click()
    page.wait_for_selector("html.js[lang='zh-CN']")
    agree(page)
    choose(page, "level", "乡镇")
    to_review(page)
    forward(page)
    received(page)
