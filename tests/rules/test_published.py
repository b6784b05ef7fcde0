"""What has been fielded never changes, and says word for word what the codebook says."""

from __future__ import annotations

import hashlib
import shutil

import pytest

from fieldkit.core.item import Item
from fieldkit.core.problem import Problem
from fieldkit.formats.instrument_yaml import load_library, published, published_text
from fieldkit.settings import resource

FOLDER = resource("instruments")
LIBRARY = load_library(FOLDER)

# Constructs, items and the fingerprint of all wording, taken from codebook 1.0.0 by a program that read the codebook's
# own tables. A line for each item: id, type, question, options, R if reversed, S if sensitive, required.
CODEBOOK = {
    "core": (4, 11, "8c4d0f9510abb8962d77353bb14883a0a4654b749d87a9620196905cea54b9cf"),
    "burden": (13, 50, "f02c5372b03c1359df840222231aaf364bbdd8f1792b74f5b9160da548478515"),
    "negotiation": (15, 46, "cd70f751c20bd5537519d50d110668c372695e9f92909f4a751c531eb9f49cfb"),
    "coordination": (12, 44, "efafc688eb953b264bb923fa6d953bd22917880000d3aa762ea78a6b4f199b41"),
    "pathway": (11, 38, "72337316b5a80c9aec7dbd9a47a412cd9305561e92db77ea89afd46eb0c0c9b4"),
    "alliance": (12, 42, "a8740134afc965d5f85013ee0ee0fb4a00099b67af94346d5af0165dc824550f"),
}


def line(item: Item) -> str:
    options = ";".join(f"{option.code}={option.text['zh']}" for option in item.options)
    reverse, sensitive = "R" if item.reverse else "-", "S" if item.sensitive else "-"
    return "|".join([item.id, item.type, item.text["zh"], options, reverse, sensitive, item.required])


@pytest.mark.parametrize("name", CODEBOOK)
def test_every_word_of_a_module_is_that_of_the_codebook(name):
    module = LIBRARY.module(name, "1.0.0")
    wording = "\n".join(line(item) for item in module.items.values())
    assert (len(module.constructs), len(module.items), hashlib.sha256(wording.encode()).hexdigest()) == CODEBOOK[name]


def test_all_constructs_and_items_of_the_codebook_are_there():
    modules = [LIBRARY.module(name, "1.0.0") for name in CODEBOOK]
    items = [item for module in modules for item in module.items.values()]
    assert sum(len(module.constructs) for module in modules) == 67
    assert len(items) == len({item.id for item in items}) == 231
    assert sum(item.sensitive for item in items) == 30
    assert all(item.text.get("en") for item in items)


def test_no_paper_is_quoted_at_more_than_25_characters():
    for module in LIBRARY.modules.values():
        for construct in module.constructs:
            assert len(construct.quotation) <= 25


def test_everything_in_the_folder_is_on_the_list_of_what_was_published():
    listed = {f"{' '.join(key)} {digest}" for key, digest in published(FOLDER).items()}
    assert listed == set(published_text(LIBRARY).splitlines())


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "instruments")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("modules/burden/1.0.0.yaml", "我的工作任务，在正常工作时间内做不完。", "我的工作任务在正常工作时间内做不完。"),
        ("modules/burden/1.0.0.yaml", "        reverse: true\n", ""),
        ("modules/burden/1.0.0.yaml", "{min_valid: 4}", "{min_valid: 5}"),
        ("modules/core/1.0.0.yaml", "您可以不参加", "您不能不参加"),
        ("modules/negotiation/1.0.0.yaml", "tolerance: 0.01", "tolerance: 0.02"),
        ("questionnaires/short/1.0.0.yaml", "core_gender]", "core_gender, al_size]"),
        ("questionnaires/short/1.0.0.yaml", "[core_post, core_years,", "[core_years, core_post,"),
    ],
)
def test_a_published_file_that_was_edited_is_refused(copy, file, old, new):
    path = copy / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Problem) as caught:
        load_library(copy)
    assert (caught.value.code, caught.value.facts["file"]) == ("instrument.published_changed", file)


def test_comments_and_layout_of_a_published_file_may_change(copy):
    path = copy / "modules/burden/1.0.0.yaml"
    text = path.read_text("utf-8").replace(
        "{zh: 感知负担, en: Perceived burden}", "{en: Perceived burden, zh: 感知负担}"
    )
    path.write_text("# a new comment\n" + text, "utf-8")
    assert load_library(copy).module("burden") == LIBRARY.module("burden")


def test_a_change_in_a_new_version_is_welcome(copy):
    text = (copy / "modules/burden/1.0.0.yaml").read_text("utf-8").replace("version: 1.0.0", "version: 1.0.1", 1)
    (copy / "modules/burden/1.0.1.yaml").write_text(text.replace("做不完。", "做不完"), "utf-8")
    library = load_library(copy)
    assert library.module("burden").version == "1.0.1"
    assert library.questionnaire("short").items["bur_pb1"].text["zh"].endswith("做不完。")


def test_a_list_of_published_files_that_cannot_be_read_is_refused(copy):
    path = copy / "PUBLISHED"
    path.write_text(path.read_text("utf-8") + "module burden\n", "utf-8")
    with pytest.raises(Problem) as caught:
        load_library(copy)
    assert [f.code for f in caught.value.findings] == ["published_line"]
    assert caught.value.where.startswith("PUBLISHED:")
