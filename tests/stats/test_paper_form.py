"""A questionnaire on paper: every question can be answered by pen, and who answers it is said in words."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from fieldkit.core.expression import parse
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import TYPES, Item, Option, Randomised
from fieldkit.core.text import Text
from fieldkit.formats.report_spec import read_layout, read_wording
from fieldkit.render.document import county_pdf
from fieldkit.settings import resource
from fieldkit.stats.paper_form import has_two_lists, paper_form
from fieldkit.stats.report import Chapter, CountyReport, Paragraph, Question, QuestionGrid
from fieldkit.stats.skip_words import skip_words
from tests.samples import item, questionnaire
from tests.tiny import NAMES, library, tiny

REPORTS = resource("reports")
LAYOUT = read_layout(REPORTS / "layouts" / "questionnaire.yaml")
WORDS = {lang: read_wording(REPORTS / "wording" / f"questionnaire.{lang}.yaml") for lang in ("zh", "en")}
DATED = datetime.date(2026, 11, 21)


def form(asked: Questionnaire, language: str = "zh", **more: object) -> CountyReport:
    return paper_form(layout=LAYOUT, wording=WORDS[language], questionnaire=asked, dated=DATED, **more)  # type: ignore[arg-type]


def questions(found: CountyReport) -> dict[str, Question]:
    return {b.code: b for b in found.blocks if isinstance(b, Question)}


def of_type(kind: str) -> Item:
    """One item of this kind."""
    must = TYPES[kind].options == "must"
    more: dict[str, object] = {}
    if kind == "randomised_response":
        more["randomised"] = Randomised("forced", 0.66, 0.17)
    if kind == "calculate":
        more["calculation"] = "1 + 1"
    return item(f"a_{kind}", kind, *((1, 2, 3) if must else ()), **more)


@pytest.mark.parametrize("kind", [k for k, one in TYPES.items() if one.shown and one.answered])
def test_every_type_of_question_has_something_to_write_on_or_tick(kind: str) -> None:
    [found] = [q for q in questions(form(questionnaire(of_type(kind)))).values() if q.code == f"a_{kind}"]
    assert found.choices or found.blanks or found.lines


@pytest.mark.parametrize("kind", [k for k, one in TYPES.items() if not one.shown])
def test_what_nobody_says_is_not_printed(kind: str) -> None:
    found = form(questionnaire(item("seen", "text"), of_type(kind)))
    assert [q for q in questions(found) if q.startswith("a_")] == []
    assert questions(found)["seen"].number == "1"


def test_the_consent_text_comes_first_and_is_filled_in_for_a_study() -> None:
    asked = library().questionnaire("short")
    facts = {"研究团队名称": ("某课题组",), "日期": ("2027年1月1日", "2026年12月1日")}
    first, *rest = form(asked, consent_facts=facts).blocks
    assert isinstance(first, Chapter)
    text = "".join(b.text for b in rest if isinstance(b, Paragraph))
    assert "我们是某课题组" in text
    assert text.index("2027年1月1日") < text.index("2026年12月1日")
    assert "【伦理" not in text
    assert "【编号】" in text, "what nobody filled in stays to be filled in"


def test_scales_with_the_same_answers_become_one_grid() -> None:
    asked = library().questionnaire("short")
    grids = [b for b in form(asked).blocks if isinstance(b, QuestionGrid)]
    assert [len(g.rows) for g in grids] == [6, 2, 2]
    assert grids[0].heads[0] == "非常不同意"
    assert grids[0].reasons == ("不清楚", "不便回答")


def test_every_question_of_the_short_form_is_printed_once_with_its_number() -> None:
    asked = library().questionnaire("short")
    found = form(asked)
    numbers = [q.number for q in questions(found).values() if q.number]
    numbers += [number for b in found.blocks if isinstance(b, QuestionGrid) for number, _ in b.rows]
    assert sorted(map(int, numbers)) == list(range(1, 34))


def test_a_condition_is_said_with_the_number_of_the_question_it_looks_at() -> None:
    found = questions(form(library().questionnaire("short")))
    assert found["al_role"].when == "只有第23题选了“参加了1个”或“参加了2个及以上”的人回答："
    assert found["neg_dir"].when == "只有第13题没有选“没有带数字指标的任务”的人回答："
    english = questions(form(library().questionnaire("short"), "en"))
    assert english["al_role"].when.startswith("Only if question 23 is “")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("${nn} > 3", "nn大于3"),
        ("${nn} >= 3 and ${nn} < 9", "nn不小于3，并且nn小于9"),
        ("${nn} != ''", "nn有回答"),
        ("${nn} != '' and ${nn} != 0", "nn不等于0"),
        ("${cc} = 1 or ${cc} = 2", "cc选了“选项1”或“选项2”"),
        ("not(selected(${mm}, '2'))", "mm没有选“选项2”"),
        ("not(${cc} = 1 and ${nn} > 2)", "不是“cc选了“选项1”，并且nn大于2”"),
        ("count-selected(${mm}) > 1", "符合条件count-selected(mm) > 1"),
        ("", ""),
    ],
)
def test_conditions_in_words(source: str, words: str) -> None:
    items = {i.id: i for i in (item("nn", "integer"), item("cc", "single", 1, 2, 3), item("mm", "multi", 1, 2))}
    if source:
        parse(source)
    assert skip_words(source, items, lambda one: one, WORDS["zh"]) == words


def test_conditions_of_all_shipped_questionnaires_have_words() -> None:
    for asked in library().questionnaires.values():
        for each in asked:
            said = skip_words(each.relevance, asked.items, lambda one: one, WORDS["zh"])
            assert "${" not in said
            assert "符合条件" not in said, each.id


def test_half_of_the_copies_carry_the_longer_list() -> None:
    asked = tiny("sensitive")
    assert has_two_lists(asked)
    short, long = form(asked), form(asked, long_list=True)
    one = next(i for i in asked if i.type == "list_experiment")
    assert len(questions(long)[one.id].choices) == len(questions(short)[one.id].choices) + 1
    assert ("甲卷" in short.footer, "乙卷" in long.footer) == (True, True)


def test_a_language_in_which_nobody_is_asked_says_so_on_every_page() -> None:
    asked = library().questionnaire("short")
    assert form(asked).simulated == ""
    assert form(asked, "en").simulated == "Translation, not for fieldwork"


@pytest.mark.parametrize("name", NAMES)
def test_all_features_of_the_definition_language_can_be_printed(name: str) -> None:
    assert county_pdf(form(tiny(name)), folder=REPORTS).startswith(b"%PDF-")


def test_five_hundred_options_and_long_ones_go_on_over_the_page() -> None:
    many = tuple(Option(n, Text(zh=f"第{n}个选项")) for n in range(500))
    long = tuple(Option(n, Text(zh="很长的选项" * 60)) for n in range(5))
    asked = questionnaire(item("many", options=many), item("long", options=long))
    pages = county_pdf(form(asked), folder=REPORTS)
    assert pages.count(b"/Type /Page\n") + pages.count(b"/Type /Page ") >= 4
    assert len(questions(form(asked))["many"].choices) == 500


def test_the_same_questionnaire_gives_the_same_bytes() -> None:
    asked = library().questionnaire("short")
    assert county_pdf(form(asked), folder=REPORTS) == county_pdf(form(replace(asked)), folder=REPORTS)
