"""A link as a square code: drawn whole, with room around it, and read back as it was."""

from __future__ import annotations

import re

from fieldkit.render.qr import QUIET, qr_svg

LINK = "http://192.0.2.7:8000/w/test-6b12080e1b5d-12/110101"
FINDER = ("#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######")


def modules(svg: str) -> list[list[bool]]:
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    grid = [[False] * side for _ in range(side)]
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", svg.split("/><path")[1]):
        assert width == back
        grid[int(y)][int(x) : int(x) + int(width)] = [True] * int(width)
    return grid


def test_the_code_has_its_three_corners_and_room_around_it() -> None:
    grid = modules(qr_svg(LINK, "二维码"))
    side = len(grid)
    for row, column in ((QUIET, QUIET), (QUIET, side - QUIET - 7), (side - QUIET - 7, QUIET)):
        drawn = ["".join("#" if on else "." for on in line[column : column + 7]) for line in grid[row : row + 7]]
        assert tuple(drawn) == FINDER
    for edge in range(QUIET):
        assert not any(grid[edge] + grid[-1 - edge])
        assert not any(line[edge] or line[-1 - edge] for line in grid)


def test_what_the_code_says_is_the_link() -> None:
    grid = [line[QUIET:-QUIET] for line in modules(qr_svg(LINK, "二维码"))][QUIET:-QUIET]
    assert read(grid) == LINK


def read(grid: list[list[bool]]) -> str:
    """The text of a version 4 code of level M in bytes (ISO/IEC 18004): unmasked, read in its zigzag, two blocks."""
    size = len(grid)
    assert size == 33
    mask = MASKS[(grid[8][2] * 4 + grid[8][3] * 2 + grid[8][4]) ^ 0b101]
    bits = []
    for right in (*range(size - 1, 6, -2), *range(5, 0, -2)):
        upward = right % 4 == (0 if right > 6 else 1)
        for row in range(size - 1, -1, -1) if upward else range(size):
            bits += [grid[row][c] ^ mask(row, c) for c in (right, right - 1) if not fixed(row, c, size)]
    words = [int("".join("01"[b] for b in bits[at : at + 8]), 2) for at in range(0, len(bits) - 7, 8)]
    data = words[0:64:2] + words[1:64:2]  # two blocks of 32, their words taken in turn
    stream = "".join(f"{word:08b}" for word in data)
    assert stream[:4] == "0100"
    length = int(stream[4:12], 2)
    return bytes(int(stream[12 + 8 * n : 20 + 8 * n], 2) for n in range(length)).decode()


def fixed(row: int, column: int, size: int) -> bool:
    corner = (row < 9 and column < 9) or (row < 9 and column >= size - 8) or (row >= size - 8 and column < 9)
    return corner or row == 6 or column == 6 or (24 <= row <= 28 and 24 <= column <= 28)


MASKS = (
    lambda r, c: (r + c) % 2 == 0,
    lambda r, c: r % 2 == 0,
    lambda r, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
)
