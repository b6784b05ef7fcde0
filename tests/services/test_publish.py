"""The publish gate on both databases: drafts, trials, what is let through and what is remembered."""

from __future__ import annotations

import datetime
import threading

import pytest
from sqlalchemy import Engine

from fieldkit.core.access import Actor
from fieldkit.core.problem import Problem
from fieldkit.services import drafts, publish, waves
from fieldkit.services.collect import Collector
from fieldkit.services.export import write_responses
from fieldkit.services.progress import list_waves, wave_progress
from fieldkit.services.report import county_files
from fieldkit.store import audit, instruments, responses
from fieldkit.store import waves as kept_waves
from fieldkit.store.engine import Session, is_sqlite
from tests.samples import TODAY, sent

LIN, WANG = Actor("lin", "researcher"), Actor("wang", "researcher")
READER = Actor("anji", "county_reader", frozenset({"330523"}))

FORM = """\
id: tiny
version: 1.0.0
title: {zh: 小问卷}
options:
  AGREE: {1: {zh: 非常不同意}, 2: {zh: 比较不同意}, 3: {zh: 一般}, 4: {zh: 比较同意}, 5: {zh: 非常同意}}
opening:
- id: core_consent
  type: single
  text: {zh: 是否同意？}
  required: hard
  missing: []
  options: {1: {zh: 同意}, 2: {zh: 不同意}}
- {id: core_county, type: single, text: {zh: 县}, source: wave.counties, required: hard, missing: []}
sections:
- id: all
  title: {zh: 全部}
  items:
  - {id: hours, type: count, text: {zh: 整理台帐花了多少小时？}, range: [0, 99]}
  - {id: enough, type: likert5, text: {zh: 时间够用。}, options: AGREE, reverse: true}
"""


def begun(database: Engine, source: str = FORM, based_on: str = "") -> str:
    with Session(database) as session:
        made = drafts.create_draft(session, LIN, "questionnaire", "tiny", source, based_on)
        session.commit()
    return made.id


def let_out(database: Engine, source: str, version: str, revision: int = 1, **more: object) -> str:
    """Publish this text by way of a draft; the verdict."""
    draft = begun(database, source)
    with Session(database) as session:
        release = publish.publish_draft(
            session, LIN, draft, revision=revision, word="tiny", version=version, **more  # type: ignore[arg-type]
        )
        session.commit()
    return release.verdict


def refusal(database: Engine, source: str, version: str, **more: object) -> Problem:
    with pytest.raises(Problem) as caught:
        let_out(database, source, version, **more)
    return caught.value


def test_the_second_of_two_writers_is_told_and_nothing_is_overwritten(database: Engine) -> None:
    draft = begun(database)
    with Session(database) as session:
        assert drafts.save(session, WANG, draft, FORM + "# 王的改动\n", 1).revision == 2
        session.commit()
    with Session(database) as session, pytest.raises(Problem) as caught:
        drafts.save(session, LIN, draft, FORM + "# 林的改动\n", 1)
    assert (caught.value.code, caught.value.facts["by"]) == ("draft.stale", "wang")
    with Session(database) as session:
        now = drafts.get(session, LIN, draft)
        assert (now.source, now.changed_by) == (FORM + "# 王的改动\n", "wang")
        assert [(r.revision, r.by) for r in drafts.history(session, LIN, draft)] == [(2, "wang"), (1, "lin")]


def test_of_many_who_save_at_once_exactly_one_succeeds(database: Engine) -> None:
    draft = begun(database)
    outcomes: list[str] = []
    ready = threading.Barrier(6)

    def write(name: str) -> None:
        ready.wait()
        with Session(database) as session:
            try:
                drafts.save(session, Actor(name, "researcher"), draft, f"{FORM}# {name}\n", 1)
                session.commit()
                outcomes.append("saved")
            except Problem as problem:
                outcomes.append(problem.code)

    threads = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["draft.stale"] * 5 + ["saved"]


def test_saving_the_same_text_again_makes_no_revision(database: Engine) -> None:
    draft = begun(database)
    with Session(database) as session:
        assert drafts.save(session, LIN, draft, FORM, 1).revision == 1


def test_half_finished_text_can_be_kept_but_not_published(database: Engine) -> None:
    draft = begun(database, "id: tiny\ntitle: [")
    with Session(database) as session, pytest.raises(Problem) as caught:
        publish.publish_draft(session, LIN, draft, revision=1, word="tiny", version="1.0.0")
    assert caught.value.code == "instrument.broken"
    with Session(database) as session:
        assert [d.id for d in drafts.list_drafts(session, LIN)] == [draft]


def test_only_researchers_write_and_publish(database: Engine) -> None:
    draft = begun(database)
    with Session(database) as session:
        for verb in (
            lambda: drafts.get(session, READER, draft),
            lambda: drafts.save(session, READER, draft, "", 1),
            lambda: drafts.list_drafts(session, READER),
            lambda: drafts.delete(session, READER, draft, 1),
            lambda: publish.review(session, READER, draft),
            lambda: publish.open_trial(session, READER, draft, TODAY),
            lambda: publish.publish_draft(session, READER, draft, revision=1, word="tiny", version="1.0.0"),
        ):
            with pytest.raises(Problem) as caught:
                verb()
            assert caught.value.code == "access.denied"


