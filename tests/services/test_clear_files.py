"""Photos, recordings and files leave only after a researcher looked at them; places only where several people were."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyreadstat
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine

from fieldkit.core.access import Actor
from fieldkit.core.attachment import Address
from fieldkit.core.columns import response_key
from fieldkit.core.instrument import Group, Section
from fieldkit.core.problem import Problem
from fieldkit.core.submission import Submission
from fieldkit.core.text import Text
from fieldkit.services import attach, clear_files, review
from fieldkit.services.collect import Collector
from fieldkit.services.export import gathered, write_responses, write_responses_zip
from fieldkit.services.export_files import FORMATS
from fieldkit.services.withdraw import withdraw
from fieldkit.store import attachments, audit
from fieldkit.store.engine import Session
from tests.photos import name_of, photo, place_in
from tests.samples import ANJI, TODAY, begin, item, questionnaire, sent, wave

LIN = Actor("lin", "researcher")
TOMORROW = TODAY + datetime.timedelta(days=1)
ASKED = questionnaire(
    item("level", "single", 1, 2),
    item("core_age", "single", 1, 2),
    item("photo", "image", sensitive=True),
    item("spot", "geopoint", sensitive=True),
    item("north", "calculate", calculation="substr(${spot}, 0, 5)", options=()),
)
PHOTOS = [photo(colour=colour) for colour in ("red", "green", "blue", "black")]


@pytest.fixture
def collector(database: Engine) -> Iterator[Collector]:
    begin(database, ASKED)
    collector = Collector(database, today=lambda: TODAY)
    yield collector
    collector.close()


def do(collector: Collector, act: Callable[..., Any], *facts: object, actor: Actor | None = LIN) -> Any:
    with Session(collector.engine) as session:
        found = act(session, actor, "w", *facts)
        session.commit()
    return found


def with_photo(collector: Collector, content: bytes, *, arrives: bool = True, **answers: object) -> Submission:
    mine = sent({"photo": name_of(content), **answers})
    collector.submit(mine)
    if arrives:
        at = Address("w", ANJI, mine.id, name_of(content))
        with Session(collector.engine) as session:
            attach.receive(session, wave(), ASKED, at, content, offset=0, total=len(content), today=TODAY)
            session.commit()
    return mine


def exported(collector: Collector) -> zipfile.ZipFile:
    packed = io.BytesIO()
    do(collector, write_responses_zip, packed)
    return zipfile.ZipFile(packed)


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8-sig", newline="")))


def keys(collector: Collector) -> dict[str, str]:
    """The button's key of each file by its name."""
    with Session(collector.engine) as session:
        return {held.file.at.name: held.key for held in attachments.listed(session, "w")}


def test_only_what_was_cleared_leaves_and_all_others_are_listed_with_the_reason(collector: Collector) -> None:
    people = [with_photo(collector, content, arrives=content is not PHOTOS[3]) for content in PHOTOS]
    key = keys(collector)
    do(collector, clear_files.clear_file, key[name_of(PHOTOS[0])])
    do(collector, clear_files.keep_out_file, key[name_of(PHOTOS[1])])
    with exported(collector) as archive:
        listed = {row["response"]: row for row in table(archive, "attachments.csv")}
        states = [listed[response_key(one.id)]["state"] for one in people]
        assert states == ["cleared", "kept_out", "waiting", "not_arrived"]
        path = f"attachments/{response_key(people[0].id)}/{name_of(PHOTOS[0])}"
        inside = [name for name in archive.namelist() if name.startswith("attachments/")]
        assert inside == [path] == [row["file"] for row in listed.values() if row["file"]]
        assert place_in(archive.read(path)) == {}
        manifest = json.loads(archive.read("manifest.json"))
        assert manifest["attachments"] == {"cleared": 1, "waiting": 1, "kept_out": 1, "not_arrived": 1}
        assert path in [file["name"] for file in manifest["files"]]
        assert "photo" in manifest["left_out"]
        assert "photo" not in table(archive, "responses.csv")[0]
        book = [line for line in table(archive, "codebook.csv") if line["file"] == "attachments.csv"]
        assert [line["column"] for line in book][:4] == ["response", "wave", "item", "state"]


