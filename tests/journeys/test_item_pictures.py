"""The pictures of all types of questions can be taken: every type is answered on a phone of 360 × 740."""

import yaml
from PIL import Image

from docs.take_item_pictures import ANSWERS, GALLERY, gallery, take
from fieldkit.core.item import TYPES
from tests.journeys.steps import agree, come


def types_in(block):
    """All item types under a block of the file."""
    if isinstance(block, dict):
        own = {block["type"]} if isinstance(block.get("type"), str) else set()
        return own.union(*(types_in(part) for part in block.values()), set())
    return set().union(*(types_in(part) for part in block), set()) if isinstance(block, list) else set()


def test_the_gallery_shows_one_question_of_every_type():
    shown = types_in(yaml.safe_load(GALLERY.read_text("utf-8")))
    alike = {"count", "integer", "number", "decimal"}  # look as count_month and money do
    unseen = {"calculate", "hidden"}  # are on no page
    assert shown == set(TYPES) - alike - unseen


def test_every_question_is_pictured_before_and_after_it_is_answered(browser, tmp_path):
    with gallery() as address:
        context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, reduced_motion="reduce")
        page = context.new_page()
        come(page, address)
        agree(page)
        taken = take(page, tmp_path)
        context.close()
    assert {path.stem.rsplit("-", 2)[0] for path in taken} == set(ANSWERS)
    for path in taken:
        with Image.open(path) as picture:
            assert picture.size == (360, 740)
