"""Files after the answers: taken only if an answer names them, piece by piece, and gone when the answers go."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from fieldkit.core.attachment import CHUNK_LIMIT, LIMITS, Address, Attachment
from fieldkit.core.problem import Problem
from fieldkit.core.submission import Submission
from fieldkit.services import attach, review
from fieldkit.services.collect import Collector
from fieldkit.services.withdraw import withdraw
from fieldkit.store import attachments, responses
from fieldkit.store.engine import Session
from tests.photos import name_of, office, photo, place_in
from tests.samples import ANJI, CHANGXING, TODAY, begin, item, questionnaire, sent, wave

ASKED = questionnaire(
    item("photo", "image"), item("other", "image", keep_location=True), item("voice", "audio"), item("paper", "file"),
    item("words", "text"),
)  # fmt: skip
PHOTO = photo()
NAME = name_of(PHOTO)
SPEECH = b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 1200  # some pieces long


@pytest.fixture
def collector(database: Engine) -> Iterator[Collector]:
    begin(database, ASKED)
    collector = Collector(database, today=lambda: TODAY)
    yield collector
    collector.close()


def handed_in(collector: Collector, **answers: object) -> Submission:
    mine = sent(answers)
    collector.submit(mine)
    return mine


def at(mine: Submission, name: str = NAME, **more: str) -> Address:
    return replace(Address("w", ANJI, mine.id, name), **more)


def put(
    collector: Collector, where: Address, piece: bytes, offset: int = 0, total: int | None = None, **more: object
) -> Attachment:
    """One piece as the page of the phone sends it: what the service refuses with nothing kept is committed."""
    size = len(piece) if total is None else total
    day = {"today": TODAY, **more}
    with Session(collector.engine) as session:
        try:
            found = attach.receive(session, wave(), ASKED, where, piece, offset=offset, total=size, **day)  # type: ignore[arg-type]
        finally:
            session.commit()
    return found


def refused(*arguments: object, **more: object) -> str:
    with pytest.raises(Problem) as raised:
        put(*arguments, **more)  # type: ignore[arg-type]
    return raised.value.code


def held(collector: Collector) -> dict[str, int]:
    """How many rows the two tables have."""
    with collector.engine.connect() as connection:
        tables = ("attachment", "attachment_part")
        return {t: connection.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in tables}


def kept(collector: Collector, where: Address) -> bytes:
    with Session(collector.engine) as session:
        return attachments.content(session, where)


NOTHING = {"attachment": 0, "attachment_part": 0}


def test_a_photo_that_an_answer_names_arrives_and_has_lost_its_place(collector: Collector) -> None:
    mine = handed_in(collector, photo=NAME)
    found = put(collector, at(mine), PHOTO)
    assert (found.state, found.item, found.received) == ("arrived", "photo", len(PHOTO))
    assert place_in(PHOTO) != {}
    assert place_in(kept(collector, at(mine))) == {}
    assert found.sha256 == name_of(kept(collector, at(mine))).partition(".")[0] != NAME.partition(".")[0]


def test_an_item_that_lets_the_place_stay_keeps_the_photo_as_it_came(collector: Collector) -> None:
    mine = handed_in(collector, other=NAME)
    put(collector, at(mine), PHOTO)
    assert kept(collector, at(mine)) == PHOTO


def test_a_recording_comes_in_pieces_repeats_do_no_harm_and_it_goes_on_where_it_stopped(collector: Collector) -> None:
    name = name_of(SPEECH, "webm")
    mine = handed_in(collector, voice=name)
    where, size, step = at(mine, name), len(SPEECH), 100_000
    put(collector, where, SPEECH[:step], 0, size)
    assert put(collector, where, SPEECH[:step], 0, size).received == step
    assert refused(collector, where, SPEECH[2 * step : 3 * step], 2 * step, size) == "attachment.out_of_order"
    with Session(collector.engine) as session:
        assert attach.progress(session, wave(), ASKED, where, TODAY).received == step
    put(collector, where, SPEECH[step : 2 * step], step, size)
    put(collector, where, SPEECH[2 * step : 3 * step], 2 * step, size)
    found = put(collector, where, SPEECH[3 * step :], 3 * step, size)
    assert found.arrived
    assert kept(collector, where) == SPEECH
    assert put(collector, where, SPEECH[:step], 0, size).arrived, "a late repeat is told that all is here"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "0" * 64 + ".jpg"}, "attachment.not_named"),
        ({"name": "secret.jpg"}, "attachment.not_named"),
        ({"name": NAME.replace(".jpg", ".png")}, "attachment.not_named"),
        ({"response": "f" * 32}, "attachment.not_named"),
        ({"response": "' OR 1 = 1"}, "attachment.not_named"),
        ({"county": CHANGXING}, "attachment.not_named"),
        ({"wave": "other"}, "attachment.not_named"),
    ],
)
def test_what_no_stored_answer_names_is_not_taken(collector: Collector, change: dict[str, str], code: str) -> None:
    mine = handed_in(collector, photo=NAME)
    assert refused(collector, at(mine, **change), PHOTO) == code  # type: ignore[arg-type]
    assert held(collector) == NOTHING


def test_a_name_written_into_a_text_is_not_a_file(collector: Collector) -> None:
    mine = handed_in(collector, words=NAME)
    assert refused(collector, at(mine), PHOTO) == "attachment.not_named"


def test_other_bytes_than_the_name_says_are_thrown_away_whole(collector: Collector) -> None:
    mine = handed_in(collector, photo=NAME)
    assert refused(collector, at(mine), photo(colour="red")) == "attachment.wrong_hash"
    assert held(collector) == NOTHING
    assert put(collector, at(mine), PHOTO).arrived, "and the right ones are taken afterwards"


@pytest.mark.parametrize(
    "content", [b"<html><script>alert(1)</script></html>", b"MZ" + bytes(90), PHOTO[:200], b"\xff\xd8\xff" + bytes(90)]
)
def test_a_page_a_program_or_half_a_photo_called_jpg_is_refused_and_nothing_is_kept(
    collector: Collector, content: bytes
) -> None:
    name = name_of(content)
    mine = handed_in(collector, photo=name)
    assert refused(collector, at(mine, name), content) == "attachment.wrong_kind"
    assert held(collector) == NOTHING


def test_an_office_file_with_macros_is_refused_and_nothing_is_kept(collector: Collector) -> None:
    content = office("word", "word/vbaProject.bin")
    name = name_of(content, "docx")
    mine = handed_in(collector, paper=name)
    assert refused(collector, at(mine, name), content) == "attachment.wrong_kind"
    assert held(collector) == NOTHING


@pytest.mark.parametrize(
    ("piece", "offset", "total", "code"),
    [
        (b"", 0, 0, "attachment.empty"),
        (b"", 0, 10, "attachment.empty"),
        (PHOTO, 0, LIMITS["image"] + 1, "attachment.too_large"),
        (PHOTO, 0, len(PHOTO) - 1, "attachment.out_of_order"),
        (PHOTO, 5, 2 * len(PHOTO), "attachment.out_of_order"),
        (PHOTO + bytes(CHUNK_LIMIT), 0, LIMITS["image"], "attachment.wrong_shape"),
    ],
)
def test_empty_large_and_misplaced_pieces_are_refused(
    collector: Collector, piece: bytes, offset: int, total: int, code: str
) -> None:
    mine = handed_in(collector, photo=NAME)
    with pytest.raises(Problem) as raised, Session(collector.engine) as session:
        attach.receive(session, wave(), ASKED, at(mine), piece, offset=offset, total=total, today=TODAY)
    assert raised.value.code == code
    assert held(collector) == NOTHING


def test_all_files_of_one_response_together_have_a_limit(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attach, "RESPONSE_LIMIT", len(PHOTO) + 10)
    second = photo(colour="red")
    mine = handed_in(collector, photo=NAME, other=name_of(second))
    put(collector, at(mine), PHOTO)
    assert refused(collector, at(mine, name_of(second)), second) == "attachment.too_many"


def test_files_may_follow_after_the_wave_closed_but_not_after_answers_can_be_withdrawn(collector: Collector) -> None:
    mine = handed_in(collector, photo=NAME)
    late = wave().withdraw_until + datetime.timedelta(days=1)
    assert refused(collector, at(mine), PHOTO, today=late) == "attachment.too_late"
    assert put(collector, at(mine), PHOTO, today=wave().withdraw_until).arrived


def test_deleting_answers_with_the_receipt_code_deletes_their_files(collector: Collector) -> None:
    mine, other = handed_in(collector, photo=NAME), handed_in(collector, photo=NAME)
    put(collector, at(mine), PHOTO)
    put(collector, at(other), PHOTO)
    with Session(collector.engine) as session:
        withdraw(session, "w", mine.receipt_code, TODAY)
        session.commit()
    assert held(collector) == {"attachment": 1, "attachment_part": 1}
    assert kept(collector, at(other)) != b""
    assert refused(collector, at(mine), PHOTO) == "attachment.not_named", "a late piece does not bring it back"


def test_deleting_the_raw_records_of_a_wave_deletes_its_files(collector: Collector) -> None:
    put(collector, at(handed_in(collector, photo=NAME)), PHOTO)
    with Session(collector.engine) as session:
        responses.delete_wave(session, "w")
        session.commit()
    assert held(collector) == NOTHING


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_sqlite_a_withdrawn_recording_is_gone_from_the_file_itself(collector: Collector) -> None:
    from pathlib import Path

    speech = b"\x1a\x45\xdf\xa3" + b"ONLY-IN-ONE-PLACE" * 9000
    name = name_of(speech, "webm")
    mine = handed_in(collector, voice=name)
    put(collector, at(mine, name), speech)
    with Session(collector.engine) as session:
        withdraw(session, "w", mine.receipt_code, TODAY)
        session.commit()
    for file in Path(str(collector.engine.url.database)).parent.iterdir():
        assert b"ONLY-IN-ONE-PLACE" not in file.read_bytes(), file


def test_other_content_under_the_same_id_may_bring_its_own_file_and_what_is_not_kept_goes(collector: Collector) -> None:
    second = photo(colour="red")
    mine = handed_in(collector, photo=NAME)
    collector.submit(replace(mine, answers={"core_consent": 1, "photo": name_of(second)}))
    put(collector, at(mine), PHOTO)
    put(collector, at(mine, name_of(second)), second)
    from fieldkit.core.access import Actor

    researcher = Actor("lin", "researcher")
    tomorrow = TODAY + datetime.timedelta(days=1)
    with Session(collector.engine) as session:
        (line,) = review.list_variants(session, researcher, "w", tomorrow).shown
        review.adopt_variant(session, researcher, "w", line.key)
        session.commit()
    assert kept(collector, at(mine)) == b""
    assert kept(collector, at(mine, name_of(second))) != b""
    assert held(collector)["attachment"] == 1


def test_thirty_at_once_store_one_file_once(collector: Collector) -> None:
    mine = handed_in(collector, photo=NAME)
    found: list[Attachment | BaseException] = []

    def one() -> None:
        try:
            found.append(put(collector, at(mine), PHOTO))
        except BaseException as failure:
            found.append(failure)

    threads = [threading.Thread(target=one) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.arrived for each in found if isinstance(each, Attachment)] == [True] * 30, found
    assert held(collector) == {"attachment": 1, "attachment_part": 1}
