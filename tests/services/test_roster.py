"""Who may keep a roster, that a second one replaces it, and that the desk and the command line say what is wrong."""

from __future__ import annotations

import csv
import io

import pytest
from click.testing import CliRunner

from fieldkit.cli import main
from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.problem import Problem
from fieldkit.services.roster import kept_roster, roster_of, save_roster
from fieldkit.services.waves import close_wave
from fieldkit.services.weighted import weighted_file
from fieldkit.store import audit, waves
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, csrf, demo_database, make_desk


def good(engine, count: int = 10) -> bytes:
    with Session(engine) as session:
        codes = [c.code for c in waves.get(session, "demo").counties]
    return ("county,count\n" + "".join(f"{code},{count}\n" for code in codes)).encode()


def test_a_roster_is_kept_replaced_and_noted(tmp_path):
    engine = demo_database(tmp_path)
    with Session(engine) as session:
        assert kept_roster(session, LOCAL, "demo") is None
        with pytest.raises(Problem) as caught:
            roster_of(session, "demo")
        assert caught.value.code == "roster.unknown"
        save_roster(session, LOCAL, "demo", good(engine))
        save_roster(session, LOCAL, "demo", good(engine, 20))
        session.commit()
        found = roster_of(session, "demo")
        assert found.total == 20 * found.cells
        assert sum(line.action == "wave.roster" for line in audit.listed(session)) == 2


def test_a_county_reader_and_an_operator_may_not(tmp_path):
    engine = demo_database(tmp_path)
    for actor in (Actor("anji", "county_reader", frozenset({"330523"})), Actor("op", "operator"), None):
        with Session(engine) as session, pytest.raises(Problem) as caught:
            save_roster(session, actor, "demo", good(engine))
        assert caught.value.code in ("access.denied", "login.needed")


def test_the_command_line_keeps_a_roster_and_names_the_row_of_a_mistake(tmp_path, monkeypatch):
    engine = demo_database(tmp_path)
    monkeypatch.setenv("FIELDKIT_DATA_DIR", str(tmp_path))
    file = tmp_path / "roster.csv"
    file.write_bytes(good(engine))
    done = CliRunner().invoke(main, ["wave", "roster", "demo", str(file)])
    assert done.exit_code == 0, done.output
    file.write_bytes(good(engine).replace(b",10\n", b",many\n", 1))
    wrong = CliRunner().invoke(main, ["wave", "roster", "demo", str(file)])
    assert wrong.exit_code == 1
    assert "2" in wrong.output
    assert "many" in wrong.output


def test_the_desk_shows_the_empty_state_takes_a_file_and_says_what_is_wrong(tmp_path):
    desk = make_desk(tmp_path)
    client = desk.client("researcher")
    page = client.get("/desk/waves/demo/roster").get_data(as_text=True)
    assert "还没有人数表" in page
    token = csrf(page)

    def send(body: bytes):
        data = {"csrf_token": token, "file": (io.BytesIO(body), "roster.csv")}
        return client.post("/desk/waves/demo/roster", data=data)

    wrong = send(good(desk.engine).replace(b",10\n", b",many\n", 1))
    assert wrong.status_code == 422
    assert "第 2 行" in wrong.get_data(as_text=True)
    done = send(good(desk.engine))
    assert done.status_code == 303
    after = client.get(done.location).get_data(as_text=True)
    assert "人数表已保存" in after
    assert "上传并替换" in after
    kept = client.get("/desk/waves/demo/roster/file.csv")
    assert kept.data.startswith(b"\xef\xbb\xbfcounty,count")
    assert send(b"x" * 400_000).status_code in (303, 413)
    assert "/desk/waves/demo/roster" in client.get("/desk/waves/demo").get_data(as_text=True)


def filled(engine, level: str = "1|2|3|4") -> bytes:
    """A roster by county; with levels apart, cells become too small."""
    with Session(engine) as session:
        codes = [c.code for c in waves.get(session, "demo").counties]
    lines = [f"{code},{cell},{100 + at}\n" for at, code in enumerate(codes) for cell in level.split(" ")]
    return ("county,core_level,count\n" + "".join(lines)).encode()


def test_weighted_results_stand_beside_unweighted_ones_and_are_noted(tmp_path, monkeypatch):
    engine = demo_database(tmp_path)
    with Session(engine) as session:
        with pytest.raises(Problem) as caught:
            weighted_file(session, LOCAL, "demo", dated=TODAY)
        assert caught.value.code == "roster.unknown"
        save_roster(session, LOCAL, "demo", filled(engine, "1 2 3 4"))
        session.commit()
        with pytest.raises(Problem) as caught:
            weighted_file(session, LOCAL, "demo", dated=TODAY)
        assert caught.value.code == "roster.wave_open"
        close_wave(session, LOCAL, "demo")
        session.commit()
        with pytest.raises(Problem) as caught:
            weighted_file(session, LOCAL, "demo", dated=TODAY)
        assert caught.value.code == "roster.cells_few"
        save_roster(session, LOCAL, "demo", filled(engine))
        session.commit()
    monkeypatch.setenv("FIELDKIT_DATA_DIR", str(tmp_path))
    out = tmp_path / "weighted.csv"
    done = CliRunner().invoke(main, ["export", "weighted", "demo", "-o", str(out)])
    assert done.exit_code == 0, done.output
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig")))}
    assert float(rows["design_effect"]["value"]) > 1
    assert int(rows["effective_n"]["value"]) < int(rows["respondents"]["value"])
    burden = rows["perceived_burden"]
    assert burden["status"] == burden["weighted_status"] == "ok"
    assert burden["value"] != burden["weighted_value"]
    with Session(engine) as session:
        assert audit.listed(session)[0].action == "export.weighted"
        with pytest.raises(Problem) as caught:
            weighted_file(session, Actor("anji", "county_reader", frozenset({"330523"})), "demo", dated=TODAY)
        assert caught.value.code == "access.denied"


def test_the_desk_gives_weighted_results_or_says_why_there_are_none(tmp_path):
    desk = make_desk(tmp_path)
    client = desk.client("researcher")
    with Session(desk.engine) as session:
        save_roster(session, LOCAL, "demo", filled(desk.engine, "1 2 3 4"))
        close_wave(session, LOCAL, "demo")
        session.commit()
    page = client.get("/desk/waves/demo/roster").get_data(as_text=True)
    assert "下载加权结果" in page
    few = client.post("/desk/waves/demo/roster/weighted.csv", data={"csrf_token": csrf(page)})
    assert few.status_code == 409
    assert "不足 10 份" in few.get_data(as_text=True)
    with Session(desk.engine) as session:
        save_roster(session, LOCAL, "demo", filled(desk.engine))
        session.commit()
    given = client.post("/desk/waves/demo/roster/weighted.csv", data={"csrf_token": csrf(page)})
    assert given.status_code == 200
    assert b"design_effect" in given.data
