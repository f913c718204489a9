"""Ticks and corners of a chart, without a pixel."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale

from o365desk.models.chart_scale import number_axis, step_line, time_ticks

BRITISH = QLocale("en_GB")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 0, (0, 1)),
        (3, 3, (0, 1, 2, 3)),
        (20, 120, (0, 20, 40, 60, 80, 100, 120)),
        (-2, 120, (0, 20, 40, 60, 80, 100, 120)),
        (-92, 222, (-100, -50, 0, 50, 100, 150, 200)),
        (-3, -1, (-3, -2, -1, 0)),
        (0, 1_000_000, (0, 200_000, 400_000, 600_000, 800_000, 1_000_000)),
    ],
    ids=["zeros", "one-value", "usual", "slightly-over", "over", "all-over", "huge"],
)
def test_numbers_are_round_and_hold_zero(low: int, high: int, ticks: tuple[int, ...]) -> None:
    axis = number_axis(low, high, 7)
    assert axis.ticks == ticks
    assert axis.low <= min(low, 0)
    assert axis.high > max(high, 0) or high < 0


@given(st.integers(-(10**7), 10**7), st.integers(0, 10**7), st.integers(2, 12))
def test_there_are_never_too_many_numbers(low: int, more: int, most: int) -> None:
    axis = number_axis(low, low + more, most)
    assert 1 <= len(axis.ticks) <= most
    assert 0 in axis.ticks
    assert all(axis.low <= tick <= axis.high for tick in axis.ticks)


@pytest.mark.parametrize(
    ("start", "end", "texts"),
    [
        ("2026-11-22 08:30", "2026-11-22 13:10", "09:00 10:00 11:00 12:00 13:00"),
        ("2026-11-20 06:00", "2026-11-22 07:00", "12:00|21 Nov 2026|12:00|22 Nov"),
        ("2026-11-20 06:00", "2026-11-24 07:00", "21 Nov 2026|22 Nov|23 Nov|24 Nov"),
        ("2026-10-23 12:00", "2026-11-22 12:00", "26 Oct 2026|2 Nov|9 Nov|16 Nov"),
        ("2025-12-25 12:00", "2026-01-22 12:00", "29 Dec 2025|5 Jan 2026|12 Jan|19 Jan"),
        ("2025-09-20 12:00", "2026-03-22 12:00", "Nov 2025|Jan 2026|Mar"),
        ("2024-11-22 12:00", "2026-11-22 12:00", "Jan 2025|Jul|Jan 2026|Jul"),
        ("2019-11-22 12:00", "2026-11-22 12:00", "2020|2022|2024|2026"),
    ],
    ids=["hours", "half-days", "days", "weeks", "new-year", "months", "halves", "years"],
)
def test_times_follow_the_calendar(start: str, end: str, texts: str) -> None:
    first, last = (datetime.fromisoformat(at).timestamp() for at in (start, end))
    ticks = time_ticks(first, last, 5, BRITISH)
    assert [tick.text for tick in ticks] == texts.split("|" if "|" in texts else " ")
    assert all(first <= tick.at <= last for tick in ticks)


def test_weeks_begin_where_the_locale_lets_them() -> None:
    first, last = (datetime.fromisoformat(f"2026-{day}").timestamp() for day in ("10-23", "11-22"))
    american = [tick.text for tick in time_ticks(first, last, 5, QLocale("en_US"))]
    assert american == ["25 Oct 2026", "1 Nov", "8 Nov", "15 Nov", "22 Nov"]


def test_a_line_goes_in_steps_to_its_end() -> None:
    assert step_line([0, 10, 30], [5, 7, 2], 40) == [
        *((0, 5), (10, 5), (10, 7)),
        *((30, 7), (30, 2), (40, 2)),
    ]
    assert step_line([], [], 40) == []
    assert step_line([20], [3], 20) == [(20, 3), (20, 3)]


def test_what_lies_within_a_pixel_keeps_its_extremes() -> None:
    assert step_line([0, 4, 4, 4, 4, 9], [5, 7, -3, 9, 6, 6], 9) == [
        *((0, 5), (4, 5), (4, -3), (4, 9), (4, 6)),
        *((9, 6), (9, 6)),
    ]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(-5, 5)), min_size=1, max_size=200))
def test_a_line_paints_the_same_as_all_its_steps(steps: list[tuple[int, int]]) -> None:
    """Per pixel the same span of values is covered, and there are few corners."""
    pixels = sorted(x for x, _value in steps)
    values = [value for _x, value in steps]
    corners = step_line(pixels, values, 30)
    covered: dict[int, set[int]] = {}
    for x, value in corners:
        covered.setdefault(x, set()).add(value)
    before = values[0]
    for x in sorted(set(pixels)):
        inside = [value for at, value in zip(pixels, values, strict=True) if at == x]
        assert {min(before, *inside), max(before, *inside)} <= covered[x]
        assert covered[x] <= {before, *inside}
        before = inside[-1]
    assert len(corners) <= 4 * len(set(pixels)) + 1
