"""The area 问卷 of the desk without script: lists, the bank, steps, items of one's own, conflicts, files in and out."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from fieldkit.core.access import Actor
from fieldkit.core.item import TYPES
from fieldkit.formats.instrument_yaml import load_questionnaire
from fieldkit.services import design, drafts
from fieldkit.store import instruments
from fieldkit.store.engine import Session
from tests.demo_site import csrf, make_desk

LIN = Actor("lin", "researcher")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return make_desk(tmp_path_factory.mktemp("designer"), empty=True)


@pytest.fixture(scope="module")
def team(desk):
    return desk.client("researcher")


@pytest.fixture
def draft(desk):
    """A fresh draft of the short form; its address."""
    with Session(desk.engine) as session:
        made = design.begin_from(session, LIN, "questionnaire", "short", "1.0.0")
        session.commit()
    return f"/desk/drafts/{made.id}"


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.get_data(as_text=True)


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", html, flags=re.S))


def part(html, name):
    """One part of the designer's page as it is read."""
    return words(html.split(f'id="{name}"')[1].split("data-part")[1].split("data-part")[0])


def send(client, address, path, **data):
    """Send a form of this page; names may be written with __ for a dot."""
    html = page(client, address)
    revision = re.search(r'name="revision" value="(\d+)"', html)
    given = {"csrf_token": csrf(html), "revision": revision[1] if revision else ""}
    given |= {name.replace("__", "."): value for name, value in data.items()}
    return client.post(path if path.startswith("/desk") else address + path, data=given)


def step(client, address, words_of_step, **data):
    answer = send(client, address, "/steps", step=words_of_step, **data)
    assert answer.status_code == 303, answer.get_data(as_text=True)[-800:]
    return page(client, address)


def asked(desk, address):
    """The draft as it is stored."""
    with Session(desk.engine) as session:
        return design.sheet(session, LIN, address.rsplit("/", 1)[1]).asked


def ids(desk, address):
    return [item.id for section in asked(desk, address).sections for item in section.items]


def test_the_list_shows_published_versions_drafts_and_how_to_begin(desk, team, tmp_path):
    empty = words(page(make_desk(tmp_path, empty=True).client("researcher"), "/desk/instruments"))
    assert "现在没有草稿" in empty
    assert "基层工作负担与治理协作调查（简版） short 1.0.0 33 9.9 改一版" in empty
    assert "行政考核、任务压力与减负 burden" in empty


def test_a_draft_stands_in_the_list_with_who_and_when(team, draft):
    shown = words(page(team, "/desk/instruments"))
    assert "由 1.0.0 改来" in shown
    assert re.search(r"lin，\d{4}年\d+月\d+日 \d+:\d\d", shown)


def test_a_module_is_read_with_paper_definition_quotation_and_items(team):
    shown = words(page(team, "/desk/instruments/module/burden/1.0.0"))
    for said in ("任务压力与农村基层治理减负", "How often, per month", "原文：“主要表现在上级部门", "bur_af3"):
        assert said in shown


def test_a_published_version_says_who_published_it_and_when(tmp_path):
    from fieldkit.services import publish

    desk = make_desk(tmp_path, empty=True)
    team = desk.client("researcher")
    with Session(desk.engine) as session:
        made = design.begin_from(session, LIN, "questionnaire", "short", "1.0.0")
        design.step(session, LIN, made.id, 1, "change_way bur_af2", {"required": "no"})
        review = publish.review(session, LIN, made.id)
        version = review.change.proposed_version
        publish.publish_draft(session, LIN, made.id, revision=2, word="short", version=version, note="第二轮用")
        session.commit()
    shown = words(page(team, f"/desk/instruments/questionnaire/short/{version}"))
    assert re.search(r"lin，\d{4}年\d+月\d+日", shown)
    assert "第二轮用" in shown
    assert version in words(page(team, "/desk/instruments"))


def test_an_unknown_version_is_answered_within_the_desk(team):
    assert 'class="nav"' in page(team, "/desk/instruments/module/burden/9.9.9", 404)


