"""Readings that are older than a write made here: lists, licences and counters."""

import asyncio

from PySide6.QtCore import Qt

from o365desk.app.robot import seen
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.views.confirm import DeleteUserDialog, RestoreUserDialog
from o365desk.views.create_user import CreateUserDialog
from o365desk.views.edit_user import EditUserDialog
from o365desk.views.manage_licenses import ManageLicensesDialog
from tests.app.harness import Running, desk
from tests.seed.sight import (
    account,
    flip,
    held,
    in_front,
    manage,
    monitored,
    name,
    product,
    refresh,
    shown_names,
    sku,
    update,
    words,
)


async def delete(running: Running, who: str) -> None:
    await running.robot.act(who, "Delete")
    dialog = await running.robot.opened(DeleteUserDialog)
    running.robot.click(dialog.delete_button)
    await running.robot.closed(DeleteUserDialog)


async def begin(running: Running, purpose: str) -> None:
    """Opens a customer without waiting for anything."""
    await seen(lambda: running.program.controller.tenants, "the customers are read")
    wanted = running.tenant_id(purpose)
    tenant = next(one for one in running.program.controller.tenants if one.id == wanted)
    running.program.controller.open_tenant(tenant)


def listed_once(running: Running) -> bool:
    ids = [user.id for user in running.program.desk.users.users]
    return len(ids) == len(set(ids))


async def test_a_user_deleted_during_a_refresh_stays_deleted() -> None:
    async with desk("well_stocked") as running:
        who = shown_names(running)[0]
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, face="graph", path="/directory/deletedItems*", seconds=0.5)
        )
        before = running.work.read_at
        await in_front(running)
        running.robot.key(running.program.window, Qt.Key.Key_F5)
        await seen(lambda: running.simulator.faults.hits, "the deleted users are asked for")
        await delete(running, who)
        assert running.work.read_at == before, "the refresh is still under way"
        await seen(lambda: running.work.read_at != before, "the users are read again")
        assert running.robot.cell(who, "status").startswith("Deleted")
        assert listed_once(running)


async def test_a_user_deleted_during_the_first_load_is_listed_once() -> None:
    async with desk() as running:
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, face="graph", path="/users*", seconds=0.8, after=1)
        )
        await begin(running, "large")
        await seen(lambda: running.program.desk.users.total, "the first page is listed")
        who = shown_names(running)[0]
        await delete(running, who)
        await running.robot.loaded()
        assert listed_once(running)
        assert running.program.desk.users.deleted == len(running.truth("large")["deleted"])
        assert running.robot.cell(who, "status").startswith("Deleted")


async def test_a_user_deleted_elsewhere_during_the_load_is_listed_once() -> None:
    async with desk() as running:
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, face="graph", path="/users*", seconds=0.5, after=1)
        )
        await begin(running, "large")
        await seen(lambda: running.program.desk.users.total, "the first page is listed")
        who = running.program.desk.users.users[50]
        tenant = running.tenant_id("large")
        await running.program.desk.session.backend.users.delete_user(tenant, who.id)
        await running.robot.loaded()
        assert listed_once(running)
        now = running.program.desk.users.user(who.id)
        assert now is not None
        assert now.deleted


async def test_a_renamed_user_keeps_the_licenses_that_were_not_read_yet() -> None:
    async with desk() as running:
        faults, purpose = running.simulator.faults, "partner_center_only"
        faults.add(Fault(FaultKind.DELAY, path="*/licenses", seconds=5, times=None))
        await begin(running, purpose)
        await seen(lambda: running.work.complete, "the users are listed")
        users = running.program.desk.users
        who = next(one for one in users.users if not one.deleted and held(running, purpose, one.id))
        assert who.licenses is None
        faults.clear()
        await running.robot.act(who.display_name, "Edit User Information")
        dialog = await running.robot.opened(EditUserDialog)
        running.robot.type(dialog.first_name, "Zed")
        running.robot.click(dialog.update_button)
        await running.robot.closed(EditUserDialog)
        manager = await manage(running, who.display_name)
        assert manager.switches.draft is not None
        on = {line.sku.id for line in manager.switches.draft.lines() if line.on}
        assert on == held(running, purpose, who.id)


