"""The life of the program once its window is there: world, work, and an orderly end."""

import asyncio
from contextlib import AsyncExitStack

from PySide6.QtWidgets import QApplication

from o365desk.app.config import Settings
from o365desk.app.controller import DeskController
from o365desk.app.desk import Desk
from o365desk.app.garbage import GarbageTimer
from o365desk.app.options import Options
from o365desk.app.report import Reporter
from o365desk.app.session import Session
from o365desk.app.tasks import Scope, TaskRunner
from o365desk.app.tenant_loader import TenantLoader
from o365desk.app.worlds import PracticeWorld, open_practice
from o365desk.domain.errors import DeskError, OutcomeUnknown
from o365desk.models.users import UserTableModel
from o365desk.services.product_names import ProductNames
from o365desk.views.main_window import MainWindow
from o365desk.views.sent_mail import SentMailDialog

FINISH_SECONDS = 30.0
"""How long closing waits for writes that are under way."""


class Program:
    """Owns everything that has to be closed again."""

    def __init__(
        self,
        app: QApplication,
        window: MainWindow,
        users: UserTableModel,
        settings: Settings,
        names: ProductNames,
        reporter: Reporter,
        options: Options,
    ) -> None:
        self._app = app
        self.window = window
        self._users = users
        self._settings = settings
        self._names = names
        self._reporter = reporter
        self.options = options
        self.controller: DeskController
        self.desk: Desk
        self.patience = FINISH_SECONDS
        self._told = False
        """The operator knows that a write has not been answered."""
        self.world: PracticeWorld

    async def main(self) -> int:
        """Runs until the window is closed; answers the exit status."""
        closing = asyncio.Event()
        self.window.close_requested.connect(closing.set)
        self._reporter.install_in(asyncio.get_running_loop())
        async with AsyncExitStack() as stack:
            await self.start(stack)
            status = await self._script(closing)
            await self.finish()
        return status

    async def start(self, stack: AsyncExitStack) -> None:
        """Builds the world behind the window and opens the first tenant."""
        # Building it imports the HTTP stack: in a thread, while the empty window is on screen.
        self.world = await asyncio.to_thread(
            open_practice, self.options, self._names, self._settings.smtp
        )
        stack.push_async_callback(self.world.close)
        self._users.set_clock(self.world.now)
        session = Session(self.world.backend, self._settings, self.world.now)
        tasks = TaskRunner(self.window.banner.show_error, self._reporter.bug)
        self._reporter.on_bug = self._bug_shown
        garbage = GarbageTimer(self.window)
        garbage.start()
        stack.callback(garbage.stop)
        loader = TenantLoader(session, self.window, self._users, garbage)
        self.desk = Desk(session, tasks, self.window, self._users, loader)
        self.controller = DeskController(self.desk)
        self.window.sent_mail_requested.connect(self._show_sent_mail)
        self.controller.start(self.options.tenant)

    async def _script(self, closing: asyncio.Event) -> int:
        """A person at the window, or one of the scripts that stand in for one."""
        if self.options.tour is not None:
            from o365desk.app.tour import walk

            return await walk(self.desk, self.options.tour)
        if self.options.screenshot is not None:
            from o365desk.app.tour import take_screenshot

            return await take_screenshot(self.desk, self.options.screenshot)
        return await self.run_until_closed(closing)

    async def run_until_closed(self, closing: asyncio.Event) -> int:
        """Waits until the window shall go and may; answers the exit status."""
        while True:
            await closing.wait()
            closing.clear()
            if await self._may_close():
                return 0

    async def _may_close(self) -> bool:
        """Waits for what was sent to Microsoft. A dialog that then has something to tell (why it
        was refused, a password that is shown once) keeps the window open; no answer for long
        does so once."""
        if self._told or not self.desk.tasks.writing:
            return True
        waiting = [dialog for dialog in self.desk.dialogs if dialog.busy]
        self.window.freshness.set_loading("Finishing what was sent to Microsoft…")
        ended = await self.desk.tasks.writes_ended(self.patience)
        self.window.freshness.set_loading("")
        if not ended:
            self._told = True
            self.window.banner.show_error(
                OutcomeUnknown(
                    "Microsoft has not answered yet: a change may or may not have been made.",
                    next_step="Wait, or close the window once more to leave without knowing.",
                )
            )
        return ended and not any(dialog in self.desk.dialogs for dialog in waiting)

    async def finish(self) -> None:
        """Reads are cancelled, writes waited for; then the window may go."""
        await self.desk.tasks.drain(self.patience)
        self._settings.layout = self.window.save_layout()
        self._settings.save()
        self.window.finish_closing()

    def _bug_shown(self, summary: str) -> None:
        self.window.banner.show_error(
            DeskError(
                "Something inside o365desk went wrong. Your last click may not have had an effect.",
                next_step="Look at what it was about before you repeat it.",
                code=summary.partition("\n")[0],
            )
        )

    def _show_sent_mail(self) -> None:
        dialog = SentMailDialog(self.window)
        scope = Scope()
        dialog.finished.connect(lambda _result: scope.cancel())

        async def fill() -> None:
            dialog.set_mails(await self.world.sent_mail())

        def refresh() -> None:
            self.desk.tasks.latest(
                "sent mail",
                fill(),
                name="read sent mail",
                scope=scope,
                on_error=dialog.show_error,
            )

        dialog.refresh_requested.connect(refresh)
        dialog.open()
        refresh()