def test_the_bank_shows_what_is_in_and_finds_by_words(team, draft):
    bank = page(team, draft).split('id="bank"')[1].split('id="sheet"')[0]
    assert re.search(r'aria-checked="true"[^>]*aria-label="感知负担"', bank)
    assert re.search(r'aria-checked="mixed"[^>]*aria-label="考核督查频次"', bank)
    found = part(page(team, f"{draft}?q=bur_veto"), "bank")
    assert "一票否决事项" in found
    assert "感知负担" not in found


def test_ticking_a_construct_asks_its_items_and_the_minutes_grow(desk, team, draft):
    before = words(page(team, draft))
    assert "33 题 · 约 9.9 分钟" in before
    after = words(step(team, draft, "add burden assessment_frequency"))
    assert "34 题 · 约 10.3 分钟" in after
    assert ids(desk, draft)[1:5] == ["bur_af1", "bur_af2", "bur_af3", "bur_af4"]
    step(team, draft, "drop bur_af3")
    assert "33 题" in words(page(team, draft))
    assert "没有发现问题" in part(page(team, draft), "lint")
    step(team, draft, "add burden burden_relief")
    assert "约需 11 分钟" in part(page(team, draft), "lint")


def test_items_and_sections_are_moved_by_buttons(desk, team, draft):
    step(team, draft, "down core_level")
    assert ids(desk, draft)[:2] == ["bur_af1", "core_level"]
    step(team, draft, "place core_level pressure 0")
    step(team, draft, "section_up pressure")
    assert ids(desk, draft)[:2] == ["core_level", "bur_pb1"]


def test_sections_are_added_renamed_and_removed(desk, team, draft):
    step(team, draft, "add_section", title__zh="新的一节")
    assert "这一节还没有题" in words(page(team, draft))
    words_now = {"title__zh": "换了名字", "recall__zh": "上周", "relevance": "${core_level} = 1"}
    step(team, draft, "change_section section_1", **words_now)
    section = asked(desk, draft).sections[-1]
    assert (section.title["zh"], section.recall["zh"], section.relevance) == ("换了名字", "上周", "${core_level} = 1")
    step(team, draft, "drop_section section_1")
    assert asked(desk, draft).sections[-1].id == "closing"


def test_a_broken_condition_is_kept_said_and_left_out_of_the_preview(desk, team, draft):
    step(team, draft, "change_way bur_af4", relevance="${bur_af2} >", required="yes")
    html = page(team, draft)
    assert "要改 bur_af4 表达式在第 13 个字符处突然结束" in part(html, "lint")
    assert "发布（先改 1 处）" in words(html)
    assert 'aria-invalid="true"' in page(team, f"{draft}?open=bur_af4")
    assert "预览" in page(team, f"{draft}/preview")


def test_the_preview_is_the_real_page_but_can_send_nothing(team, draft):
    answer = team.get(f"{draft}/preview")
    html = answer.get_data(as_text=True)
    assert 'id="bur_pb1"' in html
    assert "designer-preview.js" in html
    assert html.index("designer-preview.js") < html.index("phone.js")
    policy = answer.headers["Content-Security-Policy"]
    assert "connect-src 'none'" in policy
    assert "form-action 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_has_a_form(team, draft, type_):
    html = page(team, f"{draft}/item?section=workload&type={type_}")
    assert 'name="text.zh"' in html
    assert ('name="options.0.zh"' in html) == (TYPES[type_].options != "no")


def test_an_item_of_ones_own_is_written_changed_and_stays_in_the_file(desk, team, draft):
    answer = send(
        team, f"{draft}/item", "", section="workload", type="single", id="own_way", text__zh="怎么去？", required="yes",
        rows="5", options__0__code="1", options__0__zh="走路", options__1__zh="坐车", relevance="${bur_af2} > 0",
    )  # fmt: skip
    assert answer.status_code == 303
    item = asked(desk, draft).items["own_way"]
    assert [o.code for o in item.options] == [1, 2]
    assert "自己的题" in words(page(team, draft))
    answer = send(
        team, f"{draft}/item?item=own_way", "", item="own_way", type="text", id="own_way", text__zh="怎么去的？"
    )
    assert answer.status_code == 303
    assert asked(desk, draft).items["own_way"].type == "text"
    source = team.get(f"{draft}/file.yaml").get_data(as_text=True)
    with Session(desk.engine) as session:
        found = load_questionnaire(source, instruments.library(session))
    assert found.items["own_way"].text["zh"] == "怎么去的？"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"id": "bur_af1"}, "出现了 2 次"), ({"id": "9x"}, "不能作编号"), ({"range__low": "许多"}, "应当是 [最小, 最大]")],
)
def test_what_is_wrong_with_an_item_is_said_at_its_place_and_nothing_is_lost(desk, team, draft, wrong, said):
    before = ids(desk, draft)
    given = {"section": "workload", "type": "integer", "id": "own_1", "text__zh": "我写的题", **wrong}
    answer = send(team, f"{draft}/item", "", **given)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in html
    assert "我写的题" in html
    assert ids(desk, draft) == before


