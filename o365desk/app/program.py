"""The life of the program once its window is there: world, work, and an orderly end."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from o365desk.app.connection_book import ConnectionBook
from o365desk.app.controller import DeskController
from o365desk.app.desk import Desk
from o365desk.app.front import Front, make_front, settings_of
from o365desk.app.garbage import GarbageTimer
from o365desk.app.joining import open_behind, tell_when_joined
from o365desk.app.keeping import Keeping
from o365desk.app.links import open_link
from o365desk.app.options import Options
from o365desk.app.profile import Profile
from o365desk.app.report import Report, Reporter, pending_reports
from o365desk.app.session import Session
from o365desk.app.single_copy import SingleCopy, Wishes
from o365desk.app.tasks import Scope, TaskRunner
from o365desk.app.telling import about, about_bug, about_files, tell_of_crash, tell_of_keeping
from o365desk.app.tenant_loader import TenantLoader
from o365desk.app.worlds import Means, World, make_sign_in, offline_world, open_world
from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.domain.errors import OutcomeUnknown
from o365desk.domain.ports import Backend
from o365desk.domain.sign_in import Account
from o365desk.services.desk_log import DeskLog, Event
from o365desk.services.product_names import ProductNames
from o365desk.views.banner import Message, MessageKind
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.main_window import MainWindow

if TYPE_CHECKING:
    from o365desk.app.checks import Checks
    from o365desk.app.connection_pages import ConnectionPages
    from o365desk.app.past import Past
    from o365desk.app.signing_in import SignInAsker, SigningIn
    from o365desk.services.scheduler import Waiting

FINISH_SECONDS = 30.0
"""How long closing waits for writes that are under way."""

RESTORING = "Looking for your sign-in on this computer…"


class Program:
    """Owns everything that has to be closed again: one window at a time, and the world behind it.

    Another connection is another window and another world: nothing of two is ever mixed.
    """

    def __init__(
        self,
        app: QApplication,
        front: Front,
        names: ProductNames,
        reporter: Reporter,
        options: Options,
        profile: Profile | None = None,
        book: ConnectionBook | None = None,
        copy: SingleCopy | None = None,
    ) -> None:
        self._app = app
        self.front = front
        self.names = names
        self._reporter = reporter
        self.options = options
        self.profile = profile
        self.log = DeskLog()
        """In memory only, until the profile's folder is opened."""
        self._crashes: tuple[Report, ...] = ()
        self.book = book or ConnectionBook()
        self._copy = copy
        self.controller: DeskController
        self.desk: Desk
        self.patience = FINISH_SECONDS
        self._told = False
        """The operator knows that a write has not been answered."""
        self.world: World
        self.past: Past | None = None
        """What the window at hand does with snapshots, once they are open."""
        self.signing_in: SigningIn
        self.asker: SignInAsker
        self.tasks: TaskRunner
        self.dialogs: list[DeskDialog] = []
        self._closing = asyncio.Event()
        self._standing = asyncio.Event()
        """The world behind the window at hand stands."""
        self._next: Connection | None = None
        """What to open in place of the connection at hand."""
        self._kept: World | None = None
        """The world for the next window, where it goes on with this one's sign-in."""
        self._tenant = options.tenant
        """Customer to open first in the connection at hand."""
        self._ask_at_once = False
        """The operator has just said that he wants to sign in."""
        self._notices = about_files(self.book.problems)
        """What the next window has to tell."""

    @property
    def window(self) -> MainWindow:
        return self.front.window

    @property
    def means(self) -> Means:
        """What every world is made with."""
        return Means(
            self.options,
            self.names,
            self.front.settings.smtp,
            self.profile,
            self.open_browser,
            self.log.call,
            self.log,
        )

    @cached_property
    def pages(self) -> "ConnectionPages":
        """Made when first asked for: its dialogs are not needed for most days' work."""
        from o365desk.app.connection_pages import ConnectionPages

        return ConnectionPages(self)

    @cached_property
    def checks(self) -> "Checks":
        from o365desk.app.checks import Checks

        return Checks(self)

    def _show_connections(self) -> None:
        self.pages.show_list()

    def _show_checks(self) -> None:
        self.checks.show()

    @property
    def account(self) -> Account | None:
        """Who is signed in to the connection at hand."""
        if not self.stands or self.world.sign_in is None:
            return None
        return self.world.sign_in.account

    @property
    def stands(self) -> bool:
        """The window at hand has its world behind it; without a connection, or without the
        network, it never does."""
        return self._standing.is_set()

    async def opened(self) -> World:
        """The world behind the window at hand, once it stands."""
        await self._standing.wait()
        return self.world

    async def main(self) -> int:
        """Runs until the last window is closed; answers the exit status."""
        self._reporter.install_in(asyncio.get_running_loop())
        async with AsyncExitStack() as stack:
            if self.profile is not None:
                folder = self.profile.state
                if self.options.demo:  # may run beside the real work, whose log it is not
                    folder /= "practice"
                await asyncio.to_thread(self._open_log, folder)
                stack.callback(self._reporter.close)
                stack.push_async_callback(asyncio.to_thread, self.log.close)
            if self._copy is not None:
                self._copy.listen(self._app, self.take_wishes)
                stack.callback(self._copy.release)
            status = await self._windows()
            self.log.event(Event.END, status=status)
        return status

    def _open_log(self, folder: Path) -> None:
        """In a thread: the disk, and imports that nobody waits for."""
        self._crashes = tuple(report for report in pending_reports(folder) if report.ended)
        self.log = DeskLog(folder)
        self._reporter.keep_in(folder)
        self._reporter.recent = lambda: self.log.recent
        self._reporter.on_type = lambda kind: self.log.event(Event.BUG, type=kind)

    async def _windows(self) -> int:
        while True:
            self.window.close_requested.connect(self._closing.set)
            async with AsyncExitStack() as stack:
                await self.start(stack)
                status = await self._script(self._closing)
                old, following = self.window, self._next
                if following is not None:
                    # The new window first, so that the screen is never empty in between.
                    settings = settings_of(following, self.profile)
                    front = make_front(following, settings, self.names)
                    front.window.restoreGeometry(old.saveGeometry())
                    front.window.show()
                await self.finish()
            if following is None:
                return status
            old.deleteLater()
            self.front, self._next, self._told = front, None, False
            self._standing.clear()
            self.dialogs.clear()
            for page in ("pages", "checks"):  # their dialogs went with the window
                self.__dict__.pop(page, None)

    async def start(self, stack: AsyncExitStack) -> None:
        """Builds the world behind the window and opens the first tenant."""
        self.tasks = TaskRunner(self.window.banner.show_error, self._reporter.bug)
        self._reporter.on_bug = self._bug_shown
        self.window.connections_requested.connect(self._show_connections)
        self.window.diagnostics_requested.connect(self._show_checks)
        connection = self.front.connection
        if connection is None and self.options.offline:
            self._nothing_kept()
            return
        if connection is None:
            self.window.set_nobody("Set up a connection to see users and licenses.")
            self.pages.start_first()
            self._tell_notices()
            return
        if self._crashes:
            tell_of_crash(self._crashes, self.window)
            self._crashes = ()
        self.log.event(Event.START, **about(connection))
        if not self.options.demo:
            self.book.opened(connection)
        self.past = None
        keeping = Keeping(connection, self.profile)
        stack.push_async_callback(keeping.aclose)
        kept, self._kept = self._kept, None
        if self.options.offline:
            # Before anything else: there is nothing to show but this.
            world = offline_world(connection, await self._kept_backend(connection, keeping))
        else:
            world = kept or await open_world(connection, self.means)
        self.world = world
        stack.push_async_callback(self._leave, world)
        if world.scheduler is not None:
            stack.callback(world.scheduler.on_waiting(self._show_waiting))
        users = self.front.users
        session = Session(world.backend, self.front.settings, world.now)
        users.set_clock(session.moment)
        garbage = GarbageTimer(self.window)
        garbage.start()
        stack.callback(garbage.stop)
        loader = TenantLoader(session, self.window, users, garbage)
        self.desk = Desk(session, self.tasks, self.window, users, loader, self.dialogs)
        self.desk.can_go_live = not self.options.offline
        if connection.cloud is Cloud.PRACTICE:
            self.desk.source = "Practice directory"
        self.controller = DeskController(self.desk)
        if not self.options.offline:
            self._standing.set()
        joining = self.tasks.read(self._join_past(keeping), name="open the snapshots")
        tell_when_joined(self.desk, joining)
        self.window.sent_mail_requested.connect(self._show_sent_mail)
        if world.sign_in is None:
            self._tell_notices()
            self.controller.start(self._tenant)
            return
        from o365desk.app.signing_in import SignInAsker, SigningIn

        self.asker = SignInAsker(world.connection, world.sign_in, self.tasks, open_link)
        self.signing_in = SigningIn(
            world.connection,
            world.sign_in,
            self.asker,
            self.tasks,
            self.window,
            log=self.log,
            on_signed_in=self._signed_in,
            on_another=lambda told: self._begin_anew(connection, told),
        )
        self.desk.sign_in = self.signing_in.ask
        self.desk.signed_in = self.signing_in.asked
        self.tasks.read(self._enter(), name="restore the sign-in")

    async def _kept_backend(
        self, connection: Connection, keeping: Keeping
    ) -> Callable[[], Backend]:
        from o365desk.services.snapshot_backend import snapshot_backend

        history, single = await keeping.open(), connection.mode is Mode.DIRECT
        if not await history.tenants():
            self._nothing_kept(told=keeping.notice is not None)
        return lambda: snapshot_backend(
            history, self.names.name, single_tenant=single, offline=True
        )

    def _nothing_kept(self, *, told: bool = False) -> None:
        """`told`: a notice says what is the matter; something may be kept all the same."""
        self.window.set_nobody("There is nothing to show without the network.")
        if told:
            return
        self.window.banner.show_notice(
            "Nothing of your customers is kept on this computer, so there is nothing to show"
            " without the network.",
            "The practice directory is new at every start: nothing of it is ever kept."
            if self.options.demo
            else "Start o365desk without --offline: what is read then is kept.",
        )

    async def _join_past(self, keeping: Keeping) -> None:
        history, Past = await open_behind(keeping, self.desk)  # noqa: N806 - a class
        live = None if self.options.offline else self.world.backend
        self.past = Past(
            self.desk,
            self.controller,
            history,
            live,
            made_up=bool(self.options.demo),
            problem=keeping.notice.sentence if keeping.notice is not None else "",
        )
        tell_of_keeping(keeping, self.window, self.tasks)

    async def _enter(self) -> None:
        """Opens the customers for whoever was signed in the last time, else asks."""
        self.desk.show_origin()
        self.window.set_nobody(RESTORING)
        self.window.freshness.set_loading(RESTORING)
        try:
            account = await self.signing_in.restore()
        finally:
            self.window.freshness.set_loading("")
            self.window.set_nobody("")
        self._tell_notices()
        if account is not None:
            self.controller.start(self._tenant)
            return
        self.desk.settled.set()
        if self._ask_at_once:
            self.signing_in.ask_first()
        else:
            self.signing_in.invite()

    def _signed_in(self) -> None:
        """What was refused can be read now."""
        if self.past is not None:
            self.past.signed_in()
        if self.desk.session.tenants:
            self.controller.refresh()
        else:
            self.controller.start(self._tenant)

    async def sign_out_of(self, connection: Connection) -> Sequence[str]:
        """Removes the kept sign-in of a connection that is not open here; what was removed."""
        if not connection.sign_in or connection.cloud is Cloud.PRACTICE:
            return []
        sign_in = await asyncio.to_thread(make_sign_in, connection, self.profile, open_link)
        try:
            return await sign_in.sign_out()
        finally:
            await sign_in.aclose()

    def take_wishes(self, wishes: Wishes) -> None:
        """Somebody started the program a second time: this window comes to the front."""
        window = self.window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        wanted = self.book.find(wishes.connection) if wishes.connection else None
        if wanted is not None and wanted != self.front.connection:
            self.open_connection(wanted, wishes.tenant)
        elif wishes.tenant and self.front.connection is not None:
            self._tenant = wishes.tenant
            # Whoever is still to sign in, or waits for the start, sees it after that.
            if self.stands and (self.world.sign_in is None or self.account is not None):
                self.controller.start(wishes.tenant)

    def _begin_anew(self, connection: Connection, notice: str) -> None:
        """Nobody, or somebody else, is signed in: nothing that was read may stay. The sign-in
        does, where it is somebody's: it may be kept nowhere else."""
        self.open_connection(connection, notice=notice)
        if self.account is not None:
            self._kept = replace(self.world, backend=self.world.make_backend())

    async def _leave(self, world: World) -> None:
        if self._kept is None or self._kept.close is not world.close:
            await world.close()

    def open_browser(self, address: str) -> None:
        """Shows the page of the sign-in that is under way."""
        self.asker.open_browser(address)

    def open_connection(
        self, connection: Connection, tenant: str = "", *, ask: bool = False, notice: str = ""
    ) -> None:
        """Leaves the window at hand for a new one, once its writes have ended. `ask`: the sign-in
        begins at once; `notice`: what the new window has to tell."""
        self._next, self._tenant = connection, tenant
        self._kept = None
        self._ask_at_once = ask
        if notice:
            self._notices.append(Message(notice, kind=MessageKind.NOTICE))
        self._closing.set()

    def _tell_notices(self) -> None:
        notices, self._notices = self._notices, []
        for notice in notices:
            self.window.banner.show_message(notice)

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
            self._next = self._kept = None

    async def _may_close(self) -> bool:
        """Waits for what was sent to Microsoft. A dialog that then has something to tell (why it
        was refused, a password that is shown once) keeps the window open; no answer for long
        does so once."""
        if self._told or not self.tasks.writing:
            return True
        waiting = [dialog for dialog in self.dialogs if dialog.busy]
        self.window.freshness.set_loading("Finishing what was sent to Microsoft…")
        ended = await self.tasks.writes_ended(self.patience)
        self.window.freshness.set_loading("")
        if not ended:
            self._told = True
            self.window.banner.show_error(
                OutcomeUnknown(
                    "Microsoft has not answered yet: a change may or may not have been made.",
                    next_step="Wait, or close the window once more to leave without knowing.",
                )
            )
        return ended and not any(dialog in self.dialogs for dialog in waiting)

    async def finish(self) -> None:
        """Reads are cancelled, writes waited for; then the window may go."""
        await self.tasks.drain(self.patience)
        self.front.settings.layout = self.window.save_layout()
        self.front.settings.save()
        self.window.finish_closing()

    def _show_waiting(self, waits: "Sequence[Waiting]") -> None:
        """Why the operator waits: what asked for it is said where he looks,"""
        longest = next((wait for wait in waits if wait.foreground), None)
        text = f"{longest.sentence}." if longest is not None else ""
        self.window.freshness.set_waiting(text)
        for dialog in self.dialogs:
            dialog.set_waiting(text)

    def _bug_shown(self, summary: str) -> None:
        self.window.banner.show_error(about_bug(summary))

    def _show_sent_mail(self) -> None:
        sent_mail = self.world.sent_mail
        if sent_mail is None:
            return
        from o365desk.views.sent_mail import SentMailDialog

        dialog = SentMailDialog(self.window)
        scope = Scope()
        dialog.finished.connect(lambda _result: scope.cancel())

        async def fill() -> None:
            dialog.set_mails(await sent_mail())

        def refresh() -> None:
            self.tasks.latest(
                "sent mail",
                fill(),
                name="read sent mail",
                scope=scope,
                on_error=dialog.show_error,
            )

        dialog.refresh_requested.connect(refresh)
        dialog.open()
        refresh()
