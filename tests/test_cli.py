"""What an operator types, and what comes back."""

import json
import re
import socket

import pytest
from click.testing import CliRunner

from fieldkit.cli import main
from fieldkit.cli.site import port_is_free, prepare
from fieldkit.core.problem import Problem
from fieldkit.settings import Settings, resource
from tests.formats.test_wave_yaml import GOOD


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    prepare(Settings(data_dir=folder))
    return folder


@pytest.fixture
def run(home, monkeypatch):
    monkeypatch.setenv("FIELDKIT_DATA_DIR", str(home))
    return lambda *words: CliRunner().invoke(main, list(words))


def test_preparing_again_changes_nothing_and_says_the_same(home, capsys):
    prepare(Settings(data_dir=home))
    first = capsys.readouterr().out
    prepare(Settings(data_dir=home))
    assert capsys.readouterr().out == first
    assert "/w/demo/330523" in first
    assert re.search(r"密码 \S{8,}", first)


def test_help_lists_every_group_in_chinese(run):
    shown = run("--help").output
    assert all(name in shown for name in ("start", "wave", "report", "export", "instrument", "account"))
    assert "田野工具箱" in shown


def test_a_county_report_is_written_in_the_format_of_its_name(run, tmp_path):
    for name, begin in (("x.pdf", b"%PDF-"), ("x.html", b"<!doctype html>"), ("x.csv", b"\xef\xbb\xbfcounty_code")):
        made = run("report", "county", "demo", "330523", "-o", str(tmp_path / name))
        assert made.exit_code == 0, made.output
        assert (tmp_path / name).read_bytes().startswith(begin)


def test_a_report_that_cannot_be_written_is_refused_before_it_is_made(run, tmp_path):
    made = run("report", "county", "demo", "330523", "-o", str(tmp_path / "no" / "x.pdf"))
    assert made.exit_code == 1
    assert "不存在" in made.output
    assert run("report", "county", "demo", "330523", "-o", str(tmp_path / "x.doc")).exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("report", "county", "demo", "430225"), "不出报告"),
        (("report", "county", "demo", "110101"), "110101"),
        (("report", "county", "nowhere", "330523"), "nowhere"),
    ],
)
def test_what_cannot_be_reported_is_said_in_two_sentences(run, tmp_path, words, said):
    made = run(*words, "-o", str(tmp_path / "x.pdf"))
    assert made.exit_code == 1
    assert said in made.output
    assert "Traceback" not in made.output


def test_rows_are_exported_with_codebook_and_manifest(run, tmp_path):
    made = run("export", "responses", "demo", "--format", "csv", "-o", str(tmp_path / "out"))
    assert made.exit_code == 0, made.output
    written = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"responses.csv", "comments.csv", "codebook.csv", "manifest.json"} <= written


def test_rows_are_exported_in_the_formats_that_are_named(run, tmp_path):
    made = run("export", "responses", "demo", "--format", "sav,dta", "-o", str(tmp_path / "out"))
    assert made.exit_code == 0, made.output
    assert {"responses.sav", "responses.dta", "labels.csv"} <= {path.name for path in (tmp_path / "out").iterdir()}
    wrong = run("export", "responses", "demo", "--format", "sav,ods", "-o", str(tmp_path / "no"))
    assert wrong.exit_code == 1
    assert "没有叫“ods”的导出格式" in wrong.output
    assert "frictionless" in wrong.output


def test_a_study_without_waves_is_told_and_nothing_is_written(run, tmp_path):
    made = run("export", "responses", "--study", "nothing", "-o", str(tmp_path / "out"))
    assert made.exit_code == 1
    assert "nothing" in made.output
    assert not (tmp_path / "out").exists()