def test_every_format_lists_the_files_and_has_places_as_numbers_or_text(collector: Collector, tmp_path: Path) -> None:
    one = with_photo(collector, PHOTOS[0], spot="30.64 119.68", core_age=1)
    for content in PHOTOS[1:3]:
        with_photo(collector, content, spot="30.64 119.68", core_age=1)
    with_photo(collector, PHOTOS[3], arrives=False, spot="31 120", core_age=1)
    do(collector, clear_files.clear_file, keys(collector)[name_of(PHOTOS[0])])
    manifest = do(collector, write_responses, tmp_path, tuple(FORMATS))
    path = f"attachments/{response_key(one.id)}/{name_of(PHOTOS[0])}"
    content = (tmp_path / path).read_bytes()
    facts = (path, len(content), hashlib.sha256(content).hexdigest())

    spss, _ = pyreadstat.read_sav(tmp_path / "attachments.sav")
    stata, _ = pyreadstat.read_dta(tmp_path / "attachments.dta")
    for found in (spss, stata):
        assert sorted(found["state"]) == ["cleared", "not_arrived", "waiting", "waiting"]
        cleared = found[found["state"] == "cleared"].iloc[0]
        assert (cleared["file"], cleared["bytes"], cleared["sha256"]) == facts
    said = [json.loads(line) for line in (tmp_path / "attachments.jsonl").read_text("utf-8").splitlines()]
    assert [(s["file"], s["bytes"], s["sha256"]) for s in said if s["state"] == "cleared"] == [facts]
    with duckdb.connect() as database:
        held = database.execute(f"SELECT state, file, bytes, sha256 FROM '{tmp_path}/attachments.parquet'")
        assert [row[1:] for row in held.fetchall() if row[0] == "cleared"] == [facts]
    sheet = CalamineWorkbook.from_path(tmp_path / "responses.xlsx").get_sheet_by_name("attachments").to_python()
    assert [tuple(line[4:]) for line in sheet if line[3] == "cleared"] == [facts]
    assert "<fileName>attachments.csv</fileName>" in (tmp_path / "ddi.xml").read_text("utf-8")
    package = json.loads((tmp_path / "datapackage.json").read_text("utf-8"))
    resource = package["resources"][-1]
    assert (resource["path"], [f["type"] for f in resource["schema"]["fields"]][-3:]) == (
        "attachments.csv",
        ["string", "integer", "string"],
    )
    assert "primaryKey" not in resource["schema"]  # one response may have several
    assert resource["schema"]["foreignKeys"][0]["reference"]["resource"] == "responses"
    listed = {file["name"]: file for file in manifest["files"]}
    assert listed["attachments.sav"]["rows"] == 4
    assert (listed[path]["bytes"], listed[path]["sha256"]) == facts[1:]

    data, _ = pyreadstat.read_sav(tmp_path / "responses.sav", user_missing=True)
    letters, _ = pyreadstat.read_dta(tmp_path / "responses.dta", user_missing=True)
    assert sorted(data["spot_lat"]) == [-96, 30.64, 30.64, 30.64]
    assert sorted(letters["spot_lon"], key=str) == [119.68, 119.68, 119.68, "f"]
    answers = [json.loads(line)["spot"] for line in (tmp_path / "responses.jsonl").read_text("utf-8").splitlines()]
    assert sorted(answers, key=str) == ["30.64 119.68"] * 3 + [{"missing": "coarsened"}]


def test_a_download_has_the_files_of_the_moment_when_it_began(collector: Collector) -> None:
    mine = with_photo(collector, PHOTOS[0])
    do(collector, clear_files.clear_file, keys(collector)[name_of(PHOTOS[0])])
    packed = io.BytesIO()
    with Session(collector.engine) as session, gathered(session, LIN, "w") as found:
        session.commit()
        with Session(collector.engine) as other:
            withdraw(other, "w", mine.receipt_code, TODAY)
            other.commit()
        for piece in found.zipped():
            packed.write(piece)
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        (line,) = table(archive, "attachments.csv")
        assert hashlib.sha256(archive.read(line["file"])).hexdigest() == line["sha256"]


def test_places_that_cadres_give_row_by_row_stay(database: Engine, tmp_path: Path) -> None:
    visits = Group("visits", Text(zh="走访"), ("spot", "times"), repeat=(0, 5))
    items = (item("spot", "geopoint", sensitive=True), item("times", "count"))
    begin(database, questionnaire(sections=(Section("s", Text(zh="一"), items, groups=(visits,)),)))
    with Session(database) as session:
        manifest = write_responses(session, LIN, "w", tmp_path)
    assert manifest["left_out"] == ["spot"]
    (header,) = csv.reader(io.StringIO((tmp_path / "rows_visits.csv").read_text("utf-8-sig")))
    assert "spot" not in header
    assert "times" in header


def test_what_is_kept_out_is_deleted_and_a_late_repeat_does_not_bring_it_back(collector: Collector) -> None:
    mine = with_photo(collector, PHOTOS[0])
    do(collector, clear_files.keep_out_file, keys(collector)[name_of(PHOTOS[0])])
    at = Address("w", ANJI, mine.id, name_of(PHOTOS[0]))
    with Session(collector.engine) as session:
        assert attachments.content(session, at) == b""
        size = len(PHOTOS[0])
        found = attach.receive(session, wave(), ASKED, at, PHOTOS[0], offset=0, total=size, today=TODAY)
        assert (found.state, attachments.content(session, at)) == ("kept_out", b"")


