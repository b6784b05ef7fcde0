"""Who may keep a roster, that a second one replaces it, and that the desk and the command line say what is wrong."""

from __future__ import annotations

import csv
import hashlib
import io

import pytest
from click.testing import CliRunner

from fieldkit.cli import main
from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.problem import Problem
from fieldkit.services.roster import kept_roster, roster_of, save_roster
from fieldkit.services.waves import close_wave
from fieldkit.services.weighted import issues, weighted_file
from fieldkit.services.withdraw import withdraw
from fieldkit.store import audit, waves
from fieldkit.store.engine import Session
from tests.demo_site import TODAY, csrf, demo_database, make_desk, more_answers


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


def weigh(engine, note=None):
    with Session(engine) as session:
        data = weighted_file(session, LOCAL, "demo", dated=TODAY, note=note)
        session.commit()
    return data


def refused(engine, note=None):
    with pytest.raises(Problem) as caught:
        weigh(engine, note)
    return caught.value.code


def keep(engine, data: bytes):
    with Session(engine) as session:
        save_roster(session, LOCAL, "demo", data)
        session.commit()


def closed(tmp_path):
    """The demonstration wave, closed, with a roster and one answer whose receipt code we hold."""
    engine = demo_database(tmp_path)
    [code] = more_answers(engine, "330523", 1)
    with Session(engine) as session:
        close_wave(session, LOCAL, "demo")
        session.commit()
    keep(engine, filled(engine))
    return engine, code


def test_weighted_results_are_issued_once_and_stay_the_same_bytes_whoever_leaves_and_whatever_roster(tmp_path):
    engine, code = closed(tmp_path)
    assert refused(engine, "还没有发布") == "roster.not_issued"
    first = weigh(engine)
    with Session(engine) as session:
        withdraw(session, "demo", code, TODAY)
        session.commit()
    keep(engine, filled(engine).replace(b",100\n", b",900\n", 1))
    assert weigh(engine) == first
    with Session(engine) as session:
        [issue] = issues(session, LOCAL, "demo")
    assert issue.sha256 == hashlib.sha256(first).hexdigest()
    assert refused(engine, "第一格的人数写错了。") == "roster.answers_gone"


def test_a_correction_of_weighted_results_needs_the_same_answers_and_the_same_division(tmp_path):
    engine, _ = closed(tmp_path)
    first = weigh(engine)
    assert refused(engine, "  ") == "edition.no_note"
    assert refused(engine, "说明" * 300) == "edition.long_note"
    assert refused(engine, "没有改什么。") == "roster.same"
    keep(engine, filled(engine, "1|2 3|4"))
    assert refused(engine, "换了分法。") == "roster.divided_anew"
    keep(engine, filled(engine).replace(b",100\n", b",900\n", 1))
    second = weigh(engine, "第一格的人数写错了。")
    assert second != first
    assert weigh(engine) == second
    plain = [
        [(r["name"], r["n"], r["value"]) for r in csv.DictReader(io.StringIO(data.decode("utf-8-sig"))) if r["n"]]
        for data in (first, second)
    ]
    assert plain[0] == plain[1]  # without weights nothing has changed, for nobody came or went
    with Session(engine) as session:
        assert [one.correction for one in issues(session, LOCAL, "demo")] == ["", "第一格的人数写错了。"]


def test_issued_weighted_results_are_held_back_once_the_thresholds_are_raised(tmp_path, monkeypatch):
    engine, _ = closed(tmp_path)
    weigh(engine)
    monkeypatch.setenv("FIELDKIT_N_MIN", "15")
    assert refused(engine) == "roster.held_back"


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
    page = client.get("/desk/waves/demo/roster").get_data(as_text=True)
    assert "加权结果已经发布" in page
    assert hashlib.sha256(given.data).hexdigest() in page
    assert "出更正版" not in page
    keep(desk.engine, filled(desk.engine).replace(b",100\n", b",900\n", 1))
    page = client.get("/desk/waves/demo/roster").get_data(as_text=True)
    assert "出更正版" in page
    wrong = client.post("/desk/waves/demo/roster/weighted.csv", data={"csrf_token": csrf(page), "note": " "})
    assert wrong.status_code == 422
    note = {"csrf_token": csrf(page), "note": "第一格的人数写错了。"}
    assert client.post("/desk/waves/demo/roster/weighted.csv", data=note).data != given.data
    assert "第一格的人数写错了。" in client.get("/desk/waves/demo/roster").get_data(as_text=True)