def test_a_wave_opens_from_its_file_and_closes(run, tmp_path):
    (tmp_path / "wave.yaml").write_text(GOOD, "utf-8")
    made = run("wave", "open", str(tmp_path / "wave.yaml"))
    assert made.exit_code == 0, made.output
    assert "/w/burden-2026-2/330523" in made.output
    assert "burden-2026-2" in run("wave", "list").output
    again = run("wave", "open", str(tmp_path / "wave.yaml"))
    assert again.exit_code == 1
    assert run("wave", "close", "burden-2026-2").exit_code == 0


def test_an_account_is_made_with_a_password_that_is_shown_once(run):
    made = run("account", "add", "reader", "--role", "county_reader", "--county", "330523")
    assert made.exit_code == 0, made.output
    assert re.search(r"密码 \S{8,}", made.output)
    assert run("account", "add", "reader2", "--role", "county_reader", "--county", "000000").exit_code == 1
    assert run("account", "add", "reader3", "--role", "county_reader").exit_code == 1


def test_an_operator_lists_accounts_renews_a_password_and_ends_an_account(run):
    run("account", "add", "gone.soon", "--role", "county_reader", "--county", "330523")
    assert re.search(r"^gone\.soon +county_reader +330523$", run("account", "list").output, re.M)
    renewed = run("account", "password", "gone.soon")
    assert re.search(r"gone\.soon 的新密码是 \S{8,}。", renewed.output)
    assert run("account", "remove", "gone.soon").exit_code == 0
    assert "gone.soon" not in run("account", "list").output
    again = run("account", "password", "gone.soon")
    assert again.exit_code == 1
    assert "fieldkit account list" in again.output


def test_the_log_tells_who_did_what_newest_last(run):
    run("account", "add", "in.the.log")
    lines = run("log", "-n", "2").output.splitlines()
    assert len(lines) == 2
    assert re.match(r'\d{4}-\d\d-\d\d \d\d:\d\d  local +account\.create +name="in\.the\.log" role=', lines[-1])
    newest = json.loads(run("log", "-n", "1", "--json").output)
    assert newest[0]["action"] == "account.create"
    assert newest[0]["name"] == "in.the.log"


def test_a_database_that_does_not_answer_is_said_without_a_trace(run, monkeypatch):
    monkeypatch.setenv("FIELDKIT_DATABASE_URL", "postgresql://fieldkit:secret@127.0.0.1:1/fieldkit")
    made = run("wave", "list")
    assert made.exit_code == 1
    assert "连不上数据库" in made.output
    assert "127.0.0.1" in made.output
    assert "Traceback" not in made.output
    assert "secret" not in made.output


def test_what_an_operator_mistypes_is_answered_in_the_words_of_operators(run):
    made = run("wave", "close", "nowhere")
    assert made.exit_code == 1
    assert "fieldkit wave list" in made.output
    assert "扫码" not in made.output


def test_the_built_in_instruments_have_no_errors_and_are_listed(run):
    assert run("instrument", "lint").exit_code == 0
    listed = run("instrument", "list", "--folder", str(resource("instruments"))).output
    assert len(re.findall(r"^module ", listed, re.M)) == 6
    assert len(re.findall(r"^questionnaire ", listed, re.M)) == 7


def test_what_was_published_at_the_desk_is_known_to_the_commands_too(run, home, tmp_path):
    form = tmp_path / "own_form.md"
    form.write_text("| survey |\n| | type | name | label |\n| | integer | calls | 昨天接了几个工作电话？ |", "utf-8")
    assert run("instrument", "import", str(form), "-o", str(tmp_path / "own_form.yaml")).exit_code == 0
    published = run("instrument", "publish", str(tmp_path / "own_form.yaml"), "--confirm", "own_form")
    assert published.exit_code == 0, published.output
    assert "own_form" in run("instrument", "list").output
    assert "昨天接了几个工作电话？" in run("instrument", "show", "own_form").output
    again = tmp_path / "again.yaml"
    assert run("instrument", "export", "own_form@1.0.0", "--format", "yaml", "-o", str(again)).exit_code == 0
    assert run("instrument", "diff", "own_form", str(again)).exit_code == 0
    assert "own_form" not in run("instrument", "list", "--folder", str(resource("instruments"))).output


