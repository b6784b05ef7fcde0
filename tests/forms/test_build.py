"""A questionnaire becomes a form: every type has its fields, and a posted form says the same as the phone's JSON."""

import re

import pytest
from werkzeug.datastructures import MultiDict

from fieldkit.core.instrument import Questionnaire, Section
from fieldkit.core.item import TYPES, Item, Option
from fieldkit.core.response import checker
from fieldkit.core.text import Text
from fieldkit.forms.build import FIELDS, questionnaire_form, to_answers
from tests.tiny import tiny

REASONS = {"dont_know": "不清楚", "refused": "不便回答", "not_applicable": "不适用"}


def words(text):
    return Text(zh=text)


def options(*pairs, **more):
    return tuple(Option(code, words(text), **more) for code, text in pairs)


FIVE = options((1, "非常不同意"), (2, "比较不同意"), (3, "一般"), (4, "比较同意"), (5, "非常同意"))
SEVEN = options((-3, "左三"), (-2, "左二"), (-1, "左一"), (0, "两边差不多"), (1, "右一"), (2, "右二"), (3, "右三"))

ITEMS = (
    Item("core_consent", words("参加吗？"), "single", options((1, "同意"), (2, "不同意")), required="hard", missing=()),
    Item("core_county", words("县"), "single", source="wave.counties", missing=()),
    Item("agree", words("我有时间。"), "likert5", FIVE),
    Item("poles", words("左还是右？"), "bipolar7", SEVEN, left=words("问题"), right=words("平台")),
    Item(
        "age",
        words("年龄段"),
        "single",
        (*options((1, "30岁及以下"), (98, "其他")), Option(9, words("不想说"), missing="refused")),
        missing=("refused",),
    ),
    Item(
        "ways",
        words("哪些？（可多选）"),
        "multi",
        (*options((1, "甲"), (2, "乙")), Option(0, words("都没有"), exclusive=True)),
    ),
    Item("month", words("几次？"), "count_month", low=0, high=99, unit=words("次")),
    Item("some", words("几个？"), "count", low=0, high=99),
    Item("seq", words("第几？"), "integer", low=1, high=9, missing=()),
    Item("hours", words("几小时？"), "hours_week", low=0, high=100, hint=words("可以填半小时")),
    Item("share", words("百分之几？"), "percentage", low=0, high=100, missing=("dont_know", "not_applicable")),
    Item("whole_share", words("百分之几？"), "percentage", low=0, high=100, decimals=0),
    Item("target", words("多少？"), "number", low=0, high=999999999),
    Item("money", words("多少钱？"), "money", low=0, high=9999, unit=words("万元")),
    Item("comment", words("还想说什么？"), "text", high=300, missing=()),
    Item("when", words("哪天？"), "date"),
    Item("often", words("多久一次？"), "likert", FIVE),
    Item("order", words("先后？"), "rank", options((1, "甲"), (2, "乙"), (3, "丙"))),
    Item("exact", words("多大？"), "decimal"),
    Item("warm", words("满意吗？"), "slider", options((0, "不"), (10, "很")), low=0, high=10, step=1),
    Item("story", words("讲一件事"), "long_text", high=900, missing=()),
    Item("clock", words("几点？"), "time"),
    Item("read", words("请先读。"), "acknowledge", missing=()),
    Item("spot", words("在哪里？"), "geopoint"),
    Item("exact_spot", words("确切在哪里？"), "geopoint", decimals=5),
    Item("photo", words("拍一张。"), "image", missing=()),
    Item("voice", words("说一段。"), "audio"),
    Item("paper", words("交一份文件。"), "file"),
    Item("told", words("说明"), "note", missing=()),
    Item("listed", words("几条？"), "list_experiment", options((1, "甲"), (2, "乙"))),
    Item("coin", words("是吗？"), "randomised_response", options((1, "是"), (0, "否"))),
)
QUESTIONNAIRE = Questionnaire(
    "sample", "1.0.0", words("样卷"), (Section("all", words("全部"), ITEMS[2:]),), {}, opening=ITEMS[:2]
)


def form(**posted):
    return questionnaire_form(QUESTIONNAIRE, REASONS)(MultiDict(posted) if posted else None)


def said(**posted):
    return to_answers(
        QUESTIONNAIRE,
        MultiDict([(k, v) for k, vs in posted.items() for v in (vs if isinstance(vs, list) else [vs])]),
        REASONS,
    )


