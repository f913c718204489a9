"""The delegated permissions of a connection as a table: where, which, what for, who consents."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer
from PySide6.QtGui import (
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from o365desk.domain.access import Service
from o365desk.domain.permissions import Permission
from o365desk.views.theme import GRID, ROW_HEIGHT

TITLES = ("Service", "Permission", "What for", "Consent")
SERVICE_WORDS = {Service.GRAPH: "Microsoft Graph", Service.PARTNER_CENTER: "Partner Center"}
_WHY = 2
_WRAPPED = (
    Qt.AlignmentFlag.AlignLeft
    | Qt.AlignmentFlag.AlignAbsolute
    | Qt.AlignmentFlag.AlignVCenter
    | Qt.TextFlag.TextWordWrap
)

Index = QModelIndex | QPersistentModelIndex


def consent_word(permission: Permission) -> str:
    """Who can grant it."""
    return "Administrator" if permission.admin_consent else "You"


def permissions_text(permissions: Sequence[Permission]) -> str:
    """The table as a spreadsheet takes it."""
    lines = [TITLES, *(_cells(permission) for permission in permissions)]
    return "\n".join("\t".join(line) for line in lines)


class _Cell(QStyledItemDelegate):
    """Wraps what a permission is for; every other text has a line of its own."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics = QFontMetrics(option.font)
        text = str(index.data())
        if index.column() != _WHY:
            return QSize(metrics.horizontalAdvance(text) + 2 * GRID + 2, ROW_HEIGHT)
        view = self.parent()
        width = view.columnWidth(_WHY) if isinstance(view, QTableWidget) else option.rect.width()
        room = QRect(0, 0, max(width - 2 * GRID, 8 * GRID), 1 << 16)
        height = metrics.boundingRect(room, _WRAPPED, text).height()
        return QSize(0, max(ROW_HEIGHT, height + GRID))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette: QPalette = option.palette
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Highlight))
        painter.setFont(option.font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(option.rect.adjusted(GRID, 0, -GRID, 0), _WRAPPED, str(index.data()))


class PermissionTable(QTableWidget):
    """As high as its content: the page it stands on scrolls. Ctrl+C copies the current row."""

    def __init__(self) -> None:
        super().__init__(0, len(TITLES))
        self._permissions: Sequence[Permission] = ()
        # Rows are measured once Qt has settled all widths, or some have an old one.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._fit)
        self.setItemDelegate(_Cell(self))
        self.setAccessibleName("Permissions that are asked for")
        self.setHorizontalHeaderLabels(TITLES)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_WHY, QHeaderView.ResizeMode.Stretch)

    def set_permissions(self, permissions: Sequence[Permission]) -> None:
        if permissions == self._permissions:
            return  # measuring the rows takes a while, and every key in the form comes here
        self._permissions = permissions
        self.setRowCount(len(permissions))
        for row, permission in enumerate(permissions):
            for column, text in enumerate(_cells(permission)):
                self.setItem(row, column, QTableWidgetItem(text))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._later.start(0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._later.start(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.currentRow() >= 0:
            cells = [self.item(self.currentRow(), column) for column in range(len(TITLES))]
            text = "\t".join(cell.text() for cell in cells if cell is not None)
            QGuiApplication.clipboard().setText(text)
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        self.resizeRowsToContents()
        rows = self.verticalHeader()
        height = self.horizontalHeader().sizeHint().height() + rows.length() + 2
        if height != self.height():
            self.setFixedHeight(height)


def _cells(permission: Permission) -> tuple[str, ...]:
    return (
        SERVICE_WORDS[permission.service],
        permission.scope,
        permission.reason,
        consent_word(permission),
    )
