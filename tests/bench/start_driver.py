"""Starts a bare window or the program, and prints when it was painted; run by `start`.

    python -m tests.bench.start_driver bare | window | users COUNT | kept COUNT FOLDER

`kept` shows what a profile that `kept.py` made has of its customer, without the network.

Prints `time.perf_counter()`, which all processes of a machine share.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

CUSTOMER = "Aurora Rail"
"""Of the practice directory, with 2,500 users."""


def told() -> None:
    print(time.perf_counter(), flush=True)
    os._exit(0)


def bare() -> None:
    """The least a PySide6 program with a table can do."""
    from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
    from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

    class Model(QAbstractTableModel):
        def rowCount(self, parent: Any = None) -> int:
            return 100

        def columnCount(self, parent: Any = None) -> int:
            return 6

        def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
            return "text" if role == Qt.ItemDataRole.DisplayRole else None

    app = QApplication([])
    window = QMainWindow()
    table = QTableView()
    model = Model()
    table.setModel(model)
    window.setCentralWidget(table)
    window.resize(1280, 800)
    painted = watch(table.viewport(), lambda: True)
    window.show()
    app.exec()
    del painted


def program(count: int, *arguments: str) -> None:
    """The program itself; with `count`, until so many users are listed and shown."""
    from o365desk.app.quick_start import prepare

    prepare()
    from o365desk.app import main
    from o365desk.app.front import make_front

    kept = []

    def watched(*args: Any) -> Any:
        front = make_front(*args)
        window, panel = front.window, front.window.users

        def full() -> bool:
            return front.users.total >= count and "read " in panel.counts.text()

        # Without a tenant the table is hidden behind a sentence: the window itself is watched.
        kept.append(watch(panel.table.viewport(), full) if count else watch(window, lambda: True))
        return front

    setattr(main, "make_front", watched)  # noqa: B010 (a stand-in with looser types)
    main.run(["--theme", "light", *arguments])


def watch(widget: Any, ready: Callable[[], bool]) -> Any:
    """Tells the time right after a paint of `widget` at which it was ready: all widgets of a
    window are painted in one go, and the timer fires after that."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Filter(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Paint and ready():
                QTimer.singleShot(0, told)
            return False

    found = Filter()
    widget.installEventFilter(found)
    return found


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["bare"]:
            bare()
        case ["users", count]:
            program(int(count), "--demo", "--tenant", CUSTOMER)
        case ["kept", count, folder]:
            program(int(count), "--offline", "--config", folder, "--tenant", CUSTOMER)
        case _:
            program(0, "--demo")
