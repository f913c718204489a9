"""A page of a dialog that scrolls where the screen is too small, and follows the keyboard."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from o365desk.views.desk_dialog import MARGIN
from o365desk.views.theme import GRID


class ScrollPage(QScrollArea):
    """Put widgets into `column`."""

    def __init__(self) -> None:
        super().__init__()
        page = QWidget()
        page.setProperty("kind", "page")
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(MARGIN, GRID // 2, MARGIN, 2 * GRID)
        self.column.setSpacing(2 * GRID)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def _focus_moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        page = self.widget()
        if now is not None and page is not None and page.isAncestorOf(now):
            self.ensureWidgetVisible(now, 0, 2 * GRID)
