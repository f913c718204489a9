"""The window is on the screen before asyncio, HTTP and the practice directory are imported."""

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QWidget

PATIENCE_MS = 500
"""A window that nobody can see (minimized, or on another desktop) is not painted at all."""


def show_painted(window: QWidget) -> None:
    """Shows a window and returns once it has been painted. Called before any event loop runs,
    so nothing is nested here; closing the window meanwhile works as always."""
    loop = QEventLoop()
    watcher = _Watcher(loop)
    window.installEventFilter(watcher)
    QTimer.singleShot(PATIENCE_MS, loop, loop.quit)
    window.show()
    loop.exec()
    window.removeEventFilter(watcher)


class _Watcher(QObject):
    """Ends a loop after the first paint: a timer fires when all widgets have had theirs."""

    def __init__(self, loop: QEventLoop) -> None:
        super().__init__(loop)
        self._loop = loop

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            QTimer.singleShot(0, self._loop, self._loop.quit)
        return False
