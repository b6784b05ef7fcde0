"""Whether a workbook may be opened: a small file can unfold into gigabytes, and a sheet of two cells into billions.

Nothing here interprets the file; it is measured piece by piece and given up as soon as a limit is passed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from fieldkit.formats.xlsform.finding import Broken, SheetFinding, cell

FILE_LIMIT = 10 * 1024 * 1024  # bytes
UNZIPPED_LIMIT = 48 * 1024 * 1024  # bytes of all parts; a workbook of 20,000 rows has about 20 MB
RATIO_LIMIT = 200  # a part that shrank more than this is no spreadsheet (they shrink to a tenth or a fiftieth)
RATIO_FROM = 1024 * 1024  # parts below this may shrink as they like
PARTS_LIMIT = 2_000
AREA_LIMIT = 2_000_000  # cells between A1 and the last filled one
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml\Z", re.IGNORECASE)
_TAG = re.compile(rb"<(?:\w+:)?(row|c|f|mergeCell|/c)(?=[\s/>])([^<>]*)>")
_REFERENCE = re.compile(rb'\br\s*=\s*["\']([A-Z]{0,3})(\d{1,9})["\']')
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def examined(content: bytes) -> tuple[list[SheetFinding], dict[str, list[str]]]:
    """Measure an .xlsx and say what else is in it: macros (warning), and the formula cells of each sheet part.

    Raises Broken when it must not be opened.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Broken([cell("xlsform.unreadable")]) from None
    if len(parts) > PARTS_LIMIT or sum(part.file_size for part in parts) > UNZIPPED_LIMIT:
        raise Broken([cell("xlsform.bomb", limit_mb=UNZIPPED_LIMIT >> 20)])
    found: list[SheetFinding] = []
    formulas: dict[str, list[str]] = {}
    total = 0
    for part in parts:
        if "vbaproject" in part.filename.lower():
            found.append(cell("xlsform.macros", "", 0, "", "warning"))
        body = bytearray()
        for piece in _pieces(content, part):
            body += piece
            total += len(piece)
            shrunk = len(body) > RATIO_FROM and len(body) > RATIO_LIMIT * max(1, part.compress_size)
            if total > UNZIPPED_LIMIT or shrunk:
                raise Broken([cell("xlsform.bomb", limit_mb=UNZIPPED_LIMIT >> 20)])
        if part.filename.lower().endswith((".xml", ".rels")):
            if b"<!DOCTYPE" in body[:2000] or b"<!ENTITY" in body or body.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise Broken([cell("xlsform.unreadable")])
            if SHEET.match(part.filename):
                formulas[part.filename] = list(_formula_cells(bytes(body)))
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise Broken([cell("xlsform.unreadable")])
    return found, formulas


def _pieces(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """One part unpacked bit by bit, whatever length its entry claims."""
    start = part.header_offset
    if content[start : start + 4] != b"PK\x03\x04" or part.flag_bits & 1:
        raise Broken([cell("xlsform.unreadable")])
    name, extra = (int.from_bytes(content[start + at : start + at + 2], "little") for at in (26, 28))
    start += 30 + name + extra
    packed = memoryview(content)[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield bytes(packed)
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise Broken([cell("xlsform.unreadable")])
    unpack = zlib.decompressobj(-15)
    try:
        piece = unpack.decompress(packed, 1 << 20)
        while piece:
            yield piece
            piece = unpack.decompress(unpack.unconsumed_tail, 1 << 20)
    except zlib.error:
        raise Broken([cell("xlsform.unreadable")]) from None
    if not unpack.eof:
        raise Broken([cell("xlsform.unreadable")])


def _formula_cells(xml: bytes) -> Iterator[str]:
    """The addresses of formula cells; Broken when the sheet spans too many cells."""
    row = column = last_row = last_column = 0
    for tag in _TAG.finditer(xml):
        name, attributes = tag[1], tag[2]
        place = _REFERENCE.search(attributes) if name in (b"row", b"c") else None
        if name == b"row":
            row, column = int(place[2]) if place else row + 1, 0
        elif name == b"c":
            if place and place[1]:
                row, column = int(place[2]), _number(place[1])
            else:
                column += 1
            if not attributes.endswith(b"/"):
                last_row, last_column = max(last_row, row), max(last_column, column)
                if last_row * last_column > AREA_LIMIT:
                    raise Broken([cell("xlsform.too_many_cells", limit=AREA_LIMIT)])
        elif name == b"f":
            yield f"{letters(column)}{row}"


def _number(reference: bytes) -> int:
    number = 0
    for letter in reference:
        number = number * 26 + letter - 64
    return number


def letters(column: int) -> str:
    """A column's letters as a spreadsheet shows them: 1 is A, 28 is AB."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
