"""The two file dialogs of the connections: settings from a colleague, and settings for one."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

FILTER = "Connections of o365desk (*.json)"
PROPOSED = "o365desk-connections.json"


def choose_import(parent: QWidget, chosen: Callable[[str], object]) -> QFileDialog:
    """Asks for a file with connections; `chosen` is called with its path."""
    dialog = _dialog(parent, "Import connections", chosen)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.open()
    return dialog


def choose_export(parent: QWidget, chosen: Callable[[str], object]) -> QFileDialog:
    """Asks where to write connections for colleagues; `chosen` is called with the path."""
    dialog = _dialog(parent, "Export connections for colleagues", chosen)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("json")
    dialog.selectFile(PROPOSED)
    dialog.open()
    return dialog


def _dialog(parent: QWidget, title: str, chosen: Callable[[str], object]) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setNameFilter(FILTER)
    dialog.fileSelected.connect(chosen)
    return dialog
