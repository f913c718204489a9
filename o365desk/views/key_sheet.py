"""The sheet of keyboard shortcuts that F1 opens beside the work."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from o365desk.views import parts
from o365desk.views.theme import GRID

KEYS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("Ctrl+K",), "choose a customer"),
    (("Ctrl+1",), "users and licenses of the customer"),
    (("Ctrl+2",), "compare two days of the customer"),
    (("Ctrl+3",), "portfolio: all customers"),
    (("Ctrl+4",), "deleted users of all customers"),
    (
        ("Ctrl+F",),
        "search users; Down or Enter goes on into the list, Esc clears (elsewhere: filter)",
    ),
    (("Ctrl+Shift+F",), "search all customers: users, products, subscriptions"),
    (
        ("Enter", "Space"),
        "Manage Licenses of the selected user; the menu of a deleted one",
    ),
    (("Menu", "Shift+F10"), "all actions of the selected user or product"),
    (("Ctrl+L",), "Manage Licenses"),
    (("Ctrl+P",), "Reset Password (in the list of customers: pin)"),
    (("F2",), "Edit User Information"),
    (("Del",), "Delete"),
    (("Ctrl+R",), "Restore"),
    (("Ctrl+N",), "Create User"),
    (("F5",), "read what changed"),
    (("Shift+F5",), "read everything again"),
    (("Ctrl+O",), "connections: open, add or change one"),
    (("Ctrl+C",), "copy the cell"),
    (("Ctrl+E",), "export the table: CSV, Excel workbook, clipboard"),
    (("Space",), "turn a switch in Manage Licenses"),
    (("Enter", "Space", "I"), "subscriptions of the selected product, in Licenses"),
    (("W",), "who holds the selected product, in Licenses"),
    (("A",), "assign the selected product to somebody, in Licenses"),
    (("H",), "history of the selected product, in Licenses"),
    (("Esc",), "close a dialog and change nothing"),
    (("F1",), "this list"),
    (("Shift+F1",), "diagnostics: check the connection to Microsoft"),
)
"""The same as in README.md, where each line stands in the same words."""


class KeySheet(QDialog):
    """Does not stop the work: it stands beside the window until Esc, Close or F1 again."""

    def __init__(self, parent: QWidget, *, choose_customer: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self._list = QWidget()
        keys = QGridLayout(self._list)
        keys.setContentsMargins(0, 0, GRID, 0)
        keys.setHorizontalSpacing(3 * GRID)
        keys.setVerticalSpacing(GRID // 2)
        keys.setColumnStretch(1, 1)
        spoken: list[str] = []
        for sequences, does in KEYS:
            if sequences == ("Ctrl+K",) and not choose_customer:
                continue
            native = QKeySequence.SequenceFormat.NativeText
            shown = " or ".join(QKeySequence(one).toString(native) for one in sequences)
            spoken.append(f"{shown}: {does}")
            row = keys.rowCount()
            keys.addWidget(parts.label(shown, "heading"), row, 0)
            keys.addWidget(parts.label(does), row, 1)
        self.setAccessibleDescription(". ".join(spoken))
        foot = QHBoxLayout()
        foot.addStretch(1)
        self.close_button = parts.button("Close", self.reject, kind="primary", default=True)
        foot.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._list)
        for ground in (self._list, self._area.viewport()):
            ground.setAutoFillBackground(False)
        self._area.setAccessibleName("Keyboard shortcuts")
        layout.addWidget(self._area)
        layout.addLayout(foot)
        QShortcut(QKeySequence("F1"), self).activated.connect(self.reject)

    def bring(self) -> None:
        """Opens the sheet, or brings it to the front."""
        if not self.isVisible():
            wanted = self.sizeHint() - self._area.sizeHint() + self._list.sizeHint()
            wanted += QSize(self._area.verticalScrollBar().sizeHint().width(), 0)
            self.resize(wanted.boundedTo(self.screen().availableGeometry().size() * 0.9))
        self.show()
        self.raise_()
        self.activateWindow()
        self.close_button.setFocus(Qt.FocusReason.PopupFocusReason)
