"""Qt model of the Connections page, and the words for everything a connection is made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.models.columns import Column
from o365desk.models.roles import Role

MODE_WORDS = {Mode.RESELLER: "Customers", Mode.DIRECT: "Own organization"}
CLOUD_WORDS = {
    Cloud.GLOBAL: "Global and GCC",
    Cloud.GCC_HIGH: "GCC High",
    Cloud.DOD: "DoD",
    Cloud.CHINA: "21Vianet",
    Cloud.PRACTICE: "Practice",
}

MANAGED = (
    "Your administrator set up this connection for everybody on this computer. It cannot be "
    "changed or deleted here; you can make a copy."
)
BUILT_IN = "The practice directory is part of the program: it cannot be changed or deleted."

_DISPLAY = Qt.ItemDataRole.DisplayRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_ROW = int(Role.ROW)

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class ConnectionEntry:
    """One line of the Connections page."""

    connection: Connection
    organization: str = ""
    """The organization's name; empty as long as nobody has signed in."""
    signed_in: bool = False
    open: bool = False
    """This window works on it now."""

    @property
    def practice(self) -> bool:
        return self.connection.cloud is Cloud.PRACTICE

    @property
    def fixed(self) -> str:
        """Why it cannot be changed or deleted; empty when it can."""
        if self.connection.managed:
            return MANAGED
        return BUILT_IN if self.practice else ""


def _status(entry: ConnectionEntry) -> str:
    if not entry.connection.sign_in:
        return "Open now" if entry.open else "No sign-in needed"
    account = "signed in" if entry.signed_in else "signed out"
    return f"Open now, {account}" if entry.open else account.capitalize()


CONNECTION_COLUMNS: tuple[Column[ConnectionEntry], ...] = (
    Column("name", "Name", lambda entry: entry.connection.name, width=30),
    Column(
        "organization",
        "Organization",
        lambda entry: entry.organization or entry.connection.tenant,
        width=24,
    ),
    Column("status", "Status", _status, width=24),
    Column("kind", "Manages", lambda entry: MODE_WORDS[entry.connection.mode], width=20),
    Column("cloud", "Cloud", lambda entry: CLOUD_WORDS[entry.connection.cloud], width=18),
)
COLUMN = {column.key: number for number, column in enumerate(CONNECTION_COLUMNS)}


class ConnectionTableModel(QAbstractTableModel):
    """Connections in the order given, practice directories last; owned by the page."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[ConnectionEntry, ...] = ()
        self._texts: tuple[tuple[str, ...], ...] = ()

    @property
    def entries(self) -> tuple[ConnectionEntry, ...]:
        return self._entries

    def set_entries(self, entries: Iterable[ConnectionEntry]) -> None:
        self.beginResetModel()
        self._entries = tuple(sorted(entries, key=lambda entry: entry.practice))
        self._texts = tuple(
            tuple(column.text(entry) for column in CONNECTION_COLUMNS) for entry in self._entries
        )
        self.endResetModel()

    def entry_at(self, row: int) -> ConnectionEntry | None:
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def row_of(self, connection_id: str) -> int:
        """Where a connection stands; -1 when it is not there."""
        ids = [entry.connection.id for entry in self._entries]
        return ids.index(connection_id) if connection_id in ids else -1

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(CONNECTION_COLUMNS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row, column = index.row(), index.column()
        if role == _DISPLAY:
            return self._texts[row][column]
        if role == _ROW:
            return self._entries[row]
        if role == _TOOLTIP:
            return "\n".join(filter(None, (self._texts[row][column], self._entries[row].fixed)))
        if role == _ACCESSIBLE:
            said = f"{CONNECTION_COLUMNS[column].title}: {self._texts[row][column] or 'not known'}"
            managed = column == COLUMN["name"] and self._entries[row].connection.managed
            return f"{said}, set by your administrator" if managed else said
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal or role != _DISPLAY:
            return None
        return CONNECTION_COLUMNS[section].title
