"""The table of Compare: what happened to users between two snapshots, line by line."""

from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPalette,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from o365desk.domain.comparison import ChangeKind
from o365desk.models.change_rows import CHANGE_COLUMNS
from o365desk.models.changes import ChangeTableModel
from o365desk.models.pieces import Pieces
from o365desk.views import parts, theme

FEW = 300
"""More selected lines than this are not kept through a sort: it would take seconds."""

_ICON = 16
_LETTERS = "abcdefghijklmnopqrstuvwxyz.@"
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter

Index = QModelIndex | QPersistentModelIndex

_SIGNS: dict[ChangeKind, tuple[str, Callable[[theme.Theme], str]]] = {
    ChangeKind.LICENSE_GAINED: ("plus", lambda look: look.good),
    ChangeKind.LICENSE_LOST: ("minus", lambda look: look.danger),
    ChangeKind.LICENSE_CHANGED: ("license", lambda look: look.muted),
    ChangeKind.CREATED: ("account", lambda look: look.good),
    ChangeKind.DELETED: ("trash", lambda look: look.danger),
    ChangeKind.RESTORED: ("restore", lambda look: look.good),
    ChangeKind.PURGED: ("close", lambda look: look.danger),
    ChangeKind.RENAMED: ("edit", lambda look: look.muted),
    ChangeKind.BLOCKED: ("lock", lambda look: look.warning),
    ChangeKind.UNBLOCKED: ("key", lambda look: look.good),
    ChangeKind.LOCATION: ("edit", lambda look: look.muted),
}
"""Icon and colour beside the word, so that groups are told apart at a glance."""


class _Delegate(QStyledItemDelegate):
    """Texts at their own side in every script, and a sign before what happened."""

    def __init__(self, model: ChangeTableModel, view: QTableView) -> None:
        super().__init__(view)
        self._model = model
        self.dimmed = False
        self.hovered = -1
        """Row under the mouse; -1 for none."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette: QPalette = option.palette
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or index.row() == self.hovered:
            role = QPalette.ColorRole.Highlight if selected else QPalette.ColorRole.Midlight
            painter.fillRect(option.rect, palette.color(role))
        words: QRect = option.rect.adjusted(theme.GRID, 0, -theme.GRID, 0)
        change = self._model.change_at(index)
        if not index.column() and change is not None:
            icon, colour = _SIGNS[change.kind]
            look = theme.current()
            sign = QRect(words.left(), words.top(), _ICON, words.height())
            shade = QColor(look.muted if self.dimmed else colour(look))
            theme.paint_icon(painter, icon, sign, shade)
            words.setLeft(sign.right() + theme.GRID)
        role = QPalette.ColorRole.Dark if self.dimmed else QPalette.ColorRole.Text
        painter.setFont(option.font)
        painter.setPen(palette.color(role))
        text = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, _LEFT, text)


class ChangeTable(QTableView):
    """The lines of a comparison; any of them can be selected and copied. Enter or a double click
    emits `user_requested(UserId)`."""

    user_requested = Signal(object)

    def __init__(self, model: ChangeTableModel) -> None:
        super().__init__()
        self._changes = model
        self._copying = Pieces(self)
        self._delegate = _Delegate(model, self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        parts.plain_table(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self.setAccessibleName("Changes")
        self.setAccessibleDescription("Press Enter for the user of a line")
        header = self.horizontalHeader()
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        character = self.fontMetrics().horizontalAdvance(_LETTERS) / len(_LETTERS)
        for number, column in enumerate(CHANGE_COLUMNS):
            header.resizeSection(number, round(column.width * character) + 2 * theme.GRID)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        model.about_to_arrange.connect(self._let_go)
        self.doubleClicked.connect(self._request)

    def set_dimmed(self, dimmed: bool) -> None:
        """What is shown is old: the next is being worked out."""
        self._delegate.dimmed = dimmed
        self.viewport().update()

    def selected_ranges(self) -> list[range]:
        """The selected lines from the top, without a list of every one of them."""
        chosen = self.selectionModel().selection()
        ranges = (chosen.at(number) for number in range(chosen.count()))
        return sorted(
            (range(one.top(), one.bottom() + 1) for one in ranges), key=lambda rows: rows.start
        )

    def copy_selection(self) -> None:
        """The selected lines, as a spreadsheet takes them."""
        ranges = self.selected_ranges()
        if ranges:
            put = QGuiApplication.clipboard().setText
            self._copying.start(self._changes.copying(ranges, put))

    def _let_go(self) -> None:
        self._copying.start(iter(()))
        if sum(map(len, self.selected_ranges())) > FEW:
            self.clearSelection()

    def _request(self, index: Index) -> None:
        change = self._changes.change_at(index)
        if change is not None:
            self.user_requested.emit(change.user_id)

    # Events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._request(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self._delegate.hovered:
            self._delegate.hovered = row
            self.viewport().update()
