"""Every kind of question on a phone: answered with a thumb, stored as the server reads it."""

import pytest
from playwright.sync_api import expect

from fieldkit.core.access import LOCAL
from fieldkit.core.order import shuffled
from fieldkit.services.publish import publish_library
from fieldkit.store.engine import Session
from tests.journeys.steps import agree, choose, come, enter, forward, received, stored, to_review, until_written
from tests.phone_site import COUNTY, a_wave
from tests.tiny import NAMES, all_tiny


@pytest.fixture(scope="session")
def tiny_waves(site):
    with Session(site.engine) as session:
        publish_library(session, LOCAL, all_tiny())
        session.commit()
    for name in NAMES:
        site.open(a_wave(f"tiny-{name}", name, site.today))
    return site


@pytest.fixture
def begin(page, server, tiny_waves):
    def of(name):
        come(page, f"{server}/w/tiny-{name}/{COUNTY}")
        agree(page)
        return page

    return of


def sent(page, site, name):
    """Send the answers; what is stored of them."""
    before = stored(site, f"tiny-{name}")
    to_review(page)
    forward(page)
    received(page)
    (new,) = [found for key, found in stored(site, f"tiny-{name}").items() if key not in before]
    return new


def test_numbers_texts_days_and_times_with_a_default_a_calculation_and_a_hidden_value(begin, site):
    page = begin("plain")
    expect(page.locator("#told input")).to_have_count(0)
    expect(page.locator("[name=people]")).to_have_value("5")
    expect(page.locator("#many")).to_be_hidden()
    choose(page, "read", "我已阅读")
    enter(page, "people", "12")
    expect(page.locator("#many")).to_be_visible()
    enter(page, "area", "3.25")
    enter(page, "half", "2.3")
    expect(page.locator("#half .wrong")).to_contain_text("0.5")
    enter(page, "half", "2.5")
    enter(page, "story", "修路的事")
    page.locator("[name=day]").fill("2026-03-01")
    page.locator("[name=clock]").fill("08:30")
    found = sent(page, site, "plain")
    assert found["read"] == 1
    assert (found["people"], found["area"], found["half"]) == (12, 3.25, 2.5)
    assert (found["day"], found["clock"]) == ("2026-03-01", "08:30")
    assert (found["doubled"], found["channel"]) == (24, "qr")
    assert found["story"] == ""  # what a person wrote lies apart
    assert "told" not in found


def test_other_asks_what_and_the_order_of_the_options_can_be_worked_out_from_the_id(begin, site):
    before = set(stored(site, "tiny-other"))
    page = begin("other")
    rows = page.locator("#way .row")
    seen = [row.locator("input").get_attribute("value") for row in rows.all()]
    expect(page.locator("#way_other")).to_be_hidden()
    choose(page, "way", "其他")
    enter(page, "way_other", "骑马")
    choose(page, "tools", "电话")
    expect(page.locator("#tools_other")).to_be_hidden()
    found = sent(page, site, "other")
    assert (found["way"], found["way_other"], found["tools"]) == (98, "", [2])
    assert found["tools_other"] == {"missing": "not_shown"}
    (identity,) = set(stored(site, "tiny-other")) - before
    assert seen == [*(str(place + 1) for place in shuffled(identity, "way", 5)), "98"]


def test_an_order_is_tapped_and_a_slider_has_no_value_before_the_first_touch(begin, site):
    page = begin("rank")
    tap = lambda words: page.locator("#worry .rank", has_text=words).click()  # noqa: E731
    for words in ("填表", "防汛"):
        tap(words)
    forward(page)
    expect(page.locator("#worry .wrong")).to_contain_text("还没有排完")
    tap("信访")
    expect(page.locator("#worry .rank", has_text="迎检")).to_be_disabled()
    tap("填表")
    assert page.locator("#worry .placed .place").all_inner_texts() == ["1", "2"]
    tap("迎检")
    expect(page.locator("#warm output")).to_have_text("请在下面点按或拖动")
    page.locator("#warm .nudge").last.click()
    page.locator("#warm .nudge").last.click()
    expect(page.locator("#warm output")).to_have_text("55 分")
    found = sent(page, site, "rank")
    assert (found["worry"], found["warm"]) == ([1, 2, 3], 55)