def test_what_is_missing_is_called_what_the_form_calls_it(team, draft):
    given = {"section": "workload", "type": "randomised_response", "id": "own_1", "text__zh": "您做过吗？"}
    given |= {"randomised__design": "forced", "options__0__code": "1", "options__0__zh": "是"}
    shown = words(send(team, f"{draft}/item", "", **given).get_data(as_text=True))
    assert "这里缺少“如实回答的概率”。" in shown
    assert "truth" not in shown


def test_an_item_of_the_bank_cannot_be_reworded(team, draft):
    page(team, f"{draft}/item?item=bur_af1", 409)


def test_a_condition_is_checked_while_it_is_typed(team, draft):
    token = csrf(page(team, draft))
    facts = {"csrf_token": token, "block": "item", "where": "bur_af4", "part": "relevance"}

    def said(source, **more):
        answer = team.post(f"{draft}/check", data={**facts, "source": source, **more})
        return answer.get_json()["findings"]

    assert said("${bur_af2} > 0") == []
    assert said("${bur_af2} >")[0]["column"] == 13
    assert "bur_af9" in said("${bur_af9} > 0")[0]["message"]
    assert "排在它后面" in said("${bur_pb1} > 0")[0]["message"]
    assert "不在" in said("${nothing} > 0", where="new_one", section="workload")[0]["message"]
    assert said("${bur_af2} > 0", where="new_one", section="pressure") == []


def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(desk, team, draft):
    html = page(team, draft)
    with Session(desk.engine) as session:
        found = drafts.get(session, LIN, draft.rsplit("/", 1)[1])
        design.step(session, LIN, found.id, found.revision, "drop bur_af1", {})
        session.commit()
    stale = {"csrf_token": csrf(html), "revision": "1"}
    answer = team.post(f"{draft}/steps", data={**stale, "step": "drop bur_af2"})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "lin" in words(shown.split('role="alert"')[1].split("</div>")[0])
    assert "i-bur_af2" in shown
    assert "i-bur_af1" not in shown
    answer = team.post(f"{draft}/item", data={**stale, "type": "note", "id": "own_1", "text.zh": "我写的话"})
    assert answer.status_code == 409
    assert "我写的话" in answer.get_data(as_text=True)
    answer = team.post(f"{draft}/source", data={**stale, "source": "id: mine"})
    assert answer.status_code == 409
    assert "id: mine" in answer.get_data(as_text=True)
    assert "bur_af1" not in ids(desk, draft)
    assert "bur_af2" in ids(desk, draft)


def overtake(desk, draft, *steps):
    """Somebody else takes these steps meanwhile."""
    with Session(desk.engine) as session:
        for words_of_step, given in steps:
            found = drafts.get(session, LIN, draft.rsplit("/", 1)[1])
            design.step(session, LIN, found.id, found.revision, words_of_step, given)
        session.commit()