def test_the_first_version_is_published_as_it_calls_itself(database: Engine) -> None:
    assert let_out(database, FORM, "1.0.0") == "first"
    with Session(database) as session:
        kept = instruments.get(session, "tiny", "1.0.0")
        assert len(kept.hash) == 64
        assert drafts.list_drafts(session, LIN) == [], "a published draft is no draft any more"
        (line,) = publish.list_releases(session, LIN, "questionnaire", "tiny")
        assert (line.version, line.before, line.verdict, line.by) == ("1.0.0", "", "first", "lin")
        assert [each.action for each in audit.listed(session)][:1] == ["instrument.publish"]


def test_a_typing_error_becomes_a_patch_once_somebody_says_it_is_the_same_question(database: Engine) -> None:
    let_out(database, FORM, "1.0.0")
    mended = FORM.replace("台帐", "台账")
    assert refusal(database, mended, "1.0.1").code == "publish.identity_missing"
    assert refusal(database, mended, "1.0.1", same={"hours": False}).code == "publish.needs_new_id"
    assert let_out(database, mended, "1.0.1", same={"hours": True}, note="改错别字") == "wording_fix"
    with Session(database) as session:
        assert publish.list_releases(session, LIN, "questionnaire", "tiny")[0].note == "改错别字"
        (said,) = publish.identities(session, "questionnaire", "tiny")
        assert (said.item, said.from_version, said.to_version, said.same, said.by) == (
            "hours", "1.0.0", "1.0.1", True, "lin",
        )  # fmt: skip
        assert publish.same_questions(session, "questionnaire", "tiny", "1.0.1", "1.0.0") == {"hours": True}
        assert instruments.get(session, "tiny", "1.0.0").items["hours"].text.say() == "整理台帐花了多少小时？"


def test_another_question_under_an_old_id_is_refused_whatever_its_version(database: Engine) -> None:
    let_out(database, FORM, "1.0.0")
    problem = refusal(database, FORM.replace(", reverse: true", ""), "2.0.0", same={"enough": True})
    assert (problem.code, problem.facts["items"]) == ("publish.needs_new_id", "enough")
    renamed = FORM.replace("id: enough", "id: enough_v2").replace(", reverse: true", "")
    assert refusal(database, renamed, "1.1.0").facts["least"] == "2.0.0"
    assert let_out(database, renamed, "2.0.0") == "breaking"
    again = renamed.replace("id: enough_v2", "id: enough")
    assert refusal(database, again, "3.0.0").code == "publish.needs_new_id", "an id is never used for another question"


def test_the_version_must_say_what_the_change_is(database: Engine) -> None:
    let_out(database, FORM, "1.0.0")
    more = FORM + "  - {id: groups, type: count, text: {zh: 多少个群？}, range: [0, 99]}\n"
    for version in ("1.0.0", "1.0.1", "one"):
        problem = refusal(database, more, version)
        assert (problem.code, problem.facts["least"]) == ("publish.version_too_low", "1.1.0")
    assert let_out(database, more, "1.2.0") == "compatible", "a higher number is the team's own choice"
    assert refusal(database, more, "1.3.0").code == "publish.nothing_new"


def test_publishing_needs_the_name_typed_and_the_revision_that_was_shown(database: Engine) -> None:
    draft = begun(database)
    with Session(database) as session:
        with pytest.raises(Problem) as caught:
            publish.publish_draft(session, LIN, draft, revision=1, word="tyni", version="1.0.0")
        assert caught.value.code == "publish.not_confirmed"
        drafts.save(session, WANG, draft, FORM + "\n", 1)
        with pytest.raises(Problem) as caught:
            publish.publish_draft(session, LIN, draft, revision=1, word="tiny", version="1.0.0")
        assert caught.value.code == "draft.stale"
        assert instruments.versions(session, "questionnaire", "tiny") == []


def trial_with_an_answer(database: Engine) -> tuple[str, str]:
    """A draft that is tried out, with one answer in its wave."""
    draft = begun(database)
    with Session(database) as session:
        wave = publish.open_trial(session, LIN, draft, TODAY)
        session.commit()
    collector = Collector(database, today=lambda: TODAY)
    county = wave.counties[0].code
    collector.submit(sent({"hours": 3}, wave=wave.id, county=county, questionnaire=wave.questionnaire))
    collector.close()
    return draft, wave.id


