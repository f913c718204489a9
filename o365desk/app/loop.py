"""The event loop: asyncio on Qt's own. The only file that knows which library joins the two."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

TURN = 0.001
"""Seconds for which a thread that works in Python lets the window wait for the interpreter. It asks
for that several times a frame; with Python's own 5 ms a snapshot that is written costs it two."""


def run(app: QApplication, main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Runs `main()` to its end on Qt's loop; answers its exit status.

    When Qt quits first (a session logout), the runner complains that the loop stopped: that is
    the one place where the complaint is expected.
    """
    # At DEBUG it writes the arguments and results of every call made in a thread: secrets too.
    logging.getLogger("qasync").setLevel(logging.CRITICAL + 1)
    sys.setswitchinterval(TURN)
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        try:
            return runner.run(main())
        except RuntimeError as stopped:
            if "Event loop stopped before Future completed" in str(stopped):
                return 0
            raise