def test_without_a_database_the_commands_know_what_comes_along_and_make_none(monkeypatch, tmp_path):
    monkeypatch.setenv("FIELDKIT_DATA_DIR", str(tmp_path / "nowhere"))
    assert "short" in CliRunner().invoke(main, ["instrument", "list"]).output
    assert not (tmp_path / "nowhere").exists()


def test_a_database_that_was_never_built_is_said_so(monkeypatch, tmp_path):
    monkeypatch.setenv("FIELDKIT_DATA_DIR", str(tmp_path))
    made = CliRunner().invoke(main, ["wave", "list"])
    assert made.exit_code == 1
    assert "fieldkit migrate" in made.output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FIELDKIT_PORT", "abc", "FIELDKIT_PORT"),
        ("FIELDKIT_BASE_URL", "survey.example.org", "FIELDKIT_BASE_URL"),
        ("FIELDKIT_N_MIN", "5", "10"),
        ("FIELDKIT_N_MIN_SENSITIVE", "12", "20"),
    ],
)
def test_a_setting_that_cannot_be_is_named(run, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    made = run("wave", "list")
    assert made.exit_code == 1
    assert said in made.output


def test_a_taken_port_is_said_before_the_server_starts():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(Problem) as caught:
            port_is_free(Settings(port=other.getsockname()[1]))
    assert caught.value.code == "server.port_taken"


def test_a_taken_port_is_said_before_a_link_is_printed_that_leads_elsewhere(run, monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("FIELDKIT_PORT", str(other.getsockname()[1]))
        made = run("start")
    assert made.exit_code == 1
    assert "已经被别的程序占用" in made.output
    assert "/w/demo" not in made.output


def test_questionnaires_and_codebooks_are_printed_without_a_database(tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDKIT_DATA_DIR", str(tmp_path / "nothing"))
    for what in ("questionnaire", "codebook"):
        file = tmp_path / f"{what}.pdf"
        made = CliRunner().invoke(main, ["report", what, "short", "-o", str(file)])
        assert made.exit_code == 0, made.output
        assert file.read_bytes().startswith(b"%PDF-")
    wrong = CliRunner().invoke(main, ["report", "codebook", "short", "-o", str(tmp_path / "x.txt")])
    assert wrong.exit_code == 2


def test_reports_on_many_counties_are_written(run, tmp_path):
    for what in ("pooled", "overview", "technical"):
        made = run("report", what, "demo", "-o", str(tmp_path / f"{what}.pdf"))
        assert made.exit_code == 0, made.output
        assert (tmp_path / f"{what}.pdf").read_bytes().startswith(b"%PDF-")
    assert run("report", "pooled", "demo", "-o", str(tmp_path / "pooled.csv")).exit_code == 0
    refused = run("report", "overview", "demo", "--indicator", "nothing", "-o", str(tmp_path / "x.pdf"))
    assert refused.exit_code == 1
    assert "nothing" in refused.output


def test_a_layout_is_copied_changed_and_its_mistakes_are_named_by_line(run, tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDKIT_REPORTS", str(tmp_path))
    assert run("report", "layout", "copy", "county", "my-county").exit_code == 0
    folder = tmp_path / "my-county"
    assert run("report", "layout", "lint", str(folder)).exit_code == 0
    assert "my-county" in run("report", "layout", "list").output
    layout = folder / "layout.yaml"
    layout.write_text(layout.read_text("utf-8").replace("- perceived_burden", "- perceived_burdn", 1), "utf-8")
    found = run("report", "layout", "lint", str(folder))
    assert found.exit_code == 1
    assert re.search(r"layout\.yaml:\d+: .*perceived_burdn", found.output)
    as_json = run("report", "layout", "lint", str(folder), "--json").output
    assert '"en": "There is no indicator' in as_json
