"""Layouts and wordings are read from YAML, and mistakes are named by line, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.core.problem import Problem
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.formats.report_spec import Mistake, read_layout, read_wording
from fieldkit.settings import resource
from fieldkit.stats.county import BUILDERS, ids_of
from fieldkit.stats.layout import BLOCKS, Dots, Further, Line, Say, Sentences, Title
from fieldkit.translations import explain_code

GOOD = """\
id: tiny
version: 1.0.0
sections:
  - key: one
    title: {zh: 一, en: One}
    blocks:
      - kind: sentences
        say: [intro_survey, {number: a}, {room: [b, c]}]
      - kind: dots
        key: d
        title: 图
        axis: {ticks: [0, 50, 100], signed: true}
        groups:
          - lines: [a, {id: b, strong: true, label: {zh: 乙}}]
"""


def written(folder: Path, text: str) -> Path:
    """A layout file."""
    path = folder / "tiny.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_layout_becomes_sections_and_blocks(tmp_path: Path) -> None:
    layout = read_layout(written(tmp_path, GOOD))
    [section] = layout.sections
    say, dots = section.blocks
    assert isinstance(say, Sentences)
    assert say.say == (Say("intro_survey"), Say("number", ("a",)), Say("room", ("b", "c")))
    assert isinstance(dots, Dots)
    assert dots.axis.ticks == (0, 50, 100)
    assert dots.axis.signed
    assert dots.groups[0].lines[0] == Line("a")
    assert dots.groups[0].lines[1].strong
    assert dots.groups[0].lines[1].label.say() == "乙"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("version: 1.0.0\n", "", [("missing_key", 1)]),
        ("kind: dots", "kind: radar", [("unknown_block", 9)]),
        ("number: a", "rank: a", [("unknown_sentence", 8)]),
        ("strong: true", "strong: 3", [("not_a_flag", 14)]),
        ("[0, 50, 100]", "[0, x, 100]", [("not_a_number", 12)]),
        ("title: 图", "titel: 图", [("unknown_key", 11), ("missing_key", 9)]),
        ("id: tiny", 'id: "a', [("not_yaml", 15)]),
        (GOOD, "", [("empty", 1)]),
        ("key: d\n        title: 图", "key: d\n        key: e\n        title: 图", [("twice", 11)]),
        ("sections:", "sections: 3\nrest:", [("not_a_list", 3), ("unknown_key", 5)]),
    ],
)
def test_every_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, found: list[tuple[str, int]]) -> None:
    with pytest.raises(Problem) as caught:
        read_layout(written(tmp_path, GOOD.replace(old, new)))
    problem = caught.value
    assert problem.code == "layout.broken"
    assert problem.facts["file"] == "tiny.yaml"
    mistakes = [m for m in problem.findings if isinstance(m, Mistake)]
    assert [(m.code, m.line) for m in mistakes] == found
    assert problem.where == f"tiny.yaml:{found[0][1]}"
    for language in ("zh", "en"):
        for mistake in mistakes:
            message, remedy = explain_code(mistake.key, language, **mistake.facts)
            assert message
            assert remedy


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        read_layout(written(tmp_path, GOOD.replace("strong: true", "strong: 3").replace("number: a", "rank: a")))
    assert {m.code for m in caught.value.findings} == {"unknown_sentence", "not_a_flag"}  # type: ignore[attr-defined]


def test_a_wording_without_its_list_of_forbidden_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        read_wording(written(tmp_path, "language: zh\nsentences: {mean: x}\n"))
    assert caught.value.code == "layout.broken"


def test_every_kind_of_block_has_a_builder() -> None:
    assert set(BLOCKS.values()) == set(BUILDERS) | {Title, Further}


def test_the_shipped_layout_names_only_what_some_instrument_has() -> None:
    layout = read_layout(resource("reports") / "layouts" / "county.yaml")
    library = load_library(resource("instruments"))
    known = {i for m in list(library.modules.values()) for i in m.items} | {
        i.id for m in list(library.modules.values()) for i in m.indicators
    }
    named = [name.partition("/")[0] for name in ids_of(layout)]
    unknown = [name for name in named if name not in known]
    assert not unknown
