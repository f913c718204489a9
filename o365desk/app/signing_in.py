"""The operator's sign-in in one window: who it is, the dialog that asks, and the way out."""

import asyncio
from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from o365desk.app.tasks import Scope, TaskRunner
from o365desk.domain.access import Service, SignInNeed
from o365desk.domain.connections import Connection, Mode, SignInMethod
from o365desk.domain.sign_in import Account, SignIn
from o365desk.services.desk_log import DeskLog, Event
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.main_window import MainWindow
from o365desk.views.sign_in_dialog import SignInDialog

OPENED = "Your browser has been opened. Sign in there, then come back."
BEGINNING = {
    SignInMethod.BROWSER: "Opening Microsoft's sign-in page in your browser…",
    SignInMethod.DEVICE_CODE: "Asking Microsoft for a code…",
    SignInMethod.BROKER: "Choose your account in the window of your computer.",
}


def first_need(connection: Connection) -> SignInNeed:
    """What the first sign-in of a connection is for."""
    if connection.mode is Mode.RESELLER:
        # Partner Center refuses who has not proved a second factor.
        return SignInNeed(Service.PARTNER_CENTER, mfa=True)
    return SignInNeed(Service.GRAPH)


class SignInAsker:
    """The dialog of one sign-in at a time, and the work behind it."""

    def __init__(
        self,
        connection: Connection,
        sign_in: SignIn,
        tasks: TaskRunner,
        open_link: Callable[[str], None],
    ) -> None:
        self._connection = connection
        self._sign_in = sign_in
        self._tasks = tasks
        self._open_link = open_link
        self.dialog: SignInDialog | None = None

    def ask(
        self,
        need: SignInNeed,
        above: QWidget,
        *,
        choose_account: bool = False,
        on_done: Callable[[Account], None],
        on_given_up: Callable[[], object] = lambda: None,
    ) -> None:
        """Opens the dialog and begins; one that is open already stays the only one."""
        if self.dialog is not None:
            self.dialog.raise_()
            return
        dialog = self.dialog = SignInDialog(self._connection.name, above)
        scope = Scope()

        async def sign_in(*, another: bool) -> None:
            account = await self._sign_in.sign_in(
                need, show_code=dialog.show_code, choose_account=another
            )
            dialog.show_done()
            on_done(account)

        def begin(*, another: bool = choose_account) -> None:
            dialog.show_waiting(BEGINNING[self._connection.method])
            self._tasks.latest(
                "sign in",
                sign_in(another=another),
                name="sign in",
                scope=scope,
                on_error=dialog.show_error,
            )

        def ended(_result: int) -> None:
            self.dialog = None

        def given_up() -> None:
            scope.cancel()
            on_given_up()

        dialog.retry_requested.connect(begin)
        dialog.new_code_requested.connect(begin)
        dialog.another_account_requested.connect(lambda: begin(another=True))
        dialog.open_link_requested.connect(self._open_link)
        dialog.cancelled.connect(given_up)
        dialog.finished.connect(ended)
        dialog.open()
        begin()

    def open_browser(self, address: str) -> None:
        """Shows the sign-in page; the dialog can open it again."""
        if self.dialog is not None:
            self.dialog.show_waiting(OPENED, address)
        self._open_link(address)


class SigningIn:
    """Who is signed in, in one window: the account button, the banner's button, and the way out."""

    def __init__(
        self,
        connection: Connection,
        sign_in: SignIn,
        asker: SignInAsker,
        tasks: TaskRunner,
        window: MainWindow,
        *,
        log: DeskLog,
        on_signed_in: Callable[[], None],
        on_another: Callable[[str], None],
    ) -> None:
        """`on_signed_in`: what was refused can be tried again. `on_another`: nobody, or somebody
        else, is signed in now, so that nothing on screen may stay; takes what is to be told."""
        self._connection = connection
        self._sign_in = sign_in
        self._asker = asker
        self._tasks = tasks
        self._window = window
        self._log = log
        self._on_signed_in = on_signed_in
        self._on_another = on_another
        self._whose: Account | None = None
        """Whose customers are on the screen, signed in still or not."""
        window.banner.sign_in_requested.connect(self.ask)
        window.account.sign_in_requested.connect(self.ask_first)
        window.account.switch_requested.connect(self.switch)
        window.account.sign_out_requested.connect(self.sign_out)

    async def restore(self) -> Account | None:
        """Who was signed in the last time; shows it."""
        account = await self._sign_in.restore()
        self._show(account)
        return account

    def invite(self) -> None:
        """Nobody is signed in, and nobody has asked to be: the window says what to do."""
        self._window.set_nobody("Sign in to see users and licenses.")
        self._window.banner.show_notice(
            f"Nobody is signed in to “{self._connection.name}”.",
            action="Sign in",
            on_action=self.ask_first,
        )

    def ask_first(self) -> None:
        """The first sign-in of a connection."""
        self.ask(first_need(self._connection))

    def switch(self) -> None:
        """Another account takes the place of the one signed in."""
        self.ask(first_need(self._connection), choose_account=True)

    async def asked(self, need: SignInNeed, above: QWidget) -> bool:
        """Asks, and waits for the end: True when the same person has signed in. For work under
        way, which then goes on; nothing else is read anew."""
        if self._asker.dialog is not None:
            return False
        ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def end(done: bool) -> None:
            if not ended.done():
                ended.set_result(done)

        self.ask(need, above, on_end=end)
        return await ended

    def ask(
        self,
        need: SignInNeed,
        above: QWidget | None = None,
        *,
        choose_account: bool = False,
        on_end: Callable[[bool], None] | None = None,
    ) -> None:
        """Asks the operator to sign in, above a dialog or the window. `on_end` is told whether the
        same person has done so, in place of reading anew what was refused."""
        before = self._sign_in.account or self._whose

        def done(account: Account) -> None:
            self._log.event(
                Event.SIGN_IN,
                service=need.service,
                method=self._connection.method,
                silent=False,
                outcome="ok",
            )
            self._window.set_nobody("")
            self._show(account)
            self._window.banner.clear()
            if isinstance(above, DeskDialog):
                above.clear_error()  # what it was about can be tried again
            another = before is not None and before.user_id != account.user_id
            if on_end is not None:
                on_end(not another)
            if another:
                self._on_another("")
            elif on_end is None:
                self._on_signed_in()

        self._asker.ask(
            need,
            above or self._window,
            choose_account=choose_account,
            on_done=done,
            on_given_up=lambda: None if on_end is None else on_end(False),
        )

    def sign_out(self) -> None:
        """Removes what was kept, and says what."""
        self._window.freshness.set_loading("Signing out…")
        self._tasks.latest("sign in", self._signed_out(), name="sign out")

    async def _signed_out(self) -> None:
        try:
            removed = await self._sign_in.sign_out()
        finally:
            self._window.freshness.set_loading("")
        self._log.event(Event.SIGN_OUT, outcome="ok")
        self._on_another(" ".join(("You are signed out.", *removed)))

    def _show(self, account: Account | None) -> None:
        self._whose = account or self._whose
        username = account.username if account is not None else ""
        self._window.account.show_account(username, self._connection.name)
        self._window.banner.clear_notices()
        if account is not None and self._sign_in.kept:
            self._window.banner.show_notice(self._sign_in.kept, warning=True)
