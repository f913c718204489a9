"""Where our own bugs go: one reporter for slots, tasks, the loop and Qt's messages; and the reports
they leave on this computer, from which nothing is ever sent."""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler, qVersion

from o365desk import __version__

if TYPE_CHECKING:
    import asyncio  # at run time it would cost 30 ms of the start

_HARMLESS = ("This plugin does not support",)
KEPT = 10
"""Reports that are kept; older ones make room."""
_OPERATIONS = 40
"""Recent records of the log in a report."""
_OURS, _HARD = "bug-", "crash-"


@dataclass(frozen=True, slots=True)
class Report:
    """One report on this computer."""

    path: Path
    ended: bool
    """The program ended by it; after the others it went on."""


class Reporter:
    """Writes bugs to standard error as type and place, never as text: the text of an exception
    may hold a name, a token or a password. `on_bug` tells the window."""

    def __init__(self) -> None:
        self.on_bug: Callable[[str], None] = lambda summary: None
        self.on_type: Callable[[str], None] = lambda kind: None
        """Is told the type of each bug, for the log."""
        self.recent: Callable[[], Sequence[Mapping[str, object]]] = tuple
        """Latest records of the log, for the report."""
        self.bugs = 0
        self._folder: Path | None = None
        self._faults: IO[str] | None = None

    def install(self) -> None:
        """Takes over the hooks of Python and Qt."""
        sys.excepthook = self._from_python
        sys.unraisablehook = self._from_nowhere
        threading.excepthook = self._from_thread
        qInstallMessageHandler(self._from_qt)

    def install_in(self, loop: "asyncio.AbstractEventLoop") -> None:
        """Takes over the handler of a running loop."""
        loop.set_exception_handler(self._from_loop)

    def keep_in(self, folder: Path) -> None:
        """From now on bugs leave a report in this folder, and so does an end that no Python code
        sees (a crash inside Qt). Blocks for a moment: the disk."""
        import faulthandler
        import os

        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = open(folder / f"{_HARD}{os.getpid()}.trace", "w", opener=_private)  # noqa: SIM115
        except OSError:
            return
        self._faults = file
        faulthandler.enable(file)

    def close(self) -> None:
        """The program ends as it should."""
        import faulthandler

        if self._faults is not None:
            faulthandler.disable()
            self._faults.close()
            _remove(Path(self._faults.name))
            self._faults = None

    def guarded(self, work: Callable[[], int], status: int) -> int:
        """Does `work`, for its exit status; a bug in it is reported, and ends with `status`."""
        try:
            return work()
        except Exception as error:  # noqa: BLE001 (only here: bugs are reported)
            self.bug(error)
            return status

    def bug(self, error: BaseException) -> None:
        """Reports an exception that nobody expected."""
        self.bugs += 1
        summary = describe(error)
        print(summary, file=sys.stderr)  # noqa: T201 (the one place bugs are written)
        self._keep(summary)
        self.on_type(type(error).__name__)
        self.on_bug(summary)

    def _keep(self, summary: str) -> None:
        if self._folder is None:
            return
        from datetime import UTC, datetime

        at = datetime.now(UTC)
        name = f"{_OURS}{at:%Y%m%dT%H%M%S%f}.txt"
        lines = [f"At {at:%Y-%m-%d %H:%M:%S} UTC", *_about(), "", summary, "", "Before it:"]
        lines += [_line(record) for record in self.recent()[-_OPERATIONS:]]
        _write(self._folder / name, "\n".join(lines))
        _make_room(self._folder)

    def _from_python(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self.bug(error)

    def _from_nowhere(self, unraisable: "sys.UnraisableHookArgs") -> None:
        if unraisable.exc_value is not None:
            self.bug(unraisable.exc_value)

    def _from_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self.bug(arguments.exc_value)

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
    """An exception as its type and the places it passed, without its text; then what it came of."""
    import traceback

    lines: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen and len(seen) < 5:
        seen.add(id(one))
        lines.append(f"{'came of' if lines else 'o365desk bug:'} {type(one).__name__}")
        lines += [
            f"  {_place(frame.filename)}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(one.__traceback__)
        ]
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n".join(lines)


def pending_reports(folder: Path) -> tuple[Report, ...]:
    """The reports in a folder, newest first. What a crash left behind becomes a report here,
    without the paths of this computer, which may hold the name of a person. Blocks."""
    for trace in folder.glob(f"{_HARD}*.trace"):
        if _running(trace):
            continue
        text = _read(trace)
        if text:
            at = trace.stat().st_mtime_ns
            lines = [*_about(), "", *(_without_paths(line) for line in text.splitlines())]
            _write(folder / f"{_HARD}{at}.txt", "\n".join(lines))
        _remove(trace)
    _make_room(folder)
    return tuple(Report(path, path.name.startswith(_HARD)) for path in _reports(folder))


def read(report: Report) -> str:
    """A report's text, for the operator who wants to see it. Blocks."""
    return _read(report.path)


def discard(reports: Sequence[Report]) -> None:
    """Removes reports from the disk. Blocks."""
    for report in reports:
        _remove(report.path)


def _about() -> list[str]:
    import platform

    return [
        f"o365desk {__version__}",
        f"{platform.system()} {platform.release()}, {platform.machine()}",
        f"Python {platform.python_version()}, Qt {qVersion()}",
    ]


def _place(filename: str) -> str:
    """Where a file is, from the package on: what comes before may be a home folder."""
    parts = Path(filename).parts
    for top in ("site-packages", "o365desk", "tests"):
        if top in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(top) - (top != "site-packages") :])
    return parts[-1] if parts else ""


def _without_paths(line: str) -> str:
    """A line of faulthandler: `  File "/home/ann/o365desk/app/main.py", line 3 in run`."""
    before, quote, rest = line.partition('"')
    path, end, after = rest.partition('"')
    return f"{before}{quote}{_place(path)}{end}{after}" if end else line


def _line(record: Mapping[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in record.items())


def _reports(folder: Path) -> list[Path]:
    found = [*folder.glob(f"{_OURS}*.txt"), *folder.glob(f"{_HARD}*.txt")]
    return sorted(found, key=_time, reverse=True)


def _make_room(folder: Path) -> None:
    for path in _reports(folder)[KEPT:]:
        _remove(path)


def _time(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _running(trace: Path) -> bool:
    """The copy of the program that this file belongs to has not ended."""
    import os

    name = trace.stem.removeprefix(_HARD)
    if name == str(os.getpid()):
        return True
    if sys.platform == "win32":
        # Its file cannot be removed while it is open there: that is found out below.
        return False
    try:
        os.kill(int(name), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _write(path: Path, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8", opener=_private) as file:
            file.write(text + "\n")
    except OSError:
        return


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def _private(path: str, flags: int) -> int:
    import os

    return os.open(path, flags, 0o600)
