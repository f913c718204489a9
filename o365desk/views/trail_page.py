"""What made a product over-allocated: the account of its licenses between two snapshots."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.comparison import UserChange
from o365desk.domain.errors import DeskError
from o365desk.domain.trail import Trail
from o365desk.models.trail_lines import TrailModel
from o365desk.views import parts
from o365desk.views.text_cells import TextCells
from o365desk.views.theme import GRID

LOADING = "Comparing the two snapshots…"
UNKNOWN = "The first snapshot says so already: what happened before it was not seen."
NOTHING = "Nothing that was seen says why."


class TrailTable(QTableView):
    """The lines; Ctrl+C copies all of them."""

    def __init__(self, model: TrailModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setItemDelegate(
            TextCells(self, lambda row: not isinstance(model.line_at(row), UserChange))
        )
        self.setAccessibleName("What made it over-allocated")
        parts.plain_table(self)
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(1, 14 * GRID)

    def copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self._model.copied())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_all()
        else:
            super().keyPressEvent(event)


class TrailPage(QWidget):
    """Asks for the trail when it is first seen, and shows it, or why there is none."""

    trail_requested = Signal(object, object)
    """The dialog answers with `set_trail` or `show_error`; carries the two moments."""

    def __init__(self) -> None:
        super().__init__()
        self._earlier: datetime | None = None
        self._later: datetime | None = None
        self._asked = False
        self.model = TrailModel(self)
        self.table = TrailTable(self.model)
        self.note = parts.label(kind="muted", wrap=True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.note.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.note)
        self._pages.addWidget(self.table)
        self.retry_button = parts.button("Try again", self._ask, icon="refresh")
        self.retry_button.setAutoDefault(True)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.retry_button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._pages, 1)
        layout.addLayout(row)
        self.set_since(None, None)

    def set_since(self, earlier: datetime | None, later: datetime | None) -> None:
        """Between which snapshots it happened; `earlier` None: before the first one."""
        self._earlier, self._later = earlier, later
        self._asked = False
        self.model.set_trail(None)
        self._say(UNKNOWN)
        if self.isVisible():
            self._ask()

    def set_trail(self, trail: Trail) -> None:
        """What was asked for; that of two other snapshots comes too late."""
        if (trail.earlier, trail.later) != (self._earlier, self._later):
            return
        self.model.set_trail(trail)
        self._say("" if self.model.rowCount() else NOTHING)

    def show_error(self, error: DeskError) -> None:
        self._say(" ".join(filter(None, (error.sentence, error.next_step))))
        self.retry_button.show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._asked:
            self._ask()

    def _say(self, text: str) -> None:
        """What stands in the place of the lines; empty for the lines."""
        self.note.setText(text)
        self._pages.setCurrentIndex(0 if text else 1)
        self.retry_button.hide()

    def _ask(self) -> None:
        if self._earlier is not None:
            self._asked = True
            self._say(LOADING)
            self.trail_requested.emit(self._earlier, self._later)
