"""Long work done a few milliseconds at a time, so that the window never stops."""

from collections.abc import Iterator
from time import perf_counter

from PySide6.QtCore import QObject, QTimer

BUDGET = 0.006
"""Seconds of work between two looks at what else the window has to do."""


class Pieces(QObject):
    """Walks an iterator whose steps are short. The first steps are made at once, so that what is
    small is done when `start` returns; new work takes the place of what has not ended."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._work: Iterator[object] = iter(())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._walk)

    @property
    def busy(self) -> bool:
        return self._timer.isActive()

    def start(self, work: Iterator[object]) -> None:
        self._work = work
        self._walk()

    def _walk(self) -> None:
        self._timer.stop()
        work, until = self._work, perf_counter() + BUDGET
        for _ in work:
            if self._work is not work:
                return  # what was done has started something else
            if perf_counter() >= until:
                self._timer.start(0)
                return
