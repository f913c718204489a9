"""The pages about connections: first start, list, form and registration guide, and their deeds."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from o365desk.app.checks import OFFLINE
from o365desk.app.connection_book import PRACTICE
from o365desk.app.keeping import Keeping
from o365desk.app.links import open_link
from o365desk.app.tasks import Scope
from o365desk.domain.connections import Cloud, Connection, SignInMethod
from o365desk.models.connections import ConnectionEntry
from o365desk.services.msal_apps import broker_here
from o365desk.views.connection_form import EMPTY, ConnectionDialog, FormFacts
from o365desk.views.connections_page import ConnectionsDialog
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.first_start import FirstStartDialog
from o365desk.views.registration_guide import ConsentLink, RegistrationGuide
from o365desk.wire.clouds import admin_consent_address, cannot, registration_address

if TYPE_CHECKING:
    from o365desk.app.program import Program

NOT_SAVED = "The settings could not be written."
NOT_SAVED_STEP = "See whether the disk is full, or the folder is yours to write, then try again."
NO_IDS = "Enter the tenant and the Application (client) ID first, then check."


class ConnectionPages:
    """Owned by the program; one for each window."""

    def __init__(self, program: "Program") -> None:
        self._program = program
        self._book = program.book
        self._list: ConnectionsDialog | None = None

    # First start

    def start_first(self) -> None:
        """No connection is set up: the assistant, above an empty window."""
        window = self._program.window
        window.banner.clear_notices()

        def ask_again() -> None:
            window.banner.show_notice(
                "No connection is set up yet.", action="Set up…", on_action=self.start_first
            )

        async def ask() -> None:
            dialog = FirstStartDialog(await self._facts(), window)
            dialog.connection_made.connect(lambda made: self._make(dialog, made))
            dialog.practice_requested.connect(lambda: self._leave(dialog, PRACTICE))
            dialog.import_requested.connect(lambda path: self._import_first(dialog, path))
            dialog.guide_requested.connect(lambda made: self.show_guide(made, dialog))
            dialog.rejected.connect(ask_again)
            dialog.open()

        self._program.tasks.read(ask(), name="first start")

    def _make(self, dialog: DeskDialog, made: Connection) -> None:
        made = replace(made, id=self._book.new_id(made.name))
        if self._put(dialog, made):
            self._leave(dialog, made, ask=True)

    def _import_first(self, dialog: DeskDialog, path: str) -> None:
        added, problems = self._take(dialog, path)
        if added:
            self._leave(dialog, added[0], ask=True)
        elif problems:
            dialog.show_error(problems[0], " ".join(problems[1:]))

    def _leave(self, dialog: DeskDialog, connection: Connection, *, ask: bool = False) -> None:
        dialog.accept()
        self._program.open_connection(connection, ask=ask)

    # The list

    def show_list(self) -> None:
        """The Connections page."""
        if self._list is not None:
            self._list.raise_()
            return
        page = self._list = ConnectionsDialog(self._program.window)
        page.finished.connect(self._list_closed)
        page.open_requested.connect(lambda one: self._leave(page, one))
        page.new_requested.connect(lambda: self._show_form(EMPTY))
        page.edit_requested.connect(self._show_form)
        page.duplicate_requested.connect(self._show_form)
        page.delete_confirmed.connect(self._delete)
        page.account_in_requested.connect(self._sign_in)
        page.account_out_requested.connect(self._sign_out)
        page.export_requested.connect(self._export)
        page.import_requested.connect(self._import)
        self._refresh()
        page.open()
        if self._book.problems:
            page.show_error(self._book.problems[0], " ".join(self._book.problems[1:]))

    def _list_closed(self, _result: int) -> None:
        self._list = None

    def _refresh(self) -> None:
        if self._list is not None:
            self._list.set_entries(self._entry(one) for one in self._book.all)

    def _entry(self, connection: Connection) -> ConnectionEntry:
        current = self._program.front.connection
        if current is not None and current.id == connection.id:
            account = self._program.account
            return ConnectionEntry(connection, signed_in=account is not None, open=True)
        profile = self._program.profile
        kept = profile is not None and profile.sign_in(connection.id).exists()
        return ConnectionEntry(connection, signed_in=kept)

    # Deeds of the list

    def _show_form(self, base: Connection) -> None:
        async def ask() -> None:
            dialog = ConnectionDialog(await self._facts(), base, self._list)
            dialog.saved.connect(lambda made: self._save(dialog, made))
            dialog.guide_requested.connect(lambda made: self.show_guide(made, dialog))
            dialog.open()

        self._program.tasks.latest("connection form", ask(), name="open a connection's form")

    def _save(self, dialog: DeskDialog, made: Connection) -> None:
        current = self._program.front.connection
        if not made.id:
            made = replace(made, id=self._book.new_id(made.name))
        if not self._put(dialog, made):
            return
        dialog.accept()
        self._refresh()
        if self._list is not None:
            self._list.select(made.id)
            if current is not None and current.id == made.id and current != made:
                self._leave(self._list, made)  # the window at hand still works the old way

    def _delete(self, connection: Connection) -> None:
        self._run(self._deleted(connection), "delete a connection")

    async def _deleted(self, connection: Connection) -> None:
        removed = [*await self._program.sign_out_of(connection)]
        profile = self._program.profile
        removed += await Keeping(connection, profile).remove()
        try:
            self._book.remove(connection.id)
            if profile is not None:
                profile.window_settings(connection.id).unlink(missing_ok=True)
        except OSError:
            if self._list is not None:
                self._list.show_error(NOT_SAVED, NOT_SAVED_STEP)
            return
        self._told(f"“{connection.name}” was deleted.", removed)

    def _sign_in(self, connection: Connection) -> None:
        current = self._program.front.connection
        if self._list is None:
            return
        if self._program.stands and current is not None and current.id == connection.id:
            self._list.accept()
            self._program.signing_in.ask_first()
        else:
            self._leave(self._list, connection, ask=True)

    def _sign_out(self, connection: Connection) -> None:
        current = self._program.front.connection
        here = self._program.stands and current is not None and current.id == connection.id
        if self._list is not None and here:
            self._list.accept()
            self._program.signing_in.sign_out()
        else:
            self._run(self._signed_out(connection), "sign out")

    async def _signed_out(self, connection: Connection) -> None:
        removed = await self._program.sign_out_of(connection)
        self._told(f"Signed out of “{connection.name}”.", removed)

    def _export(self, connections: tuple[Connection, ...], path: str) -> None:
        if self._list is None:
            return
        try:
            self._book.export(connections, Path(path))
        except OSError:
            self._list.show_error("The file could not be written.", "Choose another folder.")
        else:
            self._list.show_result(
                f"{len(connections)} connections were written."
                if len(connections) != 1
                else f"“{connections[0].name}” was written.",
                ["The file holds no password and no sign-in: it can be sent to colleagues."],
            )

    def _import(self, path: str) -> None:
        if self._list is None:
            return
        added, problems = self._take(self._list, path)
        if added:
            self._refresh()
            names = ", ".join(f"“{one.name}”" for one in added)
            self._list.show_result(f"Added: {names}.", problems)
            self._list.select(added[0].id)
        elif problems:
            self._list.show_error("Nothing was added.", " ".join(problems))

    # The registration guide

    def show_guide(self, connection: Connection, above: DeskDialog) -> None:
        """How to register the app, with a check of what was registered."""
        known = bool(connection.tenant and connection.client_id)
        refused = (
            "" if known else "Enter the tenant and the Application (client) ID first, then check."
        )
        if self._program.options.offline:
            refused = OFFLINE
        links = [ConsentLink("Your organization", admin_consent_address(connection))]
        guide = RegistrationGuide(
            connection,
            registration_address(connection),
            links if known else [],
            above,
            check_refused=refused,
        )
        scope = Scope()
        guide.open_link_requested.connect(open_link)
        guide.check_requested.connect(
            lambda: self._program.checks.of_guide(connection, guide, scope)
        )
        guide.check_cancelled.connect(scope.cancel)
        guide.finished.connect(lambda _result: scope.cancel())
        guide.open()

    # What they share

    async def _facts(self) -> FormFacts:
        refused = {}
        if not await asyncio.to_thread(broker_here):
            refused[SignInMethod.BROKER] = "This computer offers no account to sign in with."
        return FormFacts(self._book.all, _cloud_limit, refused)

    def _put(self, dialog: DeskDialog, connection: Connection) -> bool:
        try:
            self._book.put(connection)
        except OSError:
            dialog.show_error(NOT_SAVED, NOT_SAVED_STEP)
            return False
        return True

    def _take(self, dialog: DeskDialog, path: str) -> tuple[list[Connection], list[str]]:
        try:
            return self._book.take(Path(path))
        except OSError:
            dialog.show_error(NOT_SAVED, NOT_SAVED_STEP)
            return [], []

    def _told(self, title: str, sentences: Sequence[str]) -> None:
        if self._list is not None:
            self._refresh()
            self._list.show_result(title, sentences)

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        page = self._list
        if page is None:
            return
        page.set_busy("Removing the sign-in…")
        self._program.tasks.latest("connections", work, name=name, on_error=page.show_error)


def _cloud_limit(connection: Connection) -> str:
    """What a connection's cloud cannot do; empty when nothing is missing."""
    if connection.cloud is Cloud.PRACTICE:
        return ""
    return " ".join(dict.fromkeys(cannot(connection).values()))