def test_answers_of_a_trial_are_kept_apart_from_all_that_counts(database: Engine, tmp_path) -> None:
    _, wave = trial_with_an_answer(database)
    with Session(database) as session:
        assert sum(responses.count_by_county(session, wave).values()) == 1
        assert kept_waves.listed(session) == []
        assert list_waves(session, LIN, TODAY) == []
        assert instruments.listed(session) == []
        assert dict(instruments.library(session).questionnaires) == {}
        for verb in (
            lambda: write_responses(session, LIN, wave, tmp_path / "out"),
            lambda: county_files(session, LIN, wave, "110101", dated=TODAY),
            lambda: wave_progress(session, LIN, wave, TODAY),
        ):
            with pytest.raises(Problem) as caught:
                verb()
            assert caught.value.code == "wave.test"


def test_a_new_trial_and_publication_end_the_old_trial_and_delete_its_answers(database: Engine) -> None:
    draft, first = trial_with_an_answer(database)
    with Session(database) as session:
        second = publish.open_trial(session, LIN, draft, TODAY)
        session.commit()
        assert second.id != first
        assert kept_waves.get(session, first).state == "closed"
        assert responses.count_by_county(session, first) == {}
        assert drafts.get(session, LIN, draft).test_wave == second.id
        publish.publish_draft(session, LIN, draft, revision=1, word="tiny", version="1.0.0")
        session.commit()
        assert kept_waves.get(session, second.id).state == "closed"


def test_answers_of_a_forgotten_trial_are_deleted_in_time(database: Engine) -> None:
    _, wave = trial_with_an_answer(database)
    late = TODAY + datetime.timedelta(days=publish.TRIAL_DAYS + 1)
    with Session(database) as session:
        assert waves.delete_expired(session, Actor("x", "operator", local=True), late) == [wave]
        assert responses.count_by_county(session, wave) == {}


def test_two_who_publish_at_once_make_one_version(database: Engine) -> None:
    draft = begun(database)
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def press() -> None:
        ready.wait()
        with Session(database) as session:
            try:
                publish.publish_draft(session, LIN, draft, revision=1, word="tiny", version="1.0.0")
                session.commit()
                outcomes.append("published")
            except Problem as problem:
                outcomes.append(problem.code)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("published") == 1, (outcomes, is_sqlite(database))
    assert set(outcomes) <= {"published", "draft.unknown", "draft.stale", "publish.nothing_new"}


MODULE = """\
id: load
version: 1.0.0
title: {zh: 负担}
constructs:
- id: time
  title: {zh: 时间}
  definition: 花在留痕上的时间。
  items:
  - {id: hours, type: count, text: {zh: 整理台帐花了多少小时？}, range: [0, 99]}
"""
PINNED = FORM.replace("options:\n  AGREE", "modules: {load: 1.0.0}\noptions:\n  AGREE", 1).replace(
    "  - {id: hours, type: count, text: {zh: 整理台帐花了多少小时？}, range: [0, 99]}\n", "  - hours\n"
)


def test_what_was_said_of_a_module_holds_for_the_questionnaires_that_pin_it(database: Engine) -> None:
    with Session(database) as session:
        publish.publish(
            session, LIN, publish.read_source(session, "module", MODULE), word="load", version="1.0.0"
        )
        later = publish.read_source(session, "module", MODULE.replace("台帐", "台账"))
        publish.publish(session, LIN, later, word="load", version="1.0.1", same={"hours": True})
        session.commit()
    let_out(database, PINNED, "1.0.0")
    assert let_out(database, PINNED.replace("load: 1.0.0", "load: 1.0.1"), "1.0.1") == "wording_fix"
    with Session(database) as session:
        assert publish.same_questions(session, "questionnaire", "tiny", "1.0.0", "1.0.1") == {"hours": True}


def test_items_of_a_pinned_module_are_not_the_questionnaires_own(database: Engine) -> None:
    with Session(database) as session:
        publish.publish(
            session, LIN, publish.read_source(session, "module", MODULE), word="load", version="1.0.0"
        )
        asked = publish.read_source(session, "questionnaire", PINNED)
        own = publish.own_items(session, asked)
    assert own == {"core_consent", "core_county", "enough"}


def test_taking_back_and_new_ids_write_the_draft_anew_and_can_be_published(database: Engine) -> None:
    let_out(database, FORM, "1.0.0")
    turned = begun(database, FORM.replace(", reverse: true", "").replace("台帐", "台账"))
    with Session(database) as session:
        publish.take_back(session, WANG, turned, ["enough"], 1)
        found = publish.review(session, LIN, turned)
        assert found.change is not None
        assert (found.draft.revision, found.draft.changed_by) == (2, "wang")
        assert found.change.reasons == ("wording",), "only what was asked for went back"
        with pytest.raises(Problem) as caught:
            publish.give_new_id(session, LIN, turned, ["hours"], 1)
        assert caught.value.code == "draft.stale"
        publish.give_new_id(session, LIN, turned, ["hours"], 2)
        assert publish.review(session, LIN, turned).proposed_version == "2.0.0"
        publish.publish_draft(session, LIN, turned, revision=3, word="tiny", version="2.0.0")
        assert "hours_v2" in instruments.get(session, "tiny", "2.0.0").items
