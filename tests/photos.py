"""Small files for tests: a photo that knows where it was taken, and others of every kind."""

from __future__ import annotations

import hashlib
import io
import zipfile

from PIL import Image, PngImagePlugin

PLACE = 34853  # the Exif tag under which a camera notes where it is
WHERE = b"\x1e\x00\x00\x00"  # 30 degrees, as it stands in the file


def name_of(content: bytes, extension: str = "jpg") -> str:
    """What the file is called on the way."""
    return f"{hashlib.sha256(content).hexdigest()}.{extension}"


def photo(*, extension: str = "jpg", turned: int = 1, side: int = 64, colour: str = "teal") -> bytes:
    """A picture with the place 30.5 N 119.7 E, a maker and an orientation in its Exif, and a comment."""
    picture = Image.new("RGB", (side, side // 2), colour)
    picture.paste("white", (0, 0, side // 4, side // 4))
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SECRET-MAKER", turned
    exif[PLACE] = {1: "N", 2: (30.0, 30.0, 0.0), 3: "E", 4: (119.0, 42.0, 0.0)}
    file = io.BytesIO()
    if extension == "jpg":
        picture.save(file, "JPEG", exif=exif, comment=b"SECRET-COMMENT", progressive=side > 500)
    elif extension == "png":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "SECRET-COMMENT")
        picture.save(file, "PNG", exif=exif, pnginfo=text)
    else:
        picture.save(file, "WEBP", exif=exif, xmp=b"SECRET-COMMENT")
    return file.getvalue()


def place_in(content: bytes) -> dict[int, object]:
    """Where a picture says it was taken; {} where it does not."""
    with Image.open(io.BytesIO(content)) as picture:
        return dict(picture.getexif().get_ifd(PLACE))


def pixels(content: bytes) -> bytes:
    """The picture itself."""
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("RGB").tobytes()


def office(folder: str, *more: str) -> bytes:
    """An Office file as far as one looks into it: `folder` is word, xl or ppt."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("[Content_Types].xml", f"{folder}/document.xml", *more):
            archive.writestr(name, "<x/>")
    return file.getvalue()
