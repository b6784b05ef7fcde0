"""Computing with numbers so that the server and the phone get the same last digit."""

from __future__ import annotations

import math
from collections.abc import Callable
from math import inf, nan


def guarded(of: Callable[..., float]) -> Callable[..., float]:
    """A function from `math`: NaN where Python would raise, rounded to 15 digits (see the module)."""

    def careful(*numbers: float) -> float:
        try:
            return float(f"{of(*numbers):.15g}") + 0.0  # no -0: JavaScript's toPrecision drops the sign
        except ValueError:
            return nan
        except OverflowError:
            return inf

    return careful


def divide(left: float, right: float) -> float:
    """XPath's div: by zero it is infinite, 0 div 0 is NaN."""
    if right:
        return left / right
    if left != left or right != right or not left:
        return nan
    return math.copysign(inf, left) * math.copysign(1.0, right)


def remainder(left: float, right: float) -> float:
    """XPath's mod, with the sign of the first number; NaN where there is none."""
    try:
        return math.fmod(left, right)
    except ValueError:
        return nan


def _keep_sign(result: float, of: float) -> float:
    # JavaScript keeps the minus of -0, and 1 div -0 shows it
    return math.copysign(result, of) if result == 0 else result


def whole(number: float) -> float:
    """Cut off the part after the point."""
    return _keep_sign(float(math.trunc(number)), number) if math.isfinite(number) else number


def round_down(number: float) -> float:
    """The whole number at or below."""
    return _keep_sign(float(math.floor(number)), number) if math.isfinite(number) else number


def round_up(number: float) -> float:
    """The whole number at or above."""
    return _keep_sign(float(math.ceil(number)), number) if math.isfinite(number) else number


def _half_away(number: float) -> float:
    if not math.isfinite(number):
        return number
    size = abs(number)
    floor = float(math.floor(size))
    return math.copysign(floor + (size - floor >= 0.5), number)


def half_up(number: float) -> float:
    """Round to a whole number, halves towards the larger, as substring counts."""
    if not math.isfinite(number):
        return number
    floor = math.floor(number)
    return float(floor + (number - floor >= 0.5))


def round_to(number: float, digits: float = 0.0) -> float:
    """Round to so many digits after the point, halves away from zero; negative digits round tens."""
    digits = whole(digits)
    if not abs(digits) <= 308:
        return nan
    power = float(f"1e{abs(int(digits))}")
    if digits > 0:
        return _half_away(number * power) / power
    return power * _half_away(number / power)


def power_of(base: float, exponent: float) -> float:
    """Raise to a power, with the same roundings as the phone."""
    if exponent == 0.5:
        return root(base)
    if exponent == 0:
        return 1.0
    if exponent != exponent or base != base or (math.isinf(exponent) and abs(base) == 1):
        return nan
    if exponent == whole(exponent) and abs(exponent) <= 1024:
        # multiplied out, so that both languages make the same roundings in the same order
        result, factor, left = 1.0, base, int(abs(exponent))
        while left:
            if left % 2:
                result *= factor
            factor *= factor
            left //= 2
        return result if exponent > 0 else divide(1.0, result)
    try:
        return float(f"{math.pow(base, exponent):.15g}") + 0.0
    except ValueError:
        # a zero to a negative power, or the root of a negative number
        return (_odd_sign(base, exponent) * inf) if base == 0 else nan
    except OverflowError:
        return _odd_sign(base, exponent) * inf


def _odd_sign(base: float, exponent: float) -> float:
    return math.copysign(1.0, base) if abs(math.fmod(exponent, 2)) == 1 else 1.0


def root(number: float) -> float:
    """The square root; NaN of a negative number."""
    return math.sqrt(number) if number >= 0 else nan


def logarithm(of: Callable[[float], float]) -> Callable[[float], float]:
    """A logarithm from `math`, minus infinity at zero."""
    careful = guarded(of)
    return lambda number: -inf if number == 0 else careful(number)


def greatest(*numbers: float) -> float:
    """The largest number; NaN where there is none or one is NaN."""
    if not numbers or any(n != n for n in numbers):
        return nan
    return max(numbers, key=lambda n: (n, math.copysign(1.0, n)))


def smallest(*numbers: float) -> float:
    """The smallest number; NaN where there is none or one is NaN."""
    if not numbers or any(n != n for n in numbers):
        return nan
    return min(numbers, key=lambda n: (n, math.copysign(1.0, n)))
