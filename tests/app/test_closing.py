"""Closing the window forgets nothing that was sent; half a reading hides nothing that was read."""

import asyncio

from o365desk.app.robot import seen
from o365desk.simulator import Fault, FaultKind
from o365desk.views.confirm import DeleteUserDialog
from o365desk.views.reset_password import ResetPasswordDialog
from tests.app.harness import Running, desk


def asked_to_close(running: Running) -> "asyncio.Task[int]":
    """The program's own life from here on, with the window's close button pressed."""
    closing = asyncio.Event()
    running.program.window.close_requested.connect(closing.set)
    life = asyncio.ensure_future(running.program.run_until_closed(closing))
    running.program.window.close()
    return life


async def test_an_idle_window_closes_at_once() -> None:
    async with desk("tiny") as running:
        assert await asked_to_close(running) == 0


async def test_a_refused_write_keeps_the_window_to_say_so() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, face="graph", method="DELETE", seconds=0.2),
            Fault(FaultKind.MISSING_ROLE, face="graph", method="DELETE"),
        )
        await robot.act("Amelia Okafor", "Delete")
        dialog = await robot.opened(DeleteUserDialog)
        robot.click(dialog.delete_button)
        await seen(lambda: dialog.busy, "the write is under way")
        life = asked_to_close(running)
        await seen(lambda: not dialog.busy, "the refusal is told")
        await asyncio.sleep(0.05)
        assert not life.done()
        assert running.program.window.isVisible()
        assert dialog.errors.sentence.text()
        robot.click(dialog.cancel_button)
        await robot.closed(DeleteUserDialog)
        running.program.window.close()
        assert await life == 0


async def test_a_password_set_while_closing_is_still_shown() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, face="graph", method="PATCH", seconds=0.2)
        )
        await robot.act("Amelia Okafor", "Reset Password")
        dialog = await robot.opened(ResetPasswordDialog)
        await seen(dialog.reset_button.isEnabled, "a password")
        robot.click(dialog.reset_button)
        life = asked_to_close(running)
        await seen(lambda: dialog.result_panel, "the password")
        await asyncio.sleep(0.05)
        assert not life.done()
        dialog.accept()
        running.program.window.close()
        assert await life == 0


async def test_a_write_that_ends_well_lets_the_window_go() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, face="graph", method="DELETE", seconds=0.2)
        )
        await robot.act("Amelia Okafor", "Delete")
        dialog = await robot.opened(DeleteUserDialog)
        robot.click(dialog.delete_button)
        life = asked_to_close(running)
        await asyncio.sleep(0.01)
        assert "Finishing" in running.program.window.freshness.loading_text
        assert await life == 0
        users = running.truth("well_stocked")
        assert "Amelia Okafor" in str(users["deleted"])


async def test_no_answer_for_long_is_told_once() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        running.program.patience = 0.05
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, face="graph", method="DELETE", seconds=0.5)
        )
        await robot.act("Amelia Okafor", "Delete")
        dialog = await robot.opened(DeleteUserDialog)
        robot.click(dialog.delete_button)
        life = asked_to_close(running)
        banner = running.program.window.banner
        await seen(lambda: banner.messages, "the window says that no answer has come")
        assert "may or may not" in banner.messages[0].sentence
        assert not life.done()
        running.program.window.close()
        assert await life == 0


async def test_deleted_users_that_cannot_be_read_do_not_hide_the_others() -> None:
    async with desk() as running:
        await seen(lambda: running.program.controller.tenants, "the customers")
        deleted = Fault(
            FaultKind.WRONG_JSON, method="GET", path="/directory/deletedItems*", times=None
        )
        running.simulator.faults.add(deleted)
        await running.robot.open_tenant(running.tenant_name("deleted"))
        panel = running.program.window.users
        await seen(panel.retry_button.isVisible, "another attempt is offered")
        model = running.program.desk.users
        assert model.total > 0
        assert model.deleted == 0
        assert "deleted users could not be read" in panel.state_text
        running.simulator.faults.clear()
        running.robot.click(panel.retry_button)
        await seen(lambda: model.deleted, "the deleted users")
        running.simulator.faults.add(deleted)
        running.program.controller.refresh()
        await seen(panel.retry_button.isVisible, "the failure is told")
        assert model.deleted > 0, "those read before stay"


async def test_a_write_is_still_believed_after_a_look_at_another_customer() -> None:
    async with desk("tiny") as running:
        session = running.program.desk.session
        work = running.work
        user = running.program.desk.users.users[0]
        running.program.desk.put(work, user._replace(display_name="Renamed"))
        session.open(running.program.controller.tenants[0])
        again = session.open(work.tenant)
        assert again.trust.user(user, session.now()).display_name == "Renamed"
