"""Where an export goes, and how far it is."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from o365desk.views import parts
from o365desk.views.theme import GRID

SHOWN_AFTER = 500
"""Milliseconds; what is done sooner needs no dialog."""

FILTERS = {
    "csv": "CSV, comma separated (*.csv)",
    "xlsx": "Excel workbook (*.xlsx)",
    "html": "Web page (*.html)",
    "pdf": "PDF (*.pdf)",
}


def choose_file(
    parent: QWidget, folder: str, proposed: str, suffix: str, chosen: Callable[[str], object]
) -> QFileDialog:
    """Asks where to write a table or sheet; `chosen` is called with the path."""
    dialog = QFileDialog(parent, "Export", folder)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(FILTERS[suffix])
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(proposed)
    dialog.fileSelected.connect(chosen)
    dialog.open()
    return dialog


class ExportProgress(QDialog):
    """Shows itself when an export takes longer than a moment; Cancel and Esc reject it.

    Window-modal, so that nobody changes the table that is being read.
    """

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(44 * GRID)
        self._text = parts.label(f"Exporting {title}…", wrap=True)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the export")
        self.cancel_button = parts.button("Cancel", self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._text)
        layout.addWidget(self._bar)
        layout.addLayout(foot)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.open)
        self._later.start(SHOWN_AFTER)

    @property
    def words(self) -> str:
        return self._text.text()

    def set_progress(self, done: int, total: int, words: str) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._text.setText(words)

    def end(self) -> None:
        """It is done, has failed, or was cancelled."""
        self._later.stop()
        self.blockSignals(True)
        self.hide()
        self.deleteLater()
