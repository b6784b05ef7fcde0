"""The respondent's pages as the server gives them: the page, handing in with and without script, refusing, deleting."""

import gzip
import json
import re
import secrets
from dataclasses import replace

import pytest
from sqlalchemy import text as sql

from fieldkit.core.access import LOCAL
from fieldkit.core.paradata import Paradata
from fieldkit.core.submission import ALPHABET
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.services.waves import close_wave
from fieldkit.settings import resource
from fieldkit.store import responses, waves
from fieldkit.store.engine import Session
from fieldkit.translations import say
from fieldkit.web.phone.page import make_version, render
from tests.phone_site import COUNTY, STUDY, a_wave, make_site

PAGE = f"/w/short/{COUNTY}"
FULL = ("full_burden", "full_negotiation", "full_coordination", "full_pathway", "full_alliance")
# the least that is accepted: everything but consent and level may be skipped
LEAST = {"core_consent": 1, "core_level": 1}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = make_site(tmp_path_factory.mktemp("phone"))
    yield site
    site.app.extensions["fieldkit"].collector.close()
    site.engine.dispose()
    site.app.extensions["fieldkit"].engine.dispose()


@pytest.fixture
def client(site):
    return site.app.test_client()


def a_submission(**changes):
    sent = {
        "id": secrets.token_hex(16),
        "receipt_code": "".join(secrets.choice(ALPHABET) for _ in range(12)),
        "questionnaire": "short",
        "version": "1.0.0",
        "language": "zh",
        "active_seconds": 421,
        "answers": {**LEAST, "bur_af1": 4, "bur_pb1": {"missing": "refused"}, "bur_af2": None},
    }
    return {**sent, **changes}


def hand_in(client, **changes):
    return client.post(f"{PAGE}/responses", json=a_submission(**changes))


def posted(**changes):
    """A form as a browser without script posts it: every text field is there, empty or not."""
    form = {
        "_version": "1.0.0",
        "core_consent": "1",
        "core_level": "1",
        "bur_af1": "",
        "bur_af2": "",
        "core_comment": "",
    }
    return {**form, **changes}


def hidden(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


# ------------------------------------------------------------------------------------------------ the page


def test_the_page_shows_every_question_of_the_short_form_in_its_order(client):
    page = client.get(PAGE).text
    asked = re.findall(r'<fieldset class="card" id="(\w+)"', page)
    assert asked[0] == "core_consent"
    assert asked[1:4] == ["core_level", "bur_af1", "bur_af2"]
    assert asked[-2:] == ["core_voluntary", "core_comment"]
    assert len(asked) == 34, "35 items, and the county comes from the link"


def test_the_page_speaks_chinese_and_keeps_the_study_out_of_its_title(client):
    page = client.get(PAGE).text
    assert '<html lang="zh-CN">' in page
    title = re.search("<title>(.*?)</title>", page).group(1)
    assert STUDY.title not in title
    assert "调查" not in title


def test_asking_for_english_does_not_show_an_instrument_that_is_fielded_in_chinese_only(client):
    page = client.get(f"{PAGE}?lang=en").text
    assert '<html lang="zh-CN">' in page
    assert "Strongly disagree" not in page
    assert "下一页" in page


def test_a_questionnaire_fielded_in_two_languages_can_be_read_in_the_other(site, client):
    wave = a_wave("short", "short", site.today)
    questionnaire = load_library(resource("instruments")).questionnaire("short")
    both = replace(questionnaire, languages=("zh", "en"), hash="two-languages")
    with site.app.test_request_context(f"{PAGE}?lang=en"):
        version = make_version(both, "en")
        page = render(version, wave, COUNTY, version.form(), script=True)
    assert '<html lang="en">' in page
    assert "Strongly disagree" in page
    assert "非常不同意" not in page
    assert f'action="{PAGE}?lang=en"' in page
    assert re.search(rf'<a href="{PAGE}\?lang=zh"[^>]*>中文</a>', page)
    leads = re.findall(r'<a href="(/[^"]*)"(?![^>]*hreflang)', page)
    assert leads
    assert all(one.endswith("?lang=en") for one in leads), "what it leads to is in English too"


def test_the_county_is_shown_as_it_came_with_the_link_and_cannot_be_changed(client):
    page = client.get(PAGE).text
    assert "浙江省湖州市安吉县" in page
    assert 'name="core_county"' not in page


def test_the_page_runs_nothing_inline_and_fetches_nothing_from_elsewhere(client):
    page = client.get(PAGE).text
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    scripts = re.findall(r"<script([^>]*)>", page)
    assert all("src=" in tag or "application/json" in tag for tag in scripts)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)
    policy = client.get(PAGE).headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_every_field_has_a_name_for_those_who_hear_the_page(client):
    page = client.get(PAGE).text
    outside_labels = re.sub(r"<label.*?</label>", "", page, flags=re.S)
    for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", outside_labels):
        assert 'type="hidden"' in tag or "aria-label" in tag, tag
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for reference in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', page):
        assert set(reference.split()) <= set(ids)


