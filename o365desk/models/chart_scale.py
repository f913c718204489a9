"""Scales of a chart over time: round numbers, calendar days, and steps no finer than the pixels.

Moments are seconds since 1970, as `datetime.timestamp()` gives them; days, weeks and months are
those of the clock on the wall.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import count

from PySide6.QtCore import QDate, QDateTime, QLocale, QTime

_ROOM = 0.05
"""What an axis reaches beyond the largest value, as a part of its length."""


@dataclass(frozen=True, slots=True)
class NumberAxis:
    """What an axis of numbers shows: from `low` to `high`, with a line at each of `ticks`."""

    low: float
    high: float
    ticks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TimeTick:
    """Where a day, a week, a month or a year begins, and its name."""

    at: float
    text: str


def number_axis(low: int, high: int, most: int) -> NumberAxis:
    """An axis that holds zero and all values from `low` to `high`, with at most `most` ticks (two
    at least are allowed) at multiples of 1, 2 or 5 times a power of ten."""
    low, high = min(low, 0), max(high, 0)
    if low == high:
        high = 1
    room = (high - low) * _ROOM
    bottom = low - room if low else 0.0
    top = high + room if high else 0.0
    step = next(step for step in _round_numbers() if top // step + -bottom // step < max(most, 2))
    below, above = int(-bottom // step), int(top // step)
    return NumberAxis(bottom, top, tuple(step * n for n in range(-below, above + 1)))


def _round_numbers() -> Iterator[int]:
    for power in count():
        for digit in (1, 2, 5):
            yield digit * 10**power


def time_ticks(start: float, end: float, most: int, locale: QLocale) -> tuple[TimeTick, ...]:
    """Where hours, days, weeks, months or years begin from `start` to `end`: the finest of which
    there are about `most` at most. The year is told where it is another than before."""
    unit, number = _pace(end - start, most)
    ticks: list[TimeTick] = []
    year = 0
    for moment in _moments(start, end, unit, number, locale):
        day = moment.date()
        if unit is _Unit.HOUR and moment.time() != QTime(0, 0):
            text = locale.toString(moment.time(), _short_time(locale))
        elif unit is _Unit.MONTH and number % 12 == 0:
            text = locale.toString(day, "yyyy")
        else:
            form = "MMM" if unit is _Unit.MONTH else "d MMM"
            text = locale.toString(day, form if day.year() == year else f"{form} yyyy")
            year = day.year()
        ticks.append(TimeTick(float(moment.toSecsSinceEpoch()), text))
    return tuple(ticks)


class _Unit(Enum):
    """Value: a typical length in seconds, and how many of them may lie between two ticks."""

    HOUR = (3_600, (1, 3, 6, 12))
    DAY = (86_400, (1, 2, 7, 14))
    MONTH = (30 * 86_400, (1, 2, 3, 6, 12, 24, 60, 120, 240))


def _pace(span: float, most: int) -> tuple[_Unit, int]:
    for unit in _Unit:
        length, numbers = unit.value
        for number in numbers:
            if span <= most * number * length:
                return unit, number
    return _Unit.MONTH, 1200


def _moments(
    start: float, end: float, unit: _Unit, number: int, locale: QLocale
) -> Iterator[QDateTime]:
    first = QDateTime.fromSecsSinceEpoch(int(start)).date()
    last = QDateTime.fromSecsSinceEpoch(int(end)).date()
    made: Iterator[QDateTime]
    if unit is _Unit.MONTH:
        begin = (first.year() * 12 + first.month() - 1) // number * number
        months = range(begin, last.year() * 12 + last.month(), number)
        made = (QDate(month // 12, month % 12 + 1, 1).startOfDay() for month in months)
    elif unit is _Unit.DAY:
        # Weeks begin where the locale lets them begin; day 0 of the Julian days was a Monday.
        monday = locale.firstDayOfWeek().value - 1 if number % 7 == 0 else 0
        begin = first.toJulianDay() - (first.toJulianDay() - monday) % number
        days = range(begin, last.toJulianDay() + 1, number)
        made = (QDate.fromJulianDay(day).startOfDay() for day in days)
    else:
        made = (
            QDateTime(QDate.fromJulianDay(day), QTime(hour, 0))
            for day in range(first.toJulianDay(), last.toJulianDay() + 1)
            for hour in range(0, 24, number)
        )
    return (moment for moment in made if start <= moment.toSecsSinceEpoch() <= end)


def _short_time(locale: QLocale) -> str:
    c_locale = locale.language() is QLocale.Language.C
    return "HH:mm" if c_locale else locale.timeFormat(QLocale.FormatType.ShortFormat)


def step_line(pixels: Sequence[int], values: Sequence[int], end: int) -> list[tuple[int, int]]:
    """Corners (pixel, value) of the line of values that each begin at their pixel and hold until
    the next one's, the last until `end`. Of many steps in one pixel only the first, least,
    greatest and last are left: what is painted is the same, and there are never more corners than
    the pixels can show."""
    corners: list[tuple[int, int]] = []
    column: list[int] = []
    at = 0
    for x, value in zip(pixels, values, strict=True):
        if column and x != at:
            corners += _column(at, column)
            del column[:-1]
        at = x
        column.append(value)
    if column:
        corners += _column(at, column)
        corners.append((end, column[-1]))
    return corners


def _column(x: int, values: list[int]) -> list[tuple[int, int]]:
    """What is left of the values that the line takes, one after the other, within one pixel."""
    first, last = values[0], values[-1]
    corners = [(x, first)]
    if len(values) > 2:
        corners += [(x, far) for far in (min(values), max(values)) if far not in (first, last)]
    if last != first:
        corners.append((x, last))
    return corners
