"""When garbage is collected, and in which thread."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer

LOOK_EVERY_MS = 500

MANY = 50_000
"""Objects from which on a load is worth freezing. What is garbage at that moment stays for good,
so that many small loads must not do it."""

FLOOD = 15_000
"""Objects made between two looks from which on a look would stall the window (10 ms): a thread
reads or compares snapshots. They are frozen as those of a load are."""


class GarbageTimer(QObject):
    """Collects garbage from a timer of the GUI thread, and nowhere else.

    Python collects in whichever thread happens to allocate. In a worker thread that would delete
    a widget or a timer that is part of a cycle, and Qt objects must die in their own thread.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Python 3.14 has no third threshold (0): ten collections of the second will do.
        self._thresholds = tuple(limit or 10 for limit in gc.get_threshold())
        self._held = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Takes over from Python's own rhythm. What is there by now stays: modules, classes, the
        window; no collection need look at it again."""
        gc.disable()
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Gives back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def look(self) -> None:
        """Collects the oldest generation that Python itself would collect now."""
        if self._held:
            return
        # Not by its count, from which every old object that goes is taken away.
        if len(gc.get_objects(generation=0)) > FLOOD:
            gc.freeze()
            return
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds still while a load makes hundreds of thousands of objects: it would visit them
        all again and again (measured: three times the whole load), and none of them is part of a
        cycle. Afterwards many of them are frozen, so that no later collection visits them."""
        if not self._held:
            gc.collect()  # of what is not frozen, so it is quick
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            if not self._held and gc.get_count()[0] > MANY:
                gc.freeze()
