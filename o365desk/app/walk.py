"""One walk through the program by itself: step after step, each seen to work, with pictures and a
transcript."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from o365desk.app.desk import Desk
from o365desk.app.picture import picture
from o365desk.app.robot import PATIENCE, NotSeenError, Robot, seen

Step = tuple[str, Callable[[], Awaitable[None]]]
"""What is done, as the transcript tells it, and doing it."""


class Walk:
    """Writes into one folder."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.window = desk.window
        self.folder = folder
        self.robot = Robot(desk.window)
        self._lines: list[str] = []
        self._number = 0

    async def through(self, steps: Iterable[Step]) -> int:
        """Exit status: 0 only when every step was seen to work."""
        # Nobody can type into a dialog of the system.
        QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("*.png"):
            old.unlink()
        failed = ""
        for title, step in steps:
            self.say(f"\n{title}")
            try:
                await step()
            except NotSeenError as missing:
                failed = str(missing)
                await self.shot("failed")
                self.say(f"  FAILED: {failed}")
                break
        self.say(f"\n{'FAILED: ' + failed if failed else 'Every step was seen to work.'}")
        (self.folder / "transcript.txt").write_text("\n".join(self._lines) + "\n", "utf-8")
        return 1 if failed else 0

    def say(self, line: str) -> None:
        self._lines.append(line)
        print(line, flush=True)  # noqa: T201 (the transcript is meant to be read along)

    async def see(
        self, what: str, condition: Callable[[], object], patience: float = PATIENCE
    ) -> None:
        """Waits for it, and says that it was seen; `patience` in seconds."""
        await seen(condition, what, patience)
        self.say(f"  seen: {what}")

    async def shot(self, name: str) -> None:
        """A picture of the window as it is."""
        await asyncio.sleep(0.1)  # layouts and timers of zero length
        self._number += 1
        file = self.folder / f"{self._number:02}-{name}.png"
        if not picture(self.window).save(str(file)):
            raise NotSeenError(f"the picture {file.name} could not be written")
        self.say(f"  [{file.name}]")

    async def save_as(self, name: str, begins: bytes) -> None:
        """Gives the file that is asked for a name in the folder, and sees what it begins with."""
        file = self.folder.resolve() / name  # the dialog begins in a folder of its own
        file.unlink(missing_ok=True)  # else it asks whether to replace it
        dialog = await self.robot.opened(QFileDialog)
        dialog.selectFile(str(file))
        dialog.accept()
        await self.robot.closed(QFileDialog)
        await self.see(
            f"the file {name}", lambda: file.exists() and file.read_bytes().startswith(begins)
        )

    async def open_customer(self, name: str) -> None:
        """A customer, with all that is read of it."""
        await self.robot.open_tenant(name)
        await everything_read(self.desk, self.robot)


async def everything_read(desk: Desk, robot: Robot) -> None:
    """Waits until users, licenses and subscriptions are on the screen."""
    await robot.loaded()
    await seen(
        lambda: desk.session.work is not None and desk.session.work.subscriptions is not None,
        "the subscriptions are read",
    )
    await asyncio.sleep(0.05)