@pytest.mark.parametrize(
    ("typed", "back"),
    [
        ({"step": "change_way bur_af2", "relevance": "${bur_af9} = 7", "required": "yes"}, 'value="${bur_af9} = 7"'),
        ({"step": "change_section workload", "title.zh": "我写的标题"}, 'value="我写的标题"'),
        ({"step": "settings", "title.zh": "我的名称", "minutes": "9"}, 'value="我的名称"'),
        ({"step": "add_section", "title.zh": "新的一节"}, 'value="新的一节"'),
    ],
    ids=["condition", "section", "settings", "new section"],
)
def test_the_second_editor_gets_back_what_was_typed_and_sees_what_the_first_changed(desk, team, draft, typed, back):
    html = page(team, draft)
    overtake(desk, draft, ("change_way bur_af4", {"relevance": "${bur_af2} > 3", "required": "no"}))
    answer = team.post(f"{draft}/steps", data={"csrf_token": csrf(html), "revision": "1", **typed})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert back in shown
    told = words(shown.split('role="alert"')[1].split('id="designer"')[0])
    assert "您写的还在下面的表单里" in told
    assert "lin 这期间的改动" in told
    assert "bur_af4" in told
    assert "${bur_af2} &gt; 3" in told
    again = {"csrf_token": csrf(html), "revision": "2", **typed}
    assert team.post(f"{draft}/steps", data=again).status_code == 303


def test_what_was_typed_about_something_that_is_gone_is_shown(desk, team, draft):
    html = page(team, draft)
    overtake(desk, draft, ("drop bur_af2", {}))
    typed = {"step": "change_way bur_af2", "relevance": "${core_level} = 7"}
    answer = team.post(f"{draft}/steps", data={"csrf_token": csrf(html), "revision": "1", **typed})
    assert "已经不在了" in words(answer.get_data(as_text=True))
    assert "${core_level} = 7" in answer.get_data(as_text=True)


def test_what_was_typed_is_shown_also_when_the_draft_cannot_be_read_any_more(desk, team, draft):
    html = page(team, draft)
    with Session(desk.engine) as session:
        design.save_source(session, LIN, draft.rsplit("/", 1)[1], "id: short\nversion: 1.x\n", 1)
        session.commit()
    typed = {"step": "change_way bur_af2", "relevance": "${core_level} = 7"}
    answer = team.post(f"{draft}/steps", data={"csrf_token": csrf(html), "revision": "1", **typed})
    assert answer.status_code == 409
    assert "${core_level} = 7" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["delete", "restore"])
def test_an_old_page_neither_deletes_nor_restores_what_somebody_saved_meanwhile(desk, team, draft, path):
    step(team, draft, "drop bur_af2")
    html = page(team, f"{draft}/history")
    overtake(desk, draft, ("drop bur_af1", {}))
    answer = team.post(f"{draft}/{path}", data={"csrf_token": csrf(html), "revision": "2", "state": "1"})
    assert answer.status_code == 409
    told = words(answer.get_data(as_text=True))
    assert "lin 保存过这份草稿" in told
    assert "bur_af1" in told
    assert not {"bur_af1", "bur_af2"} & set(ids(desk, draft))


def test_several_constructs_ticked_at_once_are_all_added(desk, team, draft):
    html = page(team, draft)
    wanted = [f"add burden {c.id}" for c in asked_of_bank(desk) if not {i.id for i in c.items} & set(ids(desk, draft))]
    assert len(wanted) > 1
    data = {"csrf_token": csrf(html), "revision": "1", "step": wanted}
    assert team.post(f"{draft}/steps", data=data).status_code == 303
    for construct in asked_of_bank(desk):
        assert {item.id for item in construct.items} & set(ids(desk, draft))
    assert "第 2 次保存 现在" in words(page(team, f"{draft}/history"))


def asked_of_bank(desk):
    """The constructs of the module burden."""
    with Session(desk.engine) as session:
        return instruments.module(session, "burden", "1.0.0").constructs


def test_comments_of_a_file_are_announced_before_the_designer_leaves_them_out(desk, team, draft):
    with Session(desk.engine) as session:
        found = drafts.get(session, LIN, draft.rsplit("/", 1)[1])
        assert "注释" not in words(page(team, draft))
        design.save_source(session, LIN, found.id, f"# 给同事看的话\n{found.source}", found.revision)
        session.commit()
    assert "源文件里有 1 处注释（第 1 行）" in words(page(team, draft))
    step(team, draft, "drop bur_af2")
    assert "注释" not in part(page(team, draft), "designer-problem")
    assert "# 给同事看的话" in words(page(team, f"{draft}/history/2-3"))


def test_history_shows_what_a_save_changed_item_by_item(desk, team, draft):
    step(team, draft, "change_way bur_af4", relevance="${bur_af2} > 3", required="no")
    assert f"{draft}/history/1-2" in page(team, f"{draft}/history")
    shown = words(page(team, f"{draft}/history/1-2"))
    assert "第 1 次到第 2 次保存的差别" in shown
    assert "bur_af4" in shown
    assert "${bur_af2} &gt; 3" in shown
    page(team, f"{draft}/history/1-9", 409)


