"""A place as XLSForm writes it: 'latitude longitude altitude accuracy', made as coarse as the researcher asked for."""

from __future__ import annotations

import math
import re

COARSE = 2  # decimal places of a degree that are asked for unless a researcher says otherwise: about a kilometre
EXACT = 4  # from here on, about ten metres, altitude and accuracy say something; below they would only give more away
MOST_PLACES = 6
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,20})?\Z", re.ASCII)


def rounded_point(text: str, places: int) -> str | None:
    """The place with its degrees rounded to `places` decimals; None where this is no place.

    Altitude (metres) and accuracy (metres) may be missing; they are kept, in whole metres, only with exact degrees.

    >>> rounded_point("30.638219 119.682841 12.3 5", 2), rounded_point("30.638219 119.682841 12.3 5", 4)
    ('30.64 119.68', '30.6382 119.6828 12 5')
    >>> rounded_point("95 119", 2), rounded_point("30.6", 2)
    (None, None)
    """
    parts = text.split()
    if not 2 <= len(parts) <= 4 or not all(_NUMBER.match(part) for part in parts):
        return None
    numbers = [float(part) for part in parts]
    if abs(numbers[0]) > 90 or abs(numbers[1]) > 180 or (len(numbers) == 4 and numbers[3] < 0):
        return None
    degrees = [_plain(_half_up(number, places), places) for number in numbers[:2]]
    more = [_plain(_half_up(number, 0), 0) for number in numbers[2:]] if places >= EXACT else []
    return " ".join(degrees + more)


def _half_up(number: float, places: int) -> float:
    scale = 10.0**places
    return math.floor(number * scale + 0.5) / scale


def _plain(number: float, places: int) -> str:
    text = f"{number:.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