def test_every_item_type_has_a_field_builder_and_no_builder_is_left_over():
    assert set(FIELDS) == {name for name, kind in TYPES.items() if kind.shown}


def test_the_sample_holds_every_item_type():
    assert {item.type for item in ITEMS} == set(FIELDS)


@pytest.mark.parametrize("item", [i for i in ITEMS if not i.source], ids=lambda i: i.id)
def test_every_item_can_be_drawn_and_each_of_its_fields_carries_its_name(item):
    page = form()
    drawn = str(page[item.id]()) + str(page.asides(item))
    names = set(re.findall(r' name="([^"]+)"', drawn))
    assert names <= {item.id, item.id + "__miss", *([item.id + "__arm"] if item.type == "list_experiment" else [])}
    assert item.id in names or item.type == "note"
    assert "checked" not in drawn, "nothing is chosen beforehand"
    assert not re.search(r' value="\d*\.?\d+"(?=[^>]*inputmode)', drawn), "no number stands in a field beforehand"


def test_the_county_from_the_link_has_no_field():
    assert "core_county" not in form()


@pytest.mark.parametrize(
    ("item", "reasons"),
    [
        ("agree", ["dont_know", "refused"]),
        ("age", ["refused"]),
        ("share", ["dont_know", "not_applicable"]),
        ("comment", []),
        ("core_consent", []),
    ],
)
def test_an_item_offers_just_its_own_missing_reasons(item, reasons):
    drawn = str(form().asides(QUESTIONNAIRE.items[item]))
    assert re.findall(r'value="(\w+)"', drawn) == reasons


def test_the_option_that_means_refused_is_only_a_quiet_button_with_its_own_words():
    page = form()
    assert 'value="9"' not in str(page["age"]())
    assert "不想说" in str(page.asides(QUESTIONNAIRE.items["age"]))


def test_missing_reasons_of_a_choice_exclude_the_options_without_script():
    drawn = str(form().asides(QUESTIONNAIRE.items["agree"]))
    assert 'name="agree"' in drawn
    assert "agree__miss" not in drawn


def test_the_exclusive_option_stands_in_a_group_of_its_own():
    groups = str(form()["ways"]()).split('<div class="rows">')
    assert len(groups) == 3
    assert "都没有" in groups[2]
    assert "甲" in groups[1]


@pytest.mark.parametrize(
    ("item", "keypad"),
    [("month", "numeric"), ("some", "numeric"), ("seq", "numeric"), ("whole_share", "numeric"), ("hours", "decimal"),
     ("share", "decimal"), ("target", "decimal"), ("money", "decimal")],
)  # fmt: skip
def test_numbers_open_the_keypad_they_need(item, keypad):
    assert f'inputmode="{keypad}"' in str(form()[item]())


def test_a_number_field_is_named_by_its_question_and_its_unit():
    drawn = str(form()["month"]())
    assert 'aria-labelledby="month-q month-unit"' in drawn
    assert 'id="month-unit">次<' in drawn


def test_wording_with_angle_brackets_is_text_and_not_markup():
    item = Item("odd", words("<b>?</b>"), "single", options((1, '<img src=x onerror="x">')))
    page = questionnaire_form(
        Questionnaire("q1", "1.0.0", words("q"), (Section("s1", words("s"), (item,)),), {}), REASONS
    )()
    assert "<img" not in str(page["odd"]())


def test_an_item_may_be_called_like_something_of_the_form():
    items = tuple(
        Item(name, words("?"), "integer", low=0, high=9) for name in ("data", "errors", "validate", "process")
    )
    questionnaire = Questionnaire("q1", "1.0.0", words("q"), (Section("s1", words("s"), items),), {})
    answers = to_answers(
        questionnaire, MultiDict({"data": "1", "errors": "2", "validate": "3", "process": "4"}), REASONS
    )
    assert answers == {"data": "1", "errors": "2", "validate": "3", "process": "4"}


def test_what_is_left_empty_is_null():
    assert said(month="", comment="  ") == dict.fromkeys((item.id for item in ITEMS if not item.source), None)


def test_a_missing_button_arrives_as_its_reason():
    answers = said(agree="refused", month__miss="dont_know", ways__miss="refused", age="refused")
    assert [answers[i] for i in ("agree", "month", "ways", "age")] == [
        {"missing": "refused"},
        {"missing": "dont_know"},
        {"missing": "refused"},
        {"missing": "refused"},
    ]


