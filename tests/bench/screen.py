"""The program's main window over many users, and the moment at which something is painted."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from o365desk.app import loop
from o365desk.app.config import Settings
from o365desk.app.connection_book import PRACTICE_DIRECT
from o365desk.app.front import make_front
from o365desk.app.main import make_application
from o365desk.app.options import Options
from o365desk.domain.directory import User
from o365desk.domain.query import UserQuery
from o365desk.models.user_rows import UserRows
from o365desk.models.users import UserTableModel
from o365desk.services.product_names import ProductNames
from o365desk.views import theme
from o365desk.views.main_window import MainWindow

OPTIONS = Options(theme="light")


def application() -> QApplication:
    return make_application(OPTIONS)


def run(main: Callable[[], Coroutine[Any, Any, int]]) -> None:
    """A coroutine on the program's own event loop."""
    loop.run(application(), main)


def window_over(users: list[User]) -> tuple[MainWindow, UserTableModel]:
    """The main window, shown and painted, with users in it."""
    app = application()
    front = make_front(PRACTICE_DIRECT, Settings(), ProductNames())
    window, model = front.window, front.users
    theme.apply(app, theme.LIGHT)
    window.show()
    for start in range(0, len(users), 999):
        model.take(users[start : start + 999])
    sort(model)
    model.settle()
    prepare(model)
    window.search.setEnabled(True)
    settle()
    return window, model


def put_away(window: MainWindow) -> None:
    """Ends a window that no program owns."""
    window.finish_closing()
    window.deleteLater()


def sort(rows: UserTableModel | UserRows, query: UserQuery | None = None) -> None:
    """What the loader does between two turns of the event loop."""
    for _ in rows.merging(query or UserQuery(sort="name")):
        pass


def prepare(model: UserTableModel) -> None:
    """What the loader does last, in the same way."""
    for _ in model.preparing():
        pass


def reload(model: UserTableModel) -> UserRows:
    """The same users as a load leaves them: nothing is remembered of earlier searches."""
    rows = model.new_rows()
    for start in range(0, model.total, 999):
        rows.extend(model.users[start : start + 999])
    sort(rows)
    model.swap(rows)
    prepare(model)
    return rows


class Painted(QObject):
    """Times how long it takes from an action to the end of the paint that it caused."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__(widgets[0])
        self._widgets = widgets
        self._seen: set[int] = set()
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self._seen.add(id(watched))
        return False

    def after(
        self,
        action: Callable[[], object],
        done: Callable[[], bool] = lambda: True,
        due: Callable[[], bool] = lambda: True,
    ) -> float:
        """Seconds from the action until it is done, and until the paint that it made due, if any,
        of the first of the widgets that is visible. Everything else that happens meanwhile is
        counted; a paint is one call, so it is over when `processEvents` returns."""
        settle()
        self._seen.clear()
        start = time.perf_counter()
        action()
        while not done() or (due() and not self._painted()):
            QApplication.processEvents()
        return time.perf_counter() - start

    def _painted(self) -> bool:
        visible = next(widget for widget in self._widgets if widget.isVisible())
        return id(visible) in self._seen


def settle(seconds: float = 0.02) -> None:
    """Lets everything end that is still to be done."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        QApplication.processEvents()


async def until(condition: Callable[[], object], patience: float = 120.0) -> None:
    """Waits for something to become true."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "never became true"
        await asyncio.sleep(0.002)
