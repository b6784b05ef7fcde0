"""An item that does not fit its type is found before anybody is asked."""

from dataclasses import replace

import pytest

from fieldkit.core.instrument import Indicator
from fieldkit.core.item import Option, Randomised
from fieldkit.core.lint import lint_questionnaire
from fieldkit.core.text import Text
from fieldkit.translations import explain_code
from tests.samples import item, questionnaire
from tests.tiny import NAMES, library, tiny

PLACES = (Option(3301, Text(zh="杭州"), facts=(("province", "33"),)), Option(4301, Text(zh="长沙")))


@pytest.mark.parametrize(
    ("wrong", "part", "code"),
    [
        (item("warm", "slider", low=0), "range", "slider_bounds"),
        (item("warm", "slider", low=10, high=0), "range", "slider_bounds"),
        (item("some", "decimal", step=0), "step", "step_wrong"),
        (item("told", "text", step=2), "step", "key_unused"),
        (item("told", "text", calculation="1"), "calculation", "key_unused"),
        (item("made", "calculate"), "calculation", "no_calculation"),
        (item("made", "hidden"), "default", "hidden_empty"),
        (item("coin", "randomised_response", 1, 0), "randomised", "no_design"),
        (
            item("coin", "randomised_response", 1, 2, randomised=Randomised("warner", 0.7)),
            "options",
            "design_options",
        ),
        (item("listed", "list_experiment", 1, 2), "options", "one_sensitive"),
        (item("told", "note", required="yes"), "required", "key_unused"),
        (item("some", "count", low=0, high=9, default="12"), "default", "default_wrong"),
        (item("one", "single", 1, 2, default="7"), "default", "default_wrong"),
        (item("order", "rank", 1, 2, default="1"), "default", "default_wrong"),
        (item("spot", "geopoint", decimals=9), "decimals", "point_places"),
        (item("photo", "image", required="hard"), "required", "file_hard"),
        (item("photo", "image", default="0" * 64 + ".jpg"), "default", "key_unused"),
        (item("paper", "file", keep_location=True), "keep_location", "key_unused"),
        (item("spot", "geopoint", default="30"), "default", "default_wrong"),
        (item("photo", "image"), "type", "identifying"),
        (item("spot", "geopoint"), "type", "identifying"),
        (item("spot", "geopoint", decimals=4, sensitive=True), "decimals", "point_exact"),
        (item("photo", "image", keep_location=True, sensitive=True), "keep_location", "location_kept"),
        (item("city", options=PLACES, choice_filter="city = 33"), "choice_filter", "filter_column"),
        (item("order", "rank", 1, 2, choice_filter="name = 1"), "choice_filter", "key_unused"),
    ],
)
def test_what_does_not_fit_the_type_is_found_at_its_key(wrong, part, code):
    found = [f for f in lint_questionnaire(questionnaire(wrong)) if f.code == code and f.where == wrong.id]
    assert [f.part for f in found] == [part]
    for language in ("zh", "en"):
        assert all(explain_code(found[0].key, language, **found[0].facts))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wrong_with_the_tiny_questionnaires(name):
    assert [f for f in lint_questionnaire(tiny(name, library())) if f.severity == "error"] == []


def test_a_default_that_can_be_an_answer_is_accepted():
    fine = [
        item("some", "count", low=0, high=9, default="5"),
        item("ways", "multi", 1, 2, 3, default="1 3"),
        item("clock", "time", default="08:30"),
        item("day", "date", default="2026-01-01"),
    ]
    assert not [f for f in lint_questionnaire(questionnaire(*fine)) if f.code == "default_wrong"]


def test_a_place_or_a_photo_marked_as_sensitive_is_known_to_be_telling():
    fine = [item("spot", "geopoint", sensitive=True, decimals=2), item("voice", "audio", sensitive=True)]
    found = lint_questionnaire(questionnaire(*fine))
    assert not [f for f in found if f.code in ("identifying", "point_exact", "location_kept")]


@pytest.mark.parametrize(
    ("kind", "estimate"),
    [("value", "mean"), ("share", "share"), ("categories", "categories"), ("sum", "mean"), ("formula", "mean")],
)
def test_no_indicator_can_be_made_of_a_place_or_a_file_so_that_none_reaches_a_report(kind, estimate):
    for name, type in (("spot", "geopoint"), ("photo", "image")):
        parameters = {"expression": f"${{{name}}}"} if kind == "formula" else {}
        made = Indicator("made", Text(zh="数"), kind, estimate, (name,), parameters=parameters)
        asked = replace(questionnaire(item(name, type, sensitive=True)), indicators=(made,))
        assert [f for f in lint_questionnaire(asked) if f.severity == "error" and f.where == "made"]
