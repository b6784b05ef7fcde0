"""The line that says: a response has arrived. Only this installation can write it, and it says no more than that."""

import datetime

import pytest

from fieldkit.core.signed_receipt import digest_of, read_signed, signed

KEY, OTHER = b"k" * 32, b"o" * 32
DAY = datetime.date(2026, 11, 21)
ID = "0123456789abcdef" * 2
LINE = signed(KEY, "wave-2", DAY, ID)


def test_a_line_is_read_back_with_wave_day_and_digest():
    found = read_signed(KEY, LINE)
    assert (found.wave, found.day, found.digest) == ("wave-2", DAY, digest_of(ID))


def test_a_line_holds_neither_the_id_nor_the_time():
    assert ID not in LINE.lower()
    assert LINE.split(".")[:3] == ["FK1", "wave-2", "20261121"]
    assert len(LINE.split(".")) == 5


def test_spaces_line_breaks_and_full_width_letters_of_a_copy_do_not_matter():
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in LINE)
    for typed in (f" {LINE[:30]}\n{LINE[30:]} ", wide):
        assert read_signed(KEY, typed) == read_signed(KEY, LINE)


@pytest.mark.parametrize(
    "typed",
    [
        "", ".", "....", "FK1", "查询码", LINE[:-1], LINE + "A", LINE.replace("20261121", "20261120"),
        LINE.replace("wave-2", "wave-3"), LINE.replace("FK1", "FK2"), LINE.lower(), "\ud800" + LINE,
    ],
)  # fmt: skip
def test_what_this_installation_did_not_write_is_not_believed(typed):
    assert read_signed(KEY, typed) is None


def test_another_installation_cannot_write_it():
    assert read_signed(KEY, signed(OTHER, "wave-2", DAY, ID)) is None


def test_two_responses_have_different_lines():
    assert signed(KEY, "wave-2", DAY, "1" * 32) != signed(KEY, "wave-2", DAY, "2" * 32)
