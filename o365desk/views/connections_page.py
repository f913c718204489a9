"""The Connections page: every connection of this computer, and what can be done with each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.connections import Connection
from o365desk.domain.errors import DeskError
from o365desk.models.connection_entry import free_name
from o365desk.models.connections import (
    COLUMN,
    CONNECTION_COLUMNS,
    ConnectionEntry,
    ConnectionTableModel,
)
from o365desk.models.roles import Role
from o365desk.views import parts, theme
from o365desk.views.desk_dialog import MARGIN, DeskDialog
from o365desk.views.settings_files import choose_export, choose_import
from o365desk.views.theme import GRID

REMOVED = (
    "The settings of this connection",
    "The sign-in that is kept on this computer",
    "Its pinned and recent customers, and the layout of its window",
    "The snapshots of its customers",
)
UNTOUCHED = "Nothing changes at Microsoft: the registered app and its permissions stay."
NOTHING_OWN = (
    "There is no connection of your own yet. New makes one, Import takes those of a colleague."
)
OPEN_NOW = "This window works on it. Open another connection first."

_NAME = COLUMN["name"]
_ICON = 16
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter

Index = QModelIndex | QPersistentModelIndex


class ConnectionsDialog(DeskDialog):
    """Lists the connections; each button is an intent on the selected one. The controller answers
    with `set_entries`, `show_result` or `show_error`."""

    open_requested = Signal(object)
    new_requested = Signal()
    edit_requested = Signal(object)
    duplicate_requested = Signal(object)
    """Connection without an id, under a free name, no longer managed: to be edited and saved."""
    delete_confirmed = Signal(object)
    account_in_requested = Signal(object)
    """Sign in to this connection."""
    account_out_requested = Signal(object)
    """Sign out of this connection, and remove what is kept."""
    export_requested = Signal(object, str)
    """Tuple of connections, and the path to write them to."""
    import_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Connections",
            "Connections",
            "As whom, and in which organization, you work.",
            "",
            parent,
            size=QSize(1040, 560),
            flush=True,
        )
        self.model = ConnectionTableModel(self)
        self.table = _Table(self.model)
        self.note = parts.label(kind="muted", wrap=True, name="About the selected connection")
        self.outcome = _Outcome()
        self._place_all()
        self.close_button = self.add_button(parts.button("Close", self.reject))
        self.open_button = self.add_button(
            parts.button("Open", self._open, kind="primary", default=True)
        )
        self.table.activated_row.connect(self._open)
        self.table.deletion_wanted.connect(self._delete)
        self.table.selectionModel().currentRowChanged.connect(lambda _new, _old: self.refresh())
        self.table.setFocus()
        self.refresh()

    def set_entries(self, entries: Iterable[ConnectionEntry]) -> None:
        """Shows the connections; the selected one stays selected, else its neighbour is."""
        current, before = self.current(), self.table.currentIndex().row()
        self.model.set_entries(entries)
        row = self.model.row_of(current.connection.id) if current is not None else -1
        if row < 0 and current is not None:
            row = min(before, self.model.rowCount() - 1)
        elif row < 0:
            row = next((n for n, one in enumerate(self.model.entries) if one.open), 0)
        self.table.selectRow(row)
        self.table.fit_columns()
        self.refresh()

    def select(self, connection_id: str) -> None:
        """Moves to a connection, one that was just made for instance."""
        row = self.model.row_of(connection_id)
        if row >= 0:
            self.table.selectRow(row)

    def current(self) -> ConnectionEntry | None:
        return self.model.entry_at(self.table.currentIndex().row())

    def show_result(self, title: str, sentences: Sequence[str] = ()) -> None:
        """What was done: "Signed out of Contoso.", and what was removed."""
        self.set_idle()
        self.clear_error()
        self.outcome.show_text(title, sentences)

    def show_error(self, error: DeskError | str, next_step: str = "") -> None:
        self.outcome.hide()
        super().show_error(error, next_step)

    def refresh(self) -> None:
        """Buttons by the selected connection; one that cannot be used says why."""
        entry = self.current()
        real = any(not one.practice for one in self.model.entries)
        nothing = "" if entry is not None else "Select a connection."
        fixed = entry.fixed if entry is not None else ""
        open_now = entry is not None and entry.open
        practice = entry is not None and entry.practice
        account = nothing
        if entry is not None and not entry.connection.sign_in:
            account = "This connection needs no sign-in."
        signed_in = entry is not None and entry.signed_in
        for button, refusal in (
            (self.open_button, nothing or ("It is open already." if open_now else "")),
            (self.edit_button, nothing or fixed),
            (self.duplicate_button, nothing or (fixed if practice else "")),
            (self.delete_button, nothing or fixed or (OPEN_NOW if open_now else "")),
            (self.in_button, account or ("Signed in already." if signed_in else "")),
            (self.out_button, account or ("" if signed_in else "Not signed in.")),
            (self.export_button, "" if real else NOTHING_OWN),
        ):
            button.setEnabled(not refusal and not self.busy)
            button.setToolTip(refusal)
            button.setAccessibleDescription(refusal)
        self.note.setText(fixed if real else NOTHING_OWN)

    def _place_all(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(GRID)
        self.in_button = self._side_button(side, "Sign in…", self._sign_in)
        self.out_button = self._side_button(side, "Sign out", self._sign_out)
        side.addSpacing(GRID)
        self.new_button = self._side_button(side, "New…", self.new_requested.emit)
        self.edit_button = self._side_button(side, "Edit…", self._edit)
        self.duplicate_button = self._side_button(side, "Duplicate…", self._duplicate)
        self.delete_button = self._side_button(side, "Delete…", self._delete)
        side.addSpacing(GRID)
        self.export_button = self._side_button(side, "Export for colleagues…", self._export)
        self.import_button = self._side_button(side, "Import…", self._import)
        side.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(GRID)
        left.addWidget(self.table, 1)
        texts = QVBoxLayout()
        texts.setContentsMargins(MARGIN, 0, 0, GRID)
        texts.setSpacing(GRID)
        texts.addWidget(self.note)
        texts.addWidget(self.outcome)
        left.addLayout(texts)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, MARGIN, 0)
        row.setSpacing(2 * GRID)
        row.addLayout(left, 1)
        row.addLayout(side)
        self.content_layout.addLayout(row)

    def _side_button(
        self, column: QVBoxLayout, text: str, does: Callable[[], object]
    ) -> QPushButton:
        made = parts.button(text, does)
        made.setAutoDefault(True)  # Enter on it presses it, not the dialog's own
        column.addWidget(made)
        return made

    # Intents

    def _open(self) -> None:
        entry = self.current()
        if entry is not None and self.open_button.isEnabled():
            self.open_requested.emit(entry.connection)

    def _edit(self) -> None:
        entry = self.current()
        if entry is not None:
            self.edit_requested.emit(entry.connection)

    def _duplicate(self) -> None:
        entry = self.current()
        if entry is not None:
            known = [one.connection for one in self.model.entries]
            name = free_name(f"{entry.connection.name}, copy", known)
            copy = replace(entry.connection, id="", name=name, managed=False)
            self.duplicate_requested.emit(copy)

    def _delete(self) -> None:
        entry = self.current()
        if entry is not None and self.delete_button.isEnabled():
            ask = DeleteConnectionDialog(entry.connection, self)
            ask.confirmed.connect(lambda: self.delete_confirmed.emit(entry.connection))
            ask.open()

    def _sign_in(self) -> None:
        entry = self.current()
        if entry is not None:
            self.account_in_requested.emit(entry.connection)

    def _sign_out(self) -> None:
        entry = self.current()
        if entry is not None:
            self.account_out_requested.emit(entry.connection)

    def _export(self) -> None:
        own = tuple(one.connection for one in self.model.entries if not one.practice)
        choose_export(self, lambda path: self.export_requested.emit(own, path))

    def _import(self) -> None:
        choose_import(self, self.import_requested.emit)


class DeleteConnectionDialog(DeskDialog):
    """Asks before a connection is deleted, and says what goes with it."""

    confirmed = Signal()

    def __init__(self, connection: Connection, parent: QWidget | None = None) -> None:
        question = f"Delete the connection “{connection.name}”?"
        super().__init__(
            "Delete connection", question, connection.tenant, "", parent, size=QSize(520, 240)
        )
        told = "\n".join(f"• {one}" for one in REMOVED)
        self.text = parts.label(f"This is removed from this computer:\n{told}", wrap=True)
        self.content_layout.addWidget(self.text)
        self.content_layout.addWidget(parts.label(UNTOUCHED, "muted", wrap=True))
        self.content_layout.addStretch(1)
        self.setAccessibleDescription(f"{self.text.text()}\n{UNTOUCHED}")
        self.cancel_button = self.add_button(parts.button("Cancel", self.reject, default=True))
        self.delete_button = self.add_button(parts.button("Delete", self._confirm, kind="danger"))
        self.cancel_button.setFocus()

    def _confirm(self) -> None:
        self.accept()
        self.confirmed.emit()


class _Outcome(QWidget):
    """What was done, sentence by sentence, until the next thing is done."""

    def __init__(self) -> None:
        super().__init__()
        self._title = parts.label(kind="good", wrap=True)
        self._text = parts.label(wrap=True)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self._title)
        column.addWidget(self._text)
        self.hide()

    def show_text(self, title: str, sentences: Sequence[str]) -> None:
        self._title.setText(title)
        self._text.setText("\n".join(f"• {one}" for one in sentences))
        self._text.setVisible(bool(sentences))
        self.setAccessibleName(" ".join((title, *sentences)))
        self.show()

    def text(self) -> str:
        return f"{self._title.text()}\n{self._text.text()}".strip()


class _Delegate(QStyledItemDelegate):
    """Texts at their own side in every script; a lock before what an administrator set."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: ConnectionEntry = index.data(Role.ROW)
        palette: QPalette = option.palette
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
        words = rect.adjusted(_inset(index.column()), 0, -GRID, 0)
        quiet = palette.color(QPalette.ColorRole.Dark)
        if index.column() == _NAME and entry.connection.managed:
            theme.paint_icon(
                painter, "lock", QRect(words.left(), words.top(), _ICON, words.height()), quiet
            )
            words.adjust(_ICON + GRID // 2, 0, 0, 0)
        font = option.font
        if index.column() == _NAME and entry.open:
            font.setBold(True)
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        text = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, _LEFT, text)


