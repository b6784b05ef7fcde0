"""Drafts of modules at the desk: constructs, items and indicators by forms, checked at once, and never overwritten."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from fieldkit.core.access import Actor
from fieldkit.core.instrument import INDICATOR_KINDS
from fieldkit.core.item import TYPES
from fieldkit.services import bank, design
from fieldkit.store.engine import Session
from fieldkit.translations import catalogue
from tests.demo_site import csrf, make_desk
from tests.web.test_designer import page, send, words

LIN = Actor("lin", "researcher")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return make_desk(tmp_path_factory.mktemp("bank"), empty=True)


@pytest.fixture(scope="module")
def team(desk):
    return desk.client("researcher")


@pytest.fixture
def draft(desk):
    """A fresh draft of the module on burden; the address of its page."""
    with Session(desk.engine) as session:
        made = design.begin_from(session, LIN, "module", "burden", "1.0.0")
        session.commit()
    return f"/desk/drafts/{made.id}/module"


def written(desk, address):
    with Session(desk.engine) as session:
        return bank.sheet(session, LIN, address.split("/")[3]).written


def step(team, draft, words_of_step, **data):
    answer = send(team, draft, "/steps", step=words_of_step, **data)
    assert answer.status_code == 303, answer.get_data(as_text=True)[-500:]


def test_a_draft_of_a_module_is_shown_with_constructs_items_and_indicators(team, draft):
    address = draft.removesuffix("/module")
    assert team.get(address).location == draft
    shown = words(page(team, draft))
    for said in ("构念", "考核督查频次", "bur_af3", "指标", "感知负担", "量表分（0—100）", "平均"):
        assert said in shown


def test_every_step_there_and_back_leaves_the_module_as_it_was(desk, team, draft):
    before = written(desk, draft)
    first = before.constructs[0]
    for there, back in (
        (f"construct_down {first.id}", f"construct_up {first.id}"),
        (f"down {first.items[0].id}", f"up {first.items[0].id}"),
        (f"indicator_down {before.indicators[0].id}", f"indicator_up {before.indicators[0].id}"),
    ):
        step(team, draft, there)
        assert written(desk, draft) != before
        step(team, draft, back)
        assert written(desk, draft) == before


def test_a_construct_is_added_with_its_first_question_and_reworded(desk, team, draft):
    form = {"id": "haste", "title__zh": "仓促", "definition": "时间不够的感觉", "first__zh": "您觉得时间够吗？"}
    assert send(team, f"{draft}/construct", "", **form).status_code == 303
    made = written(desk, draft).constructs[-1]
    assert (made.id, made.definition, [i.id for i in made.items]) == ("haste", "时间不够的感觉", ["haste_1"])
    form = {"id": "haste", "title__zh": "匆忙", "definition": "时间不够的感觉", "quotation": "来不及"}
    form["construct"] = "haste"
    assert send(team, f"{draft}/construct?construct=haste", f"{draft}/construct", **form).status_code == 303
    made = written(desk, draft).constructs[-1]
    assert (made.title.say("zh"), made.quotation, len(made.items)) == ("匆忙", "来不及", 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"id": "9"}, "不能作编号"), ({"first__zh": ""}, ""), ({"definition": ""}, ""), ({"id": "taken"}, "")],
    ids=["id", "first", "definition", "taken"],
)
def test_what_is_wrong_with_a_construct_is_said_and_nothing_is_lost(desk, team, draft, wrong, said):
    before = written(desk, draft)
    form = {"id": "haste", "title__zh": "仓促", "definition": "时间不够的感觉", "first__zh": "够吗？"} | wrong
    if form["id"] == "taken":
        form["id"] = before.constructs[0].id
    answer = send(team, f"{draft}/construct", "", **form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert said in words(answer.get_data(as_text=True))
    assert "仓促" in answer.get_data(as_text=True)
    assert written(desk, draft) == before


def test_an_item_of_a_module_is_written_and_changed(desk, team, draft):
    home = written(desk, draft).constructs[0]
    form = {"type": "count", "id": "bur_new", "text__zh": "几次？", "range__low": "0", "section": home.id}
    assert send(team, f"{draft}/item?section={home.id}", f"{draft}/item", **form).status_code == 303
    assert written(desk, draft).constructs[0].items[-1].id == "bur_new"
    form = {"type": "count", "id": "bur_new", "text__zh": "一共几次？", "item": "bur_new"}
    assert send(team, f"{draft}/item?item=bur_new", f"{draft}/item", **form).status_code == 303
    assert written(desk, draft).items["bur_new"].text.say("zh") == "一共几次？"
    step(team, draft, "drop bur_new")
    assert "bur_new" not in written(desk, draft).items
    form = {"type": "count", "id": "core_level", "text__zh": "几级？", "section": home.id}
    assert send(team, f"{draft}/item", "", **form).status_code == 422


@pytest.mark.parametrize("type_", list(TYPES))
def test_every_type_has_a_form_in_a_module_too(team, draft, type_):
    page(team, f"{draft}/item?type={type_}")


INDICATORS = [
    ({"kind": "scale", "items": ["bur_pb1", "bur_pb2"], "set__min_valid": "1", "estimate": "mean"}, {"min_valid": 1}),
    (
        {"kind": "share", "items": "bur_pb1", "set__true": "4 5", "set__false": "1，2、3", "estimate": "share",
         "statement__zh": "同意"},
        {"true": (4, 5), "false": (1, 2, 3)},
    ),
    (
        {"kind": "ratio", "set__numerator": "bur_af3", "set__denominator": "bur_af2", "estimate": "ratio"},
        {"numerator": "bur_af3", "denominator": "bur_af2"},
    ),
    ({"kind": "formula", "set__expression": "${bur_af1} + ${bur_af2}", "estimate": "mean"},
     {"expression": "${bur_af1} + ${bur_af2}"}),
    ({"kind": "sum", "items": ["bur_af1", "bur_af2"], "estimate": "median"}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("form", "parameters"), INDICATORS, ids=[f["kind"] for f, _ in INDICATORS])
def test_an_indicator_is_declared_with_a_form(desk, team, draft, form, parameters):
    answer = send(team, f"{draft}/indicator", "", id="own_number", title__zh="自己的数", **form)
    assert answer.status_code == 303, words(answer.get_data(as_text=True))
    made = written(desk, draft).indicators[-1]
    assert (made.id, made.kind, dict(made.parameters)) == ("own_number", form["kind"], parameters)
    again = page(team, f"{draft}/indicator?indicator=own_number")
    names = re.findall(r'name="(set\.\w+|items|estimate|id|title\.zh|statement\.zh)"', again)
    assert names
    with Session(desk.engine) as session:
        found = bank.sheet(session, LIN, draft.split("/")[3])
    assert not [f for f in found.findings if f.where == "own_number" and f.severity == "error"]


def test_every_kind_of_indicator_shown_and_saved_again_stays_the_same(desk, team):
    for name in ("burden", "negotiation", "alliance", "pathway", "coordination", "core"):
        with Session(desk.engine) as session:
            made = design.begin_from(session, LIN, "module", name, "1.0.0")
            session.commit()
        address = f"/desk/drafts/{made.id}/module"
        before = written(desk, address)
        for each in before.indicators:
            html = page(team, f"{address}/indicator?indicator={each.id}")
            answer = team.post(f"{address}/indicator", data=filled_in(html))
            assert answer.status_code == 303, (each.id, words(answer.get_data(as_text=True)))
            assert {i.id: i for i in written(desk, address).indicators}[each.id] == each


def filled_in(html):
    """What a browser would send for the indicator form as it stands."""

    class Form(HTMLParser):
        def __init__(self):
            super().__init__()
            self.data, self.select, self.area, self.inside = {}, "", "", False

        def handle_starttag(self, tag, given):
            at = dict(given)
            if tag == "form":
                self.inside = at.get("id") == "item-form"
                self.data = {} if self.inside else self.data
            if not self.inside:
                return
            name = at.get("name", "")
            if tag == "input" and name and (at.get("type") not in ("checkbox", "radio") or "checked" in at):
                self.data.setdefault(name, []).append(at.get("value", "") or "")
            elif tag == "select":
                self.select = name
            elif tag == "option" and "selected" in at:
                self.data[self.select] = [at.get("value", "")]
            elif tag == "textarea":
                self.area = name

        def handle_data(self, text):
            if self.area:
                self.data[self.area] = [text]

        def handle_endtag(self, tag):
            self.area = "" if tag == "textarea" else self.area
            self.inside = self.inside and tag != "form"

    reader = Form()
    reader.feed(html)
    return reader.data


def test_an_indicator_is_checked_as_a_whole_while_it_is_written(team, draft):
    token = csrf(page(team, f"{draft}/indicator"))

    def said(**form):
        data = {"csrf_token": token, "block": "indicator", "id": "own_number", "title.zh": "数", "estimate": "mean"}
        found = team.post(f"{draft}/check", data=data | form).get_json()["findings"]
        return " ".join(f["said"] for f in found if f["severity"] == "error")

    assert said(**{"kind": "formula", "set.expression": "${bur_af1} * 2"}) == ""
    assert "nothing" in said(**{"kind": "formula", "set.expression": "${nothing} * 2"})
    assert said(**{"kind": "formula", "set.expression": "${bur_af1} *"})
    assert said(kind="scale", items="bur_pb1")
    assert said(kind="share", items="bur_pb1")


def test_a_condition_of_an_item_is_checked_against_the_module(team, draft):
    token = csrf(page(team, draft))

    def said(source):
        data = {"csrf_token": token, "block": "item", "where": "bur_af4", "part": "relevance", "source": source}
        return team.post(f"{draft}/check", data=data).get_json()["findings"]

    assert said("${bur_af2} > 0") == []
    assert said("${core_level} = 1") == []
    assert said("${bur_af2} >")
    assert said("${no_item} = 1")


def test_the_second_of_two_editors_of_a_module_is_told_and_keeps_what_was_typed(desk, team, draft):
    html = page(team, f"{draft}/indicator")
    with Session(desk.engine) as session:
        bank.step(session, LIN, draft.split("/")[3], 1, "down bur_af1", {})
        session.commit()
    stale = {"csrf_token": csrf(html), "revision": "1"}
    forms = {
        "indicator": {"id": "own", "title.zh": "我写的数", "kind": "sum", "items": "bur_af1", "estimate": "mean"},
        "construct": {"id": "own", "title.zh": "我写的数", "definition": "d", "first.zh": "q"},
        "item": {"id": "own", "text.zh": "我写的数", "type": "note", "section": "x"},
        "steps": {"step": "module", "title.zh": "我写的数"},
    }
    for path, form in forms.items():
        answer = team.post(f"{draft}/{path}", data=stale | form)
        assert answer.status_code == 409, path
        assert "我写的数" in answer.get_data(as_text=True), path
        assert "lin" in words(answer.get_data(as_text=True)), path
    assert "own" not in {i.id for i in written(desk, draft).indicators}


def test_a_module_of_ones_own_is_begun_and_published(desk, team):
    token = csrf(page(team, "/desk/instruments"))
    form = {"csrf_token": token, "kind": "module", "name": "own_bank", "title": "我的模块"}
    answer = team.post("/desk/drafts", data=form)
    assert answer.status_code == 303
    address = f"{answer.location}/module"
    assert "我的模块" in words(page(team, address))
    step(team, address, "module", title__zh="我的模块", paper__title="一篇论文")
    assert written(desk, address).paper["title"] == "一篇论文"
    assert "一篇论文" in words(page(team, address))
    assert team.post("/desk/drafts", data=form).status_code == 422


@pytest.mark.parametrize("nonsense", ["", "fly", "up", "up nothing", "drop_construct nothing", "indicator_up x y"])
def test_a_step_that_makes_no_sense_changes_nothing(desk, team, draft, nonsense):
    before = written(desk, draft)
    assert send(team, draft, "/steps", step=nonsense).status_code == 409
    assert written(desk, draft) == before


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_and_setting_has_its_words(language):
    from fieldkit.forms.bank import SETTINGS

    said = catalogue(language)
    for kind, shape in INDICATOR_KINDS.items():
        assert said[f"designer.kind_{kind}"]
        assert said[f"designer.kind_about_{kind}"]
        assert set(shape.must + shape.may) <= set(SETTINGS)
    for name in SETTINGS:
        assert said[f"designer.setting_{name}"]
