"""Report layouts of one's own: copied, changed without code, checked, and used."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from fieldkit.core.problem import Problem
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.render.style import load
from fieldkit.services import layouts
from fieldkit.services.printed import questionnaire_pdf
from fieldkit.settings import resource
from fieldkit.translations import explain_code

OURS = ("codebook", "county", "overview", "pooled", "questionnaire", "technical")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDKIT_REPORTS", str(tmp_path))
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def codes(path: Path) -> list[tuple[str, str]]:
    return [(one.file, one.code) for one in layouts.lint(path)]


@pytest.mark.parametrize("name", OURS)
def test_what_comes_with_the_program_has_no_mistakes(name):
    reports = resource("reports")
    assert layouts.lint(reports / "layouts" / f"{name}.yaml") == []
    for language in ("zh", "en"):
        assert layouts.lint(reports / "wording" / f"{name}.{language}.yaml") == []
    assert layouts.lint(reports / "style" / "paper.yaml") == []
    assert set(layouts.ours()) == set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_a_copy_is_whole_and_has_no_mistakes(folder, name):
    made = layouts.copy(name, "my-own")
    assert sorted(p.name for p in made.iterdir()) == [
        "layout.yaml", "paper.yaml", "wording.en.yaml", "wording.zh.yaml",
    ]  # fmt: skip
    assert layouts.lint(made) == []
    assert layouts.find("my-own", name).layout == layouts.find(name).layout
    assert "my-own" in layouts.known()


def test_a_copy_changes_sections_words_and_colours(folder):
    made = layouts.copy("questionnaire", "green")
    change(made / "layout.yaml", "zh: 填好以后", "zh: 交卷以前")
    change(made / "wording.zh.yaml", "不清楚", "说不清")
    change(made / "paper.yaml", 'accent: "#1F4E79"', 'accent: "#1B5E3A"')
    assert layouts.lint(made) == []
    laid = layouts.find("green", "questionnaire")
    assert laid.layout.sections[-1].title.say() == "交卷以前"
    assert laid.wording("zh").say("form.dont_know") == "说不清"
    assert load(laid.folder).colours["accent"] == "#1B5E3A"
    asked = load_library(resource("instruments")).questionnaire("short")
    day = datetime.date(2026, 11, 21)
    ours, theirs = questionnaire_pdf(asked, dated=day), questionnaire_pdf(asked, dated=day, layout="green")
    assert theirs.startswith(b"%PDF-")
    assert ours != theirs


def test_a_layout_with_the_name_of_ours_takes_its_place(folder):
    made = layouts.copy("questionnaire", "questionnaire")
    change(made / "wording.zh.yaml", "不清楚", "说不清")
    assert layouts.find("questionnaire").wording("zh").say("form.dont_know") == "说不清"


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("layout.yaml", "- trace_hours", "- no_such_thing", "unknown_indicator"),
        ("layout.yaml", "kind: pooled_counties_table", "kind: pie", "unknown_block"),
        ("layout.yaml", "kind: pooled_counties_table", "kind: level_table", "not_pooled"),
        ("layout.yaml", "kind: pooled_counties_table", "kind: flow_table", "not_in_report"),
        ("layout.yaml", "say: [marks]", "say: [peers]", "not_pooled"),
        ("layout.yaml", "sections:", "sections:\n  - taxes", "unknown_chapter"),
        ("layout.yaml", "text: reading", "text: reading_twice", "no_fixed"),
        ("layout.yaml", "zh: 主要发现", "zh: 各县排名", "forbidden_word"),
        ("layout.yaml", "id: pooled", "id: pooling", "unknown_report"),
        ("layout.yaml", "key: survey", "key: summary", "section_twice"),
        ("wording.zh.yaml", '{count}个县"', '{number}个县"', "unknown_place"),
        ("wording.zh.yaml", "  intro_survey: ", "  intro_survey: 调查导致", "forbidden_word"),
        ("wording.zh.yaml", "  analysed: ", "  analyzed: ", "unknown_words"),
        ("wording.zh.yaml", "extends: county", "extends: nobody", "no_base"),
        ("paper.yaml", '"#1F2A37"', '"#1F2A3"', "bad_colour"),
        ("paper.yaml", '"#52606D"', '"#B8C0C8"', "low_contrast"),
        ("paper.yaml", "colour: second", "colour: violet", "unknown_colour"),
        ("paper.yaml", "  footer_mm: 12.5", "  footing_mm: 12.5", "missing_key"),
    ],
)
def test_every_mistake_is_named_with_file_and_line_and_has_a_remedy(folder, file, old, new, code):
    made = layouts.copy("pooled", "mine")
    change(made / file, old, new)
    found = [one for one in layouts.lint(made) if one.code == code]
    assert found, codes(made)
    first = found[0]
    assert first.file == file
    if code not in ("missing_key", "section_twice", "unknown_chapter"):  # the file's head, the first of two
        assert new.strip() in (made / file).read_text("utf-8").split("\n")[first.line - 1]
    for language in ("zh", "en"):
        message, remedy = explain_code(first.key, language, **dict(first.facts))
        assert message
        assert remedy
        assert "{" not in message.replace("{number}", "").replace("{count}", "")


def test_a_layout_is_checked_by_its_name_its_folder_or_one_of_its_files(folder):
    made = layouts.copy("codebook", "mine")
    assert layouts.located("mine") == made
    assert layouts.located(str(made / "paper.yaml")) == made / "paper.yaml"
    with pytest.raises(Problem) as caught:
        layouts.located("nobody")
    assert caught.value.code == "report.layout_unknown"


def test_a_section_by_name_follows_the_program_and_one_of_another_report_is_named_with_what_does_not_fit(folder):
    made = layouts.copy("pooled", "mine")
    text = (made / "layout.yaml").read_text("utf-8")
    whole = layouts.find("mine", "pooled").layout
    at, end = text.index("  - key: burden\n"), text.index("  - key: negotiation\n")
    (made / "layout.yaml").write_text(text[:at] + "  - burden\n" + text[end:], "utf-8")
    assert codes(made) == []
    assert layouts.find("mine", "pooled").layout == whole
    change(made / "layout.yaml", "id: pooled", "id: technical")
    broken = {one.line: one for one in layouts.lint(made) if one.file == "layout.yaml"}
    named = next(one for one in broken.values() if one.code == "chapter_not_here")
    assert named.facts["name"] == "burden"
    assert "quartiles" in str(named.facts["unfit"])
    with pytest.raises(Problem) as caught:
        layouts.find("mine", "technical")
    assert caught.value.code == "layout.broken"


def test_words_that_were_left_out_are_named(folder):
    made = layouts.copy("county", "mine")
    change(made / "wording.zh.yaml", "  own: 本县\n", "")
    [found] = layouts.lint(made)
    assert (found.code, found.facts["name"], found.facts["text"]) == ("missing_words", "marks.own", "本县")


def test_words_that_must_not_be_said_can_be_added_but_not_dropped(folder):
    made = layouts.copy("county", "mine")
    change(made / "wording.zh.yaml", "words: [排名, ", "words: [")
    assert ("wording.zh.yaml", "forbidden_dropped") in codes(made)
    change(made / "wording.zh.yaml", "words: [", "words: [排名, 冠军, ")
    assert codes(made) == []


def test_what_is_no_yaml_is_named(folder):
    made = layouts.copy("county", "mine")
    (made / "layout.yaml").write_text("sections: [", "utf-8")
    assert ("layout.yaml", "not_yaml") in codes(made)
    (made / "layout.yaml").write_text("", "utf-8")
    assert ("layout.yaml", "empty") in codes(made)


def test_copying_says_what_stands_against_it(folder, monkeypatch):
    def refused(name: str, new: str) -> str:
        with pytest.raises(Problem) as caught:
            layouts.copy(name, new)
        return caught.value.code

    assert refused("nothing", "mine") == "report.layout_unknown"
    assert refused("county", "../mine") == "report.layout_name"
    layouts.copy("county", "mine")
    assert refused("county", "mine") == "report.layout_exists"
    monkeypatch.delenv("FIELDKIT_REPORTS")
    assert refused("county", "other") == "report.no_folder"


def test_a_layout_of_another_report_is_refused(folder):
    layouts.copy("pooled", "mine")
    with pytest.raises(Problem) as caught:
        layouts.find("mine", "overview")
    assert caught.value.code == "report.layout_unknown"


def test_a_style_of_ones_own_needs_no_fonts(folder):
    made = layouts.copy("codebook", "mine")
    assert not (made / "fonts").exists()
    assert load(made).regular == "NotoSansSC-Regular"
