"""What is kept of how a questionnaire was filled in: bounded, coarse, and nothing that was not announced."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.core.paradata import CORRECTIONS, SECTION_SECONDS, Paradata, from_kept, paradata

SECTIONS = ("load", "meetings")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)


def test_what_a_phone_tells_is_kept_as_it_was():
    told = {"sections": {"load": 35, "meetings": 0}, "corrections": 2, "offline": True, "device": "phone"}
    assert paradata(told, SECTIONS) == Paradata({"load": 35, "meetings": 0}, 2, True, "phone")


def test_seconds_are_kept_in_steps_of_five_and_two_hours_at_most():
    told = paradata({"sections": {"load": 33.2, "meetings": 1e9}}, SECTIONS)
    assert told.seconds == {"load": 35, "meetings": SECTION_SECONDS}


@pytest.mark.parametrize(
    "told",
    [
        {"sections": {"elsewhere": 10, "load": -1, "meetings": "5"}},
        {"sections": [5], "corrections": -2, "offline": "yes", "device": "iPhone 15"},
        {"corrections": True, "device": ["phone"], "clock": "08:30", "agent": "x"},
        {"corrections": float("nan"), "sections": {"load": float("nan")}},
    ],
)
def test_what_cannot_be_right_or_was_not_announced_is_left_out(told):
    assert paradata(told, SECTIONS) == Paradata()


def test_a_phone_that_told_nothing_leaves_nothing():
    assert paradata(None, SECTIONS) is None
    assert from_kept(None) is None


@given(
    st.fixed_dictionaries(
        {}, optional={"sections": anything, "corrections": anything, "offline": anything, "device": anything}
    )
)
def test_whatever_arrives_is_within_bounds_and_survives_being_stored(told):
    found = paradata(told, SECTIONS)
    assert from_kept(found.as_kept()) == found
    assert set(found.as_kept()) <= {"seconds", "corrections", "offline", "device"}
    assert found.corrections is None or 0 <= found.corrections <= CORRECTIONS


@pytest.mark.parametrize("wrong", [{"seconds": {"a": 3}}, {"corrections": -1}, {"device": "toaster"}])
def test_it_cannot_be_made_with_what_it_must_not_hold(wrong):
    with pytest.raises(ValueError, match=r"seconds|corrections|device"):
        Paradata(**wrong)
