"""One tiny workbook per feature: read, written, read again; converted by pyxform without a warning; and as XForm."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pyxform.xls2xform import convert

from fieldkit.core.instrument import Questionnaire
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.formats.xform import write_xform
from fieldkit.formats.xlsform import read_xlsform, write_xlsform
from fieldkit.settings import resource

FOLDER = Path(__file__).parent.parent / "cases" / "xlsform"
CASES = sorted(FOLDER.glob("*.md"))
LIBRARY = load_library(resource("instruments"))
TOLD = {  # cases in which something is left to say
    "languages": {"xlsform.list_unused", "no_chinese"},
    "repeat": set(),
}


def read(path: Path) -> Questionnaire:
    return read_xlsform(path).questionnaire


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_workbook_written_and_read_again_is_the_same_questionnaire(path: Path):
    first = read_xlsform(path)
    again = read_xlsform(write_xlsform(first.questionnaire), "again.xlsx")
    assert again.questionnaire == first.questionnaire
    assert again.module == first.module


@pytest.mark.parametrize("key", sorted(LIBRARY.questionnaires), ids=lambda key: key[0])
def test_every_built_in_questionnaire_survives_a_workbook_with_its_hash(key: tuple[str, str]):
    questionnaire = LIBRARY.questionnaires[key]
    read_back = read_xlsform(write_xlsform(questionnaire), "form.xlsx").questionnaire
    assert read_back == questionnaire
    assert read_back.hash == questionnaire.hash


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_leaves_nothing_out(path: Path):
    left_out = {f.code for f in read_xlsform(path).findings if f.code.startswith("xlsform.")}
    assert left_out <= TOLD.get(path.stem, set())


# ---------------------------------------------------------------------------- what other programs make of it


def by_pyxform(questionnaire: Questionnaire) -> str:
    """The XForm that pyxform makes of our workbook; a warning of it fails the test."""
    result = convert(io.BytesIO(write_xlsform(questionnaire)), validate=False, file_type=".xlsx")
    assert result.warnings == []
    return result.xform


def local(tag: str) -> str:
    return re.sub(r"\{.*\}", "", tag)


def settled(text: str) -> str:
    """An expression or wording with one space around paths, and straight quotation marks, as pyxform writes them."""
    text = re.sub(r"\s*((?:current\(\)/)?(?:\.\./)+[\w/]+|(?<![\w')])/[\w/]+)\s*", r" \1 ", text)
    return " ".join(text.replace("“", '"').replace("”", '"').replace("‘", "'").replace("’", "'").split())


ASKED = (
    "bind",
    "input",
    "select",
    "select1",
    "rank",
    "range",
    "trigger",
    "group",
    "repeat",
    "itemset",
    "label",
    "hint",
)


def said(xform: str) -> set[tuple[str, ...]]:
    """What a form asks, under which conditions and in which words, as comparable lines."""
    root = ElementTree.fromstring(xform)
    found = set()
    for element in root.iter():
        if local(element.tag) in ASKED:
            attributes = sorted(f"{local(name)}={settled(value)}" for name, value in element.attrib.items())
            found.add((local(element.tag), *attributes))
    for translation in root.iter("{http://www.w3.org/2002/xforms}translation"):
        for text in translation:
            words = text[0].text or ""
            if words != "-" and "-categories-" not in text.get("id", ""):
                found.add(("text", translation.get("lang", ""), text.get("id", ""), settled(words)))
    return found


def answer_file(xform: str) -> list[str]:
    """The names of the elements of the answer file, in order."""
    data = ElementTree.fromstring(xform).find(".//{*}model/{*}instance/*")
    assert data is not None
    return [local(element.tag) for element in data.iter()]


EVERY = [*CASES, *sorted(LIBRARY.questionnaires)]


@pytest.mark.parametrize("source", EVERY, ids=lambda source: source.stem if isinstance(source, Path) else source[0])
def test_our_xform_is_the_one_that_pyxform_makes_of_our_workbook(source: Path | tuple[str, str]):
    questionnaire = read(source) if isinstance(source, Path) else LIBRARY.questionnaires[source]
    ours, theirs = write_xform(questionnaire), by_pyxform(questionnaire)
    fallen_back = {line for line in said(ours) - said(theirs) if line[0] == "text"}
    texts = {line[2:] for line in said(theirs) if line[0] == "text"}
    assert said(theirs) - said(ours) == set()
    assert said(ours) - said(theirs) == {line for line in fallen_back if line[2:] in texts}
    assert answer_file(ours) == answer_file(theirs)
