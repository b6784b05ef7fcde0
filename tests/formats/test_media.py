"""What a file really is, and pictures without what a camera writes into them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from fieldkit.core.attachment import EXTENSIONS
from fieldkit.formats.media import _BEGINS, begins_like, is_kind, without_metadata
from tests.photos import office, photo, pixels, place_in

REAL = {
    "jpg": photo(),
    "png": photo(extension="png"),
    "webp": photo(extension="webp"),
    "m4a": b"\0\0\0\x20ftypM4A \0\0\0\0" + bytes(80),
    "mp3": b"ID3\x04" + bytes(80),
    "ogg": b"OggS" + bytes(80),
    "webm": b"\x1a\x45\xdf\xa3" + bytes(80),
    "wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(80),
    "pdf": b"%PDF-1.7\n" + bytes(80),
    "docx": office("word"),
    "xlsx": office("xl"),
    "pptx": office("ppt"),
    "csv": "县,数\n安吉,3\n".encode("gb18030"),
    "txt": "修路的事\n".encode(),
}


def test_every_ending_that_is_taken_has_a_rule_for_its_content():
    assert set(_BEGINS) == {ending for endings in EXTENSIONS.values() for ending in endings} == set(REAL)


@pytest.mark.parametrize("extension", REAL)
def test_a_real_file_is_taken_for_what_it_is_and_not_for_any_other_binary_kind(extension):
    content = REAL[extension]
    assert is_kind(content, extension)
    others = [e for e in REAL if e not in (extension, "csv", "txt")]
    assert [e for e in others if is_kind(content, e)] == []


@pytest.mark.parametrize("extension", REAL)
@pytest.mark.parametrize(
    "content",
    [b"", b"<html><script>alert(1)</script>", b"\xef\xbb\xbf <!DOCTYPE html>", b"<svg onload=x>", b"MZ\x90\0", b"\0\0"],
)
def test_a_page_or_a_program_is_none_of_the_kinds(extension, content):
    assert not is_kind(content, extension) or (content == b"" and extension in ("csv", "txt"))


def test_an_office_file_with_macros_or_of_another_program_is_not_taken():
    assert not is_kind(office("word", "word/vbaProject.bin"), "docx")
    assert not is_kind(office("xl"), "docx")
    assert not is_kind(REAL["docx"][:60], "docx")


def test_the_beginning_of_a_chinese_text_may_be_cut_within_a_character():
    assert begins_like("修路".encode()[:5], "txt")
    assert begins_like("修路".encode("gb18030")[:3], "txt")


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_picture_loses_place_maker_and_comment_and_keeps_every_pixel(extension):
    content = photo(extension=extension)
    assert place_in(content)[2] == (30.0, 30.0, 0.0)
    cleaned = without_metadata(content, extension)
    assert cleaned is not None
    assert place_in(cleaned) == {}
    assert b"SECRET" not in cleaned
    assert b"Exif" not in cleaned
    assert pixels(cleaned) == pixels(content)
    assert without_metadata(cleaned, extension) == cleaned


def test_a_progressive_photo_keeps_all_its_scans():
    content = photo(side=640)
    cleaned = without_metadata(content, "jpg")
    assert cleaned is not None
    assert pixels(cleaned) == pixels(content)
    assert b"SECRET" not in cleaned


def test_which_way_is_up_is_all_that_a_photo_keeps_of_its_notes():
    cleaned = without_metadata(photo(turned=6), "jpg")
    assert cleaned is not None
    with Image.open(io.BytesIO(cleaned)) as picture:
        assert dict(picture.getexif()) == {0x0112: 6}


def test_what_follows_the_end_of_a_photo_goes_too():
    cleaned = without_metadata(photo() + b"SECRET-VIDEO", "jpg")
    assert cleaned is not None
    assert cleaned.endswith(b"\xff\xd9")


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_picture_that_is_cut_off_anywhere_is_refused_and_never_an_error(extension):
    content = photo(extension=extension)
    for length in range(0, len(content) - 3, 7):
        assert without_metadata(content[:length], extension) is None, length
    for at in range(12, len(content), 11):
        without_metadata(content[:at] + b"\xff\xff\xff" + content[at + 3 :], extension)


def test_other_files_stay_as_they_are():
    assert without_metadata(REAL["pdf"], "pdf") == REAL["pdf"]
