"""How a product's counters moved: made ready for a chart, as rows of a table, and in words."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
)

from o365desk.domain.snapshots import CounterPoint, CounterSeries
from o365desk.models.roles import Role
from o365desk.models.words import day_text, full_text, moment_text, signed

Index = QModelIndex | QPersistentModelIndex

_DISPLAY = Qt.ItemDataRole.DisplayRole
_ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_ROW = int(Role.ROW)
_VALUE = int(Role.VALUE)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Counter(Enum):
    """What Microsoft counts of a product, as it is called here."""

    ACTIVE = "Active"
    ASSIGNED = "Assigned"
    AVAILABLE = "Available"
    SUSPENDED = "Suspended"
    WARNING = "In grace period"

    def of(self, point: CounterPoint) -> int:
        return _COUNTED[self](point)


_COUNTED: dict[Counter, Callable[[CounterPoint], int]] = {
    Counter.ACTIVE: lambda point: point.active,
    Counter.ASSIGNED: lambda point: point.assigned,
    Counter.AVAILABLE: lambda point: point.available,
    Counter.SUSPENDED: lambda point: point.suspended,
    Counter.WARNING: lambda point: point.warning,
}

LINES = (Counter.ACTIVE, Counter.ASSIGNED, Counter.AVAILABLE)
"""The lines of a chart."""


class Span(Enum):
    """How far back a chart shows, counted from the last snapshot."""

    MONTH = "30 days"
    QUARTER = "90 days"
    YEAR = "1 year"
    ALL = "All"

    @property
    def length(self) -> timedelta | None:
        days = {Span.MONTH: 30, Span.QUARTER: 90, Span.YEAR: 365}.get(self)
        return None if days is None else timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Stop:
    """A snapshot in which a counter had moved; or the last one, which says what still is."""

    at: datetime
    point: CounterPoint
    before: CounterPoint | None
    """What had been true until then; None for the first."""


class CounterHistory:
    """A series with what is asked of it while it is painted, worked out once. At least one
    snapshot must have seen the product."""

    def __init__(self, series: CounterSeries) -> None:
        self.series = series
        points = series.points
        self.times = tuple(point.at.timestamp() for point in points)
        self.values = {one: tuple(one.of(point) for point in points) for one in LINES}
        # A snapshot in which a counter had moved was there, even if it is not kept any more.
        self.moments = tuple(sorted({*series.seen, *(point.at for point in points)}))
        self.seen = tuple(at.timestamp() for at in self.moments)
        stops = [
            Stop(point.at, point, before)
            for point, before in zip(points, (None, *points), strict=False)
        ]
        if points and self.moments[-1] > points[-1].at:
            stops.append(Stop(self.moments[-1], points[-1], points[-1]))
        self.stops = tuple(stops)
        self._stop_times = [stop.at for stop in stops]

    def point(self, at: datetime) -> CounterPoint | None:
        """What was true at a moment; None where the product was not known yet."""
        stop = self.stop_number(at)
        return None if stop < 0 else self.stops[stop].point

    def stop_number(self, at: datetime) -> int:
        """The last stop that is not later than a moment; -1 when all are."""
        return bisect_right(self._stop_times, at) - 1

    def nearest_seen(self, at: float) -> int:
        """The snapshot (its number) nearest to a moment: between two of them nobody looked."""
        after = bisect_right(self.seen, at)
        if after == 0:
            return 0
        if after == len(self.seen) or at - self.seen[after - 1] <= self.seen[after] - at:
            return after - 1
        return after

    def window(self, span: Span) -> tuple[float, float]:
        """First and last moment that a chart shows; half a day around a single snapshot."""
        first, last = self.seen[0], self.seen[-1]
        if span.length is not None:
            first = max(first, last - span.length.total_seconds())
        if first == last:
            return first - _HALF_DAY, last + _HALF_DAY
        return first, last

    def shown(self, start: float) -> slice:
        """The points of which something shows from a moment on."""
        return slice(max(bisect_right(self.times, start) - 1, 0), None)

    def extremes(self, start: float) -> tuple[int, int]:
        """The least and the greatest number of any line from a moment on."""
        part = self.shown(start)
        lines = [values[part] for values in self.values.values()]
        return min(map(min, lines)), max(map(max, lines))


_HALF_DAY = 12 * 3600


def counted_text(point: CounterPoint, locale: QLocale) -> str:
    """ "Active 120, Assigned 118, Available 2"."""
    return ", ".join(f"{one.value} {locale.toString(one.of(point))}" for one in LINES)


def change_text(stop: Stop, locale: QLocale) -> str:
    """What is different since the stop before: "Active +5, Available +5"."""
    if stop.before is None:
        return "First seen"
    moved = []
    for counter in Counter:
        by = counter.of(stop.point) - counter.of(stop.before)
        if by:
            moved.append(f"{counter.value} {signed(by, locale)}")
    return ", ".join(moved) or "No change"


def read_out(at: datetime, point: CounterPoint | None, locale: QLocale) -> str:
    """What a chart says of a snapshot: "21 Nov 2025, 14:03: Active 120, Assigned 118, …"."""
    said = "the product was not there yet" if point is None else counted_text(point, locale)
    return f"{moment_text(at)}: {said}"


def trend_text(series: CounterSeries, locale: QLocale) -> str:
    """From the first to the last number of available licenses, and how long that took: for who
    does not see the little line."""
    if not series.points:
        return ""
    first, last = series.points[0], series.points[-1]
    began, ended = first.at, max(*series.seen, last.at)
    before, after = locale.toString(first.available), locale.toString(last.available)
    days = (ended.date() - began.date()).days
    if days == 0:
        return f"Available {after} on {day_text(ended)}"
    span = f"{locale.toString(days)} {'day' if days == 1 else 'days'}"
    return f"Available from {before} to {after} in {span}, {day_text(began)} to {day_text(ended)}"


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    text: Callable[[Stop, QLocale], str]
    value: Callable[[Stop], object] = lambda _stop: None
    """What the text was made of, for exports."""
    right: bool = False


def _number(counter: Counter) -> _Column:
    return _Column(
        counter.value,
        lambda stop, locale: locale.toString(counter.of(stop.point)),
        lambda stop: counter.of(stop.point),
        right=True,
    )


_COLUMNS = (
    _Column("Seen", lambda stop, _locale: moment_text(stop.at), lambda stop: stop.at),
    *(_number(counter) for counter in (*LINES, Counter.SUSPENDED)),
    _Column("Change", change_text),
)


_PIECE = 100
"""Rows whose texts are made in one step, some milliseconds of the window's time."""


