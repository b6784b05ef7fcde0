"""What the consent text promises and the respondent's pages can prove (rules/test_consent.py lists all proofs)."""

import logging
import re

import pytest

from fieldkit.core.item import TYPES
from fieldkit.core.response import checker
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.settings import resource
from tests.phone_site import COUNTY, STUDY, a_wave, make_site
from tests.web.test_phone import LEAST, PAGE, a_submission

LIBRARY = load_library(resource("instruments"))
FOR_CADRES = [q for q in LIBRARY.questionnaires.values() if q.audience == "cadre"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = make_site(tmp_path_factory.mktemp("consent"))
    yield site
    site.app.extensions["fieldkit"].collector.close()
    site.app.extensions["fieldkit"].engine.dispose()
    site.engine.dispose()


@pytest.fixture
def client(site):
    return site.app.test_client()


def shown(page):
    """The consent text as a reader sees it, one paragraph a line."""
    block = page[page.index('<div class="consent">') : page.index('id="core_consent"')].split("</div>")[0]
    paragraphs = re.findall(r"<(?:p|li)>(.*?)</(?:p|li)>", block, re.S)
    return [re.sub(r"<[^>]+>", "", paragraph) for paragraph in paragraphs]


def test_the_consent_text_is_shown_word_for_word_with_the_studys_own_facts(site, client):
    wave = a_wave("short", "short", site.today)

    def day(date):
        return f"{date.year}年{date.month}月{date.day}日"

    text = LIBRARY.module("core").consent.say("zh")
    for blank, fact in (
        ("【研究团队名称】", STUDY.team),
        ("【分钟】", "10"),
        ("保存到【日期】", f"保存到{day(wave.keep_until)}"),
        ("在【日期】前", f"在{day(wave.withdraw_until)}前"),
        ("【研究团队邮箱】", STUDY.email),
        ("【编号】", STUDY.ethics_number),
    ):
        assert text.count(blank) == 1
        text = text.replace(blank, fact)
    assert "【" not in text
    assert shown(client.get(PAGE).text) == text.splitlines()


def test_the_lead_words_of_the_consent_text_are_bold(client):
    page = client.get(PAGE).text
    bold = re.findall(r"<b>(.*?)</b>", page[page.index('<div class="consent">') : page.index('id="core_consent"')])
    assert "参加完全自愿。" in bold
    assert "您的单位和上级看不到您的答案，也看不到您有没有填写。" in bold
    assert len(bold) == 6


@pytest.mark.parametrize("questionnaire", FOR_CADRES, ids=lambda q: q.id)
def test_the_minutes_promised_are_those_of_the_questionnaire(site, client, questionnaire):
    wave = "minutes-" + questionnaire.id.replace("_", "-")
    site.open(a_wave(wave, questionnaire.id, site.today))
    page = client.get(f"/w/{wave}/{COUNTY}").text
    assert f"填写大约需要{round(questionnaire.minutes)}分钟。" in "".join(shown(page))
    assert round(questionnaire.minutes) >= questionnaire.minutes - 0.5


@pytest.mark.parametrize("questionnaire", FOR_CADRES, ids=lambda q: q.id)
def test_everything_but_consent_and_level_may_be_skipped(questionnaire):
    answers = checker(questionnaire).check(LEAST)
    assert [i for i, answer in answers.items() if answer.value is not None] == ["core_level"]


@pytest.mark.parametrize("questionnaire", FOR_CADRES, ids=lambda q: q.id)
def test_no_question_asks_for_what_the_consent_text_rules_out(questionnaire):
    words = re.compile(r"您的(姓名|名字|电话|手机|身份证|单位名称|单位叫)|政治面貌|党员身份|是否党员|IP")
    for item in questionnaire:
        said = item.text.say("zh") + "".join(option.text.say("zh") for option in item.options)
        assert not words.search(said), item.id
    texts = [item.id for item in questionnaire if TYPES[item.type].value == "text"]
    assert texts == ["core_comment"], "free text only where it is asked not to name anybody"
    assert "不要写姓名、单位名称、电话" in questionnaire.items["core_comment"].text.say("zh")


@pytest.mark.parametrize("questionnaire", FOR_CADRES, ids=lambda q: q.id)
def test_the_profile_is_asked_in_bands_only(questionnaire):
    for item in ("core_age", "core_years"):
        asked = questionnaire.items[item]
        assert asked.type == "single"
        bands = [option for option in asked.options if not option.missing]
        assert 3 <= len(bands) <= 6


@pytest.mark.parametrize("questionnaire", FOR_CADRES, ids=lambda q: q.id)
def test_how_one_came_to_answer_is_asked_at_the_end_and_is_in_no_county_report(questionnaire):
    closed = [item.id for item in questionnaire if TYPES[item.type].value != "text"]
    assert closed[-1] == "core_voluntary"
    assert questionnaire.indicators
    assert not [i.id for i in questionnaire.indicators if "core_voluntary" in i.items], "no figure of a report shows it"


def test_where_a_submission_came_from_is_stored_and_logged_nowhere(site, client, caplog):
    telling = {
        "X-Forwarded-For": "203.0.113.77",
        "X-Real-IP": "203.0.113.77",
        "User-Agent": "TellingBrowser/9.9",
        "Referer": "https://referer.example/telling",
        "Cookie": "telling=cookie",
    }
    with caplog.at_level(logging.DEBUG):
        assert client.get(PAGE, headers=telling).status_code == 200
        sent = a_submission()
        answer = client.post(
            f"{PAGE}/responses", json=sent, headers=telling, environ_base={"REMOTE_ADDR": "203.0.113.77"}
        )
        assert answer.status_code == 200
        broken = client.post(
            f"{PAGE}/responses", json={"id": "x"}, headers=telling, environ_base={"REMOTE_ADDR": "203.0.113.77"}
        )
        assert broken.status_code == 400
    with site.engine.connect() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        kept = "\n".join(str(connection.exec_driver_sql(f"SELECT * FROM {table}").all()) for table in tables)
    assert sent["id"] in kept
    for trace in ("203.0.113.77", "TellingBrowser", "referer.example", "telling"):
        assert trace not in kept
        assert trace not in caplog.text
        assert trace not in answer.text
