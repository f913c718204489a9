"""What the program has to tell about itself: files it could not use, bugs, and what runs here."""

import platform
from collections.abc import Sequence

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QWidget

from o365desk import __version__
from o365desk.app.keeping import Keeping
from o365desk.app.report import Report, discard, read
from o365desk.app.tasks import TaskRunner
from o365desk.domain.connections import Connection
from o365desk.domain.errors import DeskError
from o365desk.views.banner import Message, MessageKind
from o365desk.views.main_window import MainWindow


def about_files(problems: Sequence[str]) -> list[Message]:
    """That files of connections could not be used as they are."""
    if not problems:
        return []
    next_step = " ".join((*problems[1:], "Correct the file, or tell whoever made it."))
    return [Message(problems[0], next_step, kind=MessageKind.WARNING)]


def about(connection: Connection) -> dict[str, str | bool]:
    """What runs here, for the log."""
    return {
        "version": __version__,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "qt": qVersion(),
        "mode": connection.mode,
        "cloud": connection.cloud,
        "method": connection.method,
        "graph": connection.graph,
        "write": connection.write,
    }


def about_bug(summary: str) -> DeskError:
    """That something of ours has failed."""
    return DeskError(
        "Something inside o365desk went wrong. Your last click may not have had an effect.",
        next_step="Look at what it was about before you repeat it.",
        code=summary.partition("\n")[0],
    )


def tell_of_crash(reports: Sequence[Report], window: QWidget) -> None:
    """The last run ended by a bug: its report is shown only to who asks for it."""
    from o365desk.views.crash_dialog import CrashDialog

    dialog = CrashDialog(window)
    dialog.show_requested.connect(
        lambda: dialog.set_report("\n\n".join(read(report) for report in reports))
    )
    dialog.discard_requested.connect(lambda: discard(reports))
    dialog.open()


def tell_of_keeping(keeping: Keeping, window: MainWindow, tasks: TaskRunner) -> None:
    """Why snapshots are not kept, or not where they were."""
    notice = keeping.notice
    if notice is None:
        return
    action = "Set the old file aside" if notice.in_the_way else ""
    message = Message(notice.sentence, notice.next_step, action=action, kind=MessageKind.WARNING)

    async def make_room() -> None:
        name = await keeping.make_room()
        window.banner.take_back(message)
        window.banner.show_notice(
            f"The old file is now called {name}.",
            "Start o365desk again: it will begin a new one.",
        )

    window.banner.show_message(
        message, lambda: tasks.read(make_room(), name="set the snapshots aside")
    )
