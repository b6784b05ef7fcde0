"""What was published can be read without the files it came from."""

from __future__ import annotations

from fieldkit.core.content import sealed
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.settings import resource
from fieldkit.store.frozen import dump, load


def test_every_instrument_comes_back_equal_and_with_the_same_hash() -> None:
    library = load_library(resource("instruments"))
    shelves = [*library.modules.values(), *library.questionnaires.values()]
    assert len(shelves) > 10
    for instrument in shelves:
        again = load(type(instrument), dump(instrument))
        assert again == instrument
        assert sealed(again).hash == instrument.hash  # type: ignore[type-var]


def test_a_field_added_to_core_later_takes_its_default() -> None:
    from fieldkit.core.wave import WaveCounty

    assert load(WaveCounty, '{"code":"330523"}') == WaveCounty("330523", None)