def groups(desk, address):
    return [(g.id, g.items, g.inside, g.repeat, g.matrix) for s in asked(desk, address).sections for g in s.groups]


def test_a_group_is_made_filled_turned_into_rows_and_dissolved_by_clicks(desk, team, draft):
    answer = send(team, draft, "/steps", step="group bur_af1", group="new")
    assert answer.location.startswith(f"{draft}?open=group_1")
    shown = page(team, f"{draft}?open=group_1")
    assert 'name="members" value="bur_af1" checked' in shown
    assert 'name="members" value="bur_af2">' in shown
    made = {"title__zh": "上级来的事", "members": ["bur_af1", "bur_af2"]}
    step(team, draft, "change_group group_1", kind="repeat", rows__low="1", rows__high="3", **made)
    assert groups(desk, draft) == [("group_1", ("bur_af1", "bur_af2"), "", (1, 3), False)]
    assert "上级来的事" in words(page(team, draft))
    assert "可填 1 到 3 行" in words(page(team, draft))
    step(team, draft, "change_group group_1", kind="matrix", **made)
    assert groups(desk, draft) == [("group_1", ("bur_af1", "bur_af2"), "", None, True)]
    step(team, draft, "join bur_af4 group_1")
    step(team, draft, "group bur_af1", group="out")
    assert groups(desk, draft)[0][1] == ("bur_af2", "bur_af4")
    step(team, draft, "group bur_af4", group="new")
    assert groups(desk, draft)[1][:3] == ("group_2", ("bur_af4",), "group_1")
    step(team, draft, "drop_group group_1")
    assert [name for name, *_ in groups(desk, draft)] == ["group_2"]


def test_a_questionnaire_for_researchers_may_have_rows(desk, team, draft):
    step(team, draft, "group bur_af1", group="new")
    step(team, draft, "change_group group_1", kind="repeat", members="bur_af1")
    assert "请把填写的人（audience）改成研究人员" in words(page(team, draft))
    step(team, draft, "settings", audience="researcher")
    assert asked(desk, draft).audience == "researcher"
    assert "请把填写的人（audience）改成研究人员" not in words(page(team, draft))


def test_a_wrong_condition_of_a_group_is_told_while_it_is_typed_and_at_its_place(team, draft):
    step(team, draft, "group bur_af2", group="new")
    html = page(team, draft)
    data = {"csrf_token": csrf(html), "block": "group", "where": "group_1", "part": "relevance", "source": "${aa} >"}
    assert team.post(f"{draft}/check", data=data).get_json()["findings"]
    step(team, draft, "change_group group_1", relevance="${bur_af1} >", members="bur_af2")
    html = page(team, draft)
    assert "open=group_1#g-group_1" in html.split('id="lint"')[1]
    page(team, f"{draft}/preview")


NONSENSE = ["", "fly", "up", "up nothing", "add burden", "place bur_af1", "drop_section x y z"]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_a_step_that_makes_no_sense_changes_nothing(desk, team, draft, nonsense):
    before = ids(desk, draft)
    assert send(team, draft, "/steps", step=nonsense).status_code == 409
    assert ids(desk, draft) == before


def test_history_brings_an_earlier_state_back_as_a_new_save(desk, team, draft):
    before = ids(desk, draft)
    step(team, draft, "drop_section workload")
    shown = words(page(team, f"{draft}/history"))
    assert "第 2 次保存 现在 researcher" in shown
    answer = send(team, f"{draft}/history", f"{draft}/restore", state="1")
    assert answer.status_code == 303
    assert ids(desk, draft) == before
    assert "第 3 次保存" in words(page(team, f"{draft}/history"))


def test_a_text_that_cannot_be_read_is_kept_and_its_lines_are_named(team, draft):
    assert send(team, f"{draft}/source", "", source="id: short\nversion: 1.x\n").status_code == 303
    shown = words(page(team, f"{draft}/source"))
    assert "要改 第 2 行 short “1.x”不是版本号" in shown
    assert team.get(draft).location == f"{draft}/source"
    assert "读不出来" in words(page(team, "/desk/instruments"))


