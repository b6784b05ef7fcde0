"""The page on which a draft is compared, tried out and published."""

from __future__ import annotations

import re

import pytest

from fieldkit.app import reached_at
from fieldkit.core.access import Actor
from fieldkit.render.qr import qr_svg
from fieldkit.services import drafts, publish
from fieldkit.store import instruments, responses
from fieldkit.store.engine import Session
from tests.demo_site import csrf, make_desk
from tests.services.test_publish import FORM

LIN = Actor("lin", "researcher")
MENDED = FORM.replace("台帐", "台账")
REVERSED = FORM.replace(", reverse: true", "")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    found = make_desk(tmp_path_factory.mktemp("publishing"), empty=True)
    with Session(found.engine) as session:
        first = drafts.create_draft(session, LIN, "questionnaire", "tiny", FORM)
        publish.publish_draft(session, LIN, first.id, revision=1, word="tiny", version="1.0.0")
        session.commit()
    return found


@pytest.fixture
def team(desk):
    return desk.client("researcher")


def begun(desk, source):
    with Session(desk.engine) as session:
        draft = drafts.create_draft(session, LIN, "questionnaire", "tiny", source, "1.0.0")
        session.commit()
    return f"/desk/drafts/{draft.id}"


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def send(client, address, verb, **data):
    token = csrf(page(client, f"{address}/change"))
    return client.post(f"{address}/{verb}", data={"csrf_token": token, "revision": "1", **data})


def test_old_and_new_wording_stand_side_by_side_with_what_differs_marked(desk, team):
    html = page(team, begun(desk, MENDED) + "/change")
    assert "整理台<del>帐</del>花了多少小时？" in html
    assert "整理台<ins>账</ins>花了多少小时？" in html
    assert "文字修正 1" in words(html)
    assert "还是同一个问题吗？" in words(html)
    assert "至少要发布为 1.0.1" in words(html)


def test_another_question_under_an_old_id_leaves_no_button_to_publish(desk, team):
    address = begun(desk, REVERSED)
    html = page(team, address + "/change")
    assert "（反向题）" in html
    assert "（正向题）" in html
    assert "照现在这样不能发布" in html
    assert "/publish" not in html
    answer = send(team, address, "publish", word="tiny", version="2.0.0")
    assert answer.status_code == 422
    assert "enough" in words(answer.get_data(as_text=True))
    with Session(desk.engine) as session:
        assert instruments.versions(session, "questionnaire", "tiny") == ["1.0.0"]


def test_a_change_is_taken_back_with_one_press(desk, team):
    address = begun(desk, REVERSED)
    answer = send(team, address, "mend", step="back reverse enough")
    assert (answer.status_code, answer.location) == (303, f"{address}/change")
    assert "完全一样" in page(team, answer.location)


def test_a_new_id_lets_the_changed_item_be_published_as_a_new_question(desk, team):
    address = begun(desk, REVERSED)
    send(team, address, "mend", step="new_id reverse enough")
    html = words(page(team, address + "/change"))
    assert "enough_v2 · 新增题目" in html
    assert "至少要发布为 2.0.0" in html


def test_nothing_is_mended_or_published_over_what_somebody_saved_meanwhile(desk, team):
    address = begun(desk, MENDED)
    token = csrf(page(team, address + "/change"))
    with Session(desk.engine) as session:
        drafts.save(session, Actor("wang", "researcher"), address.rsplit("/", 1)[1], MENDED + "\n", 1)
        session.commit()
    for step, data in (
        ("publish", {"word": "tiny", "version": "1.0.1", "same-hours-text": "yes"}),
        ("mend", {"step": "back text hours"}),
    ):
        answer = team.post(f"{address}/{step}", data={"csrf_token": token, "revision": "1", **data})
        assert answer.status_code == 409, step
        assert "wang" in words(answer.get_data(as_text=True))


def test_what_is_missing_is_said_in_place_and_what_was_typed_stays(desk, team):
    address = begun(desk, MENDED)
    answer = send(team, address, "publish", word="tiny", version="1.0.1", note="改错别字")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in html
    assert 'value="改错别字"' in html
    answer = send(team, address, "publish", word="", version="1.0.1", **{"same-hours-text": "yes"})
    assert "还没有确认" in answer.get_data(as_text=True)
    assert re.search(r'value="yes" required checked', answer.get_data(as_text=True))
    answer = send(team, address, "publish", word="tiny", version="1.0.1", **{"same-hours-text": "no"})
    assert "改用新题号" in answer.get_data(as_text=True)


