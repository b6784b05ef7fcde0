"""Every sentence of the consent text is true: beside each stand the tests that prove it (pitfall 11).

A sentence that changes, a sentence without proof, or a proof that was renamed or removed fails here.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from fieldkit.formats.instrument_yaml import load_library
from fieldkit.settings import resource
from fieldkit.translations import say

TESTS = Path(__file__).resolve().parents[1]

PROVEN = {
    "您好！我们是【研究团队名称】，正在开展一项关于基层工作负担、上下级沟通和党建联盟的学术调查。": [
        "web/test_phone_consent.py::test_the_consent_text_is_shown_word_for_word_with_the_studys_own_facts",
    ],
    "填写大约需要【分钟】分钟。": [
        "web/test_phone_consent.py::test_the_minutes_promised_are_those_of_the_questionnaire",
    ],
    "一、参加完全自愿。": [
        "journeys/test_phone_journey.py::test_the_page_shows_no_section_before_consent_and_no_consent_is_chosen_beforehand",
        "web/test_phone.py::test_without_consent_nothing_is_stored",
    ],
    "您可以不参加，可以跳过任何不想回答的题目，也可以随时退出；不参加或退出不会给您带来任何不利影响。": [
        "journeys/test_phone_journey.py::test_saying_no_leaves_with_a_tally_and_nothing_else",
        "journeys/test_phone_journal.py::test_leaving_midway_sends_nothing",
        "journeys/test_phone_unseen.py::test_leaving_midway_by_any_door_stores_nothing_on_the_server",
        "journeys/test_phone_answers.py::test_open_questions_are_named_once_and_then_one_may_go_on",
        "web/test_phone_consent.py::test_everything_but_consent_and_level_may_be_skipped",
        "rules/test_privacy.py::test_refusing_leaves_no_row_but_a_number",
    ],
    "二、我们不收集您的姓名、电话、身份证号、单位名称和IP地址，也不询问政治面貌。": [
        "rules/test_privacy.py::test_no_table_of_respondents_has_a_column_that_tells_who_where_or_when",
        "rules/test_privacy.py::test_no_table_at_all_has_a_column_for_an_address_or_a_browser",
        "web/test_phone_consent.py::test_no_question_asks_for_what_the_consent_text_rules_out",
        "web/test_phone_consent.py::test_where_a_submission_came_from_is_stored_and_logged_nowhere",
    ],
    "年龄、工作年限等只按大的区间收集。": [
        "web/test_phone_consent.py::test_the_profile_is_asked_in_bands_only",
    ],
    "三、您的单位和上级看不到您的答案，也看不到您有没有填写。": [
        "rules/test_access.py::test_each_role_gets_what_its_rule_says",
        "web/test_desk.py::test_no_count_on_the_page_is_finer_than_five",
        "services/test_export.py::test_only_researchers_get_rows",
        "web/test_phone.py::test_nobody_gets_a_cookie_and_no_page_asks_for_a_token",
        "journeys/test_phone_journal.py::test_on_a_shared_phone_no_receipt_can_be_left_behind",
        "journeys/test_phone_carry.py::test_what_leaves_the_phone_holds_no_answer_no_code_and_no_hint_of_their_length",
        "services/test_resume.py::test_whoever_reads_the_table_cannot_ask_for_a_draft_and_learns_no_county_and_no_hour",
    ],
    "结果只以县（市、区）为单位汇总，少于10人时不公布；涉及敏感做法的题目，少于20人时不公布。": [
        "stats/test_disclose.py::test_a_county_below_ten_answers_or_below_thirty_invited_gets_no_report",
        "stats/test_disclose.py::test_a_score_needs_ten_people",
        "stats/test_disclose.py::test_a_sensitive_score_needs_twenty_people",
    ],
    "四、数据由研究团队保管，只用于学术研究和汇总报告，保存到【日期】后删除原始记录。": [
        "services/test_waves.py::test_raw_records_go_when_their_time_is_up_and_not_before",
        "services/test_daily.py::test_raw_records_go_while_the_server_runs_on_the_day_after_the_last",
        "services/test_export.py::test_every_export_is_in_the_log",
    ],
    "五、请您本人独立填写。": [
        "web/test_phone_consent.py::test_the_consent_text_is_shown_word_for_word_with_the_studys_own_facts",
    ],
    "如果有人要求您填写、查看您的答案或统一口径，您可以直接关闭页面；"
    "也可以在最后如实说明，该信息只有研究团队能看到。": [
        "journeys/test_phone_journey.py::test_one_tap_hides_the_questionnaire_and_three_taps_bring_it_back",
        "journeys/test_phone_unseen.py::test_two_fingers_hide_the_page_and_three_taps_bring_it_back",
        "journeys/test_phone_unseen.py::test_hiding_on_a_shared_phone_leaves_no_answer_anywhere",
        "web/test_phone_consent.py::test_how_one_came_to_answer_is_asked_at_the_end_and_is_in_no_county_report",
    ],
    "六、提交前您可以返回修改；提交后系统会显示一个查询码，凭码可以在【日期】前要求删除您的答卷。": [
        "journeys/test_phone_answers.py::test_an_open_question_can_be_answered_on_the_last_look",
        "journeys/test_phone_journey.py::test_a_draft_waits_on_the_phone_and_is_offered_after_reloading",
        "journeys/test_phone_journey.py::test_answers_can_be_deleted_with_the_code_from_the_receipt",
        "services/test_withdraw.py::test_the_code_deletes_the_answers_the_words_and_the_variants",
        "services/test_job.py::test_taking_answers_back_removes_the_file_that_holds_them",
        "services/test_job.py::test_answers_taken_back_while_a_file_is_made_do_not_get_into_it",
        "rules/test_privacy.py::test_on_sqlite_withdrawn_words_are_gone_from_the_file_itself",
    ],
    "我们不保存查询码与您身份的对应关系。": [
        "rules/test_privacy.py::test_the_receipt_code_itself_is_nowhere",
        "rules/test_privacy.py::test_nothing_ties_an_issue_or_the_log_of_the_desk_to_a_respondent",
    ],
    "联系方式：【研究团队邮箱】；伦理审查编号：【编号】。": [
        "web/test_phone_consent.py::test_the_consent_text_is_shown_word_for_word_with_the_studys_own_facts",
    ],
}

# What the opening page says beside the consent text, once the script runs (`phone.paradata`).
PARADATA = {
    "随答案一起交的还有：填写用了多少秒（总共的，和每节大约的）、改动答案的次数、填写时有没有断网、"
    "用的是手机、平板还是电脑。": [
        "journeys/test_paradata.py::test_what_is_sent_of_the_way_of_filling_in_is_what_the_opening_page_says",
        "web/test_phone.py::test_how_it_was_filled_in_is_kept_within_bounds_and_without_anything_else",
    ],
    "这些只用来检查数据质量，不记几点几分，不记手机型号。": [
        "core/test_paradata.py::test_what_cannot_be_right_or_was_not_announced_is_left_out",
        "journeys/test_paradata.py::test_without_the_script_nothing_of_it_is_said_and_nothing_is_sent",
        "rules/test_privacy.py::test_no_table_at_all_has_a_column_for_an_address_or_a_browser",
    ],
}


def sentences() -> list[str]:
    """The consent text of the core module, sentence by sentence."""
    text = load_library(resource("instruments")).module("core").consent.say("zh")
    return [s for line in text.splitlines() for s in re.findall(r"[^。]+。", line)]


@cache
def proofs_in(path: str) -> set[str]:
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_sentence_of_the_consent_text_has_its_proof():
    assert sentences() == list(PROVEN)


def test_every_sentence_about_the_way_of_filling_in_has_its_proof():
    assert re.findall(r"[^。]+。", say("phone.paradata", "zh")) == list(PARADATA)


@pytest.mark.parametrize("sentence", [*PROVEN, *PARADATA])
def test_the_proofs_of_a_sentence_are_there(sentence):
    proofs = {**PROVEN, **PARADATA}[sentence]
    assert proofs
    for proof in proofs:
        path, _, name = proof.partition("::")
        assert name in proofs_in(path), proof


def test_no_built_in_questionnaire_asks_for_a_place_a_photo_a_recording_or_a_file():
    asked = {i.type for q in load_library(resource("instruments")).questionnaires.values() for i in q}
    assert not asked & {"geopoint", "image", "audio", "file"}