async def test_an_update_without_an_answer_is_found_out_though_a_location_went_before() -> None:
    async with desk("mixed") as running:
        who = name(running, "mixed", "no_location")
        dialog = await manage(running, who)
        flip(running, dialog, "EMS")
        dialog.location.set_code("DE")
        dialog.refresh()  # as a choice by hand tells
        running.simulator.faults.add(Fault(FaultKind.CUT_AFTER, path="*/assignLicense"))
        running.robot.click(dialog.update_button)
        await running.robot.closed(ManageLicensesDialog)
        assert product("EMS") in running.robot.cell(who, "assign")
        assert [method for method, _ in running.writes()] == ["PATCH", "POST"]


async def test_a_restore_without_an_answer_is_found_out_right_after_the_delete() -> None:
    async with desk("well_stocked") as running:
        who = shown_names(running)[0]
        await delete(running, who)
        running.simulator.faults.add(Fault(FaultKind.CUT_AFTER, path="*/restore"))
        await running.robot.act(who, "Restore")
        dialog = await running.robot.opened(RestoreUserDialog)
        running.robot.click(dialog.restore_button)
        await seen(lambda: running.robot.cell(who, "status") == "Active", "the user is back")
        assert not dialog.busy
        assert account(running, "well_stocked", who)["licenses"]
        dialog.reject()


async def test_counters_that_lag_behind_two_updates_count_both() -> None:
    async with desk("well_stocked") as running:
        users = running.program.desk.users.users
        names = [user.display_name for user in users if not user.deleted and user.licenses == ()]

        def assigned() -> int:
            return int(monitored(running)[product("POWER_BI_PRO")]["Assigned Licenses"])

        before = assigned()
        running.simulator.faults.add(Fault(FaultKind.COUNTS_LAG, seconds=600))
        for who in names[:2]:
            dialog = await manage(running, who)
            flip(running, dialog, "POWER_BI_PRO")
            await update(running, dialog)
            await asyncio.sleep(0.2)
        assert assigned() == before + 2
        await refresh(running)
        await asyncio.sleep(0.2)
        assert assigned() == before + 2, "a refresh asks the same slow counters"


async def test_a_write_beside_unread_counters_does_not_claim_there_are_none() -> None:
    async with desk() as running:
        running.simulator.faults.add(
            Fault(FaultKind.UNAVAILABLE, status=500, path="*/subscribedskus", times=None)
        )
        await begin(running, "well_stocked")
        await running.robot.loaded()
        pane = running.program.window.licenses
        before = running.simulator.faults.hits
        await delete(running, shown_names(running)[0])
        await seen(lambda: running.simulator.faults.hits > before, "the counters are asked for")
        await asyncio.sleep(0.1)
        assert not [text for text in words(pane) if "no products" in text]


async def test_licenses_of_a_new_user_without_an_answer_are_not_called_missing() -> None:
    async with desk("well_stocked") as running:
        running.robot.click(running.program.window.users.create_button)
        dialog = await running.robot.opened(CreateUserDialog)
        await seen(lambda: dialog.domain.count() and dialog.switches.draft, "there is a choice")
        running.robot.type(dialog.first_name, "Wilma")
        running.robot.type(dialog.last_name, "Berg")
        running.robot.type(dialog.panel.mail, "wilma@home.example")
        running.robot.switch(dialog.switches, sku("POWER_BI_PRO"))
        running.simulator.faults.add(Fault(FaultKind.CUT_AFTER, path="*/assignLicense"))
        running.robot.click(dialog.create_button)
        result = await seen(lambda: dialog.result_panel, "the user was created")
        assert "is not known" in result.mail.text()
        assert "were not assigned" not in result.mail.text()
        wanted = product("POWER_BI_PRO")
        await seen(
            lambda: running.robot.cell("Wilma Berg", "assign") == wanted, "the list knows better"
        )
        dialog.reject()
