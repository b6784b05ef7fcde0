"""Every change has words, in both languages, with all the facts they need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from fieldkit.core import change, differences
from fieldkit.core.change import compare
from fieldkit.core.instrument import Group, Questionnaire
from fieldkit.core.text import Text
from fieldkit.services.change_lines import change_lines, told
from fieldkit.translations import catalogue
from tests.core.test_change import CASES, asked, item

NAMED = ("instrument", "page", "group", "construct", "indicator")


def reasons() -> set[str]:
    """All codes of reasons that the comparison can give."""
    source = "".join(Path(str(m.__file__)).read_text("utf-8") for m in (change, differences))
    calls = re.findall(r'(?:Difference|told|_breaking|_compatible|_other)\(\s*"(\w+)"', source)
    chosen = re.findall(r'told\("(\w+)" if scale else "(\w+)"|Difference\("(\w+)" if wider else "(\w+)"', source)
    checks = {"constraint", "warning"}
    blocks = {f"{b}_{what}" for b in ("page", "group", "construct") for what in ("added", "removed")}
    fields = {f"{b}_{what}" for b in NAMED for what in ("words", "setting")}
    return {*calls, *(name for pair in chosen for name in pair if name), *checks, *blocks, *fields}


def test_every_reason_has_words_and_no_words_are_without_a_reason() -> None:
    for language in ("zh", "en"):
        written = {key for key in catalogue(language) if key.startswith("change.reason_")}
        assert written == {f"change.reason_{reason}" for reason in reasons()}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("old", "new"), [(c[1], c[2]) for c in CASES if c[4]], ids=[c[0] for c in CASES if c[4]])
def test_a_change_is_told_with_old_and_new_side_by_side(
    old: dict[str, Any], new: dict[str, Any], language: str
) -> None:
    before, after = asked(item(**old)), asked(item(**new), version="1.0.1")
    (line,) = change_lines(compare(before, after), before, after, language)
    assert line.old_words
    assert line.new_words
    assert line.old_words != line.new_words
    assert any(differs for _, differs in (*line.old, *line.new))
    assert "{" not in line.title + line.means + line.lost, "no fact is missing"
    assert line.title in told([line], language)


def test_items_that_changed_alike_share_a_line() -> None:
    names = [f"a{n}" for n in range(1, 5)]
    before = asked(*(item(id=name) for name in names))
    after = asked(*(item(id=name, required="yes") for name in names))
    (line,) = change_lines(compare(before, after), before, after)
    assert (line.names, line.old_words, line.new_words) == ("a1 至 a4", "可以不答", "要作答")


def test_groups_are_called_groups_and_sections_sections_and_what_changed_is_named_in_the_readers_words() -> None:
    one, two = asked(item()), asked(item(), page={"introduction": Text(zh="请想一想上个月")})
    grouped = asked(item(), page={"groups": (Group("together", Text(zh="合在一起", en="Together"), ("b1",)),)})

    def titles(before: Questionnaire, after: Questionnaire, language: str) -> list[str]:
        return [line.title for line in change_lines(compare(before, after), before, after, language)]

    assert titles(one, grouped, "zh") == ["新增题组"]
    assert titles(grouped, one, "en") == ["Group of items removed"]
    assert titles(one, two, "zh") == ["这一节的文字改了（说明）"]
    assert titles(one, two, "en") == ["Words of a section changed (introduction)"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_part_that_can_change_has_a_name(language: str) -> None:
    for parts in (change.INSTRUMENT, change.PAGE, change.CONSTRUCT, change.INDICATOR):
        assert [part for part in parts if f"change.part_{part}" not in catalogue(language)] == []
