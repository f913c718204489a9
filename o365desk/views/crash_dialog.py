"""After a crash: says that there is a report, and shows it only when asked."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from o365desk.views import parts
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.theme import GRID

TEXT = (
    "o365desk ended unexpectedly the last time. A report without personal data lies on this "
    "computer. It goes nowhere by itself."
)


class CrashDialog(DeskDialog):
    """Show, discard, or decide later. The report's text comes with `set_report`, after
    `show_requested`; until then it has not been read."""

    show_requested = Signal()
    discard_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        title = "o365desk ended unexpectedly"
        super().__init__("o365desk", title, "", "", parent, size=QSize(560, 200))
        text = parts.label(TEXT, wrap=True)
        text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.content_layout.addWidget(text)
        self.report = QPlainTextEdit()
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self.report.setAccessibleName("Crash report")
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.report.setMinimumHeight(24 * GRID)
        self.report.hide()
        self.content_layout.addWidget(self.report, 1)
        self.setAccessibleDescription(TEXT)
        self.later_button = self.add_button(parts.button("Later", self.reject))
        self.discard_button = self.add_button(parts.button("Discard", self._discard))
        self.copy_button = self.add_button(parts.button("Copy", self._copy, icon="copy"))
        self.copy_button.hide()
        self.show_button = self.add_button(
            parts.button("Show it", self.show_requested.emit, kind="primary", default=True)
        )
        self.show_button.setFocus()

    def set_report(self, text: str) -> None:
        """The report, on the operator's wish."""
        self.report.setPlainText(text)
        self.report.show()
        self.show_button.hide()
        self.copy_button.show()
        self.copy_button.setDefault(True)
        self.copy_button.setFocus()
        self.resize(max(self.width(), 90 * GRID), max(self.height(), 60 * GRID))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.set_summary("Report copied")

    def _discard(self) -> None:
        self.accept()
        self.discard_requested.emit()
