"""Shared by all tests: Qt without a display, and coroutine tests on the program's own loop."""

import asyncio
import inspect
import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from o365desk.views.main_window import MainWindow

pytest_plugins = ["tests.seed.report"]

TIMEOUT = 30
"""Seconds after which a coroutine test is stuck; generous, for a busy machine. A test module that
has to do more says so by a TIMEOUT of its own."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs `async def` tests on qasync's loop over the one QApplication."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    app = QApplication.instance() or QApplication([])
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    loop = QEventLoop(app)
    try:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            timeout = getattr(pyfuncitem.module, "TIMEOUT", TIMEOUT)
            runner.run(asyncio.wait_for(pyfuncitem.obj(**arguments), timeout))
    finally:
        # A thread that ended in the last moment has told the loop so: heard now, not in the next
        # test, when the timer is gone.
        app.sendPostedEvents()
        # The loop is garbage in a cycle, which may be collected in a worker thread of the next
        # test; its timers must not be stopped there.
        shiboken6.delete(loop._timer)
    return True


@pytest.fixture(autouse=True)
def no_window_is_left() -> Iterator[None]:
    """A main window that a test leaves open would be found by the next one."""
    yield
    if QApplication.instance() is None:
        return
    shown = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    left = [widget for widget in shown if isinstance(widget, MainWindow)]
    for window in left:
        window.finish_closing()
        window.deleteLater()
    assert not left, "the test leaves a window open"
