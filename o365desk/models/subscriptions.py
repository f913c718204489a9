"""Qt model of the subscriptions behind one product, for the information pop-up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from o365desk.domain.licensing import Subscription, SubscriptionState
from o365desk.models.columns import Column
from o365desk.models.roles import Role
from o365desk.models.words import NOT_TOLD, day_text, days_text

_DISPLAY = Qt.ItemDataRole.DisplayRole
_EDIT = Qt.ItemDataRole.EditRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
_ROW = int(Role.ROW)
_DIMMED = int(Role.DIMMED)
_VALUE = int(Role.VALUE)

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

STATE_TEXT = {
    SubscriptionState.ACTIVE: "Active",
    SubscriptionState.WARNING: "Expired, in grace period",
    SubscriptionState.SUSPENDED: "Suspended",
    SubscriptionState.DELETED: "Deleted",
    SubscriptionState.PENDING: "Pending",
    SubscriptionState.UNKNOWN: NOT_TOLD,
}

_STATE_TIP = {
    SubscriptionState.ACTIVE: "Its licenses can be used and assigned.",
    SubscriptionState.WARNING: "Its licenses still work. Renew it before the grace period ends.",
    SubscriptionState.SUSPENDED: "Its licenses cannot be used until it is reactivated.",
    SubscriptionState.DELETED: "It is gone, and its licenses with it.",
    SubscriptionState.PENDING: "Microsoft is still preparing it.",
    SubscriptionState.UNKNOWN: "Microsoft does not tell how this subscription stands.",
}

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """One subscription as the table shows it."""

    subscription: Subscription
    state: str
    quantity: str
    term_end: str
    trial: str
    auto_renew: str
    name: str

    @classmethod
    def of(cls, found: Subscription, now: datetime, locale: QLocale) -> "SubscriptionRow":
        bare = found.state is SubscriptionState.UNKNOWN and not found.name
        renew = {True: "On", False: "Off", None: NOT_TOLD}[found.auto_renew]
        end = NOT_TOLD
        if found.term_end is not None:
            end = f"{day_text(found.term_end)}, {days_text(found.term_end, now)}"
        friendly = found.friendly_name.strip()
        return cls(
            subscription=found,
            state=STATE_TEXT[found.state],
            quantity=NOT_TOLD if bare else locale.toString(found.quantity),
            term_end=end,
            trial=NOT_TOLD if bare else ("Yes" if found.trial else "No"),
            auto_renew=renew,
            name="" if friendly == found.name.strip() else friendly,
        )


SUBSCRIPTION_COLUMNS: tuple[Column[SubscriptionRow], ...] = (
    Column("id", "Microsoft Subscription IDs", lambda row: row.subscription.id, width=36),
    Column("state", "Status", lambda row: row.state, width=16),
    Column("quantity", "Quantity", lambda row: row.quantity, right=True, width=9),
    Column("term_end", "Term ends", lambda row: row.term_end, width=26),
    Column("trial", "Trial", lambda row: row.trial, width=8),
    Column("auto_renew", "Auto-renew", lambda row: row.auto_renew, width=11),
    Column("name", "Friendly name", lambda row: row.name, width=24),
)
"""Columns of the pop-up; "Friendly name" is hidden while no subscription has one of its own."""

COLUMN = {column.key: number for number, column in enumerate(SUBSCRIPTION_COLUMNS)}
_ID = COLUMN["id"]
_STATE = COLUMN["state"]
_NAME = COLUMN["name"]
_QUANTITY = COLUMN["quantity"]
_TERM_END = COLUMN["term_end"]


class SubscriptionTableModel(QAbstractTableModel):
    """Subscriptions of one product, in the order given; owned by the SubscriptionPopup."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[SubscriptionRow, ...] = ()
        self._texts: tuple[tuple[str, ...], ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Every subscription id, in the order shown."""
        return tuple(row.subscription.id for row in self._rows)

    @property
    def has_friendly_names(self) -> bool:
        return any(row.name for row in self._rows)

    def set_subscriptions(self, found: Iterable[Subscription], now: datetime) -> None:
        locale = QLocale()
        self.beginResetModel()
        self._rows = tuple(SubscriptionRow.of(subscription, now, locale) for subscription in found)
        self._texts = tuple(
            tuple(column.text(row) for column in SUBSCRIPTION_COLUMNS) for row in self._rows
        )
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(SUBSCRIPTION_COLUMNS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row, column = index.row(), index.column()
        if role in (_DISPLAY, _EDIT):
            return self._texts[row][column]
        if role == _DIMMED:
            gone = self._rows[row].subscription.state is SubscriptionState.DELETED
            return gone or self._texts[row][column] == NOT_TOLD
        if role == _ROW:
            return self._rows[row].subscription
        if role == _ALIGNMENT:
            return _RIGHT if SUBSCRIPTION_COLUMNS[column].right else _LEFT
        if role == _TOOLTIP:
            return self._tooltip(row, column)
        if role == _VALUE:
            return self._value(row, column)
        if role == _ACCESSIBLE:
            return f"{SUBSCRIPTION_COLUMNS[column].title}: {self._texts[row][column] or 'none'}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return SUBSCRIPTION_COLUMNS[section].title
        if role == _ALIGNMENT:
            return _RIGHT if SUBSCRIPTION_COLUMNS[section].right else _LEFT
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Editable, so that a view can open a read-only editor in which a piece is selected;
        nothing can be set."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def _value(self, row: int, column: int) -> int | date | None:
        found = self._rows[row].subscription
        if self._texts[row][column] == NOT_TOLD:
            return None
        if column == _QUANTITY:
            return found.quantity
        if column == _TERM_END and found.term_end is not None:
            return found.term_end.astimezone(UTC).date()
        return None

    def _tooltip(self, row: int, column: int) -> str:
        found = self._rows[row].subscription
        if column == _STATE:
            return _STATE_TIP[found.state]
        if column == _ID and found.name:
            return f"{found.name}\n{found.id}"
        return self._texts[row][column]