class _Header(QHeaderView):
    """The first title stands over its texts, which keep the dialog's margin."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        inset = _inset(section) - GRID
        super().paintSection(painter, rect.adjusted(inset, 0, 0, 0), section)


def _inset(column: int) -> int:
    """Room before a column's text."""
    return MARGIN if column == _NAME else GRID


class _Table(QTableView):
    """Enter and a double click open, Del deletes."""

    activated_row = Signal()
    deletion_wanted = Signal()

    def __init__(self, model: ConnectionTableModel) -> None:
        super().__init__()
        self._model = model
        self.setHorizontalHeader(_Header())
        self.setModel(model)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName("Connections")
        parts.plain_table(self)
        self.doubleClicked.connect(lambda _index: self.activated_row.emit())
        self.fit_columns()

    def fit_columns(self) -> None:
        """As wide as their texts, within what is usual for each; the name takes what is left."""
        metrics = self.fontMetrics()
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        strong = QFontMetrics(bold)
        left = self.viewport().width()
        for number, column in reversed(list(enumerate(CONNECTION_COLUMNS))):
            title = strong.horizontalAdvance(column.title)
            texts = [""]
            texts += [
                str(self._model.index(row, number).data()) for row in range(self._model.rowCount())
            ]
            widest = max(title, *map(metrics.horizontalAdvance, texts)) + 2 * GRID + 2
            usual = column.width * metrics.averageCharWidth()
            if number == _NAME:  # told apart by their ends, as the practice directories are
                width = max(min(widest + MARGIN, 3 * usual // 2), left)
            else:
                width = min(widest, usual)
            self.setColumnWidth(number, width)
            left -= width

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Before Qt works out the scroll bars, or one would flash.
        self.fit_columns()
        super().resizeEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated_row.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.deletion_wanted.emit()
        else:
            super().keyPressEvent(event)
