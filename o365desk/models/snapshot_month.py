"""Qt model of one month of the time line: which days have snapshots, in the local time zone."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QDate,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from o365desk.domain.directory import utc_now
from o365desk.domain.snapshots import Snapshot
from o365desk.models.roles import Role

WEEKS = 6
"""A month touches at most six weeks."""

_DAYS = 7
_DISPLAY = Qt.ItemDataRole.DisplayRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
_ROW = int(Role.ROW)

Index = QModelIndex | QPersistentModelIndex


class SnapshotMonthModel(QAbstractTableModel):
    """The weeks of a month, beginning as the locale does. Only days with snapshots are enabled.
    Owned by the SnapshotCalendar."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._days: list[date] = []
        self._kept: dict[date, list[Snapshot]] = {}
        self._shown: date | None = None
        self._locale = QLocale()
        self.month = utc_now().date().replace(day=1)
        """First day of the month that is shown."""

    # What the calendar tells and asks

    def set_snapshots(self, snapshots: Sequence[Snapshot], shown: datetime | None) -> None:
        """All of a tenant, in any order; `shown`: the one on screen, if it is one of them."""
        self.beginResetModel()
        self._locale = QLocale()
        self._kept = {}
        for snapshot in sorted(snapshots, key=lambda one: one.at, reverse=True):
            self._kept.setdefault(snapshot.at.astimezone().date(), []).append(snapshot)
        self._days = sorted(self._kept)
        self._shown = None if shown is None else shown.astimezone().date()
        self.endResetModel()

    def show_month(self, day: date) -> None:
        """Shows the month of `day`."""
        first = day.replace(day=1)
        if first != self.month:
            self.beginResetModel()
            self.month = first
            self.endResetModel()

    @property
    def days(self) -> Sequence[date]:
        """Days with snapshots, oldest first."""
        return self._days

    def of_day(self, day: date) -> Sequence[Snapshot]:
        """The snapshots of a day, newest first."""
        return self._kept.get(day, ())

    def is_shown(self, day: date) -> bool:
        """The snapshot on screen is of this day."""
        return day == self._shown

    def before(self, day: date) -> date | None:
        """The last day with snapshots that is not after `day`."""
        place = bisect_right(self._days, day)
        return self._days[place - 1] if place else None

    def after(self, day: date) -> date | None:
        """The first day with snapshots that is not before `day`."""
        place = bisect_left(self._days, day)
        return self._days[place] if place < len(self._days) else None

    def day_at(self, index: Index) -> date | None:
        """The day of a cell; None for those of the months around."""
        if not index.isValid():
            return None
        day = self._start() + timedelta(days=index.row() * _DAYS + index.column())
        return day if (day.year, day.month) == (self.month.year, self.month.month) else None

    def index_of(self, day: date) -> QModelIndex:
        """The cell of a day; invalid when another month is shown."""
        if day.replace(day=1) != self.month:
            return QModelIndex()
        return self.index(*divmod((day - self._start()).days, _DAYS))

    def month_text(self) -> str:
        """ "November 2026"; the month in the form that stands alone, which several languages do not
        use in a date."""
        return f"{self._locale.standaloneMonthName(self.month.month)} {self.month.year}"

    def spoken(self, day: date) -> str:
        """ "Saturday, 21 November 2026: 3 snapshots, on screen"."""
        count = len(self.of_day(day))
        kept = f"{count} {'snapshot' if count == 1 else 'snapshots'}" if count else "no snapshot"
        shown = ", on screen" if self.is_shown(day) else ""
        return f"{self._locale.toString(_qdate(day), 'dddd, d MMMM yyyy')}: {kept}{shown}"

    def _first_weekday(self) -> int:
        return self._locale.firstDayOfWeek().value

    def _start(self) -> date:
        """The day of the first cell."""
        return self.month - timedelta(days=(self.month.isoweekday() - self._first_weekday()) % 7)

    # What Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else WEEKS

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else _DAYS

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        day = self.day_at(index)
        if day is None:
            return None
        if role == _DISPLAY:
            return self._locale.toString(day.day)
        if role == _ROW:
            return day
        if role in (_ACCESSIBLE, _TOOLTIP):
            return self.spoken(day)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        weekday = (self._first_weekday() - 1 + section) % 7 + 1
        if role == _DISPLAY:
            return self._locale.standaloneDayName(weekday, QLocale.FormatType.ShortFormat)
        if role == _ACCESSIBLE:
            return self._locale.standaloneDayName(weekday)
        if role == _ALIGNMENT:
            return Qt.AlignmentFlag.AlignCenter
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        day = self.day_at(index)
        if day is None or not self.of_day(day):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def _qdate(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