def test_a_button_pressed_after_typing_takes_the_number_back():
    assert said(month="12", month__miss="refused")["month"] == {"missing": "refused"}
    assert said(ways=["1", "2"], ways__miss="refused")["ways"] == {"missing": "refused"}


def test_a_posted_form_and_the_phones_json_come_to_the_same_answers():
    posted = said(
        core_consent="1", agree="4", poles="-3", age="98", ways=["2", "1"], month="１２", some="0", seq="3",
        hours="6.5", share="33.3", whole_share="50", target="120", money="1.25",
        comment="会多\r\n表多", when="2026-11-20",
    )  # fmt: skip
    sent = {
        "core_consent": 1, "agree": 4, "poles": -3, "age": 98, "ways": [1, 2], "month": 12, "some": 0, "seq": 3,
        "hours": 6.5, "share": 33.3, "whole_share": 50, "target": 120, "money": 1.25, "comment": "会多\n表多",
        "when": "2026-11-20",
    }  # fmt: skip
    check = checker(QUESTIONNAIRE).check
    assert check(posted) == check(sent)


def test_what_was_typed_comes_back_into_the_page():
    page = form(month="130", agree="2", comment="写了<一半>", poles="2")
    assert 'value="130"' in str(page["month"]())
    assert re.search(r'value="2" checked', str(page["agree"]()))
    assert "写了&lt;一半&gt;</textarea>" in str(page["comment"]())
    assert re.search(r'value="2" aria-label="右二" checked', str(page["poles"]()))


def test_a_finding_marks_its_field_for_those_who_hear_the_page():
    page = form(month="130")
    page.mark("month", ["130 超出了范围。", "请改成 0 到 99 之间的整数。"])
    assert 'aria-invalid="true"' in str(page["month"]())
    assert 'aria-describedby="month-err"' in str(page["month"]())


def test_a_value_that_is_no_option_is_handed_on_for_the_checker_to_refuse():
    assert said(agree="77")["agree"] == "77"


def test_an_order_is_posted_place_by_place_and_empty_places_are_left_out():
    assert said(order=["3", "", "1"])["order"] == ["3", "1"]
    assert said(order=["", "", ""])["order"] is None


def test_a_tick_a_note_and_a_counted_list_are_read_as_the_phone_sends_them():
    found = said(read="1", told="x", listed="2", listed__arm="1")
    assert (found["read"], found["told"], found["listed"]) == (1, None, [1, 2])
    assert said(listed="2", listed__arm="")["listed"] == ["", 2]
    assert said()["listed"] is None


def test_a_default_stands_on_an_empty_page_and_not_in_what_was_posted():
    with_default = Item("some", words("几个？"), "count", low=0, high=9, default="5")
    several = Item("ways", words("哪些？"), "multi", options((1, "甲"), (2, "乙")), default="2")
    form_class = questionnaire_form(
        Questionnaire("d", "1.0.0", words("样"), (Section("all", words("全"), (with_default, several)),), {}), REASONS
    )
    page = form_class()
    assert 'value="5"' in str(page["some"]())
    assert re.findall(r'value="(\d)" checked', str(page["ways"]())) == ["2"]
    assert form_class(MultiDict({"some": ""})).to_answers() == {"some": None, "ways": None}


def test_without_script_a_repeat_has_one_row_and_an_empty_row_is_none():
    asked = tiny("repeats")
    found = to_answers(asked, MultiDict({"unit": "3", "hours": "2", "talked": "5"}), REASONS)
    assert found["visits"] == [{"hours": "2", "long": None, "homes": [{"talked": "5"}]}]
    found = to_answers(asked, MultiDict({"unit": "3", "hours": "2"}), REASONS)
    assert found["visits"] == [{"hours": "2", "long": None}]
    assert "visits" not in to_answers(asked, MultiDict({"unit": "3"}), REASONS)


def test_a_short_code_gets_two_lines_and_a_story_room_to_write():
    kinds = (("code", "text", 20), ("story", "text", 500), ("open", "text", None), ("tale", "long_text", 40))
    items = tuple(Item(name, Text(zh="写下来"), type_, high=high) for name, type_, high in kinds)
    asked = Questionnaire("writing", "1.0.0", Text(zh="写"), (Section("main", Text(zh="节"), items),), {})
    page = questionnaire_form(asked, REASONS)()
    rows = [re.search(r'rows="(\d)"', str(page[item.id]()))[1] for item in items]
    assert rows == ["2", "5", "5", "2"]
