"""Help > Diagnostics, and the check of the registration guide: the same steps."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from o365desk.app.links import open_folder, open_link
from o365desk.app.signing_in import SignInAsker, first_need
from o365desk.app.tasks import Scope
from o365desk.app.worlds import open_world
from o365desk.domain.connections import Connection
from o365desk.domain.diagnostics import StepState
from o365desk.services.desk_log import Event
from o365desk.views.diagnostics_dialog import DiagnosticsDialog
from o365desk.views.registration_guide import RegistrationGuide

if TYPE_CHECKING:
    from o365desk.app.program import Program


OFFLINE = "o365desk was started without the network. Start it without --offline, then check."
NOTHING_OPEN = "No connection is open. Open one under Connections, then check."


class Checks:
    """Owned by the program; one for each window."""

    def __init__(self, program: "Program") -> None:
        self._program = program
        self._dialog: DiagnosticsDialog | None = None

    def show(self) -> None:
        """The connection check of the connection at hand."""
        if self._dialog is not None:
            self._dialog.raise_()
            return
        program = self._program
        connection = program.front.connection
        name = connection.name if connection is not None else ""
        dialog = self._dialog = DiagnosticsDialog(
            name, program.window, failures=program.log.for_support
        )
        scope = Scope()

        def run() -> None:
            dialog.set_running()
            program.tasks.latest(
                "check",
                self._run(dialog),
                name="connection check",
                scope=scope,
                on_error=dialog.show_error,
            )

        def closed(_result: int) -> None:
            scope.cancel()
            self._dialog = None

        dialog.run_requested.connect(run)
        dialog.cancel_requested.connect(scope.cancel)
        dialog.finished.connect(closed)
        if program.profile is not None:
            folder = program.profile.state
            dialog.log_requested.connect(lambda: open_folder(folder))
        else:
            dialog.log_button.setEnabled(False)
        refused = OFFLINE if program.options.offline else "" if connection else NOTHING_OPEN
        dialog.allow(dialog.run_button, not refused, refused)
        dialog.set_summary(refused)
        dialog.open()

    async def _run(self, dialog: DiagnosticsDialog) -> None:
        world = await self._program.opened()
        if world.check is None:
            return
        states: Counter[StepState] = Counter()
        async for step in world.check().steps():
            states[step.state] += 1
            dialog.add_steps([step])
        dialog.set_done()
        self._program.log.event(
            Event.CHECK,
            good=states[StepState.GOOD],
            warnings=states[StepState.WARNING],
            failed=states[StepState.FAILED],
            skipped=states[StepState.SKIPPED],
        )

    def of_guide(self, connection: Connection, guide: RegistrationGuide, scope: Scope) -> None:
        """Signs in to a connection that is perhaps not saved yet, for this check alone."""
        guide.set_checking()
        self._program.tasks.latest(
            "check",
            self._check(connection, guide),
            name="check a registration",
            scope=scope,
            on_error=guide.show_error,
        )

    async def _check(self, connection: Connection, guide: RegistrationGuide) -> None:
        asker: SignInAsker | None = None

        def open_browser(address: str) -> None:
            if asker is not None:
                asker.open_browser(address)

        async with AsyncExitStack() as stack:
            # What is not saved yet is not kept, and not the business of the window's own dialog.
            means = replace(self._program.means, profile=None, open_browser=open_browser)
            world = await open_world(connection, means)
            stack.push_async_callback(world.close)
            if world.sign_in is not None:
                asker = SignInAsker(connection, world.sign_in, self._program.tasks, open_link)
            if asker is not None and not await _signed_in(asker, connection, guide):
                guide.check_given_up()
                return
            if world.check is None:
                return  # no such connection can be set up
            async for step in world.check().steps():
                guide.add_steps([step])
        guide.check_done()


async def _signed_in(asker: SignInAsker, connection: Connection, guide: RegistrationGuide) -> bool:
    """Asks above the guide; False when the operator gave up."""
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def end(good: bool) -> None:
        if not answer.done():  # the guide may have been closed first
            answer.set_result(good)

    asker.ask(
        first_need(connection),
        guide,
        on_done=lambda _account: end(True),
        on_given_up=lambda: end(False),
    )
    return await answer