def test_a_slider_left_alone_is_an_open_question(begin, site):
    page = begin("rank")
    found = sent(page, site, "rank")
    assert found["warm"] == found["worry"] == {"missing": "skipped"}


def test_a_matrix_is_cards_under_one_head_and_a_group_opens_as_a_whole(begin, site):
    page = begin("matrix")
    expect(page.locator(".group h3").first).to_have_text("过去一个月，下面的事多久有一次？")
    assert sorted(page.locator(".page:not([hidden]) .card").evaluate_all("all => all.map(c => c.id)"))[1:] == [
        "often_form",
        "often_meet",
        "often_visit",
    ]
    expect(page.locator(".group").nth(1)).to_be_hidden()
    choose(page, "often_form", "经常")
    expect(page.locator(".group").nth(1)).to_be_visible()
    enter(page, "forms", "8")
    choose(page, "often_form", "有时")
    found = sent(page, site, "matrix")
    assert found["often_form"] == 2
    assert found["forms"] == {"missing": "not_shown"}


def test_a_province_leaves_only_its_cities_and_a_long_list_can_be_searched(begin, site):
    page = begin("cascade")
    expect(page.locator("#city .none-offered")).to_be_visible()
    choose(page, "prov", "浙江")
    expect(page.locator("#city .row:visible")).to_have_count(2)
    choose(page, "city", "湖州")
    choose(page, "prov", "湖南")
    expect(page.locator("#city input:checked")).to_have_count(0)
    expect(page.locator("#city .row:visible")).to_have_count(1)
    choose(page, "city", "长沙")
    page.locator("#village .find input").fill("湾")
    expect(page.locator("#village .row:visible")).to_have_count(4)
    page.locator("#village .find input").fill("NW")
    expect(page.locator("#village .row:visible")).to_have_text(["南湾"])
    page.locator("#village .find input").fill("hk")
    expect(page.locator("#village .row:visible")).to_have_text(["河口"])
    page.locator("#village .find input").fill("湾")
    choose(page, "village", "南湾")
    found = sent(page, site, "cascade")
    assert (found["prov"], found["city"], found["village"]) == (43, 4301, 13)


def test_a_counted_list_shows_the_sensitive_line_to_those_whom_the_id_draws(begin, site):
    page = begin("sensitive")
    lines = page.locator("#listed li:visible").count()
    assert page.locator("#listed .pole:visible").count() == lines + 1
    choose(page, "listed", "2")
    choose(page, "forced", "是")
    found = sent(page, site, "sensitive")
    with site.engine.connect() as connection:
        identity = connection.exec_driver_sql("SELECT id FROM response WHERE wave = 'tiny-sensitive'").scalars().one()
    arm = shuffled(identity, "listed", 2)[0]
    assert lines == 3 + arm
    assert (found["listed"], found["forced"]) == ([arm, 2], 1)


def test_an_unfinished_order_and_a_drawn_order_come_back_with_the_draft(begin, server):
    page = begin("other")
    before = page.locator("#way .row input").evaluate_all("all => all.map(i => i.value)")
    choose(page, "tools", "微信")
    page.wait_for_timeout(500)
    come(page, f"{server}/w/tiny-other/{COUNTY}")
    forward(page)
    expect(page.locator("#way")).to_be_visible()
    assert page.locator("#way .row input").evaluate_all("all => all.map(i => i.value)") == before


def field(page, where, tag="input"):
    return page.locator(f'[id="{where}"] {tag}').first


def type_in(page, where, words, tag="input"):
    field(page, where, tag).fill(words)
    field(page, where, tag).blur()


