"""What a file really is, by its first bytes, and photos without what a camera writes into them.

A name can say anything; only the content decides. Metadata (place, time, device, owner) is cut out of JPEG, PNG and
WebP without touching the picture. Sources: JPEG ITU-T T.81 and Exif 2.32, PNG third edition, WebP RFC 9649.
"""

from __future__ import annotations

import codecs
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

HEAD = 64  # bytes that tell a binary format
# A text that a browser might take for a page, whatever its name says.
_PAGE = re.compile(rb"\s*(\xef\xbb\xbf)?\s*<\s*(!doctype|!--|html|head|body|script|svg|iframe|\?xml)", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_JPEG_STRIPPED = (0xE1, 0xED, 0xFE, *range(0xE3, 0xED), 0xEF)  # all of APP but JFIF, ICC and Adobe's colour; comments
_PNG_KEPT = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs", b"bKGD")
)
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_ORIENTATION = 0x0112


def _jpg(head: bytes) -> bool:
    return head.startswith(b"\xff\xd8\xff")


def _riff(kind: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(b"RIFF") and head[8:12] == kind


def _mp3(head: bytes) -> bool:
    return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2)


_MP4_BRANDS = (b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso2", b"iso5", b"dash")


def _m4a(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _MP4_BRANDS


def _text(head: bytes) -> bool:
    if _PAGE.match(head) or _CONTROL.search(head):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return True
    return False


_BEGINS: Mapping[str, Callable[[bytes], bool]] = MappingProxyType(
    {
        "jpg": _jpg,
        "png": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
        "webp": _riff(b"WEBP"),
        "m4a": _m4a,
        "mp3": _mp3,
        "ogg": lambda head: head.startswith(b"OggS"),
        "webm": lambda head: head.startswith(b"\x1a\x45\xdf\xa3"),
        "wav": _riff(b"WAVE"),
        "pdf": lambda head: head.startswith(b"%PDF-"),
        "docx": lambda head: head.startswith(b"PK\x03\x04"),
        "xlsx": lambda head: head.startswith(b"PK\x03\x04"),
        "pptx": lambda head: head.startswith(b"PK\x03\x04"),
        "csv": _text,
        "txt": _text,
    }
)
_INSIDE = MappingProxyType({"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"})


def begins_like(head: bytes, extension: str) -> bool:
    """Whether the first bytes of a file are those of its kind.

    >>> begins_like(b"<html><script>", "jpg"), begins_like(b"\\xff\\xd8\\xff\\xe0", "jpg")
    (False, True)
    """
    return _BEGINS[extension](head if extension in ("csv", "txt") else head[:HEAD])


def is_kind(content: bytes, extension: str) -> bool:
    """Whether a whole file is of its kind; an Office file is looked into, and one with macros is none of ours."""
    if not begins_like(content, extension):
        return False
    if extension not in _INSIDE:
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [info.filename for info in archive.infolist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        return False
    macros = any(name.lower().endswith(("vbaproject.bin", ".exe", ".js")) for name in names)
    return "[Content_Types].xml" in names and any(n.startswith(_INSIDE[extension]) for n in names) and not macros


def without_metadata(content: bytes, extension: str) -> bytes | None:
    """The same picture without place, time, device or comments; None where it is broken. Other kinds are unchanged.

    Which way is up is kept, or photos of phones that only note it would lie on their side.
    """
    strip = {"jpg": _strip_jpg, "png": _strip_png, "webp": _strip_webp}.get(extension)
    if strip is None:
        return content
    try:
        return b"".join(strip(content))
    except (struct.error, IndexError, ValueError):
        return None


def _strip_jpg(content: bytes) -> Iterator[bytes]:
    """The segments of a JPEG that make the picture. What follows its end (videos of moving photos) goes too."""
    yield content[:2]
    at, turned = 2, 0
    kept: list[bytes] = []
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        while content[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = content[at + 1]
        if marker == 0xD9:
            raise ValueError("an end before the picture")
        (length,) = struct.unpack_from(">H", content, at + 2)
        if length < 2 or at + 2 + length > len(content):
            raise ValueError("cut off")
        body = content[at + 4 : at + 2 + length]
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            turned = turned or _orientation(body[6:])
        # APP2 holds the colour profile, but also whole further pictures (MPF)
        if marker not in _JPEG_STRIPPED and not (marker == 0xE2 and not body.startswith(b"ICC_PROFILE")):
            kept.append(content[at : at + 2 + length])
        at += 2 + length
        if marker == 0xDA:
            break
    if turned > 1:
        yield _upright(turned)
    yield from kept
    yield from _scans(content, at)


def _scans(content: bytes, at: int) -> Iterator[bytes]:
    """The picture itself up to the end marker, with the tables between the scans of a progressive one."""
    while True:
        start = at
        while not (content[at] == 0xFF and content[at + 1] != 0 and not 0xD0 <= content[at + 1] <= 0xD7):
            at = content.index(b"\xff", at + 1)
        marker = content[at + 1]
        yield content[start:at]
        if marker == 0xD9:
            yield b"\xff\xd9"
            return
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        if length < 2:
            raise ValueError("cut off")
        if marker not in (*_JPEG_STRIPPED, 0xE0, 0xE2):
            yield content[at : at + 2 + length]
        at += 2 + length


def _orientation(tiff: bytes) -> int:
    """Which way is up, as the camera notes it, 1 to 8; 0 where it does not."""
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, first)
        for entry in range(min(count, 100)):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, first + 2 + 12 * entry)
            if tag == _ORIENTATION and 1 <= value <= 8:
                return int(value)
    except (KeyError, struct.error):
        pass
    return 0


def _upright(turned: int) -> bytes:
    """Exif that says which way is up, and nothing else."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, turned, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _strip_png(content: bytes) -> Iterator[bytes]:
    yield content[:8]
    at = 8
    while True:
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise ValueError("cut off")
        if kind in _PNG_KEPT:
            (checksum,) = struct.unpack_from(">I", content, end - 4)
            if zlib.crc32(content[at + 4 : end - 4]) != checksum:
                raise ValueError("broken")
            yield content[at:end]
        at = end
        if kind == b"IEND":
            return


def _strip_webp(content: bytes) -> Iterator[bytes]:
    kept: list[bytes] = []
    (size,) = struct.unpack_from("<I", content, 4)
    end, at = 8 + size, 12
    if end > len(content):
        raise ValueError("cut off")
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", content, at)
        after = at + 8 + length + length % 2
        if at + 8 + length > end:
            raise ValueError("cut off")
        if kind in _WEBP_KEPT:
            chunk = content[at:after]
            if kind == b"VP8X":  # its flags say that there is Exif (8) and XMP (4)
                chunk = chunk[:8] + bytes([chunk[8] & ~0x0C]) + chunk[9:]
            kept.append(chunk.ljust(8 + length + length % 2, b"\0"))
        at = after
    if not kept:
        raise ValueError("no picture")
    body = b"WEBP" + b"".join(kept)
    yield b"RIFF" + struct.pack("<I", len(body)) + body