class CounterTableModel(QAbstractTableModel):
    """The numbers of a chart, newest first; owned by the dialog that shows both."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stops: tuple[Stop, ...] = ()
        self._texts: dict[int, tuple[str, ...]] = {}
        self._made = 0
        self._ahead = QTimer(self)
        self._ahead.timeout.connect(self._make_ahead)

    def set_history(self, history: CounterHistory | None) -> None:
        self.beginResetModel()
        self._stops = () if history is None else history.stops[::-1]
        self._texts.clear()
        self._made = 0
        self.endResetModel()
        self._ahead.start(0)

    @property
    def waiting(self) -> int:
        """Rows whose texts are still to be made."""
        return len(self._stops) - self._made

    def _make_ahead(self) -> None:
        """Makes some more texts: copying thousands of rows shall find them made."""
        rows = range(self._made, min(self._made + _PIECE, len(self._stops)))
        for row in rows:
            self._row_texts(row)
        self._made = rows.stop
        if not self.waiting:
            self._ahead.stop()

    def row_of(self, stop_number: int) -> int:
        """Where a stop of the history stands."""
        return len(self._stops) - 1 - stop_number

    def stop_at(self, row: int) -> Stop:
        return self._stops[row]

    def copied(self, rows: list[int]) -> str:
        """Rows with their titles, as a spreadsheet takes them."""
        lines = [tuple(column.title for column in _COLUMNS), *map(self._row_texts, rows)]
        return "\n".join("\t".join(line) for line in lines)

    def _row_texts(self, row: int) -> tuple[str, ...]:
        """Made once, those that are seen first."""
        texts = self._texts.get(row)
        if texts is None:
            locale = QLocale()
            texts = tuple(column.text(self._stops[row], locale) for column in _COLUMNS)
            self._texts[row] = texts
        return texts

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._stops)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_COLUMNS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row, column = index.row(), index.column()
        if role == _DISPLAY:
            return self._row_texts(row)[column]
        if role == _ALIGNMENT:
            return _RIGHT if _COLUMNS[column].right else _LEFT
        if role == _TOOLTIP:
            return full_text(self._stops[row].at) if column == 0 else self._row_texts(row)[column]
        if role == _ACCESSIBLE:
            return f"{_COLUMNS[column].title}: {self._row_texts(row)[column]}"
        if role == _ROW:
            return self._stops[row]
        if role == _VALUE:
            return _COLUMNS[column].value(self._stops[row])
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return _COLUMNS[section].title
        if role == _ALIGNMENT:
            return _RIGHT if _COLUMNS[section].right else _LEFT
        return None