def test_a_new_questionnaire_begins_with_consent_and_county(desk, team):
    token = csrf(page(team, "/desk/instruments"))
    answer = team.post("/desk/drafts", data={"csrf_token": token, "name": "mine", "title": "我的问卷"})
    assert [item.id for item in asked(desk, answer.location)] == ["core_consent", "core_county"]
    assert "问卷还是空的" in words(page(team, answer.location))
    again = team.post("/desk/drafts", data={"csrf_token": token, "name": "mine", "title": "我的问卷"})
    assert again.status_code == 422
    assert "已经有编号为 mine" in again.get_data(as_text=True)
    unfit = team.post("/desk/drafts", data={"csrf_token": token, "name": "Mine!", "title": "我的问卷"})
    assert "这个编号不能用" in unfit.get_data(as_text=True)
    assert 'value="我的问卷"' in unfit.get_data(as_text=True)


def bring(team, name, body):
    token = csrf(page(team, "/desk/instruments/import"))
    line = b"--xx\r\nContent-Disposition: form-data; name="
    parts = (
        line + b'"csrf_token"\r\n\r\n' + token.encode() + b"\r\n",
        line + f'"file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode() + body + b"\r\n",
        b"--xx--\r\n",
    )
    kind = "multipart/form-data; boundary=xx"
    return team.post("/desk/instruments/import", data=b"".join(parts), content_type=kind, follow_redirects=True)


def test_a_yaml_file_comes_in_as_a_draft(desk, team):
    source = team.get("/desk/instruments/questionnaire/short/1.0.0/file.yaml").data
    answer = bring(team, "short.yaml", source)
    html = answer.get_data(as_text=True)
    address = re.search(r'/desk/drafts/\w+', html)[0]
    assert "bur_af1" in ids(desk, address)
    with Session(desk.engine) as session:
        assert drafts.get(session, LIN, address.rsplit("/", 1)[1]).based_on == "1.0.0"


SURVEY = """| survey |
| | type | name | label | relevant |
| | integer | calls | 昨天接了几个工作电话？ | |
| | text | why | 为什么？ | ${calls} > %s |
"""


def test_an_xlsform_comes_in_as_a_draft_and_goes_out_again(desk, team):
    answer = bring(team, "calls.md", (SURVEY % "3").encode())
    address = re.search(r"/desk/drafts/\w+", answer.get_data(as_text=True))[0]
    assert {"calls", "why"} <= set(ids(desk, address))
    assert asked(desk, address).items["why"].relevance == "${calls} > 3"
    book = team.get(f"{address}/file.xlsx")
    assert book.data.startswith(b"PK")
    with Session(desk.engine) as session:
        again = design.bring_in(session, LIN, "calls.xlsx", book.data)
        assert again.draft is not None
        assert design.sheet(session, LIN, again.draft.id).asked.items["why"].relevance == "${calls} > 3"