def test_rows_are_added_and_removed_and_rows_stand_inside_rows(begin, site, server):
    page = begin("repeats")
    expect(page.locator(".repeat-row:visible")).to_have_count(1)
    enter(page, "unit", "3")
    type_in(page, "visits[1].hours", "9")
    expect(page.locator('[id="visits[1].long"]')).to_be_visible()
    type_in(page, "visits[1].long", "路远", "textarea")
    page.locator(".add-row", has_text="增加：一次入户").click()
    type_in(page, "visits[2].hours", "1")
    expect(page.locator('[id="visits[2].long"]')).to_be_hidden()
    page.locator('[data-row="visits[2]"] .add-row', has_text="增加：一户人家").click()
    type_in(page, "visits[2].homes[1].talked", "90")
    expect(page.locator('[id="visits[2].homes[1].talked"] .wrong')).to_contain_text("不能比入户的时间更长")
    page.locator(".add-row", has_text="增加：一次入户").click()
    expect(page.locator(".add-row", has_text="增加：一次入户")).to_have_count(0)  # three are the most
    type_in(page, "visits[3].hours", "4")
    expect(page.locator("#tired")).to_be_visible()
    drop = page.locator('[data-row="visits[1]"] .drop-row').first
    drop.click()
    expect(drop).to_have_text("再点一次删去")
    field(page, "visits[3].hours").focus()
    expect(drop).to_have_text("删去")
    drop.click()
    drop.click()
    expect(field(page, "visits[1].hours")).to_have_value("1")
    expect(page.locator("#tired")).to_be_hidden()
    forward(page)
    expect(page.locator('[id="visits[1].homes[1].talked"] .wrong')).to_be_visible()
    type_in(page, "visits[1].homes[1].talked", "45")
    until_written(page, "visits[1].homes[1].talked", "45")
    come(page, f"{server}/w/tiny-repeats/{COUNTY}")
    forward(page)
    expect(field(page, "visits[2].hours")).to_have_value("4")
    expect(field(page, "visits[1].homes[1].talked")).to_have_value("45")
    found = sent(page, site, "repeats")
    assert found["visits"] == [
        {"hours": 1, "long": {"missing": "not_shown"}, "number": 1, "homes": [{"talked": 45}]},
        {"hours": 4, "long": {"missing": "not_shown"}, "number": 2, "homes": {"missing": "skipped"}},
    ]
    assert (found["all_hours"], found["tired"]) == (5, {"missing": "not_shown"})


def test_what_is_written_in_a_row_lies_apart_like_any_other_comment(begin, site):
    page = begin("repeats")
    type_in(page, "visits[1].hours", "9")
    type_in(page, "visits[1].long", "路上塌方", "textarea")
    found = sent(page, site, "repeats")
    assert found["visits"][0]["long"] == ""
    with site.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT text FROM comment WHERE wave = 'tiny-repeats'").scalars().all()
    assert "1. 路上塌方" in rows


def test_an_empty_row_goes_at_once(begin):
    page = begin("repeats")
    page.locator(".add-row", has_text="增加：一次入户").click()
    expect(page.locator(".repeat-row[data-row^='visits']:visible")).to_have_count(2)
    page.locator('[data-row="visits[2]"] .drop-row').first.click()
    expect(page.locator(".repeat-row[data-row^='visits']:visible")).to_have_count(1)


def test_a_number_drawn_on_the_phone_stays_through_the_draft_and_is_what_the_server_stores(begin, site, server):
    page = begin("drawn")
    here = "even" if page.locator("#even").is_visible() else "odd"
    drawn = page.locator("[name=arm]").input_value()
    enter(page, here, "4")
    until_written(page, here, "4")
    come(page, f"{server}/w/tiny-drawn/{COUNTY}")
    forward(page)
    expect(page.locator("[name=arm]")).to_have_value(drawn)
    found = sent(page, site, "drawn")
    assert (found["arm"], found[here]) == (int(drawn), 4)


def test_a_third_language_falls_back_to_chinese_where_nothing_is_written(page, server, site, tiny_waves):
    come(page, f"{server}/w/tiny-tongues/{COUNTY}?lang=ko")
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page.locator(".by a").first).to_have_text("中文")
    agree(page)
    expect(page.locator("#level .question")).to_have_text("어디에서 일합니까?")
    expect(page.locator("#level .row").last).to_have_text("村")
    expect(page.locator("#more .question")).to_have_text("还有什么？")
    choose(page, "level", "향진")
    assert sent(page, site, "tongues")["level"] == 1
