"""The delegated permissions of a connection as a table: where, which, what for, who consents."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from o365desk.domain.access import Service
from o365desk.domain.permissions import Permission
from o365desk.views.theme import GRID

TITLES = ("Service", "Permission", "What for", "Consent")
SERVICE_WORDS = {Service.GRAPH: "Microsoft Graph", Service.PARTNER_CENTER: "Partner Center"}
_WHY = 2


def consent_word(permission: Permission) -> str:
    """Who can grant it."""
    return "Administrator" if permission.admin_consent else "You"


def permissions_text(permissions: Sequence[Permission]) -> str:
    """The table as a spreadsheet takes it."""
    lines = [TITLES, *(_cells(permission) for permission in permissions)]
    return "\n".join("\t".join(line) for line in lines)


class PermissionTable(QTableWidget):
    """As high as its content: the page it stands on scrolls. Ctrl+C copies the current row."""

    def __init__(self) -> None:
        super().__init__(0, len(TITLES))
        self.setProperty("kind", "facts")
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
        self.setRowCount(len(permissions))
        for row, permission in enumerate(permissions):
            for column, text in enumerate(_cells(permission)):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(text)
                self.setItem(row, column, item)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

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
        for row in range(self.rowCount()):
            rows.resizeSection(row, max(4 * GRID, rows.sectionSize(row)))
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