def test_nobody_gets_a_cookie_and_no_page_asks_for_a_token(client):
    answers = [
        client.get(PAGE),
        hand_in(client),
        client.post(PAGE, data=posted()),
        client.post(f"{PAGE}/refusal"),
        client.get("/w/short/withdraw"),
        client.get("/area"),
        client.get(f"/w/nowhere/{COUNTY}"),
    ]
    for answer in answers:
        assert "Set-Cookie" not in answer.headers
        assert "csrf" not in answer.text


def test_the_same_page_is_not_sent_twice(client):
    first = client.get(PAGE)
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(PAGE, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_the_page_travels_compressed_and_is_the_same_when_unpacked(client):
    plain = client.get(PAGE)
    packed = client.get(PAGE, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] == plain.headers["ETag"]


def test_the_rules_in_the_page_cannot_end_the_script_element(client):
    page = client.get(PAGE).text
    rules = re.search(r'<script type="application/json" id="rules">(.*?)</script>', page, re.S).group(1)
    assert "<" not in rules
    read = json.loads(rules)
    assert read["items"]["neg_dir"]["if"]
    assert read["items"]["core_level"]["need"] == "hard"
    assert read["items"]["bur_af1"] == {
        "kind": "number",
        "low": 0,
        "high": 99,
        "whole": True,
        "need": "yes",
        "above": 30,
    }


def test_items_that_hang_on_others_say_so_where_there_is_no_script(client):
    page = client.get(PAGE).text
    card = page[page.index('id="neg_dir"') : page.index('id="neg_assigned"')]
    assert say("phone.plain_item") in card


@pytest.mark.parametrize("questionnaire", FULL)
def test_every_full_questionnaire_has_its_page_and_can_be_handed_in(site, client, questionnaire):
    wave = questionnaire.replace("_", "-")
    site.open(a_wave(wave, questionnaire, site.today))
    page = client.get(f"/w/{wave}/{COUNTY}")
    assert page.status_code == 200
    rules = json.loads(re.search(r'id="rules">(.*?)</script>', page.text, re.S).group(1))
    drawn = set(re.findall(r'<fieldset class="card" id="(\w+)"', page.text))
    assert drawn == set(rules["items"]) - {"core_county"}
    names = {
        name.removesuffix("__miss") for name in re.findall(r'<(?:input|textarea)[^>]* name="([a-z]\w+)"', page.text)
    }
    assert names == drawn
    sent = a_submission(questionnaire=questionnaire, answers={**LEAST})
    assert client.post(f"/w/{wave}/{COUNTY}/responses", json=sent).status_code == 200


def test_a_stem_stands_on_every_card_whose_words_are_only_a_phrase(site, client):
    site.open(a_wave("stems", "full_burden", site.today))
    page = client.get(f"/w/stems/{COUNTY}").text
    assert page.count("与三年前相比（到基层不足三年的，与您刚到时相比），下列方面有什么变化？") == 5
    assert page.count("请根据过去三个月的情况，选择您对下列说法的看法。") == 2, "statements: once a section"


# -------------------------------------------------------------------------------------- handing in as JSON


def test_a_submission_gets_its_code_back_in_groups_and_the_day_until_which_it_can_be_deleted(site, client):
    before = site.count("response")
    answer = hand_in(client, receipt_code="7KQ4M2XD9PWE")
    assert answer.status_code == 200
    assert answer.json["receipt_code"] == "7KQ4-M2XD-9PWE"
    assert answer.json["outcome"] == "stored"
    assert answer.json["withdraw_until"] == a_wave("x", "short", site.today).withdraw_until.isoformat()
    assert site.count("response") == before + 1


def test_the_same_submission_again_is_the_same_response(site, client):
    sent = a_submission()
    before = site.count("response")
    answers = [client.post(f"{PAGE}/responses", json=sent).json for _ in range(3)]
    assert [a["outcome"] for a in answers] == ["stored", "again", "again"]
    assert len({a["receipt_code"] for a in answers}) == 1
    assert site.count("response") == before + 1


def test_other_answers_under_the_same_id_are_received_calmly_and_kept_apart(site, client):
    sent = a_submission()
    client.post(f"{PAGE}/responses", json=sent)
    before = site.count("response")
    answer = client.post(f"{PAGE}/responses", json={**sent, "answers": {**LEAST, "bur_af1": 9}})
    assert answer.status_code == 200
    assert answer.json["outcome"] == "variant"
    assert site.count("response") == before


def test_a_code_that_somebody_else_has_is_told_so_that_the_phone_makes_another(client):
    first = a_submission()
    client.post(f"{PAGE}/responses", json=first)
    answer = hand_in(client, receipt_code=first["receipt_code"])
    assert answer.status_code == 409
    assert answer.json["code"] == "receipt.taken"


def test_findings_come_back_with_the_item_they_belong_to(client):
    answer = hand_in(client, answers={**LEAST, "bur_af1": 130, "bur_pb1": 77, "neg_task": 0})
    assert answer.status_code == 422
    found = {finding["where"]: finding for finding in answer.json["findings"]}
    assert set(found) == {"bur_af1", "bur_pb1"}
    assert found["bur_af1"]["message"]
    assert found["bur_af1"]["remedy"]


def test_without_consent_nothing_is_stored(site, client):
    before = site.count("response")
    for answers in ({"core_level": 1}, {"core_consent": 2, "core_level": 1}):
        assert hand_in(client, answers=answers).json["code"] == "submission.no_consent"
    assert site.count("response") == before


def how(site, identity):
    with Session(site.engine) as session:
        found = [r for r in responses.iterate(session, waves.get(session, "short")) if r.id == identity]
    return found[0].paradata


def test_how_it_was_filled_in_is_kept_within_bounds_and_without_anything_else(site, client):
    told = {
        "sections": {"workload": 61, "nowhere": 5}, "corrections": 3, "offline": True, "device": "tablet",
        "agent": "Mozilla", "clock": "08:30",
    }  # fmt: skip
    sent = a_submission(paradata=told)
    assert client.post(f"{PAGE}/responses", json=sent).json["outcome"] == "stored"
    assert how(site, sent["id"]) == Paradata({"workload": 60}, 3, True, "tablet")
    with site.engine.connect() as connection:
        query = sql("SELECT paradata FROM response WHERE id = :id")
        kept = connection.execute(query, {"id": sent["id"]}).scalar_one()
    assert "Mozilla" not in str(kept)
    assert "08:30" not in str(kept)


@pytest.mark.parametrize("told", [None, "fast", [], 7])
def test_answers_are_taken_whatever_a_browser_says_of_itself(site, client, told):
    sent = a_submission(paradata=told)
    assert client.post(f"{PAGE}/responses", json=sent).json["outcome"] == "stored"
    assert how(site, sent["id"]) is None


def test_the_same_answers_counted_otherwise_are_the_same_response(client):
    sent = a_submission(paradata={"corrections": 1})
    assert client.post(f"{PAGE}/responses", json=sent).json["outcome"] == "stored"
    again = {**sent, "paradata": {"corrections": 2}}
    assert client.post(f"{PAGE}/responses", json=again).json["outcome"] == "again"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "short"}, "submission.wrong_shape"),
        ({"id": None}, "submission.wrong_shape"),
        ({"answers": [1, 2]}, "submission.wrong_shape"),
        ({"answers": None}, "submission.wrong_shape"),
        ({"language": "fr"}, "submission.wrong_shape"),
        ({"active_seconds": "421"}, "submission.wrong_shape"),
        ({"active_seconds": -1}, "submission.wrong_shape"),
        ({"name": "someone"}, "submission.wrong_shape"),
        ({"version": "0.9.0"}, "submission.wrong_version"),
        ({"questionnaire": "full_burden"}, "submission.wrong_version"),
        ({"receipt_code": "I0I0I0I0I0I0"}, "receipt.malformed"),
        ({"answers": {"core_consent": 1, "core_level": 1, "no_such_item": 1}}, "submission.invalid"),
    ],
)
def test_a_submission_of_another_shape_is_refused_and_not_stored(site, client, changes, code):
    before = site.count("response")
    answer = hand_in(client, **changes)
    assert answer.json["code"] == code
    assert 400 <= answer.status_code < 500
    assert site.count("response") == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe"])
