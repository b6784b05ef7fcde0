"""Waves beside each other: what is compared, what is broken, which notes stand under it."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest

from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.frame import frame
from fieldkit.stats.results import disclosed, measure
from fieldkit.stats.waves import Told, WaveNumbers, compare_waves, kept, restored, wave_numbers
from tests.stats.people import people, questionnaire, wave

VECTORS = json.loads((Path(__file__).resolve().parent.parent / "cases" / "test_vectors.json").read_text("utf-8"))
ASKED = questionnaire("short")
BY_ID = {i.id: i for i in ASKED.indicators}
BURDEN, HOURS, MEMBER = BY_ID["perceived_burden"], BY_ID["trace_hours"], BY_ID["alliance_participation"]
day = datetime.date.fromisoformat


def always(*_: object) -> bool:
    return True


def never(*_: object) -> bool:
    return False


def told(indicator: str, value: float, se: float, *, n: int | None = 40, **more: object) -> Told:
    statistic = BY_ID[indicator].estimate
    number = Disclosed(indicator, statistic, "ok", round(value, 1), n=n, **more)  # type: ignore[arg-type]
    return Told(number, value, se)


def one_wave(*numbers: Told, opens: str = "2025-11-02", asked=ASKED, **more: object) -> WaveNumbers:  # type: ignore[no-untyped-def]
    opened = day(opens)
    field = replace(
        wave(), opens_on=opened, closes_on=opened + datetime.timedelta(13), keep_until=day("2035-01-01"),
        withdraw_until=day("2034-01-01"),
    )  # fmt: skip
    plain = {"n_analysed": 40, "upper": 0.4, "last_day": field.closes_on, **more}
    return WaveNumbers(field, asked, numbers={t.number.indicator: t for t in numbers}, **plain)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", VECTORS["wave"], ids=lambda c: c["cls"])
def test_the_change_of_the_worked_examples(case: dict) -> None:  # type: ignore[type-arg]
    found = compare_waves(
        [
            one_wave(told("perceived_burden", case["m1"], case["se1"])),
            one_wave(told("perceived_burden", case["m2"], case["se2"]), opens="2026-11-02"),
        ],
        [BURDEN],
        always,
    )
    assert found is not None
    (row,) = found.rows
    assert (row.status, row.change.wording) == ("comparable", case["cls"])
    assert row.change.diff == pytest.approx(case["d"])
    assert (row.change.lo, row.change.hi) == pytest.approx((case["lo"], case["hi"]), abs=0.05)
    assert row.joined == (False, True)
    assert row.broken == (False, False)
    assert found.notes == ()


def test_incomparable_waves_have_a_break_and_neither_line_nor_difference() -> None:
    found = compare_waves(
        [
            one_wave(told("perceived_burden", 66.0, 2.0)),
            one_wave(told("perceived_burden", 58.0, 2.0), opens="2026-11-02"),
        ],
        [BURDEN],
        never,
    )
    assert found is not None
    (row,) = found.rows
    assert (row.status, row.change.wording, row.change.diff) == ("not_comparable", "not_comparable", None)
    assert row.joined == (False, False)
    assert row.broken == (False, True)


def test_a_number_that_one_wave_did_not_print_is_not_compared() -> None:
    few = Told(Disclosed("perceived_burden", "mean", "suppressed_n"))
    masked = Told(Disclosed("alliance_participation", "share", "masked_extreme", bound=">92", n=40))
    found = compare_waves(
        [
            one_wave(few, masked),
            one_wave(
                told("perceived_burden", 58.0, 2.0), told("alliance_participation", 60.0, 8.0), opens="2026-11-02"
            ),
        ],
        [BURDEN, MEMBER],
        always,
    )
    assert found is not None
    assert [(r.status, r.change.wording, r.change.diff) for r in found.rows] == [
        ("too_few", "", None),
        ("withheld", "", None),
    ]
    assert all(r.joined == (False, False) and r.broken == (False, False) for r in found.rows)


def test_medians_change_only_where_their_intervals_do_not_overlap() -> None:
    def hours(value: float, lo: float, hi: float) -> Told:
        return Told(Disclosed("trace_hours", "median", "ok", value, lo, hi, n=40), value)

    for second, wording in (
        (hours(20, 16, 24), "rose"),
        (hours(14, 9, 18), "no_clear_change"),
        (hours(4, 2, 7), "fell"),
    ):
        found = compare_waves([one_wave(hours(12, 8, 15)), one_wave(second, opens="2026-11-02")], [HOURS], always)
        assert found is not None
        assert (found.rows[0].change.wording, found.rows[0].change.diff) == (wording, None)


@pytest.mark.parametrize(
    ("opens", "upper", "notes"),
    [
        ("2026-11-02", 0.4, ()),
        ("2026-12-10", 0.4, ()),
        ("2027-01-15", 0.4, ("season",)),
        ("2026-04-02", 0.4, ("season",)),
        ("2026-11-02", 0.54, ()),
        ("2026-11-02", 0.56, ("level",)),
        ("2026-11-02", None, ()),
    ],
)
def test_season_and_composition_are_noted_where_they_differ(
    opens: str, upper: float | None, notes: tuple[str, ...]
) -> None:
    waves = [
        one_wave(told("perceived_burden", 66.0, 2.0)),
        one_wave(told("perceived_burden", 60.0, 2.0), opens=opens, upper=upper),
    ]
    found = compare_waves(waves, [BURDEN], always)
    assert found is not None
    assert found.notes == notes


def test_a_questionnaire_that_asks_more_is_noted_where_the_indicator_is_the_same() -> None:
    shorter = replace(ASKED, sections=ASKED.sections[:-1], version="1.0.0")
    waves = [
        one_wave(told("perceived_burden", 66.0, 2.0), asked=shorter),
        one_wave(told("perceived_burden", 60.0, 2.0), opens="2026-11-02"),
    ]
    found = compare_waves(waves, [BURDEN], always)
    assert found is not None
    assert found.rows[0].added_items
    assert found.notes == ("added_items",)


def test_three_waves_are_joined_one_by_one_and_the_last_two_compared() -> None:
    def comparable(_: str, one, other) -> bool:  # type: ignore[no-untyped-def]
        return one.version == other.version

    other = replace(ASKED, version="2.0.0")
    waves = [
        one_wave(told("perceived_burden", 50.0, 2.0), opens="2024-11-02"),
        one_wave(told("perceived_burden", 60.0, 2.0), opens="2025-11-02", asked=other),
        one_wave(told("perceived_burden", 70.0, 2.0), opens="2026-11-02", asked=other),
    ]
    found = compare_waves(waves, [BURDEN], comparable)
    assert found is not None
    assert found.rows[0].broken == (False, True, False)
    assert found.rows[0].joined == (False, False, True)
    assert found.rows[0].change.diff == 10


def test_one_wave_or_no_common_row_is_no_comparison() -> None:
    one = one_wave(told("perceived_burden", 66.0, 2.0))
    assert compare_waves([one], [BURDEN], always) is None
    assert compare_waves([one, one], [HOURS], always) is None


def test_what_a_report_told_is_kept_and_comes_back_without_sensitive_numbers_or_single_answers() -> None:
    asked = questionnaire("full_burden")
    rows = people(60, form="full_burden")
    own = frame(rows, asked)
    estimates = measure(own, asked.indicators)
    numbers = disclosed(estimates, asked.indicators, asked)
    found = wave_numbers(wave(), own, estimates, numbers, dated=day("2026-11-20"))
    assert found.numbers["perceived_burden"].number.value == numbers["perceived_burden"].value
    assert not any(i.sensitive and i.id in found.numbers for i in asked.indicators)
    assert "relief_obstacles" not in found.numbers
    plain = json.loads(json.dumps(kept(found)))
    again = restored(plain, wave(), asked)
    assert {n: (t.number, t.exact, t.se) for n, t in again.numbers.items()} == {
        n: (t.number, t.exact, t.se) for n, t in found.numbers.items()
    }
    assert again.last_day == day("2026-11-15")
    assert not any("values" in one for one in plain["numbers"].values())
    found_rows = compare_waves([again, found], asked.indicators, always)
    assert found_rows is not None
    assert {r.change.wording for r in found_rows.rows} <= {"no_clear_change", ""}
