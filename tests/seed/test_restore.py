"""S28 to S38: a deleted user in the Users' List, and bringing it back."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QMenu

from o365desk.domain.query import StatusFilter
from o365desk.views.confirm import RestoreUserDialog
from o365desk.views.manage_licenses import ManageLicensesDialog
from tests.app.harness import Running, desk
from tests.seed.sight import (
    Others,
    a_moment,
    account,
    buttons,
    cell,
    colours,
    dialogs_open,
    flip,
    free,
    held,
    in_front,
    manage,
    monitored,
    monitors,
    name,
    offers,
    product,
    refresh,
    shown_names,
    sku,
    toggles,
    update,
    words,
)
from tests.seed.test_delete import delete

RHYS = "Rhys Thistlewood"
RHYS_HOLDS = ("SPE_E3", "MCOEV", "POWER_BI_PRO")

WARNING = (
    "Before you restore this O365 user you need to make sure you have a product license "
    "available. Restoring the user will restore all associated data, assign product licenses, "
    "and give access to all services they could access before they were deleted."
)


async def ask(running: Running, who: str) -> RestoreUserDialog:
    """Opens the warning through the row's menu."""
    await running.robot.act(who, "Restore")
    return await running.robot.opened(RestoreUserDialog)


async def restore(running: Running, who: str) -> None:
    """Restores a user through the row's menu."""
    dialog = await ask(running, who)
    running.robot.click(dialog.restore_button)
    await running.robot.closed(RestoreUserDialog)


async def test_s28_a_deleted_user_stays_listed_with_the_menu_button() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        await delete(running, RHYS)
        for again in (False, True):
            if again:
                await refresh(running)
            assert RHYS in shown_names(running)
            index = cell(running, RHYS, "more")
            assert len(colours(robot.table, index)) > 1, "no button is painted"
            menu = await robot.menu(RHYS)
            robot.key(menu, Qt.Key.Key_Escape)
            await robot.closed(QMenu)


async def test_s29_restorable_until_the_thirtieth_day_ends() -> None:
    async with desk("deleted") as running:
        last = name(running, "deleted", "deleted_29_days_23_hours")
        assert running.robot.cell(last, "status") == "Deleted, 1 day left"
        dialog = await ask(running, last)
        assert "The last day on which this user can be restored." in words(dialog)
        running.robot.click(dialog.restore_button)
        await running.robot.closed(RestoreUserDialog)
        assert running.robot.cell(last, "status") == "Active"
        assert account(running, "deleted", last)["state"] == "active"

        early = name(running, "deleted", "deleted_3_days")
        assert running.robot.cell(early, "status") == "Deleted, 27 days left"
        await restore(running, early)
        assert account(running, "deleted", early)["state"] == "active"


async def test_s30_after_thirty_days_the_user_is_gone() -> None:
    async with desk("deleted") as running:
        truth = running.truth("deleted")
        gone = truth["notable"]["deleted_31_days"]
        listed = {user.id for user in running.program.desk.users.users}
        assert gone not in listed
        assert listed == {user["id"] for user in truth["users"] + truth["deleted"]}

        # Two hours later the thirty days of another one have passed.
        last = name(running, "deleted", "deleted_29_days_23_hours")
        assert last in shown_names(running)
        running.simulator.advance(seconds=2 * 3600)
        await refresh(running)
        assert last not in shown_names(running)
        running.program.window.users.filters.set_status(StatusFilter.DELETED)
        assert last not in shown_names(running)
        assert len(shown_names(running)) == 3
        await running.robot.search("misaki.yoshida")
        assert shown_names(running) == []


async def test_s31_the_licences_come_back() -> None:
    async with desk("well_stocked") as running:
        before = monitored(running)
        await delete(running, RHYS)
        await monitors(running, "POWER_BI_PRO", "Available Licenses", "6")
        assert running.robot.cell(RHYS, "assign") == ""
        await restore(running, RHYS)
        assert running.robot.cell(RHYS, "status") == "Active"
        assert (
            running.robot.cell(RHYS, "assign")
            == "Microsoft 365 E3 · Microsoft Teams Phone Standard · Power BI Pro"
        )
        assert held(running, "well_stocked", RHYS) == {sku(part) for part in RHYS_HOLDS}
        for part in RHYS_HOLDS:
            was = before[product(part)]["Available Licenses"]
            await monitors(running, part, "Available Licenses", was)
        # Microsoft gave them back: the program asked for the user, never for licences.
        assert running.writes() == [
            ("DELETE", "/users/{id}"),
            ("POST", "/directory/deletedItems/{id}/restore"),
        ]


async def test_s32_when_the_licences_are_taken_microsoft_decides() -> None:
    async with desk("no_seats") as running:
        leaver, waiting = "Zoé Dubois", name(running, "no_seats", "unlicensed")
        await delete(running, leaver)
        dialog = await manage(running, waiting)
        flip(running, dialog, "SPB")
        await update(running, dialog)
        assert free(running, "no_seats", "SPB") == 0
        others = held(running, "no_seats", waiting)
        already = len(running.writes())
        await restore(running, leaver)
        await monitors(running, "SPB", "Available Licenses", "-1")
        # One call; what Microsoft made of it is shown, and nothing is put right.
        assert running.writes()[already:] == [("POST", "/directory/deletedItems/{id}/restore")]
        assert held(running, "no_seats", leaver) == {sku("SPB")}
        assert held(running, "no_seats", waiting) == others
        assert running.robot.cell(leaver, "assign") == "Microsoft 365 Business Premium"
        assert running.robot.cell(waiting, "assign") == "Microsoft 365 Business Premium"