def test_a_body_that_is_no_submission_is_refused_in_words(client, body):
    answer = client.post(f"{PAGE}/responses", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["code"] in ("submission.not_json", "submission.wrong_shape")
    assert answer.json["message"]


def test_a_body_beyond_the_limit_is_refused(client):
    answer = hand_in(client, answers={**LEAST, "core_comment": "长" * 300_000})
    assert answer.status_code == 413
    assert answer.json["code"] == "submission.too_large"


# ----------------------------------------------------------------------------------------------- refusing


def test_refusing_adds_one_to_a_tally_and_leaves_no_row(site, client):
    rows, tally = site.count("response"), site.tally("refused")
    assert client.post(f"{PAGE}/refusal").status_code == 204
    assert site.count("response") == rows
    assert site.tally("refused") == tally + 1


def test_refusing_without_script_shows_the_exit_page_and_stores_nothing(site, client):
    rows, tally = site.count("response"), site.tally("refused")
    answer = client.post(PAGE, data=posted(core_consent="2", bur_af1="4"))
    assert say("phone.exit_stored") in answer.text
    assert site.count("response") == rows
    assert site.tally("refused") == tally + 1


# ------------------------------------------------------------------------------------------ without script


def test_without_script_one_looks_once_more_and_then_gets_the_code(site, client):
    before = site.count("response")
    last_look = client.post(
        PAGE, data=posted(bur_af1="１２", core_comment="会多\r\n表多", bur_pb1="4", bur_pb2="refused")
    )
    assert last_look.status_code == 200
    assert site.count("response") == before, "nothing is stored before the respondent has said so"
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', last_look.text))
    assert form["bur_af1"] == "１２"
    receipt = client.post(PAGE, data=form)
    assert receipt.status_code == 200
    shown = "-".join(re.findall(r"<span>([0-9A-Z]{4})</span>", receipt.text))
    assert shown.replace("-", "") == form["_code"]
    assert site.count("response") == before + 1


def test_pressing_send_twice_without_script_stores_once(site, client):
    before = site.count("response")
    last_look = client.post(PAGE, data=posted(bur_af1="5"))
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', last_look.text))
    first, second = client.post(PAGE, data=form), client.post(PAGE, data=form)
    codes = [re.findall(r"<span>([0-9A-Z]{4})</span>", page.text) for page in (first, second)]
    assert codes[0] == codes[1]
    assert site.count("response") == before + 1


def test_without_script_an_error_stands_at_its_question_and_what_was_typed_is_still_there(site, client):
    before = site.count("response")
    answer = client.post(PAGE, data=posted(bur_af1="130", bur_pb1="4", core_comment="还<没>写完", bur_tr_hours="6.3"))
    assert answer.status_code == 422
    page = answer.text
    card = page[page.index('id="bur_af1"') : page.index('id="bur_af2"')]
    assert "130 超出了范围。" in card
    assert "请改成 0 到 99 之间的整数。" in card
    assert 'value="130"' in card
    assert 'aria-invalid="true"' in card
    assert re.search(r'name="bur_pb1" value="4" checked', page)
    assert "还&lt;没&gt;写完</textarea>" in page
    assert 'href="#bur_af1"' in page
    assert "phone.js" not in page, "the long form stays a long form"
    assert site.count("response") == before


def test_without_script_forgetting_the_consent_is_said_at_the_consent(client):
    form = posted()
    del form["core_consent"]
    answer = client.post(PAGE, data=form)
    assert answer.status_code == 422
    assert "还没有选择是否参加。" in answer.text


def test_without_script_answers_to_items_that_were_not_asked_are_dropped(site, client):
    last_look = client.post(PAGE, data=posted(neg_task="0", neg_assigned="120", neg_dir="1"))
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', last_look.text))
    assert client.post(PAGE, data=form).status_code == 200
    with site.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT answers FROM response WHERE id = ?", (form["_id"],)).scalar_one()
    answers = json.loads(kept) if isinstance(kept, str | bytes) else kept
    assert "120" not in json.dumps(answers)


def test_without_script_going_back_brings_everything_back(client):
    last_look = client.post(PAGE, data=posted(bur_af1="7", bur_pb1="2"))
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', last_look.text))
    page = client.post(PAGE, data={**form, "_back": "1"}).text
    assert re.search(r'name="bur_af1"[^>]* value="7"', page)
    assert re.search(r'name="bur_pb1" value="2" checked', page)


def test_without_script_an_unusual_number_is_asked_about_once_and_can_be_sent(client):
    last_look = client.post(PAGE, data=posted(bur_af1="60")).text
    assert "60 次，不太常见" in last_look
    assert hidden(last_look, "bur_af1") == "60"


def test_the_last_look_counts_but_shows_no_answers(client):
    page = client.post(PAGE, data=posted(bur_pb1="4", core_level="3")).text
    visible = re.sub(r"<input[^>]*>", "", page)
    assert "比较同意" not in visible
    assert "6 题，5 题还没填" in visible


def test_a_page_of_another_version_is_not_taken_for_this_one(client):
    assert client.post(PAGE, data=posted(_version="0.9.0")).status_code == 409


# -------------------------------------------------------------------------------------- closed and unknown


def test_a_link_without_a_county_lets_one_choose_from_the_studys_list(client):
    page = client.get("/w/short").text
    assert re.findall(r'href="(/w/short/\d+)"', page) == [PAGE, "/w/short/330522"]
    assert "浙江省湖州市安吉县" in page
    assert client.get("/w/nowhere").status_code == 404


def test_an_unknown_wave_and_a_county_outside_it_say_what_to_do(client):
    for address in (f"/w/nowhere/{COUNTY}", "/w/short/110101"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "链接" in answer.text
        assert "Traceback" not in answer.text


def test_a_closed_wave_says_so_and_still_leads_to_deleting(site, client):
    day = site.today.resolution
    site.open(a_wave("over", "short", site.today, opens_on=site.today - 9 * day, closes_on=site.today - day))
    answer = client.get(f"/w/over/{COUNTY}")
    assert answer.status_code == 410
    assert "结束" in answer.text
    assert 'href="/w/over/withdraw"' in answer.text
    assert client.post(f"/w/over/{COUNTY}/responses", json=a_submission()).json["code"] == "wave.closed"
    assert client.post(f"/w/over/{COUNTY}/refusal").status_code == 410


def test_a_wave_closed_before_its_last_day_does_not_say_that_the_day_has_passed(site, client):
    last = site.today + 9 * site.today.resolution
    site.open(a_wave("early", "short", site.today, closes_on=last))
    with Session(site.engine) as session:
        close_wave(session, LOCAL, "early")
        session.commit()
    answer = client.get(f"/w/early/{COUNTY}")
    assert answer.status_code == 410
    assert "提前结束" in answer.text
    assert last.isoformat() not in answer.text
    assert 'href="/w/early/withdraw"' in answer.text
    assert "closed before its last day" in client.get(f"/w/early/{COUNTY}?lang=en").text


def test_a_wave_that_has_not_begun_says_when_it_will(site, client):
    day = site.today.resolution
    site.open(a_wave("soon", "short", site.today, opens_on=site.today + 3 * day))
    answer = client.get(f"/w/soon/{COUNTY}")
    assert answer.status_code == 403
    assert "还没有开始" in answer.text


# ------------------------------------------------------------------------------------------------ deleting


def test_the_code_deletes_the_answers_after_one_question(site, client):
    sent = a_submission()
    client.post(f"{PAGE}/responses", json=sent)
    rows, tally = site.count("response"), site.tally("withdrawn")
    typed = sent["receipt_code"].lower()
    sure = client.post("/w/short/withdraw", data={"code": f" {typed[:4]} {typed[4:8]}-{typed[8:]}"})
    assert say("phone.withdraw_sure") in sure.text
    assert site.count("response") == rows, "typing the code deletes nothing yet"
    done = client.post("/w/short/withdraw", data={"code": hidden(sure.text, "code"), "sure": "1"})
    assert say("phone.withdrawn_what") in done.text
    assert site.count("response") == rows - 1
    assert site.tally("withdrawn") == tally + 1


def test_what_was_deleted_stays_deleted_when_the_phone_sends_it_once_more(site, client):
    sent = a_submission()
    client.post(f"{PAGE}/responses", json=sent)
    client.post("/w/short/withdraw", data={"code": sent["receipt_code"], "sure": "1"})
    rows = site.count("response")
    assert client.post(f"{PAGE}/responses", json=sent).status_code == 200
    assert site.count("response") == rows


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [("", 400, "查询码的形式不对。"), ("7KQ4", 400, "查询码的形式不对。"), ("2222-2222-2222", 404, "没有找到")],
)
def test_a_code_that_cannot_be_used_is_explained_at_the_field_with_what_was_typed(client, typed, status, said):
    answer = client.post("/w/short/withdraw", data={"code": typed, "sure": "1"})
    assert answer.status_code == status
    assert said in answer.text
    assert f'name="code" value="{typed}"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_after_the_promised_day_the_page_says_that_it_is_too_late(site, client):
    day = site.today.resolution
    past = {"opens_on": site.today - 30 * day, "closes_on": site.today - 20 * day, "withdraw_until": site.today - day}
    site.open(a_wave("past", "short", site.today, **past))
    answer = client.post("/w/past/withdraw", data={"code": "2222-2222-2222", "sure": "1"})
    assert answer.status_code == 410
    assert "期限" in answer.text


def test_deleting_in_an_unknown_wave_is_a_page_and_no_crash(client):
    assert client.get("/w/nowhere/withdraw").status_code == 404


# -------------------------------------------------------------------------------------------- quick hiding


def test_the_page_that_hides_the_questionnaire_can_be_reloaded_and_says_nothing_about_it(client):
    page = client.get("/area").text
    assert "<title>面积换算</title>" in page
    assert "问卷" not in page
    assert "调查" not in page
