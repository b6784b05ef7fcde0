"""Make the two font files of this folder again, from the published Noto Sans SC and the list of characters.

For developers only: the product reads the finished .ttf files. Needs fontTools. Two steps, each on its own:

    python reports/fonts/build.py characters --unihan Unihan_OtherMappings.txt --names streets.csv villages.csv
    python reports/fonts/build.py fonts --package noto-sans-sc/package

The first step writes characters.txt (only when the tables behind it change), the second the fonts. Both give the
same bytes every time. README.md says where the inputs come from.
"""

from __future__ import annotations

import argparse
import bz2
import re
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHARACTERS = HERE / "characters.txt"
WEIGHTS = {
    "NotoSansSC-Regular.ttf": "400Regular/NotoSansSC_400Regular.ttf",
    "NotoSansSC-SemiBold.ttf": "600SemiBold/NotoSansSC_600SemiBold.ttf",
}
# Latin with accents, Greek, Cyrillic, punctuation, letter-like signs, number forms, arrows, mathematics, circled
# numbers, boxes and shapes, Chinese punctuation, squared units, full-width forms: whatever of them the font has.
BLOCKS = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x370, 0x3FF),
    (0x400, 0x45F),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
    (0x2070, 0x20BF),
    (0x2100, 0x218F),
    (0x2190, 0x22FF),
    (0x2460, 0x24FF),
    (0x2500, 0x26FF),
    (0x2776, 0x2793),
    (0x3000, 0x3020),
    (0x3041, 0x30FF),
    (0x3220, 0x3229),
    (0x3380, 0x33DF),
    (0xFE10, 0xFE1F),
    (0xFE30, 0xFE4F),
    (0xFF01, 0xFF5E),
    (0xFFE0, 0xFFE6),
)


def gb2312() -> set[str]:
    """The 7,445 characters of GB 2312-80, as Python's codec knows them."""
    found = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.add(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def general_standard(unihan: Path) -> set[str]:
    """The 8,105 characters of 通用规范汉字表 (2013): field kTGH of the Unicode Han database."""
    raw = unihan.read_bytes()
    lines = (bz2.decompress(raw) if unihan.suffix == ".bz2" else raw).decode("utf-8").splitlines()
    return {chr(int(line.split("\t")[0][2:], 16)) for line in lines if "\tkTGH\t" in line}


def write_characters(unihan: Path, texts: Iterable[Path]) -> None:
    """Write characters.txt: both tables and every Han character of the texts, sorted, 64 to a line."""
    wanted = gb2312() | general_standard(unihan)
    for path in texts:
        wanted |= set(re.findall(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]", path.read_text("utf-8")))
    characters = "".join(sorted(c for c in wanted if c.strip()))
    lines = [characters[i : i + 64] for i in range(0, len(characters), 64)]
    CHARACTERS.write_text("\n".join(lines) + "\n", "utf-8")


def write_fonts(package: Path) -> None:
    """Cut both weights down to characters.txt and the BLOCKS, without hinting and layout tables."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    wanted = {ord(c) for c in CHARACTERS.read_text("utf-8") if c != "\n"}
    wanted |= {code for first, last in BLOCKS for code in range(first, last + 1)}
    options = Options(hinting=False, layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], notdef_outline=True)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "STAT", "DSIG", "gasp"]
    for name, source in WEIGHTS.items():
        font = TTFont(package / source, recalcTimestamp=False)
        cut = Subsetter(options)
        cut.populate(unicodes=wanted)
        cut.subset(font)
        font.save(HERE / name)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    steps = parser.add_subparsers(dest="step", required=True)
    characters = steps.add_parser("characters")
    characters.add_argument("--unihan", type=Path, required=True)
    characters.add_argument("--names", type=Path, nargs="*", default=[])
    fonts = steps.add_parser("fonts")
    fonts.add_argument("--package", type=Path, required=True)
    given = parser.parse_args()
    if given.step == "characters":
        write_characters(given.unihan, given.names)
    else:
        write_fonts(given.package)


if __name__ == "__main__":
    main()