async def test_s33_over_allocation_is_shown_as_it_is() -> None:
    async with desk("over_allocated") as running:
        name_of = product("O365_BUSINESS_PREMIUM")
        assert monitored(running)[name_of]["Available Licenses"] == "-1"
        leaver = name(running, "over_allocated", "deleted")
        await restore(running, leaver)
        await monitors(running, "O365_BUSINESS_PREMIUM", "Available Licenses", "-2")
        assert monitored(running)[name_of]["Active Licenses"] == "12"
        assert monitored(running)[name_of]["Assigned Licenses"] == "14"
        told = Others(running).products("over_allocated")[name_of]
        assert (told["availableUnits"], told["consumedUnits"]) == (-2, 14)
        dialog = await manage(running, leaver)
        assert toggles(dialog)[name_of].available == "-2 licenses available, over-allocated"
        # A licence that is held may always be taken away, whatever the count.
        flip(running, dialog, "O365_BUSINESS_PREMIUM")
        assert toggles(dialog)[name_of].projected == "→ -1 after Update"


async def test_s34_one_action_for_a_deleted_user() -> None:
    async with desk("well_stocked") as running:
        who = name(running, "well_stocked", "deleted")
        menu = await running.robot.menu(who)
        assert [action.text() for action in menu.actions()] == ["Restore"]
        assert offers(menu) == ["Restore"]
        running.robot.choose(menu, "Restore")
        dialog = await running.robot.opened(RestoreUserDialog)
        assert dialog.heading.text() == f"Restore {who}?"


async def test_s35_no_other_button_for_a_deleted_user() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        who = name(running, "well_stocked", "deleted")
        index = cell(running, who, "manage")
        robot.table.clearSelection()
        assert len(colours(robot.table, index)) == 1, "a button is painted"
        assert not index.data(Qt.ItemDataRole.AccessibleTextRole)
        robot.click_cell(robot.table, index)
        assert dialogs_open() == []
        # Nor by keyboard: the shortcuts of the other actions do nothing, Enter opens the menu.
        robot.table.setCurrentIndex(index)
        control = Qt.KeyboardModifier.ControlModifier
        for key, modifiers in (
            (Qt.Key.Key_L, control),
            (Qt.Key.Key_P, control),
            (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier),
            (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
        ):
            robot.key(robot.table, key, modifiers)
            assert dialogs_open() == []
        robot.key(robot.table, Qt.Key.Key_Return)
        menu = await robot.opened(QMenu)
        assert offers(menu) == ["Restore"]
        assert dialogs_open() == []
        assert running.writes() == []
        # On an active user the same keys do work.
        robot.key(menu, Qt.Key.Key_Escape)
        await robot.closed(QMenu)
        await in_front(running)
        robot.table.setCurrentIndex(cell(running, RHYS, "name"))
        robot.key(robot.table, Qt.Key.Key_L, control)
        await robot.opened(ManageLicensesDialog)


async def test_s36_restore_for_deleted_users_only() -> None:
    async with desk("deleted") as running:
        robot = running.robot
        deleted = {user["id"] for user in running.truth("deleted")["deleted"]}
        administrator = running.truth("deleted")["notable"]["admin"]
        model = robot.table.model()
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            user = robot.table.user_of(index)
            assert user is not None
            robot.table.setCurrentIndex(index)
            robot.key(robot.table, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
            menu = await robot.opened(QMenu)
            if user.id in deleted:
                assert offers(menu) == ["Restore"]
            elif user.id == administrator:
                assert "Restore" not in [action.text() for action in menu.actions()]
            else:
                assert offers(menu) == [
                    "Manage Licenses",
                    "Reset Password",
                    "Edit User Information",
                    "Delete",
                ]
            robot.key(menu, Qt.Key.Key_Escape)
            await robot.closed(QMenu)
            await in_front(running)
            robot.key(robot.table, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
            if user.id not in deleted:
                assert dialogs_open() == []
                continue
            dialog = await robot.opened(RestoreUserDialog)
            robot.key(dialog, Qt.Key.Key_Escape)
            await robot.closed(RestoreUserDialog)
            await in_front(running)


async def test_s37_the_warning() -> None:
    async with desk("well_stocked") as running:
        dialog = await ask(running, name(running, "well_stocked", "deleted"))
        assert WARNING in words(dialog)
        assert dialog.text.text() == WARNING
        assert dialog.isModal()
        assert dialog.text.height() >= dialog.text.heightForWidth(dialog.text.width())
        await a_moment()
        assert running.writes() == []


def _cancel(running: Running, dialog: RestoreUserDialog) -> None:
    running.robot.click(dialog.cancel_button)


def _escape(running: Running, dialog: RestoreUserDialog) -> None:
    running.robot.key(dialog, Qt.Key.Key_Escape)


@pytest.mark.parametrize("leave", [_cancel, _escape])
async def test_s38_two_buttons(leave: Callable[[Running, QDialog], None]) -> None:
    async with desk("well_stocked") as running:
        who = name(running, "well_stocked", "deleted")
        dialog = await ask(running, who)
        assert buttons(dialog) == ["Cancel", "Restore"]
        leave(running, dialog)
        await running.robot.closed(RestoreUserDialog)
        await a_moment()
        assert running.writes() == []
        assert account(running, "well_stocked", who)["state"] == "deleted"
        assert running.robot.cell(who, "status") == "Deleted, 26 days left"
        await restore(running, who)
        assert running.writes() == [("POST", "/directory/deletedItems/{id}/restore")]
        assert account(running, "well_stocked", who)["state"] == "active"
