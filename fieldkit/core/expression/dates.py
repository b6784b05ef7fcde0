"""Dates as day numbers and back, in the time zone of the study."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import floor, nan

from fieldkit.core.expression.scope import BEIJING_MINUTES, Answers

_moment = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:(Z)|([+-])(\d\d):?(\d\d)?)?)?",
    re.ASCII,
).fullmatch
_clock = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:(Z)|([+-])(\d\d):?(\d\d)?)?", re.ASCII).fullmatch
DAY_MS = 86_400_000
# years 100 to 9999: four-digit years, and JavaScript reads 0..99 as 19xx
FIRST_DAY, LAST_DAY = -683_003, 2_932_896
EPOCH_ORDINAL = 719_163  # date(1970, 1, 1).toordinal()
# the specification's own abbreviations, in every language; 1970-01-01 was a Thursday
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")
DATE_LETTERS = "%YymnbdeHhMS3a"


def _time_ms(parts: Sequence[str | None], zone: int) -> float:
    hour, minute, second = (int(part or 0) for part in parts[:3])
    if hour > 23 or minute > 59 or second > 59:
        return nan
    ms = ((hour * 60 + minute) * 60 + second) * 1000 + int(((parts[3] or "") + "000")[:3])
    utc, sign, hours, minutes = parts[4:]
    if utc or sign:
        ahead = int(hours or 0) * 60 + int(minutes or 0)
        ms += (zone - (-ahead if sign == "-" else ahead)) * 60_000
    return ms


def days_of(text: str, answers: Answers) -> float:
    """The days since 1970-01-01 that a date text stands for, or NaN where it is not a date."""
    found = _moment(text)
    if not found:
        return nan
    year, month, day, hour = found.group(1, 2, 3, 4)
    try:
        days = date(int(year), int(month), int(day)).toordinal() - EPOCH_ORDINAL
    except ValueError:
        return nan
    if days < FIRST_DAY:
        return nan
    if hour is None:
        return float(days)
    # whole milliseconds first, one division last: the only order in which both languages round alike
    return (days * DAY_MS + _time_ms(found.groups()[3:], getattr(answers, "zone", BEIJING_MINUTES))) / DAY_MS


def iso_date(days: float) -> str:
    """Write a day as 2026-11-20; blank outside the years 100 to 9999."""
    if not FIRST_DAY <= days < LAST_DAY + 1:
        return ""
    return date.fromordinal(floor(days) + EPOCH_ORDINAL).isoformat()


def ms_of(days: float) -> int | None:
    """Milliseconds since 1970 of a day with its fraction; None outside the years 100 to 9999."""
    return floor(days * DAY_MS + 0.5) if FIRST_DAY <= days < LAST_DAY + 1 else None


def iso_moment(ms: int | None, answers: Answers) -> str:
    """Write milliseconds since 1970, local time, as 2026-11-20T08:30:00.000+08:00."""
    if ms is None:
        return ""
    zone = getattr(answers, "zone", BEIJING_MINUTES)
    day, rest = divmod(ms, DAY_MS)
    minutes, milli = divmod(rest, 60_000)
    offset = f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02d}:{abs(zone) % 60:02d}"
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}:{milli // 1000:02d}.{milli % 1000:03d}"
    return f"{iso_date(day)}T{clock}{offset}"


def format_date(days: float, pattern: str) -> str:
    """Write a day as a pattern such as %Y年%n月%e日 says."""
    ms = ms_of(days)
    if ms is None:
        return ""
    number, rest = divmod(ms, DAY_MS)
    day = date.fromordinal(number + EPOCH_ORDINAL)
    hour, minute, second, milli = rest // 3_600_000, rest // 60_000 % 60, rest // 1000 % 60, rest % 1000
    parts = {
        "%": "%",
        "Y": f"{day.year:04d}",
        "y": f"{day.year % 100:02d}",
        "m": f"{day.month:02d}",
        "n": str(day.month),
        "b": MONTHS[day.month - 1],
        "d": f"{day.day:02d}",
        "e": str(day.day),
        "H": f"{hour:02d}",
        "h": str(hour),
        "M": f"{minute:02d}",
        "S": f"{second:02d}",
        "3": f"{milli:03d}",
        "a": WEEKDAYS[number % 7],
    }
    return re.sub("%([%YymnbdeHhMS3a])", lambda found: parts[found[1]], pattern)


def time_of_day(text: str, answers: Answers) -> float:
    """The part of the day that has passed at a clock time such as 06:00, from 0 to 1; NaN where it is none."""
    found = _clock(text)
    if not found:
        return nan
    ms = _time_ms(found.groups(), getattr(answers, "zone", BEIJING_MINUTES))
    return ms % DAY_MS / DAY_MS


def local_ms(answers: Answers) -> int:
    """Milliseconds since 1970 of the moment of answering, in local time."""
    moment: datetime = getattr(answers, "now", None) or datetime.now(UTC)
    zone: int = getattr(answers, "zone", BEIJING_MINUTES)
    if moment.tzinfo is None:
        return (moment - datetime(1970, 1, 1)) // timedelta(milliseconds=1)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) + zone * 60_000
