"""Qt model of an over-allocation trail: an account of available licenses, from one snapshot to the
next, with the users behind every line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from o365desk.domain.comparison import UserChange
from o365desk.domain.licensing import Sku
from o365desk.domain.trail import Cause, Trail
from o365desk.models.roles import Role
from o365desk.models.words import moment_text, signed

Index = QModelIndex | QPersistentModelIndex

TITLES = ("What happened", "Available")
_WHAT, _SEATS = range(len(TITLES))

_DISPLAY = Qt.ItemDataRole.DisplayRole
_ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_ROW = int(Role.ROW)
_VALUE = int(Role.VALUE)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Balance:
    """First and last line of the account: what was available at a moment."""

    at: datetime
    available: int


TrailLine = Balance | Cause | UserChange


def since_text(since: tuple[datetime | None, datetime]) -> str:
    """Between which two snapshots a product became over-allocated, as a sentence."""
    earlier, later = since
    if earlier is None:
        return f"Over-allocated in the first snapshot already, {moment_text(later)}."
    return f"Became over-allocated between {moment_text(earlier)} and {moment_text(later)}."


class TrailModel(QAbstractTableModel):
    """Available before, every cause with who was behind it, available after; owned by its view."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[TrailLine] = []

    def set_trail(self, trail: Trail | None) -> None:
        self.beginResetModel()
        self._lines = [] if trail is None else _lines(trail)
        self.endResetModel()

    def line_at(self, row: int) -> TrailLine:
        return self._lines[row]

    def copied(self) -> str:
        """All lines with their titles, as a spreadsheet takes them."""
        locale = QLocale()
        lines = [TITLES, *(_texts(line, locale) for line in self._lines)]
        return "\n".join("\t".join(line) for line in lines)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(TITLES)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        line, column = self._lines[index.row()], index.column()
        if role == _DISPLAY:
            # Made when it is asked for: a hundred thousand users may be behind a line.
            return _texts(line, QLocale())[column]
        if role == _ALIGNMENT:
            return _RIGHT if column == _SEATS else _LEFT
        if role == _TOOLTIP:
            return _texts(line, QLocale())[_WHAT].strip() if column == _WHAT else None
        if role == _ACCESSIBLE:
            return ": ".join(text.strip() for text in _texts(line, QLocale()) if text)
        if role == _ROW:
            return line
        if role == _VALUE and column == _SEATS:
            return _number(line)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return TITLES[section]
        if role == _ALIGNMENT:
            return _RIGHT if section == _SEATS else _LEFT
        return None


def _lines(trail: Trail) -> list[TrailLine]:
    lines: list[TrailLine] = []
    for cause in trail.causes:
        lines.append(cause)
        lines.extend(cause.users)
    if trail.before is None and trail.after is None:
        return lines
    return [
        Balance(trail.earlier, _available(trail.before)),
        *lines,
        Balance(trail.later, _available(trail.after)),
    ]


def _available(sku: Sku | None) -> int:
    return 0 if sku is None else sku.available


def _number(line: TrailLine) -> int | None:
    match line:
        case Balance():
            return line.available
        case Cause():
            return line.seats
        case UserChange():
            return None


def _texts(line: TrailLine, locale: QLocale) -> tuple[str, str]:
    match line:
        case Balance():
            return f"Available on {moment_text(line.at)}", locale.toString(line.available)
        case Cause():
            return line.sentence, signed(line.seats, locale)
        case UserChange():
            who = ", ".join(filter(None, (line.display_name, line.username)))
            return f"    {who}", ""