def test_files_of_today_wait_until_tomorrow_and_no_small_county_is_named(collector: Collector) -> None:
    with_photo(collector, PHOTOS[0])
    assert do(collector, clear_files.list_files, TODAY).shown == ()
    assert do(collector, review.waiting, TODAY).files == 0
    assert do(collector, review.waiting, TOMORROW).files is None
    (line,) = do(collector, clear_files.list_files, TOMORROW).shown
    assert (line.county, line.item.id, line.picture) == ("", "photo", True)
    assert do(collector, clear_files.file_content, line.key, TOMORROW)[1] == "jpg"
    with pytest.raises(Problem) as raised:
        do(collector, clear_files.file_content, line.key, TODAY)
    assert raised.value.code == "review.settled"


def test_what_no_phone_has_sent_yet_is_counted_and_never_finer_than_ten(collector: Collector) -> None:
    for number in range(12):
        with_photo(collector, photo(side=64 + 8 * number), arrives=number == 0)
        if number == 1:
            assert do(collector, clear_files.list_files, TOMORROW).missing is None
    assert do(collector, clear_files.list_files, TODAY).missing == 0
    assert do(collector, clear_files.list_files, TOMORROW).missing == 10


def test_only_researchers_look_and_each_look_and_decision_is_in_the_log(collector: Collector) -> None:
    mine = with_photo(collector, PHOTOS[0])
    (line,) = do(collector, clear_files.list_files, TOMORROW).shown
    for act, facts in (
        (clear_files.list_files, (TOMORROW,)),
        (clear_files.file_content, (line.key, TOMORROW)),
        (clear_files.clear_file, (line.key,)),
        (clear_files.keep_out_file, (line.key,)),
    ):
        for actor in (Actor("anji", "county_reader", frozenset({ANJI})), Actor("op", "operator")):
            with pytest.raises(Problem) as raised:
                do(collector, act, *facts, actor=actor)
            assert raised.value.code == "access.denied"
    do(collector, clear_files.clear_file, line.key)
    with pytest.raises(Problem) as raised:
        do(collector, clear_files.clear_file, line.key)
    assert raised.value.code == "review.settled"
    with Session(collector.engine) as session:
        log = [(one.action, dict(one.facts)) for one in audit.listed(session)[::-1] if one.actor == "lin"]
    assert log == [("file.read", {"wave": "w", "shown": 1}), ("file.clear", {"wave": "w"})]
    assert mine.id not in repr(log)


def test_a_file_of_withdrawn_answers_can_no_longer_be_cleared(collector: Collector) -> None:
    mine = with_photo(collector, PHOTOS[0])
    key = keys(collector)[name_of(PHOTOS[0])]
    with Session(collector.engine) as session:
        withdraw(session, "w", mine.receipt_code, TODAY)
        session.commit()
    with pytest.raises(Problem) as raised:
        do(collector, clear_files.clear_file, key)
    assert raised.value.code == "review.settled"


def test_a_questionnaire_without_files_has_no_such_list(database: Engine) -> None:
    begin(database, questionnaire(item("level", "single", 1, 2)))
    with Session(database) as session:
        assert clear_files.list_files(session, LIN, "w", TOMORROW) is None


def test_a_place_leaves_only_where_three_alike_were_there_and_nothing_made_of_it_does(collector: Collector) -> None:
    for place, age in (("30.64 119.68", 1),) * 3 + (("30.64 119.68", 2),) * 3 + (("31 120", 1), ("31 120", 1)):
        collector.submit(sent({"level": 1, "core_age": age, "spot": place}))
    with exported(collector) as archive:
        rows = table(archive, "responses.csv")
        assert sorted((row["spot"], row["spot__miss"]) for row in rows) == [("", "coarsened")] * 2 + [
            ("30.64 119.68", "")
        ] * 6
        assert "north" not in rows[0]
        assert json.loads(archive.read("manifest.json"))["profile"]["cells_blanked"] == {"spot": 2}


def test_other_content_shows_that_a_place_differs_and_not_where_it_is(collector: Collector) -> None:
    from dataclasses import replace

    mine = sent({"spot": "30 119"})
    collector.submit(mine)
    collector.submit(replace(mine, answers={"core_consent": 1, "spot": "31 120"}))
    (line,) = do(collector, review.list_variants, TOMORROW).shown
    assert {d.item.id: d.withheld for d in line.differences}["spot"]
