"""Where our own bugs go: one reporter for slots, tasks, the loop and Qt's messages."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

if TYPE_CHECKING:
    import asyncio  # at run time it would cost 30 ms of the start

_HARMLESS = ("This plugin does not support",)


class Reporter:
    """Writes bugs to standard error as type and place, never as text: the text of an exception
    may hold a name, a token or a password. `on_bug` tells the window."""

    def __init__(self) -> None:
        self.on_bug: Callable[[str], None] = lambda summary: None
        self.bugs = 0

    def install(self) -> None:
        """Takes over the hooks of Python and Qt."""
        sys.excepthook = self._from_python
        qInstallMessageHandler(self._from_qt)

    def install_in(self, loop: "asyncio.AbstractEventLoop") -> None:
        """Takes over the handler of a running loop."""
        loop.set_exception_handler(self._from_loop)

    def bug(self, error: BaseException) -> None:
        """Reports an exception that nobody expected."""
        self.bugs += 1
        summary = describe(error)
        print(summary, file=sys.stderr)  # noqa: T201 (the one place bugs are written)
        self.on_bug(summary)

    def _from_python(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self.bug(error)

    def _from_loop(self, loop: "asyncio.AbstractEventLoop", context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.bug(error)

    def _from_qt(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
            return
        if not any(harmless in message for harmless in _HARMLESS):
            print(f"Qt: {message}", file=sys.stderr)  # noqa: T201


def describe(error: BaseException) -> str:
    """An exception as its type and the places it passed, without its text."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    places = [
        f"  {frame.filename.rpartition('o365desk')[2] or frame.filename}:{frame.lineno}"
        f" in {frame.name}"
        for frame in frames
    ]
    return "\n".join([f"o365desk bug: {type(error).__name__}", *places])
