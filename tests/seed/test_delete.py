"""S20 to S27: the ".." button, and deleting a user."""

from typing import Any

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QDialog, QMenu

from o365desk.app.robot import Robot, seen
from o365desk.views.confirm import DeleteUserDialog
from o365desk.views.edit_user import EditUserDialog
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.reset_password import ResetPasswordDialog
from tests.app.harness import Running, desk
from tests.seed.sight import (
    Others,
    a_moment,
    account,
    buttons,
    cell,
    colours,
    darkest,
    dialogs_open,
    flip,
    free,
    held,
    manage,
    monitored,
    monitors,
    name,
    offers,
    product,
    shown_names,
    sku,
    toggles,
    update,
    words,
)

RHYS = "Rhys Thistlewood"
"""Holds three licences."""
RHYS_HOLDS = ("SPE_E3", "MCOEV", "POWER_BI_PRO")

QUESTION = (
    "Are you sure you want to delete this user? You will have 30 days to restore the user and "
    "retrieve their data. After the 30 days, the data of this user will be completely lost."
)


async def delete(running: Running, who: str) -> None:
    """Deletes a user through the row's menu."""
    await running.robot.act(who, "Delete")
    dialog = await running.robot.opened(DeleteUserDialog)
    running.robot.click(dialog.delete_button)
    await running.robot.closed(DeleteUserDialog)


async def test_s20_every_user_has_the_menu_button() -> None:
    async with desk("tiny") as running:
        robot = running.robot
        for who in shown_names(running):
            index = cell(running, who, "more")
            assert len(colours(robot.table, index)) > 1, "no button is painted"
            said = index.data(Qt.ItemDataRole.AccessibleTextRole)
            assert said == f"Actions for {who}"
            menu = await robot.menu(who)
            assert offers(menu)
            robot.key(menu, Qt.Key.Key_Escape)
            await robot.closed(QMenu)
        assert running.writes() == []


async def test_s21_what_it_offers_for_an_active_user() -> None:
    async with desk("tiny") as running:
        robot = running.robot
        who = shown_names(running)[0]
        menu = await robot.menu(who)
        assert offers(menu) == [
            "Manage Licenses",
            "Reset Password",
            "Edit User Information",
            "Delete",
        ]
        robot.key(menu, Qt.Key.Key_Escape)
        await robot.closed(QMenu)
        kinds: tuple[tuple[str, type[QDialog], str], ...] = (
            ("Manage Licenses", ManageLicensesDialog, "Manage Licenses"),
            ("Reset Password", ResetPasswordDialog, "Reset Password"),
            ("Edit User Information", EditUserDialog, "Edit User Information"),
            ("Delete", DeleteUserDialog, f"Delete {who}?"),
        )
        for entry, kind, title in kinds:
            await robot.act(who, entry)
            dialog = await robot.opened(kind)
            assert dialog.windowTitle() == title
            assert any(who in text for text in words(dialog))
            robot.key(dialog, Qt.Key.Key_Escape)
            await robot.closed(kind)
        assert running.writes() == []


def _cancel(robot: Robot, dialog: DeleteUserDialog) -> None:
    robot.click(dialog.cancel_button)


def _escape(robot: Robot, dialog: DeleteUserDialog) -> None:
    robot.key(dialog, Qt.Key.Key_Escape)


def _enter(robot: Robot, dialog: DeleteUserDialog) -> None:
    robot.key(dialog.focusWidget(), Qt.Key.Key_Return)


def _close(robot: Robot, dialog: DeleteUserDialog) -> None:
    dialog.close()


@pytest.mark.parametrize("leave", [_cancel, _escape, _enter, _close])
async def test_s22_nothing_happens_before_it_is_accepted(leave: Any) -> None:
    async with desk("well_stocked") as running:
        truth, figures = running.truth("well_stocked"), monitored(running)
        await running.robot.act(RHYS, "Delete")
        dialog = await running.robot.opened(DeleteUserDialog)
        await a_moment()
        assert running.writes() == []
        assert running.robot.cell(RHYS, "status") == "Active"
        leave(running.robot, dialog)
        await running.robot.closed(DeleteUserDialog)
        await a_moment()
        assert dialogs_open() == []
        assert running.writes() == []
        assert running.truth("well_stocked") == truth
        assert running.robot.cell(RHYS, "status") == "Active"
        assert monitored(running) == figures


