"""What is opened outside the program: pages in the browser, folders in the file manager."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_link(address: str) -> None:
    """Hands an address to the system's browser; returns at once."""
    QDesktopServices.openUrl(QUrl(address))


def open_folder(folder: Path) -> None:
    """Hands a folder to the system's file manager; one that is not there yet is made."""
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