def test_a_broken_xlsform_is_told_row_by_row_and_nothing_comes_in(desk, team):
    with Session(desk.engine) as session:
        before = len(drafts.list_drafts(session, LIN))
    answer = bring(team, "calls.md", (SURVEY % "").encode())
    shown = words(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "survey 第 4 行 relevant" in shown
    with Session(desk.engine) as session:
        assert len(drafts.list_drafts(session, LIN)) == before


def test_a_refused_xlsform_counts_its_mistakes_and_also_says_what_would_be_left_out(desk, team):
    survey = "| survey |\n| | type | name | label |\n| | barcode | code | 条码 |\n| | select_one no | way | 去 |\n"
    shown = words(bring(team, "codes.md", survey.encode()).get_data(as_text=True))
    assert "没有导入，有 1 处错误" in shown
    assert "survey 第 4 行 type" in shown
    assert "survey 第 3 行 type" in shown


def test_a_workbook_with_macros_comes_in_without_them(desk, team):
    with Session(desk.engine) as session:
        form = design.bring_in(session, LIN, "calls.md", (SURVEY % "3").encode()).draft
        assert form is not None
        asked_for = design.sheet(session, LIN, form.id).asked
    book = io.BytesIO(design.sheet_file(asked_for))
    with zipfile.ZipFile(book, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macros")
    shown = words(bring(team, "with_macros.xlsm", book.getvalue()).get_data(as_text=True))
    assert "工作簿里有宏；宏没有运行，也没有导入" in shown
    assert "打开草稿" in shown


@pytest.mark.parametrize(
    ("name", "body", "said", "status"),
    [
        ("x.yaml", b"id: 9\nversion: one\n", "第 2 行", 422),
        ("x.yaml", b"\xff\xfe", "UTF-8", 422),
        ("x.exe", b"MZ", "不是能导入的格式", 422),
        ("x.yaml", b"#" * (10 * 1024 * 1024 + 10), "超过 10 MB", 413),
        ("x.yaml", b"#" * (11 * 1024 * 1024), "超过 10 MB", 413),
    ],
    ids=["mistakes", "encoding", "kind", "large", "larger"],
)
def test_a_file_that_cannot_be_brought_in_leaves_nothing_behind(desk, team, name, body, said, status):
    def count():
        with Session(desk.engine) as session:
            return len(drafts.list_drafts(session, LIN))

    before = count()
    answer = bring(team, name, body)
    assert answer.status_code == status
    assert said in words(answer.get_data(as_text=True))
    assert count() == before


@pytest.mark.parametrize("path", ["steps", "item", "check", "delete", "restore", "source"])
def test_no_step_can_be_sent_from_another_site(desk, team, draft, path):
    before = ids(desk, draft)
    data = {"revision": "1", "step": "drop bur_af1", "source": "x", "state": "1"}
    assert team.post(f"{draft}/{path}", data=data).status_code == 400
    assert ids(desk, draft) == before


def test_a_draft_can_be_thrown_away(team, draft):
    assert send(team, f"{draft}/history", f"{draft}/delete").status_code == 303
    assert team.get(draft).status_code == 404


def test_a_finding_is_told_in_english_with_a_blank_between_what_and_remedy(desk, draft):
    client = desk.client("researcher")
    page(client, "/desk/instruments?lang=en")
    step(client, draft, "change_way bur_af4", relevance="${bur_af2} >", required="no")
    for address in (draft, f"{draft}/source"):
        html = page(client, address)
        assert "Must" in html or "mend" in html.lower()
        assert not re.search(r"[a-z]\.[A-Z]", words(html.split('id="page"')[1].split("<textarea")[0]))


def test_the_designer_speaks_english(desk, draft):
    client = desk.client("researcher")
    html = page(client, f"{draft}?lang=en")
    assert "Draft 1.1.0" in html
    assert not re.search(r"(?:aria-label|title|placeholder)=\"[^\"]*\"[^>]*\{", html)


def test_pages_load_nothing_from_elsewhere_and_keep_no_style_of_their_own(team, draft):
    of_draft = (draft + path for path in ("", "?open=bur_af2", "/item?section=workload", "/preview"))
    for address in ("/desk/instruments", *of_draft):
        html = page(team, address)
        assert not re.search(r'(?:src|href)="(?:https?:)?//', html)
        assert " style=" not in html
        assert not re.search(r"<script(?![^>]*(?:src=|application/json))", html)


BUILT_IN = "case_timeline full_alliance full_burden full_coordination full_negotiation full_pathway short".split()


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_step_there_and_back_leaves_every_questionnaire_as_it_was(desk, team, name):
    with Session(desk.engine) as session:
        made = design.begin_from(session, LIN, "questionnaire", name, "1.0.0")
        first = design.sheet(session, LIN, made.id)
        section = first.asked.sections[0].id
        design.step(session, LIN, made.id, 1, f"section_down {section}", {})
        last = design.step(session, LIN, made.id, 2, f"section_up {section}", {})
        session.commit()
    assert last.asked.hash == first.asked.hash
    page(team, f"/desk/drafts/{made.id}")
    page(team, f"/desk/drafts/{made.id}/preview")


@pytest.mark.parametrize("revision", ["²", "9" * 5000, "-1", "x"])
def test_a_revision_that_is_no_number_is_told_like_an_old_page(team, draft, revision):
    answer = send(team, draft, "/steps", revision=revision, step="up bur_af2")
    assert answer.status_code == 409