def test_a_draft_with_mistakes_shows_them_by_line(desk, team):
    html = words(page(team, begun(desk, FORM.replace("options: AGREE, ", "")) + "/change", 422))
    assert "改好以后才能比较和发布" in html
    assert re.search(r"第 \d+ 行", html)


def test_a_trial_can_be_filled_in_and_says_what_it_is(desk, team):
    address = begun(desk, MENDED)
    answer = send(team, address, "test")
    assert answer.status_code == 303
    html = page(team, address + "/change")
    link = re.search(r'href="http://localhost(/w/test-[^"]+)"', html)[1]
    phone = desk.client()
    shown = page(phone, link)
    assert "试填，不计入数据" in shown
    assert "整理台账" in shown
    wave = link.split("/")[2]
    sent = {
        "id": "a" * 32, "receipt_code": "7KQ4M2XD9PWE", "questionnaire": wave, "version": "1.0.0", "language": "zh",
        "active_seconds": 60, "answers": {"core_consent": 1, "hours": 3, "enough": 2},
    }  # fmt: skip
    answer = phone.post(f"{link}/responses", json=sent)
    assert answer.get_json()["outcome"] == "stored", answer.get_json()
    with Session(desk.engine) as session:
        assert sum(responses.count_by_county(session, wave).values()) == 1
    assert "还没有收到试填答卷" in html
    assert "已收到 1 份试填答卷" in page(team, address + "/change")
    for path in (f"/desk/waves/{wave}", f"/desk/waves/{wave}/110101/report.pdf"):
        assert team.get(path).status_code == 409
    token = csrf(page(team, address + "/change"))
    assert team.post(f"/desk/waves/{wave}/responses.zip", data={"csrf_token": token}).status_code == 409
    assert wave not in page(team, "/desk")


def test_a_trial_link_that_other_machines_can_open_stands_there_for_a_camera(desk, team):
    address = begun(desk, MENDED)
    send(team, address, "test")
    here = page(team, address + "/change")
    assert "只有这台电脑能打开" in here
    assert "<svg" not in here.split('id="trial"')[1]
    team.set_cookie("fieldkit", team.get_cookie("fieldkit").value, domain="192.0.2.7")
    network = team.get(address + "/change", base_url="http://192.0.2.7:8000").get_data(as_text=True)
    link = re.search(r'href="(http://192\.0\.2\.7:8000/w/test-[^"]+)"', network)[1]
    assert qr_svg(link, "试填链接的二维码") in network


def test_a_trial_says_when_the_draft_has_changed_since(desk, team):
    address = begun(desk, MENDED)
    send(team, address, "test")
    with Session(desk.engine) as session:
        drafts.save(session, LIN, address.split("/")[3], MENDED.replace("整理", "收拾"), 1)
        session.commit()
    assert "还是改之前的样子" in page(team, address + "/change")


def test_behind_a_proxy_the_trial_link_begins_with_the_address_that_the_operator_set(desk, team, monkeypatch):
    address = begun(desk, MENDED)
    assert send(team, address, "test").status_code == 303
    monkeypatch.setattr(desk.app, "wsgi_app", reached_at(desk.app.wsgi_app, "https://survey.example.org"))
    assert re.search(r'href="https://survey\.example\.org/w/test-[^"]+"', page(team, address + "/change"))


def test_the_changes_can_be_kept_as_a_text(desk, team):
    answer = team.get(begun(desk, MENDED) + "/change.txt")
    assert answer.mimetype == "text/plain"
    assert "  - 整理台帐花了多少小时？\n  + 整理台账花了多少小时？\n" in answer.get_data(as_text=True)


def test_a_draft_that_is_gone_is_said_so(team):
    assert "没有编号为 nothing 的草稿" in words(page(team, "/desk/drafts/nothing/change", 404))


def test_publishing_keeps_who_when_and_why_and_leads_to_the_new_version(desk, team):
    address = begun(desk, MENDED)
    answer = send(team, address, "publish", word="tiny", version="1.0.1", note="改错别字", **{"same-hours-text": "yes"})
    assert answer.status_code == 303
    assert "整理台账" in page(team, answer.location)
    assert team.get(address + "/change").status_code == 404
    html = words(page(team, begun(desk, REVERSED) + "/change"))
    assert "改错别字" in html
    assert "1.0.1文字修正" in html