async def test_s22_accepted_it_is_one_call() -> None:
    async with desk("well_stocked") as running:
        await delete(running, RHYS)
        assert running.writes() == [("DELETE", "/users/{id}")]
        assert account(running, "well_stocked", RHYS)["state"] == "deleted"


async def test_s23_the_question() -> None:
    async with desk("well_stocked") as running:
        await running.robot.act(RHYS, "Delete")
        dialog = await running.robot.opened(DeleteUserDialog)
        assert QUESTION in words(dialog)
        assert dialog.text.text() == QUESTION
        assert buttons(dialog) == ["Cancel", "Delete"]
        # All of it can be read: no line is cut off.
        assert dialog.text.height() >= dialog.text.heightForWidth(dialog.text.width())


async def test_s24_the_status_becomes_deleted_in_grey() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        assert robot.cell(RHYS, "status") == "Active"
        robot.table.clearSelection()
        black = darkest(robot.table, cell(running, RHYS, "status"))
        await delete(running, RHYS)
        assert robot.cell(RHYS, "status") == "Deleted, 30 days left"
        robot.table.clearSelection()
        for column in ("name", "username", "status"):
            grey = darkest(robot.table, cell(running, RHYS, column))
            assert grey.lightness() > black.lightness() + 40
            assert grey.hsvSaturation() < 60


async def test_s25_microsofts_own_pages_show_the_user_as_deleted() -> None:
    # The first customer is served through Graph, the second through Partner Center alone: what
    # is done through the one has to show on the other's pages as well.
    for purpose, who, call in (
        ("well_stocked", RHYS, ("DELETE", "/users/{id}")),
        ("partner_center_only", "Käthe Jäger", ("DELETE", "/customers/{c}/users/{u}")),
    ):
        async with desk(purpose) as running:
            others = Others(running)
            who_id = account(running, purpose, who)["id"]
            assert who_id in others.partner_center_users(purpose, "Active")
            await delete(running, who)
            assert running.writes() == [call]
            assert who_id not in others.partner_center_users(purpose, "Active")
            inactive = others.partner_center_users(purpose, "Inactive")
            assert inactive[who_id]["state"] == "inactive"
            assert inactive[who_id]["softDeletionTime"]
            assert who_id not in others.active_users(purpose)
            assert others.deleted_users(purpose)[who_id]["displayName"] == who


async def test_s26_its_licences_are_free_for_others_at_once() -> None:
    async with desk("no_seats") as running:
        waiting = name(running, "no_seats", "unlicensed")
        assert free(running, "no_seats", "SPB") == 0
        await delete(running, "Zoé Dubois")
        assert running.robot.cell("Zoé Dubois", "assign") == ""
        assert free(running, "no_seats", "SPB") == 1
        dialog = await manage(running, waiting)
        said = toggles(dialog)["Microsoft 365 Business Premium"]
        assert said.available == "1 license available"
        flip(running, dialog, "SPB")
        await update(running, dialog)
        assert held(running, "no_seats", waiting) == {sku("SPB")}
        assert free(running, "no_seats", "SPB") == 0


async def test_s27_availability_rises_by_the_number_of_licences_freed() -> None:
    async with desk("well_stocked") as running:
        before = monitored(running)
        others = Others(running)
        assert held(running, "well_stocked", RHYS) == {sku(part) for part in RHYS_HOLDS}
        await delete(running, RHYS)
        for part in RHYS_HOLDS:
            figures = before[product(part)]
            await monitors(
                running, part, "Available Licenses", str(int(figures["Available Licenses"]) + 1)
            )
            assigned = str(int(figures["Assigned Licenses"]) - 1)
            assert monitored(running)[product(part)]["Assigned Licenses"] == assigned
        # Everything else stays, and all of it is what Microsoft says.
        touched = {product(part) for part in RHYS_HOLDS}
        await seen(lambda: "reading" not in " ".join(words(running.program.window)), "at rest")
        for one, figures in monitored(running).items():
            if one not in touched:
                assert figures == before[one]
            told = others.products("well_stocked")[one]
            assert figures["Available Licenses"] == QLocale().toString(told["availableUnits"])
