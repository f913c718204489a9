"""The field that narrows down the table of a page."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from o365desk.views import theme


class FilterField(QLineEdit):
    """Down and Enter go on into the table, Esc empties the field first."""

    left = Signal()
    """The table is wanted."""

    def __init__(self, words: str, name: str = "") -> None:
        """`name`: what a screen reader says, where that is more than the `words` in the field."""
        super().__init__()
        self.setPlaceholderText(words)
        self.setAccessibleName(name or words)
        self.setClearButtonEnabled(True)
        self.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)

    def take_keyboard(self) -> None:
        """For the window's shortcut."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.clear()
                self.left.emit()
            case Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.left.emit()
            case _:
                super().keyPressEvent(event)
